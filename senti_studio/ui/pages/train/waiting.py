"""Trainings that wait for their turn; kept in the project, so that closing the window loses none."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from senti_studio.domain.repetition import ONCE, Repetition, problems_of_repetition
from senti_studio.domain.teaching import TeachingRequest
from senti_studio.domain.training_options import TrainingOptions, problems_of
from senti_studio.domain.transfer import PseudoRequest

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

KEY = "training_queue"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user set when pressing Start; the comments are frozen when the turn comes. ``group_column``:
    the original column whose comments stay on one side of the split; ``start_from``: the id of the model to
    begin with; ``pseudo``: comments without a label that are to join; ``teaching``: a model to learn from."""

    architecture: str
    options: TrainingOptions
    device: str = "auto"
    allow_few: bool = False
    repetition: Repetition = ONCE
    group_column: str = ""
    start_from: str = ""
    pseudo: PseudoRequest | None = None
    teaching: TeachingRequest | None = None


def read_queue(project: Project) -> list[Wish]:
    """The waiting trainings; entries that this version cannot read are left out."""
    stored = project.settings.get(KEY, [])
    return [wish for values in stored if (wish := _wish_of(values)) is not None]


def write_queue(project: Project, wishes: Sequence[Wish]) -> Future[None]:
    """Replaces the queue."""
    return project.settings.set(KEY, [dataclasses.asdict(wish) for wish in wishes])


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
        wish = Wish(kind, options, device, allow_few, repetition, column, start, pseudo, teaching)
    except (TypeError, KeyError):
        return None
    problems = problems_of(options) + problems_of_repetition(repetition)
    problems += [each for asked in (pseudo, teaching) if asked is not None for each in asked.problems()]
    return None if problems else wish
