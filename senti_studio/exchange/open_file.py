"""The one place that knows which reader belongs to which format."""

from __future__ import annotations

from pathlib import Path

from senti_studio.domain.reading import FORMATS, ON_BAD, ReadOptions
from senti_studio.errors import UserError
from senti_studio.exchange.csv_file import CsvFile
from senti_studio.exchange.marked_file import without_our_marks
from senti_studio.exchange.own_file import OwnFile, own_shape
from senti_studio.exchange.raw_file import refuse_other_formats
from senti_studio.exchange.records import RecordFile


def open_records(
    path: Path, options: ReadOptions, *, keep_empty_rows: bool = False, as_columns: bool = False
) -> RecordFile:
    """A file as records. ``keep_empty_rows``: rows of empty cells come too, as row 0; ``as_columns``: what
    our own exports say of a comment stays cells like any other.

    Raises UserError ``BAD_OPTIONS`` and those of the readers.
    """
    if options.format not in FORMATS or options.on_bad not in ON_BAD:
        raise UserError("BAD_OPTIONS", problem=f"format={options.format}, on_bad={options.on_bad}")
    file = _reader(path, options, keep_empty_rows=keep_empty_rows)
    has_names = options.has_header or options.format not in ("csv", "xlsx")
    if as_columns or not has_names:
        return file
    shape = own_shape(file)
    if shape is None:
        return file
    return OwnFile(without_our_marks(file) if isinstance(file, CsvFile) else file, shape)


def _reader(path: Path, options: ReadOptions, *, keep_empty_rows: bool) -> RecordFile:
    # The libraries of the other formats take their time to load.
    if options.format == "xlsx":
        from senti_studio.exchange.workbook import WorkbookFile

        return WorkbookFile(path, options, keep_empty_rows=keep_empty_rows)
    if options.format == "parquet":
        from senti_studio.exchange.parquet_file import ParquetFile

        return ParquetFile(path, options, keep_empty_rows=keep_empty_rows)
    if options.format in ("json", "jsonl", "label_studio"):
        from senti_studio.exchange.json_file import JsonFile

        return JsonFile(path, options, keep_empty_rows=keep_empty_rows)
    refuse_other_formats(path)
    if options.format == "fasttext":
        from senti_studio.exchange.fasttext_file import FastTextFile

        return FastTextFile(path, options, keep_empty_rows=keep_empty_rows)
    return CsvFile(path, options, keep_empty_rows=keep_empty_rows)
