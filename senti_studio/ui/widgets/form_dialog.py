"""What small dialogs with a form have in common: they belong to one window, and end with a row of buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget


class FormDialog(QDialog):
    """Of a fixed width, as high as what it says; gone when it is closed."""

    def __init__(self, parent: QWidget, *, name: str, width: int) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setFixedWidth(width)

    def column(self, *first: QWidget) -> QVBoxLayout:
        """Its layout, with ``first`` on top."""
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        for each in first:
            column.addWidget(each)
        return column

    def fit(self) -> None:
        """Becomes as high as its sentences are at its width, which they ask for in vain of a window."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def button_row(self, buttons: Sequence[QPushButton]) -> QHBoxLayout:
        """At the right edge, each of which the keyboard reaches."""
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for each in buttons:
            each.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            row.addWidget(each)
        return row
