"""``worker export``: the comments of a project with their labels in every format, and a batch once more."""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Protocol

from senti_studio.domain.comments import Source
from senti_studio.domain.exporting import (
    BESIDE,
    ENDINGS,
    FORMATS,
    TASKS,
    AnnotationsExport,
    ExportReport,
)
from senti_studio.domain.importing import LISTED
from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.exchange.table_files import TABLE_FILES
from senti_studio.exchange.task_files import (
    DoccanoLines,
    LabelStudioTasks,
    TaskFile,
    doccano_labels,
    labelling_config,
)
from senti_studio.exchange.whole_file import Hashed, appearing, free_target
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.storage.predicted import Predicted
from senti_studio.storage.project import Project
from senti_studio.storage.whole_comments import CommentPage, Extras
from senti_studio.worker.ahead import read_ahead
from senti_studio.worker.batch_export import export_batch
from senti_studio.worker.helper import Handler
from senti_studio.worker.manifest import WrittenFile, manifest_content
from senti_studio.worker.outgoing import Layout, TaskLayout, text_columns_of
from senti_studio.worker.output_names import OutputNames, output_names, part_name
from senti_studio.worker.progress import Emit, Pace, ShouldStop, never, tell_nobody


def export_annotations(
    project: Project,
    request: AnnotationsExport,
    *,
    emit: Emit = tell_nobody,
    should_stop: ShouldStop = never,
) -> ExportReport:
    """Writes the comments that ``request`` asks for with their original columns and what was said of them.

    Times are ISO 8601 in UTC. For Label Studio the labelling interface, for doccano the label set is written
    beside; a large Label Studio export is several files. Raises UserError ``OUTPUT_EXISTS``, ``DISK_FULL``,
    ``NO_PERMISSION``, ``CANCELLED``, ``BAD_OPTIONS``, ``NO_SUCH_COLUMN``; all names are
    looked at before anything is written, and all files appear whole and together, the manifest last.
    """
    started = time.monotonic()
    if request.format not in FORMATS:
        raise UserError("BAD_OPTIONS", problem=f"format={request.format}")
    names = output_names(
        Path(request.path),
        request.existing,
        ending=ENDINGS[request.format],
        beside=BESIDE.get(request.format, ""),
        manifest=request.manifest,
        parts=request.format == "label-studio",
    )
    predicted = project.comments.predicted  # also asked by a filter or an order by predictions
    predicted.load()
    extras = project.whole_comments.extras()
    job = _Job(request, project.sources.list(), project.labels.list(), extras, predicted)
    with read_ahead(_pages(project, request)) as pages, _Files(names, request.existing) as files:
        outlet: _Outlet = _Tasks(job, files) if request.format in TASKS else _Table(job, files)
        files.on_error = outlet.close
        pace = Pace(emit, "writing", _expected(project, request))
        snapshot = _Snapshot(job.labels)
        for page in pages:
            if should_stop():
                raise UserError("CANCELLED")
            snapshot.add(page)
            files.rows += len(page.ids)
            outlet.write(page)
            pace.at(files.rows)
        outlet.close()
        if should_stop():
            raise UserError("CANCELLED")
        pace.at(files.rows, last=True)
        written = files.written()
        report = outlet.report(written, round(time.monotonic() - started, 3))
        files.write_beside(_for_the_other_program(job))
        files.write_manifest(_manifest(project, job, written, report, snapshot))
    beside = [path for path in (names.beside, names.manifest) if path is not None]
    return replace(report, paths=tuple(str(path) for path in (*(each.path for each in written), *beside)))


@dataclass(frozen=True, slots=True)
class _Job:
    """What is asked for, and what there is to take it from."""

    request: AnnotationsExport
    sources: list[Source]
    labels: tuple[Label, ...]
    extras: Extras
    predicted: Predicted


def _for_the_other_program(job: _Job) -> str:
    """What the other program needs before it can read the file."""
    if job.request.format == "label-studio":
        return labelling_config(job.labels)
    return doccano_labels(job.labels) if job.request.format == "doccano" else ""


