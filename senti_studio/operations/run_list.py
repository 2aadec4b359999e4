"""Runs as lists show them. The run folder is the truth; what ended is remembered, so that long lists are
fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from senti_studio.domain.adapting import AdaptSpec
from senti_studio.domain.architectures import has_presets, preset_of
from senti_studio.domain.run_states import RunKind, RunState
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import (
    Cancelled,
    Evaluated,
    Event,
    Failed,
    Filled,
    Finished,
    Paused,
    Progress,
    Stopped,
    Trial,
    Warned,
)
from senti_studio.jobs.run_folder import RunFolder, RunStatus
from senti_studio.storage.project import Project
from senti_studio.storage.records import Record, Records

_CACHE_VERSION = 8


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run. ``duration`` in seconds of work, ``epoch`` fractional, ``peak_memory`` in bytes; figures are
    None until they are known. ``best_…`` belong to the best evaluation on the validation part (by what
    ``stop_on`` names). Of an adaptation ``best_loss`` and ``best_accuracy`` are those of hidden units,
    ``start_loss`` and ``start_accuracy`` those before it; ``encoder``: what it begins with, ``target``: what
    the new one is to be called, ``made_encoder``: the name of what it has put on the shelf, ``tokens``: units
    read, ``most_tokens``: so many it is to read (0: whole epochs). ``left_model``: an earlier start of it
    ended with a model, which stays until a later one has made another. ``preset``: that of its options, ""
    where these are others or there is none."""

    id: str
    number: int
    name: str
    kind: RunKind
    state: RunState
    created_at: datetime
    architecture: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration: float = 0.0
    epoch: float = 0.0
    epochs: int = 0
    best_epoch: float | None = None
    best_macro_f1: float | None = None
    best_accuracy: float | None = None
    best_loss: float | None = None
    test_macro_f1: float | None = None
    test_accuracy: float | None = None
    peak_memory: int = 0
    device: str = ""
    error_code: str = ""
    error_params: Mapping[str, Any] = field(default_factory=dict)
    rows_done: int = 0
    total_rows: int = 0
    warnings: tuple[str, ...] = ()
    data_rows: Mapping[str, int] = field(default_factory=dict)
    repetition: str = "once"
    trials: int = 0
    trials_over: int = 0
    mean: Mapping[str, float] = field(default_factory=dict)
    deviation: Mapping[str, float] = field(default_factory=dict)
    encoder: str = ""
    target: str = ""
    made_encoder: str = ""
    tokens: int = 0
    most_tokens: int = 0
    start_loss: float | None = None
    start_accuracy: float | None = None
    left_model: bool = False
    preset: str = ""

    @property
    def has_model(self) -> bool:
        """It has left something to classify with."""
        return self.kind.leaves_model and (self.state.has_model or self.left_model)


def folder_of(project: Project, run_id: str) -> RunFolder:
    """The folder of a training run. Raises UserError ``RECORD_NOT_FOUND``."""
    return RunFolder(project.runs_folder / project.runs.get(run_id).folder)


def refuse_when_at_work(folder: RunFolder, name: str) -> None:
    """Raises UserError ``RUN_IS_RUNNING`` for a run whose worker lives or was launched a moment ago."""
    if folder.is_alive() or (folder.was_launched_recently() and folder.state().is_active):
        raise UserError("RUN_IS_RUNNING", run=name)


def refuse_when_over(run: RunSummary) -> None:
    """Raises UserError ``RUN_IS_OVER`` for a run with which there is nothing to go on, ``RUN_HAS_MODEL`` for
    a single training that was stopped: its checkpoints are gone, and one from the first step on would take
    the place of the model that it has."""
    is_stopped = run.state is RunState.STOPPED
    if run.state in (RunState.FINISHED, RunState.CANCELLED) or (is_stopped and not run.kind.leaves_model):
        raise UserError("RUN_IS_OVER", run=run.name)
    if is_stopped and run.trials_over >= run.trials:
        raise UserError("RUN_HAS_MODEL", run=run.name, number=run.number)


def list_runs(project: Project) -> list[RunSummary]:
    """All training runs, newest first; the events of a run that ended are read once."""
    return list_records(project, project.runs)


