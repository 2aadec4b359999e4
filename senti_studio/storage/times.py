"""Times in the database: milliseconds since the epoch, UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime.fromtimestamp(0, UTC)


def now() -> int:
    """This moment in milliseconds."""
    return time.time_ns() // 1_000_000


def milliseconds(at: datetime) -> int:
    """The stored time of an aware datetime, rounded down; floating point would lose the last one."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def moment(milliseconds: int) -> datetime:
    """The stored time as an aware datetime."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
