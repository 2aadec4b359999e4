"""Labelling similar comments together: a list with ticks, one key labels all that are ticked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from senti_studio.domain.labels import Label
from senti_studio.domain.similarity import SimilarComment
from senti_studio.ui.context import UiContext
from senti_studio.ui.fonts import font
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.pages.label.keys import PageKeys, Verb, keycaps, press_of
from senti_studio.ui.pages.label.similar_card import one_line
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import Button, button
from senti_studio.ui.widgets.chip import chip_width, paint_chip
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.styles import text_label

ALIKE = 0.5
"""Comments that resemble the one in view less than this are ticked by hand only."""
_LINES = 2
_ACROSS = 4


class _Row(QWidget):
    """A tick, two lines of the comment, its label; a click anywhere ticks."""

    ticked = Signal()

    def __init__(self, similar: SimilarComment, label: Label | None, theme: Theme) -> None:
        super().__init__()
        self.similar = similar
        self._label, self._theme = label, theme
        self.tick = QCheckBox()
        self.tick.setChecked(label is None and similar.similarity >= ALIKE)
        self.tick.setAccessibleName(one_line(similar.row.text)[:200])
        self.tick.toggled.connect(lambda _: self.ticked.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 8, 0, 8)
        row.addWidget(self.tick, 0, Qt.AlignmentFlag.AlignTop)
        row.addStretch(1)
        self.setFixedHeight(20 * _LINES + 16)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(similar.row.text)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(400, self.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.tick.toggle()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        wide = chip_width(self._label)
        face = font("ui")
        painter.setFont(face)
        painter.setPen(self._theme.colour("text"))
        room = QRectF(28, 8, self.width() - wide - 28 - 24, 20 * _LINES)
        text = one_line(self.similar.row.text) or tr("(blank comment)")
        most = int(room.width() * _LINES) - 40
        text = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, most)
        flags = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, int(flags) | Qt.TextFlag.TextWrapAnywhere, text)
        paint_chip(painter, QRectF(self.width() - wide - 8, 6, wide, 24), self._label, self._theme)


class TogetherDialog(QDialog):
    """Sends `chosen` with the comment ids that are ticked and the label that was shown; Esc does nothing."""

    chosen = Signal(object, object)

    def __init__(
        self,
        context: UiContext,
        similar: Sequence[SimilarComment],
        labels: Sequence[Label],
        keys: PageKeys,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._keys, self._labels = keys, tuple(labels)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setWindowTitle(tr("Label similar comments"))
        self.resize(680, 520)
        by_id = {label.id: label for label in labels}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(12)
        self.told = text_label(role="second", wrap=True)
        layout.addWidget(self.told)
        inner = QWidget()
        inner.setObjectName("scrolled")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.rows = [_Row(each, by_id.get(each.row.label_id or 0), context.theme) for each in similar]
        for row in self.rows:
            row.ticked.connect(self._count)
            column.addWidget(row)
        column.addStretch(1)
        layout.addWidget(scrolled(inner, focusable=False), 1)
        self.buttons = self._label_buttons(context, labels)
        grid = QGridLayout()
        grid.setSpacing(8)
        for place, made in enumerate(self.buttons):
            grid.addWidget(made, place // _ACROSS, place % _ACROSS)
        layout.addLayout(grid)
        cancel = button(tr("Cancel"), theme=context.theme)
        cancel.clicked.connect(self.reject)
        layout.addWidget(cancel, 0, Qt.AlignmentFlag.AlignRight)
        self._count()
        self.setFocus()

    def _label_buttons(self, context: UiContext, labels: Sequence[Label]) -> list[Button]:
        made = []
        for place, (label, cap) in enumerate(zip(labels, keycaps(self._keys), strict=False)):
            words = f"{label.shape} {label.name}".replace("&", "&&")
            each = button(words, theme=context.theme, key=cap or None)
            each.clicked.connect(lambda _=False, which=place: self._choose(which))
            made.append(each)
        return made

    @property
    def ticked(self) -> list[int]:
        """Comment ids."""
        return [row.similar.row.id for row in self.rows if row.tick.isChecked()]

    @Slot()
    def _count(self) -> None:
        count = len(self.ticked)
        one = marked("One comment is ticked; the key of a label labels it.")
        many = marked("{n} comments are ticked; the key of a label labels them all.")
        none = tr("Tick those that get the same label, then press the key of the label.")
        self.told.setText(counted(count, one, many).format(n=number(count)) if count else none)
        for made in self.buttons:
            made.setEnabled(count > 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        press = press_of(event, self._keys)
        if press is not None and press.verb is Verb.LABEL and not event.isAutoRepeat():
            self._choose(press.index)
        else:
            super().keyPressEvent(event)

    def _choose(self, place: int) -> None:
        if self.ticked and place < len(self._labels):
            self.chosen.emit(self.ticked, self._labels[place])
            self.accept()
