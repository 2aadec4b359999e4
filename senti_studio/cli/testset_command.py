"""``senti-studio testset``: random comments that are set aside, so that quality can be told honestly."""

from __future__ import annotations

from pathlib import Path

import click

from senti_studio.cli.interrupt import stop_on_interrupt
from senti_studio.cli.options import json_option, opened, project_argument
from senti_studio.cli.terminal import Terminal
from senti_studio.storage.project import Project

ACTIONS = ("show", "draw", "extend", "remove")


@click.command(name="testset")
@project_argument
@click.argument("action", type=click.Choice(ACTIONS), default="show")
@click.option(
    "--count", type=click.IntRange(min=1), help="How many comments (draw). Default: 200, or a tenth."
)
@click.option("--seed", type=int, help="The same number draws the same comments.")
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    project_folder: Path,
    action: str,
    count: int | None,
    seed: int | None,
    as_json: bool,
) -> None:
    """Set random comments of PROJECT aside as its test set: no queue but its own shows them, nothing learns
    from them.

    draw sets comments aside, in place of those that were before; extend adds some of the files that came
    later; remove ends it. Copies and near-copies come together. Every earlier set stays in the project.

    \b
      senti-studio testset 门店.senti draw
      senti-studio testset 门店.senti
    """
    from senti_studio.operations.test_set import facts

    with opened(project_folder) as project:
        _act(project, action, count or 0, seed)
        found = facts(project)
    if as_json:
        counts = found.counts
        terminal.result(
            {
                "comments": counts.total,
                "labelled": counts.labelled,
                "later": found.later,
                "at_once": found.at_once,
                "proposed": found.proposed,
            }
        )
        return
    if not found.is_there:
        terminal.tell("没有留出测试集", "No test set is set aside")
        return
    terminal.tell(
        f"测试集 {found.counts.total:,} 条，已标注 {found.counts.labelled:,} 条",
        f"Test set of {found.counts.total:,} comments, {found.counts.labelled:,} of them labelled",
    )
    if found.at_once:
        terminal.tell(
            f"其中 {found.at_once:,} 条的标签是一次给许多评论的：质量可能显得偏高",
            f"{found.at_once:,} of the labels were given to many comments in one stroke: quality may look"
            " better than it is",
        )
    if found.later:
        terminal.tell(
            f"之后又导入了 {found.later:,} 条：可以用 extend 从中补充",
            f"{found.later:,} comments came later: extend adds some of them",
        )


def _act(project: Project, action: str, count: int, seed: int | None) -> None:
    from senti_studio.operations import test_set

    with stop_on_interrupt() as stop:
        if action == "draw":
            test_set.set_aside(project, count=count, seed=seed, stop=stop.is_set)
        elif action == "extend":
            test_set.extend(project, seed=seed, stop=stop.is_set)
        elif action == "remove":
            test_set.remove(project)
