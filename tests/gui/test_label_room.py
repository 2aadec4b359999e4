"""What gives way on the labelling page where there is little room: bar and number before the name of a label,
speed and bar before the counts, what stands below the comment before comment and labels."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from senti_studio.domain.comments import CommentCounts
from senti_studio.domain.labels import APPEARANCES, SHAPES, Label, free_appearance, labels_from_names
from senti_studio.domain.lexicon import WordChanges, WordClass
from senti_studio.ui.app import AppParts
from senti_studio.ui.context import UiContext
from senti_studio.ui.keys_page import KeysPage
from senti_studio.ui.label_row import LOOK_NAMES, mark_icon
from senti_studio.ui.pages.label.guide_rows import show_markdown
from senti_studio.ui.pages.label.label_button import LabelButton
from senti_studio.ui.pages.label.queue_view import Tab
from senti_studio.ui.pages.label.review.start_page import StartPage
from senti_studio.ui.pages.label.status_row import StatusRow
from senti_studio.ui.pages.label.words_dialog import WordsDialog
from senti_studio.ui.settings_dialog import SettingsDialog
from senti_studio.ui.theme import Theme


def suggested_button(name: str, width: int, theme: Theme, qtbot: QtBot) -> LabelButton:
    made = LabelButton(Label("1", name), "1", theme, low=True)
    qtbot.addWidget(made)
    made.resize(width, made.height())
    made.set_suggestion(0.9, suggested=True)
    return made


@pytest.mark.parametrize(
    ("name", "width", "number", "bar"),
    [
        ("服务态度", 392, True, True),
        ("服务态度", 192, True, False),
        ("Label 10", 192, True, False),
        ("服务态度", 152, False, False),
        ("配送员把餐送错了地方", 192, False, False),
    ],
)
def test_the_name_of_a_label_is_the_last_to_give_way(
    name: str, width: int, number: bool, bar: bool, context: UiContext, qtbot: QtBot
) -> None:
    made = suggested_button(name, width, context.theme, qtbot)
    assert (made.shows_number, made.shows_bar) == (number, bar)
    free = made._end_of_words() - made._start_of_words
    assert free >= (made._words_width if len(name) < 9 else 100)


def test_eighteen_labels_look_all_different(context: UiContext, qtbot: QtBot) -> None:
    labels: list[Label] = []
    for place in range(18):
        labels.append(Label(str(place), f"类别{place}", free_appearance(labels)))
    looks = [each.appearance for each in labels]
    assert sorted(looks) == sorted(APPEARANCES)
    assert len(set(SHAPES.values())) == 18
    assert len({LOOK_NAMES[look] for look in looks}) == 18
    seen = set()
    for look in looks:
        picture = mark_icon(look, context.theme).pixmap(QSize(16, 16)).toImage()
        seen.add(bytes(picture.constBits()))
    assert len(seen) == 18
    read = labels_from_names([(str(n), f"类别{n}") for n in range(12)])
    assert len({each.appearance for each in read}) == 12


def test_the_counts_of_the_progress_always_stay(context: UiContext, qtbot: QtBot) -> None:
    row = StatusRow(context.theme)
    qtbot.addWidget(row)
    row.retranslate()
    row.show_counts(CommentCounts(2000, 217, {}, 3, 12))
    facts = row.facts
    facts.show_speed("每分钟 66 条 · 约 28 分钟", "约 28 分钟")
    facts.resize(460, 39)
    wide = facts.parts
    assert (wide.counts, wide.has_bar, wide.speed) == ("217 / 2,000", True, "每分钟 66 条 · 约 28 分钟")
    assert wide.share
    facts.resize(180, 39)
    assert (facts.parts.counts, facts.parts.has_bar, facts.parts.speed) == (
        "217 / 2,000",
        False,
        "约 28 分钟",
    )
    facts.resize(facts.minimumSizeHint())
    assert (facts.parts.counts, facts.parts.speed) == ("217 / 2,000", "")


def test_the_tabs_take_the_room_there_is(context: UiContext, qtbot: QtBot) -> None:
    row = StatusRow(context.theme)
    qtbot.addWidget(row)
    row.retranslate()
    row.resize(952, 40)
    row.show()
    row.show_counts(CommentCounts(12_000, 4_217, {}, 311, 123))
    tabs = row.tabs
    qtbot.waitUntil(lambda: tabs.tabRect(tabs.count() - 1).right() < tabs.width())
    for place in range(tabs.count()):
        row.show_tab(tuple(Tab)[place])
        assert tabs.tabRect(tabs.count() - 1).right() < tabs.width()
        assert not [each for each in tabs.findChildren(QToolButton) if each.isVisible()], "no arrows"


def test_headings_of_the_guidelines_are_as_large_as_the_rest(qtbot: QtBot) -> None:
    words, plain = QLabel(), QLabel()
    for each in (words, plain):
        qtbot.addWidget(each)
        each.setWordWrap(True)
    show_markdown(words, "# 何时算正面")
    show_markdown(plain, "**何时算正面**")
    assert words.textFormat() == Qt.TextFormat.MarkdownText
    assert words.heightForWidth(300) == plain.heightForWidth(300)
    show_markdown(words, "先褒后贬时，看结论句。\n# 何时算负面")
    show_markdown(plain, "先褒后贬时，看**结论**句。")
    assert words.heightForWidth(300) > 1.5 * plain.heightForWidth(300), "a line of its own"


def test_the_explaining_sentence_has_room_for_its_lines(context: UiContext, qtbot: QtBot) -> None:
    page = StartPage(context.theme)
    qtbot.addWidget(page)
    page.text.setText("The assistant judges every label by a model that has not learnt from it. " * 3)
    page.resize(1300, 600)
    page.show()
    assert page.text.height() >= page.text.heightForWidth(page.text.width())
    assert page.text.height() > 2 * page.title.fontMetrics().height()


def test_rows_of_words_are_as_high_as_their_letters(context: UiContext, qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    own = {"好吃": WordClass.POSITIVE, "赞": WordClass.POSITIVE}
    dialog = WordsDialog(context, own, WordChanges(), host)
    dialog.show()
    for words in (dialog.words, dialog.classes):
        high = words.visualItemRect(words.item(0)).height()
        assert high >= words.fontMetrics().height() + 4
    dialog.reject()


def test_the_keys_are_made_when_they_are_looked_at(context: UiContext, parts: AppParts, qtbot: QtBot) -> None:
    settings = SettingsDialog(context, parts.language)
    settings.show()
    assert settings.findChildren(KeysPage) == [], "a hundred rows nobody asked for"
    again = settings.ask_again
    assert again.width() >= again.sizeHint().width()
    size = settings.size()
    QTest.keyClick(settings.sides, Qt.Key.Key_Right)
    assert settings.keys.isVisible()
    assert settings.size() == size
    settings.reject()
