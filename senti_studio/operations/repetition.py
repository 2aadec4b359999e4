"""What a repeated training found: its trials, and the options that are worth taking over."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from senti_studio.domain.architectures import default_options
from senti_studio.domain.repetition import mean_and_deviation
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions, problems_of
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Event, Trial
from senti_studio.operations.run_list import folder_of
from senti_studio.storage.project import Project


def trials_in(events: Iterable[Event]) -> list[Trial]:
    """The trials that are over, by number; the figures of the last word about each."""
    return sorted(
        {event.number: event for event in events if isinstance(event, Trial)}.values(),
        key=lambda trial: trial.number,
    )


def trials_of(project: Project, run_id: str) -> list[Trial]:
    """The trials of a run. Raises UserError ``RECORD_NOT_FOUND``, ``PROTOCOL_TOO_NEW``."""
    return trials_in(folder_of(project, run_id).events())


def figures_of(trial: Trial) -> tuple[float | None, float | None]:
    """Accuracy and macro F1 of a trial: of a fold those of the comments that were held out, else those of the
    validation part, by which the trials are compared."""
    part = "held_out" if "held_out_macro_f1" in trial.metrics else "valid"
    return _number(trial.metrics, f"{part}_accuracy"), _number(trial.metrics, f"{part}_macro_f1")


def spread_of(trials: Iterable[Trial]) -> dict[str, tuple[float, float]]:
    """``accuracy``, ``macro_f1`` (see `figures_of`), ``test_accuracy`` and ``test_macro_f1`` -> mean and
    standard deviation over the trials that ended well; empty without one."""
    values: dict[str, list[float]] = {}
    for trial in trials:
        if trial.state != "done":
            continue
        accuracy, macro_f1 = figures_of(trial)
        found = {
            "accuracy": accuracy,
            "macro_f1": macro_f1,
            "test_accuracy": _number(trial.metrics, "test_accuracy"),
            "test_macro_f1": _number(trial.metrics, "test_macro_f1"),
        }
        for name, value in found.items():
            if value is not None:
                values.setdefault(name, []).append(value)
    return {name: mean_and_deviation(each) for name, each in values.items()}


def best_trial(trials: Iterable[Trial]) -> Trial | None:
    """The one whose model the run keeps."""
    best = [trial for trial in trials if trial.is_best]
    return best[-1] if best else None


def options_of_run(project: Project, run_id: str) -> tuple[str, TrainingOptions]:
    """Architecture and options of a run, of a search those of its best trial.

    Raises UserError ``NO_TRIAL_YET`` for a search of which no trial is over, ``BAD_SPEC`` for options of
    another version, ``RUN_HAS_NO_OPTIONS`` for an adaptation.
    """
    spec = folder_of(project, run_id).spec()
    if not isinstance(spec, TrainingSpec):
        raise UserError("RUN_HAS_NO_OPTIONS", run=spec.name)
    if spec.repetition.mode != "search":
        return spec.architecture, spec.options
    best = best_trial(trials_of(project, run_id))
    if best is None:
        raise UserError("NO_TRIAL_YET", run=spec.name)
    return spec.architecture, options_with(spec.options, best.options)


def differing_options(project: Project, run_id: str) -> dict[str, Any]:
    """The options of a run that are not the defaults of its architecture; of a search those that all trials
    begin with. Empty for an adaptation. Raises UserError ``BAD_SPEC``."""
    spec = folder_of(project, run_id).spec()
    if not isinstance(spec, TrainingSpec):
        return {}
    usual = dataclasses.asdict(default_options(spec.architecture, spec.options.encoder))
    return {
        name: value for name, value in dataclasses.asdict(spec.options).items() if value != usual.get(name)
    }


def options_with(base: TrainingOptions, changed: Mapping[str, Any]) -> TrainingOptions:
    """``base`` with some options changed. Raises UserError ``BAD_SPEC``."""
    try:
        options = dataclasses.replace(base, **changed)
    except TypeError as error:
        raise UserError("BAD_SPEC", problems=[str(error)]) from error
    problems = problems_of(options)
    if problems:
        raise UserError("BAD_SPEC", problems=problems)
    return options


def _number(metrics: Mapping[str, Any], name: str) -> float | None:
    value = metrics.get(name)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
