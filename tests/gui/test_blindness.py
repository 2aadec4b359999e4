"""Where a suggestion would be half of the answer, none is shown, and Enter does nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from test_label_page import labels_of, press
from test_label_queues import choose, in_view
from test_suggestions import Desk, Open, open_desk

from senti_studio.operations import test_set
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.explaining import LAYER
from senti_studio.ui.pages.label.queue_choice import Choice

__all__ = ["open_desk"]

INFLUENCES = [{"start": 0, "end": 1, "label_id": 3, "weight": 0.9}]
WHY = {"test": "Test set: labelled without suggestions", "own": "Independent: no suggestions"}


def assert_blind(desk: Desk, why: str) -> None:
    """Though the assistant has said something of the comment in view."""
    page = desk.page
    shown = in_view(desk)
    assert shown is not None
    desk.wait(lambda: page.suggesting.suggestions.of(shown) is not None)
    page.suggesting.show()
    assert desk.shares() == [None] * 3
    assert desk.suggested() == [False] * 3
    assert not page.labels.accept.isEnabled()
    assert page.labels.source.text() == why
    press(page, Qt.Key.Key_Return)
    assert in_view(desk) == shown
    assert labels_of(desk.project)[shown] is None
    assert not page.comment.text.marks(LAYER)
    assert not page.suggesting.explaining._ask.isActive(), "no reasons are asked for either"


def test_the_test_set_is_labelled_without_suggestions(open_desk: Open) -> None:
    desk = open_desk(120, influences=INFLUENCES)
    page = desk.page
    desk.wait_for_suggestion()
    test_set.set_aside(desk.project, seed=4)
    aside = sorted(desk.project.test_sets.visible())
    page.presenter.refresh()
    desk.wait(lambda: page.presenter.test_set == frozenset(aside))
    choose(desk, Choice.TEST_SET)
    assert_blind(desk, tr(WHY["test"]))
    choose(desk, Choice.FILE)
    desk.wait_for_suggestion()
    assert page.labels.source.text() != tr(WHY["test"])
    page.presenter.feed.jump(aside[0])  # another page has asked for it
    assert_blind(desk, tr(WHY["test"]))
    test_set.remove(desk.project)
    page.presenter.refresh()
    desk.wait_for_suggestion()


def test_who_labels_independently_sees_no_suggestion(open_desk: Open) -> None:
    desk = open_desk(40, influences=INFLUENCES)
    desk.wait_for_suggestion()
    desk.page.independent.toggle()
    assert desk.page.presenter.feed.view.own
    desk.wait(lambda: not desk.page.presenter.feed.is_filling and in_view(desk) is not None)
    assert_blind(desk, tr(WHY["own"]))
    test_set.set_aside(desk.project, count=12, seed=4)
    desk.page.presenter.refill()
    rest = 40 - len(desk.project.test_sets.visible())
    desk.wait(lambda: f"  {rest}" in desk.page.status.tabs.tabText(0))
    desk.wait(lambda: len(set(desk.page.presenter.feed.queue.ids)) in (rest, rest + 1))
    desk.page.independent.toggle()
    desk.wait_for_suggestion()


def test_a_comment_that_is_asked_again_has_no_suggestion(open_desk: Open) -> None:
    desk = open_desk(40, influences=INFLUENCES, trained_at=1.0)
    feed = desk.page.presenter.feed
    desk.wait_for_suggestion()
    desk.project.annotations.label([1], 2, annotator=desk.page.context.session.annotator).result(10)
    desk.press(Qt.Key.Key_1)
    desk.wait_for_suggestion()
    feed.go_on(desk.project.comments.get(1))
    assert feed.asked_again is not None
    assert not desk.page.labels.accept.isEnabled()
    assert desk.shares() == [None] * 3
    desk.page.suggesting.suggestions.want([1])
    desk.wait(lambda: desk.page.suggesting.suggestions.of(1) is not None)
    desk.page.suggesting.show()
    assert desk.shares() == [None] * 3
    assert desk.suggested() == [False] * 3
    assert not any(button.is_current for button in desk.page.labels.buttons)
    press(desk.page, Qt.Key.Key_Return)
    assert in_view(desk) == 1
    assert tr(WHY["test"]) != desk.page.labels.source.text() != "", "unannounced"
    desk.press(Qt.Key.Key_3)
    assert in_view(desk) == 2
    desk.wait_for_suggestion()
