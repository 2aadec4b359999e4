"""The data page: find, judge and select among a million comments without waiting."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from senti_studio.domain.comments import (
    CommentFilter,
    Order,
    SearchMode,
    Sorting,
)
from senti_studio.errors import UserError
from senti_studio.messages import message
from senti_studio.ui.context import UiContext
from senti_studio.ui.formats import number, percent
from senti_studio.ui.i18n import counted, current_language, marked, tr
from senti_studio.ui.models.id_fill import Filled
from senti_studio.ui.near_index import NearNote
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.data.bulk_acts import BulkActs
from senti_studio.ui.pages.data.chooser import Chooser
from senti_studio.ui.pages.data.delegate import words_of
from senti_studio.ui.pages.data.page_dialogs import PageDialogs
from senti_studio.ui.pages.data.parts import DataParts
from senti_studio.ui.pages.data.peek import Peek
from senti_studio.ui.pages.data.presenter import DataPresenter
from senti_studio.ui.pages.data.row_places import next_place
from senti_studio.ui.pages.data.view_choice import ViewChoice
from senti_studio.ui.pages.data.wording import cell_words, order_words, total_words
from senti_studio.ui.pages.page import Page

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

_log = logging.getLogger(__name__)

_SLOW_MS = 300


class DataPage(Page):
    """Every comment of the project in one table, with search, filter and labelling of many rows at once."""

    name: ClassVar[str] = "data"
    icon_name: ClassVar[str] = "table"

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.presenter = DataPresenter(context.session, self)
        self.parts = DataParts(self, self.header, self.presenter, context.theme)
        self.near = NearNote(context.near, context.theme)
        self.header.row.insertWidget(2, self.near)
        context.near.found.connect(self.presenter.look)
        self.table = self.parts.table
        self.search = self.parts.search
        self.chooser = Chooser(self.table, self.presenter.model, self)
        self.acts = BulkActs(context, self.presenter, self.chooser, self)
        self.choice = ViewChoice(
            context, self.presenter, self.parts, self.chooser, self, show_filter=self._show_filter
        )
        self.saved = self.choice.saved
        self.dialogs = PageDialogs(context, self.presenter, self.chooser, self)
        self.peek = Peek(context.session, self.presenter, self.table, self.parts.popup, self)
        context.near.found.connect(self.presenter.details_aged)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self.parts.stack)
        self._slow_later = self._timer(_SLOW_MS)
        self._slow_later.timeout.connect(self._show_slow)
        context.toasts.stand_above(self.parts.bulk)
        self.parts.go_field.installEventFilter(self)
        self._connect()
        self._connect_table()
        self._bind()

    def _timer(self, interval: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        return timer

    def _connect(self) -> None:
        presenter, parts = self.presenter, self.parts
        presenter.facts_changed.connect(self._show_facts)
        presenter.question_changed.connect(self.chooser.drop)
        presenter.view_changed.connect(self._begin_view)
        presenter.grew.connect(self.chooser.extend)
        presenter.grew.connect(lambda: self.parts.table_stack.setCurrentIndex(0))
        presenter.grew.connect(self.parts.sorting.hide)
        presenter.filled.connect(self._end_view)
        presenter.changes.committed.connect(self.acts.tell)
        presenter.details_changed.connect(self._show_facts)
        presenter.facets.changed.connect(self._show_numbers)
        presenter.sorting.connect(self._show_sorting)
        presenter.pattern_failed.connect(self._show_bad_pattern)
        presenter.changes.progressed.connect(self._show_progress)
        presenter.changes.source_moved.connect(self.acts.tell_moved)
        presenter.changes.busy_changed.connect(self._show_busy)
        presenter.failed.connect(self.context.dialogs.error)
        presenter.carried = self.chooser.carry
        presenter.model.describe = lambda comment, column: cell_words(presenter, comment, column)
        self.chooser.changed.connect(self._show_selection)
        parts.panel.changed.connect(self._filter_changed)
        parts.panel.remove_wanted.connect(presenter.changes.remove_source)
        parts.search.searched.connect(self._search)
        parts.search.left.connect(self.table.setFocus)
        parts.fold.closed.connect(self.table.setFocus)
        parts.import_files.clicked.connect(self._import)
        parts.export.clicked.connect(self.dialogs.export)
        parts.go_field.returnPressed.connect(self._go)
        parts.nothing.primary.clicked.connect(self._import)
        parts.nothing.secondary.clicked.connect(lambda: self.context.actions.action("file.sample").trigger())
        parts.no_hits.primary.clicked.connect(self.clear_filter)
        parts.active.changed.connect(self._take_filter)
        parts.mode.currentIndexChanged.connect(self._mode_changed)
        parts.statistics.clicked.connect(self.dialogs.statistics)
        parts.job.stop.clicked.connect(presenter.changes.stop)

    def _connect_table(self) -> None:
        table, bulk = self.table, self.parts.bulk
        table.sort_wanted.connect(self._sort)
        table.label_wanted.connect(self.acts.label_chosen)
        table.clear_wanted.connect(lambda: self.acts.label_chosen(None))
        table.copies_wanted.connect(self._show_copies)
        table.search_wanted.connect(self.search.begin)
        table.go_wanted.connect(self._focus_go)
        table.leave_wanted.connect(self._leave)
        bulk.label_wanted.connect(self.acts.label_chosen)
        bulk.clear_wanted.connect(lambda: self.acts.label_chosen(None))
        bulk.exclude_wanted.connect(self.acts.exclude_chosen)
        bulk.export_wanted.connect(self.dialogs.export_chosen)
        bulk.all_wanted.connect(lambda: self.chooser.choose_all(True))
        bulk.none_wanted.connect(lambda: self.chooser.choose_all(False))

    def _bind(self) -> None:
        actions = self.context.actions
        actions.bind("edit.undo", self.presenter.changes.undo, page=self.name)
        actions.bind("edit.redo", self.presenter.changes.redo, page=self.name)
        actions.bind("edit.search", self.search.begin, page=self.name)
        actions.bind("file.export", self.dialogs.export, page=self.name)

    # ---- the page ------------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        self.header.set_title(tr("Data"))
        self.parts.retranslate()
        self.near.refresh()
        self._show_facts()
        self._show_selection()
        if self.presenter.facts is not None:
            self._show_status()

    def refresh_theme(self) -> None:
        self.parts.panel.refresh_theme()
        self.table.viewport().update()

    def open_project(self, project: Project | None) -> None:
        self._show_words(CommentFilter())
        self.parts.popup.hide()
        self.parts.panel.show_filter(CommentFilter())
        self.chooser.forget()
        self.parts.column_menu.show_choice(frozenset(), ())
        self.table.show_columns((), ())
        self.dialogs.leave_project()
        self.presenter.open(project)
        self.saved.open(project)
        if self.isVisible():
            self.presenter.activate()

    def on_shown(self, argument: object = None) -> None:
        """``argument`` is a `CommentFilter` to show, or None."""
        wanted = argument if isinstance(argument, CommentFilter) else None
        if wanted is not None:
            self._show_words(wanted)
            self.parts.panel.show_filter(wanted)
        self.presenter.activate(wanted)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_status()

    def on_hidden(self) -> None:
        self.parts.popup.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.parts.fold.fit(self.width())
        self.parts.popup.place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_key = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if is_key and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            self.table.setFocus()  # Esc leaves the field of row numbers
            return True
        return super().eventFilter(watched, event)

    # ---- the view ------------------------------------------------------------------------------------------

    @Slot(str)
    def _search(self, words: str) -> None:
        self._set_filter(dataclasses.replace(self.presenter.filter, search=words, mode=self._mode))

    @Slot()
    def _filter_changed(self) -> None:
        self._set_filter(self.parts.panel.read(self.presenter.filter))

    def _set_filter(self, wanted: CommentFilter) -> None:
        if not wanted.search or wanted.mode is SearchMode.TEXT:
            wanted = dataclasses.replace(wanted, mode=SearchMode.TEXT)
        self.parts.delegate.words = words_of(wanted.search, wanted.mode)
        self.presenter.set_filter(wanted, keep=self.chooser.carry())

    @Slot()
    def clear_filter(self) -> None:
        """Back to all comments."""
        self._take_filter(CommentFilter())
        self.table.setFocus()

    @Slot()
    def _mode_changed(self) -> None:
        self._set_filter(dataclasses.replace(self.presenter.filter, mode=self._mode))

    @property
    def _mode(self) -> SearchMode:
        return SearchMode(self.parts.mode.currentData() or SearchMode.TEXT)

    def _show_words(self, wanted: CommentFilter) -> None:
        """Puts a search into its field without searching."""
        self.search.show_words(wanted.search)
        mode = self.parts.mode
        mode.blockSignals(True)
        mode.setCurrentIndex(list(SearchMode).index(wanted.mode))
        mode.blockSignals(False)
        self.parts.delegate.words = words_of(wanted.search, wanted.mode)

    def _show_filter(self, wanted: CommentFilter) -> None:
        self._show_words(wanted)
        self.parts.panel.show_filter(wanted)

    @Slot(object)
    def _take_filter(self, wanted: CommentFilter) -> None:
        """A filter that did not come from the panel or the search field."""
        wanted = dataclasses.replace(wanted, mode=wanted.mode if wanted.search else self._mode)
        self._show_filter(wanted)
        self._set_filter(wanted)

    @Slot(int)
    def _show_copies(self, row: int) -> None:
        comment = self.presenter.model.comment_at(row)
        if comment is not None and comment.copies > 1:
            self._take_filter(dataclasses.replace(self.presenter.filter, group_of=comment.id))

    @Slot(object)
    def _show_bad_pattern(self, error: UserError) -> None:
        self.parts.active.show_problem(str(message(error.code, error.params, current_language())))

    # ---- order and place -----------------------------------------------------------------------------------

    @Slot(object)
    def _sort(self, order: Order | Sorting) -> None:
        self.presenter.set_order(order, keep=self.chooser.carry())

    @Slot()
    def _begin_view(self) -> None:
        self.table.show_order(self.presenter.order)
        self.parts.popup.hide()
        self.parts.sorting.hide()
        self.parts.active.show_problem("")
        self._show_active()
        self._slow_later.start()
        self._show_status()

    @Slot(object)
    def _end_view(self, filled: Filled) -> None:
        self._slow_later.stop()
        self.parts.slow.hide()
        self.parts.sorting.hide()
        self.chooser.restore(filled)
        nothing = self.presenter.model.rowCount() == 0 and not self.presenter.filter.is_empty
        if nothing:
            search = self.presenter.filter.search
            found = tr("“{words}” was not found").format(words=search)
            if self.presenter.has_bad_pattern:
                found = tr("Nothing is shown: the pattern cannot be searched")
            title = found if search else tr("No comment matches the filter")
            self.parts.no_hits.set_texts(title, "", tr("Clear search and filter"))
        self.parts.table_stack.setCurrentIndex(1 if nothing else 0)
        self._show_status()

    @Slot()
    def _show_slow(self) -> None:
        self.parts.slow.setVisible(self.presenter.is_filling)

    @Slot()
    def _focus_go(self) -> None:
        self.parts.go_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.parts.go_field.selectAll()

    @Slot()
    def _go(self) -> None:
        """To the comment with this number in the column of rows; Enter again goes to the next file's."""
        text, project = self.parts.go_field.text(), self.context.session.project
        if not text or project is None:
            return

        def found(ids: list[int]) -> None:
            place = next_place(self.presenter.model.ids, ids, after=self.table.currentIndex().row())
            if place is None:
                words = (
                    tr("Row {row} is not among the comments shown") if ids else tr("No file has a row {row}")
                )
                self.context.toasts.show(words.format(row=number(int(text))))
                return
            self.table.go_to_row(place)
            self.table.setFocus()

        run_operation(self, lambda: project.comments.at_row(int(text)), on_success=found)

    # ---- choosing and labelling ----------------------------------------------------------------------------

    @Slot()
    def _leave(self) -> None:
        """Esc: the popup first, then an order that takes long, then the selection, then the search."""
        if self.parts.popup.isVisible():
            self.parts.popup.hide()
        elif self.presenter.is_sorting:
            self.presenter.stop_sorting()
        elif self.chooser.count:
            self.chooser.choose_all(False)
        elif self.presenter.filter.search:
            self.search.show_words("")
            self._search("")

    @Slot(int, int)
    def _show_progress(self, done: int, total: int) -> None:
        self.parts.job.show_progress(done, total, can_stop=self.presenter.changes.can_stop)

    @Slot()
    def _show_busy(self) -> None:
        self.parts.bulk.set_busy(self.presenter.changes.is_busy)
        self.parts.slow.setVisible(self.presenter.changes.is_busy)
        if not self.presenter.changes.is_busy:
            self.parts.job.hide()

    # ---- showing -------------------------------------------------------------------------------------------

    @Slot()
    def _show_facts(self) -> None:
        facts, parts = self.presenter.facts, self.parts
        counts = facts.counts if facts else None
        parts.stack.setCurrentIndex(1 if counts is not None and not counts.total else 0)
        labels = facts.labels if facts else ()
        parts.balance.show_counts(counts, labels)
        parts.bulk.set_labels(labels)
        self._show_numbers()
        parts.panel.show_filter(self.presenter.filter)
        parts.tabs.show_total(counts.total if counts else 0)
        parts.delegate.forget()
        self._show_active()
        for button in (parts.export, parts.statistics, parts.columns):
            button.setEnabled(bool(counts and counts.total))
        parts.total.setText(total_words(counts.total, len(facts.sources)) if facts and counts else "")
        self.table.viewport().update()

    @Slot()
    def _show_numbers(self) -> None:
        presenter = self.presenter
        self.parts.panel.show_facts(presenter.facts, presenter.details, presenter.facets)

    @Slot(int, int)
    def _show_sorting(self, done: int, total: int) -> None:
        if self.parts.slow.isVisible():  # not for what is there in a moment
            share = percent(done / max(1, total), decimals=0)
            self.parts.sorting.setText(tr("Sorting {share} · Esc stops it").format(share=share))
            self.parts.sorting.show()

    def _show_active(self) -> None:
        presenter = self.presenter
        self.parts.active.show_filter(
            presenter.filter, label_of=presenter.label_of, source_of=presenter.source_of
        )

    @Slot()
    def _show_selection(self) -> None:
        count, total = self.chooser.count, self.presenter.model.rowCount()
        is_all = count == total
        self.parts.bulk.show_selection(count, total, is_all)
        self.parts.bulk.setVisible(count > 0)
        some = Qt.CheckState.Checked if is_all else Qt.CheckState.PartiallyChecked
        self.table.columns.set_check(some if count else Qt.CheckState.Unchecked)

    def _show_status(self) -> None:
        order = order_words(self.presenter.order)
        count = self.presenter.model.rowCount()
        words = counted(count, marked("1 row, {order}"), marked("{n} rows, {order}"))
        rows = words.format(n=number(count), order=order)
        filled = self.presenter.last_fill
        if self.presenter.is_filling or filled is None:
            self.status_changed.emit(rows)
            return
        query = tr("query {seconds} s").format(seconds=f"{filled.seconds:.2f}")
        self.status_changed.emit(f"{rows}  |  {query}")

    # ---- import, export ------------------------------------------------------------------------------------

    @Slot()
    def _import(self) -> None:
        self.go_to.emit("import", None)

    def shut_down(self) -> None:
        self.dialogs.shut_down()
        super().shut_down()
