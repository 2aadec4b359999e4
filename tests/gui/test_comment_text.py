"""The widget that shows a comment: marks in layers, copies of the selection, texts of any length and kind."""

from __future__ import annotations

import time

import pytest
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.label.comment_text import CommentText
from senti_studio.ui.pages.label.text_marks import Mark, Stroke, pieces

SENTENCE = "前台办入住很快，还主动给升了房型，这点要夸。但是房间隔音实在太差，下次来可能会换一家。"


@pytest.fixture
def text(context: UiContext, qtbot: QtBot) -> CommentText:
    made = CommentText(context.theme, 20)
    qtbot.addWidget(made)
    made.resize(800, 280)
    made.show()
    qtbot.waitExposed(made)
    return made


def inked(text: CommentText, token: str) -> int:
    """How many pixels have exactly the colour of a token."""
    wanted = text._theme.colour(token).rgb()
    picture = text.grab().toImage()
    return sum(
        picture.pixel(x, y) == wanted for y in range(picture.height()) for x in range(0, picture.width(), 2)
    )


def test_marks_are_painted_and_the_next_text_takes_them_away(text: CommentText) -> None:
    text.show_text(SENTENCE)
    assert inked(text, "pos") == 0
    text.set_marks("words", [Mark(5, 7, Stroke.SOLID, "pos"), Mark(31, 33, Stroke.DASHED, "neg")])
    assert text.marks("words") == [Mark(5, 7, Stroke.SOLID, "pos"), Mark(31, 33, Stroke.DASHED, "neg")]
    solid, dashed = inked(text, "pos"), inked(text, "neg")
    assert solid >= 38, "two characters of 20 px, 2 px thick, every second column"
    assert 0 < dashed < solid, "a dashed line has gaps"
    text.set_marks("ground", [Mark(0, 4, Stroke.GROUND, "brown", 1.0)])
    assert inked(text, "pos") == solid, "a layer leaves the others alone"
    assert inked(text, "brown") > 400
    text.show_text("一般")
    assert inked(text, "pos") == inked(text, "neg") == inked(text, "brown") == 0
    text.set_marker("search", lambda words: [Mark(0, 1, Stroke.SOLID, "pos")] if words else [])
    assert inked(text, "pos") > 0
    text.show_text("还行")
    assert inked(text, "pos") > 0, "a marker finds its marks in every text"
    text.set_marker("search", None)
    assert inked(text, "pos") == 0


def test_marks_count_characters_whatever_stands_before_them(text: CommentText) -> None:
    text.show_text("很快")
    text.set_marks("words", [Mark(0, 2, Stroke.SOLID, "pos")])
    plain = inked(text, "pos")
    for before in ("👍🏽👨‍👩‍👧😀", "一行\n", "一行\r\n又一行\r", "\u2029"):
        text.show_text(before + "很快")
        text.set_marks("words", [Mark(len(before), len(before) + 2, Stroke.SOLID, "pos")])
        assert abs(inked(text, "pos") - plain) <= 2, repr(before)


def test_pieces_are_the_whole_text_and_break_no_character(text: CommentText) -> None:
    for long in (SENTENCE * 100, "😀" * 5000, "👨‍👩‍👧" * 3000, "é" * 4500, "一\r\n\r\n二\r三\n"):
        parts = pieces(long)
        assert all(end - start <= 2040 for start, end in parts)
        kept = "".join(long[start:end] for start, end in parts)
        assert kept == long.replace("\r", "").replace("\n", "")
        assert not any(long[start : start + 1] in ("\u200d", "\u0301") for start, _ in parts)


def test_copied_text_has_no_line_ends_of_its_own(text: CommentText, qtbot: QtBot) -> None:
    long = SENTENCE * 100 + "\r\n末行👍🏽完"
    text.show_text(long)
    qtbot.waitUntil(lambda: text.document().blockCount() == len(pieces(long)))
    cursor = text.textCursor()
    cursor.select(QTextCursor.SelectionType.Document)
    text.setTextCursor(cursor)
    assert text.createMimeDataFromSelection().text() == long
    assert text.toPlainText() == long


@pytest.mark.alone
@pytest.mark.parametrize("sort", ["plain", "emoji"])
def test_forty_thousand_characters_do_not_hold_the_window(text: CommentText, qtbot: QtBot, sort: str) -> None:
    long = (SENTENCE * 1000)[:40_000] if sort == "plain" else "😀👍🏽🎉" * 10_000
    took: dict[int, list[float]] = {4_000: [], len(long): []}
    for _ in range(3):
        for length, found in took.items():
            text.show_text("先画一次")
            text.grab()
            began = time.thread_time()  # what this thread worked, whatever else the machine does
            text.show_text(long[:length])
            text.grab()
            found.append(time.thread_time() - began)
        assert text.characters_below() > 39_000
    few, all_of_it = map(min, took.values())
    assert all_of_it < 3 * few, "what is far below is not laid out at once"
    if sort == "emoji":
        text.show_text("短")
        return
    pages = 0
    qtbot.waitUntil(lambda: text.document().blockCount() == len(pieces(long)), timeout=10_000)
    while text.verticalScrollBar().value() < text.verticalScrollBar().maximum():
        text.page(1)
        pages += 1
    assert pages > 100
    assert text.characters_below() == 0
    text.show_text("短")
    assert text.document().blockCount() == 1
    qtbot.wait(30)
    assert text.document().toPlainText() == "短", "nothing of the long one comes after"


def test_what_lies_below_is_counted_line_by_line_within_one_paragraph(text: CommentText) -> None:
    whole = "房间隔音很差，" * 400
    text.show_text(whole)
    layout = text.document().begin().layout()
    seen = text.viewport().height() // (layout.lineAt(1).y() - layout.lineAt(0).y())
    assert seen > 1
    last = layout.lineAt(int(seen) - 1)
    assert text.characters_below() == len(whole) - last.textStart() - last.textLength()


@pytest.mark.parametrize(
    "odd", ["الخدمة ممتازة جدا 很快 والطعام لذيذ", "😀👍🏽🎉" * 30, "\u202e反过来", "\x00\x07", "　"]
)
def test_odd_texts_are_shown_with_their_marks(text: CommentText, odd: str) -> None:
    text.show_text(odd)
    place = max(0, odd.find("很快"))
    text.set_marks("words", [Mark(place, place + 2, Stroke.SOLID, "pos")])
    assert inked(text, "pos") > 0
    assert text.toPlainText() == odd
    assert text.characters_below() == 0
