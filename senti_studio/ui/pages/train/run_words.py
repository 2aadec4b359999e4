"""What a run's state and events are called on the page."""

from __future__ import annotations

from datetime import UTC, datetime

from senti_studio.domain.run_states import RunState
from senti_studio.jobs.protocol import (
    CheckpointSaved,
    Evaluated,
    Event,
    Failed,
    Filled,
    Finished,
    Paused,
    Preparing,
    Read,
    Started,
    Stopped,
    Trial,
    Warned,
)
from senti_studio.messages import joined, message
from senti_studio.operations.repetition import figures_of
from senti_studio.ui import formats
from senti_studio.ui.i18n import current_language, marked, tr

_STATES: dict[RunState, tuple[str, str, str]] = {
    RunState.QUEUED: (marked("Queued"), "line", ""),
    RunState.PREPARING: (marked("Preparing"), "acc", ""),
    RunState.RUNNING: (marked("Training"), "acc", ""),
    RunState.PAUSED: (marked("Paused"), "line", "pause"),
    RunState.STOPPED: (marked("Stopped"), "done", ""),
    RunState.CANCELLED: (marked("Abandoned"), "line", ""),
    RunState.FINISHED: (marked("Finished"), "done", ""),
    RunState.FAILED: (marked("Failed"), "danger", ""),
    RunState.INTERRUPTED: (marked("Interrupted"), "warn", ""),
}

_STAGES = {
    "waiting": marked("Waiting: another run has the graphics card"),
    "encoder": marked("Waiting for the encoder that an adaptation is making"),
    "reading": marked("Reading the frozen comments"),
    "segmenting": marked("Cutting comments into words"),
    "vocabulary": marked("Collecting the vocabulary"),
    "vectors": marked("Preparing the word vectors"),
    "building": marked("Building the network"),
    "evaluating": marked("Evaluating"),
    "asking": marked("Asking the earlier model about comments without a label"),
    "comparing": marked("Training the baseline to compare with"),
}

_MEMORY_CODES = ("OUT_OF_GPU_MEMORY", "OUT_OF_MEMORY")


def state_chip(
    state: RunState, *, share: float | None = None, reason: str = "", code: str = "", is_silent: bool = False
) -> tuple[str, str, str]:
    """Text, kind and icon of the chip of a state; ``reason`` of a finished, ``code`` of a failed run;
    ``is_silent``: at work, but without a sign of life."""
    if is_silent and state.is_active:
        return tr("No answer"), "warn", ""
    text, kind, icon = _STATES[state]
    words = tr(text)
    if state is RunState.RUNNING and share is not None:
        words = f"{words} {formats.percent(share, decimals=0)}"
    elif state is RunState.FINISHED and reason == "patience":
        words = tr("Stopped early")
    elif state is RunState.FAILED and code in _MEMORY_CODES:
        words = tr("Out of memory")
    return words, kind, icon


def stage_words(preparing: Preparing | None) -> str:
    """What is being done before the first step."""
    if preparing is None:
        return tr("Preparing the first batch")
    words = tr(_STAGES.get(preparing.stage, marked("Preparing the first batch")))
    if preparing.total:
        words += f" {formats.number(preparing.done)} / {formats.number(preparing.total)}"
    return words


def event_words(event: Event) -> str:
    """One line of the log; empty for what is not worth one."""
    if isinstance(event, Started):
        return _started(event)
    if isinstance(event, Preparing):
        return tr(_STAGES.get(event.stage, marked("Preparing the first batch"))) if not event.done else ""
    if isinstance(event, Read):
        return _read(event) if event.trial <= 1 else ""
    if isinstance(event, Evaluated):
        what = tr("test") if event.split == "test" else tr("validation")
        return tr("step {step} {split}: macro F1 {macro_f1}").format(
            step=formats.number(event.step), split=what, macro_f1=formats.score(event.macro_f1)
        )
    if isinstance(event, Filled):
        return tr("step {step}: {share} of the hidden words guessed right").format(
            step=formats.number(event.step), share=formats.percent(event.accuracy)
        )
    if isinstance(event, CheckpointSaved):
        return tr("checkpoint saved (step {step})").format(step=formats.number(event.step))
    if isinstance(event, Trial):
        return _trial(event)
    if isinstance(event, Warned):
        return str(message(event.code, event.params, current_language()))
    return ending_words(event)


def _read(event: Read) -> str:
    words = tr("{share} of the comments are longer than {n} units")
    return words.format(share=formats.small_share(event.cut_share), n=formats.number(event.max_length))


def _trial(event: Trial) -> str:
    words = {
        "pruned": tr("trial {n}: given up early"),
        "failed": tr("trial {n}: failed. {reason}"),
    }.get(event.state, tr("trial {n}: macro F1 {macro_f1}"))
    reason = str(message(event.code, event.params, current_language())) if event.code else ""
    return words.format(n=event.number, macro_f1=formats.score(figures_of(event)[1]), reason=reason)


def _started(event: Started) -> str:
    device = event.device_name or event.device
    if event.trial > 1 and not event.resumed_from_step:
        return tr("trial {n} of {total}").format(n=event.trial, total=event.trials)
    if event.resumed_from_step:
        return tr("going on from step {step} on {device}").format(
            step=formats.number(event.resumed_from_step), device=device
        )
    return tr("started on {device}").format(device=device)


def coverage_words(event: Event) -> str:
    """How many of the words that a run has read its word vectors know; told when it ends."""
    known = event.metrics.get("vectors_running") if isinstance(event, (Finished, Stopped)) else None
    if not isinstance(known, (int, float)):
        return ""
    return tr("word vectors know {share} of the words").format(share=formats.percent(known))


def ending_words(event: Event | None) -> str:
    """What a terminal event means, in a sentence."""
    if (
        isinstance(event, (Finished, Stopped))
        and event.output.get("encoder")
        and not getattr(event, "code", "")
    ):
        return tr("The new encoder “{name}” is on the shelf.").format(name=event.output["encoder"])
    if isinstance(event, Finished):
        if event.metrics.get("best_trial"):
            return tr("All is done. The model of No. {n} is kept.").format(n=event.metrics["best_trial"])
        if event.reason == "patience":
            return tr("Stopped by itself: no gain any more. The best is kept.")
        return tr("All epochs are done. The best is kept.")
    if isinstance(event, Paused):
        paused = tr("Paused at step {step}; memory is free again.").format(step=formats.number(event.step))
        return joined(
            str(message(event.code, event.params, current_language())) if event.code else "", paused
        )
    if isinstance(event, Stopped) and event.code:
        return str(message(event.code, event.params, current_language()))
    if isinstance(event, Failed):
        return str(message(event.code, event.params, current_language()))
    words = {"Stopped": tr("Stopped. The best is kept."), "Cancelled": tr("Abandoned; nothing is kept.")}
    return words.get(event.type, "") if event is not None else ""


def event_clock(event: Event) -> str:
    """When it happened, in local time."""
    return formats.clock(datetime.fromtimestamp(event.at, UTC)) if event.at else formats.MISSING
