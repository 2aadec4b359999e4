"""The Train page: an encoder reads the comments before it is trained on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from shelf_pages import LONG, go_to, open_page, row_of, shut_off
from training_projects import Script, play

from senti_studio.domain.adapting import AdaptOptions, AdaptSpec
from senti_studio.domain.encoder_size import PastRun
from senti_studio.domain.run_states import RunState
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Filled, Finished, Progress, Started
from senti_studio.operations.adapting import AdaptRequest
from senti_studio.operations.future_encoders import QUEUE
from senti_studio.shelf import speeds
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.models.run_table import ACCURACY, ACTION, EPOCHS, LOSS, MACRO_F1, RunTable
from senti_studio.ui.pages.train.adapt_dialog import AdaptDialog
from senti_studio.ui.pages.train.history import RunHistory
from senti_studio.ui.pages.train.rows import live_row, waiting_row
from senti_studio.ui.pages.train.view import TrainPage
from senti_studio.ui.pages.train.waiting import Wish, read_queue, write_queue


@pytest.fixture
def page(
    context: UiContext, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TrainPage]:
    shut_off(monkeypatch, tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    made = open_page(context, qtbot, tmp_path, per_label=30)
    yield made
    made.shut_down()
    made.presenter.open_project(None)


def _dialog(page: TrainPage, qtbot: QtBot) -> AdaptDialog:
    go_to(page, "scratch-tiny")
    assert page.adapting.button.isVisible()
    page.adapting.button.click()
    dialog = page.adapting.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.start.isEnabled, timeout=LONG)
    return dialog


def test_the_dialog_says_what_is_read_what_is_not_and_whether_it_can_be_enough(
    page: TrainPage, qtbot: QtBot
) -> None:
    dialog = _dialog(page, qtbot)
    assert "条评论" in dialog.told.text()
    assert "个词元，一共约" in dialog.told.text()
    assert "测试集和训练时用来验证的" in dialog.left_out.text()
    assert "从零开始的编码器这次一共只读约" in dialog.warning.text()
    assert dialog.name.placeholderText().startswith("tiny-")
    dialog.tokens.setValue(30)
    assert not dialog.start.isEnabled(), "counted anew first"
    assert not dialog.epochs.isEnabled()
    qtbot.waitUntil(dialog.start.isEnabled, timeout=LONG)
    assert "一共约 30,000,000 个" in dialog.told.text()
    assert "只读约" not in dialog.warning.text()
    assert dialog.start.text() == "开始"
    dialog.leave.click()
    assert page.adapting.dialog is None


def test_it_says_before_the_start_what_earlier_ones_on_this_computer_make_of_it(
    page: TrainPage, qtbot: QtBot
) -> None:
    dialog = _dialog(page, qtbot)
    assert "按处理器的一次短测推算" in dialog.told.text()
    dialog.leave.click()
    speeds.keep(PastRun("adapt", "cpu", 2, 128, 512, 20.0, 4e7))
    dialog = _dialog(page, qtbot)
    assert "按这台电脑上 1 次同样大小的适应" in dialog.told.text()
    assert "至少需要的 6,000,000 个" in dialog.warning.text(), "too slow a computer is told"
    dialog.leave.click()


def test_it_waits_for_its_turn_as_a_training_does(
    page: TrainPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=4000, pace=0.01))
    project = page.presenter.project
    assert project is not None
    qtbot.waitUntil(page.start_card.start.isEnabled, timeout=LONG)
    page.start()
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)
    live = page.presenter.active
    assert live is not None
    page.presenter.show_form()
    for name in ("先等的", "不要的"):
        dialog = _dialog(page, qtbot)
        assert dialog.start.text() == "加入队列"
        dialog.name.setText(name)
        dialog.start.click()
    rows = page.runs.model.rows
    assert [(row.name, row.state, row.action) for row in rows[:2]] == [
        ("先等的", None, "remove"),
        ("不要的", None, "remove"),
    ]
    page.presenter.remove_waiting(1)
    qtbot.waitUntil(lambda: len(read_queue(project)) == 1, timeout=LONG)
    waiting = read_queue(project)[0]
    assert isinstance(waiting, AdaptRequest)
    assert (waiting.target, waiting.options.encoder) == ("先等的", "scratch-tiny")
    page.presenter.ask_run(live, "cancel")
    qtbot.waitUntil(
        lambda: page.presenter.shown is not None and page.presenter.shown.id != live.id, timeout=LONG
    )
    assert page.presenter.shown is not None
    spec = page.presenter.shown.folder.spec()
    assert isinstance(spec, AdaptSpec)
    assert spec.target == "先等的"
    assert page.presenter.queue == []


def test_a_queue_that_another_version_wrote(page: TrainPage) -> None:
    project = page.presenter.project
    assert project is not None
    request = AdaptRequest(
        AdaptOptions(encoder="scratch-tiny", tokens=5), "cpu", target="小店", test_source=3
    )
    good = [request, Wish("gru", TrainingOptions())]
    write_queue(project, good).result()
    stored = project.settings.get(QUEUE, [])
    broken = [
        {"kind": "adapt"},
        {"kind": "adapt", "options": {"epochs": -1}},
        "?",
        {**stored[0], "target": 7},
    ]
    project.settings.set(QUEUE, [*broken, *stored]).result()
    assert read_queue(project) == good


def test_it_reads_lies_on_the_shelf_and_is_trained_on(page: TrainPage, qtbot: QtBot) -> None:
    dialog = _dialog(page, qtbot)
    dialog.epochs.setValue(1)
    dialog.name.setText("读过的")
    dialog.name.textEdited.emit("读过的")
    qtbot.waitUntil(dialog.start.isEnabled, timeout=LONG)
    dialog.start.click()
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)
    live = page.presenter.shown
    assert live is not None
    assert live.history.adapting is not None
    assert page.architectures.current == "bert"
    assert not page.options.isVisible(), "those are of a training"
    qtbot.waitUntil(lambda: live.history.state is RunState.FINISHED, timeout=LONG * 4)
    qtbot.waitUntil(lambda: row_of(page, "读过的") is not None, timeout=LONG)
    qtbot.waitUntil(lambda: page.runs.model.rows[0].made_encoder == "读过的", timeout=LONG)
    assert page.status.evaluation.text() == "用它训练", "there is nothing to evaluate"
    assert not page.matrix.isVisible()
    assert "新编码器“读过的”" in page.status.sentence.text()
    row = page.runs.model.rows[0]
    assert row.text(ACTION) == "用它训练"
    assert (row.text(MACRO_F1), row.text(ACCURACY), row.text(EPOCHS)) == ("—", "—", "1 / 1")
    assert float(row.text(LOSS)) > 1
    page.status.evaluation.click()
    qtbot.waitUntil(lambda: page.form.wish.options.encoder == "读过的", timeout=LONG)
    assert page.form.wish.architecture == "bert"
    assert page.options.isVisible()
    assert page.form.wish.options.learning_rate == 3e-4, "as small as it was when it began from nothing"


def test_tokens_stand_in_place_of_epochs_where_these_were_asked_for(page: TrainPage) -> None:
    waiting = waiting_row(0, AdaptRequest(AdaptOptions(tokens=30_000_000), target="小店"))
    assert waiting.text(EPOCHS) == "0 词元"
    history = RunHistory(None, AdaptSpec("一", "小店 #1", "小店", AdaptOptions(tokens=30_000_000)))
    history.feed([Started(epochs=4, total_steps=40), Filled(step=0, loss=6.0, accuracy=0.01, is_best=True)])
    history.feed([Progress(step=10, epoch=0.2, loss=5.5, tokens=5_120)])
    table = RunTable(page)
    table.set_rows([live_row(waiting, history)])
    assert table.rows[0].text(EPOCHS) == "5.1k 词元"
    assert table.index(0, EPOCHS).data(Qt.ItemDataRole.ToolTipRole) == "5,120 / 30,000,000 词元"
    assert table.rows[0].text(ACCURACY) == "—", "hidden words guessed right are no accuracy"
    assert [formats.short(count) for count in (950, 30_000_000)] == ["950", "30M"]


def test_a_history_of_hidden_words() -> None:
    spec = AdaptSpec("一", "小店 #1", "小店", AdaptOptions(epochs=4, patience=3))
    history = RunHistory(None, spec)
    history.feed([Started(epochs=4, total_steps=40), Filled(step=0, loss=6.0, accuracy=0.01, is_best=True)])
    history.feed([Progress(step=10, epoch=1.0, loss=5.5, tokens_per_s=900.0, tokens=20_000)])
    history.feed([Filled(step=10, epoch=1.0, loss=5.0, accuracy=0.1, is_best=True, patience_left=3)])
    history.feed([Filled(step=20, epoch=2.0, loss=5.2, accuracy=0.12, patience_left=2)])
    best = history.curves.best
    assert best is not None
    assert (best.step, best.score) == (10, 0.1)
    assert math.isnan(best.macro_f1)
    assert history.without_gain == 1
    history.feed([Started(epochs=4, total_steps=40, resumed_from_step=10)])
    assert [point.step for point in history.curves.valid] == [0, 10]
    history.feed([Finished(metrics={}, output={"encoder": "小店"})])
    assert history.made_encoder == "小店"
    assert not history.has_model
