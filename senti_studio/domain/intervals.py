"""95 % intervals of a classifier's figures, from its confusion matrix alone; plain Python, deterministic."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from senti_studio.domain.metrics import figures

Z_95 = 1.959964
DRAWS = 1000


def wilson(hits: float, rows: float, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a share; (0, 1) when there are no rows."""
    if rows <= 0:
        return 0.0, 1.0
    share = hits / rows
    scale = 1 + z * z / rows
    centre = (share + z * z / (2 * rows)) / scale
    half = z * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)


def accuracy_interval(confusion: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Wilson's interval of the share of right rows."""
    right = sum(confusion[i][i] for i in range(len(confusion)))
    return wilson(right, sum(map(sum, confusion)))


def f1_interval(confusion: Sequence[Sequence[int]], label: int) -> tuple[float, float]:
    """Interval of one class's F1: Wilson's of hits / (hits + misses + false alarms), carried over by
    2j / (1 + j).

    The carrying function is monotone, so the interval always contains the F1 itself.
    """
    hits = confusion[label][label]
    touched = sum(confusion[label]) + sum(row[label] for row in confusion) - hits
    low, high = wilson(hits, touched)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def macro_f1_interval(confusion: Sequence[Sequence[int]], *, draws: int = DRAWS) -> tuple[float, float]:
    """Bayesian bootstrap (Rubin 1981) over the rows: each draw weighs the cells by a Dirichlet of
    their counts.

    Same matrix, same interval. A matrix without any error would give a width of zero; there the lower end is
    that of the accuracy.
    """
    cells = [(i, j, count) for i, row in enumerate(confusion) for j, count in enumerate(row) if count]
    if not cells:
        return 0.0, 1.0
    whole = figures(confusion).macro_f1
    if all(i == j for i, j, _ in cells):
        return min(whole, accuracy_interval(confusion)[0]), whole
    drawn = sorted(_draw(cells, random.Random(draw)) for draw in range(draws))
    cut = round(draws * 0.025)
    return min(whole, drawn[cut]), max(whole, drawn[-cut - 1])


def _draw(cells: Sequence[tuple[int, int, int]], chance: random.Random) -> float:
    hits: dict[int, float] = {}
    touched: dict[int, float] = {}
    for i, j, count in cells:
        weight = chance.gammavariate(count, 1.0)
        touched[i] = touched.get(i, 0.0) + weight
        touched[j] = touched.get(j, 0.0) + weight
        if i == j:
            hits[i] = weight
    scores = [2 * hits.get(label, 0.0) / weight for label, weight in touched.items()]
    return sum(scores) / len(scores)


def difference_interval(only_first: int, only_second: int, rows: int, z: float = Z_95) -> tuple[float, float]:
    """Interval of the difference of two accuracies on the same rows, from the rows that only one got
    right."""
    if rows <= 0:
        return 0.0, 0.0
    mean = (only_first - only_second) / rows
    spread = math.sqrt(max(0.0, only_first + only_second - (only_first - only_second) ** 2 / rows)) / rows
    return mean - z * spread, mean + z * spread


def mcnemar(only_first: int, only_second: int) -> float:
    """McNemar's test, exact and two-sided: how likely so uneven a share of the differing rows is by
    mere chance."""
    rows = only_first + only_second
    if rows == 0:
        return 1.0
    if rows > 1000:
        score = max(0.0, abs(only_first - only_second) - 1) / math.sqrt(rows)
        return math.erfc(score / math.sqrt(2))
    tail = sum(math.comb(rows, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, float(2 * tail / 2**rows))
