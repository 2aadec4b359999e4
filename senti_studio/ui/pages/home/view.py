"""The home page: go on within one click, and the whole road for a newcomer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.icons import pixmap
from senti_studio.ui.pages.home.presenter import HomePresenter, RecentRow
from senti_studio.ui.pages.home.recent_table import RecentTable
from senti_studio.ui.pages.home.steps import SidePanel
from senti_studio.ui.pages.home.tile import Tile
from senti_studio.ui.pages.page import Page
from senti_studio.ui.widgets.empty_state import EmptyState
from senti_studio.ui.widgets.search_field import SearchField
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

MOST_WIDTH = 936
NARROW_BELOW = 990


class HomePage(Page):
    """Tiles, recent projects, the five steps, this computer."""

    name = "home"
    icon_name = "home"

    open_wanted = Signal(object, str)
    """Project folder, page to show ("" = where it was left)."""
    find_wanted = Signal(object)
    """A `RecentRow` whose project is not where it was."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._was_painted = False
        self.presenter = HomePresenter(self)
        self.presenter.rows_changed.connect(self._show_rows)
        self.header.hide()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self._left(), 1)
        self.side = SidePanel(context)
        self._row.addWidget(self.side)
        self.body.addLayout(self._row, 1)
        self.side.language_chosen.connect(self._set_language)
        self.side.theme_chosen.connect(self._set_theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the steps come below the projects."""
        super().resizeEvent(event)
        is_narrow = self.width() < NARROW_BELOW
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._row.setDirection(down if is_narrow else across)
        self.side.set_wide(is_narrow)

    def _left(self) -> QWidget:
        left = QWidget()
        left.setMaximumWidth(MOST_WIDTH)
        column = QVBoxLayout(left)
        column.setContentsMargins(48, 40, 40, 24)
        column.setSpacing(0)
        self._title = text_label(size="hero", wrap=True)
        self._promise = text_label(size="list", role="second", wrap=True)
        column.addWidget(self._title)
        column.addSpacing(2)
        column.addWidget(self._promise)
        column.addSpacing(20)
        column.addLayout(self._tiles())
        column.addSpacing(32)
        column.addWidget(self._recent_head())
        column.addSpacing(12)
        column.addWidget(self._recent_card())
        self.empty = self._empty()
        column.addWidget(self.empty, 1)
        column.addSpacing(14)
        column.addLayout(self._hint_row())
        column.addStretch(1)
        shell = QWidget()
        row = QHBoxLayout(shell)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(left, 1)
        row.addStretch(0)
        return shell

    def _tiles(self) -> QHBoxLayout:
        theme, actions = self.context.theme, self.context.actions
        self.tiles = {
            "file.new": Tile("plus", theme=theme, key=actions.key("file.new"), primary=True),
            "file.open": Tile("folder", theme=theme, key=actions.key("file.open")),
            "file.sample": Tile("spark", theme=theme),
            "file.restore": Tile("refresh", theme=theme),
        }
        row = QHBoxLayout()
        row.setSpacing(12)
        for name, tile in self.tiles.items():
            tile.clicked.connect(actions.action(name).trigger)
            row.addWidget(tile, 1)
        actions.keys_changed.connect(self._show_keys)
        return row

    @Slot()
    def _show_keys(self) -> None:
        for name in ("file.new", "file.open"):
            self.tiles[name].set_key(self.context.actions.key(name))

    def _recent_head(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        self._recent_title = text_label(size="label", bold=True)
        self.search = SearchField(theme=self.context.theme)
        row.addWidget(self._recent_title)
        row.addStretch(1)
        row.addWidget(self.search)
        self._head = box
        return box

    def _recent_card(self) -> QWidget:
        card = QFrame()
        card.setProperty("card", "true")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(1, 1, 1, 1)
        self.table = RecentTable(self.context.theme)
        self.table.activated_row.connect(self._open_row)
        self.table.menu_wanted.connect(self._show_menu)
        self.search.textChanged.connect(self.table.recent.set_filter)
        layout.addWidget(self.table)
        self._card = card
        card.hide()
        self._head.hide()
        return card

    def _empty(self) -> EmptyState:
        actions = self.context.actions
        empty = EmptyState(
            "file",
            primary=("", actions.action("file.sample").trigger),
            secondary=("", actions.action("file.new").trigger),
            theme=self.context.theme,
        )
        empty.hide()
        return empty

    def _hint_row(self) -> QHBoxLayout:
        self._hint_picture = QLabel()
        self._hint = text_label(role="hint", size="small", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._hint_picture)
        row.addWidget(self._hint, 1)
        return row

    # -- page ----------------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        self._title.setText(self.tr("Turn comments into sentiment data you can use"))
        self._promise.setText(
            self.tr("Everything happens on this computer: no upload, no account, no internet needed.")
        )
        words = {
            "file.new": (self.tr("New project"), self.tr("From your files")),
            "file.open": (self.tr("Open project…"), self.tr("A .senti folder")),
            "file.sample": (self.tr("Try it with samples"), self.tr("All steps in 3 minutes")),
            "file.restore": (self.tr("Restore a backup…"), self.tr("Comments and labels")),
        }
        for name, (title, sub) in words.items():
            self.tiles[name].set_texts(title, sub)
        self._recent_title.setText(self.tr("Recent projects"))
        self.table.setAccessibleName(self._recent_title.text())
        self.search.set_hint(self.tr("Find by name"))
        self.empty.set_texts(
            self.tr("No projects yet"),
            self.tr("Start with your own comments, or look around in a project of sample comments."),
            self.tr("Try with sample comments"),
            self.tr("New project…"),
        )
        self._hint.setText(
            self.tr(
                "You can also drop files or a .senti folder into this window. "
                "The sample comments are invented; deleting their project harms nothing else."
            )
        )
        self.side.retranslate()
        self.refresh_theme()
        self._show_status()

    def refresh_theme(self) -> None:
        ratio = self.devicePixelRatioF()
        self._hint_picture.setPixmap(pixmap("info", self.context.theme, token="text3", size=16, scale=ratio))
        self.side.show_choices()

    def open_project(self, project: Project | None) -> None:
        self._show_status()
        self._refresh()

    def on_shown(self, argument: object = None) -> None:
        self._show_status()
        self._refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self.presenter.refresh)

    def _refresh(self) -> None:
        """Never before the first paint: reading the list imports the storage."""
        if self._was_painted:
            self.presenter.refresh()

    def _show_status(self) -> None:
        project = self.context.session.project
        if project is None:
            self.status_changed.emit(self.tr("No project open"))
        else:
            self.status_changed.emit(self.tr("Open: {name}").format(name=project.name))

    # -- recent projects -----------------------------------------------------------------------------------

    @Slot(list)
    def _show_rows(self, rows: list[RecentRow]) -> None:
        self.table.recent.show_rows(rows)
        self._card.setVisible(bool(rows))
        self._head.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        if rows and self.hasFocus():
            # The first project looks chosen: Enter opens it.
            self.table.setFocus()

    @Slot(object)
    def _open_row(self, row: RecentRow) -> None:
        if row.is_missing:
            self.find_wanted.emit(row)
        elif row.is_interrupted:
            self.open_wanted.emit(row.folder, "train")
        else:
            self.open_wanted.emit(row.folder, "")

    @Slot(object, QPoint)
    def _show_menu(self, row: RecentRow, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        place = menu.addAction(self.tr("Show in folder"))
        place.setEnabled(not row.is_missing)
        url = QUrl.fromLocalFile(str(row.folder.parent))
        place.triggered.connect(lambda: QDesktopServices.openUrl(url))
        menu.addAction(self.tr("Remove from this list (files stay)")).triggered.connect(
            lambda: self.presenter.forget(row)
        )
        menu.popup(at)

    # -- language, theme ----------------------------------------------------------------------------------

    @Slot(str)
    def _set_language(self, choice: str) -> None:
        self.context.settings.language = choice

    @Slot(str)
    def _set_theme(self, choice: str) -> None:
        self.context.settings.theme = choice
