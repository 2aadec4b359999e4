"""The parts of the Classify page and their places: three arrangements by the width of the window."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.classify.chosen_file import ChosenFile
from senti_studio.ui.pages.classify.numbers_card import NumbersCard
from senti_studio.ui.pages.classify.presenter import ClassifyPresenter
from senti_studio.ui.pages.classify.queue_card import QueueCard
from senti_studio.ui.pages.importing.file_step import DropZone
from senti_studio.ui.pages.page import Page
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.empty_state import EmptyState
from senti_studio.ui.widgets.styles import text_label

_RIGHT, _NARROW_RIGHT = 384, 300
_WIDE_FROM = 1240
_BELOW_UNDER, _LEAST_CARD, _ANY_WIDTH = 1040, 200, 16_777_215
_TWO_ROWS = 220
"""High enough for so many files; a higher window gives the list its share of the room."""
NO_MODEL, NO_FILES, QUEUE = range(3)


class ClassifyLayout(Page):
    """Makes every widget of the page and lays it out."""

    name: ClassVar[str] = "classify"
    icon_name: ClassVar[str] = "classify"

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        theme = context.theme
        self.presenter = ClassifyPresenter(self)
        self.chosen = ChosenFile(context, self.presenter, self)
        self.target, self.shares, self.result = self.chosen.target, self.chosen.shares, self.chosen.result
        self._words = (text_label(role="second"), text_label(role="second"))
        self.numbers = NumbersCard(context, self)
        self.models = QComboBox(self)
        self.models.setMinimumWidth(180)
        self.devices = QComboBox(self)
        self.devices.setMinimumWidth(120)
        self.output = button(" ", icon="folder", theme=theme)
        self.sources = button(" ", icon="table", theme=theme)
        self.add = button(" ", kind="primary", icon="plus", theme=theme)
        self.queue = QueueCard(context, self)
        self.newer = button(" ", kind="link", theme=theme)
        self.queue.header.addWidget(self.newer)
        self.no_model = EmptyState("train", theme=theme, primary=("", lambda: None))
        self.no_files = DropZone(context, self)
        self._drop_words = EmptyState("classify", theme=theme, primary=("", lambda: None))
        self.stack = QStackedWidget(self)
        self._lay_out()

    def _lay_out(self) -> None:
        self.header.add(self._words[0])
        self.header.add(self.models)
        self.header.add(self._words[1])
        self.header.add(self.devices)
        self.header.stretch()
        for one in (self.output, self.sources, self.add):
            self.header.add(one)
        zone = QVBoxLayout(self.no_files)
        zone.addWidget(self._drop_words)
        left = QVBoxLayout()
        left.setSpacing(16)
        self.queue.setMinimumHeight(_TWO_ROWS)
        left.addWidget(self.queue, 9)
        left.addWidget(self.target, 11)
        self._right = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._right.setSpacing(16)
        for card in self._cards():
            self._right.addWidget(card)
        self._right.addStretch(1)
        work = QWidget(self)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, work)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.setSpacing(16)
        self._columns.addLayout(left, 1)
        self._columns.addLayout(self._right)
        self._states = (self.no_model, self.no_files, work)
        for widget in self._states:
            self.stack.addWidget(widget)
        self.body.addWidget(self.stack, 1)

    def show_state(self, page: int) -> None:
        """`NO_MODEL`, `NO_FILES` or `QUEUE`; what is not shown does not ask for room, so that nothing has to
        be scrolled for it."""
        for place, widget in enumerate(self._states):
            policy = QSizePolicy.Policy.Preferred if place == page else QSizePolicy.Policy.Ignored
            widget.setSizePolicy(policy, policy)
        self.stack.setCurrentIndex(page)

    def _cards(self) -> tuple[QWidget, ...]:
        return self.shares, self.result, self.numbers

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow window takes from the right side first, a very narrow one puts it below."""
        is_below = self.width() < _BELOW_UNDER
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._columns.setDirection(down if is_below else across)
        self._right.setDirection(across if is_below else down)
        for card in self._cards():
            if is_below:
                card.setMinimumWidth(_LEAST_CARD)
                card.setMaximumWidth(_ANY_WIDTH)
            else:
                card.setFixedWidth(_RIGHT if self.width() >= _WIDE_FROM else _NARROW_RIGHT)
        super().resizeEvent(event)
