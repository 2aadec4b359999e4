"""The list of everything that was done, and the way to any moment and back, through the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QDateTime, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from test_label_page import labels_of, make_project, settle

from senti_studio.storage.project import Project
from senti_studio.ui.dialogs import MessageDialog
from senti_studio.ui.history_dialog import HistoryDialog
from senti_studio.ui.i18n import tr
from senti_studio.ui.models.journal_table import COMMENT, WHAT, WHO
from senti_studio.ui.pages.label.view import LabelPage
from senti_studio.ui.window import MainWindow

Opened = Callable[[Path], MainWindow]


@pytest.fixture
def labelled(tmp_path: Path, open_project_window: Opened, qtbot: QtBot) -> tuple[MainWindow, LabelPage]:
    """A window in which eight comments were labelled by keys, and one by somebody else."""
    project = make_project(tmp_path, 30)
    project.annotations.label([30], project.labels.list()[0].id, annotator="李雷").result(10)
    project.close()
    window = open_project_window(project.folder)
    window.go_to("label")
    page = window.pages["label"]
    assert isinstance(page, LabelPage)
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.counts is not None)
    for number in range(8):
        QTest.keyClick(page, (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)[number % 3])
    settle(page, qtbot)
    return window, page


def open_history(page: LabelPage, qtbot: QtBot) -> HistoryDialog:
    page.strip.past.click()
    dialog = page.past.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: not dialog.is_reading, timeout=10_000)
    return dialog


def cell(dialog: HistoryDialog, row: int, column: int) -> str:
    return str(dialog.model.index(row, column).data())


def answer(window: MainWindow, qtbot: QtBot) -> MessageDialog:
    qtbot.waitUntil(
        lambda: any(one.isVisible() for one in window.findChildren(MessageDialog)), timeout=10_000
    )
    return next(one for one in window.findChildren(MessageDialog) if one.isVisible())


def test_back_to_a_moment_and_there_again(labelled: tuple[MainWindow, LabelPage], qtbot: QtBot) -> None:
    window, page = labelled
    project = window.context.session.project
    assert isinstance(project, Project)
    before = labels_of(project)
    dialog = open_history(page, qtbot)
    assert dialog.model.rowCount() == 8, "first one's own"
    assert [cell(dialog, row, WHAT) for row in range(3)] == ["中性", "正面", "负面"]
    assert cell(dialog, 0, COMMENT).startswith("一般（7）")
    dialog.view.selectRow(5)
    dialog.go_back.click()
    question = answer(window, qtbot)
    assert any("5 次操作" in label.text() for label in question.findChildren(QLabel))
    question.buttons[1].click()
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 13 and not dialog.is_reading, timeout=10_000)
    assert {each for each, label in labels_of(project).items() if label} == {1, 2, 3, 30}
    assert cell(dialog, 0, WHAT) == "撤销：正面"
    assert page.presenter.comment is not None
    assert page.presenter.comment.id == 4
    toast = window.context.toasts.shown[-1]
    assert "5" in toast.text
    assert toast.action_button.text() == tr("Go forward again")
    assert "Ctrl+Y" in dialog.hint.text()
    toast.action_button.click()
    qtbot.waitUntil(lambda: labels_of(project) == before, timeout=10_000)
    dialog.reject()
    qtbot.waitUntil(lambda: page.past.dialog is None)
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.comment.id == 8)


def test_other_people_words_times_and_the_comment(
    labelled: tuple[MainWindow, LabelPage], qtbot: QtBot
) -> None:
    window, page = labelled
    dialog = open_history(page, qtbot)
    qtbot.waitUntil(lambda: dialog.people.count() == 3)
    dialog.people.setCurrentIndex(1)
    dialog.people.activated.emit(1)
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 9 and not dialog.is_reading, timeout=10_000)
    assert cell(dialog, 8, WHO) == "李雷"
    dialog.view.selectRow(8)
    assert not dialog.go_back.isEnabled(), "what others did is theirs"
    dialog.at.setDateTime(QDateTime.currentDateTime().addDays(-1))
    dialog.show_time.click()
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 0 and not dialog.is_reading, timeout=10_000)
    dialog.search.setText("隔音")
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 2 and not dialog.is_reading, timeout=10_000)
    dialog.view.selectRow(1)
    dialog.jump.click()
    assert page.presenter.comment is not None
    assert page.presenter.comment.id == 2
    qtbot.waitUntil(lambda: page.past.dialog is None)
    assert page.hasFocus() or window.isAncestorOf(page)
