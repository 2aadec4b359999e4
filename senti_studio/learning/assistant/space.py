"""The topic space of a project: what occurs together in its comments, labelled or not (latent semantic
analysis).

Comments that say much the same in other words lie near each other in it. That is what lets a handful of
labels say something of words that no labelled comment has, and what tells unlike comments apart.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from senti_studio.learning.assistant.features import SIZE, Floats

DIMENSIONS = 128
FIT_ROWS = 10_000
"""So many comments, drawn at random, are enough to find the space."""
FEWEST_ROWS = 30
_FEWEST_COMMENTS = 3
_SPARE = 16
_ROUNDS = 2
_ENTRIES_AT_ONCE = 50_000
_SEED = 20_261_129


@dataclass(frozen=True, slots=True)
class Space:
    """``axes`` (`SIZE`, dimensions): a comment's n-grams times these are its place; ``rows``: how many
    comments the space was found from."""

    axes: Floats
    rows: int

    @classmethod
    def none(cls) -> Space:
        """The space before there is one: no dimensions."""
        return cls(np.zeros((SIZE, 0), dtype=np.float32), 0)

    @property
    def dimensions(self) -> int:
        return int(self.axes.shape[1])

    def places(self, grams: sparse.csr_matrix) -> Floats:
        """(rows, dimensions), each of length 1, or 0 where nothing is known of a comment."""
        found = np.asarray(grams @ self.axes, dtype=np.float32)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        scaled: Floats = found / np.maximum(lengths, 1e-6)
        return scaled

    def save(self, path: Path) -> None:
        """Writes the space beside `path` and moves it in place. Raises OSError."""
        used = np.flatnonzero(self.axes.any(axis=1))
        axes = self.axes[used].astype(np.float16)
        temporary = path.with_suffix(".tmp")
        with temporary.open("wb") as file:
            np.savez(file, used=used, axes=axes, rows=self.rows, check=zlib.crc32(axes.tobytes()))
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> Space | None:
        """None when there is none, or a damaged one."""
        try:
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                axes = file["axes"]
                if int(file["check"]) != zlib.crc32(axes.tobytes()):
                    return None
                whole = np.zeros((SIZE, axes.shape[1]), dtype=np.float32)
                whole[file["used"]] = axes
                return cls(whole, int(file["rows"]))
        except (OSError, ValueError, LookupError, EOFError, zlib.error, zipfile.BadZipFile):
            return None


def find_space(
    grams: sparse.csr_matrix, *, dimensions: int = DIMENSIONS
) -> Generator[Space | None, None, None]:
    """Works out the space of some comments (rows, `SIZE`), a few milliseconds at a time: None as long as
    there is more to do, the space last.

    Randomised singular value decomposition (Halko, Martinsson, Tropp 2011).
    """
    counts = np.bincount(grams.indices, minlength=SIZE)
    used = np.flatnonzero(counts >= min(_FEWEST_COMMENTS, max(1, grams.shape[0] // 10)))
    if not len(used):
        yield Space.none()
        return
    narrow = grams[:, used].astype(np.float32)
    yield None
    turned = narrow.T.tocsr()
    yield None
    wanted = min(dimensions, max(1, min(narrow.shape) // 3))
    chance = np.random.default_rng(_SEED)
    axes = chance.standard_normal((len(used), wanted + _SPARE), dtype=np.float32)
    for _ in range(_ROUNDS + 1):
        rows = yield from _product(narrow, axes)
        rows = _straightened(rows)
        axes = yield from _product(turned, rows)
    values, mixes = np.linalg.eigh(axes.T.astype(np.float64) @ axes)
    order = np.argsort(values)[::-1][:wanted]
    order = order[values[order] > 1e-9]
    scaled = mixes[:, order] / np.sqrt(values[order])
    whole = np.zeros((SIZE, len(order)), dtype=np.float32)
    whole[used] = axes @ scaled.astype(np.float32)
    yield Space(whole, int(grams.shape[0]))


def _product(left: sparse.csr_matrix, right: Floats) -> Generator[None, None, Floats]:
    found = np.empty((left.shape[0], right.shape[1]), dtype=np.float32)
    step = max(1, left.shape[0] * _ENTRIES_AT_ONCE // max(1, left.nnz))
    for start in range(0, left.shape[0], step):
        found[start : start + step] = left[start : start + step] @ right
        yield None
    return found


def _straightened(vectors: Floats) -> npt.NDArray[np.float32]:
    """The same span by vectors that are at right angles and of length 1."""
    values, mixes = np.linalg.eigh(vectors.T.astype(np.float64) @ vectors)
    kept = values > values[-1] * 1e-10
    found: Floats = vectors @ (mixes[:, kept] / np.sqrt(values[kept])).astype(np.float32)
    return found
