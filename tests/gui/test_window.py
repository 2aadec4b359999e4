"""The main window: pages, projects, language, theme, closing, and that nothing stays behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from gui_support import active_timers, close_window
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.jobs.lock import FileLock
from senti_studio.jobs.protocol import Progress, Started
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations.projects import create_project, recent_projects
from senti_studio.storage.project import Project
from senti_studio.ui.app import AppParts, open_window, speak
from senti_studio.ui.pages import PAGES, RAIL
from senti_studio.ui.pages.importing.view import ImportPage, Step
from senti_studio.ui.settings import Settings
from senti_studio.ui.window import MainWindow

OpenWindow = Callable[[Path], MainWindow]


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """An empty project."""
    project = create_project(tmp_path / "门店 评论")
    project.close()
    return project.folder


def add_run(folder: Path, *, name: str = "LSTM #1") -> RunFolder:
    """A training that has begun, as its record and its folder say."""
    project = Project.open(folder)
    spec = TrainingSpec("run-1", name, "lstm", (LabelName("1", "正面"), LabelName("2", "负面")))
    run = RunFolder.create(project.runs_folder / "run-1", spec)
    project.runs.add("run-1", number=1, kind="train", name=name, folder="run-1")
    project.close()
    run.append_event(Started(run_id="run-1", total_steps=100))
    run.append_event(Progress(step=34))
    return run


def dialogs(window: MainWindow) -> list[QDialog]:
    return [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]


def words_of(dialog: QDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_opens_on_the_home_page_with_the_steps_disabled(window: MainWindow) -> None:
    assert window.current == "home"
    assert [name for name in RAIL if window.rail.items[name].isEnabled()] == ["home"]
    window.go_to("train")
    assert window.current == "home"
    assert not window.context.actions.action("view.data").isEnabled()


def test_opens_the_project_of_the_command_line(
    open_project_window: OpenWindow, project_folder: Path, qtbot: QtBot
) -> None:
    window = open_project_window(project_folder)
    assert window.windowTitle().startswith("门店 评论")
    assert all(window.rail.items[name].isEnabled() for name in RAIL)
    qtbot.waitUntil(lambda: any(project_folder.glob("backups/????-??-??.db")))
    assert recent_projects()[0].folder == project_folder


def test_comes_back_to_the_page_where_the_project_was_left(
    open_project_window: OpenWindow, project_folder: Path, qtbot: QtBot
) -> None:
    first = open_project_window(project_folder)
    qtbot.waitUntil(lambda: first.current != "home")
    first.go_to("label")
    close_window(first)
    second = open_project_window(project_folder)
    qtbot.waitUntil(lambda: second.current == "label")


def test_keys_change_the_page(open_project_window: OpenWindow, project_folder: Path, qtbot: QtBot) -> None:
    window = open_project_window(project_folder)
    qtbot.waitUntil(lambda: window.current != "home")
    for position, name in enumerate(("home", "data", "label"), start=1):
        qtbot.keyClick(window, getattr(Qt.Key, f"Key_{position}"), Qt.KeyboardModifier.ControlModifier)
        assert window.current == name


def test_an_import_that_was_left_is_found_again_as_it_was(
    open_project_window: OpenWindow, project_folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "七月 外卖.csv"
    file.write_text("编号,评论\n1,送得很快\n2,汤洒了一半\n", "utf-8")
    window = open_project_window(project_folder)
    qtbot.waitUntil(lambda: window.current != "home")
    window.go_to("import", {"new_project": False, "files": [file]})
    page = window.pages["import"]
    assert isinstance(page, ImportPage)
    qtbot.waitUntil(lambda: page.presenter.plan is not None and page.footer.next.isEnabled(), timeout=20_000)
    page.next()
    plan = page.presenter.plan

    def press(key: int) -> None:
        qtbot.keyClick(window, getattr(Qt.Key, f"Key_{key}"), Qt.KeyboardModifier.ControlModifier)

    press(3)
    assert window.current == "label"
    press(2)
    assert (window.current, page.step) == ("import", Step.REPORT)
    assert page.presenter.plan is plan
    press(2)
    assert window.current == "data"
    page.cancel()
    press(3)
    press(2)
    assert window.current == "data"


def test_a_folder_that_is_no_project_is_told_in_a_sentence(
    parts: AppParts, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(parts, [str(tmp_path / "没有.senti")])
    qtbot.waitUntil(lambda: bool(window.context.dialogs.open_errors), timeout=10_000)
    words = words_of(window.context.dialogs.open_errors[0])
    assert "没有.senti" in words
    assert "Traceback" not in words
    assert window.current == "home"
    close_window(window)


def test_a_project_on_a_read_only_drive_is_offered_as_a_copy(
    parts: AppParts, project_folder: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, mine = os.access, tmp_path / "我的"
    mine.mkdir()

    def access(path: str | Path, mode: int) -> bool:
        return really(path, mode) and not (mode == os.W_OK and Path(path).is_relative_to(project_folder))

    monkeypatch.setattr(os, "access", access)
    window = open_window(parts, [str(project_folder)])
    qtbot.waitUntil(lambda: window.lifecycle.read_only_dialog is not None, timeout=10_000)
    dialog = window.lifecycle.read_only_dialog
    assert dialog is not None
    assert "只读" in dialog.title.text()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(mine))
    dialog.buttons[1].click()
    qtbot.waitUntil(lambda: window.context.session.project is not None, timeout=10_000)
    project = window.context.session.project
    assert project is not None
    assert project.folder == mine / project_folder.name
    close_window(window)


def test_a_damaged_project_stays_as_it_is(parts: AppParts, tmp_path: Path, qtbot: QtBot) -> None:
    folder = tmp_path / "坏的.senti"
    folder.mkdir()
    content = b"this was a project once" * 100
    (folder / "project.db").write_bytes(content)
    window = open_window(parts, [str(folder)])
    qtbot.waitUntil(lambda: bool(window.context.dialogs.open_errors), timeout=10_000)
    assert window.context.session.project is None
    close_window(window)
    assert (folder / "project.db").read_bytes() == content
    assert sorted(path.name for path in folder.iterdir()) == ["project.db"]


def test_language_switches_at_run_time(window: MainWindow, qtbot: QtBot) -> None:
    window.context.settings.language = "en"
    qtbot.waitUntil(lambda: window.rail.items["data"].text() == "Data")
    assert window.context.actions.action("edit.undo").text() == "Undo"
    window.context.settings.language = "zh_CN"
    qtbot.waitUntil(lambda: window.rail.items["data"].text() == "数据")
    assert window.context.actions.action("edit.undo").text() == "撤销"


def test_a_language_for_this_start_leaves_the_stored_one_alone(
    parts: AppParts, qapp: QApplication, qtbot: QtBot
) -> None:
    parts.settings.language = "zh_CN"
    speak(qapp, parts, "en")
    window = open_window(parts)
    assert window.rail.items["data"].text() == "Data"
    parts.settings.save()
    assert Settings().language == "zh_CN"
    window.context.settings.language = "zh_CN"  # what the user chooses now counts, and is stored
    qtbot.waitUntil(lambda: window.rail.items["data"].text() == "数据")
    close_window(window)


def test_theme_switches_at_run_time(window: MainWindow, qapp: QApplication) -> None:
    assert qapp.palette().window().color().name().upper() == "#F3F5F4"
    window.context.actions.action("view.theme").trigger()
    assert qapp.palette().window().color().name().upper() == "#121615"
    assert window.grab().toImage().pixelColor(80, 60).name().upper() == "#121615"
    assert window.context.settings.theme == "dark"
    window.context.actions.action("view.theme").trigger()
    assert window.context.theme.mode == "light"


def test_geometry_is_kept(parts: AppParts, qtbot: QtBot) -> None:
    first = open_window(parts)
    screen = first.screen().availableGeometry()
    first.resize(screen.width(), screen.height() - 55)
    close_window(first)
    second = open_window(parts)
    assert (second.width(), second.height()) == (screen.width(), screen.height() - 55)
    close_window(second)


def test_a_geometry_of_a_larger_screen_fits_the_present_one(parts: AppParts, qtbot: QtBot) -> None:
    first = open_window(parts)
    screen = first.screen().availableGeometry()
    first.setGeometry(screen.width() - 100, screen.height() - 100, screen.width() * 2, screen.height() * 2)
    close_window(first)
    second = open_window(parts)
    assert screen.contains(second.geometry())
    assert second.geometry().top() >= screen.top() + 40
    assert second.minimumWidth() <= screen.width()
    close_window(second)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_page_can_be_reached_on_a_scaled_screen(
    open_project_window: OpenWindow, project_folder: Path, parts: AppParts, language: str
) -> None:
    """1366 x 768 at 125 %: what does not fit scrolls, nothing lies outside."""
    window = open_project_window(project_folder)
    parts.language.install(QApplication.instance(), language)
    window.setMinimumSize(1, 1)
    window.resize(1093, 574)
    for name in RAIL:
        window.go_to(name)
        QApplication.processEvents()
        assert (window.width(), window.height()) == (1093, 574)
        frame = window.stack.currentWidget()
        assert isinstance(frame, QScrollArea)
        page = frame.widget()
        room = frame.viewport().size()
        assert page.width() >= page.minimumSizeHint().width()
        assert page.width() - room.width() == frame.horizontalScrollBar().maximum()
        assert page.height() - room.height() == frame.verticalScrollBar().maximum()


def test_changes_of_another_window_are_noticed(
    open_project_window: OpenWindow, project_folder: Path, qtbot: QtBot
) -> None:
    window = open_project_window(project_folder)
    session = window.context.session
    qtbot.waitUntil(lambda: session.is_watching)
    other = Project.open(project_folder)
    with qtbot.waitSignal(session.runs_changed, timeout=5000):
        other.runs.add("x", number=1, kind="train", name="GRU #1", folder="x")
    other.close()


def test_a_running_job_is_shown_and_asked_about_once(
    open_project_window: OpenWindow, project_folder: Path, qtbot: QtBot
) -> None:
    run = add_run(project_folder)
    lock = FileLock(run.lock_path)
    assert lock.acquire()
    window = open_project_window(project_folder)
    qtbot.waitUntil(lambda: window.status.job.text() == "LSTM #1 训练中 34%", timeout=5000)
    assert window.rail.items["train"].has_dot
    window.close()
    assert window.isVisible()
    dialog = window.lifecycle.closing.dialog
    assert dialog is not None
    assert [button.text() for button in dialog.buttons] == ["继续后台运行", "停止并保留最佳", "取消"]
    dialog.buttons[2].click()
    assert window.isVisible()
    window.close()
    dialog = window.lifecycle.closing.dialog
    assert dialog is not None
    dialog.buttons[0].click()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert window.context.settings.on_close == "continue"
    assert not run.commands_path.exists()
    lock.release()


def test_stop_and_keep_best_on_closing(
    open_project_window: OpenWindow, project_folder: Path, qtbot: QtBot
) -> None:
    run = add_run(project_folder)
    lock = FileLock(run.lock_path)
    assert lock.acquire()
    window = open_project_window(project_folder)
    qtbot.waitUntil(lambda: bool(window.lifecycle.runs.running), timeout=5000)
    window.close()
    dialog = window.lifecycle.closing.dialog
    assert dialog is not None
    dialog.buttons[1].click()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert json.loads(run.commands_path.read_text().splitlines()[-1])["command"] == "stop"
    lock.release()


def test_a_job_that_ends_loses_its_dot(
    open_project_window: OpenWindow, project_folder: Path, qtbot: QtBot
) -> None:
    run = add_run(project_folder)
    lock = FileLock(run.lock_path)
    assert lock.acquire()
    window = open_project_window(project_folder)
    qtbot.waitUntil(lambda: window.rail.items["train"].has_dot, timeout=5000)
    lock.release()
    qtbot.waitUntil(lambda: not window.rail.items["train"].has_dot, timeout=5000)
    assert window.status.job.text() == ""


def test_nothing_ticks_after_closing(
    open_project_window: OpenWindow, project_folder: Path, qtbot: QtBot
) -> None:
    window = open_project_window(project_folder)
    qtbot.waitUntil(lambda: window.current != "home")
    window.go_to("home")
    window.lifecycle.allow_close()
    window.close()
    session_timers = [*active_timers(window.context.session), *active_timers(window.lifecycle)]
    assert session_timers == []
    assert window.context.session.project is None


def test_dialogs_open_and_close(window: MainWindow, qtbot: QtBot) -> None:
    for name in ("edit.settings", "help.keys", "help.about", "file.restore"):
        window.context.actions.action(name).trigger()
        open_now = dialogs(window)
        assert len(open_now) == 1, name
        qtbot.keyClick(open_now[0], Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: not dialogs(window))


def test_the_cheat_sheet_filters(window: MainWindow) -> None:
    from senti_studio.ui.cheat_sheet import CheatSheet

    sheet = CheatSheet(window.context)
    assert "edit.undo" in sheet.shown
    sheet.search.setText("撤销")
    assert sheet.shown == ["edit.undo"]
    sheet.close()


def test_all_pages_leave_heavy_libraries_alone(tmp_path: Path) -> None:
    """In a process of its own, because the tests themselves import what they like."""
    program = f"""
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from senti_studio.operations.projects import create_project
from senti_studio.ui.app import open_window, set_up
app = QApplication([])
project = create_project(Path({str(tmp_path / "项目")!r}))
project.close()
window = open_window(set_up(app), [str(project.folder)])
while window.context.session.project is None:
    app.processEvents()
for name in {list(PAGES)!r}:
    window.go_to(name)
    app.processEvents()
    assert window.current == name, name
heavy = ("torch", "transformers", "sklearn", "pandas", "jieba", "rjieba", "pyarrow", "openpyxl")
print(sorted(name for name in heavy if name in sys.modules))
window.lifecycle.allow_close()
window.close()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
