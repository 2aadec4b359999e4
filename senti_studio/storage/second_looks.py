"""The rows of comments that were asked again: both answers of one annotator, and when they were given.

In the journal they are one text, so that an undo takes them back like any other value.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

AGAIN_OF = "again:"
"""Before the annotator's name: the field of somebody else's second look."""


def packed(first_label: int, second_label: int, first_at: int, at: int) -> str:
    """Both answers as the journal keeps them; times in milliseconds."""
    return f"{first_label} {second_label} {first_at} {at}"


def stored(
    connection: sqlite3.Connection, wanted: str, annotator: str
) -> Iterable[tuple[int, int, int, int, int]]:
    """(comment id, first label, second label, first time, time) among the ids of the JSON list ``wanted``."""
    return connection.execute(
        "SELECT l.comment_id, l.first_label, l.second_label, l.first_at, l.at FROM json_each(?) j"
        " CROSS JOIN second_looks l ON l.comment_id = j.value AND l.annotator = ?",
        (wanted, annotator),
    )


def stored_of_all(
    connection: sqlite3.Connection, wanted: str
) -> Iterable[tuple[int, str, int, int, int, int]]:
    """As `stored`, of everybody: the annotator comes second."""
    return connection.execute(
        "SELECT l.comment_id, l.annotator, l.first_label, l.second_label, l.first_at, l.at"
        " FROM json_each(?) j CROSS JOIN second_looks l ON l.comment_id = j.value",
        (wanted,),
    )


def write(
    connection: sqlite3.Connection, annotator: str, values: Iterable[tuple[int, int | str | None]]
) -> None:
    """Keeps what `packed` made for each comment id; None takes the row away."""
    for comment_id, text in values:
        connection.execute(
            "DELETE FROM second_looks WHERE comment_id = ? AND annotator = ?", (comment_id, annotator)
        )
        if text is not None:
            connection.execute(
                "INSERT INTO second_looks VALUES (?, ?, ?, ?, ?, ?)",
                (comment_id, annotator, *map(int, str(text).split())),
            )


def write_of_all(
    connection: sqlite3.Connection, entries: Iterable[tuple[int, str, int | str | None]]
) -> None:
    """As `write`, for entries (comment id, field, value) whose field names the annotator; others are passed
    over."""
    for comment_id, name, value in entries:
        if name.startswith(AGAIN_OF):
            write(connection, name.removeprefix(AGAIN_OF), [(comment_id, value)])
