"""The queues of the labelling page, chosen by keys, with an assistant that follows a script."""

from __future__ import annotations

from array import array

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from test_label_page import labels_of, press, settle
from test_suggestions import Desk, Open, open_desk

from senti_studio.operations import test_set
from senti_studio.storage import predicted
from senti_studio.storage.project import Project
from senti_studio.ui.dialogs import MessageDialog
from senti_studio.ui.pages.label.queue_choice import Choice, choice_of
from senti_studio.ui.pages.label.queue_view import Tab

__all__ = ["open_desk"]


def choose(desk: Desk, choice: Choice) -> None:
    """By the keyboard: the box is opened, the entry gone to and taken."""
    box = desk.page.order
    box.setFocus()
    box.showPopup()
    view = box.view()
    assert view is not None
    QTest.keyClick(view, Qt.Key.Key_Home)
    for _ in range(list(Choice).index(choice)):
        QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Return)
    desk.wait(lambda: choice_of(desk.page.presenter.feed.view) is choice)
    desk.wait(lambda: not desk.page.presenter.feed.is_filling)
    assert desk.page.focusWidget() in (None, desk.page), "digits label at once"


def in_view(desk: Desk) -> int | None:
    comment = desk.page.presenter.comment
    return comment.id if comment is not None else None


def look_again(desk: Desk) -> None:
    """Somebody else has changed the project: what the page does within a second."""
    feed = desk.page.presenter.feed
    desk.page.presenter.refill()
    desk.wait(lambda: feed._coming is None and not feed.is_filling)


def walk(desk: Desk, count: int) -> list[int]:
    """The ids of the next comments, by the arrow key."""
    found = []
    for _ in range(count):
        press(desk.page, Qt.Key.Key_Right)
        comment = desk.page.presenter.comment
        if comment is None:
            break
        found.append(comment.id)
    return found


def test_most_useful_first_goes_on_at_random_and_never_changes_what_is_in_view(open_desk: Open) -> None:
    desk = open_desk(40, ranking=[31, 7, 22, 9], ranked=20, total=40)
    first = in_view(desk)
    choose(desk, Choice.USEFUL)
    desk.wait(lambda: desk.page.presenter.feed.queue.first_left > 0 and in_view(desk) is not None)
    desk.wait(lambda: "20 / 40" in desk.page.ranked.text())
    assert desk.requests("rank")[0]["queue"] == "useful"
    before = in_view(desk)
    if before != 31:
        assert walk(desk, 1) == [31], "the comment in view stayed, the ranked ones follow"
    assert first is not None
    press(desk.page, Qt.Key.Key_1)
    assert in_view(desk) == 7
    # Twenty labels later the assistant knows better: only what is still to come changes.
    desk.write(ranking=[15, 16, 7], trained_at=1.0)
    desk.assistant.learn()
    desk.wait(lambda: len(desk.requests("rank")) == 2)
    desk.wait(lambda: 15 in desk.page.presenter.feed.queue.upcoming(1))
    assert in_view(desk) == 7
    press(desk.page, Qt.Key.Key_2)
    assert in_view(desk) == 15
    press(desk.page, Qt.Key.Key_2)
    assert in_view(desk) == 16
    press(desk.page, Qt.Key.Key_3)
    rest = []
    while in_view(desk) is not None:
        rest.append(in_view(desk))
        press(desk.page, Qt.Key.Key_1)
    settle(desk.page, desk.qtbot)
    assert len(rest) == len(set(rest)) == 36, "every other comment comes once"
    assert 7 not in rest
    assert rest != sorted(rest), "at random"
    assert desk.page.nothing.isVisible()
    assert desk.page.presenter.feed.queue.size == 40


def test_without_an_assistant_the_most_useful_ones_come_at_random(open_desk: Open) -> None:
    desk = open_desk(30, crash_on="open")
    desk.assistant._crashes = 99
    choose(desk, Choice.USEFUL)
    desk.wait(lambda: "随机" in desk.page.ranked.text())
    assert in_view(desk) is not None
    for _ in range(10):
        press(desk.page, Qt.Key.Key_1)
    settle(desk.page, desk.qtbot)
    assert sum(label is not None for label in labels_of(desk.project).values()) == 10


