"""Identical texts take the label along when the user wants; real keys, a real project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from test_label_page import labels_of

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.storage.project import Project
from senti_studio.ui.pages.label import copies
from senti_studio.ui.pages.label.view import LabelPage
from senti_studio.ui.settings_dialog import SettingsDialog
from senti_studio.ui.window import MainWindow

Opened = Callable[[Path], MainWindow]
TEXTS = ["好", "汤洒了", "好", "一般", "好", "菜凉了", "一般", "好"]


@pytest.fixture
def opened(
    tmp_path: Path, open_project_window: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> tuple[MainWindow, LabelPage]:
    """Eight comments: 好 four times (ids 1, 3, 5, 8), 一般 twice (4, 7)."""
    monkeypatch.setattr(copies, "LOOK_AFTER_MS", 50)
    with Project.create(tmp_path / "相同 文本.senti") as project:
        source = project.sources.begin(
            SourceDraft(name="外卖.csv", path="/外卖.csv", columns=("评论",), text_column=0)
        )
        project.sources.append(source, [NewComment(n, text, (text,)) for n, text in enumerate(TEXTS, 1)])
        project.sources.finish(source)
    window = open_project_window(tmp_path / "相同 文本.senti")
    window.resize(1440, 900)
    window.go_to("label")
    page = window.pages["label"]
    assert isinstance(page, LabelPage)
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.counts is not None)
    return window, page


def given(window: MainWindow) -> dict[int, int]:
    project = window.context.session.project
    assert project is not None
    return {each: label for each, label in labels_of(project).items() if label is not None}


def test_asked_in_a_line_that_moves_nothing(opened: tuple[MainWindow, LabelPage], qtbot: QtBot) -> None:
    window, page = opened
    project = window.context.session.project
    assert project is not None
    first, second, _ = (label.id for label in project.labels.list())
    place, card = page.comment.text_area(), page.labels.geometry()
    QTest.keyClick(page, Qt.Key.Key_1)
    qtbot.waitUntil(page.copies_bar.isVisible, timeout=10_000)
    assert "另有 3 条" in page.copies_bar.words.text()
    assert (page.comment.text_area(), page.labels.geometry()) == (place, card)
    assert given(window) == {1: first}, "nothing is done unasked"
    page.copies_bar.once.click()
    qtbot.waitUntil(lambda: given(window) == {1: first, 3: first, 5: first, 8: first}, timeout=10_000)
    qtbot.waitUntil(lambda: bool(window.context.toasts.shown))
    assert not page.copies_bar.isVisible()
    QTest.keyClick(page, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.comment.id == 4)
    page.presenter.undo()
    qtbot.waitUntil(lambda: given(window) == {1: first, 3: first, 5: first, 8: first}, timeout=10_000)
    page.presenter.undo()
    qtbot.waitUntil(lambda: given(window) == {1: first}, timeout=10_000)
    assert second not in given(window).values()


def test_the_copy_in_view_is_not_counted(opened: tuple[MainWindow, LabelPage], qtbot: QtBot) -> None:
    window, page = opened
    project = window.context.session.project
    assert project is not None
    first = project.labels.list()[0].id
    QTest.keyClick(page, Qt.Key.Key_1)
    page.presenter.feed.jump(3)
    qtbot.waitUntil(page.copies_bar.isVisible, timeout=10_000)
    assert "另有 2 条" in page.copies_bar.words.text()
    page.presenter.feed.jump(5)
    qtbot.waitUntil(lambda: "另有 1 条" in page.copies_bar.words.text(), timeout=10_000)
    page.copies_bar.once.click()
    qtbot.waitUntil(lambda: given(window) == {1: first, 8: first}, timeout=10_000)
    qtbot.waitUntil(lambda: bool(window.context.toasts.shown))
    assert "1 条" in window.context.toasts.shown[-1].text


def test_always_and_never(opened: tuple[MainWindow, LabelPage], qtbot: QtBot) -> None:
    window, page = opened
    project = window.context.session.project
    assert project is not None
    first, _, third = (label.id for label in project.labels.list())
    QTest.keyClick(page, Qt.Key.Key_1)
    qtbot.waitUntil(page.copies_bar.isVisible, timeout=10_000)
    page.copies_bar.always.click()
    qtbot.waitUntil(lambda: len(given(window)) == 4, timeout=10_000)
    QTest.keyClick(page, Qt.Key.Key_3)  # 汤洒了
    QTest.keyClick(page, Qt.Key.Key_3)  # 一般
    qtbot.waitUntil(lambda: given(window).get(7) == third, timeout=10_000)
    assert not page.copies_bar.isVisible()
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.comment.id == 6)
    dialog = SettingsDialog(window.context, window.language)
    qtbot.addWidget(dialog)
    assert dialog.copies.currentData() == copies.ALWAYS
    dialog.copies.setCurrentIndex(2)
    dialog.copies.activated.emit(2)
    qtbot.waitUntil(lambda: project.settings.get(copies.KEY) == copies.NEVER)
    page.presenter.feed.jump(4)
    QTest.keyClick(page, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: given(window)[4] == first, timeout=10_000)
    qtbot.waitUntil(lambda: not page.copies._given and not page.copies._is_looking, timeout=10_000)
    assert given(window)[7] == third
    assert not page.copies_bar.isVisible()


def test_what_is_undone_takes_no_copies_along(opened: tuple[MainWindow, LabelPage], qtbot: QtBot) -> None:
    window, page = opened
    QTest.keyClick(page, Qt.Key.Key_1)
    qtbot.waitUntil(page.copies_bar.isVisible, timeout=10_000)
    page.presenter.undo()
    qtbot.waitUntil(lambda: not page.copies_bar.isVisible(), timeout=10_000)
    assert given(window) == {}
    # not asked yet, but undone: neither asked nor done
    project = window.context.session.project
    assert project is not None
    project.settings.set(copies.KEY, copies.ALWAYS).result()
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.comment.id == 1)
    QTest.keyClick(page, Qt.Key.Key_1)
    page.presenter.undo()
    qtbot.waitUntil(lambda: not page.presenter._session.is_saving)
    QTest.keyClick(page, Qt.Key.Key_Space)
    third = project.labels.list()[2].id
    page.presenter.feed.jump(4)
    QTest.keyClick(page, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: given(window).get(7) == third, timeout=10_000)
    assert given(window) == {4: third, 7: third}


def test_copies_decided_elsewhere_keep_what_they_have(
    opened: tuple[MainWindow, LabelPage], qtbot: QtBot
) -> None:
    window, page = opened
    project = window.context.session.project
    assert project is not None
    first, second, _ = (label.id for label in project.labels.list())
    QTest.keyClick(page, Qt.Key.Key_1)
    qtbot.waitUntil(page.copies_bar.isVisible, timeout=10_000)
    with Project.open(project.folder) as other:
        other.annotations.label([3], second, annotator=window.context.session.annotator).result()
        other.annotations.skip([5], annotator="小王").result()
    page.copies_bar.once.click()
    qtbot.waitUntil(lambda: 8 in given(window), timeout=10_000)
    assert given(window) == {1: first, 3: second, 8: first}
    # the original got another label elsewhere: its copies stay as they are
    page.presenter.feed.jump(4)
    QTest.keyClick(page, Qt.Key.Key_1)
    page.presenter.feed.jump(6)
    qtbot.waitUntil(page.copies_bar.isVisible, timeout=10_000)
    with Project.open(project.folder) as other:
        other.annotations.label([4], second, annotator=window.context.session.annotator).result()
    page.copies_bar.once.click()
    qtbot.waitUntil(lambda: not window.context.session.is_saving)
    assert given(window)[4] == second
    assert 7 not in given(window)
    page.presenter.feed.jump(7)
    assert page.presenter.comment is not None
    assert page.presenter.comment.label_id is None
