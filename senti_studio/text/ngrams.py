"""Weighted character n-grams of many texts at once, in numpy: no Python per text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

LONGEST = 3
"""n-grams of one to three characters; three code points of 21 bits fit exactly into one 64-bit key."""
MOST_NGRAMS = 200_000
MOST_COUNTED = 2**53
"""Comments that a count may be about."""
_BITS = 21
_CHUNK = 20_000


def _pairs(texts: Sequence[str], most_characters: int) -> tuple[Ints, Ints]:
    """(row, key) of every n-gram in every text, in no useful order."""
    cut = [text[:most_characters] for text in texts]
    points = np.frombuffer("".join(cut).encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.int64)
    row = np.repeat(np.arange(len(cut)), [len(text) for text in cut])
    rows, keys = [row], [points.copy()]
    key = points
    for length in range(2, LONGEST + 1):
        inside = row[length - 1 :] == row[: len(row) - length + 1]
        key = (key[: len(points) - length + 1] << _BITS) | points[length - 1 :]
        rows.append(row[: len(row) - length + 1][inside])
        keys.append(key[inside])
    return np.concatenate(rows), np.concatenate(keys)


def _counted(texts: Sequence[str], most_characters: int) -> tuple[Ints, Ints, Ints]:
    """(row, key, count) of every distinct n-gram of every text, by row."""
    row, key = _pairs(texts, most_characters)
    # Numbers of two bytes are sorted by counting, which is faster.
    order = np.lexsort((key, row.astype(np.min_scalar_type(len(texts)))))
    row, key = row[order], key[order]
    if not len(row):
        return row, key, row
    first = np.flatnonzero(np.concatenate(([True], (row[1:] != row[:-1]) | (key[1:] != key[:-1]))))
    return row[first], key[first], np.diff(np.append(first, len(row)))


def _spell(key: int) -> str:
    mask = (1 << _BITS) - 1
    points = [(key >> shift) & mask for shift in range(_BITS * (LONGEST - 1), -1, -_BITS)]
    return "".join(chr(point) for point in points if point)


def _key(ngram: str) -> int:
    value = 0
    for character in ngram:
        value = value << _BITS | ord(character)
    return value


@dataclass(frozen=True, slots=True)
class WeightedRows:
    """Rows of (feature id, weight), stored end to end: row *i* is ``[offsets[i]:offsets[i + 1]]``."""

    ids: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]
    offsets: Ints


@dataclass(frozen=True, slots=True)
class Ngrams:
    """The n-grams that a model weighs: sorted ``keys``, and how many training texts hold each."""

    keys: Ints
    counts: Ints
    rows: int
    most_characters: int

    @classmethod
    def build(cls, texts: Sequence[str], *, min_rows: int, most_characters: int) -> Ngrams:
        """Learns from normalised texts which n-grams occur in at least ``min_rows`` of them."""
        keys = np.zeros(0, dtype=np.int64)
        counts = np.zeros(0, dtype=np.int64)
        for start in range(0, len(texts), _CHUNK):
            _, key, _ = _counted(texts[start : start + _CHUNK], most_characters)
            new, times = np.unique(key, return_counts=True)
            keys, where = np.unique(np.concatenate((keys, new)), return_inverse=True)
            sums = np.bincount(where, weights=np.concatenate((counts, times)), minlength=len(keys))
            counts = sums.astype(np.int64)
        kept = np.flatnonzero(counts >= min_rows)
        if len(kept) > MOST_NGRAMS:
            order = np.lexsort((keys[kept], -counts[kept]))
            kept = np.sort(kept[order[:MOST_NGRAMS]])
        return cls(keys[kept], counts[kept], len(texts), most_characters)

    def extended(self, other: Ngrams, *, most: int = MOST_NGRAMS) -> Ngrams:
        """With those of ``other``, the most frequent ones first, as far as there is room: as if both had been
        learnt from one set of texts."""
        new = np.flatnonzero(~np.isin(other.keys, self.keys))
        room = max(0, most - len(self.keys))
        if len(new) > room:
            new = new[np.lexsort((other.keys[new], -other.counts[new]))[:room]]
        keys = np.union1d(self.keys, other.keys[new])
        counts = np.zeros(len(keys), dtype=np.int64)
        counts[np.searchsorted(keys, self.keys)] = self.counts
        shared = np.flatnonzero(np.isin(other.keys, keys))
        counts[np.searchsorted(keys, other.keys[shared])] += other.counts[shared]
        return Ngrams(keys, counts, self.rows + other.rows, self.most_characters)

    def __len__(self) -> int:
        """Number of feature ids, padding (0) included."""
        return len(self.keys) + 1

    def weigh(self, texts: Sequence[str]) -> WeightedRows:
        """TF-IDF of normalised texts: (1 + ln count) · (1 + ln((rows + 1) / (count + 1))), norm 1."""
        parts = list(self._weighed(texts))
        offsets = np.zeros(len(texts) + 1, dtype=np.int64)
        if parts:
            np.cumsum(np.concatenate([sizes for _, _, sizes in parts]), out=offsets[1:])
        return WeightedRows(
            np.concatenate([ids for ids, _, _ in parts]) if parts else np.zeros(0, dtype=np.int32),
            np.concatenate([weights for _, weights, _ in parts]) if parts else np.zeros(0, dtype=np.float32),
            offsets,
        )

    def _weighed(
        self, texts: Sequence[str]
    ) -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.float32], Ints]]:
        idf = np.log((self.rows + 1) / (self.counts + 1)) + 1
        for start in range(0, len(texts), _CHUNK):
            chunk = texts[start : start + _CHUNK]
            row, key, times = _counted(chunk, self.most_characters)
            place = np.searchsorted(self.keys, key)
            known = np.zeros(len(key), dtype=bool)
            inside = place < len(self.keys)
            known[inside] = self.keys[place[inside]] == key[inside]
            row, place, times = row[known], place[known], times[known]
            weight = (1 + np.log(times)) * idf[place]
            norm = np.sqrt(np.bincount(row, weights=weight**2, minlength=len(chunk)))
            sizes = np.bincount(row, minlength=len(chunk))
            yield (place + 1).astype(np.int32), (weight / norm[row]).astype(np.float32), sizes

    def places(self, text: str) -> tuple[Ints, Ints, Ints]:
        """Every place of a known n-gram in a normalised text: its id, where it starts and where it ends."""
        points = np.frombuffer(text[: self.most_characters].encode("utf-32-le", "replace"), dtype=np.uint32)
        ids, starts, ends = [], [], []
        key = np.zeros(len(points), dtype=np.int64)
        for length in range(1, LONGEST + 1):
            count = len(points) - length + 1
            if count <= 0 or not len(self.keys):
                break
            key = (key[:count] << _BITS) | points[length - 1 :]
            place = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
            start = np.flatnonzero(self.keys[place] == key)
            ids.append(place[start] + 1)
            starts.append(start)
            ends.append(start + length)
        if not ids:
            nothing = np.zeros(0, dtype=np.int64)
            return nothing, nothing, nothing
        return np.concatenate(ids), np.concatenate(starts), np.concatenate(ends)

    def to_json(self) -> dict[str, object]:
        """Readable JSON: the n-grams as texts, by key, with their counts."""
        return {
            "rows": self.rows,
            "most_characters": self.most_characters,
            "units": [_spell(key) for key in self.keys.tolist()],
            "counts": self.counts.tolist(),
        }

    @classmethod
    def from_json(cls, values: dict[str, object]) -> Ngrams:
        """Raises KeyError, TypeError or ValueError when the values are not from `to_json`."""
        units, counts = values["units"], values["counts"]
        if not isinstance(units, list) or not isinstance(counts, list) or len(units) != len(counts):
            raise ValueError("n-grams")
        if not all(isinstance(unit, str) and 1 <= len(unit) <= LONGEST for unit in units):
            raise ValueError(f"n-grams of one to {LONGEST} characters only")
        keys = np.array([_key(unit) for unit in units], dtype=np.int64)
        if np.any(keys[1:] <= keys[:-1]):
            raise ValueError("n-grams are not in order")
        rows, most = values["rows"], values["most_characters"]
        if not isinstance(rows, int) or not isinstance(most, int):
            raise TypeError("n-grams")
        if not all(isinstance(each, int) and not isinstance(each, bool) for each in counts):
            raise TypeError("n-grams: counts")
        if max((rows, most, *counts)) > MOST_COUNTED:
            raise ValueError("n-grams: counts")
        found = np.array(counts, dtype=np.int64)
        if most < 0 or rows < 0 or np.any(found < 0) or np.any(found > rows):
            raise ValueError("n-grams: counts")
        return cls(keys, found, rows, most)
