"""Texts as sets of hashed character n-grams, many texts at once and without Python per n-gram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from senti_studio.text.normalise import normalise

BITS = 18
SIZE = 1 << BITS
"""How many features there are: n-grams that share one are one to the model."""
LONGEST = 3
MOST_CHARACTERS = 600
"""What comes later in a comment is not looked at, so that a single long one cannot slow everything down."""
_READ = 20 * MOST_CHARACTERS
_CODE_POINT_BITS = 21
_AT_ONCE = 256
"""More texts at once do not fit into the caches of the processor, and take four times as long."""
_MIXER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: Fibonacci hashing

Floats: TypeAlias = npt.NDArray[np.float32]
Counts: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hashed:
    """The features of some texts, end to end: each row's ``features`` ascend, ``sizes`` says how many there
    are."""

    features: npt.NDArray[np.int32]
    sizes: Counts

    def __len__(self) -> int:
        return len(self.sizes)


def spelled(text: str) -> str:
    """What of a text is looked at, in one spelling."""
    return normalise(text[:_READ])[:MOST_CHARACTERS]


def hash_texts(texts: Sequence[str]) -> Hashed:
    """The features that each text has at least once; a blank text has none."""
    parts = [_hashed(texts[start : start + _AT_ONCE]) for start in range(0, len(texts), _AT_ONCE)]
    if not parts:
        return Hashed(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64))
    return Hashed(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _hashed(texts: Sequence[str]) -> tuple[npt.NDArray[np.int32], Counts]:
    cut = [spelled(text) for text in texts]
    points = np.frombuffer("".join(cut).encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    row = np.repeat(np.arange(len(cut), dtype=np.uint32), [len(text) for text in cut])
    found = []
    for length, key in enumerate(_keys(points), start=1):
        inside = row[length - 1 :] == row[: len(row) - length + 1]
        pairs = (row[: len(row) - length + 1] << np.uint32(BITS)) | feature_of(key).astype(np.uint32)
        found.append(pairs[inside])
    # The rows stand in the upper bits, so that one sort orders both; numpy's unique is ten times slower.
    together = np.sort(np.concatenate(found))
    is_new = np.ones(len(together), dtype=np.bool_)
    np.not_equal(together[1:], together[:-1], out=is_new[1:])
    together = together[is_new]
    sizes = np.bincount(together >> np.uint32(BITS), minlength=len(cut))
    return (together & np.uint32(SIZE - 1)).astype(np.int32), sizes.astype(np.int64)


def _keys(points: npt.NDArray[np.uint64]) -> list[npt.NDArray[np.uint64]]:
    """The n-grams at each place by their length; three code points fit into one key."""
    keys = [points]
    for length in range(2, LONGEST + 1):
        before = keys[-1][: max(0, len(points) - length + 1)]
        keys.append((before << np.uint64(_CODE_POINT_BITS)) | points[length - 1 :])
    return keys


def feature_of(keys: npt.NDArray[np.uint64]) -> Counts:
    """The features of n-grams that are given as their code points, 21 bits each."""
    return ((keys * _MIXER) >> np.uint64(64 - BITS)).astype(np.int64)


def features_at(text: str) -> list[tuple[int, int, int]]:
    """(start, end, feature) of every n-gram of an already normalised text."""
    points = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    return [
        (start, start + length, feature)
        for length, key in enumerate(_keys(points), start=1)
        for start, feature in enumerate(feature_of(key).tolist())
    ]


@dataclass(frozen=True, slots=True)
class Weighting:
    """How much a feature says, by how few of ``rows`` comments have it (``counts``, one for each feature)."""

    counts: npt.NDArray[np.int32]
    rows: int

    def matrix(self, hashed: Hashed) -> sparse.csr_matrix:
        """One row of norm 1 for each text (0 for a blank one): ln((rows + 1) / (count + 1)) + 1 for every
        feature that it has."""
        ends = np.concatenate([[0], np.cumsum(hashed.sizes)])
        rarity = np.log((self.rows + 1) / (self.counts + 1.0)).astype(np.float32) + np.float32(1)
        weights = rarity[hashed.features]
        squares = np.concatenate([[0], np.cumsum(weights.astype(np.float64) ** 2)])
        norms = np.sqrt(np.maximum(squares[ends[1:]] - squares[ends[:-1]], 1e-12))
        weights /= np.repeat(norms, hashed.sizes).astype(np.float32)
        return sparse.csr_matrix((weights, hashed.features, ends), shape=(len(hashed), SIZE))
