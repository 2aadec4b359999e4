"""What comments like a comment are labelled as: kernel ridge regression, which is asked of each comment as if
it had learnt neither from that one nor from its copies.

Two comments are alike by the n-grams that they share, and by how near they are in the topic space (a Gaussian
kernel). What a function says without some of its rows follows from the inverse of the matrix of likenesses
(Rifkin, Lippert 2007, "Notes on regularized least squares"); so one fit stands for as many as there are
comments. The matrix is worked on in place and in blocks: it is the one large thing that is held.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from senti_studio.learning.assistant.classifier import Interrupted, Rows
from senti_studio.learning.assistant.features import Counts, Floats

MOST = 10_000
"""Of more rows several functions are made, one after the other, each of its own part: a matrix of 400 MB."""
_BLOCK = 512
_MOST_COPIES = 100
"""Further copies of one text say nothing new; they are judged as the first one is."""
_OF_GRAMS = 0.5
_WIDTH = 2.0
_RIDGE = 0.5
_COMMON = 100
"""Features of more rows than this are multiplied as full columns, the others as the few numbers they are."""
_COLUMNS_AT_ONCE = 1_000
_SEED = 20_261_129

Scores = npt.NDArray[np.float64]
Blocks = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows in the order of their ``groups`` (one number for each row); no group is in two ``blocks``."""

    rows: Counts
    groups: Counts
    blocks: Blocks


