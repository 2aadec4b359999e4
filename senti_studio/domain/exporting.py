"""Values of writing comments out: what goes into a file, in which shape, and what was written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from senti_studio.domain.comments import CommentFilter, Order, Sorting
from senti_studio.domain.importing import plain

TABLES = ("csv", "xlsx", "jsonl", "parquet")
"""Formats that hold all original columns and ours side by side."""

TASKS = ("label-studio", "doccano")
"""Formats of other labelling programs: one object for each comment."""

FORMATS = (*TABLES, *TASKS)

ENDINGS = {
    "csv": ".csv",
    "xlsx": ".xlsx",
    "jsonl": ".jsonl",
    "parquet": ".parquet",
    "label-studio": ".json",
    "doccano": ".jsonl",
}

LABEL, ANNOTATOR, TIME, SOURCE, ROW = (
    "senti_label",
    "senti_annotator",
    "senti_time",
    "senti_source",
    "senti_row",
)
ANNOTATIONS = "senti_annotations"
"""JSON list of `annotation_values`, filled where the three columns of one label do not say everything:
several annotators, one whose word settles it, or an imported label that somebody took away."""

ID, LABEL_KEY, PART, SKIPPED, FLAGGED, EXCLUDED, NOTE = (
    "senti_id",
    "senti_label_key",
    "senti_part",
    "senti_skipped",
    "senti_flagged",
    "senti_excluded",
    "senti_note",
)
USUAL_COLUMNS = (LABEL, ANNOTATOR, TIME, SOURCE, ROW)
OUR_COLUMNS = (*USUAL_COLUMNS, ANNOTATIONS, ID, LABEL_KEY, PART, SKIPPED, FLAGGED, EXCLUDED, NOTE)
"""Every column that we can add. Of those beyond `USUAL_COLUMNS`, annotations, part, skipped, flagged,
excluded and note are written where a project has any, the others when they are asked for."""

PREDICTED, CONFIDENCE = "senti_predicted", "senti_conf"
"""What our model says, where it stands beside what people said (doccano)."""

HOME_NAMES = "senti_columns"
"""JSON object: what columns are called at home that have another name in the file, because the other program
(doccano) calls the text ``text`` and has a ``label`` of its own."""

_NEEDED = (LABEL, ANNOTATOR, TIME)

BESIDE = {"label-studio": ".labelling-config.xml", "doccano": ".labels.json"}
"""What is written beside the files of a format, by its ending."""


@dataclass(frozen=True, slots=True)
class AnnotationsExport:
    """Comments of a project with their labels, as a file.

    ``format``: one of `FORMATS`; ``encoding`` matters to CSV only. ``columns``: names of original columns and
    of `OUR_COLUMNS` in the order wanted, None: all original ones, then ours. ``wanted`` and ``order`` or
    ``sorting`` as in a view; ``ids`` (a selection) takes the place of both; ``labelled_only`` narrows either.

    ``neutralise``: what a spreadsheet would run is made harmless in CSV and XLSX (see `exchange.formulas`).
    ``manifest``: writes one of `manifest_names` beside it. ``existing``: what to do when ``path`` is there:
    ``error`` | ``number`` (``name (2).csv``) | ``overwrite``.
    """

    path: str
    format: str = "csv"
    encoding: str = "utf-8-sig"
    labelled_only: bool = False
    existing: str = "error"
    columns: tuple[str, ...] | None = None
    wanted: CommentFilter = field(default_factory=CommentFilter)
    order: Order = Order.FILE
    sorting: Sorting | None = None
    ids: tuple[int, ...] | None = None
    neutralise: bool = True
    manifest: bool = True


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written. ``replaced``: characters that the encoding cannot hold, with their counts (written as
    ``?``, in a workbook as U+FFFD); ``formula_cells``: cells that a spreadsheet may take for formulas,
    ``neutralised``: how many of them were made harmless; ``cut_cells``: cells longer than a workbook can hold
    (32,767 characters), cut there. ``paths``: all files, the manifest and what lies beside included."""

    path: str
    rows: int
    encoding: str
    size: int
    columns: tuple[str, ...] = ()
    replaced: tuple[tuple[str, int], ...] = ()
    replaced_count: int = 0
    formula_cells: int = 0
    seconds: float = 0.0
    neutralised: int = 0
    cut_cells: int = 0
    paths: tuple[str, ...] = ()
    format: str = "csv"


