"""Writes XLSX row by row in constant memory: every cell is text, nothing is ever a number or a formula."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import IO

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from senti_studio.errors import UserError
from senti_studio.exchange.formulas import looks_like_formula

MOST_ROWS = 1_048_576
"""Of a sheet, the header included."""
MOST_COLUMNS = 16_384
LONGEST_CELL = 32_767
"""UTF-16 units; Excel calls a file with a longer cell damaged."""

# XML has no way to write these.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_TEXT = "@"
"""Excel's “Text”: what is typed into the cell later stays as it is typed, too."""


class WorkbookWriter:
    """Rows into sheets ``comments``, ``comments 2`` …, each with the header; a new one starts where Excel
    cannot hold more.

    ``guard``: cells that look like formulas get the mark that Excel sets for a leading ``'`` (the value of
    the cell does not change). ``replaced``: characters that XML cannot hold, written as U+FFFD;
    ``cut``: cells longer than `LONGEST_CELL`. Raises UserError ``TOO_MANY_COLUMNS``; writing raises OSError.
    """

    def __init__(self, file: IO[bytes], columns: list[str], *, guard: bool) -> None:
        if len(columns) > MOST_COLUMNS:
            raise UserError("TOO_MANY_COLUMNS", path="", count=len(columns), most=MOST_COLUMNS)
        self.replaced: Counter[str] = Counter()
        self.formulas = self.cut = 0
        self._columns = columns
        self._book = xlsxwriter.Workbook(file, {"constant_memory": True})
        # The same content gives the same file.
        self._book.set_properties({"created": datetime(1980, 1, 1)})
        self._text = self._book.add_format({"num_format": _TEXT})
        self._guarded = self._book.add_format({"num_format": _TEXT, "quote_prefix": guard})
        self._bold = self._book.add_format({"num_format": _TEXT, "bold": True})
        self._sheets = 0
        self._begin_sheet()

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """Rows as wide as the header; empty cells take no room."""
        for cells in rows:
            if self._row >= MOST_ROWS:
                self._begin_sheet()
            self._add(cells)

    def close(self) -> None:
        """Ends the workbook; the file itself stays open."""
        try:
            self._book.close()
        except FileCreateError as error:
            raise error.args[0] from error  # the OSError behind it

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._sheet = self._book.add_worksheet(
            "comments" if self._sheets == 1 else f"comments {self._sheets}"
        )
        self._sheet.freeze_panes(1, 0)
        self._row = 0
        self._add(self._columns, self._bold)

    def _add(self, cells: Sequence[str], look: object = None) -> None:
        put, row = self._sheet.write_string, self._row
        for place, cell in enumerate(cells):
            if not cell:
                continue
            style = look or self._text
            if looks_like_formula(cell):
                self.formulas += 1
                style = look or self._guarded
            if len(cell) > LONGEST_CELL // 2:
                cell = self._short(cell)
            if _IMPOSSIBLE.search(cell):
                self.replaced.update(_IMPOSSIBLE.findall(cell))
                cell = _IMPOSSIBLE.sub("\ufffd", cell)
            put(row, place, cell, style)
        self._row += 1

    def _short(self, cell: str) -> str:
        units = cell.encode("utf-16-le", "surrogatepass")
        if len(units) <= LONGEST_CELL * 2:
            return cell
        self.cut += 1
        # "ignore": half of a character at the end goes.
        return units[: LONGEST_CELL * 2].decode("utf-16-le", "ignore")
