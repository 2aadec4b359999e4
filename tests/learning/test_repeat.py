"""Trainings several times over: seeds, folds, search; stopped anywhere and gone on with."""

from __future__ import annotations

import csv
import dataclasses
import json
import random
import statistics
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from invented_comments import LABELS, sentences

from senti_studio.domain.architectures import default_options, options_of
from senti_studio.domain.repetition import Repetition, Span, capped
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions, largest_batch, problems_of
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Evaluated, Event, Finished, Progress, Started, Stopped, Trial, Warned
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.loop import Loop
from senti_studio.learning.predict import Predictor
from senti_studio.learning.repeat import finish_stopped_repeat, repeat
from senti_studio.learning.study import Study
from senti_studio.learning.trial_folder import TrialFolder, bring_back, tidy_all

TINY = TrainingOptions(
    epochs=3, least_steps=1, batch_size=16, embedding_size=8, hidden_size=4, seed=7, learning_rate=0.03,
    averaging=0.5, ngrams=False, min_frequency=1,
)  # fmt: skip


@pytest.fixture
def small() -> TrainingData:
    return TrainingData(
        sentences(80, seed=1), sentences(24, seed=2, first_id=1000), sentences(40, seed=3, first_id=2000)
    )


def repeated(mode: str, count: int, options: TrainingOptions = TINY) -> TrainingSpec:
    return TrainingSpec(
        "运行", "多次", "lstm", LABELS, options, "cpu", kind="search", repetition=Repetition(mode, count)
    )


def trials_of(events: list[Event]) -> list[Trial]:
    return [event for event in events if isinstance(event, Trial)]


def end_of(events: list[Event]) -> Finished:
    end = events[-1]
    assert isinstance(end, Finished)
    return end


def best_of(trials: list[Trial]) -> Trial:
    return max(trials, key=lambda trial: (trial.metrics["valid_macro_f1"], -trial.metrics["valid_loss"]))


def test_several_seeds_have_the_mean_and_deviation_of_their_trials(
    small: TrainingData, tmp_path: Path
) -> None:
    events = list(repeat(repeated("seeds", 3), small, tmp_path))
    trials = trials_of(events)
    assert [trial.options for trial in trials] == [{}, {"seed": 8}, {"seed": 9}]
    end = end_of(events)
    for name in ("valid_accuracy", "valid_macro_f1", "test_accuracy", "test_macro_f1"):
        values = [trial.metrics[name] for trial in trials]
        assert len(set(values)) > 1 or name != "valid_macro_f1", "other seeds give other nets"
        assert end.metrics["mean"][name] == pytest.approx(statistics.mean(values))
        assert end.metrics["deviation"][name] == pytest.approx(statistics.stdev(values))
    best = best_of(trials)
    assert end.metrics["best_trial"] == best.number
    assert end.metrics["test_accuracy"] == best.metrics["test_accuracy"]
    lines = (tmp_path / "predictions" / "test.jsonl").read_bytes().splitlines()
    right = [json.loads(line)["label"] == json.loads(line)["predicted"] for line in lines]
    assert sum(right) / len(right) == pytest.approx(best.metrics["test_accuracy"])
    _events_carry_their_trial(events)


def test_what_an_edited_file_says_of_trials_is_not_believed(small: TrainingData, tmp_path: Path) -> None:
    told = [
        Trial(number=1, state="wonderful", is_best=True),
        Trial(number=2, metrics={"valid_macro_f1": "0.99"}),
        Trial(number=77, metrics={"valid_macro_f1": 1.0, "valid_loss": 0.0}),
    ]
    events = list(repeat(repeated("seeds", 2), small, tmp_path, told=told))
    assert [trial.number for trial in trials_of(events)] == [1, 2], "they are trained once more"
    assert end_of(events).metrics["done"] == 2


