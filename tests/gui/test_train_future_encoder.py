"""The Train page: a training on an encoder that an adaptation has yet to make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from shelf_pages import LONG, go_to, open_page, row_of, shut_off
from training_projects import Script, play

from senti_studio.domain.run_states import RunKind, RunState
from senti_studio.domain.specs import AwaitedEncoder, LabelName, TrainingSpec
from senti_studio.file_lock import FileLock
from senti_studio.jobs.protocol import Cancelled, Preparing
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.ui.context import UiContext
from senti_studio.ui.models.run_table import NAME, STATE
from senti_studio.ui.pages.train.encoders.rows import Kind
from senti_studio.ui.pages.train.live_run import LiveRun
from senti_studio.ui.pages.train.view import TrainPage
from senti_studio.ui.pages.train.waiting import Wish, read_queue


@pytest.fixture
def page(
    context: UiContext, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TrainPage]:
    shut_off(monkeypatch, tmp_path)
    play(monkeypatch, Script(steps=4000, pace=0.01))
    made = open_page(context, qtbot, tmp_path, per_label=30)
    yield made
    for live in list(made.presenter._live.values()):
        live.force()
    made.shut_down()
    made.presenter.open_project(None)


def adapt(page: TrainPage, name: str, qtbot: QtBot) -> None:
    """Has scratch-tiny read the comments, or puts that into the queue."""
    page.presenter.show_form()
    go_to(page, "scratch-tiny")
    page.adapting.button.click()
    dialog = page.adapting.dialog
    assert dialog is not None
    dialog.name.setText(name)
    dialog.name.textEdited.emit(name)
    qtbot.waitUntil(dialog.start.isEnabled, timeout=LONG)
    dialog.start.click()


def train_on(page: TrainPage, name: str, qtbot: QtBot) -> None:
    page.presenter.show_form()
    row = row_of(page, name)
    assert row is not None
    go_to(page, name)
    page.encoder_card.view.activated_line.emit(page.encoder_card.view.current)
    assert page.form.wish.options.encoder == name
    qtbot.waitUntil(page.start_card.start.isEnabled, timeout=LONG)
    page.start()


def shown(page: TrainPage, qtbot: QtBot, but: LiveRun | None = None) -> LiveRun:
    qtbot.waitUntil(lambda: page.presenter.shown not in (None, but), timeout=LONG)
    live = page.presenter.shown
    assert live is not None
    qtbot.waitUntil(lambda: live.history.state is RunState.RUNNING, timeout=LONG)
    return live


def states(page: TrainPage) -> list[tuple[str, str]]:
    return [(row.text(NAME), row.text(STATE)) for row in page.runs.model.rows if row.state is None]


def test_it_waits_for_an_adaptation_at_work_also_while_that_is_paused(page: TrainPage, qtbot: QtBot) -> None:
    adapt(page, "读过的", qtbot)
    maker = shown(page, qtbot)
    page.presenter.show_form()
    row = row_of(page, "读过的")
    assert row is not None
    assert (row.kind, row.coming, row.place) == (Kind.FUTURE, "made", "scratch-tiny")
    go_to(page, "读过的")
    assert not page.adapting.button.isVisible(), "what is not there cannot read"
    assert not page.encoder_card.check.isVisible()
    assert not page.encoder_card.rename.isVisible()
    assert "等它做好才开始" in page.encoder_card.details.text()
    train_on(page, "读过的", qtbot)
    assert page.form.wish.options.learning_rate == 3e-4, "as small as what it is made from"
    assert states(page) == [("BERT · 读过的", "等编码器")]

    page.presenter.show_run(maker.id)
    page.presenter.ask("pause")
    qtbot.waitUntil(lambda: maker.history.state is RunState.PAUSED, timeout=LONG)
    page.presenter.show_form()
    qtbot.waitUntil(lambda: getattr(row_of(page, "读过的"), "coming", "") == "held", timeout=LONG)
    go_to(page, "读过的")
    assert "请先在运行列表里继续" in page.encoder_card.details.text()
    assert states(page) == [("BERT · 读过的", "等编码器")], "it is kept"
    assert page.start_card.start.text() == "加入队列"

    page.architectures.cards["lstm"].click()
    assert page.start_card.start.text() == "开始训练"
    qtbot.waitUntil(page.start_card.start.isEnabled, timeout=LONG)
    page.start()
    other = shown(page, qtbot)
    assert other.history.spec is not None
    assert other.history.spec.architecture == "lstm", "others overtake it"
    page.presenter.ask("cancel")
    qtbot.waitUntil(lambda: page.presenter.active is None, timeout=LONG)
    assert states(page) == [("BERT · 读过的", "等编码器")]

    page.presenter.resume(maker.id)
    again = shown(page, qtbot, but=other)
    assert again.id == maker.id
    page.presenter.ask("cancel")
    live = shown(page, qtbot, but=again)
    spec = live.folder.spec()
    assert isinstance(spec, TrainingSpec)
    assert spec.options.encoder == "读过的"
    assert spec.awaits == AwaitedEncoder("读过的", maker.id), "its worker says what became of it"
    assert not page.presenter.queue


def test_it_waits_behind_a_queued_adaptation_and_goes_without_it(page: TrainPage, qtbot: QtBot) -> None:
    page.architectures.cards["lstm"].click()
    qtbot.waitUntil(page.start_card.start.isEnabled, timeout=LONG)
    page.start()
    first = shown(page, qtbot)
    page.presenter.show_form()
    page.architectures.cards["bert"].click()
    adapt(page, "先读的", qtbot)
    row = row_of(page, "先读的")
    assert row is not None
    assert (row.kind, row.coming) == (Kind.FUTURE, "queued")
    train_on(page, "先读的", qtbot)
    assert states(page) == [("先读的", "排队 1"), ("BERT · 先读的", "等编码器")]
    project = page.presenter.project
    assert project is not None
    qtbot.waitUntil(lambda: len(read_queue(project)) == 2, timeout=LONG)
    wish = read_queue(project)[1]
    assert isinstance(wish, Wish)
    assert wish.awaits_encoder, "another window knows it, too"

    page.presenter.remove_waiting(0)
    assert states(page) == [("BERT · 先读的", "排队 1")]
    page.presenter.ask_run(first, "cancel")
    live = shown(page, qtbot, but=first)
    spec = live.folder.spec()
    assert isinstance(spec, TrainingSpec)
    assert (spec.options.encoder, spec.awaits) == ("先读的", None)


def test_a_training_of_the_terminal_that_waits_is_in_nobodys_way(page: TrainPage, qtbot: QtBot) -> None:
    project = page.presenter.project
    assert project is not None
    labels = (LabelName("a", "好"), LabelName("b", "差"))
    waits = AwaitedEncoder("先读的")
    spec = TrainingSpec("等着的", "等着的 #1", "bert", labels, awaits=waits)
    folder = RunFolder.create(project.runs_folder / "等着的", spec)
    folder.append_event(Preparing(stage="encoder"))
    project.runs.add("等着的", number=1, kind=RunKind.TRAIN, name=spec.name, folder="等着的")
    worker = FileLock(folder.lock_path)
    assert worker.acquire()
    page.presenter.reload()
    qtbot.waitUntil(lambda: len(page.runs.model.rows) == 1, timeout=LONG)
    page.presenter.show_run("等着的")
    live = page.presenter.shown
    assert live is not None
    qtbot.waitUntil(lambda: live.history.preparing is not None, timeout=LONG)
    page.status.refresh()
    assert live.history.state is RunState.QUEUED
    assert page.presenter.active is None
    assert "等待适应做好编码器" in page.status.sentence.text()
    page.architectures.cards["lstm"].click()
    qtbot.waitUntil(page.start_card.start.isEnabled, timeout=LONG)
    assert page.start_card.start.text() == "开始训练"
    page.start()
    other = shown(page, qtbot, but=live)
    page.presenter.show_form()
    page.architectures.cards["bert"].click()
    adapt(page, "先读的", qtbot)
    assert not folder.commands_path.exists()
    page.presenter.remove_waiting(0)
    assert '"cancel"' in folder.commands_path.read_text("utf-8"), "what it waits for will never come"
    page.presenter.ask_run(other, "cancel")
    folder.append_event(Cancelled())
    worker.release()
    qtbot.waitUntil(lambda: page.presenter.active is None, timeout=LONG)