@dataclass(frozen=True, slots=True)
class OutgoingAnnotation:
    """What one annotator says of a comment; ``label`` (a name) None: an imported label was taken away.
    ``at`` in milliseconds since the epoch; ``seconds``: how long it took, None not known."""

    annotator: str
    label: str | None
    at: int
    imported: bool = False
    seconds: float | None = None
    adjudicated: bool = False


@dataclass(frozen=True, slots=True)
class OutgoingPrediction:
    """What a model says of a comment: a label's name and its probability (None: not known)."""

    label: str
    confidence: float | None
    model: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingTask:
    """One comment for another labelling program. ``label`` is the one that lists show; ``columns`` are the
    original columns and ours, by name; that of the text (``text_column``) is None."""

    id: int
    text: str
    columns: Mapping[str, str | None]
    label: str | None = None
    annotations: tuple[OutgoingAnnotation, ...] = ()
    is_skipped: bool = False
    note: str = ""
    predictions: tuple[OutgoingPrediction, ...] = ()
    meta: Mapping[str, str | int] = field(default_factory=dict)
    text_column: str = ""


def annotation_values(annotation: OutgoingAnnotation) -> dict[str, str | float | bool | None]:
    """An annotation as an object of the column `ANNOTATIONS`; fields that say nothing are left out."""
    values: dict[str, str | float | bool | None] = {
        "annotator": annotation.annotator,
        "label": annotation.label,
        "time": iso_time(annotation.at),
    }
    if annotation.imported:
        values["imported"] = True
    if annotation.adjudicated:
        values["adjudicated"] = True
    if annotation.seconds is not None:
        values["seconds"] = annotation.seconds
    return values


def iso_time(milliseconds: int) -> str:
    """ISO 8601 in UTC, with milliseconds, so that a time comes back as it was."""
    at = datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)
    return at.isoformat(timespec="milliseconds")


def manifest_names(file_name: str) -> tuple[str, str]:
    """``标注.csv`` → ``标注.manifest.json``, and ``标注.csv.manifest.json`` for where the first one tells of
    another file (``标注.xlsx``)."""
    return f"{file_name.rpartition('.')[0] or file_name}.manifest.json", f"{file_name}.manifest.json"


def with_free_suffix(ours: Sequence[str], original: Sequence[str]) -> list[str]:
    """Our column names; where the source has one of them, all get ``_2`` (or the next number that is
    free)."""
    taken = {plain(name) for name in original}
    suffix, number = "", 1
    while any(name + suffix in taken for name in ours):
        number += 1
        suffix = f"_{number}"
    return [name + suffix for name in ours]


def own_suffix(columns: Sequence[str]) -> str | None:
    """What our columns end with in a file that has annotations of ours (`with_free_suffix`), usually nothing;
    None where there are none: what a classified file says are predictions.

    Several suffixes are possible where a source had columns of ours itself; ours stand behind its own.
    """
    best: tuple[bool, int, str] | None = None
    for place, name in enumerate(columns):
        suffix = name.removeprefix(LABEL)
        if not name.startswith(LABEL) or (suffix and not _NUMBERED.fullmatch(suffix)):
            continue
        there = {each for each in columns if each.endswith(suffix)}
        is_predicted = CONFIDENCE + suffix in there and PREDICTED + suffix not in there
        if is_predicted or not there.issuperset(each + suffix for each in _NEEDED):
            continue
        ours = {each + suffix for each in OUR_COLUMNS}
        originals = [each for each in columns if each not in ours]
        # Where columns were chosen, those that made the suffix necessary may not be there.
        found = (with_free_suffix(OUR_COLUMNS, originals)[0] == LABEL + suffix, place, suffix)
        best = max(best or found, found)
    return best[2] if best is not None else None


_NUMBERED = re.compile(r"_[1-9][0-9]*")
_NUMBER_BEHIND = re.compile(_NUMBERED.pattern + "$")


def numbered_columns(columns: Sequence[str]) -> dict[str, list[str]]:
    """Where the columns of a classified file had to be called otherwise because the source has such names:
    those of the source (``taken``), and what ours are called (``ours``); else nothing."""
    for place in reversed(range(len(columns) - 1)):
        suffix = columns[place].removeprefix(LABEL)
        if columns[place] == LABEL + suffix and columns[place + 1] == CONFIDENCE + suffix:
            break
    else:
        return {}
    if not _NUMBERED.fullmatch(suffix):
        return {}
    ours = list(columns[place:])
    wanted = {name.removesuffix(suffix) for name in ours}
    taken = [name for name in columns[:place] if wanted & {plain(name), _NUMBER_BEHIND.sub("", plain(name))}]
    return {"taken": taken, "ours": ours}
