"""Looks at a file before anything is imported: encoding, delimiter, quoting, header, columns, first
rows."""

from __future__ import annotations

import io
from itertools import islice
from pathlib import Path

from senti_studio.domain.importing import PREVIEW_ROWS, Preview, PreviewRow, ReadOptions, SniffReport
from senti_studio.errors import UserError
from senti_studio.exchange.columns import distinct_names, guess_columns
from senti_studio.exchange.csv_file import CsvFile
from senti_studio.exchange.decode import TextBlocks
from senti_studio.exchange.encodings import sniff_encoding
from senti_studio.exchange.raw_file import is_packed, refuse_other_formats
from senti_studio.exchange.structure import guess_structure

_LOOKED_AT = 4 << 20
"""Characters of text in which quotes are weighed; what comes later is read with the same options and
reported."""


def sniff(path: Path) -> SniffReport:
    """Everything that can be guessed about ``path``.

    Raises UserError ``FILE_EMPTY``, ``FILE_IS_WORKBOOK``, ``FILE_IS_BINARY``, ``FILE_IS_ARCHIVE``,
    ``FILE_IS_HTML``, ``FILE_IS_JSON``, ``NO_ROWS``, ``ARCHIVE_DAMAGED``, ``LINE_TOO_LONG`` and those of
    opening a file.
    """
    refuse_other_formats(path)
    found = sniff_encoding(path)
    encoding = found.candidates[0].encoding
    lines = _first_lines(path, encoding)
    options = guess_structure(lines, path, encoding)
    return SniffReport(
        path=str(path),
        size=path.stat().st_size,
        format="csv.gz" if is_packed(path) else "csv",
        candidates=found.candidates,
        is_close=found.is_close,
        sample_line=found.sample_line,
        newline=_newline(lines, options.quote),
        preview=preview(path, options),
    )


def structure_for(path: Path, encoding: str) -> ReadOptions:
    """Delimiter, quoting and header as they look when the file is read in ``encoding``."""
    refuse_other_formats(path)
    return guess_structure(_first_lines(path, encoding), path, encoding)


def preview(path: Path, options: ReadOptions, *, rows: int = PREVIEW_ROWS) -> Preview:
    """The first rows as ``options`` read them. Raises UserError ``FILE_EMPTY``, ``NO_ROWS`` and of
    opening."""
    file = CsvFile(path, options)
    records = list(islice(file, rows))
    if not records:
        raise UserError("NO_ROWS", path=str(path))
    guess = guess_columns(file.columns, [record.cells for record in records])
    return Preview(
        options=options,
        columns=file.columns,
        display_names=distinct_names(file.columns),
        rows=tuple(PreviewRow(record.line, tuple(record.cells), record.problem) for record in records),
        text_column=guess.text,
        label_column=guess.label,
        part_column=guess.part,
    )


def _first_lines(path: Path, encoding: str) -> list[str]:
    lines: list[str] = []
    size = 0
    for block in TextBlocks(path, encoding):
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
