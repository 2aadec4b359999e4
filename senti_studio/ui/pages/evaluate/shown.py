"""Values of the Evaluate page, worked out off the GUI thread. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from senti_studio.domain.calibration import SHOWN_BINS, Bin, Calibration, bins_of, calibration, softened
from senti_studio.domain.importing import require_place_for_text
from senti_studio.domain.intervals import Interval, intervals
from senti_studio.domain.labels import Label, labels_from_names
from senti_studio.domain.metrics import Figures
from senti_studio.errors import UserError
from senti_studio.operations import models
from senti_studio.operations.breakdown import Breakdown, by_column, likely_column
from senti_studio.operations.models import EvaluatedRow, Evaluation, ModelSummary
from senti_studio.operations.run_comparison import RunComparison, compare_runs
from senti_studio.storage.project import Project


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
    rows that one of the two got right. ``found`` is None, with a ``problem``, when they cannot be compared.
    """

    name: str
    found: RunComparison | None
    problem: UserError | None = None

    @property
    def accuracy(self) -> float:
        return self.found.result.accuracy if self.found is not None else 0.0

    @property
    def only_this(self) -> int:
        return self.found.result.only_first if self.found is not None else 0

    @property
    def only_other(self) -> int:
        return self.found.result.only_second if self.found is not None else 0


@dataclass(frozen=True, slots=True)
class Confidence:
    """Whether confidence can be believed: ``bins`` for the picture; ``now`` as the model speaks, ``before``
    as it would without its ``temperature``."""

    bins: tuple[Bin, ...]
    now: Calibration
    before: Calibration
    temperature: float


@dataclass(frozen=True, slots=True)
class EvaluationShown:
    """Everything the page shows of one run on one part. ``column``: the one that is told first value by
    value, of ``columns``."""

    run: ModelSummary
    split: str
    labels: tuple[Label, ...]
    figures: Figures
    accuracy: Interval
    macro_f1: Interval
    f1: tuple[Interval, ...]
    rows: tuple[RowShown, ...]
    evaluation: Evaluation
    confidence: Confidence
    columns: tuple[str, ...] = ()
    column: str = ""


def evaluated_models(project: Project) -> list[ModelSummary]:
    """Models whose run is still there, newest first: only these have row by row results."""
    return [model for model in models.list_models(project) if not model.is_kept]


def evaluation_shown(project: Project, run: ModelSummary, split: str) -> EvaluationShown:
    """Raises what `operations.models.evaluation` raises."""
    found = models.evaluation(project, run.run_id or run.id, split)
    sure = intervals(found.figures.confusion)
    return EvaluationShown(
        run=run,
        split=split,
        labels=_labels(project, found),
        figures=found.figures,
        accuracy=sure.accuracy,
        macro_f1=sure.macro_f1,
        f1=sure.f1,
        rows=_with_places(project, found.rows),
        evaluation=found,
        # What folds have held out was said by models of other temperatures.
        confidence=_confidence(
            found.rows, models.temperature_of(run.folder) if split != models.FOLDS else 1.0
        ),
        columns=tuple(project.original_cells.columns()),
        column=likely_column(project, [row.comment_id for row in found.rows]),
    )


def _confidence(rows: Sequence[EvaluatedRow], temperature: float) -> Confidence:
    said = [(row.label, row.probabilities) for row in rows]
    bins = bins_of(((row.confidence, row.label == row.predicted) for row in rows), bins=SHOWN_BINS)
    raw = [(label, softened(chances, 1 / temperature)) for label, chances in said]
    return Confidence(bins, calibration(said), calibration(raw), temperature)


def compare(project: Project, shown: EvaluationShown, other: ModelSummary) -> Comparison:
    """Holds another run against the one shown, on the rows that both were measured on."""
    try:
        theirs = models.evaluation(project, other.run_id or other.id, shown.split)
        return Comparison(other.name, compare_runs(shown.evaluation, theirs))
    except UserError as error:
        return Comparison(other.name, None, error)


def broken_down(project: Project, shown: EvaluationShown, column: str) -> Breakdown:
    """Raises UserError ``NO_SUCH_COLUMN``."""
    return by_column(project, shown.evaluation.rows, len(shown.labels), column)


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
