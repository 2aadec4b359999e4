"""``senti-studio classify``: a file in, the classified CSV out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from senti_studio.cli.export_command import say_numbered
from senti_studio.cli.options import PATH, json_option, opened, project_argument, quoted
from senti_studio.cli.terminal import Terminal
from senti_studio.cli.training_report import print_shares
from senti_studio.cli.watching import follow
from senti_studio.domain.eight_bits import EIGHT, PRECISIONS, WHOLE
from senti_studio.domain.importing import ENCODINGS, OUTPUT_ENCODINGS
from senti_studio.domain.run_states import RunState
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Finished
from senti_studio.jobs.run_folder import RunStatus
from senti_studio.operations import classifying
from senti_studio.operations.classifying import ClassificationRequest


@click.command(name="classify")
@project_argument
@click.argument("file", type=PATH, required=False)
@click.option(
    "--model", default="last", show_default=True, help="Run (id, number, name or `last`) or a model folder."
)
@click.option(
    "-o", "--output", type=PATH, help="The classified CSV. Default: FILE's name with _已分类 beside FILE."
)
@click.option(
    "--source", metavar="SOURCE", help="Classify the comments of a source of the project instead of FILE."
)
@click.option("--text-column", default="", metavar="COLUMN", help="Default: guessed (longest Chinese text).")
@click.option(
    "--encoding",
    type=click.Choice(ENCODINGS),
    default=None,
    help="Of FILE. Default: decided over the whole file.",
)
@click.option("--sheet", default="", metavar="NAME", help="Of a workbook. Default: the first that is shown.")
@click.option(
    "--output-encoding",
    type=click.Choice(OUTPUT_ENCODINGS),
    default="utf-8-sig",
    show_default=True,
    help="utf-8-sig opens in Excel as it is.",
)
@click.option("--overwrite", is_flag=True, help="Replace the output if it exists.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, mps.")
@click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    default=WHOLE,
    show_default=True,
    help="Numbers to compute in; int8: a BERT on the processor is about twice as fast. It is compared with fp32 "
    "first, and not used where more than 0.3 points of accuracy are lost.",
)
@click.option("--insist", "insists", is_flag=True, help="With --precision int8: use it whatever is lost.")
@click.option(
    "--resume",
    metavar="BATCH",
    help="Go on with an interrupted batch (id, number or `last`); -o writes it elsewhere.",
)
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    /,
    project_folder: Path,
    file: Path | None,
    resume: str | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Classify FILE (CSV, TSV, Excel, JSON, JSON lines, Parquet; text also as .gz) with a model of PROJECT.

    The output has all original columns in their order with their texts unchanged, then senti_label, senti_conf and one
    p_<label> per class; as many rows, in the same order. It appears when it is whole. Ctrl-C keeps the place.

    \b
      senti-studio classify 门店.senti 七月.csv
      senti-studio classify 门店.senti 评论.xlsx --sheet 七月
      senti-studio classify 门店.senti 七月.csv -o 结果.csv --output-encoding gb18030 --model 3
      senti-studio classify 门店.senti 七月.csv --precision int8
    """
    if resume is None and (file is None) == (given["source"] is None):
        raise click.UsageError(
            terminal.text(
                "请给出文件，或用 --source 指明项目里的来源。", "name a FILE, or a --source of the project"
            )
        )
    if given["insists"] and given["precision"] != EIGHT:
        raise click.UsageError(
            terminal.text("--insist 要与 --precision int8 一起用。", "--insist goes with --precision int8")
        )
    with opened(project_folder) as project:
        if resume is not None:
            batch = classifying.find_batch(project, resume)
            if batch.run.state in (RunState.FINISHED, RunState.CANCELLED):
                raise UserError("RUN_IS_OVER", run=batch.run.name)
            folder = classifying.batch_run_folder(project, batch.run.id)
            if given["output"] is not None:
                classifying.write_elsewhere(
                    project, batch.run.id, given["output"], overwrite=given["overwrite"]
                )
            classifying.start(project, batch.run.id, resume=True)
        else:
            source = project.sources.find(given["source"]) if given["source"] else None
            output = given["output"] or default_output(
                file or Path(source.name if source else "comments.csv")
            )
            request = ClassificationRequest(
                model=given["model"],
                file=file,
                source_id=source.id if source else None,
                text_column=given["text_column"],
                encoding=given["encoding"] or "",
                sheet=given["sheet"],
                output=output,
                output_encoding=given["output_encoding"],
                overwrite=given["overwrite"],
                device=given["device"],
                precision=given["precision"],
                insists=given["insists"],
            )
            folder = classifying.create_batch(project, request)
            classifying.start(project, folder.id)
        status = follow(folder, terminal, title=folder.spec().name, quiet=as_json, from_start=resume is None)
        _tell(terminal, project.folder, folder.id, status, as_json=as_json)
        names = {label.key: label.name for label in project.labels.list()}
        if not as_json and status.written is not None:
            print_shares(terminal, status.written, names)


