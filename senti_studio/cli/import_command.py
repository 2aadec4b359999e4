"""``senti-studio import``: read comment files into a project."""

from __future__ import annotations

import dataclasses
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from senti_studio.cli.options import PATH, json_option, opened, pairs, project_argument
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.importing import (
    ENCODINGS,
    ImportProgress,
    ImportReport,
    ImportRequest,
    Preview,
    ReadOptions,
    SniffReport,
    plain,
)
from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.storage.project import Project

DELIMITER_NAMES = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|", "lines": "\n"}
LISTED_ROWS = 10


@click.command(name="import")
@project_argument
@click.argument("files", metavar="FILE…", type=PATH, nargs=-1, required=True)
@click.option(
    "--text-column",
    metavar="COLUMN",
    help="Column that holds the comment (name, or number from 1). Default: guessed.",
)
@click.option(
    "--label-column",
    metavar="COLUMN",
    help="Column that holds labels; its values must be mapped (see --map).",
)
@click.option(
    "--map",
    "label_map",
    metavar="VALUE=LABEL,…",
    help="What the values of the label column mean, by label name or key: 1=正面,0=负面. Default: values that are label names or keys.",
)
@click.option(
    "--ignore-unmapped",
    is_flag=True,
    help="Leave rows with other label values unlabelled instead of refusing the file.",
)
@click.option(
    "--split-column", metavar="COLUMN", help="Column that says train / validation / test for each row."
)
@click.option(
    "--part",
    type=click.Choice(["train", "valid", "test"]),
    help="Use the whole file as this part of a split.",
)
@click.option("--encoding", type=click.Choice(ENCODINGS), help="Default: decided over the whole file.")
@click.option(
    "--delimiter",
    help="comma, tab, semicolon, pipe, lines (one comment a line), or the character itself. Default: decided.",
)
@click.option(
    "--quote", type=click.Choice(["double", "none"]), help="Whether quotes enclose cells. Default: decided."
)
@click.option("--no-header", is_flag=True, help="The first row is a comment, not column names.")
@click.option("--name", help="Name of the source in the project. Default: the file's name.")
@click.option("--dry-run", is_flag=True, help="Say how the file would be read; write nothing.")
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    /,
    project_folder: Path,
    files: Sequence[Path],
    as_json: bool,
    dry_run: bool,
    **given: Any,
) -> None:
    """Read comment FILEs (CSV, TSV, other delimiters, one comment a line; also .gz) into PROJECT.

    The encoding is decided over the whole file (UTF-8, UTF-16, GB18030/GBK, Big5); all cells stay text (000123 keeps its
    zeros); rows and bytes that are not as they should be are listed with their lines. A file comes in whole or not at all.

    \b
      senti-studio import 门店.senti 评论.csv --dry-run
      senti-studio import 门店.senti 评论.csv --text-column 评论内容 --label-column 情感 --map 好=正面,差=负面
      senti-studio import 门店.senti test.tsv --part test --quote none
    """
    if given["part"] and given["split_column"]:
        raise click.UsageError("--part and --split-column exclude each other")
    reports: list[dict[str, Any]] = []
    with opened(project_folder) as project:
        for file in files:
            request, sniffed = request_for(project, file, given)
            if dry_run:
                _explain(terminal, sniffed, request, as_json=as_json)
                reports.append(_reading(sniffed, request))
                continue
            report = bring_in(project, request, terminal, quiet=as_json)
            reports.append(dataclasses.asdict(report))
            if not as_json:
                _tell(terminal, report, request)
    if as_json:
        terminal.result({"files": reports})


def request_for(project: Project, file: Path, given: dict[str, Any]) -> tuple[ImportRequest, SniffReport]:
    """Sniffs ``file`` and turns the options of the command into a request. Raises UserError for unknown columns."""
    from senti_studio.exchange.sniff import preview, sniff

    sniffed = sniff(file)
    options = _read_options(sniffed, given, file)
    seen = sniffed.preview if options == sniffed.options else preview(file, options)
    text_column = _column(seen, given["text_column"]) if given["text_column"] else seen.text_column
    if text_column is None:
        raise UserError("NO_TEXT_COLUMN", path=str(file), columns=list(seen.display_names))
    labels = project.labels.list()
    request = ImportRequest(
        path=str(file.resolve()),
        text_column=text_column,
        options=options,
        label_column=_column(seen, given["label_column"]) if given["label_column"] else None,
        label_map=_label_map(given["label_map"], labels),
        ignore_unmapped=given["ignore_unmapped"],
        part_column=_column(seen, given["split_column"]) if given["split_column"] else None,
        part=given["part"] or "",
        name=given["name"] or file.name,
    )
    return request, sniffed


def bring_in(project: Project, request: ImportRequest, terminal: Terminal, *, quiet: bool) -> ImportReport:
    """Runs one import with a progress bar; Ctrl-C leaves nothing of it behind."""
    from senti_studio.worker.importing import import_file

    with terminal.bar(request.name or request.path, quiet=quiet) as bar, _stop_on_interrupt() as stop:

        def emit(progress: ImportProgress) -> None:
            bar.show(
                progress.rows,
                progress.total or None,
                note=terminal.text(
                    f"{progress.rows:,} 行 {progress.rows_per_s:,.0f} 行/秒",
                    f"{progress.rows:,} rows {progress.rows_per_s:,.0f} rows/s",
                ),
                eta=progress.eta,
            )

        return import_file(project, request, emit=emit, should_stop=stop.is_set)


