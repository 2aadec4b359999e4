"""Changes of many comments as one action in many short transactions, so that no label elsewhere waits.

The action stands in the journal from its first comment on: what was changed when the program ends midway is
there, and one undo takes it back. An undo that ends midway is gone on with by the next one (`RUNNING`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from senti_studio.domain.journal import LABEL_SET_VERBS, Action, Verb
from senti_studio.storage import changes, label_changes
from senti_studio.storage.changes import (
    DONE,
    MARK,
    NEXT_REDO,
    NEXT_UNDO,
    RUNNING,
    SHOWN_IDS,
    UNDONE,
    ChangeSet,
    Entry,
)
from senti_studio.storage.comment_states import Value
from senti_studio.storage.conditional import Seen
from senti_studio.storage.database import Database
from senti_studio.storage.label_care import LabelCare
from senti_studio.storage.label_changes import Begun, MergeReversal
from senti_studio.storage.pieces import UNWATCHED, Pieces, Watch, after, in_thread, leave_log, mind_log
from senti_studio.storage.times import moment, now
from senti_studio.storage.verdicts import CatchingUp

MANY = 2000
"""Up to so many comments are changed in one transaction."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """An undo or redo of many comments under way.

    ``action_id`` is its own row, ``source_id`` the action whose journal it goes through, ``of`` the verb that
    it takes back; ``changed`` comments are done already.
    """

    action_id: int
    source_id: int
    verb: Verb
    of: Verb
    label_id: int | None
    total: int
    changed: int

    def entries(self, connection: sqlite3.Connection, last: tuple[int, str], count: int) -> list[Entry]:
        """The next journal entries after ``last``, and after what was done before a stop midway."""
        done = connection.execute(
            "SELECT comment_id, field FROM journal WHERE action_id = ?"
            " ORDER BY comment_id DESC, field DESC LIMIT 1",
            (self.action_id,),
        ).fetchone()
        start = max(last, done) if done is not None else last
        return connection.execute(_NEXT_ENTRIES, (self.source_id, *start, count)).fetchall()


def begin_reverse(
    connection: sqlite3.Connection, annotator: str, *, forward: bool, only: int | None, most: int
) -> Action | Begun | MergeReversal | Reversal | None:
    """Undoes or redoes an action of up to ``most`` comments; begins with a bigger one, or finds the one that
    was not finished. None when there is nothing, or when it is not ``only``."""
    running = connection.execute(
        "SELECT id, target, verb, label_id, count FROM actions WHERE annotator = ? AND standing = 4 LIMIT 1",
        (annotator,),
    ).fetchone()
    if running is not None:
        own, target, said, label_id, changed = running
        verb, source, total = _source_of(connection, target, before=own)
        if verb is Verb.MERGE_LABEL:
            return MergeReversal(own, source, Verb(said), label_id)
        return Reversal(own, source, Verb(said), verb, label_id, total, changed)
    row = connection.execute(NEXT_REDO if forward else NEXT_UNDO, (annotator,)).fetchone()
    if row is None or only not in (None, row[0]):
        return None
    target, _, label_id = row
    verb, source, total = _source_of(connection, target, before=None)
    if verb in LABEL_SET_VERBS:
        return label_changes.reverse(connection, annotator, row, forward=forward)
    if total <= most and verb is not Verb.MERGE_PROJECT:
        return (changes.redo if forward else changes.undo)(connection, annotator)
    connection.execute("UPDATE actions SET standing = ? WHERE id = ?", (DONE if forward else UNDONE, target))
    said = Verb.REDO if forward else Verb.UNDO
    own = changes.record(connection, said, annotator, now(), 0, label_id, target, RUNNING)
    if verb is Verb.MERGE_PROJECT:
        label_changes.put_labels_back(connection, source, own)
    return Reversal(own, source, said, verb, label_id, total, 0)


def _source_of(connection: sqlite3.Connection, target: int, *, before: int | None) -> tuple[Verb, int, int]:
    """The verb of an action, and what its last undo or redo (else itself) really changed: id and count."""
    (source,) = connection.execute(
        "SELECT coalesce(max(id), ?1) FROM actions WHERE target = ?1 AND (?2 IS NULL OR id < ?2)",
        (target, before),
    ).fetchone()
    (verb,) = connection.execute("SELECT verb FROM actions WHERE id = ?", (target,)).fetchone()
    (total,) = connection.execute("SELECT count FROM actions WHERE id = ?", (source,)).fetchone()
    return Verb(verb), source, total


_FIRST = (1, "")
"""Before the first comment of a journal, after what it says of the label set."""

_NEXT_ENTRIES = (
    "SELECT comment_id, field, old, new FROM journal WHERE action_id = ?"
    " AND (comment_id, field) > (?, ?) ORDER BY comment_id, field LIMIT ?"
)


class BulkChanges:
    """Runs each change in a thread of its own; the futures hold the `Action` after the last commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._labels = LabelCare(database)

    def act(
        self,
        ids: Sequence[int],
        values: Mapping[str, Value],
        *,
        verb: Verb,
        annotator: str,
        label_id: int | None = None,
        check: Callable[[sqlite3.Connection], None] = lambda connection: None,
        seen: Seen | None = None,
        watch: Watch = UNWATCHED,
    ) -> Future[Action]:
        """As `changes.act`; ``check`` may refuse in the first transaction, ``seen`` leaves comments out."""
        at = now()

        def begin(connection: sqlite3.Connection) -> int:
            check(connection)
            leave_log(connection)
            changes.drop_redoable(connection, annotator)
            return changes.record(connection, verb, annotator, at, 0, label_id, None, DONE)

        def work(action_id: int) -> Action:
            pieces = Pieces(self._database)
            done, changed, left_out, stopped = 0, 0, 0, False
            shown: list[int] = []

            def piece(connection: sqlite3.Connection) -> int:
                nonlocal changed, left_out
                part = ids[done : done + pieces.size]
                row = connection.execute("SELECT standing FROM actions WHERE id = ?", (action_id,)).fetchone()
                if row[0] != DONE:  # another window has taken it back meanwhile
                    return 0
                still = part if seen is None else seen.still(connection, part, action_id)
                left_out += len(part) - len(still)
                made = ChangeSet(connection, annotator, at)
                made.set(still, values)
                touched = changes.store(connection, action_id, made)
                changed += len(touched)
                shown.extend(touched[: max(0, SHOWN_IDS - len(shown))])
                return len(part)

            while done < len(ids):
                if watch.stop():
                    stopped = True
                    break
                looked_at = pieces.run(piece)
                if not looked_at:
                    break
                done += looked_at
                watch.progress(done, len(ids))
            standing = DONE if changed else MARK
            self._finish(action_id, standing, was=DONE)
            first = tuple(shown or ids[:SHOWN_IDS])
            return Action(
                action_id,
                verb,
                annotator,
                moment(at),
                changed,
                first,
                label_id,
                left_out,
                stopped=stopped,
            )

        future: Future[Action] = Future()

        first = self._database.writer.submit(begin, durable=True)
        after(first, lambda action_id: in_thread(future, lambda: work(action_id)), future.set_exception)
        return future

    def reverse(
        self, annotator: str, *, forward: bool, only: int | None = None, watch: Watch = UNWATCHED
    ) -> Future[Action | None]:
        """Undo or redo: a small action in one transaction, a big one in many."""

        future: Future[Action | None] = Future()

        def go_on(begun: Action | Begun | MergeReversal | Reversal | None) -> None:
            if isinstance(begun, Reversal):
                in_thread(future, lambda: self._go_on(begun, annotator, watch))
            elif isinstance(begun, MergeReversal):
                in_thread(future, lambda: self._labels.put_back(begun, annotator, watch))
            elif isinstance(begun, Begun):
                self._labels.follow(future, begun, Watch(watch.progress))
            else:
                future.set_result(begun)

        first = self._database.writer.submit(
            lambda connection: begin_reverse(connection, annotator, forward=forward, only=only, most=MANY),
            durable=True,
        )
        after(first, go_on, future.set_exception)
        return future

    def _go_on(self, begun: Reversal, annotator: str, watch: Watch) -> Action:
        pieces = Pieces(self._database)
        changed: int = begun.changed
        shown: list[int] = []
        conflicts, done, at = 0, begun.changed, now()
        last = _FIRST

        def piece(connection: sqlite3.Connection) -> int:
            nonlocal last, changed, conflicts
            entries = begun.entries(connection, last, pieces.size)
            if not entries:
                return 0
            last = (entries[-1][0], entries[-1][1])
            made = ChangeSet(connection, annotator, at)
            made.put_back(entries)
            touched = changes.store(connection, begun.action_id, made)
            changed += len(touched)
            conflicts += len(made.conflicts - set(touched))
            ids = list(dict.fromkeys(entry[0] for entry in entries))
            shown.extend(ids[: max(0, SHOWN_IDS - len(shown))])
            return len(ids)

        self._database.writer.run(leave_log, durable=False)
        while looked_at := pieces.run(piece):
            done += looked_at
            watch.progress(min(done, begun.total), begun.total)
        CatchingUp(self._database).run()
        self._finish(begun.action_id, MARK, was=RUNNING)
        return Action(
            begun.action_id,
            begun.verb,
            annotator,
            moment(at),
            changed,
            tuple(shown),
            begun.label_id,
            conflicts,
            begun.of,
        )

    def _finish(self, action_id: int, standing: int, *, was: int) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE actions SET standing = ? WHERE id = ? AND standing = ?", (standing, action_id, was)
            )
            mind_log(connection)

        self._database.writer.run(work, durable=True)
