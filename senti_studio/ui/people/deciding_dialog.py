"""Disputed comments one by one: who said what, and one digit decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QStackedWidget, QTextEdit, QVBoxLayout, QWidget

from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.keys import Verb, keycaps, keys_for, press_of
from senti_studio.ui.pages.label.label_button import LabelButton
from senti_studio.ui.people.deciding import Deciding
from senti_studio.ui.people.sayings_view import SayingsView
from senti_studio.ui.undoing import say_not_the_last
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.empty_state import EmptyState
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


class DecidingDialog(QDialog):
    """Keys are those of the labelling page: digits decide, 0 and → go on, ← back, Ctrl+Z takes back."""

    def __init__(self, context: UiContext, project: Project) -> None:
        super().__init__(context.dialogs.window)
        self._context = context
        self.deciding = Deciding(context.session, project, self)
        self._keys = keys_for(context.actions, self.deciding.labels)
        self.setWindowTitle(tr("Decide disputed comments"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.resize(980, 640)
        self.setMinimumSize(640, 420)
        self.head = text_label(size="label", bold=True)
        self.who = text_label(role="hint", size="small")
        self.source = text_label(role="hint", size="small")
        self.text = QTextEdit()
        self.sayings = SayingsView(context.theme)
        self.buttons: list[LabelButton] = []
        self.stack = QStackedWidget()
        self.nothing = EmptyState("check", theme=context.theme)
        self.undo_button = button(tr("Undo"), theme=context.theme, icon="undo", key="Ctrl+Z")
        self.back = button(theme=context.theme, icon="left", name=tr("Previous comment"))
        self.skip = button(tr("Leave open"), theme=context.theme, icon="skip", key="0")
        self._build()
        self.deciding.changed.connect(self._show)
        self.deciding.failed.connect(context.dialogs.error)
        self.deciding.outrun.connect(self._say_outrun)
        context.session.project_changed.connect(self.reject)
        context.session.labels_changed.connect(self._look_at_labels)
        self.deciding.begin()
        self._show()
        self.setFocus()

    def _build(self) -> None:
        self.text.setReadOnly(True)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.text.setStyleSheet("QTextEdit { border: none; padding: 0; }")
        self.text.setFont(font("comment", size=self._context.settings.comment_size))
        self.text.setAccessibleName(tr("Comment"))
        comment = Card()
        comment.body.addWidget(self.source)
        comment.body.addWidget(self.text, 1)
        said = Card(tr("Who said what"))
        said.body.addWidget(scrolled(self.sayings, focusable=False))
        said.setFixedHeight(190)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(comment, 1)
        left.addWidget(said)
        choose = Card(tr("Decide"))
        holder = QWidget()
        holder.setObjectName("scrolled")
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        labels = self.deciding.labels
        for place, (label, key) in enumerate(zip(labels, keycaps(self._keys), strict=True)):
            made = LabelButton(label, key, self._context.theme, low=len(labels) > 4)
            made.clicked.connect(lambda _=False, which=place: self._decide(which))
            column.addWidget(made)
            self.buttons.append(made)
        column.addStretch(1)
        choose.body.addWidget(scrolled(holder, focusable=False), 1)
        choose.body.addWidget(self.skip)
        choose.setFixedWidth(320)
        work = QWidget()
        row = QHBoxLayout(work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addLayout(left, 1)
        row.addWidget(choose)
        self.stack.addWidget(work)
        self.stack.addWidget(self.nothing)
        self.skip.clicked.connect(lambda: self.deciding.step(1))
        self.back.clicked.connect(lambda: self.deciding.step(-1))
        self.undo_button.clicked.connect(self.deciding.undo)
        close = button(tr("Close"), theme=self._context.theme)
        close.clicked.connect(self.reject)
        last = QHBoxLayout()
        last.setSpacing(8)
        last.addWidget(self.back)
        last.addWidget(self.undo_button)
        last.addWidget(self.who)
        last.addStretch(1)
        last.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(self.head)
        layout.addWidget(self.stack, 1)
        layout.addLayout(last)

    # -- showing -------------------------------------------------------------------------------------------

    @Slot()
    def _show(self) -> None:
        deciding = self.deciding
        self.stack.setCurrentIndex(1 if deciding.is_over else 0)
        self.back.setEnabled(deciding.place > 0)
        self.undo_button.setEnabled(bool(deciding.decided))
        self.who.setText(tr("Deciding as {name}").format(name=self._context.session.annotator))
        if deciding.is_over:
            self._show_end()
            return
        shown = deciding.current
        words = tr("Disputed comment {n} of {total}")
        total = len(deciding.ids)
        self.head.setText(
            words.format(n=formats.number(deciding.place + 1), total=formats.number(total)) if total else ""
        )
        for made in self.buttons:
            made.setEnabled(shown is not None)
        if shown is None:
            return  # the next moment
        comment = shown.comment
        place = tr("{source}, row {row}").format(source=comment.source_name, row=formats.number(comment.row))
        self.source.setText(place)
        if self.text.toPlainText() != comment.text:
            self.text.setPlainText(comment.text)
        self.sayings.show_sayings(shown.sayings, {label.id: label for label in deciding.labels})
        decided = shown.decided
        given = deciding.decided.get(comment.id, decided.label_id if decided is not None else None)
        for made in self.buttons:
            made.set_current(made.label.id == given)

    def _show_end(self) -> None:
        done, left = len(self.deciding.decided), self.deciding.left
        self.head.setText(tr("Disputed comments"))
        if not self.deciding.ids:
            title = tr("No comment is disputed")
            text = tr("People agree wherever two of them labelled the same comment, or it was decided.")
        elif left:
            title = tr("That was the last one")
            text = tr("{done} decided, {left} left open; training leaves those out.")
        else:
            title = tr("Everything is decided")
            text = tr("{done} comments were decided; training uses them now.")
        self.nothing.set_texts(title, text.format(done=formats.number(done), left=formats.number(left)))

    # -- hands ---------------------------------------------------------------------------------------------

    def _decide(self, place: int) -> None:
        if self.deciding.decide(place):
            self.buttons[place].flash(self._context.settings.flash_ms)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        press = press_of(event, self._keys)
        deciding = self.deciding
        if press is not None and press.verb is Verb.LABEL and not event.isAutoRepeat():
            self._decide(press.index)
            return
        act = {
            "label.skip": lambda: deciding.step(1),
            "label.next": lambda: deciding.step(1),
            "label.previous": lambda: deciding.step(-1),
            "label.undo": deciding.undo,
        }.get(press.action if press is not None else "")
        if act is not None:
            act()
        elif event.matches(QKeySequence.StandardKey.Undo):
            deciding.undo()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _say_outrun(self) -> None:
        say_not_the_last(self._context)

    @Slot()
    def _look_at_labels(self) -> None:
        """The label set changed in another window: keys and buttons would lie."""
        project = self._context.session.project
        if project is not None and tuple(project.labels.list()) != self.deciding.labels:
            self.reject()
            self._context.toasts.show(tr("The labels were changed; open the disputed comments once more."))
