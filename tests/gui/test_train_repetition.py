"""Several seeds, folds and searches on the Train page: chosen, followed trial by trial, taken over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from training_projects import Script, make_labelled_project, play

from senti_studio.domain.repetition import Repetition
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Evaluated, Event, Finished, Paused, Progress, Started, Trial
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations import training
from senti_studio.operations.training import TrainingRequest
from senti_studio.storage.project import Project
from senti_studio.ui.active_runs import _steps
from senti_studio.ui.models.run_table import ACCURACY, EPOCHS, MACRO_F1
from senti_studio.ui.pages.train.history import RunHistory
from senti_studio.ui.pages.train.side_cards import MatrixCard
from senti_studio.ui.pages.train.trials_card import DIFFERS, STATE
from senti_studio.ui.pages.train.view import TrainPage
from senti_studio.ui.pages.train.waiting import Wish, read_queue

Opened = Callable[[Project], TrainPage]
LONG = 30_000


def _trained(number: int, score: float, total: int, *, epochs: int = 2) -> list[Event]:
    """What a trial says, up to its end."""
    events: list[Event] = [
        Started(trial=number, trials=total, total_steps=20, steps_per_epoch=10, epochs=epochs)
    ]
    for epoch in range(1, epochs + 1):
        events += [
            Progress(step=epoch * 10, epoch=epoch, loss=1 / epoch, trial=number, elapsed=number * 10, eta=5),
            Evaluated(
                step=epoch * 10, epoch=epoch, loss=0.5, accuracy=score, macro_f1=score - 0.1 / epoch,
                confusion=((1, 0, 0), (0, 1, 0), (0, 0, 1)), is_best=True, trial=number,
            ),
        ]  # fmt: skip
    return events


def _metrics(score: float) -> dict[str, float]:
    return {"valid_accuracy": score, "valid_macro_f1": score - 0.05, "valid_loss": 0.5, "test_macro_f1": 0.6}


SEARCH = [
    *_trained(1, 0.8, 4),
    Trial(number=1, metrics=_metrics(0.8), is_best=True),
    *_trained(2, 0.9, 4),
    Trial(number=2, metrics=_metrics(0.9), is_best=True, options={"learning_rate": 0.004, "units": "both"}),
    *_trained(3, 0.5, 4, epochs=1),
    Trial(number=3, state="pruned", metrics={"valid_macro_f1": 0.4}, options={"dropout": 0.6}),
    *_trained(4, 0.5, 4, epochs=1),
    Trial(
        number=4, state="failed", code="NAN_LOSS", params={"step": 3, "lr": 0.01}, options={"dropout": 0.1}
    ),
]


def _write_run(project: Project, mode: str, count: int, events: list[Event]) -> RunFolder:
    request = TrainingRequest(repetition=Repetition(mode, count), options=TrainingOptions(epochs=2))
    folder = training.create_run(project, request)
    for event in events:
        folder.append_event(event)
    return folder


def test_a_search_that_is_over_is_shown_with_its_best_trial_which_can_be_used(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot
) -> None:
    project = make_labelled_project(tmp_path)
    end = Finished(reason="done", metrics={"best_trial": 2, "options": {"learning_rate": 0.004}})
    folder = _write_run(project, "search", 4, [*SEARCH, end])
    page = open_train_page(project)
    qtbot.waitUntil(lambda: bool(page.runs.model.rows), timeout=LONG)
    page.presenter.show_run(folder.id)
    qtbot.waitUntil(lambda: page.trials.view.rowCount() == 4, timeout=LONG)
    table = page.trials.view
    assert [table.item(row, STATE).text() for row in range(4)] == ["完成", "最佳", "提前放弃", "失败"]  # type: ignore[union-attr]
    assert table.item(1, DIFFERS).text() == "学习率 0.004 · 读取单位 词和字"  # type: ignore[union-attr]
    assert "发散" in table.item(3, STATE).toolTip()  # type: ignore[union-attr]
    live = page.presenter.shown
    assert live is not None
    assert [point.accuracy for point in live.history.curves.valid] == [0.9, 0.9], "the curve of what is kept"
    row = page.presenter.rows[0]
    assert (row.text(EPOCHS), row.text(MACRO_F1), row.text(ACCURACY)) == ("4 / 4 ×", "0.850", "0.900")
    assert page.repetition.repetition == Repetition("search", 4)
    assert not page.repetition.mode.isEnabled()
    qtbot.mouseClick(page.trials.use, Qt.MouseButton.LeftButton)
    assert page.presenter.shown is None
    assert page.form.wish.options == TrainingOptions(epochs=2, learning_rate=0.004, units="both")
    assert page.form.wish.repetition == Repetition()
    table.selectRow(0)
    assert not page.trials.isVisible()


def test_the_plots_follow_the_trial_at_work(tmp_path: Path) -> None:
    history = RunHistory()
    events = [replace(event, at=number + 1.0) for number, event in enumerate(SEARCH)]
    history.feed(events[:6])
    assert [trial.number for trial in history.trials] == [1]
    assert history.share_done == 0.25
    history.feed(events[6:9])
    assert history.share_done == pytest.approx((1 + 10 / 20) / 4)
    assert _steps(history.status) == pytest.approx((4, 1.5))
    assert [point.epoch for point in history.curves.valid] == [1]
    assert history.state is RunState.RUNNING
    again = RunHistory()
    for event in events[:9]:
        again.feed([event])
    assert again.curves.valid == history.curves.valid


def test_a_paused_search_stands_where_its_trial_stands_and_not_the_best_one(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot
) -> None:
    project = make_labelled_project(tmp_path)
    test_part = Evaluated(
        step=20, epoch=2, split="test", loss=0.5, confusion=((5, 0, 0), (0, 5, 0), (0, 0, 5)), trial=1
    )
    at_work = [
        *_trained(1, 0.8, 4), test_part, Trial(number=1, metrics=_metrics(0.8), is_best=True),
        Started(trial=2, trials=4, total_steps=20, steps_per_epoch=10, epochs=2),
        Progress(step=5, epoch=0.5, loss=1.0, trial=2),
    ]  # fmt: skip
    history = RunHistory()
    history.feed(replace(event, at=number + 1.0) for number, event in enumerate(at_work))
    folder = _write_run(project, "search", 4, [*at_work, Paused(step=5)])
    page = open_train_page(project)
    qtbot.waitUntil(lambda: bool(page.runs.model.rows), timeout=LONG)
    page.presenter.show_run(folder.id)
    qtbot.waitUntil(lambda: page.trials.view.rowCount() == 1, timeout=LONG)
    card = MatrixCard(page.context.theme, page)
    card.show_run(history, project.labels.list())
    assert not card.subtitle_label.text(), "the test part of another trial is not what the plots show"
    assert (page.status.epoch.text(), page.status.step.text()) == ("第 2 / 4 次", "第 1 / 2 轮")
    assert page.status.bar.value() == round(1000 * (1 + 5 / 20) / 4)


def test_folds_show_mean_and_deviation_of_what_was_held_out(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot
) -> None:
    project = make_labelled_project(tmp_path)
    events: list[Event] = []
    for number, held in ((1, 0.7), (2, 0.8), (3, 0.9)):
        metrics = {**_metrics(0.95), "held_out_accuracy": held, "held_out_macro_f1": held}
        events += [*_trained(number, 0.95, 3), Trial(number=number, metrics=metrics, is_best=number == 1)]
    page = open_train_page(project)
    folder = _write_run(project, "folds", 3, events)
    page.presenter.reload()
    qtbot.waitUntil(lambda: bool(page.runs.model.rows), timeout=LONG)
    page.presenter.show_run(folder.id)
    qtbot.waitUntil(lambda: page.trials.view.rowCount() == 3, timeout=LONG)
    assert page.trials.subtitle_label.text() == "已完成 3 / 3 · 宏 F1 0.800 ± 0.100"
    states = [page.trials.view.item(row, STATE).text() for row in range(3)]  # type: ignore[union-attr]
    assert states == ["保留", "完成", "完成"], "no fold is the best, of one the model is kept"
    assert not page.trials.use.isVisible()
    assert page.presenter.rows[0].text(MACRO_F1) == "0.800"


def test_what_the_form_says_is_what_is_run_and_kept_in_the_queue(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=4000, pace=0.01))
    project = make_labelled_project(tmp_path, per_label=20)
    page = open_train_page(project)
    page.repetition.mode.setCurrentIndex(page.repetition.mode.findData("folds"))
    page.repetition.count.setValue(30)
    qtbot.waitUntil(
        lambda: page.presenter.plan is not None and page.presenter.plan.problem is not None, timeout=LONG
    )
    assert page.presenter.plan is not None
    assert page.presenter.plan.problem is not None
    assert page.presenter.plan.problem[0] == "TOO_FEW_FOR_FOLDS"
    assert not page.start_card.start.isEnabled()
    page.repetition.count.setValue(3)
    qtbot.waitUntil(page.start_card.start.isEnabled, timeout=LONG)
    qtbot.mouseClick(page.start_card.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)
    assert page.presenter.shown is not None
    spec = page.presenter.shown.folder.spec()
    assert isinstance(spec, TrainingSpec)
    assert (spec.kind, spec.repetition) == ("search", Repetition("folds", 3))
    assert (page.presenter.shown.folder.data / "groups.json").exists()
    page.presenter.show_form()
    page.repetition.mode.setCurrentIndex(page.repetition.mode.findData("search"))
    page.start()
    assert [wish.repetition for wish in page.presenter.queue] == [Repetition("search", 20)]
    kept = [Repetition("search", 20)]
    qtbot.waitUntil(lambda: [wish.repetition for wish in read_queue(project)] == kept, timeout=LONG)
    page.presenter.open_project(project)
    assert [wish.repetition for wish in page.presenter.queue] == kept
    page.presenter.remove_waiting(0)
    page.presenter.reload()
    qtbot.waitUntil(lambda: page.presenter.active is not None, timeout=LONG)


def test_two_seeds_are_really_trained(tmp_path: Path, open_train_page: Opened, qtbot: QtBot) -> None:
    project = make_labelled_project(tmp_path, per_label=20)
    page = open_train_page(project)
    tiny = TrainingOptions(epochs=1, embedding_size=8, hidden_size=8, batch_size=16, ngrams=False)
    page.form.set_wish(Wish("gru", tiny, "cpu", repetition=Repetition("seeds", 2)))
    page.form.tell()
    page.start()
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)
    live = page.presenter.shown
    assert live is not None
    qtbot.waitUntil(lambda: live.history.state is RunState.FINISHED, timeout=2 * LONG)
    qtbot.waitUntil(lambda: page.trials.view.rowCount() == 2, timeout=LONG)
    scores = [float(page.trials.view.item(row, 3).text()) for row in (0, 1)]  # type: ignore[union-attr]
    mean = f"{sum(trial.metrics['valid_macro_f1'] for trial in live.history.trials) / 2:.3f}"
    assert min(scores) - 0.001 <= float(mean) <= max(scores) + 0.001
    assert page.trials.subtitle_label.text().startswith(f"已完成 2 / 2 · 宏 F1 {mean} ± ")
    assert page.trials.view.item(1, DIFFERS).text() == "随机种子 1"  # type: ignore[union-attr]
    assert (live.folder.model / "weights.safetensors").exists()
    best = live.history.status.terminal
    assert isinstance(best, Finished)
    assert page.status.sentence.text().startswith(f"全部完成，保留了第 {best.metrics['best_trial']} 次的模型")
