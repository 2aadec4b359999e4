"""The orders that only the assistant can give."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from senti_studio.domain.assisting import Ranking
from senti_studio.learning.assistant import choosing
from senti_studio.learning.assistant.features import Counts, Floats
from senti_studio.learning.assistant.pool import Pool


def useful(
    pool: Pool,
    rows: Counts,
    doubts: Floats,
    count: int,
    *,
    labels: int,
    chance: np.random.Generator,
    blind_among: Counts,
) -> list[int]:
    """Rows in the order in which they should be labelled, chosen `choosing.BATCH` by batch.

    ``rows`` with their ``doubts`` are what was judged (nothing before the first model); the random ones come
    from ``blind_among``. ``labels``: how many there are already.
    """
    order = choosing.most_doubtful(doubts, len(rows))
    waiting, waiting_doubts = rows[order], doubts[order]
    blind = iter(chance.permutation(blind_among).tolist())
    chosen: list[int] = []
    taken: set[int] = set()
    while len(chosen) < count:
        size = min(choosing.BATCH, count - len(chosen))
        wanted = size - round(size * choosing.random_share(labels + len(chosen)))
        some = waiting[: choosing.DOUBTFUL * size]
        places = pool.looked_up(some).places
        best = [
            int(some[each]) for each in choosing.grouped(waiting_doubts[: len(some)], places, wanted, chance)
        ]
        taken.update(best)
        batch = choosing.mixed(best, _next(blind, taken, size - len(best)), chance)
        if not batch:
            break
        chosen += batch
        kept = ~np.isin(waiting, batch)
        waiting, waiting_doubts = waiting[kept], waiting_doubts[kept]
    return chosen


def _next(blind: Iterator[int], taken: set[int], count: int) -> list[int]:
    """The next ``count`` that were not taken yet, as far as there are so many; takes them."""
    found: list[int] = []
    while len(found) < count and (each := next(blind, -1)) >= 0:
        if each not in taken:
            taken.add(each)
            found.append(each)
    return found


def disagreeing(
    ids: npt.NDArray[np.int64], classes: Counts, said: Floats, count: int, *, label: int | None
) -> Ranking:
    """Labelled comments of which something else is said, the surest first; ``label``: only those of which
    this is said."""
    best = said.argmax(axis=1) if len(said) else np.zeros(0, dtype=np.int64)
    differs = (best != classes) & (said.sum(axis=1) > 0)
    if label is not None:
        differs &= best == label
    rows = np.flatnonzero(differs)
    sure = said[rows, best[rows]] - said[rows, classes[rows]]
    order = rows[np.argsort(-sure, kind="stable")]
    return Ranking(tuple(ids[order[:count]].tolist()), len(ids), len(ids))
