"""What a training takes over from earlier models: one that it begins with, one whose opinion counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from senti_studio.domain.labels import Label
from senti_studio.domain.repetition import Repetition
from senti_studio.domain.teaching import Teaching, TeachingRequest
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
from senti_studio.operations.teaching import other_labels, problem_of_teaching
from senti_studio.operations.unlabelled import MOST
from senti_studio.storage.project import Project

Problem = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class TakenOver:
    """``start`` and ``teacher`` are None where none is wanted; with a ``problem`` nothing can start.

    The teacher gives pseudo-labels (``wanted``) or is learnt from (``teaching``), never both.
    """

    start: Beginning | None = None
    teacher: Beginning | None = None
    wanted: PseudoRequest | None = None
    teaching: TeachingRequest | None = None
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

    def teaching_in_spec(self) -> Teaching | None:
        """As the spec of the run says it."""
        if self.teacher is None or self.teaching is None:
            return None
        wanted = self.teaching
        return Teaching(self.teacher.about, wanted.temperature, wanted.hard_share, wanted.most)

    def freeze(self, project: Project, parts: Split, alike: Mapping[int, str], data: Path) -> None:
        """Writes all that the run will need of the earlier models into its ``data``. Raises OSError."""
        if self.start is not None:
            freeze(self.start, data)
        if self.teacher is not None:
            most = self.teaching.most if self.teaching is not None else MOST
            freeze_candidates(project, parts, alike, self.teacher, data, most=most)


NOTHING = TakenOver()


def look_at(
    project: Project,
    parts: Split,
    *,
    start_from: str,
    pseudo: PseudoRequest | None,
    teaching: TeachingRequest | None,
    architecture: str,
    options: TrainingOptions,
    repetition: Repetition,
    used: Sequence[Label],
) -> TakenOver:
    """Finds the models and what is wrong with them; nothing is written. ``used``: labels that are learnt."""
    start = teacher = None
    problem: Problem | None = None
    try:
        if start_from:
            start = beginning(project, start_from, parts)
            problem = problem_of_start(start, architecture, options, repetition)
        if pseudo is not None:
            problem = problem or problem_of_pseudo(pseudo, repetition)
            teacher = beginning(project, pseudo.model, parts)
        if teaching is not None:
            problem = problem or problem_of_teaching(teaching, architecture, repetition, pseudo)
            teacher = beginning(project, teaching.model, parts)
            problem = problem or other_labels(teacher.model, used)
    except UserError as error:
        problem = problem or (error.code, error.params)
    return TakenOver(start, teacher, pseudo, teaching, problem)
