"""Lines of the file as each encoding reads them, side by side; a click on a column chooses its encoding."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPen, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from senti_studio.domain.comparing import EncodingComparison
from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.models.preview_table import shown
from senti_studio.ui.pages.importing import wording
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.styles import set_style

Index = QModelIndex | QPersistentModelIndex

_LINES = 2
_MARGIN = 8
_RADIO = 14
DAMAGED_ROLE = Qt.ItemDataRole.UserRole + 1
SAME_ROLE = Qt.ItemDataRole.UserRole + 2


class ComparedLines(QAbstractTableModel):
    """A row for each line, a column for each encoding; the vertical header tells the line of the file."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.comparison = EncodingComparison((), ())

    def show(self, comparison: EncodingComparison) -> None:
        """Replaces everything."""
        self.beginResetModel()
        self.comparison = comparison
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Lines that are shown."""
        return 0 if parent.isValid() else len(self.comparison.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Encodings that are compared."""
        return 0 if parent.isValid() else len(self.comparison.encodings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The line as the encoding of the column reads it."""
        if not index.isValid():
            return None
        line, column = self.comparison.lines[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return shown(line.texts[column])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{wording.encoding_name(self.comparison.encodings[column])}：{shown(line.texts[column])}"
        if role == DAMAGED_ROLE:
            return line.damaged[column]
        if role == SAME_ROLE:
            return not line.differs
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of the encodings; numbers of the lines."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole and section < len(self.comparison.encodings):
                return wording.encoding_name(self.comparison.encodings[section])
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return formats.number(self.comparison.lines[section].line)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None


class _Header(QHeaderView):
    """A radio and the name above each column."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.chosen = -1
        self.guess = ""
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setMinimumSectionSize(120)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """As high as the header of the preview."""
        size = super().sizeHint()
        size.setHeight(max(36, self.fontMetrics().height() + 16))
        return size

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """Radio, name, and behind the first one the word for the guess."""
        theme, chosen = self._theme, logicalIndex == self.chosen
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(rect, theme.colour("accent-soft" if chosen else "surface2"))
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        top = rect.center().y() - _RADIO / 2 + 0.5
        dot = QRectF(rect.left() + _MARGIN, top, _RADIO, _RADIO)
        painter.setPen(Qt.PenStyle.NoPen if chosen else QPen(theme.colour("border-ctl"), 1))
        painter.setBrush(theme.colour("accent" if chosen else "surface"))
        painter.drawEllipse(dot)
        if chosen:
            painter.setBrush(theme.colour("on-accent"))
            painter.drawEllipse(dot.center(), 2.5, 2.5)
        name = str(self.model().headerData(logicalIndex, Qt.Orientation.Horizontal) or "")
        left = int(dot.right()) + 8
        room = rect.right() - left - _MARGIN
        painter.setFont(font("ui", bold=True))
        painter.setPen(theme.colour("text"))
        words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(left, rect.top(), room, rect.height()), Qt.AlignmentFlag.AlignVCenter, words)
        used = painter.fontMetrics().horizontalAdvance(words) + 10
        painter.setFont(font("small"))
        if logicalIndex == 0 and painter.fontMetrics().horizontalAdvance(self.guess) <= room - used:
            painter.setPen(theme.colour("accent-text"))
            rest = QRect(left + used, rect.top(), room - used, rect.height())
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, self.guess)
        painter.restore()


class _Cell(QStyledItemDelegate):
    """Two lines of text; damaged places stand out, lines that all encodings read alike do not."""

    def __init__(self, theme: Theme, header: _Header, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._header = header

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Ground by choice and focus, then the text."""
        theme, rect = self._theme, option.rect
        painter.save()
        chosen = index.column() == self._header.chosen
        painter.fillRect(rect, theme.colour("accent-soft" if chosen else "surface"))
        painter.setPen(theme.colour("border"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        view = self.parent()
        if isinstance(view, QTableView) and view.hasFocus() and index == view.currentIndex():
            painter.setPen(QPen(theme.colour("accent"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(rect.adjusted(1, 1, -2, -2))
        ink = "text3" if index.data(SAME_ROLE) else "text" if chosen else "text2"
        painter.setPen(theme.colour(ink))
        self._write(painter, QRectF(rect).adjusted(_MARGIN, 4, -_MARGIN, -4), str(index.data()))
        painter.restore()

    def _write(self, painter: QPainter, box: QRectF, text: str) -> None:
        layout = QTextLayout(text, font("ui"))
        wrapping = QTextOption()
        wrapping.setWrapMode(QTextOption.WrapMode.WrapAnywhere)
        layout.setTextOption(wrapping)
        look = QTextCharFormat()
        look.setForeground(self._theme.colour("danger"))
        look.setBackground(self._theme.colour("danger-soft"))
        ranges = []
        for at, char in enumerate(text):
            if char == "\ufffd":
                found = QTextLayout.FormatRange()
                found.start, found.length, found.format = at, 1, look
                ranges.append(found)
        layout.setFormats(ranges)
        layout.beginLayout()
        top = 0.0
        for _ in range(_LINES):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(box.width())
            line.setPosition(QPointF(0, top))
            top += line.height()
        layout.endLayout()
        painter.setClipRect(box)
        layout.draw(painter, QPointF(box.left(), box.top() + max(0.0, (box.height() - top) / 2)))


class _Table(QTableView):
    """Left and right go from encoding to encoding, Space and Enter choose; figures belong to the page."""

    column_chosen = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.column_chosen.emit(self.currentIndex().column())
        elif event.text() and event.text().isprintable():
            event.ignore()
        else:
            super().keyPressEvent(event)


class ComparisonTable(QWidget):
    """A sentence, and below it the lines; `encoding_chosen` when a column was chosen."""

    encoding_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ComparedLines(self)
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.words.setContentsMargins(16, 8, 16, 8)
        self.view = _Table(self)
        self.header = _Header(theme, self.view)
        self.view.setHorizontalHeader(self.header)
        self.view.setModel(self.model)
        self.view.setItemDelegate(_Cell(theme, self.header, self.view))
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setShowGrid(False)
        self.view.setTabKeyNavigation(False)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        lines = self.view.verticalHeader()
        lines.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        lines.setDefaultSectionSize(self.view.fontMetrics().height() * _LINES + 16)
        lines.setHighlightSections(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.words)
        layout.addWidget(self.view, 1)
        self.header.sectionClicked.connect(self._choose)
        self.view.clicked.connect(lambda index: self._choose(index.column()))
        self.view.column_chosen.connect(self._choose)
        theme.changed.connect(self.view.viewport().update)

    def say(self, text: str, role: str) -> None:
        """The sentence above the lines; empty for none."""
        self.words.setText(text)
        self.words.setVisible(bool(text))
        set_style(self.words, "role", role)

    def show_comparison(self, comparison: EncodingComparison | None) -> None:
        """The lines; None while they are being read."""
        self.model.show(comparison or EncodingComparison((), ()))
        self.header.guess = tr("Guess")
        self.view.setVisible(comparison is not None)
        self.view.setAccessibleName(tr("Lines of the file in several encodings"))

    def show_chosen(self, encoding: str) -> None:
        """Marks the column of the encoding that is read at the moment."""
        encodings = self.model.comparison.encodings
        self.header.chosen = encodings.index(encoding) if encoding in encodings else -1
        self.header.viewport().update()
        self.view.viewport().update()

    @Slot(int)
    def _choose(self, column: int) -> None:
        if 0 <= column < len(self.model.comparison.encodings):
            encoding = self.model.comparison.encodings[column]
            self.show_chosen(encoding)
            self.encoding_chosen.emit(encoding)
