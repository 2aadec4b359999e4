"""The whole journal to look at and to go back in: pages of it by key, and the way to any moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime

from senti_studio.domain.journal import (
    OF_THEIR_OWN,
    Action,
    JournalItem,
    JournalPage,
    Standing,
    Travel,
    Verb,
    Way,
)
from senti_studio.storage import changes
from senti_studio.storage.bulk import MANY, BulkChanges
from senti_studio.storage.database import Database
from senti_studio.storage.pieces import UNWATCHED, Pieces, Watch, in_thread, leave_log, mind_log
from senti_studio.storage.times import milliseconds, moment

_SHOWN_TEXT = 80
_LOOKED_AT = 5000
"""A page of a search ends after so many actions, so that the next one can be asked for or not."""

_LINES = (
    "SELECT a.id, a.verb, a.annotator, a.at, a.count, a.label_id, a.standing, t.verb,"
    " (SELECT j.comment_id FROM journal j WHERE j.action_id = a.id ORDER BY j.comment_id LIMIT 1)"
    " FROM actions a LEFT JOIN actions t ON t.id = a.target"
    " WHERE a.id < ? AND (?2 = '' OR a.annotator = ?2) ORDER BY a.id DESC LIMIT ?3"
)
_BACK = "annotator = ?1 AND standing = 0 AND id > ?2"
_FORTH = "annotator = ?1 AND standing = 1 AND id <= ?2"


class History:
    """Reads are for threads that may wait; the way to a moment runs in a thread of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._bulk = BulkChanges(database)

    def page(
        self,
        *,
        before: int | None = None,
        annotator: str = "",
        words: str = "",
        limit: int = 200,
        stop: Callable[[], bool] = lambda: False,
    ) -> JournalPage:
        """Actions older than the one with the id ``before`` (None: from now on), of one annotator (empty: of
        all), with ``words`` in the text of their first comment. May hold less than ``limit`` though there are
        older ones: a search looks at a few thousand at a time."""
        position = before if before is not None else 1 << 62
        items: list[JournalItem] = []
        looked_at = 0
        while len(items) < limit and looked_at < _LOOKED_AT and not stop():
            size = limit if not words else 500
            lines = self._lines(position, annotator, size, words.casefold())
            looked_at += size
            for line_id, item in lines:
                position = line_id
                if item is not None:
                    items.append(item)
                    if len(items) == limit:
                        return JournalPage(tuple(items), position)
            if len(lines) < size:
                return JournalPage(tuple(items), None)
        return JournalPage(tuple(items), position)

    def _lines(
        self, before: int, annotator: str, limit: int, words: str
    ) -> list[tuple[int, JournalItem | None]]:
        """(id, item; None for one without the words)."""
        found: list[tuple[int, JournalItem | None]] = []
        with self._database.reading() as connection:
            for row in connection.execute(_LINES, (before, annotator, limit)).fetchall():
                text = _text(connection, row[8], whole=bool(words))
                fits = not words or (text is not None and words in text.casefold())
                found.append((row[0], _item(row, text) if fits else None))
        return found

    def annotators(self) -> list[str]:
        """Everybody who has ever done something, by name."""
        with self._database.reading() as connection:
            # One step from name to name is dear without an index, one look at all of them is not.
            return [row[0] for row in connection.execute("SELECT DISTINCT annotator FROM actions ORDER BY 1")]

    def newest_at(self, at: datetime, annotator: str = "") -> int:
        """The id of the last action that was done by then; 0 when there was none."""
        with self._database.reading() as connection:
            (found,) = connection.execute(
                "SELECT coalesce(max(id), 0) FROM actions WHERE at <= ?1 AND (?2 = '' OR annotator = ?2)",
                (milliseconds(at), annotator),
            ).fetchone()
        return int(found)

    def way(self, annotator: str, to: int) -> Way:
        """What `travel` would do."""
        with self._database.reading() as connection:
            for forward, condition in ((False, _BACK), (True, _FORTH)):
                actions, comments = connection.execute(
                    f"SELECT count(*), coalesce(sum(count), 0) FROM actions WHERE {condition}",
                    (annotator, to),
                ).fetchone()
                if actions:
                    return Way(actions, comments, forward)
        return Way(0, 0, False)

    def travel(self, annotator: str, to: int, *, watch: Watch = UNWATCHED) -> Future[Travel]:
        """Takes back everything that this annotator did after the action with the id ``to``, or makes again
        what was undone up to it. Each action is undone by itself, in order: all of it can be redone."""
        future: Future[Travel] = Future()
        in_thread(future, lambda: _Traveller(self._database, self._bulk, annotator, to, watch).go())
        return future


