"""The Train page: an encoder is downloaded by its id from a hub on this machine; nothing else asks one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from shelf_pages import (
    CONFIG,
    LONG,
    NAME,
    LocalHub,
    go_to,
    local_hub,
    open_page,
    row_of,
    shut_off,
    write_encoder,
)

from senti_studio.operations import encoders as shelf
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import MessageDialog
from senti_studio.ui.pages.train.encoders.download_dialog import DownloadDialog
from senti_studio.ui.pages.train.encoders.rows import Kind
from senti_studio.ui.pages.train.view import TrainPage


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    folder = write_encoder(tmp_path / "来源", {**CONFIG, "max_position_embeddings": 8192})
    with local_hub() as served:
        served.add(NAME, folder)
        yield served


@pytest.fixture
def page(
    context: UiContext, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: LocalHub
) -> Iterator[TrainPage]:
    shut_off(monkeypatch, tmp_path)
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    made = open_page(context, qtbot, tmp_path)
    yield made
    made.encoders.close()
    made.presenter.open_project(None)


def opened(page: TrainPage, qtbot: QtBot) -> DownloadDialog:
    if page.encoders._dialog is None:
        qtbot.mouseClick(page.encoder_card.download, Qt.MouseButton.LeftButton)
    dialog = page.encoders._dialog
    assert dialog is not None
    return dialog


def begin(dialog: DownloadDialog, identity: str, qtbot: QtBot) -> None:
    dialog.identity.setText(identity)
    qtbot.keyClick(dialog.identity, Qt.Key.Key_Return)


def test_nothing_asks_a_network_until_it_is_pressed(page: TrainPage, qtbot: QtBot, hub: LocalHub) -> None:
    page.encoders.look()
    dialog = opened(page, qtbot)
    assert dialog.endpoint.placeholderText() == hub.url
    assert not dialog.start.isEnabled()
    assert not dialog.remember.isEnabled(), "there is no address to remember"
    qtbot.keyClicks(dialog.identity, NAME)
    assert dialog.start.isEnabled()
    assert hub.seen == []
    with qtbot.waitSignal(page.encoders.desk.arrived, timeout=LONG):
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
        assert dialog.cancel.isVisible()
    assert hub.seen
    qtbot.waitUntil(lambda: page.encoders._dialog is None, timeout=LONG)
    row = row_of(page, "chinese-tiny")
    assert row is not None
    assert (row.kind, row.place) == (Kind.SHELF, NAME)
    assert page.form.wish.options.encoder == "chinese-tiny"
    page.options.set_encoder(NAME)
    line = page.encoder_card.view.current
    assert line is not None
    assert (line.row.name, line.is_chosen) == ("chinese-tiny", True), "a training may name it by its id"


def test_a_wrong_id_is_told_and_can_be_mended(page: TrainPage, qtbot: QtBot) -> None:
    dialog = opened(page, qtbot)
    with qtbot.waitSignal(page.encoders.desk.download_failed, timeout=LONG):
        begin(dialog, "hfl/does-not-exist", qtbot)
    assert dialog.trouble.isVisible()
    assert "hfl/does-not-exist" in dialog.trouble.text()
    assert "核对编号" in dialog.trouble.text()
    with qtbot.waitSignal(page.encoders.desk.download_failed, timeout=LONG):
        begin(dialog, "一个名字", qtbot)
    assert "所有者/名字" in dialog.trouble.text()
    with qtbot.waitSignal(page.encoders.desk.arrived, timeout=LONG):
        begin(dialog, NAME, qtbot)


def test_cancelled_it_keeps_what_is_there_and_goes_on(
    page: TrainPage, qtbot: QtBot, hub: LocalHub, context: UiContext
) -> None:
    hub.pause = 0.4
    dialog = opened(page, qtbot)
    begin(dialog, NAME, qtbot)
    desk = page.encoders.desk
    qtbot.waitUntil(
        lambda: desk.loading is not None and 0 < desk.loading.done < desk.loading.total, timeout=LONG
    )
    assert "/" in dialog.told.text()
    qtbot.waitUntil(lambda: dialog.bar.value() > 0, timeout=LONG)
    qtbot.mouseClick(dialog.leave, Qt.MouseButton.LeftButton)
    assert page.encoders._dialog is None
    assert desk.loading is not None, "closing the dialog stops nothing"
    qtbot.waitUntil(lambda: row_of(page, NAME) is not None, timeout=LONG)
    line = next(each for each in page.encoder_card.view.lines.lines if each.row.name == NAME)
    assert line.row.is_at_work
    assert line.share is not None
    dialog = opened(page, qtbot)
    assert dialog.identity.text() == NAME
    assert dialog.cancel.isVisible()
    # The large file is the last: a part of it is to be there.
    qtbot.waitUntil(
        lambda: desk.loading is not None and desk.loading.done > desk.loading.total / 20, timeout=LONG
    )
    with qtbot.waitSignal(desk.download_failed, timeout=LONG) as told:
        qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    assert told.args is not None
    assert told.args[0] == "CANCELLED"
    assert "还在" in dialog.trouble.text()
    assert dialog.start.text() == "继续"
    dialog.close()

    def unfinished() -> bool:
        row = row_of(page, NAME)
        return row is not None and row.kind is Kind.UNFINISHED and not row.is_at_work and row.bytes_there > 0

    qtbot.waitUntil(unfinished, timeout=LONG)
    go_to(page, NAME)
    assert page.encoder_card.act.text() == "继续下载…"
    assert not context.dialogs.open_errors
    hub.pause = 0.0
    hub.seen.clear()
    qtbot.keyClick(page.encoder_card.view, Qt.Key.Key_Return)
    dialog = opened(page, qtbot)
    assert dialog.identity.text() == NAME
    with qtbot.waitSignal(desk.arrived, timeout=LONG):
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    ranges = [headers.get("range", "") for headers in hub.asked_for(".safetensors")]
    assert any(each.startswith("bytes=") for each in ranges), "it did not begin anew"
    qtbot.waitUntil(lambda: row_of(page, NAME) is None, timeout=LONG)


def test_what_is_unfinished_is_deleted_after_a_question(
    page: TrainPage, qtbot: QtBot, hub: LocalHub, context: UiContext
) -> None:
    hub.pause = 0.4
    begin(opened(page, qtbot), NAME, qtbot)
    desk = page.encoders.desk
    qtbot.waitUntil(lambda: desk.loading is not None and desk.loading.done > 0, timeout=LONG)
    with qtbot.waitSignal(desk.download_failed, timeout=LONG):
        desk.cancel_download()
    opened(page, qtbot).close()
    qtbot.waitUntil(lambda: row_of(page, NAME) is not None, timeout=LONG)
    go_to(page, NAME)
    qtbot.mouseClick(page.encoder_card.remove, Qt.MouseButton.LeftButton)
    question = context.dialogs.window.findChildren(MessageDialog)[-1]
    assert NAME in question.title.text()
    assert question.buttons[1].hasFocus() or question.buttons[1].isDefault(), "the safe choice"
    question.buttons[0].click()
    qtbot.waitUntil(lambda: row_of(page, NAME) is None, timeout=LONG)
    assert shelf.overview().unfinished == ()


def test_another_hub_is_named_and_remembered(
    page: TrainPage, qtbot: QtBot, hub: LocalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_ENDPOINT")
    page.encoders.look()
    qtbot.waitUntil(lambda: page.encoders.desk.view.endpoint == "https://huggingface.co", timeout=LONG)
    dialog = opened(page, qtbot)
    dialog.endpoint.setText("ftp://例")
    dialog.remember.setChecked(True)
    with qtbot.waitSignal(page.encoders.desk.download_failed, timeout=LONG) as told:
        begin(dialog, NAME, qtbot)
    assert told.args is not None
    assert told.args[0] == "HUB_BAD_ENDPOINT"
    assert dialog.trouble.isVisible()
    dialog.endpoint.setText(hub.url + "/")
    with qtbot.waitSignal(page.encoders.desk.arrived, timeout=LONG):
        begin(dialog, NAME, qtbot)
    assert shelf.endpoint() == hub.url
    assert page.encoders.desk.view.endpoint == hub.url
