"""Changes of comments inside one transaction: what they touch is journalled, so that each can be taken back.

These fields are journalled: ``label`` (the annotation of the acting annotator: None = there was none, 0 = an
imported label was taken away, else the id of the label), ``skipped``, ``flagged`` and ``excluded`` (0 | 1),
``note`` (text), ``again`` (what the acting annotator said when asked again, see `second_looks`), ``kept``
(the label that somebody said is right although it looked wrong, None = nobody did), ``said:ANNOTATOR`` (a
whole annotation of anybody, see `said`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from senti_studio.domain.journal import Action, Verb
from senti_studio.storage import second_looks
from senti_studio.storage.comment_states import NONE_SAID, CommentState, Value, read_states
from senti_studio.storage.said import (
    SAID,
    adjudication,
    before_adjudication,
    is_adjudicated,
    read_said,
    vote_of,
    write_said,
)
from senti_studio.storage.second_looks import AGAIN_OF
from senti_studio.storage.times import moment, now
from senti_studio.storage.voting import Vote, verdict

Entry = tuple[int, str, Value, Value]
"""comment id, field, old value, new value"""

CHUNK = 5000
SHOWN_IDS = 1000
DONE, UNDONE, DROPPED, MARK, RUNNING = 0, 1, 2, 3, 4
"""``actions.standing``: can be undone | can be redone | neither any more | is itself an undo or redo | the
same, and has not come to its end."""


class ChangeSet:
    """Collects the changes of one action over up to `CHUNK` comments and writes them in as few statements
    as it can."""

    def __init__(
        self, connection: sqlite3.Connection, annotator: str, at: int, *, seconds: float | None = None
    ) -> None:
        self._connection = connection
        self.annotator = annotator
        self.at = at
        self._seconds = seconds
        self.entries: list[Entry] = []
        self.conflicts: set[int] = set()
        self._hidden = {row[0] for row in connection.execute("SELECT id FROM labels WHERE position < 0")}

    def set(self, ids: Sequence[int], values: Mapping[str, Value]) -> None:
        """Gives each of the comments these field values; what they have already is not an entry."""
        clears = "label" in values and values["label"] is None
        states = read_states(self._connection, ids, votes="label" in values, said=clears)
        entries: list[Entry] = []
        for comment_id, state in states.items():
            for name, new in values.items():
                old = state.value(name, self.annotator)
                if name == "label" and new is None:
                    own = state.said.get(self.annotator)
                    if own is not None and is_adjudicated(own):
                        before = before_adjudication(own)
                        entries.append((comment_id, SAID + self.annotator, own, before))
                        continue
                    new = self._cleared(state)
                if name == "label" and new in (None, NONE_SAID) and state.label_id is None:
                    continue
                if old != new:
                    entries.append((comment_id, name, old, new))
        self._write(states, entries)

    def answer_again(self, comment_id: int, label_id: int) -> None:
        """Gives the label to a comment that the annotator has labelled before, and keeps both answers; where
        there is no label of the annotator any more it is given as any other."""
        states = read_states(self._connection, [comment_id], votes=True, again_of=self.annotator)
        for state in states.values():
            vote = state.votes.get(self.annotator)
            wanted: list[tuple[str, Value]] = [("label", label_id), ("skipped", 0)]
            if vote is not None and vote.label_id is not None:
                wanted.append(("again", second_looks.packed(vote.label_id, label_id, vote.at, self.at)))
            self._write(
                states,
                [
                    (comment_id, name, state.value(name, self.annotator), new)
                    for name, new in wanted
                    if state.value(name, self.annotator) != new
                ],
            )

    def keep(self, ids: Sequence[int]) -> None:
        """Notes that the labels which the comments have are right; those without a label are left alone."""
        states = read_states(self._connection, ids, votes=False, kept=True)
        self._write(
            states,
            [
                (comment_id, "kept", state.kept, state.label_id)
                for comment_id, state in states.items()
                if state.label_id is not None and state.label_id != state.kept
            ],
        )

    def give(self, wanted: Sequence[tuple[int, str, Value]]) -> None:
        """Gives comments values of their own: (comment id, field, value), each field of a comment once."""
        ids = list(dict.fromkeys(each[0] for each in wanted))
        kept = any(each[1] == "kept" for each in wanted)
        states = read_states(self._connection, ids, votes=True, said=True, kept=kept)
        entries: list[Entry] = []
        for comment_id, name, new in wanted:
            state = states.get(comment_id)
            if state is not None and (old := state.value(name, self.annotator)) != new:
                entries.append((comment_id, name, old, new))
        self._write(states, entries)

    def put_back(self, entries: Sequence[Entry]) -> None:
        """Takes journal entries back where their value is still the one that they left behind.

        A comment in which somebody changed such a value in between is left alone and counted in
        ``conflicts``.
        """
        ids = list(dict.fromkeys(entry[0] for entry in entries))
        fields = {entry[1] for entry in entries}
        again_of = self.annotator if "again" in fields else None
        said = any(name.startswith((SAID, AGAIN_OF)) for name in fields)
        states = read_states(
            self._connection,
            ids,
            votes=said or "label" in fields,
            again_of=again_of,
            said=said,
            kept="kept" in fields,
        )
        by_comment: dict[int, list[Entry]] = {comment_id: [] for comment_id in ids}
        for comment_id, name, old, new in entries:
            by_comment[comment_id].append((comment_id, name, new, old))
        todo: list[Entry] = []
        known = {row[0] for row in self._connection.execute("SELECT id FROM labels")}
        for comment_id, wanted in by_comment.items():
            state = states.get(comment_id)
            # A label may have left the label set since; it cannot be given again.
            gone = any(_label_of(e) not in known for e in wanted if _label_of(e))
            if state is None or gone or any(state.value(e[1], self.annotator) != e[2] for e in wanted):
                self.conflicts.add(comment_id)
            else:
                todo += wanted
        self._write(states, todo)

    def _cleared(self, state: CommentState) -> Value:
        # An imported label would come back as soon as the person's own is gone: then the person says "none".
        return NONE_SAID if any(vote.imported for vote in state.votes.values()) else None

    def _write(self, states: Mapping[int, CommentState], entries: Sequence[Entry]) -> None:
        self.entries += entries
        labels = [entry for entry in entries if entry[1] == "label"]
        if labels:
            self._write_annotations(labels)
        write_said(self._connection, [(e[0], e[1], e[3]) for e in entries if e[1].startswith(SAID)])
        second_looks.write_of_all(self._connection, [(e[0], e[1], e[3]) for e in entries])
        for name, table in (("note", "notes"), ("kept", "kept_labels")):
            self._replace(table, [entry for entry in entries if entry[1] == name])
        again = [(entry[0], entry[3]) for entry in entries if entry[1] == "again"]
        if again:
            second_looks.write(self._connection, self.annotator, again)
        touched: dict[int, CommentState] = {}
        for comment_id, name, _, new in entries:
            state = states[comment_id]
            if name == "label":
                self._vote(state, new)
            elif name.startswith(SAID):
                self._say(state, name.removeprefix(SAID), new)
            elif name == "skipped":
                state.skipped = int(new or 0)
            elif name == "flagged":
                state.flagged = int(new or 0)
            elif name == "excluded":
                state.excluded = int(new or 0)
            else:
                continue
            touched[comment_id] = state
        self._write_states(touched)

    def _replace(self, table: str, entries: Sequence[Entry]) -> None:
        """One row of (comment, value) for each entry; none where the value says nothing."""
        if entries:
            gone, come = [(e[0],) for e in entries], [(e[0], e[3]) for e in entries if e[3]]
            self._connection.executemany(f"DELETE FROM {table} WHERE comment_id = ?", gone)
            self._connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", come)

    def _vote(self, state: CommentState, new: Value) -> None:
        if new is None:
            state.votes.pop(self.annotator, None)
        else:
            before = state.votes.get(self.annotator)
            # Whoever has decided for all, and labels once more, decides otherwise.
            decides = before is not None and before.adjudicated
            state.votes[self.annotator] = Vote(self.annotator, int(new) or None, self.at, False, decides)
        self._decide(state)

    def _say(self, state: CommentState, annotator: str, new: Value) -> None:
        if new is None:
            state.votes.pop(annotator, None)
        else:
            state.votes[annotator] = vote_of(annotator, str(new))
        self._decide(state)

    def _decide(self, state: CommentState) -> None:
        # Annotations of removed labels are kept, but say nothing.
        found = verdict([vote for vote in state.votes.values() if vote.label_id not in self._hidden])
        state.label_id, state.labelled_at, state.disputed = found.label_id, found.at, int(found.disputed)

    def _write_annotations(self, entries: Sequence[Entry]) -> None:
        gone = [(entry[0], self.annotator) for entry in entries if entry[3] is None]
        if gone:
            self._connection.executemany(
                "DELETE FROM annotations WHERE comment_id = ? AND annotator = ?", gone
            )
        given = [
            (entry[0], self.annotator, entry[3] or None, self.at, self._seconds)
            for entry in entries
            if entry[3] is not None
        ]
        if given:
            self._connection.executemany(
                "INSERT INTO annotations (comment_id, annotator, label_id, at, seconds)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET label_id = excluded.label_id,"
                " at = excluded.at, seconds = excluded.seconds",
                given,
            )

    def _write_states(self, states: Mapping[int, CommentState]) -> None:
        self._connection.executemany(
            "INSERT INTO comment_state (comment_id, source_id, label_id, labelled_at, disputed, skipped,"
            " flagged, excluded) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " label_id = excluded.label_id,"
            " labelled_at = excluded.labelled_at, disputed = excluded.disputed, skipped = excluded.skipped,"
            " flagged = excluded.flagged, excluded = excluded.excluded",
            [
                (id_, s.source_id, s.label_id, s.labelled_at, s.disputed, s.skipped, s.flagged, s.excluded)
                for id_, s in states.items()
            ],
        )


def _label_of(entry: Entry) -> int | None:
    """The label that an entry gives."""
    value = entry[3]
    if entry[1].startswith(SAID):
        return None if value is None else vote_of("", str(value)).label_id
    return int(value) if entry[1] == "label" and value else None


def act(
    connection: sqlite3.Connection,
    ids: Sequence[int],
    values: Mapping[str, Value],
    *,
    verb: Verb,
    annotator: str,
    label_id: int | None = None,
    seconds: float | None = None,
) -> Action:
    """One action of a user: gives the comments these values, journals it, and ends what could be redone."""
    changes = ChangeSet(connection, annotator, now(), seconds=seconds)
    for start in range(0, len(ids), CHUNK):
        changes.set(ids[start : start + CHUNK], values)
    return conclude(connection, changes, verb, ids, label_id)


def adjudicate(
    connection: sqlite3.Connection,
    comment_id: int,
    label_id: int,
    *,
    annotator: str,
    seconds: float | None = None,
) -> Action:
    """The label of a comment from now on, whatever was said of it."""
    at = now()
    changes = ChangeSet(connection, annotator, at)
    own = {name: value for _, name, value in read_said(connection, json.dumps([comment_id]))}.get(annotator)
    value = adjudication(own, label_id, at, seconds)
    changes.give([(comment_id, SAID + annotator, value), (comment_id, "skipped", 0)])
    return conclude(connection, changes, Verb.ADJUDICATE, [comment_id], label_id)


def conclude(
    connection: sqlite3.Connection, changes: ChangeSet, verb: Verb, ids: Sequence[int], label_id: int | None
) -> Action:
    """Journals what an action has changed, and ends what could be redone; ``ids`` are those it was asked
    for."""
    annotator, at = changes.annotator, changes.at
    drop_redoable(connection, annotator)
    changed = list(dict.fromkeys(entry[0] for entry in changes.entries))
    # Pressing the same key twice changes nothing; an undo should not seem to do nothing either.
    standing = DONE if changed else MARK
    action_id = record(connection, verb, annotator, at, len(changed), label_id, None, standing)
    _journal(connection, action_id, changes.entries)
    shown = changed or list(ids)
    return Action(action_id, verb, annotator, moment(at), len(changed), tuple(shown[:SHOWN_IDS]), label_id)


def drop_redoable(connection: sqlite3.Connection, annotator: str) -> None:
    """What was undone cannot be redone once something else was done."""
    connection.execute(
        "UPDATE actions SET standing = ? WHERE annotator = ? AND standing = 1", (DROPPED, annotator)
    )


def store(connection: sqlite3.Connection, action_id: int, made: ChangeSet) -> list[int]:
    """Journals a piece of a long action; returns the comments that it changed."""
    touched = list(dict.fromkeys(entry[0] for entry in made.entries))
    _journal(connection, action_id, made.entries)
    connection.execute("UPDATE actions SET count = count + ? WHERE id = ?", (len(touched), action_id))
    return touched


def undo(connection: sqlite3.Connection, annotator: str) -> Action | None:
    """Takes back the annotator's newest standing action; None when there is none."""
    row = connection.execute(NEXT_UNDO, (annotator,)).fetchone()
    return None if row is None else reverse(connection, annotator, row, forward=False)


