"""Draws the curves of `label_efficiency.py` into a PNG file; arguments: the file of curves, the picture."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from label_efficiency import smooth
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter, QPen, QPolygonF

_WIDTH, _HEIGHT, _SCALE = 1120, 460, 2
_COLOURS = {"useful": "#0f7b6c", "random": "#9a6a00"}
_NAMES = {"useful": "most useful first", "random": "random order"}
_INK, _FAINT, _LINE, _GROUND = "#1f2328", "#656d76", "#d8dee4", "#ffffff"
_BORDERS = (64, 60, 24, 56)
Curves = Mapping[str, Sequence[Sequence[float]]]


def draw(path: Path, sizes: Sequence[int], drawn: Mapping[str, Curves]) -> None:
    """One panel a data set: each seed thin, the curve that is judged thick."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication.instance() or QGuiApplication([])
    image = QImage(_WIDTH * _SCALE, _HEIGHT * _SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SCALE)
    image.fill(QColor(_GROUND))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width = _WIDTH / max(1, len(drawn))
    for place, (name, curves) in enumerate(drawn.items()):
        _Panel(painter, QRectF(place * width, 0, width, _HEIGHT), sizes, curves).draw(name)
    painter.end()
    image.save(str(path))
    del application


class _Panel:
    def __init__(self, painter: QPainter, place: QRectF, sizes: Sequence[int], curves: Curves) -> None:
        self._painter = painter
        left, top, right, bottom = _BORDERS
        self._inside = place.adjusted(left, top, -right, -bottom)
        self._sizes = sizes
        self._curves = curves
        judged = [value for seeds in curves.values() for seed in seeds for value in seed[2:]]
        self._low = int(100 * min(judged)) // 5 * 5
        self._high = int(100 * max(judged)) + 2

    def _at(self, labels: float, accuracy: float) -> QPointF:
        inside = self._inside
        across = labels / self._sizes[-1]
        up = (100 * accuracy - self._low) / (self._high - self._low)
        return QPointF(inside.left() + across * inside.width(), inside.bottom() - up * inside.height())

    def draw(self, name: str) -> None:
        self._axes(name)
        self._painter.save()
        self._painter.setClipRect(self._inside)
        for kind in ("random", "useful"):
            faint = QColor(_COLOURS[kind])
            faint.setAlpha(60)
            for seed in self._curves[kind]:
                self._line(seed, QPen(faint, 1.0))
        for kind in ("random", "useful"):
            style = Qt.PenStyle.SolidLine if kind == "useful" else Qt.PenStyle.DashLine
            self._line(smooth(self._curves[kind]), QPen(QColor(_COLOURS[kind]), 2.6, style))
        self._painter.restore()
        self._legend()

    def _line(self, values: Sequence[float], pen: QPen) -> None:
        self._painter.setPen(pen)
        points = [self._at(size, value) for size, value in zip(self._sizes, values, strict=True)]
        self._painter.drawPolyline(QPolygonF(points))

    def _axes(self, name: str) -> None:
        inside = self._inside
        self._text(
            inside.left(), inside.top() - 42, f"{name}: accuracy (%) by labels given", 14, _INK, bold=True
        )
        for percent in range(self._low, self._high + 1, 5):
            y = self._at(0, percent / 100).y()
            self._painter.setPen(QPen(QColor(_LINE), 1))
            self._painter.drawLine(QPointF(inside.left(), y), QPointF(inside.right(), y))
            self._text(inside.left() - 34, y - 9, str(percent), 12, _FAINT)
        for labels in range(0, self._sizes[-1] + 1, 500 if self._sizes[-1] > 600 else 100):
            point = self._at(labels, self._low / 100)
            self._text(point.x() - 14, point.y() + 8, f"{labels:,}", 12, _FAINT)

    def _legend(self) -> None:
        inside = self._inside
        for row, kind in enumerate(("useful", "random")):
            y = inside.bottom() - 58 + 24 * row
            style = Qt.PenStyle.SolidLine if kind == "useful" else Qt.PenStyle.DashLine
            self._painter.setPen(QPen(QColor(_COLOURS[kind]), 2.6, style))
            self._painter.drawLine(QPointF(inside.right() - 200, y), QPointF(inside.right() - 160, y))
            self._text(inside.right() - 150, y - 10, _NAMES[kind], 13, _INK)

    def _text(self, x: float, y: float, text: str, size: int, colour: str, *, bold: bool = False) -> None:
        font = QFont("sans-serif")
        font.setPixelSize(size)
        font.setBold(bold)
        self._painter.setFont(font)
        self._painter.setPen(QColor(colour))
        self._painter.drawText(QRectF(x, y, 480, size + 8), Qt.AlignmentFlag.AlignLeft, text)


if __name__ == "__main__":
    values = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    draw(Path(sys.argv[2]), values["sizes"], values["curves"])
