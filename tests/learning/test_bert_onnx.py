"""BERT models as ONNX: what lies beside the net is all that is needed for the same probabilities."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from invented_comments import sentences
from tiny_encoders import FAMILIES, make_encoder
from tokenizers import Tokenizer

from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.learning.bert import onnx_form
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.onnx_export import export_onnx
from senti_studio.learning.predict import Predictor

ODD = ("龘龘", "好", "味道" * 300, "ＯＫ 服务很好！！！！！ @某人 https://t.cn/a", "房間很大", "")
TEXTS = [*sentences(60, seed=11).texts, *ODD]


def trained(spec: TrainingSpec, encoder: object, data: TrainingData, out: Path, **options: Any) -> Path:
    usual = default_options("bert", str(encoder))
    small = {"epochs": 1, "least_steps": 1, "batch_size": 32, "learning_rate": 3e-3}
    chosen = dataclasses.replace(usual, **{**small, **options})
    list(fit(dataclasses.replace(spec, architecture="bert", options=chosen), data, out))
    return out / "model"


@pytest.mark.parametrize("family", sorted({"scratch-tiny", *FAMILIES} - onnx_form.FIXED))
def test_every_family_agrees_with_its_export(
    family: str, spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    encoder = family if family.startswith("scratch") else make_encoder(family, tmp_path / "编码器")
    cut = {"truncation": random.Random(family).choice(["head", "tail", "head_tail"]), "simplified": True}
    model = trained(spec, encoder, data, tmp_path / "运行", max_length=40, **cut)
    report = export_onnx(model, tmp_path / "导出", TEXTS)
    assert report.rows == len(TEXTS) - 1
    assert report.difference <= 1e-5
    found, lengths = _outputs(tmp_path / "导出", TEXTS)
    assert np.abs(found - Predictor.load(model, "cpu").probabilities(TEXTS)).max() <= 1e-5
    assert max(lengths) == 40
    assert len(set(lengths)) > 5
    assert np.ptp(found[:, 0]) > 0, "the net reads"


def test_a_family_that_reads_blocks_is_refused_in_a_sentence(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = trained(spec, make_encoder("longformer", tmp_path / "编码器"), data, tmp_path / "运行")
    with pytest.raises(UserError, match="ONNX_FAMILY") as caught:
        export_onnx(model, tmp_path / "导出", TEXTS)
    assert caught.value.params == {"family": "Longformer"}
    # As a family that nobody knows yet: the check finds out that the net reads texts of one length.
    monkeypatch.setattr(onnx_form, "FIXED", frozenset())
    with pytest.raises(UserError, match=r"ONNX_CANNOT|ONNX_DISAGREES"):
        export_onnx(model, tmp_path / "导出", TEXTS)
    assert not (tmp_path / "导出").exists()


def test_the_program_beside_the_net_needs_nothing_of_ours(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    model = trained(spec, "scratch-tiny", data, tmp_path / "运行")
    target = tmp_path / "导出"
    export_onnx(model, target, TEXTS, language="zh")
    for name in ("torch", "transformers", "senti_studio"):
        (tmp_path / f"{name}.py").write_text("raise ImportError", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-X", "utf8", str(target / "classify.py"), "服务热情", "", "味道" * 300],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=True,
    )
    said = [json.loads(line) for line in done.stdout.splitlines()]
    expected = Predictor.load(model, "cpu").probabilities(["服务热情", "", "味道" * 300])
    assert np.abs(np.array([line[2] for line in said]) - expected).max() <= 1e-5
    readme = (target / "README.md").read_text(encoding="utf-8")
    assert "小小试验" in readme
    assert "$" not in readme
    for example in json.loads((target / "examples.json").read_bytes()):
        session = onnxruntime.InferenceSession(target / "model.onnx")
        inputs = {name: np.array(value, dtype=np.int64) for name, value in example["inputs"].items()}
        assert np.allclose(session.run(None, inputs)[0][0], example["probabilities"], atol=1e-5)
        assert example["text"] not in TEXTS, "comments of people stay at home"


def _outputs(folder: Path, texts: list[str]) -> tuple[np.ndarray[Any, np.dtype[np.float32]], list[int]]:
    """The README of an export, step by step, in one padded batch; and how long the rows are."""
    how, names = (json.loads((folder / name).read_bytes()) for name in ("reading.json", "labels.json"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    rows = []
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        if len(ids) > how["head"] + how["tail"]:
            ids = ids[: how["head"]] + ids[len(ids) - how["tail"] :]
        rows.append(how["before"] + ids + how["behind"] if ids else [])
    longest = max(map(len, rows))
    ids = np.array([row + [how["padding"]] * (longest - len(row)) for row in rows])
    mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    mask[[not row for row in rows], 0] = 1
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    found = session.run(["probabilities"], {"input_ids": ids, "attention_mask": mask})[0]
    found[[not row for row in rows]] = names["prior"]
    return found, list(map(len, rows))
