"""Values of reading a comment file: how to read it, what was found in it, what to import, what came in."""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from senti_studio.domain.comments import Part
from senti_studio.domain.labels import Label
from senti_studio.domain.reading import (
    DELIMITERS,
    ENCODINGS,
    FORMATS,
    MOST_COLUMNS,
    ON_BAD,
    ONE_COLUMN,
    TEXT_FORMATS,
    UNREADABLE,
    ReadOptions,
    Remark,
    SheetInfo,
)
from senti_studio.errors import UserError

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "FORMATS",
    "MOST_COLUMNS",
    "ONE_COLUMN",
    "ON_BAD",
    "TEXT_FORMATS",
    "UNREADABLE",
    "ReadOptions",
    "Remark",
    "SheetInfo",
]

WORKBOOK_ENDINGS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".et")

COMMENT_ENDINGS = (
    ".csv", ".tsv", ".txt", ".tab", ".xlsx", ".xlsm", ".json", ".jsonl", ".ndjson", ".parquet", ".gz",
)  # fmt: skip
"""Names that files of comments usually have; what they are is decided by their content."""

_MOST_FILES_OF_A_FOLDER = 1000

OUTPUT_ENCODINGS = ("utf-8-sig", "utf-8", "gb18030", "gbk")

PREVIEW_ROWS = 200
LISTED = 1000
"""How many bad rows, bad places and label values a report lists; its counts always cover everything."""


@dataclass(frozen=True, slots=True)
class EncodingCandidate:
    """One encoding, tried on the whole file.

    ``bad_places`` counts damaged places, ``first_bad_line`` is 0 without any; ``common_share`` (0…1) is
    the share of common Chinese characters among all non-ASCII ones; ``reason``: ``bom`` | ``strict`` |
    ``few_bad`` | ``many_bad`` | ``not_chinese`` | ``ascii``; ``sample`` is the same line of the file
    (`SniffReport.sample_line`) in every candidate.
    """

    encoding: str
    score: float
    bad_places: int
    first_bad_line: int
    common_share: float
    reason: str
    sample: str = ""


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One record: physical line on which it starts, cells in file order, ``problem`` as `BadRow.kind` or
    empty."""

    line: int
    cells: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows under the given options. ``columns`` are as in the file (duplicates and empty names
    survive, ``column 1`` … without a header are empty names), ``display_names`` are distinct and never
    empty.

    ``annotations``: the field in which the file itself keeps labels with their annotators (Label Studio),
    beside the columns; empty where labels are cells. The four columns before it, where there are any: who
    gave the label, when, in how many seconds, and the number of the comment of which neighbouring rows are
    annotations."""

    options: ReadOptions
    columns: tuple[str, ...]
    display_names: tuple[str, ...]
    rows: tuple[PreviewRow, ...]
    text_column: int | None = None
    label_column: int | None = None
    part_column: int | None = None
    annotator_column: int | None = None
    time_column: int | None = None
    seconds_column: int | None = None
    task_column: int | None = None
    annotations: str = ""


DOUBTFUL_SCORE = 0.35
"""Below it, not even the best encoding gives text as people write it."""


