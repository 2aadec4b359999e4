"""Random tables, written in every encoding, delimiter and quoting, come back as they were."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from senti_studio.domain.reading import ONE_COLUMN, ReadOptions
from senti_studio.exchange.encodings import sniff_encoding
from senti_studio.exchange.open_file import open_records
from senti_studio.exchange.sniff import sniff

_SETTINGS = settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_CHINESE = "的一是了我不在人好吃味道服务态度差慢快送餐酒店房间干净推荐下次还来价格贵便宜，。！？"
_TRADITIONAL = "的一是了我不在人好吃味道服務態度差慢快送餐酒店房間乾淨推薦下次還來價格貴便宜，。！？"
_PHRASES = (
    "味道不错下次还来", "送餐太慢了", "服务态度很差", "房间干净舒服", "价格有点贵", "老板人很好",
    "包装破了没人管", "推荐给朋友了", "等了两个小时", "菜量比较足", "打电话也不接", "总体还算满意",
)  # fmt: skip
_TRADITIONAL_PHRASES = (
    "味道不錯下次還來", "送餐太慢了", "服務態度很差", "房間乾淨舒服", "價格有點貴", "老闆人很好",
    "包裝破了沒人管", "推薦給朋友了", "等了兩個小時", "菜量比較足", "打電話也不接", "總體還算滿意",
)  # fmt: skip
_AWKWARD = " \t,;|'\"\r\n=+-@0123456789aZé"
_ANY = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff")

ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16-le", "utf-16-be", "big5")


def texts(encoding: str) -> st.SearchStrategy[str]:
    """Cells that the encoding can hold: mostly words, now and then whatever there is."""
    if encoding == "big5":
        return st.text(st.sampled_from(_TRADITIONAL + _AWKWARD.replace("é", "")), max_size=20)
    common = st.text(st.sampled_from(_CHINESE + _AWKWARD), max_size=20)
    return st.one_of(common, common, st.text(_ANY, max_size=12))


@st.composite
def tables(draw: st.DrawFn, encoding: str, *, least_columns: int = 2) -> list[list[str]]:
    width = draw(st.integers(least_columns, 5))
    cell = texts(encoding)
    row = st.lists(cell, min_size=width, max_size=width).filter(_is_row)
    return draw(st.lists(row, min_size=1, max_size=12))


def _is_row(cells: Sequence[str]) -> bool:
    # Rows of nothing are counted apart and are no comments.
    return any(cells) and any(cell.strip() for cell in cells)


def header(width: int) -> list[str]:
    return ["id", "text", "第三", "第四", "第五"][:width]


def written(rows: Sequence[Sequence[str]], delimiter: str, quoting: int, end: str = "\r\n") -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(rows)
    return buffer.getvalue()


def encoded(text: str, encoding: str) -> bytes:
    mark = "\ufeff" if encoding.startswith("utf-16") else ""
    return (mark + text).encode(encoding)


def _has_lines(cell: str, delimiter: str) -> bool:
    return delimiter in cell and sum(cell.count(char) for char in "\r\n") >= 2


@pytest.mark.parametrize("encoding", ENCODINGS)
@_SETTINGS
@given(data=st.data())
def test_csv_comes_back(tmp_path: Path, encoding: str, data: st.DataObject) -> None:
    rows = data.draw(tables(encoding))
    delimiter = data.draw(st.sampled_from([",", "\t", ";", "|"]))
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    # A cell of many lines with delimiters in them may look like swallowed rows, which are told instead.
    for row in rows:
        row[:] = [" ".join(cell.split()) or "空" if _has_lines(cell, delimiter) else cell for cell in row]
    # With lone line feeds, csv would leave a CR at the end of a cell unquoted, and nobody could tell it.
    has_cr = any("\r" in cell for row in rows for cell in row)
    end = "\r\n" if has_cr else data.draw(st.sampled_from(["\r\n", "\n"]))
    path = tmp_path / "随机.csv"
    path.write_bytes(encoded(written([header(len(rows[0])), *rows], delimiter, quoting, end), encoding))
    options = ReadOptions(encoding=encoding.removesuffix("-sig"), delimiter=delimiter)
    file = open_records(path, options)
    assert list(file.columns) == header(len(rows[0]))
    assert [record.cells for record in file] == rows
    assert (file.tally.bad_row_count, file.damage.count) == (0, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "gb18030", "big5"])
@_SETTINGS
@given(data=st.data())
def test_everything_is_guessed_where_there_is_enough_to_see(
    tmp_path: Path, encoding: str, data: st.DataObject
) -> None:
    """Words, not noise: what decides between GB18030 and Big5 is how people write."""
    phrases = st.sampled_from(_TRADITIONAL_PHRASES if encoding == "big5" else _PHRASES)
    comment = st.lists(phrases, min_size=2, max_size=6, unique=True).map("，".join)
    rows = [
        [f"{number:06d}", text, data.draw(st.sampled_from(["好", '真的"好"', "快,好", ""]))]
        for number, text in enumerate(data.draw(st.lists(comment, min_size=12, max_size=30)))
    ]
    delimiter = data.draw(st.sampled_from([",", "\t", ";", "|"]))
    path = tmp_path / "猜.csv"
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    text = written([header(3), *rows], delimiter, quoting)
    path.write_bytes(encoded(text, encoding))
    found = sniff(path)
    assert found.options.encoding == encoding.removesuffix("-sig")
    assert (found.options.delimiter, found.options.has_header) == (delimiter, True)
    assert [record.cells for record in open_records(path, found.options)] == rows
    assert found.preview.text_column == 1


@_SETTINGS
@given(
    lines=st.lists(
        st.text(st.sampled_from(_CHINESE + ' ,;|"'), min_size=1, max_size=30), min_size=1, max_size=20
    )
)
def test_lines_without_quoting_come_back(tmp_path: Path, lines: list[str]) -> None:
    lines = [line for line in lines if line.strip()] or ["好"]
    path = tmp_path / "行.txt"
    path.write_bytes("\n".join(lines).encode("gb18030"))
    options = ReadOptions("gb18030", ONE_COLUMN, "", False)
    assert [record.cells for record in open_records(path, options)] == [[line] for line in lines]


@_SETTINGS
@given(rows=tables("utf-8"), lines=st.booleans(), escaped=st.booleans())
def test_json_comes_back(tmp_path: Path, rows: list[list[str]], lines: bool, escaped: bool) -> None:
    items = [dict(zip(header(len(row)), row, strict=True)) for row in rows]
    texts_of = [json.dumps(item, ensure_ascii=escaped) for item in items]
    path = tmp_path / "随机.json"
    path.write_text("\n".join(texts_of) if lines else f"[{','.join(texts_of)}]", encoding="utf-8", newline="")
    options = ReadOptions(format="jsonl" if lines else "json")
    file = open_records(path, options)
    assert list(file.columns) == header(len(rows[0]))
    assert [record.cells for record in file] == rows


@_SETTINGS
@given(rows=tables("utf-8"))
def test_parquet_comes_back(tmp_path: Path, rows: list[list[str]]) -> None:
    names = header(len(rows[0]))
    columns = list(zip(*rows, strict=True))
    pq.write_table(
        pa.table({name: list(column) for name, column in zip(names, columns, strict=True)}), tmp_path / "x"
    )
    assert [record.cells for record in open_records(tmp_path / "x", ReadOptions(format="parquet"))] == rows


@_SETTINGS
@given(content=st.binary(max_size=400))
def test_no_bytes_are_too_strange(tmp_path: Path, content: bytes) -> None:
    """Whatever the bytes are: text in some encoding, every damaged place counted, no error but a told one."""
    from senti_studio.errors import UserError

    path = tmp_path / "怪.csv"
    path.write_bytes(content)
    try:
        found = sniff(path)
        rows = sum(1 for _ in open_records(path, found.options))
    except UserError:
        return
    assert rows >= len(found.preview.rows)
    assert sniff_encoding(path).candidates[0].encoding == found.options.encoding
