"""JSON as people and libraries really write it: keys given twice, tables that are one object."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from senti_studio.domain.reading import Remark
from senti_studio.exchange.open_file import open_records
from senti_studio.exchange.sniff import sniff


def read(path: Path) -> tuple[tuple[str, ...], list[list[str]], tuple[Remark, ...]]:
    file = open_records(path, sniff(path).options)
    return file.columns, [record.cells for record in file], file.remarks


def put(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_key_given_twice_is_told_with_its_line(tmp_path: Path) -> None:
    lines = [
        '{"评论": "好吃", "时间": "10:00"}',
        '{"评论": "好吃", "评论": "难吃", "时间": "11:00"}',
        '{"评论": "断了", "评论"',
        '{"评论" : "一般", "meta": {"a": 1, "a": 2}}',
        '{"评论": "不错", "meta": {"a": 1}}',
    ]
    _, rows, remarks = read(put(tmp_path, "重复.jsonl", "\n".join(lines)))
    assert [cells[0] for cells in rows] == ["好吃", "难吃", "", "一般", "不错"]
    assert remarks == (Remark("KEYS_TWICE", 2, ("2", "4")),)


def test_a_key_given_twice_in_a_list_is_told_with_its_number(tmp_path: Path) -> None:
    """Also where a value is first read only in part, because the block ends in it."""
    items = [f'{{"评论": "{"好" * 300}", "编号": {number}}}' for number in range(9000)]
    items[4] = items[8999] = '{"评论": "好吃", "评论": "难吃"}'
    _, rows, remarks = read(put(tmp_path, "重复.json", "[" + ",".join(items) + "]"))
    assert (rows[4][0], len(rows)) == ("难吃", 9000)
    assert remarks == (Remark("KEYS_TWICE", 2, ("#5", "#9000")),)


@pytest.mark.parametrize(
    ("value", "columns", "rows"),
    [
        (
            {"评论": ["好吃", "难吃"], "标签": [1, 0]},
            ("评论", "标签"),
            [["好吃", "1"], ["难吃", "0"]],
        ),
        (
            {"评论": {"0": "好吃", "1": "难吃"}, "标签": {"0": 1, "1": 0}},
            ("评论", "标签"),
            [["好吃", "1"], ["难吃", "0"]],
        ),
        (
            {"1": {"评论": "好吃"}, "2": {"评论": "难吃"}},
            ("key", "评论"),
            [["1", "好吃"], ["2", "难吃"]],
        ),
        ({"data": [{"评论": "好吃"}], "total": 1}, ("评论",), [["好吃"]]),
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_a_table_that_is_one_object(
    tmp_path: Path, value: Any, columns: tuple[str, ...], rows: list[list[str]], indent: int | None
) -> None:
    path = put(tmp_path, "表.json", json.dumps(value, ensure_ascii=False, indent=indent))
    assert read(path)[:2] == (columns, rows)


@pytest.mark.parametrize(
    "value",
    [
        {"评论": "好吃", "标签": ["味道", "服务"]},
        {"id": 1, "data": {"text": "好吃"}, "annotations": [{"result": []}, {"result": []}]},
    ],
)
def test_one_comment_is_no_table(tmp_path: Path, value: Any) -> None:
    path = put(tmp_path, "一条.json", json.dumps(value, ensure_ascii=False))
    assert len(read(path)[1]) == 1
