"""What every format holds: cells as they came in, everything that was said, nothing that runs, a manifest."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
import xml.etree.ElementTree as ElementTree
import zipfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from real_workers import has_no_leftovers

from senti_studio.domain.comments import CommentFilter, NewComment, Order, SourceDraft
from senti_studio.domain.exporting import AnnotationsExport
from senti_studio.errors import UserError
from senti_studio.exchange import task_files, workbook_writer
from senti_studio.storage import predicted
from senti_studio.storage.project import Project
from senti_studio.worker.exporting import export_annotations

ROWS = (
    ("000123", "好吃，下次还来", "3.0"),
    ("000124", '他说"还行"，\n但是,慢', "=SUM(A1:A9)"),
    ("20260822000000000019", "@店家 差评😋𠮷", "-5"),
    ("4", "一般", ""),
    ("5", "全角＝也算", "＝1+1"),
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Two sources; two annotators who disagree, one label that came in, a note, a skip and a flag."""
    with Project.create(tmp_path / "门店 评论.senti") as made:
        positive, _, negative = (label.id for label in made.labels.list())
        source = made.sources.begin(
            SourceDraft("外卖.csv", "/数据/外卖.csv", ("编号", "评论", "评分"), 1, sha256="a" * 64)
        )
        made.sources.append(
            source,
            [NewComment(n, row[1], row, negative if n == 4 else None) for n, row in enumerate(ROWS, 1)],
        )
        made.sources.finish(source)
        other = made.sources.begin(SourceDraft("酒店.csv", "/数据/酒店.csv", ("评论", "城市"), 0))
        made.sources.append(other, [NewComment(1, "房间干净", ("房间干净", "郑州"))])
        made.sources.finish(other)
        first, second, third, *_ = ids_of(made)
        note = made.annotations
        note.label([first], positive, annotator="李雷", seconds=2.5).result()
        note.label([second], positive, annotator="李雷").result()
        note.label([second], negative, annotator="韩 梅梅").result()
        note.skip([third], annotator="李雷").result()
        note.flag([first], annotator="李雷").result()
        note.note(first, "再看一遍", annotator="李雷").result()
        yield made


def ids_of(project: Project) -> list[int]:
    return [each for part in project.comments.ids() for each in part]


def export(project: Project, path: Path, format_: str, **more: Any) -> Any:
    return export_annotations(project, AnnotationsExport(str(path), format_, **more))


