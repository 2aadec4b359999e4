"""Axis ranges and ticks of the two plots; ranges only ever grow while a run is watched."""

from __future__ import annotations

import math
from collections.abc import Iterable


def nice_step(span: float, most: int) -> float:
    """The smallest step of 1, 2, 2.5 or 5 times a power of ten that cuts ``span`` into at most
    ``most`` pieces."""
    if span <= 0 or not math.isfinite(span):
        return 1.0
    power = 10.0 ** math.floor(math.log10(span / most))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0):
        if span / (factor * power) <= most + 1e-9:
            return factor * power
    return 10.0 * power


def ticks(low: float, high: float, most: int = 4) -> list[tuple[float, str]]:
    """Places and their texts from ``low`` to ``high``."""
    step = nice_step(high - low, most)
    decimals = max(1, -math.floor(math.log10(step) + 1e-9))
    if abs(step * 10**decimals - round(step * 10**decimals)) > 1e-6:
        decimals += 1
    first = math.ceil(low / step - 1e-6)
    last = math.floor(high / step + 1e-6)
    places = (min(high, max(low, n * step)) for n in range(first, last + 1))
    return [(place, f"{place:.{decimals}f}") for place in places]


def epoch_ticks(epochs: float, most: int = 10) -> list[int]:
    """Whole epochs to write under the axis, the last of the plan always among them."""
    whole = max(1, math.ceil(epochs - 1e-9))
    step = max(1, math.ceil(whole / most))
    for nice in (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000):
        if nice >= step:
            step = nice
            break
    chosen = [n for n in range(0, whole, step) if whole - n > step * 0.6]
    return [*chosen, whole] if chosen else [0, whole]


class GrowingRange:
    """A range that takes in what it is shown and never shrinks; ``reset`` when another run is shown."""

    def __init__(self, low: float, high: float, *, fixed_low: bool = False, cap: float | None = None) -> None:
        self._start = (low, high)
        self._fixed_low = fixed_low
        self._cap = cap
        self._low: float | None = None
        self._high: float | None = None

    def reset(self) -> None:
        self._low = self._high = None

    def take(self, values: Iterable[float]) -> None:
        """Widens the range so that every finite value lies inside, with room to the next nice number."""
        finite = [value for value in values if math.isfinite(value)]
        if not finite:
            return
        if not self._fixed_low:
            low = max(0.0, math.floor((min(finite) - 0.02) * 10 + 1e-9) / 10)
            self._low = low if self._low is None else min(self._low, low)
        high = self._above(max(finite))
        self._high = high if self._high is None else max(self._high, high)

    def _above(self, value: float) -> float:
        if self._cap is not None:
            return min(self._cap, math.ceil((value + 0.08) * 20 - 1e-9) / 20)  # room for the words above
        step = nice_step(value, 3)
        return step * math.ceil(value / step + 0.05)

    @property
    def bounds(self) -> tuple[float, float]:
        low = self._start[0] if self._low is None else self._low
        high = self._start[1] if self._high is None else self._high
        return low, max(high, low + 0.1)
