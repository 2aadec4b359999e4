"""Which comments nearly say the same: written by the ``index`` helper, can be made anew at any time."""

from __future__ import annotations

import json
import sqlite3
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from senti_studio.domain.boilerplate import SETTING
from senti_studio.domain.near_groups import NearSummary
from senti_studio.storage.database import Database, connect
from senti_studio.storage.errors import meaning_of

_SETTING = "near_groups"
_PAGE = 4000
_TRANSACTION_S = 0.010
_GAP_S = 0.002
_SMALLEST, _LARGEST = 100, 4000


class NearGroups:
    """Reads texts for the one who looks for near-copies, and stores what was found."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._step = 500

    def texts(self) -> Iterator[tuple[list[int], list[str]]]:
        """Pages of ids and whole texts of all visible comments, by id."""
        with self._database.reading() as connection:
            extents = connection.execute(
                "SELECT e.first_id, e.last_id FROM extents e JOIN sources o ON o.id = e.source_id"
                " WHERE o.state = 'ready' ORDER BY e.first_id"
            ).fetchall()
        for first, last in extents:
            for start in range(first, last + 1, _PAGE):
                with self._database.reading() as connection:
                    rows = connection.execute(
                        "SELECT id, text FROM texts WHERE id BETWEEN ? AND ? ORDER BY id",
                        (start, min(start + _PAGE - 1, last)),
                    ).fetchall()
                if rows:
                    yield [row[0] for row in rows], [row[1] for row in rows]

    def of_labelled(self) -> dict[int, int]:
        """Comment -> group, of the comments that have a label; empty where nobody has looked yet."""
        with self._database.reading() as connection:
            return dict(
                connection.execute(
                    "SELECT n.comment_id, n.group_id FROM near_groups n CROSS JOIN comment_state s"
                    " ON s.comment_id = n.comment_id WHERE s.label_id IS NOT NULL"
                ).fetchall()
            )

    def members(self, comment_id: int, most: int) -> list[int]:
        """The other visible comments of the group that a comment belongs to, by id; at most ``most``."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT m.comment_id FROM near_groups n CROSS JOIN near_groups m ON m.group_id = n.group_id"
                " CROSS JOIN comments c ON c.id = m.comment_id"
                " CROSS JOIN sources o ON o.id = c.source_id AND o.state = 'ready'"
                " WHERE n.comment_id = ? AND m.comment_id != n.comment_id ORDER BY m.comment_id LIMIT ?",
                (comment_id, most),
            ).fetchall()
        return [row[0] for row in rows]

    def beside(self, ids: Sequence[int]) -> set[int]:
        """Comments that stand in a group with one of ``ids``; empty where nobody has looked yet."""
        found: set[int] = set()
        with self._database.reading() as connection:
            for start in range(0, len(ids), _PAGE):
                rows = connection.execute(
                    "SELECT DISTINCT m.comment_id FROM json_each(?) j CROSS JOIN near_groups n"
                    " ON n.comment_id = j.value CROSS JOIN near_groups m ON m.group_id = n.group_id",
                    (json.dumps(list(ids[start : start + _PAGE])),),
                )
                found.update(row[0] for row in rows)
        return found

    def outside_test_set(self, ids: Sequence[int]) -> list[int]:
        """Those of a few ``ids`` that no test set holds, in their order."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT x.comment_id FROM json_each(?) j CROSS JOIN test_comments x ON x.comment_id = j.value"
                " WHERE x.version = (SELECT max(version) FROM test_sets)",
                (json.dumps(list(ids)),),
            ).fetchall()
        held = {row[0] for row in rows}
        return [each for each in ids if each not in held]

    def write(self, pairs: Sequence[tuple[int, int]], first_id: int, last_id: int) -> None:
        """Makes ``pairs`` (comment, group), sorted by comment, all that is known of the ids from ``first_id``
        to ``last_id``; in transactions so short that no label waits."""
        lower = first_id
        while lower <= last_id:
            start = bisect_left(pairs, (lower, 0))
            upper = min(lower + 4 * self._step - 1, last_id)
            if start + self._step < len(pairs):
                upper = min(upper, pairs[start + self._step][0] - 1)
            part = pairs[start : bisect_left(pairs, (upper + 1, 0))]
            count, seconds = self._database.writer.run(_replacement(lower, upper, part), durable=False)
            self._adapt(count, seconds)
            lower = upper + 1
            time.sleep(_GAP_S)

    def _adapt(self, count: int, seconds: float) -> None:
        if count >= self._step // 2:
            aim = count * _TRANSACTION_S / max(seconds, 1e-6)
            self._step = int(min(_LARGEST, max(_SMALLEST, (self._step + aim) / 2)))

    def conclude(self, summary: NearSummary) -> None:
        """Notes what was found, for which files, and forgets groups of comments that are not shown."""
        values = {
            "groups": summary.groups,
            "members": summary.members,
            "comments": summary.comments,
            "seconds": round(summary.seconds, 1),
        }
        with self._database.reading() as connection:
            hidden = connection.execute(
                "SELECT e.first_id, e.last_id FROM extents e JOIN sources o ON o.id = e.source_id"
                " WHERE o.state != 'ready'"
            ).fetchall()
        for first, last in hidden:
            self.write([], first, last)

        def work(connection: sqlite3.Connection) -> None:
            text = json.dumps({**values, "sources": _sources(connection)})
            connection.execute(
                "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (_SETTING, text),
            )

        self._database.writer.run(work, durable=False)

    def summary(self) -> NearSummary | None:
        """What the last look found; None when nobody has looked yet."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT value FROM settings WHERE key = ?", (_SETTING,)).fetchone()
            sources = _sources(connection)
        if row is None:
            return None
        found = json.loads(row[0])
        return NearSummary(
            int(found["groups"]),
            int(found["members"]),
            int(found["comments"]),
            float(found["seconds"]),
            found["sources"] == sources,
        )


