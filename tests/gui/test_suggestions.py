"""The assistant on the labelling page: a real helper process that follows a script, and real keys."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from test_label_page import labels_of, make_project, press, settle

from senti_studio.domain.labels import Label
from senti_studio.storage.project import Project
from senti_studio.ui import assistant as assistant_module
from senti_studio.ui import job_process
from senti_studio.ui.assistant import Assistant, Standing
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.label.view import LabelPage

FAKE = Path(__file__).parents[1] / "fakes" / "scripted_assistant.py"
QUALITY = {
    "accuracy": 0.861,
    "low": 0.83,
    "high": 0.89,
    "macro_f1": 0.84,
    "count": 120,
    "source": "test_set",
}


class Desk:
    """The page on a project with a scripted assistant."""

    def __init__(self, context: UiContext, qtbot: QtBot, script: Path, project: Project) -> None:
        self.qtbot, self.script, self.project = qtbot, script, project
        context.session.use(project)
        self.page = LabelPage(context)
        qtbot.addWidget(self.page)
        self.page.resize(1368, 836)
        self.page.set_up(project)
        context.session.project_changed.connect(self.page.open_project)  # as the window does
        self.page.show()
        self.page.on_shown()
        qtbot.waitUntil(lambda: not self.page.presenter.feed.is_filling)

    @property
    def assistant(self) -> Assistant:
        return self.page.context.assistant

    def write(self, **values: Any) -> None:
        script = json.loads(self.script.read_text("utf-8")) | values
        self.script.write_text(json.dumps(script), "utf-8")

    def requests(self, do: str) -> list[dict[str, Any]]:
        log = Path(json.loads(self.script.read_text("utf-8"))["log"])
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        return [request for request in map(json.loads, lines) if request["do"] == do]

    def suggested(self) -> list[bool]:
        return [button.is_suggested for button in self.page.labels.buttons]

    def shares(self) -> list[float | None]:
        return [button.probability for button in self.page.labels.buttons]

    def wait_for_suggestion(self) -> None:
        """It is on the screen, and can be accepted."""
        self.wait(lambda: self.page.labels.is_suggestion_seen)

    def press(self, key: Qt.Key) -> None:
        """As somebody who looks at the comment first: it is painted when the one before is on the disk."""
        self.wait(lambda: not self.page.presenter.is_writing)
        press(self.page, key)
        self.wait(lambda: not self.page.presenter.is_writing)

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=10_000)


Open = Callable[..., Desk]


@pytest.fixture
def open_desk(
    context: UiContext, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Open]:
    """Opens the page over ``count`` comments; further values are fields of the assistant's script."""
    script = tmp_path / "脚本.json"
    monkeypatch.setenv("SENTI_TEST_ASSISTANT", str(script))
    monkeypatch.setattr(job_process, "worker_command", lambda *_: [sys.executable, str(FAKE)])
    monkeypatch.setattr(assistant_module, "START_AFTER_MS", 0)
    monkeypatch.setattr(assistant_module, "TELL_AFTER_MS", 0)

    def open_it(count: int = 40, **values: Any) -> Desk:
        values.setdefault("log", str(tmp_path / "asked.jsonl"))
        script.write_text(json.dumps(values), "utf-8")
        return Desk(context, qtbot, script, make_project(tmp_path, count))

    yield open_it
    context.assistant.close()


