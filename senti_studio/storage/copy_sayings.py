"""What another copy of a project says of comments, beside what this one says: the differences of a page."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from senti_studio.domain.labels import Label
from senti_studio.domain.merging import Choices, Side
from senti_studio.storage import second_looks
from senti_studio.storage.comment_states import Value
from senti_studio.storage.label_changes import LabelSet
from senti_studio.storage.said import SAID, said
from senti_studio.storage.second_looks import AGAIN_OF

MARKS = ("flagged", "skipped", "excluded")


@dataclass(frozen=True, slots=True)
class LabelPairs:
    """Labels of two label sets. ``ids``: id there -> id here; ``added``: labels that are only there;
    ``renamed``: (here, there)."""

    ids: Mapping[int, int]
    added: tuple[Label, ...]
    renamed: tuple[tuple[Label, Label], ...]


def pair_labels(
    mine: LabelSet,
    theirs: LabelSet,
    born: Mapping[int, int],
    born_there: Mapping[int, int],
    *,
    are_copies: bool,
) -> LabelPairs:
    """The same key and name is the same label, else the same name; in copies of one project also the same
    key, where the label was not made in one of them since.

    ``born``: when a label was added, by id; those that came with the project are missing.
    """

    def were_one(own: Label, other: Label) -> bool:
        shown = own.id in mine.order and other.id in theirs.order
        birth = born_there.get(other.id)
        return are_copies and shown and own.key == other.key and birth in (None, born.get(own.id))

    ids: dict[int, int] = {}
    renamed = []
    there = [label for label in theirs.labels.values() if label.id in theirs.order]
    there += [label for label in theirs.labels.values() if label.id not in theirs.order]
    here = sorted(mine.labels.values(), key=lambda label: label.id not in mine.order)
    tests: tuple[Callable[[Label, Label], bool], ...] = (
        lambda a, b: (a.key, a.name) == (b.key, b.name),
        lambda a, b: a.name == b.name,
        were_one,
    )
    for test in tests:
        for label in there:
            twin = next((each for each in here if each.id not in ids.values() and test(each, label)), None)
            if label.id not in ids and twin is not None:
                ids[label.id] = twin.id
                if twin.name != label.name:
                    renamed.append((twin, label))
    added = tuple(label for label in theirs.visible if label.id not in ids)
    return LabelPairs(ids, added, tuple(renamed))


@dataclass(frozen=True, slots=True)
class Annotated:
    """An annotation as it is stored, its labels by their ids here."""

    label_id: int | None
    at: int
    imported: int
    adjudicated: int
    seconds: float | None
    independent_id: int | None

    @property
    def value(self) -> str:
        return said(
            self.label_id,
            self.at,
            imported=bool(self.imported),
            adjudicated=bool(self.adjudicated),
            seconds=self.seconds,
            independent_id=self.independent_id,
        )


@dataclass(slots=True)
class Page:
    """What one copy says of some comments."""

    given: dict[tuple[int, str], Annotated] = field(default_factory=dict)
    marks: dict[tuple[int, str], int] = field(default_factory=dict)
    labelled: set[int] = field(default_factory=set)
    notes: dict[int, str] = field(default_factory=dict)
    again: dict[tuple[int, str], tuple[int, int, int, int]] = field(default_factory=dict)
    kept: dict[int, int] = field(default_factory=dict)

    @property
    def says_something(self) -> bool:
        return bool(self.given or self.marks or self.notes or self.again or self.kept)


def read_page(connection: sqlite3.Connection, ids: Sequence[int]) -> Page:
    """Annotations, marks and notes of these comments."""
    wanted, page = json.dumps(list(ids)), Page()
    for comment_id, name, *values in connection.execute(
        "SELECT a.comment_id, a.annotator, a.label_id, a.at, a.imported, a.adjudicated, a.seconds,"
        " a.independent_id FROM json_each(?) j CROSS JOIN annotations a ON a.comment_id = j.value",
        (wanted,),
    ):
        page.given[comment_id, name] = Annotated(*values)
    for comment_id, label_id, *marks in connection.execute(
        "SELECT s.comment_id, s.label_id, s.flagged, s.skipped, s.excluded"
        " FROM json_each(?) j CROSS JOIN comment_state s ON s.comment_id = j.value",
        (wanted,),
    ):
        if label_id is not None:
            page.labelled.add(comment_id)
        for name, value in zip(MARKS, marks, strict=True):
            if value:
                page.marks[comment_id, name] = value
    for comment_id, name, *values in second_looks.stored_of_all(connection, wanted):
        page.again[comment_id, name] = (values[0], values[1], values[2], values[3])
    page.kept = dict(
        connection.execute(
            "SELECT k.comment_id, k.label_id FROM json_each(?) j"
            " CROSS JOIN kept_labels k ON k.comment_id = j.value",
            (wanted,),
        ).fetchall()
    )
    page.notes = dict(
        connection.execute(
            "SELECT n.comment_id, n.text FROM json_each(?) j CROSS JOIN notes n ON n.comment_id = j.value",
            (wanted,),
        ).fetchall()
    )
    return page


@dataclass(frozen=True, slots=True)
class History:
    """When something was last taken away here, in milliseconds: own labels by (comment, annotator), marks by
    (comment, mark). ``marked``: when marks were last set there, by the comment's id there."""

    cleared: Mapping[tuple[int, str], int]
    unmarked: Mapping[tuple[int, str], int]
    marked: Mapping[tuple[int, str], int]


_NOT_OF_A_MERGE = (
    "NOT EXISTS (SELECT 1 FROM actions t WHERE t.id = a.target AND t.verb = 'merge_project')"
    " AND a.verb != 'merge_project'"
)