def refresh(project: Project, run_id: str) -> RunSummary:
    """One training run as it stands now. Raises UserError ``RECORD_NOT_FOUND``."""
    record = project.runs.get(run_id)
    return _summary_of(record, RunFolder(project.runs_folder / record.folder))[0]


def list_records(project: Project, records: Records) -> list[RunSummary]:
    """The summaries of all records of a table, newest first."""
    fresh: dict[str, Mapping[str, Any]] = {}
    found = []
    for record in records.list():
        summary, cache = _summary_of(record, RunFolder(project.runs_folder / record.folder))
        found.append(summary)
        if cache is not None:
            fresh[record.id] = cache
    if fresh:
        records.update_details(fresh)
    return found


def _summary_of(record: Record, folder: RunFolder) -> tuple[RunSummary, Mapping[str, Any] | None]:
    """The summary, and what to remember of it (None when that is known already or may still change)."""
    cached = record.details.get("summary")
    size = _size_of_events(folder)
    if (
        isinstance(cached, dict)
        and record.details.get("cache") == _CACHE_VERSION
        and record.details.get("events_size") == size
    ):
        return _from_cache(record, cached), None
    figures = read_figures(folder)
    ended = figures["state"] in (
        RunState.FINISHED, RunState.STOPPED, RunState.CANCELLED, RunState.FAILED,
    )  # fmt: skip
    details = {**record.details, "cache": _CACHE_VERSION, "events_size": size, "summary": figures}
    return _from_cache(record, figures), details if ended else None


def _size_of_events(folder: RunFolder) -> int:
    try:
        return folder.events_path.stat().st_size
    except OSError:
        return -1


def _from_cache(record: Record, figures: Mapping[str, Any]) -> RunSummary:
    values = dict(figures)
    for name in ("started_at", "ended_at"):
        if values.get(name) is not None:
            values[name] = datetime.fromtimestamp(values[name], UTC)
    values["state"] = RunState(values["state"])
    values["warnings"] = tuple(values.get("warnings", ()))
    kind = RunKind(record.kind)
    return RunSummary(
        id=record.id,
        number=record.number,
        name=record.name,
        kind=kind,
        created_at=record.created_at,
        **values,
    )


def read_figures(folder: RunFolder) -> dict[str, Any]:
    """The fields of a summary that come from the folder, as JSON values."""
    figures: dict[str, Any] = {"state": RunState.INTERRUPTED.value, "error_params": {}}
    try:
        spec = folder.spec()
    except UserError as error:
        return {
            **figures,
            "state": RunState.FAILED.value,
            "error_code": error.code,
            "error_params": error.params,
        }
    is_open = isinstance(spec, TrainingSpec) and not spec.options.epochs
    if isinstance(spec, TrainingSpec):
        figures.update(
            architecture=spec.architecture,
            preset=preset_of(spec.options) if has_presets(spec.architecture) else "",
            epochs=spec.epochs,
            data_rows=dict(spec.data.rows),
            repetition=spec.repetition.mode,
            trials=spec.repetition.count if spec.repetition.is_repeated else 0,
        )
    elif isinstance(spec, AdaptSpec):
        options = spec.options
        epochs = 0 if options.tokens else options.epochs
        figures.update(encoder=options.encoder, target=spec.target, epochs=epochs, data_rows=dict(spec.rows))
        figures.update(most_tokens=options.tokens)
    alive = folder.is_alive()
    status = RunStatus()
    best: Evaluated | None = None
    try:
        for event in folder.events():
            status.feed(event)
            best = _take(figures, event, best)
            if is_open and event.type == "Started":  # it follows from all rows that are learnt
                figures["epochs"] = getattr(event, "epochs", 0) or figures["epochs"]
    except UserError as error:
        # Written by a newer version: this run cannot be read here, all others can.
        return {
            **figures,
            "state": RunState.FAILED.value,
            "error_code": error.code,
            "error_params": error.params,
        }
    except OSError as error:
        return {
            **figures,
            "state": RunState.FAILED.value,
            "error_code": "RUN_DAMAGED",
            "error_params": {"path": str(folder.path), "reason": str(error)},
        }
    if not alive or folder.is_alive():
        status.settle(folder)
    _conclude(figures, status)
    return figures


