"""Files to classify that are no plain CSV: workbooks with several sheets, JSON lines, Parquet, gzip."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from test_classify import classify, read_csv

from senti_studio.domain.run_states import RunState
from senti_studio.exchange.columns import distinct_names
from senti_studio.exchange.predictions import BatchFolder
from senti_studio.jobs.protocol import Failed
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.worker.batch_export import export_batch

MakeBatch = Callable[..., RunFolder]
HEADER = ["编号", "评论", "备注"]
ROWS = [["000123", "房间很大，早餐不错", "好"], ["6123456789012345679", "态度恶劣，价格太贵", ""]]
OURS = ["senti_label", "senti_conf", "p_正面", "p_负面"]


def workbook(path: Path) -> Path:
    """A first sheet of other comments, a second one with a title above its header, a third without one."""
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "六月"
    for row in (["评论"], ["房间太小了，味道一般"]):
        first.append(row)
    second = book.create_sheet("七月 门店")
    second.append(["七月的评论汇总"])
    for row in (HEADER, *ROWS):
        second.append(row)
    third = book.create_sheet("没有列名")
    for row in ROWS:
        third.append(row)
    book.save(path)
    return path


def check(folder: RunFolder, output: Path, header: list[str], rows: list[list[str]]) -> None:
    status = classify(folder)
    assert status.state is RunState.FINISHED, status.terminal
    table = read_csv(output)
    assert table[0] == [*header, *OURS]
    assert [row[: len(header)] for row in table[1:]] == rows
    assert all(row[len(header)] in ("正面", "负面") for row in table[1:])


def test_the_chosen_sheet_is_read_and_joined(make_batch: MakeBatch, tmp_path: Path) -> None:
    path, output = workbook(tmp_path / "评论 汇总.xlsx"), tmp_path / "出.csv"
    folder = make_batch(path, output, sheet="七月 门店")
    check(folder, output, HEADER, ROWS)
    batch = Path(folder.spec().batch_folder)  # type: ignore[union-attr]
    assert BatchFolder(batch).read().options.sheet == "七月 门店"
    again = export_batch(batch, tmp_path / "再写.csv", encoding="gb18030")
    assert read_csv(Path(again.path), "gb18030") == read_csv(output)


def test_without_a_choice_it_is_the_first_sheet(make_batch: MakeBatch, tmp_path: Path) -> None:
    output = tmp_path / "出.csv"
    folder = make_batch(workbook(tmp_path / "汇总.xlsx"), output)
    check(folder, output, ["评论"], [["房间太小了，味道一般"]])


def test_what_the_user_said_of_the_header_holds(make_batch: MakeBatch, tmp_path: Path) -> None:
    """As the window sends it: sheet, rows above the header, and that there is none."""
    output = tmp_path / "出.csv"
    folder = make_batch(
        workbook(tmp_path / "汇总.xlsx"),
        output,
        format="xlsx",
        sheet="没有列名",
        skip_rows=0,
        has_header=False,
        text_column="#2",
    )
    check(folder, output, list(distinct_names(["", "", ""])), ROWS)


def test_a_sheet_that_is_not_there(make_batch: MakeBatch, tmp_path: Path) -> None:
    folder = make_batch(workbook(tmp_path / "汇总.xlsx"), tmp_path / "出.csv", sheet="八月")
    status = classify(folder, expected=1)
    assert isinstance(status.terminal, Failed)
    assert status.terminal.code == "NO_SUCH_SHEET"
    assert status.terminal.params["sheets"] == ["六月", "七月 门店", "没有列名"]


def as_gzip(path: Path) -> Path:
    lines = [",".join(f'"{cell}"' for cell in row) for row in (HEADER, *ROWS)]
    path.write_bytes(gzip.compress("\r\n".join(lines).encode("gb18030")))
    return path


def as_lines(path: Path) -> Path:
    items = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    path.write_text("\n".join(json.dumps(item, ensure_ascii=False) for item in items), encoding="utf-8")
    return path


def as_array(path: Path) -> Path:
    path.write_text(json.dumps([dict(zip(HEADER, row, strict=True)) for row in ROWS]), encoding="utf-8")
    return path


def as_parquet(path: Path) -> Path:
    columns = {name: [row[place] for row in ROWS] for place, name in enumerate(HEADER)}
    pq.write_table(pa.table(columns), path)
    return path


def as_packed_lines(path: Path) -> Path:
    path.write_bytes(gzip.compress(as_lines(path.with_suffix(".tmp")).read_bytes()))
    return path


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("七月.csv.gz", as_gzip),
        ("七月.jsonl", as_lines),
        ("七月.json", as_array),
        ("七月.parquet", as_parquet),
        ("七月.jsonl.gz", as_packed_lines),
    ],
)
def test_other_formats(
    make_batch: MakeBatch, tmp_path: Path, name: str, made: Callable[[Path], Path]
) -> None:
    output = tmp_path / "出.csv"
    check(make_batch(made(tmp_path / name), output), output, HEADER, ROWS)


def test_the_lines_of_fasttext_stay_whole(make_batch: MakeBatch, tmp_path: Path) -> None:
    """As the window sends it; read as a table, each comma would begin a cell."""
    path, output = tmp_path / "训练.txt", tmp_path / "出.csv"
    path.write_text(
        "__label__正面 房间很大，早餐不错,服务热情\n__label__负面 态度恶劣，价格太贵\n", encoding="utf-8"
    )
    folder = make_batch(path, output, format="fasttext", encoding="utf-8", delimiter=",")
    assert classify(folder).state is RunState.FINISHED
    texts = [row[read_csv(output)[0].index("text")] for row in read_csv(output)[1:]]
    assert texts == ["房间很大，早餐不错,服务热情", "态度恶劣，价格太贵"]
