"""Words of a cell that may take a second line in a smaller letter before anything of them is left out."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextLayout, QTextOption

from senti_studio.ui.fonts import font


def lines_of(text: str, width: float) -> tuple[QFont, tuple[str, ...]]:
    """The letter and the line or two that show ``text``; what two lines do not hold is elided at the end."""
    whole = font("ui")
    if QFontMetricsF(whole).horizontalAdvance(text) <= width:
        return whole, (text,)
    small = font("small")
    layout = QTextLayout(text, small)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(width)
    layout.endLayout()
    first, rest = text[: line.textLength()].rstrip(), text[line.textLength() :]
    if not rest:
        return small, (first,)
    return small, (first, QFontMetricsF(small).elidedText(rest, Qt.TextElideMode.ElideRight, width))


def paint_words(painter: QPainter, box: QRectF, text: str) -> None:
    """Left, in the middle of the height; the pen is that of the painter."""
    face, lines = lines_of(text, box.width())
    painter.setFont(face)
    high = painter.fontMetrics().height()
    top = box.center().y() - high * len(lines) / 2
    side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
    for number, line in enumerate(lines):
        painter.drawText(QRectF(box.x(), top + number * high, box.width(), high), int(side), line)
