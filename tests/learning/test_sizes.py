"""The learning curve of an architecture: nested shares, one training each, gone on with after a stop."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from invented_comments import sentences

from senti_studio.domain.repetition import Repetition, problems_of_repetition
from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.protocol import Event, Finished, Started, Trial
from senti_studio.learning.data import TrainingData
from senti_studio.learning.model_folder import load_model
from senti_studio.learning.repeat import finish_stopped_repeat, repeat
from senti_studio.learning.sizes import share_of, with_share


@pytest.fixture
def curve(with_options: Callable[..., TrainingSpec]) -> TrainingSpec:
    return dataclasses.replace(with_options(architecture="baseline"), repetition=Repetition("sizes", 4))


@pytest.fixture
def many() -> TrainingData:
    return TrainingData(sentences(400, seed=1), sentences(40, seed=2, first_id=1000), sentences(60, seed=3))


def test_shares_are_nested_and_keep_every_class(many: TrainingData) -> None:
    assert [round(share_of(number, 4, 1000), 3) for number in (1, 2, 3, 4)] == [0.1, 0.215, 0.464, 1.0]
    seen: set[int] = set()
    for number in range(1, 5):
        part = with_share(many, share_of(number, 4, len(many.train)), seed=3)
        assert seen < set(part.train.ids)
        seen = set(part.train.ids)
        counts = Counter(part.train.labels)
        assert counts[0] == counts[1]
        assert (part.valid, part.test) == (many.valid, many.test)
    assert seen == set(many.train.ids)
    few = TrainingData(sentences(30, seed=1), sentences(12, seed=2, first_id=1000))
    assert len(with_share(few, 0.1, seed=3).train) == 24, "fewer would be chance"
    assert [round(77 * share_of(number, 3, 77)) for number in (1, 2, 3)] == [24, 43, 77]
    assert problems_of_repetition(Repetition("sizes", 1)) == ["sizes=1 (2…12)"]


def test_each_size_is_a_trial_and_all_labels_make_the_model(
    curve: TrainingSpec, many: TrainingData, tmp_path: Path
) -> None:
    events = list(repeat(curve, many, tmp_path))
    trials = [event for event in events if isinstance(event, Trial)]
    sizes = [trial.options["labels"] for trial in trials]
    assert sizes == sorted(sizes)
    assert (sizes[0], sizes[-1]) == (40, 400)
    assert [event.total_rows for event in events if isinstance(event, Started)] == sizes
    scores = [trial.metrics["test_macro_f1"] for trial in trials]
    assert scores[-1] > scores[0]
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.metrics["best_trial"] == 4
    assert "mean" not in end.metrics, "of other numbers of labels no mean says anything"
    assert load_model(tmp_path / "model").card["training_rows"] == {"1": 200, "0": 200}


def test_a_curve_that_was_stopped_goes_on(curve: TrainingSpec, many: TrainingData, tmp_path: Path) -> None:
    whole = [event for event in repeat(curve, many, tmp_path / "一次") if isinstance(event, Trial)]
    seen: list[Event] = []
    with closing(repeat(curve, many, tmp_path / "两次")) as events:  # type: ignore[type-var]
        for event in events:
            seen.append(event)
            if isinstance(event, Trial) and event.number == 2:
                break
    told = [event for event in seen if isinstance(event, Trial)]
    stopped = list(finish_stopped_repeat(curve, many, tmp_path / "两次", told=told))[-1]
    assert stopped.metrics["best_trial"] == 2  # type: ignore[attr-defined]
    rest = [event for event in repeat(curve, many, tmp_path / "两次", told=told) if isinstance(event, Trial)]
    assert [trial.number for trial in rest] == [3, 4]
    plain = [dataclasses.replace(trial, seconds=0.0) for trial in [*told, *rest]]
    assert plain == [dataclasses.replace(trial, seconds=0.0) for trial in whole]
