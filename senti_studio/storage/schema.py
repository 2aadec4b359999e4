"""The tables of ``project.db``: those of version 1, and what later versions added.

Lists stay narrow: text, original columns and state are tables of their own. Visible are only the comments
inside the `extents` of sources that are ``ready``; an import whose rows are still coming, or that was
removed, costs nothing to hide. Times are milliseconds since the epoch, UTC.
"""

from __future__ import annotations

APPLICATION_ID = 0x53454E54  # "SENT", in the header of the file: tells a project from any other SQLite file

TABLES = """
CREATE TABLE project (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE labels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    position INTEGER NOT NULL,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    appearance TEXT NOT NULL,
    shortcut TEXT NOT NULL
) STRICT;

CREATE TABLE sources (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    state TEXT NOT NULL CHECK (state IN ('importing', 'ready', 'removed', 'purged')),
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    encoding TEXT NOT NULL,
    delimiter TEXT NOT NULL,
    quote TEXT NOT NULL,
    has_header INTEGER NOT NULL,
    columns TEXT NOT NULL,
    text_column INTEGER NOT NULL,
    label_column INTEGER,
    part TEXT,
    row_count INTEGER NOT NULL DEFAULT 0,
    imported_at INTEGER NOT NULL,
    removed_at INTEGER
) STRICT;

CREATE TABLE extents (
    first_id INTEGER PRIMARY KEY,
    last_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL REFERENCES sources (id)
) STRICT;

CREATE TABLE comments (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    row INTEGER NOT NULL,
    length INTEGER NOT NULL,
    text_key INTEGER NOT NULL,
    part TEXT
) STRICT;

CREATE TABLE texts (
    id INTEGER PRIMARY KEY REFERENCES comments (id) ON DELETE CASCADE,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE originals (
    id INTEGER PRIMARY KEY REFERENCES comments (id) ON DELETE CASCADE,
    cells TEXT NOT NULL
) STRICT;

CREATE TABLE annotations (
    comment_id INTEGER NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    annotator TEXT NOT NULL,
    label_id INTEGER REFERENCES labels (id),
    at INTEGER NOT NULL,
    imported INTEGER NOT NULL DEFAULT 0,
    adjudicated INTEGER NOT NULL DEFAULT 0,
    seconds REAL,
    PRIMARY KEY (comment_id, annotator)
) STRICT, WITHOUT ROWID;

CREATE TABLE comment_state (
    comment_id INTEGER PRIMARY KEY REFERENCES comments (id) ON DELETE CASCADE,
    source_id INTEGER NOT NULL,
    label_id INTEGER,
    labelled_at INTEGER,
    disputed INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    flagged INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE notes (
    comment_id INTEGER PRIMARY KEY REFERENCES comments (id) ON DELETE CASCADE,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE actions (
    id INTEGER PRIMARY KEY,
    verb TEXT NOT NULL,
    annotator TEXT NOT NULL,
    at INTEGER NOT NULL,
    count INTEGER NOT NULL,
    label_id INTEGER,
    target INTEGER REFERENCES actions (id),
    standing INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX actions_to_redo ON actions (annotator, id) WHERE standing = 1;
CREATE INDEX actions_by_target ON actions (target) WHERE target IS NOT NULL;

CREATE TABLE journal (
    action_id INTEGER NOT NULL REFERENCES actions (id),
    comment_id INTEGER NOT NULL,
    field TEXT NOT NULL,
    old ANY,
    new ANY,
    PRIMARY KEY (action_id, comment_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE counts (
    source_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (source_id, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE test_sets (
    version INTEGER PRIMARY KEY,
    drawn_at INTEGER NOT NULL
) STRICT;

CREATE TABLE test_comments (
    version INTEGER NOT NULL REFERENCES test_sets (version),
    comment_id INTEGER NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    PRIMARY KEY (version, comment_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX test_comments_by_comment ON test_comments (comment_id);

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

_RECORDS = """
CREATE TABLE {name} (
    id TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    folder TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    details TEXT NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0
) STRICT;
"""

TABLES += "".join(_RECORDS.format(name=name) for name in ("runs", "models", "batches"))

SKIPPED, FLAGGED, DISPUTED, EXCLUDED = -1, -2, -3, -4
"""Values of ``counts.kind`` that are not the id of a label."""


_COUNTED = {
    "label_id": "{row}.label_id",
    "skipped": str(SKIPPED),
    "flagged": str(FLAGGED),
    "disputed": str(DISPUTED),
    "excluded": str(EXCLUDED),
}
_SET = {"label_id": "{row}.label_id IS NOT NULL"}


def _count(column: str, row: str, sign: str) -> str:
    kind = _COUNTED[column].format(row=row)
    condition = _SET.get(column, f"{{row}}.{column}").format(row=row)
    return (
        f"INSERT INTO counts SELECT {row}.source_id, {kind}, {sign}1 WHERE {condition} "
        f"ON CONFLICT DO UPDATE SET n = n {sign} 1;"
    )


def _triggers(column: str) -> str:
    """Three triggers per column, each of which looks first whether it has anything to do."""
    is_set = _SET.get(column, f"{{row}}.{column}")
    plus, minus = _count(column, "new", "+"), _count(column, "old", "-")
    return f"""
