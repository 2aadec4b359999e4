"""What a k-fold training held out, on the Evaluate page."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from training_projects import make_labelled_project

from senti_studio.domain.repetition import Repetition
from senti_studio.jobs.protocol import Finished, Started
from senti_studio.operations import training
from senti_studio.operations.training import TrainingRequest
from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.evaluate.view import EvaluatePage

LONG = 30_000


def _finished(project: Project, repetition: Repetition) -> tuple[str, dict[str, int]]:
    """A run as its worker leaves it: every fifth row is taken for the next class."""
    folder = training.create_run(project, TrainingRequest(repetition=repetition))
    (folder.path / "predictions").mkdir()
    parts = {"test": ("test",), "valid": ("valid",)}
    if repetition.mode == "folds":
        parts["folds"] = ("train", "valid")
    counts = {}
    for name, sources in parts.items():
        lines = []
        for source in sources:
            for text in (folder.data / f"{source}.jsonl").read_text("utf-8").splitlines():
                row = json.loads(text)
                guess = (row["label"] + (len(lines) % 5 == 0)) % 3
                p = [0.8 if label == guess else 0.1 for label in range(3)]
                lines.append({"id": row["id"], "label": row["label"], "predicted": guess, "p": p})
        counts[name] = len(lines)
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder.path / "predictions" / f"{name}.jsonl").write_text(text, "utf-8")
    folder.model.mkdir()
    for name in ("weights.safetensors", "config.json"):
        (folder.model / name).write_bytes(b"{}")
    (folder.model / "labels.json").write_text(json.dumps({"labels": []}), "utf-8")
    folder.append_event(Started())
    folder.append_event(Finished(reason="done"))
    return folder.id, counts


def test_all_folds_are_offered_where_there_are_some(context: UiContext, qtbot: QtBot, tmp_path: Path) -> None:
    project = make_labelled_project(tmp_path)
    once, _ = _finished(project, Repetition())
    folds, counts = _finished(project, Repetition("folds", 3))
    context.session.use(project)
    page = EvaluatePage(context)
    qtbot.addWidget(page)
    page.resize(1368, 836)
    page.set_up(project)
    page.show()
    page.on_shown(folds)
    qtbot.waitUntil(lambda: page.presenter.run_id == folds and page.presenter.shown is not None, timeout=LONG)
    last = QPoint(page.split.width() - 12, page.split.height() // 2)
    QTest.mouseClick(page.split, Qt.MouseButton.LeftButton, pos=last)
    assert page.presenter.split == "folds"
    qtbot.waitUntil(
        lambda: page.presenter.shown is not None and page.presenter.shown.split == "folds", timeout=LONG
    )
    shown = page.presenter.shown
    assert shown is not None
    assert len(shown.rows) == counts["folds"] > counts["valid"]
    assert {each.row.is_there for each in shown.rows} == {True}
    assert page.split_text() == "全部折"
    wide = page.split.width()
    page.presenter.choose(once)
    assert page.presenter.split == "test", "this run has no folds"
    qtbot.waitUntil(
        lambda: page.presenter.shown is not None and page.presenter.shown.run.id == once, timeout=LONG
    )
    assert page.split.width() < wide
    assert page.split.index == 0
