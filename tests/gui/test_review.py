"""Likely mistakes and contradicting pairs, by real keys; the helper is a process that follows a script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from test_label_page import labels_of, make_project, press, settle
from test_suggestions import QUALITY, Desk, Open, open_desk  # noqa: F401

from senti_studio.domain.journal import Verb
from senti_studio.storage.project import Project
from senti_studio.ui.pages.label.queue_view import Tab
from senti_studio.ui.pages.label.review.differences import differing
from senti_studio.ui.pages.label.review.frozen_list import Outcome
from senti_studio.ui.pages.label.review.pair_card import LAYER
from senti_studio.ui.pages.label.review.reviewing import Reviewing
from senti_studio.ui.pages.label.view import LabelPage
from senti_studio.ui.window import MainWindow

SUSPECTS = [
    {"id": each, "label_id": 1, "suggested_id": 3, "probability": 0.97 - each / 100, "score": 0.9}
    for each in (7, 2, 5, 11)
]
PAIRS = [{"first": 3, "second": 8, "similarity": 0.9, "suggested_id": 1, "probability": 0.8}]


@pytest.fixture
def review(open_desk: Open) -> Callable[..., Desk]:  # noqa: F811
    """A desk with labelled comments whose *likely mistakes* tab is open and has a list."""

    def open_it(tab: Tab = Tab.MISTAKES, **script: Any) -> Desk:
        script.setdefault("suspects_found", {"suspects": SUSPECTS, "contradictions": PAIRS, "looked_at": 12})
        desk = open_desk(20, quality=QUALITY, **script)
        good, _, bad = (label.id for label in desk.project.labels.list())
        desk.project.annotations.label(list(range(1, 13)), good, annotator="小王").result(10)
        desk.project.annotations.label([8], bad, annotator="小王").result(10)
        desk.wait(lambda: desk.assistant.state is not None)
        choose(desk, tab)
        press(desk.page, Qt.Key.Key_Return)
        desk.wait(lambda: desk.page.review.reviewing is not None and of(desk).item is not None)
        desk.wait(lambda: desk.page.review.views[tab].side.is_suggestion_seen)
        return desk

    return open_it


def choose(desk: Desk, tab: Tab) -> None:
    desk.page.status.tabs.setCurrentIndex(list(Tab).index(tab))


def of(desk: Desk) -> Reviewing:
    found = desk.page.review.reviewing
    assert found is not None
    return found


def shown(desk: Desk) -> tuple[int, ...]:
    item = of(desk).item
    return item.ids if item is not None else ()


def test_every_answer_is_one_key_and_nothing_is_asked_twice(
    review: Callable[..., Desk], qtbot: QtBot
) -> None:
    desk = review()
    page, project = desk.page, desk.project
    good, fair, bad = (label.id for label in project.labels.list())
    assert shown(desk) == (7,)
    assert page.stack.currentWidget() is page.review
    view = page.review.views[Tab.MISTAKES]
    view.side.show_item(None, page.presenter.labels[2], 0.9)
    press(page, Qt.Key.Key_Return)
    assert shown(desk) == (7,), "what is suggested now is not painted yet"
    desk.wait(lambda: view.side.is_suggestion_seen)
    assert view.comment.text.toPlainText() == project.comments.get(7).text
    assert page.status.tabs.tabText(list(Tab).index(Tab.MISTAKES)).endswith("4")
    press(page, Qt.Key.Key_Return)  # takes the suggested one
    assert shown(desk) == (2,)
    press(page, Qt.Key.Key_0)  # later
    assert shown(desk) == (5,)
    press(page, Qt.Key.Key_K)
    assert shown(desk) == (11,)
    press(page, Qt.Key.Key_2)
    assert shown(desk) == ()
    settle(page, qtbot)
    labels = labels_of(project)
    assert [labels[each] for each in (7, 2, 5, 11)] == [bad, good, good, fair]
    assert project.kept_labels.all() == {5: good}
    assert view.start.again.isVisible(), "what was put off can be gone through"
    press(page, Qt.Key.Key_Return)
    assert shown(desk) == (2,)
    press(page, Qt.Key.Key_1)  # the label that it has: right
    settle(page, qtbot)
    desk.wait(lambda: project.kept_labels.all() == {5: good, 2: good})
    desk.wait(lambda: view.start.result.isVisible() and "86.1%" in view.start.result.text())
    assert len(desk.requests("learn")) == 1
    assert of(desk).is_through
    assert "2" in view.start.text.text()
    assert page.status.tabs.tabText(list(Tab).index(Tab.MISTAKES)).endswith("0")
    said = view.start.text.text()
    project.annotations.label([5], fair, annotator="小王").result(10)  # later, not in the list
    with qtbot.waitSignal(of(desk).moved):
        of(desk).read_again()
    assert project.comments.get(5).label_id == fair
    assert view.start.text.text() == said, "what was decided in the list counts"


def test_what_the_list_is_measured_against_is_measured_with_it(open_desk: Open) -> None:  # noqa: F811
    desk = open_desk(20, suspects_found={"suspects": SUSPECTS, "contradictions": [], "looked_at": 12})
    desk.project.annotations.label(list(range(1, 13)), 1, annotator="小王").result(10)
    desk.wait(lambda: desk.assistant.state is not None)
    assert desk.assistant.state is not None
    assert desk.assistant.state.quality is None, "the list is asked for before anything was measured"
    desk.write(quality=QUALITY)
    choose(desk, Tab.MISTAKES)
    press(desk.page, Qt.Key.Key_Return)
    desk.wait(lambda: desk.page.review.reviewing is not None and of(desk).item is not None)
    listed = of(desk).listed
    assert listed is not None
    assert listed.before is not None
    assert listed.before.accuracy == QUALITY["accuracy"]
    assert len(desk.requests("learn")) == 1


def test_undo_goes_back_to_the_item_and_redo_does_it_again(review: Callable[..., Desk], qtbot: QtBot) -> None:
    desk = review()
    page, project = desk.page, desk.project
    good, _, bad = (label.id for label in project.labels.list())
    for key in (Qt.Key.Key_3, Qt.Key.Key_K):
        press(page, key)
    settle(page, qtbot)
    desk.wait(lambda: [each.verb for each in page.presenter.history[:2]] == [Verb.KEEP, Verb.LABEL])
    QTest.keyClick(page, Qt.Key.Key_Backspace)
    desk.wait(lambda: shown(desk) == (2,) and project.kept_labels.all() == {})
    desk.wait(lambda: page.presenter.can_redo)
    QTest.keyClick(page, Qt.Key.Key_Backspace)
    desk.wait(lambda: shown(desk) == (7,) and labels_of(project)[7] == good)
    assert of(desk).count(Outcome.OPEN) == 4
    desk.wait(lambda: page.presenter.can_redo)
    page.presenter.redo()
    desk.wait(lambda: labels_of(project)[7] == bad)
    desk.wait(lambda: of(desk).count(Outcome.CHANGED) == 1)


def test_undo_goes_back_although_labels_change_at_the_same_moment(
    review: Callable[..., Desk], qtbot: QtBot
) -> None:
    desk = review()
    page = desk.page
    press(page, Qt.Key.Key_3)
    settle(page, qtbot)
    assert shown(desk) == (2,)
    # What the session tells of the undo comes while the list is being read for it.
    page.presenter.walked.connect(page.context.session.labels_changed)
    with qtbot.waitSignal(page.presenter.walked):
        QTest.keyClick(page, Qt.Key.Key_Backspace)
    desk.wait(lambda: shown(desk) == (7,))


def test_the_list_stays_the_same_after_a_restart(review: Callable[..., Desk], qtbot: QtBot) -> None:
    desk = review()
    page = desk.page
    press(page, Qt.Key.Key_3)
    press(page, Qt.Key.Key_K)
    settle(page, qtbot)
    again = Project.open(desk.project.folder)
    page.context.session.use(again)
    page.open_project(again)
    desk.wait(lambda: page.review.counts()[Tab.MISTAKES] == 2)
    choose(desk, Tab.MISTAKES)
    assert shown(desk) == (5,)
    assert [of(desk).outcome(item) for item in of(desk).items] == [
        Outcome.CHANGED,
        Outcome.KEPT,
        Outcome.OPEN,
        Outcome.OPEN,
    ]
    choose(desk, Tab.OPEN)
    assert page.stack.currentWidget() is not page.review
    press(page, Qt.Key.Key_1)
    assert of_none(desk)


def of_none(desk: Desk) -> bool:
    return desk.page.review.reviewing is None


@pytest.mark.parametrize(
    ("key", "left", "right"),
    [(Qt.Key.Key_BracketLeft, 1, 1), (Qt.Key.Key_BracketRight, 3, 3), (Qt.Key.Key_2, 2, 2)],
)
def test_a_pair_gets_one_label_by_one_key(
    review: Callable[..., Desk], qtbot: QtBot, key: Qt.Key, left: int, right: int
) -> None:
    desk = review(Tab.PAIRS)
    page = desk.page
    sides = page.review.views[Tab.PAIRS].pair.sides
    assert page.order.currentText() == "矛盾对"
    assert shown(desk) == (3, 8)
    assert [side.text.toPlainText() for side in sides] == ["一般（2）", "一般（7）"]
    assert [(mark.start, mark.end) for mark in sides[0].text.marks(LAYER)] == [(3, 4), (3, 4)]
    press(page, key)
    settle(page, qtbot)
    labels = labels_of(desk.project)
    assert (labels[3], labels[8]) == (left, right)
    assert of(desk).outcome(of(desk).items[0]) is Outcome.CHANGED


def test_both_of_a_pair_may_be_right_and_one_may_be_changed_alone(
    review: Callable[..., Desk], qtbot: QtBot
) -> None:
    desk = review(Tab.PAIRS)
    page = desk.page
    press(page, Qt.Key.Key_K)
    settle(page, qtbot)
    assert desk.project.kept_labels.all() == {3: 1, 8: 3}
    assert of(desk).is_through
    QTest.keyClick(page, Qt.Key.Key_Backspace)
    desk.wait(lambda: shown(desk) == (3, 8))
    view = page.review.views[Tab.PAIRS]
    view.pair.sides[1].alone.menu().actions()[1].trigger()
    settle(page, qtbot)
    assert labels_of(desk.project)[8] == 2
    assert shown(desk) == (3, 8), "still not the same"
    view.pair.sides[0].alone.menu().actions()[1].trigger()
    settle(page, qtbot)
    assert of(desk).is_through


def test_the_menu_opens_the_list_from_any_page(
    tmp_path: Path, open_project_window: Callable[[Path], MainWindow], qtbot: QtBot
) -> None:
    with make_project(tmp_path, 5) as project:
        folder = project.folder
    window = open_project_window(folder)
    window.go_to("data")
    window.context.actions.action("label.pairs").trigger()
    assert window.current == "label"
    page = window.pages["label"]
    assert isinstance(page, LabelPage)
    qtbot.waitUntil(lambda: page.review.tab is Tab.PAIRS)
    window.context.actions.action("label.mistakes").trigger()
    assert page.review.tab is Tab.MISTAKES
    window.lifecycle.close_project()
    qtbot.waitUntil(lambda: not window.context.actions.action("label.mistakes").isEnabled())


def test_without_the_assistant_the_page_says_so(open_desk: Open) -> None:  # noqa: F811
    desk = open_desk(20, fail_on="suspects")
    choose(desk, Tab.MISTAKES)
    desk.wait(lambda: desk.assistant.state is not None)
    press(desk.page, Qt.Key.Key_Return)
    start = desk.page.review.views[Tab.MISTAKES].start
    desk.wait(lambda: start.trouble.isVisible() and bool(start.trouble.text()))
    assert start.look.isVisible()
    choose(desk, Tab.OPEN)
    press(desk.page, Qt.Key.Key_1)
    desk.wait(lambda: labels_of(desk.project)[1] == 1)


@pytest.mark.parametrize(
    ("first", "second", "left", "right"),
    [
        ("房间很大", "房间很小", [(3, 4)], [(3, 4)]),
        ("服务好，会再来", "服务不好，不会再来", [], [(2, 3), (5, 6)]),
        ("", "好", [], [(0, 1)]),
        ("iPhone 12 好", "iPhone 13 好", [(7, 9)], [(7, 9)]),
        ("一样👂", "一样👂", [], []),
    ],
)
def test_the_words_that_differ_are_found(
    first: str, second: str, left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    assert differing(first, second) == (left, right)


def test_two_long_texts_are_compared_in_no_time() -> None:
    first = "好" * 20_000 + "房间小" + "差" * 20_000
    found = differing(first, first.replace("小", "大"))
    assert found == ([(20_002, 20_003)], [(20_002, 20_003)])
    assert differing("好" * 40_000, "差" * 40_000) == ([(0, 40_000)], [(0, 40_000)])
