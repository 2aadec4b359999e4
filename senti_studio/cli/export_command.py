"""``senti-studio export``: comments with what was said of them, or a classified file once more."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from senti_studio.cli.interrupt import stop_on_interrupt
from senti_studio.cli.options import PATH, json_option, opened, project_argument
from senti_studio.cli.terminal import Bar, Terminal
from senti_studio.domain.comments import CommentFilter, Order
from senti_studio.domain.exporting import (
    ENDINGS,
    FORMATS,
    TASKS,
    AnnotationsExport,
    ExportReport,
    numbered_columns,
)
from senti_studio.domain.importing import OUTPUT_ENCODINGS, ImportProgress, require_place_for_text
from senti_studio.domain.labels import Label
from senti_studio.domain.run_states import RunState
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunStatus
from senti_studio.storage.project import Project

_TEXT_ENDINGS = ("", ".txt")
"""Names that people give a CSV too."""


@click.command(name="export")
@project_argument
@click.option(
    "-o", "--output", type=PATH, required=True, help="The file to write; - for the standard output."
)
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Default: by the ending of the output.")
@click.option(
    "--encoding",
    type=click.Choice(OUTPUT_ENCODINGS),
    default="utf-8-sig",
    show_default=True,
    help="Of a CSV. utf-8-sig opens in Excel as it is.",
)
@click.option(
    "--columns",
    metavar="COLUMN,…",
    multiple=True,
    help="Original columns and ours (senti_label, senti_annotator, senti_time …) in the order wanted. Default: all.",
)
@click.option("--labelled-only", is_flag=True, help="Only comments that have a label.")
@click.option(
    "--label", "labels", metavar="LABEL", multiple=True, help="Only comments with this label (name or key)."
)
@click.option("--unlabelled", is_flag=True, help="Only comments without a label (with --label: those too).")
@click.option("--source", "sources", metavar="SOURCE", multiple=True, help="Only comments of this file.")
@click.option("--search", metavar="WORDS", default="", help="Only comments that contain this.")
@click.option(
    "--order",
    type=click.Choice([order.value for order in Order]),
    default=Order.FILE.value,
    show_default=True,
    help="Order of the rows.",
)
@click.option(
    "--no-neutralise",
    is_flag=True,
    help="Leave cells as they are that a spreadsheet would run as a formula. Default: CSV puts ' before them, XLSX "
    "marks them as text.",
)
@click.option(
    "--no-manifest", is_flag=True, help="Write no NAME.manifest.json (row counts, SHA-256, labels)."
)
@click.option(
    "--batch",
    metavar="BATCH",
    help="Write a classified file once more as CSV: id, number or name of a classification, or `last`.",
)
@click.option("--overwrite", is_flag=True, help="Replace OUTPUT if it exists.")
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    /,
    project_folder: Path,
    output: Path,
    as_json: bool,
    **given: Any,
) -> None:
    """Write the comments of PROJECT with all their original columns, label, annotator and time.

    Formats: CSV, XLSX, JSONL, Parquet; label-studio (JSON, with the labelling interface beside it) and doccano (JSONL,
    with the label set beside it). With --batch: join the predictions of a classified file with the file again, for
    example in another encoding.

    \b
      senti-studio export 门店.senti -o 标注.csv --labelled-only
      senti-studio export 门店.senti -o 负面.xlsx --label 负面 --columns 评论,senti_label
      senti-studio export 门店.senti -o 任务.json --format label-studio
      senti-studio export 门店.senti -o 七月_gbk.csv --batch last --encoding gb18030
      senti-studio export 门店.senti -o - --encoding utf-8 | head
    """
    chosen = given["format_"] or _format_of(output)
    if given["batch"] and chosen != "csv":
        raise click.UsageError(
            terminal.text("--batch 写出的是 CSV", "--batch writes a CSV: choose no other format or ending")
        )
    if str(output) == "-":
        _require_one_file(terminal, chosen, as_json=as_json)
        terminal.is_output_data = True
        with to_standard_output(ENDINGS[chosen]) as file:
            report = _export(terminal, project_folder, file, chosen, {**given, "no_manifest": True})
        say_export(terminal, dataclasses.replace(report, path="-", paths=()))
        return
    require_place_for_text(output, ending=ENDINGS[chosen])
    report = _export(terminal, project_folder, output, chosen, given)
    if as_json:
        terminal.result(dataclasses.asdict(report))
    else:
        say_export(terminal, report)


def _require_one_file(terminal: Terminal, chosen: str, *, as_json: bool) -> None:
    """What goes to the standard output is one file and nothing else."""
    if as_json:
        raise click.UsageError(
            terminal.text(
                "-o - 和 --json 都要写标准输出，只能用一个", "-o - and --json both write to stdout: use one"
            )
        )
    if chosen in TASKS:
        raise click.UsageError(
            terminal.text(
                f"{chosen} 会写出几个文件，请用 -o 给出文件名", f"{chosen} is several files: name one with -o"
            )
        )


@contextmanager
def to_standard_output(ending: str) -> Iterator[Path]:
    """A place for a file that goes to the standard output once it is whole; nothing of a failed one does."""
    with TemporaryDirectory(prefix="senti-studio-") as folder:
        file = Path(folder, f"out{ending}")
        yield file
        with file.open("rb") as written:
            shutil.copyfileobj(written, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _export(
    terminal: Terminal, project_folder: Path, output: Path, chosen: str, given: dict[str, Any]
) -> ExportReport:
    with opened(project_folder) as project, terminal.bar(output.name, quiet=terminal.as_json) as bar:

        def emit(progress: ImportProgress) -> None:
            show_rows(terminal, bar, progress)

        with stop_on_interrupt() as stop:
            if given["batch"]:
                return _batch(project, output, given, emit, stop.is_set)
            from senti_studio.worker.exporting import export_annotations

            request = _request(project, output, chosen, given)
            return export_annotations(project, request, emit=emit, should_stop=stop.is_set)


def _format_of(output: Path) -> str:
    suffix = output.suffix.lower()
    others = {".ndjson": "jsonl", ".json": "label-studio"}
    found = others.get(suffix) or next((name for name, ending in ENDINGS.items() if ending == suffix), "")
    if found or str(output) == "-" or suffix in _TEXT_ENDINGS:
        return found or "csv"
    # A workbook of another kind has a sentence of its own.
    require_place_for_text(output)
    raise UserError("OUTPUT_ENDING_UNKNOWN", path=str(output))


def _request(project: Project, output: Path, chosen: str, given: dict[str, Any]) -> AnnotationsExport:
    known = project.labels.list()
    wanted = CommentFilter(
        label_ids=frozenset(_label_id(known, each) for each in given["labels"]),
        unlabelled=given["unlabelled"],
        source_ids=frozenset(project.sources.find(each).id for each in given["sources"]),
        search=given["search"],
    )
    columns = [
        name for each in given["columns"] for name in each.replace("，", ",").split(",") if name.strip()
    ]
    return AnnotationsExport(
        path=str(output),
        format=chosen,
        encoding=given["encoding"],
        labelled_only=given["labelled_only"],
        existing="overwrite" if given["overwrite"] else "error",
        columns=tuple(columns) or None,
        wanted=wanted,
        order=Order(given["order"]),
        neutralise=not given["no_neutralise"],
        manifest=not given["no_manifest"],
    )


def _label_id(labels: Sequence[Label], wanted: str) -> int:
    for label in labels:
        if wanted.strip() in (label.name, label.key):
            return label.id
    names = [f"{label.key} = {label.name}" for label in labels]
    raise UserError("NO_SUCH_LABEL", label=wanted, labels=names)


def _batch(
    project: Project,
    output: Path,
    given: dict[str, Any],
    emit: Callable[[ImportProgress], None],
    should_stop: Callable[[], bool],
) -> ExportReport:
    from senti_studio.operations.classifying import batch_run_folder, find_batch
    from senti_studio.worker.batch_export import export_batch

    found = find_batch(project, given["batch"])
    if found.run.state is not RunState.FINISHED:
        done = RunStatus.read(batch_run_folder(project, found.run.id)).written
        raise UserError(
            "BATCH_NOT_FINISHED",
            path=found.run.name,
            rows=done.rows_done if done else 0,
            total=done.total_rows if done else "?",
        )
    return export_batch(
        found.folder,
        output,
        encoding=given["encoding"],
        existing="overwrite" if given["overwrite"] else "error",
        manifest=not given["no_manifest"],
        emit=emit,
        should_stop=should_stop,
    )


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
    where = terminal.text("标准输出", "the standard output") if report.path == "-" else report.path
    terminal.tell(
        f"✓ 已写出 {report.rows:,} 行：{where}（{report.encoding}）",
        f"✓ Wrote {report.rows:,} rows: {where} ({report.encoding})",
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
    if report.neutralised:
        terminal.say(
            f"! {report.neutralised:,} 个单元格会被表格软件当成公式运行，已作为文本写出（CSV 里前面加了 '）。要原样写出，加 --no-neutralise。",
            f"! {report.neutralised:,} cells that a spreadsheet would run as formulas were written as text (with ' before them in a CSV). --no-neutralise leaves them as they are.",
        )
    elif report.formula_cells:
        terminal.say(
            f"! {report.formula_cells:,} 个单元格会被表格软件当成公式运行，已按原样写出。",
            f"! {report.formula_cells:,} cells that a spreadsheet would run as formulas were written as they are.",
        )
    if report.cut_cells:
        terminal.say(
            f"! {report.cut_cells:,} 个单元格超过工作簿的上限 32,767 个字符，已截断。CSV 可完整保留。",
            f"! {report.cut_cells:,} cells are longer than a workbook can hold (32,767 characters) and were cut. A CSV holds them all.",
        )
    say_numbered(terminal, report.columns)
    for path in report.paths[1:]:
        terminal.tell(f"  另外写出：{path}", f"  Also written: {path}")


def say_numbered(terminal: Terminal, columns: Sequence[str]) -> None:
    """What the columns of a classified file are called where the source has such names."""
    if numbered := numbered_columns(columns):
        terminal.warn("COLUMNS_NUMBERED", numbered)
