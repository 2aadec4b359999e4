"""The preview: decoded rows, and above each column a combo that says what the column is used for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from senti_studio.ui.fonts import font
from senti_studio.ui.models.preview_table import PreviewTable
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.styles import set_style

_STRIP_HEIGHT = 40
_ROW_HEIGHT = 32
_NARROW, _WIDE = 72, 338
_BOX_EDGES = 56
"""Margins of the column, padding and arrow of a use box."""


class PreviewGrid(QWidget):
    """The combos are made for the columns in view only: a file may have hundreds of columns."""

    use_chosen = Signal(int, str)

    def __init__(self, theme: Theme, uses: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._uses = tuple(uses)
        self._titles: dict[str, str] = {use: use for use in uses}
        self._chosen: list[str] = []
        self._combos: dict[int, QComboBox] = {}
        self._missing_text = False
        self.table = PreviewTable(theme, self)
        self.strip = QFrame(self)
        self.strip.setObjectName("useStrip")
        self.strip.setFixedHeight(max(_STRIP_HEIGHT, self.fontMetrics().height() + 20))
        self._corner = QLabel(self.strip)
        self._corner.setProperty("role", "hint")
        self.view = _Grid(self.table, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.strip)
        layout.addWidget(self.view, 1)
        header = self.view.horizontalHeader()
        header.sectionResized.connect(self._place_combos)
        header.geometriesChanged.connect(self._place_combos)
        self.view.horizontalScrollBar().valueChanged.connect(self._place_combos)
        self.strip.installEventFilter(self)

    def set_titles(self, titles: dict[str, str]) -> None:
        """The word of each use, in the language of the moment."""
        self._titles = dict(titles)
        for combo in self._combos.values():
            for position, use in enumerate(self._uses):
                combo.setItemText(position, titles[use])

    def show_rows(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        lines: Sequence[int],
        ragged: Sequence[int],
    ) -> None:
        """Rebuilds the grid; column widths follow the contents of the first rows."""
        same = tuple(columns) == self.columns and bool(self._combos)
        self.table.show(columns, rows, lines, ragged=ragged)
        self.columns = tuple(columns)
        if not same:
            for combo in self._combos.values():
                combo.hide()
                combo.deleteLater()
            self._combos.clear()
            self._set_widths(columns, rows)
        QTimer.singleShot(0, self, self._place_combos)

    columns: tuple[str, ...] = ()

    def show_uses(self, chosen: Sequence[str]) -> None:
        """One use per column; the first of ``uses`` is the text, and the grid marks its column."""
        self._chosen = list(chosen)
        text = self._uses[0]
        self._missing_text = text not in self._chosen
        self.table.set_text_column(None if self._missing_text else self._chosen.index(text))
        for column, use in enumerate(self._chosen):
            if self.view.columnWidth(column) < self._room_for(use):
                self.view.setColumnWidth(column, self._room_for(use))
        for column, combo in self._combos.items():
            self._fill(combo, column)
        self._place_combos()

    def go_to_line(self, line: int) -> bool:
        """Selects the row that starts on this line; False where the preview does not reach it."""
        for row in range(self.table.rowCount()):
            last = self.table.line(row + 1) if row + 1 < self.table.rowCount() else self.table.line(row) + 1
            if self.table.line(row) <= line < last:
                index = self.table.index(row, max(0, self.view.currentIndex().column()))
                self.view.setCurrentIndex(index)
                self.view.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
                return True
        return False

    def combo(self, column: int) -> QComboBox | None:
        """The combo above a column, if the column is in view."""
        return self._combos.get(column)

    def go_to_column(self, column: int) -> None:
        """Scrolls the column into view."""
        self.view.scrollTo(self.table.index(0, column), QAbstractItemView.ScrollHint.PositionAtCenter)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Places the combos when the strip changes its width."""
        if watched is self.strip and event.type() == QEvent.Type.Resize:
            self._place_combos()
        return False

    def _set_widths(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        metrics = self.view.fontMetrics()
        narrow = max(_NARROW, self._room_for(self._uses[-1]))
        for column, name in enumerate(columns):
            cells = [row[column][:60] for row in rows[:30] if column < len(row)]
            widest = max((metrics.horizontalAdvance(cell) for cell in cells), default=0)
            heading = metrics.horizontalAdvance(name[:24]) * 1.1
            self.view.setColumnWidth(column, int(min(_WIDE, max(narrow, widest + 24, heading + 24))))

    def _room_for(self, use: str) -> int:
        """The width that the box above a column needs for a word and its arrow."""
        return QFontMetrics(font("small")).horizontalAdvance(self._titles[use]) + _BOX_EDGES

    @Slot()
    def _place_combos(self) -> None:
        header = self.view.horizontalHeader()
        left = self.view.verticalHeader().width()
        self._corner.setGeometry(0, 0, left, self.strip.height())
        first, last = header.visualIndexAt(0), header.visualIndexAt(max(0, self.view.viewport().width() - 1))
        count = len(self.columns)
        if first < 0:
            return
        visible = range(first, (last if last >= 0 else count - 1) + 1)
        for column in visible:
            if column < count:
                self._show_combo(column, left, header)
        for column, combo in self._combos.items():
            if column not in visible:
                combo.hide()
        self._corner.raise_()

    def _show_combo(self, column: int, left: int, header: QHeaderView) -> None:
        combo = self._combos.get(column)
        if combo is None:
            combo = _UseCombo(self.strip)
            for use in self._uses:
                combo.addItem(self._titles[use], use)
            combo.view().setMinimumWidth(max(self._room_for(use) for use in self._uses))
            combo.setAccessibleName(self.columns[column])
            combo.setToolTip(self.columns[column])
            combo.activated.connect(lambda _index, at=column: self._choose(at))
            self._combos[column] = combo
            self._fill(combo, column)
        height = self.strip.height() - 10
        combo.setGeometry(
            left + header.sectionViewportPosition(column) + 4, 5, header.sectionSize(column) - 8, height
        )
        combo.setVisible(True)

    def _fill(self, combo: QComboBox, column: int) -> None:
        use = self._chosen[column] if column < len(self._chosen) else self._uses[-1]
        combo.setCurrentIndex(self._uses.index(use))
        kind = "chosen" if use != self._uses[-1] else "error" if self._missing_text else ""
        set_style(combo, "state", kind)

    def _choose(self, column: int) -> None:
        self.use_chosen.emit(column, str(self._combos[column].currentData()))


class _UseCombo(QComboBox):
    """Small, and deaf to the wheel: scrolling over the grid must not change the use of a column."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFont(font("small"))
        self.setProperty("dense", "true")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QEvent) -> None:
        event.ignore()


class _Grid(QTableView):
    """A table without grid lines of its own; Space shows the whole text of the cell."""

    def __init__(self, model: PreviewTable, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setObjectName("previewGrid")
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(max(_ROW_HEIGHT, self.fontMetrics().height() + 12))
        rows.setMinimumWidth(46)
        columns = self.horizontalHeader()
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        columns.setStretchLastSection(True)
        columns.setMinimumSectionSize(48)
        columns.setHighlightSections(False)
        columns.setFixedHeight(max(_ROW_HEIGHT, self.fontMetrics().height() + 12))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space opens the whole cell."""
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.show_whole_cell()
            return
        if event.text().isdigit():
            event.ignore()  # the page chooses an encoding with it
            return
        super().keyPressEvent(event)

    def show_whole_cell(self) -> QWidget:
        """A popup with the whole text of the current cell; Esc or a click beside it closes it."""
        index = self.currentIndex()
        popup = QPlainTextEdit(self._model.whole_text(index), self)
        popup.setReadOnly(True)
        popup.setWindowFlag(Qt.WindowType.Popup)
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        popup.resize(520, 260)
        place = self.visualRect(index).bottomLeft()
        popup.move(self.viewport().mapToGlobal(QPoint(max(0, place.x()), place.y())))
        popup.show()
        return popup