def _replacement(
    first: int, last: int, pairs: Sequence[tuple[int, int]]
) -> Callable[[sqlite3.Connection], tuple[int, float]]:
    def work(connection: sqlite3.Connection) -> tuple[int, float]:
        began = time.perf_counter()
        old = dict(
            connection.execute(
                "SELECT comment_id, group_id FROM near_groups WHERE comment_id BETWEEN ? AND ?", (first, last)
            ).fetchall()
        )
        new = dict(pairs)
        gone = [(each,) for each in old if each not in new]
        come = [pair for pair in pairs if old.get(pair[0]) != pair[1]]
        connection.executemany("DELETE FROM near_groups WHERE comment_id = ?", gone)
        connection.executemany(
            "INSERT INTO near_groups VALUES (?, ?) ON CONFLICT DO UPDATE SET group_id = excluded.group_id",
            come,
        )
        return max(len(gone) + len(come), 1), time.perf_counter() - began

    return work


def _sources(connection: sqlite3.Connection) -> list[int]:
    rows = connection.execute("SELECT id FROM sources WHERE state = 'ready' ORDER BY id")
    return [row[0] for row in rows]


def known_texts_of(folder: Path) -> tuple[array[int], list[str] | None]:
    """Keys of the texts of all visible comments of a project that need not be open, and its own list of
    boiler-plate texts (None: it has none). Raises UserError for a file that cannot be read."""
    path = folder / "project.db"
    keys = array("q")
    try:
        with closing(connect(path, mode="ro")) as connection:
            rows = connection.execute(
                "SELECT c.text_key FROM sources o JOIN extents e ON e.source_id = o.id"
                " CROSS JOIN comments c ON c.id BETWEEN e.first_id AND e.last_id WHERE o.state = 'ready'"
            )
            while page := rows.fetchmany(_PAGE):
                keys.extend(row[0] for row in page)
            row = connection.execute("SELECT value FROM settings WHERE key = ?", (SETTING,)).fetchone()
    except sqlite3.Error as error:
        raise meaning_of(error, path) from error
    listed = json.loads(row[0]) if row is not None else None
    return keys, [str(each) for each in listed] if isinstance(listed, list) else None
