"""The export dialog: what it asks, what it sends to the helper, and what it tells afterwards."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from senti_studio.domain.comments import CommentFilter, NewComment, Order, SourceDraft
from senti_studio.domain.exporting import FORMATS
from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.data.export_dialog import ExportDialog

TEXTS = ("很好吃", "=太慢了", "一般😋", "不错")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "门店 评论.senti") as made:
        source = made.sources.begin(SourceDraft("外卖.csv", "/数据/外卖.csv", ("编号", "评论"), 1))
        rows = [NewComment(n, text, (f"00{n}", text)) for n, text in enumerate(TEXTS, 1)]
        made.sources.append(source, rows)
        made.sources.finish(source)
        made.annotations.label([1, 4], made.labels.list()[0].id, annotator="韩梅梅").result(10)
        yield made


Opened = Callable[..., ExportDialog]


@pytest.fixture
def opened(context: UiContext, project: Project, qtbot: QtBot) -> Opened:
    window = QWidget()  # a dialog belongs to the window, which outlives it
    qtbot.addWidget(window)

    def make(**more: Any) -> ExportDialog:
        if context.session.project is None:
            context.session.use(project)
        window.show()
        dialog = ExportDialog(context, project.folder, project.name, window, **more)
        dialog.show()
        qtbot.waitUntil(lambda: dialog.form.columns.count() > 0)
        return dialog

    return make


def exported(dialog: ExportDialog, target: Path, qtbot: QtBot) -> Path:
    dialog.form.path.setText(str(target))
    with qtbot.waitSignal(dialog.written, timeout=30_000):
        dialog.export()
    return target


def test_what_does_not_apply_is_not_asked(opened: Opened) -> None:
    dialog = opened()
    form = dialog.form
    shown = []
    for index, name in enumerate(FORMATS):
        form.format._choose(index)
        shown.append((name, form.encoding.isVisible(), form.neutralise.isVisible()))
        assert form.format_name == name
        assert form.hint.text()
    assert shown == [
        ("csv", True, True),
        ("xlsx", False, True),
        ("jsonl", False, False),
        ("parquet", False, False),
        ("label-studio", False, False),
        ("doccano", False, False),
    ]
    form.format._choose(1)
    assert form.path.text().endswith(".xlsx")
    assert not form.columns.isVisible()
    form.all_columns.setChecked(False)
    assert form.columns.isVisible()


def test_columns_are_chosen(opened: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = opened()
    form = dialog.form
    form.all_columns.setChecked(False)
    for row in range(form.columns.count()):
        item = form.columns.item(row)
        keep = item.text() in ("评论", "senti_label")
        item.setCheckState(Qt.CheckState.Checked if keep else Qt.CheckState.Unchecked)
    with exported(dialog, tmp_path / "出.csv", qtbot).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[:2] == [["评论", "senti_label"], ["很好吃", "正面"]]
    manifest = json.loads((tmp_path / "出.manifest.json").read_text("utf-8"))
    assert manifest["rows"] == 4


def test_no_column_is_no_export(opened: Opened) -> None:
    dialog = opened()
    form = dialog.form
    form.all_columns.setChecked(False)
    for row in range(form.columns.count()):
        form.columns.item(row).setCheckState(Qt.CheckState.Unchecked)
    assert not dialog.start.isEnabled()
    form.all_columns.setChecked(True)
    assert dialog.start.isEnabled()


def test_formulas_are_told_afterwards(opened: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = opened()
    exported(dialog, tmp_path / "出.csv", qtbot)
    assert dialog.isVisible(), "there is something to read"
    assert "1 个单元格会被表格软件当成公式运行" in dialog.remarks.text()
    dialog = opened()
    dialog.form.format._choose(1)
    exported(dialog, tmp_path / "出.xlsx", qtbot)
    assert "已标记为文本" in dialog.remarks.text()
    cell = openpyxl.load_workbook(tmp_path / "出.xlsx").active["B3"]
    assert (cell.value, cell.quotePrefix) == ("=太慢了", True)


def test_lost_characters_are_told(opened: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = opened()
    dialog.form.encoding.setCurrentIndex(dialog.form.encoding.findData("gbk"))
    exported(dialog, tmp_path / "出.csv", qtbot)
    assert "😋" in dialog.remarks.text()


@pytest.mark.parametrize(
    ("more", "choice", "texts"),
    [
        ({"wanted": CommentFilter(search="好吃")}, "shown", ["很好吃"]),
        ({"ids": [4, 1]}, "chosen", ["不错", "很好吃"]),
        ({"ids": [3], "wanted": CommentFilter(search="好吃")}, "chosen", ["一般😋"]),
        ({"order": Order.LENGTH}, "shown", ["不错", "很好吃", "一般😋", "'=太慢了"]),
        ({}, "all", ["很好吃", "'=太慢了", "一般😋", "不错"]),
    ],
)
def test_what_the_page_offers(
    opened: Opened, tmp_path: Path, qtbot: QtBot, more: dict[str, Any], choice: str, texts: list[str]
) -> None:
    dialog = opened(**more)
    assert dialog.form.rows.currentData() == choice
    exported(dialog, tmp_path / "出.csv", qtbot)
    with (tmp_path / "出.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row[1] for row in csv.reader(file)][1:] == texts


def test_a_refusal_is_shown_in_the_dialog(opened: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = opened()
    dialog.form.path.setText(str(tmp_path / "没有" / "出.csv"))
    dialog.export()
    qtbot.waitUntil(lambda: dialog.problem.isVisible(), timeout=30_000)
    assert str(tmp_path / "没有") in dialog.problem.text()
    assert dialog.stack.currentIndex() == 0