def _events_carry_their_trial(events: list[Event]) -> None:
    starts = [event for event in events if isinstance(event, Started)]
    assert [(start.trial, start.trials) for start in starts] == [(1, 3), (2, 3), (3, 3)]
    now, elapsed = 0, 0.0
    for event in events:
        if isinstance(event, Started):
            now = event.trial
        if isinstance(event, (Progress, Evaluated)):
            assert event.trial == now
        if isinstance(event, Progress):
            assert event.elapsed >= elapsed, "the time of the run never goes back"
            elapsed = event.elapsed


def test_each_comment_is_predicted_once_by_a_model_that_saw_no_copy_of_it(
    small: TrainingData, tmp_path: Path
) -> None:
    train = small.train
    twice = LabelledTexts(
        train.ids + tuple(id_ + 500 for id_ in train.ids[:30]),
        train.texts + train.texts[:30],
        train.labels + train.labels[:30],
    )
    # Of near-copies only the project knows: two texts in each of these groups.
    near = {id_: 7_000 + id_ // 2 for id_ in small.valid.ids}
    data = TrainingData(twice, small.valid, small.test)
    spec = repeated("folds", 4, replace(TINY, epochs=1))
    events = list(repeat(spec, data, tmp_path, groups=near))
    rows = {
        id_: text for part in (data.train, data.valid) for id_, text in zip(part.ids, part.texts, strict=True)
    }
    said = [
        json.loads(line)["id"]
        for line in (tmp_path / "predictions" / "folds.jsonl").read_bytes().splitlines()
    ]
    assert sorted(said) == sorted(rows)
    for number in range(1, 5):
        held = _ids(TrialFolder.of(tmp_path, number).held_out)
        kept = [id_ for id_ in rows if id_ not in held]
        assert not {rows[id_] for id_ in held} & {rows[id_] for id_ in kept}
        assert not {near.get(id_, -id_) for id_ in held} & {near.get(id_, -id_) for id_ in kept}
        assert 0.15 < len(held) / len(rows) < 0.35
    mean = end_of(events).metrics["mean"]["held_out_accuracy"]
    assert mean == pytest.approx(statistics.mean(t.metrics["held_out_accuracy"] for t in trials_of(events)))


def _ids(path: Path) -> set[int]:
    return {json.loads(line)["id"] for line in path.read_bytes().splitlines()}


BASELINE = replace(repeated("folds", 4, default_options("baseline")), architecture="baseline")


def test_folds_are_not_flattered_by_copies(tmp_path: Path) -> None:
    """Texts that say nothing of their label: a model can only know them by heart, from a copy."""
    draw = random.Random(3)
    words = ["".join(draw.choices("春夏秋冬山水风月花鸟鱼虫金木火土", k=9)) for _ in range(70)]
    texts, labels = tuple(words * 2), tuple(draw.choices((0, 1), k=70)) * 2
    data = TrainingData(LabelledTexts(tuple(range(140)), texts, labels), LabelledTexts())
    assert _held_out(BASELINE, data, tmp_path / "真")[0] < 0.65
    assert _held_out(BASELINE, data, tmp_path / "假", groups={id_: id_ for id_ in range(140)})[0] > 0.75


@pytest.mark.data
def test_folds_of_real_comments_tell_what_a_model_is_worth(data_folder: Path, tmp_path: Path) -> None:
    """400 take-away reviews, each of them twice, as after a second import; 3,000 others say what is true."""
    with (data_folder / "waimai_10k" / "waimai_10k.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    random.Random(1).shuffle(rows)
    texts = tuple(row["review"] for row in rows)
    labels = tuple(int(row["label"]) for row in rows)
    data = TrainingData(LabelledTexts(tuple(range(800)), texts[:400] * 2, labels[:400] * 2), LabelledTexts())
    mean, deviation = _held_out(BASELINE, data, tmp_path / "真")
    found = Predictor.load(tmp_path / "真" / "model", "cpu").probabilities(texts[1000:4000]).argmax(axis=1)
    truly = float((found == labels[1000:4000]).mean())
    assert abs(mean - truly) < max(0.02, deviation)
    flattered, _ = _held_out(BASELINE, data, tmp_path / "假", groups={id_: id_ for id_ in range(800)})
    assert flattered > truly + 0.08, "with a copy on the other side the figures are too good"


def _held_out(
    spec: TrainingSpec, data: TrainingData, out: Path, groups: dict[int, int] | None = None
) -> tuple[float, float]:
    metrics = end_of(list(repeat(spec, data, out, groups=groups))).metrics
    return metrics["mean"]["held_out_accuracy"], metrics["deviation"]["held_out_accuracy"]


def test_the_mean_over_folds_agrees_with_comments_that_nobody_saw(
    small: TrainingData, tmp_path: Path
) -> None:
    unseen = sentences(200, seed=99, first_id=5000)
    options = replace(TINY, epochs=6, hidden_size=8)
    end = end_of(list(repeat(repeated("folds", 3, options), small, tmp_path)))
    mean, deviation = (end.metrics[name]["held_out_accuracy"] for name in ("mean", "deviation"))
    found = Predictor.load(tmp_path / "model", "cpu").probabilities(unseen.texts).argmax(axis=1)
    truly = float((found == unseen.labels).mean())
    assert truly > 0.7
    assert abs(mean - truly) < max(0.1, 2 * deviation)


SEARCH = replace(TINY, epochs=4, learning_rate=1e-3)
TINY_SPACE = {
    "learning_rate": Span(1e-4, 0.1, log=True),
    "batch_size": Span(8, 32, log=True),
    "hidden_size": Span(4, 8, log=True),
    "units": Span(choices=("words", "characters")),
}


@pytest.fixture
def tiny_space(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nets so small that a trial takes a tenth of a second."""
    monkeypatch.setattr("senti_studio.domain.repetition.SEARCH_SPACE", TINY_SPACE)


@pytest.mark.usefixtures("tiny_space")
def test_a_search_finds_better_options_and_prunes_hopeless_ones(small: TrainingData, tmp_path: Path) -> None:
    base = SEARCH
    events = list(repeat(repeated("search", 9, base), small, tmp_path))
    trials, end = trials_of(events), end_of(events)
    assert [trial.number for trial in trials] == list(range(1, 10))
    assert trials[0].options == {}, "the first is what the user has set"
    assert {trial.state for trial in trials} == {"done", "pruned"}
    for trial in trials[1:]:
        assert set(trial.options) <= set(TINY_SPACE)
        assert not problems_of(replace(base, **trial.options))
    pruned = [trial for trial in trials if trial.state == "pruned"]
    assert all(2 <= len(trial.curve) < base.epochs for trial in pruned)
    assert end.metrics["pruned"] == len(pruned)
    best = trials[end.metrics["best_trial"] - 1]
    assert best.metrics["valid_macro_f1"] > trials[0].metrics["valid_macro_f1"]
    assert end.metrics["options"] == best.options
    assert [trial.is_best for trial in trials].index(True) == 0
    assert max(trial.number for trial in trials if trial.is_best) == best.number
    assert Predictor.load(tmp_path / "model", "cpu").card["spec"]["options"] == {
        **dataclasses.asdict(base),
        **best.options,
    }
    tidy_all(tmp_path)
    assert not list((tmp_path / "trials").rglob("*.safetensors"))


def _told_anew(spec: TrainingSpec, data: TrainingData, out: Path, ends: Iterator[int]) -> list[Trial]:
    """Closes the search after as many events as ``ends`` says, again and again, until it is over."""
    told: list[Trial] = []
    for length in ends:
        events = repeat(spec, data, out, told=told)
        for number, event in enumerate(events):
            if isinstance(event, Trial):
                told.append(event)
            if isinstance(event, Finished):
                return told
            if number >= length:
                break
        events.close()  # type: ignore[attr-defined]
    raise AssertionError("not over")


def _comparable(trials: list[Trial]) -> list[Trial]:
    return [replace(trial, seconds=0.0) for trial in trials]


@pytest.mark.usefixtures("tiny_space")
@pytest.mark.parametrize(("mode", "count"), [("search", 7), ("folds", 2)])
def test_interrupted_anywhere_equals_uninterrupted(
    mode: str, count: int, small: TrainingData, tmp_path: Path
) -> None:
    spec = repeated(mode, count, replace(SEARCH, epochs=3))
    whole = trials_of(list(repeat(spec, small, tmp_path / "一次")))
    draw = random.Random(1)
    told = _told_anew(spec, small, tmp_path / "多次", iter(lambda: draw.randint(4, 20), 0))
    assert _comparable(told) == _comparable(whole)
    for name in ("model/weights.safetensors", "predictions/valid.jsonl", "predictions/test.jsonl"):
        assert (tmp_path / "多次" / name).read_bytes() == (tmp_path / "一次" / name).read_bytes()


def test_what_comes_next_follows_from_what_was_told(small: TrainingData) -> None:
    told = [
        Trial(
            number=number,
            options={"learning_rate": rate},
            metrics={"valid_macro_f1": score},
            curve=(0.5, score),
        )
        for number, rate, score in ((1, 0.001, 0.7), (2, 0.004, 0.9), (3, 0.002, 0.8), (4, 0.003, 0.85))
    ]
    one = Study(SEARCH, told, 5).suggest()
    assert Study(SEARCH, list(reversed(told)), 5).suggest() == one
    assert Study(SEARCH, told, 6).suggest() != one
    assert Study(SEARCH, told, 5).prunes([0.5, 0.6])
    assert not Study(SEARCH, told, 5).prunes([0.5, 0.95])
    assert not Study(SEARCH, told[:3], 4).prunes([0.5, 0.6]), "too few to compare with"
    beyond = Trial(number=5, options={"learning_rate": 0.9}, metrics={"valid_macro_f1": 0.1})
    assert Study(SEARCH, [*told, beyond], 6).suggest(), "told by a version with other bounds"


def test_a_batch_larger_than_the_comments_allow_is_not_tried() -> None:
    assert largest_batch(TrainingOptions(), 640) == 16
    assert largest_batch(TrainingOptions(accumulation=2), 2000) == 25
    base, names = replace(SEARCH, batch_size=32), {"batch_size", "learning_rate"}
    told = [
        Trial(number=1, options={}, metrics={"valid_macro_f1": 0.7}),
        Trial(number=2, options={"batch_size": 60}, metrics={"valid_macro_f1": 0.8}),
    ]
    tried = {Study(base, told, number, names, 20).suggest().batch_size for number in range(3, 13)}
    assert len(tried) > 1
    assert tried <= set(range(16, 21))
    assert {Study(base, told, number, names, 16).suggest().batch_size for number in (3, 4)} == {32}
    assert Study(base, [], 1, names, 16).suggest() == base


def test_where_only_words_are_chosen_each_has_its_turn_and_none_twice() -> None:
    names = options_of("baseline")
    base = default_options("baseline")
    wanted = capped(Repetition("search", 20), names)
    assert 2 <= wanted.count < 20
    tried = [Study(base, [], number, names).suggest() for number in range(1, wanted.count + 1)]
    assert tried[0] == base
    assert len(set(tried)) == wanted.count
    assert capped(Repetition("search", 20), options_of("lstm")).count == 20


@pytest.mark.usefixtures("tiny_space")
def test_a_trial_that_fails_does_not_end_the_rest(
    small: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, spoilt = Loop.step, TrialFolder.of(tmp_path, 2).path

    def spoil(loop: Loop) -> None:
        step(loop)
        if loop.checkpoints.folder.parent == spoilt and loop.state.step == 3:
            with torch.no_grad():
                next(loop.net.parameters()).fill_(float("nan"))

    monkeypatch.setattr(Loop, "step", spoil)
    spec = repeated("search", 3)
    events = list(repeat(spec, small, tmp_path))
    trials = trials_of(events)
    assert [trial.state for trial in trials] == ["done", "failed", "done"]
    assert trials[1].code == "NAN_LOSS"
    assert end_of(events).metrics["failed"] == 1
    told = [replace(trials[1], number=number) for number in (1, 2, 3)]
    with pytest.raises(UserError) as caught:
        list(repeat(spec, small, tmp_path / "又", told=told))
    assert (caught.value.code, caught.value.params["count"]) == ("NO_TRIAL_FINISHED", 3)


def test_of_folds_that_diverge_the_best_epoch_counts_so_that_none_is_missing(
    small: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, spoilt = Loop.step, TrialFolder.of(tmp_path, 2).path

    def spoil(loop: Loop) -> None:
        step(loop)
        if loop.checkpoints.folder.parent == spoilt and loop.plan.epoch(loop.state.step) > 1:
            with torch.no_grad():
                next(loop.net.parameters()).fill_(float("nan"))

    monkeypatch.setattr(Loop, "step", spoil)
    events = list(repeat(repeated("folds", 2), small, tmp_path))
    assert [trial.state for trial in trials_of(events)] == ["done", "done"]
    assert [event.code for event in events if isinstance(event, Warned)] == ["NAN_LOSS_KEPT"]
    assert trials_of(events)[1].metrics["best_epoch"] == 1.0
    assert len(_ids(tmp_path / "predictions" / "folds.jsonl")) == len(small.train) + len(small.valid)


def test_a_kill_between_two_moves_loses_no_model(tmp_path: Path) -> None:
    for place in (".model.old", ".model.new", "predictions", ".predictions.old"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "文件").write_text(place, "utf-8")
    bring_back(tmp_path)
    assert {path.name: (path / "文件").read_text("utf-8") for path in tmp_path.iterdir()} == {
        "model": ".model.old",
        "predictions": "predictions",
    }


def test_stopping_keeps_the_best_so_far(small: TrainingData, tmp_path: Path) -> None:
    spec = repeated("seeds", 5)
    told: list[Trial] = []
    events = repeat(spec, small, tmp_path)
    for event in events:
        if isinstance(event, Trial):
            told.append(event)
        if len(told) == 2 and isinstance(event, Progress):
            events.close()  # type: ignore[attr-defined]
            break
    (end,) = finish_stopped_repeat(spec, small, tmp_path, told=told)
    assert isinstance(end, Stopped)
    best = best_of(told)
    assert (end.metrics["best_trial"], end.metrics["done"]) == (best.number, 2)
    assert (
        Predictor.load(tmp_path / "model", "cpu").card["metrics"]["valid_macro_f1"]
        == best.metrics["valid_macro_f1"]
    )
    tidy_all(tmp_path, keep=best.number)
    whole = list(repeat(spec, small, tmp_path, told=told))
    assert [trial.number for trial in trials_of(whole)] == [3, 4, 5], "it can go on with the others"
    assert end_of(whole).metrics["done"] == 5


def test_stopped_in_the_first_trial_keeps_its_best_epoch(small: TrainingData, tmp_path: Path) -> None:
    spec = repeated("search", 5)
    events = repeat(spec, small, tmp_path)
    next(event for event in events if isinstance(event, Evaluated))
    events.close()  # type: ignore[attr-defined]
    end = list(finish_stopped_repeat(spec, small, tmp_path))[-1]
    assert isinstance(end, Stopped)
    assert end.metrics["best_trial"] == 1
    assert Predictor.load(tmp_path / "model", "cpu").labels == LABELS


def test_a_warning_is_said_once(tmp_path: Path) -> None:
    train = sentences(40, seed=1)
    few = LabelledTexts(
        train.ids, train.texts, tuple(0 if n >= 6 else label for n, label in enumerate(train.labels))
    )
    data = TrainingData(few, sentences(10, seed=2, first_id=1000))
    events = list(repeat(repeated("seeds", 3, replace(TINY, epochs=1)), data, tmp_path))
    assert [event.code for event in events if isinstance(event, Warned)] == ["TOO_FEW_COMMENTS"]
