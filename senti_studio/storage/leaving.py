"""Sources on their way out: taken away piece by piece, and what earlier versions left half taken away.

A source that goes for good is ``purged`` from the first step on: nothing shows or restores it any more, and
what a killed program left of it goes when the project is opened next. Earlier versions left it ``removed``
meanwhile; one that was restored then said of itself more comments than it had (`mend`).
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable

from senti_studio.errors import UserError
from senti_studio.storage.database import Database

_AT_ONCE = 1000
_GAP_S = 0.002
_PARTLY_GONE = "partly_gone"

_GOING = (
    "SELECT DISTINCT e.source_id FROM sources o JOIN extents e ON e.source_id = o.id WHERE o.state = 'purged'"
    " AND EXISTS (SELECT 1 FROM comments c WHERE c.id BETWEEN e.first_id AND e.last_id)"
)
_CUT = (
    "SELECT e.source_id, e.first_id, e.last_id FROM sources o JOIN extents e ON e.source_id = o.id"
    " WHERE o.state IN ('ready', 'removed') AND NOT EXISTS (SELECT 1 FROM comments c WHERE c.id = e.first_id)"
    # Where a comment alone is missing, its text still there, something else went wrong: that is not ours.
    " AND NOT EXISTS (SELECT 1 FROM texts t WHERE t.id = e.first_id)"
)


def never() -> bool:
    return False


def begin_purge(database: Database, source_id: int) -> None:
    """From now on a removed source cannot be restored. Raises UserError ``SOURCE_NOT_FOUND``."""

    def work(connection: sqlite3.Connection) -> None:
        cursor = connection.execute(
            "UPDATE sources SET state = 'purged' WHERE id = ? AND state = 'removed'", (source_id,)
        )
        if cursor.rowcount != 1:
            raise UserError("SOURCE_NOT_FOUND", name=source_id)

    database.writer.run(work, durable=True)


def take_away(database: Database, source_id: int, *, should_stop: Callable[[], bool] = never) -> bool:
    """Deletes the rows of an unfinished or purged source, in pieces short enough for others to label between
    them; False when ``should_stop`` ended it before the last."""
    while database.writer.run(lambda connection: _some(connection, source_id), durable=False):
        if should_stop():
            return False
        time.sleep(_GAP_S)
    return True


def going(database: Database) -> list[int]:
    """Purged sources of which there is still something."""
    with database.reading() as connection:
        return [int(row[0]) for row in connection.execute(_GOING)]


def _some(connection: sqlite3.Connection, source_id: int) -> bool:
    """Whether there may be more."""
    (state,) = connection.execute("SELECT state FROM sources WHERE id = ?", (source_id,)).fetchone()
    if state not in ("importing", "purged"):
        return False
    gone = 0
    for first, last in connection.execute(
        "SELECT first_id, last_id FROM extents WHERE source_id = ?", (source_id,)
    ).fetchall():
        gone += connection.execute(
            "DELETE FROM comments WHERE id IN"
            " (SELECT id FROM comments WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?)",
            (first, last, _AT_ONCE - gone),
        ).rowcount
    if gone < _AT_ONCE:
        connection.execute("UPDATE sources SET state = 'purged' WHERE id = ?", (source_id,))
        connection.execute("DELETE FROM counts WHERE source_id = ?", (source_id,))
    return gone == _AT_ONCE


# What earlier versions left
# ------------------------------------------------------------------------------------------------------------


def mend(database: Database) -> int:
    """Sources that were half taken away and are shown, or can be restored, say from now on what they have;
    returns how many comments are gone for good."""
    with database.reading() as connection:
        if not connection.execute(_CUT + " LIMIT 1").fetchone():
            return 0
    return database.writer.run(_mend, durable=True)


def partly_gone(connection: sqlite3.Connection) -> dict[int, int]:
    """Id of each visible or restorable source that `mend` found -> how many of its comments are gone."""
    row = connection.execute("SELECT value FROM settings WHERE key = ?", (_PARTLY_GONE,)).fetchone()
    known = {int(key): int(count) for key, count in json.loads(row[0]).items()} if row else {}
    there = connection.execute("SELECT id FROM sources WHERE state IN ('ready', 'removed')")
    return {source_id: known[source_id] for (source_id,) in there if source_id in known}


def _mend(connection: sqlite3.Connection) -> int:
    lost = partly_gone(connection)
    before = sum(lost.values())
    for source_id, first, last in connection.execute(_CUT).fetchall():
        (left,) = connection.execute(
            "SELECT min(id) FROM comments WHERE id BETWEEN ? AND ?", (first, last)
        ).fetchone()
        start = last + 1 if left is None else left
        lost[source_id] = lost.get(source_id, 0) + start - first
        # The ids stay taken, by a source of which nothing is left: none is ever given twice.
        connection.execute("DELETE FROM extents WHERE first_id = ?", (first,))
        connection.execute(
            "INSERT INTO extents VALUES (?, ?, ?)", (first, start - 1, _remains(connection, source_id))
        )
        if left is not None:
            connection.execute("INSERT INTO extents VALUES (?, ?, ?)", (left, last, source_id))
        connection.execute(
            "UPDATE sources SET row_count = (SELECT coalesce(sum(last_id - first_id + 1), 0) FROM extents"
            " WHERE source_id = sources.id) WHERE id = ?",
            (source_id,),
        )
    connection.execute(
        "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (_PARTLY_GONE, json.dumps(lost)),
    )
    return sum(lost.values()) - before


def _remains(connection: sqlite3.Connection, source_id: int) -> int:
    cursor = connection.execute(
        "INSERT INTO sources (state, name, path, sha256, encoding, delimiter, quote, has_header, columns,"
        " text_column, label_column, part, imported_at) SELECT 'purged', name, path, sha256, encoding,"
        " delimiter, quote, has_header, columns, text_column, label_column, part, imported_at"
        " FROM sources WHERE id = ?",
        (source_id,),
    )
    return int(cursor.lastrowid or 0)
