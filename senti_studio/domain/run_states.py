"""The states of a run."""

from __future__ import annotations

import enum


class RunKind(enum.StrEnum):
    """What a run does."""

    TRAIN = "train"
    CLASSIFY = "classify"
    SEARCH = "search"
    """A training that is repeated: several seeds, folds, or a search."""
    ADAPT = "adapt"
    """An encoder goes on reading comments without labels; it becomes an encoder of the shelf, not a model."""

    @property
    def trains(self) -> bool:
        return self is not RunKind.CLASSIFY

    @property
    def leaves_model(self) -> bool:
        return self in (RunKind.TRAIN, RunKind.SEARCH)


class RunState(enum.StrEnum):
    """Derived from the run folder, never stored as the truth."""

    QUEUED = "queued"
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def is_active(self) -> bool:
        """A worker process is, or will shortly be, at work."""
        return self in (RunState.QUEUED, RunState.PREPARING, RunState.RUNNING)

    @property
    def is_resumable(self) -> bool:
        return self in (RunState.PAUSED, RunState.INTERRUPTED)

    @property
    def has_model(self) -> bool:
        """A training run in this state leaves a model behind."""
        return self in (RunState.FINISHED, RunState.STOPPED)
