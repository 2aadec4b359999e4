"""The features of all comments of a project on disk: hashed once, read through memory maps."""

from __future__ import annotations

import contextlib
import json
import shutil
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from senti_studio.learning.assistant.features import BITS, LONGEST, MOST_CHARACTERS, SIZE, Hashed, Weighting

FORMAT = 1
MOST_COMMENTS = 1_000_000
"""Of more comments the first ones are kept; the window says how many are ranked."""
_HEADER = "header.json"
_LOW_BITS = 16
_BLOCKS = SIZE >> _LOW_BITS
_FILES: Mapping[str, tuple[type[np.generic], int]] = {
    "ids": (np.int64, 1),
    "sources": (np.int32, 1),
    "sizes": (np.uint16, _BLOCKS),
    "features": (np.uint16, 1),
}
"""Name -> type and values a row. A feature is kept as its lower 16 bits; ``sizes`` counts, for each value of
the upper bits, how many a comment has: two bytes for a feature instead of four."""


class FeatureCache:
    """Rows are comments, in the order in which they were added; nothing is ever taken out.

    A header says what belongs to the cache, so that a process may be killed at any time: what stands behind
    that in the files is cut off. A cache that is damaged, of another project or made by other rules is thrown
    away.
    """

    def __init__(self, folder: Path, owner: str) -> None:
        """Opens the cache of the project ``owner`` in ``folder``, or starts an empty one."""
        self._folder = folder
        self._owner = owner
        self._next: dict[int, int] = {}
        self._rows = self._entries = 0
        self._counts = np.zeros(SIZE, dtype=np.int32)
        self._fresh: list[tuple[list[int], int, Hashed]] = []
        self.was_rebuilt = False
        folder.mkdir(parents=True, exist_ok=True)
        if not self._take_over():
            self._start_anew()
        self._map()

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def rows(self) -> int:
        """How many comments are kept."""
        return self._rows

    @property
    def waiting(self) -> int:
        """How many more were added and not written yet."""
        return sum(len(ids) for ids, _, _ in self._fresh)

    @property
    def ids(self) -> npt.NDArray[np.int64]:
        """The comment of each row."""
        return self._ids

    @property
    def sources(self) -> npt.NDArray[np.int32]:
        """The source of each row."""
        return self._sources

    @property
    def weighting(self) -> Weighting:
        """How rare each feature is among all comments that were ever kept."""
        return Weighting(self._counts.copy(), self._rows)

    def next_id(self, first: int) -> int:
        """Where to go on in the stretch of comments that begins with ``first``."""
        return self._next.get(first, first)

    def add(self, first: int, next_id: int, ids: Sequence[int], source: int, hashed: Hashed) -> None:
        """More comments of the stretch that begins with ``first``; it is known up to before ``next_id``.

        They are there after `write`.
        """
        self._fresh.append((list(ids), source, hashed))
        self._next[first] = next_id

    def write(self) -> None:
        """Writes what was added: the data first, then the header that makes it count.

        Raises OSError (a full disk); the cache is as it was before what could not be written then, and that
        is to be added again.
        """
        fresh, self._fresh = self._fresh, []
        try:
            self._write(fresh)
        except OSError:
            self.close()
            if not self._take_over():
                self._start_anew()
            self._map()
            raise
        self._map()

    def _write(self, fresh: list[tuple[list[int], int, Hashed]]) -> None:
        if fresh:
            parts = {name: [] for name in _FILES}  # type: dict[str, list[npt.NDArray[Any]]]
            for ids, source, hashed in fresh:
                parts["ids"].append(np.array(ids, dtype=np.int64))
                parts["sources"].append(np.full(len(ids), source, dtype=np.int32))
                parts["sizes"].append(_block_sizes(hashed))
                parts["features"].append((hashed.features & 0xFFFF).astype(np.uint16))
                self._counts += np.bincount(hashed.features, minlength=SIZE).astype(np.int32)
                self._rows += len(ids)
                self._entries += len(hashed.features)
            for name, arrays in parts.items():
                with self._path(name).open("ab") as file:
                    for each in arrays:
                        file.write(each.tobytes())
        self._write_header()

    def read(self, rows: npt.NDArray[np.int64]) -> Hashed:
        """The features of some rows, in their order."""
        starts, sizes = self._starts[rows], self._starts[rows + 1] - self._starts[rows]
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if len(ends) else 0
        if len(rows) and rows[-1] - rows[0] + 1 == len(rows) and bool(np.all(np.diff(rows) == 1)):
            low = np.asarray(self._features[starts[0] : starts[0] + total])
        else:
            places = np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - sizes), sizes)
            low = self._features[places]
        block = np.tile(np.arange(_BLOCKS, dtype=np.int32) << _LOW_BITS, len(rows))
        high = np.repeat(block, np.asarray(self._sizes[rows]).ravel())
        return Hashed(low.astype(np.int32) | high, sizes)

    # ---- files ---------------------------------------------------------------------------------------------

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.bin"

    def _lengths(self) -> dict[str, int]:
        """How many bytes of each file belong to the cache."""
        counts = {"features": self._entries}
        return {
            name: counts.get(name, self._rows) * np.dtype(kind).itemsize * width
            for name, (kind, width) in _FILES.items()
        }

    def _take_over(self) -> bool:
        try:
            values = json.loads((self._folder / _HEADER).read_bytes())
            body = json.loads(values["body"])
            if values["check"] != zlib.crc32(values["body"].encode()) or body["made"] != self._made():
                return False
            self._rows, self._entries = int(body["rows"]), int(body["entries"])
            self._next = {int(first): int(following) for first, following in body["next"]}
            for name, length in self._lengths().items():
                size = self._path(name).stat().st_size
                if size < length:
                    return False
                if size > length:
                    with self._path(name).open("r+b") as file:
                        file.truncate(length)
            self._map()
            self._counts = np.zeros(SIZE, dtype=np.int32)
            return self._count()
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return False

    def _count(self) -> bool:
        """Counts the features anew, which also looks at every byte of them once."""
        if len(self._starts) and int(self._starts[-1]) != self._entries:
            return False
        for start in range(0, self._rows, 50_000):
            rows = np.arange(start, min(start + 50_000, self._rows))
            self._counts += np.bincount(self.read(rows).features, minlength=SIZE).astype(np.int32)
        return True

    def _start_anew(self) -> None:
        self.was_rebuilt = (self._folder / _HEADER).exists()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._rows = self._entries = 0
        self._next = {}
        self._counts = np.zeros(SIZE, dtype=np.int32)
        for name in _FILES:
            self._path(name).write_bytes(b"")
        self._write_header()

    def _made(self) -> list[Any]:
        return [FORMAT, self._owner, BITS, LONGEST, MOST_CHARACTERS]

    def _write_header(self) -> None:
        body = json.dumps(
            {
                "made": self._made(),
                "rows": self._rows,
                "entries": self._entries,
                "next": sorted(self._next.items()),
            }
        )
        temporary = self._folder / (_HEADER + ".tmp")
        temporary.write_text(json.dumps({"body": body, "check": zlib.crc32(body.encode())}), encoding="utf-8")
        temporary.replace(self._folder / _HEADER)

    def _map(self) -> None:
        def mapped(name: str) -> npt.NDArray[Any]:
            kind, width = _FILES[name]
            shape = (
                (self._entries,)
                if name == "features"
                else (self._rows, width)
                if width > 1
                else (self._rows,)
            )
            if not shape[0]:
                return np.zeros(shape, dtype=kind)
            return np.memmap(self._path(name), dtype=kind, mode="r", shape=shape)

        self._features, self._sizes = mapped("features"), mapped("sizes")
        self._ids, self._sources = np.array(mapped("ids")), np.array(mapped("sources"))
        sizes = np.asarray(self._sizes).sum(axis=1, dtype=np.int64)
        self._starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])

    def close(self) -> None:
        """Lets go of the files; the cache must not be used any more."""
        self._features = self._sizes = np.zeros(0, dtype=np.uint16)


def _block_sizes(hashed: Hashed) -> npt.NDArray[np.uint16]:
    row = np.repeat(np.arange(len(hashed), dtype=np.int64), hashed.sizes)
    block = row * _BLOCKS + (hashed.features >> _LOW_BITS)
    counted = np.bincount(block, minlength=len(hashed) * _BLOCKS)
    return counted.astype(np.uint16).reshape(len(hashed), _BLOCKS)


def forget(folder: Path) -> None:
    """Removes a cache; one that cannot be removed is rebuilt when it is opened."""
    with contextlib.suppress(OSError):
        (folder / _HEADER).unlink()
    shutil.rmtree(folder, ignore_errors=True)
