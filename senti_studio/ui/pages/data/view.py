"""The data page: find, judge and select among a million comments without waiting."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from senti_studio.domain.comments import Comment, CommentFilter, CommentRow, Order, Source
from senti_studio.domain.journal import Action, Verb
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice
from senti_studio.ui.formats import number, when
from senti_studio.ui.i18n import tr
from senti_studio.ui.models.comment_table import Column
from senti_studio.ui.models.id_fill import Filled
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.data.chooser import Chooser
from senti_studio.ui.pages.data.export_dialog import ExportDialog
from senti_studio.ui.pages.data.parts import DataParts
from senti_studio.ui.pages.data.presenter import ASKS_ABOVE, DataPresenter
from senti_studio.ui.pages.page import Page

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

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
        self.table = self.parts.table
        self.search = self.parts.search
        self.chooser = Chooser(self.table, self.presenter.model, self)
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
        presenter.filled.connect(self._end_view)
        presenter.labelled.connect(self._tell_labelled)
        presenter.source_removed.connect(self._tell_removed)
        presenter.busy_changed.connect(self._show_busy)
        presenter.failed.connect(self.context.dialogs.error)
        presenter.carried = self.chooser.carry
        presenter.model.describe = self._describe
        self.chooser.changed.connect(self._show_selection)
        parts.panel.changed.connect(self._filter_changed)
        parts.panel.remove_wanted.connect(presenter.remove_source)
        parts.search.searched.connect(self._search)
        parts.search.left.connect(self.table.setFocus)
        parts.import_files.clicked.connect(self._import)
        parts.export.clicked.connect(self.show_export)
        parts.go_field.returnPressed.connect(self._go)
        parts.nothing.primary.clicked.connect(self._import)
        parts.nothing.secondary.clicked.connect(lambda: self.context.actions.action("file.sample").trigger())
        parts.no_hits.primary.clicked.connect(self.clear_filter)

    def _connect_table(self) -> None:
        table, bulk = self.table, self.parts.bulk
        table.sort_wanted.connect(self._sort)
        table.label_wanted.connect(self.label_chosen)
        table.clear_wanted.connect(lambda: self.label_chosen(None))
        table.preview_wanted.connect(self._toggle_preview)
        table.search_wanted.connect(self.search.begin)
        table.go_wanted.connect(self._focus_go)
        table.leave_wanted.connect(self._leave)
        table.selectionModel().currentChanged.connect(self._current_changed)
        bulk.label_wanted.connect(self.label_chosen)
        bulk.clear_wanted.connect(lambda: self.label_chosen(None))
        bulk.all_wanted.connect(lambda: self.chooser.choose_all(True))
        bulk.none_wanted.connect(lambda: self.chooser.choose_all(False))

    def _bind(self) -> None:
        actions = self.context.actions
        actions.bind("edit.undo", self.presenter.undo, page=self.name)
        actions.bind("edit.redo", self.presenter.redo, page=self.name)
        actions.bind("edit.search", self.search.begin, page=self.name)
        actions.bind("file.export", self.show_export, page=self.name)

    # ---- the page ------------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        self.header.set_title(tr("Data"))
        self.parts.retranslate()
        self._show_facts()
        self._show_selection()
        if self.presenter.facts is not None:
            self._show_status()

    def refresh_theme(self) -> None:
        self.parts.panel.refresh_theme()
        self.table.viewport().update()

    def open_project(self, project: Project | None) -> None:
        self.search.show_words("")
        self.parts.delegate.search = ""
        self.parts.popup.hide()
        self.parts.panel.show_filter(CommentFilter())
        self.chooser.forget()
        self.presenter.open(project)
        if self.isVisible():
            self.presenter.activate()

    def on_shown(self, argument: object = None) -> None:
        """``argument`` is a `CommentFilter` to show, or None."""
        wanted = argument if isinstance(argument, CommentFilter) else None
        if wanted is not None:
            self.search.show_words(wanted.search)
            self.parts.delegate.search = wanted.search
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
        self._set_filter(dataclasses.replace(self.presenter.filter, search=words))

    @Slot()
    def _filter_changed(self) -> None:
        self._set_filter(self.parts.panel.read(self.presenter.filter))

    def _set_filter(self, wanted: CommentFilter) -> None:
        self.parts.delegate.search = wanted.search
        self.presenter.set_filter(wanted, keep=self.chooser.carry())

    @Slot()
    def clear_filter(self) -> None:
        """Back to all comments."""
        self.search.show_words("")
        self.parts.panel.show_filter(CommentFilter())
        self._set_filter(CommentFilter())
        self.table.setFocus()

    @Slot(object)
    def _sort(self, order: Order) -> None:
        self.presenter.set_order(order, keep=self.chooser.carry())

    @Slot()
    def _begin_view(self) -> None:
        self.table.show_order(self.presenter.order)
        self.parts.popup.hide()
        self._slow_later.start()
        self._show_status()

    @Slot(object)
    def _end_view(self, filled: Filled) -> None:
        self._slow_later.stop()
        self.parts.slow.hide()
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
        text = self.parts.go_field.text()
        if text and self.presenter.model.rowCount():
            self.table.go_to_row(int(text) - 1)
            self.table.setFocus()

    # ---- choosing and labelling ----------------------------------------------------------------------------

    @Slot()
    def _leave(self) -> None:
        """Esc: the popup first, then the selection, then the search."""
        if self.parts.popup.isVisible():
            self.parts.popup.hide()
        elif self.chooser.count:
            self.chooser.choose_all(False)
        elif self.presenter.filter.search:
            self.search.show_words("")
            self._search("")

    def label_chosen(self, place: int | None) -> None:
        """Gives the chosen rows the label at ``place`` (None: takes labels away); asks above 1,000."""
        facts, count = self.presenter.facts, self.chooser.count
        if facts is None or not count or (place is not None and place >= len(facts.labels)):
            return
        ids = self.chooser.ids()
        if count <= ASKS_ABOVE:
            self.presenter.label(ids, place)
            return
        if place is None:
            title = tr("Take the labels of {n} rows away?").format(n=number(count))
            choice = tr("Clear labels of {n} rows").format(n=number(count))
        else:
            name = facts.labels[place].name
            title = tr("Label {n} rows as {name}?").format(n=number(count), name=name)
            choice = tr("Label {n} rows").format(n=number(count))
        self.context.dialogs.ask(
            title,
            tr("One undo takes all of it back."),
            [Choice(tr("Cancel")), Choice(choice, "primary")],
            lambda chosen: self.presenter.label(ids, place) if chosen == 1 else None,
            focus=0,
        )

    @Slot(object)
    def _tell_labelled(self, action: Action) -> None:
        label = self.presenter.label_of(action.label_id)
        n = number(action.count)
        if action.verb in (Verb.UNDO, Verb.REDO):
            text = (tr("Undone: {n} rows") if action.verb is Verb.UNDO else tr("Redone: {n} rows")).format(
                n=n
            )
            self.context.toasts.show(text, kind="done")
            return
        text = tr("{n} rows labelled as {name}").format(n=n, name=label.name) if label else ""
        text = text or tr("Labels of {n} rows taken away").format(n=n)
        self.context.toasts.show(
            text, kind="done", action=tr("Undo"), on_action=self.presenter.undo, key="Ctrl+Z"
        )

    @Slot(object)
    def _tell_removed(self, source: Source) -> None:
        text = tr("{name} with {n} comments removed").format(name=source.name, n=number(source.row_count))
        self.context.toasts.show(
            text, kind="done", action=tr("Undo"), on_action=lambda: self.presenter.restore_source(source)
        )

    @Slot()
    def _show_busy(self) -> None:
        self.parts.bulk.set_busy(self.presenter.is_labelling)
        self.parts.slow.setVisible(self.presenter.is_labelling)

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
        parts.panel.show_facts(facts)
        parts.panel.show_filter(self.presenter.filter)
        parts.export.setEnabled(bool(counts and counts.total))
        total = number(counts.total if counts else 0)
        files = number(len(facts.sources) if facts else 0)
        words = tr("{n} rows · 1 file") if files == "1" else tr("{n} rows · {files} files")
        parts.total.setText(words.format(n=total, files=files) if facts else "")
        self.table.viewport().update()

    @Slot()
    def _show_selection(self) -> None:
        count, total = self.chooser.count, self.presenter.model.rowCount()
        self.parts.bulk.show_selection(count, total, self.chooser.is_all)
        self.parts.bulk.setVisible(count > 0)
        some = Qt.CheckState.Checked if self.chooser.is_all else Qt.CheckState.PartiallyChecked
        self.table.columns.set_check(some if count else Qt.CheckState.Unchecked)

    def _show_status(self) -> None:
        order = {
            Order.FILE: tr("in file order"),
            Order.LENGTH: tr("shortest first"),
            Order.NEWEST_LABEL: tr("newest label first"),
            Order.RANDOM: tr("at random"),
        }[self.presenter.order]
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
        label, source = self.presenter.label_of(comment.label_id), self.presenter.source_of(comment.source_id)
        return {
            Column.ROW: number(comment.row),
            Column.TEXT: comment.text or tr("(blank comment)"),
            Column.LABEL: label.name if label else tr("Unlabelled"),
            Column.SOURCE: source.name if source else "",
            Column.LENGTH: number(comment.length),
            Column.TIME: when(comment.labelled_at),
        }.get(Column(column), "")

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
        dialog = ExportDialog(self.context, project.folder, project.name, self)
        dialog.open()
        return dialog
