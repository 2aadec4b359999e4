"""One predicted comment in full, with the probability of every class."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from senti_studio.domain.labels import Label
from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.pages.evaluate.shown import RowShown
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.chip import Chip
from senti_studio.ui.widgets.marks import paint_mark
from senti_studio.ui.widgets.styles import text_label

_ROW = 28


class ChanceBars(QWidget):
    """A bar with its number for each class."""

    def __init__(self, labels: Sequence[Label], chances: Sequence[float], theme: Theme) -> None:
        super().__init__()
        self._rows = list(zip(labels, chances, strict=True))
        self._theme = theme
        self.setFixedHeight(self.sizeHint().height())
        words = [f"{label.name} {formats.score(chance)}" for label, chance in self._rows]
        self.setAccessibleName(self.tr("Confidence"))
        self.setAccessibleDescription(", ".join(words))

    def sizeHint(self) -> QSize:
        return QSize(400, len(self._rows) * _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("ui"))
        for index, (label, chance) in enumerate(self._rows):
            middle = index * _ROW + _ROW / 2
            paint_mark(painter, QRectF(0, middle - 5, 10, 10), label.appearance, self._theme)
            painter.setPen(self._theme.colour("text"))
            name = painter.fontMetrics().elidedText(label.name, Qt.TextElideMode.ElideMiddle, 110)
            painter.drawText(QRectF(18, middle - 10, 114, 20), Qt.AlignmentFlag.AlignVCenter, name)
            room = self.width() - 136 - 60
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("sunken"))
            painter.drawRoundedRect(QRectF(136, middle - 4, room, 8), 4, 4)
            painter.setBrush(self._theme.label_colours(label.appearance).mark)
            if room * chance >= 1:
                painter.drawRoundedRect(QRectF(136, middle - 4, max(8.0, room * chance), 8), 4, 4)
            painter.setPen(self._theme.colour("text2"))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            place = QRectF(self.width() - 54, middle - 10, 54, 20)
            painter.drawText(place, flags, formats.score(chance))


class WholeTextDialog(QDialog):
    """Space and Esc close it."""

    go_wanted = Signal(object)

    def __init__(self, each: RowShown, labels: Sequence[Label], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._each = each
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(self.tr("Whole comment"))
        self.resize(560, 420)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(8)
        for title, index in ((self.tr("True"), each.row.label), (self.tr("Predicted"), each.row.predicted)):
            head.addWidget(text_label(title, role="hint", size="small"))
            head.addWidget(Chip(theme, labels[index]))
            head.addSpacing(8)
        head.addStretch(1)
        place = f"{each.source} · {formats.number(int(each.number))}" if each.number else ""
        head.addWidget(text_label(place, role="hint", size="small"))
        layout.addLayout(head)
        self.field = QPlainTextEdit(each.row.text)
        self.field.setReadOnly(True)
        self.field.setFont(font("label"))
        self.field.setAccessibleName(self.tr("Whole comment"))
        layout.addWidget(self.field, 1)
        layout.addWidget(ChanceBars(labels, each.row.probabilities, theme))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        go = button(self.tr("Go to comment"), theme=theme)
        go.setEnabled(each.row.is_there)
        go.clicked.connect(self._go)
        close = button(self.tr("Close"), theme=theme, kind="primary")
        close.clicked.connect(self.accept)
        row.addWidget(go)
        row.addWidget(close)
        close.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        close.setFocus()
        layout.addLayout(row)

    def _go(self) -> None:
        self.accept()
        self.go_wanted.emit(self._each)
