"""Trainings and adaptations that wait for their turn; kept in the project, so that closing the window loses
none."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from senti_studio.domain.adapting import AdaptOptions, problems_of_adapting
from senti_studio.domain.architectures import problems_with
from senti_studio.domain.repetition import ONCE, Repetition, problems_of_repetition
from senti_studio.domain.teaching import TeachingRequest
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.domain.transfer import PseudoRequest
from senti_studio.operations.adapting import AdaptRequest
from senti_studio.operations.future_encoders import ADAPT, QUEUE

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user set when pressing Start; the comments are frozen when the turn comes. ``group_column``:
    the original column whose comments stay on one side of the split; ``start_from``: the id of the model to
    begin with; ``pseudo``: comments without a label that are to join; ``teaching``: a model to learn from;
    ``awaits_encoder``: its encoder was not there yet when it was queued."""

    architecture: str
    options: TrainingOptions
    device: str = "auto"
    allow_few: bool = False
    repetition: Repetition = ONCE
    group_column: str = ""
    start_from: str = ""
    pseudo: PseudoRequest | None = None
    teaching: TeachingRequest | None = None
    awaits_encoder: bool = False


Waiting = Wish | AdaptRequest


def read_queue(project: Project) -> list[Waiting]:
    """What waits, the next one first; entries that this version cannot read are left out."""
    stored = project.settings.get(QUEUE, [])
    return [waiting for values in stored if (waiting := _read(values)) is not None]


def write_queue(project: Project, queue: Sequence[Waiting]) -> Future[None]:
    """Replaces the queue."""
    return project.settings.set(QUEUE, [_written(waiting) for waiting in queue])


def _written(waiting: Waiting) -> dict[str, Any]:
    kind = {"kind": ADAPT} if isinstance(waiting, AdaptRequest) else {}
    return {**kind, **dataclasses.asdict(waiting)}


def _read(values: Any) -> Waiting | None:
    if isinstance(values, dict) and values.get("kind") == ADAPT:
        return _adaptation_of({name: value for name, value in values.items() if name != "kind"})
    return _wish_of(values)


def _adaptation_of(values: dict[str, Any]) -> AdaptRequest | None:
    try:
        request = AdaptRequest(**{**values, "options": AdaptOptions(**values["options"])})
    except (TypeError, KeyError):
        return None
    texts: tuple[object, ...] = (request.device, request.name, request.target)
    if not all(isinstance(text, str) for text in texts) or problems_of_adapting(request.options):
        return None
    return request


def _wish_of(values: Any) -> Wish | None:
    try:
        options = TrainingOptions(**values["options"])
        device, allow_few = str(values.get("device", "auto")), bool(values.get("allow_few"))
        repetition = Repetition(**values.get("repetition", {}))
        column = str(values.get("group_column", ""))
        pseudo = PseudoRequest(**values["pseudo"]) if values.get("pseudo") else None
        teaching = TeachingRequest(**values["teaching"]) if values.get("teaching") else None
        start = str(values.get("start_from", ""))
        kind = str(values["architecture"])
        awaits = bool(values.get("awaits_encoder"))
        wish = Wish(kind, options, device, allow_few, repetition, column, start, pseudo, teaching, awaits)
    except (TypeError, KeyError):
        return None
    problems = problems_with(kind, options) + problems_of_repetition(repetition)
    problems += [each for asked in (pseudo, teaching) if asked is not None for each in asked.problems()]
    return None if problems else wish
