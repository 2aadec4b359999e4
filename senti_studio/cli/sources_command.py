"""``senti-studio sources``: the files that a project was read from; take one out, or get it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from senti_studio.cli.options import json_option, opened, project_argument, quoted
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.comments import CommentFilter, Source
from senti_studio.errors import UserError
from senti_studio.storage.project import Project


@click.command(name="sources")
@project_argument
@click.option(
    "--remove",
    metavar="SOURCE",
    help="Take SOURCE (number or name) out with its comments and their labels; --restore brings all back.",
)
@click.option("--restore", metavar="SOURCE", help="Bring a removed SOURCE back, with its labels.")
@json_option
@click.pass_obj
def command(
    terminal: Terminal, project_folder: Path, remove: str | None, restore: str | None, as_json: bool
) -> None:
    """List the files that were read into PROJECT, take one out, or bring one back.

    The files themselves are never touched.

    \b
      senti-studio sources 门店.senti
      senti-studio sources 门店.senti --remove 2
      senti-studio sources 门店.senti --restore 2
    """
    if remove and restore:
        raise click.UsageError(
            terminal.text("--remove 和 --restore 只能选一个。", "--remove and --restore exclude each other")
        )
    with opened(project_folder, to_read=not (remove or restore)) as project:
        if remove:
            source = _one(project.sources.list(), remove)
            labelled = _labelled(project, source)
            project.sources.remove(source.id).result()
            command_back = f"senti-studio sources {quoted(project.folder)} --restore {source.id}"
            terminal.tell(
                f"✓ 已移出 {source.name}：{source.row_count:,} 条评论，{labelled:,} 条标签。取回：{command_back}",
                f"✓ Took {source.name} out: {source.row_count:,} comments, {labelled:,} labels. To get it back: {command_back}",
            )
        elif restore:
            source = _one([source for source, _ in project.sources.removed()], restore)
            project.sources.restore(source.id).result()
            terminal.tell(
                f"✓ 已取回 {source.name}：{source.row_count:,} 条评论",
                f"✓ {source.name} is back: {source.row_count:,} comments",
            )
            if lost := project.sources.partly_gone().get(source.id, 0):
                terminal.warn("CHECK_PARTLY_GONE", {"names": [source.name], "count": lost})
        if as_json:
            terminal.result(_values(project))
        elif not remove and not restore:
            _print(terminal, project)


def _one(known: list[Source], wanted: str) -> Source:
    number = wanted.removeprefix("#")
    named = [source for source in known if wanted in (source.name, source.path)]
    if len(named) > 1:
        raise UserError("SOURCE_AMBIGUOUS", name=wanted, numbers=[source.id for source in named])
    found = named or [source for source in known if number == str(source.id)]
    if not found:
        raise UserError("SOURCE_NOT_FOUND", name=wanted)
    return found[0]


def _labelled(project: Project, source: Source) -> int:
    only = frozenset({source.id})
    count = project.comments.count
    return count(CommentFilter(source_ids=only)) - count(CommentFilter(source_ids=only, unlabelled=True))


def _values(project: Project) -> dict[str, Any]:
    lost = project.sources.partly_gone()

    def one(source: Source) -> dict[str, Any]:
        return {
            "id": source.id,
            "name": source.name,
            "path": source.path,
            "comments": source.row_count,
            "encoding": source.encoding,
            "part": source.part.value if source.part else "",
            "imported_at": source.imported_at.isoformat(),
            "missing": lost.get(source.id, 0),
        }

    return {
        "sources": [
            {**one(source), "labelled": _labelled(project, source)} for source in project.sources.list()
        ],
        "removed": [one(source) for source, _ in project.sources.removed()],
    }


def _print(terminal: Terminal, project: Project) -> None:
    sources = project.sources.list()
    removed = [source for source, _ in project.sources.removed()]
    if not sources and not removed:
        terminal.tell("还没有导入过文件。", "No file has been read in yet.")
        return
    out = terminal.text("已移出", "taken out")
    lost = project.sources.partly_gone()

    def note(source: Source, first: str) -> str:
        count = lost.get(source.id, 0)
        words = terminal.text(f"缺 {count:,} 条", f"{count:,} are missing") if count else ""
        return terminal.text("，", ", ").join(filter(None, (first, words)))

    rows = [_row(source, f"{_labelled(project, source):,}", note(source, "")) for source in sources]
    rows += [_row(source, "—", note(source, out)) for source in removed]
    zh = terminal.language == "zh"
    terminal.table(
        ["#", "文件", "评论", "已标注", "部分", "编码", "导入时间", ""]
        if zh
        else ["#", "file", "comments", "labelled", "part", "encoding", "read in", ""],
        rows,
        right=[0, 2, 3],
    )


def _row(source: Source, labelled: str, note: str) -> list[object]:
    part = source.part.value if source.part else "—"
    when = source.imported_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return [source.id, source.name, f"{source.row_count:,}", labelled, part, source.encoding, when, note]
