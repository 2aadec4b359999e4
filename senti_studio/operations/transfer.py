"""What a training takes over from earlier models: one that it begins with, one whose opinion joins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from senti_studio.domain.repetition import Repetition
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.domain.transfer import (
    EarlierModel,
    PseudoLabels,
    PseudoRequest,
    start_remarks,
    teacher_remarks,
)
from senti_studio.errors import UserError
from senti_studio.operations.earlier_models import Beginning, beginning, freeze, problem_of_start
from senti_studio.operations.parts import Split
from senti_studio.operations.pseudo_labels import freeze_candidates, problem_of_pseudo
from senti_studio.storage.project import Project

Problem = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class TakenOver:
    """``start`` and ``teacher`` are None where none is wanted; with a ``problem`` nothing can start."""

    start: Beginning | None = None
    teacher: Beginning | None = None
    wanted: PseudoRequest | None = None
    problem: Problem | None = None

    def remarks(self) -> Iterator[Problem]:
        """What makes the figures look better than they are."""
        if self.start is not None:
            yield from start_remarks(self.start.about)
        if self.teacher is not None:
            yield from teacher_remarks(self.teacher.about)

    def start_in_spec(self) -> EarlierModel | None:
        """As the spec of the run says it."""
        return self.start.about if self.start is not None else None

    def pseudo_in_spec(self) -> PseudoLabels | None:
        """As the spec of the run says it."""
        if self.teacher is None or self.wanted is None:
            return None
        wanted = self.wanted
        return PseudoLabels(self.teacher.about, wanted.threshold, wanted.most, wanted.weight, wanted.balanced)

    def freeze(self, project: Project, parts: Split, alike: Mapping[int, str], data: Path) -> None:
        """Writes all that the run will need of the earlier models into its ``data``. Raises OSError."""
        if self.start is not None:
            freeze(self.start, data)
        if self.teacher is not None:
            freeze_candidates(project, parts, alike, self.teacher, data)


NOTHING = TakenOver()


def look_at(
    project: Project,
    parts: Split,
    *,
    start_from: str,
    pseudo: PseudoRequest | None,
    architecture: str,
    options: TrainingOptions,
    repetition: Repetition,
) -> TakenOver:
    """Finds the models and what is wrong with them; nothing is written."""
    start = teacher = None
    problem: Problem | None = None
    try:
        if start_from:
            start = beginning(project, start_from, parts)
            problem = problem_of_start(start, architecture, options, repetition)
        if pseudo is not None:
            problem = problem or problem_of_pseudo(pseudo, repetition)
            teacher = beginning(project, pseudo.model, parts)
    except UserError as error:
        problem = problem or (error.code, error.params)
    return TakenOver(start, teacher, pseudo, problem)
