"""What helps to read a comment: words that tell how it is meant, and what was searched for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtWidgets import QMenu

from senti_studio.domain.lexicon import Lexicon, WordClass
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.label.legend import STYLES
from senti_studio.ui.pages.label.text_marks import Mark, Stroke

if TYPE_CHECKING:
    from senti_studio.storage.project import Project
    from senti_studio.ui.pages.label.view import LabelPage

LEXICON, SEARCH = "lexicon", "search"
"""Names of the layers of marks."""
OFF = "underline_off"
"""The setting with which the lines are switched off."""
_LOOKS = dict(zip((WordClass.POSITIVE, WordClass.NEGATIVE, WordClass.NEGATION), STYLES, strict=True)) | {
    WordClass.DEGREE: STYLES[2]
}


class ReadingAids(QObject):
    """Marks the text of the page; everything that takes time is done off the GUI thread or when painting
    what is in view."""

    def __init__(self, page: LabelPage) -> None:
        super().__init__(page)
        self._page = page
        self._project: Project | None = None
        self._lexicon: Lexicon | None = None
        self._search = ""
        actions = page.context.actions
        underline = actions.bind("view.underline", self._switch, page=page.name)
        underline.setCheckable(True)
        underline.setChecked(self.is_on)
        page.comment.legend.menu_wanted.connect(self._show_menu)
        page.comment.legend.set_on(self.is_on)
        page.presenter.feed.queue_changed.connect(self._show_search)

    @property
    def is_on(self) -> bool:
        return not self._page.context.settings.flag(OFF)

    def open(self, project: Project | None) -> None:
        """Another project, with words of its own."""
        self._project = project
        self._lexicon = None
        self._show_words()
        self.read_words()

    def read_words(self) -> None:
        """Has the words of the project read and shows them."""
        project = self._project
        if project is None:
            return

        def work() -> Lexicon:
            from senti_studio.operations.lexicon import lexicon_of

            return lexicon_of(project)

        def take(lexicon: Lexicon) -> None:
            if project is self._project:
                self._lexicon = lexicon
                self._show_words()

        run_operation(self, work, on_success=take)

    # ---- words ---------------------------------------------------------------------------------------------

    def _switch(self) -> None:
        self._page.context.settings.set_flag(OFF, self.is_on)
        self._page.context.actions.action("view.underline").setChecked(self.is_on)
        self._page.comment.legend.set_on(self.is_on)
        self._show_words()

    def _show_words(self) -> None:
        lexicon = self._lexicon if self.is_on else None
        marker = None if lexicon is None else lambda text: marks_of_words(lexicon, text)
        self._page.comment.text.set_marker(LEXICON, marker)

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        menu = QMenu(self._page)
        menu.addAction(self._page.context.actions.action("view.underline"))
        menu.popup(at)

    # ---- search --------------------------------------------------------------------------------------------

    @Slot()
    def _show_search(self) -> None:
        words = self._page.presenter.feed.view.search
        if words != self._search:
            self._search = words
            marker = None if not words else lambda text: marks_of_search(words, text)
            self._page.comment.text.set_marker(SEARCH, marker)


def marks_of_words(lexicon: Lexicon, text: str) -> Sequence[Mark]:
    """A line under every word of the lexicon."""
    return [Mark(word.start, word.end, *_LOOKS[word.word_class]) for word in lexicon.find(text)]


def marks_of_search(words: str, text: str) -> Sequence[Mark]:
    """A ground behind every place where the words stand."""
    places = re.finditer(re.escape(words), text, re.IGNORECASE)
    return [Mark(place.start(), place.end(), Stroke.GROUND, "warn-fill", 0.4) for place in places]
