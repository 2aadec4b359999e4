"""Changes of the label set, journalled like changes of comments, so that each can be taken back.

A removed label keeps its row (``position`` -1) and its annotations; nothing shows or counts them until it
is restored. In the journal a label set change has entries for "comments" that cannot be: 0 with the field
``order`` (JSON list of the visible ids), and minus the id of a label with ``name``, ``key``, ``appearance``
or ``shortcut``. A merge adds one entry per annotation: its comment, ``label:ANNOTATOR``, old and new label.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice

from senti_studio.domain.journal import LABEL_SET_VERBS, Action, Verb
from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.storage import changes
from senti_studio.storage.changes import DONE, DROPPED, MARK, NEXT_REDO, NEXT_UNDO, UNDONE
from senti_studio.storage.times import moment, now
from senti_studio.storage.voting import Vote, verdict

_HIDDEN = "\0"
_FACTS = ("name", "key", "appearance", "shortcut")
_ORDER = "order"
_LABEL_OF = "label:"
_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class LabelSet:
    """All labels that have a row, and the ids of the visible ones in their order."""

    labels: Mapping[int, Label]
    order: tuple[int, ...]

    @property
    def visible(self) -> tuple[Label, ...]:
        return tuple(self.labels[label_id] for label_id in self.order)

    def get(self, label_id: int) -> Label:
        """A visible label. Raises UserError ``LABEL_GONE``."""
        if label_id not in self.order:
            raise UserError("LABEL_GONE")
        return self.labels[label_id]

    def with_label(self, label: Label) -> LabelSet:
        return LabelSet({**self.labels, label.id: label}, self.order)


def check_labels(labels: Sequence[Label]) -> None:
    """Raises UserError ``LABELS_EMPTY`` or ``LABELS_TWICE`` for a set that cannot be."""
    names = [label.name.strip() for label in labels]
    keys = [label.key.strip() for label in labels]
    if not labels or "" in names or "" in keys:
        raise UserError("LABELS_EMPTY")
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    twice += [key for key in dict.fromkeys(keys) if keys.count(key) > 1 and key not in twice]
    if twice:
        raise UserError("LABELS_TWICE", names=twice)


def read_labels(connection: sqlite3.Connection) -> LabelSet:
    """The label set as it is."""
    found: dict[int, Label] = {}
    order = []
    rows = connection.execute(
        "SELECT id, position, key, name, appearance, shortcut FROM labels ORDER BY position, id"
    )
    for label_id, position, key, name, appearance, shortcut in rows:
        found[label_id] = Label(key.rpartition(_HIDDEN)[2], name, appearance, shortcut, label_id)
        if position >= 0:
            order.append(label_id)
    return LabelSet(found, tuple(order))


def change(connection: sqlite3.Connection, after: LabelSet, *, verb: Verb, annotator: str, of: int) -> Action:
    """One action of a user: makes ``after`` the label set, journals it, ends what could be redone.

    ``of`` is the id of the label that the action is about. Raises what `check_labels` raises.
    """
    check_labels(after.visible)
    before = read_labels(connection)
    connection.execute(
        "UPDATE actions SET standing = ? WHERE annotator = ? AND standing = 1", (DROPPED, annotator)
    )
    at = now()
    standing = DONE if before != after else MARK
    action_id = changes.record(connection, verb, annotator, at, 0, of, None, standing)
    count = _write(connection, action_id, before, after)
    return _counted(connection, Action(action_id, verb, annotator, moment(at), count, (), of))


def merge(connection: sqlite3.Connection, label_id: int, into: int, *, annotator: str) -> Action:
    """Every annotation of one label becomes one of another; the first label leaves the label set."""
    labels = read_labels(connection)
    labels.get(label_id)
    labels.get(into)
    if label_id == into:
        raise UserError("LABEL_MERGED_INTO_ITSELF", name=labels.get(into).name)
    after = LabelSet(labels.labels, tuple(each for each in labels.order if each != label_id))
    action = change(connection, after, verb=Verb.MERGE_LABEL, annotator=annotator, of=label_id)
    connection.execute(
        f"INSERT INTO journal SELECT ?, comment_id, '{_LABEL_OF}' || annotator, label_id, ?"
        " FROM annotations WHERE label_id = ?",
        (action.id, into, label_id),
    )
    moved = connection.execute(
        "UPDATE annotations SET label_id = ? WHERE label_id = ?", (into, label_id)
    ).rowcount
    decide_again(connection, {label_id, into})
    return _counted(connection, replace(action, count=moved))


def undo(connection: sqlite3.Connection, annotator: str, *, only: int | None = None) -> Action | None:
    """Takes back the annotator's newest standing action, of whatever kind; None when there is none, or when
    it is not ``only``."""
    return _walk(connection, annotator, NEXT_UNDO, only, forward=False)


def redo(connection: sqlite3.Connection, annotator: str) -> Action | None:
    """Does the action again that was undone last; None when there is none."""
    return _walk(connection, annotator, NEXT_REDO, None, forward=True)


def _walk(
    connection: sqlite3.Connection, annotator: str, query: str, only: int | None, *, forward: bool
) -> Action | None:
    row = connection.execute(query, (annotator,)).fetchone()
    if row is None or only not in (None, row[0]):
        return None
    if Verb(row[1]) in LABEL_SET_VERBS:
        return _reverse(connection, annotator, row, forward=forward)
    return (changes.redo if forward else changes.undo)(connection, annotator)


def _reverse(
    connection: sqlite3.Connection, annotator: str, row: tuple[int, str, int | None], *, forward: bool
) -> Action:
    target, verb, label_id = row
    (last_done,) = connection.execute(
        "SELECT coalesce(max(id), ?1) FROM actions WHERE target = ?1", (target,)
    ).fetchone()
    entries = connection.execute(
        "SELECT comment_id, field, old, new FROM journal WHERE action_id = ? AND comment_id <= 0",
        (last_done,),
    ).fetchall()
    before = read_labels(connection)
    after, left_out = _put_back(before, entries)
    at, said = now(), Verb.REDO if forward else Verb.UNDO
    connection.execute("UPDATE actions SET standing = ? WHERE id = ?", (DONE if forward else UNDONE, target))
    action_id = changes.record(connection, said, annotator, at, 0, label_id, target, MARK)
    count = _write(connection, action_id, before, after)
    if verb == Verb.MERGE_LABEL:
        count, stayed = _put_annotations_back(connection, last_done, action_id)
        left_out += stayed
    action = Action(action_id, said, annotator, moment(at), count, (), label_id, left_out, Verb(verb))
    return _counted(connection, action)


def _put_back(now_: LabelSet, entries: Sequence[changes.Entry]) -> tuple[LabelSet, int]:
    """The label set with these entries taken back, and how many could not be: somebody changed the same thing
    since."""
    labels, order, left_out = dict(now_.labels), now_.order, 0
    for number, name, old, new in entries:
        label = labels.get(-number)
        if number == 0:
            was, wanted = json.loads(str(new)), json.loads(str(old))
            order = _order_back(now_.order, was, [each for each in wanted if each in labels])
            left_out += order == now_.order
        elif label is not None and getattr(label, name) == new:
            labels[-number] = _with(label, name, str(old))
        else:
            left_out += 1
    if not order:
        return now_, max(left_out, 1)
    return without_clashes(LabelSet(labels, order), now_), left_out


def _with(label: Label, name: str, value: str) -> Label:
    key, shown, appearance, shortcut = label.key, label.name, label.appearance, label.shortcut
    facts = {"key": key, "name": shown, "appearance": appearance, "shortcut": shortcut, name: value}
    return Label(facts["key"], facts["name"], facts["appearance"], facts["shortcut"], label.id)


def _order_back(present: tuple[int, ...], was: list[int], wanted: list[int]) -> tuple[int, ...]:
    """From ``was`` back to ``wanted``, keeping what others changed since."""
    if list(present) == was:
        return tuple(wanted)
    gone = set(was) - set(wanted)
    merged = [each for each in present if each not in gone]
    for each in wanted:
        if each not in was and each not in merged:
            merged.insert(min(wanted.index(each), len(merged)), each)
    return tuple(merged)


def without_clashes(after: LabelSet, before: LabelSet) -> LabelSet:
    """A label that comes back takes another key or name where a new one bears its own by now."""
    names, keys = set[str](), set[str]()
    labels = dict(after.labels)
    for label_id in sorted(after.order, key=lambda each: each not in before.order):
        label = labels[label_id]
        name, key = _free(label.name, names), _free(label.key, keys)
        names.add(name)
        keys.add(key)
        labels[label_id] = replace(label, name=name, key=key)
    return LabelSet(labels, after.order)


def _free(wanted: str, taken: set[str]) -> str:
    number, found = 2, wanted
    while found in taken:
        found, number = f"{wanted} ({number})", number + 1
    return found


def _write(connection: sqlite3.Connection, action_id: int, before: LabelSet, after: LabelSet) -> int:
    """Writes and journals the difference; returns how many annotations it hid or showed."""
    entries: list[changes.Entry] = []
    if before.order != after.order:
        entries.append((0, _ORDER, json.dumps(before.order), json.dumps(after.order)))
    for label_id, label in after.labels.items():
        old = before.labels.get(label_id, label)
        for name in _FACTS:
            if getattr(old, name) != getattr(label, name):
                entries.append((-label_id, name, getattr(old, name), getattr(label, name)))
    connection.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?)", [(action_id, *e) for e in entries])
    # Two labels may swap their keys; until all are set, none may bear its final one.
    connection.execute("UPDATE labels SET key = char(0) || char(0) || id")
    for label_id, label in after.labels.items():
        place = after.order.index(label_id) if label_id in after.order else -1
        key = label.key if place >= 0 else f"{_HIDDEN}{label_id}{_HIDDEN}{label.key}"
        connection.execute(
            "UPDATE labels SET position = ?, key = ?, name = ?, appearance = ?, shortcut = ? WHERE id = ?",
            (place, key, label.name, label.appearance, label.shortcut, label_id),
        )
    turned = set(before.order) ^ set(after.order)
    return decide_again(connection, turned) if turned else 0


def _put_annotations_back(connection: sqlite3.Connection, last_done: int, action_id: int) -> tuple[int, int]:
    """Gives annotations the label that they had before a merge (or after it, for a redo)."""
    same = f"j.comment_id = a.comment_id AND j.field = '{_LABEL_OF}' || a.annotator AND a.label_id IS j.new"
    (wanted,) = connection.execute(
        "SELECT count(*) FROM journal WHERE action_id = ? AND comment_id > 0", (last_done,)
    ).fetchone()
    moved = connection.execute(
        "INSERT INTO journal SELECT ?, j.comment_id, j.field, j.new, j.old FROM journal j JOIN annotations a"
        f" ON {same} WHERE j.action_id = ? AND j.comment_id > 0",
        (action_id, last_done),
    ).rowcount
    connection.execute(
        "UPDATE annotations AS a SET label_id = j.new FROM journal j"
        f" WHERE j.action_id = ? AND {same.replace('j.new', 'j.old')} AND j.comment_id > 0",
        (action_id,),
    )
    touched = connection.execute(
        "SELECT DISTINCT new FROM journal WHERE action_id = ?1 AND comment_id > 0"
        " UNION SELECT DISTINCT old FROM journal WHERE action_id = ?1 AND comment_id > 0",
        (action_id,),
    ).fetchall()
    decide_again(connection, {row[0] for row in touched})
    return moved, wanted - moved


def hide_removed(connection: sqlite3.Connection, source_id: int) -> None:
    """Takes labels that were removed while a file came in off its comments; the annotations stay."""
    found = connection.execute(
        "SELECT DISTINCT s.label_id FROM extents e JOIN comment_state s"
        " ON s.comment_id BETWEEN e.first_id AND e.last_id WHERE e.source_id = ?"
        " AND s.label_id IN (SELECT id FROM labels WHERE position < 0)",
        (source_id,),
    ).fetchall()
    if found:
        decide_again(connection, {row[0] for row in found})


def decide_again(connection: sqlite3.Connection, label_ids: set[int]) -> int:
    """Works out the label of every comment again that has an annotation of these labels; returns the number
    of these annotations. Comments of removed sources are among them: they may come back."""
    wanted = ", ".join(str(int(each)) for each in label_ids) or "NULL"
    connection.execute(
        "UPDATE comment_state SET label_id = v.label_id, labelled_at = v.at, disputed = 0 FROM ("
        " SELECT a.comment_id AS comment_id, iif(l.position >= 0, a.label_id, NULL) AS label_id,"
        " iif(l.position >= 0, a.at, NULL) AS at, count(*) AS n, max(a.label_id) AS given"
        " FROM annotations a LEFT JOIN labels l ON l.id = a.label_id GROUP BY a.comment_id) v"
        f" WHERE v.comment_id = comment_state.comment_id AND v.n = 1 AND v.given IN ({wanted})"
        " AND comment_state.label_id IS NOT v.label_id"
    )
    rows = connection.execute(
        "SELECT a.comment_id, a.annotator, a.label_id, a.at, a.imported, a.adjudicated FROM annotations a"
        " WHERE a.comment_id IN (SELECT comment_id FROM annotations GROUP BY comment_id"
        f" HAVING count(*) > 1 AND max(coalesce(label_id IN ({wanted}), 0))) ORDER BY a.comment_id"
    )
    hidden = {row[0] for row in connection.execute("SELECT id FROM labels WHERE position < 0")}
    decided = _decisions(rows, hidden)
    while chunk := list(islice(decided, _CHUNK)):
        connection.executemany(
            "UPDATE comment_state SET label_id = ?1, labelled_at = ?2, disputed = ?3 WHERE comment_id = ?4"
            " AND (label_id IS NOT ?1 OR disputed != ?3)",
            chunk,
        )
    (count,) = connection.execute(f"SELECT count(*) FROM annotations WHERE label_id IN ({wanted})").fetchone()
    return int(count)


def _decisions(rows: sqlite3.Cursor, hidden: set[int]) -> Iterator[tuple[int | None, int | None, int, int]]:
    for comment_id, group in groupby(rows, key=lambda row: row[0]):
        votes = [
            Vote(name, label_id, at, bool(imported), bool(adjudicated))
            for _, name, label_id, at, imported, adjudicated in group
            if label_id not in hidden
        ]
        found = verdict(votes)
        yield found.label_id, found.at, int(found.disputed), comment_id


def _counted(connection: sqlite3.Connection, action: Action) -> Action:
    connection.execute("UPDATE actions SET count = ? WHERE id = ?", (action.count, action.id))
    return action
