"""Everything that was ever done in the project, and the way back to any moment of it."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDateTimeEdit,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTableView,
    QVBoxLayout,
)

from senti_studio.domain.journal import JournalItem, JournalPage, Standing, Travel, Way
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice
from senti_studio.ui.formats import number, to_the_second
from senti_studio.ui.i18n import tr
from senti_studio.ui.models.journal_table import COMMENT, TIME, WHAT, WHO, JournalTable
from senti_studio.ui.operations import Failure, Operation, run_operation
from senti_studio.ui.watched import WatchedChange
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.row_list import set_up_row_list
from senti_studio.ui.widgets.search_field import SearchField
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

_PATIENCE_MS = 250
_WIDTHS = {TIME: 150, WHO: 110, WHAT: 170}


class HistoryDialog(QDialog):
    """Reads in pages off the GUI thread. `jump_wanted` carries a comment id, `travelled` what was undone."""

    jump_wanted = Signal(int)
    travelled = Signal(object)

    def __init__(self, context: UiContext, project: Project) -> None:
        super().__init__(context.dialogs.window)
        self._context, self._project = context, project
        self._me = context.session.annotator
        self._reading: Operation[JournalPage] | None = None
        self._stop = threading.Event()
        self._before: int | None = None
        self.setWindowTitle(tr("History"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(900, 620)
        theme = context.theme
        self.people = QComboBox()
        self.people.setMinimumWidth(160)
        self.people.setAccessibleName(tr("Whose actions"))
        self.people.addItem(tr("Mine"), self._me)
        self.people.addItem(tr("Everybody's"), "")
        self.search = SearchField(theme=theme, width=200)
        self.search.set_hint(tr("Words of the comment"))
        self.at = QDateTimeEdit(QDateTime.currentDateTime())
        self.at.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.at.setAccessibleName(tr("State at this time"))
        self.show_time = button(tr("State at this time"), theme=theme, icon="clock")
        self.newest = button(tr("Newest"), theme=theme, kind="quiet")
        self.model = JournalTable(theme, self)
        self.model.set_labels(project.labels.list())
        self.view = QTableView()
        self.hint = text_label(role="hint", size="small", wrap=True)
        self.go_back = button(tr("Go back to this moment"), theme=theme, icon="undo")
        self.jump = button(tr("Show the comment"), theme=theme)
        self.bar = JobProgress(theme=theme)
        self.bar.rows.hide()
        self.bar.hide()
        self._change = WatchedChange(self)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PATIENCE_MS)
        self._build()
        self._connect()
        run_operation(self, project.history.annotators, on_success=self._name_people)
        self.reload()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        for widget in (self.people, self.search):
            head.addWidget(widget)
        head.addStretch(1)
        for late in (self.at, self.show_time, self.newest):
            head.addWidget(late)
        self.view.setModel(self.model)
        set_up_row_list(self.view, row_height=32)
        columns = self.view.horizontalHeader()
        for column, width in _WIDTHS.items():
            columns.resizeSection(column, width)
        columns.setSectionResizeMode(COMMENT, QHeaderView.ResizeMode.Stretch)
        close = button(tr("Close"), theme=self._context.theme, kind="primary")
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for made in (self.go_back, self.jump):
            foot.addWidget(made)
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(text_label(tr("History"), size="label", bold=True))
        layout.addLayout(head)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.hint)
        layout.addWidget(self.bar)
        layout.addLayout(foot)

    def _connect(self) -> None:
        self.people.activated.connect(self._restart)
        self.search.textChanged.connect(lambda _: self._later.start())
        self._later.timeout.connect(self._restart)
        self.newest.clicked.connect(self._restart)
        self.show_time.clicked.connect(self._find_time)
        self.model.more_wanted.connect(lambda before: self._read(before, more=True))
        self.view.selectionModel().currentRowChanged.connect(lambda *_: self._show_choice())
        self.view.doubleClicked.connect(lambda _: self._jump())
        self.go_back.clicked.connect(self._ask_way)
        self.jump.clicked.connect(self._jump)
        self._change.progressed.connect(lambda done, total: self.bar.set_progress(done, total))
        self.bar.cancelled.connect(self._change.stop)
        self.finished.connect(lambda _: self._stop.set())

    # ---- the list ------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> JournalItem | None:
        """The line that is chosen."""
        return self.model.item(self.view.currentIndex().row())

    @property
    def is_reading(self) -> bool:
        return self._reading is not None

    def _name_people(self, names: list[str]) -> None:
        for name in names:
            if name != self._me:
                self.people.addItem(name, name)

    @Slot()
    def _restart(self) -> None:
        self._before = None
        self.reload()

    def reload(self) -> None:
        """The list from its first line on."""
        self._read(self._before, more=False)

    def _read(self, before: int | None, *, more: bool) -> None:
        self._stop.set()
        if self._reading is not None:
            self._reading.drop()
        stop = self._stop = threading.Event()
        history, who, words = self._project.history, self.people.currentData(), self.search.text().strip()
        if not more:
            self.hint.setText(tr("Looking…"))
        self._reading = run_operation(
            self,
            lambda: history.page(before=before, annotator=who, words=words, stop=stop.is_set),
            on_success=lambda page: self._arrived(page, more=more),
            on_failure=self._failed,
        )

    def _arrived(self, page: JournalPage, *, more: bool) -> None:
        self._reading = None
        (self.model.add if more else self.model.start)(page)
        if not more and page.items:
            self.view.selectRow(0)
        if page.older is not None and self.model.rowCount() < 50:
            self._read(page.older, more=True)  # a search that found little yet
        self._show_choice()

    def _failed(self, error: Failure) -> None:
        self._reading = None
        self._context.dialogs.error(error)

    @Slot()
    def _show_choice(self) -> None:
        item = self.chosen
        self.jump.setEnabled(item is not None and item.comment_id > 0)
        may_go = item is not None and item.annotator == self._me and not self.bar.isVisible()
        self.go_back.setEnabled(may_go and item is not None and item.standing is not Standing.DROPPED)
        if item is None:
            words = tr("Looking…") if self.is_reading else tr("Nothing was done yet")
        elif item.annotator != self._me:
            words = tr("Only your own actions can be taken back.")
        else:
            words = tr(
                "Everything you did after the chosen line is taken back; Redo ({key}) does it again, one "
                "action at a time."
            ).format(key=self._context.actions.key("edit.redo"))
        self.hint.setText(words)

    @Slot()
    def _find_time(self) -> None:
        at = datetime.fromtimestamp(self.at.dateTime().toSecsSinceEpoch() + 59).astimezone()
        history, who = self._project.history, self.people.currentData()
        run_operation(self, lambda: history.newest_at(at, who), on_success=self._start_at)

    def _start_at(self, action_id: int) -> None:
        self._before = action_id + 1
        self.reload()

    @Slot()
    def _jump(self) -> None:
        item = self.chosen
        if item is not None and item.comment_id:
            self.jump_wanted.emit(item.comment_id)

    # ---- the way to a moment -------------------------------------------------------------------------------

    @Slot()
    def _ask_way(self) -> None:
        item, history, me = self.chosen, self._project.history, self._me
        if item is not None:
            run_operation(
                self,
                lambda: history.way(me, item.action_id),
                on_success=lambda way: self._ask(item, way),
                on_failure=self._failed,
            )

    def _ask(self, item: JournalItem, way: Way) -> None:
        if not way.actions:
            self.hint.setText(tr("This is how it is now: nothing was done since."))
            return
        title = tr("Go back to {time}?").format(time=to_the_second(item.at))
        words = tr("{actions} actions on {comments} comments are taken back. You can go forward again.")
        if way.forward:
            title = tr("Go forward to {time}?").format(time=to_the_second(item.at))
            words = tr("{actions} actions on {comments} comments are made again. You can go back again.")
        self._context.dialogs.ask(
            title,
            words.format(actions=number(way.actions), comments=number(way.comments)),
            [Choice(tr("Cancel")), Choice(tr("Go to this moment"), "primary")],
            lambda chosen: self.travel(item.action_id) if chosen == 1 else None,
            focus=0,
        )

    def travel(self, to: int) -> None:
        """Goes to the moment after the action ``to``, back or forward."""
        self.bar.show()
        self.bar.set_progress(None)
        self._show_choice()
        self._context.session.track(
            self._project.history.travel(self._me, to, watch=self._change.begin()),
            on_success=self._there,
            on_failure=self._not_there,
        )

    def _there(self, way: Travel) -> None:
        self._end_way()
        self.travelled.emit(way)
        self.reload()

    def _not_there(self, error: Failure) -> None:
        self._end_way()
        self._context.dialogs.error(error)
        self.reload()

    def _end_way(self) -> None:
        self._change.end()
        self.bar.hide()

    def reject(self) -> None:
        """Closing ends what is under way after its next step; what is done stays, and can be undone."""
        self._change.stop()
        super().reject()
