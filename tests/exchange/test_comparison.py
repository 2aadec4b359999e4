"""Lines of a file in several encodings: the telling ones first, none of them cut in a character."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest

from senti_studio.domain.comparing import COMPARED_LINES
from senti_studio.exchange.comparison import compare

FOUR = ("gb18030", "utf-8", "big5", "windows-1252")
TEXTS = ["汤洒了一半，商家电话也不接", "only letters", "味道跟店里吃的一样👍", "2,000"]


def test_every_line_stands_beside_itself(tmp_path: Path) -> None:
    path = tmp_path / "评论 七月.csv"
    path.write_bytes("\r\n".join(["编号,评论", *TEXTS]).encode("gb18030"))
    found = compare(path, FOUR)
    assert found.encodings == FOUR
    assert [one.line for one in found.lines] == [1, 2, 4, 3, 5], "those that differ come first"
    assert [one.texts[0] for one in found.lines] == ["编号,评论", TEXTS[0], TEXTS[2], TEXTS[1], TEXTS[3]]
    assert [one.differs for one in found.lines] == [True, True, True, False, False]
    assert [one.damaged[:2] for one in found.lines[:2]] == [(False, True), (False, True)]
    assert "\ufffd" in found.lines[1].texts[1]


def test_damaged_lines_come_first_wherever_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "脏.csv"
    lines = [f"{number},第{number}条评论，味道不错".encode("gb18030") for number in range(60_000)]
    lines[50_000] = lines[50_000][:-1] + b"\xff\xff"
    path.write_bytes(b"\n".join(lines))
    found = compare(path, FOUR)
    assert len(found.lines) == COMPARED_LINES
    assert (found.lines[0].line, found.lines[0].damaged[0]) == (50_001, True)
    assert found.lines[0].texts[0].startswith("50000,第50000条评论")
    assert [one.line for one in found.lines[1:4]] == [1, 2, 3]
    assert not any(one.damaged[0] for one in found.lines[1:])


def test_the_text_of_a_wide_table_is_in_view(tmp_path: Path) -> None:
    path = tmp_path / "宽.csv"
    path.write_text(",".join(["00000000"] * 300) + ",汤洒了一半\n", "utf-8")
    (line,) = compare(path, ("utf-8", "gb18030")).lines
    assert line.texts[0].endswith("00000000,汤洒了一半")


@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"])
def test_packed_files_and_all_line_ends(tmp_path: Path, newline: str) -> None:
    path = tmp_path / "包.csv.gz"
    path.write_bytes(gzip.compress(newline.join(TEXTS).encode("big5", "ignore")))
    found = compare(path, ("big5", "gb18030"))
    assert sorted(one.line for one in found.lines) == [1, 2, 3, 4]
    assert TEXTS[0].replace("么", "") not in [one.texts[1] for one in found.lines]


@pytest.mark.alone
def test_one_endless_line_comes_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "一行.json"
    path.write_text(
        "[" + ",".join('{"评论":"汤洒了一半，商家电话也不接"}' for _ in range(40_000)) + "]", "utf-8"
    )
    began = time.monotonic()
    found = compare(path, ("utf-8", "gb18030"))
    assert time.monotonic() - began < 5
    assert 1 < len(found.lines) <= COMPARED_LINES
    assert {one.line for one in found.lines} == {1}
    assert not any(one.damaged[0] for one in found.lines), "no piece begins inside a character"


def test_utf16(tmp_path: Path) -> None:
    path = tmp_path / "宽字.csv"
    path.write_bytes("编号,评论\n1,汤洒了一半\n".encode("utf-16"))
    found = compare(path, ("utf-16-le", "utf-16-be"))
    assert [one.texts[0] for one in found.lines] == ["编号,评论", "1,汤洒了一半"]
    assert all(one.differs for one in found.lines)
