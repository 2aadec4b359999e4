"""The label that a comment shows is worked out of its annotations and of which labels are shown.

When a label comes or goes, that of many comments changes at once. In a project of many annotations it is
worked out again piece by piece; meanwhile (and after a kill, until the project is opened next) these labels
are noted as *behind*: what the annotations and the label set say holds, and the state of single comments
follows.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import groupby

from senti_studio.storage.database import Database
from senti_studio.storage.pieces import UNWATCHED, Pieces, Watch, in_thread, leave_log, mind_log
from senti_studio.storage.voting import Vote, verdict

SMALL = 2000
"""Up to so many annotations in a project, everything is done in one transaction."""

_SETTING = "labels_behind"
_BLOCK = 16_384
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Behind:
    """Labels whose comments are behind; ``turn`` changes with every label that is added to them."""

    turn: int
    label_ids: frozenset[int]


def is_small(connection: sqlite3.Connection) -> bool:
    """Whether the project has so few annotations that all of them can be looked at in one transaction."""
    query = f"SELECT count(*) FROM (SELECT 1 FROM annotations LIMIT {SMALL + 1})"
    return bool(connection.execute(query).fetchone()[0] <= SMALL)


def behind(connection: sqlite3.Connection) -> Behind:
    """What is still to be worked out again."""
    row = connection.execute("SELECT value FROM settings WHERE key = ?", (_SETTING,)).fetchone()
    if row is None:
        return Behind(0, frozenset())
    stored = json.loads(row[0])
    return Behind(int(stored["turn"]), frozenset(stored["labels"]))


def fall_behind(connection: sqlite3.Connection, label_ids: frozenset[int] | set[int]) -> None:
    """Notes that the comments with these labels are to be worked out again."""
    known = behind(connection)
    _store(connection, Behind(known.turn + 1, known.label_ids | label_ids))


def _store(connection: sqlite3.Connection, now: Behind) -> None:
    # The turn stays when nothing is behind: it must never come again.
    text = json.dumps({"turn": now.turn, "labels": sorted(now.label_ids)})
    connection.execute(
        "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        (_SETTING, text),
    )


def decide(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Works out the label of these comments again. Those of removed sources are treated like others: they may
    come back."""
    wanted = json.dumps(list(ids))
    connection.execute(
        "UPDATE comment_state SET label_id = v.label_id, labelled_at = v.at, disputed = 0 FROM ("
        " SELECT a.comment_id AS comment_id, iif(l.position >= 0, a.label_id, NULL) AS label_id,"
        " iif(l.position >= 0, a.at, NULL) AS at, count(*) AS n"
        " FROM json_each(?) j CROSS JOIN annotations a ON a.comment_id = j.value"
        " LEFT JOIN labels l ON l.id = a.label_id GROUP BY a.comment_id) v"
        " WHERE v.comment_id = comment_state.comment_id AND v.n = 1"
        " AND (comment_state.label_id IS NOT v.label_id OR comment_state.labelled_at IS NOT v.at"
        " OR comment_state.disputed)",
        (wanted,),
    )
    rows = connection.execute(
        "SELECT a.comment_id, a.annotator, a.label_id, a.at, a.imported, a.adjudicated FROM annotations a"
        " WHERE a.comment_id IN (SELECT b.comment_id FROM json_each(?) j CROSS JOIN annotations b"
        " ON b.comment_id = j.value GROUP BY 1 HAVING count(*) > 1) ORDER BY a.comment_id",
        (wanted,),
    ).fetchall()
    hidden = {row[0] for row in connection.execute("SELECT id FROM labels WHERE position < 0")}
    connection.executemany(
        "UPDATE comment_state SET label_id = ?1, labelled_at = ?2, disputed = ?3 WHERE comment_id = ?4"
        " AND (label_id IS NOT ?1 OR labelled_at IS NOT ?2 OR disputed != ?3)",
        _decisions(rows, hidden),
    )