@dataclass(frozen=True, slots=True)
class SniffReport:
    """What a file seems to be. ``is_close``: the first two candidates are near each other, or none of them
    convinces: ask the user.

    ``newline``: ``LF`` | ``CRLF`` | ``CR`` | ``mixed`` | empty; ``size`` in bytes as stored; ``format``:
    the format with what made it and ``.gz`` (``csv``, ``csv.gz``, ``xlsx``, ``doccano_jsonl``,
    ``label_studio_json``, ``label_studio_json_min`` …). ``candidates`` is empty for files that are no text,
    ``sheets`` for those that are no workbook.
    """

    path: str
    size: int
    format: str
    candidates: tuple[EncodingCandidate, ...]
    is_close: bool
    sample_line: int
    newline: str
    preview: Preview
    sheets: tuple[SheetInfo, ...] = ()

    @property
    def options(self) -> ReadOptions:
        return self.preview.options

    @property
    def is_doubtful(self) -> bool:
        """Whether the file reads like Chinese (or what else is known) in none of the encodings."""
        return bool(self.candidates) and self.candidates[0].score < DOUBTFUL_SCORE

    @property
    def first_sheet(self) -> str:
        """The sheet that is read where none is chosen; empty where there are none."""
        return next((sheet.name for sheet in self.sheets if not sheet.is_hidden), "")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A record that does not have the fields of the header.

    ``kind``: ``too few fields`` (padded with empty cells) | ``too many fields`` (the surplus was joined
    to the last cell) | ``unbalanced quote`` (a quote that never closes) | ``stray quote`` (quotes inside
    a quoted cell that are not doubled; both were kept as characters) | ``damaged bytes`` (only where rows
    with them are to be skipped) | ``unknown field`` | one of `UNREADABLE`; ``fields`` counts what stands in
    the file.
    """

    row: int
    line: int
    fields: int
    kind: str


@dataclass(frozen=True, slots=True)
class BadBytes:
    """A damaged place, shown as U+FFFD. ``offset`` in bytes from the start of the (unpacked) file,
    ``kind``: ``illegal byte`` | ``cut character`` | ``NUL``; ``context``: some characters around it."""

    line: int
    offset: int
    hex: str
    kind: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class SaidLabel:
    """One annotation of a comment, as `CommentPattern` has it: ``annotator`` counts the names within the
    comment from 1 (0: none), ``at`` their times from 0."""

    values: tuple[str, ...] = ()
    annotator: int = 0
    at: int = 0
    is_imported: bool = False
    is_adjudicated: bool = False
    took_away: bool = False


@dataclass(frozen=True, slots=True)
class CommentPattern:
    """What a file says of a comment. ``is_written``: by the platform; ``is_put_off``: *not now*, which a
    label overrules unless ``is_put_off_anyway``."""

    is_blank: bool = False
    is_bad: bool = False
    is_written: bool = False
    is_put_off: bool = False
    is_put_off_anyway: bool = False
    said: tuple[SaidLabel, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A whole file, read under given options. ``rows`` counts records (bad ones included, blank lines and
    rows of empty cells not), ``label_values`` and ``part_values`` are stripped values with counts, most
    frequent first. ``unreadable_rows`` hold no cells and are never imported; ``several_labels`` counts
    annotations with more than one label (they count as none), ``skipped`` those that say *not now*."""

    rows: int
    bad_row_count: int
    bad_rows: tuple[BadRow, ...]
    bad_byte_count: int
    bad_bytes: tuple[BadBytes, ...]
    blank_lines: int
    empty_rows: int
    empty_texts: int
    duplicates: int
    longest_text: int
    longest_text_line: int
    formula_cells: int
    label_values: tuple[tuple[str, int], ...] = ()
    label_value_count: int = 0
    part_values: tuple[tuple[str, int], ...] = ()
    unreadable_rows: int = 0
    several_labels: int = 0
    skipped: int = 0
    annotators: tuple[tuple[str, int], ...] = ()
    remarks: tuple[Remark, ...] = ()
    in_project: int = 0
    """Rows whose text a comment of the project has too."""
    boilerplate: int = 0
    """Rows with a text that the platform wrote."""
    boilerplate_labels: tuple[tuple[str, int], ...] = ()
    """What their label cells say."""
    patterns: tuple[tuple[CommentPattern, int], ...] = ()
    """The comments by what is said of them, where that is more than a label each."""
    joined: int = 0
    """Rows that are annotations of the comment before."""

    @property
    def rows_ok(self) -> int:
        return self.rows - self.bad_row_count


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import. Columns are indices. ``label_map``: value of the file -> label key (None: only
    values that are keys or names of labels are taken); ``ignore_unmapped``: other values leave their rows
    unlabelled instead of stopping the import. ``part_map``: value -> ``train`` | ``valid`` | ``test`` |
    ```` (None: the usual words); ``part``: one part for the whole file; ``annotator``: who imports.

    Beside the label column: who gave the label, when, in how many seconds; ``task_column``: neighbouring
    rows with one value there are annotations of one comment. ``take_annotations``: the labels that the file
    keeps beside its columns (`Preview.annotations`), where no label column is given.

    ``boilerplate``: one of `boilerplate.CHOICES`, for rows whose text is in the project's list;
    ``boilerplate_texts`` becomes that list with the import (None: it stays).

    ``only_new``: nothing comes in when the project has a file with the same content by the end."""

    path: str
    text_column: int
    options: ReadOptions = field(default_factory=ReadOptions)
    label_column: int | None = None
    label_map: Mapping[str, str] | None = None
    ignore_unmapped: bool = False
    part_column: int | None = None
    part_map: Mapping[str, str] | None = None
    part: str = ""
    skip_blank_texts: bool = False
    skip_bad_rows: bool = False
    annotator: str = ""
    name: str = ""
    annotator_column: int | None = None
    time_column: int | None = None
    seconds_column: int | None = None
    task_column: int | None = None
    take_annotations: bool = True
    boilerplate: str = "keep"
    boilerplate_texts: tuple[str, ...] | None = None
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """``total`` rows are estimated while ``stage`` is ``checking`` (0 unknown), exact while it is
    ``writing``; ``eta`` in seconds, -1 unknown."""

    rows: int
    total: int
    rows_per_s: float
    eta: float
    stage: str = "writing"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came in. ``label_map`` is the mapping that was used (value -> label key); ``unknown_parts`` counts
    rows whose part column holds a word that names no part (they have none); ``labelled`` counts comments
    with a label, ``disputed`` those of them about which annotators disagree, ``skipped`` comments that were
    put off, ``several_labels`` annotations with more than one label (taken for none), ``joined`` rows that
    were annotations of the comment before; ``excluded`` and ``skipped_boilerplate`` rows with a text that the
    platform wrote, where the request wants them so."""

    source_id: int
    name: str
    rows: int
    labelled: int
    unmapped: int
    skipped_blank: int
    skipped_bad: int
    seconds: float
    parts: Mapping[str, int] = field(default_factory=dict)
    label_map: Mapping[str, str] = field(default_factory=dict)
    bad_row_count: int = 0
    bad_rows: tuple[BadRow, ...] = ()
    bad_byte_count: int = 0
    bad_bytes: tuple[BadBytes, ...] = ()
    unknown_parts: int = 0
    several_labels: int = 0
    disputed: int = 0
    skipped: int = 0
    joined: int = 0
    annotators: tuple[tuple[str, int], ...] = ()
    remarks: tuple[Remark, ...] = ()
    excluded: int = 0
    skipped_boilerplate: int = 0


