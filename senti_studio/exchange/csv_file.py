"""Reads CSV, TSV and plain lines as a stream of records: all values text, no row lost, every repair
reported.

Lines without a quote are split at C speed, single lines with quotes go through Python's csv module in
strict mode; only what that refuses (cells over several lines, quotes that do not close) is looked at
character by character.
"""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from senti_studio.domain.importing import BadRow
from senti_studio.domain.reading import MOST_COLUMNS, ONE_COLUMN, ReadOptions, Remark
from senti_studio.errors import UserError
from senti_studio.exchange.decode import DAMAGED, Damage, TextBlocks
from senti_studio.exchange.raw_file import unpacked_size
from senti_studio.exchange.records import Record, Tally, require_few_columns, settled

MOST_LINES_OF_A_CELL = 5000
"""A quote that has not closed after so many lines was never meant to open."""

_WIDTH_SAMPLE = 200
_AT_ONCE = 256
"""Lines; `MOST_LINES_OF_A_CELL` may be taken in beyond them."""
_HUGE_LINE = 1 << 20
"""Characters; so long a line may be nothing but delimiters."""

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


class RawRecord(NamedTuple):
    """A record as it stands in the file, before its width is looked at."""

    line: int
    cells: list[str]
    problem: str


class CsvFile:
    """One file read with given options, a `RecordFile`.

    Raises UserError ``FILE_EMPTY``, ``NO_ROWS`` (header only), ``TOO_MANY_COLUMNS``, and those of
    `TextBlocks`.
    """

    annotations = ""

    def __init__(self, path: Path, options: ReadOptions, *, keep_empty_rows: bool = False) -> None:
        self.path = path
        self.options = options
        self.tally = Tally()
        self._keep_empty_rows = keep_empty_rows
        self._blocks = TextBlocks(path, options.encoding, on_bad=options.on_bad)
        self.size = unpacked_size(path)
        self._raw = parse_lines(_lines(self._blocks, self.tally), options, self.tally)
        self._first: deque[RawRecord] = deque()
        self.columns = self._read_header()

    @property
    def remarks(self) -> tuple[Remark, ...]:
        return self.tally.remarks

    @property
    def damage(self) -> Damage:
        return self._blocks.damage

    @property
    def bytes_read(self) -> int:
        """Unpacked bytes taken in so far."""
        return self._blocks.bytes_read

    def _read_header(self) -> tuple[str, ...]:
        header = next(self._raw, None) if self.options.has_header else None
        if header is not None:
            require_few_columns(len(header.cells), self.path)
        for record in self._raw:
            require_few_columns(len(record.cells), self.path)
            self._first.append(record)
            if len(self._first) >= _WIDTH_SAMPLE:
                break
        if header is None and not self._first:
            raise UserError("FILE_EMPTY", path=str(self.path))
        if not self._first:
            raise UserError("NO_ROWS", path=str(self.path))
        widths = Counter(len(record.cells) for record in self._first if any(record.cells))
        usual, count = widths.most_common(1)[0] if widths else (1, 0)
        if header is None:
            return ("",) * usual
        names = [name.replace(DAMAGED, "\ufffd") for name in header.cells]
        if usual > len(names) and count >= 0.8 * widths.total():
            # All rows are wider than the header: R's row names, or a delimiter at the end of each row.
            names = names + [""] * (usual - len(names))
        return tuple(names)

    def __iter__(self) -> Iterator[Record]:
        if self.options.on_bad == "skip-row":
            return self._settled()
        return self._records()

    def _settled(self) -> Iterator[Record]:
        """Rows with damaged bytes are told as bad."""
        for record in self._records():
            if self.damage.count:
                cells, is_damaged = settled(record.cells)
                if is_damaged and not record.problem:
                    self.tally.add_bad(BadRow(record.row, record.line, record.fields, "damaged bytes"))
                record = record._replace(cells=cells, problem=record.problem or "damaged bytes" * is_damaged)
            yield record

    def _records(self) -> Iterator[Record]:
        width, tally, new = len(self.columns), self.tally, tuple.__new__
        while self._first:
            made = self._record(self._first.popleft(), width)
            if made is not None:
                yield made
        for raw in self._raw:
            line, cells, problem = raw
            if len(cells) == width and not problem and cells[0]:
                tally.rows += 1
                yield new(Record, (tally.rows, line, cells, width, "", (), None))  # half the time of Record()
                continue
            made = self._record(raw, width)
            if made is not None:
                yield made

    def _record(self, raw: RawRecord, width: int) -> Record | None:
        line, cells, problem = raw
        tally = self.tally
        if not any(cells):
            tally.empty_rows += 1
            if not self._keep_empty_rows:
                return None
            return Record(0, line, [""] * width, len(cells), "")
        tally.rows += 1
        fields = len(cells)
        if fields < width:
            problem = problem or "too few fields"
            cells = cells + [""] * (width - fields)
        elif fields > width:
            problem = problem or "too many fields"
            joint = "," if self.options.delimiter not in (",", "\t", ";", "|") else self.options.delimiter
            cells = [*cells[: width - 1], joint.join(cells[width - 1 :])]
        if problem:
            tally.add_bad(BadRow(tally.rows, line, fields, problem))
        return Record(tally.rows, line, cells, fields, problem)


