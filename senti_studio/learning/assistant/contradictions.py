"""Copies and near-copies of one text that have different labels, as pairs to be looked at."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from senti_studio.learning.assistant.features import Counts
from senti_studio.text.near_duplicates import NearDuplicates
from senti_studio.text.normalise import normalise

_AT_ONCE = 2_000
_LENGTH = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows, the earlier one first, and how alike their texts are (0 … 1)."""

    first: int
    second: int
    similarity: float


def near_groups(texts: Sequence[str], copies: Counts, should_stop: Callable[[], bool]) -> Counts | None:
    """For each text the number of its group: equal ones (those with one number in ``copies``) and near ones
    together. None when ``should_stop`` said so."""
    with tempfile.TemporaryDirectory(prefix="senti-near-") as folder, NearDuplicates(Path(folder)) as near:
        for start in range(0, len(texts), _AT_ONCE):
            if should_stop():
                return None
            near.add(texts[start : start + _AT_ONCE])
        found = near.groups(should_stop=should_stop)
    if found is None:
        return None
    _, place = np.unique(copies, return_inverse=True)
    least = np.full(int(place.max(initial=-1)) + 1, len(texts), dtype=np.int64)
    leader = np.asarray(found, dtype=np.int64)
    while True:  # a text belongs to the group of its copies, and these to the groups of their near-copies
        np.minimum.at(least, place, leader)
        lower = np.minimum(leader, least[place])
        lower = np.minimum(lower, lower[lower])
        if (lower == leader).all():
            return lower
        leader = lower


def contradicting(texts: Sequence[str], classes: Counts, groups: Counts, most: int) -> list[Pair]:
    """Pairs of one group with different classes, the most alike first: each row of the rarer classes with the
    likest one of the most frequent class."""
    order = np.argsort(groups, kind="stable")
    borders = np.flatnonzero(np.diff(groups[order])) + 1
    found: list[Pair] = []
    for members in np.split(order, borders):
        if len(members) > 1 and len(np.unique(classes[members])) > 1:
            found += _pairs(texts, classes, members.tolist())
    return sorted(found, key=lambda pair: (-pair.similarity, pair.first))[:most]


def _pairs(texts: Sequence[str], classes: Counts, members: list[int]) -> list[Pair]:
    by_class: dict[int, list[int]] = defaultdict(list)
    for row in members:
        by_class[int(classes[row])].append(row)
    most, *others = sorted(by_class.values(), key=lambda rows: (-len(rows), rows[0]))
    pieces = {row: _pieces(texts[row]) for row in members}
    found = []
    for row in (row for rows in others for row in rows):
        alike, other = max((_overlap(pieces[row], pieces[each]), -each) for each in most)
        found.append(Pair(min(row, -other), max(row, -other), alike))
    return found


def _pieces(text: str) -> frozenset[str]:
    plain = "".join(normalise(text).split())
    return frozenset(plain[at : at + _LENGTH] for at in range(max(1, len(plain) - _LENGTH + 1)))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard's index of two sets of pieces."""
    return len(one & other) / max(1, len(one | other))
