"""What one can do about batches: make one from a file or a source, start, stop, list, throw away."""

from __future__ import annotations

import csv
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from senti_studio.arriving import require_can_arrive, through_link
from senti_studio.domain.eight_bits import WHOLE
from senti_studio.domain.importing import require_place_for_text
from senti_studio.domain.run_states import RunKind
from senti_studio.domain.specs import ClassificationSpec, ClassifiedOutput, FileToClassify
from senti_studio.errors import UserError
from senti_studio.jobs.launch import launch_run
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations.models import ModelSummary, find_model
from senti_studio.operations.run_list import RunSummary, list_records, refuse_when_at_work
from senti_studio.storage.errors import disk_error
from senti_studio.storage.project import Project


@dataclass(frozen=True, slots=True)
class ClassificationRequest:
    """What the user wants: a ``model`` (id, name, number of its run, or folder) and either a ``file`` or
    the id of a source. Empty reading options are decided by the worker; ``output`` None = predictions only,
    exported later; ``format``, ``sheet`` and ``skip_rows`` as in `FileToClassify`; ``precision`` and
    ``insists`` as in `ClassificationSpec`."""

    model: str | Path
    file: Path | None = None
    source_id: int | None = None
    text_column: str = ""
    encoding: str = ""
    delimiter: str = ""
    quote: str = '"'
    has_header: bool = True
    format: str = ""
    sheet: str = ""
    skip_rows: int = -1
    output: Path | None = None
    output_encoding: str = "utf-8-sig"
    overwrite: bool = False
    device: str = "auto"
    name: str = ""
    precision: str = WHOLE
    insists: bool = False


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """One batch: its run, what is classified by what, where the predictions are and where the classified
    CSV goes."""

    run: RunSummary
    source: str
    model: str
    folder: Path
    output: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def create_batch(project: Project, request: ClassificationRequest) -> RunFolder:
    """Makes the run folder of a batch and records it; the comments of a source are frozen in it as a CSV.

    Raises UserError ``MODEL_NOT_FOUND``, ``MODEL_FILES_MISSING``, ``FILE_NOT_FOUND``, ``SOURCE_NOT_FOUND``,
    ``OUTPUT_EXISTS``, ``OUTPUT_IS_SOURCE``, ``OUTPUT_FOLDER_REFUSES``, ``DISK_FULL`` …; nothing is left
    behind then.
    """
    model = find_model(project, request.model)
    shown = _source_name(project, request)
    if request.output is not None:
        _check_output(request.output, request.file, overwrite=request.overwrite)
    number = project.batches.reserve_number()
    run_id = f"{datetime.now():%Y%m%d-%H%M%S}-classify-{secrets.token_hex(2)}"
    place = project.runs_folder / run_id
    making = project.runs_folder / f".{run_id}.new"
    name = request.name.strip() or shown
    try:
        (making / "data").mkdir(parents=True)
        if request.source_id is not None:
            _freeze(project, request.source_id, making / "data" / "input.csv")
        spec = ClassificationSpec(
            run_id=run_id,
            name=name,
            model_folder=_from_run(project, model.folder),
            batch_folder=_from_run(project, project.batches_folder / run_id),
            file=_file(project, request),
            output=ClassifiedOutput(
                str(request.output.absolute()) if request.output else "",
                request.output_encoding,
                request.overwrite,
            ),
            device=request.device,
            precision=request.precision,
            insists=request.insists,
            known_rows=_known_rows(project, model),
        )
        RunFolder.create(making, spec)
        making.rename(place)
        (project.batches_folder / run_id).mkdir()
    except OSError as error:
        raise disk_error(error, place) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    details: dict[str, Any] = {
        "source": shown,
        "model": model.name,
        "model_id": model.id,
        "output": spec.output.path,
    }
    if request.source_id is not None:
        details["source_id"] = request.source_id
    project.batches.add(
        run_id, number=number, kind=RunKind.CLASSIFY, name=name, folder=run_id, details=details
    )
    return RunFolder(place)


def batch_run_folder(project: Project, batch_id: str) -> RunFolder:
    """The run folder of a batch. Raises UserError ``RECORD_NOT_FOUND``."""
    return RunFolder(project.runs_folder / project.batches.get(batch_id).folder)


def list_batches(project: Project) -> list[BatchSummary]:
    """All batches, newest first."""
    runs = {run.id: run for run in list_records(project, project.batches)}
    return [
        BatchSummary(
            runs[record.id],
            str(record.details.get("source", "")),
            str(record.details.get("model", "")),
            project.batches_folder / record.folder,
            str(record.details.get("output", "")),
            record.details,
        )
        for record in project.batches.list()
        if record.id in runs
    ]


def find_batch(project: Project, wanted: str) -> BatchSummary:
    """A batch by id, name, number or ``last``. Raises UserError ``NO_BATCH_YET``, ``BATCH_NOT_FOUND``."""
    batches = list_batches(project)
    if not batches:
        raise UserError("NO_BATCH_YET")
    if wanted == "last":
        return batches[0]
    for batch in batches:
        if wanted in (batch.run.id, batch.run.name, str(batch.run.number)):
            return batch
    raise UserError("BATCH_NOT_FOUND", name=wanted, batches=[batch.run.name for batch in batches[:5]])


