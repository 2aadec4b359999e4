"""What the labelling assistant reads from a project, and how it hashes its comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from senti_studio.learning.assistant.cache import MOST_COMMENTS, FeatureCache
from senti_studio.learning.assistant.features import hash_texts
from senti_studio.storage.overview import Stretch
from senti_studio.storage.project import Project

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Facts:
    """The labels of a project at one moment. ``ids``, ``classes`` (indices into ``label_ids``) and ``keys``
    (of the texts) are those that may be learnt from, ``test_ids`` and ``test_classes`` those that may not;
    ``not_open`` is what no queue of unlabelled comments shows, sorted; ``visible`` counts all comments."""

    label_ids: tuple[int, ...]
    ids: Ids
    classes: Ids
    keys: Ids
    test_ids: Ids
    test_classes: Ids
    not_open: Ids
    visible: int
    source_ids: frozenset[int]

    def index_of(self, label_id: int | None) -> int | None:
        """The class of a label; None for no label, or one that is gone."""
        return self.label_ids.index(label_id) if label_id in self.label_ids else None


class Reading:
    """Reads one project; cheap to ask again as long as nothing was written."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._version = -1
        self._facts: Facts | None = None
        self._stretches: list[Stretch] = []
        self._test_part: frozenset[int] = frozenset()

    def facts(self) -> Facts:
        """The labels as they are now. Raises UserError ``PROJECT_MOVED`` and what reading can raise."""
        version = self._project.data_version()
        if self._facts is None or version != self._version:
            stretches = self._project.overview.stretches()
            if stretches != self._stretches:
                # It takes every comment into account, and changes with the files only.
                self._test_part = frozenset(self._project.overview.test_part())
                self._stretches = stretches
            self._facts, self._version = self._read(), version
        return self._facts

    def _read(self) -> Facts:
        overview = self._project.overview
        label_ids = tuple(label.id for label in self._project.labels.list())
        found = overview.training_labels()
        ids, classes, keys, is_test = (
            np.array(column, dtype=np.int64)
            for column in (found.ids, found.label_ids, found.text_keys, found.is_test)
        )
        place = {label_id: index for index, label_id in enumerate(label_ids)}
        classes = np.array([place.get(label_id, -1) for label_id in classes.tolist()], dtype=np.int64)
        test_part = np.array(sorted(self._test_part | self._project.test_sets.current()), dtype=np.int64)
        # A text that the test set holds, or nearly holds, must not be learnt from under another id either.
        test_keys = np.array(sorted(overview.text_keys(test_part.tolist())), dtype=np.int64)
        near = self._project.near_groups.of_labelled()
        groups = np.array([near.get(comment_id, -1) for comment_id in ids.tolist()], dtype=np.int64)
        is_near = (groups >= 0) & np.isin(groups, groups[is_test == 1])
        learnt = (is_test == 0) & ~np.isin(keys, test_keys) & ~is_near & (classes >= 0)
        judged = (is_test == 1) & (classes >= 0)
        settled = np.array(overview.settled(), dtype=np.int64)
        return Facts(
            label_ids, ids[learnt], classes[learnt], keys[learnt], ids[judged], classes[judged],
            np.union1d(settled, test_part),
            sum(each.last - each.first + 1 for each in self._stretches),
            frozenset(each.source_id for each in self._stretches),
        )  # fmt: skip

    def texts(self, ids: Sequence[int]) -> dict[int, str]:
        """The texts of comments, those that are visible."""
        return dict(self._project.comments.texts(list(ids)))

    def missing(self, cache: FeatureCache) -> int:
        """How many comments are not in the cache."""
        return sum(max(0, each.last + 1 - cache.next_id(each.first)) for each in self._stretches)

    def is_behind(self, cache: FeatureCache) -> bool:
        """Whether there are comments that are not in the cache, and room for them."""
        return cache.rows + cache.waiting < MOST_COMMENTS and any(
            cache.next_id(each.first) <= each.last for each in self._stretches
        )

    def hash_some(self, cache: FeatureCache, most: int) -> int:
        """Hashes up to ``most`` comments that are not in the cache; returns how far that went, 0 at the end.
        They are to be written by `FeatureCache.write`."""
        if not self.is_behind(cache):
            return 0
        each = next(each for each in self._stretches if cache.next_id(each.first) <= each.last)
        start = cache.next_id(each.first)
        end = min(start + most - 1, each.last)
        ids, texts = self._project.overview.texts(start, end)
        cache.add(each.first, end + 1, ids, each.source_id, hash_texts(texts))
        return end + 1 - start
