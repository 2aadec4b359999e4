"""Looks through a whole project for damage: of the file itself, and of what must agree in it. Only reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from senti_studio.errors import UserError
from senti_studio.storage.errors import meaning_of
from senti_studio.storage.leaving import partly_gone
from senti_studio.storage.schema import DISPUTED, EXCLUDED, FLAGGED, SKIPPED
from senti_studio.storage.verdicts import behind, listed
from senti_studio.storage.voting import Vote, verdict

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

_STEPS_BETWEEN_LOOKS = 200_000
_SHOWN = 20

Progress = Callable[[int, int], None]
"""Called with steps done and steps in all."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A message code of `senti_studio.messages` and its parameters."""

    code: str
    params: dict[str, object]


@dataclass(frozen=True, slots=True)
class IntegrityReport:
    """What was looked at and what was wrong with it; no problems = the project is sound."""

    comments: int
    annotations: int
    problems: tuple[Problem, ...]


_COUNTED = {
    "CHECK_TEXTS_MISSING": (
        "SELECT count(*) FROM comments c LEFT JOIN texts t ON t.id = c.id WHERE t.id IS NULL"
    ),
    "CHECK_COMMENTS_MISSING": (
        "SELECT coalesce(sum(abs(o.row_count - (SELECT coalesce(sum(e.last_id - e.first_id + 1), 0)"
        " FROM extents e WHERE e.source_id = o.id))), 0) FROM sources o WHERE o.state = 'ready'"
    ),
    "CHECK_ROWS_OUTSIDE": (
        "SELECT coalesce(sum(abs((SELECT count(*) FROM comments c WHERE c.id BETWEEN e.first_id AND e.last_id"
        " AND c.source_id = e.source_id) - (e.last_id - e.first_id + 1))), 0)"
        " FROM extents e JOIN sources o ON o.id = e.source_id WHERE o.state IN ('ready', 'removed')"
    ),
    "CHECK_STATE_OF_NONE": (
        "SELECT count(*) FROM comment_state s LEFT JOIN comments c ON c.id = s.comment_id"
        " WHERE c.id IS NULL OR c.source_id != s.source_id"
    ),
    "CHECK_LABELS_UNKNOWN": (
        "SELECT count(*) FROM comment_state WHERE label_id IS NOT NULL"
        " AND label_id NOT IN (SELECT id FROM labels WHERE position >= 0 OR id IN ({behind}))"
    ),
    "CHECK_LABEL_ORDER": (
        "SELECT count(*) FROM (SELECT position FROM labels WHERE position >= 0 GROUP BY position"
        " HAVING count(*) > 1)"
    ),
}
"""Message code -> query that counts what is wrong."""

_RECOUNT = "".join(
    f"SELECT source_id, {kind} AS kind, count(*) AS n FROM comment_state"
    f" WHERE {condition} GROUP BY 1, 2 {more}"
    for kind, condition, more in (
        ("label_id", "label_id IS NOT NULL", "UNION ALL "),
        (str(SKIPPED), "skipped", "UNION ALL "),
        (str(FLAGGED), "flagged", "UNION ALL "),
        (str(DISPUTED), "disputed", "UNION ALL "),
        (str(EXCLUDED), "excluded", ""),
    )
)
_COUNTS = (
    f"SELECT count(*) FROM (SELECT source_id, kind FROM (SELECT source_id, kind, n FROM ({_RECOUNT})"
    f" UNION ALL SELECT source_id, kind, -n FROM counts WHERE kind >= {EXCLUDED})"
    " GROUP BY source_id, kind HAVING sum(n) != 0)"
)


