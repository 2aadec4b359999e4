"""Every file of the messy collection goes the way of the wizard (sniff, check, import into a project) and
comes out as its table of expectations says, or is refused with a sentence."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from senti_studio.domain.importing import (
    ONE_COLUMN,
    TEXT_FORMATS,
    CheckReport,
    ImportReport,
    ImportRequest,
    SniffReport,
)
from senti_studio.errors import UserError
from senti_studio.exchange.open_file import open_records
from senti_studio.exchange.predicted_columns import NAMES
from senti_studio.exchange.sniff import preview, sniff
from senti_studio.messages import CATALOGUE, message
from senti_studio.storage.project import Project
from senti_studio.worker.importing import import_file
from senti_studio.worker.preview import check_file, sniff_file

pytestmark = pytest.mark.data

_GIVEN = os.environ.get("SENTI_DATA")
_MESSY = (Path(_GIVEN) if _GIVEN else Path(__file__).resolve().parents[3] / "shared" / "data") / "messy"
_FOUND = (
    json.loads((_MESSY / "EXPECTED.json").read_bytes())["files"]
    if (_MESSY / "EXPECTED.json").exists()
    else []
)
_NOT_READ = ("xls", "html")
"""Formats that may be refused, and are."""

Expected = dict[str, Any]


def entries(wanted: bool) -> list[Any]:
    """Files that must (or must not) be readable; a placeholder where the collection is absent."""
    chosen = [
        entry
        for entry in _FOUND
        if (entry["refuse"] != "must" and entry["format"] not in _NOT_READ) is wanted
    ]
    return [pytest.param(entry, id=entry["file"]) for entry in chosen] or [pytest.param(None, id="no data")]


def has(entry: Expected | None) -> Expected:
    if entry is None:
        pytest.skip(f"no messy files at {_MESSY}")
    return entry


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "乱七八糟.senti")
    yield made
    made.close()


def taken_in(project: Project, path: Path) -> tuple[SniffReport, CheckReport, ImportReport]:
    """The way of the wizard, every guess taken, labels without a meaning left out."""
    found = sniff_file(path)
    seen = found.preview
    assert seen.text_column is not None
    request = ImportRequest(
        path=str(path),
        text_column=seen.text_column,
        options=seen.options,
        label_column=seen.label_column,
        part_column=seen.part_column,
        ignore_unmapped=True,
        annotator_column=seen.annotator_column,
        time_column=seen.time_column,
        seconds_column=seen.seconds_column,
        task_column=seen.task_column,
    )
    checked = check_file(path, seen.options, text_column=seen.text_column, label_column=seen.label_column)
    return found, checked, import_file(project, request)


def test_all_files_are_there() -> None:
    if not _FOUND:
        pytest.skip(f"no messy files at {_MESSY}")
    assert len(_FOUND) == 61
    assert len(entries(True)) + len(entries(False)) == 61


@pytest.mark.parametrize("entry", entries(True))
def test_file_comes_in_as_expected(entry: Expected | None, project: Project, data_folder: Path) -> None:
    entry = has(entry)
    path = data_folder / "messy" / entry["file"]
    found, checked, report = taken_in(project, path)
    _check_reading(found, entry)
    assert checked.rows == entry["rows"]
    # Bad rows are kept and reported, but for those without any cells.
    joined = entry["rows"] - entry.get("tasks", entry["rows"])
    assert (report.rows, report.joined) == (
        entry["rows"] - checked.unreadable_rows - joined,
        joined,
    )
    _check_damage(checked, entry)
    _check_cells(project, path, found, entry)
    _check_labels(project, report, entry)


def _check_reading(found: SniffReport, entry: Expected) -> None:
    options = found.options
    assert found.format == {"txt": "csv"}.get(entry["format"], entry["format"])
    if options.format in TEXT_FORMATS:
        wanted = (entry["encoding"], *entry["encoding_or"], entry["encoding"].removesuffix("-sig"))
        assert options.encoding in wanted
        assert found.newline == entry["newline"]
        assert (found.candidates[0].reason == "bom") is entry["bom"]
    else:
        assert entry["encoding"] is None
        assert not found.candidates
    if options.format == "csv":
        assert options.delimiter == (entry["delimiter"] or ONE_COLUMN)
    assert entry["header"] in (None, options.has_header)
    if entry["columns"] and entry["header"] is not False:
        ours = list(NAMES) if "predictions_only" in entry else []  # what models said comes beside the columns
        assert list(found.preview.columns) == [*entry["columns"], *ours]
    if "sheets" in entry:
        assert [sheet.name for sheet in found.sheets] == [sheet["name"] for sheet in entry["sheets"]]
    assert len(found.preview.rows) == min(200, entry["rows"])


def _check_damage(checked: CheckReport, entry: Expected) -> None:
    rows = [(row.row, row.line, row.kind) for row in checked.bad_rows]
    assert rows == [(bad["row"], bad["line"], bad["kind"]) for bad in entry["bad_rows"]]
    for row, bad in zip(checked.bad_rows, entry["bad_rows"], strict=True):
        assert bad["fields"] in (None, row.fields)
    places = [(bad.line, bad.offset, bad.hex, bad.kind) for bad in checked.bad_bytes]
    assert places == [(bad["line"], bad["offset"], bad["hex"], bad["kind"]) for bad in entry["bad_bytes"]]
    assert checked.blank_lines == len(entry.get("blank_lines", ()))
    assert checked.empty_rows == len(entry.get("empty_rows", ()))
    assert checked.rows_ok in (entry["rows_ok"], entry["rows"])


def _check_cells(project: Project, path: Path, found: SniffReport, entry: Expected) -> None:
    """In the file as it is read, and in the project."""
    records = {record.row: record for record in open_records(path, found.options)}
    (source,) = project.sources.list()
    stored = {row: cells for _, row, cells in project.comments.originals(source.id)}
    for cell in entry["cells"]:
        record, value = records[cell["row"]], records[cell["row"]].cells[cell["col"]]
        assert record.line == cell.get("line", record.line)
        if "text" in cell:
            assert value in (cell["text"], *cell.get("text_or", ()))
        if "text_sha256" in cell:
            assert hashlib.sha256(value.encode()).hexdigest() == cell["text_sha256"]
        if cell["row"] in stored:
            assert stored[cell["row"]][cell["col"]] == value


def _check_labels(project: Project, report: ImportReport, entry: Expected) -> None:
    """Whose labels are known, several annotators of one comment, comments that were put off."""
    if "labels" not in entry:
        return
    rows = project.comments.rows([id_ for chunk in project.comments.ids(_everything()) for id_ in chunk])
    names = {label.id: label.name for label in project.labels.list()}
    disputed = [row.row for row in rows if len(_labels_of(project, row.id)) > 1]
    usable = Counter(
        names[row.label_id] for row in rows if row.label_id is not None and row.row not in disputed
    )
    assert usable == entry["labels"]
    assert usable.total() == entry["labelled"]
    assert len(disputed) == report.disputed == len(entry.get("conflicts", ()))
    assert report.several_labels == len(entry["multi_label"])
    assert [row.row for row in rows if row.skipped] == entry.get("skipped", [])
    if "conflicts" in entry:
        assert len(report.annotators) == 2
        both = project.comments.get(next(row.id for row in rows if row.row == disputed[0]))
        assert len({(one.annotator, one.label_id) for one in both.annotations}) == 2
        assert all(one.at.year == 2026 and not one.imported for one in both.annotations)
    if "predictions_only" in entry:
        remarks = {remark.code: remark.count for remark in report.remarks}
        assert remarks["PREDICTIONS_AS_COLUMNS"] >= len(entry["predictions_only"])
        assert remarks["PREDICTIONS_NOT_TAKEN"] == 1, "one gives numbers instead of its predictions"
        assert remarks["OTHER_ANNOTATIONS"] == len(entry["unsupported"])


def _everything() -> Any:
    from senti_studio.domain.comments import CommentFilter

    return CommentFilter()


def _labels_of(project: Project, comment_id: int) -> set[int]:
    return {one.label_id for one in project.comments.get(comment_id).annotations}


@pytest.mark.parametrize("entry", entries(False))
def test_other_files_are_refused_with_a_sentence(
    entry: Expected | None, project: Project, data_folder: Path
) -> None:
    entry = has(entry)
    with pytest.raises(UserError) as caught:
        taken_in(project, data_folder / "messy" / entry["file"])
    error = caught.value
    assert error.code in CATALOGUE
    for language in ("zh", "en"):
        sentence = message(error.code, error.params, language)
        assert entry["file"] in sentence.what
        assert sentence.next_step
    kind = {"xls": "xls", "html": "HTML"}.get(entry["format"])
    if kind:
        assert kind in str(message(error.code, error.params, "en"))
    if entry["refusal_must_say"] == "line and column of the error":
        assert (error.params["line"], error.params["column"]) == (236, 13)
    assert not project.sources.list()


def test_second_sheet_of_the_workbook(data_folder: Path) -> None:
    """A merged title stands above its header."""
    entry = next((one for one in _FOUND if one["file"] == "book_two_sheets.xlsx"), None)
    sheet = has(entry)["sheets"][1]
    path = data_folder / "messy" / "book_two_sheets.xlsx"
    seen = sniff(path, sheet=sheet["name"]).preview
    assert seen.columns == ("来源", "条数", "好评率")
    assert seen.options.skip_rows == sheet["header_row"] - 1
    again = preview(path, seen.options)
    assert again == seen
    records = {record.row: record for record in open_records(path, seen.options)}
    assert len(records) == sheet["rows"]
    for cell in sheet["cells"]:
        assert records[cell["row"]].line == cell["line"]
        assert records[cell["row"]].cells[cell["col"]] in (cell["text"], *cell.get("text_or", ()))


def test_what_a_workbook_cannot_say_is_remarked(data_folder: Path) -> None:
    entry = has(next((one for one in _FOUND if one["file"] == "book_two_sheets.xlsx"), None))
    path = data_folder / "messy" / "book_two_sheets.xlsx"
    checked = check_file(path, sniff(path).options, text_column=1)
    remarks = {remark.code: set(remark.places) for remark in checked.remarks}
    assert remarks == {
        "MERGED_CELLS": set(entry["sheets"][0]["merged"]),
        "FORMULAS_WITHOUT_RESULT": set(entry["sheets"][0]["formula_without_result"]),
    }


@pytest.mark.parametrize(
    ("name", "rows", "text", "label"),
    [
        ("chnsenticorp/train.tsv", 9600, 1, 0),
        ("smp2020_virus_3class/train.csv", 8409, 0, 1),
        ("waimai_10k/waimai_10k.csv", 11_987, 1, 0),
        ("weibo_gb18030/unlabeled_2.17.csv", 18_581, 1, None),
        ("asap_sample/train_sample.csv", 100, 1, 2),
        ("thucnews_titles/dev.txt", 10_000, 0, 1),
    ],
)
def test_real_files_lose_no_row(
    data_folder: Path, name: str, rows: int, text: int, label: int | None
) -> None:
    found = sniff(data_folder / name)
    file = open_records(data_folder / name, found.options)
    assert sum(1 for _ in file) == rows
    assert (file.tally.bad_row_count, file.damage.count) == (0, 0)
    assert (found.preview.text_column, found.preview.label_column) == (text, label)
    assert not found.is_close
