"""Where comments stand in the table, for *go to row*."""

from __future__ import annotations

from array import array
from collections.abc import Sequence


def next_place(shown: array[int], wanted: Sequence[int], *, after: int) -> int | None:
    """The place in the table of the first of the ``wanted`` comments below ``after``, else of the first of
    all; None when none of them is shown."""
    places = []
    for comment_id in wanted:
        try:
            places.append(shown.index(comment_id))
        except ValueError:
            continue
    below = [place for place in places if place > after]
    return min(below or places, default=None)
