"""``senti-studio agreement``: how far the people who label a project agree."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import click

from senti_studio.cli.interrupt import stop_on_interrupt
from senti_studio.cli.options import json_option, opened, project_argument
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.labels import Label
from senti_studio.domain.people import AgreementReport, confusion_between
from senti_studio.errors import UserError


@click.command(name="agreement")
@project_argument
@click.option("--person", "people", multiple=True, metavar="NAME", help="Only these people (repeatable).")
@json_option
@click.pass_obj
def command(terminal: Terminal, project_folder: Path, people: tuple[str, ...], as_json: bool) -> None:
    """How far the people who label PROJECT agree: per cent, Cohen's and Fleiss' kappa, Krippendorff's alpha.

    Only comments that at least two people labelled count, with what each said before anybody decided. Labels that
    came with files count for nobody.

    \b
      senti-studio agreement 门店.senti
      senti-studio agreement 门店.senti --person 张三 --person 李四
    """
    from senti_studio.worker.agreement import agreement

    with opened(project_folder, to_read=True) as project:
        known = [person.name for person in project.people.names()]
        for name in people:
            if name not in known:
                raise UserError("NO_SUCH_PERSON", name=name, people=known)
        with (
            terminal.bar(terminal.text("比较标注", "Comparing labels"), quiet=as_json) as bar,
            stop_on_interrupt() as stop,
        ):
            report = agreement(
                project,
                people=people,
                emit=lambda step: bar.show(step.rows, step.total),
                should_stop=stop.is_set,
            )
            bar.complete()
        labels = {label.id: label for label in project.labels.list()}
    if as_json:
        terminal.result(_values(report, labels))
    else:
        _print(terminal, report, labels)


def _values(report: AgreementReport, labels: dict[int, Label]) -> dict[str, Any]:
    values = dataclasses.asdict(report)
    values["labels"] = [
        {**each, "key": labels[each["label_id"]].key, "name": labels[each["label_id"]].name}
        for each in values["labels"]
    ]
    return values


def _print(terminal: Terminal, report: AgreementReport, labels: dict[int, Label]) -> None:
    if not report.comments:
        terminal.tell(
            "还没有两个人标过同一条评论。", "There is no comment yet that two people have labelled."
        )
        return
    terminal.tell(
        f"{report.comments:,} 条评论有两个人以上标注；{report.disputed:,} 条有分歧，尚未裁定（训练时不用）。",
        f"{report.comments:,} comments were labelled by two people or more; people disagree on {report.disputed:,}"
        " that nobody has decided (training leaves them out).",
    )
    zh = terminal.language == "zh"
    terminal.table(
        ["", "一致", ""] if zh else ["", "agreement", ""],
        [
            [terminal.text("一致率", "per cent alike"), _percent(report.share), ""],
            ["Krippendorff α", _figure(report.alpha), ""],
            ["Fleiss κ", _figure(report.fleiss), _whole(terminal, report)],
        ],
        right=[1],
    )
    _print_pairs(terminal, report)
    terminal.table(
        ["标签", "次数", "一致率", "α"] if zh else ["label", "given", "alike", "α"],
        [
            [labels[each.label_id].name, f"{each.given:,}", _percent(each.share), _figure(each.alpha)]
            for each in report.labels
        ],
        right=[1, 2, 3],
    )
    if len(report.people) == 2:
        _print_confusion(terminal, report, labels)


def _whole(terminal: Terminal, report: AgreementReport) -> str:
    return terminal.text(f"所有人都标过的 {report.whole:,} 条", f"{report.whole:,} labelled by everybody")


def _print_pairs(terminal: Terminal, report: AgreementReport) -> None:
    zh = terminal.language == "zh"
    terminal.table(
        ["两人", "评论", "一致率", "Cohen κ"] if zh else ["pair", "comments", "alike", "Cohen κ"],
        [
            [f"{pair.first} – {pair.second}", f"{pair.comments:,}", _percent(pair.share), _figure(pair.kappa)]
            for pair in report.pairs
            if pair.comments
        ],
        right=[1, 2, 3],
    )


def _print_confusion(terminal: Terminal, report: AgreementReport, labels: dict[int, Label]) -> None:
    first, second = report.people
    pair = confusion_between(report, first.name, second.name)
    if pair is None:
        return
    names = [labels[label_id].name for label_id in report.label_ids]
    terminal.table(
        [f"{first.name} ↓  {second.name} →", *names],
        [[name, *row] for name, row in zip(names, pair.confusion, strict=True)],
        right=range(1, len(names) + 1),
    )


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def _figure(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}"
