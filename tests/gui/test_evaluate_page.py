"""The Evaluate page: on a really trained network, and on runs whose predictions are known beforehand."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from training_projects import make_labelled_project

from senti_studio.domain.labels import Label, labels_from_names
from senti_studio.domain.metrics import confusion_matrix, figures
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Evaluated, Finished, Progress, Started
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations import training
from senti_studio.operations.training import TrainingRequest
from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.models.evaluated_rows import CONFIDENCE, NUMBER
from senti_studio.ui.pages.evaluate.view import EvaluatePage
from senti_studio.ui.pages.evaluate.whole_text import WholeTextDialog
from senti_studio.ui.pages.evaluate.yardstick_words import yardstick_words

Opened = Callable[[Project], EvaluatePage]
LONG = 30_000


@pytest.fixture
def open_page(context: UiContext, qtbot: QtBot) -> Opened:
    """The page alone on a project."""

    def open_on(project: Project) -> EvaluatePage:
        context.session.use(project)
        page = EvaluatePage(context)
        qtbot.addWidget(page)
        page.resize(1368, 836)
        page.set_up(project)
        page.show()
        page.on_shown()
        qtbot.waitUntil(lambda: page.presenter.is_listed, timeout=LONG)
        return page

    return open_on


@dataclass(frozen=True)
class Known:
    """A finished run whose prediction of row n is (truth + 1 if n % wrong_each == 0) modulo classes."""

    run_id: str
    rows: dict[str, list[dict[str, object]]]


def finished_run(project: Project, *, wrong_each: int = 4, architecture: str = "lstm") -> Known:
    """Freezes the data as a training does, and writes what its worker would leave behind."""
    folder = training.create_run(project, TrainingRequest(architecture=architecture))
    classes = len(folder.spec().labels)  # type: ignore[union-attr]
    folder.append_event(Started(epochs=2, total_steps=4))
    folder.append_event(Progress(step=4, epoch=2.0, loss=0.4, elapsed=3.0))
    kept: dict[str, list[dict[str, object]]] = {}
    (folder.path / "predictions").mkdir()
    for split in ("valid", "test"):
        lines = [
            json.loads(line) for line in (folder.data / f"{split}.jsonl").read_text("utf-8").splitlines()
        ]
        kept[split] = [_prediction(line, place, wrong_each, classes) for place, line in enumerate(lines)]
        text = "\n".join(json.dumps(row) for row in kept[split])
        (folder.path / "predictions" / f"{split}.jsonl").write_text(text, "utf-8")
        pairs = [(int(str(row["label"])), int(str(row["predicted"]))) for row in kept[split]]
        whole = figures(confusion_matrix(pairs, classes))
        folder.append_event(
            Evaluated(
                split=split, epoch=2.0, step=4, accuracy=whole.accuracy, macro_f1=whole.macro_f1,
                confusion=whole.confusion, is_best=True,
            )
        )  # fmt: skip
    _leave_model(folder)
    folder.append_event(Finished(reason="epochs", output={"model": "model"}))
    return Known(folder.id, kept)


def _prediction(line: dict[str, object], place: int, wrong_each: int, classes: int) -> dict[str, object]:
    truth = int(str(line["label"]))
    predicted = (truth + 1) % classes if place % wrong_each == 0 else truth
    sure = 0.5 + (place % 40) / 100
    chances = [(1 - sure) / (classes - 1)] * classes
    chances[predicted] = sure
    return {"id": line["id"], "label": truth, "predicted": predicted, "p": chances}


def _leave_model(folder: RunFolder) -> None:
    folder.model.mkdir()
    for name in ("weights.safetensors", "config.json"):
        (folder.model / name).write_bytes(b"{}")
    (folder.model / "labels.json").write_text(json.dumps({"labels": []}), "utf-8")


def wait_shown(page: EvaluatePage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)


def of_cell(rows: Sequence[dict[str, object]], cell: tuple[int, int]) -> list[dict[str, object]]:
    return [row for row in rows if (row["label"], row["predicted"]) == cell]


def test_figures_are_those_of_the_predictions(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_labelled_project(tmp_path, per_label=80)
    known = finished_run(project)
    page = open_page(project)
    wait_shown(page, qtbot)
    rows = known.rows["test"]
    right = sum(row["label"] == row["predicted"] for row in rows)
    assert f"{right / len(rows) * 100:.1f}%" in page.accuracy.accessibleName()
    assert page.rows.which.index == 0
    assert len(page.rows.model.rows) == len(rows) - right
    model = page.classes.model
    assert model.rowCount() == 4
    assert model.data(model.index(3, 0)) == "宏平均"
    assert sum(int(model.data(model.index(row, 1))) for row in range(3)) == len(rows)
    page.split.changed.emit(1)
    qtbot.waitUntil(
        lambda: page.presenter.shown is not None and page.presenter.shown.split == "valid", timeout=LONG
    )
    assert len(page.presenter.shown.rows) == len(known.rows["valid"])  # type: ignore[union-attr]


def test_the_figures_are_held_against_the_baseline(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_labelled_project(tmp_path, per_label=80)
    known = finished_run(project)
    metrics: dict[str, float] = {"majority_label": 2, "baseline_rows": 50, "baseline_of": 60}
    for split, macro_f1 in (("test", 0.123), ("valid", 0.999)):
        metrics |= {f"{split}_baseline_accuracy": 0.9, f"{split}_baseline_macro_f1": macro_f1}
        metrics |= {f"{split}_majority_accuracy": 0.9, f"{split}_majority_macro_f1": 0.1667}
    folder = training.folder_of(project, known.run_id)
    card = {"metrics": metrics}
    (folder.model / "card.json").write_text(json.dumps(card), "utf-8")
    page = open_page(project)
    wait_shown(page, qtbot)
    words = page.beside.text()
    assert "这个模型" in words
    assert "TF-IDF 基线（从 50 条学习） 90.0%, 0.123" in words
    assert "总猜“负面” 90.0%, 0.167" in words
    assert "还不如基线" not in words
    page.split.changed.emit(1)
    qtbot.waitUntil(lambda: "还不如基线" in page.beside.text(), timeout=LONG)
    shown = page.presenter.shown
    assert shown is not None
    wide = replace(shown, macro_f1=(0.2, 1.0))
    assert "分不出它和基线" in yardstick_words(wide), "where the interval reaches as far"
    baseline = replace(shown, run=replace(shown.run, architecture="baseline"))
    assert "还不如基线" not in yardstick_words(baseline), "not of a baseline itself"
    (folder.model / "card.json").write_text("{}", "utf-8")
    page.split.changed.emit(0)
    qtbot.waitUntil(lambda: not page.beside.isVisible(), timeout=LONG)


def test_a_cell_lists_its_comments_and_the_chip_clears_it(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    project = make_labelled_project(tmp_path, per_label=80)
    known = finished_run(project)
    page = open_page(project)
    wait_shown(page, qtbot)
    wanted = of_cell(known.rows["test"], (1, 2))
    assert wanted
    qtbot.mouseClick(
        page.matrix, Qt.MouseButton.LeftButton, pos=page.matrix.cell_rect((1, 2)).center().toPoint()
    )
    assert {each.row.comment_id for each in page.rows.model.rows} == {row["id"] for row in wanted}
    assert page.rows.filter.isVisible()
    assert "中性" in page.rows.filter.text()
    assert "负面" in page.rows.filter.text()
    assert f"{len(wanted)} 行" in page.rows.filter.text()
    qtbot.mouseClick(page.rows.filter, Qt.MouseButton.LeftButton)
    assert page.matrix.chosen is None
    assert not page.rows.filter.isVisible()
    mistakes = sum(row["label"] != row["predicted"] for row in known.rows["test"])
    assert len(page.rows.model.rows) == mistakes


def test_the_matrix_is_worked_by_the_keyboard(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_labelled_project(tmp_path, per_label=80)
    known = finished_run(project)
    page = open_page(project)
    wait_shown(page, qtbot)
    page.matrix.setFocus()
    QTest.keyClick(page.matrix, Qt.Key.Key_Down)
    QTest.keyClick(page.matrix, Qt.Key.Key_Right)
    QTest.keyClick(page.matrix, Qt.Key.Key_Return)
    assert page.matrix.chosen == (1, 1)
    assert len(page.rows.model.rows) == len(of_cell(known.rows["test"], (1, 1)))
    described = page.matrix.accessibleDescription()
    assert "真实 中性" in described
    assert "预测 中性" in described
    QTest.keyClick(page.matrix, Qt.Key.Key_Escape)
    assert page.matrix.chosen is None


def test_rows_sort_open_in_full_and_lead_to_the_comment(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    project = make_labelled_project(tmp_path, per_label=80)
    finished_run(project)
    page = open_page(project)
    wait_shown(page, qtbot)
    sure = [each.row.confidence for each in page.rows.model.rows]
    assert sure == sorted(sure, reverse=True)
    page.rows.view.sortByColumn(CONFIDENCE, Qt.SortOrder.AscendingOrder)
    assert [each.row.confidence for each in page.rows.model.rows] == sorted(sure)
    page.rows.view.sortByColumn(NUMBER, Qt.SortOrder.AscendingOrder)
    numbers = [int(each.number) for each in page.rows.model.rows]
    assert numbers == sorted(numbers)
    page.rows.view.selectRow(0)
    page.rows.view.setFocus()
    QTest.keyClick(page.rows.view, Qt.Key.Key_Space)
    dialog = page.findChild(WholeTextDialog)
    assert dialog is not None
    assert dialog.field.toPlainText() == page.rows.model.rows[0].row.text
    dialog.accept()
    with qtbot.waitSignal(page.go_to) as told:
        QTest.keyClick(page.rows.view, Qt.Key.Key_Return)
    assert told.args == ["label", page.rows.model.rows[0].row.comment_id]


def test_the_chosen_comment_stays_in_view_above_its_explanation(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    project = make_labelled_project(tmp_path, per_label=80)
    finished_run(project)
    page = open_page(project)
    page.resize(1208, 628)
    wait_shown(page, qtbot)
    page.rows.which.set_index(1)
    page.rows.which.changed.emit(1)
    view = page.rows.view
    qtbot.waitUntil(lambda: view.viewport().height() > 0)
    before = view.viewport().height()
    lowest = view.rowAt(before - 1)
    assert lowest > 3
    view.selectRow(lowest)
    qtbot.waitUntil(lambda: view.viewport().height() < before)
    qtbot.waitUntil(lambda: view.viewport().rect().contains(view.visualRect(view.currentIndex())))


def test_two_runs_are_compared_on_the_same_rows(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_labelled_project(tmp_path, per_label=80)
    worse = finished_run(project, wrong_each=3)
    better = finished_run(project, wrong_each=5, architecture="gru")
    page = open_page(project)
    wait_shown(page, qtbot)
    page.presenter.choose(better.run_id)
    qtbot.waitUntil(
        lambda: page.presenter.shown is not None and page.presenter.shown.run.id == better.run_id,
        timeout=LONG,
    )
    page.presenter.compare_with(worse.run_id)
    qtbot.waitUntil(lambda: page.presenter.comparison is not None, timeout=LONG)
    comparison = page.presenter.comparison
    assert comparison is not None
    assert comparison.accuracy > 0
    rows = range(len(worse.rows["test"]))
    assert comparison.only_this == sum(n % 3 == 0 and n % 5 != 0 for n in rows)
    assert comparison.only_other == sum(n % 5 == 0 and n % 3 != 0 for n in rows)
    assert "McNemar" in page.comparison.words.text()


def test_the_number_of_a_run_is_never_cut_in_half(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_labelled_project(tmp_path, per_label=80)
    for kind in ("textcnn", "lstm"):
        finished_run(project, architecture=kind)
    page = open_page(project)
    wait_shown(page, qtbot)
    page.presenter.compare_with(page.presenter.runs[1].id)
    page.presenter.runs_changed.emit()
    assert page.other.currentText() == "TextCNN #1"
    page.other.setFixedWidth(400)
    assert page.other.shown_text() == "TextCNN #1"
    page.other.setFixedWidth(page.other.fontMetrics().horizontalAdvance("TextCNN #") + 34)
    assert page.other.shown_text().endswith("#1")
    assert "…" in page.other.shown_text()
    page.run.setFixedWidth(140)
    assert page.run.shown_text().startswith("LSTM #2")
    assert page.run.shown_text().endswith("…")
    assert page.run.toolTip() == page.run.currentText()


def test_the_report_holds_every_row(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_labelled_project(tmp_path, per_label=80)
    known = finished_run(project)
    page = open_page(project)
    wait_shown(page, qtbot)
    path = tmp_path / "报告 一.csv"
    with qtbot.waitSignal(page.presenter.exported, timeout=LONG):
        page.presenter.export(path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file))
    assert len(read) == len(known.rows["test"])
    assert {row["true"] for row in read} == {"正面", "中性", "负面"}
    assert not list(tmp_path.glob(".*part"))
    assert any("报告 一.csv" in toast.text for toast in page.context.toasts.shown)


def test_without_a_model_the_way_leads_to_training(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_labelled_project(tmp_path))
    qtbot.waitUntil(page.empty.isVisible, timeout=LONG)
    with qtbot.waitSignal(page.go_to) as told:
        qtbot.mouseClick(page.empty.primary, Qt.MouseButton.LeftButton)
    assert told.args[0] == "train"


def test_missing_predictions_are_a_sentence(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_labelled_project(tmp_path, per_label=80)
    known = finished_run(project)
    (project.runs_folder / known.run_id / "predictions" / "test.jsonl").unlink()
    page = open_page(project)
    qtbot.waitUntil(page.empty.isVisible, timeout=LONG)
    assert page.empty.title.text()
    page.split.changed.emit(1)
    wait_shown(page, qtbot)
    assert not page.empty.isVisible()


@pytest.mark.parametrize("count", [2, 12])
def test_any_number_of_classes(tmp_path: Path, open_page: Opened, qtbot: QtBot, count: int) -> None:
    labels: tuple[Label, ...] = labels_from_names(
        [(str(n + 1), f"一个相当长的类别名字{n + 1}") for n in range(count)]
    )
    project = make_labelled_project(tmp_path, labels=labels, per_label=30)
    finished_run(project)
    page = open_page(project)
    wait_shown(page, qtbot)
    assert page.classes.model.rowCount() == count + 1
    assert not page.grab().isNull()


def test_a_really_trained_network(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real worker, two epochs: its predictions come up row by row."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    project = make_labelled_project(tmp_path, per_label=60)
    options = TrainingOptions(epochs=2, embedding_size=16, hidden_size=16, batch_size=16)
    folder = training.create_run(project, TrainingRequest("gru", options, "cpu"))
    training.start(project, folder.id)
    qtbot.waitUntil(lambda: folder.state().has_model or not folder.state().is_active, timeout=120_000)
    assert folder.state().has_model, folder.log_tail()
    page = open_page(project)
    wait_shown(page, qtbot)
    shown = page.presenter.shown
    assert shown is not None
    frozen = (folder.data / "test.jsonl").read_text("utf-8").splitlines()
    assert len(shown.rows) == len(frozen)
    assert {each.row.text for each in shown.rows} == {json.loads(line)["text"] for line in frozen}
    assert [label.name for label in shown.labels] == ["正面", "中性", "负面"]
    assert all(sum(each.row.probabilities) == pytest.approx(1, abs=0.01) for each in shown.rows)
