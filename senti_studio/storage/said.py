"""Whole annotations as values of the journal, so that somebody else's can be given and taken back.

The field is ``said:ANNOTATOR``, the value a JSON list: label id, time, imported, adjudicated, seconds, and
the label that the annotator had given before deciding for all (``independent_id``). None = there is none.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence

from senti_studio.storage.voting import Vote

SAID = "said:"
Said = str

_COLUMNS = "label_id, at, imported, adjudicated, seconds, independent_id"


def said(
    label_id: int | None,
    at: int,
    *,
    imported: bool = False,
    adjudicated: bool = False,
    seconds: float | None = None,
    independent_id: int | None = None,
) -> Said:
    """The value of an annotation."""
    return json.dumps([label_id, at, int(imported), int(adjudicated), seconds, independent_id])


def read_said(connection: sqlite3.Connection, ids: str) -> Iterator[tuple[int, str, Said]]:
    """(comment id, annotator, value) of all annotations of ``ids`` (a JSON list)."""
    for comment_id, annotator, *values in connection.execute(
        f"SELECT a.comment_id, a.annotator, {_COLUMNS} FROM json_each(?) j"
        " CROSS JOIN annotations a ON a.comment_id = j.value",
        (ids,),
    ):
        yield comment_id, annotator, json.dumps(values)


def write_said(connection: sqlite3.Connection, entries: Sequence[tuple[int, str, int | str | None]]) -> None:
    """Writes (comment id, field, value)."""
    if not entries:
        return
    connection.executemany(
        "DELETE FROM annotations WHERE comment_id = ? AND annotator = ?",
        [(comment_id, name.removeprefix(SAID)) for comment_id, name, _ in entries],
    )
    connection.executemany(
        f"INSERT INTO annotations (comment_id, annotator, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (comment_id, name.removeprefix(SAID), *json.loads(str(value)))
            for comment_id, name, value in entries
            if value is not None
        ],
    )


def vote_of(annotator: str, value: Said) -> Vote:
    """What it says, for the verdict."""
    label_id, at, imported, adjudicated, _, _ = json.loads(value)
    return Vote(annotator, label_id, at, bool(imported), bool(adjudicated))


def is_adjudicated(value: Said) -> bool:
    return bool(json.loads(value)[3])


def before_adjudication(value: Said) -> Said | None:
    """What the annotator had said before; None when that was nothing."""
    _, at, imported, _, seconds, independent = json.loads(value)
    if independent is None:
        return None
    return said(independent, at, imported=bool(imported), seconds=seconds)


def adjudication(own: Said | None, label_id: int, at: int, seconds: float | None) -> Said:
    """The decision for all of somebody who has said ``own``."""
    independent = None
    if own is not None:
        given, _, imported, adjudicated, _, before = json.loads(own)
        independent = before if adjudicated else None if imported else given
    return said(label_id, at, adjudicated=True, seconds=seconds, independent_id=independent)
