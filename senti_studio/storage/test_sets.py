"""The test set that belongs to the project: versioned, and seen by no training."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from senti_studio.storage.database import Database
from senti_studio.storage.times import now


class TestSets:
    """Stores which comments are the test set; drawing them is `senti_studio.operations.training`'s."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def version(self) -> int:
        """0 = no test set was drawn yet."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT coalesce(max(version), 0) FROM test_sets").fetchone()
        return int(row[0])

    def current(self) -> frozenset[int]:
        """Comment ids of the newest version."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT comment_id FROM test_comments WHERE version = (SELECT max(version) FROM test_sets)"
            ).fetchall()
        return frozenset(row[0] for row in rows)

    def draw(self, ids: Iterable[int]) -> int:
        """Makes ``ids`` a new version and returns its number."""
        chosen = sorted(set(ids))

        def work(connection: sqlite3.Connection) -> int:
            cursor = connection.execute("INSERT INTO test_sets (drawn_at) VALUES (?)", (now(),))
            version = int(cursor.lastrowid or 0)
            connection.executemany(
                "INSERT INTO test_comments VALUES (?, ?)", [(version, comment_id) for comment_id in chosen]
            )
            return version

        return self._database.writer.run(work, durable=True)