def test_a_suggestion_is_shown_accepted_and_ready_for_the_next_comment(open_desk: Open) -> None:
    desk = open_desk(shift=True, quality=QUALITY, ranked=20_000, total=1_000_000)
    page = desk.page
    desk.wait_for_suggestion()
    places = [button.geometry() for button in page.labels.buttons]
    first = page.presenter.comment
    assert first is not None
    assert first.id == 1
    assert desk.shares() == [0.29, 0.58, 0.13]
    assert desk.suggested() == [False, True, False]
    assert "0.58" in page.labels.buttons[1].accessibleName()
    assert "12" in page.labels.source.text(), "how old the suggestion is"
    assert "86% ± 3" in page.labels.quality.text()
    assert "20,000 / 1,000,000" in page.labels.quality.text()
    desk.wait(lambda: all(page.suggesting.suggestions.of(each) is not None for each in range(1, 9)))
    for number in range(6):
        comment = page.presenter.comment
        assert comment is not None
        assert comment.id == number + 1
        wanted = max(range(3), key=lambda place: desk.shares()[place] or 0.0)
        desk.press(Qt.Key.Key_Return if number % 2 else Qt.Key.Key_Enter)
        assert page.labels.accept.isEnabled(), "the suggestion of the next comment was there already"
        assert page.presenter.labels[wanted].id == page.presenter.feed._cache[comment.id].label_id
    assert places == [button.geometry() for button in page.labels.buttons]
    settle(page, desk.qtbot)
    assert [labels_of(desk.project)[each] for each in range(1, 7)] == [2, 1, 3, 2, 1, 3]
    # Nobody can accept what is not painted yet.
    press(page, Qt.Key.Key_1)
    comment = page.presenter.comment
    press(page, Qt.Key.Key_Return)
    assert page.presenter.comment is comment
    settle(page, desk.qtbot)
    press(page, Qt.Key.Key_Left)
    # A comment that a person has decided shows no probability, and Enter changes nothing.
    press(page, Qt.Key.Key_Left)
    comment = page.presenter.comment
    assert comment is not None
    assert comment.label_id == 3
    assert desk.shares() == [None, None, None]
    assert not page.labels.accept.isEnabled()
    press(page, Qt.Key.Key_Return)
    assert page.presenter.comment is comment


def test_enter_accepts_nothing_that_is_not_painted_yet(open_desk: Open) -> None:
    desk = open_desk()
    page, early = desk.page, list[tuple[bool, int | None]]()

    def at_once() -> None:
        enabled = page.labels.accept.isEnabled()
        press(page, Qt.Key.Key_Return)
        comment = page.presenter.comment
        early.append((enabled, comment.id if comment is not None else None))

    page.suggesting.suggestions.arrived.connect(at_once)
    desk.wait(lambda: bool(early))
    page.suggesting.suggestions.arrived.disconnect(at_once)
    assert early == [(True, 1)], "it came in the moment of the key"
    desk.wait_for_suggestion()
    desk.wait(lambda: page.suggesting.suggestions.of(2) is not None)
    # The next comment with the same suggestion: neither is on the screen yet.
    press(page, Qt.Key.Key_Right)
    assert page.labels.accept.isEnabled()
    press(page, Qt.Key.Key_Return)
    comment = page.presenter.comment
    assert comment is not None
    assert comment.id == 2
    desk.wait_for_suggestion()
    press(page, Qt.Key.Key_Return)
    settle(page, desk.qtbot)
    assert [each for each, label in labels_of(desk.project).items() if label is not None] == [2]


def test_enter_in_the_note_accepts_nothing(open_desk: Open) -> None:
    desk = open_desk()
    page, field = desk.page, desk.page.comment.note_field
    desk.wait_for_suggestion()
    press(page, Qt.Key.Key_N)
    field.insert("回头再看")
    QTest.keyClick(field, Qt.Key.Key_Return)
    settle(page, desk.qtbot)
    found = desk.project.comments.get(1)
    assert (found.note, found.label_id) == ("回头再看", None)
    assert page.presenter.comment is not None
    assert page.presenter.comment.id == 1


def test_blind_mode_hides_everything_and_is_remembered(open_desk: Open) -> None:
    desk = open_desk()
    page = desk.page
    desk.wait_for_suggestion()
    press(page, Qt.Key.Key_H)
    assert page.hide_suggestions.isChecked()
    assert desk.shares() == [None, None, None]
    assert desk.suggested() == [False, False, False]
    assert not page.labels.accept.isEnabled()
    comment = page.presenter.comment
    press(page, Qt.Key.Key_Return)
    assert page.presenter.comment is comment, "nothing that cannot be seen is accepted"
    desk.press(Qt.Key.Key_2)
    assert desk.shares() == [None, None, None]
    assert page.context.settings.flag("hide_suggestions")
    QTest.mouseClick(page.hide_suggestions, Qt.MouseButton.LeftButton)
    assert desk.suggested() == [False, False, True]
    settle(page, desk.qtbot)


