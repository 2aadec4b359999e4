"""Chips, 22 px high: a label as shape and word on its soft ground; the dashed 未标注; states of runs."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from senti_studio.domain.labels import Label
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.marks import paint_mark

HEIGHT = 22
_PAD = 8
_MARK = 9
_GAP = 5

KINDS = {
    "acc": ("accent-soft", "accent-text", ""),
    "warn": ("warn-soft", "warn", ""),
    "danger": ("danger-soft", "danger", ""),
    "done": ("neu-soft", "neu-text", ""),
    "line": ("", "text2", "border-btn"),
}
"""Ground, text and border token of the chips that are no labels."""


def unlabelled_text() -> str:
    return tr("Unlabelled")


def chip_width(label: Label | None) -> int:
    """Width in pixels of the chip of ``label``."""
    metrics = QFontMetrics(font("small"))
    if label is None:
        return metrics.horizontalAdvance(unlabelled_text()) + 2 * _PAD
    return metrics.horizontalAdvance(label.name) + 2 * _PAD + _MARK + _GAP


def paint_chip(painter: QPainter, rect: QRectF, label: Label | None, theme: Theme) -> None:
    """Draws the chip at the left edge of ``rect``, in the middle of its height; None is the dashed 未标注."""
    width = min(float(chip_width(label)), rect.width())
    box = QRectF(rect.left(), rect.center().y() - HEIGHT / 2, width, HEIGHT)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font("small"))
    if label is None:
        painter.setPen(QPen(theme.colour("border-ctl"), 1, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(theme.colour("text3"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, unlabelled_text())
    else:
        colours = theme.label_colours(label.appearance)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.soft)
        painter.drawRoundedRect(box, 6, 6)
        mark = QRectF(box.left() + _PAD, box.center().y() - _MARK / 2, _MARK, _MARK)
        paint_mark(painter, mark, label.appearance, theme)
        words = box.adjusted(_PAD + _MARK + _GAP, 0, -_PAD, 0)
        _words(painter, words, label.name, font("small"), theme, colours.text.name())
    painter.restore()


def _words(painter: QPainter, rect: QRectF, text: str, face: QFont, theme: Theme, colour: str) -> None:
    from PySide6.QtGui import QColor

    painter.setFont(face)
    painter.setPen(QColor(colour))
    elided = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()) + 1)
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided)


def state_chip_width(text: str, icon: str = "") -> int:
    """Width in pixels of `paint_state_chip`."""
    return QFontMetrics(font("small")).horizontalAdvance(text) + 2 * _PAD + (14 + _GAP if icon else 0)


def paint_state_chip(
    painter: QPainter, rect: QRectF, text: str, kind: str, theme: Theme, *, icon: str = ""
) -> None:
    """Draws a chip that is no label; ``kind`` is a key of `KINDS` (训练中 acc, 已完成 done …)."""
    ground, ink, border = KINDS[kind]
    width = min(float(state_chip_width(text, icon)), rect.width())
    box = QRectF(rect.left(), rect.center().y() - HEIGHT / 2, width, HEIGHT)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour(border), 1) if border else Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(ground) if ground else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5) if border else box, 6, 6)
    left = _PAD
    if icon:
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(
            int(box.left()) + _PAD,
            int(box.center().y() - 7),
            pixmap(icon, theme, token=ink, size=14, scale=ratio),
        )
        left += 14 + _GAP
    _words(painter, box.adjusted(left, 0, -_PAD, 0), text, font("small"), theme, theme.hex(ink))
    painter.restore()


class Chip(QWidget):
    """A chip as a widget: of a label, or a state with `set_state`."""

    def __init__(self, theme: Theme, label: Label | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._label = label
        self._state: tuple[str, str, str] | None = None
        theme.changed.connect(self.update)
        self._fit()

    def set_label(self, label: Label | None) -> None:
        self._label, self._state = label, None
        self._fit()

    def set_state(self, text: str, kind: str, *, icon: str = "") -> None:
        """Shows ``text`` on the ground of ``kind`` (a key of `KINDS`)."""
        self._state = (text, kind, icon)
        self._fit()

    def sizeHint(self) -> QSize:
        if self._state:
            return QSize(state_chip_width(self._state[0], self._state[2]), HEIGHT)
        return QSize(chip_width(self._label), HEIGHT)

    def _fit(self) -> None:
        self.setFixedSize(self.sizeHint())
        name = self._state[0] if self._state else (self._label.name if self._label else unlabelled_text())
        self.setAccessibleName(name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._state:
            text, kind, icon = self._state
            paint_state_chip(painter, QRectF(self.rect()), text, kind, self._theme, icon=icon)
        else:
            paint_chip(painter, QRectF(self.rect()), self._label, self._theme)
