"""What is stored of single comments, read for a change of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from senti_studio.storage import second_looks
from senti_studio.storage.said import SAID, Said, read_said
from senti_studio.storage.second_looks import AGAIN_OF
from senti_studio.storage.voting import Vote

Value = int | str | None

NONE_SAID = 0
"""The value of the field ``label`` of somebody who took an imported label away."""


@dataclass(slots=True)
class CommentState:
    """What is stored of one comment, as its changes see it."""

    source_id: int
    label_id: int | None
    labelled_at: int | None
    disputed: int
    skipped: int
    flagged: int
    excluded: int
    note: str | None
    again: str | None = None
    kept: int | None = None
    votes: dict[str, Vote] = field(default_factory=dict)
    said: dict[str, Said] = field(default_factory=dict)
    """Whole annotations by annotator, where they were asked for."""
    again_by: dict[str, str] = field(default_factory=dict)
    """Second looks by annotator, where whole annotations were asked for."""

    def value(self, name: str, annotator: str) -> Value:
        if name.startswith(SAID):
            return self.said.get(name.removeprefix(SAID))
        if name.startswith(AGAIN_OF):
            return self.again_by.get(name.removeprefix(AGAIN_OF))
        if name == "label":
            vote = self.votes.get(annotator)
            return None if vote is None else vote.label_id or NONE_SAID
        if name == "note":
            return self.note or ""
        if name in ("again", "kept"):
            return self.again if name == "again" else self.kept
        return {"skipped": self.skipped, "flagged": self.flagged, "excluded": self.excluded}[name]


def read_states(
    connection: sqlite3.Connection,
    ids: Sequence[int],
    *,
    votes: bool,
    again_of: str | None = None,
    kept: bool = False,
    said: bool = False,
) -> dict[int, CommentState]:
    """The states of the comments that exist and are visible; ``again_of``: whose second looks are wanted,
    ``kept``, ``said``: whether kept labels and whole annotations are."""
    wanted = json.dumps(list(ids))
    states = {
        row[0]: CommentState(*row[1:])
        for row in connection.execute(
            "SELECT c.id, c.source_id, s.label_id, s.labelled_at, coalesce(s.disputed, 0),"
            " coalesce(s.skipped, 0), coalesce(s.flagged, 0), coalesce(s.excluded, 0), n.text"
            " FROM json_each(?) j"
            " CROSS JOIN comments c ON c.id = j.value"
            " CROSS JOIN sources o ON o.id = c.source_id AND o.state = 'ready'"
            " LEFT JOIN comment_state s ON s.comment_id = c.id LEFT JOIN notes n ON n.comment_id = c.id",
            (wanted,),
        )
    }
    if votes:
        _read_votes(connection, wanted, states)
    if again_of is not None:
        for comment_id, *values in second_looks.stored(connection, wanted, again_of):
            if comment_id in states:
                states[comment_id].again = second_looks.packed(*values)
    if kept:
        _read_kept(connection, wanted, states)
    if said:
        _read_said(connection, wanted, states)
    return states


def _read_votes(connection: sqlite3.Connection, wanted: str, states: dict[int, CommentState]) -> None:
    rows = connection.execute(
        "SELECT a.comment_id, a.annotator, a.label_id, a.at, a.imported, a.adjudicated"
        " FROM json_each(?) j CROSS JOIN annotations a ON a.comment_id = j.value",
        (wanted,),
    )
    for comment_id, annotator, label_id, at, imported, adjudicated in rows:
        if comment_id in states:
            vote = Vote(annotator, label_id, at, bool(imported), bool(adjudicated))
            states[comment_id].votes[annotator] = vote


def _read_kept(connection: sqlite3.Connection, wanted: str, states: dict[int, CommentState]) -> None:
    rows = connection.execute(
        "SELECT k.comment_id, k.label_id FROM json_each(?) j"
        " CROSS JOIN kept_labels k ON k.comment_id = j.value",
        (wanted,),
    )
    for comment_id, label_id in rows:
        if comment_id in states:
            states[comment_id].kept = label_id


def _read_said(connection: sqlite3.Connection, wanted: str, states: dict[int, CommentState]) -> None:
    for comment_id, annotator, value in read_said(connection, wanted):
        if comment_id in states:
            states[comment_id].said[annotator] = value
    for comment_id, annotator, *values in second_looks.stored_of_all(connection, wanted):
        if comment_id in states:
            states[comment_id].again_by[annotator] = second_looks.packed(*values)
