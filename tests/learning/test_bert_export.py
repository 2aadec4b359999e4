"""A BERT as a plain folder of transformers: loaded as its manual says, it says what the model says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tiny_encoders import make_encoder

from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.learning.bert.plain_export import export_plain
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.predict import Predictor

ODD = ["ＯＫ 服务很好！！！！！ @某人 https://t.cn/a", "哈哈哈哈哈哈哈", "房間很大", "龘"]


def trained(spec: TrainingSpec, encoder: object, data: TrainingData, out: Path, **options: Any) -> Path:
    usual = default_options("bert", str(encoder))
    small = {"epochs": 1, "least_steps": 1, "batch_size": 16, "learning_rate": 3e-3}
    chosen = dataclasses.replace(usual, **{**small, **options})
    list(fit(dataclasses.replace(spec, architecture="bert", options=chosen), data, out))
    return out / "model"


@pytest.mark.parametrize("family", ["scratch-tiny", "bert", "roberta", "xlnet", "deberta-v2", "modernbert"])
def test_plain_transformers_says_the_same(
    family: str, spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    encoder = family if family.startswith("scratch") else make_encoder(family, tmp_path / "编码器")
    options = {"simplified": True} if family == "bert" else {}
    model = trained(spec, encoder, data, tmp_path / "运行", **options)
    report = export_plain(model, tmp_path / "导出", [*data.test.texts, *ODD])
    assert report.rows + report.left_out == len(data.test) + len(ODD)
    assert report.rows > 15
    known = transformers.AutoTokenizer.from_pretrained(tmp_path / "导出")
    net = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path / "导出").eval()
    assert net.config.id2label == {0: "正面", 1: "负面"}
    with torch.inference_mode():
        logits = net(**known(ODD, padding=True, return_tensors="pt")).logits
    temperature = Predictor.load(model, "cpu")._model.temperature
    shares = (logits / temperature).softmax(dim=1).numpy()
    assert np.abs(shares - Predictor.load(model, "cpu").probabilities(ODD)).max() < 1e-4


def test_what_cannot_be_exported(
    with_options: Callable[..., TrainingSpec], data: TrainingData, tmp_path: Path
) -> None:
    list(fit(with_options(epochs=1), data, tmp_path))
    with pytest.raises(UserError, match="PLAIN_CANNOT"):
        export_plain(tmp_path / "model", tmp_path / "导出", ["好"])
    assert not (tmp_path / "导出").exists()
