"""How many visible comments share a text: found for the whole project once, then kept until sources come or
go."""

from __future__ import annotations

import json
import sqlite3
import threading
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from senti_studio.storage.database import Database

_AT_ONCE = 2000


@dataclass(slots=True)
class _Counted:
    """Keys in ascending order, and for each the number of comments."""

    keys: array[int] = field(default_factory=lambda: array("q"))
    counts: array[int] = field(default_factory=lambda: array("q"))

    def count(self, key: int) -> int:
        place = bisect_left(self.keys, key)
        return self.counts[place] if place < len(self.keys) and self.keys[place] == key else 1


class Copies:
    """Sizes of the groups of equal texts (by ``text_key``) and of the groups of near-duplicates."""

    def __init__(
        self, database: Database, keys: Callable[[Callable[[], bool]], Iterator[array[int]]]
    ) -> None:
        """``keys`` gives the text keys of all visible comments, piece by piece."""
        self._database = database
        self._keys = keys
        self._lock = threading.Lock()
        self._made_for: object = None
        self._exact = _Counted()
        self._near = _Counted()

    @property
    def is_known(self) -> bool:
        """Whether sizes were found for the comments as they are now."""
        return self._made_for is not None and self._made_for == self._signature()

    def of(self, text_key: int, group_id: int | None) -> int:
        """The number of comments in the bigger of the two groups; 1 for a comment of its own."""
        near = 1 if group_id is None else self._near.count(group_id)
        return max(near, self._exact.count(text_key))

    def copied_keys(self) -> frozenset[int]:
        """The text keys that more than one comment has."""
        return frozenset(self._exact.keys)

    def find(self, stop: Callable[[], bool] = lambda: False) -> bool:
        """Counts, unless that was done for the comments as they are; takes seconds at a million.

        Raises UserError ``PROJECT_CLOSED``; True when it was not stopped.
        """
        with self._lock:
            signature = self._signature()
            if signature == self._made_for:
                return True
            exact = self._count_keys(stop)
            near = self._count(
                "SELECT n.group_id, count(*) FROM near_groups n CROSS JOIN comments c ON c.id = n.comment_id"
                " WHERE c.source_id IN (SELECT id FROM sources WHERE state = 'ready')"
                " GROUP BY n.group_id HAVING count(*) > 1 ORDER BY n.group_id",
                stop,
            )
            if exact is None or near is None:
                return False
            self._exact, self._near, self._made_for = exact, near, signature
            return True

    def open_ones(self, ids: Sequence[int]) -> dict[int, list[int]]:
        """For each of these comments, by id, the visible comments of the same text that are neither labelled
        nor skipped; those without any are left out. One look at all comments, for threads that may wait."""
        with self._database.reading() as connection:
            keys = dict(
                connection.execute(
                    "SELECT c.id, c.text_key FROM json_each(?) j CROSS JOIN comments c ON c.id = j.value",
                    (json.dumps(list(ids)),),
                ).fetchall()
            )
        if self.is_known:
            keys = {each: key for each, key in keys.items() if self._exact.count(key) > 1}
        if not keys:
            return {}
        copies: dict[int, list[int]] = {}
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT c.text_key, c.id FROM comments c LEFT JOIN comment_state s ON s.comment_id = c.id"
                " WHERE c.text_key IN (SELECT value FROM json_each(?)) AND s.label_id IS NULL"
                " AND coalesce(s.skipped, 0) = 0"
                " AND c.source_id IN (SELECT id FROM sources WHERE state = 'ready') ORDER BY c.id",
                (json.dumps(list(keys.values())),),
            ).fetchall()
        for key, comment_id in rows:
            copies.setdefault(key, []).append(comment_id)
        found = {each: [copy for copy in copies.get(key, []) if copy != each] for each, key in keys.items()}
        return {each: others for each, others in found.items() if others}

    def summary(self) -> tuple[int, int]:
        """(comments with another of the same text, comments with a near-duplicate), as counted last."""
        return sum(self._exact.counts), sum(self._near.counts)

    def _count_keys(self, stop: Callable[[], bool]) -> _Counted | None:
        """Sorted by their first byte into small heaps, so that no step holds the interpreter for long."""
        heaps = [array("q") for _ in range(256)]
        for keys in self._keys(stop):
            for key in keys:
                heaps[(key >> 56) + 128].append(key)
        found = _Counted()
        for heap in heaps:
            if stop():
                return None
            for key, count in sorted(Counter(heap).items()):
                if count > 1:
                    found.keys.append(key)
                    found.counts.append(count)
        return None if stop() else found

    def _count(self, query: str, stop: Callable[[], bool]) -> _Counted | None:
        found = _Counted()
        with self._database.reading() as connection:
            connection.set_progress_handler(lambda: int(stop()), 200_000)
            try:
                cursor = connection.execute(query)
                while rows := cursor.fetchmany(_AT_ONCE):
                    found.keys.extend(row[0] for row in rows)
                    found.counts.extend(row[1] for row in rows)
            except sqlite3.OperationalError:
                if stop():
                    return None
                raise
            finally:
                connection.set_progress_handler(None, 0)
        return found

    def _signature(self) -> object:
        with self._database.reading() as connection:
            sources = connection.execute("SELECT id, row_count FROM sources WHERE state = 'ready'").fetchall()
            near = connection.execute("SELECT max(group_id), max(comment_id) FROM near_groups").fetchone()
        return (tuple(sources), near)
