"""``senti-studio runs``: list runs; watch, resume, stop or discard one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from senti_studio.cli.adapt_report import finish_adapting
from senti_studio.cli.options import json_option, opened, project_argument
from senti_studio.cli.terminal import Terminal
from senti_studio.cli.training_report import finish, run_values
from senti_studio.cli.trial_report import options_text, print_trials, trial_values
from senti_studio.cli.watching import follow
from senti_studio.domain.run_states import RunKind
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunStatus
from senti_studio.operations import training
from senti_studio.operations.repetition import differing_options, trials_of
from senti_studio.operations.training import RunSummary
from senti_studio.storage.project import Project

STATES = {
    "queued": "排队",
    "preparing": "准备中",
    "running": "训练中",
    "paused": "已暂停",
    "stopped": "已停止",
    "cancelled": "已放弃",
    "finished": "已完成",
    "failed": "失败",
    "interrupted": "已中断",
}


@click.command(name="runs")
@project_argument
@click.argument("run", required=False)
@click.option("--watch", is_flag=True, help="Follow RUN until it ends.")
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with a paused or interrupted RUN from its checkpoint, or with the trainings that are left of a stopped one.",
)
@click.option("--stop", is_flag=True, help="Stop RUN and keep its best epoch.")
@click.option("--pause", is_flag=True, help="Save a checkpoint and free the device; --resume goes on.")
@click.option(
    "--cancel",
    is_flag=True,
    help="Give RUN up. One that was stopped before and went on keeps its model.",
)
@click.option("--discard", is_flag=True, help="Move RUN, which must have ended, to the project's trash.")
@json_option
@click.pass_obj
def command(
    terminal: Terminal, /, project_folder: Path, run: str | None, as_json: bool, **acts: bool
) -> None:
    """List the runs of PROJECT, newest first, or do something with RUN (its id, its number, or `last`).

    \b
      senti-studio runs 门店.senti
      senti-studio runs 门店.senti last --resume
    """
    act = _only(terminal, acts)
    if act and run is None:
        raise click.UsageError(
            terminal.text(
                "请指明是哪次运行（编号、序号或 last）。", "name a RUN (an id, a number, or `last`)"
            )
        )
    with opened(project_folder) as project:
        if act is not None and run is not None:
            _do(terminal, project, find_run(project, run), act, as_json=as_json)
            return
        runs = training.list_runs(project) if run is None else [find_run(project, run)]
        trials = trials_of(project, runs[0].id) if run is not None and runs[0].trials else []
        options = _options(project, runs[0].id) if run is not None else None
        if as_json:
            found: dict[str, Any] = {"runs": [run_values(one) for one in runs]}
            if options is not None:
                found["options"] = options
            terminal.result({**found, **trial_values(trials, runs[0].repetition)} if trials else found)
        else:
            _print(terminal, runs)
            _say_options(terminal, options)
            print_trials(terminal, trials, runs[0].repetition if trials else "")


def _options(project: Project, run_id: str) -> dict[str, Any] | None:
    """What a run was given beside the defaults; None where another version has written it."""
    try:
        return differing_options(project, run_id)
    except UserError:
        return None


def _say_options(terminal: Terminal, options: Mapping[str, Any] | None) -> None:
    if options:
        text = options_text(options)
        terminal.tell(f"与默认不同的选项：{text}", f"options that are not the defaults: {text}")


def _only(terminal: Terminal, acts: Mapping[str, bool]) -> str | None:
    """The one thing that is wanted of the run; resuming it is watching it too."""
    wanted = [name for name, is_wanted in acts.items() if is_wanted]
    if set(wanted) == {"resume", "watch"}:
        return "resume"
    if len(wanted) > 1:
        names = "、".join(f"--{name}" for name in wanted)
        raise click.UsageError(terminal.text(f"{names} 只能选一个。", f"only one of {names}"))
    return wanted[0] if wanted else None


def find_run(project: Project, wanted: str) -> RunSummary:
    """A training run by id, number or ``last``; raises UserError ``RECORD_NOT_FOUND``."""
    runs = training.list_runs(project)
    if wanted == "last" and runs:
        return runs[0]
    for one in runs:
        if wanted in (one.id, one.name, str(one.number)):
            return one
    raise UserError("RECORD_NOT_FOUND", name=wanted)


def _do(terminal: Terminal, project: Project, run: RunSummary, act: str, *, as_json: bool) -> None:
    if act == "discard":
        training.discard(project, run.id)
        terminal.tell(
            f"✓ {run.name} 已移到项目的回收站（trash/）", f"✓ {run.name} moved to the project's trash/"
        )
        return
    folder = training.folder_of(project, run.id)
    if act in ("stop", "pause", "cancel"):
        if not folder.is_alive():
            raise UserError("RUN_NOT_RUNNING", run=run.name)
        folder.send(act)
    elif act == "resume":
        training.start(project, run.id, resume=True)
    status = follow(folder, terminal, title=run.name, quiet=as_json, from_start=act == "watch")
    finish_any(terminal, project, run, status, as_json=as_json)


def finish_any(
    terminal: Terminal, project: Project, run: RunSummary, status: RunStatus, *, as_json: bool
) -> None:
    """The last words about a run, of whatever kind."""
    last_words = finish_adapting if run.kind is RunKind.ADAPT else finish
    last_words(terminal, project, run.id, status, as_json=as_json)


def _print(terminal: Terminal, runs: list[RunSummary]) -> None:
    zh = terminal.language == "zh"
    columns = (
        ["#", "编号", "运行", "状态", "轮", "宏 F1", "准确率", "验证损失", "测试宏 F1", "用时"]
        if zh
        else [
            "#",
            "id",
            "run",
            "state",
            "epochs",
            "macro F1",
            "accuracy",
            "valid loss",
            "test macro F1",
            "time",
        ]
    )
    rows = []
    for run in runs:
        state = STATES.get(run.state.value, run.state.value) if zh else run.state.value
        values = run_values(run)
        if run.kind is RunKind.ADAPT:
            values.pop("best_accuracy", None)  # the share of hidden words that it guessed
        names = ("best_macro_f1", "best_accuracy", "best_loss", "test_macro_f1")
        rows.append(
            [run.number, run.id, run.name, state, _how_far(terminal, run)]
            + [_figure(values.get(name)) for name in names]
            + [f"{run.duration:.0f} s" if run.duration else "—"]
        )
    terminal.table(columns, rows, right=[0, 4, 5, 6, 7, 8, 9])


def _how_far(terminal: Terminal, run: RunSummary) -> str:
    """Epochs, of a repeated training the trainings, of an adaptation by tokens these."""
    if run.trials:
        return f"{run.trials_over}/{run.trials} " + terminal.text("次", "trials")
    if run.most_tokens:
        return f"{run.tokens:,}/{run.most_tokens:,} " + terminal.text("词元", "tokens")
    return f"{round(run.epoch, 1):g}/{run.epochs}"


def _figure(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, (int, float)) else "—"
