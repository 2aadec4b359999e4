"""Follows a run in the terminal until it ends; Ctrl-C asks the run to stop and keep what it has."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from senti_studio.cli.silence import Silence
from senti_studio.cli.terminal import Bar, Terminal
from senti_studio.cli.trial_report import say_trial
from senti_studio.domain.run_states import RunKind, RunState
from senti_studio.domain.specs import Spec, TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import (
    Evaluated,
    Event,
    Failed,
    Filled,
    Finished,
    Preparing,
    Progress,
    Started,
    Trial,
    Warned,
    Written,
)
from senti_studio.jobs.run_folder import EventTail, RunFolder, RunStatus

POLL_S = 0.1


def follow(
    folder: RunFolder, terminal: Terminal, *, title: str, quiet: bool = False, from_start: bool = True
) -> RunStatus:
    """Shows progress until the run has ended and returns its status.

    The first Ctrl-C asks the run to end: training keeps its best epoch (before its first evaluation it has
    learnt nothing worth keeping, and is cancelled), a batch keeps its place, an adaptation is paused;
    `Terminal.was_stopped` says so. The second raises KeyboardInterrupt and leaves the run alone; a run that no
    longer answers is ended by force at the first. Raises UserError with the run's own code when it failed, and
    ``RUN_INTERRUPTED`` when the worker died without a word.
    """
    tail = EventTail(folder.events_path, 0 if from_start else _size(folder))
    status = RunStatus()
    asked_to_stop = False
    # Whatever is resumed has got somewhere already.
    spec = folder.spec()
    has_result = not from_start or not RunKind(spec.kind).trains
    silence = Silence(folder, terminal)
    with terminal.bar(title, quiet=quiet) as bar:
        while True:
            try:
                alive = folder.is_alive()
                silence.look(alive=alive)
                for event in tail.read():
                    status.feed(event)
                    has_result = has_result or isinstance(event, Evaluated)
                    _show(_as_meant(event, spec), status, terminal, bar, quiet=quiet)
                if status.terminal is not None and not (alive and status.is_taken_up(folder)):
                    if isinstance(status.terminal, Finished):
                        bar.complete()
                    _let_go(folder)
                    break
                if not alive:
                    _require_end(folder, status, title)
                threading.Event().wait(POLL_S)
            except KeyboardInterrupt:
                if silence.ended(status.started):
                    continue
                if asked_to_stop:
                    raise
                asked_to_stop = True
                folder.send(_command(spec, has_result=has_result))
                _say_stopping(terminal, spec, has_result=has_result)
    terminal.was_stopped = asked_to_stop and status.state is not RunState.FINISHED
    if isinstance(status.terminal, Failed):
        raise UserError(status.terminal.code, **dict(status.terminal.params))
    return status


def _require_end(folder: RunFolder, status: RunStatus, title: str) -> None:
    """Nobody is at work: raises UserError ``RUN_INTERRUPTED`` unless that has been said."""
    status.settle(folder)
    if status.state is RunState.INTERRUPTED:
        raise UserError("RUN_INTERRUPTED", name=title, log=folder.log_tail(5))


def _as_meant(event: Event, spec: Spec) -> Event:
    """A baseline only comes nearer to one solution: its newest figures count, be they the highest or not.
    And no fold is better than another: each is held out once."""
    if not isinstance(spec, TrainingSpec):
        return event
    if isinstance(event, Evaluated) and spec.architecture == "baseline":
        return replace(event, is_best=False)
    if isinstance(event, Trial) and not spec.repetition.has_best:
        return replace(event, is_best=False)
    return event


def _command(spec: Spec, *, has_result: bool) -> str:
    """What Ctrl-C asks a run for."""
    if spec.kind == RunKind.ADAPT:
        return "pause"
    return "stop" if has_result else "cancel"


def _say_stopping(terminal: Terminal, spec: Spec, *, has_result: bool) -> None:
    zh, en = "正在停止并保留最佳轮……", "Stopping, keeping the best epoch…"
    if spec.kind == RunKind.ADAPT:
        zh, en = "正在暂停，会记住做到哪里……", "Pausing, keeping the place…"
    elif not has_result:
        zh, en = (
            "还没有学到什么：正在放弃，不留下模型……",
            "Nothing is learnt yet: giving it up, no model is kept…",
        )
    elif spec.kind == RunKind.CLASSIFY:
        zh, en = "正在停止，会记住做到哪里……", "Stopping, keeping the place…"
    terminal.say(f"{zh}（再按一次 Ctrl-C 只离开，不停止）", f"{en} (Ctrl-C again: just leave)")


def _let_go(folder: RunFolder, seconds: float = 10.0) -> None:
    """The last event comes just before the process ends: wait for the lock, so that the next command finds it free."""
    end = time.monotonic() + seconds
    while folder.is_alive() and time.monotonic() < end:
        threading.Event().wait(0.02)


def _size(folder: RunFolder) -> int:
    return folder.events_path.stat().st_size if folder.events_path.exists() else 0


STAGES = {
    "waiting": ("等待显卡：另一次训练正在使用", "waiting: another run has the graphics card"),
    "reading": ("读取数据", "reading"),
    "segmenting": ("分词", "segmenting"),
    "vocabulary": ("建立词表", "vocabulary"),
    "vectors": ("准备词向量", "word vectors"),
    "building": ("建立模型", "building"),
    "evaluating": ("评估", "evaluating"),
    "encoder": ("等待适应做好编码器", "waiting for the encoder that an adaptation is making"),
    "comparing_bits": ("核对 int8", "checking int8"),
    "asking": ("给没有标签的评论打伪标签", "asking about comments without a label"),
    "comparing": ("训练对照的基线", "training the baseline to compare with"),
}


def _show(event: Event, status: RunStatus, terminal: Terminal, bar: Bar, *, quiet: bool) -> None:
    if isinstance(event, Preparing):
        _show_preparing(event, status, terminal, bar)
    elif isinstance(event, Progress):
        _show_progress(event, status, terminal, bar)
    elif isinstance(event, Written):
        # Writing the CSV is ten times as fast as classifying: its speed says nothing to anybody.
        note = terminal.text(
            f"{event.rows_done:,} 行 {event.rows_per_s:,.0f} 行/秒",
            f"{event.rows_done:,} rows {event.rows_per_s:,.0f} rows/s",
        )
        if event.stage == "writing":
            note = terminal.text("写出 CSV", "writing the CSV")
        bar.show(event.rows_done, event.total_rows or None, note=note, eta=event.eta)
    elif not quiet:
        _say(event, status, terminal)


def _say(event: Event, status: RunStatus, terminal: Terminal) -> None:
    if isinstance(event, Warned):
        terminal.warn(event.code, event.params, once=True)  # the plan may have said so
    elif isinstance(event, Trial):
        say_trial(terminal, event, status.started.trials if status.started else event.number)
    elif isinstance(event, Evaluated) and event.split == "valid" and not event.trial:
        best = terminal.text("  ← 目前最佳", "  ← best so far") if event.is_best else ""
        terminal.say(
            f"  第 {event.epoch:.1f} 轮：验证损失 {event.loss:.3f}  准确率 {event.accuracy:.3f}  宏 F1 {event.macro_f1:.3f}{best}",
            f"  epoch {event.epoch:.1f}: valid loss {event.loss:.3f}  accuracy {event.accuracy:.3f}  macro F1 {event.macro_f1:.3f}{best}",
        )
    elif isinstance(event, Filled):
        best = terminal.text("  ← 目前最佳", "  ← best so far") if event.is_best else ""
        terminal.say(
            f"  第 {event.epoch:.1f} 轮：填空损失 {event.loss:.3f}  填对 {event.accuracy:.1%}{best}",
            f"  epoch {event.epoch:.1f}: loss of hidden words {event.loss:.3f}  guessed right {event.accuracy:.1%}{best}",
        )
    elif isinstance(event, Started) and event.resumed_from_step and event.total_steps:
        terminal.say(
            f"  从第 {event.resumed_from_step:,} 步继续", f"  resumed from step {event.resumed_from_step:,}"
        )


def _show_preparing(event: Preparing, status: RunStatus, terminal: Terminal, bar: Bar) -> None:
    note = terminal.text(*STAGES.get(event.stage, (event.stage, event.stage)))
    started = status.started
    if started is not None and started.trials:
        # The bar of a repeated training counts trials, and does not go back for each of them.
        bar.show(started.trial - 1, started.trials, note=note)
    else:
        bar.show(event.done, event.total or None, note=note)


def _show_progress(event: Progress, status: RunStatus, terminal: Terminal, bar: Bar) -> None:
    started = status.started
    total = started.total_steps if started else None
    done = float(event.step)
    which = ""
    if started is not None and started.trials and total:
        done, total = started.trial - 1 + done / total, started.trials
        which = terminal.text(
            f"第 {event.trial}/{started.trials} 次 ", f"trial {event.trial}/{started.trials} "
        )
    note = terminal.text(
        f"{which}第 {event.epoch:.1f} 轮 损失 {event.loss:.3f} {event.rows_per_s:,.0f} 行/秒",
        f"{which}epoch {event.epoch:.1f} loss {event.loss:.3f} {event.rows_per_s:,.0f} rows/s",
    )
    if event.tokens_per_s:
        note = terminal.text(
            f"第 {event.epoch:.2f} 轮 损失 {event.loss:.3f} {event.tokens_per_s:,.0f} 词元/秒 共 {event.tokens / 1e6:.2f} 百万",
            f"epoch {event.epoch:.2f} loss {event.loss:.3f} {event.tokens_per_s:,.0f} tokens/s, {event.tokens / 1e6:.2f} million",
        )
    bar.show(done, total, note=note, eta=event.eta)
