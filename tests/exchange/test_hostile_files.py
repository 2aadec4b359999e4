"""Files made to hurt: each is refused with its sentence, in little memory and time."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook

from senti_studio.domain.reading import ReadOptions
from senti_studio.errors import UserError
from senti_studio.exchange.open_file import open_records
from senti_studio.exchange.sniff import sniff
from senti_studio.messages import CATALOGUE

MEGABYTE = 1 << 20


@pytest.fixture(autouse=True)
def little_memory() -> Iterator[None]:
    """Whatever the file unpacks to."""
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 600 * 1024, "kilobytes"


def refused(path: Path, code: str) -> None:
    with pytest.raises(UserError) as caught:
        for _ in open_records(path, sniff(path).options):
            pass
    assert caught.value.code == code
    assert code in CATALOGUE


def book_with(path: Path, part: str, content: bytes) -> Path:
    """A real workbook, one of its parts replaced."""
    whole = path.with_suffix(".whole")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["编号", "评论"], ["1", "很好"]):
        sheet.append(row)
    book.save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    return path


def sheet_xml(rows: str) -> bytes:
    name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{name}"><sheetData>{rows}</sheetData></worksheet>'.encode()


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_a_zip_bomb(tmp_path: Path, part: str) -> None:
    path = book_with(tmp_path / "炸.xlsx", part, sheet_xml("<row/>" * (12 * MEGABYTE)))
    assert path.stat().st_size < MEGABYTE
    refused(path, "FILE_IS_BOMB")


def test_entities_that_multiply(tmp_path: Path) -> None:
    entities = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    refused(
        book_with(tmp_path / "笑.xlsx", "xl/worksheets/sheet1.xml", entities + sheet_xml("&b;")),
        "WORKBOOK_HAS_DOCTYPE",
    )


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="ZZZZZZ1" t="inlineStr"><is><t>远</t></is></c></row>',
        '<row r="999999999999"><c r="A1"><v>1</v></c></row>',
    ],
)
def test_cells_that_no_sheet_has(tmp_path: Path, rows: str) -> None:
    refused(book_with(tmp_path / "远.xlsx", "xl/worksheets/sheet1.xml", sheet_xml(rows)), "FILE_IS_BOMB")


def test_a_cut_workbook(tmp_path: Path) -> None:
    path = book_with(tmp_path / "全.xlsx", "", b"")
    cut = tmp_path / "断.xlsx"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UserError) as caught:
        sniff(cut)
    assert caught.value.code == "FILE_DAMAGED"


def test_a_broken_sheet(tmp_path: Path) -> None:
    content = sheet_xml('<row r="1"><c r="A1"><v>1</v></c>')
    refused(book_with(tmp_path / "坏.xlsx", "xl/worksheets/sheet1.xml", content), "FILE_DAMAGED")


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_million_columns(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "宽.csv"
    names = delimiter.join(f"列{number}" for number in range(1_000_000))
    path.write_text(f"{names}\n{delimiter * 999_999}\n" * 2, encoding="utf-8")
    refused(path, "TOO_MANY_COLUMNS")


def test_a_million_keys(tmp_path: Path) -> None:
    path = tmp_path / "宽.jsonl"
    path.write_text("".join(f'{{"键{number}":"值"}}\n' for number in range(100_000)), encoding="utf-8")
    refused(path, "TOO_MANY_COLUMNS")


def test_a_line_of_nothing_but_delimiters(tmp_path: Path) -> None:
    path = tmp_path / "逗号.csv"
    path.write_bytes("编号,评论\n1,很好\n".encode() + b"," * (20 * MEGABYTE) + "\n2,还行\n".encode())
    with pytest.raises(UserError, match="TOO_MANY_COLUMNS"):
        list(open_records(path, ReadOptions()))


@pytest.mark.parametrize("name", ["一行.csv", "一行.jsonl"])
def test_a_line_without_an_end(tmp_path: Path, name: str) -> None:
    """Packed, because the disk is not what is tested."""
    path = tmp_path / f"{name}.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b'{"a": "' if name.endswith(".jsonl") else "编号,评论\n".encode())
        for _ in range(80):
            file.write("好".encode() * (MEGABYTE // 3))
    refused(path, "LINE_TOO_LONG")


def test_json_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "一个.json.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b'[{"a": "')
        for _ in range(130):
            file.write("好 ".encode() * (MEGABYTE // 4))
    refused(path, "JSON_VALUE_TOO_LONG")


def test_json_of_brackets(tmp_path: Path) -> None:
    path = tmp_path / "深.json"
    path.write_text('[{"a": ' + "[" * 3_000_000, encoding="utf-8")
    refused(path, "JSON_TOO_DEEP")


@pytest.mark.parametrize("encoding", ["utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("name", ["评论.csv", "评论.jsonl"])
def test_utf_32_is_not_taken_for_utf_16(tmp_path: Path, name: str, encoding: str) -> None:
    path = tmp_path / name
    path.write_bytes("\ufeff编号,评论\n1,很好\n".encode(encoding))
    refused(path, "FILE_IS_UTF32")
    with pytest.raises(UserError, match="FILE_IS_UTF32"):
        list(open_records(path, ReadOptions(encoding="utf-16-le", format="jsonl")))


def test_utf_16_full_of_nul_characters(tmp_path: Path) -> None:
    path = tmp_path / "零.csv"
    path.write_bytes("\ufeff编号,评论\n".encode("utf-16-le") + "1,很\0\0好\n".encode("utf-16-le") * 50)
    refused(path, "FILE_NOT_TEXT")


def test_a_packed_workbook_is_called_a_workbook(tmp_path: Path) -> None:
    path = book_with(tmp_path / "全.xlsx", "", b"")
    packed = tmp_path / "全.xlsx.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(UserError) as caught:
        sniff(packed)
    assert (caught.value.code, caught.value.params["kind"]) == ("FILE_IS_PACKED_TABLE", "xlsx")
