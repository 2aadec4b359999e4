"""When an event or a checkpoint is due, and how fast the training goes."""

from __future__ import annotations

import time
from typing import Protocol

from senti_studio.jobs.protocol import CheckpointSaved
from senti_studio.learning.checkpoint import TrainingState
from senti_studio.learning.evaluate import EVENT_INTERVAL_S

CHECKPOINT_INTERVAL_S = 60.0

_MEMORY_S = 5.0
"""The rate shown is about the mean over this many seconds."""


class Saves(Protocol):
    """A loop of steps that a checkpoint can be written of."""

    state: TrainingState

    def save(self) -> CheckpointSaved:
        """Writes a checkpoint of this very moment."""


class Clock:
    """Counts the seconds of all starts of a run together; nothing of it reaches the weights."""

    def __init__(self, elapsed_before: float) -> None:
        now = time.monotonic()
        self._start = now - elapsed_before
        self._event_at = now - EVENT_INTERVAL_S
        self._counted_at = now
        self._saved_at = now
        self.rows_per_s = 0.0

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._start

    @property
    def is_event_due(self) -> bool:
        return time.monotonic() - self._event_at >= EVENT_INTERVAL_S

    @property
    def is_checkpoint_due(self) -> bool:
        return time.monotonic() - self._saved_at >= CHECKPOINT_INTERVAL_S

    def count(self, rows: int) -> None:
        """Takes ``rows`` since the last call into the rate."""
        now = time.monotonic()
        passed = max(1e-6, now - self._counted_at)
        self._event_at = self._counted_at = now
        share = min(1.0, passed / _MEMORY_S) if self.rows_per_s else 1.0
        self.rows_per_s += share * (rows / passed - self.rows_per_s)

    def save(self, loop: Saves) -> CheckpointSaved:
        """Writes a checkpoint; the time that it and an evaluation took does not count as training."""
        loop.state.elapsed = self.elapsed
        saved = loop.save()
        self._saved_at = self._counted_at = time.monotonic()
        return saved
