"""Where the window may lie: never larger than its screen, never with its title bar or bottom outside."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize

SMALLEST = QSize(1120, 720)
"""Below this size pages scroll."""
FIRST = QSize(1440, 900)
TITLE_BAR = 40
"""Pixels that the frame needs above the window; known exactly only once the window is shown."""


def room_on(available: QRect) -> QSize:
    """The largest window that fits, its title bar included, into the ``available`` part of a screen."""
    return QSize(available.width(), max(1, available.height() - TITLE_BAR))


def smallest_on(available: QRect) -> QSize:
    """The minimum size of the window: the one it is made for where there is room, else what there is."""
    return SMALLEST.boundedTo(room_on(available))


def first_on(available: QRect) -> QSize:
    """The size of a window that was never open before."""
    return FIRST.boundedTo(room_on(available))


def placed(wanted: QRect, available: QRect) -> QRect:
    """``wanted`` (the window without its frame), shrunk and moved into ``available``."""
    size = wanted.size().boundedTo(room_on(available))
    left = min(wanted.left(), available.left() + available.width() - size.width())
    top = min(wanted.top(), available.top() + available.height() - size.height())
    return QRect(
        max(left, available.left()), max(top, available.top() + TITLE_BAR), size.width(), size.height()
    )
