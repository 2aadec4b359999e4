"""Nested shares of a training part: what a learning curve is measured with."""

from __future__ import annotations

import math
import random
from dataclasses import replace

from senti_studio.learning.data import LabelledTexts, TrainingData

SMALLEST = 0.1
"""The first share of many rows; each next one is larger by the same factor, the last one is all."""
FEWEST = 24
"""Rows of the smallest share, where there are so many."""


def share_of(number: int, count: int, rows: int) -> float:
    """The share of trial ``number`` (from 1) of ``count``; of few ``rows`` the first one is larger, so that
    no two trials learn from the same."""
    smallest = min(1.0, max(SMALLEST, FEWEST / max(1, rows)))
    return float(smallest ** (1 - (number - 1) / max(1, count - 1)))


def with_share(data: TrainingData, share: float, seed: int) -> TrainingData:
    """``data`` with a share of its training rows: of each class as large a part as of all, one at least. The
    rows of a smaller share are among those of a larger one; validation and test part stay."""
    rows = data.train
    share = min(1.0, max(share, FEWEST / max(1, len(rows))))
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    of_class: dict[int, list[int]] = {}
    for place in order:
        of_class.setdefault(rows.labels[place], []).append(place)
    kept = sorted(
        place for places in of_class.values() for place in places[: max(1, math.ceil(share * len(places)))]
    )
    taken = LabelledTexts(
        tuple(rows.ids[place] for place in kept),
        tuple(rows.texts[place] for place in kept),
        tuple(rows.labels[place] for place in kept),
    )
    return replace(data, train=taken)
