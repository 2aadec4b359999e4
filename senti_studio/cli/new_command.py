"""``senti-studio new``: an empty project."""

from __future__ import annotations

from pathlib import Path

import click

from senti_studio.cli.options import PATH, json_option, pairs
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.labels import DEFAULT_LABELS, labels_from_names
from senti_studio.storage.project import Project


@click.command(name="new")
@click.argument("project_folder", metavar="PROJECT", type=PATH)
@click.option(
    "--labels",
    metavar="KEY=NAME,…",
    help="The closed list of classes, for example “1=好评,0=差评”. The key is what files and scripts use, the name is what "
    "people see. Default: 1=正面,2=中性,3=负面.",
)
@click.option("--name", help="The name shown in the window. Default: the folder's.")
@json_option
@click.pass_obj
def command(
    terminal: Terminal, project_folder: Path, labels: str | None, name: str | None, as_json: bool
) -> None:
    """Make an empty project folder PROJECT (the ending .senti is added if it is missing).

    \b
      senti-studio new 门店评论.senti
      senti-studio new 评论.senti --labels 1=正面,0=负面
    """
    folder = (
        project_folder
        if project_folder.suffix == ".senti"
        else project_folder.with_name(project_folder.name + ".senti")
    )
    chosen = labels_from_names(list(pairs(labels, "--labels").items())) if labels else DEFAULT_LABELS
    project = Project.create(folder, name=name, labels=chosen)
    try:
        if as_json:
            terminal.result({"project": str(folder), "labels": {label.key: label.name for label in chosen}})
            return
        names = "、".join(f"{label.key} {label.name}" for label in chosen)
        terminal.say(f"✓ 已新建项目 {folder}（标签：{names}）", f"✓ Made {folder} (labels: {names})")
        terminal.say(
            f"  下一步：senti-studio import {folder} 评论.csv",
            f"  Next: senti-studio import {folder} comments.csv",
        )
    finally:
        project.close()
