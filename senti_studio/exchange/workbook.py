"""Reads a sheet of an Excel workbook row by row, cells as the text that Excel shows."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from senti_studio.domain.importing import BadRow
from senti_studio.domain.reading import MOST_COLUMNS, ReadOptions, Remark, SheetInfo
from senti_studio.errors import UserError
from senti_studio.exchange.decode import Damage
from senti_studio.exchange.excel_text import excel_text
from senti_studio.exchange.file_errors import told_to_user
from senti_studio.exchange.records import Record, Tally, remark, require_few_columns, writable
from senti_studio.exchange.workbook_guard import SheetScan, require_sane, scan_sheet

_SAMPLE = 200
_HEADER_WITHIN = 20
_BROKEN = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


def sheets_of(path: Path) -> tuple[SheetInfo, ...]:
    """The sheets with cells, in the order of the workbook. Raises UserError as `WorkbookFile`."""
    with _opened(path) as book:
        return tuple(SheetInfo(sheet.title, sheet.sheet_state != "visible") for sheet in book.worksheets)


class WorkbookFile:
    """A `RecordFile`: one sheet. Lines are rows of the sheet.

    Raises UserError ``FILE_DAMAGED``, ``FILE_IS_BOMB``, ``NO_SUCH_SHEET``, ``FILE_EMPTY``, ``NO_ROWS``,
    ``TOO_MANY_COLUMNS`` and those of opening a file.
    """

    annotations = ""

    def __init__(self, path: Path, options: ReadOptions, *, keep_empty_rows: bool = False) -> None:
        self.path = path
        self.options = options
        self.tally = Tally()
        self.damage = Damage()
        self._keep_empty_rows = keep_empty_rows
        self._rows_read = 0
        with _opened(path) as book:
            sheet = chosen_sheet(book, options.sheet, path)
            self._sheet = str(sheet.title)
            self.size = _row_count(sheet)
            self._scan = _scanned(path, sheet)
            first = list(islice(_rows(sheet), _SAMPLE))
        self.skip_rows = options.skip_rows if options.skip_rows >= 0 else rows_above_header(first)
        self.columns = self._names(first[self.skip_rows :])

    def _names(self, rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
        filled = [row for row in rows if any(row)]
        if not filled:
            raise UserError("FILE_EMPTY", path=str(self.path))
        if self.options.has_header and len(filled) == 1 and len(rows) < _SAMPLE - self.skip_rows:
            raise UserError("NO_ROWS", path=str(self.path))
        width = max(map(len, filled))
        require_few_columns(width, self.path)
        if not self.options.has_header:
            return ("",) * width
        return tuple(filled[0]) + ("",) * (width - len(filled[0]))

    @property
    def bytes_read(self) -> int:
        """Rows taken in so far; `size` is in rows too."""
        return self._rows_read

    @property
    def remarks(self) -> tuple[Remark, ...]:
        return (
            *remark("MERGED_CELLS", self._scan.merged),
            *remark("FORMULAS_WITHOUT_RESULT", self._scan.without_result),
        )

    def __iter__(self) -> Iterator[Record]:
        with _opened(self.path) as book:
            rows = enumerate(_rows(chosen_sheet(book, self._sheet, self.path)), 1)
            header_is_due = self.options.has_header
            for line, cells in islice(rows, self.skip_rows, None):
                self._rows_read = line
                if header_is_due and any(cells):
                    header_is_due = False
                    continue
                record = self._record(line, cells)
                if record is not None:
                    yield record

    def _record(self, line: int, cells: list[str]) -> Record | None:
        width, fields, tally = len(self.columns), len(cells), self.tally
        if not any(cells):
            tally.empty_rows += 1
            return Record(0, line, [""] * width, fields, "") if self._keep_empty_rows else None
        tally.rows += 1
        problem = ""
        if fields > width:
            problem = "too many fields"
            cells = [*cells[: width - 1], ",".join(cells[width - 1 :])]
            tally.add_bad(BadRow(tally.rows, line, fields, problem))
        cells = [writable(cell, line, self.damage) for cell in cells] + [""] * (width - fields)
        return Record(tally.rows, line, cells, fields, problem)


def rows_above_header(rows: Sequence[Sequence[str]]) -> int:
    """How many rows (titles, remarks) stand above the one that names the columns."""
    filled = [sum(map(bool, row)) for row in rows]
    usual = sorted(count for count in filled if count)
    if not usual or usual[-1] < 2:
        return 0
    wide = max(2, 0.6 * max(filled[: _HEADER_WITHIN + 1]))
    return next((at for at, count in enumerate(filled[:_HEADER_WITHIN]) if count >= wide), 0)


def chosen_sheet(book: Any, name: str, path: Path) -> Any:
    """The sheet of that name, or the first that is shown. Raises UserError ``NO_SUCH_SHEET``."""
    sheets = book.worksheets
    if name:
        found = next((sheet for sheet in sheets if sheet.title == name), None)
    else:
        found = next((sheet for sheet in sheets if sheet.sheet_state == "visible"), None)
    if found is None:
        names = [sheet.title for sheet in sheets]
        raise UserError("NO_SUCH_SHEET", path=str(path), sheet=name, sheets=names)
    return found


def _rows(sheet: Any) -> Iterator[list[str]]:
    """The rows from the first on, without the empty cells at their ends."""
    sheet.reset_dimensions()
    for row in sheet.iter_rows():
        if len(row) > MOST_COLUMNS:
            row = row[: MOST_COLUMNS + 1]
        cells = ["" if cell.value is None else excel_text(cell.value, cell.number_format) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _row_count(sheet: Any) -> int:
    """Rows as the sheet says itself; only good for progress."""
    return int(sheet.max_row or 0)


def _scanned(path: Path, sheet: Any) -> SheetScan:
    with zipfile.ZipFile(path) as archive, archive.open(sheet._worksheet_path.lstrip("/")) as stream:
        return scan_sheet(stream, path)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The workbook, read as a stream; whatever is broken in it becomes one error."""
    from openpyxl import load_workbook

    # Given by its name, the library would refuse a workbook that is called .csv.
    with told_to_user(path), path.open("rb") as file:
        require_sane(path)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()
        except OSError as error:
            if error.errno is not None:
                raise
            raise UserError("FILE_DAMAGED", path=str(path), kind="Excel xlsx") from error
        except _BROKEN as error:
            raise UserError("FILE_DAMAGED", path=str(path), kind="Excel xlsx") from error
