"""Views: the ids of the comments that match a filter, in an order, as packed arrays filled block by block.

A block is a range of ids, so every query is a keyset page of its own, and its ids come out of SQLite as one
string: the interpreter lock is free while SQLite works, and taken for a millisecond per block only.
"""

from __future__ import annotations

import heapq
import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from senti_studio.domain.comments import CommentFilter, Order
from senti_studio.storage.database import Database

_BLOCK = 16_384
_BUCKETS = 256
_MASK = (1 << 64) - 1

Value = int | str


@dataclass(slots=True)
class Selection:
    """A filter as SQL over ``{table} LEFT JOIN comment_state s``."""

    driver: str
    conditions: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    @classmethod
    def of(cls, wanted: CommentFilter) -> Selection:
        """Drives the query from the narrowest table that can answer it."""
        positive = (wanted.label_ids and not wanted.unlabelled) or wanted.flagged or wanted.skipped
        found = cls("comment_state" if positive else "texts" if wanted.search else "comments")
        labels = []
        if wanted.label_ids:
            marks = ", ".join("?" * len(wanted.label_ids))
            labels.append(f"s.label_id IN ({marks})")
            found.values += sorted(wanted.label_ids)
        if wanted.unlabelled:
            labels.append("s.label_id IS NULL")
        if labels:
            found.conditions.append("(" + " OR ".join(labels) + ")")
        for column, value in (("flagged", wanted.flagged), ("skipped", wanted.skipped)):
            if value is not None:
                found.conditions.append(f"coalesce(s.{column}, 0) = {int(value)}")
        if wanted.search:
            found.conditions.append(_text_condition(wanted.search))
            found.values.append(_text_value(wanted.search))
        return found

    def block_query(self, columns: Sequence[str] = ()) -> str:
        """One row of comma-separated lists: ids, then each of ``columns``; parameters: first id, last id,
        values."""
        key = "comment_id" if self.driver == "comment_state" else "id"
        tables = f"{self.driver} d"
        state = "d" if self.driver == "comment_state" else "s"
        used = " ".join([*self.conditions, *columns])
        if state == "s" and "s." in used:
            tables += f" LEFT JOIN comment_state s ON s.comment_id = d.{key}"
        if self.driver != "texts" and "t." in used:
            tables += f" CROSS JOIN texts t ON t.id = d.{key}"
        if self.driver != "comments" and "c." in used:
            tables += f" CROSS JOIN comments c ON c.id = d.{key}"
        where = " AND ".join([f"d.{key} BETWEEN ? AND ?", *self.conditions])
        if state == "d":
            where = where.replace("s.", "d.")
        if self.driver == "texts":
            where = where.replace("t.", "d.")
        inner = [f"d.{key} AS k"]
        for number, column in enumerate(columns):
            source = column.replace("s.", "d.") if state == "d" else column
            source = source.replace("c.", "d.") if self.driver == "comments" else source
            inner.append(f"{source} AS k{number}")
        outer = ["group_concat(k)", *(f"group_concat(k{number})" for number in range(len(columns)))]
        rows = f"SELECT {', '.join(inner)} FROM {tables} WHERE {where} ORDER BY d.{key}"
        return f"SELECT {', '.join(outer)} FROM ({rows})"


def _text_condition(search: str) -> str:
    # LIKE folds the case of ASCII letters; where there are none, instr() is the faster of the two.
    if any("a" <= letter <= "z" for letter in search.lower()):
        return "t.text LIKE ? ESCAPE '\\'"
    return "instr(t.text, ?) > 0"


def _text_value(search: str) -> str:
    if _text_condition(search).startswith("instr"):
        return search
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


class Views:
    """Runs views over the visible extents of a project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ids(self, wanted: CommentFilter, order: Order, chunk: int) -> Iterator[array[int]]:
        """See `Comments.ids`."""
        if order is Order.FILE:
            yield from self._in_file_order(wanted, chunk)
        elif order is Order.LENGTH:
            yield from _chunked(self._by_length(wanted), chunk)
        elif order is Order.NEWEST_LABEL:
            yield from self._by_newest_label(wanted, chunk)
        else:
            yield from _chunked(self._at_random(wanted), chunk)

    def extents(self, source_ids: frozenset[int] = frozenset()) -> list[tuple[int, int]]:
        """Ranges (first id, last id) of visible comments, in file order."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT e.first_id, e.last_id, e.source_id"
                " FROM extents e JOIN sources o ON o.id = e.source_id WHERE o.state = 'ready'"
                " ORDER BY e.source_id, e.first_id"
            ).fetchall()
        return [(first, last) for first, last, source in rows if not source_ids or source in source_ids]

    def blocks(
        self, source_ids: frozenset[int] = frozenset(), size: int = _BLOCK
    ) -> Iterator[tuple[int, int]]:
        """The visible extents cut into ranges of at most ``size`` ids."""
        for first, last in self.extents(source_ids):
            for start in range(first, last + 1, size):
                yield start, min(start + size - 1, last)

    def _lists(self, wanted: CommentFilter, size: int, *columns: str) -> Iterator[list[array[int]]]:
        selection = Selection.of(wanted)
        query = selection.block_query(columns)
        for first, last in self.blocks(wanted.source_ids, size):
            with self._database.reading() as connection:
                row = connection.execute(query, (first, last, *selection.values)).fetchone()
            if row[0] is not None:
                yield [array("q", json.loads(f"[{text}]")) for text in row]

    def _in_file_order(self, wanted: CommentFilter, chunk: int) -> Iterator[array[int]]:
        size = max(1, min(chunk, _BLOCK * 4))
        if wanted == CommentFilter(source_ids=wanted.source_ids):
            for first, last in self.blocks(wanted.source_ids, size):
                yield array("q", range(first, last + 1))
        else:
            for (ids,) in self._lists(wanted, size):
                yield ids

    def _by_length(self, wanted: CommentFilter) -> Iterator[array[int]]:
        """Shortest first; file order among equals."""
        by_length: dict[int, array[int]] = {}
        for ids, lengths in self._lists(wanted, _BLOCK, "c.length"):
            for comment_id, length in zip(ids, lengths, strict=True):
                by_length.setdefault(length, array("q")).append(comment_id)
        for length in sorted(by_length):
            yield by_length[length]

    def _by_newest_label(self, wanted: CommentFilter, chunk: int) -> Iterator[array[int]]:
        """The newest label first, then what has none, in file order."""
        runs: list[list[tuple[int, int]]] = []
        bare = array("q")
        for ids, times in self._lists(wanted, _BLOCK, "coalesce(s.labelled_at, -1)"):
            runs.append(sorted((-at, id_) for id_, at in zip(ids, times, strict=True) if at >= 0))
            bare.extend(id_ for id_, at in zip(ids, times, strict=True) if at < 0)
        part = array("q")
        for _, comment_id in heapq.merge(*runs):
            part.append(comment_id)
            if len(part) >= chunk:
                yield part
                part = array("q")
        yield from _chunked(iter([part, bare]), chunk)

    def _at_random(self, wanted: CommentFilter) -> Iterator[array[int]]:
        """Shuffled by a hash of the id: the same order every time, and comments that come or go move no
        others."""
        buckets: list[list[tuple[int, int]]] = [[] for _ in range(_BUCKETS)]
        for (ids,) in self._lists(wanted, _BLOCK):
            for comment_id in ids:
                mixed = _mixed(comment_id)
                buckets[mixed >> 56].append((mixed, comment_id))
        for bucket in buckets:
            bucket.sort()
            yield array("q", [comment_id for _, comment_id in bucket])
            bucket.clear()


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
