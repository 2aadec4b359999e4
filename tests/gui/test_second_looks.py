"""Own earlier comments come up again between the others, as if they were new."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.storage.project import Project
from senti_studio.ui.app import AppParts
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.label import second_looks
from senti_studio.ui.pages.label.view import LabelPage
from senti_studio.ui.settings_dialog import SettingsDialog

KEYS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)
Opened = Callable[[int], LabelPage]


@pytest.fixture
def open_page(context: UiContext, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """The page on a project of so many comments, of which the first 40 are labelled by its annotator."""
    monkeypatch.setattr(second_looks, "LOOK_AFTER_MS", 0)
    context.settings.ask_again = True

    def open_on(count: int) -> LabelPage:
        project = Project.create(tmp_path / "门店 评论.senti")
        source = project.sources.begin(
            SourceDraft(name="外卖.csv", path="/外卖.csv", columns=("评论",), text_column=0)
        )
        project.sources.append(
            source, [NewComment(n, f"第{n}条，还行", (f"第{n}条，还行",)) for n in range(count)]
        )
        project.sources.finish(source)
        ids = ids_of(project)
        good = project.labels.list()[0].id
        for each in ids[:40]:
            written = project.annotations.label([each], good, annotator=context.session.annotator)
        written.result(10)
        context.session.use(project)
        page = LabelPage(context)
        page.presenter.second_looks.chance = random.Random(5)
        qtbot.addWidget(page)
        page.resize(1368, 836)
        page.set_up(project)
        page.show()
        page.on_shown()
        qtbot.waitUntil(lambda: not page.presenter.feed.is_filling and page.presenter.counts is not None)
        return page

    return open_on


def ids_of(project: Project) -> list[int]:
    return [each for part in project.comments.ids() for each in part]


def project_of(page: LabelPage) -> Project:
    project = page.context.session.project
    assert project is not None
    return project


def settle(page: LabelPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.presenter._saving.is_idle, timeout=10_000)


def go_to_second_look(page: LabelPage, qtbot: QtBot) -> int:
    """Labels until a comment is asked again; its id."""
    page.presenter.second_looks.share = 0.0
    QTest.keyClick(page, Qt.Key.Key_1)  # from now on one is looked for
    qtbot.waitUntil(lambda: page.presenter.second_looks.waiting is not None, timeout=10_000)
    page.presenter.second_looks.share = 1.0
    QTest.keyClick(page, Qt.Key.Key_1)
    page.presenter.second_looks.share = 0.0
    comment = page.presenter.comment
    assert comment is not None
    assert page.presenter.feed.asked_again is not None
    return comment.id


def test_it_looks_like_any_other_comment_and_the_queue_goes_on(open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(60)
    project = project_of(page)
    good, _, bad = (label.id for label in project.labels.list())
    ids = ids_of(project)
    place = page.presenter.feed.queue.ids[2]
    again = go_to_second_look(page, qtbot)
    assert again in ids[:12], "at least thirty labels lie between"
    assert not any(each.is_current for each in page.labels.buttons)
    assert page.presenter.comment is not None
    assert page.presenter.comment.label_id is None
    settle(page, qtbot)
    page.presenter.refresh()  # what is read anew meanwhile does not show the label
    qtbot.waitUntil(lambda: page.presenter._refreshing is None, timeout=10_000)
    assert page.presenter.comment.label_id is None
    assert page.presenter.comment.id == again
    QTest.keyClick(page, Qt.Key.Key_F)  # a flag does not unveil it, and does not open it again
    assert page.presenter.comment.label_id is None
    assert page.presenter.comment.flagged
    QTest.keyClick(page, Qt.Key.Key_3)
    assert page.presenter.comment.id == place
    settle(page, qtbot)
    (pair,) = project.second_looks.pairs()
    assert (pair.comment_id, pair.first_id, pair.second_id) == (again, good, bad)
    assert project.comments.get(again).label_id == bad
    assert page.presenter.counts is not None
    qtbot.waitUntil(lambda: page.presenter.counts.by_label == {good: 41, 2: 0, bad: 1}, timeout=10_000)
    page.presenter.undo()
    qtbot.waitUntil(lambda: project.second_looks.pairs() == [], timeout=10_000)
    assert project.comments.get(again).label_id == good
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.comment.id == again)
    assert page.labels.buttons[0].is_current, "after an undo nothing is hidden any more"


def test_skipping_and_going_back_leave_the_label_alone(open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(60)
    project = project_of(page)
    place = page.presenter.feed.queue.ids[2]
    again = go_to_second_look(page, qtbot)
    QTest.keyClick(page, Qt.Key.Key_Space)
    assert page.presenter.comment is not None
    assert page.presenter.comment.id == place
    settle(page, qtbot)
    assert project.comments.counts().skipped == 0
    other = go_to_second_look(page, qtbot)
    assert other != again, "never the same twice in a session"
    QTest.keyClick(page, Qt.Key.Key_Left)
    assert page.presenter.comment.id == page.presenter.feed.queue.ids[3], "what was decided last"
    settle(page, qtbot)
    assert project.second_looks.pairs() == []
    assert project.comments.counts().labelled == 44


def test_now_and_then_and_never_when_switched_off(open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(200)
    project = project_of(page)
    assert page.presenter.second_looks.share == 0.03
    page.presenter.second_looks.share = 0.15
    asked: list[int] = []
    given = 0
    while given < 90:
        comment = page.presenter.comment
        assert comment is not None
        if page.presenter.feed.asked_again is not None:
            asked.append(comment.id)
        QTest.keyClick(page, KEYS[given % 3])
        given += 1
        settle(page, qtbot)
        qtbot.waitUntil(lambda: not page.presenter.second_looks.is_looking, timeout=10_000)
        if given == 60:
            page.context.settings.ask_again = False
            until = len(asked)
    assert 2 <= until <= 20
    assert len(asked) <= until + 1, "the one in view when it was switched off"
    assert len(set(asked)) == len(asked)
    assert {each.comment_id for each in project.second_looks.pairs()} == set(asked)
    assert project.comments.counts().labelled == 40 + 90 - len(asked), "each other key hit a new comment"


def test_a_search_and_the_other_tabs_hold_only_what_they_say(open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(60)
    go_to_second_look(page, qtbot)
    QTest.keyClick(page, Qt.Key.Key_1)
    settle(page, qtbot)
    page._change_view(search="第5")
    qtbot.waitUntil(lambda: not page.presenter.feed.is_filling)
    page.presenter.second_looks.share = 1.0
    for _ in range(4):
        QTest.keyClick(page, Qt.Key.Key_1)
        assert page.presenter.feed.asked_again is None
    settle(page, qtbot)


def test_it_is_on_unless_switched_off_in_the_settings(
    context: UiContext, qtbot: QtBot, parts: AppParts
) -> None:
    context.settings.ask_again = True
    dialog = SettingsDialog(context, parts.language)
    qtbot.addWidget(dialog)
    assert dialog.ask_again.isChecked()
    assert context.session.asks_again
    dialog.ask_again.click()
    assert not context.session.asks_again
    dialog.ask_again.click()
    assert context.session.asks_again
