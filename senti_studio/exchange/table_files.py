"""Writes tables: one small protocol, one class a format. All cells are text, None says nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import IO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from senti_studio.exchange.formulas import formulas_in_rows, neutralise
from senti_studio.exchange.whole_file import TextWriter
from senti_studio.exchange.workbook_writer import WorkbookWriter

Row = list[str | None]

_ROW_GROUP = 65_536
_quoted = json.JSONEncoder(ensure_ascii=False).encode


class TableFile(Protocol):
    """A table that is being written.

    ``absent``: what stands for nothing in a row that is handed over. ``replaced``: characters that the format
    cannot hold. ``formulas``, ``neutralised``, ``cut``: cells, see `ExportReport`.
    """

    absent: str | None

    @property
    def replaced(self) -> Counter[str]: ...

    @property
    def formulas(self) -> int: ...

    @property
    def neutralised(self) -> int: ...

    @property
    def cut(self) -> int: ...

    def write(self, rows: Sequence[Row]) -> None:
        """Rows as wide as the header; they may be changed."""

    def close(self) -> None:
        """Writes what is left; the file itself stays open."""


class CsvTable:
    """CSV with CR LF; see `TextWriter` and, for formulas, `exchange.formulas`."""

    absent: str | None = ""

    def __init__(self, file: IO[bytes], columns: Sequence[str], *, encoding: str, guard: bool) -> None:
        self._writer = TextWriter(file, encoding)
        self._guard = guard
        self.formulas = self.neutralised = self.cut = 0
        self.write([list(columns)])

    @property
    def replaced(self) -> Counter[str]:
        return self._writer.replaced

    def write(self, rows: Sequence[Row]) -> None:
        cells: Sequence[list[str]] = rows  # type: ignore[assignment]
        if self._guard:
            count = neutralise(cells)
            self.neutralised += count
            self.formulas += count
        else:
            self.formulas += formulas_in_rows(cells)
        self._writer.rows(cells)

    def close(self) -> None:
        self._writer.flush()


class JsonLinesTable:
    """One object a line, keys as the columns; UTF-8 without a mark, by the standard."""

    absent: str | None = None

    def __init__(self, file: IO[bytes], columns: Sequence[str], *, encoding: str, guard: bool) -> None:
        self._writer = TextWriter(file, "utf-8")
        self._keys = [f"{_quoted(name)}: " for name in columns]
        self.replaced: Counter[str] = Counter()
        self.formulas = self.neutralised = self.cut = 0

    def write(self, rows: Sequence[Row]) -> None:
        keys = self._keys
        for row in rows:
            values = [
                key + ("null" if cell is None else _quoted(cell)) for key, cell in zip(keys, row, strict=True)
            ]
            self._writer.text("{" + ", ".join(values) + "}\n")

    def close(self) -> None:
        self._writer.flush()


class ParquetTable:
    """Strings in row groups of about 65,536, zstd; null is what says nothing."""

    absent: str | None = None

    def __init__(self, file: IO[bytes], columns: Sequence[str], *, encoding: str, guard: bool) -> None:
        self._schema = pa.schema([pa.field(name, pa.string()) for name in columns])
        self._writer = pq.ParquetWriter(file, self._schema, compression="zstd")
        self._chunks: list[pa.RecordBatch] = []
        self._rows = 0
        self.replaced: Counter[str] = Counter()
        self.formulas = self.neutralised = self.cut = 0

    def write(self, rows: Sequence[Row]) -> None:
        if rows:
            arrays = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
            self._chunks.append(pa.record_batch(arrays, schema=self._schema))
            self._rows += len(rows)
        if self._rows >= _ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_batches(self._chunks), row_group_size=self._rows)
        self._chunks, self._rows = [], 0

    def close(self) -> None:
        self._flush()
        self._writer.close()


class WorkbookTable:
    """XLSX; a cell that begins as a formula is text there anyway, and stays text when somebody edits it."""

    absent: str | None = ""

    def __init__(self, file: IO[bytes], columns: Sequence[str], *, encoding: str, guard: bool) -> None:
        self._writer = WorkbookWriter(file, list(columns), guard=guard)
        self._guard = guard

    @property
    def replaced(self) -> Counter[str]:
        return self._writer.replaced

    @property
    def formulas(self) -> int:
        return self._writer.formulas

    @property
    def neutralised(self) -> int:
        return self._writer.formulas if self._guard else 0

    @property
    def cut(self) -> int:
        return self._writer.cut

    def write(self, rows: Sequence[Row]) -> None:
        self._writer.write(rows)  # type: ignore[arg-type]

    def close(self) -> None:
        self._writer.close()


TABLE_FILES: dict[str, Callable[..., TableFile]] = {
    "csv": CsvTable,
    "xlsx": WorkbookTable,
    "jsonl": JsonLinesTable,
    "parquet": ParquetTable,
}
"""Format -> class; all take (file, columns, encoding=, guard=)."""
