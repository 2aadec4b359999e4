"""Learning from an earlier model: what keeps a training from it, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from senti_studio.domain.labels import Label
from senti_studio.domain.repetition import Repetition
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.teaching import TeachingRequest
from senti_studio.domain.transfer import PseudoRequest
from senti_studio.operations.models import ModelSummary
from senti_studio.operations.run_list import folder_of
from senti_studio.storage.project import Project

Problem = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class TeachingReport:
    """Figures of teacher and pupil on the same rows (``is_test``: of the test part, else of the validation
    part), and rows a second of both on the machine of the training."""

    model: str
    teacher_accuracy: float
    teacher_macro_f1: float
    pupil_accuracy: float
    pupil_macro_f1: float
    teacher_rows_per_s: float
    pupil_rows_per_s: float
    is_test: bool

    @property
    def times_as_fast(self) -> float:
        """How many times as fast as the teacher the pupil is."""
        return self.pupil_rows_per_s / max(self.teacher_rows_per_s, 1e-9)


def teaching_report(project: Project, run_id: str) -> TeachingReport | None:
    """The report of a run; None where it has no teacher, or has not ended with a model yet."""
    folder = folder_of(project, run_id)
    spec = folder.spec()
    if not isinstance(spec, TrainingSpec) or spec.teaching is None:
        return None
    try:
        metrics = json.loads((folder.model / "card.json").read_bytes())["metrics"]
        return TeachingReport(
            spec.teaching.model.name,
            teacher_accuracy=float(metrics["teacher_accuracy"]),
            teacher_macro_f1=float(metrics["teacher_macro_f1"]),
            pupil_accuracy=float(metrics["accuracy"]),
            pupil_macro_f1=float(metrics["macro_f1"]),
            teacher_rows_per_s=float(metrics["teacher_rows_per_s"]),
            pupil_rows_per_s=float(metrics["pupil_rows_per_s"]),
            is_test="test_macro_f1" in metrics,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None  # no model yet, or one that is not ours: the run itself says what is wrong with it


def problem_of_teaching(
    wanted: TeachingRequest, architecture: str, repetition: Repetition, pseudo: PseudoRequest | None
) -> Problem | None:
    """What is wrong with a request, before any comment is looked at."""
    if repetition.leaves_out:
        return "TEACHER_NO_FOLDS", {}
    if architecture == "baseline":
        return "TEACHER_NO_BASELINE", {}
    if pseudo is not None:
        return "TEACHER_OR_PSEUDO", {}
    problems = wanted.problems()
    return ("BAD_SPEC", {"problems": problems}) if problems else None


def other_labels(teacher: ModelSummary, used: Sequence[Label]) -> Problem | None:
    """The teacher has to know the labels that are learnt, and no others."""
    if {label.key for label in teacher.labels} == {label.key for label in used}:
        return None
    theirs, ours = [label.name for label in teacher.labels], [label.name for label in used]
    return "TEACHER_OTHER_LABELS", {"model": teacher.name, "theirs": theirs, "ours": ours}