def start(project: Project, batch_id: str, *, resume: bool = False) -> int:
    """Starts (or resumes) the worker of a batch and returns its process id.

    Raises UserError ``RUN_IS_RUNNING``, ``RUN_DAMAGED``, and those of `require_can_arrive`: the folder of the
    classified CSV may be another one than when the batch was made.
    """
    folder, record = batch_run_folder(project, batch_id), project.batches.get(batch_id)
    refuse_when_at_work(folder, record.name)
    spec = folder.spec()
    predictions = project.batches_folder / record.folder
    if not isinstance(spec, ClassificationSpec) or Path(spec.batch_folder) != predictions:
        # Copied together by hand, or made to write elsewhere.
        raise UserError("RUN_DAMAGED", path=str(folder.path), reason="batch_folder")
    if spec.output.path:
        require_can_arrive(Path(spec.output.path))
    return launch_run(folder, resume=resume)


def write_elsewhere(project: Project, batch_id: str, output: Path, *, overwrite: bool = False) -> None:
    """Gives a batch that is not at work another place for its classified CSV; the rows done so far stay.

    Raises UserError ``RUN_IS_RUNNING``, ``RUN_DAMAGED``, ``OUTPUT_EXISTS``, ``OUTPUT_IS_SOURCE`` …
    """
    folder, record = batch_run_folder(project, batch_id), project.batches.get(batch_id)
    refuse_when_at_work(folder, record.name)
    spec, located = folder.stored_spec(), folder.spec()
    if not isinstance(spec, ClassificationSpec) or not isinstance(located, ClassificationSpec):
        raise UserError("RUN_DAMAGED", path=str(folder.path), reason="spec.json")
    _check_output(output, Path(located.file.path), overwrite=overwrite)
    path = str(output.absolute())
    try:
        folder.write_spec(replace(spec, output=replace(spec.output, path=path, overwrite=overwrite)))
    except OSError as error:
        raise disk_error(error, folder.path) from error
    project.batches.update(batch_id, details={**record.details, "output": path})


def stop(project: Project, batch_id: str) -> None:
    """Asks a batch to stop; the rows done so far stay, and can be gone on with."""
    batch_run_folder(project, batch_id).send("stop")


def pause(project: Project, batch_id: str) -> None:
    """Asks a batch to keep its place and end; `start` with ``resume`` goes on."""
    batch_run_folder(project, batch_id).send("pause")


def cancel(project: Project, batch_id: str) -> None:
    """Asks a batch to give up; nothing of it is kept."""
    batch_run_folder(project, batch_id).send("cancel")


def discard(project: Project, batch_id: str) -> None:
    """Moves a batch that is not at work, with its predictions, into ``trash/``; a classified CSV stays
    where it is.

    Raises UserError ``RUN_IS_RUNNING``.
    """
    record = project.batches.get(batch_id)
    folder = batch_run_folder(project, batch_id)
    refuse_when_at_work(folder, record.name)
    try:
        if folder.path.exists():
            os.utime(folder.path)  # the trash counts its days from now on
            folder.path.rename(project.trash_folder / folder.path.name)
        predictions = project.batches_folder / record.folder
        if predictions.exists():
            os.utime(predictions)
            predictions.rename(project.trash_folder / f"{record.folder}-predictions")
    except OSError as error:
        raise disk_error(error, folder.path) from error
    project.batches.remove(batch_id)


def _source_name(project: Project, request: ClassificationRequest) -> str:
    if request.source_id is not None:
        return project.sources.get(request.source_id).name
    if request.file is None:
        raise UserError("FILE_NOT_FOUND", path="")
    if not request.file.is_file():
        raise UserError("FILE_NOT_FOUND", path=str(request.file))
    return request.file.name


def _check_output(output: Path, source: Path | None, *, overwrite: bool) -> None:
    require_place_for_text(output)
    if os.path.exists(output):  # noqa: PTH110 - False, not an error, where one may not look
        if source is not None and source.exists() and output.samefile(source):
            raise UserError("OUTPUT_IS_SOURCE", path=str(output))
        if not overwrite:
            raise UserError("OUTPUT_EXISTS", path=str(output))
    real = through_link(output)
    if real != output:
        require_place_for_text(real)
    require_can_arrive(real)


def _from_run(project: Project, folder: Path) -> str:
    """What lies in the project as it is seen from a run folder: moved and copied projects work on their own
    files."""
    folder = folder.absolute()
    if not folder.is_relative_to(project.folder):
        return str(folder)
    return f"../../{folder.relative_to(project.folder).as_posix()}"


def _known_rows(project: Project, model: ModelSummary) -> str:
    """The comments that the model was judged by while it learnt, which it has not learnt from."""
    path = RunFolder(project.runs_folder / model.run_id).data / "valid.jsonl" if model.run_id else None
    return _from_run(project, path) if path is not None and path.is_file() else ""


def _file(project: Project, request: ClassificationRequest) -> FileToClassify:
    if request.source_id is None:
        path = "" if request.file is None else str(request.file.absolute())
        return FileToClassify(
            path,
            request.text_column,
            request.encoding,
            request.delimiter,
            request.quote,
            request.has_header,
            format=request.format,
            sheet=request.sheet,
            skip_rows=request.skip_rows,
        )
    source = project.sources.get(request.source_id)
    column = f"#{source.text_column + 1}"
    return FileToClassify("data/input.csv", column, "utf-8", ",", '"', source.has_header)


def _freeze(project: Project, source_id: int, path: Path) -> None:
    """Writes all original columns of a source, row by row as they were imported."""
    source = project.sources.get(source_id)
    with path.open("w", encoding="utf-8", newline="", errors="replace") as file:
        # "\r\n" inside a cell must come back as it is; only the line ends between rows are ours.
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        if source.has_header:
            writer.writerow(source.columns)
        for _, _, cells in project.comments.originals(source_id):
            writer.writerow(cells)
        file.flush()
        os.fsync(file.fileno())
