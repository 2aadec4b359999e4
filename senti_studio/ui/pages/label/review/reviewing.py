"""Going through a fixed list, one key an item: what is decided, what is left, what came of it; no widgets.

What became of an item follows from the labels and confirmations in the project, so undo, a restart and other
windows need nothing of their own. Once all items are decided it is kept with the list, until something in the
list is decided anew or undone.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.domain.assisting import Quality, Suspects
from senti_studio.domain.comments import Comment
from senti_studio.domain.journal import Action
from senti_studio.domain.labels import Label
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.label.feed import existing
from senti_studio.ui.pages.label.presenter import LabelPresenter
from senti_studio.ui.pages.label.review.finding import Finder
from senti_studio.ui.pages.label.review.frozen_list import (
    FrozenList,
    Item,
    Kind,
    Outcome,
    keep,
    made_of,
    recall,
)
from senti_studio.ui.pages.label.saving import Decision
from senti_studio.ui.session import Session

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

VERB = "review"
_THINKING_LIMIT = 600.0


@dataclasses.dataclass(frozen=True, slots=True)
class _Read:
    listed: FrozenList | None
    comments: dict[int, Comment]
    kept: dict[int, int]


@dataclasses.dataclass(frozen=True, slots=True)
class _Wanted:
    """What a reading is for: a list to come (``give``; None: labels of the list that is there), and what is
    in view afterwards: the item of ``prefer``, with ``start`` the first open one, else what is in view."""

    give: Callable[[], FrozenList | None] | None = None
    start: bool = False
    prefer: Sequence[int] = ()


class Reviewing(QObject):
    """`moved` when another item is in view or the list ended; `changed` for everything else."""

    moved = Signal()
    changed = Signal()
    chosen = Signal(int)
    """Place of the label that was just given."""

    def __init__(
        self, kind: Kind, session: Session, presenter: LabelPresenter, finder: Finder, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.kind = kind
        self.finder = finder
        self._session, self._presenter = session, presenter
        self._project: Project | None = None
        self.listed: FrozenList | None = None
        self.place = -1
        """Place of the item in view; -1: none, the list is at its end or not there."""
        self.is_read = False
        self._comments: dict[int, Comment] = {}
        self._labels: dict[int, int | None] = {}
        self._kept: dict[int, int] = {}
        self._shown_at = time.monotonic()
        self._reading = 0
        self._wanted: _Wanted | None = None
        """What the reading that is under way is for."""

    # ---- opening -------------------------------------------------------------------------------------------

    def open(self, project: Project | None) -> None:
        """Another project; what was left of its list is read in the background."""
        self._project = project
        self._reading += 1
        self._wanted = None
        self.listed, self.place, self.is_read = None, -1, False
        self._comments, self._labels, self._kept = {}, {}, {}
        self.moved.emit()
        if project is not None:
            self._read(_Wanted(lambda: recall(project, self.kind), start=True))

    @Slot()
    def read_again(self) -> None:
        """Labels changed, here or elsewhere. A reading that is under way begins anew and is for the same: it
        may have read what stood there before."""
        if self._project is not None and (self._wanted is not None or self.listed is not None):
            self._read(self._wanted or _Wanted())

    def _read(self, wanted: _Wanted) -> None:
        project = self._project
        assert project is not None
        self._reading += 1
        number = self._reading
        self._wanted = wanted
        there = self.listed

        def work() -> _Read:
            listed = wanted.give() if wanted.give is not None else there
            ids = [each for item in listed.items for each in item.ids] if listed else []
            comments = {each.id: each for each in existing(project, list(dict.fromkeys(ids)))}
            return _Read(listed, comments, project.kept_labels.all() if ids else {})

        def take(found: _Read) -> None:
            if number != self._reading:
                return
            self._wanted = None
            labels = {each.id: each.label_id for each in found.comments.values()}
            if self._presenter.is_idle:
                self._labels, self._kept = labels, found.kept
            else:  # what is on its way is newer than what was read
                self._labels, self._kept = {**labels, **self._labels}, {**found.kept, **self._kept}
            self._comments = found.comments
            if wanted.give is not None:
                self.listed = found.listed
            self.is_read = True
            if wanted.prefer:
                self._go_to(self._place_of(wanted.prefer))
            else:
                self._go_to(self._first_open() if wanted.start else self.place)

        run_operation(self, work, on_success=take)

    # ---- the list ------------------------------------------------------------------------------------------

    def take_found(self, found: Suspects, most: int, before: Quality | None) -> None:
        """Freezes what was found and begins with its first item."""
        project, kind = self._project, self.kind
        if project is None:
            return

        def make() -> FrozenList:
            ids = [each for pair in found.contradictions for each in (pair.first, pair.second)]
            labels = {row.id: row.label_id for row in project.comments.rows(ids)}
            listed = made_of(kind, found, labels, most, before)
            keep(project, kind, listed)
            return listed

        self._read(_Wanted(make, start=True))

    def forget(self) -> None:
        """The list was done with: room for a new one."""
        self._reading += 1
        self._wanted = None
        self.listed, self.place = None, -1
        if self._project is not None:
            keep(self._project, self.kind, None)
        self.moved.emit()

    @property
    def items(self) -> tuple[Item, ...]:
        return self.listed.items if self.listed is not None else ()

    @property
    def item(self) -> Item | None:
        """What is in view."""
        return self.items[self.place] if 0 <= self.place < len(self.items) else None

    def outcome(self, item: Item) -> Outcome:
        kept = self.listed.outcome_of(item) if self.listed is not None else None
        return kept or item.outcome(self._labels, self._kept)

    def count(self, outcome: Outcome) -> int:
        return sum(self.outcome(item) is outcome for item in self.items)

    def _keep_outcomes(self) -> None:
        listed = self.listed
        if listed is not None and not listed.outcomes and self.is_through:
            self._replace(outcomes=tuple(str(self.outcome(item)) for item in listed.items))

    def _look_anew(self) -> None:
        """Something of the list is decided otherwise: what came of it is not settled, and to be measured."""
        listed = self.listed
        if listed is not None and (listed.outcomes or listed.after is not None):
            self._replace(outcomes=(), after=None)

    def _replace(self, **fields: Any) -> None:
        if self.listed is not None and self._project is not None:
            self.listed = dataclasses.replace(self.listed, **fields)
            keep(self._project, self.kind, self.listed)

    @property
    def is_through(self) -> bool:
        """Every item of a list was decided."""
        return self.is_read and bool(self.items) and self.count(Outcome.OPEN) == 0

    def comments(self) -> list[Comment]:
        """The comments of the item in view, with the labels they have now."""
        item = self.item
        if item is None:
            return []
        return [
            dataclasses.replace(self._comments[each], label_id=self._labels.get(each))
            for each in item.ids
            if each in self._comments
        ]

    def label(self, label_id: int | None) -> Label | None:
        return self._presenter.label_of(label_id)

    # ---- moving --------------------------------------------------------------------------------------------

    def move(self, by: int) -> None:
        """The next or previous item, decided or not; from the end back to the last one."""
        if self.place < 0:
            if by < 0:
                self._go_to(len(self.items) - 1)
            return
        if 0 <= self.place + by < len(self.items):
            self._go_to(self.place + by)

    def later(self) -> None:
        """Puts the item off: the next one that is not decided, or the end of the list."""
        if self.item is not None:
            self._go_on()

    def begin_again(self) -> None:
        """Goes through what was put off."""
        self._go_to(self._first_open())

    def _go_on(self) -> None:
        for place in range(self.place + 1, len(self.items)):
            if self.outcome(self.items[place]) is Outcome.OPEN:
                self._go_to(place)
                return
        self._go_to(-1)

    def _first_open(self) -> int:
        places = (place for place, item in enumerate(self.items) if self.outcome(item) is Outcome.OPEN)
        return next(places, -1)

    def _place_of(self, ids: Sequence[int]) -> int:
        wanted = set(ids)
        places = (place for place, item in enumerate(self.items) if wanted & set(item.ids))
        return next(places, self.place)

    def _go_to(self, place: int) -> None:
        self.place = place if place < len(self.items) else -1
        self._shown_at = time.monotonic()
        self._keep_outcomes()
        self.moved.emit()
        self.measure_if_through()

    # ---- deciding ------------------------------------------------------------------------------------------

    @property
    def is_blocked(self) -> bool:
        return self.item is None or self._project is None or self._presenter.failure is not None

    def choose(self, place: int) -> bool:
        """Gives the label at ``place`` to the item and goes on; what it has already is confirmed."""
        item = self.item
        if self.is_blocked or item is None or not 0 <= place < len(self._presenter.labels):
            return False
        label = self._presenter.labels[place]
        if all(self._labels.get(each) == label.id for each in item.ids):
            return self.keep()
        self._give(item.ids, label)
        self.chosen.emit(place)
        self._go_on()
        return True

    def accept(self) -> bool:
        """Gives the suggested label."""
        item = self.item
        if item is None or not item.suggested:
            return False
        ids = [label.id for label in self._presenter.labels]
        return item.suggested in ids and self.choose(ids.index(item.suggested))

    def take_side(self, side: int) -> bool:
        """Gives both of a pair the label that one of them (0 left, 1 right) has."""
        item = self.item
        if item is None or len(item.ids) != 2:
            return False
        ids = [label.id for label in self._presenter.labels]
        label_id = self._labels.get(item.ids[side])
        return label_id in ids and self.choose(ids.index(label_id))

    def give_one(self, side: int, place: int) -> bool:
        """Gives one side of a pair a label; the pair is decided once both have the same."""
        item = self.item
        if self.is_blocked or item is None or not 0 <= place < len(self._presenter.labels):
            return False
        self._give(item.ids[side : side + 1], self._presenter.labels[place])
        if self.outcome(item) is Outcome.OPEN:
            self.moved.emit()
        else:
            self._go_on()
        return True

    def keep(self) -> bool:
        """Says that the labels are right as they are; not asked again as long as they stand."""
        item, project = self.item, self._project
        if self.is_blocked or item is None or project is None:
            return False
        ids, annotator = item.ids, self._session.annotator
        self._submit(ids, None, lambda: project.kept_labels.keep(ids, annotator=annotator))
        for each in ids:
            label_id = self._labels.get(each)
            if label_id is not None:
                self._kept[each] = label_id
        self._go_on()
        return True

    def _give(self, ids: Sequence[int], label: Label) -> None:
        project, annotator = self._project, self._session.annotator
        assert project is not None
        seconds = min(time.monotonic() - self._shown_at, _THINKING_LIMIT) if len(ids) == 1 else None
        self._submit(
            ids,
            label,
            lambda: project.annotations.label(list(ids), label.id, annotator=annotator, seconds=seconds),
        )
        for each in ids:
            self._labels[each] = label.id

    def _submit(self, ids: Sequence[int], label: Label | None, write: Callable[[], Future[Any]]) -> None:
        self._look_anew()
        comment = self._comments[ids[0]]
        before = self._labels.get(ids[0])
        self._presenter.submit(
            Decision(comment.id, VERB, label.id if label else before, before, comment.text[:80], write)
        )

    # ---- undone, failed ------------------------------------------------------------------------------------

    def go_back_to(self, action: Action) -> bool:
        """Something was undone or done again: shows its item, if the list has it."""
        listed = self.listed
        wanted = set(action.comment_ids)
        if listed is None or not any(wanted & set(item.ids) for item in listed.items):
            return False
        self._look_anew()
        self._read(_Wanted(prefer=action.comment_ids))
        return True

    def show_failed(self, comment_ids: Sequence[int]) -> None:
        """Decisions could not be saved: back to the first of them, as it stands in the project."""
        self._look_anew()
        if self.listed is not None:
            self._read(_Wanted(prefer=comment_ids))

    # ---- what came of it -----------------------------------------------------------------------------------

    @property
    def corrected(self) -> int:
        return self.count(Outcome.CHANGED)

    @Slot()
    def measure_if_through(self) -> None:
        listed = self.listed
        if self.is_through and listed is not None and listed.after is None and self.corrected:
            self.measure()

    def measure(self) -> None:
        """Has the assistant learn from the corrections."""
        listed, project = self.listed, self._project
        if listed is None or project is None or not self._presenter.is_idle:
            return

        def take(after: Quality | None) -> None:
            if self.listed is not None and self.listed.items == listed.items and project is self._project:
                self.listed = dataclasses.replace(listed, after=after)
                keep(project, self.kind, self.listed)
                self.changed.emit()

        self.finder.measure(take)
