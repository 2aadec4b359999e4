"""What the labelling page is made of: keys, first letters, pace, queue."""

from __future__ import annotations

from array import array

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent
from pytestqt.qtbot import QtBot

from senti_studio.domain.comments import CommentCounts
from senti_studio.domain.labels import labels_from_names
from senti_studio.ui.context import UiContext
from senti_studio.ui.fonts import font
from senti_studio.ui.key_names import physical_key, sign_of_place
from senti_studio.ui.pages.label.first_letters import first_letters, matches
from senti_studio.ui.pages.label.keys import PageKeys, Press, Verb, keys_for, press_of, press_of_text
from senti_studio.ui.pages.label.pace import Pace
from senti_studio.ui.pages.label.queue import Queue
from senti_studio.ui.pages.label.queue_view import Tab
from senti_studio.ui.pages.label.status_row import StatusRow

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def event(
    key: int, modifier: Qt.KeyboardModifier = NONE, text: str = "", *, scan: int = 0, virtual: int = 0
) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, modifier, scan, virtual, 0, text)


def act(action: str) -> Press:
    return Press(Verb.ACT, action=action)


@pytest.mark.parametrize(
    ("pressed", "labels", "wanted"),
    [
        (event(Qt.Key.Key_3, text="3"), 3, Press(Verb.LABEL, 2)),
        (event(Qt.Key.Key_4, text="4"), 3, None),
        (event(Qt.Key.Key_3, Qt.KeyboardModifier.KeypadModifier, "3"), 3, Press(Verb.LABEL, 2)),
        (event(Qt.Key.Key_0, text="0"), 3, act("label.skip")),
        (event(Qt.Key.Key_Space, text=" "), 3, act("label.skip")),
        (event(Qt.Key.Key_Exclam, SHIFT, "!", scan=10), 12, Press(Verb.LABEL, 9)),
        (
            event(Qt.Key.Key_Ampersand, text="&", scan=10),
            3,
            Press(Verb.LABEL, 0),
        ),  # French: digits need Shift
        (event(Qt.Key.Key_1, SHIFT, "1", scan=10), 3, Press(Verb.LABEL, 0)),
        (event(0x0410, text="ф", scan=41), 3, act("label.flag")),
        (event(Qt.Key.Key_N, text="n"), 3, act("label.note")),
        (event(Qt.Key.Key_A, text="a"), 3, act("label.previous")),
        (event(Qt.Key.Key_Right, SHIFT), 3, act("label.next_unlabelled")),
        (event(Qt.Key.Key_1, CONTROL, ""), 3, None),
        (event(Qt.Key.Key_Exclam, CONTROL | SHIFT, "", scan=10), 3, Press(Verb.LABEL_ALL, 0)),
        (event(Qt.Key.Key_4, CONTROL | SHIFT, ""), 3, None),
        (event(Qt.Key.Key_Slash, SHIFT, "/"), 3, act("label.search")),  # German: Shift+7
        (event(Qt.Key.Key_unknown, text="", scan=57), 3, act("label.note")),  # by an input method
        (event(Qt.Key.Key_BracketLeft, text="["), 3, act("label.left")),
        (event(Qt.Key.Key_unknown, text="", scan=34), 3, act("label.left")),
        (event(Qt.Key.Key_unknown, text="", scan=35), 3, act("label.right")),
        (event(Qt.Key.Key_unknown, text="【", scan=34), 3, act("label.left")),
        (event(Qt.Key.Key_unknown, SHIFT, "", scan=35), 3, None),
        (event(Qt.Key.Key_PageDown), 3, act("label.page_down")),
        (event(Qt.Key.Key_Q, text="q"), 3, None),
        (event(Qt.Key.Key_W, SHIFT, "W"), 3, Press(Verb.LETTER, letter="w")),
        (event(0x01001234), 3, None),
    ],
)
def test_what_a_key_means(
    pressed: QKeyEvent,
    labels: int,
    wanted: Press | None,
    monkeypatch: pytest.MonkeyPatch,
    context: UiContext,
) -> None:
    monkeypatch.setattr("senti_studio.ui.key_names.physical_key", lambda e: physical_key(e, "linux"))
    monkeypatch.setattr("senti_studio.ui.key_names.sign_of_place", lambda e: sign_of_place(e, "linux"))
    names = labels_from_names([(str(n), f"类别{n}") for n in range(labels)])
    assert press_of(pressed, keys_for(context.actions, names)) == wanted


