"""From what the data page shows to the cells of the file: filter, order, selection, columns, every table
format, through the real widgets and the real helper."""

from __future__ import annotations

import csv
import hashlib
import json
from array import array
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from test_data_page import Opened, choose, filled, open_page

from senti_studio.domain.comments import CommentFilter, NewComment, Order, Sorting, SortKey, SourceDraft
from senti_studio.domain.exporting import FORMATS
from senti_studio.storage.predicted import Stretch, write
from senti_studio.storage.project import Project
from senti_studio.ui.pages.data.export_dialog import ExportDialog
from senti_studio.ui.pages.data.view import DataPage

__all__ = ["open_page"]

SHOPS = {
    "外卖.csv": (
        ("编号", "评论", "价"),
        [
            ("000123", "汤很好喝", "9.5"),
            ("000007", "=1+1 好", "10"),
            ("12345678901234567890", "@好友，来吃，“好”", "-5"),
            ("2026-07-18", '他说"好"，\n然后走了😋', "+8"),
            ("", "", ""),
            ("000009", "不好", "100"),
        ],
    ),
    "酒店.csv": (
        ("店", "评论"),
        [("江畔", "好 隔音差"), ("＝北门", "好\t安静"), ("NA", "好" * 300), ("null", "-好评")],
    ),
}
LABELS = {1: 1, 2: 3, 3: 1, 4: 2, 7: 1, 8: 3, 9: 3, 10: 1}
NAMES = {1: "正面", 2: "中性", 3: "负面"}
ORIGINALS = ("编号", "评论", "价", "店")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.create(tmp_path / "导 出.senti")
    for name, (columns, rows) in SHOPS.items():
        place = columns.index("评论")
        source = made.sources.begin(SourceDraft(name, f"/数据/{name}", columns, place))
        made.sources.append(source, [NewComment(n, row[place], row) for n, row in enumerate(rows, 1)])
        made.sources.finish(source)
    for comment_id, label_id in LABELS.items():
        made.annotations.label([comment_id], label_id, annotator="韩梅梅").result(10)
    return made


def expected(ids: list[int], columns: tuple[str, ...]) -> list[list[str]]:
    """The cells of the file, straight from what was imported above."""
    cells: dict[int, dict[str, str]] = {}
    comment_id = 0
    for name, (names, rows) in SHOPS.items():
        for number, row in enumerate(rows, 1):
            comment_id += 1
            cells[comment_id] = dict(zip(names, row, strict=True)) | {
                "senti_label": NAMES.get(LABELS.get(comment_id, 0), ""),
                "senti_annotator": "韩梅梅" if comment_id in LABELS else "",
                "senti_source": name,
                "senti_row": str(number),
            }
    return [[cells[each].get(column, "") for column in columns] for each in ids]


def read(path: Path, format_: str) -> tuple[list[str], list[list[str]]]:
    """Header and cells; what a format says as "nothing" is an empty text."""
    if format_ == "csv":
        assert path.read_bytes().startswith(b"\xef\xbb\xbf"), "Excel knows it as UTF-8"
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = list(csv.reader(file))
        return header, rows
    if format_ == "xlsx":
        sheet = openpyxl.load_workbook(path).active
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr", "n"}
        header, *rows = [["" if cell is None else cell for cell in row] for row in sheet.values]
        return header, rows
    if format_ == "jsonl":
        objects = [json.loads(line) for line in path.read_bytes().splitlines()]
        header = list(dict.fromkeys(key for each in objects for key in each))
        return header, [[each.get(key) or "" for key in header] for each in objects]
    table = pq.read_table(path)
    columns = [[cell or "" for cell in column.to_pylist()] for column in table.columns]
    return table.column_names, [list(row) for row in zip(*columns, strict=True)]


def harmless(rows: list[list[str]]) -> tuple[list[list[str]], int]:
    """As a CSV for spreadsheets holds them, and how many cells were changed."""
    dangerous = {"=1+1 好", "@好友，来吃，“好”", "＝北门", "-好评"}
    count = sum(cell in dangerous for row in rows for cell in row)
    return [["'" + cell if cell in dangerous else cell for cell in row] for row in rows], count


