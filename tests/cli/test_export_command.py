"""``senti-studio export``: every format by its name or by the ending of the file, and what may be chosen."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest


@pytest.fixture
def folder(program: Callable[..., Any], tmp_path: Path) -> Path:
    file = tmp_path / "门店 评论.csv"
    file.write_text(
        "编号,评论,情感\n0001,很好吃,正面\n0002,=太慢了,负面\n0003,一般般,\n0004,不错不错,正面\n", "utf-8"
    )
    made = tmp_path / "门店.senti"
    program("new", made)
    answer = program("import", made, file, "--label-column", "情感", "--text-column", "评论")
    assert answer.status == 0, answer.said
    return made


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_the_ending_decides(program: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    for name, format_ in (
        ("出.csv", "csv"),
        ("出.xlsx", "xlsx"),
        ("出.jsonl", "jsonl"),
        ("出.parquet", "parquet"),
        ("任务.json", "label-studio"),
    ):
        answer = program("export", folder, "-o", tmp_path / name, "--overwrite")
        assert (answer.status, answer.values["format"], answer.values["rows"]) == (0, format_, 4)
    assert openpyxl.load_workbook(tmp_path / "出.xlsx").active["B3"].value == "=太慢了"
    assert pq.read_table(tmp_path / "出.parquet").num_rows == 4
    assert len(json.loads((tmp_path / "任务.json").read_text("utf-8"))) == 4
    answer = program("export", folder, "-o", tmp_path / "豆.jsonl", "--format", "doccano")
    assert answer.values["format"] == "doccano"
    assert (tmp_path / "豆.labels.json").exists()


def test_rows_columns_and_order(program: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    def wrote(*words: object) -> list[list[str]]:
        answer = program("export", folder, "-o", tmp_path / "出.csv", "--overwrite", *words)
        assert answer.status == 0, answer.said
        return rows_of(tmp_path / "出.csv")

    assert wrote("--label", "负面", "--columns", "senti_label,编号") == [
        ["senti_label", "编号"],
        ["负面", "0002"],
    ]
    ids = [row[0] for row in wrote("--label", "1", "--unlabelled", "--columns", "编号")[1:]]
    assert ids == ["0001", "0003", "0004"]
    assert [row[0] for row in wrote("--search", "不错", "--columns", "编号")[1:]] == ["0004"]
    assert [row[0] for row in wrote("--source", "门店 评论", "--columns", "评论")[1:]][1] == "'=太慢了"
    assert wrote("--no-neutralise", "--columns", "评论")[2] == ["=太慢了"]
    by_length = [
        len(row[0]) for row in wrote("--order", "length", "--columns", "评论", "--no-neutralise")[1:]
    ]
    assert by_length == sorted(by_length)


def test_what_was_done_is_said(program: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    answer = program("export", folder, "-o", tmp_path / "出.csv", as_json=False)
    assert "1 个单元格会被表格软件当成公式运行" in answer.said
    assert str(tmp_path / "出.manifest.json") in answer.out
    program("export", folder, "-o", tmp_path / "无.csv", "--no-manifest")
    assert not (tmp_path / "无.manifest.json").exists()


def test_what_is_not_there_is_refused(program: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    for words, code in (
        (("--label", "没有"), "NO_SUCH_LABEL"),
        (("--columns", "没有"), "NO_SUCH_COLUMN"),
        (("--source", "没有"), "SOURCE_NOT_FOUND"),
        (("--format", "xlsx"), "OUTPUT_NOT_WORKBOOK"),
    ):
        answer = program("export", folder, "-o", tmp_path / "出.csv", *words)
        assert answer.values["error"]["code"] == code
    assert not (tmp_path / "出.csv").exists()
