"""Times in the database: milliseconds since the epoch, UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> int:
    """This moment in milliseconds."""
    return time.time_ns() // 1_000_000


def moment(milliseconds: int) -> datetime:
    """The stored time as an aware datetime."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
