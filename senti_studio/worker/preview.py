"""Looks at files before an import: what they seem to be, their first rows, and a check of the whole."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from senti_studio.domain.importing import LISTED, CheckReport, Preview, ReadOptions, SniffReport, plain
from senti_studio.errors import UserError
from senti_studio.exchange.columns import distinct_names
from senti_studio.exchange.csv_file import CsvFile, Record
from senti_studio.exchange.formulas import formulas_in
from senti_studio.exchange.raw_file import is_packed, refuse_other_formats
from senti_studio.exchange.sniff import preview, sniff
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.worker.helper import Handler
from senti_studio.worker.progress import Emit, Pace, ShouldStop, never, tell_nobody

_LOOK_UP_EVERY = 2048
_MOST_DISTINCT = 100_000


def sniff_file(path: Path) -> SniffReport:
    """What ``path`` seems to be; raises the errors of `exchange.sniff.sniff`."""
    return sniff(path)


def read_file(path: Path, options: ReadOptions) -> Preview:
    """The first rows under ``options``; raises UserError when it is no text table."""
    refuse_other_formats(path)
    return preview(path, options)


def check_file(
    path: Path,
    options: ReadOptions,
    *,
    text_column: int,
    label_column: int | None = None,
    part_column: int | None = None,
    emit: Emit = tell_nobody,
    should_stop: ShouldStop = never,
) -> CheckReport:
    """Reads the whole file and reports everything that an import would meet; nothing is written.

    Raises UserError ``CANCELLED``, ``NO_SUCH_COLUMN``, ``NO_ROWS`` and the errors of reading.
    """
    refuse_other_formats(path)
    file = CsvFile(path, options)
    for column in (text_column, label_column, part_column):
        require_column(file, column)
    census = _Census(text_column, label_column, part_column)
    pace = Pace(emit, "checking")
    size = 0 if is_packed(path) else path.stat().st_size
    for count, record in enumerate(file, 1):
        census.add(record)
        if count % _LOOK_UP_EVERY == 0:
            if should_stop():
                raise UserError("CANCELLED")
            pace.total = int(count * size / max(file.bytes_read, 1))
            pace.at(count)
    if not file.tally.rows:
        raise UserError("NO_ROWS", path=str(path))
    pace.total = file.tally.rows
    pace.at(file.tally.rows, last=True)
    return census.report(file)


def require_column(file: CsvFile, column: int | None) -> None:
    """Raises UserError ``NO_SUCH_COLUMN`` when the file has no column of that index."""
    if column is not None and not 0 <= column < len(file.columns):
        names = list(distinct_names(file.columns))
        raise UserError("NO_SUCH_COLUMN", path=str(file.path), column=f"#{column + 1}", columns=names)


class _Census:
    """Counts what a whole file holds in a few bytes a row."""

    def __init__(self, text: int, label: int | None, part: int | None) -> None:
        self._text, self._label, self._part = text, label, part
        self._hashes = array("q")
        self._empty_texts = self._formulas = 0
        self._longest = self._longest_line = 0
        self.labels: Counter[str] = Counter()
        self.parts: Counter[str] = Counter()

    def add(self, record: Record) -> None:
        cells = record.cells
        text = cells[self._text].strip()
        if text:
            self._hashes.append(hash(text))
            if len(text) > self._longest:
                self._longest, self._longest_line = len(text), record.line
        else:
            self._empty_texts += 1
        if self._label is not None and len(self.labels) < _MOST_DISTINCT:
            self.labels[cells[self._label]] += 1
        if self._part is not None and len(self.parts) < _MOST_DISTINCT:
            self.parts[cells[self._part]] += 1
        self._formulas += formulas_in(cells)

    def report(self, file: CsvFile) -> CheckReport:
        tally, damage = file.tally, file.damage
        labels = _stripped(self.labels)
        distinct = len(np.unique(np.frombuffer(self._hashes, np.int64))) if self._hashes else 0
        return CheckReport(
            rows=tally.rows,
            bad_row_count=tally.bad_row_count,
            bad_rows=tuple(tally.bad_rows or ()),
            bad_byte_count=damage.count,
            bad_bytes=tuple(damage.listed or ()),
            blank_lines=tally.blank_lines,
            empty_rows=tally.empty_rows,
            empty_texts=self._empty_texts,
            duplicates=len(self._hashes) - distinct,
            longest_text=self._longest,
            longest_text_line=self._longest_line,
            formula_cells=self._formulas,
            label_values=tuple(labels.most_common(LISTED)),
            label_value_count=len(labels),
            part_values=tuple(_stripped(self.parts).most_common(LISTED)),
        )


def _stripped(values: Counter[str]) -> Counter[str]:
    """Values without the blanks and invisible characters around them; empty cells left out."""
    found: Counter[str] = Counter()
    for value, count in values.items():
        if name := plain(value):
            found[name] += count
    return found


def handlers() -> Mapping[str, Handler]:
    """The requests of ``worker preview``."""
    return {"sniff": _sniff, "read": _read, "check": _check}


def _sniff(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> SniffReport:
    return sniff_file(Path(params["path"]))


def _read(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> Preview:
    return read_file(Path(params["path"]), from_json(ReadOptions, params["options"]))


def _check(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> CheckReport:
    return check_file(
        Path(params["path"]),
        from_json(ReadOptions, params["options"]),
        text_column=params["text_column"],
        label_column=params.get("label_column"),
        part_column=params.get("part_column"),
        emit=emit,
        should_stop=should_stop,
    )
