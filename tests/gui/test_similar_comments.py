"""Similar comments on the labelling page: near-copies, neighbours, the popup, labelling them together."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from label_pages import shown_label_page
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from test_reading_aids import make_project

from senti_studio.domain.similarity import resemblance
from senti_studio.storage.project import Project
from senti_studio.ui import assistant
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.label.similar_card import ROW
from senti_studio.ui.pages.label.similar_dialog import TogetherDialog
from senti_studio.ui.pages.label.view import LabelPage

TEXTS = (
    "隔音太差了，半夜走廊一直有声音。",
    "隔音太差了，半夜走廊一直有声音！！",
    "隔音真的太差了，半夜走廊一直有声音。",
    "房间隔音太差，半夜走廊有声音。",
    "味道不错，就是慢了点。",
    "屏幕偏黄",
)
Opened = Callable[[Project], LabelPage]


def make_grouped(folder: Path) -> Project:
    """The first four are near-copies of each other, the third has a label."""
    project = make_project(folder, TEXTS)
    ids = [each for part in project.comments.ids() for each in part]
    project.near_groups.write([(each, ids[0]) for each in ids[:4]], ids[0], ids[-1])
    project.annotations.label([ids[2]], project.labels.list()[2].id, annotator="甲").result()
    return project


@pytest.fixture
def open_page(context: UiContext, qtbot: QtBot) -> Opened:
    def open_on(project: Project) -> LabelPage:
        return shown_label_page(context, qtbot, project)

    return open_on


def shown(page: LabelPage) -> list[str]:
    return [each.row.text for each in page.similar.shown]


def test_resemblance() -> None:
    assert resemblance(TEXTS[0], TEXTS[0] + " ") == pytest.approx(1)
    assert 0.8 < resemblance(TEXTS[0], TEXTS[1]) < 1
    assert resemblance(TEXTS[0], TEXTS[3]) < resemblance(TEXTS[0], TEXTS[2])
    assert resemblance(TEXTS[0], TEXTS[5]) == 0
    assert resemblance("好", " 好") == 1
    assert resemblance("好", "差") == 0
    assert resemblance("", "") == 1


def test_near_copies_come_after_the_comment_and_move_nothing(
    tmp_path: Path, open_page: Opened, context: UiContext, qtbot: QtBot
) -> None:
    page = open_page(make_grouped(tmp_path))
    places = [page.comment.text_area(), page.similar.geometry(), page.columns.geometry()]
    qtbot.waitUntil(lambda: len(shown(page)) == 3)
    assert shown(page) == [TEXTS[1], TEXTS[2], TEXTS[3]], "the most similar first"
    labels = [label.name if label else None for _, label in page.similar.rows.rows]
    assert labels == [None, "负面", None]
    for _ in range(3):
        QTest.keyClick(page, Qt.Key.Key_Right)
    assert page.comment.text.toPlainText() == TEXTS[4]
    assert shown(page) == [], "what belongs to another comment is gone at once"
    qtbot.waitUntil(lambda: page.similar.rows.accessibleName() == "没有找到相似的评论。")
    assert not page.similar.together.isVisible()
    assert [page.comment.text_area(), page.similar.geometry(), page.columns.geometry()] == places


def test_rows_show_what_was_labelled_beside_the_page(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_grouped(tmp_path)
    page = open_page(project)
    qtbot.waitUntil(lambda: len(shown(page)) == 3)
    rows = [each.row for each in page.similar.shown]
    original = next(row for row in rows if row.label_id is not None)
    copy = next(row for row in rows if row.label_id is None)
    assert original.label_id is not None
    who = page.context.session.annotator
    project.annotations.label([original.id], original.label_id, annotator=who).result(10)
    page.copies._give(project, {copy.id: original.id}, original.label_id)  # as if it said the very same

    def label_now() -> int | None:
        return next(each.row.label_id for each in page.similar.shown if each.row.id == copy.id)

    qtbot.waitUntil(lambda: label_now() == original.label_id, timeout=10_000)
    page.presenter.undo()
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.comment.id == copy.id)


def test_the_test_set_is_not_shown(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_grouped(tmp_path)
    ids = [each for part in project.comments.ids() for each in part]
    project.test_sets.draw([ids[1]])
    page = open_page(project)
    qtbot.waitUntil(lambda: shown(page) == [TEXTS[2], TEXTS[3]])


def test_who_labels_independently_sees_no_labels_of_others(
    tmp_path: Path, open_page: Opened, context: UiContext, qtbot: QtBot
) -> None:
    page = open_page(make_grouped(tmp_path))
    qtbot.waitUntil(lambda: len(shown(page)) == 3)
    context.actions.action("label.independent").trigger()
    qtbot.waitUntil(lambda: [label for _, label in page.similar.rows.rows] == [None] * 3)
    page.resembling.show_whole(3)
    qtbot.waitUntil(lambda: page.resembling.popup is not None and page.resembling.popup.isVisible())
    assert page.resembling.popup is not None
    assert page.resembling.popup.chip.accessibleName() == "未标注"
    page.similar.together.click()
    assert page.resembling.dialog is not None
    assert len(page.resembling.dialog.ticked) == 3
    page.resembling.dialog.reject()


def test_a_click_shows_the_whole_text_and_the_keys_stay(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    page = open_page(make_grouped(tmp_path))
    qtbot.waitUntil(lambda: len(shown(page)) == 3)
    page.setFocus()
    QTest.mouseClick(page.similar.rows, Qt.MouseButton.LeftButton, pos=QPoint(30, ROW + 10))
    qtbot.waitUntil(lambda: page.resembling.popup is not None and page.resembling.popup.isVisible())
    popup = page.resembling.popup
    assert popup is not None
    assert popup.text.toPlainText() == TEXTS[2]
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    page.similar.rows.setFocus()
    QTest.keyClick(page.similar.rows, Qt.Key.Key_Down)
    QTest.keyClick(page.similar.rows, Qt.Key.Key_Return)
    qtbot.waitUntil(popup.isVisible)
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Right)
    assert not popup.isVisible(), "the next comment closes it"


def test_ticked_ones_are_labelled_in_one_action(
    tmp_path: Path, open_page: Opened, context: UiContext, qtbot: QtBot
) -> None:
    project = make_grouped(tmp_path)
    page = open_page(project)
    ids = [each for part in project.comments.ids() for each in part]
    good, _, bad = (label.id for label in project.labels.list())

    def labels() -> list[int | None]:
        return [row.label_id for row in project.comments.rows(ids)]

    qtbot.waitUntil(lambda: len(shown(page)) == 3)
    page.similar.together.click()
    dialog = page.resembling.dialog
    assert dialog is not None
    assert dialog.ticked == [ids[1], ids[3]], "those without a label"
    far = [dataclasses.replace(row.similar, similarity=0.1) for row in dialog.rows]
    hardly = TogetherDialog(context, far, page.presenter.labels, dialog._keys, page)
    assert hardly.ticked == [], "what hardly resembles it is ticked by hand only"
    assert hardly.told.text() == "勾选要标成同一标签的评论，再按标签的键。"
    hardly.deleteLater()
    assert not dialog.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    QTest.keyClick(dialog, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: labels() == [None, good, bad, good, None, None])
    qtbot.waitUntil(lambda: page.resembling.dialog is None and bool(context.toasts.shown))
    qtbot.waitUntil(lambda: [label is not None for _, label in page.similar.rows.rows] == [True] * 3)
    assert page.presenter.comment is not None
    assert page.presenter.comment.id == ids[0], "the comment in view stays"
    QTest.keyClick(page, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: page.comment.text.toPlainText() != TEXTS[0])
    assert page.comment.text.toPlainText() == TEXTS[4], "what was labelled does not come up again"
    qtbot.waitUntil(lambda: page.presenter._saving.is_idle)
    page.presenter.undo()
    qtbot.waitUntil(lambda: labels()[0] is None)
    page.presenter.undo()
    qtbot.waitUntil(lambda: labels() == [None, None, bad, None, None, None])
    assert QApplication.activeModalWidget() is None


def test_the_assistant_finds_neighbours(
    tmp_path: Path, open_page: Opened, context: UiContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant, "START_AFTER_MS", 0)
    project = make_project(
        tmp_path, (*TEXTS, *(f"粥很稠，小菜也新鲜，第{number}次来" for number in range(20)))
    )
    page = open_page(project)
    assert shown(page) == [], "no near-copies are known"
    qtbot.waitUntil(lambda: page.similar.rows.accessibleName() == "正在查找…")
    qtbot.waitUntil(lambda: context.assistant.state is not None, timeout=60_000)
    qtbot.waitUntil(lambda: len(shown(page)) >= 3, timeout=20_000)
    assert shown(page)[:3] == [TEXTS[1], TEXTS[2], TEXTS[3]]
    assert all(each.similarity > 0.05 for each in page.similar.shown)
