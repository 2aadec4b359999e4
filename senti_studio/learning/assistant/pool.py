"""All comments as the model sees them: features, topic space, and what was said of each so far."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from senti_studio.learning.assistant.cache import FeatureCache
from senti_studio.learning.assistant.classifier import Classifier, Rows
from senti_studio.learning.assistant.features import Counts, Floats, Hashed, hash_texts
from senti_studio.learning.assistant.space import FEWEST_ROWS, FIT_ROWS, Space, find_space

SPACE_FILE = "space.npz"
_SEED = 20_261_129
_AT_ONCE = 1_000
_GROWN, _MUCH = 1.5, 1.1
_MOST_COMPARED = 200_000


class Pool:
    """The comments of a `FeatureCache`, by row.

    What a classifier learns from stays as it is until `renew`: how rare features are, and the topic space."""

    def __init__(self, cache: FeatureCache) -> None:
        self.cache = cache
        kept = Space.load(cache.folder / SPACE_FILE) if cache.rows else None
        self.space = kept or Space.none()
        self._finding: Generator[Space | None, None, None] | None = None
        self._refused_rows = 0
        self._found: Space | None = None
        self.weighting = cache.weighting
        self._lengths = np.zeros(0, dtype=np.float32)
        self.extend()

    def extend(self) -> None:
        """Takes in the comments that were added to the cache."""
        more = self.cache.rows - len(self._lengths)
        self._lengths = np.concatenate([self._lengths, np.full(more, np.nan, dtype=np.float32)])
        self._by_id = np.argsort(self.cache.ids, kind="stable")
        self._sorted = self.cache.ids[self._by_id]

    @property
    def is_outdated(self) -> bool:
        """Whether there is a new topic space, or so many more comments that `renew` is worth while."""
        return self._found is not None or self.cache.rows > _MUCH * max(1, self.weighting.rows)

    def renew(self) -> None:
        """Takes everything that is known by now into account; classifiers have to learn anew then."""
        if self.is_outdated:
            self.weighting = self.cache.weighting
            self.space, self._found = self._found or self.space, None
            self._lengths[:] = np.nan

    @property
    def rows(self) -> int:
        return len(self._sorted)

    @property
    def ids(self) -> npt.NDArray[np.int64]:
        """The comment of each row."""
        return self.cache.ids[: self.rows]

    @property
    def sources(self) -> npt.NDArray[np.int32]:
        """The source of each row."""
        return self.cache.sources[: self.rows]

    def rows_of(self, ids: npt.NDArray[np.int64]) -> Counts:
        """The row of each comment, -1 where it is not (yet) in the cache."""
        if not len(self._sorted):
            return np.full(len(ids), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self._sorted, ids), len(self._sorted) - 1)
        return np.where(self._sorted[place] == ids, self._by_id[place], -1)

    def looked_up(self, rows: Counts) -> Rows:
        """Some rows as the classifier learns from them."""
        return self._rows(self.cache.read(rows))

    def looked_at(self, texts: Sequence[str]) -> Rows:
        """As `looked_up`, for texts that are in no cache."""
        return self._rows(hash_texts(texts))

    def _rows(self, hashed: Hashed) -> Rows:
        grams = self.weighting.matrix(hashed)
        return Rows(grams, self.space.places(grams))

    def through(self, classifier: Classifier) -> Floats:
        """(`SIZE`, classes): what each feature adds to the scores by way of the topic space, in a comment
        whose place has the length 1 without being scaled."""
        found: Floats = self.space.axes @ classifier.places
        return found

    def judged(self, classifier: Classifier, through: Floats, rows: Counts) -> Floats:
        """(rows, classes) probabilities; ``through`` as of `through`. The same as by `looked_up`, many times
        as fast: one number for each feature and class instead of one for each dimension."""
        grams = self.weighting.matrix(self.cache.read(rows))
        unknown = np.flatnonzero(np.isnan(self._lengths[rows]))
        if len(unknown):
            places = np.asarray(grams[unknown] @ self.space.axes)
            self._lengths[rows[unknown]] = np.maximum(np.linalg.norm(places, axis=1), 1e-6)
        scores = np.asarray(grams @ classifier.grams)
        return classifier.probabilities_of(scores + (grams @ through) / self._lengths[rows][:, None])

    def influence(self, classifier: Classifier, rows: Rows, features: Sequence[int]) -> Floats:
        """(features, classes): what each feature adds to the scores of a comment, which is the only row of
        ``rows``; 0 for features that it has not."""
        places = list(features)
        weight = np.zeros(rows.grams.shape[1], dtype=np.float32)
        weight[rows.grams.indices] = rows.grams.data
        length = max(float(np.linalg.norm(rows.grams @ self.space.axes)), 1e-6)
        through = self.space.axes[places] @ classifier.places / length
        found: Floats = weight[places, None] * (classifier.grams[places] + through)
        return found

    def nearest(self, rows: Rows, among: Counts, count: int, *, seed: int = _SEED) -> tuple[Counts, Floats]:
        """The rows of ``among`` that have most in common with a comment (the only row of ``rows``), and the
        cosines, the greatest first. Of very many a random part is looked at."""
        if len(among) > _MOST_COMPARED:
            among = np.sort(np.random.default_rng(seed).choice(among, _MOST_COMPARED, replace=False))
        wanted = np.asarray(rows.grams.todense(), dtype=np.float32).ravel()
        alike = np.zeros(len(among), dtype=np.float32)
        for start in range(0, len(among), _AT_ONCE):
            part = among[start : start + _AT_ONCE]
            alike[start : start + _AT_ONCE] = self.weighting.matrix(self.cache.read(part)) @ wanted
        best = np.argsort(-alike, kind="stable")[:count]
        return among[best], alike[best]

    # ---- the topic space -----------------------------------------------------------------------------------

    @property
    def wants_space(self) -> bool:
        """Whether there is no topic space, or one of much fewer comments than there are now."""
        seen = min(self.cache.rows, FIT_ROWS)
        known = max(self.space.rows, self._found.rows if self._found else 0, self._refused_rows)
        return seen >= FEWEST_ROWS and seen > _GROWN * known

    def find_space(self) -> bool:
        """Some 30 ms of work on the topic space; True when a new one is there for `renew`. Raises OSError."""
        if self._finding is None:
            self._finding = self._find_space()
        found = next(self._finding)
        if found is None:
            return False
        self._finding = None
        if not found.dimensions:
            self._refused_rows = self.cache.rows
            return False
        self._found = found
        found.save(self.cache.folder / SPACE_FILE)
        return True

    def _find_space(self) -> Generator[Space | None, None, None]:
        weighting = self.cache.weighting
        rows = np.sort(np.random.default_rng(_SEED).permutation(self.cache.rows)[:FIT_ROWS])
        parts = []
        for start in range(0, len(rows), _AT_ONCE):
            parts.append(weighting.matrix(self.cache.read(rows[start : start + _AT_ONCE])))
            yield None
        yield from find_space(sparse.vstack(parts, format="csr"))