def test_no_queue_but_its_own_shows_the_test_set(open_desk: Open) -> None:
    desk = open_desk(120)
    project, page = desk.project, desk.page
    test_set.set_aside(project, seed=4)
    aside = project.test_sets.visible()
    assert len(aside) == 12
    some = sorted(aside)
    project.annotations.label([1, 2, 3, *some[:2]], 1, annotator="甲").result()
    project.annotations.flag([5, some[2]], annotator="甲").result()
    project.annotations.skip([6, some[3]], annotator="甲").result()
    look_again(desk)
    others = set(range(1, 121)) - aside
    for choice in (Choice.FILE, Choice.RANDOM, Choice.USEFUL, Choice.FLAGGED, Choice.SKIPPED):
        choose(desk, choice)
        assert set(page.presenter.feed.queue.ids) <= others, choice
    assert set(page.presenter.feed.queue.ids) == {6} - aside
    QTest.mouseClick(page.status.tabs, Qt.MouseButton.LeftButton, pos=page.status.tabs.tabRect(1).center())
    desk.wait(lambda: not page.presenter.feed.is_filling and page.presenter.feed.view.tab is Tab.LABELLED)
    assert set(page.presenter.feed.queue.ids) == {1, 2, 3} - aside
    choose(desk, Choice.TEST_SET)
    assert set(page.presenter.feed.queue.ids) == set(some[2:3] + some[4:]), "those that wait for a label"
    for _ in some:
        press(page, Qt.Key.Key_2)
    settle(page, desk.qtbot)
    labels = labels_of(project)
    assert all(labels[each] is not None for each in aside - {some[3]})
    assert page.nothing.isVisible()
    QTest.mouseClick(page.nothing.primary, Qt.MouseButton.LeftButton)
    desk.wait(lambda: in_view(desk) in others)
    assert choice_of(page.presenter.feed.view) is Choice.FILE
    # The place is remembered, and so is the queue.
    choose(desk, Choice.TEST_SET)
    page.hand_over()
    desk.wait(lambda: project.settings.get("label.place", {}).get("kind") == "test_set")


def test_copies_of_the_comment_in_view(open_desk: Open) -> None:
    desk = open_desk(12)
    desk.project.near_groups.write([(2, 1), (5, 1), (9, 1)], 1, 12)
    press(desk.page, Qt.Key.Key_Right)
    assert in_view(desk) == 2
    choose(desk, Choice.COPIES)
    assert list(desk.page.presenter.feed.queue.ids) == [2, 5, 9]
    assert in_view(desk) == 2
    press(desk.page, Qt.Key.Key_1)
    press(desk.page, Qt.Key.Key_1)
    press(desk.page, Qt.Key.Key_1)
    settle(desk.page, desk.qtbot)
    labels = labels_of(desk.project)
    assert [each for each, label in labels.items() if label is not None] == [2, 5, 9]


def test_what_the_model_says_otherwise_is_looked_through(open_desk: Open) -> None:
    desk = open_desk(20, ranking=[4, 2, 3], total=5, probabilities=[0.05, 0.15, 0.8])
    desk.project.annotations.label([1, 2, 3, 4, 5], 1, annotator="甲").result()
    look_again(desk)
    choose(desk, Choice.DISAGREES)
    desk.wait(lambda: in_view(desk) == 4)
    desk.wait(lambda: desk.suggested() == [False, False, True])
    desk.wait_for_suggestion()
    assert desk.shares() == [None, None, None], "no number beside what a person has decided"
    assert desk.page.labels.buttons[0].is_current
    press(desk.page, Qt.Key.Key_Return)
    assert in_view(desk) == 2
    settle(desk.page, desk.qtbot)
    assert labels_of(desk.project)[4] == 3
    assert set(walk(desk, 5)) == {3}, "the list ends there"


