"""The import page with files that are no CSV: workbooks, exports of other labelling programs, folders."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot
from test_import_page import OpenWindow, import_page, wait_checked, wait_done, write_csv

from senti_studio.domain.boilerplate import SETTING
from senti_studio.domain.comments import CommentFilter
from senti_studio.operations.projects import create_project
from senti_studio.ui.pages.importing.boilerplate_dialog import BoilerplateDialog, edit_boilerplate
from senti_studio.ui.pages.importing.foreseen import foreseen
from senti_studio.ui.pages.importing.plan import IGNORE, ImportPlan, Obstacle, Target, TargetKind, Use
from senti_studio.ui.pages.importing.view import ImportPage, Step
from senti_studio.ui.window import MainWindow

TEXTS = [
    "汤洒了一半，商家电话也不接",
    "味道跟店里吃的一样，骑手很客气",
    "还行吧，中规中矩，没什么好挑的",
    "粥很稠，小菜也新鲜",
]


def workbook(path: Path) -> Path:
    """Two sheets, the second one with a title above its header, the third one hidden."""
    from openpyxl import Workbook

    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "七月"
    first.append(["编号", "评论内容", "情感", "日期", "占比"])
    for number, text in enumerate(TEXTS):
        first.append(
            [f"{number:05d}", text, "差评" if number == 0 else "好评", date(2026, 7, number + 1), 0.5]
        )
        first.cell(number + 2, 4).number_format = 'yyyy"年"m"月"d"日"'
        first.cell(number + 2, 5).number_format = "0.0%"
    second = book.create_sheet("八月")
    second.append(["八月的评论"])
    second.merge_cells("A1:C1")
    second.append(["编号", "评论内容", "情感"])
    second.append(["00099", "八月的这一条评论很短", "好评"])
    book.create_sheet("内部").sheet_state = "hidden"
    book.save(path)
    return path


def tasks(path: Path) -> Path:
    """An export of Label Studio: two annotators who disagree, one who skips."""

    def said(label: str | None, who: int, at: str) -> dict[str, object]:
        result = {"value": {"choices": [label]}, "from_name": "情感", "to_name": "text", "type": "choices"}
        return {
            "completed_by": {"id": who, "email": f"标注{who}@例.cn"},
            "was_cancelled": label is None,
            "result": [] if label is None else [result],
            "created_at": at,
            "lead_time": 2.5,
        }

    time = "2026-08-01T03:11:22.513742Z"
    people = [
        [said("负面", 1, time)],
        [said("正面", 1, time), said("负面", 2, time)],
        [said(None, 1, time)],
        [said("超赞", 2, time)],
    ]
    items = [
        {"id": at, "data": {"text": text, "店": "一号店"}, "annotations": annotations}
        for at, (text, annotations) in enumerate(zip(TEXTS, people, strict=True), 1)
    ]
    path.write_text(json.dumps(items, ensure_ascii=False), encoding="utf-8")
    return path


def look(widget: QWidget, name: str) -> None:
    """Keeps a picture where somebody wants to see them."""
    folder = os.environ.get("SENTI_PICTURES")
    if folder:
        QApplication.processEvents()
        widget.grab().save(str(Path(folder, f"{name}.png")))


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    project = create_project(tmp_path / "门店 评论")
    project.close()
    return project.folder


def test_a_sheet_of_a_workbook(
    open_project_window: OpenWindow, project_folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    path = workbook(tmp_path / "评论 汇总.csv")  # under a wrong name
    window = open_project_window(project_folder)
    page = import_page(window, path)
    wait_checked(qtbot, page)
    panel = page.columns.encodings
    assert panel.sheet.isVisible()
    assert [panel.sheet.itemText(at) for at in range(panel.sheet.count())] == ["七月", "八月", "内部（隐藏）"]
    assert not any(
        control.isVisible() for control in (panel.delimiter, panel.quote, panel.cards[0], panel.why)
    )
    assert page.presenter.plan is not None
    assert page.presenter.plan.preview.rows[0].cells == ("00000", TEXTS[0], "差评", "2026年7月1日", "50.0%")
    look(window, "xlsx")
    panel.sheet.setCurrentIndex(1)
    panel.sheet.activated.emit(1)
    wait_checked(qtbot, page)
    assert page.presenter.plan.preview.columns == ("编号", "评论内容", "情感")
    assert page.presenter.plan.preview.rows[0].line == 3
    page.next()
    look(window, "xlsx-report")
    page.next()
    wait_done(qtbot, page)
    project = window.context.session.project
    assert project is not None
    assert project.comments.counts().total == 1
    (source,) = project.sources.list()
    assert (source.columns, source.encoding) == (("编号", "评论内容", "情感"), "")


def test_tasks_of_label_studio_bring_their_annotators(
    open_project_window: OpenWindow, project_folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_project_window(project_folder)
    page = import_page(window, tasks(tmp_path / "标注 导出.json"))
    wait_checked(qtbot, page)
    plan = page.presenter.plan
    assert plan is not None
    assert page.columns.mapping.isVisible()
    assert plan.obstacle() is Obstacle.OPEN_LABEL_VALUES
    assert set(plan.targets) == {"正面", "负面", "超赞"}
    page.presenter.choose_target("超赞", Target(TargetKind.LABEL, "1"))
    look(window, "label-studio")
    page.next()
    assert page.step is Step.REPORT
    look(window, "label-studio-report")
    page.next()
    wait_done(qtbot, page)
    project = window.context.session.project
    assert project is not None
    ids = [one for chunk in project.comments.ids(CommentFilter()) for one in chunk]
    comments = [project.comments.get(one) for one in ids]
    assert [len(one.annotations) for one in comments] == [1, 2, 0, 1]
    assert {one.annotator for one in comments[1].annotations} == {"标注1@例.cn", "标注2@例.cn"}
    assert comments[2].skipped
    assert project.comments.disputed_count() == 1


def test_damaged_bytes_are_treated_as_chosen(
    open_project_window: OpenWindow, project_folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    rows = [[str(number), f"{TEXTS[number % 4]} {number}"] for number in range(40)]
    path = write_csv(tmp_path / "脏.csv", rows, header=["编号", "评论内容"])
    content = path.read_bytes().replace(b" 7\r\n", b" \xff7\r\n")
    path.write_bytes(content)
    window = open_project_window(project_folder)
    page = import_page(window, path)
    wait_checked(qtbot, page)
    card = page.columns.bytes
    assert card.on_bad.isVisible()
    look(window, "damaged")
    rows_after = {}
    for choice in ("remove", "skip-row", "stop", "replace"):
        _choose(page, choice)
        wait_checked(qtbot, page)
        assert page.presenter.plan is not None
        rows_after[choice] = page.presenter.plan.rows_to_import
        assert (page.presenter.plan.obstacle() is Obstacle.BAD_STOPS) is (choice == "stop")
    assert rows_after == {"remove": 40, "skip-row": 39, "stop": 40, "replace": 40}
    _choose(page, "remove")
    wait_checked(qtbot, page)
    page.next()
    page.next()
    wait_done(qtbot, page)
    project = window.context.session.project
    assert project is not None
    ids = [one for chunk in project.comments.ids(CommentFilter()) for one in chunk]
    assert project.comments.get(ids[7]).text == f"{TEXTS[3]} 7"


def _choose(page: ImportPage, choice: str) -> None:
    combo = page.columns.bytes.on_bad
    combo.setCurrentIndex(combo.findData(choice))
    combo.activated.emit(combo.currentIndex())


def test_what_becomes_of_texts_of_the_platform(
    open_project_window: OpenWindow, project_folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    texts = [*TEXTS, "此用户没有填写评价", "默认好评"]
    rows = [[str(number), text, "好评"] for number, text in enumerate(texts)]
    rows.append(["9", "还没想好写什么", "差评"])
    path = write_csv(tmp_path / "外卖.csv", rows, header=["编号", "评论", "评级"])
    window = open_project_window(project_folder)
    page = import_page(window, path)
    wait_checked(qtbot, page)
    card, presenter = page.columns.repeats, page.presenter
    presenter.choose_use(2, Use.LABEL)
    wait_checked(qtbot, page)
    plan = checked(page)
    assert card.boilerplate.isVisibleTo(page)
    assert (plan.check.boilerplate, plan.rows_to_import) == (2, 7)
    page.columns.side.ensureWidgetVisible(card)
    look(window, "boilerplate")
    choose_in(card.boilerplate, "skip")
    assert checked(page).rows_to_import == 5
    assert sum(checked(page).label_rows.values()) == 5, "their labels stay out with them"

    dialog = edit_boilerplate(page, presenter, window.context.session.project)
    assert "此用户没有填写评价" in dialog.lines.toPlainText()
    look(dialog, "boilerplate-list")
    dialog.lines.setPlainText("此用户没有填写评价\n还没想好写什么\n还行吧，中规中矩，没什么好挑的")
    dialog.save.click()
    wait_counted(qtbot, page, 3)
    choose_in(card.boilerplate, "exclude")
    assert checked(page).rows_to_import == 7
    page.next()
    look(window, "boilerplate-report")
    page.next()
    wait_done(qtbot, page)
    look(window, "boilerplate-done")
    project = window.context.session.project
    assert project is not None
    assert (project.comments.counts().total, project.comments.counts().excluded) == (7, 3)
    assert len(project.settings.get(SETTING)) == 3


def test_a_new_project_takes_the_edited_list(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    rows = [[str(number), text] for number, text in enumerate(TEXTS)]
    path = write_csv(tmp_path / "外卖.csv", rows, header=["编号", "评论"])
    page = import_page(window, path, new_project=True)
    wait_checked(qtbot, page)
    page.columns.repeats.list.click()
    dialog = page.findChild(BoilerplateDialog)
    assert dialog is not None
    dialog.lines.setPlainText(TEXTS[0])
    dialog.save.click()
    wait_counted(qtbot, page, 1)
    choose_in(page.columns.repeats.boilerplate, "skip")
    page.next()
    page.next()
    page.write.place.name.setText("新 项目")
    page.write.place.folder.setText(str(tmp_path))
    page.next()
    wait_done(qtbot, page)
    qtbot.waitUntil(lambda: window.context.session.project is not None, timeout=10_000)
    project = window.context.session.project
    assert project is not None
    assert project.comments.counts().total == 3
    assert project.settings.get(SETTING) == [TEXTS[0]]


def checked(page: ImportPage) -> ImportPlan:
    plan = page.presenter.plan
    assert plan is not None
    assert plan.check is not None
    return plan


def wait_counted(qtbot: QtBot, page: ImportPage, boilerplate: int) -> None:
    def is_counted() -> bool:
        plan = page.presenter.plan
        return plan is not None and plan.check is not None and plan.check.boilerplate == boilerplate

    qtbot.waitUntil(is_counted, timeout=20_000)


def choose_in(combo: QComboBox, value: str) -> None:
    """As a user does."""
    combo.setCurrentIndex(combo.findData(value))
    combo.activated.emit(combo.currentIndex())


def test_a_folder_stands_for_its_files(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    folder = tmp_path / "一批 文件"
    write_csv(folder / "甲.csv", [["1", text] for text in TEXTS], header=["编号", "评论"])
    workbook(folder / "下层.xlsx")
    write_csv(folder / "里面" / "乙.tsv", [["1", text] for text in TEXTS], header=["编号", "评论"], sep="\t")
    (folder / "图片.png").write_bytes(b"\x89PNG")
    (folder / "~$下层.xlsx").write_bytes(b"x")
    window.lifecycle.take_files([folder])
    page = window.pages["import"]
    assert isinstance(page, ImportPage)
    wait_checked(qtbot, page)
    names = [
        page.presenter.path.name if page.presenter.path else "",
        *(path.name for path in page.presenter.queue),
    ]
    assert names == ["下层.xlsx", "甲.csv", "乙.tsv"]
    assert page.presenter.plan is not None
    assert page.presenter.plan.column(Use.TEXT) == 1


def test_a_folder_without_comments_is_told(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    empty = tmp_path / "空的"
    empty.mkdir()
    page = import_page(window, empty, new_project=True)
    assert "没有评论文件" in page.files.problem.title.text()
    assert page.step is Step.FILE
    look(window, "no-files")


def test_the_report_counts_comments_as_they_will_be_written(
    open_project_window: OpenWindow, project_folder: Path, data_folder: Path, qtbot: QtBot
) -> None:
    path = data_folder / "messy" / "labelstudio_export.json"
    if not path.is_file():
        pytest.skip("the export of Label Studio is not among the data")
    window = open_project_window(project_folder)
    page = import_page(window, path)
    wait_checked(qtbot, page)
    for value in page.presenter.plan.open_values if page.presenter.plan is not None else ():
        page.presenter.choose_target(value, IGNORE)
    plan = page.presenter.plan
    assert plan is not None
    told = foreseen(plan)
    page.next()
    names = [label.text() for label in page.report.findChildren(QLabel) if label.isVisible()]
    page.next()
    wait_done(qtbot, page)
    report = page.flow.report
    assert report is not None
    assert (plan.rows_to_import, sum(plan.label_rows.values())) == (report.rows, report.labelled)
    assert (told.disputed, told.put_off) == (report.disputed, report.skipped)
    assert report.disputed > 0
    assert "标注者意见不一" in names
    project = window.context.session.project
    assert project is not None
    by_label = project.comments.counts().by_label
    keys = {label.key: by_label.get(label.id, 0) for label in project.labels.list()}
    assert {target.value: count for target, count in plan.label_rows.items()} == {
        key: count for key, count in keys.items() if count
    }
