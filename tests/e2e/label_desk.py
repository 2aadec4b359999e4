"""The labelling page as scripts use it: keys as beside an active input method, and what is stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from typing import Any

from driving import Condition, Driver
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputMethodQueryEvent, QKeyEvent
from PySide6.QtWidgets import QApplication

Steps = Generator[Condition, None, None]
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier

PLACES = dict(zip("1234567890", range(10, 20), strict=True))
PLACES |= dict(zip("QWERTYUIOP[]", range(24, 36), strict=True))
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
        self.aside: frozenset[int] = self.project.test_sets.visible()

    @property
    def here(self) -> Any:
        return self.page.presenter.comment

    @property
    def queue(self) -> list[int]:
        """All that the queue in view holds."""
        return list(dict.fromkeys(self.page.presenter.feed.queue.ids))

    @property
    def guide_state(self) -> tuple[bool, bool]:
        """Whether the card is unfolded, and whether it stands in a drawer for want of room."""
        return self.page.guide.is_open, self.page.guiding.drawer is not None

    def has_keys(self) -> bool:
        """Whether keys come to the page. After a popup or a dialog the window is the active one again, which
        is the window manager's part where there is one."""
        if not self.driver.window.isActiveWindow():
            self.driver.window.activateWindow()
            return False
        return bool(self.page.hasFocus())

    def is_saved(self) -> bool:
        """Everything is on the disk, and the queue is whole."""
        presenter = self.page.presenter
        return bool(presenter._saving.is_idle and not presenter.feed.is_filling)

    def is_ready(self) -> bool:
        """A comment is in view and on the screen, everything is on the disk."""
        here = self.here
        return bool(
            self.is_saved() and here is not None and self.page.comment.text.toPlainText() == here.text
        )

    def stored(self, comment_id: int) -> Any:
        return self.project.comments.get(comment_id)

    def state(self, comment_id: int) -> tuple[int | None, bool]:
        """Label and whether it is put aside, as they are in the project."""
        found = self.stored(comment_id)
        return found.label_id, found.skipped

    def decided(self, act: Callable[[], None], check: Callable[[Any], object]) -> Steps:
        """Does something that decides the comment in view; it is stored, and another one is in view."""
        yield self.is_ready
        before = self.here.id
        act()
        yield lambda: self.is_ready() and self.here.id != before and check(self.stored(before))

    def undone(self, comment_id: int, state: tuple[int | None, bool]) -> Steps:
        """Ctrl+Z: the comment is in view again, as it was."""
        yield lambda: self.page.presenter.can_undo and self.has_keys()
        self.driver.key(Qt.Key.Key_Z, CONTROL)
        yield lambda: self.is_ready() and self.here.id == comment_id and self.state(comment_id) == state

    def searched(self, words: str) -> Steps:
        """``/``, the words, Enter; the keys are those of the page again."""
        self.driver.key("/")
        yield self.page.search.hasFocus
        field = QApplication.focusWidget()
        field.selectAll()  # type: ignore[union-attr]
        field.insert(words)  # type: ignore[union-attr]
        self.driver.key(Qt.Key.Key_Return)
        yield lambda: self.is_ready() and self.page.presenter.feed.view.search == words
        if not self.page.hasFocus():
            self.driver.key(Qt.Key.Key_Escape)
        yield self.has_keys