def test_before_the_first_model_the_card_says_when_there_will_be_suggestions(open_desk: Open) -> None:
    desk = open_desk(needed=20)
    desk.wait(lambda: "20" in desk.page.labels.source.text())
    assert not desk.page.labels.accept.isEnabled()
    assert desk.requests("suggest") == []
    press(desk.page, Qt.Key.Key_1)
    desk.write(needed=0)
    desk.page.context.session.look_now()  # as it does every second
    desk.wait_for_suggestion()
    assert desk.requests("labels_changed"), "the assistant was told of the label"


def test_killed_in_the_middle_it_is_missed_by_nobody(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant_module, "RESTART_AFTER_MS", (30,))
    desk = open_desk(60)
    page = desk.page
    desk.wait_for_suggestion()
    for number in range(30):
        if number == 10:
            os.kill(desk.assistant.process_id, signal.SIGKILL)
        desk.press((Qt.Key.Key_1, Qt.Key.Key_Return)[number % 2 and page.labels.is_suggestion_seen])
    settle(page, desk.qtbot)
    assert sum(label is not None for label in labels_of(desk.project).values()) == 30
    desk.wait(lambda: desk.assistant.standing is Standing.READY and len(desk.requests("open")) == 2)
    desk.wait_for_suggestion()
    monkeypatch.setattr(assistant_module, "RESTART_AFTER_MS", ())
    os.kill(desk.assistant.process_id, signal.SIGKILL)
    desk.wait(lambda: desk.assistant.standing is Standing.GONE)
    assert "标注照常" in page.labels.source.text()
    assert any("标注照常" in toast.text for toast in page.context.toasts.shown)
    for _ in range(12):
        desk.press(Qt.Key.Key_3)
    assert not page.labels.accept.isEnabled(), "what was asked ahead is used up"
    settle(page, desk.qtbot)
    assert sum(label is not None for label in labels_of(desk.project).values()) == 42
    page.suggesting._voices.fill()
    page.suggesting._voices.actions()[-1].trigger()
    desk.wait_for_suggestion()


def test_a_slow_one_is_named_so_and_labelling_goes_on(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant_module, "SLOW_AFTER_MS", 50)
    monkeypatch.setattr(assistant_module, "RESTART_AFTER_MS", (3_600_000,))
    desk = open_desk(hang_on="suggest")
    desk.assistant._slow.setInterval(50)
    desk.wait(lambda: desk.assistant.standing is Standing.SLOW)
    assert "慢" in desk.page.labels.source.text()
    press(desk.page, Qt.Key.Key_1)
    assert desk.page.presenter.comment is not None
    assert desk.page.presenter.comment.id == 2
    settle(desk.page, desk.qtbot)
    desk.assistant._give_up()  # what happens after three minutes without a sign of life
    desk.wait(lambda: desk.assistant.standing is Standing.GONE)


def test_one_that_hangs_is_named_slow_and_killed_however_much_is_asked(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant_module, "RESTART_AFTER_MS", (3_600_000,))
    desk = open_desk()
    desk.wait_for_suggestion()
    desk.assistant._slow.setInterval(300)
    os.kill(desk.assistant.process_id, signal.SIGSTOP)
    for _ in range(10):  # beyond what it has suggested ahead, and it is told of the labels
        desk.press(Qt.Key.Key_1)
    settle(desk.page, desk.qtbot)
    desk.page.context.session.look_now()
    desk.wait(lambda: any(asked.do == "labels_changed" for asked in desk.assistant._asked.values()))
    desk.wait(lambda: desk.assistant.standing is Standing.SLOW)
    desk.assistant._hung.setInterval(300)

    def ask_on() -> bool:
        desk.assistant.learn()
        return desk.assistant.standing is Standing.GONE

    desk.wait(ask_on)


