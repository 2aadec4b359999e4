"""The focus ring: 2 px in the accent colour, 1 px away from what the style sheet cannot frame."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QMargins, QObject, QPoint, QRect, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QFrame, QWidget

from senti_studio.ui.theme import Theme

REACH = 3
"""How far the ring reaches out: 1 px of air and 2 px of line."""
_AROUND = QMargins(REACH, REACH, REACH, REACH)


class FocusRing(QWidget):
    """One ring a top-level window; it lies over the widget with the focus and lets every click through."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._theme = theme
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def follow(self, target: QWidget | None) -> None:
        """Puts the ring around ``target``; None takes it away."""
        for each in self._watched:
            if shiboken6.isValid(each):  # gone while the window that held it is being taken apart
                each.removeEventFilter(self)
        self._target = target
        self._watched = [] if target is None else [target, *self._holders(target)]
        for each in self._watched:
            each.installEventFilter(self)
        self._place()

    def _holders(self, target: QWidget) -> list[QWidget]:
        """What lies between it and the window: whoever scrolls moves one of these, not the target."""
        found: list[QWidget] = []
        holder = target.parentWidget()
        while holder is not None and holder is not self.parentWidget():
            found.append(holder)
            holder = holder.parentWidget()
        return found

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide):
            self._place()
        return False

    def _place(self) -> None:
        target, window = self._target, self.parentWidget()
        if target is None or window is None or not target.isVisible() or not window.isAncestorOf(target):
            self.hide()
            return
        place = QRect(target.mapTo(window, QPoint()), target.size())
        ring = place.marginsAdded(_AROUND)
        shown = ring
        for area in self._watched:
            if isinstance(area, QAbstractScrollArea) and area is not target:
                view = area.viewport()
                seen = QRect(view.mapTo(window, QPoint()), view.size())
                if not seen.intersects(place):
                    self.hide()
                    return
                shown = shown.intersected(seen.marginsAdded(_AROUND))
        self.setGeometry(ring)
        if shown == ring:
            self.clearMask()
        else:
            self.setMask(QRegion(shown.translated(-ring.topLeft())))
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
