"""Encoders that are not there yet: what an adaptation of the project is making, and trainings that wait for
it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from senti_studio.domain.architectures import options_of
from senti_studio.domain.encoders import is_scratch
from senti_studio.domain.run_states import RunKind, RunState
from senti_studio.domain.specs import AwaitedEncoder
from senti_studio.errors import UserError
from senti_studio.operations.run_list import RunSummary, list_runs
from senti_studio.shelf import find
from senti_studio.storage.project import Project

if TYPE_CHECKING:
    from senti_studio.operations.training import TrainingRequest

Remark = tuple[str, Mapping[str, object]]

QUEUE = "training_queue"
"""The setting of the project in which a window keeps what waits for its turn."""
ADAPT = "adapt"
"""What an adaptation among it is marked with."""


@dataclass(frozen=True, slots=True)
class FutureEncoder:
    """``name``: what it is to be called on the shelf; ``source``: the encoder that it is made from;
    ``run_id`` and ``state`` of the adaptation, "" and None while that waits in the queue of a window."""

    name: str
    source: str
    run_id: str = ""
    state: RunState | None = None


def future_encoders(project: Project) -> list[FutureEncoder]:
    """What the adaptations of a project have yet to make: those at work, paused, broken off, and queued."""
    return [*_of_runs(project), *_of_queue(project)]


def future_encoder(project: Project, name: str) -> FutureEncoder | None:
    """The one that is to have this name."""
    wanted = name.lower()
    return next((each for each in future_encoders(project) if each.name.lower() == wanted), None)


def encoder_problem(project: Project, request: TrainingRequest) -> Remark | None:
    """Why the encoder cannot be trained on: said before the comments are frozen, not after. One that is being
    made may be waited for, and of what became of one that was waited for the run itself tells."""
    error = _missing(request)
    if error is None:
        return None
    if error.code == "ENCODER_NOT_FOUND" and (
        request.has_waited or future_encoder(project, request.options.encoder) is not None
    ):
        return None
    return error.code, error.params


def awaited_encoder(project: Project, request: TrainingRequest) -> AwaitedEncoder | None:
    """What a training has to wait for; None where its encoder is there. Who has waited hears by it what the
    encoder is called in the end."""
    name = request.options.encoder
    if request.has_waited and _needs_one(request):
        made = [run for run in _adaptations(project) if run.target.lower() == name.lower()]
        return AwaitedEncoder(name, made[0].id) if made else None
    if _missing(request) is None:
        return None
    coming = future_encoder(project, name)
    return AwaitedEncoder(coming.name, coming.run_id) if coming is not None else None


def remarks_on_waiting(project: Project, request: TrainingRequest) -> Iterator[Remark]:
    """What is to be said before a training that has to wait: for what, and whether somebody has to go on with
    that first."""
    coming = _coming(project, request)
    if coming is not None:
        is_held = coming.state is not None and coming.state.is_resumable
        yield "ENCODER_HELD" if is_held else "ENCODER_COMES_LATER", {"name": coming.name}


def made_from(project: Project, request: TrainingRequest) -> str:
    """The encoder that the one of a training is made from which is not there yet; "" of all others."""
    coming = _coming(project, request)
    return coming.source if coming is not None else ""


def _coming(project: Project, request: TrainingRequest) -> FutureEncoder | None:
    return future_encoder(project, request.options.encoder) if _missing(request) is not None else None


def _needs_one(request: TrainingRequest) -> bool:
    """One that has to be there: who begins with an earlier model has its encoder."""
    reads_it = "encoder" in options_of(request.architecture) and not request.start_from
    return reads_it and not is_scratch(request.options.encoder)


def _missing(request: TrainingRequest) -> UserError | None:
    if not _needs_one(request):
        return None
    try:
        find(request.options.encoder)
    except UserError as error:
        return error
    return None


def _of_runs(project: Project) -> Iterator[FutureEncoder]:
    for run in _adaptations(project):
        if run.state.is_active or run.state.is_resumable:
            yield FutureEncoder(run.target, run.encoder, run.id, run.state)


def _adaptations(project: Project) -> list[RunSummary]:
    return [run for run in list_runs(project) if run.kind is RunKind.ADAPT and run.target]


def _of_queue(project: Project) -> Iterator[FutureEncoder]:
    stored = project.settings.get(QUEUE, [])
    for values in stored if isinstance(stored, list) else []:
        if not isinstance(values, dict) or values.get("kind") != ADAPT:
            continue
        target, options = values.get("target"), values.get("options")
        source = options.get("encoder") if isinstance(options, dict) else None
        if isinstance(target, str) and target and isinstance(source, str):
            yield FutureEncoder(target, source)
