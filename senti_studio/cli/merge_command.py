"""``senti-studio merge``: takes what another copy of a project says into this one."""

from __future__ import annotations

import dataclasses
import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from senti_studio.cli.interrupt import stop_on_interrupt
from senti_studio.cli.options import PATH, existing_project, json_option, opened, project_argument, quoted
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.merging import Conflict, MergeReport, Side
from senti_studio.operations import merging
from senti_studio.storage.pieces import Watch
from senti_studio.storage.project import Project

_STOPPED = 130
_SHOWN = 20
"""Conflicts that a report in the terminal lists; --json has them all."""
ASK = "ask"


@click.command(name="merge")
@project_argument
@click.argument("other", metavar="OTHER", type=PATH)
@click.option("--dry-run", is_flag=True, help="Only say what would come in; nothing is written.")
@click.option(
    "--conflicts",
    type=click.Choice([*(side.value for side in Side), ASK]),
    default=Side.NEWEST.value,
    show_default=True,
    help="Where one person gave a comment two different labels: which one counts. ask: one by one.",
)
@click.option(
    "--without-new-comments", is_flag=True, help="Leave comments that only OTHER has where they are."
)
@click.option("--annotator", help="Whose action it is, for undo. Default: the name of your account.")
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    project_folder: Path,
    other: Path,
    dry_run: bool,
    conflicts: str,
    without_new_comments: bool,
    annotator: str | None,
    as_json: bool,
) -> int | None:
    """Take the labels, marks and notes of OTHER, another copy of PROJECT, into PROJECT. OTHER stays as it is.

    Comments are matched by file, row and text, else by their text alone. What comes in is said before anything is
    written; all of it is one action: `senti-studio labels PROJECT undo` takes it back.

    \b
      senti-studio merge 门店.senti 门店-李四.senti --dry-run
      senti-studio merge 门店.senti 门店-李四.senti
      senti-studio merge 门店.senti 门店-李四.senti --conflicts ask
    """
    folder, who = existing_project(other), annotator or getpass.getuser()
    with opened(project_folder, to_read=dry_run) as project, stop_on_interrupt() as stop:
        with terminal.bar(terminal.text("比较", "Comparing"), quiet=as_json) as bar:
            report = merging.compare(project, folder, watch=Watch(bar.show, stop.is_set))
            bar.complete()
        names = {label.id: label.name for label in project.labels.list()}
        names |= {-label.id: label.name for label in report.added}
        if not as_json:
            _print(terminal, report, names)
            _print_unknown(terminal, report, leave_out=without_new_comments)
        if dry_run or report.is_empty:
            if as_json:
                terminal.result({"report": _values(report, names), "action": None})
            return None
        choices = _asked(terminal, report, names) if conflicts == ASK else {}
        rule = Side.NEWEST if conflicts == ASK else Side(conflicts)
        with terminal.bar(terminal.text("合并", "Merging"), quiet=as_json) as bar:
            done = merging.merge(
                project,
                folder,
                annotator=who,
                rule=rule,
                choices=choices,
                bring=not without_new_comments,
                watch=Watch(bar.show, stop.is_set),
            )
            bar.complete()
        return _tell(terminal, project, report, done, names, as_json)


def _tell(
    terminal: Terminal,
    project: Project,
    report: MergeReport,
    done: merging.Merged,
    names: Mapping[int, str],
    as_json: bool,
) -> int | None:
    action = done.action
    if as_json:
        values = {"comments": action.count, "brought": done.brought, "stopped": action.stopped}
        terminal.result({"report": _values(report, names), "action": values})
        return _STOPPED if action.stopped else None
    back = f"senti-studio labels {quoted(project.folder)} undo"
    if action.stopped:
        terminal.tell(
            f"已停止：{action.count:,} 条评论已合并。再合并一次即可完成；撤销：{back}",
            f"Stopped: {action.count:,} comments were merged. Merge once more to finish; to take it back: {back}",
        )
        return _STOPPED
    noun = "comment" if action.count == 1 else "comments"
    terminal.tell(
        f"✓ 已合并：{action.count:,} 条评论有改动。撤销：{back}",
        f"✓ Merged: {action.count:,} {noun} changed. To take it back: {back}",
    )
    if done.brought:
        terminal.tell(
            f"  新来的 {done.brought:,} 条评论在各自的文件里（senti-studio sources 可以移出）。",
            f"  {done.brought:,} new comments are in files of their own (senti-studio sources takes them out).",
        )
    return None


def _asked(terminal: Terminal, report: MergeReport, names: Mapping[int, str]) -> dict[tuple[int, str], Side]:
    """One question a conflict."""
    choices = {}
    for number, each in enumerate(report.conflicts, 1):
        mine, theirs = _name(terminal, each.mine, names), _name(terminal, each.theirs, names)
        terminal.say(
            f"\n{number}/{len(report.conflicts)} {each.annotator}：{each.text[:120]}",
            f"\n{number}/{len(report.conflicts)} {each.annotator}: {each.text[:120]}",
        )
        question = terminal.text(
            f"1 本项目：{mine}（{_when(each.mine_at)}）  2 副本：{theirs}（{_when(each.theirs_at)}）",
            f"1 here: {mine} ({_when(each.mine_at)})  2 there: {theirs} ({_when(each.theirs_at)})",
        )
        default = "2" if each.taken(Side.NEWEST) is Side.THEIRS else "1"
        answer = click.prompt(question, type=click.Choice(["1", "2"]), default=default, err=True)
        choices[each.comment_id, each.annotator] = Side.MINE if answer == "1" else Side.THEIRS
    return choices