def read_csv(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")))


def test_csv_says_everything(project: Project, tmp_path: Path) -> None:
    report = export(project, tmp_path / "出.csv", "csv", neutralise=False)
    header, *rows = read_csv(tmp_path / "出.csv")
    assert header == [
        *("编号", "评论", "评分", "城市"),
        *("senti_label", "senti_annotator", "senti_time", "senti_source", "senti_row"),
        *("senti_annotations", "senti_skipped", "senti_flagged", "senti_note"),
    ]
    assert tuple(header) == report.columns
    assert [tuple(row[:3]) for row in rows[:5]] == list(ROWS)
    assert rows[5][1:4] == ["房间干净", "", "郑州"]
    assert rows[0][4:6] == ["正面", "李雷"]
    assert rows[0][9:] == ["", "", "1", "再看一遍"]
    said = json.loads(rows[1][9])
    assert [(each["annotator"], each["label"]) for each in said] == [("李雷", "正面"), ("韩 梅梅", "负面")]
    assert rows[2][4:6] + rows[2][10:] == ["", "", "1", "", ""]
    assert rows[3][4:6] == ["负面", "import"]
    assert (report.formula_cells, report.neutralised) == (3, 0)


def test_formula_like_cells_are_made_harmless_and_counted(project: Project, tmp_path: Path) -> None:
    report = export(project, tmp_path / "出.csv", "csv")
    rows = read_csv(tmp_path / "出.csv")[1:]
    assert [row[2] for row in rows[:5]] == ["3.0", "'=SUM(A1:A9)", "-5", "", "'＝1+1"]
    assert rows[2][1] == "'@店家 差评😋𠮷"
    assert report.neutralised == report.formula_cells == 3


def test_columns_are_chosen_and_ordered(project: Project, tmp_path: Path) -> None:
    wanted = ("senti_label", "评论", "senti_row", "编号", "senti_id")
    export(project, tmp_path / "出.csv", "csv", columns=wanted)
    rows = read_csv(tmp_path / "出.csv")
    assert rows[0] == list(wanted)
    assert rows[1] == ["正面", "好吃，下次还来", "1", "000123", str(ids_of(project)[0])]
    assert rows[6] == ["", "房间干净", "1", "", str(ids_of(project)[5])]
    with pytest.raises(UserError, match="NO_SUCH_COLUMN"):
        export(project, tmp_path / "无.csv", "csv", columns=("没有",))
    assert has_no_leftovers(tmp_path)


def test_filter_order_and_selection(project: Project, tmp_path: Path) -> None:
    def texts(**more: Any) -> list[str]:
        export(project, tmp_path / "出.csv", "csv", existing="overwrite", columns=("评论",), **more)
        return [row[0] for row in read_csv(tmp_path / "出.csv")[1:]]

    by_length = texts(order=Order.LENGTH)
    assert by_length == sorted(by_length, key=len)
    assert len(by_length) == 6
    assert texts(wanted=CommentFilter(search="差评"), neutralise=False) == [ROWS[2][1]]
    assert texts(wanted=CommentFilter(unlabelled=True), neutralise=False) == [
        ROWS[2][1],
        ROWS[4][1],
        "房间干净",
    ]
    sources = project.sources.list()
    assert texts(wanted=CommentFilter(source_ids=frozenset({sources[1].id}))) == ["房间干净"]
    assert texts(labelled_only=True) == [ROWS[0][1], ROWS[1][1], ROWS[3][1]]
    ids = ids_of(project)
    assert texts(ids=(ids[5], ids[0])) == ["房间干净", ROWS[0][1]]
    assert texts(ids=(ids[5], ids[0]), labelled_only=True) == [ROWS[0][1]]
    project.sources.remove(sources[1].id).result()
    assert texts(ids=(ids[5], ids[0])) == [ROWS[0][1]]


def test_a_text_with_every_character_survives_whatever_joins_texts(project: Project, tmp_path: Path) -> None:
    """Texts are fetched many at once; one that holds what stands between them must not shift others."""
    odd = ["甲\x1e乙", "丙\x1f\x1d丁", "\u2028戊\x85", "己,\r\n庚"]
    source = project.sources.begin(SourceDraft("怪.csv", "/数据/怪.csv", ("评论",), 0))
    project.sources.append(source, [NewComment(n, text, (text,)) for n, text in enumerate(odd, 1)])
    project.sources.finish(source)
    wanted = CommentFilter(source_ids=frozenset({source}))
    export(project, tmp_path / "出.csv", "csv", wanted=wanted, columns=("评论",))
    assert [row[0] for row in read_csv(tmp_path / "出.csv")[1:]] == odd


def test_workbook(project: Project, tmp_path: Path) -> None:
    report = export(project, tmp_path / "出.xlsx", "xlsx")
    book = openpyxl.load_workbook(tmp_path / "出.xlsx")
    assert book.sheetnames == ["comments"]
    rows = list(book["comments"].iter_rows())
    assert tuple(cell.value for cell in rows[0]) == report.columns
    for row, expected in zip(rows[1:6], ROWS, strict=True):
        assert tuple(cell.value or "" for cell in row[:3]) == expected
        assert {cell.data_type for cell in row[:3] if cell.value} == {"s"} | {
            cell.data_type for cell in row[:3] if cell.data_type == "inlineStr"
        }
    formula = rows[2][2]
    assert (formula.value, formula.quotePrefix, formula.number_format) == ("=SUM(A1:A9)", True, "@")
    assert not rows[1][0].quotePrefix
    assert (report.formula_cells, report.neutralised) == (3, 3)
    with pytest.raises(UserError, match="OUTPUT_NOT_WORKBOOK"):
        export(project, tmp_path / "出.csv", "xlsx")
    with pytest.raises(UserError, match="OUTPUT_IS_WORKBOOK"):
        export(project, tmp_path / "又.xlsx", "csv")


def test_a_workbook_goes_on_in_another_sheet(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_writer, "MOST_ROWS", 4)
    export(project, tmp_path / "出.xlsx", "xlsx", columns=("评论",))
    book = openpyxl.load_workbook(tmp_path / "出.xlsx")
    assert book.sheetnames == ["comments", "comments 2"]
    found = [[row[0] for row in book[name].iter_rows(values_only=True)] for name in book.sheetnames]
    assert [len(each) for each in found] == [4, 4]
    assert found[0][0] == found[1][0] == "评论"
    assert [text for each in found for text in each[1:]] == [*(row[1] for row in ROWS), "房间干净"]


def test_what_a_workbook_cannot_hold_is_told(tmp_path: Path) -> None:
    long = "长" * 40_000
    astral = "𠮷" * 20_000
    with (tmp_path / "出.xlsx").open("wb") as file:
        writer = workbook_writer.WorkbookWriter(file, ["a", "b"], guard=True)
        writer.write([[long, "甲\x01乙\x0b"], [astral, "<&>_x0041_\r\n"], ["  空 ", ""]])
        writer.close()
    rows = list(openpyxl.load_workbook(tmp_path / "出.xlsx").active.iter_rows(min_row=2, values_only=True))
    assert rows[0] == ("长" * 32_767, "甲\ufffd乙\ufffd")
    assert rows[1][0] == "𠮷" * 16_383
    assert rows[2] == ("  空 ", None)
    assert writer.cut == 2
    assert writer.replaced == {"\x01": 1, "\x0b": 1}
    with zipfile.ZipFile(tmp_path / "出.xlsx") as archive:
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))


