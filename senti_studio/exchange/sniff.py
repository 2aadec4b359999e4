"""Looks at a file before anything is imported: format, encoding, delimiter, quoting, header, columns, first
rows."""

from __future__ import annotations

import dataclasses
import io
from itertools import islice
from pathlib import Path

from senti_studio.domain.importing import PREVIEW_ROWS, Preview, PreviewRow, SniffReport
from senti_studio.domain.reading import TEXT_FORMATS, ReadOptions, SheetInfo
from senti_studio.errors import UserError
from senti_studio.exchange.columns import distinct_names, guess_annotation_columns, guess_columns
from senti_studio.exchange.decode import TextBlocks
from senti_studio.exchange.encodings import EncodingReport, sniff_encoding
from senti_studio.exchange.open_file import open_records
from senti_studio.exchange.raw_file import format_of, is_packed, refuse_other_formats
from senti_studio.exchange.records import RecordFile
from senti_studio.exchange.structure import guess_structure, has_header

_LOOKED_AT = 4 << 20
"""Characters of text in which quotes are weighed; what comes later is read with the same options and
reported."""

_NO_ENCODING = EncodingReport((), False, 0)


def sniff(path: Path, *, format_name: str = "", sheet: str = "", as_columns: bool = False) -> SniffReport:
    """Everything that can be guessed about ``path``; ``format_name`` is taken for given, so is ``sheet``.

    Raises UserError ``FILE_EMPTY``, ``FILE_IS_WORKBOOK``, ``FILE_IS_BINARY``, ``FILE_IS_ARCHIVE``,
    ``FILE_IS_HTML``, ``NO_ROWS``, ``ARCHIVE_DAMAGED``, ``LINE_TOO_LONG`` and those of the readers.
    """
    kind = format_name or format_of(path)
    found = sniff_encoding(path) if kind in TEXT_FORMATS else _NO_ENCODING
    encoding = found.candidates[0].encoding if found.candidates else "utf-8"
    lines: list[str] = []
    if kind in TEXT_FORMATS:
        # A list in JSON may be one line of any length.
        lines = _first_lines(path, encoding, whole_lines=kind not in ("json", "label_studio"))
    if kind == "csv" and not format_name and _is_fasttext(lines):
        kind = "fasttext"
    if kind == "csv":
        options = guess_structure(lines, path, encoding)
    else:
        options = _options(path, kind, encoding, sheet, is_given=bool(format_name))
    seen = preview(path, options, as_columns=as_columns)
    return SniffReport(
        path=str(path),
        size=path.stat().st_size,
        format=_full_name(seen) + (".gz" if kind in TEXT_FORMATS and is_packed(path) else ""),
        candidates=found.candidates,
        is_close=found.is_close,
        sample_line=found.sample_line,
        newline=_newline(lines, options.quote) if lines else "",
        preview=seen,
        sheets=_sheets(path) if kind == "xlsx" else (),
    )


def _options(path: Path, kind: str, encoding: str, sheet: str, *, is_given: bool) -> ReadOptions:
    options = ReadOptions(encoding=encoding, format=kind, sheet=sheet)
    if kind == "json" and not is_given:
        from senti_studio.exchange.json_file import is_label_studio, sample_of

        if is_label_studio(sample_of(path, options)):
            return dataclasses.replace(options, format="label_studio")
    return options


def _sheets(path: Path) -> tuple[SheetInfo, ...]:
    from senti_studio.exchange.workbook import sheets_of

    return sheets_of(path)


def _is_fasttext(lines: list[str]) -> bool:
    from senti_studio.exchange.fasttext_file import is_fasttext

    return is_fasttext(lines)


def _full_name(seen: Preview) -> str:
    """The format with the program that made the file, where that can be told."""
    name, columns = seen.options.format, set(seen.columns)
    if name == "label_studio":
        return "label_studio_json"
    if name == "json" and seen.task_column is not None:
        return "label_studio_json_min"
    if name in ("json", "jsonl") and columns >= {"text", "label", "Comments"}:
        return f"doccano_{name}"
    return name


def structure_for(path: Path, encoding: str) -> ReadOptions:
    """Delimiter, quoting and header as they look when the file is read in ``encoding``."""
    refuse_other_formats(path)
    return guess_structure(_first_lines(path, encoding), path, encoding)


def preview(
    path: Path, options: ReadOptions, *, rows: int = PREVIEW_ROWS, as_columns: bool = False
) -> Preview:
    """The first rows as ``options`` read them; what they leave to be decided (``skip_rows``, ``keys``) is
    decided in the options of the preview. Raises UserError ``FILE_EMPTY``, ``NO_ROWS`` and of the
    readers."""
    if options.format == "xlsx":
        options = _with_header(path, options)
    elif options.format != "csv":
        options = dataclasses.replace(options, keys=(), has_header=True)
    file = open_records(path, options, as_columns=as_columns)
    if options.format in ("json", "jsonl", "label_studio") and file.columns:
        options = dataclasses.replace(options, keys=_keys(path, options, file, as_columns=as_columns))
    records = list(islice(file, rows))
    if not records:
        raise UserError("NO_ROWS", path=str(path))
    cells = [record.cells for record in records]
    guess = guess_columns(file.columns, cells)
    label = None if file.annotations else guess.label
    said = guess_annotation_columns(file.columns, None if label is None else file.columns[label])
    return Preview(
        options=options,
        columns=file.columns,
        display_names=distinct_names(file.columns),
        rows=tuple(PreviewRow(record.line, tuple(record.cells), record.problem) for record in records),
        text_column=guess.text,
        label_column=label,
        part_column=guess.part,
        annotator_column=said.annotator,
        time_column=said.time,
        seconds_column=said.seconds,
        task_column=said.task,
        annotations=file.annotations,
    )


def _keys(path: Path, options: ReadOptions, file: RecordFile, *, as_columns: bool) -> tuple[str, ...]:
    from senti_studio.exchange.json_file import JsonFile, keys_of

    return file.columns if isinstance(file, JsonFile) else keys_of(path, options)


def _with_header(path: Path, options: ReadOptions) -> ReadOptions:
    """With the rows above the header of a sheet counted, and the question of a header answered, unless they
    are."""
    if options.skip_rows >= 0:
        return options
    from senti_studio.exchange.workbook import WorkbookFile

    raw = WorkbookFile(path, dataclasses.replace(options, has_header=False))
    first = [record.cells for record in islice(raw, 200)]
    return dataclasses.replace(options, skip_rows=raw.skip_rows, has_header=has_header(first))


def _first_lines(path: Path, encoding: str, *, whole_lines: bool = True) -> list[str]:
    lines: list[str] = []
    size = 0
    for block in TextBlocks(path, encoding, whole_lines=whole_lines):
        lines.extend(io.StringIO(block, newline=""))
        size += len(block)
        if size > _LOOKED_AT:
            break
    return lines


def _newline(lines: list[str], quote: str) -> str:
    """What ends the records; line ends inside quoted cells belong to the text."""
    counts = {"LF": 0, "CRLF": 0, "CR": 0}
    is_inside = False
    for line in lines:
        if quote and line.count(quote) % 2:
            is_inside = not is_inside
        if not is_inside:
            counts["CRLF" if line.endswith("\r\n") else "CR" if line.endswith("\r") else "LF"] += 1
    if lines and not lines[-1].endswith(("\r", "\n")):
        counts["LF"] -= 1
    kinds = [name for name, count in counts.items() if count > 0]
    if not kinds:
        return "LF"
    return kinds[0] if len(kinds) == 1 else "mixed"
