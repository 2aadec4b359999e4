"""Reads Parquet batch by batch, every value as text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from senti_studio.domain.reading import ReadOptions, Remark
from senti_studio.errors import UserError
from senti_studio.exchange.decode import Damage
from senti_studio.exchange.file_errors import told_to_user
from senti_studio.exchange.records import Record, Tally, require_few_columns, writable

_ROWS_AT_ONCE = 1000
_LARGEST_GROUP = 4 << 30
"""Unpacked bytes of one row group; pandas writes about a million rows into one."""


class ParquetFile:
    """A `RecordFile`. Lines are rows, from 1.

    Raises UserError ``FILE_DAMAGED``, ``FILE_IS_BOMB``, ``TOO_MANY_COLUMNS``, ``NO_ROWS`` and those of
    opening.
    """

    annotations = ""
    remarks: tuple[Remark, ...] = ()

    def __init__(self, path: Path, options: ReadOptions, *, keep_empty_rows: bool = False) -> None:
        self.path = path
        self.options = options
        self.tally = Tally()
        self.damage = Damage()
        self.bytes_read = 0
        self._keep_empty_rows = keep_empty_rows
        with told_to_user(path):
            try:
                self._file = pq.ParquetFile(path, pre_buffer=False)
            except (pa.ArrowException, ValueError, OSError) as error:
                if isinstance(error, OSError) and error.errno is not None:
                    raise
                raise UserError("FILE_DAMAGED", path=str(path), kind="Parquet") from error
        about = self._file.metadata
        groups = (about.row_group(place).total_byte_size for place in range(about.num_row_groups))
        if max(groups, default=0) > _LARGEST_GROUP:
            raise UserError("FILE_IS_BOMB", path=str(path), kind="Parquet")
        self.size = about.num_rows
        self.columns = tuple(map(str, self._file.schema_arrow.names))
        require_few_columns(len(self.columns), path)
        if not self.size or not self.columns:
            raise UserError("NO_ROWS", path=str(path))

    def __iter__(self) -> Iterator[Record]:
        try:
            for batch in self._file.iter_batches(_ROWS_AT_ONCE, use_threads=False):
                columns = [[_text(value) for value in column.to_pylist()] for column in batch.columns]
                for cells in zip(*columns, strict=True):
                    record = self._record(list(cells))
                    if record is not None:
                        yield record
        except (pa.ArrowException, ValueError, OSError) as error:
            raise UserError("FILE_DAMAGED", path=str(self.path), kind="Parquet") from error

    def _record(self, cells: list[str]) -> Record | None:
        self.bytes_read += 1
        line = self.bytes_read
        if not any(cells):
            self.tally.empty_rows += 1
            return Record(0, line, cells, len(cells), "") if self._keep_empty_rows else None
        self.tally.rows += 1
        cells = [writable(cell, line, self.damage) for cell in cells]
        return Record(self.tally.rows, line, cells, len(cells), "")


def _text(value: Any) -> str:
    """Null is empty, times are ISO 8601 with a blank, what is nested becomes JSON."""
    if isinstance(value, str):
        return value
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (list, dict, tuple)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return str(value)
