"""``senti-studio export``: annotations as CSV or JSONL, or a classified file once more."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from senti_studio.cli.options import PATH, json_option, opened, project_argument
from senti_studio.cli.terminal import Bar, Terminal
from senti_studio.domain.exporting import AnnotationsExport, ExportReport
from senti_studio.domain.importing import OUTPUT_ENCODINGS, ImportProgress, require_place_for_text
from senti_studio.domain.run_states import RunState
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunStatus


@click.command(name="export")
@project_argument
@click.option("-o", "--output", type=PATH, required=True, help="The file to write.")
@click.option(
    "--format", "format_", type=click.Choice(["csv", "jsonl"]), help="Default: by the ending of the output."
)
@click.option(
    "--encoding",
    type=click.Choice(OUTPUT_ENCODINGS),
    default="utf-8-sig",
    show_default=True,
    help="Of a CSV. utf-8-sig opens in Excel as it is.",
)
@click.option("--labelled-only", is_flag=True, help="Only comments that have a label.")
@click.option(
    "--batch", metavar="BATCH", help="Write the classified CSV of this batch (id, or `last`) once more."
)
@click.option("--overwrite", is_flag=True, help="Replace OUTPUT if it exists.")
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    project_folder: Path,
    output: Path,
    format_: str | None,
    encoding: str,
    labelled_only: bool,
    batch: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write the comments of PROJECT with all their original columns, label, annotator and time.

    With --batch: join the predictions of a classified file with the file again, for example in another encoding.

    \b
      senti-studio export 门店.senti -o 标注.csv --labelled-only
      senti-studio export 门店.senti -o 七月_gbk.csv --batch last --encoding gb18030
    """
    chosen = format_ or ("jsonl" if output.suffix.lower() in (".jsonl", ".ndjson") else "csv")
    existing = "overwrite" if overwrite else "error"
    require_place_for_text(output)
    with opened(project_folder) as project, terminal.bar(output.name, quiet=as_json) as bar:

        def emit(progress: ImportProgress) -> None:
            show_rows(terminal, bar, progress)

        if batch:
            from senti_studio.operations.classifying import batch_run_folder, find_batch
            from senti_studio.worker.batch_export import export_batch

            found = find_batch(project, batch)
            if found.run.state is not RunState.FINISHED:
                done = RunStatus.read(batch_run_folder(project, found.run.id)).written
                raise UserError(
                    "BATCH_NOT_FINISHED",
                    path=found.run.name,
                    rows=done.rows_done if done else 0,
                    total=done.total_rows if done else "?",
                )
            report = export_batch(found.folder, output, encoding=encoding, existing=existing, emit=emit)
        else:
            from senti_studio.worker.exporting import export_annotations

            request = AnnotationsExport(str(output), chosen, encoding, labelled_only, existing)
            report = export_annotations(project, request, emit=emit)
    if as_json:
        terminal.result(dataclasses.asdict(report))
    else:
        say_export(terminal, report)


def show_rows(terminal: Terminal, bar: Bar, progress: ImportProgress) -> None:
    """Rows and rows a second beside the bar."""
    bar.show(
        progress.rows,
        progress.total or None,
        note=terminal.text(f"{progress.rows:,} 行", f"{progress.rows:,} rows"),
        eta=progress.eta,
    )


def visible(character: str) -> str:
    """The character, or its number where a terminal would show nothing (private use, unassigned, control)."""
    return character if character.isprintable() else f"U+{ord(character):04X}"


def say_export(terminal: Terminal, report: ExportReport) -> None:
    """Where the file is, and what its encoding could not hold."""
    terminal.tell(
        f"✓ 已写出 {report.rows:,} 行：{report.path}（{report.encoding}）",
        f"✓ Wrote {report.rows:,} rows: {report.path} ({report.encoding})",
    )
    if not report.rows:
        terminal.say(
            "! 文件里没有任何评论：项目里没有符合条件的评论。",
            "! There is no comment in it: the project has none that were asked for.",
        )
    if report.replaced_count:
        characters = " ".join(visible(character) for character, _ in report.replaced[:20])
        terminal.say(
            f"! {report.encoding} 无法表示 {report.replaced_count:,} 个字符，已写成 ?：{characters}。换成 utf-8-sig 可完整保留。",
            f"! {report.encoding} cannot hold {report.replaced_count:,} characters, written as ?: {characters}. utf-8-sig holds them all.",
        )
