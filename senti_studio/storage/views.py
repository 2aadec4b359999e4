"""Views: the ids of the comments that match a filter, in an order, as packed arrays filled block by block.

A block is a range of ids, so every query is a keyset page of its own, and its ids come out of SQLite as one
string: the interpreter lock is free while SQLite works, and taken for a millisecond per block only.
"""

from __future__ import annotations

import heapq
import json
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import compress, islice
from operator import or_

from senti_studio.domain.comments import (
    CommentFilter,
    Duplicates,
    Order,
    Predictions,
    SearchMode,
    Sorting,
    SortKey,
)
from senti_studio.storage.conditions import NEAR, Columns, Keep, Selection, columns_of
from senti_studio.storage.database import Database
from senti_studio.storage.duplicates import Copies
from senti_studio.storage.patterns import TextPattern
from senti_studio.storage.predicted import Predicted
from senti_studio.storage.sorting import Extent, Progress, SortedIds, Stopped, chosen, untold

_BLOCK = 16_384
_TEXT_BLOCK = 2048
_FEW = 30_000
_BUCKETS = 256
_MASK = (1 << 64) - 1

Stop = Callable[[], bool]


def never() -> bool:
    """For a question that is asked to its end."""
    return False


class Views:
    """Runs views over the visible extents of a project."""

    def __init__(self, database: Database) -> None:
        self._database = database
        cache_folder = database.path.parent / "cache"
        self.copies = Copies(database, self._text_keys)
        self.predicted = Predicted(cache_folder)
        self._sorted = SortedIds(database, cache_folder)

    def ids(
        self,
        wanted: CommentFilter,
        order: Order | Sorting,
        chunk: int,
        stop: Stop = never,
        progress: Progress = untold,
    ) -> Iterator[array[int]]:
        """See `Comments.ids`."""
        if isinstance(order, Sorting):
            yield from _chunked(self._by_column(wanted, order, stop, progress), chunk)
        elif order is Order.FILE:
            yield from self._in_file_order(wanted, chunk, stop)
        elif order is Order.LENGTH:
            yield from _chunked(self._by_number(wanted, stop, "c.length"), chunk)
        elif order is Order.NEWEST_LABEL:
            yield from _chunked(self._by_time(wanted, stop, descending=True), chunk)
        else:
            yield from _chunked(self._at_random(wanted, stop), chunk)

    # ---- blocks --------------------------------------------------------------------------------------------

    def extents(self, source_ids: frozenset[int] = frozenset()) -> list[Extent]:
        """Ranges of visible comments, in file order."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT e.first_id, e.last_id, o.id, o.columns, o.imported_at"
                " FROM extents e JOIN sources o ON o.id = e.source_id WHERE o.state = 'ready'"
                " ORDER BY e.source_id, e.first_id"
            ).fetchall()
        return [
            (first, last, columns_of(source, names, at))
            for first, last, source, names, at in rows
            if not source_ids or source in source_ids
        ]

    def blocks(
        self, source_ids: frozenset[int] = frozenset(), size: int = _BLOCK
    ) -> Iterator[tuple[int, int]]:
        """The visible extents cut into ranges of at most ``size`` ids."""
        for first, last, _ in self._blocks(source_ids, size):
            yield first, last

    def _blocks(self, source_ids: frozenset[int], size: int) -> Iterator[tuple[int, int, Columns]]:
        for first, last, source in self.extents(source_ids):
            for start in range(first, last + 1, size):
                yield start, min(start + size - 1, last), source

    def _lists(
        self, wanted: CommentFilter, size: int, stop: Stop, *columns: str
    ) -> Iterator[list[array[int]]]:
        """Blocks of ids, and of the values of ``columns`` (SQL that gives whole numbers); never empty."""
        kept = self._kept(wanted, stop)
        pattern = TextPattern(wanted.search) if wanted.search and wanted.mode is SearchMode.REGEX else None
        asked = list(columns)
        for more, _ in kept:
            asked += [each for each in more if each not in asked]
        selections: dict[int, tuple[Selection, str]] = {}
        for first, last, source in self._blocks(wanted.source_ids, size):
            if stop():
                return
            if source.source_id not in selections:
                selection = Selection.of(wanted, source)
                query = selection.rows_query(["t.text", *asked]) if pattern else selection.lists_query(asked)
                selections[source.source_id] = selection, query
            selection, query = selections[source.source_id]
            if not selection.matches:
                continue
            values = (first, last, *selection.values)
            lists = (
                self._matching(query, values, pattern, stop) if pattern else self._read_lists(query, values)
            )
            for more, keep in kept:
                lists = _only(lists, [1 + asked.index(each) for each in more], keep)
            if lists and lists[0]:
                yield lists[: 1 + len(columns)]

    def numbers(
        self, wanted: CommentFilter, size: int, stop: Stop, *columns: str
    ) -> Iterator[list[array[int]]]:
        """Blocks of ids and of whole numbers that this SQL gives for each of them."""
        yield from self._lists(wanted, size, stop, *columns)

    def _text_keys(self, stop: Stop) -> Iterator[array[int]]:
        for _, keys in self._lists(CommentFilter(), _BLOCK, stop, "c.text_key"):
            yield keys

    def _read_lists(self, query: str, values: tuple[int | str, ...]) -> list[array[int]]:
        with self._database.reading() as connection:
            row = connection.execute(query, values).fetchone()
        return [] if row[0] is None else [array("q", json.loads(f"[{text}]")) for text in row]

    def _matching(
        self, query: str, values: tuple[int | str, ...], pattern: TextPattern, stop: Stop
    ) -> list[array[int]]:
        """As `_read_lists`, for the rows whose second column holds the pattern."""
        found: list[tuple[int, ...]] = []
        first, last, *more = values
        for start in range(int(first), int(last) + 1, _TEXT_BLOCK):
            if stop():
                return []
            with self._database.reading() as connection:
                end = min(start + _TEXT_BLOCK - 1, int(last))
                rows = connection.execute(query, (start, end, *more)).fetchall()
            found += [(row[0], *row[2:]) for row in rows if pattern.is_in(row[1])]
        return [array("q", column) for column in zip(*found, strict=True)]

    def _kept(self, wanted: CommentFilter, stop: Stop) -> list[tuple[tuple[str, ...], Keep]]:
        """What is decided here and not by SQL: (columns of whole numbers, what stays of them)."""
        kept: list[tuple[tuple[str, ...], Keep]] = []
        kinds = wanted.duplicates
        if kinds and kinds != {Duplicates.NEAR} and self.copies.find(stop):
            near = NEAR.format(key="c.id") if Duplicates.NEAR in kinds else "0"
            kept.append((("c.text_key", near), partial(_stand_so, kinds, self.copies.copied_keys())))
        if wanted.predictions:
            kept.append(
                (
                    ("coalesce(s.label_id, 0)",),
                    partial(_are_said, wanted.predictions, self.predicted.label_id),
                )
            )
        return kept

    def ids_by_block(self, wanted: CommentFilter, size: int, stop: Stop) -> Iterator[array[int]]:
        """Ids that match, in blocks that each lie in one source."""
        if wanted == CommentFilter(source_ids=wanted.source_ids):
            for first, last in self.blocks(wanted.source_ids, size):
                yield array("q", range(first, last + 1))
        else:
            for (ids,) in self._lists(wanted, size, stop):
                yield ids

    # ---- orders --------------------------------------------------------------------------------------------

    def _in_file_order(self, wanted: CommentFilter, chunk: int, stop: Stop) -> Iterator[array[int]]:
        yield from self.ids_by_block(wanted, max(1, min(chunk, _BLOCK * 4)), stop)

    def _by_column(
        self, wanted: CommentFilter, order: Sorting, stop: Stop, progress: Progress
    ) -> Iterator[array[int]]:
        down = order.descending
        if order.key in (SortKey.TEXT, SortKey.COLUMN):
            yield from self._by_cell(wanted, order, stop, progress)
        elif order.key is SortKey.LABEL:
            yield from self._by_number(
                wanted,
                stop,
                "coalesce((SELECT l.position FROM labels l WHERE l.id = s.label_id), -1)",
                descending=down,
            )
        elif order.key is SortKey.LENGTH:
            yield from self._by_number(wanted, stop, "c.length", descending=down)
        elif order.key is SortKey.TIME:
            yield from self._by_time(wanted, stop, descending=down)
        elif order.key is SortKey.DUPLICATES:
            yield from self._by_copies(wanted, stop, descending=down)
        elif order.key is SortKey.PREDICTION:
            yield from self._by_confidence(wanted, stop, descending=down)
        elif order.key is SortKey.CONFIDENCE:
            yield from self._by_confidence(wanted, stop, descending=down, by_label=False)
        elif order.key is SortKey.SOURCE:
            yield from self._by_source(wanted, stop, descending=down)
        else:
            parts = list(self._in_file_order(wanted, _BLOCK, stop))
            yield from (part[::-1] for part in reversed(parts)) if down else parts

    def _by_number(
        self, wanted: CommentFilter, stop: Stop, column: str, *, descending: bool = False
    ) -> Iterator[array[int]]:
        """By a small whole number, negative ones last; file order among equals."""
        found: dict[int, array[int]] = {}
        for ids, numbers in self._lists(wanted, _BLOCK, stop, column):
            for comment_id, number in zip(ids, numbers, strict=True):
                known = found.get(number)
                if known is None:
                    known = found[number] = array("q")
                known.append(comment_id)
        for number in sorted(found, key=lambda n: (n < 0, -n if descending else n)):
            yield found[number]

    def _by_time(self, wanted: CommentFilter, stop: Stop, *, descending: bool) -> Iterator[array[int]]:
        """By the time of the label, then what has none, in file order."""
        sign = -1 if descending else 1
        runs: list[list[tuple[int, int]]] = []
        bare = array("q")
        for ids, times in self._lists(wanted, _BLOCK, stop, "coalesce(s.labelled_at, -1)"):
            runs.append(sorted((sign * at, id_) for id_, at in zip(ids, times, strict=True) if at >= 0))
            bare.extend(id_ for id_, at in zip(ids, times, strict=True) if at < 0)
        merged = (comment_id for _, comment_id in heapq.merge(*runs))
        while part := array("q", islice(merged, _BLOCK)):
            yield part
        if bare:
            yield bare

    def _by_copies(self, wanted: CommentFilter, stop: Stop, *, descending: bool) -> Iterator[array[int]]:
        if not self.copies.find(stop):
            return
        group = "coalesce((SELECT n.group_id FROM near_groups n WHERE n.comment_id = c.id), -1)"
        found: dict[int, array[int]] = {}
        for ids, keys, groups in self._lists(wanted, _BLOCK, stop, "c.text_key", group):
            for comment_id, key, near in zip(ids, keys, groups, strict=True):
                size = self.copies.of(key, None if near < 0 else near)
                found.setdefault(size, array("q")).append(comment_id)
        yield from (found[size] for size in sorted(found, reverse=descending))

    def _by_confidence(
        self, wanted: CommentFilter, stop: Stop, *, descending: bool, by_label: bool = True
    ) -> Iterator[array[int]]:
        """By what the model says (in the order of the labels' ids), then by how sure it is; or only by
        that."""
        found: dict[tuple[int, int], array[int]] = {}
        bare = array("q")
        for (ids,) in self._lists(wanted, _BLOCK, stop):
            for comment_id in ids:
                said = self.predicted.of(comment_id)
                if said is None:
                    bare.append(comment_id)
                else:
                    key = (said.label_id if by_label else 0, round(said.confidence * 1000))
                    found.setdefault(key, array("q")).append(comment_id)
        yield from (found[key] for key in sorted(found, reverse=descending))
        if bare:
            yield bare

    def _by_source(self, wanted: CommentFilter, stop: Stop, *, descending: bool) -> Iterator[array[int]]:
        with self._database.reading() as connection:
            names = connection.execute("SELECT name, id FROM sources WHERE state = 'ready'").fetchall()
        for _, source_id in sorted(names, reverse=descending):
            if not wanted.source_ids or source_id in wanted.source_ids:
                only = replace(wanted, source_ids=frozenset({source_id}))
                yield from self._in_file_order(only, _BLOCK, stop)

    def _by_cell(
        self, wanted: CommentFilter, order: Sorting, stop: Stop, progress: Progress
    ) -> Iterator[array[int]]:
        column = order.column if order.key is SortKey.COLUMN else None
        parts = [] if wanted.is_empty else list(self._in_file_order(wanted, _BLOCK, stop))
        extents = self.extents()
        if not wanted.is_empty and sum(map(len, parts)) <= _FEW:
            found = array("q", (each for part in parts for each in part))
            touched = _touched(extents, found)
            yield self._sorted.some(found, touched, column, descending=order.descending)
            return
        try:
            everything = self._sorted.all(extents, column, stop, progress, descending=order.descending)
        except Stopped:
            return
        yield from [everything] if wanted.is_empty else chosen(everything, parts)

    def _at_random(self, wanted: CommentFilter, stop: Stop) -> Iterator[array[int]]:
        """Shuffled by a hash of the id: the same order every time, and comments that come or go move no
        others."""
        buckets: list[list[tuple[int, int]]] = [[] for _ in range(_BUCKETS)]
        for (ids,) in self._lists(wanted, _BLOCK, stop):
            for comment_id in ids:
                mixed = _mixed(comment_id)
                buckets[mixed >> 56].append((mixed, comment_id))
        for bucket in buckets:
            bucket.sort()
            yield array("q", [comment_id for _, comment_id in bucket])
            bucket.clear()


def _only(lists: list[array[int]], places: list[int], keep: Keep) -> list[array[int]]:
    """The rows of ``lists`` (ids first) that ``keep`` wants."""
    if not lists:
        return lists
    flags = list(keep(lists[0], *(lists[place] for place in places)))
    return [array("q", compress(each, flags)) for each in lists]


def _stand_so(
    kinds: frozenset[Duplicates],
    copied: frozenset[int],
    ids: array[int],
    keys: array[int],
    near: array[int],
) -> Iterable[object]:
    if Duplicates.EXACT in kinds and Duplicates.UNIQUE in kinds:
        return (True for _ in ids)
    is_copied = map(copied.__contains__, keys)
    if Duplicates.EXACT in kinds:
        return is_copied if Duplicates.NEAR not in kinds else map(or_, is_copied, near)
    return (is_near or not same for same, is_near in zip(is_copied, near, strict=True))


def _are_said(
    kinds: frozenset[Predictions],
    said: Callable[[int], int | None],
    ids: array[int],
    labels: array[int],
) -> Iterator[bool]:
    for comment_id, label_id in zip(ids, labels, strict=True):
        predicted = said(comment_id)
        if predicted is None:
            yield Predictions.NONE in kinds
        elif Predictions.SOME in kinds:
            yield True
        else:
            yield Predictions.DISAGREES in kinds and bool(label_id) and predicted != label_id


def _touched(extents: list[Extent], ids: array[int]) -> list[Extent]:
    """The extents that hold any of the ids."""
    firsts = sorted((first, place) for place, (first, _, _) in enumerate(extents))
    starts = [first for first, _ in firsts]
    places = {firsts[bisect_right(starts, each) - 1][1] for each in ids}
    return [extents[place] for place in sorted(places)]


def _mixed(number: int) -> int:
    """splitmix64 (Steele, Lea, Flood 2014)."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


def _chunked(parts: Iterator[array[int]], chunk: int) -> Iterator[array[int]]:
    held = array("q")
    for part in parts:
        held.extend(part)
        while len(held) >= chunk:
            yield held[:chunk]
            held = held[chunk:]
    if held:
        yield held
