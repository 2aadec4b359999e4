"""Small values that a project remembers: last page, place in a queue, sizes of splitters."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import Future
from typing import Any

from senti_studio.storage.database import Database


class ProjectSettings:
    """JSON values by key; the same for all windows of the project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str, default: Any = None) -> Any:
        """The value of ``key``, or ``default`` where there is none, or none that can be read."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
        try:
            return default if row is None else json.loads(row[0])
        except ValueError:
            return default

    def set(self, key: str, value: Any) -> Future[None]:
        """Stores ``value`` (anything that JSON can hold); returns at once."""
        text = json.dumps(value, ensure_ascii=False)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (key, text),
            )

        return self._database.writer.submit(work, durable=False)
