"""Asks the assistant which labels look wrong, and how much better it is after they were corrected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.domain.assisting import AssistState, Quality, Suspects
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.ui.assistant import Assistant

UNAVAILABLE = "ASSISTANT_UNAVAILABLE"


class Finder(QObject):
    """One question at a time; `changed` tells of progress, the answer goes to who asked."""

    changed = Signal()

    def __init__(self, assistant: Assistant, parent: QObject) -> None:
        super().__init__(parent)
        self._assistant = assistant
        self.is_looking = False
        self.is_learning = False
        self.share: float | None = None
        """How much of the look is done, None while that is not known."""
        self.failure: tuple[str, dict[str, Any]] | None = None
        assistant.changed.connect(self._news)

    @property
    def quality(self) -> Quality | None:
        """What the assistant is worth now, as far as it was measured."""
        return self._assistant.state.quality if self._assistant.state is not None else None

    @property
    def is_waiting(self) -> bool:
        """Nothing can be asked yet: the assistant is on its way."""
        return self._assistant.is_at_hand and self._assistant.state is None

    @property
    def is_at_hand(self) -> bool:
        return self._assistant.is_at_hand

    def look(self, most: int, found: Callable[[Suspects, Quality | None], None]) -> None:
        """Has all labels checked; ``found`` is called with at most ``most`` of each kind, and with what the
        assistant is worth before anything is corrected; or `failure` is set."""
        self.failure, self.share = None, None
        if not self._assistant.is_at_hand:
            self._assistant.try_again()
        if self.quality is None:
            self._measure_first(most, found)
        else:
            self._look(most, found)
        if not self.is_looking:
            self.failure = (UNAVAILABLE, {})
        self.changed.emit()

    def _measure_first(self, most: int, found: Callable[[Suspects, Quality | None], None]) -> None:
        """Nothing was measured yet: later there would be nothing to compare with."""

        def take(values: dict[str, Any]) -> None:
            self._assistant.take_state(values)
            if self.is_looking:
                self._look(most, found)

        self.is_looking = self._assistant.ask("learn", owner=self, on_result=take, on_failure=self._fail)

    def _look(self, most: int, found: Callable[[Suspects, Quality | None], None]) -> None:
        before = self.quality

        def take(values: dict[str, Any]) -> None:
            self.is_looking = False
            found(from_json(Suspects, values), before)
            self.changed.emit()

        self.is_looking = self._assistant.ask(
            "suspects",
            owner=self,
            on_result=take,
            on_failure=self._fail,
            on_progress=self._tell,
            n=most,
        )

    def cancel(self) -> None:
        """The answer is of no interest any more."""
        if self.is_looking:
            self._assistant.cancel("suspects")
            self.is_looking = False
            self.changed.emit()

    def measure(self, done: Callable[[Quality | None], None]) -> None:
        """Has the assistant learn from the labels as they are now; ``done`` is called with its quality."""
        if self.is_learning:
            return

        def take(values: dict[str, Any]) -> None:
            self.is_learning = False
            self._assistant.take_state(values)
            done(from_json(AssistState, values).quality)
            self.changed.emit()

        def fail(code: str, params: dict[str, Any]) -> None:
            self.is_learning = False
            self._fail(code, params)

        self.is_learning = self._assistant.ask("learn", owner=self, on_result=take, on_failure=fail)
        if not self.is_learning:
            self.failure = (UNAVAILABLE, {})
        self.changed.emit()

    def forget(self) -> None:
        """Another project: what is still to come is of no interest."""
        self.is_looking = self.is_learning = False
        self.share = self.failure = None

    def _fail(self, code: str, params: dict[str, Any]) -> None:
        self.is_looking = False
        self.failure = (code, params)
        self.changed.emit()

    def _tell(self, values: dict[str, Any]) -> None:
        total = float(values.get("total") or 0)
        self.share = min(1.0, float(values.get("rows") or 0) / total) if total else None
        self.changed.emit()

    @Slot()
    def _news(self) -> None:
        self.changed.emit()