def test_parquet_holds_strings(project: Project, tmp_path: Path) -> None:
    export(project, tmp_path / "出.parquet", "parquet")
    table = pq.read_table(tmp_path / "出.parquet")
    assert set(map(str, table.schema.types)) == {"string"}
    values = table.to_pylist()
    assert [(row["编号"], row["评论"], row["评分"]) for row in values[:5]] == list(ROWS)
    assert (values[0]["senti_label"], values[4]["senti_label"]) == ("正面", None)


def test_label_studio(project: Project, tmp_path: Path) -> None:
    report = export(project, tmp_path / "出.json", "label-studio")
    tasks = json.loads((tmp_path / "出.json").read_text(encoding="utf-8"))
    assert len(tasks) == report.rows == 6
    assert tasks[0]["data"]["text"] == ROWS[0][1]
    assert tasks[0]["data"]["编号"] == "000123"
    assert "评论" not in tasks[0]["data"]
    assert tasks[0]["meta"] == {"source": "外卖.csv", "row": 1, "text_column": "评论"}
    (given,) = tasks[0]["annotations"]
    assert given["result"][0]["value"] == {"choices": ["正面"]}
    assert (given["lead_time"], given["created_username"]) == (2.5, "李雷")
    assert given["created_at"].endswith("Z")
    assert "completed_by" not in given
    names = [[each["result"][0]["value"]["choices"][0] for each in tasks[1]["annotations"]]]
    assert names == [["正面", "负面"]]
    assert tasks[2]["annotations"] == [{"result": [], "was_cancelled": True, "ground_truth": False}]
    config = ElementTree.parse(tmp_path / "出.labelling-config.xml").getroot()
    question = config.find("Choices")
    assert question is not None
    result = given["result"][0]
    assert (question.get("name"), question.get("toName")) == (result["from_name"], result["to_name"])
    assert [each.get("value") for each in question] == ["正面", "中性", "负面"]


