"""Where the cards of the Evaluate page stand in windows of different widths."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QGridLayout, QWidget

_WIDE, _SIDE = 90, 38


@dataclass(frozen=True, slots=True)
class Cards:
    """``first``: the matrix and the classes; ``side``: what stands beside the comments (``rows``)."""

    first: QWidget
    reliability: QWidget
    rows: QWidget
    side: QWidget

    def place(self, grid: QGridLayout, *, narrow: bool, single: bool) -> None:
        """Two rows of cards; in a narrow window three, one above the other (``single``) in one that is
        narrower still."""
        if single:
            order = (self.first, self.reliability, self.side, self.rows)
            parts = [(widget, row, 0, 2) for row, widget in enumerate(order)]
        elif narrow:
            parts = [(self.first, 0, 0, 2), (self.reliability, 1, 0, 1)]
            parts += [(self.side, 1, 1, 1), (self.rows, 2, 0, 2)]
        else:
            parts = [(self.first, 0, 0, 1), (self.reliability, 0, 1, 1)]
            parts += [(self.rows, 1, 0, 1), (self.side, 1, 1, 1)]
        for widget, row, column, span in parts:
            grid.removeWidget(widget)
            grid.addWidget(widget, row, column, 1, span)
        for row in range(4):
            grid.setRowStretch(row, 0)
        grid.setRowStretch(next(row for widget, row, _, _ in parts if widget is self.rows), 1)
        grid.setColumnStretch(0, 1 if narrow else _WIDE)
        grid.setColumnStretch(1, 1 if narrow else _SIDE)
