"""Why a model says what it says of a text: the weights of its words and characters, and comments like it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordWeight:
    """Code points ``start`` to ``end`` (excluded) of a text as written, and what they add to the score, or
    how much attention they have."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """What speaks for and against a class (``label``: its index), in logits before calibration.

    ``score`` is the model's for the text, ``blank`` that for a text of the same length that says nothing.
    ``characters`` has a weight for each code point of the text as written; they and ``rest`` (what has no
    place: blanks, marks of the model itself) add up to ``score - blank`` but for ``error``, and so do
    ``words`` and ``rest``.
    """

    label: int
    score: float
    blank: float
    characters: tuple[float, ...]
    words: tuple[WordWeight, ...]
    rest: float
    error: float

    @property
    def difference(self) -> float:
        """What the weights add up to."""
        return self.score - self.blank


ROLLOUT = "rollout"
"""Instead of the number of a layer: attention over all layers, each of which mixes what the one below it has
mixed already (Abnar and Zuidema 2020)."""


@dataclass(frozen=True, slots=True)
class Attention:
    """Where a net looks in a text. It tells what is read, not what speaks for a class.

    ``layers``: what may be looked at, the usual first: `ROLLOUT` and the numbers of the layers of an encoder;
    of a net that pools its states by attention the names of its views. ``layer`` is the one that was chosen,
    ``head`` one of its ``heads`` from 1 on, 0 for their mean. ``characters`` has a share for each code point
    of the text as written, ``words`` are sums of them; they and ``rest`` (marks of the model itself) add up
    to 1, and to 0 for a blank text.
    """

    layers: tuple[str, ...]
    layer: str
    heads: int
    head: int
    characters: tuple[float, ...]
    words: tuple[WordWeight, ...]
    rest: float

    @property
    def strengths(self) -> tuple[float, ...]:
        """For each character 0 to 1: how much more than the average it has of what the most looked at has
        more. Where all have about the same nothing is strong."""
        there = [share for share in self.characters if share > 0]
        mean = sum(there) / len(there) if there else 0.0
        span = max(max(there, default=0.0) - mean, mean / 2)
        return tuple(max(0.0, share - mean) / span if span else 0.0 for share in self.characters)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A training comment that the model sees as similar: ``similarity`` is 0 to 1, ``label`` a class
    index."""

    id: int
    text: str
    label: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a model says what it says of one text: ``probabilities`` (calibrated) of its ``classes`` (keys),
    and an explanation for each class that was asked about."""

    classes: tuple[str, ...]
    probabilities: tuple[float, ...]
    explanations: tuple[Explanation, ...]


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """The nearest of ``looked_at`` training comments; ``classes`` (keys) are what their labels mean. None
    were looked at where the training data is not there."""

    classes: tuple[str, ...]
    nearest: tuple[Evidence, ...]
    looked_at: int
