"""The process of a training run: drives `fit`, writes its events, obeys the commands."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Cancelled, Event, Failed, Finished, Paused, Started, Stopped
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.worker.device_turn import take_turn
from senti_studio.worker.encoder_turn import with_its_encoder
from senti_studio.worker.run_process import CommandListener, failure, run_locked
from senti_studio.worker.speed_note import SpeedNote

CAN_GO_ON = ("DISK_FULL", "OUT_OF_MEMORY", "OUT_OF_GPU_MEMORY", "DEVICE_LOST", "LEARNER_LOST")
"""What may be better tomorrow: with a checkpoint the run is paused, not lost."""


def run(folder: RunFolder, *, resume: bool) -> int:
    """Trains what ``folder`` describes, or goes on from its last checkpoint. Returns the exit status."""

    def tidy(end: Event) -> None:
        if isinstance(end, (Finished, Stopped)):
            # Only after the terminal event is on disk: a kill just before leaves a run that can be resumed.
            shutil.rmtree(folder.checkpoints, ignore_errors=True)

    return run_locked(
        folder, lambda listener: _train(folder, listener, resume=resume), resume=resume, afterwards=tidy
    )


def _train(folder: RunFolder, listener: CommandListener, *, resume: bool) -> Event:
    """Writes all events but the terminal one, which it returns."""
    given = folder.spec()
    if not isinstance(given, TrainingSpec):
        raise UserError("BAD_SPEC", problems=[f"kind={given.kind}"])
    spec = with_its_encoder(folder, given, lambda: listener.wanted is not None)
    if spec is None:
        return not_begun(listener)
    # torch takes seconds to import; the lock is held and commands are heard before.
    from senti_studio.learning.checkpoint import Checkpoints
    from senti_studio.learning.data import TrainingData
    from senti_studio.learning.fit import finish_stopped, fit
    from senti_studio.learning.resumption import Resumption, resumption

    data = TrainingData.read(folder.data, classes=len(spec.labels))
    checkpoints = Checkpoints(folder.checkpoints)
    if not resume:
        _leave_nothing(folder)
    begin = resumption(checkpoints) if resume else Resumption()
    events = fit(spec, data, folder.path, resume=begin.checkpoint, remarks=begin.remarks)
    note = SpeedNote(spec, data.train.texts)
    try:
        end = drive(folder, events, listener, until=("pause", "stop", "cancel"), note=note)
    except (UserError, OSError, MemoryError) as error:
        failed = failure(error, folder)
        if listener.wanted == "cancel":
            _leave_nothing(folder)
            return Cancelled()
        if failed.code == "NAN_LOSS" and checkpoints.best() is not None:
            return _best_of_diverged(folder, listener, finish_stopped(spec, data, folder.path), failed)
        last = checkpoints.last()
        return as_it_stands(failed, last.state().step if last else None)
    if end is None and listener.wanted == "stop":
        end = drive(folder, finish_stopped(spec, data, folder.path), listener, until=("cancel",))
    if end is None and listener.wanted == "pause":
        last = checkpoints.last()
        end = Paused(step=last.state().step if last else 0)
    if end is None or isinstance(end, Cancelled):
        _leave_nothing(folder)
        end = Cancelled()
    return end


def not_begun(listener: CommandListener) -> Event:
    """The end of a run that was told to end before it had anything to keep."""
    return Paused() if listener.wanted == "pause" else Cancelled()


def as_it_stands(failed: Failed, step: int | None) -> Event:
    """A failure after which the run can go on from ``step`` (None: nothing is kept) is a pause."""
    if failed.code not in CAN_GO_ON or step is None:
        return failed
    return Paused(step=step, code=failed.code, params=failed.params)


def _best_of_diverged(
    folder: RunFolder, listener: CommandListener, events: Iterator[Event], failed: Failed
) -> Event:
    """Makes a model of the best state from before the numbers became none."""
    end = drive(folder, events, listener, until=("cancel",))
    if not isinstance(end, Stopped):
        _leave_nothing(folder)
        return Cancelled()
    params = {**failed.params, "best": end.metrics["best_step"]}
    return replace(end, code="NAN_LOSS_KEPT", params=params)


def drive(
    folder: RunFolder,
    events: Iterator[Event],
    listener: CommandListener,
    *,
    until: tuple[str, ...],
    note: SpeedNote | None = None,
) -> Event | None:
    """Writes events up to the terminal one, which it returns; None when a command came first. ``note``: who
    else wants to hear them."""
    try:
        for event in events:
            if event.terminal:
                return event
            folder.append_event(event)
            if note is not None:
                note.take(event)
            if isinstance(event, Started) and not _take_turn(folder, event.device, listener, until):
                return None
            if listener.wanted in until:
                return None
    finally:
        # Closing is what makes `fit` save a checkpoint of this very step.
        close = getattr(events, "close", None)
        if close is not None:
            close()
        if note is not None:
            note.keep()
    raise AssertionError("a training ends with a terminal event")


def _take_turn(folder: RunFolder, device: str, listener: CommandListener, until: tuple[str, ...]) -> bool:
    from senti_studio.learning.devices import cards_of

    # Of several cards always in the same order: two runs never wait for each other.
    return all(take_turn(card, folder, lambda: listener.wanted in until) for card in cards_of(device))


def _leave_nothing(folder: RunFolder) -> None:
    for path in (folder.checkpoints, folder.model, folder.path / "predictions"):
        shutil.rmtree(path, ignore_errors=True)
