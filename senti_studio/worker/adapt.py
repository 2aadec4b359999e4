"""The process of an adaptation: drives `adapt`, obeys the commands, puts the encoder on the shelf."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from senti_studio.domain.adapting import AdaptSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Cancelled, Event, Failed, Finished, Paused, Stopped
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.shelf import store
from senti_studio.shelf.disk import disk_trouble
from senti_studio.shelf.entries import Entry, Source
from senti_studio.worker.run_process import CommandListener, failure, run_locked
from senti_studio.worker.speed_note import SpeedNote
from senti_studio.worker.train import as_it_stands, drive


def run(folder: RunFolder, *, resume: bool) -> int:
    """Adapts what ``folder`` describes, or goes on from its last checkpoint. Returns the exit status."""

    def tidy(end: Event) -> None:
        if isinstance(end, (Finished, Stopped)):
            # Only after the terminal event is on disk: a kill just before leaves a run that can be resumed.
            shutil.rmtree(folder.checkpoints, ignore_errors=True)
            shutil.rmtree(folder.path / "encoder", ignore_errors=True)

    return run_locked(
        folder, lambda listener: _adapt(folder, listener, resume=resume), resume=resume, afterwards=tidy
    )


def _adapt(folder: RunFolder, listener: CommandListener, *, resume: bool) -> Event:
    """Writes all events but the terminal one, which it returns."""
    spec = folder.spec()
    if not isinstance(spec, AdaptSpec):
        raise UserError("BAD_SPEC", problems=[f"kind={spec.kind}"])
    # torch takes seconds to import; the lock is held and commands are heard before.
    from senti_studio.learning.adapting.adapt import adapt, finish_stopped_adapt
    from senti_studio.learning.checkpoint import Checkpoints
    from senti_studio.learning.resumption import Resumption, resumption

    checkpoints = Checkpoints(folder.checkpoints)
    if not resume:
        _leave_nothing(folder)
    begin = resumption(checkpoints) if resume else Resumption()
    events = adapt(spec, folder.data, folder.path, resume=begin.checkpoint, remarks=begin.remarks)
    try:
        end = drive(folder, events, listener, until=("pause", "stop", "cancel"), note=SpeedNote(spec))
        if end is None and listener.wanted == "stop":
            stopped = finish_stopped_adapt(spec, folder.data, folder.path)
            end = drive(folder, stopped, listener, until=("cancel",))
        if isinstance(end, (Finished, Stopped)):
            end = put_on_shelf(folder, spec, end)
    except (UserError, OSError, MemoryError) as error:
        if listener.wanted == "cancel":
            _leave_nothing(folder)
            return Cancelled()
        return _after_trouble(folder, spec, failure(error, folder))
    if end is None and listener.wanted == "pause":
        last = checkpoints.last()
        end = Paused(step=last.state().step if last else 0)
    if end is None or isinstance(end, Cancelled):
        _leave_nothing(folder)
        end = Cancelled()
    return end


def _after_trouble(folder: RunFolder, spec: AdaptSpec, failed: Failed) -> Event:
    """What can be better tomorrow is a pause; of numbers that are none the best state before is kept."""
    from senti_studio.learning.adapting.adapt import finish_stopped_adapt
    from senti_studio.learning.checkpoint import Checkpoints

    checkpoints = Checkpoints(folder.checkpoints)
    last, best = checkpoints.last(), checkpoints.best()
    if failed.code == "NAN_LOSS" and best is not None and best.state().step > 0:
        *_, end = finish_stopped_adapt(spec, folder.data, folder.path)
        assert isinstance(end, Stopped)
        params = {**failed.params, "best": end.metrics["best_step"]}
        diverged = Stopped(metrics=end.metrics, code="ADAPT_DIVERGED", params=params)
        return put_on_shelf(folder, spec, diverged)
    return as_it_stands(failed, last.state().step if last else None)


def put_on_shelf(folder: RunFolder, spec: AdaptSpec, end: Finished | Stopped) -> Event:
    """``end`` with the name of the encoder that is on the shelf by then; a run that was killed right behind
    that finds it there. Where there is no room for it the run is paused, and loses nothing."""
    try:
        entry = _there(spec, end) or store.add_folder(
            folder.path / "encoder",
            name=store.free_name(spec.target),
            source=Source("adapted", spec.options.encoder),
            adapted=note_of(spec, end),
        )
    except UserError as error:
        return Paused(step=end.metrics["steps"], code=error.code, params=error.params)
    except OSError as error:
        trouble = disk_trouble(error, Path(error.filename or folder.path))
        return Paused(step=end.metrics["steps"], code=trouble.code, params=trouble.params)
    return replace(end, output={"encoder": entry.name, "folder": str(entry.folder)})


def _there(spec: AdaptSpec, end: Finished | Stopped) -> Entry | None:
    steps = end.metrics["steps"]
    same = [
        entry
        for entry in store.listed()
        if (entry.adapted.get("run"), entry.adapted.get("steps")) == (spec.run_id, steps)
    ]
    return same[0] if same else None


def note_of(spec: AdaptSpec, end: Finished | Stopped) -> dict[str, Any]:
    """What `encoder.json` says of an adaptation: where it came from, counts and figures, no text."""
    figures = ("steps", "best_step", "tokens", "valid_loss", "valid_accuracy", "start_loss", "start_accuracy")
    return {
        "run": spec.run_id,
        "from": spec.options.encoder,
        "comments": dict(spec.rows),
        "left_out": dict(spec.left_out),
        "seed": spec.options.seed,
        **{name: end.metrics[name] for name in figures if name in end.metrics},
    }


def _leave_nothing(folder: RunFolder) -> None:
    for path in (folder.checkpoints, folder.path / "encoder"):
        shutil.rmtree(path, ignore_errors=True)
