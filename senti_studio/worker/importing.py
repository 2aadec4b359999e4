"""Imports one file into a project: checks all of it, then writes it; a part of it is never seen."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from senti_studio.domain.comments import NewComment, Part, SourceDraft
from senti_studio.domain.importing import (
    CheckReport,
    ImportReport,
    ImportRequest,
    labels_by_name,
    part_of,
    plain,
)
from senti_studio.domain.labels import Label
from senti_studio.errors import SentiError, UserError
from senti_studio.exchange.csv_file import CsvFile, Record
from senti_studio.exchange.raw_file import sha256_of
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.storage.project import Project
from senti_studio.worker.helper import Handler
from senti_studio.worker.preview import check_file
from senti_studio.worker.progress import Emit, Pace, ShouldStop, never, tell_nobody

_ROWS_AT_ONCE = 2000

_log = logging.getLogger(__name__)


def import_file(
    project: Project, request: ImportRequest, *, emit: Emit = tell_nobody, should_stop: ShouldStop = never
) -> ImportReport:
    """Takes a file into ``project``; its rows appear all at once at the end, or never.

    The whole file is read before the first row is written, so that every problem with labels is told at
    once. Raises UserError ``CANCELLED``, ``UNMAPPED_LABELS``, ``UNKNOWN_LABEL_KEYS``, ``UNKNOWN_PART``,
    ``NO_SUCH_COLUMN``, ``FILE_CHANGED_MEANWHILE``, and the errors of reading and of the project; after
    each of them the project is as it was before.
    """
    started = time.monotonic()
    path = Path(request.path)
    labels = project.labels.list()
    _refuse_bad_parts(request)
    before = _stamp(path)
    checked = check_file(
        path,
        request.options,
        text_column=request.text_column,
        label_column=request.label_column,
        part_column=request.part_column,
        emit=emit,
        should_stop=should_stop,
    )
    mapping = label_mapping(request, checked, labels)
    sha256 = sha256_of(path)
    reading = _Reading(request, mapping, {label.key: label.id for label in labels})
    file = CsvFile(path, request.options)
    source_id = project.sources.begin(_draft(file, request, sha256))
    try:
        _write(project, source_id, file, reading, Pace(emit, "writing", checked.rows), should_stop)
        if _stamp(path) != before:
            raise UserError("FILE_CHANGED_MEANWHILE", path=str(path))
    except BaseException:
        _abandon(project, source_id)
        raise
    source = project.sources.finish(source_id)
    return ImportReport(
        source_id=source_id,
        name=source.name,
        rows=reading.rows,
        labelled=reading.labelled,
        unmapped=reading.unmapped,
        skipped_blank=reading.skipped_blank,
        skipped_bad=reading.skipped_bad,
        seconds=round(time.monotonic() - started, 3),
        parts={part.value: count for part, count in reading.parts.items()},
        label_map=mapping,
        bad_row_count=checked.bad_row_count,
        bad_rows=checked.bad_rows,
        bad_byte_count=checked.bad_byte_count,
        bad_bytes=checked.bad_bytes,
        unknown_parts=reading.unknown_parts,
    )


def _abandon(project: Project, source_id: int) -> None:
    try:
        project.sources.abandon(source_id)
    except SentiError as error:
        # On a full disk not even deleting works. The rows are invisible; the next opening takes them away.
        _log.info("source %s was not cleaned up: %s", source_id, error)


def label_mapping(request: ImportRequest, checked: CheckReport, labels: Sequence[Label]) -> dict[str, str]:
    """Value of the file -> label key, for every value that occurs.

    Raises UserError ``UNKNOWN_LABEL_KEYS``, and ``UNMAPPED_LABELS`` with all values unless they are to be
    ignored.
    """
    if request.label_column is None:
        return {}
    values = [value for value, _ in checked.label_values]
    if request.label_map is None:
        mapping = labels_by_name(values, labels)
    else:
        known = {label.key for label in labels}
        wrong = sorted({key for key in request.label_map.values() if key and key not in known})
        if wrong:
            names = [f"{label.key} = {label.name}" for label in labels]
            raise UserError("UNKNOWN_LABEL_KEYS", keys=wrong, labels=names)
        mapping = {plain(value): key for value, key in request.label_map.items()}
    missing = [value for value in values if value not in mapping]
    if not request.ignore_unmapped and (missing or checked.label_value_count > len(values)):
        count = len(missing) + checked.label_value_count - len(values)
        raise UserError("UNMAPPED_LABELS", path=request.path, values=missing, count=count)
    return {value: mapping[value] for value in values if mapping.get(value)}


def _refuse_bad_parts(request: ImportRequest) -> None:
    allowed = {"", *(part.value for part in Part)}
    for value in (request.part, *(request.part_map or {}).values()):
        if value not in allowed:
            raise UserError("UNKNOWN_PART", value=value)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        # Opening it will say why.
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _draft(file: CsvFile, request: ImportRequest, sha256: str) -> SourceDraft:
    return SourceDraft(
        name=request.name or file.path.name,
        path=str(file.path.absolute()),
        columns=file.columns,
        text_column=request.text_column,
        label_column=request.label_column,
        sha256=sha256,
        encoding=request.options.encoding,
        delimiter=request.options.delimiter,
        quote=request.options.quote,
        has_header=request.options.has_header,
        part=Part(request.part) if request.part else None,
    )


@dataclass(slots=True)
class _Reading:
    """Turns records into comments, and counts."""

    request: ImportRequest
    mapping: Mapping[str, str]
    label_ids: Mapping[str, int]
    rows: int = 0
    labelled: int = 0
    unmapped: int = 0
    skipped_blank: int = 0
    skipped_bad: int = 0
    unknown_parts: int = 0
    parts: dict[Part, int] = field(default_factory=dict)

    def comment(self, record: Record) -> NewComment | None:
        """The comment of a record, or None where the request leaves it out."""
        request = self.request
        text = record.cells[request.text_column]
        if request.skip_bad_rows and record.problem:
            self.skipped_bad += 1
            return None
        if request.skip_blank_texts and not text.strip():
            self.skipped_blank += 1
            return None
        self.rows += 1
        label_id, part = self._label(record), self._part(record)
        return NewComment(record.row, text, tuple(record.cells), label_id, part)

    def _label(self, record: Record) -> int | None:
        column = self.request.label_column
        value = plain(record.cells[column]) if column is not None else ""
        if not value:
            return None
        key = self.mapping.get(value)
        if key is None:
            self.unmapped += 1
            return None
        self.labelled += 1
        return self.label_ids[key]

    def _part(self, record: Record) -> Part | None:
        request, part = self.request, None
        if request.part_column is not None:
            said = record.cells[request.part_column]
            part = part_of(said, request.part_map)
            self.unknown_parts += part is None and bool(plain(said))
        elif request.part:
            part = Part(request.part)
        if part is not None:
            self.parts[part] = self.parts.get(part, 0) + 1
        return part


def _write(
    project: Project, source_id: int, file: CsvFile, reading: _Reading, pace: Pace, should_stop: ShouldStop
) -> None:
    records = iter(file)
    while chunk := list(islice(records, _ROWS_AT_ONCE)):
        if should_stop():
            raise UserError("CANCELLED")
        comments = [comment for record in chunk if (comment := reading.comment(record)) is not None]
        project.sources.append(source_id, comments)
        pace.at(file.tally.rows)
    if should_stop():
        raise UserError("CANCELLED")
    pace.at(file.tally.rows, last=True)


def handlers() -> Mapping[str, Handler]:
    """The requests of ``worker import``."""
    return {"import": _import}


def _import(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> ImportReport:
    request = from_json(ImportRequest, params)
    project = Project.open(Path(params["project"]))
    try:
        return import_file(project, request, emit=emit, should_stop=should_stop)
    finally:
        project.close()
