"""The row of status queues with their counts, and how far and how fast the work goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QTabBar, QWidget

from senti_studio.domain.comments import CommentCounts
from senti_studio.ui.fonts import font
from senti_studio.ui.formats import about, number, percent, time_left
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.goal import Goal
from senti_studio.ui.pages.label.pace import Pace
from senti_studio.ui.pages.label.queue_choice import Choice
from senti_studio.ui.pages.label.queue_view import REVIEW_TABS, Tab
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button

if TYPE_CHECKING:
    from senti_studio.storage.test_sets import TestCounts

TABS = tuple(Tab)
_BAR, _GAP = 112, 12
_TAB_EDGES = 29
"""Padding and margin that the style sheet gives a tab, rounded up."""


class Parts(NamedTuple):
    """What of the progress is painted; empty texts are left out."""

    counts: str
    share: str
    has_bar: bool
    speed: str


class ProgressFacts(QWidget):
    """``4,286 / 6,000  71.4 %``, a bar, speed and time to the goal, painted from the right end.

    `clicked` by the mouse, Space or Enter.
    """

    clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._done = self._total = 0
        self._speed = self._short = ""
        self._bold, self._small = font("ui", bold=True), font("small")
        self.setFixedHeight(39)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    @property
    def text(self) -> str:
        """What is shown, for screen readers."""
        share = percent(self._done / self._total if self._total else 0.0)
        return f"{number(self._done)} / {number(self._total)}  {share}  {self._speed}".strip()

    def show_counts(self, done: int, total: int) -> None:
        is_wider = total != self._total
        self._done, self._total = done, total
        if is_wider:
            self.updateGeometry()
        self._refresh()

    def show_speed(self, text: str, short: str = "") -> None:
        """``short`` is shown where there is no room for ``text``."""
        if (text, short) != (self._speed, self._short):
            self._speed, self._short = text, short
            self._refresh()

    def _refresh(self) -> None:
        self.setAccessibleName(self.text)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """No more than it must have: it takes what the tabs leave."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Room for the counts, until everything is done."""
        total = number(self._total)
        return QSize(QFontMetrics(self._bold).horizontalAdvance(f"{total} / {total}") + 2, 39)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        painter.fillRect(event.rect(), theme.colour("surface"))
        share = self._done / self._total if self._total else 0.0
        parts = self.parts
        x = self._write(painter, self.width(), parts.speed, self._small, "text2")
        if parts.has_bar:
            bar = QRectF(x - _BAR, self.height() / 2 - 4, _BAR, 8)
            self._paint_bar(painter, bar, share)
            x = bar.left() - _GAP
        if parts.share:
            x = self._write(painter, x, parts.share, self._small, "text3") + 4
        self._write(painter, x, parts.counts, self._bold, "text")

    @property
    def parts(self) -> Parts:
        """What there is room for: the counts always; then the time that is left, speed, bar, share."""
        counts = f"{number(self._done)} / {number(self._total)}"
        share = percent(self._done / self._total if self._total else 0.0)
        room = self.width() - QFontMetrics(self._bold).horizontalAdvance(counts) - 1
        small = QFontMetrics(self._small)
        speed = ""
        for words in (self._speed, self._short):
            wide = small.horizontalAdvance(words) + 1 + _GAP
            if words and wide <= room:
                speed, room = words, room - wide
                break
        has_bar = room >= _BAR + _GAP
        room -= _BAR + _GAP if has_bar else 0
        has_share = has_bar and small.horizontalAdvance(share) + 1 + _GAP <= room
        return Parts(counts, share if has_share else "", has_bar, speed)

    def _paint_bar(self, painter: QPainter, bar: QRectF, share: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("sunken"))
        painter.drawRoundedRect(bar, 4, 4)
        if self._done:
            painter.setBrush(self._theme.colour("accent"))
            filled = max(8.0, bar.width() * min(1.0, share))
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), filled, 8), 4, 4)

    def _write(self, painter: QPainter, right: float, text: str, face: QFont, ink: str) -> float:
        """Writes text that ends at ``right``; returns where the next one may end."""
        if not text:
            return right
        wide = QFontMetrics(face).horizontalAdvance(text) + 1
        painter.setFont(face)
        painter.setPen(self._theme.colour(ink))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(right - wide, 0, wide, self.height()), flags, text)
        return right - wide - _GAP


