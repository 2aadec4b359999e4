"""``senti-studio share``: hands comments out to several people, as copies of the project or within it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from senti_studio.cli.interrupt import stop_on_interrupt
from senti_studio.cli.options import PATH, json_option, opened, project_argument, quoted
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.people import Share
from senti_studio.operations import sharing
from senti_studio.storage.pieces import Watch
from senti_studio.storage.project import Project


@click.command(name="share")
@project_argument
@click.option(
    "--people",
    metavar="N|NAMES",
    help="How many people, or their names: 张三,李四,王五. Without: list the shares.",
)
@click.option(
    "--overlap",
    default="10%",
    show_default=True,
    metavar="PER CENT",
    help="Which part of the comments everybody gets, to see how far people agree.",
)
@click.option(
    "--each", type=click.IntRange(min=1), help="So many comments for each person. Default: all are dealt."
)
@click.option("--source", "sources", multiple=True, metavar="SOURCE", help="Only comments of this file.")
@click.option("--labelled", is_flag=True, help="Also comments that have a label already.")
@click.option("--again", is_flag=True, help="Also comments that are handed out already.")
@click.option(
    "--in", "folder", type=PATH, metavar="FOLDER", help="Where the copies go. Default: beside PROJECT."
)
@click.option("--no-copies", is_flag=True, help="Make no copies: everybody opens PROJECT itself.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another number deals otherwise.")
@click.option("--take-back", type=int, metavar="NUMBER", help="Forget a share; all labels stay.")
@click.option("--dry-run", is_flag=True, help="Only say who would get how many.")
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    project_folder: Path,
    people: str | None,
    overlap: str,
    each: int | None,
    sources: tuple[str, ...],
    labelled: bool,
    again: bool,
    folder: Path | None,
    no_copies: bool,
    seed: int,
    take_back: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Hand the comments of PROJECT out to several people, each in a copy of their own.

    A copy holds the comments of its share and nobody else's labels. Part of them (--overlap) goes to everybody.
    `senti-studio merge PROJECT COPY` takes the labels back in, `senti-studio agreement PROJECT` compares them.

    \b
      senti-studio share 门店.senti --people 3 --overlap 10%
      senti-studio share 门店.senti --people 张三,李四 --each 500 --in 分发
      senti-studio share 门店.senti
    """
    reads = (people is None and take_back is None) or dry_run
    with opened(project_folder, to_read=reads) as project:
        if take_back is not None:
            project.people.take_back(take_back)
        if people is None:
            _list(terminal, project.people.shares(), as_json)
            return
        request = sharing.ShareRequest(
            _names(terminal, people),
            _part(overlap),
            each,
            frozenset(project.sources.find(source).id for source in sources),
            labelled,
            again,
            None if no_copies else folder or project.folder.parent,
            seed,
        )
        made = sharing.plan(project, request)
        if not dry_run:
            with (
                terminal.bar(terminal.text("分发", "Handing out"), quiet=as_json) as bar,
                stop_on_interrupt() as stop,
            ):
                sharing.hand_out(project, made, watch=Watch(bar.show, stop.is_set))
                bar.complete()
        _tell(terminal, project, made, dry_run, as_json)


def _names(terminal: Terminal, people: str) -> tuple[str, ...]:
    if people.strip().isdigit():
        count = int(people)
        return tuple(terminal.text(f"标注者{number}", f"person-{number}") for number in range(1, count + 1))
    return tuple(name.strip() for name in people.replace("，", ",").replace("、", ",").split(","))


def _part(overlap: str) -> float:
    text = overlap.strip().removesuffix("%").removesuffix("％")
    try:
        value = float(text) / (100 if text != overlap.strip() else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise click.BadParameter(f"“{overlap}” is no part between 0% and 100%", param_hint="--overlap")
    return value


def _tell(
    terminal: Terminal, project: Project, made: sharing.SharePlan, dry_run: bool, as_json: bool
) -> None:
    if as_json:
        shares = [
            {"person": each.person, "comments": len(each.ids), "folder": str(each.target or "")}
            for each in made.shares
        ]
        terminal.result({"shares": shares, "common": made.common, "left": made.left, "dry_run": dry_run})
        return
    zh = terminal.language == "zh"
    terminal.table(
        ["标注者", "评论", "副本"] if zh else ["person", "comments", "copy"],
        [[each.person, f"{len(each.ids):,}", each.target or "—"] for each in made.shares],
        right=[1],
    )
    terminal.tell(
        f"其中 {made.common:,} 条所有人都标；{made.left:,} 条没有分发。",
        f"{made.common:,} of them go to everybody; {made.left:,} are not handed out.",
    )
    first = next((each.target for each in made.shares if each.target is not None), None)
    if dry_run:
        terminal.tell("什么都没有写。", "Nothing was written.")
    elif first is not None:
        words = f"senti-studio merge {quoted(project.folder)} {quoted(first)}"
        terminal.tell(f"标完以后合并：{words}", f"When it is labelled, merge it: {words}")


def _list(terminal: Terminal, shares: list[Share], as_json: bool) -> None:
    if as_json:
        terminal.result({"shares": [_values(share) for share in shares]})
        return
    if not shares:
        terminal.tell("还没有分发过评论。", "No comments are handed out yet.")
        return
    zh = terminal.language == "zh"
    terminal.table(
        ["#", "标注者", "评论", "已标", "副本", "时间"]
        if zh
        else ["#", "person", "comments", "labelled", "copy", "made"],
        [
            [
                share.id,
                share.person,
                f"{share.comments:,}",
                f"{share.labelled:,}",
                share.folder or "—",
                f"{share.made_at.astimezone():%Y-%m-%d %H:%M}",
            ]
            for share in shares
        ],
        right=[0, 2, 3],
    )


def _values(share: Share) -> dict[str, Any]:
    return {
        "id": share.id,
        "person": share.person,
        "comments": share.comments,
        "labelled": share.labelled,
        "folder": share.folder,
        "made_at": share.made_at.isoformat(),
    }
