"""What the window says of files while another page is in view; the page itself shows it in their rows."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.classify.queue_item import ItemState, QueueItem
from senti_studio.ui.pages.classify.wording import problem_sentence

_TOPIC = "classify"


class Telling(QObject):
    """Toasts that go as soon as the page comes into view: they would lie over what one has come for."""

    def __init__(self, context: UiContext, page: QWidget) -> None:
        super().__init__(page)
        self._context = context
        self._page = page

    @Slot(object)
    def ended(self, item: QueueItem) -> None:
        """A file is classified, or its classification failed."""
        self._context.session.look_now()
        if item.state is ItemState.DONE:
            self._say(self.tr("{name} is classified").format(name=item.name), "done")
        elif item.state is ItemState.FAILED:
            self._say(problem_sentence(item), "error")

    @Slot(object)
    def silent(self, item: QueueItem) -> None:
        """Its worker gives no sign of life."""
        self._say(self.tr("{name}: classifying gives no sign of life").format(name=item.name), "error")

    def fall_silent(self) -> None:
        """The page is in view."""
        self._context.toasts.dismiss(_TOPIC)

    def _say(self, words: str, kind: str) -> None:
        if not self._page.isVisible():
            self._context.toasts.show(words, kind=kind, topic=_TOPIC)
