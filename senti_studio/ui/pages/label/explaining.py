"""Why a suggestion: the words that moved it get a ground, a moment after the comment came into view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Slot

from senti_studio.domain.assisting import Influence
from senti_studio.domain.labels import Label
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.label.comment_text import CommentText
from senti_studio.ui.pages.label.text_marks import Mark, Stroke
from senti_studio.ui.theme import Theme

LAYER = "influences"
OFF = "hide_influences"
"""The setting with which the grounds are switched off."""
ASK_AFTER_MS = 250
_LEAST = 0.15
"""Weaker influences are not worth a colour."""
_FAINT, _STRONG = 0.10, 0.32


class Explaining(QObject):
    """Told what is suggested for which comment; asks for the reasons when nobody hurries on."""

    def __init__(self, context: UiContext, text: CommentText, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._text = context, text
        self._comment_id: int | None = None
        self._length = 0
        self._label: Label | None = None
        self._influences: tuple[Influence, ...] = ()
        self._is_marked = False
        self._ask = QTimer(self)
        self._ask.setSingleShot(True)
        self._ask.setInterval(ASK_AFTER_MS)
        self._ask.timeout.connect(self._ask_now)
        action = context.actions.bind("view.influences", self._switch, page="label")
        action.setCheckable(True)
        action.setChecked(self.is_on)

    @property
    def is_on(self) -> bool:
        return not self._context.settings.flag(OFF)

    def explain(self, comment_id: int | None, length: int, label: Label | None) -> None:
        """The comment in view (``length`` in code points) and what is suggested for it; None: nothing is, or
        it is hidden."""
        if comment_id != self._comment_id:
            self._influences, self._is_marked = (), False  # the marks went with the text
        self._comment_id, self._length, self._label = comment_id, length, label
        if label is None:
            self._ask.stop()
        elif not self._influences and self.is_on:
            self._ask.start()
        if self._is_marked or self._influences:
            self._show()

    @Slot()
    def _switch(self) -> None:
        self._context.settings.set_flag(OFF, self.is_on)
        self._context.actions.action("view.influences").setChecked(self.is_on)
        self._show()
        if self.is_on and self._label is not None and not self._influences:
            self._ask.start()

    @Slot()
    def _ask_now(self) -> None:
        comment_id = self._comment_id
        self._context.assistant.ask(
            "explain",
            owner=self,
            on_result=lambda values: self._take(comment_id, values),
            comment=comment_id,
        )

    def _take(self, comment_id: int | None, values: dict[str, Any]) -> None:
        if comment_id == self._comment_id:
            self._influences = tuple(from_json(Influence, each) for each in values.get("influences", ()))
            self._show()

    def _show(self) -> None:
        """Paints grounds behind the words: no letter moves."""
        marks: Sequence[Mark] = ()
        if self._label is not None and self.is_on:
            marks = marks_of(self._influences, self._label, self._length, self._context.theme)
        if marks or self._is_marked:
            self._is_marked = bool(marks)
            self._text.set_marks(LAYER, marks)


def marks_of(influences: Sequence[Influence], label: Label, length: int, theme: Theme) -> list[Mark]:
    """A ground for each stretch that moved towards the suggested label, in its colour; the stronger the
    deeper."""
    token = theme.label_token(label.appearance)
    return [
        Mark(each.start, each.end, Stroke.GROUND, token, _FAINT + (_STRONG - _FAINT) * min(1.0, each.weight))
        for each in sorted(influences, key=lambda influence: influence.weight)
        if each.label_id == label.id and each.weight >= _LEAST and 0 <= each.start < each.end <= length
    ]
