"""The process of a repeated training (seeds, folds, search): drives `repeat`, obeys the commands."""

from __future__ import annotations

from dataclasses import replace

from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Cancelled, Event, Finished, Paused, Stopped, Trial
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.worker.encoder_turn import with_its_encoder
from senti_studio.worker.run_process import CommandListener, failure, run_locked
from senti_studio.worker.train import as_it_stands, drive, not_begun


def run(folder: RunFolder, *, resume: bool) -> int:
    """Trains what ``folder`` describes as often as it says, or goes on with it. Returns the exit status."""

    def tidy(end: Event) -> None:
        if isinstance(end, (Finished, Stopped)):
            # Only after the terminal event is on disk: a kill just before leaves a run that can be resumed.
            from senti_studio.learning.trial_folder import tidy_all

            if isinstance(end, Finished):
                tidy_all(folder.path)
            else:
                over = {trial.number for trial in _told(folder)}
                tidy_all(folder.path, keep=end.metrics["best_trial"], over=over)

    return run_locked(
        folder, lambda listener: _repeat(folder, listener, resume=resume), resume=resume, afterwards=tidy
    )


def _repeat(folder: RunFolder, listener: CommandListener, *, resume: bool) -> Event:
    """Writes all events but the terminal one, which it returns."""
    given = folder.spec()
    if not isinstance(given, TrainingSpec) or not given.repetition.is_repeated:
        raise UserError("BAD_SPEC", problems=[f"kind={given.kind}"])
    spec = with_its_encoder(folder, given, lambda: listener.wanted is not None)
    if spec is None:
        return not_begun(listener)
    # torch takes seconds to import; the lock is held and commands are heard before.
    from senti_studio.learning.data import TrainingData
    from senti_studio.learning.folds import read_groups
    from senti_studio.learning.repeat import finish_stopped_repeat, repeat
    from senti_studio.learning.trial_folder import bring_back, leave_nothing

    data = TrainingData.read(folder.data, classes=len(spec.labels))
    groups = read_groups(folder.data)
    if resume:
        bring_back(folder.path)
    else:
        leave_nothing(folder.path)
    told = _told(folder) if resume else []
    before = _stopped_before(folder) if resume else None
    events = repeat(spec, data, folder.path, groups=groups, told=told)
    try:
        end = drive(folder, events, listener, until=("pause", "stop", "cancel"))
    except (UserError, OSError, MemoryError) as error:
        failed = failure(error, folder)
        if listener.wanted != "cancel":
            step = _step(folder)
            return as_it_stands(failed, step if step or _told(folder) else None)
        end = None
    # Who gives up what has gone on since gives up no model that was there before.
    if end is None and (listener.wanted == "stop" or (listener.wanted == "cancel" and before)):
        events = finish_stopped_repeat(spec, data, folder.path, groups=groups, told=_told(folder))
        end = drive(folder, events, listener, until=() if before else ("cancel",))
    if end is None and listener.wanted == "pause":
        end = Paused(step=_step(folder))
    if end is None or isinstance(end, Cancelled):
        if before is not None:
            return before
        leave_nothing(folder.path)
        end = Cancelled()
    return end


def _stopped_before(folder: RunFolder) -> Stopped | None:
    """What an earlier start said of the model that it has left, which is still there."""
    found = [event for event in folder.events() if isinstance(event, Stopped)]
    is_there = (folder.model / "weights.safetensors").exists()
    return replace(found[-1], at=0.0) if found and is_there else None


def _told(folder: RunFolder) -> list[Trial]:
    """What the events say of the trials that are over."""
    return [event for event in folder.events() if isinstance(event, Trial)]


def _step(folder: RunFolder) -> int:
    """Where the trial at work stands; trials that are over count for one that has no checkpoint yet."""
    from senti_studio.learning.trial_folder import TrialFolder

    begun = [TrialFolder(path).checkpoints.last() for path in sorted((folder.path / "trials").glob("*"))]
    last = next((checkpoint for checkpoint in reversed(begun) if checkpoint is not None), None)
    return last.state().step if last is not None else len(_told(folder))
