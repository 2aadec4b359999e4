"""Groups of near-copies: texts whose sets of three-character sequences overlap by four fifths or more.

MinHash signatures cut into bands find candidates (Broder 1997; Leskovec, Rajaraman, Ullman, "Mining of
Massive Datasets", ch. 3); each candidate is then compared exactly. Everything is arrays: there is no Python
per pair. Sequences and band keys lie in two scratch files, so that memory stays small whatever the corpus.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIMILARITY = 0.8
"""Smallest Jaccard index of two near-copies."""

LONGEST = 20_000
"""Characters of a text that are looked at."""

_LENGTH = 3
_BANDS, _ROWS = 14, 5
"""Finds a pair at the limit with probability 1 - (1 - 0.8 ** 5) ** 14 = 0.996."""
_NEIGHBOURS = 8
_CHUNK_CHARACTERS = 200_000
_PAIR_SEQUENCES = 4_000_000
_PAIRS = 100_000
_AGREEMENT = 42
"""Of 70 smallest hashes: pairs at the limit agree in 56 +- 3.3, so this loses one in ten thousand of them."""
_MIX = np.uint64(0x9E3779B97F4A7C15)

_IS_SPACE = np.zeros(0x3001, dtype=bool)
_IS_SPACE[[code for code in range(1, 0x3001) if chr(code).isspace()]] = True

Array = NDArray[Any]
Progress = Callable[[float], None]
"""Called with the share that is done, 0 to 1."""


def _ignore(_: float) -> None:
    return


class NearDuplicates:
    """Takes texts in, numbered from 0 in their order; `groups` then tells which of them belong together.

    ``folder`` takes the scratch files, which are gone after `close` (or the end of a ``with``).
    """

    def __init__(self, folder: Path, *, seed: int = 20_260_722) -> None:
        names = ("sequences", "bands", "signatures")
        self._paths = [folder / f"near-{name}.tmp" for name in names]
        self._files = [path.open("wb") for path in self._paths]
        random = np.random.default_rng(seed)
        self._factors = random.integers(1, 2**32, _BANDS * _ROWS, dtype=np.uint32) | np.uint32(1)
        self._shifts = random.integers(0, 2**32, _BANDS * _ROWS, dtype=np.uint32)
        self._salts = random.integers(1, 2**63, _ROWS, dtype=np.uint64) | np.uint64(1)
        self._sizes: list[Array] = []
        self.count = 0

    def __enter__(self) -> NearDuplicates:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Removes the scratch files."""
        for file, path in zip(self._files, self._paths, strict=True):
            file.close()
            path.unlink(missing_ok=True)

    def add(self, texts: Sequence[str]) -> None:
        """Takes in the next texts."""
        start, size = 0, 0
        for place, text in enumerate(texts):
            size += min(len(text), LONGEST)
            if size >= _CHUNK_CHARACTERS:
                self._add(texts[start : place + 1])
                start, size = place + 1, 0
        if start < len(texts):
            self._add(texts[start:])

    def _add(self, texts: Sequence[str]) -> None:
        sequences, sizes = sequences_of(texts)
        self._files[0].write(sequences.tobytes())
        self._sizes.append(sizes.astype(np.int32))
        self.count += len(texts)
        keys = np.zeros((len(texts), _BANDS), dtype=np.uint64)
        signatures = np.zeros((len(texts), _BANDS * _ROWS), dtype=np.uint8)
        filled = sizes > 0
        if filled.any():
            starts = (np.cumsum(sizes) - sizes)[filled]
            keys[filled], signatures[filled] = self._bands(sequences, starts)
        self._files[1].write(keys.tobytes())
        self._files[2].write(signatures.tobytes())

    def _bands(self, sequences: Array, starts: Array) -> tuple[Array, Array]:
        """Keys of shape (texts, bands), equal where all the smallest hashes of a band are equal; and one byte
        of each of these hashes."""
        keys = np.zeros((len(starts), _BANDS), dtype=np.uint64)
        signatures = np.empty((len(starts), _BANDS * _ROWS), dtype=np.uint8)
        hashed = np.empty_like(sequences)
        for number, (factor, shift) in enumerate(zip(self._factors, self._shifts, strict=True)):
            np.multiply(sequences, factor, out=hashed)
            np.add(hashed, shift, out=hashed)
            # The order of the products must depend on all of their bits.
            np.bitwise_xor(hashed, hashed >> np.uint32(15), out=hashed)
            np.multiply(hashed, factor, out=hashed)
            smallest = np.minimum.reduceat(hashed, starts).astype(np.uint64)
            signatures[:, number] = smallest  # the lowest byte
            band, row = divmod(number, _ROWS)
            keys[:, band] = (keys[:, band] ^ smallest) * self._salts[row] + (smallest << np.uint64(17))
        return keys, signatures

    def groups(
        self, *, progress: Progress = _ignore, should_stop: Callable[[], bool] = lambda: False
    ) -> Array | None:
        """For each text the number of the first of its near-copies (its own where it has none).

        Near-copies of near-copies are in one group. None when ``should_stop`` said so.
        """
        for file in self._files:
            file.flush()
        first = np.arange(self.count, dtype=np.int64)
        sizes = np.concatenate([*self._sizes, np.zeros(0, np.int32)]).astype(np.int64)
        if not sizes.any():
            return first
        sequences = np.memmap(self._paths[0], dtype=np.uint32, mode="r")
        bands = np.memmap(self._paths[1], dtype=np.uint64, mode="r").reshape(self.count, _BANDS)
        signatures = np.memmap(self._paths[2], dtype=np.uint8, mode="r").reshape(self.count, _BANDS * _ROWS)
        compare = _Comparison(sequences, sizes, signatures)
        filled = np.flatnonzero(sizes)
        for band in range(_BANDS):
            keys = bands[filled, band]
            order = np.argsort(keys, kind="stable")
            keys, members = keys[order], filled[order]
            for distance in range(1, _NEIGHBOURS + 1):
                if should_stop():
                    return None
                at = np.flatnonzero(keys[distance:] == keys[:-distance])
                if not len(at):
                    break
                left, right = members[at], members[at + distance]
                apart = first[left] != first[right]
                left, right = compare.likely(left[apart], right[apart])
                same = compare(left, right, should_stop)
                if same is None:
                    return None
                _join(first, left[same], right[same])
            progress((band + 1) / _BANDS)
        del sequences, bands, signatures, compare
        return first


