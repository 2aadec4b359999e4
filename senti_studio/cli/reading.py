"""Options that say how a file is read; `import` and `inspect` share them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from senti_studio.cli.import_report import DELIMITER_NAMES
from senti_studio.domain.importing import Preview, SniffReport, plain
from senti_studio.domain.reading import ENCODINGS, FORMATS, ON_BAD, ReadOptions
from senti_studio.errors import UserError

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--format",
        "format_name",
        type=click.Choice(["auto", *FORMATS]),
        help="Format of the file. Default: decided by its content, never by its name alone.",
    ),
    click.option("--sheet", metavar="NAME", help="Sheet of a workbook. Default: the first that is shown."),
    click.option(
        "--encoding", type=click.Choice(["auto", *ENCODINGS]), help="Default: decided over the whole file."
    ),
    click.option(
        "--delimiter",
        help="comma, tab, semicolon, pipe, lines (one comment a line), or the character itself. Default: decided.",
    ),
    click.option(
        "--quote",
        type=click.Choice(["double", "none"]),
        help="Whether quotes enclose cells. Default: decided.",
    ),
    click.option(
        "--header/--no-header",
        "header",
        default=None,
        help="Whether the first row holds the names of the columns or is a comment already. Default: decided.",
    ),
    click.option(
        "--on-bad",
        type=click.Choice(ON_BAD),
        help="Bytes that the encoding does not know: replace by �, remove, skip the row (malformed rows too), or "
        "stop without importing anything. Default: replace.",
    ),
)


def reading_options(function: F) -> F:
    """Adds all of them to a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def look_at(file: Path, given: dict[str, Any]) -> tuple[SniffReport, Preview]:
    """What a file seems to be, and its first rows as the options of the command want them."""
    from senti_studio.exchange.sniff import preview, sniff

    chosen = {
        name: "" if given[name] in (None, "auto") else given[name] for name in ("format_name", "encoding")
    }
    sniffed = sniff(file, format_name=chosen["format_name"], sheet=given["sheet"] or "")
    options = _read_options(sniffed.options, {**given, **chosen}, file)
    seen = sniffed.preview if options == sniffed.options else preview(file, options)
    return sniffed, seen


def _read_options(options: ReadOptions, given: dict[str, Any], file: Path) -> ReadOptions:
    from senti_studio.exchange.sniff import structure_for

    encoding = given["encoding"]
    if encoding and encoding != options.encoding:
        is_table = options.format == "csv"
        options = (
            structure_for(file, encoding) if is_table else dataclasses.replace(options, encoding=encoding)
        )
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
    if given["header"] is not None:
        changes["has_header"] = given["header"]
    if given["on_bad"]:
        changes["on_bad"] = given["on_bad"]
    return dataclasses.replace(options, **changes)


def column(seen: Preview, wanted: str | None) -> int | None:
    """The column that is meant, by name or number; None where none is. Raises UserError ``NO_SUCH_COLUMN``."""
    if not wanted:
        return None
    for names in (seen.columns, seen.display_names):
        matches = [index for index, name in enumerate(names) if name == wanted]
        if matches:
            return matches[0]
    loose = [index for index, name in enumerate(seen.columns) if plain(name).lower() == plain(wanted).lower()]
    if loose:
        return loose[0]
    nameless = wanted.removeprefix("column ")
    if nameless.isdigit() and 1 <= int(nameless) <= len(seen.columns):
        return int(nameless) - 1
    raise UserError("NO_SUCH_COLUMN", column=wanted, columns=list(seen.display_names))