def check_project(
    project: Project,
    *,
    progress: Progress = lambda _done, _total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> IntegrityReport:
    """Reads the whole file; minutes for millions of comments. Others may go on working meanwhile.

    Raises UserError ``CANCELLED`` and what `meaning_of` makes of an error of SQLite.
    """
    steps = 6 + len(_COUNTED)
    problems: list[Problem] = []
    try:
        with closing(project.new_reader()) as connection:
            connection.set_progress_handler(lambda: int(should_stop()), _STEPS_BETWEEN_LOOKS)
            # One state of the file throughout, whatever others commit.
            connection.execute("BEGIN")
            (comments,) = connection.execute("SELECT count(*) FROM comments").fetchone()
            (annotations,) = connection.execute("SELECT count(*) FROM annotations").fetchone()
            for done, found in enumerate(_looks(connection), 1):
                problems += found
                progress(done, steps)
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if should_stop():
            raise UserError("CANCELLED") from error
        raise meaning_of(error, project.database_path) from error
    except sqlite3.Error as error:
        raise meaning_of(error, project.database_path) from error
    problems += _missing_folders(project)
    progress(steps, steps)
    return IntegrityReport(comments, annotations, tuple(problems))


def _looks(connection: sqlite3.Connection) -> Iterator[list[Problem]]:
    answers = [row[0] for row in connection.execute(f"PRAGMA integrity_check({_SHOWN})")]
    damage = [answer for answer in answers if answer != "ok"]
    yield [Problem("CHECK_FILE_DAMAGED", {"count": len(damage), "reason": damage[0]})] if damage else []
    wrong = connection.execute("PRAGMA foreign_key_check").fetchmany(1000)
    tables = sorted({str(row[0]) for row in wrong})
    yield [Problem("CHECK_LINKS_BROKEN", {"count": len(wrong), "tables": tables})] if wrong else []
    # Comments whose label is just coming or going may still say what they said before.
    late = behind(connection).label_ids
    for code, query in _COUNTED.items():
        (count,) = connection.execute(query.replace("{behind}", listed(late))).fetchone()
        yield [Problem(code, {"count": count})] if count else []
    (count,) = connection.execute(_COUNTS).fetchone()
    yield [Problem("CHECK_COUNTS_WRONG", {"count": count})] if count else []
    lost = partly_gone(connection)
    named = connection.execute(f"SELECT name FROM sources WHERE id IN ({listed(set(lost))})") if lost else ()
    params: dict[str, object] = {"count": sum(lost.values()), "names": [row[0] for row in named]}
    yield [Problem("CHECK_PARTLY_GONE", params)] if lost else []
    count = _wrong_verdicts(connection, late)
    yield [Problem("CHECK_VERDICTS_WRONG", {"count": count})] if count else []


def _wrong_verdicts(connection: sqlite3.Connection, late: frozenset[int]) -> int:
    """Comments whose shown label is not the one that their annotations make; one that an annotation of a
    ``late`` label has is no evidence."""
    (single,) = connection.execute(
        "SELECT count(*) FROM (SELECT a.comment_id, max(a.label_id) AS label_id FROM annotations a"
        " GROUP BY a.comment_id HAVING count(*) = 1) v LEFT JOIN labels l ON l.id = v.label_id"
        " LEFT JOIN comment_state s ON s.comment_id = v.comment_id"
        " WHERE s.label_id IS NOT iif(l.position >= 0, v.label_id, NULL)"
        f" AND coalesce(v.label_id, 0) NOT IN ({listed(late) if late else -1})"
    ).fetchone()
    (none,) = connection.execute(
        "SELECT count(*) FROM comment_state s WHERE s.label_id IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM annotations a WHERE a.comment_id = s.comment_id)"
    ).fetchone()
    hidden = {row[0] for row in connection.execute("SELECT id FROM labels WHERE position < 0")}
    wrong = int(single) + int(none)
    rows = connection.execute(
        "SELECT a.comment_id, a.annotator, a.label_id, a.at, a.imported, a.adjudicated, s.label_id,"
        " s.disputed FROM annotations a LEFT JOIN comment_state s ON s.comment_id = a.comment_id"
        " WHERE a.comment_id IN (SELECT comment_id FROM annotations GROUP BY 1 HAVING count(*) > 1)"
        " ORDER BY a.comment_id"
    )
    for _, group in groupby(rows, key=lambda row: int(row[0])):
        given = list(group)
        if any(row[2] in late for row in given):
            continue
        votes = [
            Vote(name, label_id, at, bool(imported), bool(adjudicated))
            for _, name, label_id, at, imported, adjudicated, *_ in given
            if label_id not in hidden
        ]
        found = verdict(votes)
        wrong += given[0][7] != int(found.disputed) or given[0][6] != found.label_id
    return wrong


def _missing_folders(project: Project) -> list[Problem]:
    missing = [
        record.name
        for records, folder in (
            (project.runs, project.runs_folder),
            (project.models, project.models_folder),
            (project.batches, project.batches_folder),
        )
        for record in records.list()
        if not (folder / record.folder).exists() and not (project.runs_folder / record.folder).exists()
    ]
    return [Problem("CHECK_FOLDERS_MISSING", {"names": missing})] if missing else []
