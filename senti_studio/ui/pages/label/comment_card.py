"""The comment in large type: always at the same place, whatever its length."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from senti_studio.domain.comments import Comment
from senti_studio.domain.labels import Label
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.pages.label.comment_text import CommentText
from senti_studio.ui.pages.label.legend import Legend
from senti_studio.ui.pages.label.painted_text import PaintedText
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.chip import Chip
from senti_studio.ui.widgets.keycap import key_text
from senti_studio.ui.widgets.styles import line, text_label


class CommentCard(Card):
    """Header with row, length, source and state; the text; a note field; previous and next below."""

    previous_wanted = Signal()
    next_wanted = Signal()
    next_open_wanted = Signal()
    note_written = Signal(int, str)
    """Comment id, text."""
    note_left = Signal()
    note_early = Signal()
    """Enter came before the comment of the note was seen: the field stays."""
    note_taken = Signal(float)
    """Another comment came while a note was being typed; how many seconds ago the last key was."""
    size_wanted = Signal(int)

    def __init__(self, theme: Theme, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = theme
        self._size = size
        self._way_keys = ("Left", "Right", "Shift+Right")
        self._has_keycaps = True
        self._comment: Comment | None = None
        self._label: Label | None = None
        self._note_of: Comment | None = None
        """Whose note is being typed; not always the comment in view: that may still wait for the disk."""
        self._typed_at = 0.0
        self._build_header()
        self.body.setContentsMargins(32, 16, 22, 0)
        self.body.setSpacing(0)
        self.text = CommentText(theme, size)
        self.text.overflow_changed.connect(self._tell_overflow)
        self.body.addWidget(self.text, 1)
        self._more = PaintedText(theme, role="small", ink="text3", height=24)
        self.body.addWidget(self._more)
        self._build_note()
        self._build_footer()
        self.retranslate()

    # ---- parts ---------------------------------------------------------------------------------------------

    def _build_header(self) -> None:
        self.set_title(" ")
        self.title_label.hide()
        self.facts = PaintedText(self._theme)
        self.header.insertWidget(0, self.facts, 1)
        self.chip = Chip(self._theme)
        self.flag_mark = QLabel()
        self.skipped_mark = text_label(role="hint", size="small")
        self.smaller = button("A−", theme=self._theme, kind="quiet")
        self.larger = button("A+", theme=self._theme, kind="quiet")
        for made, step in ((self.smaller, -2), (self.larger, 2)):
            made.set_dense()
            made.clicked.connect(lambda _=False, by=step: self._resize(by))
        self.legend = Legend(self._theme)
        for widget in (self.skipped_mark, self.flag_mark, self.chip, self.legend, self.smaller, self.larger):
            self.header.addWidget(widget)

    def _build_note(self) -> None:
        self._note_row = QWidget()
        row = QHBoxLayout(self._note_row)
        row.setContentsMargins(0, 0, 10, 12)
        self.note_field = QLineEdit()
        self.note_field.setMaxLength(2000)
        self.note_field.installEventFilter(self)
        self._note_text = text_label(role="second")
        row.addWidget(self.note_field)
        row.addWidget(self._note_text, 1)
        self.note_field.hide()
        self._note_row.hide()
        self.body.addWidget(self._note_row)

    def _build_footer(self) -> None:
        self.previous = button(theme=self._theme, kind="quiet", icon="left")
        self.next = button(theme=self._theme, kind="quiet", icon="right")
        self.next_open = button(theme=self._theme, kind="quiet")
        self.show_keys(True)
        self.previous.clicked.connect(lambda: self.previous_wanted.emit())
        self.next.clicked.connect(lambda: self.next_wanted.emit())
        self.next_open.clicked.connect(lambda: self.next_open_wanted.emit())
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(16, 4, 16, 4)
        row.addWidget(self.previous)
        row.addWidget(self.next)
        row.addStretch(1)
        row.addWidget(self.next_open)
        outer = self.layout()
        assert outer is not None
        outer.addWidget(line())
        outer.addWidget(foot)

    def retranslate(self) -> None:
        self.previous.setText(tr("Previous"))
        self.next.setText(tr("Next"))
        self.next_open.setText(tr("Next unlabelled"))
        self.note_field.setPlaceholderText(tr("A remark on this comment; Enter saves, Esc leaves"))
        self.note_field.setAccessibleName(tr("Note"))
        self.smaller.setAccessibleName(tr("Smaller text"))
        self.smaller.setToolTip(tr("Smaller text"))
        self.larger.setAccessibleName(tr("Larger text"))
        self.larger.setToolTip(tr("Larger text"))
        self.skipped_mark.setText(tr("Skipped"))
        self.chip.set_label(self._label)
        self.legend.retranslate()
        self._show_facts()
        self._tell_overflow()

    def show_keys(self, on: bool) -> None:
        """Keycaps on the buttons of the way; without them the tooltips name the keys."""
        self._has_keycaps = on
        for made, key in zip((self.previous, self.next, self.next_open), self._way_keys, strict=True):
            made.set_key(key if on else None)
            made.setToolTip("" if on else key_text(key))

    def set_way_keys(self, previous: str, following: str, next_open: str) -> None:
        """The keys of the way, as they are now."""
        self._way_keys = (previous, following, next_open)
        self.show_keys(self._has_keycaps)

    # ---- what is in view -----------------------------------------------------------------------------------

    def show_comment(self, comment: Comment, label: Label | None) -> None:
        """Shows a comment, or the new state of the one in view without touching its text."""
        old, self._comment = self._comment, comment
        if self._note_of is not None and self._note_of.id != comment.id:
            self.take_note()
        if old is None or old.id != comment.id or old.text != comment.text:
            self.text.show_text(comment.text if comment.text.strip() else tr("(blank comment)"))
            self.text.setAccessibleName(comment.text[:500])
        if label != self._label or old is None:
            self._label = label
            self.chip.set_label(label)
        if comment.flagged:
            self._tint()
        self.flag_mark.setVisible(comment.flagged)
        self.skipped_mark.setVisible(comment.skipped)
        self._show_facts()
        self._show_note()

    def _show_facts(self) -> None:
        comment = self._comment
        if comment is None:
            self.facts.setText("")
            return
        facts = tr("Row {row} · {length} characters").format(
            row=number(comment.row), length=number(len(comment.text))
        )
        self.facts.setText(facts)

    def _tint(self) -> None:
        self.flag_mark.setPixmap(
            pixmap("flag", self._theme, token="warn", size=16, scale=self.devicePixelRatioF())
        )

    @Slot()
    def _tell_overflow(self) -> None:
        below = self.text.characters_below()
        self._more.setText(tr("{n} more characters, Page Down").format(n=number(below)) if below else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_overflow()

    def _resize(self, by: int) -> None:
        self._size = max(16, min(28, self._size + by))
        self.text.set_size(self._size)
        self.size_wanted.emit(self._size)

    # ---- the note ------------------------------------------------------------------------------------------

    def write_note(self, comment: Comment | None = None) -> None:
        """Opens the one-line field under the comment; ``comment`` is the one it is for, if that waits to be
        seen: what is typed meanwhile goes into the field, and not to the keys of the page."""
        comment = comment or self._comment
        if comment is None or (self._note_of is not None and self._note_of.id == comment.id):
            return
        self.finish_note()
        self._note_of = comment
        self.note_field.setText(comment.note)
        self._note_text.hide()
        self.note_field.show()
        self._note_row.show()
        self.note_field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _end_note(self) -> None:
        if self._note_of is not None and self._comment is not None and self._note_of.id != self._comment.id:
            self.note_early.emit()
            return
        self.finish_note()
        self.note_left.emit()

    def take_note(self) -> None:
        """Closes the field because something else comes into view; its text goes to its own comment."""
        if self._note_of is not None:
            self.finish_note()
            self.note_taken.emit(time.monotonic() - self._typed_at)

    def finish_note(self) -> None:
        """Hands over the note that is being typed, if one is, for the comment that it was opened for."""
        comment, text = self._note_of, self.note_field.text().strip()
        self.drop_note()
        if comment is not None:
            self.note_written.emit(comment.id, text)

    def drop_note(self) -> None:
        """Closes the field; nothing is kept of what was typed."""
        self._note_of = None
        self.note_field.hide()
        self._show_note()

    def _show_note(self) -> None:
        note = self._comment.note if self._comment is not None else ""
        if self._note_of is not None:
            return
        self._note_text.setText(f"{tr('Note')}  {note}")
        self._note_text.setVisible(bool(note))
        self._note_row.setVisible(bool(note))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # These keys end here: the page would take Enter for accepting the suggestion.
        if (
            watched is self.note_field
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            self._typed_at = time.monotonic()
            if event.key() == Qt.Key.Key_Escape:
                self.drop_note()
                self.note_left.emit()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._end_note()
                return True
        return super().eventFilter(watched, event)

    def text_area(self) -> QRect:
        """Where the first line of the comment stands, in coordinates of the card; tests hold it still."""
        top_left = self.text.viewport().mapTo(self, self.text.viewport().rect().topLeft())
        return QRect(top_left, self.text.viewport().size())
