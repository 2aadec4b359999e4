"""How long work tells of its progress, and how it is asked to stop."""

from __future__ import annotations

import time
from collections.abc import Callable

from senti_studio.domain.importing import ImportProgress

Emit = Callable[[ImportProgress], None]
ShouldStop = Callable[[], bool]

_INTERVAL_S = 0.1
_SPEED_WINDOW_S = 3.0


def tell_nobody(progress: ImportProgress) -> None:
    """For callers that do not want to know."""


def never() -> bool:
    """For callers that do not stop anything."""
    return False


class Pace:
    """Rows per second over the last seconds and the time left; tells at most ten times a second."""

    def __init__(self, emit: Emit, stage: str, total: int = 0) -> None:
        self._emit = emit
        self._stage = stage
        self.total = total
        self._started = self._told = time.monotonic()
        self._marks: list[tuple[float, int]] = [(self._started, 0)]

    def at(self, rows: int, *, last: bool = False) -> None:
        """Tells of ``rows`` done, if it is time."""
        now = time.monotonic()
        if not last and now - self._told < _INTERVAL_S:
            return
        self._told = now
        self._marks.append((now, rows))
        while len(self._marks) > 2 and now - self._marks[0][0] > _SPEED_WINDOW_S:
            self._marks.pop(0)
        since, before = self._marks[0]
        speed = (rows - before) / max(now - since, 1e-6)
        left = max(0, self.total - rows)
        eta = left / speed if self.total and speed > 0 else -1.0
        self._emit(ImportProgress(rows, self.total, round(speed, 1), round(eta, 1), self._stage))

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started
