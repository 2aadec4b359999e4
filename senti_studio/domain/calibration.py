"""Whether a model's confidence can be believed; plain Python, for window, command line and worker."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from senti_studio.domain.intervals import wilson

BINS = 15
"""As many as Guo et al. 2017 (On Calibration of Modern Neural Networks) take."""
SHOWN_BINS = 10
_LUCK = 1.6
"""Of models without fault 1 or 2 in 100 show more than so many times the ECE of luck (50 to 5,000 rows)."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of like confidence: how sure the model was of them on average, and how many it got right."""

    rows: int
    right: int
    confidence: float

    @property
    def accuracy(self) -> float:
        return self.right / self.rows

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the share that is right (Wilson)."""
        return wilson(self.right, self.rows)


@dataclass(frozen=True, slots=True)
class Calibration:
    """``ece``: expected calibration error, the mean distance between confidence and share of right rows over
    `BINS` bins of equal width; ``brier``: mean squared distance of the probabilities from the truth, summed
    over the classes (0 … 2); ``lean``: mean confidence minus accuracy, above 0 when it is too sure;
    ``chance``: the ECE that a model without any fault would show on so few rows, by mere luck."""

    rows: int
    ece: float
    brier: float
    lean: float
    chance: float = 0.0

    @property
    def is_luck(self) -> bool:
        """Whether so many rows cannot show that anything is wrong."""
        return self.ece <= _LUCK * self.chance


def bins_of(judged: Iterable[tuple[float, bool]], *, bins: int = BINS) -> tuple[Bin, ...]:
    """(confidence, is right) of each row -> the bins that are not empty, from the lowest confidence up."""
    rows, right, sums = [0] * bins, [0] * bins, [0.0] * bins
    for confidence, is_right in judged:
        place = min(bins - 1, max(0, int(confidence * bins)))
        rows[place] += 1
        right[place] += is_right
        sums[place] += confidence
    return tuple(
        Bin(count, hits, total / count) for count, hits, total in zip(rows, right, sums, strict=True) if count
    )


def expected_error(bins: Sequence[Bin]) -> float:
    """ECE of these bins; 0.0 without rows."""
    rows = sum(each.rows for each in bins)
    return sum(each.rows * abs(each.accuracy - each.confidence) for each in bins) / rows if rows else 0.0


def luck(bins: Sequence[Bin]) -> float:
    """What `expected_error` would be if every confidence were right: the mean distance of a binomial share
    from its mean, sqrt(2 p (1 - p) / (pi n)), over the bins."""
    rows = sum(each.rows for each in bins)
    apart = (each.rows * _distance(min(1.0, max(0.0, each.confidence)), each.rows) for each in bins)
    return sum(apart) / rows if rows else 0.0


def _distance(share: float, rows: int) -> float:
    return math.sqrt(2 * share * (1 - share) / (math.pi * rows))


def calibration(rows: Sequence[tuple[int, Sequence[float]]]) -> Calibration:
    """(class index, probabilities) of each row -> how well the probabilities fit."""
    judged, squares = [], 0.0
    for label, chances in rows:
        best = max(range(len(chances)), key=chances.__getitem__)
        judged.append((chances[best], best == label))
        squares += sum((chance - (place == label)) ** 2 for place, chance in enumerate(chances))
    count = max(1, len(rows))
    lean = sum(confidence - is_right for confidence, is_right in judged) / count
    bins = bins_of(judged)
    return Calibration(len(rows), expected_error(bins), squares / count, lean, luck(bins))


def softened(chances: Sequence[float], temperature: float) -> tuple[float, ...]:
    """Probabilities at another temperature: ``p ** (1 / temperature)``, so that they add up to one again.

    What was softened at ``t`` comes back with ``1 / t``, but for rounding.
    """
    top = max(chances)
    if temperature == 1.0 or top <= 0:
        return tuple(chances)
    raised = [(chance / top) ** (1 / temperature) for chance in chances]
    total = sum(raised)
    return tuple(each / total for each in raised)
