"""How many labels are enough: measured by a helper, shown as a curve, kept in the project."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from test_label_page import make_project, press, settle

from senti_studio.domain.label_budget import BudgetCurve, BudgetGain, BudgetPoint, ClassGain
from senti_studio.jobs.helper_protocol import to_json
from senti_studio.ui import job_process
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.label import budget_words
from senti_studio.ui.pages.label.budget_dialog import BudgetDialog
from senti_studio.ui.pages.label.view import LabelPage

FAKE = Path(__file__).parents[1] / "fakes" / "scripted_assistant.py"


def point(labels: int, score: float) -> BudgetPoint:
    return BudgetPoint(labels, score, score - 0.02, score + 0.02, (score + 0.05, score - 0.1, score + 0.05))


CURVE = BudgetCurve(
    label_ids=(1, 2, 3),
    labels=1000,
    points=tuple(point(n, 0.9 - 1.5 * n**-0.4) for n in (80, 200, 400, 600, 800)),
    curve=tuple(point(n, 0.9 - 1.5 * n**-0.4) for n in range(80, 2081, 100)),
    now=0.805,
    gains=(
        BudgetGain(100, 0.007, -0.001, 0.015),
        BudgetGain(200, 0.013, 0.007, 0.019),
        BudgetGain(500, 0.022, 0.01, 0.034),
        BudgetGain(1000, 0.031, 0.012, 0.05),
    ),
    classes=(
        ClassGain(1, 700, 0.88, 0.004, 0.0, 0.01),
        ClassGain(2, 297, 0.71, 0.031, 0.02, 0.04),
        ClassGain(3, 3, 0.83, 0.02, 0.0, 0.05),
    ),
    gains_most=2,
    held_out=1000,
    rounds=4,
    used=1000,
)

Opened = Callable[..., LabelPage]


@pytest.fixture
def open_page(context: UiContext, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """The page beside an assistant that measures what it is told."""
    monkeypatch.setattr(job_process, "worker_command", lambda *_: [sys.executable, str(FAKE)])
    script = tmp_path / "script.json"
    monkeypatch.setenv("SENTI_TEST_ASSISTANT", str(script))

    def open_on(curve: BudgetCurve = CURVE, **more: Any) -> LabelPage:
        script.write_text(json.dumps({"budget": to_json(curve), **more}), "utf-8")
        if context.session.project is None:
            context.session.use(make_project(tmp_path, 20))
        page = LabelPage(context)
        qtbot.addWidget(page)
        page.resize(1368, 836)
        page.set_up(context.session.project)
        page.show()
        page.on_shown()
        qtbot.waitUntil(lambda: not page.presenter.feed.is_filling and page.presenter.counts is not None)
        return page

    return open_on


def measured(page: LabelPage, qtbot: QtBot) -> BudgetDialog:
    page.progress.show_budget()
    dialog = page.progress.budget_dialog
    assert dialog is not None
    QTest.mouseClick(dialog.measure, Qt.MouseButton.LeftButton)
    assert dialog.progress.isVisible()
    qtbot.waitUntil(lambda: not page.progress.budget.is_running, timeout=10_000)
    return dialog


def test_it_says_what_two_hundred_more_labels_bring(open_page: Opened, qtbot: QtBot) -> None:
    page = open_page()
    dialog = measured(page, qtbot)
    assert dialog.headline.text() == "再标 200 条 ≈ 宏 F1 +1.3 ± 0.6 个百分点；中性受益最多"
    assert "现在宏 F1 0.805，用 1,000 条标注交叉验证，共 4 轮" in dialog.how.text()
    assert {more: each.text() for more, each in dialog.gains.items()} == {
        100: "+0.7 ± 0.8", 200: "+1.3 ± 0.6", 500: "+2.2 ± 1.2", 1000: "+3.1 ± 1.9",
    }  # fmt: skip
    rows = [
        [dialog.classes.itemAtPosition(row, column).widget().text() for column in range(1, 5)]  # type: ignore[union-attr]
        for row in (1, 2, 3)
    ]
    assert rows == [
        ["正面", "700", "0.880", "+0.4"],
        ["中性", "297", "0.710", "+3.1"],
        ["负面", "3", "0.830", "太少"],
    ]
    assert set(dialog.plot.shown) == {"macro", "measured", "正面", "中性", "负面"}
    assert dialog.plot.shown["measured"] == [(each.labels, each.score) for each in CURVE.points]
    twin = dialog.plot.plot.accessibleName()
    assert "80: 0.640 [0.620, 0.660] (正面 0.690，中性 0.540，负面 0.690)" in twin
    assert "1,200: +1.3 ± 0.6" in twin
    assert "95% 区间" in dialog.limits.text()
    dialog.accept()


def test_a_label_without_comments_has_no_figure(open_page: Opened, qtbot: QtBot) -> None:
    classes = (*CURVE.classes[:2], ClassGain(3, 0, 0.0, 0.0, 0.0, 0.0))
    page = open_page(dataclasses.replace(CURVE, classes=classes))
    dialog = measured(page, qtbot)
    assert dialog.classes.itemAtPosition(3, 3).widget().text() == "—"  # type: ignore[union-attr]
    assert set(dialog.plot.shown) == {"macro", "measured", "正面", "中性"}
    assert "负面" not in dialog.plot.plot.accessibleName()


def test_what_was_measured_is_there_when_the_project_is_opened_again(open_page: Opened, qtbot: QtBot) -> None:
    page = open_page()
    measured(page, qtbot).accept()
    project = page.context.session.project
    assert project is not None
    qtbot.waitUntil(lambda: project.settings.get("label.budget") is not None, timeout=10_000)
    page.open_project(None)
    assert page.progress.budget.curve is None
    page.open_project(project)
    assert page.progress.budget.curve == CURVE
    page.progress.show_budget()
    dialog = page.progress.budget_dialog
    assert dialog is not None
    assert dialog.headline.text().startswith("再标 200 条")
    dialog.reject()


def test_labelling_goes_on_and_a_toast_tells_the_result(open_page: Opened, qtbot: QtBot) -> None:
    page = open_page()
    page.progress.show_budget()
    dialog = page.progress.budget_dialog
    assert dialog is not None
    dialog.measure.click()
    dialog.accept()
    press(page, Qt.Key.Key_1)
    settle(page, qtbot)
    qtbot.waitUntil(lambda: page.progress.budget.curve is not None, timeout=10_000)
    assert any("再标 200 条 ≈ 宏 F1 +1.3 ± 0.6 个百分点" in toast.text for toast in page.context.toasts.shown)


def test_too_few_labels_and_a_helper_that_dies_are_told(open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(BudgetCurve((1, 2, 3), 12, needed=48))
    dialog = measured(page, qtbot)
    assert dialog.headline.text() == "还要再标 48 条才能测"
    assert not dialog.plot.shown
    dialog.accept()
    page = open_page(crash_on="budget")
    dialog = measured(page, qtbot)
    qtbot.waitUntil(lambda: "后台程序意外结束" in dialog.how.text(), timeout=10_000)
    assert dialog.measure.isVisible(), "it can be tried again"
    dialog.accept()


def test_words(parts: object) -> None:
    unsure = BudgetCurve(
        (1,), 200, CURVE.points, CURVE.curve, 0.7, CURVE.gains, (), None, "test_set", 120, 3, 150
    )
    assert "哪一类受益最多还说不准" in budget_words.headline(unsure, ())
    assert "在测试集的 120 条上测得" in budget_words.how(unsure, None)
    assert "从 200 条标注里抽了 150 条" in budget_words.how(unsure, None)
    assert budget_words.limits(unsure).startswith("标注还少")
    assert budget_words.is_old(CURVE, 1100)
    assert not budget_words.is_old(CURVE, 1099)


def test_an_interval_that_is_not_even_is_written_with_its_ends() -> None:
    assert budget_words.margin(BudgetGain(200, 0.004, -0.0001, 0.005)) == "+0.4 [-0.0, +0.5]"
    assert budget_words.margin(BudgetGain(200, 0.013, 0.007, 0.019)) == "+1.3 ± 0.6"
