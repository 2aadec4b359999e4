"""Drawing rows again with replacement, by drawing how often each kind of row comes: exact, and thousands of
times cheaper than drawing the rows.

Figures of a classifier depend on the rows only through how many there are of each kind (truth, prediction).
Drawing n rows again draws these counts from a multinomial distribution; that is what is done here, cell after
cell by binomials, in plain Python, since the window has no numpy.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence

DRAWS = 1000
SEED = 20_261_129


def resampled(counts: Sequence[int], *, draws: int = DRAWS, seed: int = SEED) -> Iterator[list[int]]:
    """``draws`` times new counts with the same sum; the same counts and seed give the same draws."""
    chance = random.Random(seed)
    order = sorted(range(len(counts)), key=counts.__getitem__)  # the largest is what is left: no draw for it
    total = sum(counts)
    for _ in range(draws):
        drawn = [0] * len(counts)
        left, mass = total, total
        for place in order:
            count = counts[place]
            if not left:
                break
            if count:
                drawn[place] = binomial(left, count / mass, chance)
                left -= drawn[place]
                mass -= count
        yield drawn


def binomial(rows: int, share: float, chance: random.Random) -> int:
    """How many of ``rows`` tosses hit, each with the chance ``share``."""
    if share <= 0.0 or rows <= 0:
        return 0
    if share >= 1.0:
        return rows
    if share > 0.5:
        return rows - binomial(rows, 1.0 - share, chance)
    return _by_gaps(rows, share, chance) if rows * share < 10 else _by_rejection(rows, share, chance)


def _by_gaps(rows: int, share: float, chance: random.Random) -> int:
    """For few hits: the distances from hit to hit are geometric."""
    scale = math.log1p(-share)
    hits, place = 0, 0
    while True:
        place += int(math.log(1.0 - chance.random()) / scale) + 1
        if place > rows:
            return hits
        hits += 1


def _by_rejection(rows: int, share: float, chance: random.Random) -> int:
    """Transformed rejection with squeeze, Hörmann 1993 (The generation of binomial random variates), BTRS."""
    spread = math.sqrt(rows * share * (1.0 - share))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * share
    centre = rows * share + 0.5
    squeeze = 0.92 - 4.2 / b
    mode = math.floor((rows + 1) * share)
    while True:
        u = chance.random() - 0.5
        v = chance.random()
        edge = 0.5 - abs(u)
        if edge <= 0.0:
            continue
        hits = math.floor((2.0 * a / edge + b) * u + centre)
        if edge >= 0.07 and v <= squeeze:
            return hits
        if not 0 <= hits <= rows:
            continue
        v *= (2.83 + 5.1 / b) * spread / (a / (edge * edge) + b)
        height = (
            math.lgamma(mode + 1)
            + math.lgamma(rows - mode + 1)
            - math.lgamma(hits + 1)
            - math.lgamma(rows - hits + 1)
            + (hits - mode) * math.log(share / (1.0 - share))
        )
        if v <= 0.0 or math.log(v) <= height:
            return hits
