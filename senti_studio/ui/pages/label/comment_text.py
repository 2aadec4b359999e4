"""The text of a comment: always at the same place, marked in layers, of any length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QMenu, QScrollBar, QTextEdit, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.text_marks import (
    Mark,
    Marker,
    Span,
    Stroke,
    emoji_in,
    is_one_way,
    offset_of,
    paint_span,
    pieces,
    place_in,
    spans,
)
from senti_studio.ui.theme import Theme

_NO_BREAKS = str.maketrans({"\u2029": " ", "\ufdd0": "\ufffd", "\ufdd1": "\ufffd", "\r": " ", "\n": " "})
"""What Qt would begin a new paragraph at."""


_AT_ONCE, _EMOJI_COST = 4000, 20
"""Characters that are laid out in one go, and how many of them an emoji counts for beside itself."""


class _QuietBar(QScrollBar):
    """Keeps its place when there is nothing to scroll, so that long and short comments wrap alike."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.maximum() > 0:
            super().paintEvent(event)


class CommentText(QTextEdit):
    """Read-only text with a fixed line height; selected and copied with the mouse, never takes the focus.

    Marks stand in layers, each with a name and one owner: `set_marks` gives those of the text in view,
    `set_marker` a function that finds them for every text. Another text takes the former away.
    """

    overflow_changed = Signal()
    menu_opening = Signal(object, str)
    """The context menu, to which something may be added, and the selected characters."""

    def __init__(self, theme: Theme, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        self._pieces: list[tuple[int, int]] = [(0, 0)]
        self._layers: dict[str, tuple[Mark, ...]] = {}
        self._markers: dict[str, Marker] = {}
        self._found: dict[int, list[Mark]] = {}
        """Marks by piece, of what was in view."""
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setVerticalScrollBar(_QuietBar(Qt.Orientation.Vertical, self))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("frameless", "true")
        self.document().setDocumentMargin(0)
        self._filled = 1
        """How many pieces stand in the document by now; the rest follows in idle time."""
        self._more = QTimer(self)
        self._more.setInterval(0)
        self._more.timeout.connect(self._fill)
        self._size = size
        self._line_height = 0
        self.set_size(size)
        self.verticalScrollBar().rangeChanged.connect(self.overflow_changed)
        self.verticalScrollBar().valueChanged.connect(self.overflow_changed)
        theme.changed.connect(self.refresh_marks)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_whole_lines()

    def _show_whole_lines(self) -> None:
        """No line is cut in the middle: what is left over below the last one stays empty."""
        rest = self.height() % self._line_height if self.height() >= self._line_height else 0
        if self.viewportMargins().bottom() != rest:
            self.setViewportMargins(0, 0, 0, rest)

    def set_size(self, size: int) -> None:
        """Font size in pixels; lines are twice as high."""
        self._size, self._line_height = size, 2 * size
        self._show_whole_lines()
        self.document().setDefaultFont(font("comment", size=size))
        self._set_line_height()

    def _set_line_height(self) -> None:
        shape = QTextBlockFormat()
        shape.setLineHeight(self._line_height, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.setBlockFormat(shape)

    # ---- the text ------------------------------------------------------------------------------------------

    def show_text(self, text: str) -> None:
        """Replaces the text and goes back to its beginning; marks of the text before are gone."""
        self._text, self._pieces = text, pieces(text)
        self._layers.clear()
        self._found.clear()
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        self._filled = 0
        # keeps the line height; setPlainText would need a second layout
        cursor.insertText(self._next_pieces())
        self.verticalScrollBar().setValue(0)
        if self._filled < len(self._pieces):
            self._more.start()
        else:
            self._more.stop()

    def _next_pieces(self) -> str:
        """What is to be put in next: as much as fills the largest window, and is laid out within 10 ms."""
        first, cost = self._filled, 0
        while self._filled < len(self._pieces):
            start, end = self._pieces[self._filled]
            cost += end - start + _EMOJI_COST * emoji_in(self._text[start:end])
            if cost > _AT_ONCE and self._filled > first:
                break
            self._filled += 1
        return "\n".join(
            self._text[start:end].translate(_NO_BREAKS) for start, end in self._pieces[first : self._filled]
        )

    @Slot()
    def _fill(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText("\n" + self._next_pieces())
        if self._filled >= len(self._pieces):
            self._more.stop()

    def toPlainText(self) -> str:
        """The text as it was given, whatever its line ends."""
        return self._text

    def createMimeDataFromSelection(self) -> QMimeData:
        """What is copied: the characters of the comment, without the breaks that are made for showing."""
        cursor, data = self.textCursor(), QMimeData()
        first, last = self._offset(cursor.selectionStart()), self._offset(cursor.selectionEnd())
        data.setText(self._text[first:last])
        return data

    def _offset(self, position: int) -> int:
        """The character (code point) at a position of the document."""
        block = self.document().findBlock(position)
        start, end = self._pieces[min(block.blockNumber(), len(self._pieces) - 1)]
        return start + offset_of(self._text[start:end], position - block.position())

    def characters_below(self) -> int:
        """How many characters lie below the lower edge."""
        bar = self.verticalScrollBar()
        if bar.value() >= bar.maximum() and self._filled >= len(self._pieces):
            return 0
        shown = 0
        for block, at in self._in_view():
            lines = min(
                block.layout().lineCount(), int((self.viewport().height() - at.y()) // self._line_height)
            )
            if lines > 0:
                line = block.layout().lineAt(lines - 1)
                shown = self._offset(block.position() + line.textStart() + line.textLength())
        return max(0, len(self._text) - shown)

    def page(self, by: int) -> None:
        """Scrolls one page down (1) or up (-1)."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + by * (bar.pageStep() - self._line_height))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        marked = menu.addAction(tr("Copy selection"), self.copy)
        marked.setEnabled(self.textCursor().hasSelection())
        menu.addAction(tr("Copy comment"), lambda: QGuiApplication.clipboard().setText(self._text))
        self.menu_opening.emit(menu, self.createMimeDataFromSelection().text())
        menu.popup(event.globalPos())

    # ---- marks ---------------------------------------------------------------------------------------------

    def set_marks(self, layer: str, marks: Sequence[Mark]) -> None:
        """Marks the text in view, in place of what this layer had; the next text takes them away."""
        self._layers[layer] = tuple(marks)
        self.refresh_marks()

    def set_marker(self, layer: str, marker: Marker | None) -> None:
        """Has this layer found in this text and all that follow (None: no longer)."""
        if marker is None:
            self._markers.pop(layer, None)
        else:
            self._markers[layer] = marker
        self.refresh_marks()

    def marks(self, layer: str) -> list[Mark]:
        """What a layer marks in the whole text; for tests and for screen readers."""
        if layer in self._markers:
            marker = self._markers[layer]
            return [
                _moved(mark, start) for start, end in self._pieces for mark in marker(self._text[start:end])
            ]
        return list(self._layers.get(layer, ()))

    @Slot()
    def refresh_marks(self) -> None:
        self._found.clear()
        self.viewport().update()

    def _marks_of(self, number: int) -> list[Mark]:
        """Marks within a piece, offsets counted from its start."""
        found = self._found.get(number)
        if found is None:
            start, end = self._pieces[number]
            found = [mark for marker in self._markers.values() for mark in marker(self._text[start:end])]
            for marks in self._layers.values():
                found += [_moved(mark, -start) for mark in marks if mark.start < end and mark.end > start]
            self._found[number] = found
        return found

    def _in_view(self) -> Iterator[tuple[QTextBlock, QPointF]]:
        """The paragraphs in view and where their lines begin."""
        layout = self.document().documentLayout()
        top = self.verticalScrollBar().value()
        block = self.document().begin()
        while block.isValid():
            rect = layout.blockBoundingRect(block)
            if rect.top() - top > self.viewport().height():
                return
            if rect.bottom() > top:
                yield block, rect.topLeft() - QPointF(0, top)
            block = block.next()

    def paintEvent(self, event: QPaintEvent) -> None:
        # opaque: nothing below needs to be painted again when another comment comes
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._theme.colour("surface"))
        drawn = list(self._drawn()) if self._markers or self._layers else []
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter, [each for each in drawn if each[0].stroke is Stroke.GROUND])
        painter.end()
        super().paintEvent(event)
        strokes = [each for each in drawn if each[0].stroke is not Stroke.GROUND]
        if strokes:
            painter = QPainter(self.viewport())
            self._paint(painter, strokes)
            painter.end()

    def _paint(self, painter: QPainter, drawn: list[tuple[Mark, QPointF, Span]]) -> None:
        for mark, at, span in drawn:
            paint_span(painter, mark, self._theme.colour(mark.token), at, self._size, span)

    def _drawn(self) -> Iterator[tuple[Mark, QPointF, Span]]:
        """The marks in view, line by line; lines out of view cost nothing."""
        for block, at in self._in_view():
            marks = self._marks_of(min(block.blockNumber(), len(self._pieces) - 1))
            layout, text, high = block.layout(), block.text(), self._line_height
            first = max(0, int(-at.y() // high))
            last = min(layout.lineCount(), int((self.viewport().height() - at.y()) // high) + 1)
            lines = [layout.lineAt(number) for number in range(first, last)]
            if not marks or not lines:
                continue
            one_way = is_one_way(text)
            begin = offset_of(text, lines[0].textStart())
            end = offset_of(text, lines[-1].textStart() + lines[-1].textLength())
            for mark in marks:
                if mark.start < end and mark.end > begin:
                    places = place_in(text, max(0, mark.start)), place_in(text, mark.end)
                    yield from ((mark, at, span) for span in spans(lines, *places, one_way=one_way))


def _moved(mark: Mark, by: int) -> Mark:
    return Mark(mark.start + by, mark.end + by, mark.stroke, mark.token, mark.weight)
