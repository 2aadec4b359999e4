"""How long an adaptation takes on a processor, and whether it can be worth it, before it starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from senti_studio.domain.encoder_forecast import OF_THE_PROCESSOR
from senti_studio.domain.encoder_size import EncoderSize
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
    ``seconds``: 0 unknown."""

    tokens: int
    rate: float
    seconds: float


def forecast_adapting(
    size: EncoderSize, *, processor: float, tokens: int, length: float, mask_share: float
) -> AdaptForecast:
    """For pieces of about ``length`` units; ``processor``: its floating-point operations a second, 0 unknown.

    Each weight of the body is multiplied and added once a unit on the way forth and twice on the way back;
    the head works for the hidden units alone.
    """
    body = max(0, size.parameters - size.table * size.width)
    head = mask_share * (size.table + size.width) * size.width
    a_unit = 6 * (body + head) + 12 * size.layers * size.width * length
    rate = processor * OF_THE_PROCESSOR / a_unit if a_unit else 0.0
    return AdaptForecast(tokens, rate, tokens / rate if rate else 0.0)


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
