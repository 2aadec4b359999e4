"""Values of the Evaluate page, worked out off the GUI thread. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from senti_studio.domain.importing import require_place_for_text
from senti_studio.domain.intervals import accuracy_interval, f1_interval, macro_f1_interval
from senti_studio.domain.labels import Label, labels_from_names
from senti_studio.domain.metrics import Figures
from senti_studio.errors import UserError
from senti_studio.operations import models
from senti_studio.operations.models import EvaluatedRow, Evaluation, ModelSummary
from senti_studio.storage.project import Project

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class RowShown:
    """One predicted comment with where it stands: source and row are empty for a comment that has gone."""

    number: str
    source: str
    row: EvaluatedRow

    @property
    def is_right(self) -> bool:
        return self.row.label == self.row.predicted


@dataclass(frozen=True, slots=True)
class Comparison:
    """Another run on the same rows: differences are of the run shown minus the other; ``only_*`` count
    rows that one
    of the two got right. None as figures when the rows are not the same."""

    name: str
    figures: Figures | None
    accuracy: float = 0.0
    macro_f1: float = 0.0
    only_this: int = 0
    only_other: int = 0


@dataclass(frozen=True, slots=True)
class EvaluationShown:
    """Everything the page shows of one run on one part."""

    run: ModelSummary
    split: str
    labels: tuple[Label, ...]
    figures: Figures
    accuracy: Interval
    macro_f1: Interval
    f1: tuple[Interval, ...]
    rows: tuple[RowShown, ...]
    relabelled: int = 0


def evaluated_models(project: Project) -> list[ModelSummary]:
    """Models whose run is still there, newest first: only these have row by row results."""
    return [model for model in models.list_models(project) if not model.is_kept]


def evaluation_shown(project: Project, run: ModelSummary, split: str) -> EvaluationShown:
    """Raises what `operations.models.evaluation` raises."""
    found = models.evaluation(project, run.run_id or run.id, split)
    confusion = found.figures.confusion
    return EvaluationShown(
        run=run,
        split=split,
        labels=_labels(project, found),
        figures=found.figures,
        accuracy=accuracy_interval(confusion),
        macro_f1=macro_f1_interval(confusion),
        f1=tuple(f1_interval(confusion, label) for label in range(len(confusion))),
        rows=_with_places(project, found.rows),
        relabelled=found.relabelled,
    )


def compare(project: Project, shown: EvaluationShown, other: ModelSummary) -> Comparison:
    """Holds another run against the one shown; only figures on the very same rows can be compared."""
    try:
        found = models.evaluation(project, other.run_id or other.id, shown.split)
    except UserError:
        return Comparison(other.name, None)
    mine = {each.row.comment_id: each for each in shown.rows}
    theirs = {row.comment_id: row for row in found.rows}
    keys = [label.key for label in shown.labels]
    same = mine.keys() == theirs.keys() and [label.key for label in found.labels] == keys
    if not same:
        return Comparison(other.name, None)
    right = {key: (mine[key].is_right, theirs[key].label == theirs[key].predicted) for key in mine}
    return Comparison(
        other.name,
        found.figures,
        shown.figures.accuracy - found.figures.accuracy,
        shown.figures.macro_f1 - found.figures.macro_f1,
        sum(a and not b for a, b in right.values()),
        sum(b and not a for a, b in right.values()),
    )


def write_report(shown: EvaluationShown, path: Path) -> None:
    """The rows as CSV for Excel (UTF-8 with BOM): place, text, truth, prediction, confidence,
    probabilities."""
    import csv

    require_place_for_text(path)
    names = [label.name for label in shown.labels]
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(
                ["source", "row", "text", "true", "predicted", "confidence", *(f"p_{name}" for name in names)]
            )
            for each in shown.rows:
                row = each.row
                chances = [f"{chance:.4f}" for chance in row.probabilities]
                cells = [each.source, each.number, row.text, names[row.label], names[row.predicted]]
                writer.writerow([*cells, f"{row.confidence:.4f}", *chances])
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UserError("NO_PERMISSION", path=str(path), reason=str(error)) from error


def _labels(project: Project, found: Evaluation) -> tuple[Label, ...]:
    known = {label.key: label for label in project.labels.list()}
    made = labels_from_names([(label.key, label.name) for label in found.labels])
    return tuple(known.get(label.key, label) for label in made)


def _with_places(project: Project, rows: Sequence[EvaluatedRow]) -> tuple[RowShown, ...]:
    names = {source.id: source.name for source in project.sources.list()}
    places = {row.id: row for row in project.comments.rows([row.comment_id for row in rows])}
    shown = []
    for row in rows:
        place = places.get(row.comment_id)
        number = str(place.row) if place is not None else ""
        shown.append(RowShown(number, names.get(place.source_id, "") if place is not None else "", row))
    return tuple(shown)
