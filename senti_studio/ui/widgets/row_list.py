"""What the tables of the pages have in common: whole rows are chosen, and grounds are painted alike."""

from __future__ import annotations

from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QStyle, QStyleOptionViewItem, QTableView

from senti_studio.ui.theme import Theme


def set_up_row_list(view: QTableView, *, row_height: int) -> None:
    """Rows of ``row_height`` pixels, one chosen at a time as a whole, no grid; Tab leaves the table."""
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setMouseTracking(True)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setTabKeyNavigation(False)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(row_height)
    view.horizontalHeader().setHighlightSections(False)


def paint_row_ground(
    painter: QPainter, option: QStyleOptionViewItem, theme: Theme, *, line: bool = True
) -> None:
    """The ground of a cell: chosen, under the mouse, or plain; ``line`` below it."""
    rect = option.rect
    if option.state & QStyle.StateFlag.State_Selected:
        painter.fillRect(rect, theme.colour("accent-soft"))
    elif option.state & QStyle.StateFlag.State_MouseOver:
        painter.fillRect(rect, theme.colour("hover"))
    if line:
        painter.setPen(theme.colour("border"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
