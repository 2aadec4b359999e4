"""How many comments each choice of a filter would give beside the other choices.

A choice is counted under the filter without the part that it belongs to: beside a ticked label the numbers of
the other labels tell what they would give. Parts that ask for nothing share one look at the comments; each
part that asks for something needs one of its own.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from senti_studio.domain.comments import CommentFilter, Duplicates, Predictions
from senti_studio.domain.facets import FacetCounts
from senti_studio.storage.database import Database
from senti_studio.storage.views import Views

_BLOCK = 16_384

Stop = Callable[[], bool]

_PARTS: dict[str, Callable[[CommentFilter], CommentFilter]] = {
    "labels": lambda wanted: replace(wanted, label_ids=frozenset(), unlabelled=False),
    "sources": lambda wanted: replace(wanted, source_ids=frozenset()),
    "skipped": lambda wanted: replace(wanted, skipped=None),
    "flagged": lambda wanted: replace(wanted, flagged=None),
    "excluded": lambda wanted: replace(wanted, excluded=None),
    "annotators": lambda wanted: replace(wanted, annotators=frozenset()),
    "lengths": lambda wanted: replace(wanted, shortest=None, longest=None),
    "copies": lambda wanted: replace(wanted, duplicates=frozenset()),
    "predictions": lambda wanted: replace(wanted, predictions=frozenset()),
}
"""Part of a filter -> the filter without it."""


@dataclass(slots=True)
class _Found:
    """Numbers as they are gathered; ``rows`` are the comments looked at for each part."""

    rows: Counter[str] = field(default_factory=Counter)
    labels: Counter[int] = field(default_factory=Counter)
    sources: Counter[int] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    annotators: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    copies: Counter[Duplicates] = field(default_factory=Counter)
    predictions: Counter[Predictions] = field(default_factory=Counter)


class Facets:
    """Counts block by block; every block is a question of its own, so that nobody waits for a long one."""

    def __init__(self, database: Database, views: Views) -> None:
        self._database = database
        self._views = views

    def counts(self, wanted: CommentFilter, buckets: Sequence[int], stop: Stop) -> FacetCounts | None:
        """See `Comments.facets`."""
        if not self._views.copies.find(stop):
            return None
        passes: dict[CommentFilter, set[str]] = {}
        for part, without in _PARTS.items():
            passes.setdefault(without(wanted), set()).add(part)
        found = _Found()
        for question, parts in passes.items():
            for ids in self._ids(question, stop):
                if stop():
                    return None
                self._look(ids, parts, found)
        return None if stop() else self._result(found, buckets)

    def _ids(self, wanted: CommentFilter, stop: Stop) -> Iterator[array[int]]:
        """In blocks that each lie in one source."""
        return self._views.ids_by_block(wanted, _BLOCK, stop)

    def _look(self, ids: array[int], parts: set[str], found: _Found) -> None:
        for part in parts:
            found.rows[part] += len(ids)
        first, last = ids[0], ids[-1]
        where: str
        values: tuple[int | str, ...]
        if last - first + 1 == len(ids):
            where, values = "BETWEEN ? AND ?", (first, last)
        else:
            where, values = "IN (SELECT value FROM json_each(?))", (json.dumps(ids.tolist()),)
        if "sources" in parts:
            found.sources[self._source_of(first)] += len(ids)
        if parts & {"labels", "skipped", "flagged", "excluded"}:
            self._look_at_states(where, values, parts, found)
        if "lengths" in parts:
            query = f"SELECT length, count(*) FROM comments WHERE id {where} GROUP BY length"
            found.lengths.update(dict(self._ask(query, values)))
        if "annotators" in parts:
            query = (
                f"SELECT annotator, count(*) FROM annotations WHERE comment_id {where}"
                " AND label_id IS NOT NULL GROUP BY annotator"
            )
            found.annotators.update(dict(self._ask(query, values)))
        if "copies" in parts:
            self._look_at_copies(where, values, len(ids), found)
        if "predictions" in parts and self._views.predicted.count:
            self._look_at_predictions(ids, where, values, found)

    def _look_at_states(
        self, where: str, values: Sequence[int | str], parts: set[str], found: _Found
    ) -> None:
        query = (
            "SELECT label_id, count(*), sum(skipped), sum(flagged), sum(excluded) FROM comment_state"
            f" WHERE comment_id {where} GROUP BY label_id"
        )
        for label_id, count, *states in self._ask(query, values):
            if "labels" in parts and label_id is not None:
                found.labels[label_id] += count
            for name, number in zip(("skipped", "flagged", "excluded"), states, strict=True):
                if name in parts:
                    found.states[name] += number

    def _look_at_copies(self, where: str, values: Sequence[int | str], count: int, found: _Found) -> None:
        ((keys,),) = self._ask(f"SELECT group_concat(text_key) FROM comments WHERE id {where}", values)
        copied = self._views.copies.copied_keys()
        same = sum(map(copied.__contains__, json.loads(f"[{keys or ''}]"))) if copied else 0
        ((near,),) = self._ask(f"SELECT count(*) FROM near_groups WHERE comment_id {where}", values)
        found.copies.update({Duplicates.EXACT: same, Duplicates.UNIQUE: count - same, Duplicates.NEAR: near})

    def _look_at_predictions(
        self, ids: array[int], where: str, values: Sequence[int | str], found: _Found
    ) -> None:
        labels: dict[int, int] = dict(
            self._ask(
                f"SELECT comment_id, label_id FROM comment_state WHERE comment_id {where}"
                " AND label_id IS NOT NULL",
                values,
            )
        )
        said = self._views.predicted.label_id
        some = disagree = 0
        for comment_id in ids:
            predicted = said(comment_id)
            if predicted is not None:
                some += 1
                disagree += labels.get(comment_id, predicted) != predicted
        found.predictions.update(
            {
                Predictions.SOME: some,
                Predictions.NONE: len(ids) - some,
                Predictions.DISAGREES: disagree,
            }
        )

    def _ask(self, query: str, values: Sequence[int | str]) -> list[tuple[Any, ...]]:
        with self._database.reading() as connection:
            return connection.execute(query, values).fetchall()

    def _source_of(self, comment_id: int) -> int:
        query = "SELECT source_id FROM comments WHERE id = ?"
        ((source_id,),) = self._ask(query, (comment_id,))
        return int(source_id)

    def _result(self, found: _Found, buckets: Sequence[int]) -> FacetCounts:
        with self._database.reading() as connection:
            shown = {row[0] for row in connection.execute("SELECT id FROM labels WHERE position >= 0")}
        labels = {label_id: found.labels[label_id] for label_id in shown}
        labels[0] = found.rows["labels"] - sum(labels.values())
        lengths = [0] * len(buckets)
        for length, count in found.lengths.items():
            lengths[min(bisect_right(buckets, length), len(buckets) - 1)] += count
        return FacetCounts(
            labels,
            dict(found.sources),
            found.states["skipped"],
            found.states["flagged"],
            found.states["excluded"],
            dict(found.annotators),
            tuple(lengths),
            max(found.lengths, default=0),
            {kind: found.copies[kind] for kind in Duplicates},
            {kind: found.predictions[kind] for kind in Predictions},
        )
