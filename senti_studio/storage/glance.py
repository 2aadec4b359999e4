"""The counts of a project that is not opened: for lists of projects."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from senti_studio.storage.database import connect
from senti_studio.storage.errors import meaning_of


def glance(path: Path) -> tuple[int, int]:
    """Visible comments, and those of them that have a label, of a ``project.db``; nothing is written.

    What another process has committed a moment ago counts. Raises UserError for a file that cannot be read.
    """
    try:
        with closing(connect(path, mode="ro")) as connection:
            (comments,) = connection.execute(
                "SELECT coalesce(sum(row_count), 0) FROM sources WHERE state = 'ready'"
            ).fetchone()
            (labelled,) = connection.execute(
                "SELECT coalesce(sum(k.n), 0) FROM counts k JOIN sources o ON o.id = k.source_id"
                " WHERE o.state = 'ready' AND k.kind IN (SELECT id FROM labels)"
            ).fetchone()
    except sqlite3.Error as error:
        raise meaning_of(error, path.parent) from error
    return int(comments), int(labelled)