def test_places_of_keys_on_other_systems() -> None:
    assert physical_key(event(0, virtual=0x62), "win32") == "2"
    assert physical_key(event(0, virtual=0x46), "win32") == "F"
    assert physical_key(event(0, virtual=18), "darwin") == "1"
    assert physical_key(event(0, virtual=84), "darwin") == "2"
    assert physical_key(event(0), "darwin") == ""
    unknown = Qt.Key.Key_unknown
    assert sign_of_place(event(unknown, virtual=0xDB), "win32") == "["
    assert sign_of_place(event(unknown, virtual=30), "darwin") == "]"
    assert sign_of_place(event(Qt.Key.Key_F5, virtual=30), "darwin") == "", "only what has no other name"


@pytest.mark.parametrize(("text", "place"), [("２", 1), ("3", 2), ("4", None), ("好", None), ("12", None)])
def test_committed_text(text: str, place: int | None) -> None:
    found = press_of_text(text, PageKeys(labels=3))
    assert (found.index if found else None) == place


def test_first_letters_are_pinyin() -> None:
    assert first_letters("正面") == "zm"
    assert first_letters("物流慢") == "wlm"
    assert first_letters("服务 A1") == "fw a1"
    assert first_letters("鱻") == "", "a rare character has no letter, and that is no error"
    assert matches("f", ["非常满意", "满意", "服务"]) == [0, 2]
    assert matches("fw", ["非常满意", "满意", "服务"]) == [2]
    assert matches("", ["满意"]) == []


def test_pace_leaves_breaks_out() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    assert pace.per_minute is None
    for _ in range(11):
        pace.decide()
        now += 2.0
    assert pace.per_minute == pytest.approx(30.0)
    now += 600.0  # lunch
    pace.decide()
    assert pace.per_minute == pytest.approx(30.0)
    assert pace.seconds_left(90) == pytest.approx(180.0)
    pace.take_back()
    assert pace.decided == 11


def test_queue_steps_over_what_is_decided_and_wraps() -> None:
    queue = Queue(only_open=True)
    queue.append(array("q", [7, 3, 9, 5]))
    assert [queue.step_open(1), queue.current] == [7, 7]
    queue.close(7)
    queue.close(3)
    assert queue.advance() == 9
    queue.close(9)
    assert queue.advance() == 5
    queue.close(5)
    assert queue.advance() is None
    queue.reopen(3)
    assert queue.advance() == 3
    assert queue.step(-1) == 7, "going back finds decided ones"
    assert queue.step(-1) is None
    assert queue.seek_near(9)
    assert queue.upcoming(3) == [3]
    assert not queue.seek(42)


def test_the_chosen_tab_has_room_for_its_bold_words(context: UiContext, qtbot: QtBot) -> None:
    row = StatusRow(context.theme)
    qtbot.addWidget(row)
    row.resize(1246, 40)
    row.show_counts(CommentCounts(624, 450, {}, 3, 12))
    row.show_tab(Tab.LABELLED)
    row.show()
    tabs = row.tabs
    assert tabs.width() >= sum(tabs.tabSizeHint(place).width() for place in range(tabs.count()))
    assert tabs.tabRect(tabs.count() - 1).right() <= tabs.width()
    bold = QFontMetrics(font("ui", bold=True)).horizontalAdvance(tabs.tabText(1))
    assert tabs.tabRect(1).width() >= bold
