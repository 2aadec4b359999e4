"""Decisions on their way to the disk: what is committed, what failed, and how to try again."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Signal

from senti_studio.errors import UserError
from senti_studio.ui.operations import Failure


@dataclass(frozen=True, slots=True)
class Decision:
    """One change of one comment: ``verb`` is label, skip, flag or note; ``write`` sends it to storage."""

    comment_id: int
    verb: str
    label_id: int | None
    before: int | None
    text: str
    write: Callable[[], Future[Any]]


@dataclass(frozen=True, slots=True)
class SaveFailure:
    """Why the first of the ``waiting`` decisions could not be written."""

    code: str
    params: dict[str, object]
    waiting: tuple[Decision, ...]


SLOW_S = 2.0
"""A write that takes longer stops the keys: who looks at an old comment would label the next one unseen."""


class Saving(QObject):
    """Hands decisions to the writer thread in order, and collects what could not be written for `retry`."""

    committed = Signal(object, object)
    """`Decision`, what storage answered (an Action)."""
    failed = Signal(object)
    """`SaveFailure`."""
    refused = Signal(object, object)
    """`Decision`, why: it can never be written, because its label is not there any more."""
    recovered = Signal()
    """What had failed is written now."""
    written = Signal()
    """Nothing is on its way any more: what was decided is on the disk, or known to have failed. Comes before
    `committed`."""

    def __init__(self, track: Callable[..., Any], parent: QObject) -> None:
        """``track`` follows a future as `Session.track` does."""
        super().__init__(parent)
        self._track = track
        self._pending = 0
        self._unwritten = 0
        self._since = 0.0
        self.submitted = 0
        """How many decisions were ever handed over; tells whether something read before is still true."""
        self._lost: list[tuple[Decision, Failure]] = []
        self._generation = 0
        self._retrying = False

    @property
    def is_idle(self) -> bool:
        return self._pending == 0

    @property
    def is_writing(self) -> bool:
        """Whether something decided is not on the disk yet."""
        return self._unwritten > 0

    @property
    def is_slow(self) -> bool:
        """Whether a write has been on its way for longer than anybody would take for a blink."""
        return self._unwritten > 0 and time.monotonic() - self._since > SLOW_S

    @property
    def failure(self) -> SaveFailure | None:
        """What stands in the way, or None; complete only when `is_idle`."""
        if not self._lost:
            return None
        error = self._lost[0][1]
        code, params = (error.code, error.params) if isinstance(error, UserError) else ("INTERNAL", {})
        if code == "INTERNAL":
            params = {"detail": f"{type(error).__name__}: {error}", **params}
        return SaveFailure(code, params, tuple(decision for decision, _ in self._lost))

    def submit(self, decision: Decision) -> None:
        """Writes; the caller goes on at once."""
        generation = self._generation
        if not self._unwritten:
            self._since = time.monotonic()
        self._pending += 1
        self._unwritten += 1
        self.submitted += 1
        self._track(
            decision.write(),
            on_written=lambda: self._end_one(generation),
            on_success=lambda answer: self._succeed(generation, decision, answer),
            on_failure=lambda error: self._fail(generation, decision, error),
        )

    def retry(self) -> None:
        """Writes again what could not be written, in the same order."""
        lost, self._lost = self._lost, []
        self._retrying = bool(lost)
        for decision, _ in lost:
            self.submit(decision)

    def forget(self) -> None:
        """Another project was opened: answers still to come are of no interest here."""
        self._generation += 1
        self._pending = self._unwritten = 0
        self._lost = []
        self._retrying = False

    def _end_one(self, generation: int) -> None:
        if generation != self._generation or not shiboken6.isValid(self):
            return
        self._unwritten -= 1
        self._since = time.monotonic()
        if not self._unwritten:
            self.written.emit()

    def _succeed(self, generation: int, decision: Decision, answer: object) -> None:
        if generation != self._generation or not shiboken6.isValid(self):
            return
        self._pending -= 1
        self.committed.emit(decision, answer)
        if self._retrying and self.is_idle and not self._lost:
            self._retrying = False
            self.recovered.emit()

    def _fail(self, generation: int, decision: Decision, error: Failure) -> None:
        if generation != self._generation or not shiboken6.isValid(self):
            return
        self._pending -= 1
        if isinstance(error, UserError) and error.code == "LABEL_GONE":
            self.refused.emit(decision, error)
        else:
            self._lost.append((decision, error))
            self.failed.emit(self.failure)
        self._end_one(generation)