# --- words that files use for labels and parts ---

_LABEL_WORDS: tuple[tuple[str, ...], ...] = (
    ("正面", "正向", "积极", "好评", "正", "褒义", "满意", "positive", "pos", "good"),
    ("中性", "中立", "中评", "中", "一般", "neutral", "neu"),
    ("负面", "负向", "消极", "差评", "负", "贬义", "不满意", "negative", "neg", "bad"),
)

_PART_WORDS: dict[str, Part] = {
    **dict.fromkeys(("train", "training", "训练", "训练集"), Part.TRAIN),
    **dict.fromkeys(("valid", "validation", "val", "dev", "验证", "验证集", "开发集"), Part.VALID),
    **dict.fromkeys(("test", "testing", "测试", "测试集"), Part.TEST),
}

_INVISIBLE = dict.fromkeys(
    map(ord, "\ufeff\u200b\u200c\u200d\u2060\u200e\u200f\u202a\u202b\u202c\u202d\u202e")
)


_PROJECT_FOLDERS = {"runs", "models", "batches", "cache", "backups", "trash"}


def require_place_for_text(path: Path, *, ending: str = "") -> None:
    """A text table can be written here (``ending`` ``.xlsx`` …: a file of that kind).

    Raises UserError ``OUTPUT_IS_WORKBOOK`` for a name that Excel would take for a workbook and then refuse,
    ``OUTPUT_NOT_WORKBOOK`` for a workbook with another name, ``OUTPUT_NOT_A_FILE`` (a folder, a device),
    ``OUTPUT_IS_DASH`` (the standard output, where only some commands can write),
    ``OUTPUT_NAME_TOO_LONG``, ``OUTPUT_FOLDER_MISSING``, and ``OUTPUT_IN_PROJECT`` for a place where a project
    keeps its own files.
    """
    require_file_name(path)
    require_outside_project(path)
    if ending == ".xlsx":
        if path.suffix.lower() != ending:
            raise UserError("OUTPUT_NOT_WORKBOOK", path=str(path), better=path.with_suffix(ending).name)
    elif path.suffix.lower() in WORKBOOK_ENDINGS:
        raise UserError("OUTPUT_IS_WORKBOOK", path=str(path), better=path.with_suffix(".csv").name)
    folder = path.absolute().parent
    if not os.path.isdir(folder):  # noqa: PTH112 - False, not an error, where one may not look
        raise UserError("OUTPUT_FOLDER_MISSING", path=str(path.parent))


def require_file_name(path: Path) -> None:
    """A name that is free, or that of a file. Raises UserError ``OUTPUT_IS_DASH``, ``OUTPUT_NAME_TOO_LONG``,
    ``OUTPUT_NOT_A_FILE``."""
    if str(path) == "-":
        raise UserError("OUTPUT_IS_DASH")
    try:
        there = os.stat(path)  # noqa: PTH116 - what the system says of the name is wanted
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise UserError("OUTPUT_NAME_TOO_LONG", name=path.name) from error
    else:
        if not stat.S_ISREG(there.st_mode):
            raise UserError("OUTPUT_NOT_A_FILE", path=str(path))


