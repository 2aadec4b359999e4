"""The folder of a batch: ``batch.json`` and Parquet parts with one row per record of the classified
file."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from senti_studio.domain.importing import ReadOptions
from senti_studio.domain.specs import LabelName
from senti_studio.errors import UserError
from senti_studio.exchange.whole_file import write_whole

PART_ROWS = 8192
"""Rows of every part but the last; part of the format, because resuming counts in parts."""

BLANK = -1
"""The label of a text without anything in it."""

_PART = re.compile(r"part-(\d{5})\.parquet")
_VERSION = 1


@dataclass(frozen=True, slots=True)
class BatchFile:
    """``batch.json``: what was classified, by what, and how far it is. Rows count records, rows of empty
    cells too. ``precision``: in which numbers, and what was found out about them."""

    batch_id: str
    name: str
    model_folder: str
    model_sha256: str
    labels: tuple[LabelName, ...]
    source_path: str
    source_sha256: str
    options: ReadOptions
    text_column: int
    rows: int
    is_complete: bool = False
    label_rows: Mapping[str, int] = field(default_factory=dict)
    blank_rows: int = 0
    output: Mapping[str, Any] = field(default_factory=dict)
    version: int = _VERSION
    precision: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """``labels``: (n,) class indices, `BLANK` for blank texts; ``probabilities``: (n, classes)."""

    first_row: int
    labels: npt.NDArray[np.int16]
    probabilities: npt.NDArray[np.float32]


class BatchFolder:
    """Reads and writes one batch."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> BatchFile:
        """Raises UserError ``BATCH_DAMAGED``."""
        try:
            values = json.loads((self.path / "batch.json").read_bytes())
            labels = tuple(LabelName(**label) for label in values.pop("labels"))
            read = values.pop("options")
            options = ReadOptions(**{**read, "keys": tuple(read.get("keys", ()))})
            batch = BatchFile(labels=labels, options=options, **values)
            return replace(
                batch,
                model_folder=self._located(batch.model_folder),
                source_path=self._located(batch.source_path),
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise UserError("BATCH_DAMAGED", path=str(self.path), reason=f"batch.json: {error}") from error

    def write(self, batch: BatchFile) -> None:
        """What lies in the project is stored relative to this folder: projects are moved and copied."""
        self.path.mkdir(parents=True, exist_ok=True)
        batch = replace(
            batch,
            model_folder=self._portable(batch.model_folder),
            source_path=self._portable(batch.source_path),
        )
        values = {name: getattr(batch, name) for name in BatchFile.__dataclass_fields__}
        values["labels"] = [{"key": label.key, "name": label.name} for label in batch.labels]
        values["options"] = {name: getattr(batch.options, name) for name in ReadOptions.__dataclass_fields__}
        content = json.dumps(values, ensure_ascii=False, indent=1).encode("utf-8", "replace")
        write_whole(self.path / "batch.json", content)

    def _located(self, path: str) -> str:
        return os.path.normpath(self.path.absolute() / path)

    def _portable(self, path: str) -> str:
        project = self.path.absolute().parent.parent
        if self.path.parent.name != "batches" or not Path(path).is_relative_to(project):
            return path
        return f"../../{Path(path).relative_to(project).as_posix()}"

    def part_paths(self) -> list[Path]:
        """Parts from the first one on, without a gap."""
        if not self.path.is_dir():
            return []
        numbered = {
            int(match[1]): path for path in self.path.iterdir() if (match := _PART.fullmatch(path.name))
        }
        count = 0
        while count in numbered:
            count += 1
        return [numbered[number] for number in range(count)]

    def write_part(self, number: int, part: Part) -> None:
        """Raises UserError ``DISK_FULL`` …; a part is there whole or not at all."""
        rows = pa.array(np.arange(part.first_row, part.first_row + len(part.labels), dtype=np.int64))
        columns = {"row": rows, "label": pa.array(part.labels)}
        for index in range(part.probabilities.shape[1]):
            columns[f"p{index}"] = pa.array(np.ascontiguousarray(part.probabilities[:, index]))
        # Through memory: a full disk then speaks in Python's words.
        buffer = io.BytesIO()
        pq.write_table(pa.table(columns), buffer, compression="zstd")
        write_whole(self.path / f"part-{number:05d}.parquet", buffer.getvalue())

    def parts(self) -> Iterator[Part]:
        """All parts in order, one in memory at a time. Raises UserError ``BATCH_DAMAGED``."""
        for path in self.part_paths():
            yield self.read_part(path)

    def read_part(self, path: Path) -> Part:
        try:
            table = pq.read_table(path, memory_map=False)
            labels = table.column("label").to_numpy().astype(np.int16)
            names = [name for name in table.column_names if re.fullmatch(r"p\d+", name)]
            values = [table.column(name).to_numpy() for name in names]
            first = table.column("row")[0].as_py() if len(labels) else 1
        except (OSError, pa.ArrowException, KeyError, IndexError) as error:
            raise UserError("BATCH_DAMAGED", path=str(self.path), reason=f"{path.name}: {error}") from error
        return Part(first, labels, np.stack(values, axis=1).astype(np.float32))

    def whole_parts(self) -> int:
        """How many parts a resumed classification can stand on: full ones, in order, readable."""
        count = 0
        for path in self.part_paths():
            try:
                part = self.read_part(path)
            except UserError:
                break
            if len(part.labels) != PART_ROWS or part.first_row != count * PART_ROWS + 1:
                break
            count += 1
        return count

    def remove_parts(self, start: int = 0) -> None:
        """Deletes the parts from number ``start`` on, and what was left of half-written ones."""
        if not self.path.is_dir():
            return
        for path in self.path.iterdir():
            match = _PART.fullmatch(path.name)
            if (match and int(match[1]) >= start) or path.name.endswith(".part"):
                path.unlink(missing_ok=True)
