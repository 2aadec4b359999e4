"""The queue of the Train page: what waits for its turn, and the end of a run that nobody looks at."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from train_runs import LONG, Opened, start, wait_for
from training_projects import Script, make_labelled_project, play

from senti_studio.domain.run_states import RunState


def test_a_second_training_waits_its_turn(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=120, pace=0.01))
    page = open_train_page(make_labelled_project(tmp_path))
    first = start(page, qtbot)
    qtbot.mouseClick(page.new_button, Qt.MouseButton.LeftButton)
    page.architectures.choose("gru")
    assert page.start_card.start.text() == "加入队列"
    qtbot.mouseClick(page.start_card.start, Qt.MouseButton.LeftButton)
    assert page.runs.model.rows[0].chip[0] == "排队 1"
    project = page.presenter.project
    assert project is not None
    qtbot.waitUntil(lambda: len(project.settings.get("training_queue", [])) == 1, timeout=LONG)
    play(monkeypatch, Script(steps=20))
    wait_for(first, RunState.FINISHED, qtbot)
    qtbot.waitUntil(
        lambda: [row.state for row in page.runs.model.rows] == [RunState.FINISHED] * 2, timeout=LONG
    )
    assert page.runs.model.rows[0].architecture == "gru"
    assert project.settings.get("training_queue") == []


def test_whoever_leaves_a_run_the_moment_it_ends_is_told_and_the_next_one_starts(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=60, pace=0.01))
    page = open_train_page(make_labelled_project(tmp_path))
    first = start(page, qtbot)
    page.presenter.show_form()
    qtbot.mouseClick(page.start_card.start, Qt.MouseButton.LeftButton)
    page.presenter.show_run(first.id)
    told: list[str] = []
    page.presenter.run_ended.connect(lambda live: told.append(live.id))

    first.ended.connect(lambda run_id: page.presenter.show_form())
    play(monkeypatch, Script(steps=20))
    qtbot.waitUntil(
        lambda: [row.state for row in page.runs.model.rows] == [RunState.FINISHED] * 2, timeout=LONG
    )
    assert first.id in told
