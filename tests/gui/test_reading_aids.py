"""Help for reading on the labelling page: underlined words, what was searched for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from label_pages import shown_label_page
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.label.text_marks import Stroke
from senti_studio.ui.pages.label.view import LabelPage

TEXTS = (
    "前台办入住很快，但是房间隔音实在太差，基本没怎么睡。",
    "味道不错，就是慢了点。",
    "隔音差，不会再来。",
    "الخدمة ممتازة 很快",
)
Opened = Callable[[Project], LabelPage]


def make_project(folder: Path, texts: tuple[str, ...] = TEXTS) -> Project:
    project = Project.create(folder / "酒店 评论.senti")
    source = project.sources.begin(
        SourceDraft(name="酒店.csv", path="/数据/酒店.csv", columns=("评论",), text_column=0)
    )
    project.sources.append(
        source, [NewComment(row=place + 1, text=text, values=(text,)) for place, text in enumerate(texts)]
    )
    project.sources.finish(source)
    return project


@pytest.fixture
def open_page(context: UiContext, qtbot: QtBot) -> Opened:
    def open_on(project: Project) -> LabelPage:
        page = shown_label_page(context, qtbot, project)
        qtbot.waitUntil(
            lambda: page.presenter.comment is not None and bool(page.comment.text.marks("lexicon"))
        )
        return page

    return open_on


def words(page: LabelPage, layer: str) -> list[tuple[str, Stroke]]:
    text = page.comment.text.toPlainText()
    return [(text[mark.start : mark.end], mark.stroke) for mark in page.comment.text.marks(layer)]


def test_words_are_underlined_and_can_be_switched_off(
    tmp_path: Path, open_page: Opened, context: UiContext, qtbot: QtBot
) -> None:
    page = open_page(make_project(tmp_path))
    assert words(page, "lexicon") == [
        ("很快", Stroke.SOLID),
        ("太差", Stroke.DASHED),
        ("基本没怎么", Stroke.DOTTED),
    ]
    assert page.comment.legend.isVisible()
    QTest.keyClick(page, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: page.comment.text.toPlainText() == TEXTS[1])
    assert words(page, "lexicon")[0] == ("味道不错", Stroke.SOLID), "the next comment at once"
    action = context.actions.action("view.underline")
    assert action.isChecked()
    action.trigger()
    assert not action.isChecked()
    assert words(page, "lexicon") == []
    assert not page.comment.legend.isVisible()
    QTest.keyClick(page, Qt.Key.Key_2)
    assert words(page, "lexicon") == []
    action.trigger()
    assert words(page, "lexicon") != []
    qtbot.waitUntil(lambda: page.presenter._saving.is_idle)


def test_a_narrow_window_has_no_legend_but_all_lines(tmp_path: Path, open_page: Opened) -> None:
    page = open_page(make_project(tmp_path))
    page.resize(980, 700)
    assert not page.comment.legend.isVisible()
    assert words(page, "lexicon")
    page.resize(1368, 836)
    assert page.comment.legend.isVisible()


def test_what_was_searched_for_has_a_ground(
    tmp_path: Path, open_page: Opened, context: UiContext, qtbot: QtBot
) -> None:
    page = open_page(make_project(tmp_path))
    page.setFocus()
    assert not isinstance(QApplication.focusWidget(), QLineEdit)
    QTest.keyClick(page, Qt.Key.Key_Slash)
    assert page.search.hasFocus()
    page.search.insert("隔音")
    QTest.keyClick(page.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: words(page, "search") == [("隔音", Stroke.GROUND)])
    assert page.hasFocus(), "keys label again"
    qtbot.waitUntil(lambda: not page.presenter.feed.is_filling)
    QTest.keyClick(page, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: page.comment.text.toPlainText() == TEXTS[2])
    assert words(page, "search") == [("隔音", Stroke.GROUND)]
    page.search.begin()
    QTest.keyClick(page.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: words(page, "search") == [])
    assert page.hasFocus()
    qtbot.waitUntil(lambda: page.presenter._saving.is_idle)


def test_words_of_the_project_are_changed_and_taken_back(
    tmp_path: Path, open_page: Opened, context: UiContext, qtbot: QtBot
) -> None:
    project = make_project(tmp_path)
    page = open_page(project)
    context.actions.action("view.words").trigger()
    qtbot.waitUntil(lambda: page.reading.dialog is not None)
    dialog = page.reading.dialog
    assert dialog is not None
    dialog.search.setText("很快")

    def choose() -> None:
        found = [dialog.words.item(place) for place in range(dialog.words.count())]
        next(item for item in found if item.data(Qt.ItemDataRole.UserRole) == "很快").setSelected(True)

    choose()
    dialog.leave_out.click()
    assert dialog.changes.removed == {"很快"}
    assert not dialog.leave_out.isEnabled()
    dialog.undo()
    assert dialog.changes.is_empty
    choose()
    dialog.leave_out.click()
    choose()
    dialog.put_back.click()
    assert dialog.changes.is_empty
    choose()
    dialog.leave_out.click()
    dialog.search.clear()
    dialog.classes.setCurrentRow(1)
    dialog.field.setText("前台 太差 办入住 " + "长" * 21)
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.isVisible(), "Return adds, it does not close"
    assert set(dialog.changes.added) == {"前台", "办入住"}, "太差 stands there already"
    assert "20" in dialog.told.text()
    dialog.save.click()
    changed = [
        ("前台", Stroke.DASHED),
        ("办入住", Stroke.DASHED),
        ("太差", Stroke.DASHED),
        ("基本没怎么", Stroke.DOTTED),
    ]
    qtbot.waitUntil(lambda: words(page, "lexicon") == changed)
    assert project.settings.get("lexicon")["removed"] == ["很快"]
    qtbot.waitUntil(lambda: bool(context.toasts.shown))
    context.toasts.shown[-1].action_button.click()
    qtbot.waitUntil(lambda: ("很快", Stroke.SOLID) in words(page, "lexicon"))


def test_a_selected_word_is_underlined_from_the_menu_of_the_comment(
    tmp_path: Path, open_page: Opened, context: UiContext, qtbot: QtBot
) -> None:
    page = open_page(make_project(tmp_path))
    text = page.comment.text
    cursor = text.textCursor()
    cursor.setPosition(2)
    cursor.setPosition(5, QTextCursor.MoveMode.KeepAnchor)
    text.setTextCursor(cursor)
    where = text.viewport().rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, where, text.viewport().mapToGlobal(where))
    QApplication.sendEvent(text.viewport(), event)
    menu = text.findChild(QMenu)
    assert menu is not None
    offered = menu.findChild(QMenu)
    assert offered is not None
    assert "办入住" in offered.title()
    offered.actions()[0].trigger()
    menu.close()
    qtbot.waitUntil(lambda: ("办入住", Stroke.SOLID) in words(page, "lexicon"))
