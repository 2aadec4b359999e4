"""Labelling: every action is one durable transaction, journalled, undoable after a restart."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import Future

from senti_studio.domain.journal import Action, HistoryItem, Verb
from senti_studio.errors import UserError
from senti_studio.storage.bulk import MANY, BulkChanges
from senti_studio.storage.changes import NEXT_REDO, NEXT_UNDO, act, adjudicate
from senti_studio.storage.comment_states import Value
from senti_studio.storage.conditional import Seen, open_copies
from senti_studio.storage.database import Database
from senti_studio.storage.pieces import UNWATCHED, Watch
from senti_studio.storage.times import moment

_SHOWN_TEXT = 60


class Annotations:
    """What people say about comments. Every change returns at once; its future is done after the commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._bulk = BulkChanges(database)

    def label(
        self,
        ids: Sequence[int],
        label_id: int | None,
        *,
        annotator: str,
        seconds: float | None = None,
        since: int | None = None,
        is_open: bool = False,
        watch: Watch = UNWATCHED,
    ) -> Future[Action]:
        """Gives all ``ids`` one label (None takes the annotator's label away, an imported one too), in one
        action.

        ``since``: the newest action when the ids were read; what anybody decided on after that is left alone
        and counted in ``left_out``, with ``is_open`` also what has a label or is skipped by then.
        ``seconds``: how long the decision took. A skipped comment that is labelled is no longer skipped.
        Above `MANY` comments the action is written piece by piece (``watch``), so that nobody waits for it.
        The future raises UserError ``LABEL_GONE`` for a label that another window has removed.
        """
        verb = Verb.CLEAR if label_id is None else Verb.LABEL
        values: dict[str, Value] = {"label": label_id}
        if label_id is not None:
            values["skipped"] = 0
        seen = None if since is None else Seen(since, is_open)

        def check(connection: sqlite3.Connection) -> None:
            if label_id is not None:
                _check_label(connection, label_id)

        if len(ids) > MANY:
            return self._bulk.act(
                ids,
                values,
                verb=verb,
                annotator=annotator,
                label_id=label_id,
                check=check,
                seen=seen,
                watch=watch,
            )

        def work(connection: sqlite3.Connection) -> Action:
            check(connection)
            still = ids if seen is None else seen.still(connection, ids)
            action = act(
                connection, still, values, verb=verb, annotator=annotator, label_id=label_id, seconds=seconds
            )
            return dataclasses.replace(action, left_out=len(ids) - len(still))

        return self._database.writer.submit(work, durable=True)

    def label_copies(self, originals: Mapping[int, int], label_id: int, *, annotator: str) -> Future[Action]:
        """Gives copies (copy: original) the label of their originals, in one action; those that somebody
        labelled or skipped, or whose original has another label now, are counted in ``left_out``.

        Raises (in the future) ``LABEL_GONE``.
        """

        def work(connection: sqlite3.Connection) -> Action:
            _check_label(connection, label_id)
            ids = open_copies(connection, originals, label_id, annotator)
            values: dict[str, Value] = {"label": label_id}
            action = act(connection, ids, values, verb=Verb.LABEL, annotator=annotator, label_id=label_id)
            return dataclasses.replace(action, left_out=len(originals) - len(ids))

        return self._database.writer.submit(work, durable=True)

    def adjudicate(
        self, comment_id: int, label_id: int, *, annotator: str, seconds: float | None = None
    ) -> Future[Action]:
        """Decides what people disagree on: this label is the comment's from now on, whatever was said of it.

        What the annotator had said before is kept for the agreement. Raises (in the future) ``LABEL_GONE``.
        """

        def work(connection: sqlite3.Connection) -> Action:
            _check_label(connection, label_id)
            return adjudicate(connection, comment_id, label_id, annotator=annotator, seconds=seconds)

        return self._database.writer.submit(work, durable=True)

    def skip(self, ids: Sequence[int], on: bool = True, *, annotator: str) -> Future[Action]:
        """Puts comments aside ("not now"), or takes them back."""
        return self._act(ids, {"skipped": int(on)}, Verb.SKIP if on else Verb.UNSKIP, annotator)

    def flag(self, ids: Sequence[int], on: bool = True, *, annotator: str) -> Future[Action]:
        """Marks comments to be looked at again, or takes the mark off."""
        return self._act(ids, {"flagged": int(on)}, Verb.FLAG if on else Verb.UNFLAG, annotator)

    def exclude(
        self, ids: Sequence[int], on: bool = True, *, annotator: str, watch: Watch = UNWATCHED
    ) -> Future[Action]:
        """Leaves comments out of training, or takes them in again; their labels stay."""
        return self._act(ids, {"excluded": int(on)}, Verb.EXCLUDE if on else Verb.RESTORE, annotator, watch)

    def note(self, comment_id: int, text: str, *, annotator: str) -> Future[Action]:
        """Writes a remark on a comment; an empty one removes it."""
        # Half a surrogate pair (a cut emoji) cannot be stored.
        plain = text.strip().encode("utf-8", "replace").decode("utf-8")
        return self._act([comment_id], {"note": plain}, Verb.NOTE, annotator)

    def undo(
        self, annotator: str, *, only: int | None = None, watch: Watch = UNWATCHED
    ) -> Future[Action | None]:
        """Takes back the annotator's newest action; None when there is none, or when it is not the one with
        the id ``only``.

        Comments that somebody else changed in between are left as they are and counted in ``left_out``.
        """
        return self._bulk.reverse(annotator, forward=False, only=only, watch=watch)

    def redo(self, annotator: str, *, watch: Watch = UNWATCHED) -> Future[Action | None]:
        """Does the last undone action again; None when there is none."""
        return self._bulk.reverse(annotator, forward=True, watch=watch)

    def can_undo(self, annotator: str) -> bool:
        return self._exists(NEXT_UNDO, annotator)

    def can_redo(self, annotator: str) -> bool:
        return self._exists(NEXT_REDO, annotator)

    def history(self, annotator: str, limit: int = 50) -> list[HistoryItem]:
        """The annotator's last actions that stand, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT a.id, a.verb, a.at, a.count, a.label_id,"
                " (SELECT j.comment_id FROM journal j WHERE j.action_id = a.id"
                " AND (a.verb != 'merge_project' OR j.comment_id > 0) ORDER BY j.comment_id LIMIT 1)"
                " FROM actions a WHERE a.annotator = ? AND a.standing = 0 ORDER BY a.id DESC LIMIT ?",
                (annotator, limit),
            ).fetchall()
            items = []
            for action_id, verb, at, count, label_id, comment_id in rows:
                text = connection.execute(
                    f"SELECT substr(text, 1, {_SHOWN_TEXT}) FROM texts WHERE id = ?",
                    (comment_id,),
                ).fetchone()
                if text is not None:
                    items.append(
                        HistoryItem(action_id, Verb(verb), moment(at), count, comment_id, text[0], label_id)
                    )
        return items

    def newest_action(self) -> int:
        """The id of the last action of anybody, 0 when there is none; for noticing changes."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT coalesce(max(id), 0) FROM actions").fetchone()[0])

    def _act(
        self,
        ids: Sequence[int],
        values: Mapping[str, Value],
        verb: Verb,
        annotator: str,
        watch: Watch = UNWATCHED,
    ) -> Future[Action]:
        if len(ids) > MANY:
            return self._bulk.act(ids, values, verb=verb, annotator=annotator, watch=watch)
        return self._database.writer.submit(
            lambda connection: act(connection, ids, values, verb=verb, annotator=annotator), durable=True
        )

    def _exists(self, query: str, annotator: str) -> bool:
        with self._database.reading() as connection:
            return connection.execute(query, (annotator,)).fetchone() is not None


def _check_label(connection: sqlite3.Connection, label_id: int) -> None:
    if (
        connection.execute("SELECT 1 FROM labels WHERE id = ? AND position >= 0", (label_id,)).fetchone()
        is None
    ):
        raise UserError("LABEL_GONE")
