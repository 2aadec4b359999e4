"""Rows chosen in the table as ranges, never as a list of a million rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel

from senti_studio.ui.models.comment_table import CommentTable

CARRIED = 100_000
"""Up to so many chosen comments stay chosen when the view is filled anew; beyond, only *all* stays."""


def ranges_of(selection: QItemSelectionModel) -> list[tuple[int, int]]:
    """(first, last) rows, from top to bottom, without overlaps."""
    found = sorted((each.top(), each.bottom()) for each in selection.selection().toList() if each.isValid())
    merged: list[tuple[int, int]] = []
    for top, bottom in found:
        if merged and top <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(bottom, merged[-1][1]))
        else:
            merged.append((top, bottom))
    return merged


def count_of(ranges: Iterable[tuple[int, int]]) -> int:
    return sum(bottom - top + 1 for top, bottom in ranges)


def ids_of(ranges: Iterable[tuple[int, int]], ids: array[int]) -> array[int]:
    """The comment ids of the rows."""
    found = array("q")
    for top, bottom in ranges:
        found.extend(ids[top : bottom + 1])
    return found


def select_rows(selection: QItemSelectionModel, model: CommentTable, rows: Sequence[int]) -> None:
    """Chooses exactly these rows (ascending)."""
    made = QItemSelection()
    for top, bottom in _runs(rows):
        made.select(model.index(top, 0), model.index(bottom, model.columnCount() - 1))
    selection.select(made, QItemSelectionModel.SelectionFlag.ClearAndSelect)


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = previous = None
    for row in rows:
        if previous is None or start is None:
            start = row
        elif row != previous + 1:
            yield start, previous
            start = row
        previous = row
    if start is not None and previous is not None:
        yield start, previous
