"""Trains several times: other seeds, folds, a search, more and more labels. One `fit` after the other."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from senti_studio.domain.architectures import options_of
from senti_studio.domain.metrics import confusion_matrix, figures
from senti_studio.domain.repetition import ONCE, differences, spread
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.domain.transfer import STRUCTURE
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import (
    Cancelled,
    CheckpointSaved,
    Evaluated,
    Event,
    Finished,
    Preparing,
    Progress,
    Read,
    Started,
    Stopped,
    Trial,
    Warned,
)
from senti_studio.learning.checkpoint import Checkpoint
from senti_studio.learning.data import TrainingData
from senti_studio.learning.evaluate import write_predictions
from senti_studio.learning.fit import finish_stopped, fit
from senti_studio.learning.folds import Fold, Folds
from senti_studio.learning.predict import Predictor
from senti_studio.learning.sizes import share_of, with_share
from senti_studio.learning.study import Study
from senti_studio.learning.trial_folder import TrialFolder, publish

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
    work = _Work.of(spec, data, out, groups or {}, told)
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
    work = _Work.of(spec, data, out, groups or {}, told)
    best = work.best or (yield from _kept_of_the_trial_at_work(work))
    if best is None:
        yield Cancelled()
        return
    publish(out, TrialFolder.of(out, best.number), work.held_out_folders())
    yield Stopped(metrics=work.metrics(best), output=_OUTPUT)


def _kept_of_the_trial_at_work(work: _Work) -> Generator[Event, None, Trial | None]:
    """Makes a model of its best epoch; None when it has not begun to learn."""
    numbers = range(1, work.spec.repetition.count + 1)
    number = next((number for number in numbers if number not in work.over), 0)
    folder = TrialFolder.of(work.out, number)
    begun = folder.begun()
    if begun is None or begun[1] is None:
        return None
    spec = work.spec_of(begun[0])
    kept = yield from _best_epoch(work, number, folder, spec)
    if kept is None:
        return None
    different = work.what_differs(spec.options, number)
    return Trial(number=number, options=different, metrics=kept, is_best=True)


def _best_epoch(
    work: _Work, number: int, folder: TrialFolder, spec: TrainingSpec
) -> Generator[Event, None, dict[str, Any] | None]:
    """Makes a model of the best checkpoint of a trial; its figures, None where there is no checkpoint."""
    with closing(finish_stopped(spec, work.fold(number).data, folder.path)) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event, Stopped):
                return dict(event.metrics)
            if not event.terminal:
                yield _with_number(event, number)
    return None


_OUTPUT = {"model": "model", "predictions": "predictions"}


@dataclass(slots=True)
class _Work:
    """What is to be done, and what is known of the trials that are over."""

    spec: TrainingSpec
    data: TrainingData
    out: Path
    folds: Folds | None
    over: dict[int, Trial]
    warned: list[Warned] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        spec: TrainingSpec,
        data: TrainingData,
        out: Path,
        groups: Mapping[int, int],
        told: Sequence[Trial],
    ) -> _Work:
        folds = Folds.draw(spec, data, groups) if spec.repetition.mode == "folds" else None
        numbers = range(1, spec.repetition.count + 1)
        over = {trial.number: trial for trial in told if trial.number in numbers and _is_sound(trial)}
        return cls(spec, data, out, folds, over)

    @property
    def best(self) -> Trial | None:
        done = [trial for trial in self.over.values() if trial.state == "done"]
        if self.spec.repetition.mode == "sizes":
            return max(done, key=lambda trial: trial.number, default=None)  # who has seen most
        return max(done, key=_rank, default=None)

    @property
    def seconds(self) -> float:
        return sum(trial.seconds for trial in self.over.values())

    def study(self, number: int) -> Study | None:
        """None where nothing is searched for."""
        if self.spec.repetition.mode != "search":
            return None
        names = set(options_of(self.spec.architecture))
        if self.spec.start is not None:  # whose weights fit no other net
            names -= {*STRUCTURE, "linear_model"}
        return Study(self.spec.options, list(self.over.values()), number, names)

    def options(self, number: int, study: Study | None) -> TrainingOptions:
        """What the trial of this number is to be."""
        base = self.spec.options
        if study is not None:
            return study.suggest()
        if self.spec.repetition.mode == "seeds":
            return replace(base, seed=(base.seed + number - 1) % 2**31)
        return base

    def spec_of(self, options: TrainingOptions) -> TrainingSpec:
        return replace(self.spec, options=options, kind="train", repetition=ONCE)

    def what_differs(self, options: TrainingOptions, number: int) -> dict[str, Any]:
        """What is told of a trial: its own options, of a learning curve how many labels it learns from."""
        found: dict[str, Any] = differences(options, self.spec.options)
        if self.spec.repetition.mode == "sizes":
            found["labels"] = len(self.fold(number).data.train)
        return found

    def fold(self, number: int) -> Fold:
        if self.spec.repetition.mode == "sizes":
            share = share_of(number, self.spec.repetition.count)
            data = with_share(self.data, share, self.spec.options.seed)
            return Fold(data, type(self.data.valid)())
        if self.folds is None:
            return Fold(self.data, type(self.data.valid)())
        return self.folds.fold(number - 1)

    def is_new(self, warning: Warned) -> bool:
        """The same warning in every trial is said once."""
        said = replace(warning, at=0.0)
        if said in self.warned:
            return False
        self.warned.append(said)
        return True

    def ended(self, trial: Trial) -> Trial:
        """Takes the end of a trial into account."""
        self.over[trial.number] = trial
        trial = replace(trial, is_best=self.best is trial)
        self.over[trial.number] = trial
        return trial

    def tidy(self) -> None:
        """Of trials that are over only the best keeps its model."""
        best = self.best
        for number in self.over:
            folder = TrialFolder.of(self.out, number)
            folder.tidy(keep_model=best is not None and number == best.number)

    def held_out_folders(self) -> list[TrialFolder]:
        done = sorted(number for number, trial in self.over.items() if trial.state == "done")
        return [TrialFolder.of(self.out, number) for number in done] if self.folds is not None else []

    def metrics(self, best: Trial) -> dict[str, Any]:
        """Those of the best trial, how many there were, mean and deviation of trials with equal options."""
        states = [trial.state for trial in self.over.values()]
        found = {
            **best.metrics,
            "best_trial": best.number,
            "options": dict(best.options),
            "trials": self.spec.repetition.count,
            **{state: states.count(state) for state in ("done", "pruned", "failed")},
            "seconds": self.seconds,
        }
        if self.spec.repetition.has_mean:
            done = [trial.metrics for trial in self.over.values() if trial.state == "done"]
            means = spread(done)
            found["mean"] = {name: mean for name, (mean, _) in means.items()}
            found["deviation"] = {name: deviation for name, (_, deviation) in means.items()}
        return found

    def dressed(self, event: Event, number: int) -> Event:
        """An event of a trial as one of the run: with its number, and the times of the whole run."""
        if isinstance(event, Started):
            return replace(event, trial=number, trials=self.spec.repetition.count)
        if isinstance(event, Progress):
            whole = event.elapsed + event.eta if event.eta >= 0 else event.elapsed
            each = self.seconds / len(self.over) if self.over else whole
            left = self.spec.repetition.count - number
            eta = event.eta + left * each if event.eta >= 0 else -1.0
            return replace(event, trial=number, eta=eta, elapsed=self.seconds + event.elapsed)
        return _with_number(event, number)


def _is_sound(trial: Trial) -> bool:
    """Whether an event says what a trial must say; one that somebody has edited is trained once more."""
    figures_told = (trial.metrics.get("valid_macro_f1"), trial.metrics.get("valid_loss", 0.0))
    is_done = trial.state == "done" and all(isinstance(figure, (int, float)) for figure in figures_told)
    return is_done or trial.state in ("pruned", "failed")


def _rank(trial: Trial) -> tuple[float, float, int]:
    metrics = trial.metrics
    return metrics["valid_macro_f1"], -metrics.get("valid_loss", 0.0), -trial.number


def _with_number(event: Event, number: int) -> Event:
    if isinstance(event, (Evaluated, CheckpointSaved, Read)):
        return replace(event, trial=number)
    return event


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


def _trial(work: _Work, number: int) -> Generator[Event, None, Trial]:
    """Trains one trial, or goes on with it; returns how it ended."""
    folder = TrialFolder.of(work.out, number)
    study = work.study(number)
    begun = folder.begun()
    if begun is None:
        options, resume = work.options(number, study), None
        folder.begin(options)
    else:
        options, resume = begun
    seen = _AtWork.at(resume)
    ended = Trial(number=number, options=work.what_differs(options, number))
    try:
        metrics = yield from _trained(work, number, folder, work.spec_of(options), study, seen, resume)
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
    work: _Work, number: int, folder: TrialFolder, spec: TrainingSpec, error: UserError
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
    work: _Work,
    number: int,
    folder: TrialFolder,
    spec: TrainingSpec,
    study: Study | None,
    seen: _AtWork,
    resume: Checkpoint | None,
) -> Generator[Event, None, dict[str, Any] | None]:
    """Drives `fit`; returns the figures of the trial, None when it was pruned."""
    fold = work.fold(number)
    if _is_hopeless(study, seen, spec):
        return None
    end: Finished | None = None
    with closing(fit(spec, fold.data, folder.path, resume=resume)) as events:  # type: ignore[type-var]
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
    return study is not None and len(seen.curve) < spec.options.epochs and study.prunes(seen.curve)


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
