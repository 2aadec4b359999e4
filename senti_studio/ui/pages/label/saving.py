"""Decisions on their way to the disk: what is committed, what failed, and how to try again."""

from __future__ import annotations

import dataclasses
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


IN_ONE_GO_S = 0.15
"""Keys that follow a decision sooner were typed ahead; who types later looked at the screen, where the old
comment still is."""

SLOW_S = 2.0
"""A write that takes longer stops the keys that are typed in one go as well."""

_KINDS = {"label": "label", "skip": "label", "flag": "flag", "note": "note"}
"""Verbs whose later decision replaces the earlier one of the same comment."""


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
        self._last = 0.0
        self.submitted = 0
        """How many decisions were ever handed over; tells whether something read before is still true."""
        self._lost: list[tuple[Decision, Failure]] = []
        self._newest: dict[tuple[int, str], Decision] = {}
        """The last word on each comment that is on its way or could not be written."""
        self._before: dict[tuple[int, str], int | None] = {}
        """The label before the earlier decisions that it replaces and that were not written."""
        self._generation = 0
        self._has_failed = False

    @property
    def is_idle(self) -> bool:
        return self._pending == 0

    @property
    def is_writing(self) -> bool:
        """Whether something decided is not on the disk yet."""
        return self._unwritten > 0

    @property
    def is_in_one_go(self) -> bool:
        """Whether a key typed now comes straight after the last decision, and the disk keeps up."""
        now = time.monotonic()
        return now - self._last <= IN_ONE_GO_S and now - self._since <= SLOW_S

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
        self._last = time.monotonic()
        self._note_last_word(decision)
        self._send(decision)

    def _send(self, decision: Decision) -> None:
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
        for decision, _ in lost:
            self._send(decision)

    def _note_last_word(self, decision: Decision) -> None:
        """An earlier decision of the same kind that could not be written is never tried again."""
        key = _key(decision)
        if key is None:
            return
        for earlier, _ in self._lost:
            if _key(earlier) == key:
                self._before[key] = earlier.before
        self._lost = [each for each in self._lost if _key(each[0]) != key]
        self._newest[key] = decision

    def _is_replaced(self, decision: Decision) -> bool:
        key = _key(decision)
        return key is not None and self._newest.get(key, decision) is not decision

    def _as_it_was(self, decision: Decision) -> Decision:
        """With the label that the comment really had before: an earlier decision may not be written."""
        key = _key(decision)
        if key is None or key not in self._before or self._is_replaced(decision):
            return decision
        self._newest[key] = decision = dataclasses.replace(decision, before=self._before.pop(key))
        return decision

    def _settle(self, decision: Decision) -> None:
        """Nothing is left to do for a decision; with the last one of those that failed, all is well again."""
        key = _key(decision)
        if key is not None and not self._is_replaced(decision):
            self._newest.pop(key, None)
            self._before.pop(key, None)
        if self._has_failed and self.is_idle and not self._lost:
            self._has_failed = False
            self.recovered.emit()

    def forget(self) -> None:
        """Another project was opened: answers still to come are of no interest here."""
        self._generation += 1
        self._pending = self._unwritten = 0
        self._lost = []
        self._newest, self._before = {}, {}
        self._has_failed = False

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
        decision = self._as_it_was(decision)
        self.committed.emit(decision, answer)
        self._settle(decision)

    def _fail(self, generation: int, decision: Decision, error: Failure) -> None:
        if generation != self._generation or not shiboken6.isValid(self):
            return
        self._pending -= 1
        if self._is_replaced(decision):
            key = _key(decision)
            if key is not None:
                self._before.setdefault(key, decision.before)
            self._settle(decision)
        elif isinstance(error, UserError) and error.code == "LABEL_GONE":
            decision = self._as_it_was(decision)
            self.refused.emit(decision, error)
            self._settle(decision)
        else:
            self._has_failed = True
            self._lost.append((self._as_it_was(decision), error))
            self.failed.emit(self.failure)
        self._end_one(generation)


def _key(decision: Decision) -> tuple[int, str] | None:
    kind = _KINDS.get(decision.verb)
    return None if kind is None else (decision.comment_id, kind)