def test_what_the_last_batch_was_not_sure_of_comes_first(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(8)
    labels, sure = array("h", [1, 2, 3, 1, -1]), array("f", [0.9, 0.4, 0.6, 0.5, 0.0])
    desk.project.comments.predicted.path.parent.mkdir(exist_ok=True)
    with desk.project.comments.predicted.path.open("wb") as file:
        predicted.write(file, (), [predicted.Stretch(2, labels, sure)])
    desk.project.annotations.label([5], 1, annotator="甲").result()
    choose(desk, Choice.DOUBTFUL)
    assert list(desk.page.presenter.feed.queue.ids) == [3, 4, 2], "the least sure first, no labelled one"
    assert in_view(desk) == 3


def dialog_of(desk: Desk) -> MessageDialog:
    desk.page.context.actions.set_page("label")
    desk.page.test_set.dialog = None
    desk.page.context.actions.action("label.test_set").trigger()
    desk.wait(lambda: desk.page.test_set.dialog is not None)
    dialog = desk.page.test_set.dialog
    assert dialog is not None
    return dialog


def test_labels_given_in_one_stroke_are_told_of_in_the_dialog(open_desk: Open) -> None:
    desk = open_desk(150)
    test_set.set_aside(desk.project, seed=4)
    desk.project.annotations.label(list(range(1, 151)), 1, annotator="甲").result(10)
    count = len(desk.project.test_sets.visible())
    dialog = dialog_of(desk)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert f"其中 {count} 个标签是和许多评论一起一次标上的" in words
    dialog.close()


def test_a_test_set_is_offered_once_kept_out_of_the_counts_and_can_be_undone(open_desk: Open) -> None:
    desk = open_desk(150)
    page, project = desk.page, desk.project
    desk.wait(page.offer.isVisible)
    assert "15" in page.offer.title.text()
    QTest.mouseClick(page.offer.primary, Qt.MouseButton.LeftButton)
    desk.wait(lambda: len(project.test_sets.visible()) in (14, 15, 16))
    aside = project.test_sets.visible()
    desk.wait(lambda: f"{150 - len(aside)}" in page.status.tabs.tabText(0))
    assert not page.offer.isVisible()
    # what is in view stays there until it is left
    desk.wait(lambda: set(page.presenter.feed.queue.ids).isdisjoint(aside - {in_view(desk)}))
    assert page.presenter.feed.queue.size == 150 - len(aside) + (in_view(desk) in aside)
    desk.wait(lambda: desk.requests("learn") != [])
    (toast,) = [each for each in page.context.toasts.shown if str(len(aside)) in each.text]
    QTest.mouseClick(toast.action_button, Qt.MouseButton.LeftButton)
    desk.wait(lambda: not project.test_sets.visible())
    desk.wait(lambda: "150" in page.status.tabs.tabText(0))
    # From the menu: set aside again, gone to, drawn anew, taken away.
    dialog_of(desk).buttons[1].click()
    desk.wait(lambda: bool(project.test_sets.visible()))
    dialog = dialog_of(desk)
    assert len(dialog.buttons) == 4, "nothing came later"
    dialog.buttons[3].click()
    desk.wait(lambda: choice_of(page.presenter.feed.view) is Choice.TEST_SET)
    desk.wait(lambda: set(page.presenter.feed.queue.ids) == project.test_sets.visible())
    desk.wait(lambda: f"{len(project.test_sets.visible())}" in page.status.tabs.tabText(0))
    version = project.test_sets.version
    dialog_of(desk).buttons[2].click()
    desk.wait(lambda: project.test_sets.version == version + 1)
    dialog_of(desk).buttons[1].click()
    desk.wait(lambda: not project.test_sets.visible())
    # Refused, it is not offered again; nor is it where there are too few comments.
    page.test_set.offer()
    desk.wait(page.offer.isVisible)
    QTest.mouseClick(page.offer.secondary, Qt.MouseButton.LeftButton)
    desk.wait(lambda: project.settings.get("test_set.offered") is True)
    page.test_set.offer()
    page.test_set.open()
    page.test_set.dialog = None
    desk.wait(lambda: page.test_set.dialog is not None)
    assert not page.offer.isVisible()
    page.test_set.dialog.close()


def test_a_test_set_drawn_by_another_window_leaves_the_queues(open_desk: Open) -> None:
    desk = open_desk(120)
    session, feed = desk.page.context.session, desk.page.presenter.feed
    desk.wait(lambda: session.is_watching)
    with Project.open(desk.project.folder) as other:
        test_set.set_aside(other, seed=4)
        aside = other.test_sets.visible()
    session.look_now()
    desk.wait(lambda: set(feed.queue.ids).isdisjoint(aside - {in_view(desk)}))
    assert not set(walk(desk, 12)) & aside
