"""Folders of every wrong kind are told from encoders, with a sentence; nothing in them runs."""

from __future__ import annotations

import json
import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from encoder_files import (
    CONFIG,
    UNITS,
    pickled,
    safetensors,
    sentencepiece,
    shapes,
    torch_zip,
    with_payload,
    write_encoder,
    zipped,
)

from senti_studio.errors import UserError
from senti_studio.messages import message
from senti_studio.shelf import listed
from senti_studio.shelf.check import check_folder
from senti_studio.shelf.findings import Checked
from senti_studio.shelf.store import add_folder, add_zip

Damage = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_encoder(tmp_path / "下载 的编码器")


def codes(checked: Checked) -> list[str]:
    for finding in checked.findings:
        for language in ("zh", "en"):
            said = message(finding.code, finding.params, language)
            assert said.next_step
            assert "?" not in said.what + said.next_step
    return [finding.code for finding in checked.findings]


def refused(folder: Path, code: str) -> None:
    """As a check says it, as folder and as zip; and the shelf stays empty."""
    checked = check_folder(folder)
    assert code in codes(checked)
    assert not checked.is_fit
    with pytest.raises(UserError) as caught:
        add_folder(folder)
    assert caught.value.code == checked.refusals[0].code
    archive = zipped(folder, folder.with_name("打包.zip"), below="模型")
    with pytest.raises(UserError):
        add_zip(archive)
    assert listed() == []


def config_with(**values: object) -> Damage:
    return lambda folder: (folder / "config.json").write_text(json.dumps({**CONFIG, **values}), "utf-8")


def only(name: str, content: bytes = b"x" * 100) -> Damage:
    """Without its safetensors, with something else."""

    def damage(folder: Path) -> None:
        (folder / "model.safetensors").unlink()
        (folder / name).write_bytes(content)

    return damage


def headed(**changes: object) -> Damage:
    """With other words on a tensor in the head of the weights."""

    def damage(folder: Path) -> None:
        content = (folder / "model.safetensors").read_bytes()
        length = struct.unpack("<Q", content[:8])[0]
        values = json.loads(content[8 : 8 + length])
        values["bert.encoder.layer.1.output.dense.weight"] |= changes
        head = json.dumps(values).encode()
        rest = content[8 + length :]
        (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + rest)

    return damage


def tokenizer_with(**values: object) -> Damage:
    units = {unit: place for place, unit in enumerate(UNITS)}
    whole = {"model": {"type": "WordPiece", "vocab": units}, **values}
    return lambda folder: (folder / "tokenizer.json").write_text(json.dumps(whole), "utf-8")


def cut(name: str, kept: float) -> Damage:
    def damage(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: int(len(content) * kept)])

    return damage


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 400000000\n"

