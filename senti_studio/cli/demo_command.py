"""``senti-studio demo``: the whole way on the sample comments, in the window or in the terminal."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from senti_studio.cli.classify_command import default_output
from senti_studio.cli.options import PATH, json_option, quoted, wanted_folder
from senti_studio.cli.terminal import Terminal
from senti_studio.cli.training_report import finish, print_figures, print_shares
from senti_studio.cli.watching import follow
from senti_studio.domain.architectures import default_options
from senti_studio.jobs.protocol import Written
from senti_studio.operations import classifying, models, training
from senti_studio.operations.classifying import ClassificationRequest
from senti_studio.operations.sample import create_sample_project
from senti_studio.operations.training import TrainingRequest
from senti_studio.resources import resource
from senti_studio.storage.project import Project

PREVIEW_ROWS = 6


@click.command(name="demo")
@click.option(
    "--headless",
    is_flag=True,
    help="Do the whole main job in the terminal. Default where there is no display.",
)
@click.option(
    "--folder",
    metavar="PROJECT",
    type=PATH,
    help="The sample project itself (.senti is added to the name). Default: a new one in the folder for projects.",
)
@json_option
@click.pass_obj
def command(terminal: Terminal, headless: bool, folder: Path | None, as_json: bool) -> int:
    """Try everything on sample comments that come with the program.

    With a display the window opens on a ready sample project. Without one (or with --headless) the terminal shows the whole
    way: import, train an LSTM, evaluate, classify a second file. It takes less than two minutes on two cores.
    """
    terminal.say("正在准备示例项目……", "Preparing the sample project…")
    started = time.monotonic()
    place = create_sample_project(wanted_folder(folder) if folder else None)
    if headless or as_json or not has_display():
        run_in_terminal(terminal, place, started, as_json=as_json)
        return 0
    return terminal.open_window(str(place))


def has_display() -> bool:
    """Whether a window could be seen here; an explicit Qt platform (``QT_QPA_PLATFORM``) counts as one."""
    if sys.platform in ("win32", "darwin"):
        return True
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    if chosen in ("offscreen", "minimal"):
        return False
    return bool(chosen or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run_in_terminal(terminal: Terminal, place: Path, started: float, *, as_json: bool) -> None:
    """Train, evaluate, classify; every step by the same functions as the window and the other commands."""
    project = Project.open(place)
    try:
        counts = project.comments.counts()
        _headline(
            terminal,
            "1/4 导入",
            f"{counts.total:,} 条评论，{counts.labelled:,} 条已标注（{place}）",
            "1/4 import",
            f"{counts.total:,} comments, {counts.labelled:,} labelled ({place})",
        )
        model = _train(terminal, project, as_json=as_json)
        found = models.evaluation(project, model, "test")
        names = [label.name for label in found.labels]
        _headline(
            terminal,
            "3/4 评估",
            f"测试集 {found.figures.rows} 行：准确率 {found.figures.accuracy:.3f}，宏 F1 {found.figures.macro_f1:.3f}",
            "3/4 evaluate",
            f"{found.figures.rows} test rows: accuracy {found.figures.accuracy:.3f}, macro F1 {found.figures.macro_f1:.3f}",
        )
        if not as_json:
            print_figures(terminal, found.figures, names)
        output, written = _classify(terminal, project, model, as_json=as_json)
        seconds = time.monotonic() - started
        if as_json:
            terminal.result(
                {
                    "project": str(place),
                    "run": model,
                    "accuracy": found.figures.accuracy,
                    "macro_f1": found.figures.macro_f1,
                    "rows": written.rows_done if written is not None else 0,
                    "output": str(output),
                    "seconds": round(seconds, 1),
                }
            )
            return
        if written is not None:
            names_by_key = {label.key: label.name for label in project.labels.list()}
            print_shares(terminal, written, names_by_key)
        _show_file(terminal, output)
        terminal.tell(
            f"\n✓ 全程 {seconds:.0f} 秒。分类好的 CSV：{output}（可直接用 Excel 打开）\n  打开示例项目：senti-studio {quoted(place)}",
            f"\n✓ {seconds:.0f} seconds in all. The classified CSV: {output} (opens in Excel as it is)\n  Open the sample project: senti-studio {quoted(place)}",
        )
    finally:
        project.close()


def _train(terminal: Terminal, project: Project, *, as_json: bool) -> str:
    """The id of the run."""
    _headline(terminal, "2/4 训练", "LSTM，在后台进程中", "2/4 train", "an LSTM, in a process of its own")
    run = training.create_run(project, TrainingRequest(architecture="lstm", options=default_options("lstm")))
    training.start(project, run.id)
    status = follow(run, terminal, title="LSTM", quiet=as_json)
    if not as_json:
        finish(terminal, project, run.id, status, as_json=False)
    return run.id


def _classify(
    terminal: Terminal, project: Project, model: str, *, as_json: bool
) -> tuple[Path, Written | None]:
    """The file it has written, and what it says about it."""
    sample = resource("samples", "sample_to_classify.csv")
    output = default_output(project.folder / sample.name)
    _headline(terminal, "4/4 分类", f"{sample.name}（GB18030）", "4/4 classify", f"{sample.name} (GB18030)")
    batch = classifying.create_batch(project, ClassificationRequest(model=model, file=sample, output=output))
    classifying.start(project, batch.id)
    status = follow(batch, terminal, title=sample.name, quiet=as_json)
    return output, status.written


def _headline(terminal: Terminal, zh: str, zh_more: str, en: str, en_more: str) -> None:
    click.echo(
        click.style("\n" + terminal.text(zh, en), bold=True) + "  " + terminal.text(zh_more, en_more),
        err=terminal.as_json,
    )


def _show_file(terminal: Terminal, path: Path) -> None:
    import csv

    terminal.tell(f"\n{path.name} 的前几行：", f"\nThe first rows of {path.name}:")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row, _ in zip(csv.reader(file), range(PREVIEW_ROWS + 1), strict=False)]
    cut = [[_short(cell) for cell in row] for row in rows]
    terminal.table(cut[0], cut[1:])


def _short(cell: str) -> str:
    line = " ".join(cell.split())
    return line if len(line) <= 16 else line[:15] + "…"
