"""``senti-studio labels``: look at the label set of a project and change it without losing an annotation."""

from __future__ import annotations

import dataclasses
import getpass
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from senti_studio.cli.interrupt import stop_on_interrupt
from senti_studio.cli.options import json_option, opened, project_argument
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.journal import Action
from senti_studio.domain.labels import APPEARANCES, SHAPES, Label, free_appearance, free_shortcut
from senti_studio.errors import UserError
from senti_studio.storage.bulk import MANY
from senti_studio.storage.pieces import Watch
from senti_studio.storage.project import Project

ACTIONS = {
    "list": 0,
    "add": 1,
    "rename": 2,
    "change": 1,
    "merge": 2,
    "move": 2,
    "remove": 1,
    "restore": 1,
    "undo": 0,
    "redo": 0,
}
"""What can be done, and how many words it needs."""

_STOPPED = 130
"""The exit status of a command that Ctrl-C ended."""


@click.command(name="labels")
@project_argument
@click.argument("action", type=click.Choice(list(ACTIONS)), default="list")
@click.argument("words", metavar="[NAME…]", nargs=-1)
@click.option("--key", help="Key in files (add, change). Default: the next free number.")
@click.option("--shortcut", help="Key on the keyboard (add, change).")
@click.option("--look", type=click.Choice(APPEARANCES), help="Colour and shape (add, change).")
@click.option("--annotator", help="Whose action it is, for undo. Default: the name of your account.")
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    project_folder: Path,
    action: str,
    words: tuple[str, ...],
    annotator: str | None,
    as_json: bool,
    key: str | None,
    shortcut: str | None,
    look: str | None,
) -> int | None:
    """List the labels of PROJECT, or change them. No annotation is lost; undo takes each change back.

    NAME is the name, the key or #number of a label. A removed label keeps its annotations, hidden, until it
    is restored; a merged one gives all of its annotations to the other.

    \b
      senti-studio labels 门店.senti
      senti-studio labels 门店.senti add 无关 --look purple
      senti-studio labels 门店.senti rename 无关 其他
      senti-studio labels 门店.senti merge 其他 中性
      senti-studio labels 门店.senti move 负面 1
      senti-studio labels 门店.senti remove 中性
      senti-studio labels 门店.senti undo
    """
    if len(words) != ACTIONS[action]:
        raise click.UsageError(f"{action} needs {ACTIONS[action]} words, {len(words)} given")
    who = annotator or getpass.getuser()
    options = {"key": key, "shortcut": shortcut, "look": look}
    given = {name: value for name, value in options.items() if value}
    with opened(project_folder, to_read=action == "list") as project:
        is_quick = as_json or project.comments.counts().labelled <= MANY
        title = terminal.text("更改标签", "Changing the labels")
        with terminal.bar(title, quiet=is_quick) as bar, stop_on_interrupt() as stop:
            watch = Watch(bar.show, stop.is_set)
            done = _act(project, action, words, who, given, watch)
        if done is not None and done.stopped:
            if done.count:
                terminal.tell(
                    f"已有 {done.count:,} 个标注改了标签；senti-studio labels … undo 可以撤销。",
                    f"{done.count:,} annotations have changed their label; senti-studio labels … undo takes"
                    " that back.",
                )
                return _STOPPED
            raise UserError("CANCELLED")
        if as_json:
            terminal.result(_values(project, done))
            return None
        if done is not None:
            _tell(terminal, action, done)
        elif action in ("undo", "redo"):
            terminal.tell("没有可以撤销或重做的操作。", "There is nothing to take back or to do again.")
        _print(terminal, project)
    return None


