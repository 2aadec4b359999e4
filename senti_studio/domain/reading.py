"""Values of reading a comment file: its format, how its cells are found, what is done with damage."""

from __future__ import annotations

from dataclasses import dataclass

ONE_COLUMN = "\n"
"""As a delimiter: one comment per line, nothing is split."""

DELIMITERS = (",", "\t", ";", "|", ONE_COLUMN)
ENCODINGS = (
    "utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be", "windows-1252", "big5-hkscs", "shift_jis", "euc-kr",
)  # fmt: skip
"""Encodings that can be chosen for reading; `EncodingCandidate` says how plausible each is."""

FORMATS = ("csv", "xlsx", "jsonl", "json", "parquet", "label_studio", "fasttext")
"""``csv``: every text table, also one comment per line; all text formats also packed with gzip."""

TEXT_FORMATS = ("csv", "jsonl", "json", "label_studio", "fasttext")
"""Formats that have an encoding."""

ON_BAD = ("replace", "remove", "skip-row", "stop")
"""What is done with bytes that the encoding does not know: shown as U+FFFD | left out | their rows are left
out, as are malformed ones | nothing is imported when there is any, or any malformed row."""

UNREADABLE = frozenset(("invalid JSON", "not an object", "nested too deeply", "value too long"))
"""Kinds of `BadRow` in which there are no cells: listed, never imported."""

MOST_COLUMNS = 16_384
"""As many as a sheet of a workbook can have."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a file. ``quote`` is ``'"'`` or empty (quotes are ordinary characters).

    ``format`` is one of `FORMATS`; encoding, delimiter and quote mean nothing where it has none.
    ``sheet``: of a workbook (empty: the first one that is shown), ``skip_rows``: rows above the header of a
    sheet (-1: decide by looking); ``keys``: the columns of a JSON file where they are known already;
    ``on_bad``: one of `ON_BAD`.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    has_header: bool = True
    format: str = "csv"
    sheet: str = ""
    skip_rows: int = -1
    keys: tuple[str, ...] = ()
    on_bad: str = "replace"


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """A sheet of a workbook; ``is_hidden``: Excel does not show it."""

    name: str
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """Something of a file that is not as plain cells are. ``code`` is a message code; ``count`` of all,
    ``places`` the first of them (cells, ranges, lines)."""

    code: str
    count: int
    places: tuple[str, ...] = ()
