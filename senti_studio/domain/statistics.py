"""What the statistics panel shows of a set of comments."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 50_000
"""More comments than this are not looked at; a random sample of so many is."""

LENGTH_BORDERS = (5, 10, 15, 20, 30, 40, 60, 80, 120, 160, 240, 400, 1_000_000_000)
"""Upper ends (not included) of the bars of the lengths."""

WORDS = 12
"""Words listed for each class."""


@dataclass(frozen=True, slots=True)
class ClassWords:
    """``words``: those that set the class apart from the others, with the number of its comments that have
    them, the most telling first."""

    label_id: int
    comments: int
    words: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CommentStatistics:
    """``total`` comments were asked for, ``looked_at`` of them drawn at random (all, up to `MOST`);
    ``lengths`` counts these between `LENGTH_BORDERS`; ``unlabelled`` ones are in no class."""

    total: int
    looked_at: int
    lengths: tuple[int, ...]
    median_length: int
    longest: int
    unlabelled: int
    classes: tuple[ClassWords, ...] = ()
    frequent: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PredictionSummary:
    """``predicted`` comments have a prediction, from ``batches`` batches."""

    predicted: int
    batches: int
