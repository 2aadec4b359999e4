"""Changes of the label set, journalled like changes of comments, so that each can be taken back.

A removed label keeps its row (``position`` -1) and its annotations; nothing shows or counts them until it
is restored. In the journal a label set change has entries for "comments" that cannot be: 0 with the field
``order`` (JSON list of the visible ids), and minus the id of a label with ``name``, ``key``, ``appearance``
or ``shortcut``. A merge adds one entry per annotation: its comment, ``label:ANNOTATOR``, old and new label.

Everything here happens in one transaction. What takes long in a project of many annotations is left to those
who call (`label_care`): `Begun.is_behind` tells that the states of comments have to be worked out again, a
`MergeReversal` that annotations have to be given back.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from senti_studio.domain.journal import Action, Verb
from senti_studio.domain.labels import Label, require_showable, same_key
from senti_studio.errors import UserError
from senti_studio.storage import changes
from senti_studio.storage.changes import DONE, MARK, RUNNING, UNDONE
from senti_studio.storage.times import moment, now
from senti_studio.storage.verdicts import decide_all, fall_behind, is_small

_HIDDEN = "\0"
_FACTS = ("name", "key", "appearance", "shortcut")
_ORDER = "order"
LABEL_OF = "label:"


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


def check_new(present: LabelSet, labels: Sequence[Label]) -> None:
    """Raises what `require_showable` raises for what is not yet so in the project: older ones may stay."""
    for label in labels:
        known = present.labels.get(label.id, Label("", ""))
        require_showable(
            Label(
                "" if label.key == known.key else label.key,
                "" if label.name == known.name else label.name,
                shortcut="" if label.shortcut == known.shortcut else label.shortcut,
            )
        )


def check_shortcut(labels: LabelSet, new: Label) -> None:
    """Raises UserError ``SHORTCUT_TAKEN`` when a shortcut that a label is given is another's. (Removed labels
    keep theirs for when they come back, and stand in nobody's way.)"""
    known = labels.labels.get(new.id)
    if not new.shortcut or (known is not None and known.shortcut == new.shortcut):
        return
    for label in labels.visible:
        if label.id != new.id and same_key(label.shortcut, new.shortcut):
            raise UserError("SHORTCUT_TAKEN", shortcut=new.shortcut, name=label.name)


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


@dataclass(frozen=True, slots=True)
class Begun:
    """A change of the label set that stands in its transaction; ``is_behind``: many comments have to
    follow."""

    action: Action
    is_behind: bool = False


@dataclass(frozen=True, slots=True)
class MergeReversal:
    """An undo or redo of a merge of many annotations, whose label set stands already.

    ``action_id`` is its own row (`RUNNING`), ``source_id`` the action whose journal tells the annotations.
    ``left_out`` counts what could not be put back of the label set.
    """

    action_id: int
    source_id: int
    verb: Verb
    label_id: int | None
    left_out: int = 0


def change(
    connection: sqlite3.Connection,
    after: LabelSet,
    *,
    verb: Verb,
    annotator: str,
    of: int,
    is_new: bool = False,
) -> Begun:
    """One action of a user: makes ``after`` the label set, journals it, ends what could be redone.

    ``of`` is the id of the label that the action is about; ``is_new``: no annotation can have it. Raises what
    `check_labels` raises.
    """
    check_labels(after.visible)
    before = read_labels(connection)
    changes.drop_redoable(connection, annotator)
    at = now()
    standing = DONE if before != after else MARK
    action_id = changes.record(connection, verb, annotator, at, 0, of, None, standing)
    turned = write_labels(connection, action_id, before, after)
    count, is_behind = (0, False) if is_new else _settle(connection, turned)
    action = Action(action_id, verb, annotator, moment(at), count, (), of)
    return Begun(_counted(connection, action), is_behind)


def _settle(connection: sqlite3.Connection, turned: set[int]) -> tuple[int, bool]:
    """After labels came or went: (annotations that were looked at, whether that has still to be done)."""
    if not turned:
        return 0, False
    if is_small(connection):
        return decide_all(connection, turned), False
    fall_behind(connection, turned)
    return 0, True


def check_merge(labels: LabelSet, label_id: int, into: int) -> LabelSet:
    """The label set after a merge. Raises UserError ``LABEL_GONE`` or ``LABEL_MERGED_INTO_ITSELF``."""
    labels.get(label_id)
    labels.get(into)
    if label_id == into:
        raise UserError("LABEL_MERGED_INTO_ITSELF", name=labels.get(into).name)
    return LabelSet(labels.labels, tuple(each for each in labels.order if each != label_id))