def _manifest(
    project: Project, job: _Job, written: list[WrittenFile], report: ExportReport, snapshot: _Snapshot
) -> bytes:
    request = job.request
    return manifest_content(
        inputs=[
            {"name": source.name, "path": source.path, "sha256": source.sha256, "rows": source.row_count}
            for source in job.sources
        ],
        outputs=written,
        content={
            "project": project.name,
            "format": report.format,
            "encoding": report.encoding,
            "columns": report.columns,
            "labels": snapshot.values(project.annotations.newest_action()),
            "asked": {
                "labelled_only": request.labelled_only,
                "filter": request.wanted,
                "order": request.sorting or request.order,
                "chosen": None if request.ids is None else len(request.ids),
            },
            "replaced": report.replaced,
            "replaced_count": report.replaced_count,
            "formula_cells": report.formula_cells,
            "neutralised": report.neutralised,
            "marks": request.neutralise and request.format == "csv",
            "cut_cells": report.cut_cells,
        },
    )


class _Snapshot:
    """Which label every written comment had, as one digest, so that two exports can be compared."""

    def __init__(self, labels: Sequence[Label]) -> None:
        self._labels = {label.id: label for label in labels}
        self._digest = hashlib.sha256()
        self._rows: Counter[str] = Counter()

    def add(self, page: CommentPage) -> None:
        """The labels of a page, in its order."""
        states = page.states
        for comment_id in page.ids if states else ():
            state = states.get(comment_id)
            label = self._labels.get(state.label_id) if state and state.label_id is not None else None
            if label is not None:
                self._rows[label.key] += 1
                self._digest.update(f"{comment_id}:{label.key}\n".encode())

    def values(self, newest_action: int) -> dict[str, Any]:
        """For the manifest: SHA-256 over lines ``comment id:label key``, and the last change."""
        return {
            "sha256": self._digest.hexdigest(),
            "last_change": newest_action,
            "rows": {label.key: self._rows[label.key] for label in self._labels.values()},
            "names": {label.key: label.name for label in self._labels.values()},
        }


def _pages(project: Project, request: AnnotationsExport) -> Iterator[CommentPage]:
    if request.ids is not None:
        pages = project.whole_comments.pages_of(request.ids)
    else:
        pages = project.whole_comments.pages(request.wanted, request.sorting or request.order)
    for page in pages:
        yield page.labelled() if request.labelled_only else page


def _expected(project: Project, request: AnnotationsExport) -> int:
    """How many comments there will be to look at; 0 where only looking tells."""
    if request.ids is not None:
        return len(request.ids)
    if request.wanted.is_empty:
        return project.comments.counts().total
    return 0


