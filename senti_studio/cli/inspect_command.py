"""``senti-studio inspect``: what would be read of a file; writes nothing, needs no project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from senti_studio.cli import import_report
from senti_studio.cli.options import PATH, json_option
from senti_studio.cli.reading import column, look_at, reading_options
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.importing import ImportRequest
from senti_studio.errors import UserError

EXIT_SOME_FAILED = 3
"""As for any file that cannot be read."""


@click.command(name="inspect")
@click.argument("files", metavar="FILE…", type=PATH, nargs=-1, required=True)
@reading_options
@click.option(
    "--text-column",
    metavar="COLUMN",
    help="Column that holds the comment (name, or number from 1). Default: guessed.",
)
@click.option(
    "--label-column", metavar="COLUMN", help="Column whose values are to be counted. Default: guessed."
)
@json_option
@click.pass_obj
def command(terminal: Terminal, /, files: Sequence[Path], as_json: bool, **given: Any) -> int:
    """Print what would be read of each FILE: format, encoding and its alternatives, columns, first rows, bad rows.

    Nothing is written, and no project is needed. The whole file is read, as an import would read it.

    \b
      senti-studio inspect 评论.csv
      senti-studio inspect 评论.xlsx --sheet 七月
      senti-studio inspect 评论.csv --encoding gb18030 --json
    """
    found: list[dict[str, Any]] = []
    failed = 0
    for file in files:
        try:
            found.append(_inspected(terminal, file, given))
        except UserError as error:
            if len(files) == 1:
                raise
            failed += 1
            found.append(_refused(terminal, file, error))
    if as_json:
        terminal.result({"files": found})
    return EXIT_SOME_FAILED if failed else 0


def _refused(terminal: Terminal, file: Path, error: UserError) -> dict[str, Any]:
    """One file of several could not be read; the others are looked at all the same."""
    words = terminal.sentence(error.code, error.params)
    click.echo(f"✗ {file}\n  {words.what}\n  {words.next_step}", err=True)
    return {"path": str(file), "error": {"code": error.code, "params": error.params}}


def _inspected(terminal: Terminal, file: Path, given: dict[str, Any]) -> dict[str, Any]:
    from senti_studio.worker.preview import check_file

    sniffed, seen = look_at(file, given)
    text_column = column(seen, given["text_column"])
    text_column = seen.text_column if text_column is None else text_column
    if text_column is None:
        raise UserError("NO_TEXT_COLUMN", path=str(file), columns=list(seen.display_names))
    label_column = column(seen, given["label_column"])
    request = ImportRequest(
        path=str(file.resolve()),
        text_column=text_column,
        options=seen.options,
        label_column=seen.label_column if label_column is None else label_column,
    )
    checked = check_file(
        file,
        request.options,
        text_column=text_column,
        label_column=request.label_column,
        part_column=seen.part_column,
        annotator_column=seen.annotator_column,
        time_column=seen.time_column,
    )
    if not terminal.as_json:
        import_report.explain(terminal, sniffed, request, seen, checked)
        import_report.warn_of_close_encodings(terminal, sniffed, given["encoding"])
        import_report.explain_columns(terminal, seen, checked)
    return import_report.reading(sniffed, request, seen, checked)
