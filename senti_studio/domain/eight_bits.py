"""Classification in numbers of eight bits: what it costs, as it is found out before it is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

WHOLE, EIGHT = "fp32", "int8"
PRECISIONS = (WHOLE, EIGHT)
"""In which numbers a batch is classified."""

MOST_LOST = 0.3
"""Points of accuracy."""
MOST_CHANGED = 1.0
"""Points of comments with another label, where nobody knows which of both is right."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What ``rows`` comments say. ``changed``: with another label than in 32 bits; ``lost``: right in 32
    bits alone, less those that are right in eight bits alone; without known labels (``is_labelled``) it is
    0. ``speed``: times as many rows a second."""

    rows: int
    changed: int
    lost: int
    is_labelled: bool
    speed: float

    @property
    def points_lost(self) -> float:
        """Of accuracy; below zero where eight bits are right more often."""
        return 100 * self.lost / self.rows if self.rows else 0.0

    @property
    def points_changed(self) -> float:
        return 100 * self.changed / self.rows if self.rows else 0.0

    @property
    def is_as_good(self) -> bool:
        """Whether eight bits may be used; a single row is not held against them, it is chance."""
        if not self.rows:
            return False
        if self.is_labelled:
            return self.lost <= 1 or self.points_lost <= MOST_LOST
        return self.changed <= 1 or self.points_changed <= MOST_CHANGED

    @property
    def is_worth_it(self) -> bool:
        """Whether they are as good, and faster."""
        return self.is_as_good and self.speed >= 1.0

    def told(self) -> dict[str, Any]:
        """For messages and files."""
        return {
            "rows": self.rows,
            "is_labelled": self.is_labelled,
            "lost": round(self.points_lost, 2),
            "same": round(100 - self.points_changed, 2),
            "speed": round(self.speed, 2),
        }
