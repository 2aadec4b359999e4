"""What happens to the process of a training from outside: it is held and let go, or its project is moved."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from training_projects import make_labelled_project

from senti_studio.domain.run_states import RunState
from senti_studio.operations import models
from senti_studio.storage.project import Project
from senti_studio.ui.pages.train.live_run import LiveRun
from senti_studio.ui.pages.train.view import TrainPage

LONG = 60_000
Opened = Callable[[Project], TrainPage]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real worker leaves the window a core."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def begin(page: TrainPage, qtbot: QtBot) -> LiveRun:
    """A training that has no end of its own, with its first checkpoint."""
    for name, value in {"epochs": 1000, "embedding_size": 8, "hidden_size": 8, "patience": 1000}.items():
        page.options.fields[name].set_value(value)
    page.form.tell()
    qtbot.mouseClick(page.start_card.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)
    live = page.presenter.shown
    assert live is not None
    qtbot.waitUntil(lambda: live.history.checkpoint is not None, timeout=LONG)
    return live


def pid_of(live: LiveRun) -> int:
    assert live.history.status.started is not None
    return live.history.status.started.pid


def shown(page: TrainPage, qtbot: QtBot) -> LiveRun:
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)
    live = page.presenter.shown
    assert live is not None
    return live


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that holds a process")
def test_a_held_worker_is_told_let_go_and_ended(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot
) -> None:
    project = make_labelled_project(tmp_path)
    page = open_train_page(project)
    live = begin(page, qtbot)
    live._watcher.silent_after_s = 4.0
    os.kill(pid_of(live), signal.SIGSTOP)
    qtbot.waitUntil(page.status.force.isVisible, timeout=LONG)
    assert page.status.chip.accessibleName() == "没有回应"
    assert "没有反应" in page.status.sentence.text()
    assert not page.status.pause.isVisible(), "it would not hear"
    qtbot.waitUntil(lambda: page.runs.model.rows[0].chip[0] == "没有回应", timeout=LONG)
    assert live.history.state is RunState.RUNNING

    page.presenter.open_project(project)  # as a window that opens meanwhile
    again = shown(page, qtbot)
    again._watcher.silent_after_s = 4.0
    qtbot.waitUntil(lambda: len(again.history.curves.valid) >= len(live.history.curves.valid), timeout=LONG)
    assert again.history.state is RunState.RUNNING
    qtbot.waitUntil(page.status.force.isVisible, timeout=LONG)
    step = again.history.curves.last_step
    os.kill(pid_of(again), signal.SIGCONT)
    qtbot.waitUntil(lambda: again.history.curves.last_step > step, timeout=LONG)
    qtbot.waitUntil(page.status.pause.isVisible, timeout=LONG)
    assert not page.status.force.isVisible()
    assert page.status.chip.accessibleName().startswith("训练中")

    os.kill(pid_of(again), signal.SIGSTOP)
    qtbot.waitUntil(page.status.force.isVisible, timeout=LONG)
    qtbot.mouseClick(page.status.force, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: again.history.state is RunState.INTERRUPTED, timeout=LONG)
    qtbot.waitUntil(page.banner.isVisible, timeout=LONG)
    assert page.status.resume.isVisible()


def test_what_is_changed_meanwhile_changes_nothing_of_the_figures(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot
) -> None:
    """Labels, comments and test set are others when it ends: it is measured on what it was given."""
    project = make_labelled_project(tmp_path, per_label=60)
    page = open_train_page(project)
    live = begin(page, qtbot)
    given = [json.loads(row) for row in (live.folder.data / "test.jsonl").read_text("utf-8").splitlines()]
    ids = [row["id"] for row in given]
    labels = project.labels.list()
    project.annotations.label(ids[:4], None, annotator="小王").result(10)
    project.labels.remove(labels[2].id, annotator="小王").result(10)
    rest = [each.id for each in project.comments.labelled() if each.id not in ids]
    project.test_sets.draw(rest[:20])
    page.context.session.look_now()
    qtbot.mouseClick(page.status.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: live.history.state is RunState.STOPPED, timeout=LONG)
    found = models.evaluation(project, live.id, "test")
    assert [(row.comment_id, row.label) for row in found.rows] == [(row["id"], row["label"]) for row in given]
    assert [label.name for label in found.labels] == ["正面", "中性", "负面"]
    negative = sum(row["label"] == 2 for row in given[4:])
    assert (found.since.unlabelled, found.outside) == (4 + negative, len(given))
    assert found.since.removed == ("负面",)
    project.sources.remove(project.sources.list()[0].id).result(10)
    gone = models.evaluation(project, live.id, "test")
    assert gone.since.gone == len(given)
    assert gone.figures == found.figures
    assert [row.text for row in gone.rows] == [row["text"] for row in given]
    assert page.status.evaluation.isVisible()


@pytest.mark.skipif(os.name == "nt", reason="Windows moves no folder in which a process works")
def test_a_training_goes_on_where_its_project_is_moved_to(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot
) -> None:
    project = make_labelled_project(tmp_path)
    page = open_train_page(project)
    live = begin(page, qtbot)
    before, number = [point.step for point in live.history.curves.valid], pid_of(live)
    (tmp_path / "归档").mkdir()
    moved = project.folder.rename(tmp_path / "归档" / "搬走 了.senti")
    qtbot.waitUntil(lambda: live.history.state is RunState.INTERRUPTED, timeout=LONG)
    qtbot.waitUntil(lambda: "不在原处" in page.status.sentence.text(), timeout=LONG)
    assert not page.status.resume.isVisible(), "nothing can go on from here"
    assert not project.folder.exists(), "the project does not rise again where it was"
    page.presenter.open_project(None)

    other = open_train_page(Project.open(moved))
    found = shown(other, qtbot)
    assert found.id == live.id
    qtbot.waitUntil(lambda: found.history.state is RunState.RUNNING, timeout=LONG)
    qtbot.waitUntil(lambda: len(found.history.curves.valid) >= len(before), timeout=LONG)
    steps = [point.step for point in found.history.curves.valid]
    assert steps[: len(before)] == before, "the whole curve"
    qtbot.waitUntil(lambda: len(found.history.curves.valid) > len(steps), timeout=LONG)
    assert pid_of(found) == number
    qtbot.mouseClick(other.status.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: found.history.state is RunState.STOPPED, timeout=LONG)
    assert (moved / "runs" / found.id / "model" / "weights.safetensors").is_file()
    assert not project.folder.exists()