def _decisions(
    rows: Sequence[tuple[int, str, int | None, int, int, int]], hidden: set[int]
) -> Iterator[tuple[int | None, int | None, int, int]]:
    for comment_id, group in groupby(rows, key=lambda row: row[0]):
        votes = [
            Vote(name, label_id, at, bool(imported), bool(adjudicated))
            for _, name, label_id, at, imported, adjudicated in group
            if label_id not in hidden
        ]
        found = verdict(votes)
        yield found.label_id, found.at, int(found.disputed), comment_id


def decide_all(connection: sqlite3.Connection, label_ids: frozenset[int] | set[int]) -> int:
    """Works out every comment with an annotation of these labels again, at once: for small projects. Returns
    the number of these annotations."""
    ids = [
        row[0]
        for row in connection.execute(
            f"SELECT DISTINCT comment_id FROM annotations WHERE label_id IN ({listed(label_ids)})"
        )
    ]
    for start in range(0, len(ids), _AT_ONCE):
        decide(connection, ids[start : start + _AT_ONCE])
    return count_annotations(connection, label_ids)


def count_annotations(connection: sqlite3.Connection, label_ids: frozenset[int] | set[int]) -> int:
    """How many annotations give one of these labels."""
    query = f"SELECT count(*) FROM annotations WHERE label_id IN ({listed(label_ids)})"
    return int(connection.execute(query).fetchone()[0])


def listed(label_ids: frozenset[int] | set[int]) -> str:
    """Ids as they stand in SQL."""
    return ", ".join(str(int(each)) for each in label_ids) or "NULL"


def given_to(database: Database, label_ids: frozenset[int]) -> Iterator[array[int]]:
    """The comments that have an annotation of these labels, block by block; nothing is locked meanwhile."""
    with database.reading() as connection:
        (last,) = connection.execute("SELECT coalesce(max(comment_id), 0) FROM annotations").fetchone()
    wanted = listed(label_ids)
    for start in range(1, last + 1, _BLOCK):
        with database.reading() as connection:
            (found,) = connection.execute(
                "SELECT group_concat(k) FROM (SELECT DISTINCT comment_id AS k FROM annotations"
                f" WHERE comment_id BETWEEN ? AND ? AND label_id IN ({wanted}))",
                (start, start + _BLOCK - 1),
            ).fetchone()
        if found is not None:
            yield array("q", json.loads(f"[{found}]"))


class CatchingUp:
    """Works out again what is behind, piece by piece. Two at once, also of two processes, do no harm."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self) -> Future[int]:
        """Goes on with what a killed program left; the future holds how many annotations were looked at."""
        future: Future[int] = Future()
        with self._database.reading() as connection:
            is_behind = bool(behind(connection).label_ids)
        if is_behind:
            in_thread(future, self.run)
        else:
            future.set_result(0)
        return future

    def run(self, watch: Watch = UNWATCHED) -> int:
        """Returns how many annotations of these labels there are, or -1 when ``watch`` stopped it: then the
        labels stay behind."""
        with self._database.reading() as connection:
            found = behind(connection)
            total = count_annotations(connection, found.label_ids) if found.label_ids else 0
        if not found.label_ids:
            return 0
        writer = self._database.writer
        writer.run(leave_log, durable=False)
        try:
            if not self._decide_all(found.label_ids, total, watch):
                return -1
        finally:
            writer.run(mind_log, durable=False)

        def settle(connection: sqlite3.Connection) -> None:
            if behind(connection).turn == found.turn:  # else another one is at it, for more labels
                _store(connection, Behind(found.turn, frozenset()))

        writer.run(settle, durable=True)
        return total

    def _decide_all(self, label_ids: frozenset[int], total: int, watch: Watch) -> bool:
        pieces, done = Pieces(self._database), 0
        for ids in given_to(self._database, label_ids):
            start = 0
            while start < len(ids):
                if watch.stop():
                    return False
                part = ids[start : start + pieces.size]

                def piece(connection: sqlite3.Connection, part: array[int] = part) -> int:
                    decide(connection, part)
                    return len(part)

                pieces.run(piece)
                start += len(part)
                done += len(part)
                watch.progress(min(done, total), total)
        return True
