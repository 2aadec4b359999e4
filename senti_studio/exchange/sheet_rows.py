"""The rows of a sheet from its XML, as a stream, in the order of the file: none is left out, whatever its
number says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from senti_studio.domain.reading import MOST_COLUMNS
from senti_studio.exchange.excel_text import excel_text
from senti_studio.exchange.sheet_numbers import LongNumbers, stored_value
from senti_studio.exchange.workbook_guard import Measure
from senti_studio.exchange.workbook_parts import BLOCK, Book, parser_of

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
_ROW, _CELL, _VALUE, _FORMULA, _TEXT = (_MAIN + name for name in ("row", "c", "v", "f", "t"))
_SPOKEN, _MERGED, _DATA = (_MAIN + name for name in ("rPh", "mergeCell", "sheetData"))
_FURTHEST = 9_999_999
_NAMED = 100


@dataclass(slots=True)
class SheetFacts:
    """What of a sheet plain cells do not say; complete behind its last row. Lists name the first places."""

    merged: list[str] = field(default_factory=list)
    merged_count: int = 0
    without_result: list[str] = field(default_factory=list)
    without_result_count: int = 0
    out_of_order: list[str] = field(default_factory=list)
    out_of_order_count: int = 0
    twice: list[str] = field(default_factory=list)
    twice_count: int = 0
    long_numbers: LongNumbers = field(default_factory=LongNumbers)


class SheetRows:
    """Iterates over (number of the row, its cells as text without the empty ones at its end); rows that the
    sheet leaves out are empty. ``last_row`` is what the sheet says of itself, for progress.

    Raises UserError ``FILE_IS_BOMB``, ``WORKBOOK_HAS_DOCTYPE``, and ``expat.ExpatError`` or ValueError,
    IndexError where the XML is broken.
    """

    def __init__(self, book: Book, part: str) -> None:
        self.facts = SheetFacts()
        self.last_row = 0
        self._book, self._part = book, part
        self._formats = book.formats
        self._strings = book.strings()
        self._measure = Measure(book.path)
        self._done: list[tuple[int, list[str]]] = []
        self._number = self._highest = 0
        self._cells: list[str] = []
        self._column = self._spoken = self._characters = 0
        self._place = self._type = ""
        self._style = 0
        self._has_formula = False
        self._is_inside = False
        self._pieces: list[str] = []
        self._parser = parser_of(book.path)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        with self._book.archive.open_sheet(self._part) as stream:
            yield from self._rows(stream)

    def _rows(self, stream: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
        highest = waiting = 0
        while block := stream.read(BLOCK):
            self._parser.Parse(block, False)
            waiting = 0 if self._done or not self._is_inside else waiting + len(block)
            self._measure.require_end(waiting)
            for number, cells in self._done:
                for missing in range(highest + 1, number):
                    yield missing, []
                highest = max(highest, number)
                yield number, cells
            self._done.clear()
        self._parser.Parse(b"", True)

    def _start(self, name: str, said: dict[str, str]) -> None:
        if name == _CELL:
            self._start_cell(said)
        elif name in (_VALUE, _TEXT):
            if not self._spoken:
                self._parser.CharacterDataHandler = self._pieces.append
        elif name == _ROW:
            self._start_row(said)
        elif name == _FORMULA:
            self._has_formula = True
        elif name == _SPOKEN:
            self._spoken += 1
        elif name == _MERGED:
            self.facts.merged_count += 1
            _name_place(self.facts.merged, said.get("ref", ""))
        elif name == _MAIN + "dimension":
            self.last_row = _row_of(said.get("ref", "").rpartition(":")[2])

    def _end(self, name: str) -> None:
        if name in (_VALUE, _TEXT):
            self._parser.CharacterDataHandler = None
        elif name == _CELL:
            self._end_cell()
        elif name == _ROW:
            self._end_row()
        elif name == _SPOKEN:
            self._spoken -= 1
        elif name == _DATA:
            self._is_inside = False

    def _start_row(self, said: dict[str, str]) -> None:
        number = said.get("r")
        if number is None:
            self._number += 1
        else:
            self._number = int(number) if number.isdecimal() else int(float(number))
        if not 0 < self._number <= _FURTHEST:
            raise self._measure.too_far()
        if self._number <= self._highest:
            self.facts.out_of_order_count += 1
            _name_place(self.facts.out_of_order, str(self._number))
        self._highest = max(self._highest, self._number)
        self._cells, self._column, self._characters, self._is_inside = [], 0, 0, True

    def _start_cell(self, said: dict[str, str]) -> None:
        place = said.get("r", "")
        # Cells mostly follow each other, so that most places need no reckoning.
        self._column = self._column_of(place) if place else self._column + 1
        self._place = place
        self._type = said.get("t", "n")
        style = said.get("s", "0")
        self._style = int(style) if style.isdecimal() else 0
        self._has_formula = False
        self._pieces.clear()

    def _column_of(self, place: str) -> int:
        column = 0
        for letter in place:
            if not "A" <= letter <= "Z":
                break
            column = column * 26 + ord(letter) - 64
        if not 0 < column <= MOST_COLUMNS:
            raise self._measure.too_far()
        return column

    def _end_cell(self) -> None:
        stored = "".join(self._pieces)
        if self._has_formula and not stored:
            self.facts.without_result_count += 1
            _name_place(self.facts.without_result, self._name())
        column = self._column
        if column > MOST_COLUMNS + 1:
            return  # one too many is enough to refuse the sheet
        text = self._text(stored) if stored else ""
        self._characters += len(text)
        cells = self._cells
        if column == len(cells) + 1:
            cells.append(text)
        elif column <= len(cells):
            self._put_back(column, text)
        else:
            cells += [""] * (column - len(cells) - 1)
            cells.append(text)

    def _put_back(self, column: int, text: str) -> None:
        """A cell that stands behind one further right, or a second time."""
        if text and self._cells[column - 1]:
            self.facts.twice_count += 1
            _name_place(self.facts.twice, self._name())
            text = f"{self._cells[column - 1]},{text}"
        self._cells[column - 1] = text or self._cells[column - 1]

    def _name(self) -> str:
        return self._place or f"{column_letters(self._column)}{self._number}"

    def _text(self, stored: str) -> str:
        kind = self._type
        if kind == "s":
            at = int(stored)
            if at < 0:
                raise IndexError(at)
            return excel_text(self._strings[at], "")
        if kind == "b":
            return "TRUE" if stored not in ("0", "false") else "FALSE"
        if kind in ("n", "d"):
            value, number_format = stored_value(stored, kind, self._style, self._formats)
            if isinstance(value, int):
                self.facts.long_numbers.look_at(self._column, stored, value)
            return excel_text(value, number_format)
        return excel_text(stored, "")

    def _end_row(self) -> None:
        self._measure.add_row(self._characters)
        cells = self._cells
        while cells and not cells[-1]:
            cells.pop()
        self._done.append((self._number, cells))


def _name_place(places: list[str], place: str) -> None:
    if len(places) < _NAMED:
        places.append(place)


def _row_of(place: str) -> int:
    digits = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ$")
    return int(digits) if digits.isdecimal() else 0


def column_letters(column: int) -> str:
    """``A`` for 1, ``AB`` for 28."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
