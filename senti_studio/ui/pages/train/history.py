"""All that the page shows of one run, built from its events alone: curves, last evaluations, log. No Qt."""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from senti_studio.domain.adapting import AdaptSpec
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.protocol import (
    CheckpointSaved,
    Evaluated,
    Event,
    Filled,
    Preparing,
    Progress,
    Read,
    Started,
    Trial,
    Warned,
)
from senti_studio.jobs.run_folder import RunStatus

_log = logging.getLogger(__name__)

BUCKETS = 800
"""Cells over the planned epochs; the raw curve keeps the smallest and largest loss of each, so drawing
never grows."""

LOG_LINES = 1000


@dataclass(frozen=True, slots=True)
class ValidPoint:
    """One evaluation on the validation part; ``epoch`` is fractional. Of an adaptation loss and accuracy are
    those of hidden words, and ``macro_f1`` is no number."""

    epoch: float
    step: int
    loss: float
    accuracy: float
    macro_f1: float

    @property
    def score(self) -> float:
        """What the curve of the second plot shows as best."""
        return self.accuracy if math.isnan(self.macro_f1) else self.macro_f1

    @property
    def rank(self) -> float:
        return -self.loss if math.isnan(self.macro_f1) else self.macro_f1


@dataclass(slots=True)
class _Bucket:
    epoch: float
    low: float
    high: float
    smooth: float
    step: int


@dataclass(slots=True)
class Curves:
    """Training loss thinned as it comes, and every validation point.

    ``epochs`` is the plan (the length of the time axis); ``last_epoch`` and ``last_step`` say where
    training is.
    """

    epochs: float = 1.0
    total_steps: int = 0
    last_epoch: float = 0.0
    last_step: int = 0
    valid: list[ValidPoint] = field(default_factory=list)
    best: ValidPoint | None = None
    _buckets: dict[int, _Bucket] = field(default_factory=dict)
    _smooth: float | None = None

    def plan(self, epochs: float, total_steps: int) -> None:
        """Sets the length of the plan; before the first point."""
        self.epochs = max(epochs, 1e-6)
        self.total_steps = total_steps

    def add_loss(self, step: int, epoch: float, loss: float) -> None:
        """Takes one training loss; a loss that is no number moves the present place but draws nothing."""
        gone = max(step - self.last_step, 1)
        self.last_epoch, self.last_step = epoch, step
        if not math.isfinite(loss):
            return
        span = max(4.0, (self.total_steps or 400) / 50)
        keep = math.exp(-gone / span)
        self._smooth = loss if self._smooth is None else keep * self._smooth + (1 - keep) * loss
        index = int(epoch / self.epochs * BUCKETS)
        bucket = self._buckets.get(index)
        if bucket is None:
            self._buckets[index] = _Bucket(epoch, loss, loss, self._smooth, step)
            return
        bucket.low, bucket.high = min(bucket.low, loss), max(bucket.high, loss)
        bucket.smooth, bucket.step = self._smooth, step

    def add_valid(self, point: ValidPoint, *, is_best: bool) -> None:
        """Takes one evaluation; the best is what the worker calls best (else the highest macro F1)."""
        self.valid.append(point)
        if point.step > self.last_step:  # who is stopped evaluates once more
            self.last_epoch, self.last_step = point.epoch, point.step
        if is_best or self.best is None:
            self.best = point

    def cut_after(self, step: int) -> None:
        """Forgets what lies after ``step``: a resumed run repeats it, and a curve must not run backwards."""
        self.valid = [point for point in self.valid if point.step <= step]
        self._buckets = {index: bucket for index, bucket in self._buckets.items() if bucket.step <= step}
        last = max(self._buckets.values(), key=lambda bucket: bucket.step, default=None)
        self._smooth = last.smooth if last else None
        self.last_step = last.step if last else 0
        self.last_epoch = last.epoch if last else 0.0
        if self.best is not None and self.best.step > step:
            self.best = max(self.valid, key=lambda point: point.rank, default=None)

    def raw(self) -> tuple[list[float], list[float]]:
        """Epochs and losses of the raw curve, at most two points a bucket."""
        x: list[float] = []
        y: list[float] = []
        for bucket in self._buckets.values():
            x.append(bucket.epoch)
            y.append(bucket.low)
            if bucket.high > bucket.low:
                x.append(bucket.epoch)
                y.append(bucket.high)
        return x, y

    def smooth(self) -> tuple[list[float], list[float]]:
        """Epochs and losses of the smoothed curve (exponential mean over a fiftieth of the plan)."""
        buckets = self._buckets.values()
        return [bucket.epoch for bucket in buckets], [bucket.smooth for bucket in buckets]


