"""Rows of a file on their way into the tables, with everything that the file says of them (see `plain_rows`
for the quick way of those that say little)."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence

from senti_studio.domain.comments import NewAnnotation, NewComment, text_key
from senti_studio.storage.times import now
from senti_studio.storage.voting import Verdict, Vote, verdict

IMPORTED = "import"
"""The annotator of labels that came with a file."""

Prepared = tuple[NewComment, int, str]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def prepared(row: NewComment) -> Prepared:
    # Most files are as wide as their longest cell: the text is not stored twice.
    text = row.text
    return row, text_key(text), _encode([None if cell == text else cell for cell in row.values])


def insertion(source_id: int, rows: Sequence[Prepared]) -> Callable[[sqlite3.Connection], tuple[int, float]]:
    def work(connection: sqlite3.Connection) -> tuple[int, float]:
        began = time.perf_counter()
        _insert(connection, source_id, rows)
        return len(rows), time.perf_counter() - began

    return work


def _insert(connection: sqlite3.Connection, source_id: int, rows: Sequence[Prepared]) -> None:
    first = reserve(connection, source_id, len(rows))
    numbered = list(enumerate(rows, first))
    connection.executemany(
        "INSERT INTO comments VALUES (?, ?, ?, ?, ?, ?)",
        [(i, source_id, row.row, len(row.text), key, row.part) for i, (row, key, _) in numbered],
    )
    connection.executemany("INSERT INTO texts VALUES (?, ?)", [(i, row.text) for i, (row, _, _) in numbered])
    connection.executemany(
        "INSERT INTO originals VALUES (?, ?)", [(i, cells) for i, (_, _, cells) in numbered]
    )
    at = now()
    labelled = [(i, row.label_id, row.excluded) for i, (row, _, _) in numbered if row.label_id is not None]
    connection.executemany(
        "INSERT INTO annotations (comment_id, annotator, label_id, at, imported) VALUES (?, ?, ?, ?, 1)",
        [(i, IMPORTED, label_id, at) for i, label_id, _ in labelled],
    )
    connection.executemany(
        "INSERT INTO comment_state (comment_id, source_id, label_id, labelled_at, excluded)"
        " VALUES (?, ?, ?, ?, ?)",
        [(i, source_id, label_id, at, int(excluded)) for i, label_id, excluded in labelled],
    )
    said = [(i, row) for i, (row, _, _) in numbered if _says_more(row)]
    if said:
        _insert_states(connection, source_id, said, at)


def _says_more(row: NewComment) -> bool:
    # A label of its own has brought the state with it.
    return bool(row.annotations or row.skipped or row.flagged or row.note) or (
        row.excluded and row.label_id is None
    )


def _insert_states(
    connection: sqlite3.Connection, source_id: int, rows: Sequence[tuple[int, NewComment]], at: int
) -> None:
    """Annotations with their annotators and times, and what else a file says of its comments."""
    connection.executemany(
        "INSERT INTO annotations (comment_id, annotator, label_id, at, imported, adjudicated, seconds)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(i, *vote, one.seconds) for i, row in rows for vote, one in votes_of(row.annotations, at)],
    )
    states = [(i, row, outcome(row.annotations, at)) for i, row in rows]
    connection.executemany(
        "INSERT INTO comment_state (comment_id, source_id, label_id, labelled_at, disputed, skipped, flagged,"
        " excluded) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(i, source_id, found.label_id, found.at, int(found.disputed)),
                *(int(row.skipped), int(row.flagged), int(row.excluded)),
            )
            for i, row, found in states
        ],
    )
    connection.executemany("INSERT INTO notes VALUES (?, ?)", [(i, row.note) for i, row in rows if row.note])


def votes_of(annotations: Sequence[NewAnnotation], at: int) -> list[tuple[Vote, NewAnnotation]]:
    """One vote for each annotator: the newest of several (the last where times are equal or missing), those
    without a name count as different ones.
    ``at``: the time of those that have none."""
    found: dict[str, tuple[Vote, NewAnnotation]] = {}
    for one in annotations:
        name, number = one.annotator or IMPORTED, 1
        while not one.annotator and name in found:
            number += 1
            name = f"{IMPORTED} {number}"
        when = at if one.at is None else one.at
        if name in found and when < found[name][0].at:
            continue  # Label Studio writes the newest first
        found[name] = (Vote(name, one.label_id, when, one.imported, one.adjudicated), one)
    return list(found.values())


def outcome(annotations: Sequence[NewAnnotation], at: int = 0) -> Verdict:
    """The label that a comment comes in with."""
    return verdict([vote for vote, _ in votes_of(annotations, at)])


def reserve(connection: sqlite3.Connection, source_id: int, count: int) -> int:
    """The first of ``count`` new ids in a row; ids are never given twice, also after a purge."""
    last = connection.execute(
        "SELECT first_id, last_id, source_id FROM extents ORDER BY first_id DESC LIMIT 1"
    ).fetchone()
    first = last[1] + 1 if last else 1
    if last and last[2] == source_id:
        connection.execute("UPDATE extents SET last_id = ? WHERE first_id = ?", (last[1] + count, last[0]))
    else:
        connection.execute("INSERT INTO extents VALUES (?, ?, ?)", (first, first + count - 1, source_id))
    return int(first)
