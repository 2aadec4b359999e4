"""How good the model is for each value of an original column, the worst first."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from senti_studio.messages import joined
from senti_studio.operations.breakdown import ENOUGH, Breakdown, ValueFigures
from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.pages.evaluate.figure_table import set_up_figure_table
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.styles import text_label

Index = QModelIndex | QPersistentModelIndex

VALUE, ROWS, ACCURACY, INTERVAL, MACRO = range(5)
TITLES = (marked("Value"), marked("Support"), marked("Accuracy"), "95%", marked("Macro F1"))
_WIDTHS = {ROWS: 62, ACCURACY: 68, INTERVAL: 76, MACRO: 72}
_ROW_HEIGHT = 30
FiguresRole = int(Qt.ItemDataRole.UserRole) + 1


class ColumnFigures(QAbstractTableModel):
    """One row a value."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._values: tuple[ValueFigures, ...] = ()

    def show(self, found: Breakdown | None) -> None:
        self.beginResetModel()
        self._values = found.values if found is not None else ()
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._values)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(TITLES)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        each = self._values[index.row()]
        if role == FiguresRole:
            return each
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return _text(each, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return _sentence(each)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(index.column())
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(TITLES[section])
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        return None

    def retranslate(self) -> None:
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, MACRO)
        self.layoutChanged.emit()


def _side(column: int) -> Qt.AlignmentFlag:
    is_number = column in (ROWS, ACCURACY, MACRO)
    side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _name(each: ValueFigures) -> str:
    if each.others:
        return tr("{n} other values").format(n=formats.number(each.others))
    return each.value or tr("(empty)")


def _text(each: ValueFigures, column: int) -> str:
    if column == VALUE:
        return " ".join(_name(each).split())
    if column == INTERVAL:
        low, high = each.interval
        return f"{formats.percent(low)} – {formats.percent(high)}"
    return {
        ROWS: formats.number(each.rows),
        ACCURACY: formats.percent(each.figures.accuracy),
        MACRO: formats.score(each.figures.macro_f1),
    }[column]


def _sentence(each: ValueFigures) -> str:
    said = [f"{_name(each)}: {_text(each, ACCURACY)} [{_text(each, INTERVAL)}]"]
    if each.is_worse:
        said.append(tr("clearly worse than the rest"))
    elif not each.is_enough:
        said.append(tr("too few rows to tell"))
    return " · ".join(said)


class _ValueDelegate(QStyledItemDelegate):
    """Values that are clearly worse in bold; the interval as a whisker from 0 to 1."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(50, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        each: ValueFigures = index.data(FiguresRole)
        rect = QRectF(option.rect)
        painter.setPen(self._theme.colour("border"))
        painter.drawLine(rect.bottomLeft() - QPointF(0, 0.5), rect.bottomRight() - QPointF(0, 0.5))
        if index.column() == INTERVAL:
            self._paint_whisker(painter, rect.adjusted(8, 0, -8, 0), each)
        else:
            painter.setFont(font("small", bold=each.is_worse and index.column() == VALUE))
            painter.setPen(self._theme.colour("text" if each.is_enough else "text3"))
            box = rect.adjusted(16 if index.column() == VALUE else 4, 0, -8, 0)
            words = str(index.data())
            if index.column() == VALUE and each.is_worse:
                words = f"▼ {words}"
            words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, int(box.width()))
            painter.drawText(box, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), words)
        painter.restore()

    def _paint_whisker(self, painter: QPainter, box: QRectF, each: ValueFigures) -> None:
        middle = box.center().y()
        low, high = (box.left() + box.width() * end for end in each.interval)
        ink = self._theme.colour("warn" if each.is_worse else "text2" if each.is_enough else "text3")
        painter.setPen(QPen(self._theme.colour("grid"), 1))
        painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle))
        painter.setPen(QPen(ink, 2))
        painter.drawLine(QPointF(low, middle), QPointF(high, middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(QPointF(box.left() + box.width() * each.figures.accuracy, middle), 3.5, 3.5)


class ColumnCard(Card):
    """`column_chosen` with the name of another column."""

    column_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._found: Breakdown | None = None
        self.column = QComboBox()
        self.column.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.column.setMinimumWidth(90)
        self.column.setMaximumWidth(180)
        self.column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.column.activated.connect(lambda _: self.column_chosen.emit(self.column.currentText()))
        self.header.addWidget(self.column, 1)
        self.model = ColumnFigures(self)
        self.view = QTableView()
        self.view.setProperty("inset", "true")
        self.view.setModel(self.model)
        self.view.setItemDelegate(_ValueDelegate(theme, self.view))
        self.view.horizontalHeader().setMinimumSectionSize(40)
        set_up_figure_table(self.view, row_height=_ROW_HEIGHT, widths=_WIDTHS, stretched=VALUE)
        self.words = text_label(role="second", size="small", wrap=True)
        self.words.setContentsMargins(16, 0, 16, 0)
        self.body.setContentsMargins(0, 0, 0, 10)
        self.body.addWidget(self.view, 1)
        self.body.addWidget(self.words)

    def show_columns(self, columns: tuple[str, ...], chosen: str) -> None:
        """The columns that there are to choose from."""
        self.column.clear()
        self.column.addItems(list(columns))
        self.column.setCurrentIndex(self.column.findText(chosen))
        self.column.setToolTip(chosen)
        self.column.setEnabled(bool(columns))

    def show_breakdown(self, found: Breakdown | None) -> None:
        self._found = found
        self.model.show(found)
        self._write()

    def _write(self) -> None:
        found = self._found
        self.view.setVisible(found is not None)
        if found is None:
            self.words.setText(self.tr("The files of this project have no other column than the comments."))
            return
        said = []
        worse = [_name(each) for each in found.values if each.is_worse]
        if worse:
            words = self.tr("▼ Clearly worse than the rest: {names}.")
            said.append(words.format(names=self.tr(", ").join(worse[:5]) + ("…" if len(worse) > 5 else "")))
        elif found.distinct > 1 and found.distinct == sum(each.rows for each in found.values):
            said.append(self.tr("Each value occurs once: choose a column whose values group comments."))
        elif sum(each.is_enough for each in found.values) > 1:
            said.append(self.tr("No value differs from the rest by more than chance."))
        if any(not each.is_enough for each in found.values):
            said.append(self.tr("Grey: below {n} rows.").format(n=ENOUGH))
        if found.without:
            text = counted(
                found.without, marked("1 row has no such column."), marked("{n} rows have no such column.")
            )
            said.append(text.format(n=formats.number(found.without)))
        self.words.setText(joined(*said))

    def retranslate(self) -> None:
        self.set_title(self.tr("By column"))
        self.column.setAccessibleName(self.tr("Column"))
        self.view.setAccessibleName(self.tr("By column"))
        self.model.retranslate()
        self._write()
