"""What each choice of a filter would give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from senti_studio.domain.comments import Duplicates, Predictions


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """Comments that each choice would give under everything else that is asked for.

    ``labels``: by id, 0 = without a label; ``lengths``: one number for each bucket; ``longest``: the greatest
    length among them.
    """

    labels: Mapping[int, int]
    sources: Mapping[int, int]
    skipped: int
    flagged: int
    excluded: int
    annotators: Mapping[str, int]
    lengths: tuple[int, ...]
    longest: int
    copies: Mapping[Duplicates, int]
    predictions: Mapping[Predictions, int]