class LeftOut:
    """``steps``: how often ``stepped`` will be called by `judged`, once after each piece of work."""

    def __init__(self, groups: Counts) -> None:
        _, first, place = np.unique(groups, return_index=True, return_inverse=True)
        order = np.argsort(place, kind="stable")
        starts = np.flatnonzero(np.diff(place[order], prepend=-1))
        rank = np.empty(len(groups), dtype=np.int64)
        rank[order] = np.arange(len(groups)) - np.repeat(starts, np.diff(starts, append=len(groups)))
        learnt = np.flatnonzero(rank < _MOST_COPIES)
        self._others = np.flatnonzero(rank >= _MOST_COPIES)
        self._leaders = first[place[self._others]]
        self._size = len(groups)
        count = -(-len(learnt) // MOST)
        part_of = np.random.default_rng(_SEED).permutation(len(first)) % max(1, count)
        self._parts = [
            _part(rows, place) for each in range(count) if len(rows := learnt[part_of[place[learnt]] == each])
        ]
        self.steps = 3 * sum(len(part.blocks) for part in self._parts)

    def judged(
        self,
        rows: Rows,
        classes: Counts,
        count: int,
        *,
        stepped: Callable[[], None] = lambda: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Scores:
        """(rows, classes): how much speaks for each class. Raises `Interrupted`."""

        def step() -> None:
            stepped()
            _look(should_stop)

        found = np.zeros((self._size, count))
        for part in self._parts:
            wanted = np.eye(count, dtype=np.float32)[classes[part.rows]]
            middle = wanted.mean(axis=0)
            alike = _likeness(rows.only(part.rows), part.blocks, step, should_stop)
            inverses = _factored(alike, part.blocks, step)
            missed = _missed(alike, inverses, part, wanted - middle, step)
            found[part.rows] = wanted - missed
        found[self._others] = found[self._leaders]
        return found


def _look(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Interrupted


def _part(rows: Counts, place: Counts) -> _Part:
    rows = rows[np.argsort(place[rows], kind="stable")]
    groups = place[rows]
    ends = np.append(np.flatnonzero(np.diff(groups)) + 1, len(rows))
    borders = [0]
    while borders[-1] < len(rows):
        borders.append(int(ends[np.searchsorted(ends, borders[-1] + _BLOCK, side="right") - 1]))
    return _Part(rows, groups, tuple(pairwise(borders)))


def _likeness(
    rows: Rows, blocks: Blocks, step: Callable[[], None], should_stop: Callable[[], bool]
) -> Floats:
    """(rows, rows), of which only what lies on and below the diagonal counts; the ridge is on it."""
    found = np.zeros((len(rows), len(rows)), dtype=np.float32)
    grams = rows.grams.tocsc()
    counts = np.diff(grams.indptr)
    common = np.flatnonzero(counts > _COMMON)
    for start in range(0, len(common), _COLUMNS_AT_ONCE):
        columns = grams[:, common[start : start + _COLUMNS_AT_ONCE]].toarray()
        for top, end in blocks:
            found[top:end, :end] += columns[top:end] @ columns[:end].T
        _look(should_stop)
    rare = sparse.csr_matrix(grams[:, np.flatnonzero((counts > 1) & (counts <= _COMMON))])
    turned = rare.T.tocsr()
    for top, end in blocks:
        part = found[top:end, :end]
        part += (rare[top:end] @ turned).toarray()[:, :end]
        if rows.places.shape[1]:
            part *= _OF_GRAMS
            part += (1 - _OF_GRAMS) * _nearness(rows.places[top:end], rows.places[:end])
        step()
    # Features that no other row has were left out above: they count for how alike a row is to itself.
    own = np.asarray(grams.multiply(grams).sum(axis=1), dtype=np.float32).ravel()
    found[np.diag_indices_from(found)] = own + _RIDGE
    if rows.places.shape[1]:
        found[np.diag_indices_from(found)] = _OF_GRAMS * own + (1 - _OF_GRAMS) + _RIDGE
    return found


def _nearness(left: Floats, right: Floats) -> Floats:
    """Of places of length 1 (or 0): exp(-width · distance²)."""
    squares = (left * left).sum(axis=1)[:, None] + (right * right).sum(axis=1)[None]
    found: Floats = np.exp(-_WIDTH * np.maximum(squares - 2 * (left @ right.T), 0))
    return found


def _factored(matrix: Floats, blocks: Blocks, step: Callable[[], None]) -> list[Floats]:
    """Puts the lower Cholesky factor in the place of ``matrix``; returns the inverse of each of its blocks on
    the diagonal."""
    inverses = []
    for number, (top, end) in enumerate(blocks):
        lower = np.linalg.cholesky(matrix[top:end, top:end].astype(np.float64))
        inverse = linalg.solve_triangular(lower, np.eye(end - top), lower=True).astype(np.float32)
        below = matrix[end:, top:end] @ inverse.T
        matrix[end:, top:end] = below
        for start, stop in blocks[number + 1 :]:
            matrix[start:stop, end:stop] -= below[start - end : stop - end] @ below[: stop - end].T
        inverses.append(inverse)
        step()
    return inverses


def _missed(
    lower: Floats, inverses: list[Floats], part: _Part, wanted: Floats, step: Callable[[], None]
) -> Scores:
    """By how much each row's classes are missed by the function that has not learnt from the row's group."""
    blocks = part.blocks
    ahead = np.empty_like(wanted)
    for (top, end), inverse in zip(blocks, inverses, strict=True):
        ahead[top:end] = inverse @ (wanted[top:end] - lower[top:end, :top] @ ahead[:top])
    found = np.zeros(wanted.shape)
    for number, (top, end) in enumerate(blocks):
        # These columns of the inverse of the factor give the inverse of the matrix for the rows of the block.
        columns = np.empty((len(wanted) - top, end - top), dtype=np.float32)
        columns[: end - top] = inverses[number]
        for (start, stop), inverse in list(zip(blocks, inverses, strict=True))[number + 1 :]:
            columns[start - top : stop - top] = -inverse @ (
                lower[start:stop, top:start] @ columns[: start - top]
            )
        inner = (columns.T @ columns).astype(np.float64)
        pull = (columns.T @ ahead[top:]).astype(np.float64)
        found[top:end] = _without_groups(inner, pull, part.groups[top:end])
        step()
    return found


def _without_groups(inner: Scores, pull: Scores, groups: Counts) -> Scores:
    found: Scores = pull / np.diag(inner)[:, None]
    borders = np.append(np.flatnonzero(np.diff(groups, prepend=-1)), len(groups))
    for place in np.flatnonzero(np.diff(borders) > 1).tolist():
        group = slice(borders[place], borders[place + 1])
        found[group] = linalg.solve(inner[group, group], pull[group], assume_a="pos")
    return found
