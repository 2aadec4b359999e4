"""Words, and pairs of neighbouring words, as features of labelled comments: as everybody uses them, and once
more as each topic does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from senti_studio.learning.assistant.features import Counts, Floats, spelled
from senti_studio.text.segment import words

TOPICS = 3
_OF_TOPIC = 0.7
"""How much a word of one topic weighs beside the same word of all (Daumé 2007, "Frustratingly Easy Domain
Adaptation"): *small* is said of rooms and of notebooks, and not in the same sense."""
_ROUNDS = 20
_SEED = 20_261_129


def word_features(texts: Sequence[str], topics: Counts) -> sparse.csr_matrix:
    """(texts, features): rows of norm 1 or 0, then the columns of each topic, which only its texts have.

    Features that only one text has are left out. ``topics``: the topic of each text.
    """
    base = _weighted(_occurrences(texts))
    parts = [base]
    for topic in range(int(topics.max(initial=0)) + 1):
        share = sparse.diags_array((topics == topic).astype(np.float32) * np.float32(_OF_TOPIC))
        parts.append(share @ base)
    return sparse.csr_matrix(sparse.hstack(parts, format="csr", dtype=np.float32))


def _occurrences(texts: Sequence[str]) -> sparse.csr_matrix:
    known: dict[str, int] = {}
    rows: list[npt.NDArray[np.int64]] = []
    features: list[npt.NDArray[np.int64]] = []
    for row, text in enumerate(texts):
        found = np.array([known.setdefault(word, len(known)) for word in words(spelled(text))], np.int64)
        pairs = (found[:-1] + 1) * (1 << 31) + found[1:]
        features += [found, pairs]
        rows.append(np.full(len(found) + len(pairs), row, np.int64))
    _, columns = np.unique(np.concatenate([*features, np.zeros(0, np.int64)]), return_inverse=True)
    width = int(columns.max(initial=-1)) + 1
    row_of = np.concatenate([*rows, np.zeros(0, np.int64)])
    found_in = sparse.csr_matrix(
        (np.ones(len(columns), np.float32), (row_of, columns)), shape=(len(texts), width)
    )
    found_in.sum_duplicates()
    found_in.data[:] = 1
    counts = np.bincount(found_in.indices, minlength=width)
    return found_in[:, np.flatnonzero(counts > 1)]


def _weighted(found: sparse.csr_matrix) -> sparse.csr_matrix:
    """Each row by the rarity of its features, then of norm 1."""
    counts = np.bincount(found.indices, minlength=found.shape[1])
    rarity = np.log((found.shape[0] + 1) / (counts + 1.0)) + 1
    weights = rarity[found.indices].astype(np.float32)
    squares = np.concatenate([[0.0], np.cumsum(weights.astype(np.float64) ** 2)])
    norms = np.sqrt(np.maximum(squares[found.indptr[1:]] - squares[found.indptr[:-1]], 1e-12))
    weights /= np.repeat(norms, np.diff(found.indptr)).astype(np.float32)
    return sparse.csr_matrix((weights, found.indices, found.indptr), shape=found.shape)


def topics_of(places: Floats, count: int = TOPICS) -> Counts:
    """The nearest of ``count`` centres (k-means; Lloyd 1982) for each place."""
    if not places.shape[1] or len(places) < 10 * count:
        return np.zeros(len(places), dtype=np.int64)
    chance = np.random.default_rng(_SEED)
    centres = places[chance.choice(len(places), count, replace=False)]
    nearest = np.zeros(len(places), dtype=np.int64)
    for _ in range(_ROUNDS):
        nearest = (places @ centres.T).argmax(axis=1)
        for each in range(count):
            if (nearest == each).any():
                centre = places[nearest == each].mean(axis=0)
                centres[each] = centre / max(float(np.linalg.norm(centre)), 1e-6)
    found: Counts = nearest.astype(np.int64)
    return found