def merge(connection: sqlite3.Connection, label_id: int, into: int, *, annotator: str) -> Action:
    """Every annotation of one label becomes one of another, at once; the first label leaves the label set."""
    after = check_merge(read_labels(connection), label_id, into)
    action = change(connection, after, verb=Verb.MERGE_LABEL, annotator=annotator, of=label_id).action
    connection.execute(
        f"INSERT INTO journal SELECT ?, comment_id, '{LABEL_OF}' || annotator, label_id, ?"
        " FROM annotations WHERE label_id = ?",
        (action.id, into, label_id),
    )
    moved = connection.execute(
        "UPDATE annotations SET label_id = ? WHERE label_id = ?", (into, label_id)
    ).rowcount
    decide_all(connection, {label_id, into})
    return _counted(connection, replace(action, count=moved))


def reverse(
    connection: sqlite3.Connection, annotator: str, row: tuple[int, str, int | None], *, forward: bool
) -> Begun | MergeReversal:
    """Takes a change of the label set back, or does it again; ``row`` as of `changes.NEXT_UNDO`."""
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
    is_long = verb == Verb.MERGE_LABEL and not is_small(connection)
    at, said = now(), Verb.REDO if forward else Verb.UNDO
    connection.execute("UPDATE actions SET standing = ? WHERE id = ?", (DONE if forward else UNDONE, target))
    standing = RUNNING if is_long else MARK
    action_id = changes.record(connection, said, annotator, at, 0, label_id, target, standing)
    count, is_behind = _settle(connection, write_labels(connection, action_id, before, after))
    if is_long:
        return MergeReversal(action_id, last_done, said, label_id, left_out)
    if verb == Verb.MERGE_LABEL:
        count, stayed = _put_annotations_back(connection, last_done, action_id)
        left_out += stayed
    action = Action(action_id, said, annotator, moment(at), count, (), label_id, left_out, Verb(verb))
    return Begun(_counted(connection, action), is_behind)


def put_labels_back(connection: sqlite3.Connection, source_id: int, action_id: int) -> None:
    """Takes back what the action ``source_id`` did to the label set, in the journal of ``action_id``; the
    comments with labels that come or go are behind then."""
    entries = connection.execute(
        "SELECT comment_id, field, old, new FROM journal WHERE action_id = ? AND comment_id <= 0",
        (source_id,),
    ).fetchall()
    if entries:
        before = read_labels(connection)
        turned = write_labels(connection, action_id, before, _put_back(before, entries)[0])
        fall_behind(connection, turned)


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
    """A label that comes back takes another key or name, and no shortcut, where a new one bears its own by
    now."""
    names, keys, shortcuts = set[str](), set[str](), set[str]()
    labels = dict(after.labels)
    for label_id in sorted(after.order, key=lambda each: each not in before.order):
        label = labels[label_id]
        name, key = _free(label.name, names), _free(label.key, keys)
        shortcut = "" if label.shortcut in shortcuts else label.shortcut
        names.add(name)
        keys.add(key)
        shortcuts.add(shortcut)
        labels[label_id] = replace(label, name=name, key=key, shortcut=shortcut)
    return LabelSet(labels, after.order)


def _free(wanted: str, taken: set[str]) -> str:
    number, found = 2, wanted
    while found in taken:
        found, number = f"{wanted} ({number})", number + 1
    return found


def write_labels(
    connection: sqlite3.Connection, action_id: int, before: LabelSet, after: LabelSet
) -> set[int]:
    """Writes and journals the difference; returns the labels that came or went."""
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
    return set(before.order) ^ set(after.order)


def _put_annotations_back(connection: sqlite3.Connection, last_done: int, action_id: int) -> tuple[int, int]:
    """Gives annotations the label that they had before a merge (or after it, for a redo)."""
    same = f"j.comment_id = a.comment_id AND j.field = '{LABEL_OF}' || a.annotator AND a.label_id IS j.new"
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
    decide_all(connection, {row[0] for row in touched})
    return moved, wanted - moved


def hide_removed(connection: sqlite3.Connection, source_id: int) -> bool:
    """Takes labels that were removed while a file came in off its comments; the annotations stay. True when
    its comments are behind now (see `verdicts`)."""
    found = connection.execute(
        "SELECT DISTINCT s.label_id FROM extents e JOIN comment_state s"
        " ON s.comment_id BETWEEN e.first_id AND e.last_id WHERE e.source_id = ?"
        " AND s.label_id IN (SELECT id FROM labels WHERE position < 0)",
        (source_id,),
    ).fetchall()
    if found:
        fall_behind(connection, {row[0] for row in found})
    return bool(found)


def _counted(connection: sqlite3.Connection, action: Action) -> Action:
    connection.execute("UPDATE actions SET count = ? WHERE id = ?", (action.count, action.id))
    return action
