"""Whose labels count in the figures of agreement: a tick for each person."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from senti_studio.domain.people import AgreementReport
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import tr
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.styles import text_label

ENOUGH = 10
"""Comments in common with somebody; who has fewer is left out until ticked."""
_ACROSS = 3
_ROW = 26
_MOST_ROWS = 3


def common_of(report: AgreementReport) -> dict[str, int]:
    """How many comments each person has in common with the one they share most with."""
    found = {person.name: 0 for person in report.people}
    for pair in report.pairs:
        for name in (pair.first, pair.second):
            found[name] = max(found[name], pair.comments)
    return found


def usual(common: dict[str, int]) -> set[str]:
    """Who counts at first: whoever has enough in common with somebody, or else has anything."""
    enough = {name for name, count in common.items() if count >= ENOUGH}
    return enough if len(enough) > 1 else {name for name, count in common.items() if count}


class PeopleChoice(QWidget):
    """`changed` after each tick; hidden where there are just two people."""

    changed = Signal()

    def __init__(self, common: dict[str, int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        inner = QWidget()
        inner.setObjectName("scrolled")
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        self.ticks: dict[str, QCheckBox] = {}
        counted = usual(common)
        for place, (name, count) in enumerate(sorted(common.items(), key=lambda each: -each[1])):
            words = tr("{name}: {n} in common").format(name=name, n=number(count))
            tick = QCheckBox(words.replace("&", "&&"))
            tick.setChecked(name in counted)
            tick.toggled.connect(lambda _: self.changed.emit())
            self.ticks[name] = tick
            grid.addWidget(tick, place // _ACROSS, place % _ACROSS)
        for column in range(_ACROSS):
            grid.setColumnStretch(column, 1)
        area = scrolled(inner, focusable=False)
        rows = -(-len(self.ticks) // _ACROSS)
        area.setFixedHeight(_ROW * min(rows, _MOST_ROWS))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column_of = QVBoxLayout(self)
        column_of.setContentsMargins(24, 16, 24, 0)
        column_of.setSpacing(8)
        words = tr("Whose labels count, and how many comments each has in common with somebody else")
        column_of.addWidget(text_label(words, role="hint", size="small", wrap=True))
        column_of.addWidget(area)
        self.setVisible(len(self.ticks) > 2)

    @property
    def chosen(self) -> list[str]:
        """Names, as they were given."""
        return [name for name, tick in self.ticks.items() if tick.isChecked()]