def _act(
    project: Project, action: str, words: Sequence[str], who: str, given: dict[str, str], watch: Watch
) -> Action | None:
    labels = project.labels
    if action == "list":
        return None
    if action in ("undo", "redo"):
        walk = project.annotations.undo if action == "undo" else project.annotations.redo
        return walk(who, watch=watch).result()
    if action == "add":
        return labels.add(_new(labels.list(), words[0], given), annotator=who).result()
    if action == "restore":
        gone = _one([label for label, _ in labels.removed()], words[0])
        return labels.restore(gone.id, annotator=who, watch=watch).result()
    label = _one(labels.list(), words[0])
    if action in ("rename", "change"):
        changed = dataclasses.replace(
            label,
            name=words[1] if action == "rename" else label.name,
            key=given.get("key", label.key),
            shortcut=given.get("shortcut", label.shortcut),
            appearance=given.get("look", label.appearance),
        )
        return labels.change(changed, annotator=who).result()
    if action == "move":
        if not words[1].isdigit():
            raise click.UsageError("move NAME PLACE: the place is a number from 1")
        return labels.move(label.id, int(words[1]) - 1, annotator=who).result()
    if action == "merge":
        into = _one(labels.list(), words[1]).id
        return labels.merge(label.id, into, annotator=who, watch=watch).result()
    return labels.remove(label.id, annotator=who, watch=watch).result()


def _new(present: Sequence[Label], name: str, given: dict[str, str]) -> Label:
    keys = {label.key for label in present}
    free = next(str(number) for number in range(1, len(present) + 2) if str(number) not in keys)
    look = given.get("look") or free_appearance(present)
    return Label(given.get("key", free), name, look, given.get("shortcut", free_shortcut(present)))


def _one(known: Sequence[Label], wanted: str) -> Label:
    tests: tuple[Callable[[Label], bool], ...] = (
        lambda label: label.name == wanted,
        lambda label: label.key == wanted,
        lambda label: f"#{label.id}" == wanted,
    )
    for test in tests:
        found = [label for label in known if test(label)]
        if found:
            return found[0]
    raise UserError("NO_SUCH_LABEL", label=wanted, labels=[f"{label.key} {label.name}" for label in known])


def _values(project: Project, done: Action | None) -> dict[str, Any]:
    counts = project.comments.counts().by_label
    values: dict[str, Any] = {
        "labels": [{**dataclasses.asdict(one), "comments": counts[one.id]} for one in project.labels.list()],
        "removed": [
            {**dataclasses.asdict(one), "annotations": count} for one, count in project.labels.removed()
        ],
    }
    if done is not None:
        values["action"] = {"verb": done.verb, "annotations": done.count, "left_out": done.left_out}
    return values


def _tell(terminal: Terminal, action: str, done: Action) -> None:
    count = f"{done.count:,}"
    words = {
        "merge": (f"✓ 已合并，{count} 个标注改了标签", f"✓ Merged; {count} annotations changed their label"),
        "remove": (f"✓ 已移除，{count} 个标注隐藏了", f"✓ Removed; {count} annotations are hidden now"),
        "restore": (f"✓ 已恢复，连同 {count} 个标注", f"✓ Restored, with {count} annotations"),
        "undo": ("✓ 已撤销最近的操作", "✓ Took the last action back"),
        "redo": ("✓ 已重做", "✓ Did it again"),
    }
    terminal.tell(*words.get(action, ("✓ 标签已更改", "✓ The labels were changed")))
    if done.left_out:
        terminal.tell(
            f"  {done.left_out:,} 处后来又被改过，保持不变",
            f"  {done.left_out:,} were changed again since and stay as they are",
        )


def _print(terminal: Terminal, project: Project) -> None:
    counts = project.comments.counts().by_label
    rows: list[list[object]] = [
        [
            f"#{one.id}",
            one.key,
            f"{SHAPES.get(one.appearance, '●')} {one.name}",
            one.shortcut,
            f"{counts[one.id]:,}",
            "",
        ]
        for one in project.labels.list()
    ]
    gone = terminal.text("已移除", "removed")
    rows += [
        [f"#{one.id}", one.key, one.name, one.shortcut, f"{count:,}", gone]
        for one, count in project.labels.removed()
    ]
    zh = terminal.language == "zh"
    terminal.table(
        ["#", "键", "名字", "快捷键", "评论", ""] if zh else ["#", "key", "name", "shortcut", "comments", ""],
        rows,
        right=[4],
    )
