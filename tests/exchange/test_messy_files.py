"""Every text file of the messy collection reads as its table of expectations says; other formats are
refused by name."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from senti_studio.domain.importing import ONE_COLUMN
from senti_studio.errors import UserError
from senti_studio.exchange.csv_file import CsvFile, Record
from senti_studio.exchange.sniff import sniff
from senti_studio.messages import CATALOGUE, message

pytestmark = pytest.mark.data

_GIVEN = os.environ.get("SENTI_DATA")
_MESSY = (Path(_GIVEN) if _GIVEN else Path(__file__).resolve().parents[3] / "shared" / "data") / "messy"
_FOUND = (
    json.loads((_MESSY / "EXPECTED.json").read_bytes())["files"]
    if (_MESSY / "EXPECTED.json").exists()
    else []
)
_TEXT = ("csv", "txt", "csv.gz")

Expected = dict[str, Any]


def entries(wanted: bool) -> list[Any]:
    """Files that must (or must not) be readable; a placeholder where the collection is absent."""
    chosen = [entry for entry in _FOUND if (entry["format"] in _TEXT and entry["refuse"] != "must") is wanted]
    return [pytest.param(entry, id=entry["file"]) for entry in chosen] or [pytest.param(None, id="no data")]


@pytest.mark.parametrize("entry", entries(True))
def test_file_reads_as_expected(entry: Expected | None, data_folder: Path) -> None:
    if entry is None:
        pytest.skip(f"no messy files at {_MESSY}")
    path = data_folder / "messy" / entry["file"]
    found = sniff(path)
    options = found.options
    assert options.encoding in (
        entry["encoding"],
        *entry["encoding_or"],
        entry["encoding"].removesuffix("-sig"),
    )
    assert options.delimiter == (entry["delimiter"] or ONE_COLUMN)
    assert found.newline == entry["newline"]
    assert entry["header"] in (None, options.has_header)
    file = CsvFile(path, options)
    records = list(file)
    if entry["columns"] and entry["header"]:
        assert list(file.columns) == entry["columns"]
    assert len(records) == file.tally.rows == entry["rows"]
    assert file.tally.rows - file.tally.bad_row_count in (entry["rows_ok"], entry["rows"])
    _check_damage(file, entry)
    for cell in entry["cells"]:
        _check_cell(records[cell["row"] - 1], cell)


def _check_damage(file: CsvFile, entry: Expected) -> None:
    rows = [(row.row, row.line, row.kind) for row in file.tally.bad_rows or ()]
    assert rows == [(bad["row"], bad["line"], bad["kind"]) for bad in entry["bad_rows"]]
    places = [(bad.line, bad.offset, bad.hex, bad.kind) for bad in file.damage.listed or ()]
    assert places == [(bad["line"], bad["offset"], bad["hex"], bad["kind"]) for bad in entry["bad_bytes"]]
    assert file.tally.blank_lines == len(entry.get("blank_lines", ()))
    assert file.tally.empty_rows == len(entry.get("empty_rows", ()))


def _check_cell(record: Record, cell: Expected) -> None:
    value = record.cells[cell["col"]]
    assert record.line == cell["line"]
    if "text" in cell:
        assert value in (cell["text"], *cell.get("text_or", ()))
    if "text_sha256" in cell:
        assert hashlib.sha256(value.encode()).hexdigest() == cell["text_sha256"]


@pytest.mark.parametrize("entry", entries(False))
def test_other_formats_are_refused_with_a_sentence(entry: Expected | None, data_folder: Path) -> None:
    if entry is None:
        pytest.skip(f"no messy files at {_MESSY}")
    with pytest.raises(UserError) as caught:
        sniff(data_folder / "messy" / entry["file"])
    error = caught.value
    assert error.code in CATALOGUE
    for language in ("zh", "en"):
        sentence = message(error.code, error.params, language)
        assert entry["file"] in sentence.what
        assert sentence.next_step
    kind = {"xlsx": "xlsx", "xls": "xls", "html": "HTML", "parquet": "Parquet"}.get(entry["format"])
    if kind:
        assert kind in str(message(error.code, error.params, "en"))


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
    file = CsvFile(data_folder / name, found.options)
    assert sum(1 for _ in file) == rows
    assert (file.tally.bad_row_count, file.damage.count) == (0, 0)
    assert (found.preview.text_column, found.preview.label_column) == (text, label)
    assert not found.is_close
