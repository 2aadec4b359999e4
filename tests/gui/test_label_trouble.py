"""What other windows may do while somebody labels; nothing is lost without a word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from test_label_page import labels_of, make_project

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.storage.project import Project
from senti_studio.ui.pages.label.view import LabelPage
from senti_studio.ui.window import MainWindow

Opened = Callable[[Path], MainWindow]


@pytest.fixture
def opened(tmp_path: Path, open_project_window: Opened, qtbot: QtBot) -> tuple[MainWindow, LabelPage]:
    with make_project(tmp_path, 6) as project:
        source = project.sources.begin(
            SourceDraft(name="酒店.csv", path="/酒店.csv", columns=("评论",), text_column=0)
        )
        project.sources.append(source, [NewComment(1, "后来的", ("后来的",))])
        project.sources.finish(source)
    window = open_project_window(tmp_path / "门店 评论.senti")
    window.go_to("label")
    page = window.pages["label"]
    assert isinstance(page, LabelPage)
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.counts is not None)
    return window, page


def test_a_label_that_was_just_removed_is_asked_for_again(
    opened: tuple[MainWindow, LabelPage], qtbot: QtBot
) -> None:
    window, page = opened
    project = window.context.session.project
    assert project is not None
    first, _, third = project.labels.list()
    with Project.open(project.folder) as other:
        other.labels.remove(third.id, annotator="李雷").result(10)
        QTest.keyClick(page, Qt.Key.Key_3)  # its button is still there
    qtbot.waitUntil(lambda: bool(window.context.dialogs.open_errors), timeout=10_000)
    for dialog in window.context.dialogs.open_errors:
        dialog.close()
    qtbot.waitUntil(lambda: len(page.labels.buttons) == 2, timeout=10_000)
    assert page.presenter.failure is None, "another try would never help"
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.comment.id == 1)
    assert set(labels_of(project).values()) == {None}
    QTest.keyClick(page, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: labels_of(project)[1] == first.id, timeout=10_000)


def test_a_comment_removed_while_in_view_is_told(opened: tuple[MainWindow, LabelPage], qtbot: QtBot) -> None:
    window, page = opened
    project = window.context.session.project
    assert project is not None
    with Project.open(project.folder) as other:
        other.sources.remove(1).result(10)
        QTest.keyClick(page, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: bool(window.context.toasts.shown), timeout=10_000)
    assert "移除" in window.context.toasts.shown[0].text
    qtbot.waitUntil(
        lambda: page.presenter.comment is not None and page.presenter.comment.text == "后来的", timeout=10_000
    )
    for dialog in window.context.dialogs.open_errors:
        dialog.close()
    QTest.keyClick(page, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: project.comments.counts().labelled == 1, timeout=10_000)
