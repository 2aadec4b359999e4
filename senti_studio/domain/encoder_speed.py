"""How fast an encoder will learn on a machine: as earlier ones of its size did there, else by a short
measurement of the processor."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from senti_studio.domain.encoder_size import EncoderSize, Machine

TRAINING, ADAPTING = "train", "adapt"
OF_THE_PROCESSOR = 0.4
"""Share of a processor's best rate (large products of matrices) that an encoder reaches, where no earlier run
says more."""
_MOST_RUNS = 5
_NEAR = 2.0
"""Texts at most so many times as long, or as short, take about as long a unit."""


@dataclass(frozen=True, slots=True)
class Speed:
    """``operations``: floating-point operations a second as forecasts count them, 0 unknown; ``runs``: of how
    many earlier runs that is the median, 0 where it comes from a measurement of the processor alone."""

    operations: float
    runs: int = 0


@dataclass(frozen=True, slots=True)
class TimeForecast:
    """``seconds``: 0 unknown; ``runs`` as in `Speed`."""

    seconds: float
    runs: int = 0


def speed_of(size: EncoderSize, machine: Machine, *, kind: str, length: float) -> Speed:
    """By the last runs of ``kind`` there with an encoder of this size, of texts of about this length if there
    are any."""
    device = machine.device.partition(":")[0]
    shape = (size.layers, size.width, size.inner)
    same = [
        run
        for run in machine.past
        if (run.kind, run.device) == (kind, device) and (run.layers, run.width, run.inner) == shape
    ]
    near = [run for run in same if length / _NEAR <= run.length <= length * _NEAR] or same
    asked = near[-_MOST_RUNS:]
    if asked:
        return Speed(statistics.median(run.operations for run in asked), len(asked))
    return Speed(machine.rate * OF_THE_PROCESSOR)