def _print(terminal: Terminal, report: MergeReport, names: Mapping[int, str]) -> None:
    terminal.tell(
        f"{report.name}：{report.comments:,} 条评论，{report.same_place:,} 条按文件和行找到，"
        f"{report.same_text:,} 条按内容找到，{report.unknown:,} 条这里没有。",
        f"{report.name}: {report.comments:,} comments; {report.same_place:,} found by file and row,"
        f" {report.same_text:,} by their text, {report.unknown:,} are not here.",
    )
    if not report.is_copy:
        terminal.tell(
            "! 这不是本项目的副本；只按内容对应。",
            "! This is no copy of this project; only contents are compared.",
        )
    if report.is_empty:
        terminal.tell("没有新的内容。", "There is nothing new in it.")
        return
    rows: list[list[object]] = [[name, f"{count:,}"] for name, count in report.people]
    zh = terminal.language == "zh"
    if rows:
        terminal.table(["标注者", "新标注"] if zh else ["annotator", "new labels"], rows, right=[1])
    facts = (
        (report.equal, "个标注相同", "labels are the same here"),
        (report.cleared, "个标注在这里已撤回，不再带入", "labels were taken back here, and stay away"),
        (report.notes, "条备注", "notes"),
        (report.flagged, "个标记", "flags"),
        (report.skipped, "条跳过", "skipped"),
        (report.excluded, "条排除", "excluded"),
        (report.looks, "次复核（再次询问、确认）", "second looks (asked again, confirmed)"),
    )
    for count, chinese, english in facts:
        if count:
            terminal.tell(f"  {count:,} {chinese}", f"  {count:,} {english}")
    for here, there in report.renamed:
        terminal.tell(
            f"  标签“{there.name}”（键 {there.key}）在这里叫“{here.name}”",
            f"  label “{there.name}” (key {there.key}) is called “{here.name}” here",
        )
    for label in report.added:
        terminal.tell(f"  新标签：{label.name}", f"  new label: {label.name}")
    _print_conflicts(terminal, report, names)


def _print_unknown(terminal: Terminal, report: MergeReport, *, leave_out: bool) -> None:
    """What becomes of comments that only the other project has."""
    if not report.unknown:
        return
    if leave_out:
        terminal.tell(
            f"  这里没有的 {report.unknown:,} 条评论不带进来（--without-new-comments）。",
            f"  The {report.unknown:,} comments that are not here stay out (--without-new-comments).",
        )
        return
    terminal.tell(
        f"  这里没有的 {report.unknown:,} 条评论会连同标签作为新文件带进来；不要它们：--without-new-comments",
        f"  The {report.unknown:,} comments that are not here come in with their labels, as files of their own;"
        " to leave them out: --without-new-comments",
    )


def _print_conflicts(terminal: Terminal, report: MergeReport, names: Mapping[int, str]) -> None:
    if not report.conflicts:
        return
    terminal.tell(
        f"{len(report.conflicts):,} 处冲突（同一个人、同一条评论、不同的标签）：",
        f"{len(report.conflicts):,} conflicts (one person, one comment, two labels):",
    )
    zh = terminal.language == "zh"
    terminal.table(
        ["标注者", "本项目", "时间", "副本", "时间", "评论"]
        if zh
        else ["annotator", "here", "time", "there", "time", "comment"],
        [
            [
                each.annotator,
                _name(terminal, each.mine, names),
                _when(each.mine_at),
                _name(terminal, each.theirs, names),
                _when(each.theirs_at),
                each.text[:40],
            ]
            for each in report.conflicts[:_SHOWN]
        ],
    )
    if len(report.conflicts) > _SHOWN:
        terminal.tell(f"… 共 {len(report.conflicts):,} 处", f"… {len(report.conflicts):,} in all")


def _name(terminal: Terminal, label_id: int | None, names: Mapping[int, str]) -> str:
    if label_id is None:
        return terminal.text("无标签", "no label")
    return names.get(label_id, "?")


def _when(at: Any) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def _values(report: MergeReport, names: Mapping[int, str]) -> dict[str, Any]:
    def one(each: Conflict) -> dict[str, Any]:
        return {
            **dataclasses.asdict(each),
            "mine": names.get(each.mine or 0),
            "mine_at": each.mine_at.isoformat(),
            "theirs": names.get(each.theirs or 0),
            "theirs_at": each.theirs_at.isoformat(),
        }

    values = dataclasses.asdict(report)
    values["people"] = [{"name": name, "new": count} for name, count in report.people]
    values["conflicts"] = [one(each) for each in report.conflicts]
    values["renamed"] = [{"here": here.name, "there": there.name} for here, there in report.renamed]
    values["added"] = [label.name for label in report.added]
    return values
