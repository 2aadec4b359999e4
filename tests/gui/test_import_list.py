"""Several files in one import: the list is never forgotten, and the way on is always in sight."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from senti_studio.operations.projects import create_project
from senti_studio.ui.dialogs import MessageDialog
from senti_studio.ui.pages.importing.view import ImportPage, Step
from senti_studio.ui.window import MainWindow

OpenWindow = Callable[[Path], MainWindow]


@pytest.fixture
def page(open_project_window: OpenWindow, tmp_path: Path, qtbot: QtBot) -> ImportPage:
    project = create_project(tmp_path / "门店 评论")
    project.close()
    window = open_project_window(project.folder)
    qtbot.waitUntil(lambda: window.context.session.project is not None)
    window.go_to("import")
    page = window.pages["import"]
    assert isinstance(page, ImportPage)
    return page


def comments(path: Path, count: int = 30) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{number},味道不错，第{number}次点{path.stem}" for number in range(count)]
    path.write_text("\n".join(["编号,评论内容", *(line.replace("，", "；") for line in lines)]) + "\n")
    return path


def drop(page: ImportPage, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    zone = page.files.zone
    event = QDropEvent(
        QPointF(9, 9),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    zone.dropEvent(event)


def wait_checked(qtbot: QtBot, page: ImportPage, path: Path) -> None:
    def is_checked() -> bool:
        plan = page.presenter.plan
        return plan is not None and plan.check is not None and plan.path == path

    qtbot.waitUntil(is_checked, timeout=20_000)


def at_step(page: ImportPage, step: Step) -> bool:
    return page.step is step


def fits(page: ImportPage) -> bool:
    room = page.parentWidget()
    assert room is not None
    area = page.stack.currentWidget()
    assert isinstance(area, QScrollArea)
    has_width = page.width() <= room.width() and area.horizontalScrollBar().maximum() == 0
    return has_width and page.height() <= room.height()


def click(qtbot: QtBot, widget: QPushButton) -> None:
    assert widget.isVisible()
    assert widget.isEnabled()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_back_keeps_the_whole_list_and_next_goes_on(page: ImportPage, tmp_path: Path, qtbot: QtBot) -> None:
    first, second = comments(tmp_path / "六月.csv"), comments(tmp_path / "七月.csv")
    third = comments(tmp_path / "文件夹" / "八月.csv")
    (tmp_path / "文件夹" / "说明.docx").write_bytes(b"PK")
    drop(page, first, second, third.parent)
    wait_checked(qtbot, page, first)
    assert "第 1 个文件，共 3 个" in page._size.text()
    click(qtbot, page.footer.back)
    assert at_step(page, Step.FILE)
    shown = page.files.list.text()
    assert "六月.csv" in shown, "the file at work belongs to the list"
    assert "八月.csv" in shown
    late = comments(tmp_path / "九月.csv")
    drop(page, first, late)
    assert at_step(page, Step.FILE)
    assert "九月.csv" in page.files.list.text()
    assert page.presenter.files == [first, second, third, late]
    click(qtbot, page.footer.next)
    assert at_step(page, Step.COLUMNS)
    assert page.presenter.path == first
    click(qtbot, page.footer.next)
    click(qtbot, page.footer.next)
    qtbot.waitUntil(page.write.result.isVisible, timeout=30_000)
    assert page.write.result.next_file.text() == "下一个文件（还有 3 个）"
    click(qtbot, page.write.result.data)
    window = page.window()
    assert isinstance(window, MainWindow)
    window.go_to("import")
    assert page.write.result.isVisible(), "the files that wait are still there"
    click(qtbot, page.write.result.next_file)
    wait_checked(qtbot, page, second)


def test_a_file_can_be_taken_off_the_list(page: ImportPage, tmp_path: Path, qtbot: QtBot) -> None:
    first, second = comments(tmp_path / "六月.csv"), comments(tmp_path / "七月.csv")
    drop(page, first, second)
    wait_checked(qtbot, page, first)
    click(qtbot, page.footer.back)
    click(qtbot, page.files.leave_out)
    wait_checked(qtbot, page, second)
    click(qtbot, page.footer.back)
    assert "六月" not in page.files.list.text()
    click(qtbot, page.files.leave_out)
    assert at_step(page, Step.FILE)
    assert page.files.list.text() == ""
    assert not page.footer.next.isVisible()


def test_leaving_names_the_files_that_would_be_forgotten(
    page: ImportPage, tmp_path: Path, qtbot: QtBot
) -> None:
    first, second = comments(tmp_path / "六月.csv"), comments(tmp_path / "七月.csv")
    drop(page, first, second)
    wait_checked(qtbot, page, first)
    click(qtbot, page.footer.cancel)
    dialog = page.window().findChild(MessageDialog)
    assert dialog is not None
    assert page.presenter.files == [first, second]
    dialog.reject()


def test_undoing_an_import_keeps_the_files_that_wait(page: ImportPage, tmp_path: Path, qtbot: QtBot) -> None:
    first, second = comments(tmp_path / "六月.csv"), comments(tmp_path / "七月.csv")
    drop(page, first, second)
    wait_checked(qtbot, page, first)
    click(qtbot, page.footer.next)
    click(qtbot, page.footer.next)
    qtbot.waitUntil(page.write.result.isVisible, timeout=30_000)
    click(qtbot, page.write.result.undo)
    qtbot.waitUntil(lambda: at_step(page, Step.FILE), timeout=10_000)
    assert page.presenter.files == [first, second]
    assert page.footer.next.isVisible()


def test_what_a_folder_holds_besides_comments_is_said(page: ImportPage, tmp_path: Path) -> None:
    folder = comments(tmp_path / "文件夹" / "八月.csv").parent
    (folder / "说明.docx").write_bytes(b"PK")
    (folder / "门口.jpg").write_bytes(b"\xff\xd8")
    (folder / ".隐藏").write_bytes(b"")
    drop(page, folder)
    words = [toast.accessibleName() for toast in page.context.toasts.shown]
    said = "".join(words) + "".join(
        label.text() for toast in page.context.toasts.shown for label in toast.findChildren(type(page._file))
    )
    assert "说明.docx" in said
    assert "门口.jpg" in said
    assert ".隐藏" not in said


@pytest.mark.parametrize("size", [(1440, 900), (1120, 720), (1024, 700)])
def test_the_footer_stays_in_sight_on_every_step(
    size: tuple[int, int], page: ImportPage, tmp_path: Path, qtbot: QtBot
) -> None:
    window = page.window()
    window.setMinimumSize(1, 1)
    window.resize(*size)
    path = comments(tmp_path / "六月.csv")
    content = path.read_text().splitlines()
    path.write_text("\n".join(line + (",多,出" if at % 3 == 1 else "") for at, line in enumerate(content)))
    drop(page, path)
    wait_checked(qtbot, page, path)
    for step in (Step.COLUMNS, Step.REPORT):
        assert at_step(page, step)
        room = page.parentWidget()
        assert room is not None
        qtbot.waitUntil(lambda: fits(page))
        for widget in (page.footer.next, page.stepper):
            corner = widget.mapTo(room, widget.rect().bottomRight())
            assert room.rect().contains(corner), (step, widget, corner)
        if folder := os.environ.get("SENTI_LOOK"):
            window.grab().save(f"{folder}/list-{step.name}-{size[0]}.png")
        if step is Step.COLUMNS:
            click(qtbot, page.footer.next)


def test_any_character_may_separate_the_cells(page: ImportPage, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "波浪号.csv"
    path.write_text("编号~评论内容\n" + "".join(f"{n}~味道不错{n}\n" for n in range(9)), encoding="utf-8")
    drop(page, path)
    wait_checked(qtbot, page, path)
    page.columns.encodings.delimiter_chosen.emit(",")
    wait_checked(qtbot, page, path)
    box = page.columns.encodings.delimiter
    edit = box.lineEdit()
    assert edit is not None
    edit.selectAll()
    QTest.keyClicks(edit, "~")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    wait_checked(qtbot, page, path)
    plan = page.presenter.plan
    assert plan is not None
    assert (plan.options.delimiter, len(plan.preview.columns)) == ("~", 2)
    assert box.currentText() == "~"
    edit.selectAll()
    QTest.keyClicks(edit, "~~")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert box.currentText() == "~", "two characters are none"


def test_records_of_one_line_are_numbered(page: ImportPage, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "一行.json"
    records = [{"评论": f"味道不错，下次再来{n}", "情感": "好评"} for n in range(5)]
    path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    drop(page, path)
    wait_checked(qtbot, page, path)
    table = page.columns.grid.table
    assert [table.line(row) for row in range(5)] == [1, 2, 3, 4, 5]
