"""Why a model says what it says of a text: the weights of its words and characters, and comments like it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordWeight:
    """Code points ``start`` to ``end`` (excluded) of a text as written, and what they add to the score."""

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


@dataclass(frozen=True, slots=True)
class AttentionShare:
    """How much attention a unit of the text (code points ``start`` to ``end``) has; the shares of all units
    of a view add up to 1."""

    start: int
    end: int
    share: float


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
    """Why a model says what it says of one text: ``probabilities`` (calibrated) of its ``classes`` (keys), an
    explanation for each class that was asked about, and the attention of each view that has some."""

    classes: tuple[str, ...]
    probabilities: tuple[float, ...]
    explanations: tuple[Explanation, ...]
    attention: tuple[tuple[AttentionShare, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """The nearest of ``looked_at`` training comments; ``classes`` (keys) are what their labels mean. None
    were looked at where the training data is not there."""

    classes: tuple[str, ...]
    nearest: tuple[Evidence, ...]
    looked_at: int