def require_outside_project(path: Path) -> None:
    """Raises UserError ``OUTPUT_IN_PROJECT`` for a place where a project keeps its own files."""
    if _belongs_to_a_project(path):
        raise UserError("OUTPUT_IN_PROJECT", path=str(path))


def _belongs_to_a_project(path: Path) -> bool:
    place = path.resolve()
    for folder in place.parents:
        if (folder / "project.db").is_file():
            first = place.relative_to(folder).parts[0].lower()
            return first.startswith("project.db") or first in _PROJECT_FOLDERS
    return False


def comment_files(paths: Sequence[Path]) -> list[Path]:
    """The files of ``paths``; a folder stands for the comment files in it, but not for those of projects."""
    found: list[Path] = []
    for path in paths:
        found += _files_of(path) if path.is_dir() else [path]
    return list(dict.fromkeys(found))


def _files_of(folder: Path) -> list[Path]:
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not name.endswith(".senti")
        )
        found += [Path(place, name) for name in sorted(names) if _is_comment_file(name)]
        if len(found) >= _MOST_FILES_OF_A_FOLDER:
            break
    return found[:_MOST_FILES_OF_A_FOLDER]


def _is_comment_file(name: str) -> bool:
    # What a program writes beside its output is no comment file.
    return (
        not name.startswith((".", "~$"))
        and not name.endswith(".manifest.json")
        and name.lower().endswith(COMMENT_ENDINGS)
    )


def plain(value: str) -> str:
    """A cell or column name as it is compared: invisible characters gone, NFKC, blanks around it cut."""
    return unicodedata.normalize("NFKC", value.translate(_INVISIBLE)).strip()


def part_of(value: str, part_map: Mapping[str, str] | None = None) -> Part | None:
    """The part that a cell names (``dev``, ``验证`` …), or None; ``part_map`` wins where it knows the
    value."""
    wanted = plain(value)
    if part_map is not None:
        for name in (value, wanted):
            if name in part_map:
                return Part(part_map[name]) if part_map[name] else None
        return None
    return _PART_WORDS.get(wanted.lower())


def labels_by_name(values: Sequence[str], labels: Sequence[Label]) -> dict[str, str]:
    """Value -> label key for values that *are* a label's name, a well-known word for it, or its key.

    Keys count only when they explain every value: the ``1`` of a 0/1 column is not the label with key
    ``1``.
    """
    names = _words_of(labels)
    found = {value: names[word] for value in values if (word := plain(value).casefold()) in names}
    keys = {label.key.casefold(): label.key for label in labels}
    by_key = {value: keys[word] for value in values if (word := plain(value).casefold()) in keys}
    filled = [value for value in values if plain(value)]
    if all(value in by_key or value in found for value in filled):
        return {**by_key, **found}
    return found


def suggest_label_map(values: Sequence[str], labels: Sequence[Label]) -> dict[str, str]:
    """A proposal to be shown, never applied unseen: `labels_by_name`, and for numbers the usual readings
    (0/1, -1/0/1, one to five stars)."""
    found = labels_by_name(values, labels)
    left = [value for value in values if plain(value) and value not in found]
    reading = _numeric_reading([plain(value) for value in left])
    names = _words_of(labels)
    for value in left:
        word = reading.get(plain(value))
        if word is not None and word in names:
            found[value] = names[word]
    return found


def _words_of(labels: Sequence[Label]) -> dict[str, str]:
    names: dict[str, str] = {}
    for label in labels:
        own = label.name.strip().casefold()
        for words in _LABEL_WORDS:
            if own in words:
                for word in words:
                    names.setdefault(word, label.key)
    names.update({plain(label.name).casefold(): label.key for label in labels})
    return names


def _numeric_reading(values: Sequence[str]) -> dict[str, str]:
    try:
        numbers = {value: float(value) for value in values}
    except ValueError:
        return {}
    distinct = set(numbers.values())
    if not distinct:
        return {}
    if distinct <= {0.0, 1.0}:
        middle, high = -1.0, 1.0
    elif distinct <= {-1.0, 0.0, 1.0}:
        middle, high = 0.0, 1.0
    elif distinct <= {1.0, 2.0, 3.0, 4.0, 5.0} and max(distinct) > 3:
        middle, high = 3.0, 4.0
    else:
        return {}
    return {
        value: "正面" if number >= high else ("中性" if number == middle else "负面")
        for value, number in numbers.items()
    }
