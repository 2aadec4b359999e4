"""All results of the filter in one stroke, on the labelling page, by real keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from test_history_dialog import answer
from test_label_page import labels_of, make_project

from senti_studio.storage.project import Project
from senti_studio.ui.dialogs import MessageDialog
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.view import LabelPage
from senti_studio.ui.window import MainWindow

Opened = Callable[[Path], MainWindow]
CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def opened(tmp_path: Path, open_project_window: Opened, qtbot: QtBot) -> tuple[MainWindow, LabelPage]:
    make_project(tmp_path, 5200).close()
    window = open_project_window(tmp_path / "门店 评论.senti")
    window.go_to("label")
    page = window.pages["label"]
    assert isinstance(page, LabelPage)
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.counts is not None)
    return window, page


def search(page: LabelPage, words: str, count: int, qtbot: QtBot) -> None:
    page.search.setText(words)
    page.search.send()
    feed = page.presenter.feed
    qtbot.waitUntil(lambda: not feed.is_filling and len(feed.queue) == count, timeout=10_000)


def test_few_results_at_once_and_one_undo(opened: tuple[MainWindow, LabelPage], qtbot: QtBot) -> None:
    window, page = opened
    project = window.context.session.project
    assert project is not None
    third = project.labels.list()[2].id
    search(page, "（12", 111, qtbot)
    QTest.keyClick(page, Qt.Key.Key_3, CONTROL_SHIFT)
    qtbot.waitUntil(lambda: bool(window.context.toasts.shown), timeout=10_000)
    assert "111" in window.context.toasts.shown[-1].text
    assert list(labels_of(project).values()).count(third) == 111
    qtbot.waitUntil(lambda: page.presenter.comment is None and page.stack.currentIndex() == 1, timeout=10_000)
    assert page.nothing.title.text() == tr("All labelled")
    window.context.toasts.shown[-1].action_button.click()
    qtbot.waitUntil(lambda: set(labels_of(project).values()) == {None}, timeout=10_000)
    qtbot.waitUntil(lambda: page.presenter.comment is not None, timeout=10_000)
    page.search.setText("没有这句话")
    page.search.send()
    qtbot.waitUntil(lambda: page.presenter.comment is None and page.stack.currentIndex() == 1, timeout=10_000)
    assert page.nothing.title.text() == tr("Nothing found")


def test_many_are_asked_about_and_can_be_stopped(opened: tuple[MainWindow, LabelPage], qtbot: QtBot) -> None:
    window, page = opened
    project = window.context.session.project
    assert project is not None
    first = project.labels.list()[0].id
    QTest.keyClick(page, Qt.Key.Key_1, CONTROL_SHIFT)
    question = answer(window, qtbot)
    assert "5,200" in question.title.text()
    QTest.keyClick(question, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not page.bulk.is_busy)
    assert set(labels_of(project).values()) == {None}
    QTest.keyClick(page, Qt.Key.Key_1, CONTROL_SHIFT)
    answer(window, qtbot).buttons[1].click()
    qtbot.waitUntil(page.bulk_bar.isVisible, timeout=10_000)
    QTest.keyClick(page, Qt.Key.Key_2, CONTROL_SHIFT)  # not two at a time
    page.bulk_bar.stop.click()
    qtbot.waitUntil(lambda: not page.bulk.is_busy, timeout=20_000)
    given = list(labels_of(project).values()).count(first)
    assert 0 < given <= 5200
    assert not page.bulk_bar.isVisible()
    assert not [one for one in window.findChildren(MessageDialog) if one.isVisible()]
    window.context.actions.action("edit.undo").trigger()
    qtbot.waitUntil(lambda: set(labels_of(project).values()) == {None}, timeout=20_000)


def test_what_was_decided_meanwhile_stays(opened: tuple[MainWindow, LabelPage], qtbot: QtBot) -> None:
    window, page = opened
    project = window.context.session.project
    assert project is not None
    first, second, third = (label.id for label in project.labels.list())
    search(page, "（12", 111, qtbot)
    here = page.presenter.comment
    assert here is not None
    with closing(sqlite3.connect(project.folder / "project.db", isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")  # the bulk comes while the digit is on its way
        QTest.keyClick(page, Qt.Key.Key_2)
        QTest.keyClick(page, Qt.Key.Key_1, CONTROL_SHIFT)
    qtbot.waitUntil(lambda: not page.bulk.is_busy, timeout=10_000)
    assert labels_of(project)[here.id] == second
    assert list(labels_of(project).values()).count(first) == 110
    # its undo says so when it is not the last action any more
    toast = window.context.toasts.shown[-1]
    search(page, "", 5200 - 111, qtbot)
    qtbot.waitUntil(lambda: page.presenter.comment is not None)
    QTest.keyClick(page, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: third in labels_of(project).values(), timeout=10_000)
    toast.action_button.click()
    toasts = window.context.toasts
    qtbot.waitUntil(lambda: any("不是最后一步" in each.text for each in toasts.shown), timeout=10_000)
    assert list(labels_of(project).values()).count(first) == 110
    # another window labels while the question is open: more than are written in one transaction
    QTest.keyClick(page, Qt.Key.Key_1, CONTROL_SHIFT)
    question = answer(window, qtbot)
    with Project.open(project.folder) as other:
        other.annotations.label([3000, 4000], third, annotator=window.context.session.annotator).result()
    question.buttons[1].click()
    qtbot.waitUntil(lambda: not page.bulk.is_busy, timeout=20_000)
    labels = labels_of(project)
    assert (labels[3000], labels[4000], labels[here.id]) == (third, third, second)
    qtbot.waitUntil(lambda: any("2 条评论期间已有决定" in each.text for each in toasts.shown), timeout=10_000)