class _Comparison:
    """The exact Jaccard index of pairs of texts."""

    def __init__(self, sequences: Array, sizes: Array, signatures: Array) -> None:
        self._sequences = sequences
        self._signatures = signatures
        self._sizes = sizes
        self._starts = np.cumsum(sizes) - sizes

    def likely(self, left: Array, right: Array) -> tuple[Array, Array]:
        """The pairs whose sizes and signatures allow it."""
        a, b = self._sizes[left], self._sizes[right]
        allowed = np.minimum(a, b) >= SIMILARITY * np.maximum(a, b)
        left, right = left[allowed], right[allowed]
        agree = np.zeros(len(left), dtype=bool)
        for start in range(0, len(left), _PAIRS):
            part = slice(start, start + _PAIRS)
            equal = self._signatures[left[part]] == self._signatures[right[part]]
            agree[part] = np.count_nonzero(equal, axis=1) >= _AGREEMENT
        return left[agree], right[agree]

    def __call__(self, left: Array, right: Array, should_stop: Callable[[], bool]) -> Array | None:
        same = np.zeros(len(left), dtype=bool)
        weights = np.cumsum(self._sizes[left] + self._sizes[right])
        start = 0
        while start < len(left):
            if should_stop():
                return None
            done = weights[start - 1] if start else 0
            end = max(start + 1, int(np.searchsorted(weights, done + _PAIR_SEQUENCES)))
            same[start:end] = self._similar(left[start:end], right[start:end])
            start = end
        return same

    def _similar(self, left: Array, right: Array) -> Array:
        a, b = self._keyed(left), self._keyed(right)
        both = np.concatenate([a, b])
        both.sort(kind="stable")  # two sorted runs: merged in one pass
        shared = both[1:][both[1:] == both[:-1]] >> np.uint64(32)
        common = np.bincount(shared.astype(np.int64), minlength=len(left))
        union = self._sizes[left] + self._sizes[right] - common
        found: Array = common >= SIMILARITY * union
        return found

    def _keyed(self, texts: Array) -> Array:
        """The sequences of these texts, each with the place of its pair in the upper half."""
        sizes = self._sizes[texts]
        pairs = np.repeat(np.arange(len(texts), dtype=np.uint64), sizes)
        within = np.arange(int(sizes.sum()), dtype=np.int64) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        places = np.repeat(self._starts[texts], sizes) + within
        found: Array = (pairs << np.uint64(32)) | self._sequences[places].astype(np.uint64)
        return found


