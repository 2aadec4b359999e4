"""From any older ``project.db`` to the present one: numbered steps, each in the same one transaction.

Step N leads from version N-1 to N; version 1 is what `schema` describes. A file is backed up before the
first step, and a stored file of every older version is opened by ``tests/storage/test_migrations.py``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from senti_studio.storage import schema
from senti_studio.storage.database import transaction

KEPT_BEFORE_MIGRATION = 3


def _version_1(connection: sqlite3.Connection) -> None:
    for statement in _statements(schema.TABLES + schema.TRIGGERS):
        connection.execute(statement)


def _version_2(connection: sqlite3.Connection) -> None:
    """Comments can be excluded from training; groups of near-duplicates have a place."""
    for statement in _statements(schema.EXCLUDING + schema.LONG_UNDO + schema.NEAR_GROUPS):
        connection.execute(statement)


def _version_3(connection: sqlite3.Connection) -> None:
    """Comments are asked again: both answers are kept."""
    for statement in _statements(schema.SECOND_LOOKS):
        connection.execute(statement)


def _version_4(connection: sqlite3.Connection) -> None:
    """Labels that looked wrong can be kept."""
    for statement in _statements(schema.KEPT_LABELS):
        connection.execute(statement)


def _version_5(connection: sqlite3.Connection) -> None:
    """Comments can be handed out; an adjudication keeps what its annotator had said before."""
    for statement in _statements(schema.PEOPLE):
        connection.execute(statement)


MIGRATIONS: Mapping[int, Callable[[sqlite3.Connection], None]] = {
    1: _version_1,
    2: _version_2,
    3: _version_3,
    4: _version_4,
    5: _version_5,
}

VERSION = max(MIGRATIONS)


def _statements(script: str) -> list[str]:
    # executescript() would commit the transaction around it.
    found, lines = [], ""
    for line in script.splitlines(keepends=True):
        lines += line
        if sqlite3.complete_statement(lines):
            found.append(lines)
            lines = ""
    return found


def version_of(connection: sqlite3.Connection) -> int:
    """The version of the tables."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(
    connection: sqlite3.Connection, steps: Mapping[int, Callable[[sqlite3.Connection], None]] = MIGRATIONS
) -> None:
    """Brings an open file up to date, all steps or none. Two windows may do it at once: the second finds it
    done."""
    with transaction(connection):
        for version in range(version_of(connection) + 1, max(steps) + 1):
            steps[version](connection)
            connection.execute(f"PRAGMA user_version = {version}")


def back_up_before(connection: sqlite3.Connection, backups: Path) -> Path:
    """Copies the file as it is to ``backups/before-version-N.db`` and keeps the newest three of these."""
    backups.mkdir(exist_ok=True)
    path = backups / f"before-version-{VERSION:03d}.db"
    if not path.exists():
        temporary = path.with_suffix(".tmp")
        temporary.unlink(missing_ok=True)
        copy = sqlite3.connect(temporary)
        try:
            connection.backup(copy)
        finally:
            copy.close()
        temporary.replace(path)
    for old in sorted(backups.glob("before-version-*.db"))[:-KEPT_BEFORE_MIGRATION]:
        old.unlink()
    return path
