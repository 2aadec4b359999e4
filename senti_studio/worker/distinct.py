"""Counts how many of many numbers are different, in memory that does not grow with them."""

from __future__ import annotations

import tempfile
import weakref
from array import array
from collections.abc import Iterable
from typing import IO

import numpy as np
from numpy.typing import NDArray

_HELD = 1 << 18
_BUCKETS = 64
_FIRST_OF = np.array([2**64 // _BUCKETS * bucket - 2**63 for bucket in range(_BUCKETS)], dtype=np.int64)


class Distinct:
    """Takes 64-bit numbers. What is more than `_HELD` of them waits in a temporary file, in pieces sorted by
    their first bits; where that cannot be written, in memory."""

    def __init__(self) -> None:
        self.total = 0
        self._held = array("q")
        self._file: IO[bytes] | None = None
        self._can_spill = True
        self._pieces: list[list[tuple[int, int]]] = [[] for _ in range(_BUCKETS)]

    def add(self, numbers: Iterable[int]) -> None:
        before = len(self._held)
        self._held.extend(numbers)
        self.total += len(self._held) - before
        if len(self._held) >= _HELD and self._can_spill:
            self._spill()

    def count(self) -> int:
        """How many different numbers there were; more may be added afterwards."""
        held = _sorted(self._held)
        ends = _ends(held)
        found = 0
        for bucket, pieces in enumerate(self._pieces):
            parts = [held[ends[bucket] : ends[bucket + 1]], *map(self._read, pieces)]
            found += _different(np.sort(np.concatenate(parts)) if pieces else parts[0])
        return found

    def _spill(self) -> None:
        held = _sorted(self._held)
        ends = _ends(held)
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="senti-")  # noqa: SIM115 - lives as long as this
                weakref.finalize(self, self._file.close)
            start = self._file.seek(0, 2)
            self._file.write(held.tobytes())
            self._file.flush()
        except OSError:
            # No room for it: memory is the only other place.
            self._can_spill = False
            return
        for bucket, pieces in enumerate(self._pieces):
            if ends[bucket] < ends[bucket + 1]:
                pieces.append((start + 8 * ends[bucket], ends[bucket + 1] - ends[bucket]))
        self._held = array("q")

    def _read(self, piece: tuple[int, int]) -> NDArray[np.int64]:
        start, count = piece
        assert self._file is not None
        self._file.seek(start)
        return np.frombuffer(self._file.read(8 * count), np.int64)


def _sorted(numbers: array[int]) -> NDArray[np.int64]:
    """A sorted copy."""
    found = np.array(numbers, dtype=np.int64)
    found.sort()
    return found


def _ends(numbers: NDArray[np.int64]) -> list[int]:
    """Where each bucket begins, and the end of the last."""
    return [*np.searchsorted(numbers, _FIRST_OF).tolist(), len(numbers)]


def _different(numbers: NDArray[np.int64]) -> int:
    """Different ones among sorted numbers."""
    return int(np.count_nonzero(numbers[1:] != numbers[:-1])) + 1 if len(numbers) else 0