DAMAGES: dict[str, tuple[str, Damage]] = {
    "no config": ("ENCODER_NO_CONFIG", lambda f: (f / "config.json").unlink()),
    "no JSON": ("ENCODER_CONFIG_DAMAGED", lambda f: (f / "config.json").write_text("{", "utf-8")),
    "a list": ("ENCODER_CONFIG_DAMAGED", lambda f: (f / "config.json").write_text("[1]", "utf-8")),
    "deep": ("ENCODER_CONFIG_DAMAGED", lambda f: (f / "config.json").write_text("[" * 100_000, "utf-8")),
    "odd sizes": ("ENCODER_CONFIG_DAMAGED", config_with(hidden_size="breit")),
    "remote code": ("ENCODER_REMOTE_CODE", config_with(auto_map={"AutoModel": "modeling_x.XModel"})),
    "remote code of another repository": (
        "ENCODER_REMOTE_CODE",
        config_with(model_type="x", auto_map={"AutoModel": "a/b--m.X"}),
    ),
    "remote tokenizer": (
        "ENCODER_REMOTE_CODE",
        lambda f: (f / "tokenizer_config.json").write_text(
            '{"auto_map": {"AutoTokenizer": ["t.T", null]}}', "utf-8"
        ),
    ),
    "programs beside": ("ENCODER_CODE_BESIDE", lambda f: (f / "modeling.py").write_text("1/0", "utf-8")),
    "GPT": ("ENCODER_WRITES_TEXT", config_with(model_type="gpt2", architectures=["GPT2LMHeadModel"])),
    "Qwen": ("ENCODER_WRITES_TEXT", config_with(model_type="qwen2")),
    "a BERT that writes": ("ENCODER_WRITES_TEXT", config_with(is_decoder=True)),
    "T5": ("ENCODER_TURNS_TEXT", config_with(model_type="t5")),
    "pictures": ("ENCODER_OTHER_SENSE", config_with(model_type="vit")),
    "unheard of": ("ENCODER_KIND_UNKNOWN", config_with(model_type="brandneu")),
    "no kind": ("ENCODER_KIND_UNKNOWN", config_with(model_type=None)),
    "quantised": ("ENCODER_QUANTISED", config_with(quantization_config={"bits": 4})),
    "TensorFlow": ("ENCODER_OTHER_FRAMEWORK", only("tf_model.h5")),
    "Flax": ("ENCODER_OTHER_FRAMEWORK", only("flax_model.msgpack")),
    "ONNX": ("ENCODER_OTHER_FRAMEWORK", only("model.onnx")),
    "first TensorFlow": (
        "ENCODER_OTHER_FRAMEWORK",
        lambda f: [(f / "config.json").unlink(), (f / "bert_model.ckpt.index").write_bytes(b"")],
    ),
    "an adapter": (
        "ENCODER_ADAPTER",
        lambda f: (f / "config.json").rename(f / "adapter_config.json"),
    ),
    "no weights": ("ENCODER_NO_WEIGHTS", lambda f: (f / "model.safetensors").unlink()),
    "half a download": ("ENCODER_HALF", only("model.safetensors.incomplete")),
    "a pointer": ("ENCODER_POINTERS", lambda f: (f / "model.safetensors").write_bytes(POINTER)),
    "a vocabulary that is a pointer": (
        "ENCODER_POINTERS",
        lambda f: (f / "vocab.txt").write_bytes(POINTER),
    ),
    "short weights": ("ENCODER_WEIGHTS_SHORT", cut("model.safetensors", 0.7)),
    "a short head": ("ENCODER_WEIGHTS_SHORT", cut("model.safetensors", 0.001)),
    "a head that is no JSON": (
        "ENCODER_WEIGHTS_DAMAGED",
        lambda f: (f / "model.safetensors").write_bytes(struct.pack("<Q", 4) + b"abcd"),
    ),
    "an endless head": (
        "ENCODER_WEIGHTS_DAMAGED",
        lambda f: (f / "model.safetensors").write_bytes(struct.pack("<Q", 1 << 60)),
    ),
    "bytes too many": (
        "ENCODER_WEIGHTS_DAMAGED",
        lambda f: (f / "model.safetensors").write_bytes((f / "model.safetensors").read_bytes() + b"more"),
    ),
    "weights of something else": (
        "ENCODER_WEIGHTS_DAMAGED",
        lambda f: (f / "model.safetensors").write_bytes(safetensors({"conv.weight": (3, 3)})),
    ),
    "weights of a wider one": (
        "ENCODER_WEIGHTS_OTHER",
        lambda f: (f / "model.safetensors").write_bytes(safetensors(shapes({**CONFIG, "hidden_size": 32}))),
    ),
    "weights of a lower one": (
        "ENCODER_LAYERS_MISSING",
        lambda f: (f / "model.safetensors").write_bytes(
            safetensors(shapes({**CONFIG, "num_hidden_layers": 1}))
        ),
    ),
    "inner layers of another width": ("ENCODER_INNER_OTHER", config_with(intermediate_size=50_000_000)),
    "a kind of numbers that is a list": ("ENCODER_WEIGHTS_DAMAGED", headed(dtype=["F32"])),
    "a tensor of a million sides": ("ENCODER_WEIGHTS_DAMAGED", headed(shape=[1 << 47] * 1_000_000)),
    "layers of whole numbers": (
        "ENCODER_QUANTISED",
        headed(dtype="I32"),
    ),
    "no heads": ("ENCODER_CONFIG_DAMAGED", config_with(num_attention_heads=0)),
    "heads of no whole width": ("ENCODER_CONFIG_DAMAGED", config_with(num_attention_heads=3)),
    "no layers": ("ENCODER_CONFIG_DAMAGED", config_with(num_hidden_layers=0)),
    "a width that is a list": ("ENCODER_WEIGHTS_OTHER", config_with(hidden_size=8, embedding_size=[16])),
    "a unit without end": (
        "ENCODER_VOCABULARY_DAMAGED",
        tokenizer_with(added_tokens=[{"content": "好", "id": float("inf")}]),
    ),
    "a vocabulary that an editor has marked": (
        "ENCODER_VOCABULARY_DAMAGED",
        lambda f: (f / "vocab.txt").write_text("\n".join(UNITS), "utf-8-sig"),
    ),
    "no vocabulary": ("ENCODER_NO_VOCABULARY", lambda f: (f / "vocab.txt").unlink()),
    "a vocabulary in no encoding": (
        "ENCODER_VOCABULARY_DAMAGED",
        lambda f: (f / "vocab.txt").write_bytes("字\n".encode("gb18030") * 9),
    ),
    "a vocabulary cut off": (
        "ENCODER_VOCABULARY_DAMAGED",
        lambda f: (f / "tokenizer.json").write_text('{"model": {"vocab": {"[UNK]": 0', "utf-8"),
    ),
    "a larger vocabulary": (
        "ENCODER_VOCABULARY_OTHER",
        lambda f: (f / "vocab.txt").write_text("\n".join([*UNITS, *map(str, range(99))]), "utf-8"),
    ),
    "a much smaller vocabulary": (
        "ENCODER_VOCABULARY_OTHER",
        lambda f: (f / "vocab.txt").write_text("\n".join(UNITS[:400]), "utf-8"),
    ),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_what_is_no_encoder_is_refused_with_a_sentence(folder: Path, kind: str) -> None:
    code, damage = DAMAGES[kind]
    damage(folder)
    refused(folder, code)


def test_a_whole_encoder_tells_what_it_is(folder: Path) -> None:
    checked = check_folder(folder)
    assert codes(checked) == []
    facts = checked.facts
    assert (facts.family_name, facts.layers, facts.width, facts.heads) == ("BERT", 2, 16, 2)
    assert (facts.table, facts.vocabulary, facts.chinese, facts.longest) == (1205, 1205, 1200, 64)
    assert facts.parameters == 1205 * 16 + 64 * 16 + 2 * 16 * 32
    assert (facts.weights, facts.number_type, facts.licence) == ("safetensors", "F32", "apache-2.0")
    assert set(checked.files) == {path.name for path in folder.iterdir()}
    assert facts.size == sum(path.stat().st_size for path in folder.iterdir())


def test_remarks_do_not_keep_an_encoder_off_the_shelf(folder: Path) -> None:
    (folder / "vocab.txt").write_text("\n".join(f"unit{n}" for n in range(800)), "utf-8")
    checked = check_folder(folder)
    assert codes(checked) == ["ENCODER_VOCABULARY_SMALL", "ENCODER_LITTLE_CHINESE"]
    assert checked.is_fit


def test_parts_are_counted(folder: Path) -> None:
    tensors = shapes()
    names = list(tensors)
    files = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    (folder / files[0]).write_bytes(safetensors({names[0]: tensors[names[0]]}))
    (folder / files[1]).write_bytes(safetensors({name: tensors[name] for name in names[1:]}))
    (folder / "model.safetensors").unlink()
    refused(folder, "ENCODER_PARTS_MISSING")  # no index
    where = {name: files[place > 0] for place, name in enumerate(names)}
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": where}), "utf-8")
    checked = check_folder(folder)
    assert codes(checked) == []
    assert checked.facts.parameters == 1205 * 16 + 64 * 16 + 2 * 16 * 32
    assert {*files, index.name} <= set(checked.files)
    (folder / files[1]).rename(folder / "anderswo")
    refused(folder, "ENCODER_PARTS_MISSING")
    index.write_text(json.dumps({"weight_map": dict.fromkeys(names, "../model.safetensors")}), "utf-8")
    refused(folder, "ENCODER_WEIGHTS_DAMAGED")


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_a_payload_in_pickled_weights_never_runs(folder: Path, tmp_path: Path, protocol: int) -> None:
    (folder / "model.safetensors").unlink()
    marker = tmp_path / "ausgeführt"
    weights = folder / "pytorch_model.bin"
    torch_zip(weights, with_payload(marker, protocol))
    refused(folder, "ENCODER_WEIGHTS_UNSAFE")
    weights.write_bytes(with_payload(marker, protocol))
    refused(folder, "ENCODER_WEIGHTS_UNSAFE")
    head = [pickled(value) for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})]
    weights.write_bytes(b"".join(head) + with_payload(marker, protocol))
    refused(folder, "ENCODER_WEIGHTS_UNSAFE")
    weights.write_bytes(b"".join(head[:2]) + with_payload(marker, protocol))
    refused(folder, "ENCODER_WEIGHTS_UNSAFE")
    weights.write_bytes(b"".join(head))
    refused(folder, "ENCODER_WEIGHTS_DAMAGED")
    weights.write_bytes(pickled(1001, protocol))
    refused(folder, "ENCODER_WEIGHTS_OLD")
    torch_zip(weights, pickled({}), more={"archive/other.pkl": with_payload(marker, protocol)})
    refused(folder, "ENCODER_WEIGHTS_UNSAFE")
    assert not marker.exists()
    pickle.loads(with_payload(marker, protocol))
    assert marker.exists(), "the payload would have run"


