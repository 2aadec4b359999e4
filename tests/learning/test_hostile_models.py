"""Model folders from strangers: refused with a sentence, before anything in them runs or is believed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pickle
import random
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load, save_file

import senti_studio
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.predict import Predictor
from senti_studio.messages import message

Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of one model, trained once."""
    return {}


@pytest.fixture
def model(whole: dict[str, bytes], spec: TrainingSpec, data: TrainingData, tmp_path: Path) -> Path:
    if not whole:
        list(fit(spec, data, tmp_path / "run"))
        whole.update({path.name: path.read_bytes() for path in (tmp_path / "run" / "model").iterdir()})
    folder = tmp_path / "收到的模型"
    folder.mkdir()
    for name, content in whole.items():
        (folder / name).write_bytes(content)
    return folder


class Payload:
    """Makes a file as soon as somebody unpickles it."""

    def __init__(self, marker: Path) -> None:
        self.marker = str(marker)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return os.mkdir, (self.marker,)


def refused(folder: Path, code: str) -> UserError:
    with pytest.raises(UserError) as caught:
        Predictor.load(folder, "cpu")
    assert caught.value.code == code, caught.value
    for language in ("zh", "en"):
        said = message(code, caught.value.params, language)
        assert folder.name in said.what
        assert said.next_step
        assert "?" not in said.what
    return caught.value


def torch_archive(path: Path, payload: bytes) -> None:
    """As `torch.save` writes: a zip with a pickle in it."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", payload)
        archive.writestr("archive/version", "3")


def test_the_payload_would_run_if_it_were_read(tmp_path: Path) -> None:
    """Otherwise the tests below could not fail."""
    marker = tmp_path / "ran"
    pickle.loads(pickle.dumps(Payload(marker)))
    assert marker.exists()


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize(
    "name", ["weights.safetensors", "config.json", "vocabulary.json", "labels.json", "card.json"]
)
def test_a_pickle_in_the_place_of_a_file_of_the_model(
    name: str, protocol: int, model: Path, tmp_path: Path
) -> None:
    marker = tmp_path / "ran"
    (model / name).write_bytes(pickle.dumps(Payload(marker), protocol))
    refused(model, "MODEL_DAMAGED")
    assert not marker.exists()


def test_weights_that_are_an_archive_of_torch(model: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    torch_archive(model / "weights.safetensors", pickle.dumps(Payload(marker)))
    refused(model, "MODEL_DAMAGED")
    assert not marker.exists()


@pytest.mark.parametrize("name", ["pytorch_model.bin", "data.pkl", "model.PT", "没有结尾", "readme.txt"])
def test_a_pickle_beside_a_whole_model(name: str, model: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    (model / name).write_bytes(pickle.dumps(Payload(marker), 4))
    assert refused(model, "MODEL_NOT_TRUSTED").params["files"] == [name]
    assert not marker.exists()


def test_looking_at_shapes_first_takes_no_compiler(model: Path) -> None:
    """Nets without memory can load seconds' worth of torch when their weights are filled as usual."""
    program = "import sys, pathlib; from senti_studio.learning.predict import Predictor as P; "
    program += "P.load(pathlib.Path(sys.argv[1]), 'cpu'); sys.exit('torch._dynamo' in sys.modules)"
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", program, str(model)], check=False)
    assert done.returncode == 0


