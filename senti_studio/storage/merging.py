"""Takes in what another copy of the project says, as one action that can be undone.

Comments are matched first (`matching`), then compared page by page (`copy_sayings`). The action stands in the
journal from its first piece on: what a killed merge has taken in is there, one undo takes it back, and
merging once more brings the rest.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace

from senti_studio.domain.journal import Action, Verb
from senti_studio.domain.labels import Label, free_appearance, free_shortcut
from senti_studio.domain.merging import Choices, Conflict, MergeReport, Side
from senti_studio.errors import UserError
from senti_studio.storage import changes
from senti_studio.storage.changes import DONE, MARK, SHOWN_IDS, ChangeSet
from senti_studio.storage.copy_sayings import (
    Differences,
    History,
    LabelPairs,
    Page,
    differences,
    pair_labels,
    read_births,
    read_cleared,
    read_marked,
    read_page,
)
from senti_studio.storage.database import Database
from senti_studio.storage.label_changes import LabelSet, read_labels, write_labels
from senti_studio.storage.matching import Matches, match
from senti_studio.storage.pieces import UNWATCHED, Pieces, Watch, after, in_thread, leave_log, mind_log
from senti_studio.storage.times import moment, now

_PAGE = 100
"""Comments of one transaction: a label elsewhere does not wait for more."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two copies side by side; ``report`` says what merging would do."""

    matches: Matches
    labels: LabelPairs
    history: History
    report: MergeReport