def dialog_of(page: DataPage, qtbot: QtBot) -> ExportDialog:
    dialog: ExportDialog = page.findChildren(ExportDialog)[-1]
    qtbot.waitUntil(lambda: dialog.form.columns.count() > 0)
    return dialog


def export(
    dialog: ExportDialog, target: Path, format_: str, qtbot: QtBot, *, columns: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Chooses format, columns (in this order) and place with the widgets, exports, gives the manifest."""
    form = dialog.form
    form.format._choose(FORMATS.index(format_))
    if columns:
        form.all_columns.click()
        for name in reversed(columns):
            (item,) = form.columns.findItems(name, Qt.MatchFlag.MatchExactly)
            form.columns.insertItem(0, form.columns.takeItem(form.columns.row(item)))
        for row in range(form.columns.count()):
            item = form.columns.item(row)
            keep = item.text() in columns
            item.setCheckState(Qt.CheckState.Checked if keep else Qt.CheckState.Unchecked)
    form.path.setText(str(target))
    with qtbot.waitSignal(dialog.written, timeout=30_000):
        dialog.start.click()
    manifest: dict[str, Any] = json.loads(target.with_name(f"{target.stem}.manifest.json").read_text("utf-8"))
    (output,) = manifest["outputs"]
    assert output["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    return manifest


def narrow_and_sort(page: DataPage, qtbot: QtBot) -> list[int]:
    """Searches 好, takes 中性 out by ticking the two others, sorts by an original column, downwards."""
    page.search.setText("好")
    page.search.send()
    filled(page, qtbot)
    for label_id in (1, 3):
        page.parts.panel.labels.boxes[label_id].click()
        filled(page, qtbot)
    page.parts.column_menu.show_choice(frozenset(), ("价",))
    page.parts.column_menu.changed.emit()
    last = page.presenter.model.columnCount() - 1
    for _ in range(2):
        page.table.columns.sectionClicked.emit(last)
        filled(page, qtbot)
    assert page.presenter.order == Sorting(SortKey.COLUMN, "价", True)
    return list(page.presenter.model.ids)


@pytest.mark.parametrize("format_", ["csv", "xlsx", "jsonl", "parquet"])
def test_what_the_table_shows_is_what_the_file_holds(
    tmp_path: Path, project: Project, open_page: Opened, qtbot: QtBot, format_: str
) -> None:
    page = open_page(project)
    shown = narrow_and_sort(page, qtbot)
    assert shown == [2, 1, 3, 7, 8, 9, 10], "prices downwards, rows without one last"
    page.parts.export.click()
    dialog = dialog_of(page, qtbot)
    form = dialog.form
    offered = [form.rows.itemText(place) for place in range(form.rows.count())]
    counts = project.comments.counts()
    numbers = [each.rpartition("（")[2] for each in offered]
    assert numbers == [f"{counts.total} 条）", f"{counts.labelled} 条）", "7 条）"]
    assert form.rows.currentText() == "表格当前显示的评论（7 条）"
    target = tmp_path / f"显示的.{format_}"
    manifest = export(dialog, target, format_, qtbot)
    header, rows = read(target, format_)
    assert header[:4] == list(ORIGINALS)
    columns = (*ORIGINALS, "senti_label", "senti_annotator", "senti_source", "senti_row")
    wanted = expected(shown, columns)
    if format_ == "csv":
        wanted, changed = harmless(wanted)
        assert changed == 4
    if format_ in ("csv", "xlsx"):
        assert dialog.remarks.text().startswith("4 个单元格")
    assert [[row[header.index(name)] for name in columns] for row in rows] == wanted
    assert manifest["rows"] == len(shown)
    assert manifest["asked"]["filter"]["search"] == "好"


def csv_as_it_is(page: DataPage, target: Path, qtbot: QtBot, columns: tuple[str, ...]) -> list[list[str]]:
    dialog = dialog_of(page, qtbot)
    dialog.form.neutralise.click()
    export(dialog, target, "csv", qtbot, columns=columns)
    header, rows = read(target, "csv")
    assert header == list(columns)
    return rows


def test_the_selection_with_its_columns_in_the_order_of_the_table(
    tmp_path: Path, project: Project, open_page: Opened, qtbot: QtBot
) -> None:
    page = open_page(project)
    shown = narrow_and_sort(page, qtbot)
    choose(page, 4, 0, 2)
    assert page.parts.bulk.isVisible()
    page.parts.bulk.export.click()
    columns = ("senti_label", "店", "评论")
    rows = csv_as_it_is(page, tmp_path / "选中.csv", qtbot, columns)
    assert rows == expected([shown[0], shown[2], shown[4]], columns), "nothing is changed when not wanted"


def test_the_order_of_the_files_is_offered_too(
    tmp_path: Path, project: Project, open_page: Opened, qtbot: QtBot
) -> None:
    page = open_page(project)
    page.parts.export.click()
    assert dialog_of(page, qtbot).form.order.isHidden(), "both orders are one"
    dialog_of(page, qtbot).close()
    shown = narrow_and_sort(page, qtbot)
    columns = ("senti_label", "店", "评论")
    page.parts.export.click()
    form = dialog_of(page, qtbot).form
    assert form.order.isVisible()
    assert form.order.currentText() == "与表格相同"
    form.order.setCurrentIndex(1)
    assert csv_as_it_is(page, tmp_path / "文件顺序.csv", qtbot, columns) == expected(sorted(shown), columns)
    choose(page, 0, 1, 2)
    page.parts.bulk.export.click()
    dialog_of(page, qtbot).form.order.setCurrentIndex(1)
    rows = csv_as_it_is(page, tmp_path / "选中 文件顺序.csv", qtbot, columns)
    assert rows == expected(sorted(shown[:3]), columns)


def test_all_rows_of_a_sorted_table_keep_their_order(
    tmp_path: Path, project: Project, open_page: Opened, qtbot: QtBot
) -> None:
    page = open_page(project)
    page.table.columns.sectionClicked.emit(2)
    filled(page, qtbot)
    assert page.presenter.filter == CommentFilter()
    assert page.presenter.order == Sorting(SortKey.TEXT)
    shown = list(page.presenter.model.ids)
    assert shown != sorted(shown)
    QTest.keyClick(page.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert page.chooser.is_all
    page.parts.bulk.export.click()
    columns = ("评论", "senti_source", "senti_row")
    assert csv_as_it_is(page, tmp_path / "全部.csv", qtbot, columns) == expected(shown, columns)


def test_a_filter_by_predictions_is_exported_too(
    tmp_path: Path, project: Project, open_page: Opened, qtbot: QtBot
) -> None:
    """The helper is another process: it has to read the predictions before it asks for them."""
    said = Stretch(1, array("h", [1, 1, -1, 3]), array("f", [0.9, 0.8, 0, 0.7]))
    with project.comments.predicted.path.open("wb") as file:
        write(file, (), [said])
    page = open_page(project)
    qtbot.waitUntil(lambda: page.presenter.details is not None and page.presenter.details.predicted == 3)
    boxes: dict[object, Any] = page.parts.panel.predictions.boxes
    next(box for key, box in boxes.items() if str(key) == "disagrees").click()
    filled(page, qtbot)
    assert list(page.presenter.model.ids) == [2, 4]
    page.parts.export.click()
    columns = ("评论",)
    rows = csv_as_it_is(page, tmp_path / "不同.csv", qtbot, columns)
    assert rows == expected([2, 4], columns)


def test_a_plain_table_offers_all(project: Project, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(project)
    assert page.presenter.order is Order.FILE
    page.parts.export.click()
    assert dialog_of(page, qtbot).form.rows.currentData() == "all"