def _conclude(figures: dict[str, Any], status: RunStatus) -> None:
    figures["state"] = status.state.value
    if status.first_at:
        figures["started_at"] = status.first_at
    if status.terminal is not None:
        figures["ended_at"] = status.last_at
    if not figures.get("duration") and status.first_at:
        # The clock of the computer may have been put back meanwhile.
        figures["duration"] = max(0.0, status.last_at - status.first_at)
    if status.written is not None:
        figures.update(rows_done=status.written.rows_done, total_rows=status.written.total_rows)
    if isinstance(status.terminal, (Failed, Paused, Stopped)) and status.terminal.code:
        figures.update(error_code=status.terminal.code, error_params=dict(status.terminal.params))


def _take(figures: dict[str, Any], event: Event, best: Evaluated | None) -> Evaluated | None:
    if isinstance(event, Progress):
        figures["epoch"], figures["duration"], figures["tokens"] = event.epoch, event.elapsed, event.tokens
        figures["peak_memory"] = max(event.memory, figures.get("peak_memory", 0))
    elif isinstance(event, Warned):
        figures.setdefault("warnings", []).append(event.code)
    elif isinstance(event, Trial):
        _take_trial(figures, event)
    elif isinstance(event, (Finished, Stopped, Cancelled)):
        _take_end(figures, event)
    elif isinstance(event, Filled):
        _take_filled(figures, event)
    elif isinstance(event, Evaluated) and event.trial:
        pass  # of one trial among others: the figures of the best are in its `Trial`
    elif isinstance(event, Evaluated) and event.split == "test":
        figures.update(test_macro_f1=event.macro_f1, test_accuracy=event.accuracy)
    elif isinstance(event, Evaluated):
        return _take_evaluated(figures, event, best)
    elif event.type == "Started":
        figures["device"] = getattr(event, "device", "")
    return best


def _take_evaluated(figures: dict[str, Any], event: Evaluated, best: Evaluated | None) -> Evaluated:
    figures["epoch"] = max(event.epoch, figures.get("epoch", 0.0))  # who is stopped evaluates once more
    if best is not None and not event.is_best:
        return best
    figures.update(
        best_epoch=event.epoch,
        best_macro_f1=event.macro_f1,
        best_accuracy=event.accuracy,
        best_loss=event.loss,
    )
    return event


def _take_end(figures: dict[str, Any], end: Finished | Stopped | Cancelled) -> None:
    figures["left_model"] = not isinstance(end, Cancelled)
    if not isinstance(end, Cancelled):
        _take_spread(figures, end.metrics)
        figures["made_encoder"] = str(end.output.get("encoder", ""))


def _take_filled(figures: dict[str, Any], filled: Filled) -> None:
    if filled.step == 0:
        figures.update(start_loss=filled.loss, start_accuracy=filled.accuracy)
    if filled.is_best:
        figures.update(best_epoch=filled.epoch, best_loss=filled.loss, best_accuracy=filled.accuracy)


def _take_trial(figures: dict[str, Any], trial: Trial) -> None:
    """The figures of a repeated training are those of its best trial, whose model it leaves."""
    figures["trials_over"] = max(trial.number, figures.get("trials_over", 0))
    if not trial.is_best:
        return
    names = {
        "best_epoch": "best_epoch",
        "best_macro_f1": "valid_macro_f1",
        "best_accuracy": "valid_accuracy",
        "best_loss": "valid_loss",
        "test_macro_f1": "test_macro_f1",
        "test_accuracy": "test_accuracy",
    }
    figures.update({ours: trial.metrics[theirs] for ours, theirs in names.items() if theirs in trial.metrics})


def _take_spread(figures: dict[str, Any], metrics: Mapping[str, Any]) -> None:
    """Folds are made for the figures of what was held out: these say more than those of one fold's model."""
    for name in ("mean", "deviation"):
        figures[name] = dict(metrics.get(name, {}))
    for ours, theirs in (("best_macro_f1", "held_out_macro_f1"), ("best_accuracy", "held_out_accuracy")):
        if theirs in figures["mean"]:
            figures[ours] = figures["mean"][theirs]
