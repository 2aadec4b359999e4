"""Tells whether a CSV of ours has marks before its formulas, and reads it without them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from itertools import islice
from pathlib import Path

from senti_studio.domain.exporting import manifest_names
from senti_studio.domain.reading import ReadOptions, Remark
from senti_studio.exchange.csv_file import CsvFile
from senti_studio.exchange.formulas import formulas_in_rows, marked_in_rows, without_marks
from senti_studio.exchange.raw_file import sha256_of
from senti_studio.exchange.records import FileAround, Record, RecordFile, remark

_ROWS_AT_ONCE = 2000
_LONGEST_MANIFEST = 1 << 20


class Marks(Enum):
    """``NONE``: nothing looks marked. ``OURS``: all marks were put there by an export. ``UNCERTAIN``: there
    are formulas without a mark as well, so somebody changed the file; it is read as it is."""

    NONE = "none"
    OURS = "ours"
    UNCERTAIN = "uncertain"


def without_our_marks(inner: CsvFile) -> RecordFile:
    """``inner``, or a file around it that takes the marks off or tells that they stay."""
    stamp = inner.path.stat()
    marks, count = _marks_in(inner.path, (stamp.st_size, stamp.st_mtime_ns), inner.options)
    return inner if marks is Marks.NONE else MarkedFile(inner, marks, count)


@lru_cache(maxsize=8)
def _marks_in(path: Path, _stamp: tuple[int, int], options: ReadOptions) -> tuple[Marks, int]:
    """Exports mark every formula or none; the manifest says which where no cell does."""
    file = CsvFile(path, options)
    marked, is_bare = marked_in_rows([file.columns]), formulas_in_rows([file.columns]) > 0
    records = iter(file)
    while chunk := [record.cells for record in islice(records, _ROWS_AT_ONCE)]:
        marked += marked_in_rows(chunk)
        is_bare = is_bare or formulas_in_rows(chunk) > 0
    if not marked:
        return Marks.NONE, 0
    said = _said_by_manifest(path)
    if said is not None:
        return (Marks.OURS, marked) if said else (Marks.NONE, 0)
    return (Marks.UNCERTAIN if is_bare else Marks.OURS), marked


def _said_by_manifest(path: Path) -> bool | None:
    """Whether the export marked formulas; None where no manifest of just this content is there."""
    for name in manifest_names(path.name):
        manifest = path.with_name(name)
        try:
            if manifest.stat().st_size > _LONGEST_MANIFEST:
                continue
            values = json.loads(manifest.read_text("utf-8"))
            hashes = [each["sha256"] for each in values["outputs"] if each["name"] == path.name]
            marks = values["marks"]
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            continue  # not there, or not ours
        if isinstance(marks, bool) and hashes == [sha256_of(path)]:
            return marks
    return None


class MarkedFile(FileAround):
    """A `RecordFile` around another, whose marks are taken off, or stay and are remarked."""

    annotations = ""

    def __init__(self, inner: CsvFile, marks: Marks, count: int) -> None:
        super().__init__(inner)
        self._is_ours = marks is Marks.OURS
        self._count = count
        self.columns = tuple(without_marks(list(inner.columns))[0]) if self._is_ours else inner.columns

    @property
    def remarks(self) -> tuple[Remark, ...]:
        code = "MARKS_TAKEN_OFF" if self._is_ours else "MARKS_STAY"
        return (*self._inner.remarks, *remark(code, (), self._count))

    def __iter__(self) -> Iterator[Record]:
        if not self._is_ours:
            yield from self._inner
            return
        for record in self._inner:
            yield record._replace(cells=without_marks(record.cells)[0])
