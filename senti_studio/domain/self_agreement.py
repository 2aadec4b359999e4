"""How far somebody agrees with oneself on comments that were asked again: the honest ceiling of any model."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from senti_studio.domain.intervals import wilson

ASKED_SHARE = 0.03
"""How many of one's own earlier comments are asked again."""
DECISIONS_BETWEEN = 30
"""So many decisions at least lie between the two answers."""
ENOUGH = 20
"""With fewer pairs the figure says next to nothing."""
_DRAWS = 1000


@dataclass(frozen=True, slots=True)
class SecondLook:
    """One comment that was asked again: both labels, and when they were given."""

    comment_id: int
    first_id: int
    second_id: int
    first_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class SelfAgreement:
    """``agreed`` of ``asked`` answers were the same (95 % interval ``share_low`` to ``share_high``).

    ``kappa`` is Cohen's κ with its 95 % interval; None where it is not defined: no pairs, or every answer is
    one and the same label.
    """

    asked: int
    agreed: int
    share_low: float
    share_high: float
    kappa: float | None
    low: float
    high: float

    @property
    def share(self) -> float | None:
        return self.agreed / self.asked if self.asked else None

    @property
    def is_enough(self) -> bool:
        """Whether there are so many pairs that the figure says something."""
        return self.asked >= ENOUGH


def self_agreement(pairs: Sequence[tuple[int, int]]) -> SelfAgreement:
    """From (first label, second label) of each comment; the same pairs give the same interval."""
    cells = Counter(pairs)
    agreed = sum(count for (first, second), count in cells.items() if first == second)
    share_low, share_high = wilson(agreed, len(pairs))
    kappa = _kappa(cells)
    low, high = _interval(cells, kappa, share_low)
    return SelfAgreement(len(pairs), agreed, share_low, share_high, kappa, low, high)


def _kappa(cells: Mapping[tuple[int, int], float]) -> float | None:
    """Cohen's κ (1960) of weighted cells (first, second)."""
    total = sum(cells.values())
    if not total:
        return None
    first: dict[int, float] = {}
    second: dict[int, float] = {}
    observed = 0.0
    for (one, other), weight in cells.items():
        first[one] = first.get(one, 0.0) + weight
        second[other] = second.get(other, 0.0) + weight
        observed += weight if one == other else 0.0
    expected = sum(first[label] * second.get(label, 0.0) for label in first) / total**2
    return None if expected >= 1.0 - 1e-12 else (observed / total - expected) / (1.0 - expected)


def _interval(
    cells: Mapping[tuple[int, int], int], kappa: float | None, share_low: float
) -> tuple[float, float]:
    """Bayesian bootstrap (Rubin 1981) over the pairs, as for macro F1.

    Pairs without any disagreement would give a width of zero: there the lower end is the κ that the lower end
    of the share of equal answers would mean.
    """
    if kappa is None:
        return -1.0, 1.0
    total = sum(cells.values())
    if all(one == other for one, other in cells):
        expected = sum((count / total) ** 2 for count in cells.values())
        return (share_low - expected) / (1.0 - expected), 1.0
    drawn = []
    for draw in range(_DRAWS):
        chance = random.Random(draw)
        found = _kappa({cell: chance.gammavariate(count, 1.0) for cell, count in sorted(cells.items())})
        drawn.append(1.0 if found is None else found)
    drawn.sort()
    cut = round(_DRAWS * 0.025)
    return min(kappa, drawn[cut]), max(kappa, drawn[-cut - 1])
