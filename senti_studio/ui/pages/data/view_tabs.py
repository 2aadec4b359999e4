"""Saved views as tabs: everything first, then what the user saved, then a way to save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QInputDialog, QMenu, QTabBar, QWidget

from senti_studio.domain.saved_views import SavedView
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import tr
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.styles import set_style


class ViewTabs(QFrame):
    """40 px. The first tab is all comments and stays."""

    chosen = Signal(object)
    """`SavedView`, None for all comments."""
    save_wanted = Signal(str)
    renamed = Signal(str, str)
    removed = Signal(str)
    replaced = Signal(str)
    """The view of this name is to become what is shown now."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pageHeader")
        self.setFixedHeight(41)
        self.views: tuple[SavedView, ...] = ()
        self._total = ""
        self._counts: dict[str, int] = {}
        self.bar = QTabBar()
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setUsesScrollButtons(True)
        self.bar.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.bar.addTab("")
        self.bar.tabBarClicked.connect(self._click)
        self.bar.currentChanged.connect(self._current)
        self.bar.customContextMenuRequested.connect(self._menu)
        self._quiet = False
        self.filter = button(theme=theme, icon="filter")
        self.filter.set_dense()
        self.filter.hide()
        self.save = button(theme=theme, kind="quiet", icon="plus")
        self.save.set_dense()
        self.save.clicked.connect(self.ask_name)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 1)
        row.setSpacing(8)
        row.addWidget(self.filter)
        row.addWidget(self.bar)
        row.addWidget(self.save)
        row.addStretch(1)

    def retranslate(self) -> None:
        self.filter.setText(tr("Filter"))
        self.filter.setToolTip(tr("Shows or hides the filter"))
        self.save.setText(tr("Save as view"))
        self.bar.setAccessibleName(tr("Saved views"))
        self.bar.setTabText(0, f"{tr('All')}  {self._total}")

    def show_total(self, total: int) -> None:
        self._total = number(total)
        self.bar.setTabText(0, f"{tr('All')}  {self._total}")

    def set_views(self, views: Sequence[SavedView], current: str | None = None) -> None:
        """The saved ones; ``current`` is the name of the one in view (None: all comments)."""
        self._quiet = True
        while self.bar.count() > 1:
            self.bar.removeTab(1)
        self.views = tuple(views)
        for place, view in enumerate(self.views, 1):
            self.bar.addTab(self._words(view.name))
            self.bar.setTabToolTip(place, view.name)
        names = [view.name for view in self.views]
        self.bar.setCurrentIndex(1 + names.index(current) if current in names else 0)
        self._quiet = False

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Rows of each view, by its name; of one that is not among them the number is not known."""
        self._counts = dict(counts)
        for place, view in enumerate(self.views, 1):
            if self.bar.tabText(place) != self._words(view.name):
                self.bar.setTabText(place, self._words(view.name))

    def _words(self, name: str) -> str:
        shown = name.replace("&", "&&")
        return f"{shown}  {number(self._counts[name])}" if name in self._counts else shown

    def mark(self, place: int | None) -> None:
        """Highlights the tab whose filter is in view; None: another filter is, and no tab stands for it."""
        set_style(self.bar, "unchosen", "true" if place is None else "false")
        if place is not None and place != self.bar.currentIndex():
            self._quiet = True
            self.bar.setCurrentIndex(place)
            self._quiet = False

    @property
    def is_marked(self) -> bool:
        return bool(self.bar.property("unchosen") != "true")

    @property
    def current(self) -> SavedView | None:
        place = self.bar.currentIndex() - 1
        return self.views[place] if 0 <= place < len(self.views) else None

    @Slot(int)
    def _current(self, place: int) -> None:
        if not self._quiet:
            self.chosen.emit(self.current)

    @Slot(int)
    def _click(self, place: int) -> None:
        if place == self.bar.currentIndex() and place >= 0:  # back to it after something else was chosen
            self.chosen.emit(self.current)

    @Slot()
    def ask_name(self) -> None:
        """Asks under which name the present view is to be saved."""
        self._ask(tr("Save as view"), "", self.save_wanted.emit)

    def _ask(self, title: str, name: str, tell: object) -> None:
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(title)
        dialog.setLabelText(tr("Name"))
        dialog.setTextValue(name)
        dialog.setOkButtonText(tr("Save"))
        dialog.setCancelButtonText(tr("Cancel"))
        dialog.textValueSelected.connect(lambda said: tell(said.strip()) if said.strip() else None)  # type: ignore[operator]
        dialog.open()

    @Slot(QPoint)
    def _menu(self, at: QPoint) -> None:
        place = self.bar.tabAt(at) - 1
        if not 0 <= place < len(self.views):
            return
        name = self.views[place].name
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Rename…")).triggered.connect(
            lambda: self._ask(tr("Rename…"), name, lambda said: self.renamed.emit(name, said))
        )
        menu.addAction(tr("Replace by what is shown now")).triggered.connect(lambda: self.replaced.emit(name))
        menu.addSeparator()
        menu.addAction(tr("Delete view")).triggered.connect(lambda: self.removed.emit(name))
        menu.popup(self.bar.mapToGlobal(at))
