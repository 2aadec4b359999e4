"""``senti-studio project``: facts about a whole project; check it, back it up, restore it, compact it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import click

from senti_studio.cli.interrupt import stop_on_interrupt
from senti_studio.cli.options import PATH, json_option, opened, quoted, wanted_folder
from senti_studio.cli.terminal import Terminal
from senti_studio.operations import archive, care
from senti_studio.storage.project import Project


@click.command(name="project")
@click.argument("action", type=click.Choice(["info", "check", "backup", "restore", "compact"]))
@click.argument("project_or_zip", metavar="PROJECT", type=PATH)
@click.argument("target", metavar="[FILE]", type=PATH, required=False)
@click.option("--data-only", is_flag=True, help="Leave runs, models and classified batches out of a backup.")
@click.option(
    "--everything",
    is_flag=True,
    help="compact: also what was removed less than 30 days ago, and everything in the trash.",
)
@click.option("--overwrite", is_flag=True, help="Replace a backup file that exists.")
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    action: str,
    project_or_zip: Path,
    target: Path | None,
    data_only: bool,
    everything: bool,
    overwrite: bool,
    as_json: bool,
) -> int | None:
    """Facts about a whole PROJECT (info), check it, back it up into one .zip, restore that, or compact it.

    check only reads. backup copies comments, labels and settings and, unless --data-only, runs, models and
    batches; restore makes a new project of it. compact takes out for good what was removed 30 days ago
    (files taken out, old runs in the trash) and gives the room back to the disk.

    \b
      senti-studio project info 门店.senti
      senti-studio project check 门店.senti
      senti-studio project backup 门店.senti 门店备份.zip
      senti-studio project restore 门店备份.zip 新门店.senti
      senti-studio project compact 门店.senti
    """
    if (action in ("backup", "restore")) != (target is not None):
        raise click.UsageError(f"{action}: FILE is needed for backup and restore, and only there")
    if action == "restore":
        _restore(terminal, project_or_zip, Path(target or ""), as_json)
        return None
    with opened(project_or_zip, to_read=action in ("info", "check")) as project:
        if action == "info":
            _info(terminal, project, as_json)
        elif action == "check":
            return _check(terminal, project, as_json)
        elif action == "backup":
            parts = () if data_only else archive.PARTS
            _back_up(terminal, project, Path(target or ""), parts, overwrite, as_json)
        else:
            _compact(terminal, project, everything, as_json)
    return None


def _info(terminal: Terminal, project: Project, as_json: bool) -> None:
    found = care.facts(project)
    if as_json:
        values = dataclasses.asdict(found)
        values["labels"] = [{**dataclasses.asdict(label), "comments": n} for label, n in found.labels]
        values["removed"] = [
            {**dataclasses.asdict(source), "removed_at": at.isoformat()} for source, at in found.removed
        ]
        terminal.result(values)
        return
    zh = terminal.language == "zh"
    parts = {
        "comments": ("评论和标注", "comments and labels"),
        "runs": ("训练", "runs"),
        "models": ("模型", "models"),
        "batches": ("分类结果", "batches"),
        "backups": ("每日备份", "daily backups"),
        "trash": ("回收站", "trash"),
        "cache": ("缓存", "cache"),
    }
    rows: list[list[object]] = [
        [terminal.text("名字", "name"), found.name],
        [terminal.text("位置", "place"), found.folder],
        [terminal.text("建立", "made"), f"{found.created_at.astimezone():%Y-%m-%d %H:%M}"],
        [terminal.text("文件版本", "file version"), found.version],
        [terminal.text("评论", "comments"), f"{found.comments:,}"],
        [terminal.text("已标注", "labelled"), f"{found.labelled:,}"],
    ]
    rows += [[f"  {label.name}", f"{count:,}"] for label, count in found.labels]
    rows += [[terminal.text("来源", "files"), f"{len(found.sources)}"]]
    if found.removed:
        rows += [[terminal.text("移出的来源", "files taken out"), f"{len(found.removed)}"]]
    rows += [[parts.get(name, (name, name))[0 if zh else 1], size(n)] for name, n in found.sizes.items() if n]
    terminal.table(["", ""], rows)
    if found.share:
        terminal.warn("NETWORK_SHARE", {"kind": found.share})


def _check(terminal: Terminal, project: Project, as_json: bool) -> int:
    title = terminal.text("检查项目", "Checking the project")
    with terminal.bar(title, quiet=as_json) as bar, stop_on_interrupt() as stop:
        report = care.check_project(project, progress=lambda n, of: bar.show(n, of), should_stop=stop.is_set)
    if as_json:
        terminal.result(dataclasses.asdict(report))
    elif not report.problems:
        terminal.tell(
            f"✓ 项目没有问题：{report.comments:,} 条评论，{report.annotations:,} 个标注",
            f"✓ The project is sound: {report.comments:,} comments, {report.annotations:,} annotations",
        )
    else:
        for problem in report.problems:
            terminal.warn(problem.code, problem.params)
    return 3 if report.problems else 0


def _back_up(
    terminal: Terminal, project: Project, target: Path, parts: tuple[str, ...], overwrite: bool, as_json: bool
) -> None:
    title = terminal.text("备份", "Backing up")
    with terminal.bar(title, quiet=as_json) as bar, stop_on_interrupt() as stop:
        made = archive.write_archive(
            project, target, parts=parts, overwrite=overwrite, progress=lambda n, of: bar.show(n, of),
            should_stop=stop.is_set,
        )  # fmt: skip
    if as_json:
        terminal.result(dataclasses.asdict(made))
        return
    terminal.tell(
        f"✓ 已备份到 {made.path}（{size(made.size)}）：{made.comments:,} 条评论，{made.labelled:,} 条已标注",
        f"✓ Backed up into {made.path} ({size(made.size)}): {made.comments:,} comments, {made.labelled:,} labelled",
    )


def _restore(terminal: Terminal, path: Path, target: Path, as_json: bool) -> None:
    folder = wanted_folder(target)
    title = terminal.text("恢复", "Restoring")
    with terminal.bar(title, quiet=as_json) as bar, stop_on_interrupt() as stop:
        made = archive.restore_archive(
            path.expanduser(), folder, progress=lambda n, of: bar.show(n, of), should_stop=stop.is_set
        )
    if as_json:
        terminal.result({"folder": str(made)})
        return
    terminal.tell(
        f"✓ 已恢复成新项目：senti-studio {quoted(made)}",
        f"✓ Restored as a new project: senti-studio {quoted(made)}",
    )


def _compact(terminal: Terminal, project: Project, everything: bool, as_json: bool) -> None:
    kept = timedelta(0) if everything else care.KEPT
    title = terminal.text("压缩项目", "Compacting the project")
    with terminal.bar(title, quiet=as_json), stop_on_interrupt() as stop:
        report = care.compact(project, older_than=kept, should_stop=stop.is_set)
    if as_json:
        terminal.result(dataclasses.asdict(report))
        return
    terminal.tell(
        f"✓ 项目文件从 {size(report.before)} 变为 {size(report.after)}；清除 {len(report.sources)} 个来源、{report.trashed} 个回收站项目",
        f"✓ The project file went from {size(report.before)} to {size(report.after)}; {len(report.sources)} files and {report.trashed} trash entries are gone for good",
    )


def size(count: float) -> str:
    """Bytes as people say them."""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1024 or unit == "GB":
            return f"{count:,.0f} {unit}" if unit in ("B", "KB") else f"{count:,.1f} {unit}"
        count /= 1024
    raise AssertionError
