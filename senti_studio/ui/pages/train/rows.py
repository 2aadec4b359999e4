"""Rows of the table of runs, from the project's list and from the runs that are being watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from senti_studio.domain.architectures import training_name
from senti_studio.domain.encoders import encoder_label
from senti_studio.domain.run_states import RunState
from senti_studio.jobs.protocol import Failed, Finished
from senti_studio.operations.adapting import AdaptRequest
from senti_studio.operations.repetition import best_trial, figures_of, spread_of
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.models.run_table import RunRow
from senti_studio.ui.pages.train.encoders.rows import EncoderRow, Kind
from senti_studio.ui.pages.train.history import RunHistory
from senti_studio.ui.pages.train.run_words import state_chip
from senti_studio.ui.pages.train.waiting import Waiting

QUEUE_PREFIX = "queue:"


def action_of(state: RunState, *, adapts: bool = False) -> str:
    """What the last column offers for a run in this state."""
    if adapts:
        return "train_on" if state.has_model else "resume" if state.is_resumable else ""
    if state.has_model:
        return "evaluate"
    if state.is_resumable:
        return "resume"
    return "retry" if state in (RunState.FAILED, RunState.CANCELLED) else ""


def waiting_row(index: int, waiting: Waiting, *, awaits: bool = False) -> RunRow:
    """A request in the queue; ``index`` counts from 0; ``awaits``: it cannot begin before its encoder is
    there."""
    words = tr("Awaits encoder") if awaits else tr("Queued {n}").format(n=index + 1)
    chip = (words, "line", "")
    adapts = isinstance(waiting, AdaptRequest)
    return RunRow(
        f"{QUEUE_PREFIX}{index}",
        _name_of(waiting),
        None,
        chip,
        epochs=(0, waiting.options.epochs) if waiting.options.epochs else None,
        tokens=(0, waiting.options.tokens)
        if isinstance(waiting, AdaptRequest) and waiting.options.tokens
        else None,
        action="remove",
        adapts=adapts,
        source=waiting.options.encoder if adapts else "",
        target=waiting.target if isinstance(waiting, AdaptRequest) else "",
    )


def future_rows(rows: Sequence[RunRow]) -> list[EncoderRow]:
    """The encoders that adaptations among the runs and in the queue have yet to make."""
    found: dict[str, EncoderRow] = {}
    for row in rows:
        is_held = row.state is not None and row.state.is_resumable
        if row.target and (row.state is None or row.state.is_active or is_held):
            coming = "held" if is_held else "queued" if row.state is None else "made"
            made = EncoderRow(Kind.FUTURE, row.target, row.target, place=row.source, coming=coming)
            found.setdefault(row.target.lower(), made)
    return list(found.values())


def awaits(waiting: Waiting, future: Sequence[EncoderRow]) -> bool:
    """Whether the encoder of a training has yet to be made."""
    if isinstance(waiting, AdaptRequest) or waiting.architecture != "bert" or waiting.start_from:
        return False
    return any(row.key.lower() == waiting.options.encoder.lower() for row in future)


def _name_of(waiting: Waiting) -> str:
    if not isinstance(waiting, AdaptRequest):
        name = training_name(waiting.architecture, waiting.options, current_language())
        return f"{name} · {encoder_label(waiting.options.encoder)}" if waiting.awaits_encoder else name
    return waiting.target or tr("{encoder} · reads the comments").format(
        encoder=encoder_label(waiting.options.encoder)
    )


def live_row(row: RunRow, history: RunHistory, *, is_silent: bool = False) -> RunRow:
    """``row`` with what the watched run says by now; ``is_silent``: it gives no sign of life."""
    terminal = history.status.terminal
    progress = history.status.progress
    curves = history.curves
    return replace(
        row,
        state=history.state,
        chip=state_chip(
            history.state,
            share=history.share_done,
            reason=terminal.reason if isinstance(terminal, Finished) else "",
            code=terminal.code if isinstance(terminal, Failed) else "",
            is_silent=is_silent,
        ),
        started_at=history.status.started_at or row.started_at,
        epochs=(int(curves.last_epoch + 1e-6), max(1, round(curves.epochs))),
        tokens=(progress.tokens, row.tokens[1]) if progress is not None and row.tokens else row.tokens,
        seconds=progress.elapsed if progress is not None else row.seconds,
        memory=max(history.peak_memory, row.memory),
        action=action_of(history.state, adapts=row.adapts),
        made_encoder=history.made_encoder or row.made_encoder,
        **_figures(row, history),
    )


def _figures(row: RunRow, history: RunHistory) -> dict[str, Any]:
    if row.adapts and history.curves.best is not None:
        return {"loss": history.curves.best.loss}  # hidden words guessed right are no accuracy of a model
    best = history.best_valid
    if row.trials or best is None:
        return _of_trials(row, history)
    return {"macro_f1": best.macro_f1, "accuracy": best.accuracy, "loss": best.loss}


def _of_trials(row: RunRow, history: RunHistory) -> dict[str, Any]:
    """What differs in the row of a repeated training: how many trials are over, the figures of the best of
    them, of folds the mean of what was held out."""
    spec = history.spec
    if not row.trials or spec is None:
        return {}
    found: dict[str, Any] = {"trials": (len(history.trials), row.trials[1])}
    best = best_trial(history.trials)
    if best is None:
        return found
    accuracy, macro_f1 = figures_of(best)
    spread = spread_of(history.trials)
    if spec.repetition.mode == "folds":
        accuracy, macro_f1 = spread["accuracy"][0], spread["macro_f1"][0]
    return {**found, "accuracy": accuracy, "macro_f1": macro_f1, "loss": best.metrics.get("valid_loss")}