HOSTILE_PICKLES = {
    "builtins": b"\x80\x02cbuiltins\nexec\n(X\x04\x00\x00\x001/0 tR.",
    "torch, but not its weights": b"\x80\x02ctorch\nload\n)R.",
    "a name on the stack": b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.",
    "an object built": b"\x80\x02(i__main__\nX\n.",
    "a class made": b"\x80\x02ccollections\nOrderedDict\n)\x81.",
    "an extension": b"\x80\x02\x82\x01.",
    "no end": b"\x80\x02}",
    "an empty stack": b"\x80\x02R.",
    "a key that takes for ever": b"\x80\x02}K\x01" + b"q\x00h\x00\x86" * 60 + b"K\x01s.",
    "a far place": b"\x80\x02}r\xff\xff\xff\x7fj\x01\x00\x00\x00.",
    "no pickle": b"PK\x03\x04 hello",
}


@pytest.mark.parametrize("kind", HOSTILE_PICKLES)
def test_pickles_that_are_no_weights(folder: Path, kind: str) -> None:
    (folder / "model.safetensors").unlink()
    torch_zip(folder / "pytorch_model.bin", HOSTILE_PICKLES[kind])
    checked = check_folder(folder)
    assert {"ENCODER_WEIGHTS_UNSAFE", "ENCODER_WEIGHTS_DAMAGED"} & set(codes(checked))
    assert not checked.is_fit


