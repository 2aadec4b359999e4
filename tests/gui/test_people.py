"""Several people in the window: names, independent labelling, agreement, decisions, shares, merging."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from gui_support import close_window
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.merging import Side
from senti_studio.storage.project import Project
from senti_studio.ui.app import AppParts, open_window
from senti_studio.ui.dialogs import MessageDialog
from senti_studio.ui.pages.label.view import LabelPage
from senti_studio.ui.people.agreement_dialog import AgreementDialog
from senti_studio.ui.people.annotator_chip import NameDialog
from senti_studio.ui.people.deciding_dialog import DecidingDialog
from senti_studio.ui.people.merge_dialog import MergeDialog
from senti_studio.ui.people.share_dialog import ShareDialog
from senti_studio.ui.widgets.empty_state import EmptyState
from senti_studio.ui.window import MainWindow

ZHANG, LI = "张三", "李四"
OpenOn = Callable[[Path], MainWindow]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """8 comments; 张三 has labelled the first four, 李四 two of them otherwise, 1 and 3."""
    folder = tmp_path / "门店 评论.senti"
    with Project.create(folder) as project:
        source_id = project.sources.begin(
            SourceDraft("评论.csv", "/数据/评论.csv", ("评论",), 0, sha256="a" * 64)
        )
        rows = [NewComment(n, f"第{n}次来，味道如何", (f"第{n}次来，味道如何",)) for n in range(1, 9)]
        project.sources.append(source_id, rows)
        project.sources.finish(source_id)
        for comment_id, label_id in {1: 1, 2: 2, 3: 1, 4: 3}.items():
            project.annotations.label([comment_id], label_id, annotator=ZHANG).result(10)
        for comment_id, label_id in {1: 3, 2: 2, 3: 2}.items():
            project.annotations.label([comment_id], label_id, annotator=LI).result(10)
    return folder


def label_page(window: MainWindow, qtbot: QtBot) -> LabelPage:
    window.go_to("label")
    page = window.pages["label"]
    assert isinstance(page, LabelPage)
    qtbot.waitUntil(lambda: not page.presenter.feed.is_filling and page.presenter.counts is not None)
    return page


def queue(page: LabelPage) -> list[int]:
    return list(page.presenter.feed.queue.ids)


def said(folder: Path) -> dict[tuple[int, str], int | None]:
    with Project.open(folder) as project:
        return {
            (comment_id, each.annotator): each.label_id
            for comment_id in range(1, 9)
            for each in project.people.sayings(comment_id)
        }


def test_two_windows_label_under_two_names(
    folder: Path, open_project_window: OpenOn, parts: AppParts, qtbot: QtBot
) -> None:
    first = open_project_window(folder)
    second = open_project_window(folder)
    first.status.annotator.choose("王五")
    second.status.annotator.choose(LI)
    assert first.context.session.annotator == "王五"
    assert "李四" in second.status.annotator.text()
    for window in (first, second):
        page = label_page(window, qtbot)
        qtbot.waitUntil(lambda page=page: page.presenter.comment is not None)
        comment = page.presenter.comment
        assert comment is not None
        qtbot.keyClick(page, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: {name for place, name in said(folder) if place in (5, 6)} == {"王五", LI})
    later = open_window(parts)
    assert later.context.session.annotator == LI  # the name chosen last
    close_window(later)


def test_a_new_name_is_asked_for_and_offered_later(
    folder: Path, open_project_window: OpenOn, qtbot: QtBot
) -> None:
    window = open_project_window(folder)
    chip = window.status.annotator
    qtbot.waitUntil(lambda: bool(chip._names))
    chip.ask()
    dialog = window.findChild(NameDialog)
    assert dialog is not None
    assert not dialog.done_button.isEnabled()
    dialog.field.insert("  赵六 ")
    dialog.done_button.click()
    assert window.context.session.annotator == "赵六"
    chip.choices.aboutToShow.emit()
    offered = [action.text() for action in chip.choices.actions() if action.isCheckable()]
    assert {"赵六", ZHANG, LI} <= set(offered)
    with Project.open(folder) as project:  # a copy is merged, comments are handed out
        project.annotations.label([7], 1, annotator="周八").result(10)
        project.people.add_share("吴九", [5])
    chip.choices.popup(chip.mapToGlobal(chip.rect().topLeft()))
    qtbot.waitUntil(lambda: {"周八", "吴九"} <= {each.text() for each in chip.choices.actions()})
    chip.choices.close()


def test_the_copy_of_a_person_is_labelled_under_this_name(
    folder: Path, open_project_window: OpenOn, qtbot: QtBot
) -> None:
    with Project.open(folder) as project:
        project.note_origin(of="b" * 32, person="孙七")
    window = open_project_window(folder)
    assert window.context.session.annotator == "孙七"
    assert "孙七" in window.status.annotator.text()
    page = label_page(window, qtbot)
    qtbot.keyClick(page, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: (5, "孙七") in said(folder))


def test_independent_labelling_shows_nobody_elses_labels(
    folder: Path, open_project_window: OpenOn, qtbot: QtBot
) -> None:
    window = open_project_window(folder)
    window.status.annotator.choose(LI)
    page = label_page(window, qtbot)
    assert queue(page) == [5, 6, 7, 8]
    action = window.context.actions.action("label.independent")
    action.trigger()
    qtbot.waitUntil(lambda: queue(page) == [4, 5, 6, 7, 8])
    assert action.isChecked()
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.comment.id == 4)
    assert page.presenter.comment is not None
    assert page.presenter.comment.label_id is None  # 张三 has said 3
    assert not any(button.is_current for button in page.labels.buttons)
    qtbot.waitUntil(lambda: page.presenter.counts is not None and page.presenter.counts.labelled == 3)
    qtbot.keyClick(page, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: said(folder).get((4, LI)) == 1)
    assert said(folder)[4, ZHANG] == 3
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.comment.id == 5)
    page.status.tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: queue(page) == [1, 2, 3, 4])
    page.presenter.feed.jump(1)
    assert page.presenter.comment.label_id == 3
    page.presenter.feed.jump(4)
    assert page.presenter.comment.label_id == 1
    window.status.annotator.choose(ZHANG)  # who does not label independently
    assert not action.isChecked()
    qtbot.waitUntil(lambda: page.presenter.feed.view.own == "" and len(queue(page)) == 4)
    window.status.annotator.choose(LI)
    assert action.isChecked()


def test_a_share_is_a_queue_of_its_own(folder: Path, open_project_window: OpenOn, qtbot: QtBot) -> None:
    with Project.open(folder) as project:
        share = project.people.add_share(LI, [2, 4, 6, 8])
    window = open_project_window(folder)
    window.status.annotator.choose(LI)
    page = label_page(window, qtbot)
    window.context.actions.action("label.independent").trigger()
    menu = page.filter.menu()
    menu.aboutToShow.emit()
    (entry,) = [action for action in menu.actions() if action.text().startswith("李四：")]
    entry.trigger()
    qtbot.waitUntil(lambda: queue(page) == [4, 6, 8])
    assert page.presenter.feed.view.share_ids == {share}
    qtbot.waitUntil(lambda: page.presenter.counts is not None and page.presenter.counts.total == 4)
    assert page.presenter.counts is not None
    assert page.presenter.counts.labelled == 1


def test_agreement_is_shown_and_leads_to_the_decisions(
    folder: Path, open_project_window: OpenOn, qtbot: QtBot
) -> None:
    window = open_project_window(folder)
    window.context.actions.action("label.agreement").trigger()
    dialog = window.lifecycle.people.dialog
    assert isinstance(dialog, AgreementDialog)
    with qtbot.waitSignal(dialog.shown, timeout=20_000):
        pass
    assert dialog.report is not None
    assert (dialog.report.comments, dialog.report.disputed) == (3, 2)
    assert dialog.first.currentText() != dialog.second.currentText()
    dialog.first.setCurrentText(LI)
    dialog.second.setCurrentText(ZHANG)
    dialog.first.activated.emit(0)
    assert dialog.matrix.describe_cell((2, 0)) == "李四 说负面，张三 说正面：1 条"
    assert "33.3%" in dialog.pair_words.text()
    dialog.decide.click()
    deciding = window.lifecycle.people.dialog
    assert isinstance(deciding, DecidingDialog)
    qtbot.waitUntil(lambda: deciding.deciding.current is not None)
    deciding.reject()


def test_who_has_little_in_common_is_left_out_of_the_agreement_until_ticked(
    folder: Path, open_project_window: OpenOn, qtbot: QtBot
) -> None:
    with Project.open(folder) as project:
        project.annotations.label([8], 3, annotator="王五").result(10)
    window = open_project_window(folder)
    window.context.actions.action("label.agreement").trigger()
    dialog = window.lifecycle.people.dialog
    assert isinstance(dialog, AgreementDialog)
    with qtbot.waitSignal(dialog.shown, timeout=20_000):
        pass
    assert dialog.choice is not None
    assert dialog.choice.isVisible()
    assert dialog.choice.chosen == [ZHANG, LI]
    assert dialog.report is not None
    assert (dialog.report.whole, len(dialog.report.people)) == (3, 2)
    with qtbot.waitSignal(dialog.shown, timeout=20_000):
        dialog.choice.ticks["王五"].click()
    assert (dialog.report.whole, len(dialog.report.people)) == (0, 3)
    dialog.choice.ticks["王五"].click()
    dialog.choice.ticks[LI].click()
    qtbot.waitUntil(lambda: dialog.findChild(EmptyState) is not None)
    dialog.close()


def test_one_digit_decides_and_can_be_taken_back(
    folder: Path, open_project_window: OpenOn, qtbot: QtBot
) -> None:
    window = open_project_window(folder)
    window.status.annotator.choose("王五")
    window.context.actions.action("label.adjudicate").trigger()
    dialog = window.lifecycle.people.dialog
    assert isinstance(dialog, DecidingDialog)
    deciding = dialog.deciding
    qtbot.waitUntil(lambda: deciding.current is not None)
    assert deciding.ids == [1, 3]
    assert "张三: 正面" in dialog.sayings.text
    assert "李四: 负面" in dialog.sayings.text
    assert not dialog.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    qtbot.keyClick(dialog, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: said(folder).get((1, "王五")) == 3)
    qtbot.waitUntil(lambda: deciding.current is not None and deciding.current.comment.id == 3)
    qtbot.keyClick(dialog, Qt.Key.Key_0)
    assert deciding.is_over
    assert dialog.nothing.isVisible()
    assert deciding.left == 1
    qtbot.keyClick(dialog, Qt.Key.Key_Left)
    qtbot.keyClick(dialog, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: deciding.current is not None and deciding.current.decided is not None)
    assert [button.is_current for button in dialog.buttons] == [False, False, True]
    with Project.open(folder) as project:
        assert project.comments.disputed_count() == 1
        assert project.comments.get(1).label_id == 3
    qtbot.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: (1, "王五") not in said(folder))
    qtbot.waitUntil(lambda: not deciding.decided)
    # Closed at once: what was decided is written all the same, and nobody is told of an error.
    qtbot.waitUntil(lambda: deciding.current is not None)
    qtbot.keyClick(dialog, Qt.Key.Key_2)
    dialog.reject()
    qtbot.waitUntil(lambda: said(folder).get((1, "王五")) == 2)
    qtbot.waitUntil(lambda: not window.context.session.is_saving)
    assert window.lifecycle.people.dialog is None
    assert not window.findChildren(MessageDialog)


def test_an_undo_that_is_not_the_last_action_says_so(
    folder: Path, open_project_window: OpenOn, qtbot: QtBot
) -> None:
    window = open_project_window(folder)
    window.status.annotator.choose("王五")
    window.context.actions.action("label.adjudicate").trigger()
    dialog = window.lifecycle.people.dialog
    assert isinstance(dialog, DecidingDialog)
    qtbot.waitUntil(lambda: dialog.deciding.current is not None)
    qtbot.keyClick(dialog, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: bool(dialog.deciding._done))
    with Project.open(folder) as project:
        project.annotations.flag([2], annotator="王五").result(10)
    qtbot.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: any("不是最后一步" in each.text for each in window.context.toasts.shown))
    assert said(folder)[1, "王五"] == 3
    dialog.reject()


def test_comments_are_handed_out_in_a_dialog(
    folder: Path, open_project_window: OpenOn, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_project_window(folder)
    window.context.actions.action("label.share").trigger()
    dialog = window.lifecycle.people.dialog
    assert isinstance(dialog, ShareDialog)
    assert not dialog.hand_out.isEnabled()
    place = tmp_path / "分发"
    place.mkdir()
    dialog.names.insert("赵六，孙七")
    dialog.folder.setText(str(place))
    dialog.overlap.setValue(50)
    qtbot.waitUntil(dialog.hand_out.isEnabled)
    assert "赵六：3 条" in dialog.outcome.text()
    dialog.hand_out.click()
    qtbot.waitUntil(lambda: "已分发" in dialog.outcome.text(), timeout=15_000)
    assert sorted(each.name for each in place.iterdir()) == ["门店 评论-孙七.senti", "门店 评论-赵六.senti"]
    dialog.names.insert("赵六")
    qtbot.waitUntil(lambda: dialog.outcome.property("role") == "warn")  # the copy is there already
    assert not dialog.hand_out.isEnabled()
    project = window.context.session.project
    assert project is not None
    first = project.people.shares()[0]
    dialog.take_back(first.id)
    qtbot.waitUntil(lambda: len(project.people.shares()) == 1)
    dialog.reject()


def test_another_copy_is_merged_in_a_dialog(
    folder: Path, open_project_window: OpenOn, qtbot: QtBot, tmp_path: Path
) -> None:
    there = tmp_path / "李四 的副本.senti"
    shutil.copytree(folder, there)
    with Project.open(there) as project:
        for comment_id, label_id in {1: 1, 2: 3, 5: 2}.items():
            project.annotations.label([comment_id], label_id, annotator=LI).result(10)
    window = open_project_window(folder)
    window.context.actions.action("label.merge").trigger()
    dialog = window.lifecycle.people.dialog
    assert isinstance(dialog, MergeDialog)
    assert not dialog.merge.isEnabled()
    dialog.look_at(folder)
    qtbot.waitUntil(lambda: "项目本身" in dialog.outcome.text())
    before = said(folder)
    dialog.look_at(there)
    qtbot.waitUntil(dialog.merge.isEnabled)
    assert dialog.report is not None
    assert dialog.conflicts is not None
    rows = dialog.conflicts.rows
    assert [rows.side(row) for row in range(2)] == [Side.THEIRS, Side.THEIRS]
    assert said(folder) == before
    dialog.conflicts.selectRow(0)
    qtbot.keyClick(dialog.conflicts, Qt.Key.Key_Space)
    assert rows.side(0) is Side.MINE
    assert rows.data(rows.index(0, 4)) == "本项目"
    dialog.merge.click()
    qtbot.waitUntil(lambda: bool(window.context.toasts.shown))
    after = said(folder)
    assert (after[1, LI], after[2, LI], after[5, LI]) == (3, 3, 2)
    window.context.toasts.shown[-1].action_button.click()
    qtbot.waitUntil(lambda: said(folder) == before)
