"""The Evaluate page beyond one figure: confidence, values of a column, two runs, changed labels, curve."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Evaluated, Finished, Started
from senti_studio.operations import training
from senti_studio.operations.training import TrainingRequest
from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.evaluate.column_card import ACCURACY, VALUE
from senti_studio.ui.pages.evaluate.view import EvaluatePage

LONG = 30_000
Opened = Callable[[Project], EvaluatePage]


@pytest.fixture
def open_page(context: UiContext, qtbot: QtBot) -> Opened:
    def open_on(project: Project) -> EvaluatePage:
        context.session.use(project)
        page = EvaluatePage(context)
        qtbot.addWidget(page)
        page.resize(1368, 836)
        page.set_up(project)
        page.show()
        page.on_shown()
        qtbot.waitUntil(lambda: page.presenter.breakdown is not None, timeout=LONG)
        return page

    return open_on


def make_project(folder: Path, count: int = 600) -> Project:
    """Comments of four platforms, the number of each row in front."""
    project = Project.create(folder / "平台 评论.senti")
    source = project.sources.begin(SourceDraft("评论.csv", "/数据/评论.csv", ("编号", "评论", "平台"), 1))
    names = ("美团", "饿了么", "抖音", "大众点评")
    rows = [
        NewComment(n, f"第 {n} 次来，还行", (f"{n:05d}", f"第 {n} 次来，还行", names[n % 4]), 1 + n % 3)
        for n in range(1, count + 1)
    ]
    project.sources.append(source, rows)
    project.sources.finish(source)
    return project


def finished_run(project: Project, right: Callable[[int, str], bool], *, temperature: float = 1.0) -> str:
    """Its test predictions are right where ``right(place, platform)`` holds, and always 0.9 sure."""
    run = training.create_run(project, TrainingRequest(options=TrainingOptions(seed=1)))
    run.append_event(Started(epochs=1))
    run.append_event(Evaluated(split="valid", epoch=1.0, accuracy=0.8, macro_f1=0.8, is_best=True))
    (run.path / "predictions").mkdir()
    rows = [json.loads(line) for line in (run.data / "test.jsonl").read_text("utf-8").splitlines()]
    cells = project.original_cells.of([row["id"] for row in rows], "平台")
    lines = []
    for place, row in enumerate(rows):
        said = row["label"] if right(place, cells[row["id"]]) else (row["label"] + 1) % 3
        shares = [0.05, 0.05, 0.05]
        shares[said] = 0.9
        lines.append(json.dumps({"id": row["id"], "label": row["label"], "predicted": said, "p": shares}))
    (run.path / "predictions" / "test.jsonl").write_text("\n".join(lines), "utf-8")
    run.model.mkdir()
    for name in ("weights.safetensors", "config.json"):
        (run.model / name).write_text("{}", "utf-8")
    values = {"labels": [], "temperature": temperature}
    (run.model / "labels.json").write_text(json.dumps(values), "utf-8")
    run.append_event(Finished(reason="epochs", output={"model": "model"}))
    return run.id


def test_confidence_and_the_values_of_a_column(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_project(tmp_path)
    finished_run(project, lambda place, platform: platform != "抖音" and place % 9 != 0, temperature=2.0)
    page = open_page(project)
    shown = page.presenter.shown
    assert shown is not None
    assert len(shown.confidence.bins) == 1
    assert shown.confidence.before.ece > shown.confidence.now.ece > 0.1
    assert "把握偏高" in page.reliability.words.text()
    assert "温度 2.00" in page.reliability.words.text()
    assert "90.0%" in page.reliability.plot.accessibleDescription()

    card = page.side.columns
    assert [card.column.itemText(n) for n in range(card.column.count())] == ["编号", "平台"]
    assert card.column.currentText() == "平台", "the column of numbers has nothing to tell"
    model = card.model
    assert model.data(model.index(0, VALUE)) == "抖音"
    assert model.data(model.index(0, ACCURACY)) == "0.0%"
    assert model.rowCount() == 4
    assert "抖音" in card.words.text()
    card.column.setCurrentIndex(0)
    with qtbot.waitSignal(page.presenter.breakdown_changed, timeout=LONG):
        card.column.activated.emit(0)
    assert model.rowCount() == len(shown.rows), "every number is a value of its own"
    assert card.column.currentText() == "编号"
    assert "每个值只出现一次" in card.words.text()


def test_two_runs_and_what_it_means(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_project(tmp_path)
    worse = finished_run(project, lambda place, _: place % 3 != 0)
    finished_run(project, lambda place, _: place % 20 != 0)
    page = open_page(project)
    page.side.show_card(page.side.columns)
    page.other.setCurrentIndex(page.other.findData(worse))
    page.other.activated.emit(page.other.currentIndex())
    qtbot.waitUntil(lambda: page.presenter.comparison is not None, timeout=LONG)
    assert page.side.pages.currentWidget() is page.comparison
    assert "LSTM #2 多判对" in page.comparison.words.text()
    assert "不像是偶然" in page.comparison.words.text()
    page.presenter.choose(worse)
    page.presenter.compare_with("")
    qtbot.waitUntil(
        lambda: page.presenter.shown is not None and page.presenter.shown.run.id == worse, timeout=LONG
    )
    page.presenter.compare_with(page.presenter.runs[0].id)
    qtbot.waitUntil(lambda: page.presenter.comparison is not None, timeout=LONG)
    assert "LSTM #2 多判对" in page.comparison.words.text(), "the better one is named from either side"


def test_runs_on_other_test_sets_are_not_compared(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_project(tmp_path)
    old = finished_run(project, lambda place, _: place % 3 != 0)
    current = project.test_sets.current()
    project.test_sets.draw([each for each in range(1, 601) if each not in current][:80])
    finished_run(project, lambda place, _: place % 20 != 0)
    page = open_page(project)
    page.presenter.compare_with(old)
    qtbot.waitUntil(lambda: page.presenter.comparison is not None, timeout=LONG)
    assert page.presenter.comparison is not None
    assert page.presenter.comparison.found is None
    assert "无法比较" in page.comparison.words.text()


def test_changed_labels_are_told_above_the_figures(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_project(tmp_path)
    finished_run(project, lambda place, _: place % 3 != 0)
    page = open_page(project)
    assert not page.changed.isVisible()
    ids = sorted(project.test_sets.current())
    project.annotations.label(ids[:5], None, annotator="小王").result()
    spy = QSignalSpy(page.presenter.evaluation_changed)
    page.context.session.labels_changed.emit()
    qtbot.waitUntil(lambda: spy.count() > 0, timeout=LONG)
    assert page.changed.isVisible()
    assert "5 行现在没有标签" in page.changed.text()


def test_a_test_set_that_is_drawn_anew_is_told_at_once(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    project = make_project(tmp_path)
    finished_run(project, lambda place, _: place % 3 != 0)
    page = open_page(project)
    qtbot.waitUntil(lambda: page.context.session.is_watching, timeout=LONG)
    before = page.accuracy.accessibleName()
    ids = sorted(project.test_sets.current())
    project.test_sets.draw(ids[5:])
    page.context.session.look_now()
    qtbot.waitUntil(page.changed.isVisible, timeout=LONG)
    assert "测试集已重新抽取，这里有 5 行不在其中" in page.changed.text()
    assert page.accuracy.accessibleName() == before


def test_three_rows_are_shown_with_wide_intervals(tmp_path: Path, open_page: Opened) -> None:
    project = make_project(tmp_path, 60)
    run = finished_run(project, lambda place, _: True)
    path = training.folder_of(project, run).path / "predictions" / "test.jsonl"
    path.write_text("\n".join(path.read_text("utf-8").splitlines()[:3]), "utf-8")
    page = open_page(project)
    shown = page.presenter.shown
    assert shown is not None
    for low, high in (shown.accuracy, shown.macro_f1):
        assert low < 0.6
        assert high == 1.0


def test_the_learning_curve_is_the_one_that_was_measured(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    project = make_project(tmp_path, 240)
    finished_run(project, lambda place, _: place % 3 != 0)
    page = open_page(project)
    card = page.side.curve
    page.side.show_card(card)
    assert "标多少才够" in card.headline.text()
    card.measure.click()
    assert card.progress.isVisible()
    qtbot.waitUntil(lambda: card.budget.curve is not None and not card.budget.is_running, timeout=120_000)
    assert card.plot is not None
    assert card.plot.isVisible()
    assert len(card.plot.shown["measured"]) == 5
    assert "macro" in card.plot.shown
    page.shut_down()
