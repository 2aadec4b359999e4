"""What class weights and the running mean of the weights are good for, on real takeaway reviews."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import numpy as np
import pytest

from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Evaluated
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit

pytestmark = [pytest.mark.data, pytest.mark.long]
LABELS = (LabelName("0", "差评"), LabelName("1", "好评"))
SEEDS = (0, 1, 2)


@pytest.fixture
def reviews(data_folder: Path) -> tuple[list[str], list[str]]:
    """Bad and good ones, each text once."""
    with (data_folder / "waimai_10k" / "waimai_10k.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["review"]: int(row["label"]) for row in csv.DictReader(file)}
    bad, good = ([text for text, label in rows.items() if label == wanted] for wanted in (0, 1))
    random.Random(3).shuffle(bad)
    random.Random(4).shuffle(good)
    return bad, good


def part(bad: list[str], good: list[str], first: int) -> LabelledTexts:
    rows = [*((text, 0) for text in bad), *((text, 1) for text in good)]
    ids = tuple(range(first, first + len(rows)))
    return LabelledTexts(ids, tuple(text for text, _ in rows), tuple(label for _, label in rows))


def evaluations(data: TrainingData, out: Path, split: str, **options: object) -> list[Evaluated]:
    values = {"ngrams": False, "embedding_size": 24, "hidden_size": 16, **options}
    spec = TrainingSpec("r", "评论", "gru", LABELS, TrainingOptions(**values), "cpu")  # type: ignore[arg-type]
    return [event for event in fit(spec, data, out) if isinstance(event, Evaluated) and event.split == split]


def test_weights_of_classes_find_more_of_the_rare_one(
    reviews: tuple[list[str], list[str]], tmp_path: Path
) -> None:
    """One review in ten is a good one; as many of both are asked about afterwards."""
    bad, good = reviews
    recall: dict[str, list[float]] = {"none": [], "auto": []}
    for seed in SEEDS:
        data = TrainingData(
            part(bad[:450], good[:50], 0), part(bad[450:540], good[50:60], 1000),
            part(bad[600:800], good[600:800], 2000),
        )  # fmt: skip
        for way, found in recall.items():
            told = evaluations(
                data, tmp_path / f"{way} {seed}", "test",
                class_weights=way, seed=seed, epochs=5, learning_rate=5e-3, stop_on="loss",
            )  # fmt: skip
            found.append(told[0].per_label[1]["recall"])
    assert np.mean(recall["auto"]) > np.mean(recall["none"]) + 0.1, recall


def test_the_mean_of_the_weights_is_steadier_and_better(
    reviews: tuple[list[str], list[str]], tmp_path: Path
) -> None:
    """Big steps to the end, as on the invented comments of `test_training_effects`."""
    bad, good = reviews
    data = TrainingData(part(bad[:100], good[:100], 0), part(bad[450:550], good[450:550], 1000))
    losses: dict[float, list[list[float]]] = {0.0: [], 0.97: []}
    for seed in SEEDS:
        for averaging, found in losses.items():
            told = evaluations(
                data, tmp_path / f"{averaging} {seed}", "valid",
                averaging=averaging, seed=seed, epochs=6, batch_size=8, learning_rate=0.03,
                schedule="constant", patience=1000,
            )  # fmt: skip
            found.append([event.loss for event in told[2:]])
    swings = {way: np.mean([np.std(np.diff(run)) for run in runs]) for way, runs in losses.items()}
    means = {way: np.mean(runs) for way, runs in losses.items()}
    assert swings[0.97] < 0.7 * swings[0.0], swings
    assert means[0.97] < 0.96 * means[0.0], means
