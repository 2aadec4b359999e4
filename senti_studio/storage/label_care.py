"""Changes of the label set in a project of any size: what takes long is done piece by piece, beside other
work.

A merge gives one piece of annotations after the other to the other label, under one action that stands in
the journal from the first on; the label goes when it has none left. A merge that ends midway has moved some
of them, and one undo takes that back. An undo or redo of a merge that ends midway is gone on with by the
next one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import cast

from senti_studio.domain.journal import Action, Verb
from senti_studio.storage import changes, label_changes
from senti_studio.storage.changes import DONE, MARK, RUNNING
from senti_studio.storage.database import Database
from senti_studio.storage.label_changes import LABEL_OF, Begun, MergeReversal, check_merge, read_labels
from senti_studio.storage.pieces import UNWATCHED, Pieces, Watch, after, in_thread, leave_log, mind_log
from senti_studio.storage.times import moment, now
from senti_studio.storage.verdicts import (
    CatchingUp,
    count_annotations,
    decide,
    fall_behind,
    given_to,
    is_small,
)

_BETWEEN = "(j.comment_id, j.field) > (?, ?) AND (j.comment_id, j.field) <= (?, ?)"
_FIRST = (1, "")
"""Before the first comment of a journal, after what it says of the label set."""


@dataclass(slots=True)
class _Merge:
    """A merge under way."""

    action: Action
    label_id: int
    into: int
    is_open: bool = True
    """False once somebody took it back, or one of the labels went otherwise."""


class LabelCare:
    """Runs each change; the futures hold the `Action` after the last commit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submit(self, work: Callable[[sqlite3.Connection], Begun], watch: Watch = UNWATCHED) -> Future[Action]:
        """A change in one transaction, and then what follows of it."""
        future: Future[Action] = Future()
        first = self._database.writer.submit(work, durable=True)
        after(first, lambda begun: self.follow(future, begun, watch), future.set_exception)
        return future

    def follow(self, future: Future[Action] | Future[Action | None], begun: Begun, watch: Watch) -> None:
        """Brings the comments after a label that came or went; ``future`` is told the action."""
        told = cast("Future[Action]", future)  # one that may hold None may hold an action
        if begun.is_behind:
            in_thread(told, lambda: self._catch_up(begun.action, watch))
        else:
            told.set_result(begun.action)

    def _catch_up(self, action: Action, watch: Watch) -> Action:
        catching_up = CatchingUp(self._database)
        count = catching_up.run(watch)
        if count < 0:
            self._database.writer.run(lambda connection: self._take_back(connection, action), durable=True)
            catching_up.run(Watch(watch.progress))
            return replace(action, stopped=True)

        def note(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE actions SET count = ? WHERE id = ?", (count, action.id))

        self._database.writer.run(note, durable=False)
        return replace(action, count=count)

    def _take_back(self, connection: sqlite3.Connection, action: Action) -> None:
        row = connection.execute(changes.NEXT_UNDO, (action.annotator,)).fetchone()
        if row is not None and row[0] == action.id:
            label_changes.reverse(connection, action.annotator, row, forward=False)

    # -- merging ---------------------------------------------------------------------------------------------

    def merge(self, label_id: int, into: int, *, annotator: str, watch: Watch = UNWATCHED) -> Future[Action]:
        """See `Labels.merge`."""
        at = now()

        def begin(connection: sqlite3.Connection) -> Action | _Merge:
            if is_small(connection):
                return label_changes.merge(connection, label_id, into, annotator=annotator)
            check_merge(read_labels(connection), label_id, into)
            leave_log(connection)
            changes.drop_redoable(connection, annotator)
            made = changes.record(connection, Verb.MERGE_LABEL, annotator, at, 0, label_id, None, DONE)
            action = Action(made, Verb.MERGE_LABEL, annotator, moment(at), 0, (), label_id)
            return _Merge(action, label_id, into)

        future: Future[Action] = Future()

        def go_on(begun: Action | _Merge) -> None:
            if isinstance(begun, _Merge):
                in_thread(future, lambda: self._merge(begun, watch))
            else:
                future.set_result(begun)

        after(self._database.writer.submit(begin, durable=True), go_on, future.set_exception)
        return future

    def _merge(self, merge: _Merge, watch: Watch) -> Action:
        with self._database.reading() as connection:
            total = count_annotations(connection, {merge.label_id})
        is_whole = self._move(merge, watch, total)
        if is_whole and self._database.writer.run(
            lambda connection: self._drop_label(connection, merge), durable=True
        ):
            # What somebody gave this label while it was still there.
            self._move(merge, UNWATCHED, total)
            CatchingUp(self._database).run()

        def finish(connection: sqlite3.Connection) -> int:
            mind_log(connection)
            query = "SELECT count FROM actions WHERE id = ?"
            count = int(connection.execute(query, (merge.action.id,)).fetchone()[0])
            if not count and not is_whole:
                connection.execute(
                    "UPDATE actions SET standing = ? WHERE id = ? AND standing = ?",
                    (MARK, merge.action.id, DONE),
                )
            return count

        count = self._database.writer.run(finish, durable=True)
        return replace(merge.action, count=count, stopped=not is_whole)

    def _move(self, merge: _Merge, watch: Watch, total: int) -> bool:
        """Gives what is there of one label to the other; False when it was stopped."""
        pieces, done = Pieces(self._database), 0
        for ids in given_to(self._database, frozenset({merge.label_id})):
            start = 0
            while start < len(ids):
                if watch.stop() or not merge.is_open:
                    return False
                part = json.dumps(ids[start : start + pieces.size].tolist())

                def piece(connection: sqlite3.Connection, part: str = part) -> int:
                    return _move_some(connection, merge, part)

                size = pieces.size
                pieces.run(piece)
                start += size
                done += size
                watch.progress(min(done, total), total)
        return merge.is_open

    def _drop_label(self, connection: sqlite3.Connection, merge: _Merge) -> bool:
        """The label goes; nobody can give it from here on."""
        labels = read_labels(connection)
        if not _may_go_on(connection, merge):
            merge.is_open = False
            return False
        after_it = check_merge(labels, merge.label_id, merge.into)
        label_changes.write_labels(connection, merge.action.id, labels, after_it)
        fall_behind(connection, {merge.label_id})
        return True

    def put_back(self, begun: MergeReversal, annotator: str, watch: Watch) -> Action:
        """Gives the annotations of a merge back, or away again."""
        pieces, at = Pieces(self._database), now()
        left_out, done, last = begun.left_out, 0, _FIRST
        writer = self._database.writer
        writer.run(leave_log, durable=False)
        with self._database.reading() as connection:
            query = "SELECT count FROM actions WHERE id = ?"
            (total,) = connection.execute(query, (begun.source_id,)).fetchone()

        def piece(connection: sqlite3.Connection) -> int:
            nonlocal last, left_out
            looked_at, moved, last = _put_some_back(connection, begun, last, pieces.size)
            left_out += looked_at - moved
            return looked_at

        while looked_at := pieces.run(piece):
            done += looked_at
            watch.progress(min(done, total), total)
        CatchingUp(self._database).run(Watch(watch.progress))

        def finish(connection: sqlite3.Connection) -> int:
            connection.execute(
                "UPDATE actions SET standing = ? WHERE id = ? AND standing = ?",
                (MARK, begun.action_id, RUNNING),
            )
            mind_log(connection)
            return int(connection.execute(query, (begun.action_id,)).fetchone()[0])

        count = writer.run(finish, durable=True)
        made = (begun.action_id, begun.verb, annotator, moment(at), count, ())
        return Action(*made, begun.label_id, left_out, Verb.MERGE_LABEL)


def _may_go_on(connection: sqlite3.Connection, merge: _Merge) -> bool:
    query = "SELECT standing FROM actions WHERE id = ?"
    is_taken_back = connection.execute(query, (merge.action.id,)).fetchone()[0] != DONE
    return not is_taken_back and {merge.label_id, merge.into} <= set(read_labels(connection).order)


def _move_some(connection: sqlite3.Connection, merge: _Merge, ids: str) -> int:
    """One piece; ``ids`` as JSON. Returns how many annotations went to the other label."""
    query = "SELECT standing FROM actions WHERE id = ?"
    if connection.execute(query, (merge.action.id,)).fetchone()[0] != DONE:
        merge.is_open = False  # another window has taken it back meanwhile
        return 0
    if merge.into not in read_labels(connection).order:
        merge.is_open = False
        return 0
    connection.execute(
        f"INSERT OR IGNORE INTO journal SELECT ?1, a.comment_id, '{LABEL_OF}' || a.annotator, a.label_id, ?2"
        " FROM json_each(?3) j CROSS JOIN annotations a ON a.comment_id = j.value WHERE a.label_id = ?4",
        (merge.action.id, merge.into, ids, merge.label_id),
    )
    moved = connection.execute(
        "UPDATE annotations SET label_id = ? WHERE comment_id IN (SELECT value FROM json_each(?))"
        " AND label_id = ?",
        (merge.into, ids, merge.label_id),
    ).rowcount
    decide(connection, json.loads(ids))
    connection.execute("UPDATE actions SET count = count + ? WHERE id = ?", (moved, merge.action.id))
    return moved


def _put_some_back(
    connection: sqlite3.Connection, begun: MergeReversal, last: tuple[int, str], size: int
) -> tuple[int, int, tuple[int, str]]:
    """One piece: (annotations looked at, those that got their label back, the last one)."""
    done = connection.execute(
        "SELECT comment_id, field FROM journal WHERE action_id = ?"
        " ORDER BY comment_id DESC, field DESC LIMIT 1",
        (begun.action_id,),
    ).fetchone()
    start = max(last, done) if done is not None else last
    found = connection.execute(
        "SELECT comment_id, field FROM journal WHERE action_id = ? AND (comment_id, field) > (?, ?)"
        " ORDER BY comment_id, field LIMIT ?",
        (begun.source_id, *start, size),
    ).fetchall()
    if not found:
        return 0, 0, last
    end = found[-1]
    moved = connection.execute(
        "INSERT INTO journal SELECT ?, j.comment_id, j.field, j.new, j.old FROM journal j"
        " CROSS JOIN annotations a ON a.comment_id = j.comment_id"
        f" AND j.field = '{LABEL_OF}' || a.annotator AND a.label_id IS j.new"
        f" WHERE j.action_id = ? AND {_BETWEEN}",
        (begun.action_id, begun.source_id, *start, *end),
    ).rowcount
    connection.execute(
        "UPDATE annotations AS a SET label_id = j.new FROM journal j"
        f" WHERE j.action_id = ? AND {_BETWEEN} AND a.comment_id = j.comment_id"
        f" AND j.field = '{LABEL_OF}' || a.annotator AND a.label_id IS j.old",
        (begun.action_id, *start, *end),
    )
    decide(connection, sorted({row[0] for row in found}))
    connection.execute("UPDATE actions SET count = count + ? WHERE id = ?", (moved, begun.action_id))
    return len(found), moved, end
