"""Workbooks as no program should write them: every row and every digit comes in or is told about, and what
was made to hurt is refused."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from senti_studio.domain.reading import ReadOptions, Remark
from senti_studio.errors import UserError
from senti_studio.exchange.excel_text import excel_text
from senti_studio.exchange.open_file import open_records
from senti_studio.exchange.sniff import sniff

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
MEGABYTE = 1 << 20


def book(
    path: Path,
    rows: Iterable[str],
    *,
    strings: Iterable[str] = (),
    sheet: str = "worksheets/sheet1.xml",
    table: str = "sharedStrings.xml",
    behind: str = "",
) -> Path:
    """A workbook with one sheet of these rows; its parts may have any name."""
    types = "".join(
        f'<Override PartName="/xl/{part}" ContentType="{_KIND}.{kind}+xml"/>'
        for part, kind in (("workbook.xml", "sheet.main"), (sheet, "worksheet"), (table, "sharedStrings"))
    )
    xml = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types">{xml}{types}</Types>'
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>'
            '<sheet name="评论" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="{sheet}"/>'
            f'<Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="{table}"/></Relationships>',
        )
        with archive.open(f"xl/{sheet}", "w") as file:
            file.write(f'<worksheet {_MAIN}><sheetData><row r="1">'.encode())
            file.write((text("A1", "编号") + text("B1", "评论") + "</row>").encode())
            for row in rows:
                file.write(row.encode())
            file.write(f"</sheetData>{behind}</worksheet>".encode())
        with archive.open(f"xl/{table}", "w") as file:
            file.write(f"<sst {_MAIN}>".encode())
            for one in strings:
                file.write(one.encode())
            file.write(b"</sst>")
    return path


def text(place: str, words: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{words}</t></is></c>'


def row(number: int, cells: str) -> str:
    return f'<row r="{number}">{cells}</row>'


def numbered(number: int, stored: str) -> str:
    return row(number, f'<c r="A{number}"><v>{stored}</v></c>' + text(f"B{number}", f"第{number}条"))


def read(path: Path) -> tuple[list[tuple[int, list[str]]], tuple[Remark, ...]]:
    file = open_records(path, sniff(path).options)
    return [(record.line, record.cells) for record in file], file.remarks


def refused(path: Path, code: str) -> None:
    with pytest.raises(UserError) as caught:
        read(path)
    assert caught.value.code == code


def test_no_digit_of_a_long_number_is_made_up(tmp_path: Path) -> None:
    stored = ["4.40106199001011E+17", "1.23456789012345E+18", "12", "123456789012345678"]
    path = book(tmp_path / "身份证.xlsx", (numbered(at, one) for at, one in enumerate(stored, 2)))
    rows, remarks = read(path)
    assert [cells[0] for _, cells in rows] == [
        "440106199001011000",
        "1234567890123450000",
        "12",
        "123456789012345678",
    ]
    assert remarks == (Remark("LONG_NUMBERS_CUT", 2, ("编号",)),)


def test_whole_ids_that_end_in_zero_are_not_suspected(tmp_path: Path) -> None:
    stored = ["6123456789012340", "6123456789012345"]
    path = book(tmp_path / "订单.xlsx", (numbered(at, one) for at, one in enumerate(stored, 2)))
    assert read(path)[1] == ()
    path = book(tmp_path / "订单2.xlsx", (numbered(at, stored[0]) for at in range(2, 5)))
    assert read(path)[1] == (Remark("LONG_NUMBERS_CUT", 3, ("编号",)),)


def test_very_large_and_very_small_numbers(tmp_path: Path) -> None:
    stored = ["1e300", "1E-10", "1E400", "NaN", "0.00001234"]
    path = book(tmp_path / "数.xlsx", (numbered(at, one) for at, one in enumerate(stored, 2)))
    assert [cells[0] for _, cells in read(path)[0]] == ["1E+300", "1E-10", "1E400", "NaN", "0.00001234"]


def test_rows_out_of_order_and_twice_all_come_in(tmp_path: Path) -> None:
    rows = [row(5, text("B5", "第五")), row(3, text("B3", "第三")), row(3, text("B3", "第三，又"))]
    found, remarks = read(book(tmp_path / "乱序.xlsx", rows))
    assert found == [(5, ["", "第五"]), (3, ["", "第三"]), (3, ["", "第三，又"])]
    assert remarks == (Remark("ROWS_OUT_OF_ORDER", 2, ("3", "3")),)


def test_cells_out_of_order_and_twice_all_come_in(tmp_path: Path) -> None:
    cells = text("B2", "第一次") + text("B2", "第二次") + '<c r="A2"><v>9</v></c>'
    found, remarks = read(book(tmp_path / "重复.xlsx", [row(2, cells)]))
    assert found == [(2, ["9", "第一次,第二次"])]
    assert remarks == (Remark("CELLS_TWICE", 1, ("B2",)),)


def test_an_escaped_escape_stays_as_it_was_typed(tmp_path: Path) -> None:
    strings = [
        "<si><t>_x005F_x000D_</t></si>",
        "<si><r><t>富</t></r><rPh><t>ふ</t></rPh><r><t>文本</t></r></si>",
    ]
    cells = '<c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c>'
    assert read(book(tmp_path / "转义.xlsx", [row(2, cells)], strings=strings))[0] == [
        (2, ["_x000D_", "富文本"])
    ]


@pytest.mark.parametrize("part", [{"sheet": "worksheets/表.dat"}, {"table": "字.bin"}])
def test_a_bomb_under_another_name(tmp_path: Path, part: dict[str, str]) -> None:
    big = (" " * MEGABYTE for _ in range(40))
    good = [numbered(2, "1")]
    path = tmp_path / "炸.xlsx"
    refused(
        book(path, big, **part) if "sheet" in part else book(path, good, strings=big, **part), "FILE_IS_BOMB"
    )


def test_a_short_file_that_refers_to_one_long_text_again_and_again(tmp_path: Path) -> None:
    rows = (row(at, f'<c r="B{at}" t="s"><v>0</v></c>') for at in range(2, 20_000))
    refused(book(tmp_path / "反复.xlsx", rows, strings=[f"<si><t>{'好' * 30_000}</t></si>"]), "FILE_IS_BOMB")


def test_many_merged_ranges_cost_nothing(tmp_path: Path) -> None:
    """They are counted; the library would visit each of their billion cells' borders."""
    merged = '<mergeCell ref="B2:B1048576"/>' * 100_000
    path = book(tmp_path / "合并.xlsx", [numbered(2, "1")], behind=f"<mergeCells>{merged}</mergeCells>")
    file = open_records(path, ReadOptions(format="xlsx"))
    assert [record.cells for record in file] == [["1", "第2条"]]
    (remark,) = file.remarks
    assert (remark.code, remark.count, len(remark.places)) == ("MERGED_CELLS", 100_000, 20)


