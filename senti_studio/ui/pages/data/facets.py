"""The parts of the filter panel: checkboxes with numbers, and groups of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QVBoxLayout, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.formats import number
from senti_studio.ui.pages.data.delegate import paint_checkbox
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.marks import paint_mark
from senti_studio.ui.widgets.styles import text_label

WIDTH = 240


class FacetBox(QCheckBox):
    """A checkbox with an optional shape, a name and a right-aligned number."""

    menu_wanted = Signal(QPoint)

    def __init__(self, theme: Theme, name: str, count: int | None, *, appearance: str = "") -> None:
        super().__init__()
        self._theme = theme
        self.name = name
        self.count = count
        self._appearance = appearance
        # the style sheet of the window sets heights of its own, which are stronger than setFixedHeight()
        self.setStyleSheet("QCheckBox { min-height: 26px; max-height: 26px; }")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self._said())
        self.setToolTip(name)

    def set_count(self, count: int | None) -> None:
        """None: not known, nothing is shown."""
        if count != self.count:
            self.count = count
            self.setAccessibleName(self._said())
            self.update()

    def _said(self) -> str:
        return self.name if self.count is None else f"{self.name} {number(self.count)}"

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH - 32, 26)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        paint_checkbox(painter, QRectF(0, 0, 16, self.height()), self.checkState(), theme)
        left = 24.0
        if self._appearance:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_mark(painter, QRectF(left, self.height() / 2 - 4.5, 9, 9), self._appearance, theme)
            left += 17
        small = font("small")
        words = "" if self.count is None else number(self.count)
        wide = QFontMetrics(small).horizontalAdvance(words) + 2
        painter.setFont(small)
        painter.setPen(theme.colour("text3"))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(self.width() - wide, 0, wide, self.height()), right, words)
        face = font("ui")
        painter.setFont(face)
        painter.setPen(theme.colour("text"))
        room = QRectF(left, 0, self.width() - wide - left - 8, self.height())
        name = QFontMetrics(face).elidedText(self.name, Qt.TextElideMode.ElideMiddle, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(-2, 1, 2, -1), 4, 4)


class FacetGroup(QWidget):
    """A title and its boxes."""

    def __init__(self) -> None:
        super().__init__()
        self.title = text_label(bold=True)
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(16, 12, 16, 10)
        self.rows.setSpacing(0)
        self.rows.addWidget(self.title)
        self.rows.addSpacing(4)
        self.boxes: dict[Any, FacetBox] = {}

    def set_boxes(self, boxes: Sequence[tuple[Any, FacetBox]]) -> None:
        for old in self.boxes.values():
            self.rows.removeWidget(old)
            old.hide()
            old.deleteLater()  # with its parent still there: two owners would both delete it
        self.boxes = dict(boxes)
        for _, box in boxes:
            self.rows.addWidget(box)

    def chosen(self) -> frozenset[Any]:
        return frozenset(key for key, box in self.boxes.items() if box.isChecked())

    def tick(self, keys: frozenset[Any]) -> None:
        """Ticks exactly these, without telling anybody."""
        for key, box in self.boxes.items():
            box.blockSignals(True)
            box.setChecked(key in keys)
            box.blockSignals(False)
            box.update()
