"""``worker export``: the comments of a project with their labels as CSV or JSONL, and a batch once more."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from senti_studio.domain.comments import Source
from senti_studio.domain.importing import LISTED, AnnotationsExport, ExportReport
from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.exchange.columns import distinct_names
from senti_studio.exchange.formulas import formulas_in
from senti_studio.exchange.whole_file import TextWriter, appearing, free_target
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.storage.project import Project
from senti_studio.worker.batch_export import export_batch, with_free_suffix
from senti_studio.worker.helper import Handler
from senti_studio.worker.progress import Emit, Pace, ShouldStop, never, tell_nobody

_LOOK_UP_EVERY = 500


@dataclass(frozen=True, slots=True)
class _Row:
    """One comment as it goes out."""

    comment_id: int
    source: Source
    row: int
    cells: tuple[str, ...]
    label: Label | None
    annotators: tuple[str, ...]
    at: str


def export_annotations(
    project: Project,
    request: AnnotationsExport,
    *,
    emit: Emit = tell_nobody,
    should_stop: ShouldStop = never,
) -> ExportReport:
    """Writes the comments of a project (in file order) with all original columns, label, annotator and
    time.

    Time is ISO 8601 in UTC. Raises UserError ``OUTPUT_EXISTS``, ``DISK_FULL``, ``NO_PERMISSION``,
    ``CANCELLED``, ``BAD_OPTIONS``; nothing half-written stays behind.
    """
    started = time.monotonic()
    if request.format not in _FORMATS:
        raise UserError("BAD_OPTIONS", problem=f"format={request.format}")
    target = free_target(Path(request.path), request.existing)
    sources = project.sources.list()
    total = sum(source.row_count for source in sources)
    with appearing(target) as stream:
        # JSON is UTF-8 without a mark by its standard.
        encoding = "utf-8" if request.format == "jsonl" else request.encoding
        writer = TextWriter(stream, encoding)
        sheet = _FORMATS[request.format](writer, sources)
        pace = Pace(emit, "writing", total)
        seen = 0
        for seen, row in enumerate(_rows(project, sources), 1):
            if seen % _LOOK_UP_EVERY == 0:
                if should_stop():
                    raise UserError("CANCELLED")
                pace.at(seen)
            if row.label is not None or not request.labelled_only:
                sheet.write(row)
        writer.flush()
        pace.at(seen, last=True)
    return ExportReport(
        path=str(target),
        rows=sheet.rows,
        encoding=encoding,
        size=target.stat().st_size,
        columns=tuple(sheet.columns),
        replaced=tuple(writer.replaced.most_common(LISTED)),
        replaced_count=writer.replaced.total(),
        formula_cells=sheet.formulas,
        seconds=round(time.monotonic() - started, 3),
    )


class _CsvSheet:
    """All columns of all sources side by side (equal names share one), then ours."""

    def __init__(self, writer: TextWriter, sources: Sequence[Source]) -> None:
        self._writer = writer
        self._names = {source.id: _names_of(source) for source in sources}
        originals = list(dict.fromkeys(name for names in self._names.values() for name in names))
        self._places = {name: place for place, name in enumerate(originals)}
        ours = ["senti_label", "senti_annotator", "senti_time", "senti_source", "senti_row"]
        self.columns = [*originals, *with_free_suffix(ours, originals)]
        self.rows = self.formulas = 0
        writer.row(self.columns)

    def write(self, row: _Row) -> None:
        cells = [""] * len(self._places)
        for name, cell in zip(self._names[row.source.id], row.cells, strict=False):
            cells[self._places[name]] = cell
        self.rows += 1
        self.formulas += formulas_in(cells)
        label = row.label.name if row.label else ""
        self._writer.row([*cells, label, ";".join(row.annotators), row.at, row.source.name, str(row.row)])


class _JsonLines:
    """One object a line; the original columns lie in an object of their own."""

    def __init__(self, writer: TextWriter, sources: Sequence[Source]) -> None:
        self._writer = writer
        self._names = {source.id: _names_of(source) for source in sources}
        self.columns = ["id", "text", "label", "label_key", "annotator", "time", "source", "row", "columns"]
        self.rows = self.formulas = 0

    def write(self, row: _Row) -> None:
        self.rows += 1
        place = row.source.text_column
        values = {
            "id": row.comment_id,
            "text": row.cells[place] if place < len(row.cells) else "",
            "label": row.label.name if row.label else None,
            "label_key": row.label.key if row.label else None,
            "annotator": list(row.annotators),
            "time": row.at or None,
            "source": row.source.name,
            "row": row.row,
            "columns": dict(zip(self._names[row.source.id], row.cells, strict=False)),
        }
        self._writer.text(json.dumps(values, ensure_ascii=False) + "\n")


_FORMATS: dict[str, type[_CsvSheet] | type[_JsonLines]] = {"csv": _CsvSheet, "jsonl": _JsonLines}


def _names_of(source: Source) -> tuple[str, ...]:
    """Names as in the file, made distinct only where one is empty or comes twice."""
    shown = distinct_names(source.columns)
    taken: set[str] = set()
    names = []
    for name, distinct in zip(source.columns, shown, strict=True):
        names.append(name if name.strip() and name not in taken else distinct)
        taken.add(names[-1])
    return tuple(names)


def _rows(project: Project, sources: Sequence[Source]) -> Iterator[_Row]:
    labels = {label.id: label for label in project.labels.list()}
    for source in sources:
        originals = project.comments.originals(source.id)
        while page := list(islice(originals, _LOOK_UP_EVERY)):
            states = {row.id: row for row in project.comments.rows([item[0] for item in page])}
            for comment_id, number, cells in page:
                state = states.get(comment_id)
                if state is None:
                    # Its source was removed meanwhile.
                    continue
                label = labels.get(state.label_id) if state.label_id is not None else None
                annotators = _annotators(project, comment_id, label) if label else ()
                at = state.labelled_at.isoformat(timespec="seconds") if label and state.labelled_at else ""
                yield _Row(comment_id, source, number, cells, label, annotators, at)


def _annotators(project: Project, comment_id: int, label: Label) -> tuple[str, ...]:
    found = project.comments.get(comment_id).annotations
    return tuple(dict.fromkeys(item.annotator for item in found if item.label_id == label.id))


def handlers() -> Mapping[str, Handler]:
    """The requests of ``worker export``."""
    return {"annotations": _annotations, "batch": _batch}


def _annotations(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> ExportReport:
    request = from_json(AnnotationsExport, params)
    project = Project.open(Path(params["project"]))
    try:
        return export_annotations(project, request, emit=emit, should_stop=should_stop)
    finally:
        project.close()


def _batch(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> ExportReport:
    source = params.get("source_path")
    return export_batch(
        Path(params["batch_folder"]),
        Path(params["path"]),
        encoding=params.get("encoding", "utf-8-sig"),
        existing=params.get("existing", "number"),
        source_path=Path(source) if source else None,
        emit=emit,
        should_stop=should_stop,
    )
