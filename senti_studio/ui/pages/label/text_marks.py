"""Marks in the text of a comment: spans in layers, each set by one part of the page on its own."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTextLine

_THICK, _BELOW = 2.0, 6.0
_DASHES = {"dashed": [3.0, 2.0], "dotted": [1.0, 1.0]}
"""Lengths of line and gap in widths of the pen."""
_LEFTWARDS = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u202b\u202e\u2067]")
_PIECE, _PIECE_OF_EMOJI = 2000, 200
"""Characters of a paragraph that are laid out in one go: about 2 ms, and 20 ms."""
_ENDS = ("。", "！", "？", "；", "…", "!", "?", ";", "，", ",", " ", "　")


class Stroke(enum.StrEnum):
    """How a mark looks; never colour alone tells what it means."""

    SOLID = "solid"
    DASHED = "dashed"
    DOTTED = "dotted"
    GROUND = "ground"
    """The ground behind the characters."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters ``start`` to ``end`` (code points, end excluded) in the colour of a theme token; ``weight``
    is the opacity (0 … 1) of a ground."""

    start: int
    end: int
    stroke: Stroke
    token: str
    weight: float = 1.0


Span = tuple[QTextLine, float, float]
"""A part of a line: its left and right edge."""
Marker = Callable[[str], Sequence[Mark]]
"""Finds the marks of one piece of text, offsets within the piece; called for pieces in view only."""


def pieces(text: str) -> list[tuple[int, int]]:
    """Where the paragraphs of a text begin and end; one of more than 2,000 characters (200 where there are
    many emoji) is broken after a sentence, so that only what is in view must be laid out."""
    if len(text) <= _PIECE_OF_EMOJI and "\n" not in text and "\r" not in text:
        return [(0, len(text))]
    found: list[tuple[int, int]] = []
    start = 0
    for line in text.replace("\r\n", "\n ").replace("\r", "\n").split("\n"):
        # the blank of "\n " stands where the "\n" of "\r\n" was, so that offsets stay true
        begin = start + (1 if start and text[start - 1 : start + 1] == "\r\n" else 0)
        end = start + len(line)
        found += _broken(text, begin, end)
        start = end + 1
    return found


def _broken(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found = []
    while end - start > _PIECE_OF_EMOJI:
        most = _PIECE if emoji_in(text[start : start + _PIECE]) < _PIECE_OF_EMOJI else _PIECE_OF_EMOJI
        if end - start <= most:
            break
        cut = max(text.rfind(mark, start + most // 2, start + most) for mark in _ENDS) + 1
        if cut <= start + most // 2:
            cut = start + most
        while cut < end and _goes_on(text[cut], text[cut - 1]):
            cut += 1
        found.append((start, cut))
        start = cut
    found.append((start, end))
    return found


def emoji_in(text: str) -> int:
    """How many characters lie beyond U+FFFF: emoji mostly, which take fifty times as long to lay out."""
    return 0 if text.isascii() else place_in(text, len(text)) - len(text)


def _goes_on(character: str, before: str) -> bool:
    """Whether a character belongs to the one before: accents, parts of an emoji, closing brackets."""
    return (
        before == "\u200d"
        or character in "\u200d\ufe0e\ufe0f”’」』）)】》"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U0001f1e6" <= character <= "\U0001f1ff"
        or unicodedata.combining(character) != 0
    )


def place_in(text: str, offset: int) -> int:
    """The place of a code point in Qt's count of a string, where what lies beyond U+FFFF counts twice."""
    return len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2


def offset_of(text: str, place: int) -> int:
    """The reverse of `place_in`; the middle of a character is its end."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * place].decode("utf-16-le", "ignore"))


def is_one_way(text: str) -> bool:
    """Whether no character of the text runs from right to left."""
    return text.isascii() or _LEFTWARDS.search(text) is None


def spans(lines: Sequence[QTextLine], start: int, end: int, *, one_way: bool) -> list[Span]:
    """The parts of Qt's characters ``start`` to ``end`` in each of these lines."""
    found = []
    for line in lines:
        first, last = max(start, line.textStart()), min(end, line.textStart() + line.textLength())
        if first < last:
            edges = _edges(line, first, last) if one_way else _edges_of_glyphs(line, first, last)
            found.append((line, *edges))
    return found


def _edges(line: QTextLine, first: int, last: int) -> tuple[float, float]:
    left: object = line.cursorToX(first)
    right: object = line.cursorToX(last)
    return _number(left), _number(right)


def _number(found: object) -> float:
    """`QTextLine.cursorToX` returns the place together with the cursor that it belongs to."""
    return float(found[0] if isinstance(found, tuple) else found)  # type: ignore[arg-type]


def _edges_of_glyphs(line: QTextLine, first: int, last: int) -> tuple[float, float]:
    """Where a cursor stands says little between words of two directions; the glyphs do."""
    boxes = [run.boundingRect() for run in line.glyphRuns(first, last - first)]
    boxes = [box for box in boxes if box.width() > 0]
    if not boxes:
        return 0.0, 0.0
    return min(box.left() for box in boxes), max(box.right() for box in boxes)


def paint_span(painter: QPainter, mark: Mark, colour: QColor, at: QPointF, size: float, span: Span) -> None:
    """Draws a mark in one line; ``at`` is where the layout of the line begins, ``size`` that of the font."""
    line, left, right = span
    baseline = at.y() + line.y() + line.ascent()
    if mark.stroke is not Stroke.GROUND:
        draw_stroke(painter, QPointF(at.x() + left, baseline + _BELOW), at.x() + right, mark.stroke, colour)
        return
    ink = QColor(colour)
    ink.setAlphaF(max(0.0, min(1.0, mark.weight)))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    box = QRectF(at.x() + left - 1, baseline - 1.05 * size, right - left + 2, 1.35 * size)
    painter.drawRoundedRect(box, 3, 3)


def draw_stroke(painter: QPainter, left: QPointF, right: float, stroke: Stroke, colour: QColor) -> None:
    """One line of a mark, 2 px thick, ``left`` its upper left corner."""
    y = round(left.y()) + _THICK / 2
    pen = QPen(colour, _THICK)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    dashes = _DASHES.get(stroke.value)
    if dashes:
        pen.setDashPattern(dashes)
    painter.setPen(pen)
    painter.drawLine(QPointF(round(left.x()), y), QPointF(round(right), y))  # dots and dashes stay sharp
