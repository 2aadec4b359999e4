"""Labels that looked wrong and that somebody said are right: nobody is asked again while they stand."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future

from senti_studio.domain.journal import Action, Verb
from senti_studio.storage.changes import DONE, MARK, ChangeSet, drop_redoable, record, store
from senti_studio.storage.database import Database
from senti_studio.storage.times import moment, now


class KeptLabels:
    """Of each comment the label that was confirmed; one that was changed since counts no longer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, ids: Sequence[int], *, annotator: str) -> Future[Action]:
        """Says that the labels which these comments have now are right; one action, undone like any other.
        Comments without a label are left alone."""

        def work(connection: sqlite3.Connection) -> Action:
            at = now()
            made = ChangeSet(connection, annotator, at)
            made.keep(ids)
            drop_redoable(connection, annotator)
            standing = DONE if made.entries else MARK
            action_id = record(connection, Verb.KEEP, annotator, at, 0, None, None, standing)
            touched = store(connection, action_id, made)
            return Action(
                action_id, Verb.KEEP, annotator, moment(at), len(touched), tuple(touched) or tuple(ids)
            )

        return self._database.writer.submit(work, durable=True)

    def all(self) -> dict[int, int]:
        """Comment id -> the label that was confirmed and that it still has."""
        with self._database.reading() as connection:
            return dict(
                connection.execute(
                    "SELECT k.comment_id, k.label_id FROM kept_labels k"
                    " CROSS JOIN comment_state s ON s.comment_id = k.comment_id AND s.label_id = k.label_id"
                ).fetchall()
            )
