"""A remark goes to the comment that it was typed for, and no letter of it is taken for a decision."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from test_label_page import labels_of, make_project, press

from senti_studio.storage.project import Project
from senti_studio.ui.pages.label.queue_view import Tab
from senti_studio.ui.pages.label.view import LabelPage
from senti_studio.ui.window import MainWindow

Key = Qt.Key


@pytest.fixture
def page(tmp_path: Path, open_project_window: Callable[[Path], MainWindow], qtbot: QtBot) -> LabelPage:
    make_project(tmp_path, 12).close()
    window = open_project_window(tmp_path / "门店 评论.senti")
    window.go_to("label")
    page = window.pages["label"]
    assert isinstance(page, LabelPage)
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.counts is not None)
    return page


def project_of(page: LabelPage) -> Project:
    project = page.context.session.project
    assert project is not None
    return project


def wait_saved(page: LabelPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.presenter.is_idle, timeout=10_000)


@contextmanager
def slow_disk(page: LabelPage) -> Iterator[None]:
    """Another program writes for as long as this lasts."""
    with closing(sqlite3.connect(project_of(page).database_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def type_on(words: str) -> None:
    """Types where the focus is, as hands and an input method do."""
    for letter in words:
        target = QApplication.focusWidget()
        assert target is not None
        if letter.isascii():
            QTest.keyClicks(target, letter)
        else:
            event = QInputMethodEvent()
            event.setCommitString(letter)
            QApplication.sendEvent(target, event)


def test_a_note_begun_before_the_commit_is_for_the_comment_that_comes(page: LabelPage, qtbot: QtBot) -> None:
    with slow_disk(page):
        press(page, Key.Key_1)
        press(page, Key.Key_N)
        type_on("2 之 3")
        QTest.keyClick(page.comment.note_field, Key.Key_Return)
        assert page.comment.note_field.isVisible(), "its comment was not seen yet"
        assert "保存" in page.hint.text()
    wait_saved(page, qtbot)
    assert QApplication.focusWidget() is page.comment.note_field
    type_on("，1")
    QTest.keyClick(page.comment.note_field, Key.Key_Return)
    wait_saved(page, qtbot)
    project = project_of(page)
    assert project.comments.get(2).note == "2 之 3，1"
    assert project.comments.get(1).note == ""
    assert [each for each, label in labels_of(project).items() if label is not None] == [1]
    assert page.hasFocus()


WAYS: dict[str, Callable[[LabelPage], object]] = {
    "next": lambda page: page.comment.next.click(),
    "history": lambda page: page.strip.comment_wanted.emit(1),
    "label": lambda page: page.labels.buttons[1].click(),
    "tab": lambda page: page._choose_tab(Tab.SKIPPED),
    "list": lambda page: page._choose_tab(Tab.MISTAKES),
    "page": lambda page: page.go_to.emit("data", None),
    "undo": lambda page: page.presenter.undo(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_typed_note_is_kept_whatever_comes_into_view(way: str, page: LabelPage, qtbot: QtBot) -> None:
    press(page, Key.Key_1)
    wait_saved(page, qtbot)
    qtbot.waitUntil(lambda: page.presenter.can_undo)
    press(page, Key.Key_N)
    type_on("珍贵")
    WAYS[way](page)
    qtbot.waitUntil(lambda: project_of(page).comments.get(2).note == "珍贵", timeout=10_000)
    wait_saved(page, qtbot)
    assert not page.comment.note_field.isVisible()
    assert [project_of(page).comments.get(each).note for each in (1, 3)] == ["", ""]
    assert (project_of(page).comments.get(2).label_id is None) == (way != "label")
    if way != "page":
        assert page.hasFocus()


def test_the_rest_of_a_note_that_was_taken_away_decides_nothing(page: LabelPage, qtbot: QtBot) -> None:
    press(page, Key.Key_N)
    type_on("第 ")
    page.presenter.feed.jump(5)  # as after an undo, or when another window removed the comment
    type_on("123f")
    wait_saved(page, qtbot)
    assert set(labels_of(project_of(page)).values()) == {None}
    assert not project_of(page).comments.get(5).flagged
    assert project_of(page).comments.get(1).note == "第"
