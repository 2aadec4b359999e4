"""The options of what a net reads, on the Train page: typed, told about, and frozen with the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot
from training_projects import Script, make_labelled_project, play

from senti_studio.domain.run_states import RunState
from senti_studio.jobs.launch import reap_children
from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.machine import Device
from senti_studio.ui.pages.train.path_box import PathBox
from senti_studio.ui.pages.train.view import TrainPage

Editor = TypeVar("Editor", bound=QWidget)
LONG = 30_000


@pytest.fixture
def page(context: UiContext, qtbot: QtBot, tmp_path: Path) -> Iterator[TrainPage]:
    context.machine.is_known = True
    context.machine.devices = (Device("cpu", "测试处理器"),)
    project = make_labelled_project(tmp_path)
    context.session.use(project)
    made = TrainPage(context)
    qtbot.addWidget(made)
    made.resize(1368, 836)
    made.set_up(project)
    made.show()
    made.on_shown()
    qtbot.waitUntil(lambda: made.presenter.plan is not None, timeout=LONG)
    yield made
    made.presenter.open_project(None)
    reap_children()


def _notes(page: TrainPage) -> str:
    return " ".join(label.text() for label in page.start_card.findChildren(QLabel) if label.isVisible())


def _editor(page: TrainPage, group: str, name: str, kind: type[Editor]) -> Editor:
    page.options.headers[group].click()
    found = page.options.fields[name].findChild(kind, f"option_{name}")
    assert isinstance(found, kind)
    return found


def test_own_words_are_typed_frozen_with_the_run_and_remembered(
    page: TrainPage, qtbot: QtBot, context: UiContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, Script(steps=3))
    box = _editor(page, "text", "own_words", QPlainTextEdit)
    box.setFocus()
    QTest.keyClicks(box, "Mate60 Pro")
    box.insertPlainText("、小米手环")
    assert page.options.options.own_words == "Mate60 Pro、小米手环"
    assert page.options.fields["own_words"].reset_button.isVisible()
    project = context.session.project
    assert isinstance(project, Project)
    qtbot.mouseClick(page.start_card.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)
    live = page.presenter.shown
    assert live is not None
    assert live.folder.spec().options.own_words == "Mate60 Pro、小米手环"  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: live.history.state is RunState.FINISHED, timeout=LONG)
    page.presenter.show_form()
    page.options.fields["own_words"].reset()
    assert box.toPlainText() == ""
    page.open_project(project)
    assert box.toPlainText() == "Mate60 Pro、小米手环"


def test_the_page_says_how_many_comments_are_too_long(page: TrainPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "0% 的评论超过 256 个单位：全部完整读取" in _notes(page), timeout=LONG)
    page.options.headers["text"].click()
    page.options.fields["max_length"].set_value(4)
    qtbot.waitUntil(lambda: "约 100% 的评论超过 4 个单位" in _notes(page), timeout=LONG)
    page.options.fields["max_length"].set_value(0)
    qtbot.waitUntil(lambda: "99% 的评论完整读取" in _notes(page), timeout=LONG)
    assert "截短" not in _notes(page)
    assert page.options.headers["text"].summary == "词 · 长度自动"


def test_a_file_of_vectors_has_to_be_there(
    page: TrainPage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = _editor(page, "vectors", "vectors_file", PathBox)
    page.options.fields["vectors"].set_value("file")
    qtbot.waitUntil(lambda: "找不到词向量文件" in _notes(page), timeout=LONG)
    assert not page.start_card.start.isEnabled()
    path = tmp_path / "词 向量.txt"
    path.write_text("好吃 1 2 3 4\n", "utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    qtbot.mouseClick(box.choose, Qt.MouseButton.LeftButton)
    assert page.options.options.vectors_file == str(path)
    qtbot.waitUntil(page.start_card.start.isEnabled, timeout=LONG)
