"""One label of the Labels dialog: its place, look, name, key, and what can be done with it."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QIcon, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QMenu, QWidget

from senti_studio.domain.labels import APPEARANCES, Label
from senti_studio.ui import formats
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.i18n import marked as m
from senti_studio.ui.icons import pixmap
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import Button, button
from senti_studio.ui.widgets.keycap import KeyCap
from senti_studio.ui.widgets.marks import paint_mark
from senti_studio.ui.widgets.styles import text_label

LOOK_NAMES = {
    "pos": m("Blue triangle"),
    "neu": m("Grey circle"),
    "neg": m("Orange triangle, pointing down"),
    "purple": m("Purple diamond"),
    "brown": m("Yellow-brown square"),
    "sky": m("Light blue pentagon"),
    "outline-up": m("Blue outlined triangle"),
    "outline-down": m("Orange outlined triangle, pointing down"),
    "outline-diamond": m("Purple outlined diamond"),
    "star": m("Yellow-brown star"),
    "right": m("Purple triangle, pointing right"),
    "left": m("Light blue triangle, pointing left"),
    "outline-circle": m("Grey ring"),
    "outline-square": m("Yellow-brown outlined square"),
    "outline-pentagon": m("Light blue outlined pentagon"),
    "outline-star": m("Yellow-brown outlined star"),
    "outline-right": m("Purple outlined triangle, pointing right"),
    "outline-left": m("Light blue outlined triangle, pointing left"),
}


def mark_icon(look: str, theme: Theme, *, size: int = 16, scale: float = 1.0) -> QIcon:
    """The mark of a label look as an icon."""
    picture = QPixmap(QSize(round(size * scale), round(size * scale)))
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_mark(painter, QRectF(2, 2, size - 4, size - 4), look, theme)
    painter.end()
    return QIcon(picture)


class Grip(QLabel):
    """Dragged up or down to another place; sends where it was let go."""

    dragged = Signal(QPoint)
    dropped = Signal(QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPixmap(pixmap("grip", theme, token="text3", scale=self.devicePixelRatioF()))
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip(tr("Drag to another place"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.dragged.emit(event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.dropped.emit(event.globalPosition().toPoint())


class LabelRow(QFrame):
    """Tells what the user wants; shows what is stored."""

    changed = Signal(object)
    """The label with its new name, key or look."""
    move_wanted = Signal(int, int)
    """Id, and by how many places."""
    merge_wanted = Signal(int, int)
    remove_wanted = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.label = self._told = Label("", "")
        self._others: tuple[Label, ...] = ()
        self.grip = Grip(theme)
        self.keycap = KeyCap("1", theme)
        self.look = button(theme=theme, name=tr("Colour and shape"))
        self.name = QLineEdit()
        self.name.setMaxLength(60)
        self.name.setAccessibleName(tr("Name"))
        self.key = QLineEdit()
        self.key.setMaxLength(40)
        self.key.setFixedWidth(88)
        self.key.setAccessibleName(tr("Key in files"))
        self.count = text_label(role="second", size="small")
        self.count.setMinimumWidth(88)
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.up = self._small("up", tr("Move up"))
        self.down = self._small("down", tr("Move down"))
        self.more = self._small("more", tr("Merge or remove"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(8)
        for widget in (self.grip, self.keycap, self.look):
            layout.addWidget(widget)
        layout.addWidget(self.name, 1)
        for other in (self.key, self.count, self.up, self.down, self.more):
            layout.addWidget(other)
        for made in (self.look, self.up, self.down, self.more):
            made.setAutoDefault(False)  # Return ends typing a name
        self.name.editingFinished.connect(self._renamed)
        # Ctrl+Z is then the dialog's again, not that of the field.
        self.name.returnPressed.connect(self.name.clearFocus)
        self.key.returnPressed.connect(self.key.clearFocus)
        self.key.editingFinished.connect(self._renamed)
        self.up.clicked.connect(lambda: self.move_wanted.emit(self.label.id, -1))
        self.down.clicked.connect(lambda: self.move_wanted.emit(self.label.id, 1))
        self.look.setMenu(self._look_menu())
        self.menu = QMenu(self)
        self.merge_menu = QMenu(self)
        self.more.clicked.connect(self._open_menu)

    def _small(self, icon: str, name: str) -> Button:
        made = button(theme=self._theme, kind="quiet", icon=icon, name=name)
        made.set_dense()
        return made

    def _look_menu(self) -> QMenu:
        menu = QMenu(self.look)
        for look in APPEARANCES:
            action = QAction(
                mark_icon(look, self._theme, scale=self.devicePixelRatioF()), tr(LOOK_NAMES[look]), menu
            )
            action.triggered.connect(lambda _=False, chosen=look: self._choose_look(chosen))
            menu.addAction(action)
        return menu

    def show_label(self, label: Label, place: int, others: tuple[Label, ...], count: int) -> None:
        """Fills the row; what is being typed into a field that has the focus stays."""
        self._others = others
        is_same = label.id == self.label.id
        self.label = self._told = label
        self.keycap.set_text(str(place + 1) if place < 9 else (f"⇧{place - 8}" if place < 18 else ""))
        self.look.setIcon(mark_icon(label.appearance, self._theme, scale=self.devicePixelRatioF()))
        self.look.setToolTip(tr(LOOK_NAMES.get(label.appearance, "Grey circle")))
        for field, text in ((self.name, label.name), (self.key, label.key)):
            is_typing = is_same and field.hasFocus() and field.isModified()
            if not is_typing and field.text() != text:
                field.setText(text)
        words = counted(count, marked("1 comment"), marked("{n} comments"))
        self.count.setText(words.format(n=formats.number(count)))
        self.up.setEnabled(place > 0)
        self.down.setEnabled(place < len(others))
        self.setAccessibleName(label.name)

    def put_back(self) -> None:
        """Shows the stored name and key again."""
        self._told = self.label
        self.name.setText(self.label.name)
        self.key.setText(self.label.key)

    @Slot()
    def _renamed(self) -> None:
        wanted = dataclasses.replace(self.label, name=self.name.text().strip(), key=self.key.text().strip())
        self.name.setModified(False)
        self.key.setModified(False)
        if wanted not in (self.label, self._told):
            self._told = wanted
            self.changed.emit(wanted)

    def _choose_look(self, look: str) -> None:
        if look != self.label.appearance:
            self.changed.emit(dataclasses.replace(self.label, appearance=look))

    @Slot()
    def _open_menu(self) -> None:
        self.fill_menu()
        self.menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def fill_menu(self) -> None:
        """Merge and remove, for the label of the moment."""
        menu = self.menu
        menu.clear()
        self.merge_menu = menu.addMenu(tr("Merge into"))
        self.merge_menu.setEnabled(bool(self._others))
        for other in self._others:
            icon = mark_icon(other.appearance, self._theme, scale=self.devicePixelRatioF())
            action = self.merge_menu.addAction(icon, other.name)
            action.triggered.connect(
                lambda _=False, into=other.id: self.merge_wanted.emit(self.label.id, into)
            )
        remove = menu.addAction(tr("Remove (annotations are kept)"))
        remove.setEnabled(bool(self._others))
        remove.triggered.connect(lambda: self.remove_wanted.emit(self.label.id))
