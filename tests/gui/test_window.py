"""The main window: pages, language, theme, and that nothing stays behind."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from senti_studio.ui.window import MainWindow


def test_opens_on_the_home_page_with_the_steps_disabled(window: MainWindow) -> None:
    assert window.current == "home"
    assert window.rail.items["home"].isEnabled()
    assert not window.rail.items["train"].isEnabled()
    window.go_to("train")
    assert window.current == "home"


def test_language_switches_at_run_time(window: MainWindow, qtbot: QtBot) -> None:
    assert window.rail.items["data"].text() == "数据"
    window.language.install(qtbot_app(), "en")
    qtbot.waitUntil(lambda: window.rail.items["data"].text() == "Data")
    window.language.install(qtbot_app(), "zh_CN")
    qtbot.waitUntil(lambda: window.rail.items["data"].text() == "数据")


def qtbot_app():  # type: ignore[no-untyped-def]
    from PySide6.QtWidgets import QApplication

    return QApplication.instance()
