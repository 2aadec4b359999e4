"""The states of the labelling page that have to be brought about before their pictures are taken."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from picture_projects import LONG_TEXT_LENGTH, SHOWN, find, ids_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from senti_studio.domain.comments import CommentFilter
from senti_studio.storage.project import Project
from senti_studio.ui.assistant import Standing
from senti_studio.ui.pages.label.queue_choice import Choice
from senti_studio.ui.pages.label.queue_view import Tab
from senti_studio.ui.pages.label.view import LabelPage
from senti_studio.ui.people.menu import PeopleMenu
from senti_studio.ui.window import MainWindow

CARDS = 7
"""Decisions in the history of the main picture."""


def until(ready: Callable[[], bool], seconds: float = 60.0) -> None:
    """Lets the window work until ``ready``, or for so long."""
    end = time.monotonic() + seconds
    while not ready() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)


def settle(seconds: float) -> None:
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() > end)


def project_of(window: MainWindow) -> Project:
    project = window.context.session.project
    assert project is not None
    return project


def label_page(window: MainWindow) -> LabelPage:
    page = window.pages["label"]
    assert isinstance(page, LabelPage)
    return page


def press(window: MainWindow, key: Qt.Key) -> None:
    QTest.keyClick(window.pages[window.current], key)


def _in_view(page: LabelPage, comment_id: int) -> bool:
    return page.presenter.comment is not None and page.presenter.comment.id == comment_id


def show_main(window: MainWindow) -> None:
    """The most useful comments first, some labelled by key, then the one of the main picture."""
    page, assistant = label_page(window), window.context.assistant
    page.order.wanted.emit(Choice.USEFUL)
    until(lambda: bool(page.ranking.words))
    settle(1.0)
    for _ in range(CARDS):
        until(lambda: page.labels.accept.isEnabled(), 10.0)
        before = page.presenter.comment
        press(window, Qt.Key.Key_Return)
        until(lambda before=before: page.presenter.comment is not before)  # type: ignore[misc]
        settle(0.3)
    until(lambda: assistant.state is not None)
    show_reference(window)


def show_reference(window: MainWindow) -> None:
    """The comment of the main picture, with the suggestion for it."""
    page = label_page(window)
    shown = find(project_of(window), SHOWN)
    window.go_to("label", shown)
    until(lambda: _in_view(page, shown))
    settle(3.0)


def hide_suggestions(window: MainWindow) -> None:
    show_reference(window)
    press(window, Qt.Key.Key_H)


def end_assistant(window: MainWindow) -> None:
    """What is seen when the assistant has gone for good."""
    show_reference(window)
    window.context.assistant.close()
    window.context.assistant.standing = Standing.GONE
    window.context.assistant.changed.emit()
    for _ in range(12):  # to where nothing was asked ahead
        press(window, Qt.Key.Key_Left)


def show_long(window: MainWindow) -> None:
    page = label_page(window)
    project = project_of(window)
    ids = ids_of(project, CommentFilter())
    longest = max(project.comments.texts(ids), key=lambda each: len(each[1]))
    assert len(longest[1]) == LONG_TEXT_LENGTH
    window.go_to("label", longest[0])
    until(lambda: _in_view(page, longest[0]))


def _look_through(tab: Tab) -> Callable[[MainWindow], None]:
    def show(window: MainWindow) -> None:
        page = label_page(window)
        page.status.tabs.setCurrentIndex(list(Tab).index(tab))
        if page.review.reviewing is not None and page.review.reviewing.item is None:
            press(window, Qt.Key.Key_Return)
        until(lambda: page.review.reviewing is not None and page.review.reviewing.item is not None)

    return show


def leave_lists(window: MainWindow) -> None:
    """From the lists back to the queue, with suggestions."""
    page = label_page(window)
    page.status.tabs.setCurrentIndex(list(Tab).index(Tab.OPEN))
    if page.hide_suggestions.isChecked():
        press(window, Qt.Key.Key_H)


def as_it_is(_window: MainWindow) -> None:
    """Nothing is to be brought about."""


@dataclass(frozen=True, slots=True)
class State:
    """A picture of the labelling page: in which project, and what is done before and after it is taken."""

    project: str = "main"
    begin: Callable[[MainWindow], None] = as_it_is
    end: Callable[[MainWindow], None] = as_it_is


STATES = {
    "label": State(begin=show_main),
    "label_blind": State(begin=hide_suggestions, end=leave_lists),
    "label_mistakes": State(begin=_look_through(Tab.MISTAKES), end=leave_lists),
    "label_pairs": State(begin=_look_through(Tab.PAIRS), end=leave_lists),
    "label_long": State("long", show_long),
    "label_many": State("many"),
    "label_done": State("done"),
    "label_empty": State("empty"),
    "label_alone": State(begin=end_assistant),  # the last one: it does not come back
}


# ---- dialogs -----------------------------------------------------------------------------------------------


def _history(window: MainWindow) -> QWidget:
    page = label_page(window)
    page.past.open()
    dialog = page.past.dialog
    assert dialog is not None
    until(lambda: not dialog.is_reading)
    return dialog


def _progress(window: MainWindow) -> QWidget:
    page = label_page(window)
    page.progress.show_progress()
    assert page.progress.dialog is not None
    return page.progress.dialog


def _budget(window: MainWindow) -> QWidget:
    page = label_page(window)
    page.progress.show_budget()
    dialog = page.progress.budget_dialog
    assert dialog is not None
    if page.progress.budget.curve is None:
        page.progress.budget.start()
        until(lambda: page.progress.budget.curve is not None, 300.0)
    return dialog


def _agreement(window: MainWindow) -> QWidget:
    from senti_studio.ui.people.agreement_dialog import AgreementDialog

    menu = window.findChild(PeopleMenu)
    assert menu is not None
    menu.agreement()
    dialog = menu.dialog
    assert isinstance(dialog, AgreementDialog)
    until(lambda: dialog.report is not None)
    return dialog


DIALOGS: dict[str, Callable[[MainWindow], QWidget]] = {
    "history": _history,
    "progress": _progress,
    "budget": _budget,
    "agreement": _agreement,
}
"""Dialogs of the labelling page in the main project; each opens one and returns it."""
