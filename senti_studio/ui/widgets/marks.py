"""The shapes of labels: ▲ ● ▼ ◆ ■ ⬟ ★ ▶ ◀ and outlines, painted so that they look alike on every system."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from senti_studio.ui.theme import Theme

_SHAPES = {
    "pos": "up",
    "neu": "circle",
    "neg": "down",
    "purple": "diamond",
    "brown": "square",
    "sky": "pentagon",
    "outline-up": "up",
    "outline-down": "down",
    "outline-diamond": "diamond",
    "star": "star",
    "right": "right",
    "left": "left",
    "outline-circle": "circle",
    "outline-square": "square",
    "outline-pentagon": "pentagon",
    "outline-star": "star",
    "outline-right": "right",
    "outline-left": "left",
}


def _polygon(shape: str, rect: QRectF) -> QPolygonF:
    c, w, h = rect.center(), rect.width(), rect.height()
    if shape == "up":
        points = [
            (c.x(), rect.top() + h * 0.06),
            (rect.right(), rect.bottom() - h * 0.08),
            (rect.left(), rect.bottom() - h * 0.08),
        ]
    elif shape == "down":
        points = [
            (rect.left(), rect.top() + h * 0.08),
            (rect.right(), rect.top() + h * 0.08),
            (c.x(), rect.bottom() - h * 0.06),
        ]
    elif shape == "diamond":
        points = [(c.x(), rect.top()), (rect.right(), c.y()), (c.x(), rect.bottom()), (rect.left(), c.y())]
    elif shape == "square":
        inset = w * 0.1
        r = rect.adjusted(inset, inset, -inset, -inset)
        points = [(r.left(), r.top()), (r.right(), r.top()), (r.right(), r.bottom()), (r.left(), r.bottom())]
    elif shape == "right":
        points = [
            (rect.left() + w * 0.08, rect.top()),
            (rect.right() - w * 0.06, c.y()),
            (rect.left() + w * 0.08, rect.bottom()),
        ]
    elif shape == "left":
        points = [
            (rect.right() - w * 0.08, rect.top()),
            (rect.left() + w * 0.06, c.y()),
            (rect.right() - w * 0.08, rect.bottom()),
        ]
    else:
        points = _around(c, w / 2, h / 2, [1.0, 0.42] * 5 if shape == "star" else [1.0] * 5)
    return QPolygonF([QPointF(x, y) for x, y in points])


def _around(centre: QPointF, across: float, up: float, reach: Sequence[float]) -> list[tuple[float, float]]:
    """Points at even angles from the top, each a share of the way out."""
    turn = math.tau / len(reach)
    return [
        (centre.x() + across * far * math.sin(k * turn), centre.y() - up * far * math.cos(k * turn))
        for k, far in enumerate(reach)
    ]


def paint_mark(painter: QPainter, rect: QRectF, appearance: str, theme: Theme) -> None:
    """Draws the shape of a label look into the largest centred square of ``rect``, in its mark colour."""
    side = min(rect.width(), rect.height())
    square = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
    colour = theme.label_colours(appearance).mark
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if appearance.startswith("outline"):
        square.adjust(0.75, 0.75, -0.75, -0.75)
        painter.setPen(
            QPen(colour, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
    shape = _SHAPES.get(appearance, "circle")
    if shape == "circle":
        inset = side * 0.06
        painter.drawEllipse(square.adjusted(inset, inset, -inset, -inset))
    else:
        painter.drawPolygon(_polygon(shape, square))
    painter.restore()


class Mark(QWidget):
    """One shape as a widget; beside a word, so it carries no accessible name of its own."""

    def __init__(
        self, appearance: str, theme: Theme, *, size: int = 10, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._theme = theme
        self._size = size
        self.setFixedSize(size, size)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def set_appearance(self, appearance: str) -> None:
        self._appearance = appearance
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_mark(QPainter(self), QRectF(self.rect()), self._appearance, self._theme)
