"""How large an encoder is, and what a machine has for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EncoderSize:
    """``parameters``: all of them; ``table``: rows of the embedding table, which cost memory and no time;
    ``longest``: units of a text that it can read at once, 0 no limit or unknown."""

    layers: int
    width: int
    heads: int
    inner: int
    parameters: int
    table: int
    longest: int = 0


@dataclass(frozen=True, slots=True)
class PastRun:
    """A training or an adaptation that is over (``kind``: `train` | `adapt`): on which ``device`` (`cpu`,
    `cuda`, `mps`), size of its encoder, units of a text in the mean, and ``operations`` a second, counted as
    forecasts count them."""

    kind: str
    device: str
    layers: int
    width: int
    inner: int
    length: float
    operations: float


@dataclass(frozen=True, slots=True)
class Machine:
    """``memory``: bytes in all, 0 unknown; ``rate``: floating-point operations a second, 0 unknown; ``past``:
    how fast encoders have learnt there, the oldest first."""

    memory: int
    rate: float
    device: str = "cpu"
    past: tuple[PastRun, ...] = ()
