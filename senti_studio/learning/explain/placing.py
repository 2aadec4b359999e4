"""From units of a normalised text back to the characters of the text as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from senti_studio.domain.explaining import WordWeight
from senti_studio.text.encoding import Places
from senti_studio.text.tracing import Traced

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@runtime_checkable
class Placing(Protocol):
    """What an encoder must know for explanations: where in a text its units stand. ``views``: the names of
    its ways to read."""

    @property
    def views(self) -> tuple[str, ...]: ...

    def traced(self, text: str) -> Traced:
        """As `Encoder.normalise`, with the places in the text as written."""

    def places(self, text: str) -> Places:
        """Where the units and n-grams of a normalised text stand."""

    def words(self, text: str) -> list[tuple[int, int]]:
        """Where the words of a normalised text start and end."""


class Letters:
    """The ``weights`` of the characters of a normalised text, and the ``rest`` that has no place in it."""

    def __init__(self, text: str) -> None:
        self._is_blank = np.array([letter == " " for letter in text] + [False])
        self._sums = np.zeros(len(text) + 1)
        self.rest = 0.0

    @property
    def weights(self) -> Floats:
        return self._sums[:-1]

    def add(self, spans: Ints, shares: Floats) -> None:
        """Adds what units have, spread evenly over their characters but blanks. ``spans`` (units, 2): start
        and end of each, twice -1 for one that stands nowhere."""
        there = spans[:, 0] >= 0
        self.rest += float(shares[~there].sum())
        start, end, shares = spans[there, 0], spans[there, 1], shares[there]
        before = np.concatenate([[0], np.cumsum(~self._is_blank)])
        count = before[end] - before[start]
        each = np.divide(shares, count, out=np.zeros(len(shares)), where=count > 0)
        steps = np.zeros(len(self._sums) + 1)
        np.add.at(steps, start, each)
        np.add.at(steps, end, -each)
        self._sums += np.where(self._is_blank, 0.0, np.cumsum(steps)[:-1])
        self.rest += float(shares[count == 0].sum())


def as_written(letters: Floats, trace: Traced) -> Floats:
    """(characters of the text as written,): each letter's share, spread over where it comes from."""
    found = np.zeros(trace.written)
    sizes = trace.end - trace.start
    for letter, (first, size) in enumerate(zip(trace.start.tolist(), sizes.tolist(), strict=True)):
        if size:
            found[first : first + size] += letters[letter] / size
    return found


def of_words(words: Sequence[tuple[int, int]], letters: Floats, trace: Traced) -> tuple[WordWeight, ...]:
    """The words of a text; each letter that has a weight belongs to one."""
    found = []
    for start, end in words:
        if start >= 0:
            first, last = int(trace.start[start:end].min()), int(trace.end[start:end].max())
            found.append(WordWeight(first, last, float(letters[start:end].sum())))
    return tuple(found)
