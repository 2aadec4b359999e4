"""A repeated training as a whole: which trainings it has, what is known of those that are over, the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from senti_studio.domain.architectures import options_of
from senti_studio.domain.repetition import ONCE, differences, spread
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions, largest_batch
from senti_studio.domain.transfer import STRUCTURE
from senti_studio.jobs.protocol import (
    CheckpointSaved,
    Evaluated,
    Event,
    Progress,
    Read,
    Started,
    Trial,
    Warned,
)
from senti_studio.learning.data import TrainingData
from senti_studio.learning.folds import Fold, Folds
from senti_studio.learning.sizes import share_of, with_share
from senti_studio.learning.study import Study
from senti_studio.learning.trial_folder import TrialFolder


@dataclass(slots=True)
class Work:
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
    ) -> Work:
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
        # How many comments join that a model labels or a teacher talks of is not known yet.
        is_more = self.spec.pseudo is not None or self.spec.teaching is not None
        largest = 0 if is_more else largest_batch(self.spec.options, len(self.data.learnt))
        return Study(self.spec.options, list(self.over.values()), number, names, largest)

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
            share = share_of(number, self.spec.repetition.count, len(self.data.train))
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
        return with_number(event, number)


def _is_sound(trial: Trial) -> bool:
    """Whether an event says what a trial must say; one that somebody has edited is trained once more."""
    figures_told = (trial.metrics.get("valid_macro_f1"), trial.metrics.get("valid_loss", 0.0))
    is_done = trial.state == "done" and all(isinstance(figure, (int, float)) for figure in figures_told)
    return is_done or trial.state in ("pruned", "failed")


def _rank(trial: Trial) -> tuple[float, float, int]:
    metrics = trial.metrics
    return metrics["valid_macro_f1"], -metrics.get("valid_loss", 0.0), -trial.number


def with_number(event: Event, number: int) -> Event:
    """An event that tells which trial it is of, where it can."""
    if isinstance(event, (Evaluated, CheckpointSaved, Read)):
        return replace(event, trial=number)
    return event