def sequences_of(texts: Sequence[str]) -> tuple[Array, Array]:
    """The set of hashed three-character sequences of each text, sorted, one set after the other, and their
    sizes.

    Width, case and white space make no difference; a text of one or two characters is one sequence, an empty
    one has none.
    """
    joined = "".join(text[:LONGEST].replace("\0", " ") + "\0" for text in texts)
    plain = unicodedata.normalize("NFKC", joined).lower()
    points = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    points = points[~_IS_SPACE[np.minimum(points, len(_IS_SPACE) - 1)] | (points >= len(_IS_SPACE))]
    ends = np.flatnonzero(points == 0)
    lengths = np.diff(ends, prepend=-1) - 1
    wide = points.astype(np.uint64)
    codes = wide.copy()
    codes[:-1] |= wide[1:] << np.uint64(21)
    codes[:-2] |= wide[2:] << np.uint64(42)
    # A sequence begins at every character that has two more after it in its text, else only at the first.
    begins = np.ones(len(points), dtype=bool)
    for before in range(_LENGTH):
        begins[np.maximum(ends - before, 0)] = False
    begins[0] = False
    short = np.flatnonzero((lengths > 0) & (lengths < _LENGTH))
    firsts = ends - lengths
    begins[firsts[lengths > 0]] = True
    codes[firsts[short]] = _codes_of_short(wide, firsts[short], lengths[short])
    owner = np.repeat(np.arange(len(texts), dtype=np.uint64) << np.uint64(32), lengths + 1)[begins]
    chosen = codes[begins]
    keyed = owner | (((chosen ^ (chosen >> np.uint64(29))) * _MIX) >> np.uint64(32))
    keyed.sort()
    keyed = keyed[np.concatenate([[True], keyed[1:] != keyed[:-1]])] if len(keyed) else keyed
    sizes = np.bincount((keyed >> np.uint64(32)).astype(np.int64), minlength=len(texts))
    return (keyed & np.uint64(0xFFFFFFFF)).astype(np.uint32), sizes


def _codes_of_short(points: Array, at: Array, lengths: Array) -> Array:
    second = np.where(lengths > 1, points[at + 1], np.uint64(0))
    found: Array = points[at] | (second << np.uint64(21))
    return found


def _join(first: Array, left: Array, right: Array) -> None:
    """Unites the groups of these pairs; ``first`` always leads straight to the smallest number of a group."""
    while len(left):
        a, b = first[left], first[right]
        apart = a != b
        if not apart.any():
            return
        left, right, a, b = left[apart], right[apart], a[apart], b[apart]
        np.minimum.at(first, np.maximum(a, b), np.minimum(a, b))
        while True:
            further = first[first]
            if np.array_equal(further, first):
                break
            first[:] = further
