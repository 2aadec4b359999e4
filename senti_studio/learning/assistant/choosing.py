"""Which comments to label next: doubtful ones that are unlike each other, and a share of random ones.

The rule changes with the number of labels. Before there is a model all are drawn blindly: groups of alike
comments, tried instead, made a worse beginning. As long as there are few labels the model does not know what
it does not know: half of the comments are drawn blindly then. Later they come from the doubtful end of what
is unlabelled, one out of each of as many groups as are wanted; a fifth stays random, so that the labels never
lose touch with what the comments are like.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from senti_studio.learning.assistant.features import Counts, Floats

BATCH = 20
"""So many comments are chosen together; the model learns anew after about as many labels."""
EARLY = 150
EARLY_SHARE, LATER_SHARE = 0.5, 0.2
"""Random comments among the chosen ones, before and after `EARLY` labels."""
DOUBTFUL = 10
"""The groups are made among so many times as many doubtful comments as are wanted."""
_ROUNDS = 12


def random_share(labels: int) -> float:
    """How much of what is chosen is drawn blindly, by the number of labels so far."""
    return EARLY_SHARE if labels < EARLY else LATER_SHARE


def doubt(probabilities: Floats) -> Floats:
    """(rows): 1 where the two likeliest labels are equally likely, 0 where one is certain."""
    if probabilities.shape[1] < 2:
        return np.zeros(len(probabilities), dtype=np.float32)
    best = np.partition(probabilities, -2, axis=1)
    found: Floats = 1 - (best[:, -1] - best[:, -2])
    return found


def most_doubtful(doubts: Floats, count: int) -> Counts:
    """Indices of the ``count`` most doubtful ones, the most doubtful first, ties as they stand."""
    return np.argsort(-doubts, kind="stable")[:count]


def grouped(doubts: Floats, places: Floats, count: int, chance: np.random.Generator) -> list[int]:
    """``count`` (or all) of some candidates: the most doubtful one of each of ``count`` groups of alike ones,
    then, where groups stayed empty, the most doubtful of the rest.

    ``doubts`` and ``places`` stand in the order of falling doubt.
    """
    if count >= len(doubts) or not places.shape[1]:
        return list(range(min(count, len(doubts))))
    group = _groups(places, doubts + 1e-3, count, chance)
    chosen = [int(np.flatnonzero(group == each)[0]) for each in np.unique(group)]
    taken = set(chosen)
    chosen += [each for each in range(len(doubts)) if each not in taken][: count - len(chosen)]
    return sorted(chosen)


def mixed(useful: list[int], blind: list[int], chance: np.random.Generator) -> list[int]:
    """One list of both: each kept in its order, the random ones at random moments."""
    moments = np.concatenate([np.zeros(len(useful), dtype=bool), np.ones(len(blind), dtype=bool)])
    chance.shuffle(moments)
    one, other = iter(useful), iter(blind)
    return [next(other) if is_blind else next(one) for is_blind in moments]


def _groups(
    places: Floats, weights: Floats, count: int, chance: np.random.Generator
) -> npt.NDArray[np.int64]:
    """The group (0 … count - 1) of each row: k-means on the sphere, begun as k-means++ (Arthur,
    Vassilvitskii 2007)."""
    centres = _far_apart(places, weights, count, chance)
    group = np.zeros(len(places), dtype=np.int64)
    for _ in range(_ROUNDS):
        before = group
        group = (places @ centres.T).argmax(axis=1)
        if np.array_equal(before, group):
            break
        sums = np.zeros_like(centres)
        np.add.at(sums, group, places * weights[:, None])
        lengths = np.linalg.norm(sums, axis=1)
        moved = lengths > 0
        centres[moved] = sums[moved] / lengths[moved, None]
    return group


def _far_apart(places: Floats, weights: Floats, count: int, chance: np.random.Generator) -> Floats:
    first = int(chance.choice(len(places), p=_shares(weights)))
    centres = [places[first]]
    far = np.maximum(0.0, 1 - places @ centres[0])
    for _ in range(count - 1):
        pull = far * weights
        if pull.sum() <= 1e-9:
            break
        centres.append(places[int(chance.choice(len(places), p=_shares(pull)))])
        far = np.minimum(far, np.maximum(0.0, 1 - places @ centres[-1]))
    return np.array(centres, dtype=np.float32)


def _shares(values: Floats) -> npt.NDArray[np.float64]:
    wide = values.astype(np.float64)
    found: npt.NDArray[np.float64] = wide / wide.sum()
    return found
