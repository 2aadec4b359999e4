"""Imports one file into a project: checks all of it, then writes it; a part of it is never seen."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from senti_studio.domain.boilerplate import CHOICES, SETTING
from senti_studio.domain.comments import Part, SourceDraft
from senti_studio.domain.importing import (
    LISTED,
    CheckReport,
    ImportReport,
    ImportRequest,
    labels_by_name,
    plain,
)
from senti_studio.domain.labels import Label
from senti_studio.domain.reading import TEXT_FORMATS
from senti_studio.errors import SentiError, UserError
from senti_studio.exchange.open_file import open_records
from senti_studio.exchange.raw_file import sha256_of
from senti_studio.exchange.records import RecordFile
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.storage.project import Project
from senti_studio.worker.annotations import labelling_of
from senti_studio.worker.helper import Handler
from senti_studio.worker.intake import Intake
from senti_studio.worker.known_texts import Boilerplate
from senti_studio.worker.preview import Census, census_of, check_all, require_column
from senti_studio.worker.progress import Emit, Pace, ShouldStop, never, tell_nobody
from senti_studio.worker.turns import short_turns

_ROWS_AT_ONCE = 2000

_log = logging.getLogger(__name__)


def import_file(
    project: Project, request: ImportRequest, *, emit: Emit = tell_nobody, should_stop: ShouldStop = never
) -> ImportReport:
    """Takes a file into ``project``; its rows appear all at once at the end, or never.

    Where labels are read or bad rows are to stop it, the whole file is read before the first row is written,
    so that every problem is told at once. Raises UserError ``CANCELLED``, ``UNMAPPED_LABELS``,
    ``UNKNOWN_LABEL_KEYS``, ``UNKNOWN_PART``, ``NO_SUCH_COLUMN``, ``NO_ROWS``, ``FILE_HAS_BAD_ROWS`` (where
    bad ones are to stop it), ``FILE_CHANGED_MEANWHILE``, ``SOURCE_ALREADY_THERE``, and the errors
    of reading and of the project; after each of them the project is as it was before.
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
    reading = Intake(
        request, labelling, mapping, {label.key: label.id for label in labels}, _boilerplate(project, request)
    )
    source_id = project.sources.begin(_draft(file, request, sha256))
    try:
        pace = Pace(emit, "writing", checked.rows if checked is not None else 0)
        with short_turns():
            _write(project, source_id, file, reading, None if checked else census, pace, should_stop)
        checked = checked or census.report(file)
        if _stamp(path) != before:
            raise UserError("FILE_CHANGED_MEANWHILE", path=str(path))
        source = project.sources.finish(source_id, only_new=request.only_new)
    except BaseException:
        _abandon(project, source_id)
        raise
    if request.boilerplate_texts is not None:
        project.settings.set(SETTING, list(request.boilerplate_texts)).result()
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
        excluded=reading.excluded,
        skipped_boilerplate=reading.skipped_boilerplate,
    )


def _boilerplate(project: Project, request: ImportRequest) -> Boilerplate | None:
    """The project's list, where something is to be done with its texts. Raises UserError ``BAD_OPTIONS``."""
    if request.boilerplate not in CHOICES:
        raise UserError("BAD_OPTIONS", problem=f"boilerplate={request.boilerplate}")
    if request.boilerplate == "keep":
        return None
    if request.boilerplate_texts is not None:
        return Boilerplate(request.boilerplate_texts)
    listed = project.settings.get(SETTING)
    return Boilerplate([str(text) for text in listed] if isinstance(listed, list) else None)


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


def _write(
    project: Project,
    source_id: int,
    file: RecordFile,
    reading: Intake,
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
        chunk = reading.sorted_out(chunk)
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
