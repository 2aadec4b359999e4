"""The button of one label: keycap, shape, word; filled for a moment after it was chosen."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPixmap, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from senti_studio.domain.labels import Label
from senti_studio.ui.fonts import font
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.keycap import paint_keycap
from senti_studio.ui.widgets.marks import paint_mark

_LOOKS = 16
TALL, LOW = 64, 44
"""Heights in pixels: up to five labels, and more."""


class LabelButton(QAbstractButton):
    """One label; `key` is what its keycap says, `is_current` frames the label that the comment has."""

    def __init__(
        self, label: Label, key: str, theme: Theme, *, low: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.label = label
        self.key = key
        self._theme = theme
        self._is_low = low
        self._is_current = False
        self._is_lit = False
        self._pictures: dict[object, QPixmap] = {}
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(LOW if low else TALL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{key} {label.name}".strip())
        self.setToolTip(label.name)
        self._dark = QTimer(self)
        self._dark.setSingleShot(True)
        self._dark.timeout.connect(self._end_flash)
        theme.changed.connect(self.update)

    def showEvent(self, event: QShowEvent) -> None:
        # after the style sheet took it away: nothing below needs painting when the button flashes
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        super().showEvent(event)

    def sizeHint(self) -> QSize:
        words = QFontMetrics(font("label")).horizontalAdvance(self.label.name)
        return QSize(words + (96 if self._is_low else 120), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(96, self.height())

    def set_key(self, key: str) -> None:
        """What the keycap says."""
        if key != self.key:
            self.key = key
            self._pictures.clear()
            self.setAccessibleName(f"{key} {self.label.name}".strip())
            self.update()

    @property
    def is_current(self) -> bool:
        return self._is_current

    def set_current(self, current: bool) -> None:
        """Whether the comment in view has this label."""
        if current != self._is_current:
            self._is_current = current
            self.update()

    def flash(self, milliseconds: int) -> None:
        """Stays filled for a while; 0 does not fill at all."""
        if milliseconds > 0:
            self._is_lit = True
            self._dark.start(milliseconds)
            self.update()

    @property
    def is_lit(self) -> bool:
        return self._is_lit

    def _end_flash(self) -> None:
        self._is_lit = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        lit = self._is_lit or self.isDown()
        state = (lit, self._is_current, self.isEnabled(), self.underMouse(), self.hasFocus())
        key = (state, self.size().toTuple(), ratio, self._theme.mode)
        picture = self._pictures.get(key)
        if picture is None:
            picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(self._theme.colour("surface"))
            painter = QPainter(picture)
            self._paint(painter, lit)
            painter.end()
            if len(self._pictures) > _LOOKS:
                self._pictures.clear()
            self._pictures[key] = picture
        QPainter(self).drawPixmap(0, 0, picture)

    def _paint(self, painter: QPainter, lit: bool) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._theme.label_colours(self.label.appearance)
        self._paint_frame(painter, colours.mark, colours.soft, lit)
        side = 28 if self._is_low else 32
        keycap = QRectF(12, (self.height() - side) / 2, side, side)
        if self.key:
            paint_keycap(painter, keycap, self.key, self._theme, ground="surface", ink="text")
        left = keycap.right() + 12 if self.key else 14.0
        mark = 14 if self._is_low else 16
        paint_mark(
            painter, QRectF(left, (self.height() - mark) / 2, mark, mark), self.label.appearance, self._theme
        )
        left += mark + 12
        face = font("label", bold=self._is_current or lit)
        painter.setFont(face)
        painter.setPen(self._theme.colour("text" if self.isEnabled() else "disabled"))
        words = QRectF(left, 0, self.width() - left - 12, self.height())
        text = QFontMetrics(face).elidedText(self.label.name, Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _paint_frame(self, painter: QPainter, mark: QColor, soft: QColor, lit: bool) -> None:
        ground, edge = self._theme.colour("surface"), self._theme.colour("border-btn")
        if lit or self._is_current:
            ground, edge = soft, mark
        elif self.underMouse() and self.isEnabled():
            ground = self._theme.colour("hover")
        width = 2.0 if lit else 1.0
        inset = width / 2
        painter.setPen(QPen(edge, width))
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(3, 3, -3, -3), 6, 6)
