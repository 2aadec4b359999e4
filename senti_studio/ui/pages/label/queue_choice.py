"""The choice of a queue: what the box in the header lists, and which view each entry stands for."""

from __future__ import annotations

import dataclasses
import enum

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QWidget

from senti_studio.domain.comments import Order
from senti_studio.ui.i18n import marked, tr
from senti_studio.ui.pages.label.queue_view import Kind, Tab, View


class Choice(enum.StrEnum):
    """The entries of the box, in their order."""

    FILE = "file"
    RANDOM = "random"
    USEFUL = "useful"
    MISTAKES = "mistakes"
    PAIRS = "pairs"
    DISAGREES = "disagrees"
    DOUBTFUL = "doubtful"
    COPIES = "copies"
    FLAGGED = "flagged"
    SKIPPED = "skipped"
    TEST_SET = "test_set"
    DISPUTED = "disputed"
    """Decided in a dialog, which shows who said what."""


_NAMES = {
    Choice.FILE: marked("In file order"),
    Choice.RANDOM: marked("At random"),
    Choice.USEFUL: marked("Most useful first"),
    Choice.MISTAKES: marked("Likely mistakes"),
    Choice.PAIRS: marked("Contradicting pairs"),
    Choice.DISAGREES: marked("The model says otherwise"),
    Choice.DOUBTFUL: marked("Low confidence in the last batch"),
    Choice.COPIES: marked("Copies of this comment"),
    Choice.FLAGGED: marked("Flagged ones"),
    Choice.SKIPPED: marked("Skipped ones"),
    Choice.TEST_SET: marked("Test set"),
    Choice.DISPUTED: marked("Decide disputed comments…"),
}
LISTS = {Choice.MISTAKES: Tab.MISTAKES, Choice.PAIRS: Tab.PAIRS}
"""Entries that are no queues: fixed lists to look through."""
_OF_TAB = {Tab.FLAGGED: Choice.FLAGGED, Tab.SKIPPED: Choice.SKIPPED}
_OF_OPEN = (Choice.FILE, Choice.RANDOM, Choice.USEFUL, Choice.DOUBTFUL, Choice.TEST_SET)
_WAYS = {
    Choice.USEFUL: (Tab.OPEN, Order.RANDOM, Kind.USEFUL),
    Choice.DISAGREES: (Tab.LABELLED, Order.FILE, Kind.DISAGREES),
    Choice.DOUBTFUL: (Tab.OPEN, Order.FILE, Kind.DOUBTFUL),
    Choice.COPIES: (Tab.OPEN, Order.FILE, Kind.COPIES),
    Choice.FLAGGED: (Tab.FLAGGED, Order.FILE, Kind.PLAIN),
    Choice.SKIPPED: (Tab.SKIPPED, Order.FILE, Kind.PLAIN),
    Choice.TEST_SET: (Tab.OPEN, Order.RANDOM, Kind.TEST_SET),
}


def choice_of(view: View) -> Choice:
    """Which entry a view belongs to."""
    if view.kind is not Kind.PLAIN:
        return Choice(view.kind.value)
    if view.tab in _OF_TAB:
        return _OF_TAB[view.tab]
    return Choice.RANDOM if view.order is Order.RANDOM else Choice.FILE


def view_of(choice: Choice, view: View, comment_id: int | None) -> View:
    """``view`` with this queue instead of its own; search and filter stay. ``comment_id``: the one in view,
    whose copies may be asked for."""
    if choice in (Choice.FILE, Choice.RANDOM):
        keeps_tab = view.kind is Kind.PLAIN and view.tab is Tab.LABELLED
        tab = view.tab if keeps_tab else Tab.OPEN
        return dataclasses.replace(view, tab=tab, order=Order(choice.value), kind=Kind.PLAIN, around=0)
    tab, order, kind = _WAYS[choice]
    around = comment_id or 0 if kind is Kind.COPIES else 0
    return dataclasses.replace(view, tab=tab, order=order, kind=kind, around=around)


class QueueBox(QComboBox):
    """`wanted` carries the chosen entry; the entry that was last chosen for the comments to label is kept for
    when somebody comes back to them."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumWidth(190)
        # not on first show only: another language has longer names
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMaxVisibleItems(len(Choice))
        self.open_choice = Choice.FILE
        for choice in Choice:
            self.addItem("", choice)
        self.activated.connect(self._chosen)

    def retranslate(self) -> None:
        for place, choice in enumerate(Choice):
            self.setItemText(place, tr(_NAMES[choice]))
        self.setAccessibleName(tr("Queue"))
        self.setToolTip(tr("Which comments come next"))

    def show_view(self, view: View, listed: Tab | None = None) -> None:
        """Without sending `wanted`; ``listed``: the list that is looked through instead of the queue."""
        if listed in LISTS.values():
            self.setCurrentIndex(list(Choice).index(Choice(str(listed))))
            return
        choice = choice_of(view)
        if view.tab is Tab.OPEN and choice in _OF_OPEN:
            self.open_choice = choice
        self.setCurrentIndex(list(Choice).index(choice))

    def view_of_tab(self, tab: Tab, view: View) -> View:
        """The view behind a tab: the comments to label come as they did last, the test set keeps to itself,
        other lists in file order."""
        if view.kind is Kind.TEST_SET:
            return dataclasses.replace(view, tab=tab)
        if tab is Tab.OPEN:
            return view_of(self.open_choice, dataclasses.replace(view, tab=tab), None)
        order = view.order if view.kind is Kind.PLAIN else Order.FILE
        return dataclasses.replace(view, tab=tab, order=order, kind=Kind.PLAIN, around=0)

    @Slot(int)
    def _chosen(self, place: int) -> None:
        self.wanted.emit(list(Choice)[place])
