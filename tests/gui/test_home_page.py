"""The home page: recent projects, first run, language and theme."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from gui_support import close_window
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from senti_studio.domain.adapting import AdaptOptions, AdaptSpec
from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.jobs.protocol import Finished, Progress, Started
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations.projects import create_project, list_backups, recent_projects
from senti_studio.storage.project import Project
from senti_studio.ui.app import AppParts, open_window
from senti_studio.ui.fonts import font
from senti_studio.ui.pages.home.presenter import RecentRow, read_recent
from senti_studio.ui.pages.home.recent_table import Column, button_text, column_widths
from senti_studio.ui.pages.home.view import HomePage
from senti_studio.ui.restore_dialog import RestoreDialog
from senti_studio.ui.window import MainWindow


def home_of(window: MainWindow) -> HomePage:
    page = window.pages["home"]
    assert isinstance(page, HomePage)
    return page


def make(folder: Path) -> Path:
    project = create_project(folder)
    project.close()
    return project.folder


def add_run(folder: Path, *, ended: bool) -> None:
    spec = TrainingSpec("r", "LSTM #3", "lstm", (LabelName("1", "正面"), LabelName("2", "负面")))
    run = RunFolder.create(folder / "runs" / "r", spec)
    run.append_event(Started(run_id="r"))
    run.append_event(Progress(step=10, epoch=2.4))
    if ended:
        run.append_event(Finished(reason="epochs", metrics={"macro_f1": 0.8014}))


def test_first_run_shows_the_empty_state(window: MainWindow, qtbot: QtBot) -> None:
    home = home_of(window)
    qtbot.waitUntil(lambda: home.empty.isVisible())
    assert home.empty.title.text() == "还没有项目"
    assert not home.table.isVisible()


def test_projects_are_listed_with_what_became_of_them(parts: AppParts, tmp_path: Path) -> None:
    plain = make(tmp_path / "桌面" / "手机新品")
    good = make(tmp_path / "桌面" / "酒店周报")
    broken = make(tmp_path / "桌面" / "外卖复盘")
    gone = make(tmp_path / "U盘" / "早餐试点")
    add_run(good, ended=True)
    add_run(broken, ended=False)
    shutil.rmtree(gone)
    adapted = AdaptSpec("a", "mini-酒店 #4", "mini-酒店", AdaptOptions())
    RunFolder.create(good / "runs" / "a", adapted).append_event(Finished(output={"encoder": "mini-酒店"}))
    rows = {row.folder: row for row in read_recent()}
    assert rows[plain].latest == ""
    assert rows[good].latest == "LSTM #3 · 宏 F1 0.801"
    assert rows[broken].warning == "第 3 轮中断，可继续"
    assert rows[gone].is_missing
    assert [button_text(rows[folder]) for folder in (plain, broken, gone)] == ["打开", "继续训练", "查找…"]
    assert rows[plain].place.endswith("桌面")


def test_a_row_opens_its_project_with_enter(parts: AppParts, tmp_path: Path, qtbot: QtBot) -> None:
    folder = make(tmp_path / "门店")
    window = open_window(parts)
    home = home_of(window)
    qtbot.waitUntil(lambda: home.table.recent.rowCount() == 1)
    qtbot.keyClick(home.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.context.session.project is not None, timeout=10_000)
    project = window.context.session.project
    assert project is not None
    assert project.folder == folder
    close_window(window)


def test_the_button_of_a_row_opens_it(parts: AppParts, tmp_path: Path, qtbot: QtBot) -> None:
    make(tmp_path / "门店")
    window = open_window(parts)
    table = home_of(window).table
    qtbot.waitUntil(lambda: table.recent.rowCount() == 1)
    opened: list[RecentRow] = []
    table.activated_row.connect(opened.append)
    cell = table.visualRect(table.recent.index(0, Column.ACTION))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=cell.center() + QPoint(20, 0))
    assert [row.name for row in opened] == ["门店"]
    qtbot.waitUntil(lambda: window.context.session.project is not None, timeout=10_000)
    close_window(window)


@pytest.mark.parametrize("width", [560, 600, 680, 760, 930])
def test_the_button_of_a_row_is_never_cut(width: int) -> None:
    widths = column_widths(width)
    assert sum(widths.values()) == width
    assert widths[Column.ACTION] == 128
    assert widths[Column.PROJECT] >= 140


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_everything_is_there_in_1280_by_720(
    parts: AppParts, tmp_path: Path, qtbot: QtBot, language: str
) -> None:
    add_run(make(tmp_path / "酒店周报"), ended=True)
    make(tmp_path / "手机新品")
    window = open_window(parts)
    window.context.settings.language = language
    window.setMinimumSize(1, 1)
    window.resize(1280, 720)
    home = home_of(window)
    table = home.table
    qtbot.waitUntil(lambda: table.recent.rowCount() == 2)
    table.recent.show_rows(table.recent.rows)
    row = next(row for row in table.recent.rows if row.score is not None)
    room = table.columnWidth(Column.MODEL) - 16
    assert QFontMetrics(font("small")).horizontalAdvance(row.figure) <= room
    assert table.recent.index(table.recent.rows.index(row), Column.MODEL).data(
        Qt.ItemDataRole.ToolTipRole
    ) == (row.latest)
    shown = [column for column in Column if not table.isColumnHidden(column)]
    assert sum(table.columnWidth(column) for column in shown) == table.viewport().width()
    for tile in home.tiles.values():
        assert tile.toolTip() == tile._fit(tile.toolTip(), "small"), "the line below is not cut"
    view = window.stack
    for box in (home.side.language, home.side.theme):
        qtbot.waitUntil(
            lambda box=box: view.rect().contains(QRect(box.mapTo(view, QPoint(0, 0)), box.size()))
        )
    close_window(window)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("size", [(1120, 720), (1366, 688), (1093, 574)])
def test_nothing_overlaps_on_a_small_screen(
    parts: AppParts, tmp_path: Path, qtbot: QtBot, size: tuple[int, int], language: str
) -> None:
    window = open_window(parts)
    parts.language.install(QApplication.instance(), language)
    window.setMinimumSize(1, 1)
    window.resize(*size)
    home = home_of(window)
    QApplication.processEvents()
    tiles = [tile.geometry() for tile in home.tiles.values()]
    assert all(not one.intersects(other) for one in tiles for other in tiles if one != other)
    edge = home.tiles["file.restore"].mapTo(home, QPoint(tiles[-1].width(), 0)).x()
    assert edge < home.side.x()
    assert home.side.geometry().right() < size[0] - 72
    close_window(window)


def test_find_by_name_filters(parts: AppParts, tmp_path: Path, qtbot: QtBot) -> None:
    for name in ("酒店周报", "外卖复盘", "酒店月报"):
        make(tmp_path / name)
    window = open_window(parts)
    home = home_of(window)
    qtbot.waitUntil(lambda: home.table.recent.rowCount() == 3)
    home.search.setText("酒店")
    assert sorted(row.name for row in home.table.recent.rows) == ["酒店周报", "酒店月报"]
    close_window(window)


def test_remove_from_the_list_keeps_the_files(parts: AppParts, tmp_path: Path, qtbot: QtBot) -> None:
    folder = make(tmp_path / "门店")
    window = open_window(parts)
    home = home_of(window)
    qtbot.waitUntil(lambda: home.table.recent.rowCount() == 1)
    home.presenter.forget(home.presenter.rows[0])
    qtbot.waitUntil(lambda: home.empty.isVisible())
    assert (folder / "project.db").exists()
    assert recent_projects() == []
    close_window(window)


def test_language_and_theme_take_effect_at_once(window: MainWindow, qtbot: QtBot) -> None:
    home = home_of(window)
    side = home.side
    side.language.setCurrentIndex(side.language.findData("en"))
    side.language.activated.emit(side.language.currentIndex())
    qtbot.waitUntil(lambda: home.tiles["file.new"].text() == "New project")
    side.theme.setCurrentIndex(side.theme.findData("dark"))
    side.theme.activated.emit(side.theme.currentIndex())
    assert window.context.theme.mode == "dark"


def test_dropped_files_start_an_import(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "评论.csv"
    file.write_text("内容\n很好\n", "utf-8")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    copy, left, plain = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(600, 400), copy, data, left, plain)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(600, 400), copy, data, left, plain))
    assert window.current == "import"


def test_other_dropped_files_are_told(window: MainWindow, tmp_path: Path) -> None:
    window.lifecycle.take_files([tmp_path / "照片.png"])
    assert len(window.context.dialogs.open_errors) == 1


def test_the_sample_opens_on_the_labelling_page(window: MainWindow, qtbot: QtBot) -> None:
    window.context.actions.action("file.sample").trigger()
    qtbot.waitUntil(lambda: window.current == "label", timeout=60_000)
    project = window.context.session.project
    assert project is not None
    assert project.comments.counts().total >= 600


def test_restore_makes_a_new_project(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    folder = make(tmp_path / "原来的")
    window.lifecycle.open_project(folder)
    qtbot.waitUntil(lambda: bool(list_backups(folder)), timeout=10_000)
    dialog = RestoreDialog(window.context, folder)
    restored: list[Path] = []
    dialog.restored.connect(restored.append)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.list.count() == 1)
    dialog.restore_to(tmp_path / "恢复的.senti")
    qtbot.waitUntil(lambda: bool(restored), timeout=10_000)
    assert restored[0] == tmp_path / "恢复的.senti"
    assert Project.open(restored[0]).close() is None
