"""Lower left of the page: encoding of the classified file, its first lines as they are, what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPlainTextEdit, QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.fonts import font
from senti_studio.ui.pages.classify import wording
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.elided import ElidedLabel
from senti_studio.ui.widgets.option_card import OptionCard
from senti_studio.ui.widgets.styles import set_style, text_label

PREVIEW_LINES = 12
_BOM = "EF BB BF "
_HEAD_BYTES = 64 * 1024
_LINE_CUT = 2000


class ExportCard(Card):
    """The page fills it for the chosen file."""

    encoding_chosen = Signal(str)

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        theme = context.theme
        self._theme = theme
        self.target = ElidedLabel(role="second", size="small")
        self.header.addWidget(self.target)
        self.group = QButtonGroup(self)
        self.cards: dict[str, OptionCard] = {}
        self.whose = text_label(role="hint", size="small", wrap=True)
        choices = QHBoxLayout()
        choices.setSpacing(8)
        for number, encoding in enumerate(wording.OUTPUT_ENCODINGS):
            card = OptionCard(theme, self)
            self.group.addButton(card, number)
            self.cards[encoding] = card
            choices.addWidget(card, 1)
        self.group.idClicked.connect(self._choose)
        self.characters = text_label(size="small", wrap=True)
        self.preview = QPlainTextEdit(self)
        self.preview.setReadOnly(True)
        self.preview.setObjectName("fileHead")
        self.preview.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.preview.setFont(font("mono"))
        self.preview.setMinimumHeight(64)
        self.note = text_label(role="hint", size="small", wrap=True)
        self.again = button(" ", icon="export", theme=theme)
        self.folder = button(" ", icon="folder", theme=theme)
        self.file = button(" ", icon="file", theme=theme)
        strip = QWidget(self)
        acts = QHBoxLayout(strip)
        acts.setContentsMargins(0, 0, 0, 0)
        acts.setSpacing(8)
        acts.addWidget(self.note, 1)
        for one in (self.again, self.folder, self.file):
            acts.addWidget(one)
        self.body.setSpacing(10)
        self.body.addWidget(self.whose)
        self.body.addLayout(choices)
        self.body.addWidget(self.characters)
        self.body.addWidget(self.preview, 1)
        self.body.addWidget(strip)
        context.toasts.stand_above(strip)
        self._lines: tuple[str, ...] = ()
        self._has_bom = False
        self.show_lines((), has_bom=False)

    def retranslate(self) -> None:
        """Fixed texts."""
        self.set_title(
            self.tr("Classified file"),
            self.tr("columns, rows and their order stay; new columns come last"),
        )
        for encoding, card in self.cards.items():
            card.set_words(*wording.output_encoding_words(encoding))
        self.folder.setText(self.tr("Open folder"))
        self.file.setText(self.tr("Open file"))
        self.preview.setAccessibleName(self.tr("First lines of the classified file"))
        self.preview.setPlaceholderText(
            self.tr("The first lines appear here as soon as the file is written.")
        )

    def show_encoding(self, encoding: str, whose: str) -> None:
        """Marks the card; ``whose``: for which files it counts."""
        self.whose.setText(whose)
        card = self.cards.get(encoding)
        if card is not None:
            card.setChecked(True)

    def say_characters(self, text: str, role: str) -> None:
        """Whether the encoding holds every character."""
        self.characters.setText(text)
        self.characters.setVisible(bool(text))
        set_style(self.characters, "role", role)

    def show_lines(self, lines: Sequence[str], *, has_bom: bool) -> None:
        """The lines exactly as they are in the file, with their numbers; the three bytes of a BOM in grey."""
        self._lines, self._has_bom = tuple(lines), has_bom
        self.preview.clear()
        cursor = QTextCursor(self.preview.document())
        faint, plain = QTextCharFormat(), QTextCharFormat()
        faint.setForeground(QColor(self._theme.colour("text3")))
        plain.setForeground(QColor(self._theme.colour("text")))
        for number, text in enumerate(lines, start=1):
            cursor.insertText(("\n" if number > 1 else "") + f"{number:>3}  ", faint)
            if number == 1 and has_bom:
                cursor.insertText(_BOM, faint)
            cursor.insertText(text, plain)
        self.preview.moveCursor(QTextCursor.MoveOperation.Start)

    def refresh_theme(self) -> None:
        """Colours of the lines."""
        self.show_lines(self._lines, has_bom=self._has_bom)

    @Slot(int)
    def _choose(self, number: int) -> None:
        self.encoding_chosen.emit(wording.OUTPUT_ENCODINGS[number])


def first_lines(path: Path, encoding: str) -> tuple[tuple[str, ...], bool]:
    """The first physical lines of a file and whether it starts with a BOM. Not for the GUI thread."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    has_bom = head.startswith(b"\xef\xbb\xbf")
    text = head[3:] if has_bom else head
    # The head may end inside a character; what is cut there is never among the lines that are shown.
    decoded = text.decode("utf-8" if encoding == "utf-8-sig" else encoding, "replace")
    lines = decoded.replace("\r\n", "\n").split("\n")[:PREVIEW_LINES]
    return tuple(line[:_LINE_CUT] for line in lines if line), has_bom
