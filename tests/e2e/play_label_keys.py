"""Presses every key of the labelling page in the real program.

Run as ``python play_label_keys.py PROJECT LANGUAGE``. As beside an active input method, keys come with
``Key_unknown``, without a text, and with the scan code of their place. Tells what it saw as JSON lines.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from driving import Condition, Driver, drive
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QInputMethodQueryEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from senti_studio.ui.cheat_sheet import CheatSheet

Steps = Generator[Condition, None, None]
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier

PLACES = dict(zip("1234567890", range(10, 20), strict=True))
PLACES |= dict(zip("QWERTYUIOP", range(24, 34), strict=True))
PLACES |= dict(zip("ASDFGHJKL", range(38, 47), strict=True))
PLACES |= dict(zip("ZXCVBNM", range(52, 59), strict=True))


def tell(**values: Any) -> None:
    print(json.dumps(values, ensure_ascii=False, default=str), flush=True)  # noqa: T201 - read by the test


def physical(character: str, modifier: Qt.KeyboardModifier = NONE) -> None:
    """A key of which an input method has left nothing but its place."""
    target = QApplication.focusWidget()
    assert target is not None
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, Qt.Key.Key_unknown, modifier, PLACES[character], 0, 0, "")
        QApplication.sendEvent(target, event)


def takes_input_methods(target: Any) -> bool:
    """What the platform asks whatever has the focus."""
    query = QInputMethodQueryEvent(Qt.InputMethodQuery.ImEnabled)
    QApplication.sendEvent(target, query)
    return bool(query.value(Qt.InputMethodQuery.ImEnabled))


class Desk:
    """The page and what is stored, for the script."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.project: Any = driver.window.context.session.project
        self.page: Any = driver.page("label")
        self.labels = [label.id for label in self.project.labels.list()]

    @property
    def here(self) -> Any:
        return self.page.presenter.comment

    @property
    def guide_state(self) -> tuple[bool, bool]:
        """Whether the card is unfolded, and whether it stands in a drawer for want of room."""
        return self.page.guide.is_open, self.page.guiding.drawer is not None

    def is_ready(self) -> bool:
        """A comment is in view and on the screen, everything is on the disk."""
        presenter = self.page.presenter
        idle = presenter._saving.is_idle and not presenter.feed.is_filling
        return bool(idle and self.here is not None and self.page.comment.text.toPlainText() == self.here.text)

    def stored(self, comment_id: int) -> Any:
        return self.project.comments.get(comment_id)

    def decided(self, act: Callable[[], None], check: Callable[[Any], object]) -> Steps:
        """Does something that decides the comment in view; it is stored, and another one is in view."""
        yield self.is_ready
        before = self.here.id
        act()
        yield lambda: self.is_ready() and self.here.id != before and check(self.stored(before))


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
    key(Qt.Key.Key_Z, CONTROL)
    yield lambda: desk.is_ready() and desk.here.id != back and not desk.here.skipped
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
    yield desk.page.hasFocus
    folded = desk.guide_state
    physical("G")
    yield lambda: desk.guide_state != folded
    physical("G")
    yield lambda: desk.guide_state == folded
    key(Qt.Key.Key_PageDown)
    key(Qt.Key.Key_PageUp)
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
    window.context.actions.action("help.keys").trigger()
    yield lambda: bool(window.findChildren(CheatSheet))
    tell(sheet=window.findChildren(CheatSheet)[0].shown)
    window.findChildren(CheatSheet)[0].reject()
    yield lambda: not any(one.isVisible() for one in window.findChildren(CheatSheet))
    window.activateWindow()
    desk.page.setFocus()
    yield desk.page.hasFocus
    desk.page.search.setText("汤洒了")
    desk.page.search.send()
    yield lambda: desk.is_ready() and "汤洒了" in desk.here.text
    count = len(desk.page.presenter.feed.queue)
    before = desk.project.comments.counts().by_label.get(desk.labels[4], 0)
    physical("5", CONTROL | SHIFT)
    yield lambda: desk.project.comments.counts().by_label.get(desk.labels[4], 0) == before + count
    tell(all=count)


def script(driver: Driver) -> Steps:
    driver.window.context.settings.language = sys.argv[2]
    driver.window.lifecycle.open_project(Path(sys.argv[1]))
    yield lambda: driver.window.context.session.project is not None
    desk = Desk(driver)
    yield desk.is_ready
    assert desk.page.hasFocus(), "the page itself, not a field"
    tell(
        context=QGuiApplication.inputMethod() is not None,
        page_takes_input_methods=takes_input_methods(desk.page),
        title=driver.window.rail.items["label"].text(),
    )
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
