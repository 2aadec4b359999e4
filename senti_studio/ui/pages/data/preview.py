"""The whole comment with all its columns, over the table; the table keeps the focus."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from senti_studio.domain.comments import Comment
from senti_studio.domain.labels import Label
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.columns_card import ColumnGrid
from senti_studio.ui.pages.label.comment_text import CommentText
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.chip import Chip
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.styles import line, text_label


class CommentPopup(Card):
    """Shown by Space or a double click; Space, Esc or ✕ closes it; ↑ ↓ in the table change what it shows."""

    def __init__(self, theme: Theme, host: QWidget) -> None:
        super().__init__(parent=host)
        self._theme = theme
        self.set_look("popup")
        self.chip = Chip(theme)
        self.close_button = button(theme=theme, kind="quiet", icon="x", name=tr("Close"))
        self.close_button.set_dense()
        self.close_button.clicked.connect(self.hide)
        self.header.addWidget(self.chip)
        self.header.addWidget(self.close_button)
        self.text = CommentText(theme, 18)
        self.note = text_label(role="second", wrap=True)
        self.grid = ColumnGrid(theme)
        scroll = scrolled(self.grid, sideways=True)
        self.body.setContentsMargins(24, 16, 14, 12)
        self.body.addWidget(self.text, 3)
        self.body.addWidget(self.note)
        self.body.addWidget(line())
        self.body.addWidget(scroll, 2)
        self.hide()

    def show_comment(self, comment: Comment, label: Label | None) -> None:
        """Opens over the middle of the host, or changes what is shown."""
        row = tr("Row {row} · {length} characters")
        self.set_title(
            row.format(row=number(comment.row), length=number(len(comment.text))), comment.source_name
        )
        self.chip.set_label(label)
        self.text.show_text(comment.text if comment.text.strip() else tr("(blank comment)"))
        self.note.setText(f"{tr('Note')}  {comment.note}")
        self.note.setVisible(bool(comment.note))
        self.grid.show_cells(tuple(each for each in comment.columns if each[1] != comment.text))
        self.place()
        self.show()
        self.raise_()

    def place(self) -> None:
        """Keeps to the middle of its host."""
        host = self.parentWidget()
        if host is None:
            return
        width, height = min(760, host.width() - 96), min(560, host.height() - 96)
        self.setGeometry((host.width() - width) // 2, (host.height() - height) // 2, width, height)
