"""Figures of a classifier from its confusion matrix; plain Python, used by window, command line and worker
alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """One class: precision, recall and F1 are 0.0 where they are not defined; ``support`` counts true
    rows."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Figures:
    """``confusion[true][predicted]`` counts rows; macro F1 is the plain mean over the classes that occur
    (as truth or as prediction), as in scikit-learn's default."""

    confusion: tuple[tuple[int, ...], ...]
    accuracy: float
    macro_f1: float
    per_label: tuple[LabelFigures, ...]

    @property
    def rows(self) -> int:
        return sum(map(sum, self.confusion))


def confusion_matrix(pairs: Iterable[tuple[int, int]], classes: int) -> tuple[tuple[int, ...], ...]:
    """Counts (true, predicted) class indices."""
    counts = [[0] * classes for _ in range(classes)]
    for true, predicted in pairs:
        counts[true][predicted] += 1
    return tuple(tuple(row) for row in counts)


def figures(confusion: Sequence[Sequence[int]]) -> Figures:
    """Accuracy, macro F1 and per-class figures of a square confusion matrix; all zeros for an empty one."""
    size = len(confusion)
    total = sum(map(sum, confusion))
    right = sum(confusion[i][i] for i in range(size))
    per_label = []
    occurring = []
    for i in range(size):
        support = sum(confusion[i])
        predicted = sum(row[i] for row in confusion)
        hits = confusion[i][i]
        f1 = 2 * hits / (support + predicted) if support + predicted else 0.0
        per_label.append(
            LabelFigures(
                hits / predicted if predicted else 0.0, hits / support if support else 0.0, f1, support
            )
        )
        if support + predicted:
            occurring.append(f1)
    return Figures(
        tuple(tuple(row) for row in confusion),
        right / total if total else 0.0,
        sum(occurring) / len(occurring) if occurring else 0.0,
        tuple(per_label),
    )


def f1_scores(confusion: Sequence[Sequence[int]]) -> list[float | None]:
    """F1 of each class; None for one that occurs neither as truth nor as prediction."""
    cells = ((i, j, count) for i, row in enumerate(confusion) for j, count in enumerate(row))
    return scores_of(cells, len(confusion))[1]


def scores_of(cells: Iterable[tuple[int, int, int]], classes: int) -> tuple[int, list[float | None]]:
    """Right rows, and `f1_scores`, of (true, predicted, rows). Of many classes nearly all cells are empty:
    whoever leaves them out has little to do."""
    hits, touched = [0] * classes, [0] * classes
    for true, predicted, count in cells:
        touched[true] += count
        touched[predicted] += count
        if true == predicted:
            hits[true] += count
    scores = [2 * right / of if of else None for right, of in zip(hits, touched, strict=True)]
    return sum(hits), scores
