"""Linear models of sparse rows: logistic regression, a linear support vector machine, naive Bayes.

The first two are solved by Newton's method, whose steps are found by conjugate gradients, as liblinear's TRON
does (Lin, Weng and Keerthi 2008). The weights are the whole state: whoever has them goes on step for step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from senti_studio.text.ngrams import WeightedRows

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STRENGTH = {"logistic": 10.0, "svm": 0.5}
"""C: how far the model may follow single rows."""
SMOOTHING = 0.1
"""What naive Bayes adds to the weight of every n-gram in every class."""
_CLOSE_ENOUGH = 3e-4
"""Solved when the gradient is this small, compared with that of a model of nothing but zeros."""
_MOST_INNER = 60
_SHORTEST = 1e-4


@dataclass(frozen=True, slots=True)
class Rows:
    """Sparse ``grams`` (rows, features), both ways round, ``truth`` (rows,): class indices, and ``weights``
    (rows, 1): what each row counts for."""

    grams: sparse.csr_matrix
    turned: sparse.csr_matrix
    truth: Ints
    weights: Floats

    @classmethod
    def of(
        cls, rows: WeightedRows, features: int, truth: npt.ArrayLike, weights: npt.ArrayLike | None = None
    ) -> Rows:
        """``features`` counts the ids of the encoder, padding (0) included."""
        grams = matrix(rows, features)
        each = np.ones(grams.shape[0]) if weights is None else np.asarray(weights, dtype=np.float64)
        return cls(grams, sparse.csr_matrix(grams.T), np.asarray(truth, dtype=np.int64), each[:, None])


def matrix(rows: WeightedRows, features: int) -> sparse.csr_matrix:
    """(rows, features) with a column for each id but padding."""
    content = (rows.weights.astype(np.float64), rows.ids - 1, rows.offsets)
    return sparse.csr_matrix(content, shape=(len(rows.offsets) - 1, features - 1))


def scores(grams: sparse.csr_matrix, weights: Floats) -> Floats:
    """(rows, classes); the last row of ``weights`` (features + 1, classes) is added to every row."""
    found: Floats = grams @ weights[:-1] + weights[-1]
    return found


def softmax(found: Floats) -> Floats:
    """Shares (rows, classes) with the sum 1 from scores."""
    shares: Floats = np.exp(found - found.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def fitting_scale(found: Floats, truth: npt.ArrayLike) -> float:
    """What scores are multiplied by before the softmax, so that probabilities fit ``truth`` best.

    Platt scaling with one slope and no shift: it changes how sure a model is and never what it says. As few
    rows prove nothing, each order of magnitude away from 1 costs as much as one row.
    """
    labels = np.asarray(truth, dtype=np.int64)

    def cost(exponent: float) -> float:
        shares = softmax(found * math.exp(exponent))[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(shares, 1e-12)).sum()) + (exponent / math.log(10)) ** 2

    return round(math.exp(optimize.minimize_scalar(cost, bounds=(-4.0, 5.0), method="bounded").x), 6)


@dataclass(frozen=True, slots=True)
class _Point:
    """A place on the way: what it costs, and how fast that changes. ``curved`` gives the product of the
    Hessian of the rows' losses with a change of their scores, as factors for ``turned``."""

    value: float
    pull: Floats
    curved: Callable[[Floats], Floats]


def _logistic(found: Floats, truth: Ints, each: Floats, strength: float) -> _Point:
    """Two classes have half the penalty each, so that it is that of the usual form with one column."""
    factor = strength / 2 if found.shape[1] == 2 else strength
    shares = softmax(found)
    right = shares[np.arange(len(truth)), truth]
    pull = shares.copy()
    pull[np.arange(len(truth)), truth] -= 1

    def curved(change: Floats) -> Floats:
        weighed = shares * change
        product: Floats = factor * each * (weighed - shares * weighed.sum(axis=1, keepdims=True))
        return product

    value = -factor * float((np.log(np.maximum(right, 1e-300)) * each[:, 0]).sum())
    return _Point(value, factor * each * pull, curved)


def _hinge(found: Floats, truth: Ints, each: Floats, strength: float) -> _Point:
    """Squared hinge loss, each class against the rest."""
    side = np.full(found.shape, -1.0)
    side[np.arange(len(truth)), truth] = 1.0
    short = np.maximum(0.0, 1 - side * found)
    inside = (short > 0).astype(np.float64)
    return _Point(
        strength * float((each * short**2).sum()),
        -2 * strength * each * side * short,
        lambda d: 2 * strength * each * inside * d,
    )


