"""Where an interrupted training goes on: from the newest checkpoint that is whole."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Warned
from senti_studio.learning.checkpoint import Checkpoint, Checkpoints, TrainingState


@dataclass(frozen=True, slots=True)
class Resumption:
    """``checkpoint``: None at the very beginning; ``remarks``: what was damaged, to be told."""

    checkpoint: Checkpoint | None = None
    remarks: tuple[Warned, ...] = ()


def resumption(checkpoints: Checkpoints) -> Resumption:
    """The newest whole checkpoint, which is the last one from now on; the best one is one that is whole, too.

    Raises UserError ``CHECKPOINT_DAMAGED`` where there are checkpoints, but no whole one.
    """
    damaged: dict[Checkpoint, UserError] = {}
    for found in checkpoints.newest_first():
        try:
            state, _, training = found.state(), found.weights(), found.training()
        except UserError as error:
            damaged[found] = error
            continue
        checkpoints.point_last(found, state)
        remarks = []
        if damaged:
            reason = next(iter(damaged.values())).params["reason"]
            remarks.append(Warned(code="CHECKPOINT_OLDER", params={"step": state.step, "reason": reason}))
        remarks += _with_best(checkpoints, found, state, damaged, has_members=bool(training.get("members")))
        return Resumption(found, tuple(remarks))
    if damaged:
        raise next(iter(damaged.values()))
    return Resumption()


def _with_best(
    checkpoints: Checkpoints,
    last: Checkpoint,
    state: TrainingState,
    damaged: Collection[Checkpoint],
    *,
    has_members: bool,
) -> list[Warned]:
    """Sees to it that the best checkpoint is what ``state`` takes it for, or that none is looked for."""
    lost, best, reason = state.best_step, None, "best.json"
    try:
        best = checkpoints.best()
        if best is not None and lost >= 0 and best.state().step == lost:
            best.weights()
            return []
    except UserError as error:
        reason = str(error.params["reason"])
    if lost == state.step or (lost >= 0 and has_members):
        # Of a mix each checkpoint holds all members as they were at their best.
        checkpoints.point_best(last, state)
        return []
    checkpoints.forget_best()
    if lost < 0:
        return []
    _forget_best(state)
    last.rewrite(state)
    if state.best_step == state.step:
        checkpoints.point_best(last, state)
    # One that came later, and was better, comes again.
    if best is not None and best in damaged:
        return []
    return [Warned(code="BEST_LOST", params={"step": lost, "reason": reason})]


def _forget_best(state: TrainingState) -> None:
    """The present state is the best where it has been judged, else the one that is judged next."""
    judged = state.history[-1] if state.history else {}
    state.without_gain = 0
    if judged.get("step") == state.step == state.evaluated_step and "valid_loss" in judged:
        state.best_step, state.best_f1 = state.step, judged["macro_f1"]
        state.best_accuracy, state.best_loss = judged["accuracy"], judged["valid_loss"]
        return
    state.best_step, state.best_f1, state.best_accuracy, state.best_loss = -1, -1.0, -1.0, math.inf
    state.evaluated_step = min(state.evaluated_step, max(0, state.step - 1))
