"""The Labels dialog: every change is stored at once, can be taken back, and other windows see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.labels import Label
from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import MessageDialog
from senti_studio.ui.labels_dialog import LabelsDialog
from senti_studio.ui.pages.label.view import LabelPage
from senti_studio.ui.window import MainWindow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Project.create(tmp_path / "标签 管理.senti") as made:
        source_id = made.sources.begin(SourceDraft("评论.csv", "/评论.csv", ("评论",), 0))
        rows = [NewComment(n, f"第 {n} 条评论", (), (1, 2, 3, None)[n % 4]) for n in range(40)]
        made.sources.append(source_id, rows)
        made.sources.finish(source_id)
    return tmp_path / "标签 管理.senti"


@pytest.fixture
def dialog(context: UiContext, folder: Path, qtbot: QtBot) -> Iterator[LabelsDialog]:
    project = Project.open(folder)
    context.session.use(project)
    made = LabelsDialog(context, project)
    made.open()
    qtbot.waitUntil(lambda: len(made.rows) == 3)
    yield made
    made.close()


def names(dialog: LabelsDialog) -> list[str]:
    return [row.name.text() for row in dialog.rows if not row.isHidden()]


def stored(dialog: LabelsDialog) -> list[str]:
    return [label.name for label in dialog._project.labels.list()]


def test_typing_a_name_stores_it(dialog: LabelsDialog, qtbot: QtBot) -> None:
    row = dialog.rows[0]
    row.name.setFocus()
    row.name.selectAll()
    row.name.insert("好评")
    qtbot.keyClick(row.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stored(dialog) == ["好评", "中性", "负面"])
    assert dialog.isVisible(), "Return ends typing, not the dialog"
    qtbot.waitUntil(lambda: dialog.undo_button.isEnabled())
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: stored(dialog) == ["正面", "中性", "负面"])
    qtbot.waitUntil(lambda: names(dialog) == ["正面", "中性", "负面"])


def test_a_name_that_is_there_is_refused_in_a_sentence(dialog: LabelsDialog, qtbot: QtBot) -> None:
    row = dialog.rows[0]
    row.name.setText("负面")
    row.name.editingFinished.emit()
    qtbot.waitUntil(dialog.problem.isVisible)
    assert "负面" in dialog.problem.text()
    assert stored(dialog) == names(dialog) == ["正面", "中性", "负面"]


def test_add_remove_restore_and_toasts_that_undo(dialog: LabelsDialog, qtbot: QtBot) -> None:
    dialog.add_button.click()
    qtbot.waitUntil(lambda: len(names(dialog)) == 4)
    assert dialog._project.labels.list()[3].appearance == "purple"
    qtbot.waitUntil(lambda: dialog.rows[3].name.selectedText() != "")
    dialog.rows[1].fill_menu()
    dialog.rows[1].menu.actions()[-1].trigger()
    qtbot.waitUntil(lambda: len(stored(dialog)) == 3)
    qtbot.waitUntil(dialog.removed_button.isVisible)
    removed = dialog.toasts.shown[-1].text
    assert "10" in removed
    (again,) = dialog.removed_button.menu().actions()
    assert "中性" in again.text()
    again.trigger()
    qtbot.waitUntil(lambda: stored(dialog)[-1] == "中性")
    qtbot.waitUntil(lambda: dialog.toasts.shown[-1].text != removed)
    (shown,) = dialog.toasts.shown  # the newest alone: more would hide the labels
    shown.action_button.click()
    qtbot.waitUntil(lambda: len(stored(dialog)) == 3)


def test_merging_asks_and_is_taken_back(dialog: LabelsDialog, context: UiContext, qtbot: QtBot) -> None:
    dialog.rows[1].fill_menu()
    dialog.rows[1].merge_menu.actions()[0].trigger()
    (question,) = context.dialogs.window.findChildren(MessageDialog)
    assert "10" in question.findChildren(QLabel)[-1].text()
    question.buttons[0].click()
    qtbot.waitUntil(lambda: names(dialog) == ["正面", "负面"])
    assert dialog._project.comments.counts().by_label == {1: 20, 3: 10}
    dialog.undo()
    qtbot.waitUntil(lambda: names(dialog) == ["正面", "中性", "负面"])
    assert dialog._project.comments.counts().by_label == {1: 10, 2: 10, 3: 10}


def test_order_by_buttons_and_by_dragging(dialog: LabelsDialog, qtbot: QtBot) -> None:
    dialog.rows[0].down.click()
    qtbot.waitUntil(lambda: names(dialog) == ["中性", "正面", "负面"])
    assert not dialog.rows[0].up.isEnabled()
    assert not dialog.rows[2].down.isEnabled()
    grip, last = dialog.rows[0].grip, dialog.rows[2]
    below = grip.mapFromGlobal(last.mapToGlobal(QPoint(5, last.height() - 2)))
    qtbot.mousePress(grip, Qt.MouseButton.LeftButton)
    qtbot.mouseMove(grip, below)
    qtbot.mouseRelease(grip, Qt.MouseButton.LeftButton, pos=below)
    qtbot.waitUntil(lambda: stored(dialog) == ["正面", "负面", "中性"])


def test_a_look_is_chosen_and_what_others_do_is_seen(dialog: LabelsDialog, qtbot: QtBot) -> None:
    dialog.rows[0].look.menu().actions()[5].trigger()
    qtbot.waitUntil(lambda: dialog._project.labels.list()[0].appearance == "sky")
    with Project.open(dialog._project.folder) as other:
        other.labels.add(Label("9", "别人的", "brown"), annotator="小李").result()
    qtbot.waitUntil(lambda: names(dialog)[-1] == "别人的", timeout=8000)


def test_an_added_label_that_is_taken_back_was_never_removed(dialog: LabelsDialog, qtbot: QtBot) -> None:
    dialog.add()
    qtbot.waitUntil(lambda: len(names(dialog)) == 4 and dialog.undo_button.isEnabled())
    dialog.undo()
    qtbot.waitUntil(lambda: names(dialog) == ["正面", "中性", "负面"])
    assert dialog.removed_button.isHidden()
    assert dialog._project.labels.removed() == []
    dialog.remove(2)
    qtbot.waitUntil(lambda: names(dialog) == ["正面", "负面"])
    assert [label.name for label, _ in dialog._project.labels.removed()] == ["中性"]


def test_undo_goes_on_where_the_dialog_was_closed(
    dialog: LabelsDialog, qtbot: QtBot, context: UiContext
) -> None:
    project = dialog._project
    dialog.move_label(3, 0)
    qtbot.waitUntil(lambda: names(dialog) == ["负面", "正面", "中性"])
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.accept()
    again = LabelsDialog(context, project)
    again.open()
    qtbot.waitUntil(again.undo_button.isEnabled)
    again.undo_button.click()
    qtbot.waitUntil(lambda: names(again) == ["正面", "中性", "负面"])
    qtbot.waitUntil(lambda: not again.undo_button.isEnabled())
    project.annotations.flag([1], annotator=again._who).result()
    again.refresh()
    qtbot.wait(0)
    assert not again.undo_button.isEnabled(), "what was done elsewhere is undone there"
    again.close()


def test_undo_stops_where_something_else_was_done(dialog: LabelsDialog, qtbot: QtBot) -> None:
    dialog.move_label(3, 0)
    qtbot.waitUntil(lambda: stored(dialog)[0] == "负面")
    qtbot.waitUntil(lambda: dialog.undo_button.isEnabled())
    dialog._project.annotations.flag([1], annotator=dialog._who).result()
    dialog.undo()
    qtbot.waitUntil(lambda: not dialog.undo_button.isEnabled())
    assert stored(dialog)[0] == "负面"
    assert dialog._project.comments.get(1).flagged


def test_the_label_page_undoes_a_change_of_labels(
    folder: Path, open_project_window: Callable[[Path], MainWindow], qtbot: QtBot
) -> None:
    window = open_project_window(folder)
    window.go_to("label")
    page = window.pages["label"]
    assert isinstance(page, LabelPage)
    qtbot.waitUntil(lambda: len(page.labels.buttons) == 3)
    project = window.context.session.project
    assert project is not None
    project.labels.merge(2, 1, annotator=window.context.session.annotator).result()
    qtbot.waitUntil(lambda: len(page.labels.buttons) == 2, timeout=8000)
    window.context.actions.action("edit.undo").trigger()
    qtbot.waitUntil(lambda: len(page.labels.buttons) == 3, timeout=8000)
    assert window.context.toasts.shown
    window.context.actions.action("edit.labels").trigger()
    (dialog,) = window.findChildren(LabelsDialog)
    qtbot.waitUntil(lambda: len(dialog.rows) == 3)
    dialog.close()


@pytest.fixture
def many(context: UiContext, tmp_path: Path, qtbot: QtBot) -> Iterator[LabelsDialog]:
    """A project whose labels have so many annotations that their changes go piece by piece."""
    project = Project.create(tmp_path / "很多 标注.senti")
    source_id = project.sources.begin(SourceDraft("评论.csv", "/评论.csv", ("评论",), 0))
    rows = [NewComment(n, f"第 {n} 条评论", (), 1 + n % 3) for n in range(30_000)]
    project.sources.append(source_id, rows)
    project.sources.finish(source_id)
    context.session.use(project)
    made = LabelsDialog(context, project)
    made.open()
    qtbot.waitUntil(lambda: len(made.rows) == 3)
    yield made
    if shiboken6.isValid(made):
        made.close()


def test_a_long_merge_shows_how_far_it_is_and_can_be_stopped(many: LabelsDialog, qtbot: QtBot) -> None:
    many.merge(1, 3)
    qtbot.waitUntil(lambda: many.bar.isVisible() and many.bar.bar.value() > 0, timeout=20_000)
    assert not many.add_button.isEnabled()
    assert "正面" in many.bar.title.text()
    many.bar.cancel.click()
    qtbot.waitUntil(lambda: not many.bar.isVisible(), timeout=20_000)
    now = many._project.comments.counts().by_label
    assert 0 < now[1] < 10_000 < now[3]
    assert names(many) == ["正面", "中性", "负面"]
    qtbot.waitUntil(lambda: many.undo_button.isEnabled())
    many.undo()
    qtbot.waitUntil(
        lambda: many._project.comments.counts().by_label == {1: 10_000, 2: 10_000, 3: 10_000}, timeout=20_000
    )
    qtbot.waitUntil(lambda: not many.bar.isVisible() and not many.undo_button.isEnabled())


def test_a_long_removal_that_is_stopped_changes_nothing(many: LabelsDialog, qtbot: QtBot) -> None:
    many.remove(1)
    qtbot.waitUntil(many.bar.isVisible, timeout=20_000)
    many.bar.cancel.click()
    qtbot.waitUntil(lambda: not many.bar.isVisible(), timeout=20_000)
    qtbot.waitUntil(lambda: names(many) == ["正面", "中性", "负面"])
    assert many._project.comments.counts().by_label == {1: 10_000, 2: 10_000, 3: 10_000}
    assert not many.undo_button.isEnabled()


def test_a_change_goes_on_when_the_dialog_is_closed(
    many: LabelsDialog, qtbot: QtBot, context: UiContext
) -> None:
    project = many._project
    many.merge(1, 3)
    qtbot.waitUntil(many.bar.isVisible, timeout=20_000)
    with qtbot.waitSignal(many.destroyed):
        many.accept()
    qtbot.waitUntil(lambda: project.comments.counts().by_label == {2: 10_000, 3: 20_000}, timeout=20_000)
    qtbot.waitUntil(lambda: not context.session.is_saving, timeout=20_000)
