"""The filter beside the table, or, where the window is too narrow for both, over it behind a button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QBoxLayout, QWidget

from senti_studio.ui.widgets.buttons import Button

PANEL_FROM = 980
"""Width of the page from which the panel has its own place."""


class PanelFold(QObject):
    """`closed` when the user has put the panel away again."""

    closed = Signal()

    def __init__(self, panel: QWidget, opener: Button, columns: QBoxLayout, work: QWidget) -> None:
        """``columns``: where the panel stands first, directly above the bottom of ``work``."""
        super().__init__(work)
        self._panel, self._opener, self._columns, self._work = panel, opener, columns, work
        self.is_folded = False
        opener.setCheckable(True)
        opener.hide()
        opener.toggled.connect(self._open)
        self._leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), panel)
        self._leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._leave.setEnabled(False)
        self._leave.activated.connect(self._close)
        work.installEventFilter(self)

    def fit(self, width: int) -> None:
        """The page is so wide now."""
        fold = width < PANEL_FROM
        if fold == self.is_folded:
            return
        self.is_folded = fold
        self._leave.setEnabled(fold)
        self._opener.setVisible(fold)
        self._opener.setChecked(False)
        if fold:
            self._columns.removeWidget(self._panel)
        else:
            self._columns.insertWidget(0, self._panel)
        self._panel.setVisible(not fold)

    @Slot(bool)
    def _open(self, on: bool) -> None:
        if not self.is_folded:
            return
        self._panel.setVisible(on)
        if on:
            self._place()
            self._panel.raise_()

    @Slot()
    def _close(self) -> None:
        self._opener.setChecked(False)
        self.closed.emit()

    def _place(self) -> None:
        top = self._columns.geometry().top()
        self._panel.setGeometry(0, top, self._panel.width(), self._work.height() - top)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.is_folded and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        return False
