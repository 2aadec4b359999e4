"""What helps to read a comment: words that tell how it is meant, and what was searched for."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtWidgets import QMenu

from senti_studio.domain.lexicon import LONGEST_WORD, Lexicon, WordChanges, WordClass
from senti_studio.ui.i18n import tr
from senti_studio.ui.operations import Failure, run_operation
from senti_studio.ui.pages.label.legend import STYLES
from senti_studio.ui.pages.label.text_marks import Mark, Stroke
from senti_studio.ui.pages.label.words_dialog import WordsDialog, class_names

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
        self.dialog: WordsDialog | None = None
        actions = page.context.actions
        underline = actions.bind("view.underline", self._switch, page=page.name)
        actions.bind("view.words", self.edit_words, page=page.name)
        underline.setCheckable(True)
        underline.setChecked(self.is_on)
        page.comment.legend.menu_wanted.connect(self._show_menu)
        page.comment.legend.set_on(self.is_on)
        page.comment.text.menu_opening.connect(self._offer_words)
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
        menu.addAction(self._page.context.actions.action("view.words"))
        menu.popup(at)

    @Slot()
    def edit_words(self) -> None:
        """Opens the list of words of the project."""
        project = self._project
        if project is None or self.dialog is not None:
            return

        def work() -> tuple[Mapping[str, WordClass], WordChanges]:
            from senti_studio.operations.lexicon import own_words, word_changes

            return own_words(), word_changes(project)

        def open_dialog(found: tuple[Mapping[str, WordClass], WordChanges]) -> None:
            if project is not self._project or self.dialog is not None:
                return
            own, before = found
            dialog = self.dialog = WordsDialog(self._page.context, own, before, self._page)
            dialog.taken.connect(lambda changes: self.store_words(before, changes))
            dialog.finished.connect(self._closed)
            dialog.open()

        run_operation(self, work, on_success=open_dialog)

    @Slot(int)
    def _closed(self, _result: int) -> None:
        self.dialog = None
        self._page.setFocus()

    def store_words(self, before: WordChanges, changes: WordChanges) -> None:
        """Keeps other words in the project; the toast offers to take that back."""
        project, context = self._project, self._page.context
        if project is None:
            return
        from senti_studio.operations.lexicon import store_word_changes

        def stored(_: None) -> None:
            self.read_words()
            context.toasts.show(
                tr("Words saved"),
                kind="done",
                action=tr("Undo"),
                on_action=lambda: self.store_words(changes, before),
            )

        def failed(error: Failure) -> None:
            context.dialogs.error(error)

        context.session.track(store_word_changes(project, changes), on_success=stored, on_failure=failed)

    @Slot(object, str)
    def _offer_words(self, menu: QMenu, selected: str) -> None:
        """In the menu of the comment: makes what is selected a word of one of the classes."""
        word = selected.strip()
        if self._project is None or not 0 < len(word) <= LONGEST_WORD or len(word.split()) != 1:
            return
        classes = menu.addMenu(tr("Underline “{word}” as").format(word=word.replace("&", "&&")))
        for kind, name in class_names().items():
            classes.addAction(name, functools.partial(self.add_word, word, kind))

    def add_word(self, word: str, kind: WordClass) -> None:
        """Takes a word into a class, for this project."""
        project = self._project
        if project is None:
            return

        def work() -> tuple[WordChanges, WordChanges]:
            from senti_studio.operations.lexicon import own_words, word_changes

            before = word_changes(project)
            return before, before.with_word(word, kind, own_words())

        def store(found: tuple[WordChanges, WordChanges]) -> None:
            if project is self._project and found[0] != found[1]:
                self.store_words(*found)

        run_operation(self, work, on_success=store)

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
