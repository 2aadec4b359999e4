"""What transfer is worth on a small real set: encoders that have read reviews before, pseudo-labels."""

from __future__ import annotations

import csv
import dataclasses
import json
import shutil
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from invented_comments import LABELS

from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import DataSummary, TrainingSpec
from senti_studio.domain.transfer import EarlierModel, PseudoLabels
from senti_studio.jobs.protocol import Finished
from senti_studio.learning.bert.plain_export import export_plain
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit

Rows = list[tuple[str, int]]


@pytest.fixture(scope="module")
def reviews(request: pytest.FixtureRequest) -> Rows:
    folder: Path = request.getfixturevalue("data_folder")
    with (folder / "waimai_10k" / "waimai_10k.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["review"], 1 - int(row["label"])) for row in csv.DictReader(file)]
    return [row for pair in zip(rows[:3000], rows[-3000:], strict=True) for row in pair]


@pytest.fixture(scope="module")
def few(reviews: Rows) -> TrainingData:
    """80 labels, and 500 other comments to test on."""
    return TrainingData(_part(reviews[:80]), _part(reviews[80:160]), _part(reviews[200:600]))


@pytest.fixture(scope="module")
def encoder(reviews: Rows, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small encoder that has learnt from other reviews, in a folder as transformers writes it."""
    out = tmp_path_factory.mktemp("读过 评论")
    rows = TrainingData(_part(reviews[1000:1700]), _part(reviews[2400:2460]))
    _figure("bert", rows, out, encoder="scratch-tiny", epochs=3, max_length=40, learning_rate=1e-3)
    export_plain(out / "model", out / "编码器", [text for text, _ in reviews[2400:2420]])
    return out / "编码器"


def _part(rows: Rows) -> LabelledTexts:
    return LabelledTexts(tuple(range(len(rows))), tuple(t for t, _ in rows), tuple(n for _, n in rows))


def _figure(
    architecture: str, data: TrainingData, out: Path, pseudo: PseudoLabels | None = None, **options: Any
) -> float:
    """Macro F1 on the test part, of a training with these options."""
    usual = default_options(architecture, str(options.get("encoder", "scratch-mini")))
    spec = TrainingSpec(
        "r", "店", architecture, LABELS, dataclasses.replace(usual, **options), "cpu",
        DataSummary({"train": len(data.train)}, "a" * 64), pseudo=pseudo,
    )  # fmt: skip
    end = list(fit(spec, data, out))[-1]
    assert isinstance(end, Finished)
    return float(end.metrics["macro_f1"])


@pytest.fixture(scope="module")
def from_nothing(few: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> float:
    out = tmp_path_factory.mktemp("从头")
    return _figure("bert", few, out, encoder="scratch-tiny", epochs=8, max_length=40, learning_rate=1e-3)


@pytest.mark.parametrize(
    "options",
    [
        {"freeze": "body", "learning_rate": 1e-2},
        {"freeze": "embeddings"},
        {"layer_decay": 0.7},
        {"lora_rank": 4, "learning_rate": 3e-3},
    ],
)
def test_an_encoder_that_has_read_before_knows_more_than_80_labels_say(
    options: dict[str, Any], encoder: Path, few: TrainingData, from_nothing: float, tmp_path: Path
) -> None:
    usual = {"encoder": str(encoder), "epochs": 4, "max_length": 40, "learning_rate": 1e-3}
    found = _figure("bert", few, tmp_path, **{**usual, **options})
    assert found > from_nothing + 0.05


@pytest.mark.long
def test_pseudo_labels_help_where_labels_are_few(reviews: Rows, few: TrainingData, tmp_path: Path) -> None:
    """Three seeds of a small LSTM; the comments without a label are judged by TF-IDF."""
    _figure("baseline", few, tmp_path / "老师")
    folder = tmp_path / "数据"
    folder.mkdir()
    shutil.copytree(tmp_path / "老师" / "model", folder / "teacher")
    texts = [text for text, _ in reviews[1000:2400]]
    lines = [json.dumps({"id": n, "text": text}, ensure_ascii=False) for n, text in enumerate(texts)]
    (folder / "candidates.jsonl").write_text("\n".join(lines), "utf-8")
    asked = PseudoLabels(EarlierModel("r", "老师"), threshold=0.8, most=200)
    small = {"epochs": 5, "embedding_size": 32, "hidden_size": 32, "ngrams": False}
    alone, joined = [], []
    for seed in (1, 2, 3):
        alone.append(_figure("lstm", few, tmp_path / f"无 {seed}", seed=seed, **small))
        with_more = dataclasses.replace(few, folder=folder)
        joined.append(_figure("lstm", with_more, tmp_path / f"有 {seed}", asked, seed=seed, **small))
    assert mean(joined) > mean(alone) + 0.03
