"""The window, the project and the work in it: nothing is left over labels that are not on the disk."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.operations.projects import create_project
from senti_studio.storage import database
from senti_studio.storage.project import Project
from senti_studio.ui.pages.label.view import LabelPage
from senti_studio.ui.window import MainWindow

OpenWindow = Callable[[Path], MainWindow]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of twenty comments."""
    project = create_project(tmp_path / "门店 评论")
    source = project.sources.begin(
        SourceDraft(name="七月.csv", path="/数据/七月.csv", columns=("评论",), text_column=0)
    )
    texts = [f"米饭还是热的（{n}）" for n in range(20)]
    project.sources.append(source, [NewComment(n + 1, text, (text,)) for n, text in enumerate(texts)])
    project.sources.finish(source)
    project.close()
    return project.folder


@pytest.fixture
def label_page(open_project_window: OpenWindow, folder: Path, qtbot: QtBot) -> LabelPage:
    window = open_project_window(folder)
    qtbot.waitUntil(lambda: window.current != "home")
    window.go_to("label")
    page = window.pages["label"]
    assert isinstance(page, LabelPage)
    qtbot.waitUntil(lambda: page.presenter.comment is not None)
    qtbot.waitUntil(lambda: not page.context.session.is_saving)
    return page


def window_of(page: LabelPage) -> MainWindow:
    window = page.window()
    assert isinstance(window, MainWindow)
    return window


def fail_to_save(page: LabelPage, qtbot: QtBot, keys: str) -> None:
    """Labels while another program holds the lock, until the page has given up."""
    press(page, keys)
    qtbot.waitUntil(lambda: page.presenter.failure is not None and not page.context.session.is_saving)


@contextmanager
def written_by_another(folder: Path) -> Iterator[None]:
    """Another program holds the write lock of the project."""
    with closing(sqlite3.connect(folder / "project.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        if other.in_transaction:
            other.execute("ROLLBACK")


def labelled(folder: Path) -> int:
    with closing(sqlite3.connect(f"file:{folder / 'project.db'}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM annotations").fetchone()[0])


def press(page: LabelPage, keys: str) -> None:
    for key in keys:
        QTest.keyClick(page, getattr(Qt.Key, f"Key_{key}"))


@pytest.mark.alone
def test_closing_waits_in_sight_for_labels_on_their_way(
    label_page: LabelPage, folder: Path, qtbot: QtBot
) -> None:
    window = window_of(label_page)
    with written_by_another(folder):
        press(label_page, "121")
        began = time.monotonic()
        window.close()
        assert time.monotonic() - began < 0.5, "the window stands still"
        assert window.isVisible()
        qtbot.waitUntil(lambda: window.lifecycle.leaving.dialog is not None)
        assert labelled(folder) == 0
    qtbot.waitUntil(lambda: not window.isVisible())
    assert labelled(folder) == 3


def test_closing_asks_about_labels_that_could_not_be_saved(
    label_page: LabelPage, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = window_of(label_page)
    leaving = window.lifecycle.leaving
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    with written_by_another(folder):
        fail_to_save(label_page, qtbot, "12")
        window.close()
        assert window.isVisible()
        dialog = leaving.dialog
        assert dialog is not None
        assert "2" in dialog.title.text()
        dialog.buttons[2].click()
        assert window.isVisible()
        window.close()
        again = leaving.dialog
        assert again is not dialog
        assert again is not None
        again.buttons[0].click()
        qtbot.waitUntil(lambda: leaving.dialog is not None)  # tried in vain: asks again
        assert window.isVisible()
    assert leaving.dialog is not None
    leaving.dialog.buttons[0].click()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert labelled(folder) == 2


@pytest.mark.alone
def test_leaving_without_saving_is_quick(
    label_page: LabelPage, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = window_of(label_page)
    with written_by_another(folder):
        press(label_page, "12")
        window.close()
        qtbot.waitUntil(lambda: window.lifecycle.leaving.dialog is not None)
        began = time.monotonic()
        assert window.lifecycle.leaving.dialog is not None
        window.lifecycle.leaving.dialog.buttons[0].click()
        qtbot.waitUntil(lambda: not window.isVisible())
        assert time.monotonic() - began < 5
    assert labelled(folder) == 0


@pytest.mark.parametrize("way", ["close", "open another"])
def test_the_project_is_not_left_over_labels_that_could_not_be_saved(
    way: str,
    label_page: LabelPage,
    folder: Path,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = window_of(label_page)
    create_project(tmp_path / "另一个").close()
    leaving, session = window.lifecycle.leaving, window.context.session
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    with written_by_another(folder):
        fail_to_save(label_page, qtbot, "1")
        if way == "close":
            window.lifecycle.close_project()
        else:
            window.lifecycle.open_project(tmp_path / "另一个.senti")
        qtbot.waitUntil(lambda: leaving.dialog is not None, timeout=10_000)
        assert session.project is not None
        assert session.project.folder == folder
    assert leaving.dialog is not None
    leaving.dialog.buttons[0].click()
    wanted = None if way == "close" else tmp_path / "另一个.senti"
    qtbot.waitUntil(lambda: (session.project.folder if session.project else None) == wanted, timeout=10_000)
    assert labelled(folder) == 1


def test_the_corner_says_not_saved_until_all_is_saved(
    label_page: LabelPage, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = window_of(label_page)
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    project = window.context.session.project
    assert project is not None
    with written_by_another(folder):
        fail_to_save(label_page, qtbot, "1")
        assert "没有保存" in window.save_state.text
    with qtbot.waitSignal(window.context.session.saved):  # a later change that works does not hide it
        window.context.session.track(project.annotations.flag([9], annotator="我"))
    assert "没有保存" in window.save_state.text
    label_page.presenter.retry()
    qtbot.waitUntil(lambda: label_page.presenter.failure is None)
    assert "没有保存" not in window.save_state.text


def test_a_note_that_is_being_typed_is_kept(label_page: LabelPage, folder: Path, qtbot: QtBot) -> None:
    window = label_page.window()
    comment = label_page.presenter.comment
    assert comment is not None
    label_page.comment.write_note()
    label_page.comment.note_field.setText("再看一次")
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    with Project.open(folder) as project:
        assert project.comments.get(comment.id).note == "再看一次"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not move open files")
def test_a_project_that_was_moved_is_told_at_once(label_page: LabelPage, folder: Path, qtbot: QtBot) -> None:
    window = window_of(label_page)
    dialogs = window.context.dialogs
    elsewhere = folder.with_name("别处.senti")
    folder.rename(elsewhere)
    qtbot.waitUntil(lambda: bool(dialogs.open_errors), timeout=5000)
    assert "移动" in dialogs.open_errors[0].title.text()
    press(label_page, "1")
    qtbot.waitUntil(lambda: label_page.presenter.failure is not None)
    elsewhere.rename(folder)
    label_page.presenter.retry()
    qtbot.waitUntil(lambda: label_page.presenter.failure is None)
    assert labelled(folder) == 1


def test_a_project_damaged_while_open_is_told_by_the_pages(
    label_page: LabelPage, folder: Path, qtbot: QtBot
) -> None:
    window = window_of(label_page)
    window.context.session.look_now()
    with closing(sqlite3.connect(folder / "project.db")) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (folder / "project.db").open("r+b") as file:
        file.truncate(8192)
    for name in ("train", "classify", "data", "evaluate"):
        window.go_to(name)  # an exception here fails the test
    qtbot.waitUntil(lambda: bool(window.context.dialogs.open_errors), timeout=5000)
    for dialog in window.context.dialogs.open_errors:
        assert "Error" not in dialog.title.text()