CREATE TRIGGER {column}_inserted AFTER INSERT ON comment_state WHEN {is_set.format(row="new")} BEGIN
    {plus}
END;
CREATE TRIGGER {column}_updated AFTER UPDATE OF {column} ON comment_state
WHEN old.{column} IS NOT new.{column} BEGIN
    {minus}
    {plus}
END;
CREATE TRIGGER {column}_deleted AFTER DELETE ON comment_state WHEN {is_set.format(row="old")} BEGIN
    {minus}
END;
"""


TRIGGERS = "".join(_triggers(column) for column in ("label_id", "skipped", "flagged", "disputed"))
"""Counts that lists show at once, also at a million rows: kept by the database itself, so they cannot
drift."""

EXCLUDING = """
ALTER TABLE comment_state ADD COLUMN excluded INTEGER NOT NULL DEFAULT 0;
""" + _triggers("excluded")
"""Version 2: comments that training leaves out."""

LONG_UNDO = """
CREATE INDEX actions_running ON actions (annotator) WHERE standing = 4;
"""
"""Version 2: an undo of many comments that ended midway is found at once."""

NEAR_GROUPS = """
CREATE TABLE near_groups (
    comment_id INTEGER PRIMARY KEY,
    group_id INTEGER NOT NULL
) STRICT;

CREATE INDEX near_groups_by_group ON near_groups (group_id);
"""
"""Version 2: which comments nearly say the same; written by the ``index`` helper, can be built anew."""

SECOND_LOOKS = """
CREATE TABLE second_looks (
    comment_id INTEGER NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    annotator TEXT NOT NULL,
    first_label INTEGER NOT NULL,
    second_label INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (comment_id, annotator)
) STRICT, WITHOUT ROWID;
"""
"""Version 3: what somebody said of a comment that was asked again unannounced, and what before."""

KEPT_LABELS = """
CREATE TABLE kept_labels (
    comment_id INTEGER PRIMARY KEY REFERENCES comments (id) ON DELETE CASCADE,
    label_id INTEGER NOT NULL
) STRICT;
"""
"""Version 4: labels that looked wrong and that somebody said are right."""

PEOPLE = """
ALTER TABLE annotations ADD COLUMN independent_id INTEGER;

CREATE TABLE shares (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    folder TEXT NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE share_comments (
    comment_id INTEGER NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    share_id INTEGER NOT NULL REFERENCES shares (id),
    PRIMARY KEY (comment_id, share_id)
) STRICT, WITHOUT ROWID;
"""
"""Version 5: which comments were handed out to whom; ``independent_id`` is what the annotator of an
adjudicated annotation had said before seeing what the others said."""
