"""What the data page knows and does: the view (filter and order), counts, labelling many rows; no widgets."""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.comments import CommentFilter, Order, Sorting, SortKey, Source
from senti_studio.domain.journal import Action
from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.ui.models.comment_table import CommentTable
from senti_studio.ui.models.id_fill import Filled, IdFill
from senti_studio.ui.operations import Failure, Operation, run_operation
from senti_studio.ui.pages.data.facts import Details, Facts, look, look_at_all
from senti_studio.ui.watched import WatchedChange

if TYPE_CHECKING:
    from senti_studio.storage.project import Project
    from senti_studio.ui.session import Session

ASKS_ABOVE = 1000
"""Labelling more rows than this asks once."""


PATTERN_ERRORS = ("BAD_PATTERN", "PATTERN_TOO_SLOW")


class DataPresenter(QObject):
    """Owns the table model; `filled` comes with what a view took and the rows of comments to select again."""

    facts_changed = Signal()
    details_changed = Signal()
    view_changed = Signal()
    """Another filter or order was chosen; its rows are on their way."""
    grew = Signal()
    filled = Signal(object)
    """`Filled`: the view is complete."""
    labelled = Signal(object)
    """`Action`: a change of many rows is committed."""
    source_removed = Signal(object)
    """`Source`: hidden, can be brought back by `restore`."""
    busy_changed = Signal()
    failed = Signal(object)
    pattern_failed = Signal(object)
    """The search cannot be done as it stands (UserError)."""
    predictions_wanted = Signal()
    """There are batches whose predictions were not collected yet."""
    progressed = Signal(int, int)
    """Comments changed so far by an action of many, and how many there are."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._project: Project | None = None
        self.model = CommentTable(self)
        self.filter = CommentFilter()
        self.order: Order | Sorting = Order.FILE
        self.facts: Facts | None = None
        self.details: Details | None = None
        self._details_of: object = None
        self._detailing: Operation[Details | None] | None = None
        self._fill_turn = 0
        self.last_fill: Filled | None = None
        self.is_filling = False
        self.is_labelling = False
        self._has_old_rows = False
        self._is_active = False
        self.carried: Callable[[], frozenset[int]] = frozenset
        """Asked for the comments to find again when somebody else's change fills the view anew."""
        self._waiting: array[int] | None = None
        self._fill = IdFill(self)
        self._fill.grew.connect(self._grow)
        self._fill.ended.connect(self._end)
        self._fill.failed.connect(self._fail)
        self._looking: Operation[Facts] | None = None
        self._look_again = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(150)
        self._later.timeout.connect(self._react)
        self._rows_changed = False
        self.can_stop = False
        """Whether the change of many comments under way may be stopped."""
        self._change = WatchedChange(self)
        self._change.progressed.connect(self.progressed)
        session.runs_changed.connect(self._on_runs)
        session.labels_changed.connect(self._on_labels)
        session.comments_changed.connect(self._on_comments)

    # ---- opening -------------------------------------------------------------------------------------------

    def open(self, project: Project | None) -> None:
        """Another project, or none; its view is filled when the page is shown."""
        self._fill.stop()
        self._later.stop()
        self._fill_turn += 1
        for operation in (self._looking, self._detailing):
            if operation is not None:
                operation.drop()
        self._looking = self._detailing = None
        self._details_of = self.details = None
        self._project = project
        self.filter, self.order = CommentFilter(), Order.FILE
        self.facts, self.last_fill = None, None
        self.is_filling = self._is_active = self._look_again = False
        self.model.restart(project.comments.rows if project is not None else None)
        self.facts_changed.emit()
        self.view_changed.emit()

    def activate(self, wanted: CommentFilter | None = None) -> None:
        """The page is shown, perhaps with a filter that another page asks for."""
        if self._project is None:
            return
        if wanted is not None:
            self.filter = wanted
            self.refill()
        elif not self._is_active:
            self.refill()
        self._is_active = True
        self.look()

    # ---- the view ------------------------------------------------------------------------------------------

    def set_filter(self, wanted: CommentFilter, *, keep: frozenset[int] = frozenset()) -> None:
        """Another question; the comments ``keep`` are looked for in the new view (see `filled`)."""
        if wanted != self.filter:
            self.filter = wanted
            self.refill(keep=keep)

    def set_order(self, order: Order | Sorting, *, keep: frozenset[int] = frozenset()) -> None:
        if order != self.order:
            self.order = order
            self.refill(keep=keep)

    def show(
        self, wanted: CommentFilter, order: Order | Sorting, *, keep: frozenset[int] = frozenset()
    ) -> None:
        """Both at once; a saved view."""
        if (wanted, order) != (self.filter, self.order):
            self.filter, self.order = wanted, order
            self.refill(keep=keep)

    def refill(self, *, keep: frozenset[int] = frozenset(), in_place: bool = False) -> None:
        """Asks again. The old rows stay until the first new ones come, ``in_place`` until all are there."""
        project = self._project
        if project is None:
            return
        question, order = self.filter, self.order
        self.is_filling = True
        self._waiting = array("q") if in_place else None
        self._has_old_rows = not in_place
        if not in_place:
            self.view_changed.emit()

        self._fill_turn += 1
        turn = self._fill_turn

        def chunks() -> Iterator[array[int]]:
            return project.comments.ids(question, order, stop=lambda: self._fill_turn != turn)

        self._fill.start(chunks, wanted=keep)

    @Slot(object)
    def _grow(self, ids: array[int]) -> None:
        if self._waiting is not None:
            self._waiting.extend(ids)
        else:
            self._drop_old_rows()
            self.model.append(ids)
            self.grew.emit()

    def _drop_old_rows(self) -> None:
        if self._has_old_rows and self._project is not None:
            self._has_old_rows = False
            self.model.restart(self._project.comments.rows)

    @Slot(object)
    def _end(self, filled: Filled) -> None:
        self.is_filling = False
        self.last_fill = filled
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            if waiting != self.model.ids:
                self.model.replace(waiting)
            else:
                self.model.invalidate()
        self._drop_old_rows()  # nothing matched
        self.filled.emit(filled)
        self.look_closer()

    @Slot(object)
    def _fail(self, error: Failure) -> None:
        self.is_filling = False
        if isinstance(error, UserError) and error.code in PATTERN_ERRORS:
            self.pattern_failed.emit(error)
        else:
            self.failed.emit(error)
        self.filled.emit(Filled(len(self.model.ids), 0.0, 0.0, ()))

    # ---- facts ---------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Reads counts, labels and sources again, off the GUI thread."""
        project = self._project
        if project is None:
            return
        if self._looking is not None:
            self._look_again = True
            return
        self._looking = run_operation(
            self,
            lambda: look(project),
            on_success=self._seen,
            on_failure=self._not_seen,
        )

    def _seen(self, facts: Facts) -> None:
        self._looking = None
        again, self._look_again = self._look_again, False
        if facts != self.facts:
            self.facts = facts
            self.facts_changed.emit()
        if again:
            self.look()
        self.look_closer()

    def look_closer(self) -> None:
        """Finds the details, once for the comments and labels as they are; takes seconds at a million."""
        project, facts = self._project, self.facts
        if project is None or facts is None or self._detailing is not None or self.is_filling:
            return
        wanted = (facts.sources, facts.counts.labelled)
        if wanted == self._details_of:
            return
        self._details_of = wanted
        self._detailing = run_operation(
            self,
            lambda: look_at_all(project, lambda: self._project is not project),
            on_success=self._seen_closer,
            on_failure=self._not_seen_closer,
        )

    def _seen_closer(self, details: Details | None) -> None:
        self._detailing = None
        if details is not None and details != self.details:
            new_copies = self.details is None or (details.copied, details.near, details.predicted) != (
                self.details.copied,
                self.details.near,
                self.details.predicted,
            )
            self.details = details
            if new_copies:
                self.model.invalidate()
            self.details_changed.emit()
        if details is not None and not details.is_collected:
            self.predictions_wanted.emit()
        self.look_closer()

    @Slot()
    def details_aged(self) -> None:
        """A helper found something new: the details are looked at again."""
        self._details_of = None
        self.look_closer()

    def _not_seen_closer(self, error: Failure) -> None:
        self._detailing = None
        if not (isinstance(error, UserError) and error.code == "PROJECT_CLOSED"):
            self.failed.emit(error)

    def _not_seen(self, error: Failure) -> None:
        self._looking = None
        self.failed.emit(error)

    def label_of(self, label_id: int | None) -> Label | None:
        labels = self.facts.labels if self.facts else ()
        return next((label for label in labels if label.id == label_id), None)

    def source_of(self, source_id: int) -> Source | None:
        sources = self.facts.sources if self.facts else ()
        return next((source for source in sources if source.id == source_id), None)

    # ---- changes -------------------------------------------------------------------------------------------

    def label(self, ids: Sequence[int], place: int | None) -> None:
        """Gives all ``ids`` the label at ``place`` (None takes labels away), as one action."""
        project, facts = self._project, self.facts
        if project is None or facts is None or not len(ids) or self.is_labelling:
            return
        if place is not None and not 0 <= place < len(facts.labels):
            return
        label_id = None if place is None else facts.labels[place].id
        self._set_busy(True)
        self.can_stop = True
        self._session.track(
            project.annotations.label(
                ids, label_id, annotator=self._session.annotator, watch=self._change.begin()
            ),
            on_success=self._committed,
            on_failure=self._not_committed,
        )

    def exclude(self, ids: Sequence[int], on: bool) -> None:
        """Leaves comments out of training, or takes them in again, as one action."""
        project = self._project
        if project is None or not len(ids) or self.is_labelling:
            return
        self._set_busy(True)
        self.can_stop = True
        self._session.track(
            project.annotations.exclude(
                ids, on, annotator=self._session.annotator, watch=self._change.begin()
            ),
            on_success=self._committed,
            on_failure=self._not_committed,
        )

    def undo(self) -> None:
        """Takes back the annotator's last action."""
        self._walk(back=True)

    def redo(self) -> None:
        self._walk(back=False)

    def _walk(self, *, back: bool) -> None:
        project = self._project
        if project is None or self.is_labelling:
            return
        annotations, annotator = project.annotations, self._session.annotator
        self._set_busy(True)
        self.can_stop = False
        walk = annotations.undo if back else annotations.redo
        self._session.track(
            walk(annotator, watch=self._change.begin()),
            on_success=self._committed,
            on_failure=self._not_committed,
        )

    @Slot()
    def stop_bulk(self) -> None:
        """Ends the change of many comments under way; what is done stays, and can be undone."""
        self._change.stop()

    def _committed(self, action: Action | None) -> None:
        self._set_busy(False)
        if action is not None:
            self.labelled.emit(action)
            self._on_labels()

    def _not_committed(self, error: Failure) -> None:
        self._set_busy(False)
        self.failed.emit(error)

    def _set_busy(self, busy: bool) -> None:
        if not busy:
            self._change.end()
        self.is_labelling = busy
        self.busy_changed.emit()

    def remove_source(self, source: Source) -> None:
        """Hides a source and its comments; labels stay with them."""
        project = self._project
        if project is not None:
            self._session.track(
                project.sources.remove(source.id),
                on_success=lambda _: self._source_moved(source, removed=True),
                on_failure=self.failed.emit,
            )

    def restore_source(self, source: Source) -> None:
        """Brings a removed source back."""
        project = self._project
        if project is not None:
            self._session.track(
                project.sources.restore(source.id),
                on_success=lambda _: self._source_moved(source, removed=False),
                on_failure=self.failed.emit,
            )

    def _source_moved(self, source: Source, *, removed: bool) -> None:
        if removed and source.id in self.filter.source_ids:
            self.filter = dataclasses.replace(self.filter, source_ids=self.filter.source_ids - {source.id})
        self._session.look_now()
        self._on_comments()
        if removed:
            self.source_removed.emit(source)

    # ---- what others did -----------------------------------------------------------------------------------

    @Slot()
    def _on_runs(self) -> None:
        if self._is_active:
            self._details_of = None
            self.look_closer()

    @Slot()
    def _on_labels(self) -> None:
        self._later.start()

    @Slot()
    def _on_comments(self) -> None:
        self._rows_changed = True
        self._later.start()

    @Slot()
    def _react(self) -> None:
        if self._project is None or not self._is_active:
            return
        self.look()
        depends = any(
            (
                *(self.filter.label_ids, self.filter.unlabelled, self.filter.annotators),
                *(self.filter.predictions, self.filter.flagged is not None),
                *(self.filter.skipped is not None, self.filter.excluded is not None),
            )
        )
        if self._rows_changed or depends or self._order_depends():
            self._rows_changed = False
            self.refill(in_place=True, keep=self.carried())
        else:
            self.model.invalidate()

    def _order_depends(self) -> bool:
        """Whether labels decide about the order."""
        if isinstance(self.order, Sorting):
            return self.order.key in (SortKey.LABEL, SortKey.TIME)
        return self.order is Order.NEWEST_LABEL
