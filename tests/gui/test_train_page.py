"""The Train page on real projects, with real processes: a scripted worker that crashes, hangs and
babbles on request."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from train_runs import LONG, Opened, start, wait_for
from training_projects import Script, make_labelled_project, play

from senti_studio.domain.labels import Label, labels_from_names
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.jobs.launch import end_by_force
from senti_studio.jobs.protocol import Evaluated, Finished, Started
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice
from senti_studio.ui.machine import Device
from senti_studio.ui.models.run_table import ACTION, MACRO_F1, NAME
from senti_studio.ui.pages.train.history import RunHistory
from senti_studio.ui.pages.train.plan_card import SplitBar
from senti_studio.ui.pages.train.runs_card import RunsCard
from senti_studio.ui.pages.train.side_cards import MatrixCard
from senti_studio.ui.pages.train.view import TrainPage
from senti_studio.ui.quiet_collector import leave_alone


def test_a_run_from_start_to_finish(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=40, pace=0.01))
    page = open_train_page(make_labelled_project(tmp_path))
    assert "90 条标签" in page.split.text()
    live = start(page, qtbot)
    qtbot.waitUntil(lambda: len(page.curves.loss.points("raw")) >= 5, timeout=LONG)
    qtbot.waitUntil(lambda: len(page.curves.score.points("macro_f1")) >= 2, timeout=LONG)
    wait_for(live, RunState.FINISHED, qtbot)
    qtbot.waitUntil(lambda: page.runs.model.rows[0].chip[0] == "已完成", timeout=LONG)
    assert page.status.evaluation.isVisible()
    assert page.status.epoch.text() == "第 4 / 4 轮"
    assert page.matrix.matrix.isVisible()
    assert "最佳" in page.curves.score.plot.accessibleDescription()
    assert page.architectures.cards["lstm"].figures[0][1] != "—"
    with qtbot.waitSignal(page.go_to) as told:
        qtbot.mouseClick(page.status.evaluation, Qt.MouseButton.LeftButton)
    assert told.args == ["evaluate", live.id]


def test_both_plots_share_axis_best_and_step(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=200, pace=0.01))
    page = open_train_page(make_labelled_project(tmp_path))
    live = start(page, qtbot)
    qtbot.waitUntil(lambda: len(live.history.curves.valid) >= 2, timeout=LONG)
    page.curves.pair.redraw()
    loss, score = page.curves.loss, page.curves.score
    assert loss._view.viewRange()[0] == score._view.viewRange()[0]
    assert loss._best_line.value() == score._best_line.value() == live.history.curves.best.epoch  # type: ignore[union-attr]
    assert loss._now_line.value() == score._now_line.value() == live.history.curves.last_epoch
    low, high = loss._view.viewRange()[1]
    qtbot.waitUntil(lambda: len(live.history.curves.valid) >= 4, timeout=LONG)
    page.curves.pair.redraw()
    assert loss._view.viewRange()[1][1] >= high
    assert loss._view.viewRange()[1][0] <= low
    assert min(epoch for epoch, _ in score.points("macro_f1")) > 0, (
        "validation points are not joined to epoch 0"
    )


@pytest.mark.parametrize("signal", ["SIGKILL", "SIGSEGV"])
def test_a_killed_worker_is_told_and_can_go_on(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, signal: str
) -> None:
    play(monkeypatch, Script(steps=40, crash_at=25, crash_by=signal))
    page = open_train_page(make_labelled_project(tmp_path))
    live = start(page, qtbot)
    wait_for(live, RunState.INTERRUPTED, qtbot)
    assert "意外结束" in page.status.sentence.text()
    assert "20" in page.status.sentence.text(), "the step of the last checkpoint is named"
    qtbot.waitUntil(page.banner.isVisible, timeout=LONG)
    assert page.banner.secondary.isVisible()
    before = [point.step for point in live.history.curves.valid]
    play(monkeypatch, Script(steps=40))
    qtbot.mouseClick(page.banner.primary, Qt.MouseButton.LeftButton)
    wait_for(live, RunState.FINISHED, qtbot)
    assert before == [10, 20]
    assert [point.step for point in live.history.curves.valid] == [10, 20, 30, 40]
    x, _ = live.history.curves.raw()
    assert x == sorted(x)
    qtbot.waitUntil(lambda: not page.banner.isVisible(), timeout=LONG)


def test_an_interrupted_run_is_found_on_opening_and_discarded(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=40, crash_at=25))
    page = open_train_page(make_labelled_project(tmp_path))
    live = start(page, qtbot)
    run_id = live.id
    wait_for(live, RunState.INTERRUPTED, qtbot)
    project = page.presenter.project
    assert project is not None
    page.presenter.open_project(project)  # as a window that opens later
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)
    shown = page.presenter.shown
    assert shown is not None
    assert shown.id == run_id
    qtbot.waitUntil(lambda: [point.step for point in shown.history.curves.valid] == [10, 20], timeout=LONG)
    wait_for(shown, RunState.INTERRUPTED, qtbot)
    qtbot.waitUntil(page.banner.isVisible, timeout=LONG)
    path = page.presenter.path_of(run_id)
    page.presenter.discard(run_id)
    qtbot.waitUntil(lambda: not page.runs.model.rows, timeout=LONG)
    assert path is not None
    assert not path.exists()
    assert (project.folder / "trash" / run_id).is_dir()
    assert not page.banner.isVisible()
    assert page.start_card.isVisible()


def test_pause_and_go_on_by_the_space_bar(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=60, pace=0.02))
    page = open_train_page(make_labelled_project(tmp_path))
    live = start(page, qtbot)
    qtbot.waitUntil(lambda: live.history.curves.last_step > 12, timeout=LONG)
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Space)
    wait_for(live, RunState.PAUSED, qtbot)
    assert page.status.resume.isVisible()
    assert not page.status.pause.isVisible()
    assert page.status.chip.accessibleName() == "已暂停"
    QTest.keyClick(page, Qt.Key.Key_Space)
    wait_for(live, RunState.FINISHED, qtbot)
    assert live.history.curves.valid[-1].step == 60


def test_stop_keeps_the_best(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=500, pace=0.01))
    page = open_train_page(make_labelled_project(tmp_path))
    live = start(page, qtbot)
    qtbot.waitUntil(lambda: page.status.stop.isEnabled() and live.history.curves.last_step > 3, timeout=LONG)
    qtbot.mouseClick(page.status.stop, Qt.MouseButton.LeftButton)
    assert page.status.stop.text() == "正在停止…"
    wait_for(live, RunState.STOPPED, qtbot)
    assert page.status.evaluation.isVisible()
    assert page.status.discard.text() == "删除…"


def test_abandoning_asks_and_moves_the_run_to_the_bin(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=1000, pace=0.01))
    page = open_train_page(make_labelled_project(tmp_path))
    live = start(page, qtbot)
    run_id, folder = live.id, live.folder
    qtbot.waitUntil(lambda: live.history.curves.last_step > 3, timeout=LONG)
    asked: list[tuple[str, Callable[[int], None]]] = []
    words: list[str] = []

    def ask(
        title: str,
        text: str,
        buttons: Sequence[Choice | str],
        on_choice: Callable[[int], None],
        **rest: object,
    ) -> None:
        asked.append((title, on_choice))
        words.extend(each.text if isinstance(each, Choice) else each for each in buttons)

    monkeypatch.setattr(page.context.dialogs, "ask", ask)
    assert page.status.discard.text() == "停止并删除…"
    qtbot.mouseClick(page.status.discard, Qt.MouseButton.LeftButton)
    title, answer = asked[0]
    assert title == f"停止并删除 {live.name}？"
    assert words == ["停止并删除", "不停止"], "to go on is what a paused run does"
    answer(1)
    assert live.history.state.is_active, "the safe answer changes nothing"
    answer(0)
    qtbot.waitUntil(lambda: not page.runs.model.rows, timeout=LONG)
    project = page.presenter.project
    assert project is not None
    assert not folder.path.exists()
    assert (project.folder / "trash" / run_id / "events.jsonl").exists()
    assert page.start_card.isVisible()
    assert not page.context.dialogs.open_errors


def test_a_run_is_stopped_before_its_worker_is_ready(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=1000, pace=0.01))
    page = open_train_page(make_labelled_project(tmp_path))
    live = start(page, qtbot)
    page.presenter.ask("stop")
    wait_for(live, RunState.STOPPED, qtbot)
    assert live.history.curves.last_step < 200


def test_a_worker_that_hangs_is_stopped_by_force(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=40, hang_at=15))
    page = open_train_page(make_labelled_project(tmp_path))
    live = start(page, qtbot)
    live.force_after_s = 0.3
    qtbot.waitUntil(lambda: live.history.curves.last_step == 14, timeout=LONG)
    qtbot.waitUntil(page.status.stop.isEnabled, timeout=LONG)
    assert not page.status.force.isVisible()
    qtbot.mouseClick(page.status.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.status.force.isVisible, timeout=LONG)
    assert "没有回应" in page.status.sentence.text()
    qtbot.mouseClick(page.status.force, Qt.MouseButton.LeftButton)
    wait_for(live, RunState.INTERRUPTED, qtbot)
    assert not live.folder.is_alive()
    assert page.status.resume.isVisible()


def test_babble_disturbs_nobody(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=30, babble=True))
    page = open_train_page(make_labelled_project(tmp_path))
    live = start(page, qtbot)
    wait_for(live, RunState.FINISHED, qtbot)
    assert [point.step for point in live.history.curves.valid] == [10, 20, 30]
    assert live.history.curves.last_step == 30


def test_a_newer_worker_is_answered_with_a_sentence(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=20, version=99))
    page = open_train_page(make_labelled_project(tmp_path))
    start(page, qtbot)
    qtbot.waitUntil(lambda: "99" in page.status.sentence.text(), timeout=LONG)
    assert "升级" in page.status.sentence.text()


def test_a_failure_is_a_sentence_with_details_and_a_mended_retry(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=30, fail_at=5, log="noise on stderr"))
    page = open_train_page(make_labelled_project(tmp_path))
    live = start(page, qtbot)
    wait_for(live, RunState.FAILED, qtbot)
    assert "内存不足" in page.status.sentence.text()
    assert page.status.chip.accessibleName() == "内存不足"
    qtbot.mouseClick(page.status.details, Qt.MouseButton.LeftButton)
    dialogs = page.context.dialogs.open_errors
    assert dialogs
    dialogs[0].close()
    before = page.options.options.batch_size
    qtbot.mouseClick(page.status.retry, Qt.MouseButton.LeftButton)
    assert page.options.options.batch_size == before // 2
    assert page.start_card.isVisible()


def test_the_options_are_those_of_the_run_in_view(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=20))
    page = open_train_page(make_labelled_project(tmp_path))
    epochs = page.options.fields["epochs"]
    page.architectures.choose("gru")
    epochs.set_value(5)
    page.form.tell()
    live = start(page, qtbot)
    wait_for(live, RunState.FINISHED, qtbot)
    qtbot.mouseClick(page.new_button, Qt.MouseButton.LeftButton)
    assert (page.architectures.current, epochs.value) == ("gru", 5)
    page.architectures.choose("lstm")
    epochs.set_value(9)
    page.form.tell()
    page.presenter.show_run(live.id)
    assert (page.architectures.current, epochs.value) == ("gru", 5)
    assert not epochs.isEnabled(), "what a run was told cannot be changed any more"
    qtbot.mouseClick(page.new_button, Qt.MouseButton.LeftButton)
    assert (page.architectures.current, epochs.value) == ("lstm", 9)
    assert epochs.isEnabled()
    page.presenter.show_run(live.id)
    qtbot.mouseClick(page.architectures.cards["lstm"], Qt.MouseButton.LeftButton)
    assert page.presenter.shown is None, "choosing a network is the beginning of a new training"
    assert (page.architectures.current, epochs.value) == ("lstm", 9)


def test_ticked_runs_lie_over_the_plots(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=20, pace=0.002))
    page = open_train_page(make_labelled_project(tmp_path))
    first = start(page, qtbot)
    first_id = first.id
    wait_for(first, RunState.FINISHED, qtbot)
    qtbot.waitUntil(lambda: page.runs.model.rows[0].action == "evaluate", timeout=LONG)
    qtbot.mouseClick(page.new_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(page.start_card.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: page.presenter.shown is not None and page.presenter.shown.id != first_id, timeout=LONG
    )
    row = page.runs.model.row_of(first_id)
    assert row is not None
    index = page.runs.model.index(row, 0)
    assert page.runs.model.setData(index, Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    qtbot.waitUntil(lambda: len(page.curves.score.ghost_points()) == 1, timeout=LONG)
    qtbot.waitUntil(lambda: len(page.curves.score.ghost_points()[0]) == 2, timeout=LONG)
    assert page.curves._legends["ghost_score"].isVisible()


@pytest.mark.parametrize(
    ("only", "per_label", "words"),
    [([0], 30, "同一个标签"), ([0, 1, 2], 2, "至少需要"), ([], 0, "还没有可用于训练的标注")],
)
def test_what_stands_in_the_way_is_said_and_start_is_off(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, only: list[int], per_label: int, words: str
) -> None:
    page = open_train_page(make_labelled_project(tmp_path, per_label=per_label, only=only))
    assert not page.start_card.start.isEnabled()

    def texts() -> list[str]:
        labels = page.start_card.findChildren(QLabel)
        return [label.text() for label in labels if label.isVisible()]

    def errors() -> list[str]:
        labels = page.start_card.findChildren(QLabel)
        return [label.text() for label in labels if label.isVisible() and label.property("role") == "error"]

    qtbot.waitUntil(lambda: any(words in text for text in texts()), timeout=LONG)
    assert page.start_card.to_label.isVisible()
    assert errors() == [], "nothing was done yet that could be wrong"
    page.start()
    qtbot.waitUntil(lambda: any(words in text for text in errors()))
    assert page.presenter.shown is None
    assert not page.presenter.is_starting


def test_options_keep_to_their_ranges_and_go_back_to_defaults(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot
) -> None:
    page = open_train_page(make_labelled_project(tmp_path))
    field = page.options.fields["epochs"]
    default = field.value
    field.set_value(5000)
    assert field.value == 1000
    assert field.reset_button.isVisibleTo(field)
    field.reset()
    assert field.value == default
    assert not field.reset_button.isVisibleTo(field)
    page.options.headers["network"].click()
    assert page.options.fields["hidden_size"].isVisible()
    page.options.headers["key"].click()
    assert not page.options.fields["hidden_size"].isVisible(), "one group is open at a time"
    page.options.fields["units"].set_value("characters")
    page.options.fields["learning_rate"].set_value(0.0005)
    assert page.options.options.units == "characters"
    assert page.options.options.learning_rate == pytest.approx(0.0005)


def test_the_need_of_memory_is_told_before_the_start(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    page = open_train_page(make_labelled_project(tmp_path))
    context.machine.devices = (Device("cpu", "测试处理器", memory_total=4 << 30),)
    context.machine.changed.emit()
    qtbot.waitUntil(page.start_card.memory.isVisible, timeout=LONG)
    assert "共 4.0 GB" in page.start_card.memory.text()
    assert page.start_card.memory.property("role") == "hint"
    small = page.start_card.memory.text()
    page.options.fields["hidden_size"].set_value(4096)
    page.options.fields["embedding_size"].set_value(2048)
    page.form.tell()
    assert page.start_card.memory.text() != small
    assert page.start_card.memory.property("role") == "warn"
    assert "内存不够" in page.start_card.memory.text()
    assert page.start_card.start.isEnabled(), "it may be tried: batches are halved when memory runs out"


@pytest.mark.parametrize("count", [2, 12])
def test_any_number_of_classes_is_shown(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    names = [(str(number + 1), f"类别{number + 1}") for number in range(count)]
    labels: tuple[Label, ...] = labels_from_names(names)
    play(monkeypatch, Script(steps=20, labels=count, pace=0.002))
    page = open_train_page(make_labelled_project(tmp_path, labels=labels, per_label=12))
    live = start(page, qtbot)
    wait_for(live, RunState.FINISHED, qtbot)
    qtbot.waitUntil(page.matrix.matrix.isVisible, timeout=LONG)
    assert not page.grab().isNull()
    assert "类别1" in page.matrix.matrix.accessibleDescription()


def test_language_and_theme_change_while_training(
    tmp_path: Path,
    open_train_page: Opened,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    qapp: object,
    parts: object,
) -> None:
    play(monkeypatch, Script(steps=400, pace=0.01))
    page = open_train_page(make_labelled_project(tmp_path))
    live = start(page, qtbot)
    qtbot.waitUntil(lambda: len(live.history.curves.valid) >= 1, timeout=LONG)
    parts.language.install(qapp, "en")  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: page.status.stop.text() == "Stop and keep best", timeout=LONG)
    parts.theme.set_choice("dark")  # type: ignore[attr-defined]
    ground = page.curves.loss.plot.backgroundBrush().color().name()
    assert ground == page.context.theme.hex("surface").lower()
    parts.theme.set_choice("light")  # type: ignore[attr-defined]
    parts.language.install(qapp, "zh_CN")  # type: ignore[attr-defined]


@pytest.mark.alone
def test_the_window_never_waits_while_training(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two turns of the event loop the page uses far less than 100 ms of processor time."""
    play(monkeypatch, Script(steps=400, pace=0.004))
    page = open_train_page(make_labelled_project(tmp_path))
    live = start(page, qtbot)
    qtbot.waitUntil(lambda: live.history.curves.last_step > 0, timeout=LONG)
    leave_alone()  # as the window does; the modules of this test process are no smaller
    gaps: list[float] = []
    last = [time.thread_time()]

    def tick() -> None:
        now = time.thread_time()
        gaps.append(now - last[0])
        last[0] = now

    timer = QTimer(page)
    timer.setInterval(5)
    timer.timeout.connect(tick)
    timer.start()
    wait_for(live, RunState.FINISHED, qtbot)
    timer.stop()
    assert len(gaps) > 50
    assert max(gaps) < 0.1


