"""What a training would learn from: values that the page shows before the start. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from senti_studio.domain.labels import Label
from senti_studio.domain.memory_forecast import TextSizes
from senti_studio.ui.pages.train.model_choice import ModelChoice

PARTS = ("train", "valid", "test")


@dataclass(frozen=True, slots=True)
class PlanView:
    """``rows``: part -> rows; ``by_label``: label key -> training labels; ``left_out``: reason -> comments.

    ``warnings`` are codes of the message catalogue with their parameters; ``problem`` says why nothing
    can start; ``avoided``: rows that a draw row by row would have had on both sides; ``near_copies``:
    ``known`` | ``outdated`` | ``unknown``; ``columns``: the original ones; ``cut_share``: about which share
    of the training part is longer than ``max_length`` units, where ``length`` is ``fixed`` (else
    ``automatic`` | ``windows`` | "" for what reads whole comments); ``models``: those that can be taken over;
    ``step_rows``: comments of a step where the set is too small for the batch size ``asked``, else 0.
    """

    labelled: int = 0
    rows: Mapping[str, int] = field(default_factory=dict)
    labels: tuple[Label, ...] = ()
    by_label: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    leaked: int = 0
    warnings: tuple[tuple[str, Mapping[str, object]], ...] = ()
    problem: tuple[str, Mapping[str, object]] | None = None
    cut_share: float = 0.0
    max_length: int = 0
    length: str = ""
    avoided: int = 0
    near_copies: str = "known"
    columns: tuple[str, ...] = ()
    texts: TextSizes = field(default_factory=TextSizes)
    models: tuple[ModelChoice, ...] = ()
    step_rows: int = 0
    asked: int = 0

    @property
    def unused(self) -> tuple[Label, ...]:
        """Labels of the project that no comment to learn from has: the model will not know them."""
        return tuple(label for label in self.labels if not self.by_label.get(label.key))

    @property
    def may_start(self) -> bool:
        return self.problem is None and sum(self.rows.values()) > 0