def test_files_that_do_no_harm_may_lie_beside_a_model(model: Path) -> None:
    (model / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (model / "说明.txt").write_text("七月训练", encoding="utf-8")
    assert Predictor.load(model, "cpu").probabilities(["房间很大"]).shape == (1, 2)


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
@pytest.mark.parametrize("name", ["vocabulary.json", "别的"])
def test_links_that_lead_out_of_the_folder(name: str, model: Path, tmp_path: Path) -> None:
    outside = tmp_path / "别处.json"
    outside.write_bytes((model / "vocabulary.json").read_bytes())
    (model / name).unlink(missing_ok=True)
    (model / name).symlink_to(outside)
    (told,) = refused(model, "MODEL_NOT_TRUSTED").params["files"]
    assert told.startswith(name)


def test_a_link_to_the_folder_itself_is_no_trick(model: Path, tmp_path: Path) -> None:
    (tmp_path / "近路").symlink_to(model)
    assert Predictor.load(tmp_path / "近路", "cpu").labels


@pytest.mark.parametrize("name", ["config.json", "labels.json", "card.json", "vocabulary.json"])
def test_a_file_of_ten_gigabytes_is_not_read(name: str, model: Path) -> None:
    os.truncate(model / name, 10 * 2**30)  # sparse: takes no room
    tracemalloc.start()
    try:
        error = refused(model, "MODEL_DAMAGED")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "MiB" in error.params["reason"]
    assert peak < 20 * 2**20


@pytest.mark.parametrize(
    "giant",
    [
        {"hidden_size": 4096, "embedding_size": 2048, "layers": 8},
        {"hidden_size": 10**12},
        {"layers": 10**9},
        {"embedding_size": -1},
        {"hidden_size": "8"},
        {"bidirectional": 3},
    ],
)
def test_a_config_that_asks_for_a_giant(giant: dict[str, object], model: Path) -> None:
    """Of the first, random weights alone would take 20 GB and minutes."""
    _change(model / "config.json", giant)
    refused(model, "MODEL_DAMAGED")


@pytest.mark.parametrize(
    "head",
    [
        {"w": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}},
        {"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}},
        {"w": {"dtype": "O", "shape": [1], "data_offsets": [0, 4]}},
    ],
)
def test_a_head_of_weights_that_promises_what_is_not_there(head: dict[str, object], model: Path) -> None:
    table = json.dumps(head).encode()
    (model / "weights.safetensors").write_bytes(struct.pack("<Q", len(table)) + table + b"\0\0\0\0")
    refused(model, "MODEL_DAMAGED")


def test_a_head_longer_than_the_file(model: Path) -> None:
    (model / "weights.safetensors").write_bytes(struct.pack("<Q", 2**63) + b"{}")
    refused(model, "MODEL_DAMAGED")


def test_a_weight_too_many_and_one_too_few(model: Path) -> None:
    path = model / "weights.safetensors"
    weights = {name: values.clone() for name, values in load(path.read_bytes()).items()}
    save_file({**weights, "more": weights["out.bias"].clone()}, path)
    assert "more" in refused(model, "MODEL_DAMAGED").params["reason"]
    save_file({name: values for name, values in weights.items() if name != "out.bias"}, path)
    assert "out.bias" in refused(model, "MODEL_DAMAGED").params["reason"]


def _label(key: str) -> dict[str, str]:
    return {"key": key, "name": f"名{key}"}


@pytest.mark.parametrize(
    "names",
    [
        {"labels": [_label("a"), _label("b"), _label("c")], "prior": [0.3, 0.3, 0.4]},
        {"labels": [_label("a")], "prior": [1.0]},
        {"labels": [_label("a"), _label("a")], "prior": [0.5, 0.5]},
        {"labels": [_label("a"), {"key": 7, "name": "七"}], "prior": [0.5, 0.5]},
        {"labels": [_label("a"), {"key": "b", "name": {}}], "prior": [0.5, 0.5]},
        {"labels": [_label("a"), _label("b")], "prior": [0.5, float("nan")]},
        {"labels": [_label("a"), _label("b")], "prior": [-1, 2]},
        {"labels": [_label("a"), _label("b")], "prior": [0.5]},
        {"labels": "ab", "prior": [0.5, 0.5]},
    ],
)
def test_labels_that_do_not_fit(names: dict[str, object], model: Path) -> None:
    (model / "labels.json").write_text(json.dumps(names), encoding="utf-8")
    refused(model, "MODEL_DAMAGED")


def _vocabulary(**values: object) -> Damage:
    def damage(model: Path) -> None:
        known = json.loads((model / "vocabulary.json").read_bytes())
        rest = {**known, **values}
        del rest["sha256"]
        text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        whole = {"sha256": hashlib.sha256(text.encode()).hexdigest(), **rest}
        (model / "vocabulary.json").write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")

    return damage


def _ngrams(**values: object) -> Damage:
    def damage(model: Path) -> None:
        known = json.loads((model / "vocabulary.json").read_bytes())["ngrams"]
        _vocabulary(ngrams={**known, **values})(model)

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        _vocabulary(views={"__import__": ["a"]}),
        _vocabulary(views={}),
        _vocabulary(views="words"),
        _vocabulary(views=["words"]),
        _vocabulary(views={"words": "abc"}),
        _vocabulary(views={"words": [1, 2]}),
        _vocabulary(views={"words": ["a", "a"]}),
        _vocabulary(max_length=10**15),
        _vocabulary(max_length=-4),
        _ngrams(units=["abcdefghijklmnop"], counts=[1]),
        _ngrams(units=[["a"]], counts=[1]),
        _ngrams(counts=[]),
        _ngrams(rows=-1),
        _ngrams(rows=0),
    ],
)
def test_a_vocabulary_with_a_right_hash_that_makes_no_sense(damage: Damage, model: Path) -> None:
    damage(model)
    refused(model, "MODEL_DAMAGED")


