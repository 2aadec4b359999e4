"""Every queue of the labelling page, chosen and used by keys, with the real assistant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from label_desk import CONTROL, Desk, Steps, physical, takes_input_methods, tell
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from senti_studio.ui.pages.label.queue_choice import Choice, choice_of
from senti_studio.ui.pages.label.queue_view import Tab

ALT = Qt.KeyboardModifier.AltModifier
TABS_AT_MOST = 60

WRONG = frozenset({57, 90, 123})
"""Labelled wrongly, which the assistant can see from all others."""
PAIRS = ((241, 242), (244, 245), (247, 248))
"""Near-copies with different labels; the third one of each has none."""
DISPUTED = 33
"""Two people have labelled it, each in another way."""
COPIES = "下午三点"
"""Words of the first group of near-copies alone."""


def tab_to(desk: Desk, widget: QWidget) -> None:
    """Presses Tab until ``widget`` has the focus."""
    for _ in range(TABS_AT_MOST):
        if widget.hasFocus():
            return
        desk.driver.key(Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not reach {widget.objectName() or type(widget).__name__}")


def entry_taken(desk: Desk, choice: Choice) -> Steps:
    """Tab to the box, and an entry of its list by the arrows."""
    box = desk.page.order
    tab_to(desk, box)
    desk.driver.key(Qt.Key.Key_Down, ALT)
    view = box.view()
    yield view.isVisible
    QTest.keyClick(view, Qt.Key.Key_Home)
    for _ in range(list(Choice).index(choice)):
        QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Return)
    yield lambda: not view.isVisible() and QApplication.activePopupWidget() is None


def take_entry(desk: Desk, choice: Choice) -> Steps:
    """Chooses an entry of the box by keys, which come to the page again."""
    yield from entry_taken(desk, choice)
    yield desk.has_keys
    assert not takes_input_methods(QApplication.focusWidget()), choice


def chosen(desk: Desk, choice: Choice) -> Steps:
    """The queue of an entry is in view and whole."""
    yield from take_entry(desk, choice)
    yield lambda: choice_of(desk.page.presenter.feed.view) is choice
    yield lambda: desk.is_ready() and desk.queue


def used(
    desk: Desk, choice: Choice, digit: int, *, belongs: Callable[[Any], object], all_aside: bool = False
) -> Steps:
    """All comments of the queue belong there; a digit labels the first one and Ctrl+Z brings it back."""
    held = desk.queue
    assert set(held) <= desk.aside if all_aside else desk.aside.isdisjoint(held), (choice, held)
    assert all(belongs(desk.stored(each)) for each in held), (choice, held)
    first = desk.here.id
    assert first in held, (choice, first)
    before, label = desk.state(first), desk.labels[digit - 1]
    assert before[0] != label, (choice, first)
    physical(str(digit))
    yield lambda: desk.is_saved() and desk.state(first) == (label, False)
    yield from desk.undone(first, before)
    tell(**{str(choice): len(held)})


def is_open(comment: Any) -> bool:
    return comment.label_id is None and not comment.skipped


def plain_queues(desk: Desk) -> Steps:
    """What needs nobody: the order of the file, chance, marks, the test set."""
    for choice in (Choice.FILE, Choice.RANDOM):
        yield from chosen(desk, choice)
        assert (desk.queue == sorted(desk.queue)) is (choice is Choice.FILE)
        assert {each for each in range(1, 241) if is_open(desk.stored(each))} - desk.aside <= set(desk.queue)
        yield from used(desk, choice, 1, belongs=is_open)
    yield from chosen(desk, Choice.FLAGGED)
    assert desk.queue == [2, 4]
    yield from used(desk, Choice.FLAGGED, 2, belongs=lambda comment: comment.flagged)
    yield from chosen(desk, Choice.SKIPPED)
    assert desk.queue == [7, 8]
    yield from used(desk, Choice.SKIPPED, 3, belongs=lambda comment: comment.skipped)
    yield from chosen(desk, Choice.TEST_SET)
    waiting = {each for each in desk.aside if is_open(desk.stored(each))}
    assert set(desk.queue) == waiting
    yield from used(desk, Choice.TEST_SET, 1, belongs=is_open, all_aside=True)


def ranked_queues(desk: Desk) -> Steps:
    """What the assistant or a batch ranks."""
    page, assistant = desk.page, desk.driver.window.context.assistant
    yield lambda: assistant.state is not None and assistant.state.trained_at > 0
    yield from chosen(desk, Choice.USEFUL)
    yield lambda: page.presenter.feed.queue.first_left > 0
    yield from used(desk, Choice.USEFUL, 2, belongs=is_open)
    yield from accepting(desk)
    yield from chosen(desk, Choice.DISAGREES)
    assert set(desk.queue) & WRONG
    yield lambda: any(made.is_suggested and not made.is_current for made in page.labels.buttons)
    yield from used(desk, Choice.DISAGREES, 2, belongs=lambda comment: comment.label_id is not None)
    yield from chosen(desk, Choice.DOUBTFUL)  # a process of its own reads the batch
    assert desk.queue[:3] == [13, 11, 10], "the least sure first"
    yield from used(desk, Choice.DOUBTFUL, 1, belongs=is_open)


def accepting(desk: Desk) -> Steps:
    """Enter takes what is suggested; nothing that is hidden, and nothing in a hidden state."""
    page, key = desk.page, desk.driver.key
    yield lambda: desk.is_ready() and page.labels.is_suggestion_seen
    here, best = desk.here.id, page.suggesting.shown.best
    physical("H")
    assert page.hide_suggestions.isChecked()
    assert not any(made.is_suggested or made.probability is not None for made in page.labels.buttons)
    key(Qt.Key.Key_Return)
    assert desk.here.id == here
    physical("H")
    assert not page.hide_suggestions.isChecked()
    key(Qt.Key.Key_Return)
    assert desk.here.id == here, "it is suggested again, and not painted yet"
    yield lambda: page.labels.is_suggestion_seen
    key(Qt.Key.Key_Return)
    yield lambda: desk.is_saved() and desk.state(here) == (best, False)
    yield from desk.undone(here, (None, False))
    tell(accepted=best in desk.labels)


def copies(desk: Desk) -> Steps:
    """The near-copies of the comment in view, which a process of its own has found."""
    yield from chosen(desk, Choice.FILE)
    yield lambda: desk.project.near_groups.members(PAIRS[0][0], 8)
    yield from desk.searched(COPIES)
    assert desk.here.id == PAIRS[0][1] + 1, "the one without a label"
    yield from chosen(desk, Choice.COPIES)
    assert desk.queue == [*PAIRS[0], PAIRS[0][1] + 1]
    yield from used(desk, Choice.COPIES, 1, belongs=lambda comment: COPIES in comment.text)
    yield from desk.searched("")


# ---- what is looked through ----------------------------------------------------------------------------


def item_of(desk: Desk) -> tuple[int, ...]:
    """The ids of what is in view of the list."""
    reviewing = desk.page.review.reviewing
    item = reviewing.item if reviewing is not None else None
    return item.ids if item is not None and desk.is_saved() else ()


def answered(desk: Desk, press: Callable[[], None], labels: tuple[int | None, ...]) -> Steps:
    """One key decides the item in view; Ctrl+Z brings it back."""
    ids = item_of(desk)
    before = [desk.state(each) for each in ids]
    view = desk.page.review.views[desk.page.review.tab]
    yield lambda: view.side.is_suggestion_seen or not view.side.accept.isEnabled()
    press()
    yield lambda: desk.is_saved() and item_of(desk) != ids
    assert tuple(desk.state(each)[0] for each in ids) == labels
    yield lambda: desk.page.presenter.can_undo and desk.has_keys()
    desk.driver.key(Qt.Key.Key_Z, CONTROL)
    yield lambda: item_of(desk) == ids and [desk.state(each) for each in ids] == before
    reviewing = desk.page.review.reviewing
    yield lambda: reviewing.outcome(reviewing.item) == "open"


def mistakes(desk: Desk) -> Steps:
    """Likely mistakes: found by Enter, each decided by one key."""
    page, key = desk.page, desk.driver.key
    yield from take_entry(desk, Choice.MISTAKES)
    assert page.review.tab is Tab.MISTAKES
    key(Qt.Key.Key_Return)
    yield lambda: item_of(desk)
    (first,) = item_of(desk)
    listed = {each for item in page.review.reviewing.items for each in item.ids}
    assert first in WRONG, "the likeliest one"
    assert desk.aside.isdisjoint(listed)
    (label, _), suggested = desk.state(first), page.review.reviewing.item.suggested
    assert suggested != label
    yield from answered(desk, lambda: physical("2"), (desk.labels[1],))
    yield from answered(desk, lambda: key(Qt.Key.Key_Return), (suggested,))
    yield from answered(desk, lambda: physical("K"), (label,))
    tell(mistakes=len(listed))


def pairs(desk: Desk) -> Steps:
    """Contradicting pairs, beside the likely mistakes: left, right or both are right."""
    page, key = desk.page, desk.driver.key
    tab_to(desk, page.status.tabs)
    key(Qt.Key.Key_Right)
    yield lambda: page.review.tab is Tab.PAIRS and page.hasFocus() and item_of(desk)
    listed = [item.ids for item in page.review.reviewing.items]
    assert sorted(listed) == list(PAIRS)
    left, right = (desk.state(each)[0] for each in item_of(desk))
    assert left != right
    for press in (physical, key):
        yield from answered(desk, lambda press=press: press("["), (left, left))
        yield from answered(desk, lambda press=press: press("]"), (right, right))
    yield from answered(desk, lambda: physical("K"), (left, right))
    yield from answered(desk, lambda: physical("2"), (desk.labels[1],) * 2)
    for _ in range(2):  # back to a queue
        tab_to(desk, page.status.tabs)
        key(Qt.Key.Key_Left)
        yield page.hasFocus
    assert page.review.tab is None
    tell(pairs=len(listed))


def disputed(desk: Desk) -> Steps:
    """Two people disagree: the entry opens the dialog, a digit decides, Ctrl+Z takes it back, Esc closes."""
    page, key = desk.page, desk.driver.key
    before = page.order.currentIndex()
    yield from entry_taken(desk, Choice.DISPUTED)
    people = desk.driver.window.lifecycle.people
    yield lambda: people.dialog is not None and people.dialog.deciding.current is not None
    dialog = people.dialog
    yield dialog.isActiveWindow
    assert dialog.deciding.ids == [DISPUTED]
    assert page.order.currentIndex() == before
    assert not takes_input_methods(QApplication.focusWidget())
    label = desk.state(DISPUTED)[0]
    physical("2")
    yield lambda: desk.state(DISPUTED)[0] == desk.labels[1] and dialog.deciding._done
    key(Qt.Key.Key_Z, CONTROL)
    yield lambda: desk.state(DISPUTED)[0] == label
    key(Qt.Key.Key_Escape)
    yield lambda: people.dialog is None and desk.has_keys()
    tell(disputed=1)


def every_queue(desk: Desk) -> Steps:
    yield from plain_queues(desk)
    yield from ranked_queues(desk)
    yield from copies(desk)
    yield from mistakes(desk)
    yield from pairs(desk)
    yield from disputed(desk)
    yield from chosen(desk, Choice.FILE)
    names = [desk.page.order.itemText(place) for place in range(desk.page.order.count())]
    tell(names=names)
