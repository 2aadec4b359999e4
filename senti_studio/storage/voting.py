"""From the annotations of a comment to the one label that lists show and training uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple


class Vote(NamedTuple):
    """One annotation; ``label_id`` None = the annotator took an imported label away."""

    annotator: str
    label_id: int | None
    at: int
    imported: bool
    adjudicated: bool


class Verdict(NamedTuple):
    """``label_id`` None = unlabelled. ``disputed``: shown with its newest label, but left out of training."""

    label_id: int | None
    at: int | None
    disputed: bool


def verdict(votes: Sequence[Vote]) -> Verdict:
    """Adjudicated, else unanimous among persons, else their strict majority; an imported label counts only
    where no person said anything."""
    if not votes:
        return Verdict(None, None, False)
    if len(votes) == 1:
        (vote,) = votes
        return Verdict(vote.label_id, None if vote.label_id is None else vote.at, False)
    deciding = [vote for vote in votes if vote.adjudicated]
    persons = deciding or [vote for vote in votes if not vote.imported] or list(votes)
    given = [vote for vote in persons if vote.label_id is not None]
    if not given:
        return Verdict(None, None, False)
    # Two of one millisecond: the same whatever order they come in.
    newest = max(given, key=lambda vote: (vote.at, vote.annotator))
    if deciding or len(given) == 1:
        return Verdict(newest.label_id, newest.at, False)
    label_id, count = Counter(vote.label_id for vote in given).most_common(1)[0]
    if 2 * count > len(given):
        return Verdict(label_id, newest.at, False)
    return Verdict(newest.label_id, newest.at, True)
