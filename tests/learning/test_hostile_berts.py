"""BERT models from strangers: what their files ask for is looked at before it is built."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.predict import Predictor


@pytest.fixture(scope="module")
def whole() -> dict[str, bytes]:
    return {}


@pytest.fixture
def model(whole: dict[str, bytes], spec: TrainingSpec, data: TrainingData, tmp_path: Path) -> Path:
    if not whole:
        options = dataclasses.replace(default_options("bert"), encoder="scratch-tiny", epochs=1)
        list(fit(dataclasses.replace(spec, architecture="bert", options=options), data, tmp_path / "run"))
        whole.update({path.name: path.read_bytes() for path in (tmp_path / "run" / "model").iterdir()})
    folder = tmp_path / "收到的模型"
    folder.mkdir()
    for name, content in whole.items():
        (folder / name).write_bytes(content)
    return folder


def _write(
    model: Path, tokenizer: bytes | None = None, net: dict[str, Any] | None = None, **more: Any
) -> None:
    """Changes the files and their hashes, as somebody would who means it."""
    values = json.loads((model / "encoder.json").read_bytes())
    del values["sha256"]
    values["net"] |= net or {}
    values |= more
    if tokenizer is not None:
        (model / "tokenizer.json").write_bytes(tokenizer)
        values["tokenizer_sha256"] = hashlib.sha256(tokenizer).hexdigest()
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    whole = {"sha256": hashlib.sha256(text.encode()).hexdigest(), **values}
    (model / "encoder.json").write_text(json.dumps(whole, ensure_ascii=False), "utf-8")


def _refused(model: Path) -> str:
    with pytest.raises(UserError) as caught:
        Predictor.load(model, "cpu")
    assert caught.value.code == "MODEL_DAMAGED", caught.value
    return str(caught.value.params["reason"])


@pytest.mark.parametrize(
    "net",
    [
        {"num_hidden_layers": 10**9},
        {"hidden_size": 10**12},
        {"hidden_size": 4096, "num_attention_heads": 64, "num_hidden_layers": 100},
        {"model_type": "gpt2"},
        {"model_type": "没有"},
        {"model_type": 7},
        {"num_attention_heads": 0},
        {"hidden_act": "__import__('os')"},
        {"vocab_size": 5},
        {"vocab_size": "many"},
        {"max_position_embeddings": 8},
        {"hidden_dropout_prob": float("nan")},
        {"layer_norm_eps": float("inf")},
    ],
)
def test_a_net_that_no_training_made(net: dict[str, Any], model: Path) -> None:
    _write(model, net=net)
    _refused(model)


@pytest.mark.parametrize(
    "tokenizer", [b"", b"{}", b"[" * 10_000, b'{"version":"1.0","model":{"type":"WordPiece"}}', b"\xff\xfe"]
)
def test_a_tokenizer_that_is_none(tokenizer: bytes, model: Path) -> None:
    _write(model, tokenizer=tokenizer)
    assert "tokenizer.json" in _refused(model) or tokenizer == b"\xff\xfe"


@pytest.mark.parametrize(
    "values",
    [
        {"max_length": 10**9},
        {"max_length": 600},
        {"truncation": "middle"},
        {"marks": {"before": [10**9], "behind": [], "padding": 0, "unknown": 1, "names": {}}},
        {"marks": {"before": [-1], "behind": [], "padding": 0, "unknown": 1, "names": {}}},
        {"marks": []},
        {"normalisation": {"repeats": "3"}},
    ],
)
def test_an_encoder_that_makes_no_sense(values: dict[str, Any], model: Path) -> None:
    _write(model, **values)
    _refused(model)


def test_files_that_do_not_belong_together(model: Path) -> None:
    (model / "tokenizer.json").write_bytes((model / "tokenizer.json").read_bytes() + b" ")
    assert "hash" in _refused(model)
