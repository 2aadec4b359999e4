"""The record reader: what is written comes back, in any encoding, over any block border; nothing is
repaired silently."""

from __future__ import annotations

import csv
import gzip
import io
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from senti_studio.domain.importing import ONE_COLUMN, BadRow, ReadOptions
from senti_studio.domain.reading import Remark
from senti_studio.errors import UserError
from senti_studio.exchange.csv_file import CsvFile, Record, parse_lines
from senti_studio.exchange.raw_file import BLOCK

PLAIN = ReadOptions()
CELL = st.text(
    st.one_of(
        st.sampled_from("，。好评差,;|\t\"'\r\n \u2028\u0085\ufeff😋𠮷%="),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=12,
)


def read(path: Path, options: ReadOptions = PLAIN) -> list[Record]:
    return list(CsvFile(path, options))


def written(rows: list[list[str]], delimiter: str = ",", newline: str = "\r\n") -> str:
    buffer = io.StringIO(newline="")
    # Before Python 3.13 the writer leaves a lone CR unquoted when its own line end has none.
    quoting = csv.QUOTE_MINIMAL if newline == "\r\n" else csv.QUOTE_ALL
    csv.writer(buffer, delimiter=delimiter, lineterminator=newline, quoting=quoting).writerows(rows)
    return buffer.getvalue()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=6),
    delimiter=st.sampled_from(",\t;|"),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "gb18030"]),
)
def test_written_cells_come_back(
    tmp_path: Path, rows: list[list[str]], delimiter: str, newline: str, encoding: str
) -> None:
    rows = [["首列" + row[0], *row[1:]] for row in rows]
    path = tmp_path / "往返.csv"
    path.write_bytes(written([["甲", "乙", "丙"], *rows], delimiter, newline).encode(encoding))
    found = read(path, ReadOptions(encoding, delimiter))
    assert [record.cells for record in found] == rows
    assert [record.problem for record in found] == [""] * len(rows)


def test_nothing_is_lost_at_block_borders(tmp_path: Path) -> None:
    rows = [[str(number), "很长的评论\n第二行" + "字" * (number % 700), '他说"好"'] for number in range(6000)]
    content = written([["a", "b", "c"], *rows]).encode("gb18030")
    assert len(content) > 4 * BLOCK
    path = tmp_path / "大.csv"
    path.write_bytes(content)
    found = read(path, ReadOptions("gb18030"))
    assert [record.cells for record in found] == rows
    assert [record.line for record in found] == list(range(2, 12_002, 2))
    packed = tmp_path / "大.csv.gz"
    packed.write_bytes(gzip.compress(content, 1))
    assert read(packed, ReadOptions("gb18030")) == found


@pytest.mark.parametrize("pad", range(8))
def test_a_line_end_on_the_border_is_one_line_end(tmp_path: Path, pad: int) -> None:
    first = "甲,乙\r\n"
    filler = "一,".encode() + b"x" * (BLOCK - len(first.encode()) - len("一,".encode()) - 4 + pad) + b"\r\n"
    path = tmp_path / "界.csv"
    path.write_bytes(first.encode() + filler + "二,尾\r\n".encode())
    found = read(path)
    assert [(record.line, record.cells[0]) for record in found] == [(2, "一"), (3, "二")]


def test_bad_bytes_are_listed_with_line_and_offset(tmp_path: Path) -> None:
    path = tmp_path / "坏.csv"
    path.write_bytes(
        "甲,乙\r\n1,好".encode() + b"\xff" + "吃\r\n2,".encode() + b"\xe5\xa5" + ",多\r\n".encode()
    )
    file = CsvFile(path, ReadOptions())
    records = list(file)
    assert records[0].cells == ["1", "好\ufffd吃"]
    assert records[1].cells == ["2", "\ufffd,多"]
    assert [(bad.line, bad.hex, bad.kind) for bad in file.damage.listed or ()] == [
        (2, "ff", "illegal byte"),
        (3, "e5a5", "cut character"),
    ]
    assert (file.damage.listed or [])[0].offset == path.read_bytes().index(b"\xff")
    assert "好\ufffd吃" in (file.damage.listed or [])[0].context


