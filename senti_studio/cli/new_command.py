"""``senti-studio new``: an empty project."""

from __future__ import annotations

from pathlib import Path

import click

from senti_studio.cli.options import PATH, json_option, pairs, quoted, wanted_folder
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.labels import DEFAULT_LABELS, labels_from_names
from senti_studio.errors import UserError
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
    folder = wanted_folder(project_folder)
    chosen = labels_from_names(list(pairs(labels, "--labels").items())) if labels else DEFAULT_LABELS
    try:
        project = Project.create(folder, name=name, labels=chosen)
    except UserError as error:
        if error.code != "FILE_NOT_FOUND":
            raise
        # The parent is there: a file system that makes nothing (/proc) says "not found" all the same.
        raise UserError("NO_PERMISSION", path=str(folder)) from error
    try:
        if as_json:
            terminal.result({"project": str(folder), "labels": {label.key: label.name for label in chosen}})
            return
        names = terminal.text("、", ", ").join(f"{label.key} {label.name}" for label in chosen)
        terminal.tell(f"✓ 已新建项目 {folder}（标签：{names}）", f"✓ Made {folder} (labels: {names})")
        terminal.tell(
            f"  下一步：senti-studio import {quoted(folder)} 评论.csv",
            f"  Next: senti-studio import {quoted(folder)} comments.csv",
        )
    finally:
        project.close()