def default_output(file: Path) -> Path:
    """``七月.csv`` → ``七月_已分类.csv`` beside it, or the first free ``七月_已分类 (2).csv``."""
    stem = file.name.removesuffix(".gz")
    stem = stem.rsplit(".", 1)[0] if "." in stem else stem
    target = file.with_name(f"{stem}_已分类.csv")
    number = 2
    while os.path.exists(target):  # noqa: PTH110 - False, not an error, where one may not look
        target = file.with_name(f"{stem}_已分类 ({number}).csv")
        number += 1
    return target


def _tell(
    terminal: Terminal, project_folder: Path, batch_id: str, status: RunStatus, *, as_json: bool
) -> None:
    output = dict(status.terminal.output) if isinstance(status.terminal, Finished) else {}
    rows = status.written.rows_done if status.written else 0
    if as_json:
        terminal.result(
            {
                "batch": batch_id,
                "state": status.state.value,
                "rows": rows,
                "label_rows": dict(status.written.label_rows) if status.written else {},
                "output": output,
            }
        )
        return
    if status.state is RunState.FINISHED:
        terminal.tell(
            f"✓ 已分类 {rows:,} 行 → {output.get('path', '')}",
            f"✓ Classified {rows:,} rows → {output.get('path', '')}",
        )
        say_numbered(terminal, output.get("columns", ()))
        _tell_numbers(terminal, output.get("numbers", {}))
    else:
        terminal.tell(
            f"已停在第 {rows:,} 行。继续：senti-studio classify {quoted(project_folder)} --resume last",
            f"Stopped at row {rows:,}. Go on: senti-studio classify {quoted(project_folder)} --resume last",
        )


def _tell_numbers(terminal: Terminal, numbers: Mapping[str, Any]) -> None:
    """What eight bits cost and brought; why they were not used has been said on the way."""
    if numbers.get("precision") != EIGHT:
        return
    rows, speed, same = int(numbers["rows"]), float(numbers["speed"]), float(numbers["same"])
    if numbers["is_labelled"]:
        lost = float(numbers["lost"])
        terminal.tell(
            f"  int8：速度约为 fp32 的 {speed:.1f} 倍；在 {rows:,} 条验证评论上，准确率损失 {lost:.2f} 个百分点，{same:.1f}% 的标签相同",
            f"  int8: about {speed:.1f} times as fast as fp32; on {rows:,} validation comments {lost:.2f} points of accuracy lost, {same:.1f} % the same labels",
        )
    else:
        terminal.tell(
            f"  int8：速度约为 fp32 的 {speed:.1f} 倍；文件里 {rows:,} 条评论有 {same:.1f}% 的标签相同",
            f"  int8: about {speed:.1f} times as fast as fp32; {same:.1f} % the same labels on {rows:,} comments of the file",
        )
