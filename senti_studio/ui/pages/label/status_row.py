"""The row of status queues with their counts, and how far and how fast the work goes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QTabBar, QWidget

from senti_studio.domain.comments import CommentCounts
from senti_studio.ui.formats import number, percent, time_left
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.feed import Tab
from senti_studio.ui.pages.label.pace import Pace
from senti_studio.ui.widgets.styles import text_label

TABS = tuple(Tab)


class StatusRow(QFrame):
    """`tab_wanted` carries what the user clicked."""

    tab_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pageHeader")
        self.setFixedHeight(40)
        self._counts: CommentCounts | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 24, 0)
        row.setSpacing(12)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for _ in TABS:
            self.tabs.addTab("")
        self.tabs.currentChanged.connect(self._changed)
        row.addWidget(self.tabs)
        row.addStretch(1)
        self._done = text_label(bold=True)
        self._share = text_label(role="hint", size="small")
        self._bar = QProgressBar()
        self._bar.setFixedWidth(112)
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._speed = text_label(role="second", size="small")
        for widget in (self._done, self._share, self._bar, self._speed):
            row.addWidget(widget)

    def retranslate(self) -> None:
        self.show_counts(self._counts)

    def show_tab(self, tab: Tab) -> None:
        """Without sending `tab_wanted`."""
        self.tabs.blockSignals(True)
        self.tabs.setCurrentIndex(TABS.index(tab))
        self.tabs.blockSignals(False)

    def show_counts(self, counts: CommentCounts | None) -> None:
        self._counts = counts
        values = {Tab.OPEN: 0, Tab.LABELLED: 0, Tab.SKIPPED: 0, Tab.FLAGGED: 0}
        if counts is not None:
            values = {
                Tab.OPEN: max(0, counts.unlabelled - counts.skipped),
                Tab.LABELLED: counts.labelled,
                Tab.SKIPPED: counts.skipped,
                Tab.FLAGGED: counts.flagged,
            }
        names = (tr("To label"), tr("Labelled"), tr("Skipped"), tr("Flagged"))
        for place, (tab, name) in enumerate(zip(TABS, names, strict=True)):
            self.tabs.setTabText(place, f"{name}  {number(values[tab])}")
        total = counts.total if counts else 0
        share = counts.labelled / total if counts and total else 0.0
        self._done.setText(f"{number(values[Tab.LABELLED])} / {number(total)}")
        self._share.setText(percent(share))
        self._bar.setValue(round(1000 * share))
        self._bar.setAccessibleName(f"{tr('Labelled')} {percent(share)}")

    def show_pace(self, pace: Pace, remaining: int) -> None:
        """Speed and time left; both are unknown for the first seconds."""
        speed = pace.per_minute
        if speed is None:
            self._speed.setText("" if not pace.decided else time_left(None))
            return
        fast = tr("{n} a minute").format(n=number(round(speed)))
        left = f" · {time_left(pace.seconds_left(remaining))}" if remaining else ""
        self._speed.setText(fast + left)

    @Slot(int)
    def _changed(self, index: int) -> None:
        self.tab_wanted.emit(TABS[index])
