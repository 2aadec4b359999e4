"""The sentence below the figures of a run: what it is about, why it ended, what may be done."""

from __future__ import annotations

from senti_studio.domain.run_states import RunState
from senti_studio.messages import joined
from senti_studio.ui import formats
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.train.history import RunHistory
from senti_studio.ui.pages.train.ladder import Ladder
from senti_studio.ui.pages.train.run_words import ending_words, event_words, stage_words


def where_it_stands(history: RunHistory, ladder: Ladder) -> tuple[str, str]:
    """The words and their role; no words while it trains and nothing else is to be said."""
    if history.too_new is not None:
        return event_words(history.too_new), "error"
    if ladder.is_gone:
        return _gone(), "warn"
    if ladder.wish or ladder.is_silent:
        return _asked(ladder), "warn" if ladder.ends_in_force else "second"
    if history.state is RunState.INTERRUPTED:
        return _interrupted(history), "warn"
    if history.state is RunState.FAILED:
        return ending_words(history.status.terminal), "error"
    if history.state.is_active and (history.preparing or history.state is not RunState.RUNNING):
        return stage_words(history.preparing), "second"
    return _ended(history)


def _asked(ladder: Ladder) -> str:
    if ladder.is_silent:
        return tr(
            "Its process gives no sign of life: it is held, or gets no time. It goes on by itself when "
            "that is over; Force stop ends it, and what the last checkpoint holds stays."
        )
    if ladder.may_force:
        return tr("It does not answer. Force stop ends it; what the last checkpoint holds stays.")
    return {
        "pause": tr("Pausing… the step at hand is finished first."),
        "stop": tr("Stopping… the step at hand is finished first."),
        "cancel": tr("Stopping…"),
    }[ladder.wish]


def _gone() -> str:
    return tr(
        "The folder of this run is no longer where it was. Open the project where it is now: a training "
        "that was at work goes on there."
    )


def _interrupted(history: RunHistory) -> str:
    if history.checkpoint is not None:
        return tr(
            "The training process ended unexpectedly. It can go on from step {step}; nothing else was lost."
        ).format(step=formats.number(history.checkpoint.step))
    return tr("The training process ended before its first checkpoint. It can be started again.")


def _ended(history: RunHistory) -> tuple[str, str]:
    terminal = history.status.terminal
    if terminal is None:
        return "", "second"
    words = ending_words(terminal)
    best = history.curves.best
    if best is not None and history.has_model and history.has_best:
        told = tr("Best in epoch {epoch}: macro F1 {value}.")
        words = joined(words, told.format(epoch=f"{best.epoch:.1f}", value=formats.score(best.macro_f1)))
    return words, "warn" if getattr(terminal, "code", "") else "second"
