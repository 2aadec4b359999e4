"""The figures that a whole page is about, in its header."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from senti_studio.ui.widgets.styles import text_label


class KeyNumber(QWidget):
    """Grey name, big number, grey interval."""

    def __init__(self) -> None:
        super().__init__()
        self._name = text_label(role="hint", size="small")
        self._value = text_label(size="title", bold=True)
        self._interval = text_label(role="hint", size="small")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for label in (self._name, self._value, self._interval):
            row.addWidget(label, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_number(self, name: str, value: str, interval: str) -> None:
        self._name.setText(name)
        self._value.setText(value)
        self._interval.setText(interval)
        self.setAccessibleName(f"{name} {value} {interval}".strip())
        self.setToolTip(f"{name} {value} {interval}".strip())

    def show_interval(self, on: bool) -> None:
        self._interval.setVisible(on)
