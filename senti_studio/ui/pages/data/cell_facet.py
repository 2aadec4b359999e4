"""Choosing by an original column: which column, how it is compared, with what."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from senti_studio.domain.comments import CellCondition, Match
from senti_studio.ui.i18n import tr
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button


class CellFacet(QWidget):
    """`added` carries a `CellCondition` on Enter or a click on +."""

    added = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column, self.match, self.value = QComboBox(), QComboBox(), QLineEdit()
        self.column.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.column.setMinimumContentsLength(4)
        for field in (self.column, self.match):
            field.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.value.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.add = button(theme=theme, icon="plus")
        self.add.set_dense()
        self.add.clicked.connect(self._add)
        self.value.returnPressed.connect(self._add)
        self.match.currentIndexChanged.connect(self._enable)
        self.value.textChanged.connect(self._enable)
        first, second = QHBoxLayout(), QHBoxLayout()
        first.setSpacing(6)
        second.setSpacing(6)
        first.addWidget(self.column, 3)
        first.addWidget(self.match, 2)
        second.addWidget(self.value, 1)
        second.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 4)
        column.setSpacing(6)
        column.addLayout(first)
        column.addLayout(second)

    def retranslate(self) -> None:
        place = max(0, self.match.currentIndex())
        self.match.blockSignals(True)
        self.match.clear()
        self.match.addItem(tr("contains"), Match.CONTAINS)
        self.match.addItem(tr("is"), Match.EQUALS)
        self.match.setCurrentIndex(place)
        self.match.blockSignals(False)
        self.column.setAccessibleName(tr("Original column"))
        self.match.setAccessibleName(tr("How it is compared"))
        self.value.setAccessibleName(tr("Value"))
        self.value.setPlaceholderText(tr("Value"))
        self.add.setAccessibleName(tr("Add condition"))
        self.add.setToolTip(tr("Add condition"))
        self._enable()

    def set_columns(self, names: Sequence[str]) -> None:
        """The original columns of all sources."""
        if [self.column.itemText(place) for place in range(self.column.count())] != list(names):
            chosen = self.column.currentText()
            self.column.clear()
            self.column.addItems(list(names))
            self.column.setCurrentIndex(max(0, self.column.findText(chosen)))
        self._enable()

    @Slot()
    def _enable(self) -> None:
        # an empty value asks for empty cells; that some cell contains nothing says nothing
        says = bool(self.value.text()) or self.match.currentData() == Match.EQUALS
        self.add.setEnabled(says and self.column.count() > 0)

    @Slot()
    def _add(self) -> None:
        if self.add.isEnabled():
            match = Match(self.match.currentData())
            condition = CellCondition(self.column.currentText(), match, self.value.text())
            self.value.clear()
            self.added.emit(condition)
