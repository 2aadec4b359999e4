"""How long a training is: steps of an epoch, epochs, evaluations."""

from __future__ import annotations

import math
from dataclasses import dataclass

from senti_studio.domain.training_options import TrainingOptions, rows_of_a_step

STEPS_PER_EVALUATION = 1000
"""Longer epochs are evaluated several times, at equal distances."""


def steps_per_epoch(rows: int, batch_size: int) -> int:
    return math.ceil(rows / batch_size)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long a training is at most, and after which steps of an epoch it is evaluated.

    ``batch_size``: rows of a step.
    """

    rows: int
    batch_size: int
    per_epoch: int
    total_steps: int
    evaluated_at: frozenset[int]

    @classmethod
    def of(cls, options: TrainingOptions, rows: int) -> Plan:
        batch_size = rows_of_a_step(options, rows)
        per_epoch = steps_per_epoch(rows, batch_size)
        times = max(1, math.ceil(per_epoch / STEPS_PER_EVALUATION))
        points = frozenset(round(per_epoch * (number + 1) / times) for number in range(times))
        return cls(rows, batch_size, per_epoch, per_epoch * options.epochs, points)

    @property
    def epochs(self) -> int:
        return self.total_steps // max(1, self.per_epoch)

    def epoch(self, step: int) -> float:
        return step / max(1, self.per_epoch)

    def is_evaluated_after(self, step: int) -> bool:
        return step > 0 and (step - 1) % self.per_epoch + 1 in self.evaluated_at
