"""How the tables of figures of this page look: rows of one height, nothing to select, one wide column."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView


def set_up_figure_table(
    view: QTableView, *, row_height: int, widths: Mapping[int, int], stretched: int
) -> None:
    """Prepares ``view``, whose model is set; ``widths``: column -> pixels."""
    view.setShowGrid(False)
    view.setFrameShape(QTableView.Shape.NoFrame)
    view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    view.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    view.setTabKeyNavigation(False)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(row_height)
    head = view.horizontalHeader()
    head.setSectionsClickable(False)
    head.setHighlightSections(False)
    for column, width in widths.items():
        head.resizeSection(column, width)
    head.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
