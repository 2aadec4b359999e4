"""What a slow, a failing or a changed project does to decisions: the last word counts, nothing is decided
unseen."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from test_label_notes import page, project_of, slow_disk, wait_saved
from test_label_page import labels_of, press

from senti_studio.domain.labels import Label
from senti_studio.storage.project import Project
from senti_studio.ui.pages.label.view import LabelPage

__all__ = ["page"]

Key = Qt.Key


def look(qtbot: QtBot) -> None:
    """As long as somebody needs to look at the screen."""
    begun = time.monotonic()
    qtbot.waitUntil(lambda: time.monotonic() - begun > 0.25)


def given(page: LabelPage) -> dict[int, int]:
    return {each: label for each, label in labels_of(project_of(page)).items() if label is not None}


def test_keys_do_nothing_to_a_comment_that_was_not_seen(page: LabelPage, qtbot: QtBot) -> None:
    with slow_disk(page):
        press(page, Key.Key_1)
        press(page, Key.Key_2)  # typed in one go
        look(qtbot)
        for key in (Key.Key_3, Key.Key_F, Key.Key_Space, Key.Key_Return):
            page.hint.setText("")
            press(page, key)
            assert "保存" in page.hint.text(), key
        page.labels.buttons[2].click()
    wait_saved(page, qtbot)
    labels = [label.id for label in project_of(page).labels.list()]
    assert given(page) == {1: labels[0], 2: labels[1]}
    third = project_of(page).comments.get(3)
    assert (third.flagged, third.skipped) == (False, False)
    press(page, Key.Key_3)
    wait_saved(page, qtbot)
    assert given(page)[3] == labels[2]


def test_a_comment_in_sight_may_be_decided_while_its_flag_is_written(page: LabelPage, qtbot: QtBot) -> None:
    with slow_disk(page):
        press(page, Key.Key_F)
        look(qtbot)
        press(page, Key.Key_2)
    wait_saved(page, qtbot)
    assert project_of(page).comments.get(1).flagged
    assert list(given(page)) == [1]


def refuse(page: LabelPage, table: str, condition: str) -> Callable[[], None]:
    """The project takes no such row until the answer is called."""

    def run(statement: str) -> None:
        with closing(sqlite3.connect(project_of(page).database_path)) as other:
            other.execute(statement)
            other.commit()

    raising = "BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
    run(f"CREATE TRIGGER full BEFORE INSERT ON {table} WHEN {condition} {raising}")
    return lambda: run("DROP TRIGGER full")


def test_a_label_that_failed_never_replaces_a_later_one(page: LabelPage, qtbot: QtBot) -> None:
    labels = [label.id for label in project_of(page).labels.list()]
    repair = refuse(page, "annotations", f"NEW.label_id = {labels[0]}")
    press(page, Key.Key_1)
    press(page, Key.Key_Left)
    press(page, Key.Key_3)
    press(page, Key.Key_1)
    qtbot.waitUntil(lambda: page.presenter.failure is not None and page.presenter._saving.is_idle)
    assert page.presenter.failure is not None
    assert [each.comment_id for each in page.presenter.failure.waiting] == [2], "the first was replaced"
    repair()
    page.presenter.retry()
    qtbot.waitUntil(lambda: page.presenter.failure is None)
    assert given(page) == {1: labels[2], 2: labels[0]}
    assert page.presenter.comment is not None
    assert page.presenter.comment.id == 3


def test_a_flag_that_failed_never_replaces_a_later_one(page: LabelPage, qtbot: QtBot) -> None:
    repair = refuse(page, "journal", "NEW.field LIKE 'flag%' AND NEW.new = 1")
    press(page, Key.Key_F)
    press(page, Key.Key_F)
    qtbot.waitUntil(lambda: page.presenter._saving.is_idle)
    repair()
    page.presenter.retry()
    wait_saved(page, qtbot)
    assert not project_of(page).comments.get(1).flagged


def test_another_try_that_is_refused_blocks_nothing(page: LabelPage, qtbot: QtBot) -> None:
    first = project_of(page).labels.list()[0]
    repair = refuse(page, "annotations", "1")
    press(page, Key.Key_1)
    qtbot.waitUntil(lambda: page.presenter.failure is not None and page.presenter._saving.is_idle)
    repair()
    with Project.open(project_of(page).folder) as other:
        other.labels.remove(first.id, annotator="李雷").result(10)
    page.presenter.retry()
    dialogs = page.context.dialogs
    qtbot.waitUntil(lambda: bool(dialogs.open_errors), timeout=10_000)
    for dialog in dialogs.open_errors:
        dialog.close()
    wait_saved(page, qtbot)
    assert not page.strip.retry.isVisible()
    assert page.presenter.comment is not None
    assert page.presenter.comment.id == 1, "it is asked for once more"
    press(page, Key.Key_1)
    wait_saved(page, qtbot)
    assert given(page) == {1: project_of(page).labels.list()[0].id}


def test_first_letters_end_when_the_labels_change(page: LabelPage, qtbot: QtBot) -> None:
    project = project_of(page)
    gone, _, kept = project.labels.list()  # 正面, 中性, 负面
    project.labels.add(Label(key="4", name="中立"), annotator="我").result(10)
    page.context.session.look_now()
    qtbot.waitUntil(lambda: len(page.labels.buttons) == 4)
    QTest.keyClick(page, Key.Key_Z, Qt.KeyboardModifier.ShiftModifier)
    assert page.spelling.is_open
    with Project.open(project.folder) as other:
        other.labels.remove(gone.id, annotator="李雷").result(10)
    page.context.session.look_now()
    qtbot.waitUntil(lambda: len(page.labels.buttons) == 3)
    assert page.spelling.typed == "", "what was typed was meant for other labels"
    QTest.keyClick(page, Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    wait_saved(page, qtbot)
    assert given(page) == {1: kept.id}
