"""Trains several times: other seeds, folds, a search, more and more labels. One `fit` after the other."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from senti_studio.domain.metrics import confusion_matrix, figures
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import (
    Cancelled,
    Evaluated,
    Event,
    Finished,
    Preparing,
    Progress,
    Stopped,
    Trial,
    Warned,
)
from senti_studio.learning.checkpoint import Checkpoint
from senti_studio.learning.data import TrainingData
from senti_studio.learning.evaluate import write_predictions
from senti_studio.learning.fit import finish_stopped, fit
from senti_studio.learning.folds import Fold
from senti_studio.learning.predict import Predictor
from senti_studio.learning.resumption import Resumption
from senti_studio.learning.study import Study
from senti_studio.learning.trial_folder import TrialFolder, publish
from senti_studio.learning.trials import Work, with_number

ROWS_A_PIECE = 1024
"""Between two pieces of held-out rows a command is heard."""

OF_THE_TRIAL = ("NAN_LOSS", "OUT_OF_MEMORY", "OUT_OF_GPU_MEMORY")
"""Errors that come from the options of one trial: the others go on."""


def repeat(
    spec: TrainingSpec,
    data: TrainingData,
    out: Path,
    *,
    groups: Mapping[int, int] | None = None,
    told: Sequence[Trial] = (),
) -> Iterator[Event]:
    """Trains ``spec.repetition.count`` times; the best by validation macro F1 becomes the run's model.

    ``told``: the `Trial` events of an interrupted start; these trials are over, and the one that was at work
    goes on from its checkpoint. ``groups``: comment id -> group of copies, for folds. The consumer drives, as
    with `fit`. Raises what `fit` raises of data and device, ``NO_TRIAL_FINISHED`` when every trial failed.
    """
    work = Work.of(spec, data, out, groups or {}, told)
    for number in range(1, spec.repetition.count + 1):
        if number not in work.over:
            yield (yield from _trial(work, number))
        work.tidy()
    best = work.best
    if best is None:
        last = max(work.over.values(), key=lambda trial: trial.number)
        raise UserError("NO_TRIAL_FINISHED", count=len(work.over), error=last.code)
    publish(out, TrialFolder.of(out, best.number), work.held_out_folders())
    yield Finished(reason="done", metrics=work.metrics(best), output=_OUTPUT)


def finish_stopped_repeat(
    spec: TrainingSpec,
    data: TrainingData,
    out: Path,
    *,
    groups: Mapping[int, int] | None = None,
    told: Sequence[Trial] = (),
) -> Iterator[Event]:
    """Keeps the best trial that is over; without one the best epoch of the trial at work. The last event is
    `Stopped`, or `Cancelled` when nothing was learnt yet."""
    work = Work.of(spec, data, out, groups or {}, told)
    best = work.best or (yield from _kept_of_the_trial_at_work(work))
    if best is None:
        yield Cancelled()
        return
    publish(out, TrialFolder.of(out, best.number), work.held_out_folders())
    yield Stopped(metrics=work.metrics(best), output=_OUTPUT)


def _kept_of_the_trial_at_work(work: Work) -> Generator[Event, None, Trial | None]:
    """Makes a model of its best epoch; None when it has not begun to learn."""
    numbers = range(1, work.spec.repetition.count + 1)
    number = next((number for number in numbers if number not in work.over), 0)
    folder = TrialFolder.of(work.out, number)
    begun = folder.begun()
    if begun is None or begun[1].checkpoint is None:
        return None
    spec = work.spec_of(begun[0])
    kept = yield from _best_epoch(work, number, folder, spec)
    if kept is None:
        return None
    different = work.what_differs(spec.options, number)
    return Trial(number=number, options=different, metrics=kept, is_best=True)


def _best_epoch(
    work: Work, number: int, folder: TrialFolder, spec: TrainingSpec
) -> Generator[Event, None, dict[str, Any] | None]:
    """Makes a model of the best checkpoint of a trial; its figures, None where there is no checkpoint."""
    with closing(finish_stopped(spec, work.fold(number).data, folder.path)) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event, Stopped):
                return dict(event.metrics)
            if not event.terminal:
                yield with_number(event, number)
    return None


_OUTPUT = {"model": "model", "predictions": "predictions"}


@dataclass(slots=True)
class _AtWork:
    """What has been seen of the trial at work."""

    curve: list[float]
    seconds: float = 0.0

    @classmethod
    def at(cls, checkpoint: Checkpoint | None) -> _AtWork:
        if checkpoint is None:
            return cls([])
        state = checkpoint.state()
        curve = [entry["macro_f1"] for entry in state.history if _is_whole(entry["epoch"])]
        return cls(curve, state.elapsed)


def _is_whole(epoch: float) -> bool:
    return abs(epoch - round(epoch)) < 1e-9


def _trial(work: Work, number: int) -> Generator[Event, None, Trial]:
    """Trains one trial, or goes on with it; returns how it ended."""
    folder = TrialFolder.of(work.out, number)
    study = work.study(number)
    begun = folder.begun()
    if begun is None:
        options, begin = work.options(number, study), Resumption()
        folder.begin(options)
    else:
        options, begin = begun
    seen = _AtWork.at(begin.checkpoint)
    ended = Trial(number=number, options=work.what_differs(options, number))
    try:
        metrics = yield from _trained(work, number, folder, work.spec_of(options), study, seen, begin)
        if metrics is None:
            ended = replace(ended, state="pruned", metrics=_best_of(seen.curve))
        else:
            ended = replace(ended, metrics=metrics)
    except UserError as error:
        if error.code not in OF_THE_TRIAL:
            raise
        kept = None
        if study is None and error.code == "NAN_LOSS":
            kept = yield from _kept_of_diverged(work, number, folder, work.spec_of(options), error)
        if kept is None:
            ended = replace(ended, state="failed", code=error.code, params=dict(error.params))
        else:
            ended = replace(ended, metrics=kept)
    return work.ended(replace(ended, curve=tuple(seen.curve), seconds=seen.seconds))


def _kept_of_diverged(
    work: Work, number: int, folder: TrialFolder, spec: TrainingSpec, error: UserError
) -> Generator[Event, None, dict[str, Any] | None]:
    """Of seeds and folds none may be missing: the best state from before the numbers became none counts."""
    kept = yield from _best_epoch(work, number, folder, spec)
    if kept is None:
        return None
    yield Warned(code="NAN_LOSS_KEPT", params={**error.params, "best": kept["best_step"]})
    return (yield from _with_held_out(kept, work.fold(number), folder, spec))


def _best_of(curve: Sequence[float]) -> dict[str, float]:
    return {"valid_macro_f1": max(curve)} if curve else {}


def _trained(
    work: Work,
    number: int,
    folder: TrialFolder,
    spec: TrainingSpec,
    study: Study | None,
    seen: _AtWork,
    begin: Resumption,
) -> Generator[Event, None, dict[str, Any] | None]:
    """Drives `fit`; returns the figures of the trial, None when it was pruned."""
    fold = work.fold(number)
    if _is_hopeless(study, seen, spec):
        return None
    end: Finished | None = None
    trained = fit(spec, fold.data, folder.path, resume=begin.checkpoint, remarks=begin.remarks)
    with closing(trained) as events:
        for event in events:
            if isinstance(event, Finished):
                end = event
                break
            if isinstance(event, Progress):
                seen.seconds = event.elapsed
            if not isinstance(event, Warned) or work.is_new(event):
                yield work.dressed(event, number)
            if isinstance(event, Evaluated) and event.split == "valid" and _is_whole(event.epoch):
                seen.curve[round(event.epoch) - 1 :] = [event.macro_f1]
                if _is_hopeless(study, seen, spec):
                    return None
    assert end is not None
    seen.seconds = float(end.metrics.get("seconds", seen.seconds))
    return (yield from _with_held_out(end.metrics, fold, folder, spec))


def _with_held_out(
    metrics: Mapping[str, Any], fold: Fold, folder: TrialFolder, spec: TrainingSpec
) -> Generator[Event, None, dict[str, Any]]:
    """The figures of a trial, and of a fold those of what was held out of it."""
    found = {name: value for name, value in metrics.items() if name != "seconds"}
    if len(fold.held_out):
        found |= yield from _hold_against(fold, folder, spec)
    return found


def _is_hopeless(study: Study | None, seen: _AtWork, spec: TrainingSpec) -> bool:
    """A trial in its last epoch is as good as over."""
    return study is not None and len(seen.curve) < spec.epochs and study.prunes(seen.curve)


def _hold_against(
    fold: Fold, folder: TrialFolder, spec: TrainingSpec
) -> Generator[Event, None, dict[str, float]]:
    """Has the model of a fold predict the rows that were held out of it."""
    predictor = Predictor.load(folder.path / "model", spec.device)
    rows, found = fold.held_out, []
    for start in range(0, len(rows), ROWS_A_PIECE):
        yield Preparing(stage="evaluating", done=start, total=len(rows))
        found.append(predictor.probabilities(rows.texts[start : start + ROWS_A_PIECE]))
    chances = np.concatenate(found)
    write_predictions(folder.held_out, rows.ids, rows.labels, chances)
    guesses = chances.argmax(axis=1).tolist()
    of_fold = figures(confusion_matrix(zip(rows.labels, guesses, strict=True), len(spec.labels)))
    return {"held_out_accuracy": of_fold.accuracy, "held_out_macro_f1": of_fold.macro_f1}
