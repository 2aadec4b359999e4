"""The base of all pages: header of 56 px, body with the page margins, and what the window tells a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

ROW_HEIGHT, SECOND_ROW_HEIGHT = 56, 44
EDGE, GAP = 24, 12


class PageHeader(QFrame):
    """Title at the left, then what the page adds, page actions after `stretch`.

    Where the window is too narrow for one row, what stands after `stretch` moves into a second one.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pageHeader")
        self.setFixedHeight(ROW_HEIGHT)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.row, self._second_row = QHBoxLayout(), QHBoxLayout()
        for row in (self.row, self._second_row):
            row.setContentsMargins(EDGE, 0, EDGE, 0)
            row.setSpacing(GAP)
        outer.addLayout(self.row, 1)
        self._outer = outer
        self._actions: list[QWidget] = []
        self._has_stretch = False
        self.title = text_label(size="title")
        self.row.addWidget(self.title)

    def set_title(self, text: str) -> None:
        self.title.setText(text)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        self.row.addWidget(widget, stretch)
        if self._has_stretch:
            self._actions.append(widget)

    def stretch(self) -> None:
        self.row.addStretch(1)
        self._has_stretch = True

    def minimumSizeHint(self) -> QSize:
        """That of two rows: the page may become so narrow."""
        first, second = self._least_widths()
        return QSize(max(first, second), self.height())

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fold()
        return done

    def _least_widths(self) -> tuple[int, int]:
        """What the two rows need at least, their edges included; 0 for a row that has nothing in it."""
        items = [self.row.itemAt(place) for place in range(self.row.count())]
        widgets = [item.widget() for item in items if item is not None]
        first = [widget for widget in widgets if widget is not None and widget not in self._actions]
        return _needed_for(first), _needed_for(self._actions)

    def _fold(self) -> None:
        """Moves the actions to where they fit; does nothing while they do."""
        first, second = self._least_widths()
        fold = second > 0 and first + second - 2 * EDGE + GAP > self.width()
        is_folded = self._second_row.count() > 0
        if fold == is_folded:
            return
        source, target = (self.row, self._second_row) if fold else (self._second_row, self.row)
        for widget in self._actions:
            source.removeWidget(widget)
            target.addWidget(widget)
        if fold:
            self._second_row.addStretch(1)
            self._outer.addLayout(self._second_row, 1)
        else:
            self._second_row.takeAt(0)
            self._outer.removeItem(self._second_row)
            self._second_row.setParent(None)
        self.setFixedHeight(ROW_HEIGHT + SECOND_ROW_HEIGHT if fold else ROW_HEIGHT)


def _needed_for(widgets: Sequence[QWidget]) -> int:
    least = [
        max(each.minimumWidth(), min(each.minimumSizeHint().width(), each.maximumWidth()))
        for each in widgets
        if not each.isHidden()
    ]
    return sum(least) + GAP * (len(least) - 1) + 2 * EDGE if least else 0


class Page(QWidget):
    """A page of the window. Subclasses make their widgets in ``__init__`` and set all texts in `retranslate`,
    which is called once after construction and again whenever the language changes."""

    name: ClassVar[str] = ""
    icon_name: ClassVar[str] = ""

    go_to = Signal(str, object)
    status_changed = Signal(str)

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.context = context
        self.job_words = ""
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.header = PageHeader()
        outer.addWidget(self.header)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(24, 16, 24, 16)
        self.body.setSpacing(16)
        outer.addLayout(self.body, 1)
        self._has_texts = False
        context.theme.changed.connect(self.refresh_theme)

    def heightForWidth(self, width: int) -> int:
        """What it needs at least: it is scrolled where that has no room, not already where the height that it
        would like to have has none."""
        layout = self.layout()
        return layout.totalMinimumHeightForWidth(width) if layout is not None else -1

    @property
    def is_unfinished(self) -> bool:
        """Something was begun here that its user will want to come back to."""
        return False

    def set_up(self, project: Project | None) -> None:
        """Called once by the window: first texts, then the project that is open."""
        self._has_texts = True
        self.retranslate()
        self.open_project(project)

    def retranslate(self) -> None:
        """Sets all texts in the current language."""

    def refresh_theme(self) -> None:
        """Repaints what the style sheet does not reach: plots, painted widgets, icons of one's own."""

    def open_project(self, project: Project | None) -> None:
        """The window works on another project from now on (None: on none)."""

    def on_shown(self, argument: object = None) -> None:
        """The page came into view; ``argument`` is what `go_to` carried."""

    def handed_on(self, to: str) -> object:
        """What the page ``to`` is to take up when the user goes there from this one."""
        return None

    def show_jobs(self, words: str) -> None:
        """What is at work in this project, in few words; empty when nothing is."""
        self.job_words = words

    def on_hidden(self) -> None:
        """Another page came into view."""

    def hand_over(self) -> None:
        """The project is about to be left: writes what is still being typed."""

    def shut_down(self) -> None:
        """The window closes: ends the helper processes of the page and waits for them."""

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange and self._has_texts:
            self.retranslate()
        super().changeEvent(event)
