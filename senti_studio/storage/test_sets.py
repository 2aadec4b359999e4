"""The test set that belongs to the project: versioned, and seen by no training."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from senti_studio.domain.comments import CommentFilter
from senti_studio.storage.database import Database
from senti_studio.storage.times import moment, now
from senti_studio.storage.views import Views, never

_CURRENT = "x.version = (SELECT max(version) FROM test_sets)"
_GROUP = "coalesce((SELECT n.group_id FROM near_groups n WHERE n.comment_id = c.id), -1)"
_BLOCK = 16_384
_MANY = 10
"""Of so many labels in one stroke nobody looked at each comment."""


@dataclass(frozen=True, slots=True)
class TestCounts:
    """Comments of the test set that are shown, by their state."""

    __test__ = False

    total: int = 0
    labelled: int = 0
    skipped: int = 0
    flagged: int = 0


class TestSets:
    """Stores which comments are the test set; drawing them is the matter of `operations.test_set` and of
    `operations.training`. An empty version stands for none."""

    __test__ = False

    def __init__(self, database: Database) -> None:
        self._database = database
        self._views = Views(database)

    @property
    def version(self) -> int:
        """0 = no test set was drawn yet."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT coalesce(max(version), 0) FROM test_sets").fetchone()
        return int(row[0])

    def drawn_at(self) -> datetime | None:
        """When the newest version was drawn."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT drawn_at FROM test_sets ORDER BY version DESC LIMIT 1"
            ).fetchone()
        return None if row is None else moment(row[0])

    def current(self) -> frozenset[int]:
        """Comment ids of the newest version."""
        with self._database.reading() as connection:
            rows = connection.execute(f"SELECT x.comment_id FROM test_comments x WHERE {_CURRENT}").fetchall()
        return frozenset(row[0] for row in rows)

    def visible(self) -> frozenset[int]:
        """As `current`, without comments whose source was removed."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT x.comment_id FROM test_comments x JOIN comments c ON c.id = x.comment_id"
                f" JOIN sources o ON o.id = c.source_id WHERE o.state = 'ready' AND {_CURRENT}"
            ).fetchall()
        return frozenset(row[0] for row in rows)

    def counts(self) -> TestCounts:
        """A few rows are read, whatever the size of the project."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT count(*), coalesce(sum(s.label_id IS NOT NULL), 0),"
                " coalesce(sum(s.label_id IS NULL AND s.skipped = 1), 0),"
                " coalesce(sum(s.flagged = 1), 0)"
                " FROM test_comments x JOIN comments c ON c.id = x.comment_id"
                " JOIN sources o ON o.id = c.source_id"
                " LEFT JOIN comment_state s ON s.comment_id = c.id"
                f" WHERE o.state = 'ready' AND {_CURRENT}"
            ).fetchone()
        return TestCounts(*row)

    def counts_of(self, annotator: str, share_ids: frozenset[int] = frozenset()) -> TestCounts:
        """As `counts`, of what this person has labelled, in these shares (none: in all). Who labels
        independently has skipped nothing."""
        inside, shares = "", json.dumps(sorted(share_ids))
        if share_ids:
            inside = (
                " AND x.comment_id IN (SELECT comment_id FROM share_comments WHERE share_id IN"
                " (SELECT value FROM json_each(:shares)))"
            )
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT count(*), coalesce(sum(l.id IS NOT NULL), 0), 0, coalesce(sum(s.flagged = 1), 0)"
                " FROM test_comments x JOIN comments c ON c.id = x.comment_id"
                " JOIN sources o ON o.id = c.source_id"
                " LEFT JOIN comment_state s ON s.comment_id = c.id"
                " LEFT JOIN annotations a ON a.comment_id = c.id AND a.annotator = :annotator"
                " LEFT JOIN labels l ON l.id = a.label_id AND l.position >= 0"
                f" WHERE o.state = 'ready' AND {_CURRENT}{inside}",
                {"annotator": annotator, "shares": shares},
            ).fetchone()
        return TestCounts(*row)

    def labelled_at_once(self) -> int:
        """How many comments of the test set have a label that was given to many in one stroke, the results of
        a search for instance, and by nobody to them alone. All actions are looked at."""
        given = "SELECT 1 FROM annotations a WHERE a.comment_id = x.comment_id AND a.label_id IS NOT NULL"
        with self._database.reading() as connection:
            (count,) = connection.execute(
                "WITH strokes AS MATERIALIZED (SELECT id FROM actions WHERE verb = 'label' AND standing = 0"
                f" AND count >= {_MANY})"
                " SELECT count(*) FROM test_comments x JOIN comments c ON c.id = x.comment_id"
                " JOIN sources o ON o.id = c.source_id JOIN comment_state s ON s.comment_id = c.id"
                f" WHERE o.state = 'ready' AND s.label_id IS NOT NULL AND {_CURRENT} AND EXISTS ({given})"
                f" AND NOT EXISTS ({given} AND (a.imported = 1 OR a.seconds IS NOT NULL))"
                " AND EXISTS (SELECT 1 FROM strokes k CROSS JOIN journal j ON j.action_id = k.id"
                " AND j.comment_id = x.comment_id)"
            ).fetchone()
        return int(count)

    def kin(self, stop: Callable[[], bool] = never) -> Iterator[list[array[int]]]:
        """(ids, text keys, groups of near-copies or -1) of all visible comments that are not excluded, block
        by block: what comes together in a draw."""
        wanted = CommentFilter(excluded=False)
        yield from self._views.numbers(wanted, _BLOCK, stop, "c.text_key", _GROUP)

    def draw(self, ids: Iterable[int]) -> int:
        """Makes ``ids`` a new version and returns its number; none of them: there is no test set from now
        on."""
        chosen = sorted(set(ids))

        def work(connection: sqlite3.Connection) -> int:
            cursor = connection.execute("INSERT INTO test_sets (drawn_at) VALUES (?)", (now(),))
            version = int(cursor.lastrowid or 0)
            connection.executemany(
                "INSERT INTO test_comments VALUES (?, ?)", [(version, comment_id) for comment_id in chosen]
            )
            return version

        return self._database.writer.run(work, durable=True)
