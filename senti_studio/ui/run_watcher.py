"""Follows a run through its folder: what it appends to ``events.jsonl``, and whether its worker lives."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.run_states import RunState
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Event, Warned
from senti_studio.jobs.pulse import SILENT_AFTER_S, Pulse
from senti_studio.jobs.run_folder import EventTail, RunFolder, RunStatus
from senti_studio.ui.operations import Operation, run_operation

POLL_MS = 100
OFF_THREAD_BYTES = 256 * 1024
FIRST_PROGRESS_LIMIT = 4000
"""More points than a screen has are not parsed when a long history is opened."""
LOCK_EVERY = 5
"""The lock is looked at on every fifth poll: twice a second is soon enough for a death."""


class RunWatcher(QObject):
    """Sends `events` (list of Event, oldest first) as they are written and `state_changed` (RunState).

    The first poll delivers everything that the run wrote so far, in one list; a long history is read off the
    GUI thread. Watching stops by itself at the end of the run; call `restart` when the run is resumed.
    ``offset``: bytes of events that are known already.
    """

    events = Signal(list)
    state_changed = Signal(object)
    silence_changed = Signal(bool)
    """Its worker lives, but has given no sign of life for `silent_after_s`; or gives some again."""

    def __init__(self, folder: RunFolder, parent: QObject | None = None, *, offset: int = 0) -> None:
        super().__init__(parent)
        self.folder = folder
        self.status = RunStatus()
        self._state = self.status.state
        self._tail = EventTail(folder.events_path, offset)
        self._polls = 0
        self._pulse = Pulse(folder)
        self.silent_after_s = SILENT_AFTER_S
        self.is_silent = False
        self._reading: Operation[list[Event]] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._timer.start()
        QTimer.singleShot(0, self, self._poll)

    @property
    def is_watching(self) -> bool:
        return self._timer.isActive()

    def restart(self) -> None:
        """Goes on watching after the run was resumed: it counts as queued until its new worker speaks."""
        self._polls = 0
        self._pulse.restart()
        self.status.terminal = None
        self.status.state = RunState.QUEUED
        self._timer.start()

    def stop(self) -> None:
        """Stops watching; nothing arrives any more."""
        self._timer.stop()
        if self._reading is not None:
            self._reading.drop()
            self._reading = None

    @Slot()
    def _poll(self) -> None:
        if self._reading is not None:
            return
        try:
            waiting = self.folder.events_path.stat().st_size - self._tail.offset
        except OSError:
            waiting = 0
        # Asked before reading: a worker that ends between the two has written its last event by then.
        is_dead = False
        if self._polls % LOCK_EVERY == 0:
            is_dead = not self.folder.is_alive()
            self._listen(is_dead=is_dead)
        if waiting > OFF_THREAD_BYTES:
            self._reading = run_operation(
                self, self._read, on_success=self._arrived, on_failure=lambda error: self._arrived([])
            )
            return
        self._arrived(self._read() if waiting > 0 else [], is_dead=is_dead)

    def _listen(self, *, is_dead: bool) -> None:
        """Whoever is dead is not silent: that is another state."""
        is_silent = self._pulse.silent_s() > self.silent_after_s and not is_dead
        if is_silent != self.is_silent:
            self.is_silent = is_silent
            self.silence_changed.emit(is_silent)

    def _read(self) -> list[Event]:
        try:
            return self._tail.read(progress_limit=FIRST_PROGRESS_LIMIT)
        except UserError as error:
            return [Warned(code=error.code, params=error.params)]

    def _arrived(self, new: list[Event], *, is_dead: bool = False) -> None:
        self._reading = None
        for event in new:
            self.status.feed(event)
        if is_dead and not new:
            self.status.settle(self.folder)
        self._polls += 1
        if new:
            self.events.emit(new)
        if self.status.state != self._state:
            self._state = self.status.state
            self.state_changed.emit(self._state)
        if not self._state.is_active and not new and self._polls > LOCK_EVERY:
            self._timer.stop()
