"""The parts of the Label page and their places, in large windows and in small ones."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.data.bulk_bar import BulkProgress
from senti_studio.ui.pages.label.columns_card import ColumnsCard
from senti_studio.ui.pages.label.comment_card import CommentCard
from senti_studio.ui.pages.label.copies import CopiesBar
from senti_studio.ui.pages.label.guide_card import FOLDED, LEAST, READABLE, GuideCard
from senti_studio.ui.pages.label.history_strip import HistoryStrip
from senti_studio.ui.pages.label.keys import PageKeys, keycaps
from senti_studio.ui.pages.label.label_card import LabelCard
from senti_studio.ui.pages.label.painted_text import PaintedText
from senti_studio.ui.pages.label.queue_choice import QueueBox
from senti_studio.ui.pages.label.shares_card import SharesCard
from senti_studio.ui.pages.label.similar_card import SimilarCard
from senti_studio.ui.pages.label.status_row import StatusRow
from senti_studio.ui.pages.page import Page
from senti_studio.ui.widgets.banner import Banner
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.comment_search import CommentSearch
from senti_studio.ui.widgets.empty_state import EmptyState
from senti_studio.ui.widgets.switch import Switch

SIDE, NARROW_SIDE, NARROW_TWO_COLUMNS = 416, 280, 352
_NO_LIMIT = 16_777_215
NARROW_BELOW, TOO_NARROW, LOW_BELOW, HIGH_FROM = 1040, 880, 600, 760


class _Room(QStackedWidget):
    """`resized` when the header takes a second row, or a banner comes: the page itself stays as large."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class LabelLayout(Page):
    """Makes every widget of the page and lays it out; knows nothing of queues."""

    name: ClassVar[str] = "label"
    icon_name: ClassVar[str] = "tag"

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._build_header()
        self.status = StatusRow(context.theme)
        self.strip = HistoryStrip(context.theme)
        context.toasts.stand_above(self.strip)
        outer = self.layout()
        assert isinstance(outer, QVBoxLayout)
        outer.insertWidget(1, self.status)
        self.offer = Banner(theme=context.theme, kind="good")
        self.bulk_bar = BulkProgress(context.theme)
        outer.addWidget(self.bulk_bar)
        outer.addWidget(self.strip)
        self._build_body()

    def _build_header(self) -> None:
        theme = self.context.theme
        self.order = QueueBox()
        self.search = CommentSearch(theme)
        self.search.setFixedWidth(240)
        self.filter = button(theme=theme, icon="filter")
        self.header.add(self.order)
        self.header.add(self.search)
        self.header.add(self.filter)
        self.ranked = PaintedText(theme, role="small", ink="text3")
        self.ranked.setMinimumWidth(1)
        self.header.add(self.ranked, 100)  # all the room there is before the switch
        self.header.stretch()
        self.hide_suggestions = Switch(theme)
        self.header.add(self.hide_suggestions)

    def _build_body(self) -> None:
        theme = self.context.theme
        self.comment = CommentCard(theme, self.context.settings.comment_size)
        self.columns = ColumnsCard(theme)
        self.similar = SimilarCard(theme)
        self.labels = LabelCard(theme)
        self.labels.edit.clicked.connect(self.context.actions.action("edit.labels").trigger)
        self.guide = GuideCard(theme)
        self.shares = SharesCard(theme)
        self.hint = PaintedText(theme, role="small", ink="text3", ground="bg")
        self._left = QVBoxLayout()
        self._left.setSpacing(16)
        self._left.addWidget(self.comment, 3)
        self._below = QWidget()
        below = QHBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(16)
        below.addWidget(self.columns, 3)
        below.addWidget(self.similar, 4)
        self._left.addWidget(self._below, 2)
        right = QVBoxLayout()
        right.setSpacing(16)
        right.addWidget(self.labels)
        right.addWidget(self.guide, 3)
        right.addWidget(self.shares, 1)
        right.addStretch(0)
        self._side = QWidget()
        self._side.setLayout(right)
        right.setContentsMargins(0, 0, 0, 0)
        self.shortcuts = button(theme=theme, kind="quiet", key="?")
        self.shortcuts.set_dense()
        self.shortcuts.clicked.connect(lambda: self.context.actions.action("help.keys").trigger())
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        self.copies_bar = CopiesBar(theme)
        foot.addWidget(self.hint, 1)
        foot.addWidget(self.copies_bar)
        foot.addWidget(self.shortcuts)
        work = QWidget()
        columns = QHBoxLayout(work)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(16)
        rows = QVBoxLayout()
        rows.setSpacing(8)
        rows.addLayout(self._left, 1)
        rows.addWidget(self._foot)
        columns.addLayout(rows, 1)
        columns.addWidget(self._side)
        self.nothing = EmptyState(
            "tag",
            primary=("", lambda: None),
            secondary=("", lambda: self.go_to.emit("data", None)),
            theme=theme,
        )
        self.stack = _Room()
        self.stack.resized.connect(lambda: self.fit())
        self.stack.addWidget(work)
        self.stack.addWidget(self.nothing)
        self.body.setContentsMargins(24, 16, 24, 8)
        self.body.addWidget(self.offer)
        self.body.addWidget(self.stack, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def show_keys(self, keys: PageKeys) -> None:
        """Prints the keys as they are now on the buttons."""
        key = self.context.actions.key
        self.labels.show_keys(keycaps(keys), key("label.skip"), key("label.flag"), key("label.note"))
        self.labels.accept.set_key(key("label.accept"))
        self.hide_suggestions.setToolTip(self.context.actions.tooltip("label.hide"))
        self.comment.set_way_keys(key("label.previous"), key("label.next"), key("label.next_unlabelled"))
        self.strip.undo.set_key(key("edit.undo"))
        self.strip.redo.set_key(key("edit.redo"))
        self.shortcuts.set_key(key("help.keys"))
        self.search.set_key(key("label.search"))
        self.guide.set_key(key("label.guide"))

    def fit(self) -> None:
        """In a small window comment and labels come first: before the original columns, the shares of the
        labels, the line of hints and the keycaps of the way."""
        is_narrow = self.width() < NARROW_BELOW
        side = SIDE
        if is_narrow:  # two columns of labels need room for their names
            wide = self.labels.has_two_columns and self.width() >= TOO_NARROW
            side = NARROW_TWO_COLUMNS if wide else NARROW_SIDE
        self._side.setFixedWidth(side)
        self.search.setFixedWidth(180 if is_narrow else 240)
        self.comment.show_keys(not is_narrow)
        self.comment.legend.set_room(not is_narrow)
        self.labels.show_icons(not is_narrow)
        high = self._height_given()
        is_low = high < LOW_BELOW
        self.labels.set_low(is_low)
        self._foot.setHidden(is_low)
        self._left.setStretch(0, 3 if high >= HIGH_FROM else 5)
        self._below.setHidden(is_low)
        self.similar.setHidden(is_narrow)
        self.guide.squeeze(not self.has_room_for_guide(True))
        self.guide.setVisible(self.has_room_for_guide(False))
        is_open = not self.guide.is_folded
        used = 0 if self.guide.isHidden() else 16 + (READABLE if is_open else FOLDED)
        self.shares.setVisible(self._room_beside() - used >= self.shares.height_needed)
        both = is_open and not self.guide.isHidden()
        self.shares.setMaximumHeight(self.shares.height_needed if both else _NO_LIMIT)

    def drawer_place(self) -> QRect:
        """Where the guidelines are laid over the page: over what stands below the comment, so that neither
        the comment nor the labels are covered; in a low window over the lower half of the comment."""
        left = self.comment.mapTo(self, QPoint(0, 0))
        end = self.stack.mapTo(self, QPoint(0, self.stack.height())).y()
        top = left.y() + self.comment.height() // 2
        if self._below.isVisible():
            top = self._below.mapTo(self, QPoint(0, 0)).y()
        return QRect(left.x(), top, self.comment.width(), end - top)

    def _height_given(self) -> int:
        """Pixels that the window has for the page, which may for the moment be higher: as high as what it
        shows needs."""
        room = self.parentWidget()
        return self.height() if room is None or self.isWindow() else min(self.height(), room.height())

    def _room_beside(self) -> int:
        """Pixels below the labels, less the gap above what stands there."""
        room = self.stack.height() - (self.height() - self._height_given())
        return room - self.labels.sizeHint().height() - 16

    def has_room_for_guide(self, is_open: bool) -> bool:
        """Whether the guidelines, unfolded or not, can stand below the labels."""
        return self._room_beside() >= (LEAST if is_open else FOLDED)
