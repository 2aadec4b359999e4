"""Encoders that no training can begin with: each is refused in a sentence, and nothing of it runs."""

from __future__ import annotations

import base64
import dataclasses
import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_encoders import make_encoder
from tokenizers import Tokenizer

from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.learning.bert.panics import panics_told
from senti_studio.learning.bert.token_encoder import read_tokenizer
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.messages import message

Mark = Path


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_encoder("electra", tmp_path_factory.mktemp("架子") / "好的")


@pytest.fixture
def encoder(good: Path, tmp_path: Path) -> Path:
    return shutil.copytree(good, tmp_path / "编码器")


@pytest.fixture
def mark() -> Path:
    return Path("运行过").absolute()


def _json(path: Path, **changes: Any) -> None:
    values = json.loads(path.read_bytes()) if path.exists() else {}
    path.write_text(json.dumps({**values, **changes}, ensure_ascii=False), "utf-8")


def _gpt(folder: Path, _: Mark) -> None:
    _json(folder / "config.json", model_type="gpt2", architectures=["GPT2LMHeadModel"])


def _tensorflow(folder: Path, _: Mark) -> None:
    (folder / "model.safetensors").rename(folder / "tf_model.h5")


def _old_tensorflow(folder: Path, _: Mark) -> None:
    (folder / "config.json").rename(folder / "bert_config.json")
    (folder / "model.safetensors").rename(folder / "bert_model.ckpt.data-00000-of-00001")
    (folder / "bert_model.ckpt.index").write_bytes(b"\0")


def _half(folder: Path, _: Mark) -> None:
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])


def _unfinished(folder: Path, _: Mark) -> None:
    (folder / "model.safetensors").rename(folder / "model.safetensors.incomplete")


def _other_vocabulary(folder: Path, _: Mark) -> None:
    values = json.loads((folder / "tokenizer.json").read_bytes())
    values["model"]["vocab"] |= {f"别的{n}": 1000 + n for n in range(500)}
    (folder / "tokenizer.json").write_text(json.dumps(values), "utf-8")


def _remote(folder: Path, mark: Mark) -> None:
    (folder / "modeling_own.py").write_text(f"open({str(mark)!r}, 'w').close()\nclass Own: pass\n", "utf-8")
    _json(folder / "config.json", auto_map={"AutoModelForSequenceClassification": "modeling_own.Own"})


def _remote_tokenizer(folder: Path, mark: Mark) -> None:
    (folder / "own.py").write_text(f"open({str(mark)!r}, 'w').close()\nclass Own: pass\n", "utf-8")
    _json(folder / "tokenizer_config.json", auto_map={"AutoTokenizer": ["own.Own", None]})


class _Payload:
    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> Any:
        return open, (str(self._mark), "w")


def _pickled(folder: Path, mark: Mark) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({"weight": torch.zeros(2), "more": _Payload(mark)}, folder / "pytorch_model.bin")


def _plain_pickle(folder: Path, mark: Mark) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(_Payload(mark)))


def _marks_of_other_names(folder: Path, _: Mark) -> None:
    units = json.loads((folder / "tokenizer.json").read_bytes())["model"]["vocab"]
    (folder / "vocab.txt").write_text("\n".join(sorted(units, key=lambda unit: int(units[unit]))), "utf-8")
    (folder / "tokenizer.json").unlink()
    _json(
        folder / "tokenizer_config.json", tokenizer_class="BertTokenizer", cls_token="<甲>", sep_token="<乙>"
    )


def _no_room_for_a_text(folder: Path, _: Mark) -> None:
    _json(folder / "config.json", max_position_embeddings=2)


def _no_such_function(folder: Path, _: Mark) -> None:
    _json(folder / "config.json", hidden_act="eval")


def _all_is_hidden(folder: Path, _: Mark) -> None:
    _json(folder / "config.json", hidden_dropout_prob=1.0)


def _no_number(folder: Path, _: Mark) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["encoder.layer.1.output.dense.bias"][3] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


BAD: dict[Callable[[Path, Mark], None], str] = {
    _gpt: "ENCODER_WRITES_TEXT",
    _tensorflow: "ENCODER_OTHER_FRAMEWORK",
    _old_tensorflow: "ENCODER_OTHER_FRAMEWORK",
    _half: "ENCODER_WEIGHTS_SHORT",
    _unfinished: "ENCODER_HALF",
    _other_vocabulary: "ENCODER_VOCABULARY_OTHER",
    _remote: "ENCODER_REMOTE_CODE",
    _remote_tokenizer: "ENCODER_CODE_BESIDE",
    _pickled: "ENCODER_WEIGHTS_UNSAFE",
    _plain_pickle: "ENCODER_WEIGHTS_UNSAFE",
    _marks_of_other_names: "ENCODER_VOCABULARY_OTHER",
    _no_room_for_a_text: "ENCODER_NOT_LOADED",
    _no_such_function: "ENCODER_NOT_LOADED",
    _all_is_hidden: "ENCODER_NOT_LOADED",
    _no_number: "ENCODER_WEIGHTS_DAMAGED",
}


@pytest.mark.parametrize("spoil", BAD, ids=lambda each: each.__name__.strip("_"))
def test_a_training_does_not_begin_with_it(
    spoil: Callable[[Path, Mark], None],
    encoder: Path,
    spec: TrainingSpec,
    data: TrainingData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    mark = tmp_path / "运行过"
    spoil(encoder, mark)
    _refused(encoder, spec, data, tmp_path, BAD[spoil])
    assert not mark.exists(), "nothing of it runs"


def _refused(
    encoder: Path, spec: TrainingSpec, data: TrainingData, tmp_path: Path, code: str
) -> dict[str, Any]:
    options = dataclasses.replace(default_options("bert", str(encoder)), epochs=1)
    wanted = dataclasses.replace(spec, architecture="bert", options=options)
    with pytest.raises(UserError) as caught:
        list(fit(wanted, data, tmp_path / "运行"))
    assert caught.value.code == code
    for language in ("zh", "en"):
        told = message(code, caught.value.params, language)
        assert "{" not in told.what + told.next_step
        assert told.next_step, "what to do next"
    assert not (tmp_path / "运行" / "model").exists()
    return dict(caught.value.params)


CHARS = base64.b64encode(b"\0\0\0\0").decode()
PANICS: dict[str, dict[str, Any]] = {
    "map": {"normalizer": {"type": "Precompiled", "precompiled_charsmap": CHARS}},
    "no map": {"normalizer": {"type": "Precompiled", "precompiled_charsmap": "/////w=="}},
    "template": {
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": "[没有]", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
            ],
            "pair": [],
            "special_tokens": {},
        }
    },
    "pieces": {"pre_tokenizer": {"type": "FixedLength", "length": 0}},
}


@pytest.mark.parametrize("name", PANICS)
def test_a_tokenizer_that_breaks_the_library_is_an_error_like_others(
    name: str, encoder: Path, spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    file = encoder / "tokenizer.json"
    _json(file, **PANICS[name])
    with pytest.raises(ValueError, match=r"tokenizer\.json"):
        read_tokenizer(file.read_bytes())
    _refused(encoder, spec, data, tmp_path, "ENCODER_NOT_LOADED")


def test_one_that_breaks_on_a_later_text_is_told(encoder: Path) -> None:
    _json(encoder / "tokenizer.json", **PANICS["pieces"])
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    with pytest.raises(UserError, match="TOKENIZER_BROKE"), panics_told("tokenizer.json"):
        tokenizer.encode("好")
    with pytest.raises(KeyboardInterrupt), panics_told("tokenizer.json"):
        raise KeyboardInterrupt
