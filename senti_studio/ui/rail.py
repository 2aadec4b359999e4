"""The navigation rail: one item a page, a dot where a job runs; settings and help at the bottom."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from senti_studio.ui.action_table import PAGE_TITLES
from senti_studio.ui.actions import ActionList
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.pages import RAIL, RAIL_ICONS
from senti_studio.ui.theme import Theme


class RailItem(QToolButton):
    """56 × 56: icon of 22 px, word below, the dot of a running job at the upper right."""

    def __init__(self, icon: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self._theme = theme
        self.has_dot = False
        self.setObjectName("railItem")
        self.setFixedSize(56, 56)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.changed.connect(self.update)

    def set_dot(self, on: bool) -> None:
        if on != self.has_dot:
            self.has_dot = on
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(56, 56)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        token = "accent-text" if chosen else ("text2" if self.isEnabled() else "disabled")
        ground = "accent-soft" if chosen else ("hover" if self.underMouse() and self.isEnabled() else "")
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour(ground))
            painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(17, 8, pixmap(self._icon_name, self._theme, token=token, size=22, scale=ratio))
        painter.setFont(font("small", bold=chosen))
        painter.setPen(self._theme.colour(token))
        painter.drawText(QRectF(0, 32, 56, 20), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.has_dot:
            painter.setPen(QPen(self._theme.colour("surface2"), 2))
            painter.setBrush(self._theme.colour("accent"))
            painter.drawEllipse(QRectF(38, 7, 9, 9))


class Rail(QFrame):
    """`chosen` carries the name of a page."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, actions: ActionList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self._actions = actions
        self.setFixedWidth(72)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 7, 8)
        layout.setSpacing(4)
        self._group = QButtonGroup(self)
        self.items: dict[str, RailItem] = {}
        for name in RAIL:
            item = RailItem(RAIL_ICONS[name], theme, self)
            item.setCheckable(True)
            item.clicked.connect(lambda _=False, page=name: self.chosen.emit(page))
            self._group.addButton(item)
            self.items[name] = item
            layout.addWidget(item)
            if name == "home":
                rule = QFrame()
                rule.setObjectName("railLine")
                rule.setFixedSize(40, 1)
                layout.addSpacing(4)
                layout.addWidget(rule, 0, Qt.AlignmentFlag.AlignHCenter)
                layout.addSpacing(4)
        layout.addStretch(1)
        self.settings = self._command("settings", theme, lambda: actions.action("edit.settings").trigger())
        self.help = self._command("help", theme, lambda: actions.action("help.keys").trigger())
        layout.addWidget(self.settings)
        layout.addWidget(self.help)
        actions.keys_changed.connect(self.retranslate)

    def _command(self, icon: str, theme: Theme, slot: Callable[[], object]) -> RailItem:
        item = RailItem(icon, theme, self)
        item.clicked.connect(lambda _=False: slot())
        return item

    def set_page(self, name: str) -> None:
        """Marks the item of the page in view; the import page belongs to Data."""
        item = self.items.get("data" if name == "import" else name)
        if item is not None:
            item.setChecked(True)

    def set_project_open(self, is_open: bool) -> None:
        for name, item in self.items.items():
            item.setEnabled(is_open or name == "home")

    def set_busy(self, pages: set[str]) -> None:
        """Draws the dot on the pages with a running job."""
        for name, item in self.items.items():
            item.set_dot(name in pages)
            title = tr(PAGE_TITLES[name])
            item.setAccessibleName(title + (" · " + tr("a job is running") if item.has_dot else ""))

    def retranslate(self) -> None:
        for name, item in self.items.items():
            item.setText(tr(PAGE_TITLES[name]))
            item.setAccessibleName(item.text())
            item.setToolTip(self._actions.tooltip(f"view.{name}"))
        self.settings.setText(tr("Settings"))
        self.settings.setToolTip(self._actions.tooltip("edit.settings"))
        self.help.setText(tr("Help"))
        self.help.setToolTip(self._actions.tooltip("help.keys"))
