"""Draws a part of labelled comments: stratified, in whole groups of texts that come together, the same for
the same seed."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence

ENOUGH = 5
"""A class with this many comments has at least one in every part that is drawn."""

Item = tuple[int, Hashable]
"""(key of what comes together, class); the position in the sequence says which comment it is."""


def draw_part(items: Sequence[Item], share: float, seed: int) -> set[int]:
    """Positions of about ``share`` of each class; texts with one key come together or not at all.

    A group counts for its most frequent class. No class gives all its groups away, and one of fewer than
    `ENOUGH` comments gives only what its share rounds to. The draw is never empty as long as some class has
    two groups.
    """
    groups: dict[int, list[int]] = defaultdict(list)
    for position, (key, _) in enumerate(items):
        groups[key].append(position)
    by_class: dict[Hashable, list[list[int]]] = defaultdict(list)
    for key in sorted(groups, key=lambda key: _rank(key, seed)):
        members = groups[key]
        by_class[_most_frequent(items[position][1] for position in members)].append(members)
    drawn: set[int] = set()
    for of_class in by_class.values():
        drawn.update(_draw_of_class(of_class, share))
    if not drawn and by_class:
        richest = max(by_class.values(), key=lambda of_class: (len(of_class), _size(of_class)))
        if len(richest) > 1:
            drawn.update(min((len(members), members) for members in richest)[1])
    return drawn


def count_leaks(held_out: Iterable[int], training: Iterable[int]) -> int:
    """How many of the held-out rows (given by their text keys) have a text that training sees too."""
    seen = set(training)
    return sum(key in seen for key in held_out)


def expected_leaks(keys: Iterable[int], held_out: int) -> int:
    """How many of ``held_out`` rows would on average have a row of their own key in training, had they been
    drawn row by row from all rows with these ``keys``.

    A row of a group of m is alone on its side with the chance h ** (m - 1), where h is the share held out.
    """
    sizes = Counter(Counter(keys).values())
    rows = sum(size * count for size, count in sizes.items())
    if not rows:
        return 0
    share = held_out / rows
    return round(sum(count * size * share * (1 - share ** (size - 1)) for size, count in sizes.items()))


def _draw_of_class(groups: Sequence[Sequence[int]], share: float) -> list[int]:
    size = _size(groups)
    target = round(size * share)
    if size >= ENOUGH:
        target = max(1, target)
    drawn: list[int] = []
    left = len(groups)
    for members in groups:
        missing = target - len(drawn)
        if missing <= 0 or left <= 1:
            break
        # A group that is much larger than what is missing stays whole on the other side.
        if len(members) <= 2 * missing - 1:
            drawn.extend(members)
            left -= 1
    return drawn


def _size(groups: Iterable[Sequence[int]]) -> int:
    return sum(map(len, groups))


def _most_frequent(classes: Iterable[Hashable]) -> Hashable:
    return Counter(classes).most_common(1)[0][0]


def _rank(key: int, seed: int) -> bytes:
    # A hash, not a shuffle: comments that come later move none of those that were there.
    text = seed.to_bytes(8, "big", signed=True) + key.to_bytes(8, "big", signed=True)
    return hashlib.blake2b(text, digest_size=8).digest()


def draw_folds(items: Sequence[Item], folds: int, seed: int) -> list[int]:
    """The fold (from 0) of each position: whole groups, every class spread as evenly as its groups allow.

    The largest groups are dealt first, each to the fold that has least of its most frequent class.
    """
    groups: dict[int, list[int]] = defaultdict(list)
    for position, (key, _) in enumerate(items):
        groups[key].append(position)
    sizes = [0] * folds
    of_class: dict[Hashable, list[int]] = defaultdict(lambda: [0] * folds)
    found = [0] * len(items)
    for key in sorted(groups, key=lambda key: (-len(groups[key]), _rank(key, seed))):
        members = groups[key]
        have = of_class[_most_frequent(items[position][1] for position in members)]
        fold = min(range(folds), key=lambda fold: (have[fold], sizes[fold], fold))
        for position in members:
            found[position] = fold
            of_class[items[position][1]][fold] += 1
        sizes[fold] += len(members)
    return found