def test_a_sentencepiece_model_is_a_vocabulary(folder: Path) -> None:
    (folder / "vocab.txt").unlink()
    config_with(model_type="xlnet", d_model=16, n_layer=2, n_head=2, d_inner=32)(folder)
    (folder / "spiece.model").write_bytes(sentencepiece([*UNITS[:-1], "很" * 200]))
    checked = check_folder(folder)
    assert codes(checked) == []
    assert (checked.facts.vocabulary, checked.facts.chinese) == (1205, 1200)
    cut("spiece.model", 0.9)(folder)
    assert codes(check_folder(folder)) == ["ENCODER_VOCABULARY_DAMAGED"]


def test_everything_that_is_wrong_is_said_at_once(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "vocab.txt").unlink()
    (folder / "x.py").write_text("", "utf-8")
    assert codes(check_folder(folder)) == [
        "ENCODER_CODE_BESIDE",
        "ENCODER_NO_WEIGHTS",
        "ENCODER_NO_VOCABULARY",
    ]
    with pytest.raises(UserError) as caught:
        add_folder(folder)
    assert caught.value.params["more"] == 2


def test_folders_that_hold_the_folder(folder: Path, tmp_path: Path) -> None:
    assert check_folder(folder.parent).is_fit
    write_encoder(tmp_path / "noch einer")
    assert codes(check_folder(folder.parent)) == ["ENCODER_NO_CONFIG"]
    assert codes(check_folder(tmp_path / "nirgends")) == ["ENCODER_NO_FOLDER"]
