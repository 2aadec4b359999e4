"""Logistic regression over the n-grams of a comment and its place in the project's topic space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from senti_studio.learning.assistant.features import Counts, Floats

STRENGTH = 1.5
"""How far the model may follow its labels: C of a softmax, half of that of the two-class form."""
_MOST_STEPS = 60
_TOLERANCE = 5e-4


class Interrupted(Exception):  # noqa: N818 - no error: it was asked for
    """Learning was asked to stop."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Comments to learn from or to judge: ``grams`` (rows, features), and ``places`` (rows, dimensions),
    which has no columns as long as there is no topic space."""

    grams: sparse.csr_matrix
    places: Floats

    def __len__(self) -> int:
        return int(self.grams.shape[0])

    def only(self, rows: Counts) -> Rows:
        return Rows(self.grams[rows], self.places[rows])

    def with_more(self, others: Rows) -> Rows:
        """These rows, then the others."""
        grams = sparse.vstack([self.grams, others.grams], format="csr")
        return Rows(grams, np.concatenate([self.places, others.places]))


@dataclass(frozen=True, slots=True)
class Classifier:
    """Weights ``grams`` (features, classes) and ``places`` (dimensions, classes), and ``prior`` (classes),
    which is added to every row. ``known`` (classes): whether any label was of it; the others get the
    probability 0."""

    grams: Floats
    places: Floats
    prior: Floats
    known: npt.NDArray[np.bool_]

    def probabilities(self, rows: Rows) -> Floats:
        """(rows, classes), each row with the sum 1."""
        return self.probabilities_of(rows.grams @ self.grams + rows.places @ self.places)

    def probabilities_of(self, scores: Floats) -> Floats:
        """As `probabilities`, from what the weights add up to in each row (rows, classes)."""
        found: Floats = _softmax(np.where(self.known, scores + self.prior, -np.inf)).astype(np.float32)
        return found


def learn(
    rows: Rows,
    classes: Counts,
    count: int,
    *,
    strength: float = STRENGTH,
    weights: npt.NDArray[np.float64] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Classifier:
    """A classifier for ``count`` classes from rows and their class indices.

    Each class has the same say, however many of the labels are its own: who labels the most useful comments
    first labels the rare ones more often than they are. ``weights`` (rows) multiply that. Raises
    `Interrupted`.
    """
    known = np.bincount(classes, minlength=count) > 0
    seen = np.flatnonzero(known)
    target = np.searchsorted(seen, classes)
    columns = np.flatnonzero(np.bincount(rows.grams.indices)).astype(np.int32)
    grams = _narrowed(rows.grams, columns)
    importance = 1.0 / (len(seen) * np.bincount(target)[target].astype(np.float64))
    if weights is not None:
        importance *= weights
        importance /= importance.sum()
    problem = _Problem(grams, rows.places, target, importance, 1.0 / (strength * len(classes)), len(seen))
    solved = problem.solve(should_stop)
    split = len(columns)
    found = Classifier(
        np.zeros((rows.grams.shape[1], count), dtype=np.float32),
        np.zeros((rows.places.shape[1], count), dtype=np.float32),
        np.zeros(count, dtype=np.float32),
        known,
    )
    found.grams[columns[:, None], seen] = solved[:split]
    found.places[:, seen] = solved[split:-1]
    found.prior[seen] = solved[-1]
    return found


def _narrowed(grams: sparse.csr_matrix, columns: npt.NDArray[np.int32]) -> sparse.csr_matrix:
    """Only the columns that occur: a few labels then cost next to nothing."""
    place = np.zeros(grams.shape[1], dtype=np.int32)
    place[columns] = np.arange(len(columns), dtype=np.int32)
    return sparse.csr_matrix(
        (grams.data, place[grams.indices], grams.indptr), shape=(grams.shape[0], len(columns))
    )


class _Problem:
    """Weighted cross-entropy plus a square penalty, as the minimiser wants it: one flat vector in, value and
    gradient out. Its rows are the n-grams, the dimensions of the space, then the prior."""

    def __init__(
        self,
        grams: sparse.csr_matrix,
        places: Floats,
        target: Counts,
        importance: npt.NDArray[np.float64],
        penalty: float,
        classes: int,
    ) -> None:
        self._grams = grams
        self._turned = grams.T.tocsr()
        self._places = places
        self._importance = importance
        self._truth = np.eye(classes, dtype=np.float64)[target]
        self._penalty = penalty
        # Of two classes one column says all: what speaks for the one speaks against the other.
        self._sides = np.array([[-1.0, 1.0]]) / np.sqrt(2) if classes == 2 else np.eye(classes)
        self._shape = (grams.shape[1] + places.shape[1] + 1, len(self._sides))

    def solve(self, should_stop: Callable[[], bool] | None) -> Floats:
        """(rows, classes) of the least value."""

        def look(_: object) -> None:
            if should_stop is not None and should_stop():
                raise Interrupted

        found = optimize.minimize(
            self._value, np.zeros(self._shape).ravel(), jac=True, method="L-BFGS-B", callback=look,
            options={"maxiter": _MOST_STEPS, "gtol": _TOLERANCE, "ftol": 1e-7},
        )  # fmt: skip
        solved: Floats = (found.x.reshape(self._shape) @ self._sides).astype(np.float32)
        return solved

    def _value(self, flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = flat.reshape(self._shape)
        narrow = weights.astype(np.float32)
        split = self._grams.shape[1]
        scores = self._grams @ narrow[:split] + self._places @ narrow[split:-1] + narrow[-1]
        likely = _softmax(scores.astype(np.float64) @ self._sides)
        off = ((likely - self._truth) * self._importance[:, None]) @ self._sides.T
        told = np.maximum((likely * self._truth).sum(axis=1), 1e-300)
        without_prior = weights[:-1]
        value = -float(self._importance @ np.log(told))
        value += 0.5 * self._penalty * float((without_prior * without_prior).sum())
        gradient = np.empty_like(weights)
        narrow_off = off.astype(np.float32)
        gradient[:split] = self._turned @ narrow_off
        gradient[split:-1] = self._places.T @ narrow_off
        gradient[-1] = off.sum(axis=0)
        gradient[:-1] += self._penalty * without_prior
        return value, gradient.ravel()


def _softmax(scores: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: npt.NDArray[np.floating] = raised / raised.sum(axis=1, keepdims=True)
    return found
