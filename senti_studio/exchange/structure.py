"""Guesses delimiter, quoting and header of decoded lines by reading them each way and counting what does
not fit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from senti_studio.domain.importing import ONE_COLUMN, ReadOptions, plain
from senti_studio.exchange.columns import is_known_name
from senti_studio.exchange.csv_file import is_separator_line, parse_lines

_CANDIDATES = (",", "\t", ";", "|")
_SAMPLE_RECORDS = 1000
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*%?")
_DATE = re.compile(r"\d{2,4}[-/.年]\d{1,2}([-/.月]\d{1,4})?.*")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One delimiter tried: usual width, share of records that have it, whether the first record does."""

    delimiter: str
    width: int
    share: float
    first_fits: bool
    has_known_names: bool

    @property
    def rank(self) -> float:
        return self.share + 0.2 * self.first_fits + 0.4 * self.has_known_names


def guess_structure(lines: Sequence[str], path: Path, encoding: str) -> ReadOptions:
    """Options for a file that starts with ``lines`` (with their ends); never raises."""
    named = is_separator_line(lines[0]) if lines else ""
    delimiter = named or guess_delimiter(lines, path)
    quote = guess_quote(lines, delimiter)
    if delimiter == ONE_COLUMN and quote:
        delimiter = ","
    options = ReadOptions(encoding, delimiter, quote, True)
    records = [
        record.cells for record, _ in zip(parse_lines(lines, options), range(_SAMPLE_RECORDS), strict=False)
    ]
    return ReadOptions(encoding, delimiter, quote, has_header(records))


def guess_delimiter(lines: Sequence[str], path: Path) -> str:
    """One of `DELIMITERS`; `ONE_COLUMN` when no delimiter makes a table."""
    readings = [reading for mark in _CANDIDATES if (reading := _read_with(lines, mark)) is not None]
    good = [reading for reading in readings if reading.share >= 0.6 or reading.has_known_names]
    if not good:
        return ONE_COLUMN
    expected = "\t" if path.suffix.lower() in (".tsv", ".tab") else ","
    return max(good, key=lambda reading: (round(reading.rank, 2), reading.delimiter == expected)).delimiter


def _read_with(lines: Sequence[str], delimiter: str) -> _Reading | None:
    records = [
        record.cells
        for record, _ in zip(
            parse_lines(lines, ReadOptions("", delimiter, '"')), range(_SAMPLE_RECORDS), strict=False
        )
    ]
    records = [cells for cells in records if any(cells)]
    if not records:
        return None
    widths = Counter(len(cells) for cells in records)
    first = len(records[0])
    known = (
        first >= 2 and sum(map(is_known_name, records[0])) >= 1 and all(len(cell) < 60 for cell in records[0])
    )
    # A header of known names tells the width even where unquoted commas in the texts spoil most rows.
    width = first if known and widths[first] >= 0.2 * len(records) else widths.most_common(1)[0][0]
    if width < 2:
        return None
    return _Reading(delimiter, width, widths[width] / len(records), first == width, known and first == width)


def guess_quote(lines: Sequence[str], delimiter: str) -> str:
    """``'"'`` or nothing: reads everything both ways; quotes that do not close, or swallow rows, speak
    for nothing."""
    quoted = [line for line in lines if '"' in line]
    if not quoted:
        return "" if delimiter == ONE_COLUMN else '"'
    if delimiter == ONE_COLUMN:
        whole = sum(line.strip().startswith('"') and line.strip().endswith('"') for line in quoted)
        return '"' if whole >= 0.9 * len(lines) and len(lines) > 1 else ""
    bad_with, width = _misfits(lines, ReadOptions("", delimiter, '"'))
    bad_without, _ = _misfits(lines, ReadOptions("", delimiter, ""), width)
    if bad_with == 0 or bad_with < bad_without:
        return '"'
    return ""


def _misfits(lines: Sequence[str], options: ReadOptions, width: int = 0) -> tuple[int, int]:
    """Records whose quotes or whose number of cells do not fit, and the usual number."""
    widths: Counter[int] = Counter()
    problems = 0
    for record in parse_lines(lines, options):
        if record.problem:
            problems += 1
        else:
            widths[len(record.cells)] += 1
    usual = width or (widths.most_common(1)[0][0] if widths else 1)
    return problems + widths.total() - widths[usual], usual


def has_header(records: Sequence[Sequence[str]]) -> bool:
    """Whether the first record names the columns of the others."""
    if not records:
        return False
    first = [plain(cell) for cell in records[0]]
    if any(is_known_name(cell) for cell in first) and all(len(cell) <= 60 for cell in first):
        return True
    if len(records) < 2:
        # A single line of names without rows, or one row without names: long text or a number tells.
        return all(_is_name_like(cell) for cell in first) and len(first) > 1
    if any(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell) for cell in first) or not any(first):
        return False
    votes = sum(_vote(first[column], _column(records[1:], column)) for column in range(len(first)))
    return votes > 0


def _column(records: Sequence[Sequence[str]], column: int) -> list[str]:
    return [plain(cells[column]) for cells in records if len(cells) > column and cells[column]]


def _vote(name: str, values: list[str]) -> int:
    if not name or not values:
        return 0
    if name in values:
        return -2
    numbers = sum(
        _NUMBER.fullmatch(value) is not None or _DATE.fullmatch(value) is not None for value in values
    )
    if numbers >= 0.8 * len(values):
        return 2
    lengths = sorted(map(len, values))
    if not _is_name_like(name):
        return -2
    return 1 if lengths[len(lengths) // 2] >= 3 * len(name) and lengths[0] != lengths[-1] else 0


def _is_name_like(cell: str) -> bool:
    return 0 < len(cell) <= 24 and not re.search(r"[，。！？!?~…]", cell)
