"""The Train page: what stays on one side of the split, and what would have been on both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from training_projects import Script, play

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.train.plan_card import SplitBar
from senti_studio.ui.pages.train.plan_view import PlanView
from senti_studio.ui.pages.train.view import TrainPage
from senti_studio.ui.pages.train.waiting import Wish, read_queue, write_queue

LONG = 30_000
Opened = Callable[[Project], TrainPage]


def make_project(folder: Path) -> Project:
    """240 comments by forty users, one of them an empty name."""
    project = Project.create(folder / "用户 评论.senti")
    source = project.sources.begin(SourceDraft("评论.csv", "/数据/评论.csv", ("评论", "用户"), 0))
    rows = []
    for n in range(240):
        text, user = f"第 {n} 次来，{'不' * (n % 2)}错", f"用户{n % 40}" if n % 40 else ""
        rows.append(NewComment(n + 1, text, (text, user), 1 + n % 40 % 2))
    project.sources.append(source, rows)
    project.sources.finish(source)
    return project


def choose(page: TrainPage, column: str, qtbot: QtBot) -> None:
    group = page.plan_card.group
    group.setCurrentIndex(group.findData(column))
    with qtbot.waitSignal(page.presenter.plan_changed, timeout=LONG):
        group.activated.emit(group.currentIndex())


def test_a_user_is_kept_on_one_side(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path)
    play(monkeypatch, Script())
    page = open_train_page(project)
    card = page.plan_card
    assert [card.group.itemData(n) for n in range(card.group.count())] == ["", "用户"]
    assert "逐行随机划分" not in card.together.text(), "no two texts are alike"
    choose(page, "用户", qtbot)
    plan = page.presenter.plan
    assert plan is not None
    assert plan.avoided > 40
    assert f"约 {plan.avoided} 行" in card.together.text()

    qtbot.mouseClick(page.start_card.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)
    live = page.presenter.shown
    assert live is not None
    spec = live.folder.spec()
    assert isinstance(spec, TrainingSpec)
    assert (spec.data.group_column, spec.data.avoided) == ("用户", plan.avoided)
    assert page.form.wish.group_column == "用户", "the next training keeps it too"


def test_a_column_that_has_gone_is_said_and_can_be_changed(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot
) -> None:
    page = open_train_page(make_project(tmp_path))
    with qtbot.waitSignal(page.presenter.plan_changed, timeout=LONG):
        page.form.set_wish(Wish("lstm", TrainingOptions(), group_column="商品"))
        page.form.tell()
    assert page.plan_card.group.currentText() == "商品"
    assert not page.start_card.start.isEnabled()
    choose(page, "", qtbot)
    assert page.start_card.start.isEnabled()


def test_waiting_trainings_keep_it(tmp_path: Path) -> None:
    with Project.create(tmp_path / "排队.senti") as project:
        write_queue(project, [Wish("gru", TrainingOptions(), group_column="用户")]).result()
        assert [wish.group_column for wish in read_queue(project)] == ["用户"]


def test_nothing_is_told_of_parts_before_they_are_counted(context: UiContext, qtbot: QtBot) -> None:
    bar = SplitBar(context.theme)
    qtbot.addWidget(bar)
    bar.show_plan(PlanView())
    assert bar.accessibleDescription() == "训练 —, 验证 —, 测试 —"
    bar.show_plan(PlanView(rows={"train": 1200, "valid": 0, "test": 5}))
    assert bar.accessibleDescription() == "训练 1,200, 验证 0, 测试 5"
