"""What the data page knows and does: the view (filter and order), counts; no widgets."""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.comments import CommentFilter, Order, Sorting, SortKey, Source
from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.ui.models.comment_table import CommentTable
from senti_studio.ui.models.id_fill import Filled, IdFill
from senti_studio.ui.operations import Failure, Operation, run_operation
from senti_studio.ui.pages.data.changes import DataChanges
from senti_studio.ui.pages.data.facet_numbers import FacetNumbers
from senti_studio.ui.pages.data.facts import Details, Facts, look, look_at_all
from senti_studio.ui.watched import WatchedChange

if TYPE_CHECKING:
    from senti_studio.storage.project import Project
    from senti_studio.ui.session import Session

PATTERN_ERRORS = ("BAD_PATTERN", "PATTERN_TOO_LARGE", "PATTERN_TOO_SLOW")


class DataPresenter(QObject):
    """Owns the table model; `filled` comes with what a view took and the rows of comments to select again."""

    facts_changed = Signal()
    details_changed = Signal()
    question_changed = Signal()
    """Other rows are meant from now on; not for another order of the same ones."""
    view_changed = Signal()
    """Another filter or order was chosen; its rows are on their way."""
    grew = Signal()
    filled = Signal(object)
    """`Filled`: the view is complete."""
    failed = Signal(object)
    pattern_failed = Signal(object)
    """The search cannot be done as it stands (UserError)."""
    predictions_wanted = Signal()
    """There are batches whose predictions were not collected yet."""
    sorting = Signal(int, int)
    """Comments read so far for an order that is worked out for the first time, and how many there are."""

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
        self.has_bad_pattern = False
        """The search could not be done: no rows are shown, as those of the search before are none of it."""
        self._filled_order: Order | Sorting = Order.FILE
        """That of the last view that was complete."""
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
        self._sorting = WatchedChange(self)
        self._sorting.progressed.connect(self._tell_sorting)
        self.is_sorting = False
        """Whether the rows wait for an order that is worked out for the first time."""
        self.facets = FacetNumbers(self)
        self.changes = DataChanges(session, self)
        self.changes.committed.connect(self._on_labels)
        self.changes.source_moved.connect(self._source_moved)
        self.changes.failed.connect(self.failed)
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
        self.changes.open(project)
        self.facets.forget()
        self._sorting.end()
        self.is_sorting = False
        self.filter = CommentFilter()
        self.order = self._filled_order = Order.FILE
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
            self._ask(wanted)
            self.refill()
        elif not self._is_active:
            self.refill()
        self._is_active = True
        self.look()

    # ---- the view ------------------------------------------------------------------------------------------

    def set_filter(self, wanted: CommentFilter, *, keep: frozenset[int] = frozenset()) -> None:
        """Another question; the comments ``keep`` are looked for in the new view (see `filled`)."""
        if wanted != self.filter:
            self._ask(wanted)
            self.refill(keep=keep)

    def _ask(self, wanted: CommentFilter) -> None:
        if wanted != self.filter:
            self.filter = wanted
            self.question_changed.emit()

    def set_order(self, order: Order | Sorting, *, keep: frozenset[int] = frozenset()) -> None:
        if order != self.order:
            self.order = order
            self.refill(keep=keep)

    def show(
        self, wanted: CommentFilter, order: Order | Sorting, *, keep: frozenset[int] = frozenset()
    ) -> None:
        """Both at once; a saved view."""
        if (wanted, order) != (self.filter, self.order):
            self.order = order
            self._ask(wanted)
            self.refill(keep=keep)

    def refill(self, *, keep: frozenset[int] = frozenset(), in_place: bool = False) -> None:
        """Asks again. The old rows stay until the first new ones come, ``in_place`` until all are there."""
        project = self._project
        if project is None:
            return
        question, order = self.filter, self.order
        self.is_filling, self.has_bad_pattern = True, False
        self._waiting = array("q") if in_place else None
        self._has_old_rows = not in_place
        if not in_place:
            self.view_changed.emit()

        self._fill_turn += 1
        turn = self._fill_turn
        self.is_sorting = False
        watch = self._sorting.begin()
        self.facets.pause(question)

        def chunks() -> Iterator[array[int]]:
            def stop() -> bool:
                return self._fill_turn != turn

            return project.comments.ids(question, order, stop=stop, progress=watch.progress)

        self._fill.start(chunks, wanted=keep)

    @Slot(int, int)
    def _tell_sorting(self, done: int, total: int) -> None:
        self.is_sorting = True
        self.sorting.emit(done, total)

    def stop_sorting(self) -> None:
        """Gives an order up that is still being worked out; back to the one before."""
        if self.is_sorting:
            self.order = self._filled_order
            self.refill(keep=self.carried())

    @Slot(object)
    def _grow(self, ids: array[int]) -> None:
        self.is_sorting = False
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
        self.is_filling = self.is_sorting = False
        self._sorting.end()
        self._filled_order = self.order
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
        self._count_choices()

    def _count_choices(self) -> None:
        """The numbers beside the choices of the filter, for the comments as they are now."""
        if self._project is not None and self.facts is not None and not self.is_filling:
            self.facets.ask(self._project, self.filter, (self.facts, self.details))

    @Slot(object)
    def _fail(self, error: Failure) -> None:
        self.is_filling = self.is_sorting = False
        self._sorting.end()
        if isinstance(error, UserError) and error.code in PATTERN_ERRORS:
            self.has_bad_pattern, self.last_fill = True, None
            self._waiting, self._has_old_rows = None, True
            self._drop_old_rows()
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
            self._count_choices()
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
            self._count_choices()
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

    @Slot(object, bool)
    def _source_moved(self, source: Source, removed: bool) -> None:
        if removed and source.id in self.filter.source_ids:
            self._ask(dataclasses.replace(self.filter, source_ids=self.filter.source_ids - {source.id}))
        self._session.look_now()
        self._on_comments()

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
