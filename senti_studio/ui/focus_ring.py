"""The focus ring: 2 px in the accent colour, 1 px away from what the style sheet cannot frame."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QFrame, QWidget

from senti_studio.ui.theme import Theme

REACH = 3
"""How far the ring reaches out: 1 px of air and 2 px of line."""


class FocusRing(QWidget):
    """One ring a top-level window; it lies over the widget with the focus and lets every click through."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._theme = theme
        self._target: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def follow(self, target: QWidget | None) -> None:
        """Puts the ring around ``target``; None takes it away."""
        if self._target is not None:
            self._target.removeEventFilter(self)
        self._target = target
        if target is None:
            self.hide()
            return
        target.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide):
            self._place()
        return False

    def _place(self) -> None:
        target, window = self._target, self.parentWidget()
        if target is None or window is None or not target.isVisible() or not window.isAncestorOf(target):
            self.hide()
            return
        corner = target.mapTo(window, target.rect().topLeft())
        self.setGeometry(
            corner.x() - REACH, corner.y() - REACH, target.width() + 2 * REACH, target.height() + 2 * REACH
        )
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        danger = self._target is not None and self._target.property("kind") == "danger"
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("danger" if danger else "accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)


class FocusRings(QObject):
    """Watches where the focus goes and keeps one ring for each window."""

    def __init__(self, app: QApplication, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rings: dict[QWidget, FocusRing] = {}
        app.focusChanged.connect(self._moved)

    @Slot(QWidget, QWidget)
    def _moved(self, old: QWidget | None, new: QWidget | None) -> None:
        for ring in self._rings.values():
            ring.follow(None)
        if new is None or not _wants_ring(new):
            return
        window = new.window()
        if window not in self._rings:
            self._rings[window] = FocusRing(window, self._theme)
            window.destroyed.connect(lambda *_: self._rings.pop(window, None))
        self._rings[window].follow(new)


def _wants_ring(widget: QWidget) -> bool:
    """Fields, lists and combos change their border; buttons and cards get the ring."""
    if widget.property("focusRing") is not None:
        return bool(widget.property("focusRing"))
    is_card = isinstance(widget, QFrame) and widget.property("card") is not None
    return isinstance(widget, QAbstractButton) or is_card
