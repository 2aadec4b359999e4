"""What the data page shows around its table: counts and lists at once, what takes a look at all comments
later."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from senti_studio.domain.comments import CommentCounts, Source
from senti_studio.domain.labels import Label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """Counts and lists of the project that the page shows around its table."""

    counts: CommentCounts
    labels: tuple[Label, ...]
    sources: tuple[Source, ...]


BUCKETS = (2, 5, 10, 15, 20, 30, 40, 60, 80, 120, 200, 1_000_000_000)
"""Upper ends of the bars of the lengths."""


@dataclasses.dataclass(frozen=True, slots=True)
class Details:
    """What takes a look at every comment: who labelled, lengths, copies, predictions."""

    annotators: tuple[tuple[str, int], ...] = ()
    lengths: tuple[int, ...] = ()
    longest: int = 0
    copied: int = 0
    near: int = 0
    predicted: int = 0
    is_collected: bool = True
    """Whether the predictions of all batches are known; otherwise the helper is to collect them."""


def look(project: Project) -> Facts:
    """A few rows are read, whatever the size of the project."""
    labels, sources = tuple(project.labels.list()), tuple(project.sources.list())
    return Facts(project.comments.counts(), labels, sources)


def look_at_all(project: Project, stop: Callable[[], bool]) -> Details | None:
    """Seconds at a million comments; None when it was stopped."""
    from senti_studio.operations.predictions import are_collected

    comments = project.comments
    comments.predicted.load()
    lengths, longest = comments.lengths(BUCKETS, stop)
    annotators = tuple(comments.annotators())
    if not comments.copies.find(stop):
        return None
    copied, near = comments.copies.summary()
    collected = are_collected(project)
    return Details(annotators, tuple(lengths), longest, copied, near, comments.predicted.count, collected)