def test_a_document_type_is_called_by_its_name(tmp_path: Path) -> None:
    """Also where a long remark stands before it."""
    path = book(tmp_path / "声明.xlsx", [numbered(2, "1")])
    whole = tmp_path / "声明2.xlsx"
    start = "<!--" + "注" * 5000 + '--><!DOCTYPE x [<!ENTITY a "哈">]>'
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(whole, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, start.encode() + content if "sheet1" in name else content)
    refused(whole, "WORKBOOK_HAS_DOCTYPE")


def test_a_workbook_without_a_sheet_that_can_be_read(tmp_path: Path) -> None:
    path = book(tmp_path / "空.xlsx", [])
    without = tmp_path / "空2.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(without, "w") as new:
        for name in old.namelist():
            if "sheet1" not in name:
                new.writestr(name, old.read(name))
    refused(without, "NO_SHEETS")


@pytest.mark.parametrize(
    ("hours", "number_format", "shown"),
    [
        (30.5, "[h]:mm", "30:30"),
        (30.5, "[hh]:mm:ss", "30:30:00"),
        (1.25, "[mm]:ss", "75:00"),
        (0.01, "[s]", "36"),
        (-1.5, "[h]:mm", "-1:30"),
    ],
)
def test_spans_of_time_as_their_format_says(hours: float, number_format: str, shown: str) -> None:
    from datetime import timedelta

    assert excel_text(timedelta(hours=hours), number_format) == shown