@contextmanager
def _stop_on_interrupt() -> Iterator[threading.Event]:
    """Ctrl-C becomes a request to stop, so that the import can clean up after itself."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _read_options(sniffed: SniffReport, given: dict[str, Any], file: Path) -> ReadOptions:
    from senti_studio.exchange.sniff import structure_for

    options = sniffed.options
    if given["encoding"] and given["encoding"] != options.encoding:
        options = structure_for(file, given["encoding"])
    changes: dict[str, Any] = {}
    if given["delimiter"]:
        delimiter = DELIMITER_NAMES.get(given["delimiter"], given["delimiter"].replace("\\t", "\t"))
        if len(delimiter) != 1:
            raise click.BadParameter(
                f"one of {', '.join(DELIMITER_NAMES)}, or one character", param_hint="--delimiter"
            )
        changes["delimiter"] = delimiter
    if given["quote"]:
        changes["quote"] = '"' if given["quote"] == "double" else ""
    if given["no_header"]:
        changes["has_header"] = False
    return dataclasses.replace(options, **changes)


def _column(seen: Preview, wanted: str) -> int:
    for names in (seen.columns, seen.display_names):
        matches = [index for index, name in enumerate(names) if name == wanted]
        if matches:
            return matches[0]
    loose = [index for index, name in enumerate(seen.columns) if plain(name).lower() == plain(wanted).lower()]
    if loose:
        return loose[0]
    if wanted.isdigit() and 1 <= int(wanted) <= len(seen.columns):
        return int(wanted) - 1
    raise UserError("NO_SUCH_COLUMN", column=wanted, columns=list(seen.display_names))


def _label_map(text: str | None, labels: Sequence[Label]) -> dict[str, str] | None:
    if not text:
        return None
    known = {label.key: label.key for label in labels} | {label.name: label.key for label in labels}
    found = {}
    for value, label in pairs(text, "--map").items():
        if label not in known:
            raise UserError("NO_SUCH_LABEL", label=label, labels=[f"{one.key} {one.name}" for one in labels])
        found[value] = known[label]
    return found


def _reading(sniffed: SniffReport, request: ImportRequest) -> dict[str, Any]:
    return {
        "path": request.path,
        "options": dataclasses.asdict(request.options),
        "columns": list(sniffed.preview.columns),
        "text_column": request.text_column,
        "label_column": request.label_column,
        "encodings": [dataclasses.asdict(candidate) for candidate in sniffed.candidates],
        "is_close": sniffed.is_close,
    }


def _explain(terminal: Terminal, sniffed: SniffReport, request: ImportRequest, *, as_json: bool) -> None:
    if as_json:
        return
    from senti_studio.exchange.sniff import preview

    seen = preview(Path(request.path), request.options, rows=5)
    delimiter = next(
        (name for name, sign in DELIMITER_NAMES.items() if sign == request.options.delimiter),
        request.options.delimiter,
    )
    terminal.say(
        f"{request.path}\n  编码 {request.options.encoding}  分隔符 {delimiter}  引号 {request.options.quote or '无'}  "
        f"首行是列名：{'是' if request.options.has_header else '否'}  文本列：{seen.display_names[request.text_column]}",
        f"{request.path}\n  encoding {request.options.encoding}, delimiter {delimiter}, quote {request.options.quote or 'none'}, "
        f"header {'yes' if request.options.has_header else 'no'}, text column {seen.display_names[request.text_column]}",
    )
    for candidate in sniffed.candidates:
        click.echo(
            f"    {candidate.encoding:<14} {candidate.bad_places:>6}  {candidate.sample[:60]}", err=True
        )
    terminal.table(
        ["", *seen.display_names],
        [[row.line, *[cell[:40] for cell in row.cells]] for row in seen.rows],
        right=[0],
    )


def _tell(terminal: Terminal, report: ImportReport, request: ImportRequest) -> None:
    terminal.say(
        f"✓ {report.name}：{report.rows:,} 条评论，其中 {report.labelled:,} 条带标签（编码 {request.options.encoding}，{report.seconds:.1f} 秒）",
        f"✓ {report.name}: {report.rows:,} comments, {report.labelled:,} labelled ({request.options.encoding}, {report.seconds:.1f} s)",
    )
    if report.unmapped:
        terminal.say(
            f"  {report.unmapped:,} 行的标签值没有对应，按未标注导入",
            f"  {report.unmapped:,} rows with other label values came in unlabelled",
        )
    for bad in report.bad_rows[:LISTED_ROWS]:
        terminal.say(
            f"  第 {bad.line} 行：{bad.fields} 个字段（{bad.kind}）",
            f"  line {bad.line}: {bad.fields} fields ({bad.kind})",
        )
    for place in report.bad_bytes[:LISTED_ROWS]:
        terminal.say(
            f"  第 {place.line} 行：坏字节 {place.hex}，已换成 �（{place.context}）",
            f"  line {place.line}: bad bytes {place.hex}, shown as � ({place.context})",
        )
    more = (
        report.bad_row_count
        + report.bad_byte_count
        - len(report.bad_rows[:LISTED_ROWS])
        - len(report.bad_bytes[:LISTED_ROWS])
    )
    if more > 0:
        terminal.say(f"  ……还有 {more:,} 处", f"  … and {more:,} more places")
