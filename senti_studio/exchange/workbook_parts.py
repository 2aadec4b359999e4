"""What a workbook says beside its rows: sheets, number formats, shared strings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from senti_studio.exchange.workbook_guard import GuardedArchive, doctype

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
BLOCK = 1 << 20
"""Bytes handed to the XML parser at once."""


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet with cells: its name, whether Excel shows it, and its part of the archive."""

    title: str
    is_shown: bool
    part: str


@dataclass(frozen=True, slots=True)
class NumberFormats:
    """By the number of a style: its format, and whether that shows a date or a span of time."""

    names: tuple[str, ...]
    dates: frozenset[int]
    spans: frozenset[int]
    epoch: datetime


class Book:
    """An open workbook; nothing of its sheets is read yet."""

    def __init__(self, path: Path, archive: GuardedArchive, sheets: list[SheetPart], **said: Any) -> None:
        self.path = path
        self.archive = archive
        self.sheets = sheets
        self.formats: NumberFormats = said["formats"]
        self._strings_part: str = said["strings"]

    def strings(self) -> list[str]:
        """The texts that cells refer to by number, with the escapes that they are written with."""
        if not self._strings_part:
            return []
        with self.archive.open_strings(self._strings_part) as stream:
            return _Strings(self.path).read(stream)


@contextmanager
def opened_book(path: Path, file: IO[bytes]) -> Iterator[Book]:
    """Raises UserError ``FILE_IS_BOMB``, ``WORKBOOK_HAS_DOCTYPE``, and whatever the library raises at a
    broken workbook."""
    from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader
    from openpyxl.styles.stylesheet import apply_stylesheet

    with GuardedArchive(path, file) as archive:
        # Given by its name, the library would refuse a workbook that is called .csv.
        reader: Any = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
        reader.archive = archive
        reader.read_manifest()
        reader.read_workbook()
        apply_stylesheet(archive, reader.wb)
        names = set(archive.namelist())
        sheets = [
            SheetPart(str(sheet.name), sheet.state == "visible", relation.target)
            for sheet, relation in reader.parser.find_sheets()
            if relation.target in names and "chartsheet" not in relation.Type
        ]
        strings = reader.package.find(SHARED_STRINGS)
        part = strings.PartName.lstrip("/") if strings is not None else ""
        yield Book(path, archive, sheets, formats=_formats(reader.wb), strings=part)


def _formats(book: Any) -> NumberFormats:
    from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE

    own = book._number_formats
    names = []
    for style in book._cell_styles:
        number = style.numFmtId
        if number < BUILTIN_FORMATS_MAX_SIZE:
            names.append(BUILTIN_FORMATS.get(number, "General"))
        else:
            at = number - BUILTIN_FORMATS_MAX_SIZE
            names.append(own[at] if at < len(own) else "General")
    return NumberFormats(
        tuple(map(str, names)), frozenset(book._date_formats), frozenset(book._timedelta_formats), book.epoch
    )


def parser_of(path: Path) -> Any:
    """An XML parser for a part of a workbook. It raises UserError ``WORKBOOK_HAS_DOCTYPE``."""

    def refuse(*_: object) -> None:
        raise doctype(path)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    return parser


class _Strings:
    """Reads shared strings without a tree, so that a string of a million pieces costs only its text."""

    def __init__(self, path: Path) -> None:
        self._parser = parser_of(path)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._texts: list[str] = []
        self._pieces: list[str] = []
        self._reading = 0

    def read(self, stream: IO[bytes]) -> list[str]:
        while block := stream.read(BLOCK):
            self._parser.Parse(block, False)
        self._parser.Parse(b"", True)
        return self._texts

    def _start(self, name: str, _: dict[str, str]) -> None:
        if name == _MAIN + "t" and self._reading == 0:
            self._parser.CharacterDataHandler = self._pieces.append
        elif name == _MAIN + "rPh":  # how a word is spoken, no part of the text
            self._reading += 1

    def _end(self, name: str) -> None:
        if name == _MAIN + "t":
            self._parser.CharacterDataHandler = None
        elif name == _MAIN + "si":
            self._texts.append("".join(self._pieces))
            self._pieces.clear()
        elif name == _MAIN + "rPh":
            self._reading -= 1
