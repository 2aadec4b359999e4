"""What the page makes of a run's events, without a window."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import (
    CheckpointSaved,
    Evaluated,
    Finished,
    Progress,
    Started,
    event_from_line,
    event_to_line,
)
from senti_studio.jobs.run_folder import EventTail, RunFolder
from senti_studio.ui.pages.train.history import BUCKETS, Curves, RunHistory
from senti_studio.ui.pages.train.scales import GrowingRange, epoch_ticks, ticks

SPEC = TrainingSpec(
    "一",
    "LSTM #1",
    "lstm",
    (LabelName("1", "正面"), LabelName("3", "负面")),
    TrainingOptions(epochs=8, patience=3),
)


def valid(step: int, macro_f1: float, *, is_best: bool, patience_left: int = 3) -> Evaluated:
    return Evaluated(
        epoch=step / 10,
        step=step,
        loss=1 / step,
        accuracy=macro_f1 + 0.02,
        macro_f1=macro_f1,
        is_best=is_best,
        patience_left=patience_left,
        confusion=((5, 1), (2, 6)),
    )


def progress(step: int, loss: float = 0.5) -> Progress:
    return Progress(step=step, epoch=step / 10, loss=loss, rows_per_s=90, memory=step, elapsed=step / 2)


def test_a_history_knows_best_last_and_patience() -> None:
    history = RunHistory(SPEC)
    history.feed([Started(epochs=8, total_steps=80, steps_per_epoch=10), progress(10)])
    history.feed([valid(10, 0.7, is_best=True), valid(20, 0.8, is_best=True)])
    history.feed([progress(25), valid(30, 0.79, is_best=False, patience_left=2)])
    assert history.state is RunState.RUNNING
    assert history.curves.best is not None
    assert (history.curves.best.step, history.curves.best.macro_f1) == (20, 0.8)
    assert history.without_gain == 1
    assert history.share_done == pytest.approx(30 / 80), "whoever evaluates at a step has come to it"
    assert history.epoch_at_work == 3.0
    assert history.elapsed == 12.5
    history.feed([Finished(reason="epochs")])
    assert history.state is RunState.FINISHED


def test_a_resumed_run_repeats_no_part_of_its_curve() -> None:
    history = RunHistory(SPEC)
    history.feed([Started(epochs=8, total_steps=80), *(progress(step) for step in range(1, 36))])
    history.feed([valid(10, 0.6, is_best=True), valid(20, 0.7, is_best=True), valid(30, 0.8, is_best=True)])
    history.feed([CheckpointSaved(step=20)])
    history.feed([Started(epochs=8, total_steps=80, resumed_from_step=20)])
    assert [point.step for point in history.curves.valid] == [10, 20]
    assert history.curves.best is not None
    assert history.curves.best.step == 20
    history.feed([progress(21), progress(22)])
    x, _ = history.curves.raw()
    assert x == sorted(x)
    assert history.curves.last_step == 22


def test_thinned_curves_keep_every_peak() -> None:
    curves = Curves()
    curves.plan(8, 100_000)
    chance = random.Random(4)
    losses = [chance.random() for _ in range(100_000)]
    losses[77_777] = 9.5
    for step, loss in enumerate(losses, 1):
        curves.add_loss(step, step / 12_500, loss)
    x, y = curves.raw()
    assert len(x) <= 2 * (BUCKETS + 1)
    assert max(y) == 9.5
    assert min(y) == min(losses)
    assert x == sorted(x)


def test_a_loss_that_is_no_number_draws_nothing_and_breaks_nothing() -> None:
    history = RunHistory(SPEC)
    history.feed([Started(epochs=8, total_steps=80), progress(1, float("nan")), progress(2, float("inf"))])
    assert history.curves.raw() == ([], [])
    assert history.curves.last_step == 2


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"Progress","step":"abc","epoch":null,"loss":[]}',
        b'{"type":"Evaluated","epoch":{},"macro_f1":"x"}',
        b'{"type":"Started","epochs":"many","resumed_from_step":null}',
        b'{"type":"Progress"}',
    ],
)
def test_events_with_wrong_fields_are_skipped(line: bytes) -> None:
    history = RunHistory(SPEC)
    history.feed([Started(epochs=8, total_steps=80), progress(1)])
    event = event_from_line(line)  # None: refused already where lines are read
    history.feed([each for each in (event, progress(2)) if each is not None])
    assert history.curves.last_step == 2


@pytest.mark.alone
def test_a_hundred_thousand_events_are_read_in_a_blink(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "运行")
    folder.path.mkdir()
    with folder.events_path.open("wb") as file:
        file.write(event_to_line(Started(epochs=8, total_steps=100_000)))
        for step in range(1, 100_001):
            file.write(
                event_to_line(Progress(at=step, step=step, epoch=step / 12_500, loss=1.0, memory=step))
            )
            if step % 12_500 == 0:
                file.write(event_to_line(valid(step, 0.5, is_best=True)))
    begin = time.thread_time()
    history = RunHistory(SPEC)
    history.feed(EventTail(folder.events_path).read(progress_limit=4000))
    spent = time.thread_time() - begin
    assert history.curves.last_step == 100_000
    assert len(history.curves.valid) == 8
    assert spent < 0.9


def test_axes_only_grow() -> None:
    scale = GrowingRange(0.5, 1.0, cap=1.0)
    scale.take([0.71, 0.83])
    first = scale.bounds
    scale.take([0.75])
    assert scale.bounds == first
    scale.take([0.42, 0.97])
    assert scale.bounds[0] <= 0.42
    assert scale.bounds[1] == 1.0


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.5), (0.4, 0.6), (0.0, 0.031), (0.6, 1.0), (0.0, 12.0)])
def test_ticks_lie_inside_and_name_both_ends(low: float, high: float) -> None:
    places = [place for place, _ in ticks(low, high)]
    assert 3 <= len(places) <= 6
    assert min(places) >= low
    assert max(places) <= high
    assert len({text for _, text in ticks(low, high)}) == len(places)


@pytest.mark.parametrize("epochs", [1, 2, 8, 12, 30, 100, 1000])
def test_the_last_epoch_is_always_written(epochs: int) -> None:
    places = epoch_ticks(epochs)
    assert places[0] == 0
    assert places[-1] == epochs
    assert places == sorted(set(places))
    assert len(places) <= 12
