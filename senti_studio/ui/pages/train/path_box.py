"""A line for the path of a file, with a button that chooses one."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget


class PathBox(QWidget):
    """`path` may be typed or chosen; `changed` after either."""

    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.line = QLineEdit(self)
        self.line.textChanged.connect(self.changed)
        self.choose = QPushButton(self)
        self.choose.clicked.connect(self._choose)
        self.setFocusProxy(self.line)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.choose)

    @property
    def path(self) -> str:
        return self.line.text().strip()

    def set_path(self, path: str) -> None:
        if path != self.path:  # the place of the cursor goes with it
            self.line.setText(path)

    @Slot()
    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self._title, self.path)
        if path:
            self.set_path(path)

    def retranslate(self) -> None:
        self.choose.setText(self.tr("Choose…"))
        self.line.setPlaceholderText(self.tr("no file"))
        self.line.setAccessibleName(self._title)

    @property
    def _title(self) -> str:
        return self.tr("File of word vectors")
