"""How the quick classifier gets better with the number of labels, and what more labels would bring."""

from __future__ import annotations

from dataclasses import dataclass

FEWEST = 60
"""With fewer labels nothing is measured: every figure would be chance."""
FEWEST_OF_CLASS = 5
"""A class with fewer comments is measured, but nothing is said of what it gains."""
STEPS = (100, 200, 500, 1000)
"""How many more labels the forecast speaks of."""
MAIN_STEP = 200


@dataclass(frozen=True, slots=True)
class BudgetPoint:
    """Macro F1 with ``labels`` labels (95 % interval), and the F1 of each class in the order of
    ``BudgetCurve.label_ids``; measured, or forecast by the curve through what was measured."""

    labels: int
    score: float
    low: float
    high: float
    per_label: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BudgetGain:
    """What ``more`` labels of random comments would add to macro F1 (95 % interval: what may really come out
    this time, not only its mean)."""

    more: int
    gain: float
    low: float
    high: float

    @property
    def margin(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class ClassGain:
    """One class: its labels, its F1 today, and what `MAIN_STEP` more labels would add (95 % interval)."""

    label_id: int
    count: int
    now: float
    gain: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BudgetCurve:
    """``points`` were measured, ``curve`` is what was drawn through them, from the first of them to far
    beyond the ``labels`` of today.

    ``needed``: labels that are missing until anything can be measured (then all else is empty).
    ``gains_most``: the class that gains most from more labels, None where that cannot be told.
    ``source``: where it was measured, ``test_set`` or ``cross_validation``, on ``held_out`` comments, in
    ``rounds`` rounds; ``used``: how many of the labels were used (a sample of very many).
    """

    label_ids: tuple[int, ...]
    labels: int
    points: tuple[BudgetPoint, ...] = ()
    curve: tuple[BudgetPoint, ...] = ()
    now: float = 0.0
    gains: tuple[BudgetGain, ...] = ()
    classes: tuple[ClassGain, ...] = ()
    gains_most: int | None = None
    source: str = "cross_validation"
    held_out: int = 0
    rounds: int = 0
    used: int = 0
    needed: int = 0

    @property
    def absent(self) -> frozenset[int]:
        """Labels that no comment has: nothing can be measured of them."""
        return frozenset(each.label_id for each in self.classes if not each.count)

    @property
    def main(self) -> BudgetGain | None:
        """What `MAIN_STEP` more labels would bring; None before anything was measured."""
        return next((each for each in self.gains if each.more == MAIN_STEP), None)
