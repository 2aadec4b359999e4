"""How much two comments say the same, in words of their characters."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from senti_studio.domain.comments import CommentRow

_LOOKED_AT = 1000
"""Characters of each text that count."""


@dataclass(frozen=True, slots=True)
class SimilarComment:
    """What a list shows of a comment that resembles another one; ``similarity`` is 0 … 1."""

    row: CommentRow
    similarity: float

    @property
    def order(self) -> tuple[float, bool, int]:
        """The most similar first; of those alike the ones without a label, then by id."""
        return -round(self.similarity, 2), self.row.label_id is not None, self.row.id


def resemblance(first: str, second: str) -> float:
    """0 … 1: the cosine of how often each pair of neighbouring characters stands in both; case and white
    space do not matter. Texts of one character are equal or not."""
    a, b = _pairs(first), _pairs(second)
    if not a or not b:
        return float(_plain(first) == _plain(second))
    shared = sum(count * b[pair] for pair, count in a.items() if pair in b)
    return shared / math.sqrt(_length(a) * _length(b))


def _plain(text: str) -> str:
    return "".join(text[:_LOOKED_AT].lower().split())


def _pairs(text: str) -> Counter[str]:
    plain = _plain(text)
    return Counter(plain[place : place + 2] for place in range(len(plain) - 1))


def _length(pairs: Counter[str]) -> int:
    return sum(count * count for count in pairs.values())
