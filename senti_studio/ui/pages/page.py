"""The base of all pages: header of 56 px, body with the page margins, and what the window tells a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


class PageHeader(QFrame):
    """Title at the left, then what the page adds, page actions after `stretch`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pageHeader")
        self.setFixedHeight(56)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(24, 0, 24, 0)
        self.row.setSpacing(12)
        self.title = text_label(size="title")
        self.row.addWidget(self.title)

    def set_title(self, text: str) -> None:
        self.title.setText(text)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        self.row.addWidget(widget, stretch)

    def stretch(self) -> None:
        self.row.addStretch(1)


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
