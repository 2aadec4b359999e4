"""Presses every key of the labelling page in the real program.

Run as ``python play_label_keys.py PROJECT LANGUAGE``. As beside an active input method, keys come with
``Key_unknown``, without a text, and with the scan code of their place. Tells what it saw as JSON lines.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from driving import Driver, drive
from label_desk import CONTROL, SHIFT, Desk, Steps, physical, takes_input_methods, tell
from label_queues import every_queue
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from senti_studio.ui.cheat_sheet import CheatSheet

LONG = "这条很长"


def digits(desk: Desk) -> Steps:
    for number in range(9):
        label = desk.labels[number]
        yield from desk.decided(
            lambda n=number: physical("123456789"[n]), lambda found, label=label: found.label_id == label
        )
    for number in range(3):
        label = desk.labels[9 + number]
        yield from desk.decided(
            lambda n=number: physical("123"[n], SHIFT), lambda found, label=label: found.label_id == label
        )
    committed = QInputMethodEvent("", [])
    committed.setCommitString("２")
    yield from desk.decided(
        lambda: QApplication.sendEvent(desk.page, committed), lambda found: found.label_id == desk.labels[1]
    )
    tell(digits=12)


def skipping_and_going_back(desk: Desk) -> Steps:
    key = desk.driver.key
    yield from desk.decided(lambda: physical("0"), lambda found: found.skipped)
    yield from desk.decided(lambda: key(Qt.Key.Key_Space), lambda found: found.skipped)
    skipped = desk.here.id
    key(Qt.Key.Key_Backspace)  # the last one is taken back
    yield lambda: desk.is_ready() and desk.here.id != skipped and not desk.here.skipped
    back = desk.here.id
    yield lambda: desk.page.presenter.can_undo and desk.has_keys()
    key(Qt.Key.Key_Z, CONTROL)
    yield lambda: desk.is_ready() and desk.here.id != back and not desk.here.skipped
    yield lambda: desk.page.presenter.can_redo and desk.has_keys()
    key(Qt.Key.Key_Y, CONTROL)
    yield lambda: desk.is_ready() and desk.here.skipped
    tell(undone=True)
    here = desk.here.id
    for forth, there in ((lambda: key(Qt.Key.Key_Right), lambda: key(Qt.Key.Key_Left)),
                         (lambda: physical("D"), lambda: physical("A"))):  # fmt: skip
        forth()
        yield lambda: desk.is_ready() and desk.here.id != here
        there()
        yield lambda: desk.is_ready() and desk.here.id == here
    key(Qt.Key.Key_Right, SHIFT)
    yield lambda: desk.is_ready() and desk.here.id != here and desk.here.label_id is None
    first_open = desk.here.id
    key(Qt.Key.Key_Right, SHIFT)
    yield lambda: desk.is_ready() and desk.here.id > first_open
    key(Qt.Key.Key_Left, SHIFT)
    yield lambda: desk.is_ready() and desk.here.id == first_open
    tell(moved=True)


def marks_and_notes(desk: Desk) -> Steps:
    key, here = desk.driver.key, desk.here.id
    physical("F")
    yield lambda: desk.is_ready() and desk.stored(here).flagged
    physical("N")
    yield lambda: isinstance(QApplication.focusWidget(), QLineEdit)
    assert takes_input_methods(QApplication.focusWidget()), "a note is written with an input method"
    QApplication.focusWidget().insert("回头再看")
    key(Qt.Key.Key_Return)
    yield lambda: desk.is_ready() and desk.stored(here).note == "回头再看" and desk.page.hasFocus()
    key("/")
    yield lambda: desk.page.search.hasFocus()
    key(Qt.Key.Key_Escape)
    yield desk.has_keys
    folded = desk.guide_state
    physical("G")
    yield lambda: desk.guide_state != folded
    physical("G")
    yield lambda: desk.guide_state == folded
    hidden = desk.page.hide_suggestions.isChecked()
    physical("H")
    yield lambda: desk.page.hide_suggestions.isChecked() != hidden
    physical("H")
    yield lambda: desk.page.hide_suggestions.isChecked() == hidden
    physical("W", SHIFT)  # 物流慢 is the only label with w
    yield lambda: desk.is_ready() and desk.stored(here).label_id == desk.labels[11]
    tell(marked=True)


def windows_and_all(desk: Desk) -> Steps:
    key, window = desk.driver.key, desk.driver.window
    yield desk.is_ready
    key(Qt.Key.Key_H, CONTROL)
    yield lambda: desk.page.past.dialog is not None and desk.page.past.dialog.model.rowCount() > 0
    desk.page.past.dialog.reject()
    yield lambda: desk.page.past.dialog is None
    yield desk.has_keys
    key("?")
    yield lambda: any(one.isVisible() for one in window.findChildren(CheatSheet))
    (sheet,) = window.findChildren(CheatSheet)
    tell(sheet=sheet.shown)
    yield lambda: sheet.isAncestorOf(QApplication.focusWidget())
    key(Qt.Key.Key_Escape)
    yield lambda: not window.findChildren(CheatSheet)
    yield desk.has_keys
    yield from desk.searched(LONG)
    bar = desk.page.comment.text.verticalScrollBar()
    assert (bar.value(), LONG in desk.here.text) == (0, True)
    key(Qt.Key.Key_PageDown)
    scrolled = bar.value()
    assert scrolled > 0
    key(Qt.Key.Key_PageDown)
    assert bar.value() > scrolled
    key(Qt.Key.Key_PageUp)
    assert bar.value() == scrolled
    key(Qt.Key.Key_PageUp)
    assert bar.value() == 0
    yield from desk.searched("汤洒了")
    assert "汤洒了" in desk.here.text
    assert desk.aside.isdisjoint(desk.queue)
    count = len(desk.page.presenter.feed.queue)
    before = desk.project.comments.counts().by_label.get(desk.labels[4], 0)
    physical("5", CONTROL | SHIFT)
    yield lambda: desk.project.comments.counts().by_label.get(desk.labels[4], 0) == before + count
    tell(all=count)


def script(driver: Driver) -> Steps:
    driver.window.context.settings.language = sys.argv[2]
    driver.window.context.settings.ask_again = False  # that comes by chance
    driver.window.lifecycle.open_project(Path(sys.argv[1]))
    yield lambda: driver.window.context.session.project is not None
    desk = Desk(driver)
    yield desk.is_ready
    assert desk.page.hasFocus(), "the page itself, not a field"
    tell(
        context=QGuiApplication.inputMethod() is not None,
        page_takes_input_methods=takes_input_methods(desk.page),
        wide=driver.window.width() > 1200,
        title=driver.window.rail.items["label"].text(),
    )
    yield from every_queue(desk)
    yield from digits(desk)
    yield from skipping_and_going_back(desk)
    yield from marks_and_notes(desk)
    yield from windows_and_all(desk)
    tell(done=True)


if __name__ == "__main__":
    try:
        sys.exit(drive(script))
    except Exception:  # noqa: BLE001 - the window has put its own hook for uncaught errors
        traceback.print_exc()
        sys.exit(1)
