"""Reads a sheet of an Excel workbook row by row, cells as the text that Excel shows."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

from senti_studio.domain.importing import BadRow
from senti_studio.domain.reading import ReadOptions, Remark, SheetInfo
from senti_studio.errors import UserError
from senti_studio.exchange.columns import distinct_names
from senti_studio.exchange.decode import Damage
from senti_studio.exchange.file_errors import told_to_user
from senti_studio.exchange.records import Record, Tally, remark, require_few_columns, writable
from senti_studio.exchange.sheet_rows import SheetFacts, SheetRows, column_letters
from senti_studio.exchange.workbook_parts import Book, SheetPart, opened_book

_SAMPLE = 200
_HEADER_WITHIN = 20
_BROKEN = (
    AttributeError,
    EOFError,
    ExpatError,
    IndexError,
    KeyError,
    NotImplementedError,
    OverflowError,
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
        return tuple(SheetInfo(sheet.title, not sheet.is_shown) for sheet in book.sheets)


class WorkbookFile:
    """A `RecordFile`: one sheet. Lines are rows of the sheet.

    Raises UserError ``FILE_DAMAGED``, ``FILE_IS_BOMB``, ``WORKBOOK_HAS_DOCTYPE``, ``NO_SUCH_SHEET``,
    ``NO_SHEETS``, ``FILE_EMPTY``, ``NO_ROWS``,
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
            sheet = chosen_sheet(book, options.sheet)
            self._sheet = sheet.title
            rows = SheetRows(book, sheet.part)
            first = [cells for _, cells in islice(rows, _SAMPLE)]
            self.size = rows.last_row
        self._facts = SheetFacts()
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
        facts = self._facts
        lost = facts.long_numbers.lost()
        return (
            *remark("MERGED_CELLS", facts.merged, facts.merged_count),
            *remark("FORMULAS_WITHOUT_RESULT", facts.without_result, facts.without_result_count),
            *remark("LONG_NUMBERS_CUT", [self._column_name(place) for place in lost], sum(lost.values())),
            *remark("ROWS_OUT_OF_ORDER", facts.out_of_order, facts.out_of_order_count),
            *remark("CELLS_TWICE", facts.twice, facts.twice_count),
        )

    def _column_name(self, place: int) -> str:
        named = place <= len(self.columns) and self.columns[place - 1].strip()
        return distinct_names(self.columns)[place - 1] if named else column_letters(place)

    def __iter__(self) -> Iterator[Record]:
        with _opened(self.path) as book:
            sheet = SheetRows(book, chosen_sheet(book, self._sheet).part)
            self._facts = sheet.facts
            header_is_due = self.options.has_header
            for line, cells in islice(sheet, self.skip_rows, None):
                self._rows_read = max(line, self._rows_read)
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


def chosen_sheet(book: Book, name: str) -> SheetPart:
    """The sheet of that name, or the first that is shown.

    Raises UserError ``NO_SUCH_SHEET``, or ``NO_SHEETS`` where none can be shown."""
    if name:
        found = next((sheet for sheet in book.sheets if sheet.title == name), None)
    else:
        found = next((sheet for sheet in book.sheets if sheet.is_shown), None)
    if found is None and not name:
        raise UserError("NO_SHEETS", path=str(book.path))
    if found is None:
        names = [sheet.title for sheet in book.sheets]
        raise UserError("NO_SUCH_SHEET", path=str(book.path), sheet=name, sheets=names)
    return found


@contextmanager
def _opened(path: Path) -> Iterator[Book]:
    """The workbook, read as a stream; whatever is broken in it becomes one error."""
    with told_to_user(path), path.open("rb") as file:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with opened_book(path, file) as book:
                    yield book
        except OSError as error:
            if error.errno is not None:
                raise
            raise UserError("FILE_DAMAGED", path=str(path), kind="Excel xlsx") from error
        except _BROKEN as error:
            raise UserError("FILE_DAMAGED", path=str(path), kind="Excel xlsx") from error