_LAST_OF: dict[type[Event], str] = {Preparing: "preparing", Read: "read", CheckpointSaved: "checkpoint"}
"""Events of which only the last one counts, and where it is kept."""


@dataclass(slots=True)
class RunHistory:
    """Feed it every event of a run in order; a window that opens later ends up with the same picture."""

    spec: TrainingSpec | None = None
    adapting: AdaptSpec | None = None
    status: RunStatus = field(default_factory=RunStatus)
    curves: Curves = field(default_factory=Curves)
    preparing: Preparing | None = None
    read: Read | None = None
    last_valid: Evaluated | None = None
    best_valid: Evaluated | None = None
    last_test: Evaluated | None = None
    checkpoint: CheckpointSaved | None = None
    warnings: list[Warned] = field(default_factory=list)
    peak_memory: int = 0
    log: deque[Event] = field(default_factory=lambda: deque(maxlen=LOG_LINES))
    trials: list[Trial] = field(default_factory=list)
    """Of a repeated training: those that are over, by number."""
    _patience_left: int = -1
    _best_of_trials: tuple[Curves, Evaluated | None] | None = None

    def __post_init__(self) -> None:
        if self.adapting is not None:
            self.curves.plan(self.adapting.options.epochs, 0)
        elif self.spec is not None:
            self.curves.plan(self.spec.epochs, 0)

    @property
    def state(self) -> RunState:
        return self.status.state

    @property
    def has_model(self) -> bool:
        """It has left something to classify with."""
        return self.adapting is None and self.state.has_model

    @property
    def has_best(self) -> bool:
        """Whether its best evaluation is what the model is of: a baseline takes its last one, and no fold is
        chosen before the others."""
        spec = self.spec
        if spec is None:
            return True
        repetition = spec.repetition
        return spec.architecture != "baseline" and (repetition.has_best or not repetition.is_repeated)

    @property
    def made_encoder(self) -> str:
        """The name of the encoder that an adaptation has put on the shelf."""
        output = getattr(self.status.terminal, "output", {}) if self.adapting is not None else {}
        return str(output.get("encoder", ""))

    @property
    def cut_share(self) -> float | None:
        """Which share of the training comments was too long; None while nobody knows. Runs of earlier
        versions said it at their end."""
        if self.read is not None:
            return self.read.cut_share
        told = getattr(self.status.terminal, "metrics", {}).get("cut_share")
        return float(told) if isinstance(told, (int, float)) else None

    @property
    def patience(self) -> int:
        """Evaluations without gain that are allowed; 0 where nobody knows."""
        spec = self.adapting if self.adapting is not None else self.spec
        return spec.options.patience if spec is not None else 0

    @property
    def can_go_on(self) -> bool:
        """Whether a worker could take the run up again: it was paused or cut off, or it was stopped while
        some of its several trainings were still to come."""
        if self.state is RunState.STOPPED and self.spec is not None and self.spec.repetition.is_repeated:
            return len(self.trials) < self.spec.repetition.count
        return self.state.is_resumable

    def feed(self, events: Iterable[Event]) -> None:
        """Takes events into account, oldest first; one whose fields are of a wrong kind is logged and
        skipped."""
        for event in events:
            try:
                self._feed_one(event)
            except (TypeError, ValueError, AttributeError) as error:
                _log.info("event skipped: %s (%s)", event.type, error)

    def _feed_one(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.curves.add_loss(event.step, event.epoch, event.loss)
            self.peak_memory = max(self.peak_memory, event.memory)
            self.preparing = None
        else:
            self._feed_rare(event)
        self.status.feed(event)

    def _feed_rare(self, event: Event) -> None:
        self.log.append(event)
        if isinstance(event, Started):
            self._feed_started(event)
        elif name := _LAST_OF.get(type(event)):
            setattr(self, name, event)
        elif isinstance(event, Evaluated):
            self._feed_evaluated(event)
        elif isinstance(event, Filled):
            point = ValidPoint(event.epoch, event.step, event.loss, event.accuracy, math.nan)
            self.curves.add_valid(point, is_best=event.is_best)
            self._patience_left = event.patience_left
        elif isinstance(event, Trial):
            self._feed_trial(event)
        elif isinstance(event, Warned):
            self.warnings.append(event)
        elif event.terminal:
            self.preparing = None
            if self._best_of_trials is not None:
                # What is kept is looked at, not what happened to come last.
                self.curves, self.best_valid = self._best_of_trials

    def _feed_trial(self, event: Trial) -> None:
        others = [trial for trial in self.trials if trial.number != event.number]
        self.trials = sorted([*others, event], key=lambda trial: trial.number)
        if event.is_best:
            self._best_of_trials = self.curves, self.best_valid

    def _feed_started(self, event: Started) -> None:
        before = self.status.started
        if event.trial and before is not None and before.trial != event.trial:
            self.curves, self.last_valid, self.best_valid, self.checkpoint = Curves(), None, None, None
            self._patience_left = -1
        if self.curves.last_step or self.curves.valid:
            self.curves.cut_after(event.resumed_from_step)
        if event.epochs or event.total_steps:
            self.curves.plan(event.epochs or self.curves.epochs, event.total_steps)
        self.preparing = None

    def _feed_evaluated(self, event: Evaluated) -> None:
        if event.split != "valid":
            self.last_test = event
            return
        point = ValidPoint(event.epoch, event.step, event.loss, event.accuracy, event.macro_f1)
        self.curves.add_valid(point, is_best=event.is_best)
        self.last_valid = event
        self._patience_left = event.patience_left
        if event.is_best or self.best_valid is None:
            self.best_valid = event

    @property
    def too_new(self) -> Warned | None:
        """Set when a newer version of the program writes this run, which cannot be shown faithfully."""
        return next((each for each in self.warnings if each.code == "PROTOCOL_TOO_NEW"), None)

    @property
    def share_done(self) -> float | None:
        """Between 0 and 1; None while the length is not known."""
        started = self.status.started
        if started is not None and started.trials:
            return min(1.0, (len(self.trials) + self._share_of_the_trial_at_work) / started.trials)
        if self.curves.total_steps:
            return min(1.0, self.curves.last_step / self.curves.total_steps)
        return None

    @property
    def _share_of_the_trial_at_work(self) -> float:
        """Not that of the curves: once the run has ended or is paused these are those of the best trial."""
        started, progress = self.status.started, self._progress_of_the_trial
        if started is None or progress is None or not started.total_steps:
            return 0.0
        is_over = started.trial in [trial.number for trial in self.trials]
        return 0.0 if is_over else min(1.0, progress.step / started.total_steps)

    @property
    def _progress_of_the_trial(self) -> Progress | None:
        started, progress = self.status.started, self.status.progress
        if started is None or progress is None or progress.trial != started.trial:
            return None
        return progress

    @property
    def epoch_at_work(self) -> float:
        """Where the training, or the trial at work, stands."""
        if self.status.started is None or not self.status.started.trials:
            return self.curves.last_epoch
        progress = self._progress_of_the_trial
        return progress.epoch if progress is not None else 0.0

    @property
    def elapsed(self) -> float:
        """Seconds at work, all starts of the run together."""
        progress = self.status.progress
        return progress.elapsed if progress is not None else 0.0

    @property
    def without_gain(self) -> int | None:
        """Evaluations in a row that brought nothing; None before the first or without patience."""
        if not self.patience or self._patience_left < 0:
            return None
        return max(0, self.patience - self._patience_left)
