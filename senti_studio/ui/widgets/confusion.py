"""A confusion matrix, painted, with cells that the keyboard and the mouse reach."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from senti_studio.domain.labels import Label
from senti_studio.domain.metrics import Figures, figures
from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import counted, marked
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.marks import paint_mark

Cell = tuple[int, int]
ORANGE_FROM = 0.10
"""A wrong cell is tinted from this share of its row on."""

_MARK = 9
_WIDEST = 160.0


class ConfusionMatrix(QWidget):
    """Rows are the truth, columns the prediction. ``compact`` = counts and a column of F1, no choosing
    of cells."""

    cell_chosen = Signal(object)  # (true, predicted) | None

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, compact: bool = False) -> None:
        super().__init__(parent)
        self._theme = theme
        self._compact = compact
        self._labels: tuple[Label, ...] = ()
        self._figures: Figures = figures(())
        self._shares_first = False
        self._chosen: Cell | None = None
        self._cursor: Cell = (0, 0)
        self._words = ("true", "pred.")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        if not compact:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # --- what is shown ------------------------------------------------------------------------------------

    def show_matrix(self, labels: Sequence[Label], confusion: Sequence[Sequence[int]]) -> None:
        """Shows counts of (true, predicted); ``labels`` in the order of the classes."""
        self._labels = tuple(labels)
        self._figures = figures(confusion)
        size = len(self._figures.confusion)
        if self._chosen is not None and max(self._chosen) >= size:
            self._chosen = None
        self._cursor = (min(self._cursor[0], max(0, size - 1)), min(self._cursor[1], max(0, size - 1)))
        self.updateGeometry()
        self._describe()
        self.update()

    def show_shares(self, on: bool) -> None:
        """Makes the share of the row the main number (else the count)."""
        self._shares_first = on
        self.update()

    def choose(self, cell: Cell | None) -> None:
        """Frames a cell without telling anybody."""
        self._chosen = cell
        if cell is not None:
            self._cursor = cell
        self._describe()
        self.update()

    @property
    def chosen(self) -> Cell | None:
        return self._chosen

    def retranslate(self) -> None:
        """Takes the words of the current language."""
        self._words = (self.tr("true"), self.tr("pred."))
        self.setAccessibleName(self.tr("Confusion matrix"))
        self._describe()
        self.update()

    def describe_cell(self, cell: Cell) -> str:
        """``true 中性, predicted 负面, 16 rows, 15.0% of 中性``."""
        true, predicted = cell
        if max(cell) >= len(self._labels):
            return ""
        row = self._figures.confusion[true]
        share = row[predicted] / sum(row) if sum(row) else None
        text = counted(
            row[predicted],
            marked("True {true}, predicted {predicted}: 1 row, {share} of {true}"),
            marked("True {true}, predicted {predicted}: {rows} rows, {share} of {true}"),
        )
        return text.format(
            true=self._labels[true].name,
            predicted=self._labels[predicted].name,
            rows=formats.number(row[predicted]),
            share=formats.percent(share),
        )

    def _describe(self) -> None:
        size = len(self._labels)
        cells = [(i, j) for i in range(size) for j in range(size)] if self._compact else [self._cursor]
        if size and self._figures.rows:
            self.setAccessibleDescription("\n".join(self.describe_cell(cell) for cell in cells))
        else:
            self.setAccessibleDescription(self.tr("no evaluation yet"))

    # --- places -------------------------------------------------------------------------------------------

    @property
    def _line(self) -> int:
        return round(QFontMetricsF(font("small")).height())

    @property
    def _cell_size(self) -> tuple[int, int]:
        """Smallest (width, height) of a cell."""
        many = len(self._labels) > 3
        if self._compact:
            return (34, 26) if many else (44, 36)
        return (56, 40) if many else (76, 58)

    @property
    def _gap(self) -> int:
        return 4 if self._compact or len(self._labels) > 3 else 8

    def _names_width(self) -> float:
        metrics = QFontMetricsF(font("ui" if not self._compact else "small"))
        widest = max((metrics.horizontalAdvance(label.name) for label in self._labels), default=40.0)
        below = [] if self._compact else [self._support(true) for true in range(len(self._labels))]
        small = QFontMetricsF(font("small"))
        corner = max(small.horizontalAdvance(text) for text in (self._corner(), *below)) + 8
        return max(min(widest, 60.0 if self._compact else 120.0) + _MARK + 10, corner)

    def _support(self, true: int) -> str:
        n = self._figures.per_label[true].support
        return counted(n, marked("1 row"), marked("{n} rows")).format(n=formats.number(n))

    def _corner(self) -> str:
        return f"{self._words[0]}＼{self._words[1]}"

    def _f1_width(self) -> float:
        return 40.0 if self._compact else 0.0

    def _cells_width(self) -> float:
        size = max(1, len(self._labels))
        smallest = size * self._cell_size[0] + (size - 1) * self._gap
        room = self.width() - self._names_width() - self._f1_width()
        return max(smallest, min(room, size * _WIDEST + (size - 1) * self._gap))

    def cell_rect(self, cell: Cell) -> QRectF:
        """Where a cell is painted."""
        size = max(1, len(self._labels))
        width = (self._cells_width() - (size - 1) * self._gap) / size
        height = self._cell_size[1]
        return QRectF(
            self._names_width() + cell[1] * (width + self._gap),
            self._head_height() + cell[0] * (height + self._gap),
            width,
            height,
        )

    def _head_height(self) -> int:
        return self._line + 8

    def sizeHint(self) -> QSize:
        size = max(1, len(self._labels))
        width, height = self._cell_size
        return QSize(
            round(self._names_width() + size * width + (size - 1) * self._gap + self._f1_width()),
            self._head_height() + size * height + (size - 1) * self._gap + 2,
        )

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _cell_at(self, place: QPoint) -> Cell | None:
        size = len(self._labels)
        for true in range(size):
            for predicted in range(size):
                if self.cell_rect((true, predicted)).contains(QPointF(place)):
                    return true, predicted
        return None

    # --- painting -----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._labels:
            return
        self._paint_heads(painter)
        for true in range(len(self._labels)):
            self._paint_row_head(painter, true)
            for predicted in range(len(self._labels)):
                self._paint_cell(painter, (true, predicted))

    def _paint_heads(self, painter: QPainter) -> None:
        painter.setFont(font("small"))
        height = self._head_height() - 4
        painter.setPen(self._theme.colour("text3"))
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, 0, self._names_width(), height), centre, self._corner())
        for index in range(len(self._labels)):
            cell = self.cell_rect((0, index))
            self._paint_name(painter, QRectF(cell.x(), 0, cell.width(), height), index, centred=True)
        if self._compact:
            last = self.cell_rect((0, len(self._labels) - 1))
            painter.setPen(self._theme.colour("text3"))
            right = QRectF(last.right(), 0, self._f1_width(), height)
            painter.drawText(right, centre | Qt.AlignmentFlag.AlignRight, "F1")

    def _paint_name(self, painter: QPainter, box: QRectF, index: int, *, centred: bool = False) -> None:
        metrics = QFontMetricsF(painter.font())
        label = self._labels[index]
        room = box.width() - _MARK - 5
        if centred and room < 24 and metrics.horizontalAdvance(label.name) > room:
            mark = QRectF(box.center().x() - _MARK / 2, box.center().y() - _MARK / 2, _MARK, _MARK)
            paint_mark(painter, mark, label.appearance, self._theme)
            return
        name = metrics.elidedText(label.name, Qt.TextElideMode.ElideMiddle, room)
        used = metrics.horizontalAdvance(name) + _MARK + 4
        left = box.x() + max(0.0, (box.width() - used) / 2) if centred else box.x()
        paint_mark(
            painter, QRectF(left, box.center().y() - _MARK / 2, _MARK, _MARK), label.appearance, self._theme
        )
        painter.setPen(self._theme.colour("text2" if self._compact or centred else "text"))
        place = QRectF(left + _MARK + 4, box.y(), used + 2, box.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_row_head(self, painter: QPainter, true: int) -> None:
        cell = self.cell_rect((true, 0))
        painter.setFont(font("small" if self._compact else "ui"))
        box = QRectF(0, cell.y(), self._names_width() - 6, cell.height())
        if self._compact:
            self._paint_name(painter, box, true)
            f1 = self._figures.per_label[true].f1
            right = QRectF(
                self.cell_rect((true, len(self._labels) - 1)).right(),
                cell.y(),
                self._f1_width(),
                cell.height(),
            )
            painter.setFont(font("ui"))
            painter.setPen(self._theme.colour("text"))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(right, flags, f"{f1:.2f}")
            return
        half = box.height() / 2
        self._paint_name(painter, QRectF(box.x(), box.y() + half - 19, box.width(), 20), true)
        painter.setFont(font("small"))
        painter.setPen(self._theme.colour("text3"))
        below = QRectF(box.x(), box.y() + half, box.width(), 18)
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, self._support(true))

    def _paint_cell(self, painter: QPainter, cell: Cell) -> None:
        true, predicted = cell
        row = self._figures.confusion[true]
        share = row[predicted] / sum(row) if sum(row) else None
        right = true == predicted
        wrong = not right and share is not None and share >= ORANGE_FROM
        ground = "accent-soft" if right else "neg-soft" if wrong else "surface2"
        chosen = cell == self._chosen
        line = QPen(self._theme.colour("accent-line" if right else "border"), 1)
        if chosen:
            line = QPen(self._theme.colour("text"), 2)
        elif self._compact:
            line = QPen(Qt.PenStyle.NoPen)
        inset = 1.0 if chosen else 0.5
        box = self.cell_rect(cell).adjusted(inset, inset, -inset, -inset)
        painter.setPen(line)
        painter.setBrush(self._theme.colour(ground))
        painter.drawRoundedRect(box, 6, 6)
        self._paint_numbers(painter, box, row[predicted], share, bold=right or chosen)
        if self.hasFocus() and cell == self._cursor:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.drawRoundedRect(self.cell_rect(cell).adjusted(3, 3, -3, -3), 4, 4)

    def _paint_numbers(
        self, painter: QPainter, box: QRectF, count: int, share: float | None, *, bold: bool
    ) -> None:
        centre = Qt.AlignmentFlag.AlignCenter
        painter.setPen(self._theme.colour("text"))
        if self._compact:
            painter.setFont(font("ui" if len(self._labels) <= 5 else "small", bold=bold))
            painter.drawText(box, centre, formats.number(count))
            return
        first, second = formats.number(count), formats.percent(share)
        if self._shares_first:
            first, second = second, first
        small = len(self._labels) > 3
        painter.setFont(font("ui" if small else "label", bold=bold))
        half = box.height() / 2
        painter.drawText(QRectF(box.x(), box.y() + 3, box.width(), half), centre, first)
        painter.setFont(font("small"))
        painter.setPen(self._theme.colour("text2"))
        painter.drawText(QRectF(box.x(), box.y() + half - 1, box.width(), half - 2), centre, second)

    # --- hands --------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self._cell_at(event.pos())
            QToolTip.showText(event.globalPos(), self.describe_cell(cell) if cell else "", self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._compact:
            hit = self._cell_at(event.position().toPoint()) is not None
            self.setCursor(Qt.CursorShape.PointingHandCursor if hit else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position().toPoint())
        if self._compact or cell is None or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._toggle(cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
        }  # fmt: skip
        key = Qt.Key(event.key())
        size = len(self._labels)
        if self._compact or not size:
            super().keyPressEvent(event)
        elif key in steps:
            down, right = steps[key]
            self._cursor = (
                min(size - 1, max(0, self._cursor[0] + down)),
                min(size - 1, max(0, self._cursor[1] + right)),
            )
            self._describe()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._toggle(self._cursor)
        elif key == Qt.Key.Key_Escape and self._chosen is not None:
            self._toggle(self._chosen)
        else:
            super().keyPressEvent(event)

    def _toggle(self, cell: Cell) -> None:
        self.choose(None if cell == self._chosen else cell)
        self.cell_chosen.emit(self._chosen)