_LOSSES = {"logistic": _logistic, "svm": _hinge}


class Solver:
    """A linear model on its way to the best weights: (features + 1, classes), the last row the bias."""

    def __init__(
        self,
        kind: str,
        rows: Rows,
        classes: int,
        weights: Floats | None = None,
        *,
        around: Floats | None = None,
    ) -> None:
        """``weights``: where to go on; ``around``: weights that cost nothing, instead of zeros: those of an
        earlier model, from which the rows have to pull."""
        self._kind, self._rows = kind, rows
        self._around = np.zeros((rows.grams.shape[1] + 1, classes)) if around is None else around
        self.weights = self._around.copy() if weights is None else weights
        self.is_done = False
        if kind in _LOSSES:
            first = self._gradient(self._around, self._point(self._scores(self._around)))
            self._first = float(np.linalg.norm(first))
            self._look()

    def step(self) -> Iterator[None]:
        """One step; yields on the way, so that others have their turn. `is_done` tells whether more would
        gain anything."""
        if self._kind == "bayes":
            self.weights = _bayes(self._rows, self.weights.shape[1])
            self.is_done = True
            return
        change = np.zeros_like(self.weights)
        for better in self._directions(min(0.5, math.sqrt(self._size / self._first))):
            change = better
            yield
        self._go(change)
        if not self.is_done:
            self._look()

    def _look(self) -> None:
        """Looks around from the weights of the moment; the same weights always see the same."""
        self._now = self._scores(self.weights)
        self._at = self._point(self._now)
        self._pull = self._gradient(self.weights, self._at)
        self._size = float(np.linalg.norm(self._pull))
        self.is_done = self._size <= _CLOSE_ENOUGH * self._first

    def _scores(self, weights: Floats) -> Floats:
        return scores(self._rows.grams, weights)

    def _point(self, found: Floats) -> _Point:
        return _LOSSES[self._kind](found, self._rows.truth, self._rows.weights, STRENGTH[self._kind])

    def _gradient(self, weights: Floats, point: _Point) -> Floats:
        penalised = weights - self._around
        penalised[-1] = 0
        return penalised + self._spread(point.pull)

    def _spread(self, pull: Floats) -> Floats:
        """(rows, classes) -> (features + 1, classes)"""
        return np.concatenate([self._rows.turned @ pull, pull.sum(axis=0, keepdims=True)])

    def _directions(self, close: float) -> Iterator[Floats]:
        """Conjugate gradients on Hessian · change = -gradient, to the given share of the gradient."""
        change, rest = np.zeros_like(self._pull), -self._pull
        ahead = rest
        left = float((rest * rest).sum())
        enough = close * close * left
        for _ in range(_MOST_INNER):
            curved = self._spread(self._at.curved(self._scores(ahead)))
            curved[:-1] += ahead[:-1]
            bend = float((ahead * curved).sum())
            if bend <= 0:
                break
            length = left / bend
            change = change + length * ahead
            yield change
            rest = rest - length * curved
            before, left = left, float((rest * rest).sum())
            if left <= enough:
                break
            ahead = rest + left / before * ahead

    def _go(self, change: Floats) -> None:
        """As far along ``change`` as it pays; nowhere when nothing can be gained any more."""
        ahead = self._scores(change)
        slope = float((self._pull * change).sum())
        value = self._at.value + self._penalty(self.weights)
        length = 1.0
        while length >= _SHORTEST:
            weights = self.weights + length * change
            reached = self._point(self._now + length * ahead).value + self._penalty(weights)
            if reached <= value + 1e-4 * length * slope:
                self.weights = weights
                return
            length /= 2
        self.is_done = True

    def _penalty(self, weights: Floats) -> float:
        return 0.5 * float(((weights - self._around)[:-1] ** 2).sum())


def _bayes(rows: Rows, classes: int) -> Floats:
    """Multinomial naive Bayes of the weighted n-grams, as weights of a linear model."""
    which = np.zeros((len(rows.truth), classes))
    which[np.arange(len(rows.truth)), rows.truth] = rows.weights[:, 0]
    held = rows.turned @ which + SMOOTHING
    prior = (which.sum(axis=0) + 1) / (len(rows.truth) + classes)
    found: Floats = np.concatenate([np.log(held / held.sum(axis=0)), np.log(prior)[None]])
    return found