def _lines(blocks: Iterable[str], tally: Tally) -> Iterator[str]:
    for block in blocks:
        if "\ufeff" in block:
            tally.may_have_marks = True
        # newline="": CR LF, LF and lone CR end a line and stay on it; U+2028 and U+0085 are characters.
        yield from io.StringIO(block, newline="")


def is_separator_line(line: str) -> str:
    """The delimiter that Excel's ``sep=;`` line names, or nothing."""
    bare = line.rstrip("\r\n").strip('"')
    return bare[4] if len(bare) == 5 and bare[:4].lower() == "sep=" else ""


def parse_lines(
    lines: Iterable[str], options: ReadOptions, tally: Tally | None = None
) -> Iterator[RawRecord]:
    """Records of ``lines`` (with their ends); blank lines are counted in ``tally`` and left out."""
    parser = _Parser(iter(lines), options, tally if tally is not None else Tally())
    return chain.from_iterable(parser.batches())


class _UnclosedError(Exception):
    """The quotes of this line do not make cells."""


class _Parser:
    """Takes lines in by lists and gives records by lists: a generator's step for each line would cost as much
    as splitting it."""

    def __init__(self, lines: Iterator[str], options: ReadOptions, tally: Tally) -> None:
        self._source = lines
        self._lines: list[str] = []
        self._at = self._before = 0
        self._delimiter = options.delimiter
        # One comment a line has no cells that could be quoted.
        self._quote = "" if options.delimiter == ONE_COLUMN else options.quote
        self._tally = tally
        self._width = 0

    def batches(self) -> Iterator[list[RawRecord]]:
        """The records of some lines at a time."""
        while self._refill():
            yield self._batch()

    def _refill(self) -> bool:
        self._before += len(self._lines)
        self._lines, self._at = list(islice(self._source, _AT_ONCE)), 0
        return bool(self._lines)

    def _next(self) -> str | None:
        """The next line of a record that goes on; the lines before it stay, it may yet be taken back."""
        if self._at == len(self._lines):
            self._lines += islice(self._source, _AT_ONCE)
            if self._at == len(self._lines):
                return None
        self._at += 1
        return self._lines[self._at - 1]

    def _batch(self) -> list[RawRecord]:
        delimiter, quote, tally, lines, new = (
            self._delimiter, self._quote, self._tally, self._lines, tuple.__new__,
        )  # fmt: skip
        made: list[RawRecord] = []
        has_marks = tally.may_have_marks
        while self._at < len(lines):
            line = lines[self._at]
            self._at += 1
            number, problem = self._before + self._at, ""
            if has_marks and line[0] == "\ufeff":
                line = line.lstrip("\ufeff")
                tally.add_mark(number)
            if quote and quote in line:
                cells, problem = self._quoted(line)
            elif len(line) > _HUGE_LINE:
                cells = line.rstrip("\r\n").split(delimiter, MOST_COLUMNS + 1)
            else:
                cells = line.rstrip("\r\n").split(delimiter)
            if len(cells) == 1 and not cells[0].strip():
                tally.blank_lines += 1
                continue
            if not self._width:
                if number == 1 and is_separator_line(line):
                    continue
                self._width = len(cells)
            made.append(new(RawRecord, (number, cells, problem)))
        return made

    def _quoted(self, line: str) -> tuple[list[str], str]:
        try:
            return next(
                csv.reader((line,), delimiter=self._delimiter, quotechar=self._quote, strict=True)
            ), ""
        except csv.Error:
            pass
        start = self._at
        try:
            cells = self._over_lines(line)
            if self._is_plausible(cells, [line, *self._lines[start : self._at]]):
                return cells, ""
        except _UnclosedError:
            pass
        self._at = start
        cells, closed = split_leniently(line.rstrip("\r\n"), self._delimiter, self._quote)
        return cells, "stray quote" if closed else "unbalanced quote"

    def _is_plausible(self, cells: list[str], lines: list[str]) -> bool:
        """False when a quote that nobody meant to open has swallowed rows that stand well on their own."""
        width = self._width
        if not width or len(lines) == 1:
            return True
        if len(cells) != width:
            return len(split_leniently(lines[0].rstrip("\r\n"), self._delimiter, self._quote)[0]) != width
        if width == 1 or len(lines) == 2:
            # A swallowed row would need a second wrong quote at once; a comment of two lines is common.
            return True
        return not all(line.count(self._delimiter) == width - 1 for line in lines)

    def _over_lines(self, line: str) -> list[str]:
        """Cells of a record that starts with ``line`` and takes as many more as it needs."""
        delimiter, quote = self._delimiter, self._quote
        cells: list[str] = []
        at, first = 0, self._at
        while True:
            if line.startswith(quote, at):
                text, line, at = self._quoted_cell(line, at + 1, first)
                cells.append(text)
            else:
                end = line.find(delimiter, at)
                cells.append(line[at:].rstrip("\r\n") if end < 0 else line[at:end])
                at = len(line) if end < 0 else end
            if line[at : at + 1] != delimiter:
                return cells
            at += 1

    def _quoted_cell(self, line: str, at: int, first: int) -> tuple[str, str, int]:
        """The cell that opened before ``at``, the line in which it closed, and where it goes on behind it.
        ``first``: the line behind the one in which the record starts."""
        quote, pieces = self._quote, []
        while True:
            end = line.find(quote, at)
            if end < 0:
                pieces.append(line[at:])
                following = self._next() if self._at - first < MOST_LINES_OF_A_CELL else None
                if following is None:
                    raise _UnclosedError
                line, at = following, 0
            elif line.startswith(quote, end + 1):
                pieces.append(line[at : end + 1])
                at = end + 2
            elif line[end + 1 : end + 2] in (self._delimiter, "\r", "\n", ""):
                pieces.append(line[at:end])
                return "".join(pieces), line, end + 1
            else:
                raise _UnclosedError


def split_leniently(line: str, delimiter: str, quote: str) -> tuple[list[str], bool]:
    """Cells of one line whose quotes are wrong: a quote closes only before a delimiter or the end, one
    that never does is a character. The second value tells whether all that opened did close."""
    cells: list[str] = []
    at, all_closed = 0, True
    while True:
        if line.startswith(quote, at):
            end = _closing(line, at + 1, delimiter, quote)
            if end >= 0:
                cells.append(line[at + 1 : end].replace(quote * 2, quote))
                at = end + 1
                if at >= len(line):
                    return cells, all_closed
                at += 1
                continue
            all_closed = False
        end = line.find(delimiter, at)
        if end < 0:
            return [*cells, line[at:]], all_closed
        cells.append(line[at:end])
        at = end + 1


def _closing(line: str, at: int, delimiter: str, quote: str) -> int:
    while True:
        end = line.find(quote, at)
        if end < 0:
            return -1
        if line.startswith(quote, end + 1) and line[end + 2 : end + 3] != "":
            at = end + 2
        elif line[end + 1 : end + 2] in (delimiter, ""):
            return end
        else:
            at = end + 1
