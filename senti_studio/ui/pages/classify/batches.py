"""The page's way to `operations.classifying`: requests from queue items, and items from stored batches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from senti_studio.domain.importing import ReadOptions
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import ClassificationSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Failed, Finished, Stopped, Warned
from senti_studio.jobs.run_folder import RunFolder, RunStatus
from senti_studio.operations import classifying
from senti_studio.operations.classifying import BatchSummary, ClassificationRequest
from senti_studio.ui.pages.classify.queue_item import ItemState, QueueItem, WantedNumbers, free_output

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

MOST_SHOWN = 30
"""Older batches stay on the disk; the queue is no archive."""

_STATES = {
    RunState.QUEUED: ItemState.WAITING,
    RunState.PREPARING: ItemState.PREPARING,
    RunState.RUNNING: ItemState.RUNNING,
    RunState.PAUSED: ItemState.PAUSED,
    RunState.STOPPED: ItemState.PAUSED,
    RunState.CANCELLED: ItemState.CANCELLED,
    RunState.FINISHED: ItemState.DONE,
    RunState.FAILED: ItemState.FAILED,
    RunState.INTERRUPTED: ItemState.INTERRUPTED,
}


def request_for(
    item: QueueItem, *, model: str, device: str, output: Path, encoding: str, numbers: WantedNumbers
) -> ClassificationRequest:
    """The request of one item; a source of the project is read from the project, not from its file."""
    if item.source_id is not None or item.options is None:
        return ClassificationRequest(
            model,
            source_id=item.source_id,
            output=output,
            output_encoding=encoding,
            device=device,
            name=item.name,
            precision=numbers.precision,
            insists=numbers.insists,
        )
    return ClassificationRequest(
        model,
        file=item.path,
        # By place: two columns may have one name.
        text_column="" if item.text_column is None else f"#{item.text_column + 1}",
        encoding=item.options.encoding,
        delimiter=item.options.delimiter,
        quote=item.options.quote,
        has_header=item.options.has_header,
        format=item.options.format,
        sheet=item.options.sheet,
        skip_rows=item.options.skip_rows,
        output=output,
        output_encoding=encoding,
        device=device,
        name=item.name,
        precision=numbers.precision,
        insists=numbers.insists,
    )


def output_for(project: Project, item: QueueItem, folder: Path | None, suffix: str) -> Path:
    """Where its classified CSV goes: ``folder``, else beside the file, or beside the project."""
    if folder is None and item.source_id is not None:
        folder = project.folder.parent
    return free_output(item.path, folder, suffix)


def launched(project: Project, batch_id: str, *, resume: bool, output: Path | None) -> int:
    """Starts or resumes a batch; ``output``: its classified CSV goes there from now on. Returns where in its
    events the new ones begin: of those before, the last one says that it has ended."""
    if output is not None:
        classifying.write_elsewhere(project, batch_id, output)
    events = classifying.batch_run_folder(project, batch_id).events_path
    offset = events.stat().st_size if resume and events.exists() else 0
    classifying.start(project, batch_id, resume=resume)
    return offset


def take_created(item: QueueItem, result: str | UserError) -> None:
    """What `created` has answered."""
    if isinstance(result, UserError):
        item.state, item.code, item.params = ItemState.PROBLEM, result.code, result.params
    else:
        item.batch_id, item.state = result, ItemState.WAITING


def created(project: Project, request: ClassificationRequest) -> str | UserError:
    """The id of the new batch; one bad file must not keep the others from starting."""
    try:
        return classifying.create_batch(project, request).id
    except UserError as error:
        return error


def stored_items(project: Project) -> list[QueueItem]:
    """The batches of a project as queue items, oldest first, without cancelled ones; off the GUI thread."""
    found = []
    for summary in classifying.list_batches(project)[:MOST_SHOWN]:
        item = _stored_item(project, summary)
        if item.state is not ItemState.CANCELLED:
            found.append(item)
    return found[::-1]


def _stored_item(project: Project, summary: BatchSummary) -> QueueItem:
    folder = classifying.batch_run_folder(project, summary.run.id)
    item = QueueItem(0, Path(summary.source), batch_id=summary.run.id, model_name=summary.model)
    source = summary.details.get("source_id")
    item.source_id = source if isinstance(source, int) else None
    try:
        spec = folder.spec()
    except UserError as error:
        item.state, item.code, item.params = ItemState.FAILED, error.code, error.params
        return item
    if isinstance(spec, ClassificationSpec):
        item.encoding = spec.output.encoding
        item.path = Path(spec.file.path) if not _is_frozen(folder, spec) else Path(summary.source)
        if spec.file.encoding:
            file = spec.file
            item.options = ReadOptions(
                file.encoding,
                file.delimiter,
                file.quote,
                file.has_header,
                format=file.format or "csv",
                sheet=file.sheet,
                skip_rows=file.skip_rows,
            )
    take_status(item, RunStatus.read(folder))
    if item.state is ItemState.INTERRUPTED and summary.run.started_at is None:
        item.state = ItemState.WAITING
    return item


def _is_frozen(folder: RunFolder, spec: ClassificationSpec) -> bool:
    return Path(spec.file.path).parent == folder.data


def take_status(item: QueueItem, status: RunStatus) -> None:
    """Brings an item up to what its run wrote so far."""
    item.state = _STATES[status.state]
    written, terminal = status.written, status.terminal
    if written is not None:
        item.rows, item.rows_done = written.total_rows or item.rows, written.rows_done
        item.rows_per_s, item.eta, item.label_rows = written.rows_per_s, written.eta, dict(written.label_rows)
        if written.stage == "writing" and item.state is ItemState.RUNNING:
            item.state, item.rows_done = ItemState.WRITING, item.rows
    if status.first_at and status.last_at > status.first_at:
        item.elapsed = status.last_at - status.first_at
    if isinstance(terminal, (Finished, Stopped)):
        item.output = dict(terminal.output)
        item.label_rows = dict(terminal.metrics.get("label_rows", item.label_rows))
        item.blank_rows = int(terminal.metrics.get("blank_rows", 0))
        item.rows = (
            int(terminal.metrics.get("rows", item.rows)) if isinstance(terminal, Finished) else item.rows
        )
    if isinstance(terminal, Finished):
        item.rows_done = item.rows
    if isinstance(terminal, Failed):
        item.code, item.params = terminal.code, dict(terminal.params)


def warning_of(event: Warned) -> tuple[str, dict[str, object]]:
    """Code and parameters of a warning of the run."""
    return event.code, dict(event.params)
