"""What a search tries next, and which trial is not worth going on with. The only file that knows optuna.

Nothing is stored: the study is told anew from the trials that are over, with a generator of random numbers
that follows from seed and number of the trial. So a search that was interrupted goes on as one that was not.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState, create_trial

from senti_studio.domain.repetition import SEARCH_SPACE, Span, space_of
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Trial

RANDOM_TRIALS = 5
"""The first trials are drawn at random; from then on the tree-structured Parzen estimator chooses."""

TRIALS_BEFORE_PRUNING = 4
EPOCHS_BEFORE_PRUNING = 2

_STATES = {"done": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}


class Study:
    """The trials of a search that are over, and the one that comes next, which has the number ``number``."""

    def __init__(
        self,
        base: TrainingOptions,
        told: Sequence[Trial],
        number: int,
        names: Collection[str] = SEARCH_SPACE,
        largest_batch: int = 0,
    ) -> None:
        """``names``: the options that count; of others than `SEARCH_SPACE` nothing is varied;
        ``largest_batch``: as in `space_of`."""
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._base, self._number, self._largest_batch = base, number, largest_batch
        self._spans = space_of(names, largest_batch=largest_batch)
        mine = self._as_used({name: getattr(base, name) for name in self._spans})
        self._space = {name: _distribution(span, mine[name]) for name, span in self._spans.items()}
        self._study = optuna.create_study(
            direction="maximize",
            sampler=optuna.samplers.TPESampler(seed=_seed(base.seed, number), n_startup_trials=RANDOM_TRIALS),
            pruner=optuna.pruners.MedianPruner(
                n_startup_trials=TRIALS_BEFORE_PRUNING, n_warmup_steps=EPOCHS_BEFORE_PRUNING
            ),
        )
        for trial in sorted(told, key=lambda trial: trial.number):
            self._tell(trial)

    def suggest(self) -> TrainingOptions:
        """The options of the next trial; those of the first are what the user has set."""
        if self._number == 1:
            return self._base
        if all(span.choices for span in self._spans.values()):
            return self._in_turn()
        params = self._study.ask(self._space).params
        return replace(self._base, **{name: _plain(value) for name, value in params.items()})

    def _in_turn(self) -> TrainingOptions:
        """Where only words are to be chosen each combination has its turn."""
        mine = {name: getattr(self._base, name) for name in self._spans}
        words = [
            [mine[name], *(word for word in span.choices if word != mine[name])]
            for name, span in self._spans.items()
        ]
        turns = list(itertools.product(*words))
        turn: dict[str, Any] = dict(zip(mine, turns[(self._number - 1) % len(turns)], strict=True))
        return replace(self._base, **turn)

    def prunes(self, curve: Sequence[float]) -> bool:
        """Whether a trial with this validation macro F1 after each epoch is below the others' median."""
        if not curve:
            return False
        trial = self._study.ask()
        for epoch, value in enumerate(curve, start=1):
            trial.report(value, epoch)
        return trial.should_prune()

    def _as_used(self, params: dict[str, Any]) -> dict[str, Any]:
        """A larger batch than the comments allow is as large as they allow."""
        asked = params.get("batch_size")
        if self._largest_batch and isinstance(asked, int):
            return {**params, "batch_size": min(asked, self._largest_batch)}
        return params

    def _tell(self, trial: Trial) -> None:
        values = {**{name: getattr(self._base, name) for name in self._space}, **trial.options}
        params = self._as_used({name: values[name] for name in self._space})
        if not all(
            self._space[name]._contains(_internal(self._space[name], params[name])) for name in params
        ):
            return  # made with other bounds, by another version: it teaches nothing here
        state = _STATES[trial.state]
        self._study.add_trial(
            create_trial(
                state=state,
                params=params,
                distributions=self._space,
                value=float(trial.metrics["valid_macro_f1"]) if state is TrialState.COMPLETE else None,
                intermediate_values=dict(enumerate(map(float, trial.curve), start=1)),
            )
        )


def _distribution(span: Span, value: Any) -> BaseDistribution:
    if span.choices:
        return CategoricalDistribution(tuple(dict.fromkeys([*span.choices, value])))
    low, high = min(span.low, value), max(span.high, value)
    if isinstance(value, int):
        return IntDistribution(int(low), int(high), log=span.log)
    return FloatDistribution(low, high, log=span.log)


def _internal(distribution: BaseDistribution, value: Any) -> float:
    try:
        return float(distribution.to_internal_repr(value))
    except (ValueError, TypeError):
        return float("nan")


def _plain(value: Any) -> Any:
    """Three figures are enough to read, to type, and to learn with."""
    return float(f"{value:.3g}") if isinstance(value, float) else value


def _seed(seed: int, number: int) -> int:
    return int.from_bytes(hashlib.blake2b(f"{seed}/{number}".encode(), digest_size=4).digest(), "big")
