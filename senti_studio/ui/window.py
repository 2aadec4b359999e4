"""The main window: menu bar, rail, pages, status bar. What it does with projects is in `lifecycle`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent, QScreen, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenuBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from senti_studio.ui.context import UiContext, make_context
from senti_studio.ui.i18n import Language, tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.lifecycle import Lifecycle
from senti_studio.ui.page_frame import PageFrame
from senti_studio.ui.pages import PAGES, RAIL, page_class
from senti_studio.ui.pages.label.queue_view import REVIEW_TABS, View
from senti_studio.ui.pages.page import Page
from senti_studio.ui.placing import first_on, placed, smallest_on
from senti_studio.ui.quiet_collector import leave_alone
from senti_studio.ui.rail import Rail
from senti_studio.ui.save_state import SaveState
from senti_studio.ui.settings import Settings
from senti_studio.ui.status_line import StatusLine
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.banner import Banner
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


class MainWindow(QMainWindow):
    """Pages are made when they are first shown. `closed` is sent when the window really goes."""

    first_painted = Signal()
    closed = Signal()

    def __init__(self, *, settings: Settings, theme: Theme, language: Language) -> None:
        super().__init__()
        self.setWindowTitle("Senti Studio")
        self._was_painted = False
        self._fit_screen(self.screen())
        self.setAcceptDrops(True)
        self.stack = QStackedWidget()
        self.context: UiContext = make_context(self, settings=settings, theme=theme, toast_host=self.stack)
        self.language = language
        self.pages: dict[str, Page] = {}
        self._frames: dict[str, PageFrame] = {}
        self.current = ""
        self._data_side = "data"
        """Which of the two pages behind one item of the rail was shown last."""
        self._status: dict[str, str] = {}
        self._build()
        self.lifecycle = Lifecycle(self)
        for name in RAIL:
            self.context.actions.bind(f"view.{name}", partial(self.choose, name))
        self.context.actions.bind("view.full_screen", self._toggle_full_screen)
        for tab in REVIEW_TABS:
            self.context.actions.bind(f"label.{tab}", partial(self.go_to, "label", View(tab=tab)))
        self.context.session.project_changed.connect(self._project_changed)
        self._project_changed(None)
        self._restore()
        self._retranslate()
        self.go_to("home")

    def _build(self) -> None:
        theme, actions = self.context.theme, self.context.actions
        self.setMenuWidget(self._menu_strip())
        self.rail = Rail(theme, actions)
        self.rail.chosen.connect(self.choose)
        body = QWidget()
        layout = QHBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.rail)
        self.place_banner = Banner(theme=theme)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.place_banner)
        column.addWidget(self.stack, 1)
        layout.addLayout(column, 1)
        self.setCentralWidget(body)
        self.status = StatusLine(self.context)
        self.setStatusBar(self.status)
        theme.changed.connect(self._refresh_theme)
        self._refresh_theme()

    def _menu_strip(self) -> QFrame:
        """Logo, menus, then project name and save state: one row of 36 px."""
        strip = QFrame()
        strip.setObjectName("menuStrip")
        strip.setFixedHeight(36)
        self._logo_picture = QLabel()
        self.menu_bar = QMenuBar()
        self.menu_bar.setNativeMenuBar(False)
        self.context.actions.fill(self.menu_bar)
        self.save_state = SaveState(self.context)
        row = QHBoxLayout(strip)
        row.setContentsMargins(18, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._logo_picture)
        row.addWidget(text_label("Senti Studio", bold=True))
        row.addSpacing(12)
        row.addWidget(self.menu_bar, 1)
        row.addWidget(self.save_state)
        return strip

    # -- pages --------------------------------------------------------------------------------

    @Slot(str)
    def choose(self, name: str) -> None:
        """What the rail and the keys do: an import that was left in the middle comes before the table of
        comments, once; from the import itself one gets to the table."""
        is_back = name == "data" and self.current != "import" and self._is_import_left
        page = self.pages.get(self.current)
        argument = page.handed_on(name) if page is not None else None
        self.go_to("import" if is_back else name, argument)

    @property
    def _is_import_left(self) -> bool:
        page = self.pages.get("import")
        return page is not None and page.is_unfinished and self._data_side == "import"

    @Slot(str, object)
    def go_to(self, name: str, argument: object = None) -> None:
        """Shows a page; without a project only home and import can be shown."""
        if name not in PAGES or (self.context.session.project is None and name not in ("home", "import")):
            return
        page = self.pages.get(name) or self._make(name)
        if page is None:
            return
        old = self.pages.get(self.current)
        if old is not None and old is not page:
            old.on_hidden()
        self.current = name
        self._data_side = name if name in ("data", "import") else self._data_side
        self.stack.setCurrentWidget(self._frames[name])
        self.rail.set_page(name)
        self.context.actions.set_page(name)
        self.status.show_text(self._status.get(name, ""))
        page.setFocus()
        self._guard(lambda: page.on_shown(argument))
        self._allow_data()

    def _make(self, name: str) -> Page | None:
        try:
            page = page_class(name)(self.context)
        except Exception as error:  # noqa: BLE001 - a page that cannot be made must not take the window along
            self.context.dialogs.error(error)
            self.rail.set_page(self.current)
            return None
        self.pages[name] = page
        page.go_to.connect(self.go_to)
        page.status_changed.connect(lambda text, which=name: self._show_status(which, text))
        self._frames[name] = PageFrame(page)
        self.stack.addWidget(self._frames[name])
        self.lifecycle.adopt(page)
        self._guard(lambda: page.set_up(self.context.session.project))
        leave_alone()
        return page

    def _allow_data(self) -> None:
        """Without a project its item leads back to the import that will make one."""
        is_open = self.context.session.project is not None or self._is_import_left
        self.rail.items["data"].setEnabled(is_open)
        self.context.actions.set_enabled("view.data", is_open)

    def _guard(self, work: Callable[[], None]) -> None:
        # A project that cannot be read any more (damaged, its drive gone) is told in a sentence.
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the boundary: the error is shown
            self.context.dialogs.error(error)

    def _show_status(self, name: str, text: str) -> None:
        self._status[name] = text
        if name == self.current:
            self.status.show_text(text)

    @Slot(object)
    def _project_changed(self, project: Project | None) -> None:
        self.rail.set_project_open(project is not None)
        for name in RAIL:
            if name != "home":
                self.context.actions.set_enabled(f"view.{name}", project is not None)
        for tab in REVIEW_TABS:
            self.context.actions.set_enabled(f"label.{tab}", project is not None)
        for page in self.pages.values():
            self._guard(partial(page.open_project, project))
        if project is None and self.current not in ("", "home"):
            self.go_to("home")
        self.setWindowTitle(f"{project.name} – Senti Studio" if project is not None else "Senti Studio")

    # -- window --------------------------------------------------------------------------------

    def _restore(self) -> None:
        geometry = self.context.settings.bytes_value("window_geometry")
        if geometry.isEmpty() or not self.restoreGeometry(geometry):
            self.resize(first_on(self.screen().availableGeometry()))
        elif not self.windowState():
            # It may come from a larger screen, or from one that is no longer there.
            self._fit_screen(self.screen())
            self.setGeometry(placed(self.geometry(), self.screen().availableGeometry()))

    @Slot(QScreen)
    def _fit_screen(self, screen: QScreen) -> None:
        """The window must not ask for more than its screen has; pages scroll in what is left."""
        self.setMinimumSize(smallest_on(screen.availableGeometry()))

    @Slot()
    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    @Slot()
    def _refresh_theme(self) -> None:
        scale = self.devicePixelRatioF()
        self._logo_picture.setPixmap(pixmap("logo", self.context.theme, size=20, scale=scale))

    def _retranslate(self) -> None:
        self.context.actions.retranslate()
        self.rail.retranslate()
        self.save_state.retranslate()
        self.status.retranslate()
        self.menu_bar.setAccessibleName(tr("Menu"))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange and hasattr(self, "lifecycle"):
            self._retranslate()
            self.lifecycle.retranslate()
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Files may be dropped anywhere; pages that take them themselves come first."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        self.lifecycle.take_files(paths)
        event.acceptProposedAction()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.windowHandle().screenChanged.connect(self._fit_screen, Qt.ConnectionType.UniqueConnection)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            # Comes after the whole window is painted, children included.
            QTimer.singleShot(0, self, self.first_painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.lifecycle.may_close():
            event.ignore()
            return
        self.context.settings.set_value("window_geometry", self.saveGeometry())
        self.context.settings.save()
        page = self.pages.get(self.current)
        if page is not None:
            page.on_hidden()
        self.hide()  # nobody has to watch how helpers leave
        self.lifecycle.shut_down()
        event.accept()
        self.closed.emit()