_ODD: list[Any] = [None, True, 0, -1, 10**30, float("nan"), "", "房", [], {}, ["a"], [[]], "9" * 5000]


def _changed(values: Any, chance: random.Random) -> Any:
    """The same with something else at one place, or without it."""
    places: list[tuple[Any, Any]] = []
    waiting = [values]
    while waiting:
        each = waiting.pop()
        keys = list(each) if isinstance(each, dict) else list(range(min(len(each), 5)))
        places += [(each, key) for key in keys]
        waiting += [each[key] for key in keys if isinstance(each[key], (dict, list))]
    holder, key = chance.choice(places)
    if chance.random() < 0.2:
        del holder[key]
    else:
        holder[key] = chance.choice(_ODD)
    return values


@pytest.mark.parametrize("name", ["config.json", "labels.json", "vocabulary.json", "weights.safetensors"])
def test_whatever_is_changed_is_read_or_refused(name: str, model: Path, whole: dict[str, bytes]) -> None:
    """Never an error of the program: 60 random changes of each file."""
    refusals = 0
    for seed in range(60):
        chance = random.Random(f"{name} {seed}")
        if name == "weights.safetensors":
            damaged = bytearray(whole[name])
            for _ in range(chance.choice((1, 10))):
                damaged[chance.randrange(chance.choice((20, len(damaged))))] = chance.randrange(256)
            (model / name).write_bytes(damaged)
        elif name == "vocabulary.json":
            (model / name).write_bytes(whole[name])
            _vocabulary(**_changed(json.loads(whole[name]), chance))(model)
        else:
            (model / name).write_text(json.dumps(_changed(json.loads(whole[name]), chance)), encoding="utf-8")
        try:
            found = Predictor.load(model, "cpu").probabilities(["房间很大", "", "味道" * 30])
        except UserError as error:
            refusals += error.code in ("MODEL_DAMAGED", "MODEL_TOO_NEW")
        else:
            assert found.shape == (3, 2)
            assert abs(found.sum(axis=1) - 1).max() < 1e-3
    assert refusals > 20


def test_json_that_is_nested_without_end(model: Path) -> None:
    (model / "card.json").write_text("[" * 200_000, encoding="utf-8")
    refused(model, "MODEL_DAMAGED")


def test_what_is_no_model_folder(model: Path, tmp_path: Path) -> None:
    refused(tmp_path / "没有", "MODEL_NO_FOLDER")
    with zipfile.ZipFile(tmp_path / "模型.zip", "w") as archive:
        archive.writestr("../../出去.txt", "…")
    refused(tmp_path / "模型.zip", "MODEL_NO_FOLDER")
    (tmp_path / "空").mkdir()
    assert len(refused(tmp_path / "空", "MODEL_FILES_MISSING").params["files"]) == 4
    (model / "vocabulary.json").unlink()
    assert refused(model, "MODEL_FILES_MISSING").params["files"] == ["vocabulary.json"]
    (model / "vocabulary.json").mkdir()
    assert refused(model, "MODEL_FILES_MISSING").params["files"] == ["vocabulary.json"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_that_nobody_writes_to_does_not_hang(model: Path) -> None:
    (model / "config.json").unlink()
    os.mkfifo(model / "config.json")
    refused(model, "MODEL_FILES_MISSING")


def _change(path: Path, values: dict[str, object]) -> None:
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **values}), encoding="utf-8")


@pytest.mark.parametrize(
    "values",
    [
        {"labels": 3},
        {"labels": [{"name": "正面"}]},
        {"confusion": {"test": [[1, "a"], [0, 1]]}},
        {"confusion": {"test": 7}},
        {"metrics": {"steps": "viele"}},
        {"spec": {"data": {"rows": {"train": {}}}}, "name": ["a"]},
    ],
)
def test_a_card_that_no_training_wrote(values: dict[str, object], model: Path) -> None:
    """It is for people: the model works, and whoever asks for the card hears what is wrong with it."""
    _change(model / "card.json", values)
    loaded = senti_studio.load(model, device="cpu")
    assert loaded("房间很大")[0].label in loaded.labels
    with contextlib.suppress(ValueError):
        assert "## Limits" in loaded.card_text()


def test_a_name_cannot_command_the_terminal(model: Path) -> None:
    _change(model / "card.json", {"name": "好\x1b[2J\x1b]0;坏\x07模型 # <b>"})
    assert (
        senti_studio.load(model, device="cpu").card_text().splitlines()[0] == r"# 好\[2J\]0;坏模型 \# \<b\>"
    )
