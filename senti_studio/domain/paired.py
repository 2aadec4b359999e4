"""Two classifiers on the very same rows: which is better, and whether that is more than chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from senti_studio.domain.intervals import Interval, difference_interval, mcnemar, middle
from senti_studio.domain.metrics import Figures, confusion_matrix, figures, scores_of
from senti_studio.domain.resampling import DRAWS, resampled

SURE_BELOW = 0.05
"""Less likely than this by mere chance: the difference is called real."""


@dataclass(frozen=True, slots=True)
class Paired:
    """Differences are of the first minus the second, with 95 % intervals; ``only_*``: rows that one alone got
    right; ``chance``: how likely so uneven a share of these is by mere luck (McNemar)."""

    rows: int
    first: Figures
    second: Figures
    only_first: int
    only_second: int
    accuracy: float
    accuracy_interval: Interval
    macro_f1: float
    macro_f1_interval: Interval
    chance: float

    @property
    def is_sure(self) -> bool:
        return self.chance < SURE_BELOW


def paired(said: Iterable[tuple[int, int, int]], classes: int, *, draws: int = DRAWS) -> Paired:
    """(truth, said by the first, said by the second) of each row -> how they compare.

    Paired bootstrap: rows are drawn again with both predictions on them (see `resampling`), so that what both
    find hard cancels out. The intervals reach at least as far as that of Agresti and Min for the accuracy,
    for macro F1 as far above and below its difference: the bootstrap alone is too narrow for few rows.
    """
    cells = Counter(said)
    first, second = (_confusion(cells, side, classes) for side in (1, 2))
    one, other = figures(first), figures(second)
    rows = one.rows
    only_first = sum(count for (true, a, b), count in cells.items() if a == true != b)
    only_second = sum(count for (true, a, b), count in cells.items() if b == true != a)
    accuracy, macro = one.accuracy - other.accuracy, one.macro_f1 - other.macro_f1
    low, high = difference_interval(only_first, only_second, rows)
    accuracies, macros = [accuracy], [macro]
    kinds = sorted(cells)
    for drawn in resampled([cells[kind] for kind in kinds], draws=draws if rows else 0):
        again = [(kind, count) for kind, count in zip(kinds, drawn, strict=True) if count]
        (a, of_a), (b, of_b) = (
            scores_of(((kind[0], kind[side], count) for kind, count in again), classes) for side in (1, 2)
        )
        accuracies.append((a - b) / rows)
        macros.append(_macro(of_a) - _macro(of_b))
    (a_low, a_high), (m_low, m_high) = middle(accuracies), middle(macros)
    return Paired(
        rows,
        one,
        other,
        only_first,
        only_second,
        accuracy,
        (min(a_low, low), max(a_high, high)),
        macro,
        (max(-1.0, min(m_low, macro - (accuracy - low))), min(1.0, max(m_high, macro + (high - accuracy)))),
        mcnemar(only_first, only_second),
    )


def _confusion(cells: Counter[tuple[int, int, int]], side: int, classes: int) -> Sequence[Sequence[int]]:
    counts = confusion_matrix((), classes)
    found = [list(row) for row in counts]
    for kind, count in cells.items():
        found[kind[0]][kind[side]] += count
    return found


def _macro(scores: Sequence[float | None]) -> float:
    occurring = [score for score in scores if score is not None]
    return sum(occurring) / len(occurring) if occurring else 0.0
