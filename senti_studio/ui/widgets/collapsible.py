"""A header that folds what is below it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.icons import icon
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.styles import text_label


class Collapsible(QWidget):
    """``body`` below a header with title and, while folded, a summary at its right end."""

    toggled = Signal(bool)

    def __init__(
        self, title: str = "", summary: str = "", *, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._head = QToolButton()
        self._head.setCheckable(True)
        self._head.setFont(font("ui"))
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._head.setIconSize(QSize(14, 14))
        self._head.toggled.connect(self._unfold)
        self.summary = text_label(summary, role="hint", size="small")
        row = QHBoxLayout()
        row.setContentsMargins(8, 6, 16, 6)
        row.addWidget(self._head)
        row.addStretch(1)
        row.addWidget(self.summary)
        self._inner = QWidget()
        self.body = QVBoxLayout(self._inner)
        self.body.setContentsMargins(16, 0, 16, 12)
        self.body.setSpacing(8)
        self._inner.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(self._inner)
        theme.changed.connect(self._tint)
        self.set_title(title)
        self._tint()

    @property
    def is_open(self) -> bool:
        return self._head.isChecked()

    def set_open(self, on: bool) -> None:
        self._head.setChecked(on)

    def set_title(self, title: str) -> None:
        self._head.setText(title)
        self._head.setAccessibleName(title)

    def set_summary(self, summary: str) -> None:
        self.summary.setText(summary)

    @Slot(bool)
    def _unfold(self, on: bool) -> None:
        self._inner.setVisible(on)
        self.summary.setVisible(not on)
        self._tint()
        self.toggled.emit(on)

    @Slot()
    def _tint(self) -> None:
        self._head.setIcon(icon("down" if self.is_open else "right", self._theme, size=14))
