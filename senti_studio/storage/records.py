"""Records of folders: runs, kept models and batches. The folder is the truth, the record says that it
belongs here."""

from __future__ import annotations

import builtins
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PureWindowsPath
from typing import Any, Literal

from senti_studio.errors import UserError
from senti_studio.storage.database import Database
from senti_studio.storage.times import moment, now

Table = Literal["runs", "models", "batches"]


@dataclass(frozen=True, slots=True)
class Record:
    """One folder. ``folder`` is its name below the project's folder of that kind; ``number`` counts from 1
    and is never given twice; ``details`` are JSON values that make lists fast and can be computed again."""

    id: str
    number: int
    kind: str
    name: str
    folder: str
    created_at: datetime
    details: Mapping[str, Any] = field(default_factory=dict)


class Records:
    """The records of one table."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table

    def list(self, kind: str | None = None) -> builtins.list[Record]:
        """All records (of one kind), newest first."""
        return self._select("AND (?1 IS NULL OR kind = ?1) ORDER BY number DESC", kind)

    def get(self, record_id: str) -> Record:
        """Raises UserError ``RECORD_NOT_FOUND``."""
        found = self._select("AND id = ?1", record_id)
        if not found:
            raise UserError("RECORD_NOT_FOUND", name=record_id)
        return found[0]

    def reserve_number(self) -> int:
        """The next number; call it before the folder is made, which bears the number in its name."""

        def work(connection: sqlite3.Connection) -> int:
            key = f"numbers/{self._table}"
            row = connection.execute("SELECT value FROM project WHERE key = ?", (key,)).fetchone()
            number = int(row[0]) + 1 if row else 1
            connection.execute("INSERT OR REPLACE INTO project VALUES (?, ?)", (key, str(number)))
            return number

        return self._database.writer.run(work, durable=True)

    def add(
        self,
        record_id: str,
        *,
        number: int,
        kind: str,
        name: str,
        folder: str,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Adds a record."""
        values = (record_id, number, kind, name, folder, now(), json.dumps(dict(details or {})))
        self._write(
            lambda connection: connection.execute(
                f"INSERT INTO {self._table} (id, number, kind, name, folder, created_at, details)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )
        )

    def update(
        self, record_id: str, *, name: str | None = None, details: Mapping[str, Any] | None = None
    ) -> None:
        """Changes name or details."""
        text = None if details is None else json.dumps(dict(details), ensure_ascii=False)
        self._write(
            lambda connection: connection.execute(
                f"UPDATE {self._table} SET name = coalesce(?, name), details = coalesce(?, details)"
                " WHERE id = ?",
                (name, text, record_id),
            )
        )

    def update_details(self, details: Mapping[str, Mapping[str, Any]]) -> None:
        """Changes the details of several records in one transaction."""
        rows = [(json.dumps(dict(values), ensure_ascii=False), key) for key, values in details.items()]
        self._write(
            lambda connection: connection.executemany(
                f"UPDATE {self._table} SET details = ? WHERE id = ?",
                rows,
            )
        )

    def remove(self, record_id: str) -> None:
        """Hides a record; its number stays taken."""
        self._write(
            lambda connection: connection.execute(
                f"UPDATE {self._table} SET removed = 1 WHERE id = ?",
                (record_id,),
            )
        )

    def _write(self, work: Callable[[sqlite3.Connection], object]) -> None:
        self._database.writer.run(work, durable=False)

    def _select(self, rest: str, value: str | None) -> builtins.list[Record]:
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT id, number, kind, name, folder, created_at, details FROM {self._table}"
                f" WHERE removed = 0 {rest}",
                (value,),
            ).fetchall()
        return [
            Record(record_id, number, kind, name, _plain(folder), moment(created), json.loads(details))
            for record_id, number, kind, name, folder, created, details in rows
        ]


def _plain(folder: str) -> str:
    """One name: a project that somebody else prepared must not make us move folders outside of it."""
    # Windows' rules know both kinds of slashes, and drives.
    name = PureWindowsPath(folder).name
    return name if name not in ("", ".", "..") else "_"
