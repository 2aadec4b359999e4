"""The goal, the time to it, and the dialog of progress."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from senti_studio.domain.assisting import AssistState, Quality
from senti_studio.domain.comments import CommentCounts, NewComment, SourceDraft
from senti_studio.domain.self_agreement import self_agreement
from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.label.goal import Goal
from senti_studio.ui.pages.label.pace import Pace
from senti_studio.ui.pages.label.progress_dialog import words_of_agreement
from senti_studio.ui.pages.label.view import LabelPage

Opened = Callable[[], LabelPage]


@pytest.fixture
def open_page(context: UiContext, qtbot: QtBot, tmp_path: Path) -> Opened:
    """The page on sixty comments, twelve of them labelled, two skipped."""

    def open_on() -> LabelPage:
        project = Project.create(tmp_path / "门店 评论.senti")
        source = project.sources.begin(SourceDraft("外卖.csv", "/外卖.csv", ("评论",), 0))
        project.sources.append(source, [NewComment(n, f"第{n}条", (f"第{n}条",)) for n in range(60)])
        project.sources.finish(source)
        good, fair, _ = (label.id for label in project.labels.list())
        project.annotations.label(range(1, 10), good, annotator=context.session.annotator)
        project.annotations.label(range(10, 13), fair, annotator=context.session.annotator)
        project.annotations.skip([13, 14], annotator=context.session.annotator).result(10)
        context.session.use(project)
        page = LabelPage(context)
        qtbot.addWidget(page)
        page.resize(1368, 836)
        page.set_up(project)
        page.show()
        page.on_shown()
        qtbot.waitUntil(lambda: page.presenter.counts is not None and page.presenter.counts.labelled == 12)
        return page

    return open_on


def test_remaining_is_what_is_missing_to_the_goal_or_what_is_there() -> None:
    counts = CommentCounts(total=100, labelled=40, by_label={1: 40}, skipped=10, flagged=0)
    goal = Goal()
    assert (goal.total(counts), goal.remaining(counts), goal.is_reached(counts)) == (100, 50, False)
    for number, remaining, is_reached in ((60, 20, False), (40, 0, True), (1000, 50, False)):
        goal.number = number
        assert (goal.total(counts), goal.remaining(counts)) == (number, remaining)
        assert goal.is_reached(counts) == is_reached
    assert (goal.total(None), goal.remaining(None), goal.is_reached(None)) == (1000, 0, False)


def test_the_header_tells_speed_and_time_to_the_goal(open_page: Opened, qtbot: QtBot) -> None:
    page = open_page()
    assert page.status.facts.text == "12 / 60  20.0%"
    clock = [0.0]
    pace = Pace(lambda: clock[0])
    for _ in range(9):
        pace.decide()
        clock[0] += 3.0
    page.status.show_pace(pace)
    assert page.status.facts.text.endswith("20 条/分"), "too few for a forecast"
    pace.decide()
    page.status.show_pace(pace)
    assert page.status.facts.text.endswith("20 条/分 · 约 2 分钟")  # 46 comments at 3 s
    page.status.goal.set_number(24)
    page.status.show_pace(pace)
    assert page.status.facts.text == "12 / 24  50.0%  20 条/分 · 约 36 秒"
    page.status.goal.set_number(12)
    page.status.show_pace(pace)
    assert page.status.facts.text == "12 / 12  100.0%  目标已达到"


def test_the_goal_is_set_in_the_dialog_and_kept_in_the_project(
    open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    page = open_page()
    project = context.session.project
    assert project is not None
    QTest.mouseClick(page.status.facts, Qt.MouseButton.LeftButton)
    dialog = page.progress.dialog
    assert dialog is not None
    assert dialog.done_words.text() == "12 / 60"
    assert {name: each.text() for name, each in dialog.facts.items()} == {
        "labelled": "12", "disputed": "0", "skipped": "2", "left": "46", "session": "0",
    }  # fmt: skip
    assert "正面 9 75.0%；中性 3 25.0%；负面 0 0.0%" in dialog.bars.accessibleName()
    dialog.goal_kind.changed.emit(1)
    assert (page.status.goal.number, dialog.goal_number.isEnabled()) == (1000, True)
    assert dialog.too_few.text() == "评论不够：全部标完也只有 58 条。"
    assert dialog.too_few.isVisible()
    dialog.goal_number.setValue(15)
    assert dialog.done_words.text() == "12 / 15"
    assert dialog.facts["left"].text() == "3"
    assert not dialog.too_few.isVisible()
    known = [label.id for label in project.labels.list()]
    for each, label_id in ((1, known[2]), (2, known[2])):
        project.annotations.label([each], label_id, annotator="李四").result(10)
    page.presenter.refresh()
    qtbot.waitUntil(lambda: dialog.facts["disputed"].text() == "2", timeout=10_000)
    assert dialog.facts["labelled"].text() == "10", "nobody has decided these two"
    project.annotations.undo("李四").result(10)
    project.annotations.undo("李四").result(10)
    page.presenter.refresh()
    qtbot.waitUntil(lambda: dialog.facts["labelled"].text() == "12", timeout=10_000)
    dialog.accept()
    assert page.progress.dialog is None
    assert page.status.facts.text.startswith("12 / 15")
    for _ in range(3):
        QTest.keyClick(page, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: page.status.facts.text == "15 / 15  100.0%  目标已达到", timeout=10_000)
    qtbot.waitUntil(lambda: project.settings.get("label.goal") == 15, timeout=10_000)
    page.open_project(None)
    page.open_project(project)
    assert page.status.goal.number == 15
    page.status.goal.set_number(0)
    qtbot.waitUntil(lambda: project.settings.get("label.goal") == 0, timeout=10_000)
    page.open_project(project)
    assert page.status.goal.number == 0


def test_the_keyboard_and_the_menu_open_it_too(open_page: Opened, qtbot: QtBot, context: UiContext) -> None:
    page = open_page()
    QTest.keyClick(page.status.facts, Qt.Key.Key_Return)
    assert page.progress.dialog is not None
    page.progress.dialog.reject()
    assert page.progress.dialog is None
    context.actions.set_page("label")
    context.actions.action("label.progress").trigger()
    assert page.progress.dialog is not None
    page.progress.dialog.reject()


def test_agreement_with_oneself_is_told_with_its_counts(
    open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    page = open_page()
    project = context.session.project
    assert project is not None
    me = context.session.annotator
    good, fair, _ = (label.id for label in project.labels.list())
    for comment_id in range(1, 13):
        again = good if comment_id < 9 else fair
        project.second_looks.answer(comment_id, again, annotator=me).result(10)
    page.progress.show_progress()
    dialog = page.progress.dialog
    assert dialog is not None
    wanted = "重复问了 12 条，11 条前后一致（91.7%）。 条数太少，还不能当真：还差 8 条。"
    qtbot.waitUntil(lambda: dialog.agreement.text() == wanted, timeout=10_000)
    dialog.reject()


def test_the_ceiling_stands_beside_the_quality_of_the_assistant(
    open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    page = open_page()
    project = context.session.project
    assert project is not None
    me = context.session.annotator
    good, fair, _ = (label.id for label in project.labels.list())
    quality = Quality(0.861, 0.83, 0.89, 0.84, 120, "test_set")
    context.assistant.state = AssistState((good, fair), 40, 1.0, 60, 60, 0, quality, "assistant")
    for comment_id in range(1, 21):
        project.annotations.label([comment_id], good, annotator=me)
        written = project.second_looks.answer(comment_id, fair if comment_id == 1 else good, annotator=me)
    written.result(10)
    context.session.look_now()
    context.assistant.changed.emit()
    wanted = "约 86% ± 3 正确（测试集 120 条） · 上限 95% · 60 条已全部排序"
    qtbot.waitUntil(lambda: page.labels.quality.text() == wanted, timeout=10_000)
    page.progress.show_progress()
    dialog = page.progress.dialog
    assert dialog is not None
    qtbot.waitUntil(
        lambda: "重复问了 20 条，19 条前后一致（95.0%）" in dialog.agreement.text(), timeout=10_000
    )
    assert dialog.agreement.text().endswith("助手：约 86% ± 3 正确（测试集 120 条）。")
    dialog.reject()
    project.annotations.undo(me).result(10)
    context.session.look_now()
    qtbot.waitUntil(lambda: "上限" not in page.labels.quality.text(), timeout=10_000)


def test_words_of_agreement(parts: object) -> None:
    nothing = self_agreement([])
    assert "还没有重复问过" in words_of_agreement(nothing, is_on=True)
    assert "已在设置里关闭" in words_of_agreement(nothing, is_on=False)
    many = words_of_agreement(self_agreement([(1, 1), (2, 2)] * 20 + [(1, 2)] * 3), is_on=True)
    assert "重复问了 43 条，40 条前后一致（93.0%）。" in many
    assert "κ 为 0.86 [0." in many
    assert "上限" in many
    assert "κ" not in words_of_agreement(self_agreement([(1, 1)] * 30), is_on=True)
