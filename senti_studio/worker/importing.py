"""Imports one file into a project: checks all of it, then writes it; a part of it is never seen."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from senti_studio.domain.comments import NewAnnotation, NewComment, Part, SourceDraft
from senti_studio.domain.importing import (
    LISTED,
    CheckReport,
    ImportReport,
    ImportRequest,
    labels_by_name,
    part_of,
    plain,
)
from senti_studio.domain.labels import Label
from senti_studio.domain.reading import TEXT_FORMATS, UNREADABLE
from senti_studio.errors import SentiError, UserError
from senti_studio.exchange.open_file import open_records
from senti_studio.exchange.raw_file import sha256_of
from senti_studio.exchange.records import Mark, Record, RecordFile
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.storage.plain_rows import PlainRows
from senti_studio.storage.project import Project
from senti_studio.storage.sources import outcome
from senti_studio.worker.annotations import Labelling, labelling_of
from senti_studio.worker.helper import Handler
from senti_studio.worker.preview import Census, census_of, check_all, require_column
from senti_studio.worker.progress import Emit, Pace, ShouldStop, never, tell_nobody

_ROWS_AT_ONCE = 2000

_log = logging.getLogger(__name__)


def import_file(
    project: Project, request: ImportRequest, *, emit: Emit = tell_nobody, should_stop: ShouldStop = never
) -> ImportReport:
    """Takes a file into ``project``; its rows appear all at once at the end, or never.

    Where labels are read or bad rows are to stop it, the whole file is read before the first row is written,
    so that every problem is told at once. Raises UserError ``CANCELLED``, ``UNMAPPED_LABELS``,
    ``UNKNOWN_LABEL_KEYS``, ``UNKNOWN_PART``, ``NO_SUCH_COLUMN``, ``NO_ROWS``, ``FILE_HAS_BAD_ROWS`` (where
    bad ones are to stop it), ``FILE_CHANGED_MEANWHILE``, and the errors of reading and of the project; after
    each of them the project is as it was before.
    """
    started = time.monotonic()
    path = Path(request.path)
    labels = project.labels.list()
    _refuse_bad_parts(request)
    before = _stamp(path)
    file = open_records(path, request.options)
    for column in (request.time_column, request.seconds_column, request.task_column):
        require_column(file, column)
    census = census_of(file, request)
    checked: CheckReport | None = None
    mapping: dict[str, str] = {}
    if census.reads_labels or request.options.on_bad == "stop":
        checked = check_all(file, census, emit=emit, should_stop=should_stop)
        _stop_at_bad(request, checked)
        mapping = label_mapping(request, checked, labels)
        file = open_records(path, request.options)
    sha256 = sha256_of(path)
    labelling = labelling_of(file, request, mapping)
    reading = _Reading(request, labelling, mapping, {label.key: label.id for label in labels})
    source_id = project.sources.begin(_draft(file, request, sha256))
    try:
        pace = Pace(emit, "writing", checked.rows if checked is not None else 0)
        _write(project, source_id, file, reading, None if checked else census, pace, should_stop)
        checked = checked or census.report(file)
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
        several_labels=reading.several_labels,
        disputed=reading.disputed,
        skipped=reading.skipped,
        joined=reading.joined,
        annotators=tuple(reading.annotators.most_common(LISTED)),
        remarks=checked.remarks,
    )


def _stop_at_bad(request: ImportRequest, checked: CheckReport) -> None:
    rows, places = checked.bad_row_count, checked.bad_byte_count
    if request.options.on_bad != "stop" or not (rows or places):
        return
    lines = sorted({row.line for row in checked.bad_rows} | {place.line for place in checked.bad_bytes})
    raise UserError("FILE_HAS_BAD_ROWS", path=request.path, rows=rows, places=places, lines=lines)


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
    if request.label_column is None and not checked.label_values:
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


def _draft(file: RecordFile, request: ImportRequest, sha256: str) -> SourceDraft:
    return SourceDraft(
        name=request.name or file.path.name,
        path=str(file.path.absolute()),
        columns=file.columns,
        text_column=request.text_column,
        label_column=request.label_column,
        sha256=sha256,
        encoding=request.options.encoding if request.options.format in TEXT_FORMATS else "",
        delimiter=request.options.delimiter if request.options.format == "csv" else "",
        quote=request.options.quote,
        has_header=request.options.has_header,
        part=Part(request.part) if request.part else None,
    )


@dataclass(slots=True)
class _Reading:
    """Turns records into comments, and counts."""

    request: ImportRequest
    labelling: Labelling
    mapping: Mapping[str, str]
    label_ids: Mapping[str, int]
    rows: int = 0
    labelled: int = 0
    unmapped: int = 0
    several_labels: int = 0
    disputed: int = 0
    skipped: int = 0
    joined: int = 0
    skipped_blank: int = 0
    skipped_bad: int = 0
    unknown_parts: int = 0
    parts: dict[Part, int] = field(default_factory=dict)
    annotators: Counter[str] = field(default_factory=Counter)
    _open: NewComment | None = None
    _open_task: str = ""

    def comments(self, records: Sequence[Record]) -> list[NewComment]:
        """The comments of some records; one that may go on behind them waits for the next call."""
        if self.request.task_column is None:
            made = (self._comment(record) for record in records)
            return [comment for comment in made if comment is not None]
        return [done for record in records if (done := self._gathered(record)) is not None]

    def are_plain(self, records: Sequence[Record]) -> bool:
        """Whether the records say no more than `PlainRows` can, and all of them are wanted."""
        request = self.request
        if not self.labelling.is_plain or request.task_column is not None:
            return False
        if any(record.problem or record.state is not None for record in records):
            return False
        column = request.text_column
        return not request.skip_blank_texts or all(record.cells[column].strip() for record in records)

    def plain_rows(self, records: Sequence[Record]) -> PlainRows:
        """The same as `comments`, of plain records; takes their cells over."""
        request, column = self.request, self.request.text_column
        self.rows += len(records)
        label_ids = parts = None
        if self.labelling.label is not None:
            label_ids = [self._label(record) for record in records]
            self.labelled += len(label_ids) - label_ids.count(None)
        if request.part_column is not None or request.part:
            parts = [self._part(record) for record in records]
        return PlainRows(
            numbers=[record.row for record in records],
            texts=[record.cells[column] for record in records],
            cells=[record.cells for record in records],
            text_column=column,
            label_ids=label_ids,
            parts=parts,
        )

    def rest(self) -> list[NewComment]:
        """The comment that still waits."""
        last, self._open = self._open, None
        return [self._counted(last)] if last is not None else []

    def _gathered(self, record: Record) -> NewComment | None:
        """The comment that ends before ``record``, which may be one more annotation of it."""
        request, before = self.request, self._open
        task = plain(record.cells[request.task_column]) if request.task_column is not None else ""
        text = record.cells[request.text_column]
        if before is not None and task and task == self._open_task and text == before.text:
            self.joined += 1
            self._open = replace(before, annotations=(*before.annotations, *self._annotations(record)))
            return None
        comment = self._comment(record, is_open=True)
        if comment is None:
            return None
        self._open, self._open_task = comment, task
        return self._counted(before) if before is not None else None

    def _comment(self, record: Record, *, is_open: bool = False) -> NewComment | None:
        """The comment of a record, or None where the request leaves it out."""
        if not self._is_wanted(record):
            return None
        self.rows += 1
        request = self.request
        part = self._part(record)
        text, cells = record.cells[request.text_column], tuple(record.cells)
        if self.labelling.is_plain and not is_open:
            label_id = self._label(record)
            self.labelled += label_id is not None
            return NewComment(record.row, text, cells, label_id, part)
        state = record.state
        comment = NewComment(record.row, text, cells, None, part, self._annotations(record))
        is_skipped = any(mark.skipped for mark in self.labelling.marks(record))
        if state is not None:
            comment = replace(
                comment, skipped=state.skipped or is_skipped, flagged=state.flagged, note=state.note
            )
        elif is_skipped and not any(one.label_id for one in comment.annotations):
            comment = replace(comment, skipped=True)
        return comment if is_open else self._counted(comment)

    def _is_wanted(self, record: Record) -> bool:
        request, problem = self.request, record.problem
        leaves_out = request.skip_bad_rows or request.options.on_bad == "skip-row"
        if problem and (leaves_out or problem in UNREADABLE):
            self.skipped_bad += 1
            return False
        if request.skip_blank_texts and not record.cells[request.text_column].strip():
            self.skipped_blank += 1
            return False
        return True

    def _counted(self, comment: NewComment) -> NewComment:
        found = outcome(comment.annotations)
        self.labelled += found.label_id is not None
        self.disputed += found.disputed
        self.skipped += comment.skipped
        return comment

    def _label(self, record: Record) -> int | None:
        values = self.labelling.values(record)
        return self._label_id(values) if values else None

    def _label_id(self, values: Sequence[str]) -> int | None:
        if len(values) > 1:
            self.several_labels += 1
            return None
        key = self.mapping.get(plain(values[0]))
        self.unmapped += key is None
        return None if key is None else self.label_ids[key]

    def _annotations(self, record: Record) -> tuple[NewAnnotation, ...]:
        made: list[NewAnnotation] = []
        for mark in self.labelling.marks(record):
            label_id = self._label_id(mark.values) if mark.values else None
            if label_id is None and not mark.took_away:
                continue
            self.annotators[mark.annotator] += bool(mark.annotator)
            made.append(_annotation(mark, label_id))
        return tuple(made)

    def _part(self, record: Record) -> Part | None:
        request, part = self.request, None
        if request.part_column is not None:
            said = record.cells[request.part_column]
            part = part_of(said, request.part_map)
            self.unknown_parts += part is None and bool(plain(said))
        elif request.part:
            part = Part(request.part)
        elif record.state is not None and record.state.part:
            part = Part(record.state.part)
        if part is not None:
            self.parts[part] = self.parts.get(part, 0) + 1
        return part


def _annotation(mark: Mark, label_id: int | None) -> NewAnnotation:
    return NewAnnotation(
        label_id=label_id,
        annotator=mark.annotator,
        at=mark.at,
        seconds=mark.seconds,
        imported=mark.imported or not mark.annotator,
        adjudicated=mark.adjudicated,
    )


def _write(
    project: Project,
    source_id: int,
    file: RecordFile,
    reading: _Reading,
    census: Census | None,
    pace: Pace,
    should_stop: ShouldStop,
) -> None:
    """``census``: counts what is written, where nothing was checked before."""
    records = iter(file)
    while chunk := list(islice(records, _ROWS_AT_ONCE)):
        if should_stop():
            raise UserError("CANCELLED")
        if census is not None:
            census.add(chunk)
            pace.total = int(file.tally.rows * file.size / max(file.bytes_read, 1))
        if reading.are_plain(chunk):
            project.sources.append_plain(source_id, reading.plain_rows(chunk))
        else:
            project.sources.append(source_id, reading.comments(chunk))
        pace.at(file.tally.rows)
    project.sources.append(source_id, reading.rest())
    if not file.tally.rows:
        raise UserError("NO_ROWS", path=str(file.path))
    pace.total = file.tally.rows
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
