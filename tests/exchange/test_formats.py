"""Every format that is read: small files made here, in Chinese, as the programs write them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from senti_studio.domain.reading import ReadOptions, Remark
from senti_studio.errors import UserError
from senti_studio.exchange.excel_text import excel_text
from senti_studio.exchange.json_values import values_of_array
from senti_studio.exchange.marks import label_values, time_of
from senti_studio.exchange.open_file import open_records
from senti_studio.exchange.records import Mark, Record
from senti_studio.exchange.sniff import sniff

ROWS = [
    ["000123", "味道很好，下次还来👍", "正面"],
    ["6123456789012345679", '太慢了,又"贵"\n差评', "负面"],
    ["=1+1", "一般", ""],
]
NAMES = ["编号", "评论", "情感"]


def put(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def objects(rows: Sequence[Sequence[str]] = ROWS) -> list[dict[str, str]]:
    return [dict(zip(NAMES, row, strict=True)) for row in rows]


def as_json(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False)


def read(path: Path) -> tuple[tuple[str, ...], list[Record]]:
    file = open_records(path, sniff(path).options)
    return file.columns, list(file)


def cells(path: Path) -> list[list[str]]:
    return [record.cells for record in read(path)[1]]


# --- JSON ---


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_json_array(tmp_path: Path, encoding: str) -> None:
    path = put(tmp_path, "评论.json", json.dumps(objects(), ensure_ascii=False, indent=1), encoding)
    columns, records = read(path)
    assert list(columns) == NAMES
    assert [record.cells for record in records] == ROWS
    assert [record.line for record in records] == [2, 7, 12]
    assert sniff(path).format == "json"


def test_json_lines_and_gzip(tmp_path: Path) -> None:
    lines = "\n".join(map(as_json, objects())) + "\n\n"
    path = put(tmp_path, "评论.jsonl", lines)
    packed = tmp_path / "评论.jsonl.gz"
    packed.write_bytes(gzip.compress(lines.encode()))
    assert cells(path) == cells(packed) == ROWS
    assert sniff(packed).format == "jsonl.gz"
    file = open_records(path, sniff(path).options)
    assert len(list(file)) == 3
    assert file.tally.blank_lines == 1


def test_json_keeps_numbers_and_what_is_nested(tmp_path: Path) -> None:
    numbers = '"n":1.50,"id":12345678901234567890123,"nan":NaN'
    text = '[{"评论":"好",' + numbers + ',"b":true,"无":null,"x":{"回":["a",1.0]}}]'
    assert cells(put(tmp_path, "数.json", text)) == [
        ["好", "1.50", "12345678901234567890123", "", "true", "", '{"回":["a",1.0]}']
    ]


def test_json_without_a_line_break_is_read_in_blocks(tmp_path: Path) -> None:
    many = [{"评论": f"第{number}条，味道不错" * 30} for number in range(9000)]
    path = put(tmp_path, "一行.json", as_json(many))
    assert path.stat().st_size > 6 << 20
    records = read(path)[1]
    assert len(records) == 9000
    assert records[-1].cells == [many[-1]["评论"]]
    assert {record.line for record in records} == {1}


def test_a_value_may_be_cut_anywhere() -> None:
    text = ' [ {"a" : "中\\u4e2d\\n", "b": [1, 2.5e3]} , "x" , 123 , {} ] '
    whole = [item.value for item in values_of_array([text], Path("x.json"))]
    assert whole == [{"a": "中中\n", "b": ["1", "2.5e3"]}, "x", "123", {}]
    for size in range(1, len(text)):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        assert [item.value for item in values_of_array(pieces, Path("x.json"))] == whole


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ('[\n{"评论": "好"},\n{"评论": "坏\n', "JSON_DAMAGED", 3, 8),
        ('[\n{"评论": "好"}\n{"评论": "坏"}]', "JSON_DAMAGED", 3, 1),
        ('[{"评论": "好"}] 多余', "JSON_DAMAGED", 1, 15),
        ('[{"评论": 好}]', "JSON_DAMAGED", 1, 9),
    ],
)
def test_broken_json_is_refused_with_its_place(
    tmp_path: Path, text: str, code: str, line: int, column: int
) -> None:
    with pytest.raises(UserError) as caught:
        sniff(put(tmp_path, "坏.json", text))
    assert (caught.value.code, caught.value.params["line"], caught.value.params["column"]) == (
        code,
        line,
        column,
    )


def test_bad_lines_of_json_lines_are_listed(tmp_path: Path) -> None:
    deep = '{"评论":' + "[" * 5000 + "]" * 5000 + "}"
    text = '{"评论":"好"}\n{"评论":"断\n[1]\n' + deep + '\n{"评论":"还行","多":"1"}\n'
    path = put(tmp_path, "坏行.jsonl", text)
    file = open_records(path, sniff(path).options)
    records = list(file)
    assert [record.problem for record in records] == [
        "",
        "invalid JSON",
        "not an object",
        "nested too deeply",
        "",
    ]
    assert [(bad.line, bad.kind) for bad in file.tally.bad_rows or ()][-1] == (4, "nested too deeply")
    assert records[-1].cells == ["还行", "1"]


def test_what_no_file_can_hold_becomes_a_mark(tmp_path: Path) -> None:
    path = put(tmp_path, "代理.jsonl", '{"评论":"半个\\ud83d字"}\n{"评论":"零\\u0000点"}\n')
    file = open_records(path, sniff(path).options)
    assert [record.cells[0] for record in file] == ["半个\ufffd字", "零\ufffd点"]
    assert [(place.line, place.kind) for place in file.damage.listed or ()] == [
        (1, "cut character"),
        (2, "NUL"),
    ]


def test_a_list_of_strings(tmp_path: Path) -> None:
    assert cells(put(tmp_path, "句子.json", '["很好", "太慢"]')) == [["很好"], ["太慢"]]


@pytest.mark.parametrize("name", ["对象.json", "对象.txt"])
def test_one_object_is_no_list(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="JSON_NOT_A_LIST"):
        sniff(put(tmp_path, name, '{\n "评论": ["好", "坏"],\n "版本": 1\n}\n'))


# --- Parquet ---


def test_parquet(tmp_path: Path) -> None:
    table = pa.table(
        {
            "评论": ["很好", None, "太慢"],
            "编号": pa.array([6123456789012345679, 2, None], pa.int64()),
            "星": [4.5, 1.0, None],
            "时间": pa.array([datetime(2026, 7, 1, 12, 30), None, None]),
            "回复": pa.array([["谢谢"], [], None]),
        }
    )
    pq.write_table(table, tmp_path / "评论.parquet")
    columns, records = read(tmp_path / "评论.parquet")
    assert columns == ("评论", "编号", "星", "时间", "回复")
    assert [record.cells for record in records] == [
        ["很好", "6123456789012345679", "4.5", "2026-07-01 12:30:00", '["谢谢"]'],
        ["", "2", "1.0", "", "[]"],
        ["太慢", "", "", "", ""],
    ]


def test_damaged_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.table({"评论": ["很好"] * 2000}), tmp_path / "评论.parquet")
    content = (tmp_path / "评论.parquet").read_bytes()
    (tmp_path / "断.parquet").write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match="FILE_DAMAGED"):
        sniff(tmp_path / "断.parquet")
    # The footer is there, and says nothing that can be understood.
    (tmp_path / "尾.parquet").write_bytes(content[:-400] + b"\xff" * 392 + content[-8:])
    with pytest.raises(UserError, match="FILE_DAMAGED"):
        sniff(tmp_path / "尾.parquet")


# --- workbooks ---


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1, "General", "1"),
        (1.0, "General", "1"),
        (0.1 + 0.2, "General", "0.3"),
        (6123456789012345679, "General", "6123456789012345679"),
        (123, "000000", "000123"),
        (0.5, "0%", "50%"),
        (0.1256, "0.0%", "12.6%"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (1234.5, '¥#,##0.00"元"', "¥1,234.50元"),
        (-3.14159, "0.00", "-3.14"),
        (-5, "0.00;(0.00)", "(5.00)"),
        (3.5, "0.##", "3.5"),
        (3.0, "0.##", "3"),
        (0.00001234, "0.00E+00", "0.00001234"),
        (1.5, "# ?/?", "1.5"),
        (True, "General", "TRUE"),
        ("=1+1", "General", "=1+1"),
        ("行_x000D_尾", "@", "行\r尾"),
        (datetime(2026, 7, 1), "yyyy-mm-dd", "2026-07-01"),
        (datetime(2026, 7, 1), 'yyyy"年"m"月"d"日"', "2026年7月1日"),
        (datetime(2026, 7, 1), "[$-804]yyyy/m/d;@", "2026/7/1"),
        (datetime(2026, 7, 1), "mm-dd-yy", "2026/7/1"),
        (datetime(2026, 7, 1, 13, 5, 9), "yyyy-mm-dd h:mm:ss", "2026-07-01 13:05:09"),
        (datetime(2026, 7, 1, 13, 5, 9), "m/d/yy h:mm AM/PM", "7/1/26 1:05 PM"),
        (datetime(2026, 7, 1, 13, 5, 9), "d-mmm-yy", "2026-07-01 13:05:09"),
        (date(2026, 7, 1), "yyyy.mm.dd", "2026.07.01"),
        (time(9, 5), "h:mm", "9:05"),
        (time(9, 5), "上午/下午h:mm", "上午9:05"),
    ],
)
def test_cells_as_excel_shows_them(value: object, number_format: str, text: str) -> None:
    assert excel_text(value, number_format) == text


def book_of(path: Path, rows: Sequence[Sequence[object]], *, title: str = "") -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if title:
        sheet.append([title])
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


@pytest.mark.parametrize("name", ["评论.xlsx", "评论.csv", "评论"])
def test_a_workbook_under_any_name(tmp_path: Path, name: str) -> None:
    rows = [[number, text, label or None] for number, text, label in ROWS]
    rows[2][0] = "'=1+1"[1:] + " "  # a text, not a formula
    path = book_of(tmp_path / "x.xlsx", [NAMES, *rows]).rename(tmp_path / name)
    columns, records = read(path)
    assert list(columns) == NAMES
    assert [record.cells[1:] for record in records] == [row[1:] for row in ROWS]
    assert [record.line for record in records] == [2, 3, 4]


def test_empty_rows_and_wide_rows_of_a_sheet(tmp_path: Path) -> None:
    rows = [
        NAMES,
        ["1", "好", "正面"],
        [],
        ["", ""],
        ["2", "坏"],
        *[[str(n), "还行", "负面"] for n in range(250)],
    ]
    rows.append(["9", "宽", "正面", "多", "余"])
    path = book_of(tmp_path / "宽.xlsx", rows, title="七月的评论")
    file = open_records(path, sniff(path).options)
    records = list(file)
    assert (file.tally.empty_rows, file.tally.bad_row_count) == (2, 1)
    assert [record.line for record in records[:3]] == [3, 6, 7]
    assert records[-1].cells == ["9", "宽", "正面,多,余"]
    kept = list(open_records(path, sniff(path).options, keep_empty_rows=True))
    assert [record.row for record in kept[:4]] == [1, 0, 0, 2]


def test_no_such_sheet_names_those_there_are(tmp_path: Path) -> None:
    path = book_of(tmp_path / "一张.xlsx", [NAMES, *ROWS])
    with pytest.raises(UserError) as caught:
        sniff(path, sheet="没有")
    assert (caught.value.code, caught.value.params["sheets"]) == ("NO_SUCH_SHEET", ["Sheet"])


# --- other labelling programs ---


def task(text: str, *annotations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": 1, "data": {"text": text}, "annotations": list(annotations), **more}


def said(label: str | list[str], who: Any = None, **more: Any) -> dict[str, Any]:
    choices = [label] if isinstance(label, str) else label
    result = [{"value": {"choices": choices}, "from_name": "sentiment", "type": "choices"}] if choices else []
    return {"completed_by": who, "result": result, "was_cancelled": False, **more}


def test_label_studio_tasks(tmp_path: Path) -> None:
    rating = {"result": [{"value": {"rating": 4}, "from_name": "stars", "type": "rating"}]}
    at = "2026-08-01T03:11:22.513Z"
    items = [
        task(
            "一",
            said("正面", {"id": 7, "email": "a@例.cn"}, created_at=at, lead_time=2.4),
        ),
        task("二", said("负面", 7, ground_truth=True), said("正面", 8)),
        task("三", {**said([]), "was_cancelled": True, "completed_by": 7}),
        task("四", said(["正面", "物流"], 7)),
        task("五", rating, predictions=[12, 13]),
        {"data": {"text": "六"}, "completions": [said("正面", None, created_at=1599999999)]},
    ]
    path = put(tmp_path, "任务.json", as_json(items))
    found = sniff(path)
    assert (found.format, found.preview.annotations) == ("label_studio_json", "sentiment")
    assert found.preview.label_column is None
    file = open_records(path, found.options)
    marks = [record.marks for record in file]
    assert marks[0] == (Mark("a@例.cn", ("正面",), 1785553882513, 2.4),)
    assert marks[1] == (Mark("a@例.cn", ("负面",), adjudicated=True), Mark("8", ("正面",)))
    assert [mark.skipped for mark in marks[2]] == [True]
    assert marks[3][0].values == ("正面", "物流")
    assert marks[4] == ()
    assert marks[5] == (Mark("", ("正面",), 1599999999000),)
    assert file.remarks == (Remark("PREDICTIONS_NOT_TAKEN", 1), Remark("OTHER_ANNOTATIONS", 1))


def guess(label: str, model: str, score: float | None = None) -> dict[str, Any]:
    value = {"result": [{"value": {"choices": [label]}, "from_name": "sentiment", "type": "choices"}]}
    more = {} if score is None else {"score": score}
    return {**value, "model_version": model, **more}


def test_predictions_of_label_studio_become_columns(tmp_path: Path) -> None:
    items = [
        task("一", said("正面", 7), predictions=[guess("负面", "v1", 0.4), guess("正面", "v2", 0.9731)]),
        task("二", predictions=[guess("负面", "v1")]),
        task("三", predictions=[12]),
        task("四"),
    ]
    path = put(tmp_path, "任务.json", as_json(items))
    found = sniff(path)
    names = ("text", "prediction", "prediction_score", "prediction_model")
    assert found.preview.columns == names
    assert (found.preview.text_column, found.preview.label_column) == (0, None)
    file = open_records(path, found.options)
    records = list(file)
    assert [record.cells for record in records] == [
        ["一", "正面", "0.9731", "v2"],
        ["二", "负面", "", "v1"],
        ["三", "", "", ""],
        ["四", "", "", ""],
    ]
    assert [len(record.marks) for record in records] == [1, 0, 0, 0], "a prediction is no annotation"
    assert not any(record.problem for record in records)
    assert {remark.code: remark.count for remark in file.remarks} == {
        "PREDICTIONS_AS_COLUMNS": 2, "PREDICTIONS_OF_SEVERAL": 1, "PREDICTIONS_NOT_TAKEN": 1,
    }  # fmt: skip


def test_a_column_with_the_name_of_a_prediction_stays(tmp_path: Path) -> None:
    items = [task("一", predictions=[guess("正面", "v2", 0.5)]), task("二")]
    items[1]["data"]["prediction"] = "明天有雨"
    path = put(tmp_path, "任务.json", as_json(items))
    found = sniff(path)
    assert found.preview.columns[:3] == ("text", "prediction", "prediction (2)")
    cells = [record.cells for record in open_records(path, found.options)]
    assert cells == [["一", "", "正面", "0.5", "v2"], ["二", "明天有雨", "", "", ""]]


def test_doccano_before_2021(tmp_path: Path) -> None:
    lines = [
        {"id": 1, "text": "很好", "annotations": [{"label": 603, "user": 1}], "meta": {}},
        {
            "id": 2,
            "text": "太慢",
            "annotations": [{"label": 604, "user": 1}, {"label": 603, "user": 2}],
            "meta": {},
        },
        {"id": 3, "text": "一般", "annotations": [], "meta": {}},
    ]
    path = put(tmp_path, "旧.jsonl", "\n".join(map(as_json, lines)))
    records = read(path)[1]
    assert sniff(path).preview.annotations == "annotations"
    assert [record.marks for record in records] == [
        (Mark("1", ("603",)),),
        (Mark("1", ("604",)), Mark("2", ("603",))),
        (),
    ]


def test_fasttext(tmp_path: Path) -> None:
    text = (
        '"__label__物流 __label__负面 太慢了,又""贵""\n差评 __comment__看两遍"\n'
        "__label__正面 味道 不错\n__label__负面 差\n没有标签的一行\n__label__正面 好\n"
    )
    path = put(tmp_path, "快.txt", text)
    assert sniff(path).format == "fasttext"
    assert cells(path) == [
        ['太慢了,又"贵"\n差评', '["物流","负面"]', "看两遍"],
        ["味道 不错", "正面", ""],
        ["差", "负面", ""],
        ["没有标签的一行", "", ""],
        ["好", "正面", ""],
    ]


@pytest.mark.parametrize(
    ("cell", "joint", "values"),
    [
        (" 正面 ", "", ("正面",)),
        ("", "", ()),
        ('["正面"]', "", ("正面",)),
        ("[]", "", ()),
        ('{"choices": ["负面", "物流"]}', "", ("负面", "物流")),
        ("物流#负面", "#", ("物流", "负面")),
        ("物流#负面", "", ("物流#负面",)),
        ("[微笑]", "", ("[微笑]",)),
        ('{"a": 1}', "", ('{"a": 1}',)),
        ("[1]", "", ("1",)),
    ],
)
def test_labels_of_a_cell(cell: str, joint: str, values: tuple[str, ...]) -> None:
    assert label_values(cell, joint) == values


def test_times() -> None:
    assert time_of("2026-08-01T03:11:22.513742Z") == 1785553882514
    assert time_of("2026-08-01T11:11:22.513+08:00") == 1785553882513
    assert time_of("1785553882") == 1785553882000
    assert time_of(1785553882513) == 1785553882513
    local = datetime(2026, 8, 1, 9, 30).timestamp() * 1000
    assert time_of("2026/08/01 09:30") == local
    assert [time_of(value) for value in ("", None, "昨天", "nan", "9e99")] == [None] * 5


def test_options_that_nobody_knows(tmp_path: Path) -> None:
    path = put(tmp_path, "评论.csv", "评论\n好\n")
    for options in (ReadOptions(format="docx"), ReadOptions(on_bad="hope")):
        with pytest.raises(UserError, match="BAD_OPTIONS"):
            open_records(path, options)
