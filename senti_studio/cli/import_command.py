"""``senti-studio import``: read comment files into a project."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from senti_studio.cli import import_report
from senti_studio.cli.interrupt import stop_on_interrupt
from senti_studio.cli.label_map import proposal, read_map, values_in
from senti_studio.cli.options import PATH, json_option, opened, project_argument, quoted
from senti_studio.cli.reading import column, look_at, reading_options
from senti_studio.cli.terminal import Terminal
from senti_studio.cli.written_file import require_free
from senti_studio.domain.boilerplate import CHOICES, texts_of
from senti_studio.domain.importing import (
    ImportProgress,
    ImportReport,
    ImportRequest,
    Preview,
    SniffReport,
    labels_by_name,
)
from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.operations.source_files import same_content
from senti_studio.storage.project import Project

EXIT_NO_REPORT = 4
"""The files came in, only the report of it could not be written."""


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
    multiple=True,
    help="What the values of the label column mean, by label name or key: 1=正面,0=负面; may be given several times, "
    "as for a value with a comma: --map 好,推荐=正面 --map 差=负面. Default: values that "
    "are names of labels, well-known words for them (positive, 好评 …), or, where every value is one, their keys.",
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
@click.option("--annotator-column", metavar="COLUMN", help="Column that says who gave the label.")
@click.option("--time-column", metavar="COLUMN", help="Column that says when the label was given.")
@click.option(
    "--no-annotations",
    is_flag=True,
    help="Leave out the labels that the file keeps beside its columns (Label Studio, our own exports) or in a list "
    "(doccano; taken where each is the name of a label).",
)
@click.option(
    "--boilerplate",
    type=click.Choice(CHOICES),
    default="keep",
    show_default=True,
    help="Rows that a platform filled in (“此用户没有填写评价” …; the list is in the project's properties): keep them, "
    "exclude them from labelling and training (they can be restored), or skip them.",
)
@click.option(
    "--boilerplate-list",
    metavar="FILE",
    type=PATH,
    help="Such texts, one a line (UTF-8); they become the list of the project.",
)
@reading_options
@click.option("--name", help="Name of the source in the project. Default: the file's name.")
@click.option("--again", is_flag=True, help="Read a file in although the project has it already.")
@click.option(
    "--replace",
    is_flag=True,
    help="Read it in again and then take the earlier import of the same file out, with all labels made on it "
    "(`sources --restore` brings it back).",
)
@click.option("--dry-run", is_flag=True, help="Say how the file would be read; write nothing.")
@click.option(
    "--report",
    "report_file",
    metavar="FILE",
    type=PATH,
    help="Write what came in, with every bad row and byte, to this JSON file.",
)
@click.option(
    "--overwrite", is_flag=True, help="Replace the file of --report if it exists (never FILE itself)."
)
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    /,
    project_folder: Path,
    files: Sequence[Path],
    as_json: bool,
    dry_run: bool,
    report_file: Path | None,
    overwrite: bool,
    **given: Any,
) -> int:
    """Read comment FILEs into PROJECT: CSV, TSV, other delimiters, one comment a line, Excel (.xlsx), JSON, JSON
    lines, Parquet, exports of Label Studio and doccano, fastText; text also as .gz.

    The encoding is decided over the whole file (UTF-8, UTF-16, GB18030/GBK, Big5); all cells stay text (000123 keeps its
    zeros); rows and bytes that are not as they should be are listed with their lines. A file comes in whole or not at all.

    \b
      senti-studio import 门店.senti 评论.csv --dry-run
      senti-studio import 门店.senti 评论.csv --text-column 评论内容 --label-column 情感 --map 好=正面,差=负面
      senti-studio import 门店.senti test.tsv --part test --quote none
      senti-studio import 门店.senti 评论.xlsx --sheet 七月 --on-bad stop --report 报告.json
    """
    if given["part"] and given["split_column"]:
        raise click.UsageError(
            terminal.text(
                "--part 和 --split-column 只能选一个。", "--part and --split-column exclude each other"
            )
        )
    if given["again"] and given["replace"]:
        raise click.UsageError(
            terminal.text("--again 和 --replace 只能选一个。", "--again and --replace exclude each other")
        )
    if report_file is not None:
        read = [*files, *([given["boilerplate_list"]] if given["boilerplate_list"] else [])]
        require_free(report_file, overwrite=overwrite, inputs=read)
    reports: list[dict[str, Any]] = []
    with opened(project_folder) as project:
        for file in files:
            if dry_run:
                reports.append(_try_out(terminal, project, file, given))
            else:
                reports.append(_take_in(terminal, project, file, given))
        if not as_json and not dry_run:
            _say_next(terminal, project)
    failure = _write_report(report_file, reports) if report_file is not None else None
    if failure is not None and dry_run:
        raise failure
    if as_json:
        failed = {"report_error": {"code": failure.code, "params": failure.params}} if failure else {}
        terminal.result({"files": reports, **failed})
    if failure is not None:
        reason = terminal.sentence(failure.code, failure.params).what
        terminal.warn("REPORT_NOT_WRITTEN", {"path": str(report_file), "reason": reason})
        return EXIT_NO_REPORT
    return 0


def _write_report(path: Path, reports: Sequence[dict[str, Any]]) -> UserError | None:
    """Writes it, or says what was in the way: the files are in all the same."""
    from senti_studio.arriving import through_link
    from senti_studio.exchange.whole_file import write_whole

    content = json.dumps({"files": reports}, ensure_ascii=False, indent=2, default=str).encode()
    try:
        write_whole(through_link(path), content)
    except UserError as error:
        return error
    return None


def _try_out(terminal: Terminal, project: Project, file: Path, given: dict[str, Any]) -> dict[str, Any]:
    from senti_studio.worker.known_texts import KnownTexts
    from senti_studio.worker.preview import check_file

    request, sniffed, seen = request_for(project, file, given)
    checked = check_file(
        file,
        request.options,
        text_column=request.text_column,
        label_column=request.label_column,
        annotator_column=request.annotator_column,
        time_column=request.time_column,
        take_annotations=request.take_annotations,
        known=KnownTexts(project.folder, request.boilerplate_texts),
    )
    known = same_content(project, file)
    if not terminal.as_json:
        import_report.explain(terminal, sniffed, request, seen, checked)
        _tell_of_listed_labels(terminal, request, seen, was_asked=bool(given["label_column"]))
        import_report.warn_of_close_encodings(terminal, sniffed, given["encoding"])
        import_report.labels_hint(
            terminal, project.folder, request, seen, project.labels.list(), came_in=bool(known)
        )
        if known:
            terminal.say(
                f"! 项目里已有内容相同的文件：{known[-1].name}",
                f"! The project already has a file with the same content: {known[-1].name}",
            )
    return import_report.reading(sniffed, request, seen, checked)


def _take_in(terminal: Terminal, project: Project, file: Path, given: dict[str, Any]) -> dict[str, Any]:
    request, sniffed, seen = request_for(project, file, given)
    if not terminal.as_json:
        import_report.warn_of_close_encodings(terminal, sniffed, given["encoding"])
    known = same_content(project, file)
    if known and not (given["again"] or given["replace"]):
        raise UserError(
            "SOURCE_ALREADY_THERE",
            path=str(file),
            name=known[-1].name,
            when=f"{known[-1].imported_at.astimezone():%Y-%m-%d %H:%M}",
        )
    labels = project.labels.list()
    quiet = terminal.as_json
    try:
        report = bring_in(project, request, terminal, quiet=quiet)
    except UserError as error:
        if error.code == "UNMAPPED_LABELS":
            values = [str(value) for value in error.params.get("values", ())]
            told = " ".join(f"--map {quoted(text)}" for text in given["label_map"])
            proposed = proposal(values, labels)
            wanted = {"map": f"{told} {proposed}".strip()} if proposed else {}
            raise UserError(error.code, **{**error.params, **wanted}) from error
        raise
    replaced = known if given["replace"] else []
    for source in replaced:
        project.sources.remove(source.id).result()
    if not quiet:
        import_report.tell(terminal, report, request)
        _tell_of_listed_labels(terminal, request, seen, was_asked=bool(given["label_column"]))
        for source in replaced:
            terminal.tell(
                f"  换下了先前导入的 {source.name}（取回：senti-studio sources {quoted(project.folder)} --restore {source.id}）",
                f"  It replaces the earlier {source.name} (to get that back: senti-studio sources {quoted(project.folder)} --restore {source.id})",
            )
        import_report.warn_of_short_texts(terminal, request, seen)
        import_report.labels_hint(terminal, project.folder, request, seen, labels, came_in=True)
    return {**dataclasses.asdict(report), "replaced": [source.id for source in replaced]}


def _say_next(terminal: Terminal, project: Project) -> None:
    folder = quoted(project.folder)
    if project.comments.counts().labelled:
        terminal.tell(f"  下一步：senti-studio train {folder}", f"  Next: senti-studio train {folder}")
    else:
        terminal.tell(
            f"  下一步：在窗口里标注评论：senti-studio {folder}",
            f"  Next: label comments in the window: senti-studio {folder}",
        )


def request_for(
    project: Project, file: Path, given: dict[str, Any]
) -> tuple[ImportRequest, SniffReport, Preview]:
    """Sniffs ``file`` and turns the options of the command into a request. Raises UserError for unknown columns."""
    sniffed, seen = look_at(file, given)
    text_column = column(seen, given["text_column"]) if given["text_column"] else seen.text_column
    if text_column is None:
        raise UserError("NO_TEXT_COLUMN", path=str(file), columns=list(seen.display_names))
    labels = project.labels.list()
    label_column = column(seen, given["label_column"])
    looked_at = seen.label_column if label_column is None and not seen.annotations else label_column
    label_map = read_map(given["label_map"], labels, lambda: values_in(file, seen.options, looked_at))
    if label_column is None and not given["no_annotations"]:
        label_column = listed_labels(file, seen, text_column, label_map, labels)
    # Who and when are guessed for the guessed label column only.
    is_guess = label_column is not None and label_column == seen.label_column
    request = ImportRequest(
        path=str(file.resolve()),
        text_column=text_column,
        options=seen.options,
        label_column=label_column,
        label_map=label_map,
        ignore_unmapped=given["ignore_unmapped"],
        part_column=column(seen, given["split_column"]),
        part=given["part"] or "",
        name=given["name"] or file.name,
        annotator_column=column(seen, given["annotator_column"])
        if given["annotator_column"]
        else (seen.annotator_column if is_guess else None),
        time_column=column(seen, given["time_column"])
        if given["time_column"]
        else (seen.time_column if is_guess else None),
        seconds_column=seen.seconds_column if is_guess else None,
        task_column=seen.task_column if is_guess else None,
        take_annotations=not given["no_annotations"],
        boilerplate=given["boilerplate"],
        boilerplate_texts=_texts_in(given["boilerplate_list"]),
        only_new=not (given["again"] or given["replace"]),
    )
    return request, sniffed, seen


def listed_labels(
    file: Path, seen: Preview, text_column: int, label_map: Mapping[str, str] | None, labels: Sequence[Label]
) -> int | None:
    """The column in which doccano keeps labels (a list for each comment), where every one of them is known by
    its name or by ``label_map``; labels that stand so are meant as such, like those of Label Studio."""
    from senti_studio.worker.preview import check_file

    if seen.options.format not in ("json", "jsonl") or "label" not in seen.columns or seen.annotations:
        return None
    place = seen.columns.index("label")
    if place == text_column or not all(row.cells[place][:1] in ("", "[") for row in seen.rows):
        return None
    checked = check_file(file, seen.options, text_column=text_column, label_column=place)
    values = [value for value, _ in checked.label_values]
    known = {**labels_by_name(values, labels), **(label_map or {})}
    is_all = checked.label_value_count == len(values) > 0 and all(value in known for value in values)
    return place if is_all else None


def _tell_of_listed_labels(
    terminal: Terminal, request: ImportRequest, seen: Preview, *, was_asked: bool
) -> None:
    """Labels were taken without being asked for, because the file means them as such."""
    if request.label_column is None or was_asked:
        return
    name = import_report.column_name(terminal, seen, request.label_column)
    terminal.tell(
        f"  标签取自“{name}”（doccano 的标签列表，按名字对应）；不要标签用 --no-annotations。",
        f"  Labels were taken from “{name}” (a list of labels, as doccano writes it) by their names; "
        "--no-annotations leaves them out.",
    )


def bring_in(project: Project, request: ImportRequest, terminal: Terminal, *, quiet: bool) -> ImportReport:
    """Runs one import with a progress bar; Ctrl-C leaves nothing of it behind."""
    from senti_studio.worker.importing import import_file

    with terminal.bar(request.name or request.path, quiet=quiet) as bar, stop_on_interrupt() as stop:

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


def _texts_in(path: Path | None) -> tuple[str, ...] | None:
    if path is None:
        return None
    from senti_studio.exchange.file_errors import told_to_user

    with told_to_user(path):
        content = path.read_bytes()
    try:
        return texts_of(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UserError("FILE_NOT_TEXT", path=str(path)) from error