def test_suggestions_of_a_label_that_is_gone_are_not_shown(open_desk: Open) -> None:
    desk = open_desk(label_ids=[1, 2, 99])
    desk.wait(lambda: desk.page.suggesting.shown is not None)
    assert desk.shares() == [None, None, None]
    assert not desk.page.labels.accept.isEnabled()
    # The set changes while the page is in view: buttons are made anew, with what is known of them.
    desk.write(label_ids=[1, 2, 3, 4], probabilities=[0.1, 0.2, 0.3, 0.4])
    desk.project.labels.add(Label("4", "反讽", "purple"), annotator="甲").result()
    desk.page.context.session.look_now()
    desk.wait(lambda: len(desk.page.labels.buttons) == 4)
    press(desk.page, Qt.Key.Key_Right)
    desk.wait(lambda: desk.suggested() == [False, False, False, True])
    settle(desk.page, desk.qtbot)


def test_what_moved_the_suggestion_is_marked_and_no_letter_moves(open_desk: Open) -> None:
    influences = [
        {"start": 0, "end": 2, "label_id": 3, "weight": 1.0},
        {"start": 3, "end": 5, "label_id": 1, "weight": 0.9},
        {"start": 2, "end": 3, "label_id": 3, "weight": 0.01},
        {"start": 8, "end": 900_000, "label_id": 3, "weight": 0.8},
    ]
    desk = open_desk(influences=influences)
    page, text = desk.page, desk.page.comment.text
    desk.wait_for_suggestion()
    layout = text.document().firstBlock().layout()
    lines = [layout.lineAt(n).naturalTextWidth() for n in range(layout.lineCount())]
    desk.wait(lambda: text.marks("influences") != [])
    (mark,) = text.marks("influences")
    assert (mark.start, mark.end, mark.token) == (0, 2, "neg"), "only what moved it, and nothing beyond it"
    assert lines == [layout.lineAt(n).naturalTextWidth() for n in range(layout.lineCount())]
    page.suggesting.explaining._ask.setInterval(3_600_000)  # as if every key came sooner
    for _ in range(5):
        desk.press(Qt.Key.Key_1)
        assert text.marks("influences") == [], "the next text begins without"
    page.suggesting.explaining._ask.setInterval(0)
    press(page, Qt.Key.Key_1)
    desk.wait(lambda: text.marks("influences") != [])
    asked = {request["comment"] for request in desk.requests("explain")}
    assert asked <= {1, 6, 7}, "who hurries on asks for no reasons"
    press(page, Qt.Key.Key_H)
    assert text.marks("influences") == []
    press(page, Qt.Key.Key_H)
    assert len(text.marks("influences")) == 1
    page.context.actions.set_page("label")
    action = page.context.actions.action("view.influences")
    assert action.isChecked()
    action.trigger()
    assert text.marks("influences") == []
    assert not action.isChecked()
    press(page, Qt.Key.Key_1)
    settle(page, desk.qtbot)
    assert page.context.settings.flag("hide_influences")


def test_a_trained_model_speaks_instead_when_the_user_says_so(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant_module, "RESTART_AFTER_MS", (10,))
    desk = open_desk()
    voices = desk.page.suggesting._voices
    desk.wait_for_suggestion()
    assert "快速基线" in desk.page.labels.source.text()
    assert len(desk.requests("suggest")) == 1
    desk.assistant.use_model("20261129-lstm-ab12")
    desk.wait(lambda: "20261129-lstm-ab12" in desk.page.labels.source.text())
    desk.wait(lambda: len(desk.requests("suggest")) == 2)
    voices.fill()
    assert [each.isChecked() for each in voices.actions() if each.isCheckable()] == [False]
    # The choice is the project's: it holds after a crash as well.
    os.kill(desk.assistant.process_id, signal.SIGKILL)
    desk.wait(lambda: len(desk.requests("use_model")) == 2)
    desk.wait(lambda: desk.assistant.standing is Standing.READY and desk.assistant.run != "")
    voices.fill()
    next(each for each in voices.actions() if each.isCheckable()).trigger()
    desk.wait(lambda: "快速基线" in desk.page.labels.source.text())
    assert desk.project.settings.get("assistant.model") == ""
