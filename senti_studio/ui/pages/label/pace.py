"""How fast somebody labels, and how long the rest will take."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

IDLE_AFTER = 60.0
"""Seconds without a decision that count as a break and not as thinking."""
_WINDOW = 30
ENOUGH = 10
"""Decisions before anything is said of the time that is left."""


class Pace:
    """Comments a minute over the last thirty decisions; breaks do not count."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: float | None = None
        self._gaps: deque[float] = deque(maxlen=_WINDOW)
        self.decided = 0
        """Decisions since the page was opened, undone ones taken away."""

    def decide(self) -> None:
        """One comment was labelled or skipped."""
        now = self._clock()
        if self._last is not None and now - self._last <= IDLE_AFTER:
            self._gaps.append(now - self._last)
        self._last = now
        self.decided += 1

    def take_back(self) -> None:
        """One decision was undone."""
        self.decided = max(0, self.decided - 1)

    @property
    def per_minute(self) -> float | None:
        """Comments a minute; None before there are 3 seconds of data."""
        total = sum(self._gaps)
        return 60.0 * len(self._gaps) / total if total >= 3.0 else None

    def seconds_left(self, remaining: int) -> float | None:
        """How long ``remaining`` comments take at this speed; None before `ENOUGH` decisions."""
        speed = self.per_minute
        return None if not speed or len(self._gaps) + 1 < ENOUGH else 60.0 * remaining / speed
