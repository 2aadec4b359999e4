"""The classified CSV: the source once more, with the predictions of a batch beside each row."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from senti_studio.domain.exporting import ExportReport, with_free_suffix
from senti_studio.domain.importing import LISTED
from senti_studio.domain.specs import LabelName
from senti_studio.errors import UserError
from senti_studio.exchange.columns import distinct_names
from senti_studio.exchange.formulas import formulas_in_rows
from senti_studio.exchange.open_file import open_records
from senti_studio.exchange.predictions import BLANK, BatchFile, BatchFolder, Part
from senti_studio.exchange.raw_file import sha256_of
from senti_studio.exchange.records import RecordFile
from senti_studio.exchange.whole_file import Hashed, TextWriter, appearing
from senti_studio.worker.manifest import WrittenFile, manifest_content
from senti_studio.worker.output_names import output_names
from senti_studio.worker.progress import Emit, Pace, ShouldStop, never, tell_nobody

_LOOK_UP_EVERY = 1000


def export_batch(
    batch_folder: Path,
    target: Path,
    *,
    encoding: str = "utf-8-sig",
    existing: str = "number",
    source_path: Path | None = None,
    manifest: bool = False,
    emit: Emit = tell_nobody,
    should_stop: ShouldStop = never,
) -> ExportReport:
    """Writes all original columns in their order, then ``senti_label``, ``senti_conf`` and ``p_<label>``
    …, one row for each record of the source and in its order; blank texts have empty predictions.

    ``existing`` as `free_target`; ``source_path``: where the source lies now; ``manifest`` writes
    one beside it. Raises UserError
    ``SOURCE_MISSING``, ``FILE_CHANGED``, ``BATCH_NOT_FINISHED``, ``BATCH_DAMAGED``, ``OUTPUT_EXISTS``,
    ``OUTPUT_IS_SOURCE``, ``DISK_FULL``, ``CANCELLED``; nothing half-written stays behind.
    """
    started = time.monotonic()
    folder = BatchFolder(batch_folder)
    batch = folder.read()
    if not batch.is_complete:
        done = sum(len(part.labels) for part in folder.parts())
        raise UserError("BATCH_NOT_FINISHED", path=str(batch_folder), rows=done, total=batch.rows)
    source = source_path or Path(batch.source_path)
    require_unchanged(source, batch)
    if target.exists() and source.samefile(target):
        raise UserError("OUTPUT_IS_SOURCE", path=str(target))
    names = output_names(target, existing, ending=".csv", manifest=manifest)
    target = names.target
    file = open_records(source, batch.options, keep_empty_rows=True, as_columns=True)
    columns = output_columns(file.columns, batch.labels, has_header=batch.options.has_header)
    formulas = count = 0
    with ExitStack() as files:
        # What is opened first appears last.
        told = (
            files.enter_context(appearing(names.manifest, existing=existing))
            if names.manifest is not None
            else None
        )
        file_stream = files.enter_context(appearing(target, existing=existing))
        stream = Hashed(file_stream)
        writer = TextWriter(stream, encoding)  # type: ignore[arg-type]
        writer.row(columns)
        pace = Pace(emit, "writing", batch.rows)
        pairs = _in_step(file, _predicted_cells(folder, batch), batch_folder)
        while page := list(islice(pairs, _LOOK_UP_EVERY)):
            formulas += formulas_in_rows([record for record, _ in page])
            writer.rows([record + cells for record, cells in page])
            count += len(page)
            if should_stop():
                raise UserError("CANCELLED")
            pace.at(count)
        writer.flush()
        pace.at(count, last=True)
        report = ExportReport(
            path=str(target),
            rows=count,
            encoding=encoding,
            size=stream.size,
            columns=tuple(columns),
            replaced=tuple(writer.replaced.most_common(LISTED)),
            replaced_count=writer.replaced.total(),
            formula_cells=formulas,
            seconds=round(time.monotonic() - started, 3),
            paths=tuple(str(path) for path in (target, names.manifest) if path is not None),
        )
        if told is not None:
            written = WrittenFile(target, stream.sha256, stream.size, count)
            told.write(
                manifest_content(
                    inputs=[_input(batch, source)], outputs=[written], content=_content(batch, report)
                )
            )
            told.flush()
    return report


def _input(batch: BatchFile, source: Path) -> dict[str, Any]:
    return {"name": source.name, "path": str(source), "sha256": batch.source_sha256, "rows": batch.rows}


def _content(batch: BatchFile, report: ExportReport) -> dict[str, Any]:
    return {
        "batch": batch.batch_id,
        "format": "csv",
        "encoding": report.encoding,
        "columns": report.columns,
        "models": [{"sha256": batch.model_sha256, "folder": batch.model_folder}],
        "labels": {
            "rows": batch.label_rows,
            "names": {label.key: label.name for label in batch.labels},
            "blank_rows": batch.blank_rows,
        },
        "replaced": report.replaced,
        "replaced_count": report.replaced_count,
        "formula_cells": report.formula_cells,
    }


def require_unchanged(source: Path, batch: BatchFile) -> None:
    """Raises UserError ``SOURCE_MISSING`` or ``FILE_CHANGED``."""
    if not source.is_file():
        raise UserError("SOURCE_MISSING", path=str(source))
    if sha256_of(source) != batch.source_sha256:
        raise UserError("FILE_CHANGED", path=str(source))


def output_columns(columns: Sequence[str], labels: Sequence[LabelName], *, has_header: bool) -> list[str]:
    """Header of the classified CSV; where the source has one of our names already, all of ours get ``_2``
    …"""
    original = list(columns) if has_header else list(distinct_names(columns))
    names = [label.name for label in labels]
    if len(set(names)) < len(names) or not all(names):
        names = [label.key for label in labels]
    ours = ["senti_label", "senti_conf", *(f"p_{name}" for name in names)]
    return [*original, *with_free_suffix(ours, original)]


def _predicted_cells(folder: BatchFolder, batch: BatchFile) -> Iterator[list[str]]:
    names = [label.name or label.key for label in batch.labels]
    nothing = [""] * (2 + len(names))
    for part in folder.parts():
        yield from _cells_of(part, names, nothing)


def _cells_of(part: Part, names: Sequence[str], nothing: list[str]) -> Iterator[list[str]]:
    for label, values in zip(
        part.labels.tolist(), part.probabilities.astype(np.float64).tolist(), strict=True
    ):
        if label == BLANK:
            yield nothing
        else:
            shares = [f"{value:.4f}" for value in values]
            yield [names[label], shares[label], *shares]


def _in_step(
    file: RecordFile, predicted: Iterator[list[str]], batch_folder: Path
) -> Iterator[tuple[list[str], list[str]]]:
    for record in file:
        cells = next(predicted, None)
        if cells is None:
            raise UserError("BATCH_DAMAGED", path=str(batch_folder), reason="fewer predictions than rows")
        yield record.cells, cells
    if next(predicted, None) is not None:
        raise UserError("BATCH_DAMAGED", path=str(batch_folder), reason="more predictions than rows")
