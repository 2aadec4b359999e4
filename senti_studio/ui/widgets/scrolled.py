"""A scroll area without a frame around a widget that fits its width."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def scrolled(inside: QWidget, *, sideways: bool = False, focusable: bool = True) -> QScrollArea:
    """``inside`` in a frameless scroll area; ``sideways``: also to the left and right, otherwise it is made
    as wide as there is room; not ``focusable``: keys never land in it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    if not sideways:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    if not focusable:
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    return area


def scrolled_on_card(inside: QWidget) -> QScrollArea:
    """As `scrolled`, in both directions, with the card showing through."""
    area = scrolled(inside, sideways=True)
    inside.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    return area


class Inside(QWidget):
    """What stands in a scroll area: it is scrolled where its least height has no room, not already where the
    height that it would like to have has none."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("scrolled")

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.totalMinimumHeightForWidth(width) if layout is not None else -1
