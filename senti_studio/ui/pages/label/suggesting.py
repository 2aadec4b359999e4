"""The suggestion on the labelling page: shown, hidden, accepted; and what is said of the assistant."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from senti_studio.ui.assistant import Standing
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.assistant_words import quality_words, source_words
from senti_studio.ui.pages.label.blindness import Blind, blindness
from senti_studio.ui.pages.label.explaining import Explaining
from senti_studio.ui.pages.label.model_reasons import ModelReasons
from senti_studio.ui.pages.label.presenter import LabelPresenter
from senti_studio.ui.pages.label.voice_menu import VoiceMenu
from senti_studio.ui.suggestions import Suggested, Suggestions

if TYPE_CHECKING:
    from senti_studio.ui.pages.label.layout import LabelLayout

HIDDEN = "hide_suggestions"
_AGE_MS = 5000
_AHEAD = 8


class Suggesting(QObject):
    """Stands beside the page: nothing that it does comes between a key and the next comment."""

    def __init__(self, context: UiContext, presenter: LabelPresenter, page: LabelLayout) -> None:
        super().__init__(page)
        self._context, self._presenter, self._page = context, presenter, page
        self.assistant = context.assistant
        self.suggestions = Suggestions(self.assistant, self)
        self.shown: Suggested | None = None
        self._ceiling: float | None = None
        self._shown_id: int | None = None
        self._blind = Blind.NOT
        self.explaining = Explaining(context, page.comment.text, self)
        self._age = QTimer(self)
        self._age.setInterval(_AGE_MS)
        self._age.timeout.connect(self._tell_source)
        self._voices = VoiceMenu(context, page)
        self.reasons = ModelReasons(context, self._voices, page)
        page.labels.voice.setMenu(self._voices)
        page.hide_suggestions.setChecked(self.is_hidden)
        page.hide_suggestions.toggled.connect(self._hide)
        page.labels.accepted.connect(self.accept)
        presenter.labels_replaced.connect(self._labels_replaced)
        presenter.counts_changed.connect(self._look_at_test_set)
        self.suggestions.arrived.connect(self._fill_in)
        self.assistant.changed.connect(self._tell)
        self.assistant.learnt.connect(self._look_ahead)
        self.assistant.left.connect(self._tell_left)
        context.session.project_changed.connect(self._forget)
        context.actions.bind("label.accept", self.accept, page="label")
        context.actions.bind("label.hide", self.toggle, page="label")

    def retranslate(self) -> None:
        self._page.hide_suggestions.setText(tr("Hide suggestions"))
        self._page.hide_suggestions.setToolTip(self._context.actions.tooltip("label.hide"))
        self._tell()

    # ---- what is shown -------------------------------------------------------------------------------------

    @property
    def is_hidden(self) -> bool:
        """Blind mode: nothing of a suggestion is to be seen."""
        return self._context.settings.flag(HIDDEN)

    @property
    def blind(self) -> Blind:
        """Whether, and why, the comment in view is labelled without help, whatever the mode."""
        return blindness(self._presenter.feed, self._presenter.test_set)

    def show(self) -> None:
        """The page shows another comment, or another state of it: what is known already is shown with it;
        nothing is asked here."""
        comment = self._presenter.comment
        comment_id = comment.id if comment is not None else None
        if comment_id != self._shown_id:
            self._shown_id = comment_id
            self.shown = self.suggestions.of(comment_id) if comment_id is not None else None
        self._paint()
        self._look_ahead()

    def _paint(self) -> None:
        comment, shown = self._presenter.comment, self.shown
        probabilities, best = None, None
        blind = self.blind
        if blind is not self._blind:
            self._blind = blind
            self._tell_source()
        may_show = blind is Blind.NOT and not self.is_hidden
        if comment is not None and shown is not None and may_show and self._is_of_this_set(shown):
            if comment.label_id is None:
                probabilities, best = shown.probabilities, shown.best
            elif comment.label_id != shown.best and self._presenter.feed.view.shows_disagreement:
                # A person has decided: no number, but what is said instead is what this queue is about.
                best = shown.best
        self._page.labels.show_suggestion(probabilities, best, can_accept=best is not None)
        length = len(comment.text) if comment is not None else 0
        self.explaining.explain(self._shown_id, length, self._presenter.label_of(best))
        self.reasons.follow(comment, may_show)

    def _is_of_this_set(self, shown: Suggested) -> bool:
        """Labels come and go while suggestions are on their way."""
        return any(label.id == shown.best for label in self._presenter.labels)

    @Slot()
    def _fill_in(self) -> None:
        """Suggestions came: the comment in view gets its own if it had none, and keeps the one it has."""
        has_one = self.shown is not None and self._is_of_this_set(self.shown)
        if not has_one and self._shown_id is not None:
            self.shown = self.suggestions.of(self._shown_id)
            if self.shown is not None:
                self._paint()

    @Slot()
    def _look_ahead(self) -> None:
        feed = self._presenter.feed
        here = [self._shown_id] if self._shown_id is not None else []
        self.suggestions.want(here + feed.queue.upcoming(_AHEAD))

    @Slot()
    def _look_at_test_set(self) -> None:
        """Which comments are set aside is read a moment after the page."""
        if self.blind is not self._blind:
            self._paint()

    @Slot()
    def _labels_replaced(self) -> None:
        self._paint()
        self._tell()

    @Slot(object)
    def _forget(self, _project: object) -> None:
        self.suggestions.forget()
        self.shown, self._shown_id = None, None
        self._tell()

    # ---- acts ----------------------------------------------------------------------------------------------

    @Slot()
    def accept(self) -> bool:
        """Labels the comment in view as suggested; False while nothing is suggested, or it is hidden or not
        painted yet."""
        shown, comment = self.shown, self._presenter.comment
        if self._presenter.is_unseen:
            self._presenter.held_back.emit()
        if shown is None or comment is None or comment.id != self._shown_id:
            return False
        if not self._page.labels.is_suggestion_seen:
            return False
        places = [each for each, label in enumerate(self._presenter.labels) if label.id == shown.best]
        return bool(places) and self._presenter.label(places[0])

    def toggle(self) -> None:
        """Blind mode on or off."""
        self._page.hide_suggestions.toggle()

    @Slot(bool)
    def _hide(self, hidden: bool) -> None:
        self._context.settings.set_flag(HIDDEN, hidden)
        self._paint()

    def set_ceiling(self, share: float | None) -> None:
        """How often the annotator agrees with oneself, None where that is not known."""
        if share != self._ceiling:
            self._ceiling = share
            self._tell()

    # ---- words about the assistant -------------------------------------------------------------------------

    @Slot()
    def _tell(self) -> None:
        self._tell_source()
        words = quality_words(self.assistant, self._ceiling)
        self._page.labels.quality.setText(words)
        self._page.labels.quality.setToolTip(words)
        if self.assistant.standing in (Standing.READY, Standing.SLOW) and not self._age.isActive():
            self._age.start()

    @Slot()
    def _tell_source(self) -> None:
        name = self._voices.name_of(self.assistant.state.source if self.assistant.state else "")
        words = self._blind.words or source_words(self.assistant, name, time.time())
        self._page.labels.source.setText(words)

    @Slot()
    def _tell_left(self) -> None:
        if self._page.isVisible():
            self._context.toasts.show(tr("The assistant is not available; labelling goes on"))
