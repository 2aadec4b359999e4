"""The process of a training run: drives `fit`, writes its events, obeys the commands."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Cancelled, Event, Finished, Paused, Stopped
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.worker.run_process import CommandListener, run_locked


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
    spec = folder.spec()
    if not isinstance(spec, TrainingSpec):
        raise UserError("BAD_SPEC", problems=[f"kind={spec.kind}"])
    # torch takes seconds to import; the lock is held and commands are heard before.
    from senti_studio.learning.checkpoint import Checkpoints
    from senti_studio.learning.data import TrainingData
    from senti_studio.learning.fit import finish_stopped, fit

    data = TrainingData.read(folder.data, classes=len(spec.labels))
    checkpoints = Checkpoints(folder.checkpoints)
    if not resume:
        _leave_nothing(folder)
    events = fit(spec, data, folder.path, resume=checkpoints.last() if resume else None)
    end = drive(folder, events, listener, until=("pause", "stop", "cancel"))
    if end is None and listener.wanted == "stop":
        end = drive(folder, finish_stopped(spec, data, folder.path), listener, until=("cancel",))
    if end is None and listener.wanted == "pause":
        last = checkpoints.last()
        end = Paused(step=last.state().step if last else 0)
    if end is None or isinstance(end, Cancelled):
        _leave_nothing(folder)
        end = Cancelled()
    return end


def drive(
    folder: RunFolder, events: Iterator[Event], listener: CommandListener, *, until: tuple[str, ...]
) -> Event | None:
    """Writes events up to the terminal one, which it returns; None when a command came first."""
    try:
        for event in events:
            if event.terminal:
                return event
            folder.append_event(event)
            if listener.wanted in until:
                return None
    finally:
        # Closing is what makes `fit` save a checkpoint of this very step.
        close = getattr(events, "close", None)
        if close is not None:
            close()
    raise AssertionError("a training ends with a terminal event")


def _leave_nothing(folder: RunFolder) -> None:
    for path in (folder.checkpoints, folder.model, folder.path / "predictions"):
        shutil.rmtree(path, ignore_errors=True)
