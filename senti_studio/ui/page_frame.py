"""The frame of a page: on a small screen, or a scaled one, the page scrolls instead of being cut off."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from senti_studio.ui.pages.page import Page


class PageFrame(QScrollArea):
    """Gives the page all the room there is; scroll bars come where the page needs more."""

    def __init__(self, page: Page, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setMinimumSize(0, 0)
        self.setWidget(page)
        self.viewport().setAutoFillBackground(False)
