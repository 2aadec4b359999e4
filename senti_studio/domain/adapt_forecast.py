"""How long an adaptation takes on a processor, and whether it can be worth it, before it starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from senti_studio.domain.encoder_size import EncoderSize, Machine
from senti_studio.domain.encoder_speed import ADAPTING, speed_of
from senti_studio.domain.encoders import is_scratch

LEAST_FROM_SCRATCH = 6_000_000
"""A new encoder of 4 × 256 that had read so many units classified no better than one that had read nothing
(`benchmarks/adapt.py`, smp2020_virus_3class)."""
LONG_S = 12 * 3600.0
"""Longer than a night."""

Remark = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class AdaptForecast:
    """``tokens``: units that are seen in all; ``rate``: units a second, 0 unknown (a graphics card);
    ``seconds``: 0 unknown; ``runs``: as so many earlier ones of this size say, 0: a short measurement of the
    processor."""

    tokens: int
    rate: float
    seconds: float
    runs: int = 0


def forecast_adapting(
    size: EncoderSize, machine: Machine, *, tokens: int, length: float, mask_share: float
) -> AdaptForecast:
    """For pieces of about ``length`` units."""
    speed = speed_of(size, machine, kind=ADAPTING, length=length)
    a_unit = operations_a_unit(size, length, mask_share)
    rate = speed.operations / a_unit if a_unit else 0.0
    return AdaptForecast(tokens, rate, tokens / rate if rate else 0.0, speed.runs)


def operations_a_unit(size: EncoderSize, length: float, mask_share: float) -> float:
    """Each weight of the body is multiplied and added once a unit on the way forth and twice on the way back;
    the head works for the hidden units alone."""
    body = max(0, size.parameters - size.table * size.width)
    head = mask_share * (size.table + size.width) * size.width
    return 6 * (body + head) + 12 * size.layers * size.width * length


def remarks_before(encoder: str, found: AdaptForecast) -> Iterator[Remark]:
    """What is to be said before it starts: too little to read, or too long."""
    least = rounded(LEAST_FROM_SCRATCH)
    if is_scratch(encoder) and found.tokens <= LEAST_FROM_SCRATCH:
        yield "ADAPT_TOO_LITTLE", {"seen": rounded(found.tokens), "least": least}
    if is_scratch(encoder) and found.rate and LEAST_FROM_SCRATCH / found.rate > LONG_S:
        hours = LEAST_FROM_SCRATCH / found.rate / 3600
        yield "ADAPT_TOO_SLOW_HERE", {"rate": rounded(found.rate), "least": least, "hours": f"{hours:,.0f}"}
    elif found.seconds > LONG_S:
        params = {"rate": rounded(found.rate), "seen": rounded(found.tokens)}
        yield "ADAPT_TAKES_LONG", {**params, "hours": f"{found.seconds / 3600:,.0f}"}


def rounded(count: float) -> str:
    """A count or a rate with two digits that mean something: 1,400, 28,000, 6,000,000."""
    digits = max(0, len(str(int(count))) - 2)
    return f"{round(count, -digits):,.0f}"
