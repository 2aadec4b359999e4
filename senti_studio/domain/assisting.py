"""What the labelling assistant tells the window: its state, rankings, suggestions, and what looks wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class QueueKind(StrEnum):
    """An order of comments that only the assistant can give."""

    USEFUL = "useful"
    """The comments whose labels teach the most, unlike each other, a share of random ones among them."""
    DISAGREES = "disagrees"
    """Labelled comments for which the assistant (or the chosen model) says something else, surest first."""
    MISTAKES = "mistakes"
    """A fixed list of labels that are likely wrong."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How likely each label is for one comment, in the order of ``AssistState.label_ids``."""

    id: int
    probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Influence:
    """A stretch of a comment that moved the suggestion towards a label.

    ``start`` and ``end`` count code points, the end excluded; ``weight`` is 0 to 1 (the strongest has 1).
    """

    start: int
    end: int
    label_id: int
    weight: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How often suggestions are right, with a 95 % interval of the accuracy (``low`` to ``high``).

    ``source`` says where that was counted: ``test_set`` or ``cross_validation``.
    """

    accuracy: float
    low: float
    high: float
    macro_f1: float
    count: int
    source: str


@dataclass(frozen=True, slots=True)
class AssistState:
    """What the assistant has learnt so far.

    ``trained_at`` is in seconds since the epoch, 0 before the first model; ``needed`` is how many labels the
    first model still lacks, 0 once there is one; ``source`` is ``assistant`` or the id of the run whose model
    speaks for it.
    """

    label_ids: tuple[int, ...]
    trained_on: int
    trained_at: float
    ranked: int
    total: int
    needed: int
    quality: Quality | None
    source: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """Comments in the order of a queue; of ``total`` comments that could stand in it, ``ranked`` were looked
    at."""

    ids: tuple[int, ...]
    ranked: int
    total: int


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label that is probably wrong: what it is, what it should be, how sure, and where in the list."""

    id: int
    label_id: int
    suggested_id: int
    probability: float
    score: float


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two comments that say nearly the same and have different labels; ``similarity`` is 0 to 1.

    ``suggested_id`` is what both are most likely, with that ``probability``; 0 where nothing is known of it.
    """

    first: int
    second: int
    similarity: float
    suggested_id: int = 0
    probability: float = 0.0


@dataclass(frozen=True, slots=True)
class Suspects:
    """The likely mistakes among ``looked_at`` labels, the likeliest first."""

    suspects: tuple[Suspect, ...]
    contradictions: tuple[Contradiction, ...]
    looked_at: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A comment that resembles another one; ``similarity`` is 0 to 1."""

    id: int
    similarity: float
