"""Which model classifies: the newest, that of the evaluation one comes from, or what was chosen by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from senti_studio.operations.models import ModelSummary


@dataclass(slots=True)
class ModelChoice:
    """``id`` is the chosen model, "" while there is none. What was chosen by hand stays until it is gone."""

    id: str = ""
    is_by_hand: bool = False
    _wanted: str = ""
    _newest: str = ""

    def choose(self, model_id: str) -> None:
        """By hand."""
        self.id, self.is_by_hand, self._wanted = model_id, True, ""

    def want(self, model_id: str) -> None:
        """That of a run whose evaluation was in view, once it is among the models."""
        if not self.is_by_hand:
            self._wanted = model_id

    def take(self, models: Sequence[ModelSummary]) -> bool:
        """Goes by the models that there are, newest first; whether another one is chosen now."""
        before, known = self.id, {model.id for model in models}
        newest = models[0].id if models else ""
        if self.id not in known:
            self.id, self.is_by_hand = newest, False
        if not self.is_by_hand:
            if self._wanted in known:
                self.id = self._wanted
            elif newest != self._newest:
                self.id = newest
        self._wanted, self._newest = "", newest
        return self.id != before
