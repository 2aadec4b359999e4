"""The guidelines as the labelling page shows them: a line a label, the note in a box, examples with chips."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from senti_studio.domain.guidelines import Guide
from senti_studio.domain.labels import Label
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.chip import chip_width, paint_chip
from senti_studio.ui.widgets.marks import paint_mark
from senti_studio.ui.widgets.styles import text_label

_WIDEST_NAME = 110
_ROW = 26
_MOST_EXAMPLES = 20
_LOOKS_MARKED = re.compile(r"[*_`#>\[\]|~]|^\s*(?:[-+]|\d+[.)])\s", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
"""As large as everything else: the card is small."""

_LONGEST_SHOWN = 4000
"""Characters of a rule or of the note that the card shows; the editor has all of them."""


def without_pictures(text: str) -> str:
    """The Markdown with a word joiner in what would begin a picture: Qt opens files of pictures by itself,
    wherever a reference says where they are."""
    return text.replace("![", "!\u2060[")


def show_markdown(label: QLabel, text: str) -> None:
    """Markdown without pictures, pages' addresses and HTML: nothing is fetched, nothing is opened."""
    if len(text) > _LONGEST_SHOWN:
        text = text[:_LONGEST_SHOWN] + "…"
    if _LOOKS_MARKED.search(text):
        label.setTextFormat(Qt.TextFormat.MarkdownText)
        plain = without_pictures(text).replace("<", "&lt;")
        label.setText(_HEADING.sub("\n**\\1**\n", plain))
    else:
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setText(text)


class LabelName(QWidget):
    """Mark and name of a label, as high as the first line beside it."""

    def __init__(self, label: Label, width: int, theme: Theme) -> None:
        super().__init__()
        self._label, self._theme = label, theme
        self.setFixedSize(18 + width, 20)
        self.setAccessibleName(label.name)
        self.setToolTip(label.name)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_mark(painter, QRectF(0, 5, 10, 10), self._label.appearance, self._theme)
        face = font("ui", bold=True)
        painter.setFont(face)
        painter.setPen(self._theme.colour("text"))
        rect = QRectF(18, 0, self.width() - 18, 20)
        name = QFontMetrics(face).elidedText(
            self._label.name, Qt.TextElideMode.ElideRight, int(rect.width()) + 1
        )
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)


class ExampleRow(QWidget):
    """A comment in one line with the chip of its label; the tooltip has all of it."""

    def __init__(self, text: str, label: Label, theme: Theme) -> None:
        super().__init__()
        self.text, self._label, self._theme = text, label, theme
        self.setFixedHeight(_ROW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{text}，{label.name}")
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, _ROW)

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.text[:2000], self)
            return True
        return super().event(event)  # type: ignore[arg-type]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        wide = min(chip_width(self._label), self.width() // 2)
        room = self.width() - wide - 12
        face = font("ui")
        painter.setFont(face)
        painter.setPen(self._theme.colour("text"))
        words = QFontMetrics(face).elidedText(self.text[:400], Qt.TextElideMode.ElideRight, room)
        painter.drawText(
            QRectF(0, 0, room, _ROW), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words
        )
        paint_chip(painter, QRectF(self.width() - wide, 0, wide, _ROW), self._label, self._theme)


class GuideRows(QWidget):
    """Made anew when the text or the labels change, never for another comment."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scrolled")
        self._theme = theme
        self.examples: list[ExampleRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(6)
        self._inner: QWidget | None = None

    def show_guide(self, guide: Guide, labels: Sequence[Label]) -> None:
        """``guide`` has an entry for each of ``labels``."""
        if self._inner is not None:
            self._column.removeWidget(self._inner)
            self._inner.hide()
            self._inner.deleteLater()
        self.examples = []
        self._inner = self._made(guide, labels)
        self._column.insertWidget(0, self._inner)

    def _made(self, guide: Guide, labels: Sequence[Label]) -> QWidget:
        inner = QWidget()
        inner.setObjectName("scrolled")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        if guide.is_empty:
            hint = tr("Nothing written yet. A sentence for every label saves many doubts and disagreements.")
            column.addWidget(text_label(hint, role="hint", wrap=True))
            column.addStretch(1)
            return inner
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        metrics = QFontMetrics(font("ui", bold=True))
        width = min(
            _WIDEST_NAME, max((metrics.horizontalAdvance(each.name) for each in labels), default=0) + 2
        )
        for place, (label, words) in enumerate(zip(labels, guide.labels, strict=True)):
            grid.addWidget(LabelName(label, width, self._theme), place, 0, Qt.AlignmentFlag.AlignTop)
            rule = text_label(role="second" if words.rule else "hint", wrap=True)
            show_markdown(rule, words.rule or "—")
            grid.addWidget(rule, place, 1)
        column.addLayout(grid)
        if guide.note:
            column.addWidget(self._note(guide.note))
        for label, words in zip(labels, guide.labels, strict=True):
            for text in words.examples[:_MOST_EXAMPLES]:
                row = ExampleRow(text, label, self._theme)
                self.examples.append(row)
                column.addWidget(row)
        column.addStretch(1)
        return inner

    def _note(self, text: str) -> QWidget:
        box = QFrame()
        box.setProperty("card", "sunken")
        inside = QVBoxLayout(box)
        inside.setContentsMargins(10, 8, 10, 8)
        words = text_label(role="second", size="small", wrap=True)
        show_markdown(words, text)
        inside.addWidget(words)
        return box
