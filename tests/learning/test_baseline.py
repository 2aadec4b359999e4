"""The baseline: the same mathematics as scikit-learn's, resumable, and what everything is compared with."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from invented_comments import sentences
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from senti_studio.domain.architectures import FACTS, default_options, options_of
from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.domain.training_options import CHOICES, RANGES, TrainingOptions
from senti_studio.jobs.protocol import (
    Cancelled,
    CheckpointSaved,
    Evaluated,
    Event,
    Finished,
    Preparing,
    Stopped,
)
from senti_studio.learning import comparison
from senti_studio.learning.baseline import learn_encoder
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import finish_stopped, fit
from senti_studio.learning.linear import Rows, Solver, fitting_scale, matrix, scores, softmax
from senti_studio.learning.model_folder import load_model
from senti_studio.learning.predict import Predictor

LABELS = (LabelName("1", "正面"), LabelName("0", "负面"), LabelName("2", "中性"))


def three_classes(count: int, *, seed: int) -> LabelledTexts:
    """The invented comments, some of them without any judgement and so in a class of their own."""
    rows = sentences(count, seed=seed, first_id=1000 * seed)
    texts, labels = list(rows.texts), list(rows.labels)
    for place in range(0, count, 5):
        texts[place], labels[place] = f"今天和朋友一起，位置在市中心 {place % 7} 号", 2
    return LabelledTexts(rows.ids, tuple(texts), tuple(labels))


@pytest.fixture
def data() -> TrainingData:
    return TrainingData(three_classes(150, seed=1), three_classes(40, seed=2), three_classes(30, seed=3))


def spec_of(**options: Any) -> TrainingSpec:
    made = dataclasses.replace(default_options("baseline"), **options)
    return TrainingSpec("run-1", "基线 #1", "baseline", LABELS, made, "cpu")


def solved(kind: str, rows: Rows, classes: int) -> Solver:
    found = Solver(kind, rows, classes)
    while not found.is_done:
        for _ in found.step():
            pass
    return found


@pytest.mark.parametrize("classes", [2, 3])
def test_the_solutions_are_those_of_scikit_learn(classes: int) -> None:
    rows = three_classes(200, seed=4) if classes == 3 else sentences(200, seed=4)
    noisy = tuple((label + (place % 9 == 0)) % classes for place, label in enumerate(rows.labels))
    encoder, encoded = learn_encoder(rows.texts, default_options("baseline"))
    assert encoded.ngrams is not None
    assert encoder.ngrams is not None
    ours = Rows.of(encoded.ngrams, len(encoder.ngrams), noisy)
    found = scores(ours.grams, solved("logistic", ours, classes).weights)
    peer = LogisticRegression(C=10, max_iter=2000, tol=1e-8).fit(ours.grams, noisy)
    assert np.allclose(softmax(found), peer.predict_proba(ours.grams), atol=2e-3)
    found = scores(ours.grams, solved("svm", ours, classes).weights)
    judge = LinearSVC(C=0.5, dual=False, tol=1e-6, max_iter=5000, intercept_scaling=30).fit(ours.grams, noisy)
    said = judge.decision_function(ours.grams)
    assert np.allclose(found[:, 1] if classes == 2 else found, said, atol=2e-2)


@pytest.mark.parametrize("kind", CHOICES["linear_model"])
def test_each_linear_model_learns_and_is_loaded_again(kind: str, data: TrainingData, tmp_path: Path) -> None:
    end = list(fit(spec_of(linear_model=kind), data, tmp_path))[-1]
    assert isinstance(end, Finished)
    assert end.reason == "converged"
    assert end.metrics["test_accuracy"] >= 0.9
    lines = (tmp_path / "predictions" / "test.jsonl").read_bytes().splitlines()
    written = np.array([json.loads(line)["p"] for line in lines])
    predictor = Predictor.load(tmp_path / "model", "cpu")
    assert np.allclose(predictor.probabilities(data.test.texts), written, atol=1e-5)
    assert not list((tmp_path / "model").glob("*.p*kl"))


def test_scores_become_probabilities_that_are_as_sure_as_right() -> None:
    """Scores ten times too small and ten times too large are brought to the same size."""
    generator = np.random.default_rng(3)
    scored = generator.normal(size=(2000, 2))
    truth = (generator.random(2000) > softmax(scored)[:, 0]).astype(int)
    assert fitting_scale(scored * 0.1, truth) == pytest.approx(10, rel=0.15)
    assert fitting_scale(scored * 10, truth) == pytest.approx(0.1, rel=0.15)


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    return load_model(folder / "model").net.state_dict()


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def driven(events: Iterator[Event], until: Callable[[Event], bool]) -> None:
    for event in events:
        if until(event):
            events.close()  # type: ignore[attr-defined]
            return
    raise AssertionError("it was over before")


@pytest.mark.parametrize("kind", ["logistic", "svm"])
def test_an_interrupted_baseline_goes_on_step_for_step(kind: str, data: TrainingData, tmp_path: Path) -> None:
    spec = spec_of(linear_model=kind)
    list(fit(spec, data, tmp_path / "一次"))
    out = tmp_path / "几次"
    for step in (1, 3):
        resume = Checkpoints(out / "checkpoints").last()
        driven(
            fit(spec, data, out, resume=resume),
            lambda event: isinstance(event, Evaluated) and event.step == step,  # noqa: B023
        )
    events = list(fit(spec, data, out, resume=Checkpoints(out / "checkpoints").last()))
    steps = [event.step for event in events if isinstance(event, Evaluated) and event.split == "valid"]
    assert steps[0] == 4
    assert same(weights_of(tmp_path / "一次"), weights_of(out))


def test_a_stopped_baseline_keeps_its_last_step(data: TrainingData, tmp_path: Path) -> None:
    driven(
        fit(spec_of(), data, tmp_path), lambda event: isinstance(event, CheckpointSaved) and event.step == 2
    )
    end = list(finish_stopped(spec_of(), data, tmp_path))[-1]
    assert isinstance(end, Stopped)
    assert end.metrics["steps"] == 2
    assert Predictor.load(tmp_path / "model", "cpu").labels == LABELS


def test_stopping_the_baseline_before_its_first_step_leaves_nothing(
    data: TrainingData, tmp_path: Path
) -> None:
    driven(
        fit(spec_of(), data, tmp_path),
        lambda event: isinstance(event, Preparing) and event.stage == "building",
    )
    assert [type(event) for event in finish_stopped(spec_of(), data, tmp_path)] == [Cancelled]
    assert not (tmp_path / "model").exists()


def other_value(name: str) -> object:
    """A value of an option that is not its default."""
    value = getattr(TrainingOptions(), name)
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return next((word for word in CHOICES.get(name, ()) if word != value), "早餐不错")
    low, high = RANGES[name]
    return type(value)(min(high, max(low, value + (1 if isinstance(value, int) else 0.1))))


def test_only_the_options_that_are_shown_have_an_effect(data: TrainingData, tmp_path: Path) -> None:
    """What the form hides for the baseline changes nothing at all, taken all together."""
    hidden = {name: other_value(name) for name in FACTS["baseline"].unused}
    assert "layers" in hidden
    list(fit(spec_of(), data, tmp_path / "甲"))
    list(fit(spec_of(**hidden), data, tmp_path / "乙"))
    assert same(weights_of(tmp_path / "甲"), weights_of(tmp_path / "乙"))
    list(fit(spec_of(linear_model="svm"), data, tmp_path / "丙"))
    assert not same(weights_of(tmp_path / "甲"), weights_of(tmp_path / "丙"))
    assert "linear_model" in options_of("baseline")
    assert "linear_model" not in options_of("lstm")


FIGURES = ("accuracy", "macro_f1", "test_accuracy", "test_macro_f1", "valid_accuracy", "valid_macro_f1")


def test_every_run_is_compared(data: TrainingData, tmp_path: Path) -> None:
    """The figures of the comparison are those of a run of the baseline, and of the largest class."""
    end = list(fit(spec_of(), data, tmp_path / "基线"))[-1]
    options = TrainingOptions(epochs=1, embedding_size=4, hidden_size=4)
    net = TrainingSpec("run-2", "LSTM #2", "lstm", LABELS, options, "cpu")
    comparison._known.clear()
    events = list(fit(net, data, tmp_path / "网络"))
    assert any(isinstance(event, Preparing) and event.stage == "comparing" for event in events)
    assert isinstance(end, Finished)
    assert isinstance(events[-1], Finished)
    found = events[-1].metrics
    for name in FIGURES:
        figure = "accuracy" if name.endswith("accuracy") else "macro_f1"
        key = name.replace(figure, "baseline_" + figure)
        assert found[key] == pytest.approx(end.metrics[name], abs=1e-9), key
    counts = [data.test.labels.count(label) for label in range(3)]
    largest = max(range(3), key=data.train.labels.count)
    assert found["majority_label"] == largest
    assert found["majority_accuracy"] == pytest.approx(counts[largest] / len(data.test))
    assert found["majority_macro_f1"] == pytest.approx(
        2 * counts[largest] / (len(data.test) + counts[largest]) / 3
    )
    assert found["baseline_rows"] == len(data.train)


def test_large_data_is_sampled_and_that_is_told(data: TrainingData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "MOST_ROWS", 60)

    def measured() -> dict[str, Any]:
        comparison._known.clear()
        events = comparison.compared(data, 3)
        while True:
            try:
                next(events)
            except StopIteration as end:
                return dict(end.value)

    found = measured()
    assert (found["baseline_rows"], found["baseline_of"]) == (60, 150)
    assert found == measured()
    assert found["baseline_accuracy"] > found["majority_accuracy"]


def test_a_text_of_unknown_characters_gets_what_is_frequent(data: TrainingData, tmp_path: Path) -> None:
    list(fit(spec_of(), data, tmp_path))
    predictor = Predictor.load(tmp_path / "model", "cpu")
    found = predictor.probabilities(["龘靐齉", "早餐难吃，态度恶劣", "龘靐齉 abc"])
    assert np.allclose(found.sum(axis=1), 1, atol=1e-5)
    assert found[1].argmax() == 1
    assert matrix(load_model(tmp_path / "model").encoder.encode(["龘靐齉"]).ngrams, 5).nnz == 0  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", CHOICES["linear_model"])
def test_texts_that_share_nothing_leave_the_most_frequent_class(kind: str, tmp_path: Path) -> None:
    """A hundred different characters, each in one comment: no n-gram is seen twice."""
    texts = tuple(chr(0x4E00 + 7 * place) for place in range(120))
    rows = LabelledTexts(tuple(range(120)), texts, tuple(int(place % 3 == 0) for place in range(120)))
    data = TrainingData(rows, dataclasses.replace(rows, ids=tuple(range(200, 320))))
    end = list(fit(spec_of(linear_model=kind), data, tmp_path))[-1]
    assert isinstance(end, Finished)
    assert end.metrics["accuracy"] == end.metrics["majority_accuracy"] == pytest.approx(2 / 3)


def test_nothing_to_learn_at_all_is_no_error(tmp_path: Path) -> None:
    """Two classes of the same size and no n-gram: there is no better model than none."""
    texts = tuple(chr(0x4E00 + 7 * place) for place in range(120))
    rows = LabelledTexts(tuple(range(120)), texts, tuple(place % 2 for place in range(120)))
    data = TrainingData(rows, dataclasses.replace(rows, ids=tuple(range(200, 320))))
    spec = dataclasses.replace(spec_of(), labels=LABELS[:2])
    end = list(fit(spec, data, tmp_path))[-1]
    assert isinstance(end, Finished)
    assert end.metrics["accuracy"] == pytest.approx(0.5)
    assert Predictor.load(tmp_path / "model", "cpu").probabilities(["好"])[0].tolist() == [0.5, 0.5]
