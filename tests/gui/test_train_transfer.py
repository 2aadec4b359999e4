"""The Train page: beginning with an earlier model, pseudo-labels, going on with a search that was stopped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot
from training_projects import Script, make_labelled_project, play

from senti_studio.domain.repetition import Repetition
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.teaching import TeachingRequest
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.domain.transfer import PseudoRequest
from senti_studio.jobs.protocol import Evaluated, Finished, Started, Stopped, Trial
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations import training
from senti_studio.operations.training import TrainingRequest
from senti_studio.storage.project import Project
from senti_studio.ui.pages.train.view import TrainPage
from senti_studio.ui.pages.train.waiting import Wish, read_queue, write_queue

LONG = 30_000
Opened = Callable[[Project], TrainPage]


def _earlier(project: Project, architecture: str, name: str, **options: object) -> RunFolder:
    """A run that is over, with what a model folder says of itself."""
    made = TrainingOptions(**options)  # type: ignore[arg-type]
    folder = training.create_run(project, TrainingRequest(architecture, made, name=name))
    spec = folder.spec()
    assert isinstance(spec, TrainingSpec)
    folder.append_event(Started(run_id=folder.id))
    folder.append_event(Finished(reason="epochs"))
    folder.model.mkdir()
    contents = {
        "config.json": {"architecture": architecture, "version": 1},
        "labels.json": {"labels": [{"key": each.key, "name": each.name} for each in spec.labels]},
        "card.json": {"spec": {"options": {"units": "words", **options}}},
        "weights.safetensors": {},
    }
    for file, content in contents.items():
        (folder.model / file).write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return folder


def _names(combo: QComboBox) -> list[str]:
    return [combo.itemText(index) for index in range(combo.count())]


def _choose(combo: QComboBox, value: str) -> None:
    combo.setCurrentIndex(combo.findData(value))
    combo.activated.emit(combo.currentIndex())


def test_what_is_taken_over_is_chosen_told_and_run(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=4000, pace=0.01))
    project = make_labelled_project(tmp_path)
    lstm = _earlier(project, "lstm", "旧的一个", hidden_size=24, units="characters")
    gru = _earlier(project, "gru", "旧的二个")
    page = open_train_page(project)
    group = page.transfer
    qtbot.waitUntil(lambda: group.start.count() > 1, timeout=LONG)
    assert _names(group.start) == ["无", "旧的一个"], "only of the network that is chosen"
    assert _names(group.teacher) == ["无", "旧的二个", "旧的一个"]
    assert group.header.summary == "不用"
    group.header.setChecked(True)
    assert not group.threshold.isVisible()

    _choose(group.start, lstm.id)
    qtbot.waitUntil(lambda: page.form.wish.options.hidden_size == 24, timeout=LONG)
    qtbot.waitUntil(lambda: page.presenter.planner.wish.options.hidden_size == 24, timeout=LONG)
    assert page.form.wish.options.units == "characters"
    _choose(group.teacher, gru.id)
    assert group.threshold.isVisible()
    group.threshold.setValue(0.9)
    group.most.setValue(40)
    group.weight.setValue(0.5)
    group.balanced.setChecked(False)
    assert group.header.summary == "从 旧的一个 开始 · 伪标签"
    wanted = PseudoRequest(gru.id, 0.9, 40, 0.5, balanced=False)
    assert (page.form.wish.start_from, page.form.wish.pseudo) == (lstm.id, wanted)

    page.options.fields["hidden_size"].set_value(32)
    page.form.tell()
    qtbot.waitUntil(
        lambda: page.presenter.plan is not None and page.presenter.plan.problem is not None, timeout=LONG
    )
    assert page.presenter.plan is not None
    assert page.presenter.plan.problem is not None
    assert page.presenter.plan.problem[0] == "START_DOES_NOT_FIT"
    assert not page.start_card.start.isEnabled()
    page.options.fields["hidden_size"].set_value(24)
    page.form.tell()
    qtbot.waitUntil(page.start_card.start.isEnabled, timeout=LONG)
    assert "START_HAS_SEEN" in [code for code, _ in page.presenter.plan.warnings]
    qtbot.mouseClick(page.start_card.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)
    live = page.presenter.shown
    assert live is not None
    spec = live.folder.spec()
    assert isinstance(spec, TrainingSpec)
    assert spec.start is not None
    assert spec.pseudo is not None
    assert (spec.start.id, spec.pseudo.model.id, spec.pseudo.most) == (lstm.id, gru.id, 40)
    assert (live.folder.data / "start" / "config.json").exists()
    assert not group.start.isEnabled(), "a run that is shown cannot be changed"
    assert group.start.currentText() == "旧的一个"

    page.presenter.show_form()
    page.architectures.choose("gru")
    page.form._choose("gru")
    assert page.form.wish.start_from == "", "a model of another network"
    assert page.form.wish.pseudo == wanted


def test_the_queue_keeps_what_is_taken_over(tmp_path: Path) -> None:
    project = make_labelled_project(tmp_path)
    wish = Wish("gru", TrainingOptions(), start_from="last", pseudo=PseudoRequest("last", 0.8, 7, 0.5))
    taught = Wish("lstm", TrainingOptions(), teaching=TeachingRequest("last", 3.0, 0.25, 400))
    impossible = [
        Wish("lstm", TrainingOptions(), pseudo=PseudoRequest("last", 0.1)),
        Wish("lstm", TrainingOptions(), teaching=TeachingRequest("last", 0.1)),
    ]
    write_queue(project, [wish, *impossible, taught]).result()
    assert read_queue(project) == [wish, taught], "impossible requests are left out"
    project.close()


def test_a_search_that_was_stopped_goes_on(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_labelled_project(tmp_path)
    request = TrainingRequest(repetition=Repetition("search", 4), options=TrainingOptions(epochs=2))
    folder = training.create_run(project, request)
    metrics = {"valid_accuracy": 0.8, "valid_macro_f1": 0.7, "valid_loss": 0.5}
    for event in (
        Started(trial=1, trials=4, total_steps=20, steps_per_epoch=10, epochs=2),
        Trial(number=1, metrics=metrics, is_best=True),
        Stopped(metrics={"best_trial": 1, "options": {}}),
    ):
        folder.append_event(event)
    started: list[tuple[str, bool]] = []
    monkeypatch.setattr(
        training, "launch_run", lambda run, resume=False: started.append((run.id, resume)) or 1
    )
    page = open_train_page(project)
    qtbot.waitUntil(lambda: bool(page.runs.model.rows), timeout=LONG)
    page.presenter.show_run(folder.id)
    qtbot.waitUntil(page.status.resume.isVisible, timeout=LONG)
    assert page.presenter.shown is not None
    assert page.presenter.shown.history.state is RunState.STOPPED
    assert page.status.evaluation.isVisible()
    assert page.status.resume.property("kind") != "primary", "one filled button is enough"
    qtbot.mouseClick(page.status.resume, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(started), timeout=LONG)
    assert started == [(folder.id, True)]

    for number in (2, 3, 4):
        folder.append_event(Trial(number=number, metrics=metrics))
    folder.append_event(Stopped(metrics={"best_trial": 1, "options": {}}))
    page.presenter.show_form()
    page.presenter.show_run(folder.id)
    qtbot.waitUntil(lambda: len(page.presenter.shown.history.trials) == 4, timeout=LONG)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: not page.status.resume.isVisible(), timeout=LONG)


def test_what_pseudo_labels_changed_is_told(tmp_path: Path, open_train_page: Opened, qtbot: QtBot) -> None:
    project = make_labelled_project(tmp_path)
    earlier = _earlier(project, "gru", "没有它们的")
    request = TrainingRequest("gru", pseudo=PseudoRequest(earlier.id, 0.9, 40))
    folder = training.create_run(project, request)
    for run, score in ((earlier, 0.70), (folder, 0.75)):
        run.append_event(Evaluated(split="test", accuracy=score, macro_f1=score - 0.1))
        run.append_event(Finished(reason="epochs"))
    report = {
        "candidates": 1200, "near_copies": 2, "sure": {"1": 50, "2": 9}, "joined": {"1": 18, "2": 9},
        "teacher": {"sure": 12, "right": 11},
    }  # fmt: skip
    (folder.data / "pseudo.json").write_text(json.dumps(report), "utf-8")
    page = open_train_page(project)
    qtbot.waitUntil(lambda: len(page.runs.model.rows) == 2, timeout=LONG)
    page.presenter.show_run(earlier.id)
    assert not page.pseudo.isVisible()
    shutil.copytree(earlier.model, folder.model)
    card = {"metrics": {"pseudo_agreement": 0.875}}
    (folder.model / "card.json").write_text(json.dumps(card), "utf-8")
    page.presenter.show_run(folder.id)
    qtbot.waitUntil(lambda: "没有它们的" in page.pseudo.change.text(), timeout=LONG)
    assert page.pseudo.isVisible()
    assert "1,200 条里加入 27 条：正面 18 · 中性 9 · 负面 0" in page.pseudo.joined.text()
    left_out = "超出每类上限或为保持各类比例不用 30 条 · 把握不够 1,141 条 · 与留出部分近似而不用 2 条"
    assert left_out in page.pseudo.joined.text()
    assert "87.5%" in page.pseudo.agreement.text()
    assert "准确率 +0.050, 宏 F1 +0.050" in page.pseudo.change.text()
    page.presenter.show_form()
    qtbot.waitUntil(lambda: not page.pseudo.isVisible(), timeout=LONG)


def test_a_teacher_is_chosen_and_compared_with_its_pupil(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=4000, pace=0.01))
    project = make_labelled_project(tmp_path)
    teacher = _earlier(project, "bert", "大的")
    page = open_train_page(project)
    group = page.transfer
    qtbot.waitUntil(lambda: group.taught_by.count() > 1, timeout=LONG)
    group.header.setChecked(True)
    assert not group.temperature.isVisible()
    _choose(group.taught_by, teacher.id)
    assert group.temperature.isVisible()
    assert not group.threshold.isVisible()
    group.temperature.setValue(3.0)
    group.hard_share.setValue(0.25)
    group.unlabelled.setValue(400)
    assert group.header.summary == "老师 大的"
    wanted = TeachingRequest(teacher.id, 3.0, 0.25, 400)
    assert page.form.wish.teaching == wanted
    _choose(group.teacher, teacher.id)
    qtbot.waitUntil(lambda: _problem(page) == "TEACHER_OR_PSEUDO", timeout=LONG)
    _choose(group.teacher, "")
    qtbot.waitUntil(page.start_card.start.isEnabled, timeout=LONG)
    qtbot.mouseClick(page.start_card.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)
    live = page.presenter.shown
    assert live is not None
    spec = live.folder.spec()
    assert isinstance(spec, TrainingSpec)
    assert spec.teaching is not None
    assert (spec.teaching.model.id, spec.teaching.temperature, spec.teaching.most) == (teacher.id, 3.0, 400)
    assert (live.folder.data / "teacher" / "config.json").exists()
    assert (live.folder.data / "candidates.jsonl").exists()
    assert group.taught_by.currentText() == "大的"
    assert not page.teaching.isVisible(), "nothing is known yet"

    page.presenter.show_form()
    assert page.form.wish.teaching == wanted
    run = training.create_run(project, TrainingRequest("lstm", teaching=wanted))
    run.append_event(Started(run_id=run.id))
    shutil.copytree(teacher.model, run.model)
    figures = {"accuracy": 0.8, "macro_f1": 0.75, "test_macro_f1": 0.75}
    asked = {"teacher_accuracy": 0.82, "teacher_macro_f1": 0.8}
    speeds = {"teacher_rows_per_s": 40.0, "pupil_rows_per_s": 2000.0}
    card = {"metrics": {**figures, **asked, **speeds}}
    (run.model / "card.json").write_text(json.dumps(card), "utf-8")
    run.append_event(Finished(reason="epochs"))
    page.presenter.reload()
    qtbot.waitUntil(lambda: run.id in [row.id for row in page.presenter.rows], timeout=LONG)
    page.presenter.show_run(run.id)
    qtbot.waitUntil(page.teaching.isVisible, timeout=LONG)
    assert page.teaching.teacher.text() == "大的：准确率 0.820，宏 F1 0.800，每秒 40 条"
    assert page.teaching.pupil.text() == "这次训练：准确率 0.800，宏 F1 0.750，每秒 2,000 条"
    assert "50.0 倍" in page.teaching.faster.text()


def _problem(page: TrainPage) -> str:
    plan = page.presenter.plan
    return plan.problem[0] if plan is not None and plan.problem is not None else ""
