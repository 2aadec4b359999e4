"""A card that is one choice of several: frame, radio, title; the chosen one has a two-pixel accent border."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.theme import Theme

_RADIO = 16
_MARGIN = 12


class OptionCard(QAbstractButton):
    """One of a `QButtonGroup` of cards; ``text()`` is the title, ``note`` the small second line."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._note = ""
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(96)
        theme.changed.connect(self.update)

    def set_words(self, title: str, note: str) -> None:
        """Title and second line, in the language of the moment."""
        self.setText(title)
        self._note = note
        self.setAccessibleName(f"{title}，{note}" if note else title)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines of text and the margins."""
        height = self.fontMetrics().height() * 2 + 16
        return QSize(180, max(48, height))

    def minimumSizeHint(self) -> QSize:
        """As high as the hint; the width may shrink, the texts are elided."""
        return QSize(96, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame, radio, two lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_frame(painter)
        middle = self.height() / 2
        self.paint_radio(painter, _MARGIN, middle - _RADIO / 2)
        left = _MARGIN + _RADIO + 10
        width = self.width() - left - _MARGIN
        title_font = font("ui", bold=self.isChecked())
        painter.setFont(title_font)
        painter.setPen(self._ink("text"))
        metrics = painter.fontMetrics()
        painter.drawText(
            QRectF(left, middle - metrics.height(), width, metrics.height()),
            Qt.AlignmentFlag.AlignVCenter,
            metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, width),
        )
        painter.setFont(font("small"))
        painter.setPen(self._ink("text3"))
        metrics = painter.fontMetrics()
        painter.drawText(
            QRectF(left, middle, width, metrics.height()),
            Qt.AlignmentFlag.AlignVCenter,
            metrics.elidedText(self._note, Qt.TextElideMode.ElideRight, width),
        )

    def paint_frame(self, painter: QPainter) -> None:
        """Ground and border of the card; the focus ring lies inside the border."""
        chosen = self.isChecked()
        ground = "accent-soft" if chosen else "hover" if self.underMouse() and self.isEnabled() else "surface"
        line = 2.0 if chosen else 1.0
        painter.setBrush(self._theme.colour(ground))
        painter.setPen(QPen(self._theme.colour("accent" if chosen else "border-btn"), line))
        inset = line / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.colour("accent"), 1.0, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4.5, 4.5, -4.5, -4.5), 5, 5)

    def paint_radio(self, painter: QPainter, left: float, top: float) -> None:
        """The round mark that says whether this one is chosen."""
        box = QRectF(left + 0.5, top + 0.5, _RADIO - 1, _RADIO - 1)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("accent"))
            painter.drawEllipse(box)
            painter.setBrush(self._theme.colour("on-accent"))
            painter.drawEllipse(box.center(), 3, 3)
        else:
            painter.setPen(QPen(self._theme.colour("border-ctl"), 1.0))
            painter.setBrush(self._theme.colour("surface"))
            painter.drawEllipse(box)

    def _ink(self, token: str) -> QColor:
        return self._theme.colour(token if self.isEnabled() else "disabled")