class Merging:
    """Compares this project with another copy, and merges that one into it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def compare(self, other: Merging, watch: Watch = UNWATCHED) -> Comparison:
        """Reads both; nothing is written. Raises UserError ``CANCELLED``."""
        matches = match(self._database, other._database)
        with self._database.reading() as connection:
            mine = read_labels(connection)
            cleared, unmarked = read_cleared(connection), read_marked(connection, 0)
            own_facts, born = _facts(connection), read_births(connection)
        with other._database.reading() as connection:
            facts = _facts(connection)
            is_copy = own_facts["id"] in (facts["id"], facts.get("share_of"))
            births = read_births(connection)
            labels = pair_labels(mine, read_labels(connection), born, births, are_copies=is_copy)
            history = History(cleared, unmarked, read_marked(connection, 1))
        # Labels that come in with the merge are new here: nobody can have given them yet.
        ids = {**labels.ids, **{label.id: -label.id for label in labels.added}}
        counted = _Counted()
        for done, pairs, theirs in self._pages(other, matches):
            if watch.stop():
                raise UserError("CANCELLED")
            with self._database.reading() as connection:
                own = read_page(connection, [pair[1] for pair in pairs])
            counted.add(differences(pairs, own, theirs, ids, history), self._text)
            watch.progress(done, len(matches.mine))
        report = MergeReport(
            str(facts.get("name", "")),
            is_copy,
            len(matches.mine) + len(matches.unknown),
            matches.same_place,
            matches.same_text,
            len(matches.unknown),
            tuple(sorted(counted.people.items())),
            counted.equal,
            counted.cleared,
            tuple(counted.conflicts),
            labels.renamed,
            labels.added,
            counted.marks["note"],
            counted.marks["flagged"],
            counted.marks["skipped"],
            counted.marks["excluded"],
            counted.marks["look"],
        )
        return Comparison(matches, labels, history, report)

    def merge(
        self,
        other: Merging,
        compared: Comparison,
        *,
        annotator: str,
        rule: Side = Side.NEWEST,
        choices: Choices | None = None,
        watch: Watch = UNWATCHED,
    ) -> Future[Action]:
        """Takes in what `compare` found; what was said here meanwhile is compared once more, piece by piece.

        A conflict goes by ``choices``, else by ``rule``. A stopped merge keeps what it has taken in.
        """
        at = now()

        def begin(connection: sqlite3.Connection) -> tuple[int, dict[int, int]]:
            leave_log(connection)
            changes.drop_redoable(connection, annotator)
            action_id = changes.record(connection, Verb.MERGE_PROJECT, annotator, at, 0, None, None, DONE)
            return action_id, {**compared.labels.ids, **_add_labels(connection, action_id, compared.labels)}

        def work(begun: tuple[int, dict[int, int]]) -> Action:
            action_id, labels = begun
            action = Action(action_id, Verb.MERGE_PROJECT, annotator, moment(at), 0, ())
            taking = _Taking(
                action, labels, compared.history, rule, choices or {}, bool(compared.labels.added)
            )
            return self._take_in(taking, other, compared.matches, watch)

        future: Future[Action] = Future()
        first = self._database.writer.submit(begin, durable=True)
        after(first, lambda begun: in_thread(future, lambda: work(begun)), future.set_exception)
        return future

    def _take_in(self, taking: _Taking, other: Merging, matches: Matches, watch: Watch) -> Action:
        pieces, shown, count, stopped = Pieces(self._database), list[int](), 0, False
        for done, pairs, theirs in self._pages(other, matches):
            if watch.stop():
                stopped = True
                break

            def piece(
                connection: sqlite3.Connection, pairs: list[tuple[int, int]] = pairs, theirs: Page = theirs
            ) -> int:
                nonlocal count
                touched = taking.piece(connection, pairs, theirs)
                count += len(touched)
                shown.extend(touched[: max(0, SHOWN_IDS - len(shown))])
                return len(pairs)

            pieces.run(piece)
            if not taking.is_open:
                break
            watch.progress(done, len(matches.mine))

        def finish(connection: sqlite3.Connection) -> None:
            standing = DONE if count or taking.has_labels else MARK
            connection.execute(
                "UPDATE actions SET standing = ? WHERE id = ? AND standing = ?",
                (standing, taking.action.id, DONE),
            )
            mind_log(connection)

        self._database.writer.run(finish, durable=True)
        return replace(taking.action, count=count, comment_ids=tuple(shown), stopped=stopped)

    def _pages(self, other: Merging, matches: Matches) -> Iterator[tuple[int, list[tuple[int, int]], Page]]:
        """(comments done, pairs (id there, id here), what is said of them there), where anything is."""
        for start in range(0, len(matches.mine), _PAGE):
            theirs = matches.theirs[start : start + _PAGE]
            pairs = list(zip(theirs, matches.mine[start : start + _PAGE], strict=True))
            with other._database.reading() as connection:
                page = read_page(connection, theirs)
            if page.says_something:
                yield start + len(pairs), pairs, page

    def _text(self, comment_id: int) -> str:
        with self._database.reading() as connection:
            row = connection.execute("SELECT text FROM texts WHERE id = ?", (comment_id,)).fetchone()
        return row[0] if row is not None else ""


@dataclass(slots=True)
class _Taking:
    """A merge under way. ``is_open``: False once somebody took it back."""

    action: Action
    labels: dict[int, int]
    history: History
    rule: Side
    choices: Choices
    has_labels: bool
    is_open: bool = True

    def piece(self, connection: sqlite3.Connection, pairs: list[tuple[int, int]], theirs: Page) -> list[int]:
        """Takes in one page; returns the comments that it changed."""
        row = connection.execute("SELECT standing FROM actions WHERE id = ?", (self.action.id,)).fetchone()
        if row[0] != DONE:
            self.is_open = False
            return []
        own = read_page(connection, [pair[1] for pair in pairs])
        found = differences(
            pairs, own, theirs, self.labels, self.history, rule=self.rule, choices=self.choices
        )
        made = ChangeSet(connection, self.action.annotator, now())
        made.give(found.wanted)
        return changes.store(connection, self.action.id, made)


class _Counted:
    """Adds up what the pages bring."""

    def __init__(self) -> None:
        self.people: Counter[str] = Counter()
        self.marks: Counter[str] = Counter()
        self.equal = self.cleared = 0
        self.conflicts: list[Conflict] = []

    def add(self, found: Differences, text_of: Callable[[int], str]) -> None:
        self.people.update(found.new)
        self.marks.update(found.marks)
        self.equal += found.equal
        self.cleared += found.cleared
        for comment_id, annotator, own, other in found.conflicts:
            self.conflicts.append(
                Conflict(
                    comment_id,
                    annotator,
                    text_of(comment_id),
                    own.label_id,
                    moment(own.at),
                    other.label_id,
                    moment(other.at),
                )
            )


def _facts(connection: sqlite3.Connection) -> dict[str, str]:
    return dict(connection.execute("SELECT key, value FROM project").fetchall())


def _add_labels(connection: sqlite3.Connection, action_id: int, labels: LabelPairs) -> dict[int, int]:
    """Puts labels that only the other copy has at the end, journalled; returns id there -> id here."""
    before, made = read_labels(connection), dict[int, int]()
    if not labels.added:
        return made
    for label in labels.added:
        cursor = connection.execute(
            "INSERT INTO labels (position, key, name, appearance, shortcut)"
            " VALUES (-1, char(0) || 'new' || char(0) || ?, ?, ?, ?)",
            (label.key, label.name, label.appearance, ""),
        )
        made[label.id] = int(cursor.lastrowid or 0)
    present = read_labels(connection)
    known, order = dict(present.labels), list(before.order)
    for label in labels.added:
        new = _fitting(label, made[label.id], [known[each] for each in order])
        known[new.id] = new
        order.append(new.id)
    write_labels(connection, action_id, present, LabelSet(known, tuple(order)))
    return made


def _fitting(label: Label, label_id: int, present: list[Label]) -> Label:
    """The label with a key, look and shortcut that none of ``present`` has."""
    keys = {each.key for each in present}
    key, number = label.key, len(present) + 1
    while key in keys:
        key, number = str(number), number + 1
    looks, shortcuts = {each.appearance for each in present}, {each.shortcut for each in present}
    look = free_appearance(present) if label.appearance in looks else label.appearance
    shortcut = free_shortcut(present) if label.shortcut in shortcuts else label.shortcut
    return Label(key, label.name, look, shortcut, label_id)
