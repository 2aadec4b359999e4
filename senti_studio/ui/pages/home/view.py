"""The home page: go on within one click, and the whole road for a newcomer."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.page import Page
from senti_studio.ui.widgets.styles import text_label


class HomePage(Page):
    """Tiles, recent projects, the five steps, this computer."""

    name = "home"
    icon_name = "home"

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.header.hide()
        self.body.setContentsMargins(48, 40, 0, 0)
        self._title = text_label(size="hero")
        self.body.addWidget(self._title)
        self.body.addStretch(1)

    def retranslate(self) -> None:
        self._title.setText(self.tr("Turn comments into sentiment data you can use"))
