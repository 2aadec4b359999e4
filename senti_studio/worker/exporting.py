"""``worker export``: the comments of a project with their labels in every format, and a batch once more."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Protocol

from senti_studio.domain.comments import Source
from senti_studio.domain.exporting import (
    ENDINGS,
    FORMATS,
    TASKS,
    AnnotationsExport,
    ExportReport,
    manifest_name,
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
from senti_studio.exchange.whole_file import Hashed, appearing, free_target, write_whole
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.storage.predicted import Predicted
from senti_studio.storage.project import Project
from senti_studio.storage.whole_comments import CommentPage, Extras
from senti_studio.worker.batch_export import export_batch
from senti_studio.worker.helper import Handler
from senti_studio.worker.manifest import WrittenFile, write_manifest
from senti_studio.worker.outgoing import Layout, TaskLayout
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
    ``NO_PERMISSION``, ``CANCELLED``, ``BAD_OPTIONS``, ``NO_SUCH_COLUMN``; every file appears whole or not at
    all, the manifest last.
    """
    started = time.monotonic()
    if request.format not in FORMATS:
        raise UserError("BAD_OPTIONS", problem=f"format={request.format}")
    target = free_target(Path(request.path), request.existing, ending=ENDINGS[request.format])
    predicted = project.comments.predicted  # also asked by a filter or an order by predictions
    predicted.load()
    extras = project.whole_comments.extras()
    job = _Job(request, project.sources.list(), project.labels.list(), extras, predicted)
    with _Files(target, request.existing) as files:
        outlet: _Outlet = _Tasks(job, files) if request.format in TASKS else _Table(job, files)
        files.on_error = outlet.close
        pace = Pace(emit, "writing", _expected(project, request))
        snapshot = _Snapshot(job.labels)
        for page in _pages(project, request):
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
    report = outlet.report(files.written, round(time.monotonic() - started, 3))
    beside = _write_beside(job, files)
    if request.manifest:
        beside.append(_write_manifest(project, job, files, report, snapshot))
    return replace(
        report, paths=tuple(str(path) for path in (*(each.path for each in files.written), *beside))
    )


@dataclass(frozen=True, slots=True)
class _Job:
    """What is asked for, and what there is to take it from."""

    request: AnnotationsExport
    sources: list[Source]
    labels: tuple[Label, ...]
    extras: Extras
    predicted: Predicted


def _write_beside(job: _Job, files: _Files) -> list[Path]:
    """What the other program needs before it can read the file."""
    if job.request.format == "label-studio":
        path, text = files.beside(".labelling-config.xml"), labelling_config(job.labels)
    elif job.request.format == "doccano":
        path, text = files.beside(".labels.json"), doccano_labels(job.labels)
    else:
        return []
    write_whole(path, text.encode("utf-8"))
    return [path]


def _write_manifest(
    project: Project, job: _Job, files: _Files, report: ExportReport, snapshot: _Snapshot
) -> Path:
    path = files.target.with_name(manifest_name(files.target.name))
    request = job.request
    write_manifest(
        path,
        inputs=[
            {"name": source.name, "path": source.path, "sha256": source.sha256, "rows": source.row_count}
            for source in job.sources
        ],
        outputs=files.written,
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
            "cut_cells": report.cut_cells,
        },
    )
    return path


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

    def __init__(self, target: Path, existing: str) -> None:
        self.target = target
        self.rows = 0
        """Rows handed over so far."""
        self.written: list[WrittenFile] = []
        self.on_error: Callable[[], None] = lambda: None
        """Called, with nothing behind it, when the block does not end well."""
        self._existing = existing
        self._stack = ExitStack()
        self._open: list[tuple[Path, Hashed, int]] = []

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            starts = [start for *_, start in self._open] + [self.rows]
            for (path, stream, start), following in zip(self._open, starts[1:], strict=True):
                self.written.append(WrittenFile(path, stream.sha256, stream.size, following - start))
        else:
            for _, stream, _ in self._open:
                stream.give_up()
            # What it would complain of is what went wrong before.
            with suppress(Exception):
                self.on_error()
        self._stack.__exit__(*error)

    def next(self, rows: int = 0) -> IO[bytes]:
        """The target, then ``NAME-2.json``, …; ``rows``: how many rows are in those before."""
        number = len(self._open) + 1
        path = self.target
        if number > 1:
            path = free_target(path.with_name(f"{path.stem}-{number}{path.suffix}"), self._existing)
        stream = Hashed(self._stack.enter_context(appearing(path)))
        self._open.append((path, stream, rows))
        return stream  # type: ignore[return-value]

    def beside(self, ending: str) -> Path:
        """A file that belongs to the target."""
        return self.target.with_name(f"{self.target.stem}{ending}")


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
        self._layout = TaskLayout(job.sources, job.labels, job.extras, job.request.columns, job.predicted)
        self._format = job.request.format
        self._file: TaskFile
        if self._format == "label-studio":
            self._file = LabelStudioTasks(files.next)
        else:
            self._file = DoccanoLines(files.next, with_predictions=job.predicted.count > 0)

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
