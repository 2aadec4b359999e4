"""How often a training is repeated, and with what changed: once, several seeds, folds, a search, a learning
curve."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from senti_studio.domain.training_options import LINEAR_MODELS, TrainingOptions

MODES = ("once", "seeds", "folds", "search", "sizes")

COUNTS: dict[str, tuple[int, int]] = {
    "once": (1, 1), "seeds": (2, 50), "folds": (2, 50), "search": (2, 500), "sizes": (2, 12),
}  # fmt: skip
"""Fewest and most trainings of each mode."""

DEFAULT_COUNTS: dict[str, int] = {"once": 1, "seeds": 5, "folds": 5, "search": 20, "sizes": 5}


@dataclass(frozen=True, slots=True)
class Repetition:
    """``seeds``: the same options with ``count`` seeds; ``folds``: ``count`` parts, each held out once;
    ``search``: ``count`` trials of other options; ``sizes``: ``count`` shares of the training part, from a
    tenth to all of it."""

    mode: str = "once"
    count: int = 1

    @property
    def is_repeated(self) -> bool:
        return self.mode != "once"

    @property
    def has_mean(self) -> bool:
        """Whether its trainings are alike, so that their mean and deviation say something."""
        return self.mode in ("seeds", "folds")

    @property
    def has_best(self) -> bool:
        """Whether one of its trainings is chosen for being the best; of folds and shares one is kept, so that
        there is a model."""
        return self.mode in ("seeds", "search")

    @property
    def leaves_out(self) -> bool:
        """Whether its figures are about comments that an earlier model must not have seen."""
        return self.mode in ("folds", "sizes")


ONCE = Repetition()


@dataclass(frozen=True, slots=True)
class Span:
    """The bounds within which a search varies one option; ``log``: small values matter as much as large
    ones; ``choices`` instead of bounds for an option that is a word."""

    low: float = 0.0
    high: float = 0.0
    log: bool = False
    choices: tuple[str, ...] = ()


SEARCH_SPACE: dict[str, Span] = {
    "learning_rate": Span(5e-4, 8e-3, log=True),
    "batch_size": Span(16, 64, log=True),
    "hidden_size": Span(64, 256, log=True),
    "dropout": Span(0.1, 0.6),
    "label_smoothing": Span(0.0, 0.15),
    "units": Span(choices=("words", "characters", "both")),
    "linear_model": Span(choices=LINEAR_MODELS),
}
"""What a search varies, as far as the architecture has it: the options that move the figures most. The bounds
are widened so that they hold what the user has set, which is the first trial."""

_OF_ENCODERS = {"learning_rate": Span(1e-5, 2e-4, log=True), "dropout": Span(0.0, 0.3)}
"""The same of nets with an encoder, which learn far more slowly."""


def problems_of_repetition(repetition: Repetition) -> list[str]:
    """Everything that is wrong with it, as ``name=value (what it may be)``."""
    if repetition.mode not in MODES:
        return [f"repetition={repetition.mode} ({' | '.join(MODES)})"]
    low, high = COUNTS[repetition.mode]
    count: object = repetition.count  # JSON written by hand may hold anything
    if not isinstance(count, int) or isinstance(count, bool) or not low <= count <= high:
        return [f"{repetition.mode}={count} ({low}…{high})"]
    return []


def space_of(names: Collection[str], *, largest_batch: int = 0) -> dict[str, Span]:
    """What a search varies of an architecture that has the options ``names``; ``largest_batch``: larger ones
    make no other training (0: all do)."""
    space = {**SEARCH_SPACE, **(_OF_ENCODERS if "encoder" in names else {})}
    found = {name: span for name, span in space.items() if name in names}
    batch = found.get("batch_size")
    if batch is not None and 0 < largest_batch <= batch.low:
        del found["batch_size"]
    elif batch is not None and largest_batch:
        found["batch_size"] = replace(batch, high=min(batch.high, largest_batch))
    return found


def capped(repetition: Repetition, names: Collection[str]) -> Repetition:
    """The same with no more trials than there are different ones."""
    spans = space_of(names).values()
    if repetition.mode != "search" or not all(span.choices for span in spans):
        return repetition
    return replace(repetition, count=min(repetition.count, math.prod(len(span.choices) for span in spans)))


def differences(options: TrainingOptions, base: TrainingOptions) -> dict[str, int | float | bool | str]:
    """The options that are others than in ``base``."""
    return {
        field.name: getattr(options, field.name)
        for field in fields(options)
        if getattr(options, field.name) != getattr(base, field.name)
    }


def mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    """Mean and sample standard deviation (n - 1 in the denominator; 0 for a single value)."""
    mean = math.fsum(values) / len(values)
    if len(values) < 2:
        return mean, 0.0
    return mean, math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def spread(metrics: Sequence[Mapping[str, object]]) -> dict[str, tuple[float, float]]:
    """Name of a figure -> mean and standard deviation over those trainings that have it."""
    found: dict[str, list[float]] = {}
    for each in metrics:
        for name, value in each.items():
            if name.endswith(("accuracy", "macro_f1")) and isinstance(value, (int, float)):
                found.setdefault(name, []).append(float(value))
    return {name: mean_and_deviation(values) for name, values in found.items()}
