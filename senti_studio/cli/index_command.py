"""``senti-studio index``: find comments that nearly say the same."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from senti_studio.cli.interrupt import stop_on_interrupt
from senti_studio.cli.options import json_option, opened, project_argument
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.importing import ImportProgress
from senti_studio.domain.near_groups import NearSummary
from senti_studio.storage.project import Project


@click.command(name="index")
@project_argument
@json_option
@click.pass_obj
def command(terminal: Terminal, project_folder: Path, as_json: bool) -> None:
    """Find the comments of PROJECT that nearly say the same (copies with small changes).

    The window does this by itself after every import. Test sets take whole groups, so that no near-copy of a
    test comment is trained on; the Data page can filter by group. Ctrl-C stops and keeps what was known.

    \b
      senti-studio index 门店.senti
    """
    with opened(project_folder) as project:
        found = look(project, terminal, quiet=as_json)
    if as_json:
        terminal.result(dataclasses.asdict(found))
        return
    terminal.tell(
        f"✓ 看过 {found.comments:,} 条评论：{found.groups:,} 组近似重复，共 {found.members:,} 条",
        f"✓ Looked at {found.comments:,} comments; groups of near-copies: {found.groups:,}, comments in them: {found.members:,}",
    )


def look(project: Project, terminal: Terminal, *, quiet: bool) -> NearSummary:
    """Runs the look with a progress bar."""
    from senti_studio.worker.indexing import index_near_duplicates

    title = terminal.text("找近似重复", "Looking for near-copies")
    with terminal.bar(title, quiet=quiet) as bar, stop_on_interrupt() as stop:

        def emit(progress: ImportProgress) -> None:
            bar.show(progress.rows, progress.total or None, eta=progress.eta)

        return index_near_duplicates(project, emit=emit, should_stop=stop.is_set)
