"""The data page: find, judge and select among a million comments without waiting."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QDialog, QWidget

from senti_studio.domain.comments import (
    Comment,
    CommentFilter,
    CommentRow,
    Order,
    SearchMode,
    Sorting,
    Source,
)
from senti_studio.domain.saved_views import SavedView
from senti_studio.errors import UserError
from senti_studio.messages import message
from senti_studio.ui.context import UiContext
from senti_studio.ui.formats import number, percent, when
from senti_studio.ui.helper_call import HelperCall
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.models.comment_table import Column
from senti_studio.ui.models.id_fill import Filled
from senti_studio.ui.near_index import NearNote
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.data.bulk_acts import BulkActs
from senti_studio.ui.pages.data.chooser import Chooser
from senti_studio.ui.pages.data.delegate import words_of
from senti_studio.ui.pages.data.export_dialog import ExportDialog
from senti_studio.ui.pages.data.filter_panel import columns_of
from senti_studio.ui.pages.data.parts import DataParts
from senti_studio.ui.pages.data.presenter import DataPresenter
from senti_studio.ui.pages.data.row_places import next_place
from senti_studio.ui.pages.data.saved import SavedViews
from senti_studio.ui.pages.data.wording import order_words
from senti_studio.ui.pages.page import Page

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

_log = logging.getLogger(__name__)

_SLOW_MS = 300
_PANEL_FROM = 980


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
        self.saved = SavedViews(context.session, self)
        self._survey = HelperCall(self)
        self._survey.answered.connect(self.presenter.details_aged)
        self._survey.failed.connect(lambda code, _: _log.warning("predictions were not collected: %s", code))
        self.presenter.predictions_wanted.connect(self._collect_predictions)
        context.near.found.connect(self.presenter.details_aged)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self.parts.stack)
        self._slow_later = self._timer(_SLOW_MS)
        self._slow_later.timeout.connect(self._show_slow)
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
        presenter.changes.source_moved.connect(self._tell_removed)
        presenter.changes.busy_changed.connect(self._show_busy)
        presenter.failed.connect(self.context.dialogs.error)
        presenter.carried = self.chooser.carry
        presenter.model.describe = self._describe
        self.chooser.changed.connect(self._show_selection)
        parts.panel.changed.connect(self._filter_changed)
        parts.panel.remove_wanted.connect(presenter.changes.remove_source)
        parts.search.searched.connect(self._search)
        parts.search.left.connect(self.table.setFocus)
        parts.import_files.clicked.connect(self._import)
        parts.export.clicked.connect(self.show_export)
        parts.go_field.returnPressed.connect(self._go)
        parts.nothing.primary.clicked.connect(self._import)
        parts.nothing.secondary.clicked.connect(lambda: self.context.actions.action("file.sample").trigger())
        parts.no_hits.primary.clicked.connect(self.clear_filter)
        parts.active.changed.connect(self._take_filter)
        parts.mode.currentIndexChanged.connect(self._mode_changed)
        parts.columns.clicked.connect(self._open_columns)
        parts.column_menu.changed.connect(self._show_columns)
        parts.statistics.clicked.connect(self.show_statistics)
        parts.job.stop.clicked.connect(presenter.changes.stop)
        self._connect_saved()

    def _connect_saved(self) -> None:
        tabs, saved = self.parts.tabs, self.saved
        saved.changed.connect(lambda: tabs.set_views(saved.views, saved.current))
        tabs.chosen.connect(self.show_view)
        tabs.save_wanted.connect(lambda name: saved.save(self._view_now(name)))
        tabs.replaced.connect(lambda name: saved.save(self._view_now(name)))
        tabs.renamed.connect(saved.rename)
        tabs.removed.connect(self._remove_view)

    def _connect_table(self) -> None:
        table, bulk = self.table, self.parts.bulk
        table.sort_wanted.connect(self._sort)
        table.label_wanted.connect(self.acts.label_chosen)
        table.clear_wanted.connect(lambda: self.acts.label_chosen(None))
        table.copies_wanted.connect(self._show_copies)
        table.preview_wanted.connect(self._toggle_preview)
        table.search_wanted.connect(self.search.begin)
        table.go_wanted.connect(self._focus_go)
        table.leave_wanted.connect(self._leave)
        table.selectionModel().currentChanged.connect(self._current_changed)
        bulk.label_wanted.connect(self.acts.label_chosen)
        bulk.clear_wanted.connect(lambda: self.acts.label_chosen(None))
        bulk.exclude_wanted.connect(self.acts.exclude_chosen)
        bulk.export_wanted.connect(self._export_chosen)
        bulk.all_wanted.connect(lambda: self.chooser.choose_all(True))
        bulk.none_wanted.connect(lambda: self.chooser.choose_all(False))

    def _bind(self) -> None:
        actions = self.context.actions
        actions.bind("edit.undo", self.presenter.changes.undo, page=self.name)
        actions.bind("edit.redo", self.presenter.changes.redo, page=self.name)
        actions.bind("edit.search", self.search.begin, page=self.name)
        actions.bind("file.export", self.show_export, page=self.name)

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
        self._survey.close()
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
        self.parts.panel.setVisible(self.width() >= _PANEL_FROM)
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

    @Slot(object)
    def _take_filter(self, wanted: CommentFilter) -> None:
        """A filter that did not come from the panel or the search field."""
        wanted = dataclasses.replace(wanted, mode=wanted.mode if wanted.search else self._mode)
        self._show_words(wanted)
        self.parts.panel.show_filter(wanted)
        self._set_filter(wanted)

    @Slot(int)
    def _show_copies(self, row: int) -> None:
        comment = self.presenter.model.comment_at(row)
        if comment is not None and comment.copies > 1:
            self._take_filter(dataclasses.replace(self.presenter.filter, group_of=comment.id))

    @Slot(object)
    def _show_bad_pattern(self, error: UserError) -> None:
        self.parts.active.show_problem(str(message(error.code, error.params, current_language())))

    # ---- saved views and columns ---------------------------------------------------------------------------

    @Slot(object)
    def show_view(self, view: SavedView | None) -> None:
        """A saved view, or all comments (None)."""
        shown = view or SavedView("")
        self.saved.current = view.name if view else None
        self._show_words(shown.wanted)
        self.parts.panel.show_filter(shown.wanted)
        if view is not None:
            hidden = frozenset(column for column in Column if column.name in shown.hidden)
            self.parts.column_menu.show_choice(hidden, shown.columns)
            self._show_columns()
        self.presenter.show(shown.wanted, shown.order, keep=self.chooser.carry())

    def _view_now(self, name: str) -> SavedView:
        menu = self.parts.column_menu
        hidden = tuple(column.name for column in sorted(menu.hidden))
        return SavedView(name, self.presenter.filter, self.presenter.order, hidden, menu.extra)

    @Slot(str)
    def _remove_view(self, name: str) -> None:
        gone = self.saved.remove(name)
        if gone is not None:
            self.context.toasts.show(
                tr("View “{name}” deleted").format(name=name),
                kind="done",
                action=tr("Undo"),
                on_action=lambda: self.saved.save(gone),
            )

    @Slot()
    def _open_columns(self) -> None:
        facts, button = self.presenter.facts, self.parts.columns
        names = columns_of(facts) if facts else []
        self.parts.column_menu.set_columns(self.table.table.headers, names)
        self.parts.column_menu.open_at(button.mapToGlobal(button.rect().bottomLeft()))

    @Slot()
    def _show_columns(self) -> None:
        menu = self.parts.column_menu
        self.chooser.carry()
        self.table.show_columns(menu.hidden, menu.extra)

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

    @Slot(object, bool)
    def _tell_removed(self, source: Source, removed: bool) -> None:
        if not removed:
            return
        text = tr("{name} with {n} comments removed").format(name=source.name, n=number(source.row_count))
        self.context.toasts.show(
            text,
            kind="done",
            action=tr("Undo"),
            on_action=lambda: self.presenter.changes.restore_source(source),
        )

    @Slot()
    def _show_busy(self) -> None:
        self.parts.bulk.set_busy(self.presenter.changes.is_busy)
        self.parts.slow.setVisible(self.presenter.changes.is_busy)
        if not self.presenter.changes.is_busy:
            self.parts.job.hide()

    # ---- preview -------------------------------------------------------------------------------------------

    @Slot()
    def _toggle_preview(self) -> None:
        if self.parts.popup.isVisible():
            self.parts.popup.hide()
        else:
            self._preview(self.table.currentIndex().row())

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if self.parts.popup.isVisible():
            self._preview(current.row())

    def _preview(self, row: int) -> None:
        project, ids = self.context.session.project, self.presenter.model.ids
        if project is None or not 0 <= row < len(ids):
            return
        comment_id = ids[row]
        run_operation(self, lambda: project.comments.get(comment_id), on_success=self._show_preview)

    def _show_preview(self, comment: Comment) -> None:
        self.parts.popup.show_comment(comment, self.presenter.label_of(comment.label_id))

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
        total = number(counts.total if counts else 0)
        files = number(len(facts.sources) if facts else 0)
        words = tr("{n} rows · 1 file") if files == "1" else tr("{n} rows · {files} files")
        parts.total.setText(words.format(n=total, files=files) if facts else "")
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
        self.parts.bulk.show_selection(count, total, self.chooser.is_all)
        self.parts.bulk.setVisible(count > 0)
        some = Qt.CheckState.Checked if self.chooser.is_all else Qt.CheckState.PartiallyChecked
        self.table.columns.set_check(some if count else Qt.CheckState.Unchecked)

    def _show_status(self) -> None:
        order = order_words(self.presenter.order)
        rows = tr("{n} rows, {order}").format(n=number(self.presenter.model.rowCount()), order=order)
        filled = self.presenter.last_fill
        if self.presenter.is_filling or filled is None:
            self.status_changed.emit(rows)
            return
        query = tr("query {seconds} s").format(seconds=f"{filled.seconds:.2f}")
        self.status_changed.emit(f"{rows}  |  {query}")

    def _describe(self, comment: CommentRow | None, column: int) -> str:
        """What a screen reader says of one cell."""
        if comment is None:
            return tr("Loading")
        if column >= len(Column):
            place = column - len(Column)
            return (comment.cells[place] or "") if place < len(comment.cells) else ""
        said = self.presenter.label_of(comment.predicted.label_id) if comment.predicted else None
        label, source = self.presenter.label_of(comment.label_id), self.presenter.source_of(comment.source_id)
        words: dict[int, str] = {
            Column.ROW: number(comment.row),
            Column.PREDICTION: said.name if said else "",
            Column.COPIES: number(comment.copies) if comment.copies > 1 else "",
            Column.TEXT: comment.text or tr("(blank comment)"),
            Column.LABEL: label.name if label else tr("Unlabelled"),
            Column.SOURCE: source.name if source else "",
            Column.LENGTH: number(comment.length),
            Column.TIME: when(comment.labelled_at),
        }
        return words.get(column, "")

    # ---- import, export ------------------------------------------------------------------------------------

    @Slot()
    def _import(self) -> None:
        self.go_to.emit("import", None)

    @Slot()
    def show_export(self) -> ExportDialog | None:
        """Opens the export dialog; None without a project."""
        project = self.context.session.project
        if project is None:
            return None
        dialog = ExportDialog(
            self.context,
            project.folder,
            project.name,
            self,
            wanted=self.presenter.filter,
            order=self.presenter.order,
        )
        dialog.open()
        return dialog

    @Slot()
    def _export_chosen(self) -> None:
        project = self.context.session.project
        if project is not None and self.chooser.count:
            # All of the view is asked for as such: the rows that are still to come belong to it.
            ids = None if self.chooser.is_all else self.chooser.ids()
            shown, order = self.presenter.filter, self.presenter.order
            ExportDialog(
                self.context, project.folder, project.name, self, ids=ids, wanted=shown, order=order
            ).open()

    @Slot()
    def _collect_predictions(self) -> None:
        project = self.context.session.project
        if project is not None and not self._survey.is_running:
            self._survey.start("survey", "predictions", project=str(project.folder))

    def shut_down(self) -> None:
        self._survey.close_and_wait()
        super().shut_down()

    @Slot()
    def show_statistics(self) -> QDialog | None:
        """Opens the statistics of what the view shows; None without a project."""
        project, facts = self.context.session.project, self.presenter.facts
        if project is None or facts is None:
            return None
        from senti_studio.ui.pages.data.statistics_dialog import StatisticsDialog

        wanted = self.presenter.filter
        dialog = StatisticsDialog(self.context, project.folder, wanted, facts.labels, self)
        dialog.open()
        return dialog
