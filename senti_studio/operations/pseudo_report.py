"""What pseudo-labels did to a training: how many joined, whether it agrees, what changed against without."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations.run_list import RunSummary, folder_of, list_runs
from senti_studio.storage.project import Project


@dataclass(frozen=True, slots=True)
class Without:
    """The same training without pseudo-labels. ``change``: figure -> what they added to it; ``is_test``: on
    the test part, else on the validation part."""

    run: RunSummary
    change: Mapping[str, float]
    is_test: bool


@dataclass(frozen=True, slots=True)
class PseudoReport:
    """``sure`` and ``joined``: label key -> rows; ``near_copies`` were left out; ``agreement``: share of the
    joined rows of which the new model says the same; ``teacher_sure`` rows of the validation part, and how
    many of these the teacher was ``teacher_right`` about; ``balanced``: the classes keep their shares."""

    model: str
    threshold: float
    most: int
    labels: tuple[LabelName, ...]
    candidates: int = 0
    near_copies: int = 0
    sure: Mapping[str, int] = field(default_factory=dict)
    joined: Mapping[str, int] = field(default_factory=dict)
    agreement: float | None = None
    teacher_sure: int = 0
    teacher_right: int = 0
    without: Without | None = None
    balanced: bool = False

    @property
    def over(self) -> int:
        """Rows that the teacher was sure of and that did not join, because there were enough."""
        return sum(self.sure.values()) - sum(self.joined.values()) - self.near_copies

    @property
    def unsure(self) -> int:
        """Rows that the teacher was not sure enough of."""
        return self.candidates - sum(self.sure.values())

    @property
    def over_because(self) -> Literal["shares", "most", "both"]:
        """What kept the rows of `over` out: the shares of the classes, the most of a class, or either."""
        if not self.balanced:
            return "most"
        return "both" if any(count > self.most for count in self.sure.values()) else "shares"


def pseudo_report(project: Project, run_id: str) -> PseudoReport | None:
    """The report of a run; None where it has no pseudo-labels, or has not asked for them yet."""
    folder = folder_of(project, run_id)
    spec = folder.spec()
    if not isinstance(spec, TrainingSpec) or spec.pseudo is None:
        return None
    try:
        values = json.loads((folder.data / "pseudo.json").read_bytes())
        teacher = values["teacher"]
        found = PseudoReport(
            spec.pseudo.model.name,
            spec.pseudo.threshold,
            spec.pseudo.most,
            spec.labels,
            int(values["candidates"]),
            int(values["near_copies"]),
            {key: int(count) for key, count in values["sure"].items()},
            {key: int(count) for key, count in values["joined"].items()},
            _agreement(folder),
            int(teacher["sure"]),
            int(teacher["right"]),
            _without(project, run_id, spec),
            spec.pseudo.balanced,
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError("RUN_DAMAGED", path=str(folder.data / "pseudo.json"), reason=str(error)) from error
    return found


def _agreement(folder: RunFolder) -> float | None:
    try:
        return float(json.loads((folder.model / "card.json").read_bytes())["metrics"]["pseudo_agreement"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _without(project: Project, run_id: str, spec: TrainingSpec) -> Without | None:
    """The newest training that differs in nothing else, and has figures of the same part."""
    runs = list_runs(project)
    mine = next((run for run in runs if run.id == run_id), None)
    if mine is None or not mine.state.has_model:
        return None
    for run in runs:
        if run.id == run_id or not run.has_model or run.architecture != spec.architecture:
            continue
        if not _is_the_same(folder_of(project, run.id), spec):
            continue
        is_test = mine.test_macro_f1 is not None and run.test_macro_f1 is not None
        names = ("test_accuracy", "test_macro_f1") if is_test else ("best_accuracy", "best_macro_f1")
        pairs = {name.split("_", 1)[1]: (getattr(mine, name), getattr(run, name)) for name in names}
        change = {
            name: one - other for name, (one, other) in pairs.items() if one is not None and other is not None
        }
        return Without(run, change, is_test) if change else None
    return None


def _is_the_same(folder: RunFolder, spec: TrainingSpec) -> bool:
    try:
        other = folder.spec()
    except UserError:
        return False  # of another version, or damaged: nothing can be said of it
    return (
        isinstance(other, TrainingSpec)
        and other.pseudo is None
        and other.teaching is None
        and bool(spec.data.sha256)
        and (other.architecture, other.options, other.repetition, other.labels, other.data.sha256)
        == (spec.architecture, spec.options, spec.repetition, spec.labels, spec.data.sha256)
        and (other.start and other.start.id) == (spec.start and spec.start.id)
    )
