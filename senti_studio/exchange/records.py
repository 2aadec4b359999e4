"""What every reader of comment files gives: columns, records, and a tally of what was not as it should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from senti_studio.domain.importing import LISTED, BadBytes, BadRow
from senti_studio.domain.reading import MOST_COLUMNS, ReadOptions, Remark
from senti_studio.errors import UserError
from senti_studio.exchange.decode import DAMAGED, Damage

_SHOWN_PLACES = 20


class Mark(NamedTuple):
    """One annotation as it stands in a file: ``values`` are the names of its labels (usually one), ``at``
    milliseconds since the epoch, ``skipped`` says *not now*, ``adjudicated`` that it settles the matter,
    ``imported`` that it came with a file before, ``took_away`` that it takes an imported label away."""

    annotator: str = ""
    values: tuple[str, ...] = ()
    at: int | None = None
    seconds: float | None = None
    skipped: bool = False
    adjudicated: bool = False
    imported: bool = False
    took_away: bool = False


class State(NamedTuple):
    """What our own exports say of a comment beside its annotations; ``part`` as `Part` or empty."""

    part: str = ""
    skipped: bool = False
    flagged: bool = False
    excluded: bool = False
    note: str = ""


class Record(NamedTuple):
    """One record. ``row`` counts records from 1 (0 for a row of empty cells), ``line`` physical lines (rows
    of the sheet) from 1; ``fields`` is what stood in the file, ``cells`` always fit the columns; ``problem``
    as `BadRow.kind` or empty; ``marks`` are annotations that the file keeps beside its columns."""

    row: int
    line: int
    cells: list[str]
    fields: int
    problem: str
    marks: tuple[Mark, ...] = ()
    state: State | None = None


@dataclass(slots=True)
class Tally:
    """What was seen so far. ``blank_lines``: nothing but blanks; ``empty_rows``: nothing but delimiters."""

    rows: int = 0
    blank_lines: int = 0
    empty_rows: int = 0
    bad_row_count: int = 0
    bad_rows: list[BadRow] | None = None
    may_have_marks: bool = False
    marks: int = 0
    marked_lines: list[str] = field(default_factory=list)

    def add_mark(self, line: int) -> None:
        """A record began with a byte order mark, which was left out: files were put behind each other."""
        self.marks += 1
        if len(self.marked_lines) < _SHOWN_PLACES:
            self.marked_lines.append(str(line))

    @property
    def remarks(self) -> tuple[Remark, ...]:
        return remark("MARKS_INSIDE", self.marked_lines, self.marks)

    def add_bad(self, row: BadRow) -> None:
        self.bad_row_count += 1
        if self.bad_rows is None:
            self.bad_rows = []
        if len(self.bad_rows) < LISTED:
            self.bad_rows.append(row)


class RecordFile(Protocol):
    """A file as records, read with given options; iterate once, ``columns`` are known from the start.

    ``annotations`` names the field of labels that `Record.marks` come from, or is empty; ``remarks`` are
    complete behind the last record; ``bytes_read`` and ``size`` are of one kind, for progress.
    """

    @property
    def path(self) -> Path: ...

    @property
    def options(self) -> ReadOptions: ...

    @property
    def tally(self) -> Tally: ...

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def annotations(self) -> str: ...

    @property
    def damage(self) -> Damage: ...

    @property
    def bytes_read(self) -> int: ...

    @property
    def size(self) -> int: ...

    @property
    def remarks(self) -> tuple[Remark, ...]: ...

    def __iter__(self) -> Iterator[Record]: ...


def require_few_columns(count: int, path: Path) -> None:
    """Raises UserError ``TOO_MANY_COLUMNS`` when no table of comments is so wide."""
    if count > MOST_COLUMNS:
        raise UserError("TOO_MANY_COLUMNS", path=str(path), count=count, most=MOST_COLUMNS)


def settled(cells: list[str]) -> tuple[list[str], bool]:
    """The cells with U+FFFD for damaged places, and whether there were any."""
    if any(DAMAGED in cell for cell in cells):
        return [cell.replace(DAMAGED, "\ufffd") for cell in cells], True
    return cells, False


def writable(text: str, line: int, damage: Damage) -> str:
    """``text`` without what no file and no database can hold (lone surrogates, NUL), each a damaged place."""
    if text.isascii():
        if "\0" not in text:
            return text
    else:
        try:
            text.encode()
            if "\0" not in text:
                return text
        except UnicodeEncodeError:
            pass
    kept = []
    for at, char in enumerate(text):
        if char == "\0" or ("\ud800" <= char <= "\udfff" and char != DAMAGED):
            context = "".join(c if c.isprintable() else " " for c in text[max(0, at - 8) : at + 9])
            kind = "NUL" if char == "\0" else "cut character"
            damage.add(BadBytes(line, 0, f"{ord(char):04x}", kind, context))
            char = "\ufffd"
        kept.append(char)
    return "".join(kept)


def remark(code: str, places: Sequence[str], count: int | None = None) -> tuple[Remark, ...]:
    """One remark, or none where there is nothing to say."""
    total = len(places) if count is None else count
    return (Remark(code, total, tuple(places[:_SHOWN_PLACES])),) if total else ()


class FileAround:
    """What a `RecordFile` around another passes on as it is."""

    def __init__(self, inner: RecordFile) -> None:
        self._inner = inner

    @property
    def path(self) -> Path:
        return self._inner.path

    @property
    def options(self) -> ReadOptions:
        return self._inner.options

    @property
    def tally(self) -> Tally:
        return self._inner.tally

    @property
    def damage(self) -> Damage:
        return self._inner.damage

    @property
    def bytes_read(self) -> int:
        return self._inner.bytes_read

    @property
    def size(self) -> int:
        return self._inner.size

    @property
    def remarks(self) -> tuple[Remark, ...]:
        return self._inner.remarks
