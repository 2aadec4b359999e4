"""The Train page: the encoders of a BERT, chosen, added, checked, removed and brought back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot
from shelf_pages import (
    CONFIG,
    LONG,
    add,
    go_to,
    name_dialog,
    open_page,
    row_of,
    shut_off,
    write_encoder,
    zipped,
)

from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import TrainingSpec
from senti_studio.operations import encoders as shelf
from senti_studio.operations import training
from senti_studio.operations.training import TrainingRequest
from senti_studio.shelf.check import check_folder
from senti_studio.shelf.entries import Source, write_note
from senti_studio.ui.context import UiContext
from senti_studio.ui.machine import Device
from senti_studio.ui.pages.train.encoders import shelf_side
from senti_studio.ui.pages.train.encoders.rows import Kind
from senti_studio.ui.pages.train.encoders.table import Column
from senti_studio.ui.pages.train.view import TrainPage


@pytest.fixture
def page(
    context: UiContext, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_box: Path
) -> Iterator[TrainPage]:
    shut_off(monkeypatch, tmp_path)
    made = open_page(context, qtbot, tmp_path)
    yield made
    made.encoders.close()
    made.presenter.open_project(None)


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    return write_encoder(tmp_path / "来源 文件夹" / "小编码器")


def names(page: TrainPage) -> list[str]:
    return [line.row.name for line in page.encoder_card.view.lines.lines]


def cell(page: TrainPage, name: str, column: Column) -> str:
    model = page.encoder_card.view.lines
    return str(model.index(names(page).index(name), column).data())


def problem(page: TrainPage) -> str:
    plan = page.presenter.plan
    return plan.problem[0] if plan is not None and plan.problem is not None else ""


def test_the_card_is_there_for_bert_alone(page: TrainPage) -> None:
    assert page.encoder_card.isVisible()
    page.architectures.cards["lstm"].click()
    assert not page.encoder_card.isVisible()
    page.architectures.cards["bert"].click()
    assert page.encoder_card.isVisible()


def test_a_bert_starts_from_the_encoder_in_the_box(page: TrainPage, empty_box: Path) -> None:
    assert page.form.wish.options.encoder == "scratch-mini", "nothing is in the box yet"
    folder = write_encoder(empty_box / shelf.IN_THE_BOX)
    facts, source = check_folder(folder).facts, Source("shipped", folder.name)
    write_note(
        folder, name=folder.name, facts=facts, source=source, files={}, adapted={"from": "scratch-mini"}
    )
    page.architectures.cards["lstm"].click()
    page.architectures.cards["bert"].click()
    options = page.form.wish.options
    assert options.encoder == shelf.IN_THE_BOX == shelf.usual_encoder()
    assert options == default_options("bert", shelf.IN_THE_BOX)
    page.architectures.cards["lstm"].click()
    page.options.set_encoder("scratch-tiny")
    page.architectures.cards["bert"].click()
    assert page.form.wish.options.encoder == "scratch-tiny", "what somebody chose remains"


def test_an_empty_shelf_says_what_to_do_and_offers_new_ones_honestly(page: TrainPage) -> None:
    card = page.encoder_card
    assert card.hint.isVisible()
    assert "放入" in card.hint.text()
    assert "下载" in card.hint.text()
    assert names(page) == ["scratch-tiny", "scratch-mini", "scratch-small"]
    assert card.view.current is not None
    assert card.view.current.row.name == "scratch-mini", "what is chosen is the current one"
    assert "LSTM" in card.details.text()
    assert not card.check.isVisible()
    assert cell(page, "scratch-mini", Column.FIT).startswith("够")
    assert cell(page, "scratch-mini", Column.TIME).startswith("约")


def test_a_folder_is_dropped_chosen_and_told(page: TrainPage, qtbot: QtBot, encoder: Path) -> None:
    card = page.encoder_card
    page.options.fields["epochs"].set_value(5)
    page.form.tell()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(encoder))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    entering = QDragEnterEvent(QPoint(5, 5), copy, data, left, none)
    card.dragEnterEvent(entering)
    assert entering.isAccepted()
    with qtbot.waitSignal(page.encoders.desk.arrived, timeout=LONG):
        card.dropEvent(QDropEvent(QPointF(5, 5), copy, data, left, none))
        assert name_dialog(page).name.text() == "小编码器"
        qtbot.keyClick(name_dialog(page).name, Qt.Key.Key_Return)
        assert not card._from_folder.isEnabled(), "one at a time"
    qtbot.waitUntil(lambda: row_of(page, "小编码器") is not None, timeout=LONG)
    wish = page.form.wish
    assert wish.options.encoder == "小编码器"
    assert wish.options.learning_rate == default_options("bert", "小编码器").learning_rate
    assert wish.options.epochs == 5, "what was changed stays"
    assert not card.hint.isVisible()
    line = card.view.current
    assert line is not None
    assert (line.row.name, line.is_chosen) == ("小编码器", True)
    spoken = card.view.lines.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert all(word in spoken for word in ("小编码器", "BERT", "2 × 16", "中文", "已选中"))
    assert "apache-2.0" in card.details.text()
    qtbot.waitUntil(lambda: page.presenter.plan is not None and page.presenter.plan.may_start, timeout=LONG)

    text = QMimeData()
    text.setUrls([QUrl.fromLocalFile(str(encoder / "config.json"))])
    entering = QDragEnterEvent(QPoint(5, 5), copy, text, left, none)
    card.dragEnterEvent(entering)
    assert not entering.isAccepted(), "neither a folder nor a zip: the window may want it"


def test_a_bad_zip_is_refused_with_a_sentence(
    page: TrainPage, qtbot: QtBot, context: UiContext, encoder: Path, tmp_path: Path
) -> None:
    (encoder / "config.json").write_text(json.dumps({**CONFIG, "model_type": "gpt2"}), "utf-8")
    with qtbot.waitSignal(page.encoders.desk.failed, timeout=LONG) as told:
        page.encoder_card.dropped.emit(str(zipped(encoder, tmp_path / "续写.zip")))
        name_dialog(page).start.click()
    assert told.args is not None
    assert told.args[0] == "ENCODER_WRITES_TEXT"
    assert "续写" in context.dialogs.open_errors[0].title.text()
    context.dialogs.open_errors[0].close()
    assert page.form.wish.options.encoder == "scratch-mini"


def test_what_is_added_gets_the_name_that_is_given_to_it(
    page: TrainPage, qtbot: QtBot, encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(page, encoder, "小编码器", qtbot)
    package = zipped(write_encoder(tmp_path / "另"), tmp_path / "小编码器.zip")
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getOpenFileName", lambda *_: (str(package), "Zip"))
    page.encoder_card.zip_asked.emit()
    dialog = name_dialog(page)
    assert dialog.name.text() == "小编码器"
    assert not dialog.start.isEnabled(), "there is one of that name"
    assert "已经有一个" in dialog.trouble.text()
    page.encoder_card.dropped.emit(str(encoder))
    assert name_dialog(page) is dialog, "one at a time"
    for name in ("", " . ", "nul", "小编码器"):
        dialog.name.setText(name)
        assert not dialog.start.isEnabled(), name
    dialog.name.setText("酒店 第2版")
    assert dialog.trouble.isHidden()
    with qtbot.waitSignal(page.encoders.desk.arrived, timeout=LONG):
        dialog.start.click()
    qtbot.waitUntil(lambda: row_of(page, "酒店 第2版") is not None, timeout=LONG)
    assert page.form.wish.options.encoder == "酒店 第2版"
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getExistingDirectory", lambda *_: "")
    page.encoder_card.folder_asked.emit()
    assert page.encoders.adding.dialog is None, "who chooses no folder is asked nothing"


def test_the_keyboard_chooses_checks_removes_and_brings_back(
    page: TrainPage, qtbot: QtBot, context: UiContext, encoder: Path, tmp_path: Path
) -> None:
    other = zipped(write_encoder(tmp_path / "b"), tmp_path / "另一个.zip")
    add(page, encoder, "小编码器", qtbot)
    add(page, other, "另一个", qtbot)
    card, view = page.encoder_card, page.encoder_card.view
    assert page.form.wish.options.encoder == "另一个"
    go_to(page, "小编码器")
    assert page.form.wish.options.encoder == "另一个", "to look at one is not to choose it"
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert page.form.wish.options.encoder == "小编码器"

    with qtbot.waitSignal(page.encoders.desk.checked, timeout=LONG):
        qtbot.mouseClick(card.check, Qt.MouseButton.LeftButton)
        assert not card.check.isEnabled()
    assert "检查过了" in card.details.text()
    assert row_of(page, "小编码器") is not None
    weights = shelf.overview().entries[0].folder / "vocab.txt"
    weights.write_bytes(weights.read_bytes().replace("一".encode(), "丁".encode(), 1))
    go_to(page, shelf.overview().entries[0].name)
    with qtbot.waitSignal(page.encoders.desk.checked, timeout=LONG):
        card.check.click()
    assert "vocab.txt" in card.details.text()

    go_to(page, "小编码器")
    with qtbot.waitSignal(page.encoders.desk.removed, timeout=LONG):
        qtbot.keyClick(view, Qt.Key.Key_Delete)
    toast = context.toasts.shown[-1]
    assert "小编码器" in toast.text
    toast._timer.stop()  # it may take long until all is looked at on a busy machine
    qtbot.waitUntil(lambda: problem(page) == "ENCODER_NOT_FOUND", timeout=LONG)
    gone = row_of(page, "小编码器")
    assert gone is not None
    assert gone.kind is Kind.GONE
    assert not page.start_card.start.isEnabled()
    with qtbot.waitSignal(page.encoders.desk.restored, timeout=LONG):
        toast.action_button.click()
    qtbot.waitUntil(page.start_card.start.isEnabled, timeout=LONG)
    go_to(page, "小编码器")
    with qtbot.waitSignal(page.encoders.desk.removed, timeout=LONG):
        card.remove.click()
    qtbot.waitUntil(card.act.isVisible, timeout=LONG)
    with qtbot.waitSignal(page.encoders.desk.restored, timeout=LONG):
        qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.waitUntil(page.start_card.start.isEnabled, timeout=LONG)


def test_an_encoder_gets_another_name_and_that_is_undone(
    page: TrainPage, qtbot: QtBot, context: UiContext, encoder: Path
) -> None:
    add(page, encoder, "小编码器", qtbot)
    desk = page.encoders.desk
    assert page.form.wish.options.encoder == "小编码器"

    def rename_to(name: str) -> None:
        page.encoder_card.rename.click()
        dialog = page.findChild(QInputDialog, "rename_encoder")
        assert isinstance(dialog, QInputDialog)
        dialog.setTextValue(name)
        dialog.accept()

    with qtbot.waitSignal(desk.broke, timeout=LONG):
        rename_to("..")
    assert "不能作为编码器的名字" in context.dialogs.open_errors[0].title.text()
    context.dialogs.open_errors[0].close()
    with qtbot.waitSignal(desk.renamed, timeout=LONG):
        rename_to("酒店 评论/大")
    qtbot.waitUntil(lambda: row_of(page, "大") is not None, timeout=LONG)
    assert page.form.wish.options.encoder == "大", "the form goes with it"
    assert row_of(page, "小编码器") is None
    page.options.set_encoder("小编码器")
    line = page.encoder_card.view.current
    assert line is not None
    assert (line.row.name, line.is_chosen) == ("大", True), "what names it by the old name finds it"
    qtbot.waitUntil(lambda: page.presenter.plan is not None and page.presenter.plan.may_start, timeout=LONG)
    with qtbot.waitSignal(desk.renamed, timeout=LONG):
        context.toasts.shown[-1].action_button.click()
    qtbot.waitUntil(lambda: row_of(page, "小编码器") is not None, timeout=LONG)
    go_to(page, "scratch-tiny")
    assert not page.encoder_card.rename.isVisible()


def test_what_another_program_has_is_put_on_the_shelf(page: TrainPage, qtbot: QtBot, tmp_path: Path) -> None:
    snapshot = tmp_path / "hf" / "hub" / "models--hfl--rbt3" / "snapshots" / "abc"
    write_encoder(snapshot)
    page.on_shown()
    qtbot.waitUntil(lambda: row_of(page, "hfl/rbt3") is not None, timeout=LONG)
    go_to(page, "hfl/rbt3")
    assert "别的程序" in page.encoder_card.details.text()
    with qtbot.waitSignal(page.encoders.desk.arrived, timeout=LONG):
        qtbot.keyClick(page.encoder_card.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(page)[0] == "rbt3", timeout=LONG)
    assert "hfl/rbt3" not in names(page)
    assert page.form.wish.options.encoder == "rbt3"


def test_a_folder_that_a_training_named_is_shown_and_one_that_is_gone_is_told(
    page: TrainPage, qtbot: QtBot, encoder: Path
) -> None:
    page.options.set_encoder(str(encoder))
    qtbot.waitUntil(lambda: page.encoders.desk.view.find(str(encoder)) is not None, timeout=LONG)
    assert page.encoder_card.act.isVisible()
    assert page.encoder_card.act.text() == "放上架子"
    qtbot.waitUntil(lambda: page.presenter.plan is not None and page.presenter.plan.may_start, timeout=LONG)
    page.options.set_encoder(str(encoder.parent / "没有"))
    qtbot.waitUntil(lambda: problem(page) == "ENCODER_NOT_FOUND", timeout=LONG)
    qtbot.waitUntil(
        lambda: "没有 曾" in page.encoder_card.details.text() or "取回" in page.encoder_card.details.text(),
        timeout=LONG,
    )


def test_the_options_change_what_a_training_takes(page: TrainPage, qtbot: QtBot, context: UiContext) -> None:
    def told() -> tuple[float, int]:
        line = page.encoder_card.view.lines.lines[names(page).index("scratch-small")]
        assert line.found is not None
        return line.found.seconds, line.found.memory

    seconds, memory = told()
    page.options.fields["freeze"].set_value("body")
    page.form.tell()
    assert told()[0] < seconds / 10, "a frozen body is passed once"
    page.options.fields["freeze"].set_value("none")
    page.options.fields["batch_size"].set_value(1024)
    page.options.fields["max_length"].set_value(0)
    page.form.tell()
    page.encoders.desk.machine = page.encoders.desk.machine.__class__(memory // 2, 1e11)
    page.encoders.show()
    assert page.encoder_card.view.lines.lines[-1].found is not None
    assert cell(page, "scratch-small", Column.FIT) in ("内存不够",) or "最多" in cell(
        page, "scratch-small", Column.FIT
    )
    context.machine.devices = (*context.machine.devices, Device("cuda", "显卡", 24 << 30))
    page.form.set_wish(page.form.wish)
    page._show_devices()
    page.start_card.device.setCurrentIndex(page.start_card.device.findData("cuda"))
    page.start_card.device.activated.emit(page.start_card.device.currentIndex())
    assert cell(page, "scratch-small", Column.FIT).startswith("够"), "the memory of the card counts"
    assert cell(page, "scratch-small", Column.TIME).startswith("不到")


def test_the_window_does_not_wait_for_a_slow_disk(
    page: TrainPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    released, threads = threading.Event(), set[int]()
    real = shelf_side.look

    def slow(given: object) -> object:
        threads.add(threading.get_ident())
        assert released.wait(20)
        return real(given)  # type: ignore[arg-type]

    monkeypatch.setattr(shelf_side, "look", slow)
    page.encoders.look()
    page.architectures.cards["gru"].click()
    page.architectures.cards["bert"].click()
    page.options.set_encoder("scratch-tiny")
    assert page.form.wish.options.encoder == "scratch-tiny"
    assert threading.get_ident() not in threads
    with qtbot.waitSignal(page.encoders.desk.changed, timeout=LONG):
        released.set()


def test_a_run_says_which_encoder_it_has_and_that_it_has_gone(
    page: TrainPage, qtbot: QtBot, encoder: Path
) -> None:
    add(page, encoder, "小编码器", qtbot)
    project = page.presenter.project
    assert project is not None
    request = TrainingRequest("bert", default_options("bert", "小编码器"))
    run = training.create_run(project, request)
    spec = run.spec()
    assert isinstance(spec, TrainingSpec)
    assert spec.options.encoder == "小编码器"
    assert spec.name == "BERT #1 · 小编码器"
    page.presenter.reload()
    qtbot.waitUntil(lambda: bool(page.runs.model.rows), timeout=LONG)
    page.presenter.show_run(run.id)
    line = page.status.encoder
    assert line.isVisible()
    assert line.name.text() == "小编码器"
    shelf.remove("小编码器")
    page.on_shown()
    qtbot.waitUntil(lambda: "已不在" in line.name.text(), timeout=LONG)
    assert "移除" in line.name.toolTip()
    shelf.restore("小编码器")
    page.on_shown()
    qtbot.waitUntil(lambda: line.name.text() == "小编码器", timeout=LONG)
