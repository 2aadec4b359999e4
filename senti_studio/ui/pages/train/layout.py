"""The parts of the Train page and their places: a wide and a narrow arrangement."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.page import Page
from senti_studio.ui.pages.train.architecture_cards import ArchitectureCards
from senti_studio.ui.pages.train.curve_cards import CurveCards
from senti_studio.ui.pages.train.encoders.card import EncoderCard
from senti_studio.ui.pages.train.options_form import OptionsForm
from senti_studio.ui.pages.train.plan_card import PlanCard
from senti_studio.ui.pages.train.pseudo_card import PseudoCard
from senti_studio.ui.pages.train.repetition_group import RepetitionGroup
from senti_studio.ui.pages.train.runs_card import RunsCard
from senti_studio.ui.pages.train.side_cards import LogCard, MatrixCard
from senti_studio.ui.pages.train.start_card import StartCard
from senti_studio.ui.pages.train.status_card import StatusCard
from senti_studio.ui.pages.train.teaching_card import TeachingCard
from senti_studio.ui.pages.train.transfer_group import TransferGroup
from senti_studio.ui.pages.train.trials_card import TrialsCard
from senti_studio.ui.widgets.banner import Banner
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.empty_state import EmptyState
from senti_studio.ui.widgets.scrolled import Inside, scrolled
from senti_studio.ui.widgets.styles import text_label

LEFT_WIDTH = 280
RIGHT_WIDTH = 296
SCROLL_BAR = 10
RUNS_WIDTH = 528
"""The names of the runs can be read beside the trials of one of them."""
TIGHT_BELOW, TRIALS_HEIGHT = 1340, 190
NARROW_BELOW = 1180
"""Page width under which the right column moves below the plots; a screen of 1280 has room for both."""


class TrainLayout(Page):
    """Makes every widget of the page and lays it out; knows nothing of runs."""

    name: ClassVar[str] = "train"
    icon_name: ClassVar[str] = "train"

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        theme = context.theme
        self._narrow: bool | None = None
        self.split = text_label(role="second")
        self.new_button = button(theme=theme, icon="plus")
        self.header.add(self.split)
        self.header.stretch()
        self.header.add(self.new_button)
        self.banner = Banner(theme=theme)
        self.architectures = ArchitectureCards(theme)
        self.options = OptionsForm(theme, self)
        self.repetition = RepetitionGroup(theme, self)
        self.transfer = TransferGroup(theme, self)
        self.curves = CurveCards(theme)
        self.encoder_card = EncoderCard(theme)
        self.plan_card = PlanCard(theme)
        self.status = StatusCard(theme)
        self.start_card = StartCard(theme)
        self.pseudo, self.teaching = PseudoCard(), TeachingCard()
        self.matrix = MatrixCard(theme)
        self.log = LogCard(theme)
        self.runs = RunsCard(theme)
        self.trials = TrialsCard(theme, self)
        self.empty = EmptyState("train", "", "", ("", self._to_import), ("", self._to_home), theme=theme)
        self._lay_out()

    def _lay_out(self) -> None:
        self.body.setContentsMargins(0, 0, 0, 0)
        self._pages = QStackedWidget()
        self.body.addWidget(self._pages)
        inside = Inside()
        column = QVBoxLayout(inside)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(16)
        column.addWidget(self.banner)
        self._outer = QHBoxLayout()
        self._outer.setSpacing(16)
        column.addLayout(self._outer, 1)
        self._outer.addLayout(self._main_column(), 1)
        self._right = self._right_column()
        self._outer.addWidget(self._right)
        self._pages.addWidget(scrolled(inside))
        self._pages.addWidget(self.empty)

    def _main_column(self) -> QVBoxLayout:
        main = QVBoxLayout()
        main.setSpacing(16)
        top = QHBoxLayout()
        top.setSpacing(16 - SCROLL_BAR)
        top.addWidget(self._left_column())
        self._middle = QStackedWidget()
        self._middle.addWidget(self._plan_column())
        self._middle.addWidget(self.curves)
        self._middle.setMinimumWidth(360)
        self.curves.setMinimumHeight(420)
        top.addWidget(self._middle, 1)
        main.addLayout(top, 2)
        self.runs.setMinimumHeight(200)
        self._below = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._below.setSpacing(16)
        self._below.addWidget(self.runs, 1)
        self._below.addWidget(self.trials, 1)
        self.runs.setMinimumWidth(RUNS_WIDTH)
        self.trials.hide()
        main.addLayout(self._below, 1)
        return main

    def _plan_column(self) -> QWidget:
        """Before the start: the encoder of a BERT, and what is learnt from."""
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self.encoder_card)
        column.addWidget(self.plan_card, 1)
        return holder

    def _left_column(self) -> QScrollArea:
        left = QWidget()
        left.setObjectName("scrolled")
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.architectures)
        column.addWidget(self.options)
        column.addWidget(self.repetition)
        column.addWidget(self.transfer)
        column.addStretch(1)
        left.setFixedWidth(LEFT_WIDTH)
        self._left = scrolled(left)
        self._left.setFixedWidth(LEFT_WIDTH + SCROLL_BAR)
        return self._left

    def _right_column(self) -> QWidget:
        right = QWidget()
        self._right_layout = QBoxLayout(QBoxLayout.Direction.TopToBottom, right)
        self._right_layout.setContentsMargins(0, 0, 0, 0)
        self._right_layout.setSpacing(16)
        cards = (self.start_card, self.status, self.pseudo, self.teaching, self.matrix)
        for card, stretch in (*((each, 0) for each in cards), (self.log, 1)):
            self._right_layout.addWidget(card, stretch)
        self._right_layout.addStretch(0)
        return right

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # One above the other, as what is different about the trials would have no room beside the runs.
        is_tight = self.width() < TIGHT_BELOW
        up, across = QBoxLayout.Direction.BottomToTop, QBoxLayout.Direction.LeftToRight
        self._below.setDirection(up if is_tight else across)
        self.trials.setMinimumHeight(TRIALS_HEIGHT if is_tight else 0)
        narrow = self.width() < NARROW_BELOW
        if narrow != self._narrow:
            self._narrow = narrow
            self.arrange()

    def arrange(self) -> None:
        """Puts the right column beside or below the rest; anew when the words of its buttons are others."""
        narrow = bool(self._narrow)
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._outer.setDirection(down if narrow else across)
        self._right_layout.setDirection(across if narrow else down)
        if narrow:
            self._right.setMinimumWidth(0)
            self._right.setMaximumWidth(16_777_215)
        else:
            self._right.setFixedWidth(max(RIGHT_WIDTH, self.status.minimumWidth()))

    @Slot()
    def _to_import(self) -> None:
        self.go_to.emit("import", None)

    @Slot()
    def _to_home(self) -> None:
        self.go_to.emit("home", None)
