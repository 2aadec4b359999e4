"""What ways to learn are good for: the figures of invented comments show it, as a mean over seeds."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from invented_comments import BAD, GOOD, sentences

from senti_studio.domain import training_options
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import AUTOMATIC, TrainingOptions
from senti_studio.jobs.protocol import Evaluated
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.losses import MOST_WEIGHT, Objective, class_weights

Specs = Callable[..., TrainingSpec]
SEEDS = (0, 1, 2)


def mixed(common: int, rare: int, *, seed: int, first_id: int = 1) -> LabelledTexts:
    """Comments of two classes that overlap: a quarter of what is said belongs to the other class."""
    generator = random.Random(seed)
    texts, labels = [], []
    for number in range(common + rare):
        label = int(number >= common)
        told = [
            generator.choice((GOOD, BAD)[label if generator.random() < 0.75 else 1 - label]) for _ in range(3)
        ]
        texts.append("，".join(told))
        labels.append(label)
    return LabelledTexts(tuple(range(first_id, first_id + len(texts))), tuple(texts), tuple(labels))


def evaluations(spec: TrainingSpec, data: TrainingData, out: Path, split: str) -> list[Evaluated]:
    return [event for event in fit(spec, data, out) if isinstance(event, Evaluated) and event.split == split]


WAYS: dict[str, dict[str, object]] = {"weights": {"class_weights": "auto"}, "told": {"logit_adjustment": 1.0}}


@pytest.mark.parametrize("way", WAYS)
def test_more_of_a_rare_class_is_found(way: str, with_options: Specs, tmp_path: Path) -> None:
    """Nine of ten comments are of the other class: without help most of the rare ones are overlooked."""
    ways: dict[str, dict[str, object]] = {"plain": {}, way: WAYS[way]}
    recall: dict[str, list[float]] = {name: [] for name in ways}
    for seed in SEEDS:
        data = TrainingData(
            mixed(270, 30, seed=seed + 10),
            mixed(90, 10, seed=99, first_id=10_000),
            mixed(100, 100, seed=77, first_id=20_000),
        )
        for name, found in recall.items():
            spec = with_options(architecture="gru", epochs=4, stop_on="loss", seed=seed, **ways[name])
            (tested,) = evaluations(spec, data, tmp_path / f"{name} {seed}", "test")
            found.append(tested.per_label[1]["recall"])
    assert statistics.mean(recall[way]) > statistics.mean(recall["plain"]) + 0.15, recall


@pytest.mark.long
def test_averaged_weights_are_steadier_and_better_than_the_last(with_options: Specs, tmp_path: Path) -> None:
    """Big steps to the end, some wrong labels: the last weights swing, their mean does not."""
    losses: dict[float, list[list[float]]] = {0.0: [], 0.97: []}
    for seed in SEEDS:
        wrong = random.Random(seed)
        train = sentences(150, seed=seed + 10)
        labels = tuple(1 - label if wrong.random() < 0.15 else label for label in train.labels)
        data = TrainingData(
            LabelledTexts(train.ids, train.texts, labels), sentences(120, seed=99, first_id=10_000)
        )
        for averaging, found in losses.items():
            spec = with_options(
                architecture="gru", epochs=8, batch_size=8, learning_rate=0.03, schedule="constant",
                patience=1000, averaging=averaging, seed=seed,
            )  # fmt: skip
            seen = evaluations(spec, data, tmp_path / f"{averaging} {seed}", "valid")
            found.append([event.loss for event in seen[2:]])
    swings = {
        averaging: statistics.mean(float(np.std(np.diff(run))) for run in runs)
        for averaging, runs in losses.items()
    }
    means = {averaging: float(np.mean(runs)) for averaging, runs in losses.items()}
    assert swings[0.97] < 0.7 * swings[0.0], swings
    assert means[0.97] < 0.9 * means[0.0], means


@pytest.mark.parametrize(("many", "as_pushed"), [(201, 0.0), (200, 1.0)])
def test_left_open_the_push_depends_on_how_many_comments_there_are(
    many: int, as_pushed: float, with_options: Specs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_options, "_MANY", many)
    data = TrainingData(sentences(200, seed=3), sentences(60, seed=99, first_id=10_000))
    losses = {}
    for push in (AUTOMATIC, 0.0, 1.0):
        spec = with_options(architecture="gru", epochs=1, adversarial=push)
        losses[push] = [found.loss for found in evaluations(spec, data, tmp_path / str(push), "valid")]
    assert losses[0.0] != losses[1.0]
    assert losses[AUTOMATIC] == losses[as_pushed]


def test_weights_of_classes_are_bounded_and_one_on_average() -> None:
    counts = np.array([900, 90, 10, 0])
    weights = class_weights(counts)
    assert (weights * counts).sum() / counts.sum() == pytest.approx(1.0)
    assert weights[1] / weights[0] == pytest.approx(10.0)
    assert weights[2] / weights[0] == pytest.approx(MOST_WEIGHT), "bounded: it would be 90"
    assert np.isfinite(weights).all()


def test_focal_loss_turns_to_what_is_hard() -> None:
    """Lin et al. 2017, equation 4: each row's loss times (1 - p) to the power of gamma."""
    logits = torch.tensor([[4.0, 0.0], [0.0, 1.0], [2.0, 0.0]])
    labels = torch.tensor([0, 1, 1])
    options = TrainingOptions(loss="focal", focal_gamma=2.0, label_smoothing=0.0)
    sure = logits.softmax(dim=1)[torch.arange(3), labels]
    expected = (-((1 - sure) ** 2) * sure.log()).mean()
    found = Objective(options, np.array([1, 2]), torch.device("cpu"))(logits, labels)
    assert float(found) == pytest.approx(float(expected), rel=1e-6)


