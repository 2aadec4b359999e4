"""The label set of a project."""

from __future__ import annotations

import builtins
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace

from senti_studio.domain.journal import LABEL_SET_VERBS, Action, Verb
from senti_studio.domain.labels import APPEARANCES, Label
from senti_studio.errors import UserError
from senti_studio.storage.changes import NEXT_UNDO
from senti_studio.storage.database import Database
from senti_studio.storage.label_care import LabelCare
from senti_studio.storage.label_changes import (
    Begun,
    LabelSet,
    change,
    check_labels,
    check_new,
    check_shortcut,
    read_labels,
    without_clashes,
)
from senti_studio.storage.pieces import UNWATCHED, Watch
from senti_studio.storage.verdicts import CatchingUp


def insert_labels(connection: sqlite3.Connection, labels: Sequence[Label]) -> None:
    """Stores a first label set, in its order."""
    connection.executemany(
        "INSERT INTO labels (position, key, name, appearance, shortcut) VALUES (?, ?, ?, ?, ?)",
        [(i, label.key, label.name, label.appearance, label.shortcut) for i, label in enumerate(labels)],
    )


class Labels:
    """Reads and changes the label set. Every change by a person is one action of its journal: undo and redo
    of `Annotations` take it back and do it again, and no annotation is ever lost by one.

    In a project of many annotations `remove`, `restore` and `merge` take seconds: the comments follow piece
    by piece (``watch``), and the future is done after the last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._care = LabelCare(database)

    def catch_up(self) -> Future[int]:
        """Goes on with what a program that was killed while a label came or went has left undone."""
        return CatchingUp(self._database).begin()

    def list(self) -> tuple[Label, ...]:
        """The visible labels in their order, with their ids."""
        with self._database.reading() as connection:
            return read_labels(connection).visible

    def removed(self) -> builtins.list[tuple[Label, int]]:
        """Removed labels, newest first, and how many annotations each keeps hidden. One that was added and
        taken back by an undo was not removed: it is among them only where somebody has used it."""
        with self._database.reading() as connection:
            found = read_labels(connection)
            hidden = [label for label_id, label in found.labels.items() if label_id not in found.order]
            counts = dict(
                connection.execute(
                    "SELECT label_id, count(*) FROM annotations WHERE label_id IN"
                    " (SELECT id FROM labels WHERE position < 0) GROUP BY label_id"
                ).fetchall()
                if hidden
                else []
            )
            undone = {
                row[0]
                for row in connection.execute(
                    "SELECT label_id FROM actions WHERE verb = ? AND standing <> 0 AND ?",
                    (Verb.ADD_LABEL, bool(hidden)),
                )
            }
        left = [label for label in hidden if label.id not in undone or counts.get(label.id, 0)]
        return [(label, counts.get(label.id, 0)) for label in sorted(left, key=lambda each: -each.id)]

    def change_to_undo(self, annotator: str) -> int | None:
        """The id of the annotator's newest action that stands, if it changed the label set."""
        with self._database.reading() as connection:
            row = connection.execute(NEXT_UNDO, (annotator,)).fetchone()
        return row[0] if row is not None and row[1] in LABEL_SET_VERBS else None

    def add(self, label: Label, *, annotator: str) -> Future[Action]:
        """Puts a new label at the end; the action's ``label_id`` is its id.

        The future raises UserError ``LABELS_TWICE`` or ``LABELS_EMPTY``, as those of all changes, and
        ``SHORTCUT_TAKEN`` and what `require_showable` raises, as that of `change`.
        """
        new = _plain(label)

        def work(connection: sqlite3.Connection) -> Begun:
            present = read_labels(connection)
            check_labels([*present.visible, new])
            check_new(present, [new])
            check_shortcut(present, new)
            cursor = connection.execute(
                "INSERT INTO labels (position, key, name, appearance, shortcut)"
                " VALUES (-1, char(0) || 'new' || char(0) || ?, ?, ?, ?)",
                (new.key, new.name, new.appearance, new.shortcut),
            )
            label_id = int(cursor.lastrowid or 0)
            labels = read_labels(connection)
            after = LabelSet(labels.labels, (*labels.order, label_id))
            return change(
                connection, after, verb=Verb.ADD_LABEL, annotator=annotator, of=label_id, is_new=True
            )

        return self._care.submit(work)

    def change(self, label: Label, *, annotator: str) -> Future[Action]:
        """Gives the label with this id another name, key, appearance or shortcut.

        The future raises UserError ``LABEL_GONE`` for one that is not there (any more).
        """
        new = _plain(label)

        def after(labels: LabelSet) -> LabelSet:
            labels.get(new.id)
            check_new(labels, [new])
            check_shortcut(labels, new)
            return labels.with_label(new)

        return self._act(after, Verb.CHANGE_LABEL, annotator, label.id)

    def move(self, label_id: int, place: int, *, annotator: str) -> Future[Action]:
        """Puts a label at ``place`` (from 0) of the order."""

        def after(labels: LabelSet) -> LabelSet:
            labels.get(label_id)
            order = [each for each in labels.order if each != label_id]
            order.insert(max(0, min(place, len(order))), label_id)
            return LabelSet(labels.labels, tuple(order))

        return self._act(after, Verb.MOVE_LABEL, annotator, label_id)

    def remove(self, label_id: int, *, annotator: str, watch: Watch = UNWATCHED) -> Future[Action]:
        """Takes a label out of the label set; its annotations are kept, hidden, for `restore`. When ``watch``
        stops it, it is taken back (``stopped``)."""

        def after(labels: LabelSet) -> LabelSet:
            labels.get(label_id)
            return LabelSet(labels.labels, tuple(each for each in labels.order if each != label_id))

        return self._act(after, Verb.REMOVE_LABEL, annotator, label_id, watch)

    def restore(self, label_id: int, *, annotator: str, watch: Watch = UNWATCHED) -> Future[Action]:
        """Brings a removed label back to the end of the label set, with its annotations; ``watch`` as for
        `remove`."""

        def after(labels: LabelSet) -> LabelSet:
            if label_id not in labels.labels or label_id in labels.order:
                raise UserError("LABEL_GONE")
            return without_clashes(LabelSet(labels.labels, (*labels.order, label_id)), labels)

        return self._act(after, Verb.RESTORE_LABEL, annotator, label_id, watch)

    def merge(self, label_id: int, into: int, *, annotator: str, watch: Watch = UNWATCHED) -> Future[Action]:
        """Makes every annotation of a label one of another, and removes the label; the journal knows which
        annotations these were.

        When ``watch`` stops it, what was given to the other label stays there, the label stays too, and one
        undo takes it back.
        """
        return self._care.merge(label_id, into, annotator=annotator, watch=watch)

    def _act(
        self,
        after: Callable[[LabelSet], LabelSet],
        verb: Verb,
        annotator: str,
        label_id: int,
        watch: Watch = UNWATCHED,
    ) -> Future[Action]:
        return self._care.submit(
            lambda connection: change(
                connection, after(read_labels(connection)), verb=verb, annotator=annotator, of=label_id
            ),
            watch,
        )

    def replace(self, labels: Sequence[Label]) -> tuple[Label, ...]:
        """Makes ``labels`` the label set and returns it with ids; known ones are told by id, else by key.

        For programs, not for persons: no journal, no undo. Raises UserError ``LABEL_IN_USE`` when an
        annotation uses one that would go, ``LABELS_EMPTY`` or ``LABELS_TWICE`` for a set that cannot be;
        nothing is changed then.
        """
        check_labels(labels)

        def work(connection: sqlite3.Connection) -> tuple[Label, ...]:
            known = read_labels(connection)
            present = {label.id: label for label in known.visible}
            by_key = {label.key: label.id for label in present.values()}
            wanted = [(label.id if label.id in present else by_key.get(label.key), label) for label in labels]
            check_new(known, [replace(label, id=id_ or 0) for id_, label in wanted])
            _drop(connection, [label for id_, label in present.items() if id_ not in dict(wanted)])
            # Two labels may swap their keys; until all are set, none may bear its final one.
            connection.execute("UPDATE labels SET key = char(0) || id WHERE position >= 0")
            for position, (id_, label) in enumerate(wanted):
                values = (position, label.key.strip(), label.name.strip(), label.appearance, label.shortcut)
                connection.execute(
                    "INSERT INTO labels (id, position, key, name, appearance, shortcut)"
                    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET position = excluded.position,"
                    " key = excluded.key, name = excluded.name, appearance = excluded.appearance,"
                    " shortcut = excluded.shortcut",
                    (id_, *values),
                )
            return read_labels(connection).visible

        return self._database.writer.run(work, durable=True)


def _plain(label: Label) -> Label:
    # Half a surrogate pair (a cut emoji) cannot be stored, and NUL tells removed keys from others.
    key, name, shortcut = (
        text.replace("\0", "").strip().encode("utf-8", "replace").decode("utf-8")
        for text in (label.key, label.name, label.shortcut)
    )
    look = label.appearance if label.appearance in APPEARANCES else "neu"
    return replace(label, key=key, name=name, shortcut=shortcut, appearance=look)


def _drop(connection: sqlite3.Connection, labels: Sequence[Label]) -> None:
    used = [
        label.name
        for label in labels
        if connection.execute("SELECT 1 FROM annotations WHERE label_id = ? LIMIT 1", (label.id,)).fetchone()
    ]
    if used:
        raise UserError("LABEL_IN_USE", names=used)
    connection.executemany("DELETE FROM labels WHERE id = ?", [(label.id,) for label in labels])