def test_predictions_go_along(project: Project, tmp_path: Path) -> None:
    first, *_ = ids_of(project)
    labels = project.labels.list()
    project.cache_folder.mkdir(exist_ok=True)
    with (project.cache_folder / predicted.FILE).open("wb") as file:
        known = array("h", [labels[2].id, -1])
        predicted.write(file, (), [predicted.Stretch(first, known, array("f", [0.75, 0]))])
    export(project, tmp_path / "出.json", "label-studio")
    tasks = json.loads((tmp_path / "出.json").read_text(encoding="utf-8"))
    (given,) = tasks[0]["predictions"]
    assert (given["result"][0]["value"], given["score"]) == ({"choices": ["负面"]}, 0.75)
    assert [task["predictions"] for task in tasks[1:]] == [[]] * 5
    export(project, tmp_path / "豆.jsonl", "doccano")
    item = json.loads((tmp_path / "豆.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert (item["senti_predicted"], item["senti_conf"]) == ("负面", "0.7500")


def test_label_studio_is_split(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_files, "MOST_TASKS", 4)
    report = export(project, tmp_path / "出.json", "label-studio")
    parts = [tmp_path / "出.json", tmp_path / "出-2.json"]
    found = [json.loads(path.read_text(encoding="utf-8")) for path in parts]
    assert [len(each) for each in found] == [4, 2]
    assert report.rows == 6
    manifest = json.loads((tmp_path / "出.manifest.json").read_text(encoding="utf-8"))
    assert [each["rows"] for each in manifest["outputs"]] == [4, 2]
    monkeypatch.setattr(task_files, "MOST_TASKS", 250_000)
    monkeypatch.setattr(task_files, "MOST_BYTES", 1200)
    export(project, tmp_path / "小.json", "label-studio")
    sizes = [path.stat().st_size for path in tmp_path.glob("小*.json") if "manifest" not in path.name]
    assert len(sizes) > 2
    assert max(sizes) <= 1200


def test_doccano(project: Project, tmp_path: Path) -> None:
    export(project, tmp_path / "出.jsonl", "doccano")
    items = [json.loads(line) for line in (tmp_path / "出.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (items[0]["text"], items[0]["label"], items[0]["编号"]) == (ROWS[0][1], ["正面"], "000123")
    assert (items[0]["senti_annotator"], items[4]["label"]) == ("李雷", [])
    assert all(isinstance(cell, (str, list)) for item in items for cell in item.values())
    assert {tuple(item) for item in items} == {tuple(items[0])}, "a missing key is NaN to doccano"
    labels = json.loads((tmp_path / "出.labels.json").read_text(encoding="utf-8"))
    assert [(each["text"], each["suffix_key"]) for each in labels] == [
        ("正面", "1"),
        ("中性", "2"),
        ("负面", "3"),
    ]


@pytest.mark.parametrize("format_", ["csv", "xlsx", "jsonl", "parquet", "label-studio", "doccano"])
def test_the_manifest_tells_what_was_written(project: Project, tmp_path: Path, format_: str) -> None:
    folder = tmp_path / "出"
    folder.mkdir()
    suffix = {"xlsx": ".xlsx", "label-studio": ".json"}.get(format_, ".dat")
    report = export(project, folder / f"标注{suffix}", format_)
    manifest = json.loads((folder / "标注.manifest.json").read_text(encoding="utf-8"))
    (output,) = manifest["outputs"]
    content = (folder / output["name"]).read_bytes()
    assert output["sha256"] == hashlib.sha256(content).hexdigest()
    assert (output["size"], output["rows"], manifest["rows"]) == (len(content), 6, 6)
    assert [each["sha256"] for each in manifest["inputs"]] == ["a" * 64, ""]
    rows = manifest["labels"]["rows"]
    assert (rows["1"] + rows["3"], rows["2"]) == (3, 0)
    assert sorted(map(str, folder.iterdir())) == sorted(report.paths)
    plain = export(project, folder / f"另{suffix}", format_, manifest=False)
    assert not (folder / "另.manifest.json").exists()
    assert dataclasses.replace(plain, path="", seconds=0, paths=()) == dataclasses.replace(
        report, path="", seconds=0, paths=()
    )


@pytest.mark.parametrize("format_", ["csv", "xlsx", "jsonl", "parquet", "label-studio", "doccano"])
def test_a_cancelled_export_leaves_nothing(project: Project, tmp_path: Path, format_: str) -> None:
    target = tmp_path / ("出.xlsx" if format_ == "xlsx" else "出.dat")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UserError, match="CANCELLED"):
        export_annotations(project, AnnotationsExport(str(target), format_), should_stop=lambda: True)
    assert sorted(tmp_path.iterdir()) == before
