"""The label set of a project."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.storage.database import Database


def insert_labels(connection: sqlite3.Connection, labels: Sequence[Label]) -> None:
    """Stores a first label set, in its order."""
    connection.executemany(
        "INSERT INTO labels (position, key, name, appearance, shortcut) VALUES (?, ?, ?, ?, ?)",
        [(i, label.key, label.name, label.appearance, label.shortcut) for i, label in enumerate(labels)],
    )


def _check(labels: Sequence[Label]) -> None:
    names = [label.name.strip() for label in labels]
    keys = [label.key.strip() for label in labels]
    if not labels or "" in names or "" in keys:
        raise UserError("LABELS_EMPTY")
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    twice += [key for key in dict.fromkeys(keys) if keys.count(key) > 1 and key not in twice]
    if twice:
        raise UserError("LABELS_TWICE", names=twice)


class Labels:
    """Reads and replaces the label set."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> tuple[Label, ...]:
        """All labels in their order, with their ids."""
        with self._database.reading() as connection:
            return _labels(connection)

    def replace(self, labels: Sequence[Label]) -> tuple[Label, ...]:
        """Makes ``labels`` the label set and returns it with ids; known ones are told by id, else by key.

        Raises UserError ``LABEL_IN_USE`` when an annotation uses one that would go, ``LABELS_EMPTY`` or
        ``LABELS_TWICE`` for a set that cannot be; nothing is changed then.
        """
        _check(labels)

        def work(connection: sqlite3.Connection) -> tuple[Label, ...]:
            present = {label.id: label for label in _labels(connection)}
            by_key = {label.key: label.id for label in present.values()}
            wanted = [(label.id if label.id in present else by_key.get(label.key), label) for label in labels]
            _drop(connection, [label for id_, label in present.items() if id_ not in dict(wanted)])
            # Two labels may swap their keys; until all are set, none may bear its final one.
            connection.execute("UPDATE labels SET key = char(0) || id")
            for position, (id_, label) in enumerate(wanted):
                values = (position, label.key.strip(), label.name.strip(), label.appearance, label.shortcut)
                connection.execute(
                    "INSERT INTO labels (id, position, key, name, appearance, shortcut)"
                    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET position = excluded.position,"
                    " key = excluded.key, name = excluded.name, appearance = excluded.appearance,"
                    " shortcut = excluded.shortcut",
                    (id_, *values),
                )
            return _labels(connection)

        return self._database.writer.run(work, durable=True)


def _drop(connection: sqlite3.Connection, labels: Sequence[Label]) -> None:
    used = [
        label.name
        for label in labels
        if connection.execute("SELECT 1 FROM annotations WHERE label_id = ? LIMIT 1", (label.id,)).fetchone()
    ]
    if used:
        raise UserError("LABEL_IN_USE", names=used)
    connection.executemany("DELETE FROM labels WHERE id = ?", [(label.id,) for label in labels])


def _labels(connection: sqlite3.Connection) -> tuple[Label, ...]:
    rows = connection.execute("SELECT key, name, appearance, shortcut, id FROM labels ORDER BY position")
    return tuple(Label(*row) for row in rows)