def test_ragged_rows_are_kept_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "参差.csv"
    path.write_bytes("甲,乙,丙\n1,2,3\n1\n1,2,3,4,5\n,,\n \n1,2,3\n".encode())
    file = CsvFile(path, ReadOptions())
    assert [record.cells for record in file] == [
        ["1", "2", "3"],
        ["1", "", ""],
        ["1", "2", "3,4,5"],
        ["1", "2", "3"],
    ]
    assert file.tally.bad_rows == [BadRow(2, 3, 1, "too few fields"), BadRow(3, 4, 5, "too many fields")]
    assert (file.tally.blank_lines, file.tally.empty_rows) == (1, 1)


def test_rows_of_empty_cells_can_be_kept(tmp_path: Path) -> None:
    path = tmp_path / "空.csv"
    path.write_bytes("甲,乙\n1,好\n,\n2,坏\n".encode())
    kept = list(CsvFile(path, ReadOptions(), keep_empty_rows=True))
    assert [record.cells for record in kept] == [["1", "好"], ["", ""], ["2", "坏"]]


@pytest.mark.parametrize(
    ("lines", "cells"),
    [
        ('1,"没有关\n2,后面\n3,再后\n', [["1", '"没有关'], ["2", "后面"], ["3", "再后"]]),
        ('1,"他说"好"了"\n2,好\n', [["1", '他说"好"了'], ["2", "好"]]),
        ('1,a"b"c\n2,12" 屏\n', [["1", 'a"b"c'], ["2", '12" 屏']]),
        ('1,"吞,\n2,"话\n', [["1", '"吞', ""], ["2", '"话']]),
        ('1,"两\n行"\n2,好\n', [["1", "两\n行"], ["2", "好"]]),
        ('"","",""\n', [["", "", ""]]),
    ],
)
def test_wrong_quotes_swallow_nothing(lines: str, cells: list[list[str]]) -> None:
    found = parse_lines(io.StringIO(lines, newline=""), ReadOptions())
    assert [record.cells for record in found] == cells


def test_plain_lines_are_never_split(tmp_path: Path) -> None:
    path = tmp_path / "一行一条.txt"
    path.write_bytes('好吃，"推荐",快\n不好\t吃;|\n'.encode())
    found = read(path, ReadOptions(delimiter=ONE_COLUMN, has_header=False))
    assert [record.cells for record in found] == [['好吃，"推荐",快'], ["不好\t吃;|"]]


@pytest.mark.parametrize(
    ("content", "code"), [("", "FILE_EMPTY"), ("甲,乙\n", "NO_ROWS"), ("\n\n", "FILE_EMPTY")]
)
def test_nothing_to_read(tmp_path: Path, content: str, code: str) -> None:
    path = tmp_path / "空.csv"
    path.write_bytes(content.encode())
    with pytest.raises(UserError, match=code):
        read(path)


def test_header_shorter_than_all_rows_gets_nameless_columns(tmp_path: Path) -> None:
    path = tmp_path / "窄.csv"
    path.write_bytes("甲,乙\n1,2,\n3,4,\n".encode())
    file = CsvFile(path, ReadOptions())
    assert file.columns == ("甲", "乙", "")
    assert [record.cells for record in file] == [["1", "2", ""], ["3", "4", ""]]
    assert not file.tally.bad_row_count


@pytest.mark.alone
def test_a_hundred_thousand_rows_a_second(tmp_path: Path) -> None:
    path = tmp_path / "快.csv"
    line = "000123,这家店的味道不错，下次还来，送餐也快,正面,2026-07-01\n"
    path.write_bytes(("编号,评论,标签,日期\n" + line * 200_000).encode("gb18030"))
    started = time.process_time()
    assert sum(1 for _ in CsvFile(path, ReadOptions("gb18030"))) == 200_000
    assert time.process_time() - started < 2.0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_marks_of_joined_files_are_left_out_and_told(tmp_path: Path, encoding: str) -> None:
    one = "\ufeff编号,评论\r\n01,很好\r\n02,不\ufeff错\r\n"
    path = tmp_path / "拼接.csv"
    path.write_bytes((one + one).encode(encoding))
    file = CsvFile(path, ReadOptions(encoding=encoding))
    assert [record.cells for record in file] == [
        ["01", "很好"],
        ["02", "不\ufeff错"],
        ["编号", "评论"],
        ["01", "很好"],
        ["02", "不\ufeff错"],
    ]
    assert file.remarks == (Remark("MARKS_INSIDE", 1, ("4",)),)