def redo(connection: sqlite3.Connection, annotator: str) -> Action | None:
    """Does the action again that was undone last; None when there is none."""
    row = connection.execute(NEXT_REDO, (annotator,)).fetchone()
    return None if row is None else reverse(connection, annotator, row, forward=True)


NEXT_UNDO = (
    "SELECT id, verb, label_id FROM actions WHERE annotator = ? AND standing = 0 ORDER BY id DESC LIMIT 1"
)
NEXT_REDO = "SELECT id, verb, label_id FROM actions WHERE annotator = ? AND standing = 1 ORDER BY id LIMIT 1"


def reverse(
    connection: sqlite3.Connection, annotator: str, row: tuple[int, str, int | None], *, forward: bool
) -> Action:
    """Undoes or redoes one action, given as its id, verb and label."""
    target, verb, label_id = row
    # What the last undo or redo of it really changed: what that left alone, this one does too.
    (last_done,) = connection.execute(
        "SELECT coalesce(max(id), ?1) FROM actions WHERE target = ?1", (target,)
    ).fetchone()
    at = now()
    changes = ChangeSet(connection, annotator, at)
    last = (-1, "")
    shown: list[int] = []
    while True:
        entries = connection.execute(
            "SELECT comment_id, field, old, new FROM journal WHERE action_id = ?"
            " AND (comment_id, field) > (?, ?) ORDER BY comment_id, field LIMIT ?",
            (last_done, *last, CHUNK),
        ).fetchall()
        if not entries:
            break
        last = (entries[-1][0], entries[-1][1])
        shown += [entry[0] for entry in entries if len(shown) < 2 * SHOWN_IDS]
        changes.put_back(entries)
    connection.execute("UPDATE actions SET standing = ? WHERE id = ?", (DONE if forward else UNDONE, target))
    changed = {entry[0] for entry in changes.entries}
    said = Verb.REDO if forward else Verb.UNDO
    action_id = record(connection, said, annotator, at, len(changed), label_id, target, MARK)
    _journal(connection, action_id, changes.entries)
    ids = tuple(dict.fromkeys(shown))[:SHOWN_IDS]
    left_out = len(changes.conflicts - changed)
    return Action(action_id, said, annotator, moment(at), len(changed), ids, label_id, left_out, Verb(verb))


def record(
    connection: sqlite3.Connection,
    verb: Verb,
    annotator: str,
    at: int,
    count: int,
    label_id: int | None,
    target: int | None,
    standing: int,
) -> int:
    cursor = connection.execute(
        "INSERT INTO actions (verb, annotator, at, count, label_id, target, standing)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (verb, annotator, at, count, label_id, target, standing),
    )
    return int(cursor.lastrowid or 0)


def _journal(connection: sqlite3.Connection, action_id: int, entries: Iterable[Entry]) -> None:
    connection.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?)", [(action_id, *e) for e in entries])