class _Files:
    """The files of one export: open under temporary names, all moved in place when the block ends well."""

    def __init__(self, names: OutputNames, existing: str) -> None:
        self.rows = 0
        """Rows handed over so far."""
        self.on_error: Callable[[], None] = lambda: None
        """Called, with nothing behind it, when the block does not end well."""
        self._names = names
        self._existing = existing
        self._stack = ExitStack()
        self._open: list[tuple[Path, Hashed, int]] = []
        self._raw: list[IO[bytes]] = []
        # What is opened first appears last.
        self._manifest = self._appearing(names.manifest) if names.manifest is not None else None
        self._beside = self._appearing(names.beside) if names.beside is not None else None

    def _appearing(self, path: Path) -> IO[bytes]:
        try:
            self._raw.append(self._stack.enter_context(appearing(path, existing=self._existing)))
        except BaseException as error:
            # Those that are open already must go.
            self._stack.__exit__(type(error), error, error.__traceback__)
            raise
        return self._raw[-1]

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *error: Any) -> None:
        if error[0] is not None:
            for _, stream, _ in self._open:
                stream.give_up()
            # What it would complain of is what went wrong before.
            with suppress(Exception):
                self.on_error()
        self._stack.__exit__(*error)

    def next(self, rows: int = 0) -> IO[bytes]:
        """The target, then ``NAME-2.json``, …; ``rows``: how many rows are in those before."""
        number = len(self._open) + 1
        path = self._names.target
        if number > 1:
            path = free_target(part_name(path, number), self._existing)
        stream = Hashed(self._appearing(path))
        self._open.append((path, stream, rows))
        return stream  # type: ignore[return-value]

    def written(self) -> list[WrittenFile]:
        """What is in the files of the export, once all of it is written."""
        starts = [start for *_, start in self._open] + [self.rows]
        return [
            WrittenFile(path, stream.sha256, stream.size, following - start)
            for (path, stream, start), following in zip(self._open, starts[1:], strict=True)
        ]

    def write_beside(self, text: str) -> None:
        """What belongs to the target, if anything."""
        if self._beside is not None:
            self._beside.write(text.encode("utf-8"))

    def write_manifest(self, content: bytes) -> None:
        """The last thing that is written, where a manifest is wanted: from here on nothing can fail for want
        of space, and one file after the other appears."""
        if self._manifest is not None:
            self._manifest.write(content)
        for file in self._raw:
            file.flush()
            os.fsync(file.fileno())


class _Outlet(Protocol):
    """Takes pages, in one format."""

    def __init__(self, job: _Job, files: _Files) -> None: ...

    def write(self, page: CommentPage) -> None: ...

    def close(self) -> None: ...

    def report(self, written: list[WrittenFile], seconds: float) -> ExportReport: ...


class _Table:
    def __init__(self, job: _Job, files: _Files) -> None:
        self._request = request = job.request
        self._layout = Layout(job.sources, job.labels, job.extras, request.columns)
        self._file = TABLE_FILES[request.format](
            files.next(), self._layout.columns, encoding=request.encoding, guard=request.neutralise
        )

    def write(self, page: CommentPage) -> None:
        self._file.write(self._layout.rows(page, self._file.absent))

    def close(self) -> None:
        self._file.close()

    def report(self, written: list[WrittenFile], seconds: float) -> ExportReport:
        file = self._file
        return ExportReport(
            path=str(written[0].path),
            rows=written[0].rows,
            # Only CSV comes in several.
            encoding=self._request.encoding if self._request.format == "csv" else "utf-8",
            size=written[0].size,
            columns=tuple(self._layout.columns),
            replaced=tuple(file.replaced.most_common(LISTED)),
            replaced_count=file.replaced.total(),
            formula_cells=file.formulas,
            neutralised=file.neutralised,
            cut_cells=file.cut,
            seconds=seconds,
            format=self._request.format,
        )


class _Tasks:
    def __init__(self, job: _Job, files: _Files) -> None:
        self._format = job.request.format
        self._layout = TaskLayout(
            job.sources,
            job.labels,
            job.extras,
            job.request.columns,
            job.predicted,
            has_place_for_annotations=self._format == "label-studio",
        )
        self._file: TaskFile
        if self._format == "label-studio":
            self._file = LabelStudioTasks(files.next)
        else:
            self._file = DoccanoLines(
                files.next,
                with_predictions=job.predicted.count > 0,
                suffix=self._layout.suffix,
                text_columns=text_columns_of(job.sources),
            )

    def write(self, page: CommentPage) -> None:
        self._file.write(self._layout.tasks(page))

    def close(self) -> None:
        self._file.close()

    def report(self, written: list[WrittenFile], seconds: float) -> ExportReport:
        return ExportReport(
            path=str(written[0].path),
            rows=sum(each.rows for each in written),
            encoding="utf-8",
            size=sum(each.size for each in written),
            columns=tuple(self._layout.columns),
            seconds=seconds,
            format=self._format,
        )


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
        manifest=bool(params.get("manifest", False)),
        emit=emit,
        should_stop=should_stop,
    )
