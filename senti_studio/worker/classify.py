"""The process of a classification: reads the file in parts, predicts, writes the parts, then the
classified CSV."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from senti_studio.domain.importing import ImportProgress, ReadOptions, plain
from senti_studio.domain.reading import TEXT_FORMATS
from senti_studio.domain.specs import ClassificationSpec, FileToClassify
from senti_studio.errors import UserError
from senti_studio.exchange.columns import column_index, distinct_names
from senti_studio.exchange.open_file import open_records
from senti_studio.exchange.predictions import BLANK, PART_ROWS, BatchFile, BatchFolder, Part
from senti_studio.exchange.raw_file import format_of, sha256_of
from senti_studio.exchange.records import Record, RecordFile
from senti_studio.exchange.sniff import preview, sniff, structure_for
from senti_studio.exchange.whole_file import free_target
from senti_studio.jobs.helper_protocol import to_json
from senti_studio.jobs.protocol import (
    Cancelled,
    Event,
    Finished,
    Paused,
    Preparing,
    Started,
    Stopped,
    Warned,
    Written,
)
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.worker.batch_export import export_batch, require_unchanged
from senti_studio.worker.eight_bits import Numbers, Wish, numbers_for
from senti_studio.worker.run_process import CommandListener, run_locked

if TYPE_CHECKING:
    from senti_studio.learning.predict import Predictor

_SLICE = 1024
"""Texts predicted between two looks at the commands."""
_TELL_EVERY_S = 0.5


class _Interrupted(Exception):  # noqa: N818 - it is a command, not an error
    """A command came."""


def run(folder: RunFolder, *, resume: bool) -> int:
    """Classifies what ``folder`` describes, or goes on behind the last whole part. Returns the exit
    status."""
    return run_locked(folder, lambda listener: _classify(folder, listener, resume=resume), resume=resume)


def _classify(folder: RunFolder, listener: CommandListener, *, resume: bool) -> Event:
    spec = folder.spec()
    if not isinstance(spec, ClassificationSpec):
        raise UserError("BAD_SPEC", problems=[f"kind={spec.kind}"])
    work = _Classification(folder, spec, listener)
    try:
        return work.run(resume=resume)
    except _Interrupted:
        return work.interrupted()


@dataclass(slots=True)
class _Speed:
    """Rows per second since the start of this process."""

    first_rows: int
    began: float = field(default_factory=time.monotonic)
    told: float = 0.0

    def is_due(self) -> bool:
        return time.monotonic() - self.told >= _TELL_EVERY_S

    def written(self, rows: int, total: int, counts: Counter[str]) -> Written:
        self.told = time.monotonic()
        speed = (rows - self.first_rows) / max(self.told - self.began, 1e-6)
        eta = (total - rows) / speed if speed > 0 else -1.0
        return Written(
            rows_done=rows,
            total_rows=total,
            rows_per_s=round(speed, 1),
            eta=round(eta, 1),
            label_rows=dict(counts),
        )


class _Classification:
    def __init__(self, folder: RunFolder, spec: ClassificationSpec, listener: CommandListener) -> None:
        self._folder = folder
        self._spec = spec
        self._listener = listener
        self._batch = BatchFolder(Path(spec.batch_folder))
        self._counts: Counter[str] = Counter()
        self._rows = 0
        self._blank = 0

    def run(self, *, resume: bool) -> Event:
        """All of it; returns the terminal event, raises `_Interrupted` when a command came."""
        spec = self._spec
        path = Path(spec.file.path)
        format_of(path)  # says at once what cannot be read
        sha256 = sha256_of(path)
        if spec.file.sha256 and spec.file.sha256 != sha256:
            raise UserError("FILE_CHANGED", path=str(path))
        options, column = reading_of(spec.file)
        before = self._standing(sha256, options, column) if resume else None
        if before is not None and before.is_complete:
            # Only the classified CSV is missing: the disk was full, or somebody pulled the plug while it
            # was written.
            self._folder.append_event(Started(run_id=spec.run_id, pid=os.getpid(), device=spec.device))
            return self._finish(before)
        predictor = self._load()
        batch = BatchFile(
            batch_id=spec.run_id,
            name=spec.name,
            model_folder=spec.model_folder,
            model_sha256=sha256_of(Path(spec.model_folder) / "weights.safetensors"),
            labels=predictor.labels,
            source_path=str(path.absolute()),
            source_sha256=sha256,
            options=options,
            text_column=column,
            rows=self._count_rows(path, options),
        )
        done = self._parts_to_keep(batch, before)
        numbers = self._numbers(predictor, batch, before if done else None)
        batch = dataclasses.replace(batch, precision=numbers.told)
        self._batch.remove_parts(done)
        self._batch.write(batch)
        self._predict(batch, numbers.predictor, done)
        batch = dataclasses.replace(
            batch, is_complete=True, label_rows=dict(self._counts), blank_rows=self._blank
        )
        self._batch.write(batch)
        return self._finish(batch)

    def interrupted(self) -> Event:
        """The terminal event for the command that came."""
        metrics = {"rows": self._rows, "label_rows": dict(self._counts)}
        if self._listener.wanted == "pause":
            return Paused(step=self._rows)
        if self._listener.wanted == "stop":
            return Stopped(metrics=metrics, output={"batch_folder": str(self._batch.path)})
        self._batch.remove_parts()
        (self._batch.path / "batch.json").unlink(missing_ok=True)
        return Cancelled()

    def _load(self) -> Predictor:
        from senti_studio.learning.predict import Predictor

        predictor = Predictor.load(Path(self._spec.model_folder), self._spec.device)
        self._folder.append_event(
            Started(
                run_id=self._spec.run_id,
                pid=os.getpid(),
                device=predictor.device,
                device_name=predictor.device_name,
                versions={name: importlib.metadata.version(name) for name in ("torch", "numpy")},
            )
        )
        return predictor

    def _numbers(self, predictor: Predictor, batch: BatchFile, before: BatchFile | None) -> Numbers:
        def texts(count: int) -> list[str]:
            file = open_records(Path(batch.source_path), batch.options, keep_empty_rows=True, as_columns=True)
            cells = (record.cells[batch.text_column] for record in file)
            return list(islice(filter(plain, cells), count))

        def say(event: Event) -> None:
            self._folder.append_event(event)
            self._heed()

        wish = Wish(self._spec, batch.model_sha256, texts, say)
        return numbers_for(predictor, wish, before.precision if before is not None else {})

    def _heed(self) -> None:
        if self._listener.wanted is not None:
            raise _Interrupted

    def _count_rows(self, path: Path, options: ReadOptions) -> int:
        """Records of the file; what is wrong with some of them is told as warnings."""
        file = open_records(path, options, keep_empty_rows=True, as_columns=True)
        size, told = file.size or path.stat().st_size, 0.0
        count = 0
        for count, _ in enumerate(file, 1):
            if count % 10_000 == 0:
                self._heed()
                if time.monotonic() - told > _TELL_EVERY_S:
                    told = time.monotonic()
                    done = min(file.bytes_read, size)
                    self._folder.append_event(Preparing(stage="reading", done=done, total=size))
        self._warn_of(file)
        return count

    def _warn_of(self, file: RecordFile) -> None:
        path = str(file.path)
        if rows := file.tally.bad_rows:
            lines = [row.line for row in rows[:10]]
            params = {"path": path, "count": file.tally.bad_row_count, "lines": lines}
            self._folder.append_event(Warned(code="BAD_ROWS_KEPT", params=params))
        if places := file.damage.listed:
            lines = [place.line for place in places[:10]]
            params = {"path": path, "count": file.damage.count, "lines": lines}
            self._folder.append_event(Warned(code="BAD_BYTES_REPLACED", params=params))

    def _standing(self, sha256: str, options: ReadOptions, column: int) -> BatchFile | None:
        """What the interrupted start left; raises UserError ``FILE_CHANGED`` when it was about another
        file."""
        if not (self._batch.path / "batch.json").exists():
            return None
        before = self._batch.read()
        if (before.source_sha256, before.options, before.text_column) != (sha256, options, column):
            raise UserError("FILE_CHANGED", path=before.source_path)
        return before

    def _parts_to_keep(self, batch: BatchFile, before: BatchFile | None) -> int:
        """How many parts are whole; raises UserError ``MODEL_CHANGED`` when another model made them."""
        if before is None:
            return 0
        if (before.model_sha256, before.labels) != (batch.model_sha256, batch.labels):
            raise UserError("MODEL_CHANGED")
        kept = self._batch.whole_parts()
        for path in self._batch.part_paths()[:kept]:
            self._take_in(self._batch.read_part(path), batch)
        return kept

    def _take_in(self, part: Part, batch: BatchFile) -> None:
        self._rows += len(part.labels)
        for index, count in zip(*np.unique(part.labels, return_counts=True), strict=True):
            if index == BLANK:
                self._blank += int(count)
            else:
                self._counts[batch.labels[index].key] += int(count)

    def _predict(self, batch: BatchFile, predictor: Predictor, done: int) -> None:
        path = Path(batch.source_path)
        file = open_records(path, batch.options, keep_empty_rows=True, as_columns=True)
        records = islice(file, done * PART_ROWS, None)
        speed = _Speed(self._rows)
        for number, chunk in enumerate(_chunks(records, PART_ROWS), done):
            texts = [record.cells[batch.text_column] for record in chunk]
            part = self._predicted(texts, predictor, batch, speed)
            self._batch.write_part(number, part)
            self._take_in(part, batch)
        self._folder.append_event(speed.written(self._rows, batch.rows, self._counts))

    def _predicted(self, texts: Sequence[str], predictor: Predictor, batch: BatchFile, speed: _Speed) -> Part:
        labels = np.full(len(texts), BLANK, dtype=np.int16)
        values = np.zeros((len(texts), len(batch.labels)), dtype=np.float32)
        filled = np.array([place for place, text in enumerate(texts) if plain(text)], dtype=np.int64)
        counts = self._counts.copy()
        for start in range(0, len(filled), _SLICE):
            self._heed()
            places = filled[start : start + _SLICE]
            found = predictor.probabilities(
                [texts[place] for place in places], batch_size=self._spec.batch_size
            )
            values[places] = found
            labels[places] = found.argmax(axis=1)
            counts.update(batch.labels[index].key for index in labels[places])
            if speed.is_due():
                done = self._rows + int(places[-1]) + 1
                self._folder.append_event(speed.written(done, batch.rows, counts))
        self._heed()
        return Part(self._rows + 1, labels, values)

    def _finish(self, batch: BatchFile) -> Event:
        metrics = {
            "rows": batch.rows,
            "label_rows": dict(batch.label_rows),
            "blank_rows": batch.blank_rows,
        }
        output: dict[str, Any] = {"batch_folder": str(self._batch.path)}
        if batch.precision:
            output["numbers"] = dict(batch.precision)
        wanted = self._spec.output
        if not wanted.path:
            require_unchanged(Path(batch.source_path), batch)
            return Finished(reason="done", metrics=metrics, output=output)

        def tell(progress: ImportProgress) -> None:
            self._folder.append_event(
                Written(
                    rows_done=progress.rows,
                    total_rows=progress.total,
                    rows_per_s=progress.rows_per_s,
                    eta=progress.eta,
                    label_rows=dict(batch.label_rows),
                    stage="writing",
                )
            )

        try:
            report = export_batch(
                self._batch.path,
                free_target(Path(wanted.path), "overwrite" if wanted.overwrite else "number"),
                encoding=wanted.encoding,
                existing="overwrite" if wanted.overwrite else "number",
                emit=tell,
                should_stop=lambda: self._listener.wanted is not None,
            )
        except UserError as error:
            if error.code == "CANCELLED":
                raise _Interrupted from error
            raise
        if report.replaced:
            characters = [char for char, _ in report.replaced[:20]]
            params = {"encoding": report.encoding, "count": report.replaced_count, "characters": characters}
            self._folder.append_event(Warned(code="CHARACTERS_REPLACED", params=params))
        self._batch.write(dataclasses.replace(batch, output=to_json(report)))
        return Finished(reason="done", metrics=metrics, output={**output, **to_json(report)})


def reading_of(file: FileToClassify) -> tuple[ReadOptions, int]:
    """How to read a file, and the index of its text column; what is not given is decided here.

    Raises UserError ``NO_TEXT_COLUMN``, ``NO_SUCH_COLUMN`` and those of `sniff`.
    """
    path = Path(file.path)
    if format_of(path) != "csv" or file.format not in ("", "csv"):
        options = _other_than_table(path, file)
    elif not file.encoding and not file.delimiter:
        options = sniff(path).options
    elif not file.encoding:
        encoding = sniff(path).options.encoding
        options = ReadOptions(encoding, file.delimiter, file.quote, file.has_header)
    elif not file.delimiter:
        options = structure_for(path, file.encoding)
    else:
        options = ReadOptions(file.encoding, file.delimiter, file.quote, file.has_header)
    first = preview(path, options, as_columns=True)
    if file.text_column:
        return options, column_index(first.columns, file.text_column, str(path))
    if first.text_column is None:
        raise UserError("NO_TEXT_COLUMN", path=str(path), columns=list(distinct_names(first.columns)))
    return options, first.text_column


def _other_than_table(path: Path, file: FileToClassify) -> ReadOptions:
    """Of a workbook, JSON, Parquet …; a delimiter says nothing about such a file."""
    options = sniff(path, format_name=file.format, sheet=file.sheet, as_columns=True).options
    if options.format == "xlsx" and file.skip_rows >= 0:
        return dataclasses.replace(options, skip_rows=file.skip_rows, has_header=file.has_header)
    if options.format in TEXT_FORMATS and file.encoding:
        return dataclasses.replace(options, encoding=file.encoding)
    return options


def _chunks(records: Iterator[Record], size: int) -> Iterator[list[Record]]:
    while chunk := list(islice(records, size)):
        yield chunk
