"""What the figures of a model are held against: the TF-IDF baseline, and always the most frequent class."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from senti_studio.domain.intervals import Interval
from senti_studio.domain.specs import LabelName

_SAME = 5e-4


class Held(Enum):
    """``ALIKE``: lower, by no more than so few rows leave to chance."""

    REACHED = "reached"
    ALIKE = "alike"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Yardsticks:
    """Figures on the same rows as the model's. ``majority``: name of the class that always-guessing says;
    ``sampled``: the comments that the baseline has learnt from where these are not all (0 = all)."""

    baseline_accuracy: float
    baseline_macro_f1: float
    majority: str
    majority_accuracy: float
    majority_macro_f1: float
    sampled: int = 0

    def holds_against(self, macro_f1: float, interval: Interval | None = None) -> Held:
        """Where a model with this macro F1, and its 95 % interval where that is known, stands beside the
        baseline."""
        if macro_f1 >= self.baseline_macro_f1 - _SAME:
            return Held.REACHED
        is_chance = interval is not None and self.baseline_macro_f1 <= interval[1]
        return Held.ALIKE if is_chance else Held.BELOW


def yardsticks(model: Path, labels: Sequence[LabelName], split: str) -> Yardsticks | None:
    """Those of a model folder on ``test`` or ``valid``; None for models from before they were measured."""
    try:
        card = json.loads((model / "card.json").read_bytes())
        return _read(card["metrics"], labels, split)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None  # the model is of use without them


def _read(metrics: Mapping[str, Any], labels: Sequence[LabelName], split: str) -> Yardsticks:
    learnt = int(metrics["baseline_rows"])
    return Yardsticks(
        float(metrics[f"{split}_baseline_accuracy"]),
        float(metrics[f"{split}_baseline_macro_f1"]),
        labels[int(metrics["majority_label"])].name,
        float(metrics[f"{split}_majority_accuracy"]),
        float(metrics[f"{split}_majority_macro_f1"]),
        learnt if learnt < int(metrics["baseline_of"]) else 0,
    )
