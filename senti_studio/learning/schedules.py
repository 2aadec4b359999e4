"""How the learning rate goes over the steps of a training: a straight climb first, then one of four ways."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from torch.optim import Optimizer

EXPONENTIAL_END = 0.01
"""What the exponential schedule leaves of the rate at the last step."""

AFTER_WARMUP: dict[str, Callable[[int, int], float]] = {
    "cosine": lambda done, steps: 0.5 * (1 + math.cos(math.pi * done / steps)),
    "linear": lambda done, steps: 1 - done / steps,
    "exponential": lambda done, steps: float(EXPONENTIAL_END ** (done / steps)),
    "constant": lambda done, steps: 1.0,
}
"""Share of the full rate when ``done`` of the ``steps`` after the warm-up are done."""


class Schedule:
    """Sets the rate of every group of an optimiser before each step; half a cosine unless told otherwise."""

    def __init__(
        self, optimiser: Optimizer, *, total_steps: int, warmup_share: float, kind: str = "cosine"
    ) -> None:
        self._optimiser = optimiser
        self._full = [float(group["lr"]) for group in optimiser.param_groups]
        self._warm = max(1, int(total_steps * warmup_share))
        self._total = total_steps
        self._after = AFTER_WARMUP[kind]
        self._done = 0
        self._set()

    def factor(self, step: int) -> float:
        """Share of the full rate in step ``step``, the first being 0."""
        if step < self._warm:
            return (step + 1) / self._warm
        steps = max(1, self._total - self._warm)
        return self._after(min(step - self._warm, steps), steps)

    def step(self) -> None:
        """One more step is done."""
        self._done += 1
        self._set()

    @property
    def rate(self) -> float:
        """The rate of the first group in the next step."""
        return float(self._optimiser.param_groups[0]["lr"])

    def state_dict(self) -> dict[str, Any]:
        return {"last_epoch": self._done}

    def load_state_dict(self, values: Mapping[str, Any], *, steps: int) -> None:
        """Raises KeyError, TypeError or ValueError when ``values`` are not those of `state_dict` after so
        many steps."""
        done = values["last_epoch"]
        if type(done) is not int or done != steps:
            raise ValueError(f"schedule: {done} steps instead of {steps}")
        self._done = done
        self._set()

    def _set(self) -> None:
        factor = self.factor(self._done)
        for group, full in zip(self._optimiser.param_groups, self._full, strict=True):
            group["lr"] = full * factor