def test_a_net_is_told_how_frequent_a_class_is() -> None:
    """Menon et al. 2021, equation 10: cross-entropy of the logits and the logarithms of the frequencies."""
    logits = torch.tensor([[4.0, 0.0, 1.0], [0.0, 1.0, 3.0]])
    labels = torch.tensor([0, 2])
    options = TrainingOptions(logit_adjustment=0.5, label_smoothing=0.0)
    told = logits + 0.5 * torch.tensor([0.6, 0.4, 0.01]).log()
    expected = -told.log_softmax(dim=1)[torch.arange(2), labels].mean()
    found = Objective(options, np.array([60, 40, 0]), torch.device("cpu"))(logits, labels)
    assert float(found) == pytest.approx(float(expected), rel=1e-6), "a class without rows counts as one"


@pytest.mark.parametrize(("counts", "as_told"), [([60, 40, 9], 0.5), ([60, 40, 0], 0.0), ([60, 40], 0.0)])
def test_left_open_frequencies_are_told_of_more_than_two_classes(counts: list[int], as_told: float) -> None:
    """Counted are the classes that have comments: a third one without any is no third one."""
    logits = torch.tensor([[4.0, 0.0, 1.0], [0.0, 1.0, 3.0]])[:, : len(counts)]
    labels = torch.tensor([0, 1])
    found = {
        told: Objective(TrainingOptions(logit_adjustment=told), np.array(counts), torch.device("cpu"))(
            logits, labels
        )
        for told in (AUTOMATIC, 0.0, 0.5)
    }
    assert float(found[0.0]) != float(found[0.5])
    assert float(found[AUTOMATIC]) == float(found[as_told])


@pytest.mark.parametrize(
    "options", [{}, {"class_weights": "auto"}, {"loss": "focal"}, {"logit_adjustment": 0.5}]
)
def test_batches_gathered_learn_what_one_large_batch_does(
    options: dict[str, object], with_options: Specs, tmp_path: Path
) -> None:
    data = TrainingData(mixed(70, 30, seed=1), mixed(20, 20, seed=2, first_id=1000))
    quiet = {"dropout": 0.0, "embedding_dropout": 0.0, "word_dropout": 0.0, "epochs": 2, **options}
    seen = []
    for name, sizes in (
        ("一批", {"batch_size": 24}),
        ("分开", {"batch_size": 8, "accumulation": 3}),
    ):
        found = evaluations(with_options(**quiet, **sizes), data, tmp_path / name, "valid")
        seen.append([event.loss for event in found])
    assert seen[0] == pytest.approx(seen[1], abs=2e-4)
