"""The label set of the open project: every change takes effect at once and can be taken back."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from senti_studio.domain.journal import Action
from senti_studio.domain.labels import Label, free_appearance, free_shortcut
from senti_studio.errors import UserError
from senti_studio.messages import message
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.label_row import LabelRow, mark_icon
from senti_studio.ui.operations import Failure, run_operation
from senti_studio.ui.watched import WatchedChange
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.styles import set_style, text_label
from senti_studio.ui.widgets.toast import Toasts

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


@dataclass(frozen=True, slots=True)
class _State:
    labels: tuple[Label, ...]
    counts: dict[int, int]
    removed: list[tuple[Label, int]]
    to_undo: int | None = None


def read_state(project: Project, annotator: str) -> _State:
    """What the dialog shows."""
    labels = project.labels
    counts = dict(project.comments.counts().by_label)
    return _State(tuple(labels.list()), counts, labels.removed(), labels.change_to_undo(annotator))


class LabelsDialog(QDialog):
    """Add, rename, recolour, move, merge, remove and restore labels of ``project``."""

    def __init__(self, context: UiContext, project: Project) -> None:
        super().__init__(context.dialogs.window)
        self._context = context
        self._project = project
        self._state = _State((), {}, [])
        self._done: list[int] = []
        self.rows: list[LabelRow] = []
        self._change = WatchedChange(self)
        self._change.progressed.connect(self._show_progress)
        self._begun = 0.0
        self._is_closed = False
        self.setWindowTitle(tr("Labels"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, 520)
        self.setMinimumSize(600, 360)
        self._build()
        undo = QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self)
        undo.activated.connect(self.undo)
        context.session.labels_changed.connect(self.refresh)
        context.session.project_changed.connect(self.reject)
        self.refresh()

    def _build(self) -> None:
        theme = self._context.theme
        self.problem = text_label(role="error", wrap=True)
        self.problem.hide()
        self._inside = QWidget()
        self._inside.setObjectName("scrolled")
        self._list = QVBoxLayout(self._inside)
        self._list.setContentsMargins(0, 0, 0, 64)  # a toast hides no row
        self._list.setSpacing(2)
        self._list.addStretch(1)
        self.add_button = button(tr("Add a label"), theme=theme, icon="plus")
        self.add_button.clicked.connect(self.add)
        self.removed_button = button(theme=theme, kind="quiet")
        self.removed_button.setMenu(QMenu(self.removed_button))
        self.undo_button = button(tr("Undo"), theme=theme, kind="quiet", icon="undo", key="Ctrl+Z")
        self.undo_button.clicked.connect(self.undo)
        self.undo_button.setEnabled(False)  # until it is known whether there is anything to undo
        close = button(tr("Done"), theme=theme, kind="primary")
        close.clicked.connect(self.accept)
        for made in (self.add_button, self.undo_button, self.removed_button, close):
            made.setAutoDefault(False)  # Return ends typing a name, not the dialog
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for widget in (self.add_button, self.removed_button):
            foot.addWidget(widget)
        foot.addStretch(1)
        foot.addWidget(self.undo_button)
        foot.addWidget(close)
        hint = tr(
            "No annotation is lost: a removed label keeps its annotations hidden, and a merge can be undone. "
            "The number keys follow the order."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(text_label(tr("Labels"), size="label", bold=True))
        layout.addWidget(text_label(hint, role="hint", size="small", wrap=True))
        layout.addWidget(self._head())
        area = scrolled(self._inside)
        self.toasts = Toasts(area, theme, most=1)
        layout.addWidget(area, 1)
        layout.addWidget(self.problem)
        self.bar = JobProgress(theme=theme)
        self.bar.cancelled.connect(self._stop)
        self.bar.rows.hide()
        self.bar.hide()
        layout.addWidget(self.bar)
        layout.addLayout(foot)

    def _head(self) -> QWidget:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(140, 0, 0, 0)
        row.addWidget(text_label(tr("Name"), role="hint", size="small"), 1)
        key = text_label(tr("Key in files"), role="hint", size="small")
        key.setFixedWidth(88)
        row.addWidget(key)
        row.addSpacing(216)
        return head

    # -- showing -------------------------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Reads the label set again, off the GUI thread."""
        project, who = self._project, self._who
        run_operation(self, lambda: read_state(project, who), on_success=self._show, on_failure=self._fail)

    def _show(self, state: _State) -> None:
        self._state = state
        while len(self.rows) > len(state.labels):
            row = self.rows.pop()
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(state.labels):
            self.rows.append(self._new_row())
        for place, (row, label) in enumerate(zip(self.rows, state.labels, strict=True)):
            others = tuple(each for each in state.labels if each.id != label.id)
            row.show_label(label, place, others, state.counts.get(label.id, 0))
        self.removed_button.setVisible(bool(state.removed))
        self.removed_button.setText(tr("Removed labels ({n})").format(n=formats.number(len(state.removed))))
        menu = self.removed_button.menu()
        menu.clear()
        for label, count in state.removed:
            words = tr("Restore {name} ({n} annotations)").format(name=label.name, n=formats.number(count))
            icon = mark_icon(label.appearance, self._context.theme, scale=self.devicePixelRatioF())
            action = menu.addAction(icon, words)
            action.triggered.connect(lambda _=False, which=label.id: self.restore(which))
        self.undo_button.setEnabled(self._newest is not None)

    def _new_row(self) -> LabelRow:
        row = LabelRow(self._context.theme)
        row.changed.connect(self.change)
        row.move_wanted.connect(self._move_by)
        row.merge_wanted.connect(self.ask_merge)
        row.remove_wanted.connect(self.remove)
        row.grip.dragged.connect(lambda point, which=row: self._drag(which, point))
        row.grip.dropped.connect(lambda point, which=row: self._drop(which, point))
        self._list.insertWidget(self._list.count() - 1, row)
        return row

    # -- changing ------------------------------------------------------------------------------------------

    @Slot()
    def add(self) -> None:
        """Adds a label with a free name, key and look; its name is there to be typed over."""
        labels = self._state.labels
        names, keys = {each.name for each in labels}, {each.key for each in labels}
        number = next(n for n in range(len(labels) + 1, 10_000) if str(n) not in keys)
        name = next(
            made for n in range(len(labels) + 1, 10_000) if (made := tr("Label {n}").format(n=n)) not in names
        )
        new = Label(str(number), name, free_appearance(labels), free_shortcut(labels))
        self._write(
            self._project.labels.add(new, annotator=self._who), tr("Label added"), then=self._edit_last
        )

    def _edit_last(self) -> None:
        if self.rows:
            self.rows[-1].name.setFocus()
            self.rows[-1].name.selectAll()

    @Slot(object)
    def change(self, label: Label) -> None:
        """Stores a new name, key or look."""
        self._write(self._project.labels.change(label, annotator=self._who), tr("Label changed"))

    @Slot(int)
    def remove(self, label_id: int) -> None:
        """Takes a label away; its annotations are kept."""
        name = self._name(label_id)
        self._begin(tr("Removing {name}").replace("{name}", name))
        self._write(
            self._project.labels.remove(label_id, annotator=self._who, watch=self._change.begin()),
            tr("{name} removed; {n} annotations are hidden").replace("{name}", name),
        )

    def restore(self, label_id: int) -> None:
        """Brings a removed label back."""
        self._begin(tr("Restoring the label"))
        self._write(
            self._project.labels.restore(label_id, annotator=self._who, watch=self._change.begin()),
            tr("Label restored with {n} annotations"),
        )

    @Slot(int, int)
    def ask_merge(self, label_id: int, into: int) -> None:
        """Asks, as the number of annotations is worth a look; then merges."""
        name, other = self._name(label_id), self._name(into)
        words = tr("{n} comments with {name} become {other}. Undo gives each of them its label back.").format(
            n=formats.number(self._state.counts.get(label_id, 0)), name=name, other=other
        )
        title = tr("Merge {name} into {other}?").format(name=name, other=other)

        def chosen(choice: int) -> None:
            if choice == 0:
                self.merge(label_id, into)

        self._context.dialogs.ask(title, words, [tr("Merge"), tr("Cancel")], chosen, icon="tag", focus=0)

    def merge(self, label_id: int, into: int) -> None:
        """Gives every annotation of one label to another."""
        words = tr("Merging {name} into {other}").replace("{name}", self._name(label_id))
        self._begin(words.replace("{other}", self._name(into)))
        self._write(
            self._project.labels.merge(label_id, into, annotator=self._who, watch=self._change.begin()),
            tr("Merged; {n} annotations changed their label"),
        )

    @Slot(int, int)
    def _move_by(self, label_id: int, step: int) -> None:
        self.move_label(label_id, self._place(label_id) + step)

    def move_label(self, label_id: int, place: int) -> None:
        """Puts a label at another place of the order."""
        if place != self._place(label_id):
            self._write(self._project.labels.move(label_id, place, annotator=self._who), tr("Order changed"))

    @Slot()
    def undo(self) -> None:
        """Takes back the last change of the label set, unless something else was done since."""
        newest = self._newest
        if newest is None:
            return
        if self.bar.isVisible():
            return
        self._begin(tr("Taking it back"), can_stop=False)
        watch = self._change.begin()
        future = self._project.annotations.undo(self._who, only=newest, watch=watch)
        self._context.session.track(future, on_success=self._undone, on_failure=self._fail)

    def _undone(self, action: Action | None) -> None:
        if self._is_closed:
            self._context.session.look_now()
            return
        self._end()
        if self._done:
            self._done.pop()
        if action is None:
            self._done.clear()
            self.toasts.show(tr("Something else was done since; undo it on the Label page first."))
        elif action.left_out:
            words = tr("Undone; {n} were changed again since and stay as they are")
            self.toasts.show(words.format(n=formats.number(action.left_out)))
        self._after()

    @property
    def _newest(self) -> int | None:
        """The change that an undo takes back: one made here, or one from before that nothing followed."""
        return self._done[-1] if self._done else self._state.to_undo

    @property
    def _who(self) -> str:
        return self._context.session.annotator

    def _write(self, future: Future[Action], said: str, *, then: Callable[[], None] | None = None) -> None:
        def stored(action: Action) -> None:
            if self._is_closed:  # the change went on without its dialog
                self._context.session.look_now()
                return
            self._end()
            if action.stopped and not action.count:
                self.toasts.show(tr("Stopped; nothing was changed"))
            else:
                self._done.append(action.id)
                words = tr("Stopped; {n} annotations have changed their label so far")
                self.toasts.show(
                    (words if action.stopped else said).replace("{n}", formats.number(action.count)),
                    kind="done",
                    action=tr("Undo"),
                    on_action=self.undo,
                )
            self._after(then)

        self._context.session.track(future, on_success=stored, on_failure=self._fail)

    def _after(self, then: Callable[[], None] | None = None) -> None:
        set_style(self.problem, "role", "error")
        self.problem.hide()
        project, who = self._project, self._who

        def shown(state: _State) -> None:
            self._show(state)
            if then is not None:
                then()

        run_operation(self, lambda: read_state(project, who), on_success=shown, on_failure=self._fail)
        self._context.session.look_now()

    # -- changes of many comments ----------------------------------------------------------------------------

    def _begin(self, title: str, *, can_stop: bool = True) -> None:
        """A change that may take seconds; it is shown as soon as there is news of it."""
        self._begun = time.monotonic()
        self.bar.set_title(title)
        self.bar.cancel.setVisible(can_stop)
        self.bar.cancel.setEnabled(True)

    @Slot(int, int)
    def _show_progress(self, done: int, total: int) -> None:
        elapsed = time.monotonic() - self._begun
        self.bar.set_progress(done, total, eta=elapsed * (total - done) / done if done else None)
        self.bar.show()
        for widget in (self._inside, self.add_button, self.removed_button, self.undo_button):
            widget.setEnabled(False)

    @Slot()
    def _stop(self) -> None:
        self._change.stop()
        self.bar.cancel.setEnabled(False)

    def _end(self) -> None:
        self._change.end()
        self.bar.hide()
        for widget in (self._inside, self.add_button, self.removed_button):
            widget.setEnabled(True)
        self.undo_button.setEnabled(self._newest is not None)

    def _fail(self, error: Failure) -> None:
        if self._is_closed:
            self._context.dialogs.error(error)
            return
        self._end()
        if not isinstance(error, UserError):
            self._context.dialogs.error(error)
            return
        self.problem.setText(str(message(error.code, error.params, current_language())))
        self.problem.show()
        for row in self.rows:
            row.put_back()

    def done(self, result: int) -> None:
        """However it is closed: what is under way goes on, and can be taken back on the Label page."""
        self._is_closed = True
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._is_closed = True
        super().closeEvent(event)

    # -- dragging ------------------------------------------------------------------------------------------

    def _place_at(self, point: QPoint) -> int:
        y = self._inside.mapFromGlobal(point).y()
        return sum(row.geometry().center().y() < y for row in self.rows)

    def _drag(self, row: LabelRow, point: QPoint) -> None:
        target = min(self._place_at(point), len(self.rows) - 1)
        for place, each in enumerate(self.rows):
            set_style(each, "card", "chosen" if place == target and each is not row else "")

    def _drop(self, row: LabelRow, point: QPoint) -> None:
        for each in self.rows:
            set_style(each, "card", "")
        old = self._place(row.label.id)
        place = self._place_at(point)
        self.move_label(row.label.id, min(place - (place > old), len(self.rows) - 1))

    def _place(self, label_id: int) -> int:
        return next((n for n, each in enumerate(self._state.labels) if each.id == label_id), 0)

    def _name(self, label_id: int) -> str:
        return next((each.name for each in self._state.labels if each.id == label_id), "")
