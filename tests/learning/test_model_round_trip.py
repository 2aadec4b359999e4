"""What a training says, its model says: in each architecture, with everything that a text goes through."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import senti_studio
from senti_studio.domain.architectures import FACTS
from senti_studio.domain.specs import TrainingSpec
from senti_studio.learning.architectures import REGISTRY
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit

ODD = ("房間很大，早餐券不錯！！！！！！", "@某人 ＡＢＣ https://t.cn/a 态度恶劣", "味道" * 60, "龘", "")
OPTIONS: dict[str, Any] = {
    "epochs": 2,
    "own_words": "早餐券 性价比",
    "simplified": True,
    "repeats": 2,
    "truncation": "tail",
    "max_length": 20,
    "class_weights": "auto",
}


@pytest.mark.parametrize("architecture", sorted(REGISTRY))
def test_a_model_says_elsewhere_what_its_training_said(
    architecture: str, with_options: Callable[..., TrainingSpec], data: TrainingData, tmp_path: Path
) -> None:
    test = LabelledTexts(
        (*data.test.ids, *range(3000, 3005)), (*data.test.texts, *ODD), (*data.test.labels, 0, 1, 0, 1, 0)
    )
    units = {} if architecture == "baseline" else {"units": "both"}
    spec = with_options(architecture=architecture, **OPTIONS, **units)
    list(fit(spec, TrainingData(data.train, data.valid, test), tmp_path / "运行"))
    lines = (tmp_path / "运行" / "predictions" / "test.jsonl").read_bytes().splitlines()
    said = np.array([json.loads(line)["p"] for line in lines])[:-1]  # an empty text gets the prior
    elsewhere = tmp_path / "别处" / "模型"
    shutil.copytree(tmp_path / "运行" / "model", elsewhere)
    shutil.rmtree(tmp_path / "运行")
    model = senti_studio.load(elsewhere, device="cpu")
    found = model.probabilities(test.texts[:-1])
    assert np.abs(found - said).max() <= 2e-6  # the file of predictions has six decimals
    assert np.abs(found - model.probabilities(test.texts[:-1], batch_size=3)).max() <= 2e-6
    assert model.card["architecture"] == architecture
    assert f"({FACTS[architecture].name})" in model.card_text()


def test_a_model_of_an_earlier_version_is_read(
    with_options: Callable[..., TrainingSpec], data: TrainingData, tmp_path: Path
) -> None:
    """No card for people, no temperature, nothing about spelling: as the first models were."""
    list(fit(with_options(epochs=1), data, tmp_path))
    folder = tmp_path / "model"
    (folder / "card.md").unlink()
    names = json.loads((folder / "labels.json").read_bytes())
    del names["temperature"]
    (folder / "labels.json").write_text(json.dumps(names), encoding="utf-8")
    card = json.loads((folder / "card.json").read_bytes())
    for name in ("confusion", "training_rows", "reading"):
        del card[name]
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    model = senti_studio.load(folder, device="cpu")
    assert {result.label for result in model(list(data.test.texts))} == set(model.labels)
    assert "Not recorded." in model.card_text()