class QueueTabs(QTabBar):
    """Every tab has room for its words in bold, which is how the chosen one is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)  # only where a small window has no room for all
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def tabSizeHint(self, index: int) -> QSize:
        # As wide chosen as not: Qt lays the tabs out again when another one is chosen, but asks for no room.
        bold = QFontMetrics(font("ui", bold=True)).horizontalAdvance(self.tabText(index))
        return QSize(bold + _TAB_EDGES, super().tabSizeHint(index).height())

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def sizeHint(self) -> QSize:
        # Qt's own is that of the last layout, and there is none while the page is not in view.
        hints = [self.tabSizeHint(place) for place in range(self.count()) if self.isTabVisible(place)]
        return QSize(sum(hint.width() for hint in hints), super().sizeHint().height())


class StatusRow(QFrame):
    """`tab_wanted` and `queue_wanted` carry what the user clicked."""

    tab_wanted = Signal(object)
    queue_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pageHeader")
        self.setFixedHeight(40)
        self._counts: CommentCounts | None = None
        self._aside: TestCounts | None = None
        self._is_test_set = False
        self._lists: Mapping[Tab, int | None] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 24, 0)
        row.setSpacing(12)
        self.tabs = QueueTabs()
        for _ in TABS:
            self.tabs.addTab("")
        self.tabs.currentChanged.connect(self._changed)
        row.addWidget(self.tabs)
        self.rest = button(theme=theme, kind="quiet")
        self.rest.set_dense()
        self.rest.clicked.connect(self._cross)
        self.rest.hide()
        row.addWidget(self.rest)
        self.facts = ProgressFacts(theme)
        row.addWidget(self.facts, 1)
        self.goal = Goal(self)
        self.goal.changed.connect(self.retranslate)

    @Slot()
    def retranslate(self) -> None:
        self.facts.setToolTip(tr("Progress and goal…"))
        self.show_counts(self._counts)

    def show_tab(self, tab: Tab) -> None:
        """Without sending `tab_wanted`."""
        self.tabs.blockSignals(True)
        self.tabs.setCurrentIndex(TABS.index(tab))
        self.tabs.blockSignals(False)

    def show_lists(self, lists: Mapping[Tab, int | None]) -> None:
        """How much is left in the lists that are looked through; None: there is no list yet."""
        self._lists = lists
        self.show_counts(self._counts)

    def show_aside(self, aside: TestCounts | None, *, only: bool) -> None:
        """The comments of the test set, which the tabs leave out, or which they hold alone (``only``)."""
        if (aside, only) != (self._aside, self._is_test_set):
            self._aside, self._is_test_set = aside, only
            self.show_counts(self._counts)

    def _without_aside(self, counts: CommentCounts) -> dict[Tab, int]:
        whole = {
            Tab.OPEN: max(0, counts.unlabelled - counts.skipped),
            Tab.LABELLED: counts.labelled,
            Tab.SKIPPED: counts.skipped,
            Tab.FLAGGED: counts.flagged,
        }
        aside = self._aside
        if aside is None or not aside.total:
            return whole if not self._is_test_set else dict.fromkeys(whole, 0)
        part = {
            Tab.OPEN: aside.total - aside.labelled - aside.skipped,
            Tab.LABELLED: aside.labelled,
            Tab.SKIPPED: aside.skipped,
            Tab.FLAGGED: aside.flagged,
        }
        if self._is_test_set:
            return part
        return {tab: max(0, count - part[tab]) for tab, count in whole.items()}

    def show_counts(self, counts: CommentCounts | None) -> None:
        self._counts = counts
        values: dict[Tab, int | None] = {Tab.OPEN: 0, Tab.LABELLED: 0, Tab.SKIPPED: 0, Tab.FLAGGED: 0}
        if counts is not None:
            values |= self._without_aside(counts)
        values |= {tab: self._lists.get(tab) for tab in REVIEW_TABS}
        names = (
            *(tr("To label"), tr("Labelled"), tr("Skipped"), tr("Flagged")),
            *(tr("Likely mistakes"), tr("Contradicting pairs")),
        )
        for place, (tab, name) in enumerate(zip(TABS, names, strict=True)):
            count = values[tab]
            text = name if count is None else f"{name}  {number(count)}"
            if text != self.tabs.tabText(place):  # setting a text lays the whole row out again
                self.tabs.setTabText(place, text)
                self.tabs.updateGeometry()
        self._show_rest(counts)
        self.facts.show_counts(counts.labelled if counts is not None else 0, self.goal.total(counts))

    def _show_rest(self, counts: CommentCounts | None) -> None:
        """How many comments the tabs leave out, so that all numbers of the page add up."""
        aside = self._aside.total if self._aside is not None else 0
        count = counts.total - aside if counts is not None and self._is_test_set else aside
        words = tr("Other comments") if self._is_test_set else tr("Test set")
        text = f"{words}  {number(count)}"
        if text != self.rest.text():
            self.rest.setText(text)
            self.rest.setToolTip(
                tr("Back to the comments outside the test set")
                if self._is_test_set
                else tr("Comments that are set aside; the tabs and other queues leave them out")
            )
        self.rest.setVisible(count > 0)

    @Slot()
    def _cross(self) -> None:
        self.queue_wanted.emit(Choice.FILE if self._is_test_set else Choice.TEST_SET)

    def show_pace(self, pace: Pace) -> None:
        """Speed and time to the goal; both are unknown for the first seconds."""
        if self.goal.is_reached(self._counts):
            self.facts.show_speed(tr("goal reached"))
            return
        speed = pace.per_minute
        if speed is None:
            self.facts.show_speed("" if not pace.decided else time_left(None))
            return
        fast = tr("{n} a minute").format(n=number(round(speed)))
        remaining = self.goal.remaining(self._counts)
        seconds = pace.seconds_left(remaining)
        left = about(seconds) if remaining and seconds is not None else ""
        self.facts.show_speed(f"{fast} · {left}" if left else fast, left)

    @Slot(int)
    def _changed(self, index: int) -> None:
        self.tab_wanted.emit(TABS[index])
