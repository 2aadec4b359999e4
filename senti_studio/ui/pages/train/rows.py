"""Rows of the table of runs, from the project's list and from the runs that are being watched."""

from __future__ import annotations

from dataclasses import replace

from senti_studio.domain.architectures import architecture_name
from senti_studio.domain.run_states import RunState
from senti_studio.jobs.protocol import Failed, Finished
from senti_studio.ui.i18n import tr
from senti_studio.ui.models.run_table import RunRow
from senti_studio.ui.pages.train.history import RunHistory
from senti_studio.ui.pages.train.run_words import state_chip

QUEUE_PREFIX = "queue:"


def action_of(state: RunState) -> str:
    """What the last column offers for a run in this state."""
    if state.has_model:
        return "evaluate"
    if state.is_resumable:
        return "resume"
    return "retry" if state in (RunState.FAILED, RunState.CANCELLED) else ""


def waiting_row(index: int, architecture: str, epochs: int) -> RunRow:
    """A request in the queue; ``index`` counts from 0."""
    chip = (tr("Queued {n}").format(n=index + 1), "line", "")
    return RunRow(
        f"{QUEUE_PREFIX}{index}",
        architecture_name(architecture),
        None,
        chip,
        epochs=(0, epochs),
        action="remove",
    )


def live_row(row: RunRow, history: RunHistory) -> RunRow:
    """``row`` with what the watched run says by now."""
    terminal = history.status.terminal
    best = history.best_valid
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
        ),
        started_at=history.status.started_at or row.started_at,
        epochs=(int(curves.last_epoch + 1e-6), max(1, round(curves.epochs))),
        macro_f1=best.macro_f1 if best is not None else row.macro_f1,
        accuracy=best.accuracy if best is not None else row.accuracy,
        loss=best.loss if best is not None else row.loss,
        seconds=progress.elapsed if progress is not None else row.seconds,
        memory=max(history.peak_memory, row.memory),
        action=action_of(history.state),
    )