class _Traveller:
    """One way to a moment, in short transactions."""

    def __init__(self, database: Database, bulk: BulkChanges, annotator: str, to: int, watch: Watch) -> None:
        self._database = database
        self._bulk = bulk
        self._annotator = annotator
        self._to = to
        self._watch = watch
        self._forward = False
        self._done = 0
        self._left_out = 0
        self._last = 0
        self._place = 0
        """Beyond this action: without it each step would look over all that went before."""

    def go(self) -> Travel:
        newest, total = self._database.writer.run(self._begin, durable=True)
        pieces = Pieces(self._database)
        stopped = False
        while self._done < total:
            if self._watch.stop():
                stopped = True
                break
            looked_at = pieces.run(lambda connection: self._piece(connection, pieces.size))
            if not looked_at and not self._big_one():
                break
            self._watch.progress(self._done, total)
        self._database.writer.run(mind_log, durable=True)
        return Travel(self._done, self._left_out, self._forward, newest, self._last, stopped)

    def _begin(self, connection: sqlite3.Connection) -> tuple[int, int]:
        leave_log(connection)
        (newest,) = connection.execute(
            "SELECT coalesce(max(id), 0) FROM actions WHERE annotator = ? AND standing = 0",
            (self._annotator,),
        ).fetchone()
        self._forward = newest <= self._to
        self._place = 0 if self._forward else newest + 1
        condition = _FORTH if self._forward else _BACK
        (total,) = connection.execute(
            f"SELECT count(*) FROM actions WHERE {condition}", (self._annotator, self._to)
        ).fetchone()
        return newest, total

    def _next(self, connection: sqlite3.Connection) -> tuple[int, str, int | None, int] | None:
        """Id, verb, label and number of comments of the next action on the way."""
        condition, order = (
            (f"{_FORTH} AND id > ?3", "") if self._forward else (f"{_BACK} AND id < ?3", "DESC")
        )
        row = connection.execute(
            f"SELECT id, verb, label_id, count FROM actions WHERE {condition} ORDER BY id {order} LIMIT 1",
            (self._annotator, self._to, self._place),
        ).fetchone()
        return None if row is None else (row[0], row[1], row[2], row[3])

    def _piece(self, connection: sqlite3.Connection, size: int) -> int:
        """Steps of few comments, as many as one transaction takes; 0 when a bigger one (or none) is next."""
        looked_at = 0
        while looked_at < size:
            found = self._next(connection)
            if found is None or found[1] in OF_THEIR_OWN or found[3] > MANY:
                break
            self._place = found[0]
            self._note(changes.reverse(connection, self._annotator, found[:3], forward=self._forward))
            looked_at += max(1, found[3])
        return looked_at

    def _big_one(self) -> bool:
        """A step of many comments or of the label set, as an undo by hand does it; False: there is none."""
        found = self._database.writer.run(self._next, durable=False)
        if found is None:
            return False
        self._place = found[0]
        self._note(self._bulk.reverse(self._annotator, forward=self._forward).result())
        return True

    def _note(self, action: Action | None) -> None:
        self._done += 1
        if action is not None:
            self._left_out += action.left_out
            self._last = action.comment_ids[0] if action.comment_ids else self._last


def _text(connection: sqlite3.Connection, comment_id: int | None, *, whole: bool) -> str | None:
    wanted = "text" if whole else f"substr(text, 1, {_SHOWN_TEXT})"
    row = connection.execute(f"SELECT {wanted} FROM texts WHERE id = ?", (comment_id,)).fetchone()
    return None if row is None else str(row[0])


def _item(row: tuple[object, ...], text: str | None) -> JournalItem:
    action_id, verb, annotator, at, count, label_id, standing, of, comment_id = row
    return JournalItem(
        int(str(action_id)),
        Verb(str(verb)),
        str(annotator),
        moment(int(str(at))),
        int(str(count)),
        int(str(comment_id)) if text is not None else 0,
        (text or "")[:_SHOWN_TEXT],
        None if label_id is None else int(str(label_id)),
        Standing(min(int(str(standing)), Standing.MARK)),
        None if of is None else Verb(str(of)),
    )
