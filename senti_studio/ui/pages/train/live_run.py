"""One run as the page follows it: its history, its watcher, and how far stopping it got."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.adapting import AdaptSpec
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import Spec, TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.launch import end_by_force
from senti_studio.jobs.protocol import Event, Started
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.ui.pages.train.history import RunHistory
from senti_studio.ui.pages.train.ladder import FORCE_AFTER_S, Ladder
from senti_studio.ui.run_watcher import RunWatcher

_log = logging.getLogger(__name__)


class LiveRun(QObject):
    """`updated` after new events or a step of the ladder; `state_changed` when its state or its ladder
    is another.

    `ended` only when the run was seen at work before: opening a finished run is no news. `fell_silent`: its
    worker lives but gives no sign of life any more.
    """

    updated = Signal(str)
    state_changed = Signal(str)
    ended = Signal(str)
    fell_silent = Signal(object)

    def __init__(self, folder: RunFolder, name: str, state: RunState, parent: QObject) -> None:
        super().__init__(parent)
        self.folder = folder
        self.id = folder.id
        self.name = name
        spec = _spec_of(folder)
        self.history = RunHistory(
            spec if isinstance(spec, TrainingSpec) else None, spec if isinstance(spec, AdaptSpec) else None
        )
        self.history.status.state = state
        self._is_old = not state.is_active
        self.ladder = Ladder()
        self.force_after_s = FORCE_AFTER_S
        self.was_at_work = False
        self._unheard = ""
        self._has_spoken = False
        self._watcher = RunWatcher(folder, self)
        self._watcher.events.connect(self._take)
        self._watcher.state_changed.connect(self._state)
        self._watcher.silence_changed.connect(self._silence)
        self._force = QTimer(self)
        self._force.setSingleShot(True)
        self._force.timeout.connect(self._may_force)

    @property
    def is_at_work(self) -> bool:
        """Or about to be; not while it waits for an encoder that is yet to be made."""
        return self.history.state.is_active and not self._waits_for_encoder

    @property
    def _waits_for_encoder(self) -> bool:
        stage = self.history.preparing.stage if self.history.preparing is not None else ""
        return self.history.state is RunState.QUEUED and stage == "encoder"

    def awaits(self, encoder: str) -> bool:
        """Whether it waits for an encoder of this name, whose adaptation was only queued."""
        spec = self.history.spec
        wanted = spec.awaits if spec is not None and self._waits_for_encoder else None
        return wanted is not None and not wanted.run and wanted.name.lower() == encoder.lower()

    def ask(self, wish: str) -> None:
        """Sends ``pause``, ``stop`` or ``cancel``; after ten seconds without an answer it may be forced.

        Raises OSError when the run folder cannot be written.
        """
        self.folder.send(wish)
        self._unheard = "" if self._has_spoken else wish
        self.ladder.ask(wish)
        self._force.start(round(self.force_after_s * 1000))
        self.updated.emit(self.id)
        self.state_changed.emit(self.id)

    def force(self) -> bool:
        """Kills the worker; False when there is nobody to kill."""
        return end_by_force(self.folder, self.folder.worker_pid(self.history.status.started))

    def went_on(self) -> None:
        """The run was started again: watch on."""
        self.ladder.clear()
        self.was_at_work = True
        self._is_old = self._has_spoken = False
        self._watcher.restart()
        self.history.status.terminal = None
        self.history.status.state = self._watcher.status.state
        self.updated.emit(self.id)

    def close(self) -> None:
        """Nothing arrives any more."""
        self._force.stop()
        self._watcher.stop()
        self.deleteLater()

    @Slot(list)
    def _take(self, events: list[Event]) -> None:
        self.history.feed(events)
        self._settle()
        self._has_spoken = self._has_spoken or any(isinstance(event, Started) for event in events)
        if self._unheard and self._has_spoken:
            self._say_again()
        self.updated.emit(self.id)

    def _settle(self) -> None:
        """A run that was over when it was opened must not look alive while its history is being read."""
        if self._is_old:
            self.history.status.settle(self.folder)

    def _say_again(self) -> None:
        """A worker that is resumed reads only what is written after it has begun to listen."""
        wish, self._unheard = self._unheard, ""
        try:
            self.folder.send(wish)
        except OSError as error:
            _log.warning("%s: %s", self.id, error)

    @Slot(object)
    def _state(self, state: object) -> None:
        self.history.status.state = self._watcher.status.state
        self._settle()
        now = self.history.state
        over = not now.is_active
        if over:
            self.ladder.clear()
            self.ladder.is_gone = now is RunState.INTERRUPTED and not self.folder.spec_path.exists()
            self._force.stop()
        has_ended, self.was_at_work = over and self.was_at_work, not over
        self.updated.emit(self.id)
        self.state_changed.emit(self.id)
        if has_ended:
            self.ended.emit(self.id)

    @Slot(bool)
    def _silence(self, is_silent: bool) -> None:
        if self.history.state.is_active or not is_silent:
            self.ladder.is_silent = is_silent
            self.updated.emit(self.id)
            self.state_changed.emit(self.id)
            if is_silent:
                self.fell_silent.emit(self)

    @Slot()
    def _may_force(self) -> None:
        if self.history.state.is_active and self.ladder.wish:
            self.ladder.may_force = True
            self.updated.emit(self.id)
            self.state_changed.emit(self.id)


def _spec_of(folder: RunFolder) -> Spec | None:
    try:
        return folder.spec()
    except UserError as error:
        _log.info("no spec in %s: %s", folder.id, error)
        return None
