"""The guidelines on the labelling page: card, key, drawer, editor, versions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from label_pages import shown_label_page
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from test_reading_aids import make_project

from senti_studio.domain.guidelines import Guidelines
from senti_studio.operations.guidelines import guidelines_of, store_guidelines
from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import MessageDialog
from senti_studio.ui.pages.label.view import LabelPage
from senti_studio.ui.widgets.toast import Toast

TEXT = """拿不准按 0 跳过。

## 正面
整体满意
- 粥很稠，小菜也新鲜。

## 负面
**主要**不满影响体验
- 等太久，菜都凉了。
"""
Opened = Callable[[Project], LabelPage]


@pytest.fixture
def open_page(context: UiContext, qtbot: QtBot) -> Opened:
    def open_on(project: Project) -> LabelPage:
        return shown_label_page(context, qtbot, project)

    return open_on


def shown(page: LabelPage) -> list[str]:
    return [row.text for row in page.guide.rows.examples]


def test_the_card_shows_folds_and_remembers(
    tmp_path: Path, open_page: Opened, context: UiContext, qtbot: QtBot
) -> None:
    project = make_project(tmp_path)
    page = open_page(project)
    assert not page.guide.is_open, "nothing is written: the header alone"
    assert page.guide.isVisible()
    assert page.shares.isVisible()
    store_guidelines(project, Guidelines().changed(TEXT, at=1, by="甲")).result()
    page.guiding.refresh()
    qtbot.waitUntil(lambda: shown(page) == ["粥很稠，小菜也新鲜。", "等太久，菜都凉了。"])
    assert page.guide.is_open
    place = page.comment.text_area(), [each.geometry() for each in page.labels.buttons]
    QTest.keyClick(page, Qt.Key.Key_G)
    assert not page.guide.is_open
    assert page.guide.height() < 60
    assert (page.comment.text_area(), [each.geometry() for each in page.labels.buttons]) == place
    QTest.keyClick(page, Qt.Key.Key_G)
    assert page.guide.is_open
    assert page.hasFocus() or not isinstance(QApplication.focusWidget(), QLineEdit)
    QTest.keyClick(page, Qt.Key.Key_G)
    again = LabelPage(context)
    qtbot.addWidget(again)
    again.set_up(project)
    qtbot.waitUntil(lambda: bool(shown(again)))
    assert not again.guide.is_open, "the fold is remembered"


def test_without_room_the_key_opens_a_drawer(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_project(tmp_path)
    store_guidelines(project, Guidelines().changed(TEXT, at=1, by="甲")).result()
    page = open_page(project)
    qtbot.waitUntil(lambda: bool(shown(page)))
    page.resize(900, 560)
    assert page.guide.isHidden() or page.guide.is_folded
    assert page.guide.is_open, "what the user wants is remembered"
    QTest.keyClick(page, Qt.Key.Key_G)
    drawer = page.guiding.drawer
    assert drawer is not None
    assert drawer.isVisible()
    assert page.rect().contains(drawer.geometry())
    labels = QRect(page.labels.mapTo(page, QPoint(0, 0)), page.labels.size())
    assert not drawer.geometry().intersects(labels)
    assert drawer.y() >= page.comment.mapTo(page, page.comment.rect().center()).y() - 1
    assert [row.text for row in drawer.rows.examples] == shown(page)
    QTest.keyClick(page, Qt.Key.Key_1)
    assert page.comment.text.toPlainText() != "", "keys go on labelling"
    QTest.keyClick(page, Qt.Key.Key_G)
    assert page.guiding.drawer is None
    page.resize(1368, 836)
    assert page.guide.isVisible()
    assert not page.guide.is_folded
    qtbot.waitUntil(lambda: page.presenter._saving.is_idle)


def test_editing_saving_taking_back(
    tmp_path: Path, open_page: Opened, context: UiContext, qtbot: QtBot
) -> None:
    project = make_project(tmp_path)
    page = open_page(project)
    page.guide.edit.click()
    qtbot.waitUntil(lambda: page.guiding.editor is not None)
    editor = page.guiding.editor
    assert editor is not None
    assert "## 正面" in editor.text, "begins with a section for every label"
    editor.field.setPlainText(TEXT + "<img src='http://example.invalid/x.png'> ![图](file:///etc/passwd)")
    qtbot.waitUntil(lambda: "整体满意" in editor.preview.toPlainText())
    assert "主要不满" in editor.preview.toPlainText(), "bold marks are not shown as such"
    path = tmp_path / "指南 副本.md"
    editor.write_file(path)
    qtbot.waitUntil(path.exists)
    editor.save.click()
    qtbot.waitUntil(lambda: guidelines_of(project).now.text == editor_text(path))
    qtbot.waitUntil(lambda: page.guide.is_open and page.guiding.editor is None)
    page.guide.edit.click()
    qtbot.waitUntil(lambda: page.guiding.editor is not None)
    editor = page.guiding.editor
    assert editor is not None
    editor.field.setPlainText("第二版")
    editor.save.click()
    qtbot.waitUntil(lambda: guidelines_of(project).now.text == "第二版")
    qtbot.waitUntil(lambda: len(saved_toasts(context)) == 2)
    saved_toasts(context)[-1].action_button.click()
    qtbot.waitUntil(lambda: guidelines_of(project).now.text == editor_text(path))
    assert guidelines_of(project).earlier[0].text == "第二版"
    qtbot.waitUntil(lambda: page.guiding.editor is None)
    page.guide.edit.click()
    qtbot.waitUntil(lambda: page.guiding.editor is not None)
    editor = page.guiding.editor
    assert editor is not None
    first = editor.versions.actions()[0]
    assert "第二版" in first.text()
    first.trigger()
    assert editor.text == "第二版"
    editor.read_file(path)
    qtbot.waitUntil(lambda: editor.text == editor_text(path))
    editor.field.setPlainText("没有保存")
    editor.reject()
    assert editor.isVisible(), "asks first"
    question = context.dialogs.window.findChildren(MessageDialog)[-1]
    question.buttons[1].click()
    qtbot.waitUntil(lambda: page.guiding.editor is None)
    assert guidelines_of(project).now.text == editor_text(path)


def saved_toasts(context: UiContext) -> list[Toast]:
    return [toast for toast in context.toasts.shown if toast.action_button.text()]


def editor_text(path: Path) -> str:
    return path.read_text("utf-8")
