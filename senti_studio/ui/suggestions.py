"""What the assistant says of the comments in view and coming: asked ahead, so that showing is free."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.assisting import Suggestion
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.ui.assistant import Assistant

ASK_AFTER_MS = 15
"""After the comment in view is painted."""
_KEPT = 512


@dataclass(frozen=True, slots=True)
class Suggested:
    """The probability of each label by its id, and the likeliest one."""

    probabilities: dict[int, float]
    best: int


class Suggestions(QObject):
    """`arrived` when some that were wanted are there."""

    arrived = Signal()

    def __init__(self, assistant: Assistant, parent: QObject) -> None:
        super().__init__(parent)
        self._assistant = assistant
        self._known: OrderedDict[int, tuple[int, Suggested]] = OrderedDict()
        self._age = 0
        """Grows when the assistant has learnt: what it said before is to be asked again."""
        self._wanted: list[int] = []
        self._is_asking = False
        self._ask = QTimer(self)
        self._ask.setSingleShot(True)
        self._ask.setInterval(ASK_AFTER_MS)
        self._ask.timeout.connect(self._ask_now)
        assistant.learnt.connect(self._renew)
        assistant.left.connect(self._lose)

    def of(self, comment_id: int) -> Suggested | None:
        """What is known of a comment; nothing is asked."""
        found = self._known.get(comment_id)
        return found[1] if found is not None else None

    def want(self, ids: Sequence[int]) -> None:
        """These are in view or coming; those that are not known are asked for a moment later."""
        self._wanted = list(ids)
        self._ask.start()

    def forget(self) -> None:
        """Another project."""
        self._known.clear()
        self._wanted = []
        self._ask.stop()
        self._is_asking = False

    @Slot()
    def _renew(self) -> None:
        self._age += 1
        self._is_asking = False
        self._ask.start()

    @Slot()
    def _lose(self) -> None:
        self._is_asking = False

    @Slot()
    def _ask_now(self) -> None:
        state = self._assistant.state
        if self._is_asking or state is None or state.needed > 0:
            return
        missing = [each for each in self._wanted if self._known.get(each, (-1,))[0] != self._age]
        if not missing:
            return
        age, labels = self._age, state.label_ids
        self._is_asking = self._assistant.ask(
            "suggest",
            owner=self,
            on_result=lambda values: self._take(age, labels, missing, values),
            on_failure=lambda _code, _params: self._lose(),
            ids=missing,
        )

    def _take(self, age: int, labels: tuple[int, ...], asked: list[int], values: dict[str, Any]) -> None:
        self._is_asking = False
        found = [from_json(Suggestion, each) for each in values.get("suggestions", ())]
        for each in found:
            if len(each.probabilities) != len(labels) or not labels:
                continue
            said = dict(zip(labels, each.probabilities, strict=True))
            self._known[each.id] = age, Suggested(said, max(said, key=lambda label: said[label]))
            self._known.move_to_end(each.id)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        if found:
            self.arrived.emit()
        if any(each not in asked for each in self._wanted):
            self._ask.start()