def test_the_real_worker_is_killed_and_goes_on(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    page = open_train_page(make_labelled_project(tmp_path, per_label=60))
    for name, value in {"epochs": 6, "embedding_size": 16, "hidden_size": 16, "patience": 50}.items():
        page.options.fields[name].set_value(value)
    page.form.tell()
    live = start(page, qtbot)
    qtbot.waitUntil(lambda: live.history.checkpoint is not None, timeout=60_000)
    started = live.history.status.started
    assert started is not None
    assert end_by_force(live.folder, started.pid)
    wait_for(live, RunState.INTERRUPTED, qtbot)
    qtbot.waitUntil(page.banner.isVisible, timeout=LONG)
    points = len(live.history.curves.valid)
    qtbot.mouseClick(page.banner.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: live.history.state is RunState.FINISHED, timeout=90_000)
    epochs = [round(point.epoch) for point in live.history.curves.valid]
    assert points >= 1
    assert epochs == list(range(1, 7))
    assert "CPU" in page.status._figures["device"][1].toolTip()


def test_without_a_project_the_page_says_so(context: UiContext, qtbot: QtBot) -> None:
    context.machine.is_known = True
    page = TrainPage(context)
    qtbot.addWidget(page)
    page.set_up(None)
    page.show()
    page.on_shown()
    assert page.empty.isVisible()
    with qtbot.waitSignal(page.go_to) as told:
        qtbot.mouseClick(page.empty.primary, Qt.MouseButton.LeftButton)
    assert told.args[0] == "import"


def test_nothing_of_the_old_project_stands_there_while_the_new_one_is_counted(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot
) -> None:
    page = open_train_page(make_labelled_project(tmp_path))
    page.plan_card.set_group_column("店名")
    page.form.tell()
    assert page.options.headers["key"].summary.endswith("批 8")
    other = make_labelled_project(tmp_path / "另一个", per_label=0)
    page.open_project(other)
    assert page.presenter.plan is None
    assert page.plan_card.group_column == page.form.wish.group_column == ""
    split = page.plan_card.findChild(SplitBar)
    assert split is not None
    assert split.accessibleDescription() == "训练 —, 验证 —, 测试 —"
    assert page.options.headers["key"].summary.endswith("批 32")
    qtbot.waitUntil(lambda: page.presenter.plan is not None, timeout=LONG)
    other.close()


def test_the_kept_step_is_shown_after_the_end(qtbot: QtBot, context: UiContext) -> None:
    """While a run is at work its newest evaluation, afterwards the one of the model that is kept."""
    labels = (LabelName("1", "正面"), LabelName("3", "负面"))
    history = RunHistory(TrainingSpec("一", "LSTM #1", "lstm", labels))
    best = Evaluated(epoch=1, step=10, macro_f1=0.8, is_best=True, confusion=((5, 1), (2, 6)))
    newest = Evaluated(epoch=2, step=20, macro_f1=0.7, confusion=((3, 3), (3, 5)))
    history.feed([Started(run_id="一"), best, newest])
    card = MatrixCard(context.theme)
    qtbot.addWidget(card)
    card.show_run(history, (Label("1", "正面"), Label("3", "负面")))
    assert "20" in card.subtitle_label.text()
    history.feed([Finished(reason="epochs")])
    card.refresh()
    assert "10" in card.subtitle_label.text()


@pytest.mark.parametrize("width", [640, 700, 860, 1000, 1300])
def test_names_of_runs_can_always_be_read(qtbot: QtBot, context: UiContext, width: int) -> None:
    card = RunsCard(context.theme)
    qtbot.addWidget(card)
    card.resize(width, 300)
    card.show()
    view = card.view
    assert view.columnWidth(NAME) >= 132
    assert not view.isColumnHidden(ACTION)
    assert not view.isColumnHidden(MACRO_F1)


def test_all_cards_are_offered_where_there_is_more_than_one(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    page = open_train_page(make_labelled_project(tmp_path))
    one = (Device("cuda", "某卡", 24 << 30), Device("cpu", "测试处理器", 8 << 30))
    context.machine.devices = one
    context.machine.changed.emit()
    chooser = page.start_card.device
    assert chooser.findData("cuda:all") == -1
    context.machine.devices = (
        one[0],
        Device("cuda:1", "某卡"),
        Device("cuda:all", "2 × 某卡", 24 << 30),
        one[1],
    )
    context.machine.changed.emit()
    place = chooser.findData("cuda:all")
    assert chooser.itemText(place) == "全部显卡：2 × 某卡 · 24 GB"
    chooser.setCurrentIndex(place)
    chooser.activated.emit(place)
    assert page.start_card.chosen_device == "cuda:all"
    qtbot.waitUntil(page.start_card.memory.isVisible, timeout=LONG)
    assert "共 24 GB" in page.start_card.memory.text(), "each card holds the whole net"
