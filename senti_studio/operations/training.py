"""What one can do about training: look ahead, freeze the data, start, stop, list, throw away."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from senti_studio.domain.architectures import options_of, training_name
from senti_studio.domain.comments import CommentFilter, Part
from senti_studio.domain.encoders import encoder_label
from senti_studio.domain.repetition import capped
from senti_studio.domain.run_states import RunKind
from senti_studio.domain.specs import DataSummary, LabelName, TrainingSpec
from senti_studio.domain.training_options import VECTORS_OF_COMMENTS
from senti_studio.errors import UserError
from senti_studio.jobs.launch import launch_run
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations.folding import write_groups
from senti_studio.operations.frozen_rows import data_rows, line, rows_by_source, write_lines
from senti_studio.operations.future_encoders import awaited_encoder
from senti_studio.operations.parts import Split
from senti_studio.operations.run_list import (
    RunSummary,
    folder_of,
    list_runs,
    refresh,
    refuse_when_at_work,
    refuse_when_over,
)
from senti_studio.operations.training_plan import TrainingPlan, TrainingRequest, plan, prepare, survey
from senti_studio.operations.unlabelled import other_comments
from senti_studio.storage.errors import disk_error
from senti_studio.storage.project import Project

__all__ = [
    "RunSummary",
    "TrainingPlan",
    "TrainingRequest",
    "cancel",
    "create_run",
    "discard",
    "folder_of",
    "list_runs",
    "pause",
    "plan",
    "refresh",
    "start",
    "stop",
    "survey",
]

_LONGEST_ENCODER = 40
"""Characters of the name of an encoder in the name of a run."""


def create_run(project: Project, request: TrainingRequest) -> RunFolder:
    """Makes the run folder with its frozen data and records it; draws the project's test set if it has none.

    Raises what `plan` raises, and ``DISK_FULL`` or ``NO_PERMISSION``; nothing is left behind then.
    """
    made, parts = prepare(project, request)
    if made.problem is not None or parts is None:
        code, params = made.problem or ("NO_LABELLED_COMMENTS", {})
        raise UserError(code, **params)
    if parts.new_test:
        project.test_sets.draw(parts.new_test)
    number = project.runs.reserve_number()
    run_id = f"{datetime.now():%Y%m%d-%H%M%S}-{request.architecture}-{secrets.token_hex(2)}"
    name = request.name.strip() or _name(request, number)
    place = project.runs_folder / run_id
    making = project.runs_folder / f".{run_id}.new"
    try:
        data = making / "data"
        data.mkdir(parents=True)
        digest = _freeze(project, request, made, parts, data)
        spec = _spec(project, request, made, parts, run_id=run_id, name=name, digest=digest)
        RunFolder.create(making, spec)
        making.rename(place)
    except OSError as error:
        raise disk_error(error, place) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    project.runs.add(run_id, number=number, kind=RunKind(spec.kind), name=name, folder=run_id)
    return RunFolder(place)


def _freeze(project: Project, request: TrainingRequest, made: TrainingPlan, parts: Split, data: Path) -> str:
    """Writes all that the run reads into ``data``; the digest of its labelled comments."""
    classes = {label.key: position for position, label in enumerate(made.labels)}
    digest = hashlib.sha256()
    for part in Part:
        write_lines(data / f"{part.value}.jsonl", data_rows(project, parts.rows[part], classes), digest)
    if request.repetition.mode == "folds":
        write_groups(data, parts)
    made.taken.freeze(project, parts, _alike_of_all(project, request), data)
    if request.options.vectors in VECTORS_OF_COMMENTS and "vectors" in options_of(request.architecture):
        lines = (line(id=each, text=text) for each, text in other_comments(project, parts))
        # Not in the digest: runs are compared when they have the same labelled comments.
        write_lines(data / "unlabelled.jsonl", lines, hashlib.sha256())
    return digest.hexdigest()


def _spec(
    project: Project,
    request: TrainingRequest,
    made: TrainingPlan,
    parts: Split,
    *,
    run_id: str,
    name: str,
    digest: str,
) -> TrainingSpec:
    kind = RunKind.SEARCH if request.repetition.is_repeated else RunKind.TRAIN
    return TrainingSpec(
        run_id=run_id,
        name=name,
        architecture=request.architecture,
        labels=tuple(LabelName(label.key, label.name) for label in made.labels),
        options=request.options,
        device=request.device,
        data=DataSummary(
            parts.counts(),
            digest,
            parts.leaked,
            dict(made.left_out),
            rows_by_source(project, parts),
            request.group_column,
            parts.avoided,
        ),
        kind=kind.value,
        repetition=capped(request.repetition, options_of(request.architecture)),
        start=made.taken.start_in_spec(),
        pseudo=made.taken.pseudo_in_spec(),
        teaching=made.taken.teaching_in_spec(),
        awaits=awaited_encoder(project, request),
    )


def start(project: Project, run_id: str, *, resume: bool = False) -> int:
    """Starts (or resumes) the worker of a run and returns its process id. Raises UserError
    ``RUN_IS_RUNNING``; of one to resume also ``RUN_IS_OVER`` and ``RUN_HAS_MODEL``."""
    folder = folder_of(project, run_id)
    if resume:
        refuse_when_over(refresh(project, run_id))
    refuse_when_at_work(folder, project.runs.get(run_id).name)
    return launch_run(folder, resume=resume)


def stop(project: Project, run_id: str) -> None:
    """Asks a run to stop and keep its best epoch."""
    folder_of(project, run_id).send("stop")


def pause(project: Project, run_id: str) -> None:
    """Asks a run to write a checkpoint and end; `start` with ``resume`` goes on."""
    folder_of(project, run_id).send("pause")


def cancel(project: Project, run_id: str) -> None:
    """Asks a run to give up; nothing of it is kept."""
    folder_of(project, run_id).send("cancel")


def discard(project: Project, run_id: str) -> None:
    """Moves a run that is not at work into the project's ``trash/``. Raises UserError ``RUN_IS_RUNNING``."""
    record = project.runs.get(run_id)
    folder = folder_of(project, run_id)
    refuse_when_at_work(folder, record.name)
    if folder.path.exists():
        try:
            os.utime(folder.path)  # the trash counts its days from now on
            folder.path.rename(project.trash_folder / folder.path.name)
        except OSError as error:
            raise disk_error(error, folder.path) from error
    project.runs.remove(run_id)


def _name(request: TrainingRequest, number: int) -> str:
    """What a run is called unless somebody gave it a name."""
    name = f"{training_name(request.architecture, request.options, request.language)} #{number}"
    if "encoder" in options_of(request.architecture):
        name += f" · {encoder_label(request.options.encoder)[:_LONGEST_ENCODER]}"
    return name


def _alike_of_all(project: Project, request: TrainingRequest) -> Mapping[int, str]:
    """As `_alike`, of comments without a label too; only a teacher is asked about these."""
    if not request.group_column or (request.pseudo is None and request.teaching is None):
        return {}
    ids = [each for block in project.comments.ids(CommentFilter()) for each in block]
    return project.original_cells.of(ids, request.group_column)