def read_births(connection: sqlite3.Connection) -> dict[int, int]:
    """When labels were added to a project that was there already, by the labels' ids."""
    return dict(
        connection.execute("SELECT label_id, at FROM actions WHERE verb = 'add_label' ORDER BY id").fetchall()
    )


def read_cleared(connection: sqlite3.Connection) -> dict[tuple[int, str], int]:
    """Labels that their own annotators took away."""
    rows = connection.execute(
        "SELECT j.comment_id, a.annotator, max(a.at) FROM journal j JOIN actions a ON a.id = j.action_id"
        f" WHERE j.field = 'label' AND j.new IS NULL AND {_NOT_OF_A_MERGE} GROUP BY 1, 2"
    )
    return {(comment_id, annotator): at for comment_id, annotator, at in rows}


def read_marked(connection: sqlite3.Connection, value: int) -> dict[tuple[int, str], int]:
    """When marks last got this value."""
    rows = connection.execute(
        "SELECT j.comment_id, j.field, max(a.at) FROM journal j JOIN actions a ON a.id = j.action_id"
        f" WHERE j.field IN ('flagged', 'skipped', 'excluded') AND j.new = ? AND {_NOT_OF_A_MERGE}"
        " GROUP BY 1, 2",
        (value,),
    )
    return {(comment_id, name): at for comment_id, name, at in rows}


@dataclass(slots=True)
class Differences:
    """What a page brings: values to give (by ids here), and how many of which kind."""

    wanted: list[tuple[int, str, Value]] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    equal: int = 0
    cleared: int = 0
    conflicts: list[tuple[int, str, Annotated, Annotated]] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)


def differences(
    pairs: Sequence[tuple[int, int]],
    mine: Page,
    theirs: Page,
    labels: Mapping[int, int],
    history: History,
    *,
    rule: Side = Side.NEWEST,
    choices: Choices | None = None,
) -> Differences:
    """``pairs``: (id there, id here); ``labels``: id there -> id here, those that are missing are passed
    over."""
    found = Differences()
    here = dict(pairs)
    for (their_id, annotator), one in sorted(theirs.given.items()):
        if one.label_id is not None and one.label_id not in labels:
            continue
        own_id = here[their_id]
        translated = Annotated(
            None if one.label_id is None else labels[one.label_id],
            one.at,
            one.imported,
            one.adjudicated,
            one.seconds,
            None if one.independent_id is None else labels.get(one.independent_id),
        )
        _compare(found, own_id, annotator, mine.given.get((own_id, annotator)), translated, history)
    for own_id, annotator, own, other in found.conflicts:
        side = (choices or {}).get((own_id, annotator), rule)
        is_theirs = other.at > own.at if side is Side.NEWEST else side is Side.THEIRS
        if is_theirs:
            found.wanted.append((own_id, SAID + annotator, other.value))
    _compare_marks(found, pairs, mine, theirs, history)
    _compare_looks(found, here, mine, theirs, labels)
    return found


def _compare_looks(
    found: Differences, here: Mapping[int, int], mine: Page, theirs: Page, labels: Mapping[int, int]
) -> None:
    """What somebody said when asked again, and labels that somebody confirmed."""
    for (their_id, annotator), (first, second, first_at, at) in sorted(theirs.again.items()):
        own_id = here[their_id]
        if (own_id, annotator) not in mine.again and first in labels and second in labels:
            value = second_looks.packed(labels[first], labels[second], first_at, at)
            found.marks.append("look")
            found.wanted.append((own_id, AGAIN_OF + annotator, value))
    for their_id, label_id in sorted(theirs.kept.items()):
        own_id = here[their_id]
        if own_id not in mine.kept and label_id in labels:
            found.marks.append("look")
            found.wanted.append((own_id, "kept", labels[label_id]))


def _compare(
    found: Differences, own_id: int, annotator: str, own: Annotated | None, other: Annotated, history: History
) -> None:
    if own is None:
        if history.cleared.get((own_id, annotator), -1) >= other.at:
            found.cleared += 1
        else:
            found.new.append(annotator)
            found.wanted.append((own_id, SAID + annotator, other.value))
    elif _says_as_much(own, other):
        found.equal += 1
    elif own.label_id == other.label_id or (other.adjudicated and other.independent_id == own.label_id):
        found.new.append(annotator)  # decided there meanwhile
        found.wanted.append((own_id, SAID + annotator, other.value))
    else:
        found.conflicts.append((own_id, annotator, own, other))


def _says_as_much(own: Annotated, other: Annotated) -> bool:
    """The same label, or one that was decided on since."""
    if own.label_id == other.label_id:
        return own.adjudicated >= other.adjudicated
    return bool(own.adjudicated and not other.adjudicated and own.independent_id == other.label_id)


def _compare_marks(
    found: Differences, pairs: Sequence[tuple[int, int]], mine: Page, theirs: Page, history: History
) -> None:
    here = dict(pairs)
    for their_id, name in sorted(theirs.marks):
        own_id = here[their_id]
        if (own_id, name) in mine.marks or (name == "skipped" and own_id in mine.labelled):
            continue
        if history.unmarked.get((own_id, name), -1) >= history.marked.get((their_id, name), 0):
            continue
        found.marks.append(name)
        found.wanted.append((own_id, name, 1))
    for their_id, text in sorted(theirs.notes.items()):
        own = mine.notes.get(here[their_id], "")
        if text not in own:
            found.marks.append("note")
            joined = text if not own or own in text else f"{own}\n{text}"
            found.wanted.append((here[their_id], "note", joined))
