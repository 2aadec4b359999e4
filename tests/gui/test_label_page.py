"""The labelling page on real projects, by real key events."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.labels import DEFAULT_LABELS, Label, labels_from_names
from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.label.queue_view import Tab
from senti_studio.ui.pages.label.view import LabelPage

TEXTS = (
    "汤洒了一半，米饭还是热的。",
    "前台态度好，就是隔音差👂",
    "一般",
    "退房时把充电器寄回来了，谢谢！",
    "屏幕偏黄",
)


def make_project(folder: Path, count: int, *, labels: tuple[Label, ...] = DEFAULT_LABELS) -> Project:
    """A project with ``count`` numbered comments."""
    project = Project.create(folder / "门店 评论.senti", labels=labels)
    source = project.sources.begin(
        SourceDraft(
            name="外卖_7月.csv", path="/数据/外卖_7月.csv", columns=("编号", "评论", "门店"), text_column=1
        )
    )
    rows = []
    for number in range(count):
        text = f"{TEXTS[number % len(TEXTS)]}（{number}）"
        rows.append(NewComment(row=number + 1, text=text, values=(f"{number:06d}", text, "江畔店")))
    project.sources.append(source, rows)
    project.sources.finish(source)
    return project


Opened = Callable[[Project], LabelPage]


@pytest.fixture
def open_page(context: UiContext, qtbot: QtBot) -> Opened:
    """The page alone on a project, shown and with its queue filled."""

    def open_on(project: Project) -> LabelPage:
        context.session.use(project)
        page = LabelPage(context)
        qtbot.addWidget(page)
        page.resize(1368, 836)
        page.set_up(project)
        page.show()
        page.on_shown()
        qtbot.waitUntil(lambda: not page.presenter.feed.is_filling and page.presenter.counts is not None)
        return page

    return open_on


def press(
    page: LabelPage, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.keyClick(page, key, modifier)


def labels_of(project: Project) -> dict[int, int | None]:
    ids = [each for part in project.comments.ids() for each in part]
    return {row.id: row.label_id for row in project.comments.rows(ids)}


def settle(page: LabelPage, qtbot: QtBot) -> None:
    """Waits until every decision is committed and told."""
    qtbot.waitUntil(lambda: page.presenter._saving.is_idle, timeout=10_000)


def test_thirty_labels_two_undos_restart_and_undo_again(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    page = open_page(make_project(tmp_path, 40))
    project = page.context.session.project
    assert project is not None
    keys = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)
    shown = []
    for number in range(30):
        assert page.presenter.comment is not None
        shown.append(page.presenter.comment.id)
        press(page, keys[number % 3])
        assert page.presenter.comment.id != shown[-1], "the next comment is shown at once"
    assert len(set(shown)) == 30
    settle(page, qtbot)
    wanted = [label.id for label in project.labels.list()]
    assert [labels_of(project)[each] for each in shown] == [wanted[n % 3] for n in range(30)]
    for back in (29, 28):
        page.presenter.undo()
        qtbot.waitUntil(
            lambda b=back: page.presenter.comment is not None and page.presenter.comment.id == shown[b]
        )
        assert labels_of(project)[shown[back]] is None
    folder = project.folder
    again = Project.open(folder)
    page.hand_over()  # as the window does before it leaves a project
    page.context.session.use(again)
    page.presenter.open(again)
    page.on_shown()
    qtbot.waitUntil(lambda: not page.presenter.feed.is_filling and page.presenter.can_undo)
    assert page.presenter.comment is not None
    assert page.presenter.comment.id == shown[28], "the place is remembered"
    page.presenter.undo()
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.comment.id == shown[27])
    assert labels_of(again)[shown[27]] is None
    page.presenter.redo()
    qtbot.waitUntil(lambda: labels_of(again)[shown[27]] == wanted[27 % 3])


@pytest.mark.parametrize("modifier", [Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier])
def test_no_comment_is_stepped_over_after_undo_and_redo_in_a_reopened_project(
    tmp_path: Path, context: UiContext, open_page: Opened, qtbot: QtBot, modifier: Qt.KeyboardModifier
) -> None:
    project = make_project(tmp_path, 6)
    project.annotations.label([1, 2], 1, annotator="甲").result(10)
    project.annotations.label([3], 1, annotator=context.session.annotator).result(10)
    page = open_page(project)
    here = page.presenter
    assert here.comment is not None
    assert here.comment.id == 4
    here.undo()
    qtbot.waitUntil(lambda: here.comment is not None and here.comment.id == 3 and not here.comment.label_id)
    here.redo()
    qtbot.waitUntil(lambda: here.comment is not None and here.comment.id == 3 and here.comment.label_id == 1)
    for wanted in (4, 5):
        press(page, Qt.Key.Key_Right, modifier)
        assert here.comment.id == wanted


def test_a_comment_that_is_undone_in_a_reopened_project_is_offered_again(
    tmp_path: Path, context: UiContext, open_page: Opened, qtbot: QtBot
) -> None:
    project = make_project(tmp_path, 6)
    project.annotations.label([3], 1, annotator=context.session.annotator).result(10)
    page = open_page(project)
    here = page.presenter
    press(page, Qt.Key.Key_Right)
    press(page, Qt.Key.Key_Right)
    assert here.comment is not None
    assert here.comment.id == 4
    here.undo()
    qtbot.waitUntil(lambda: list(here.feed.queue.ids) == [1, 2, 3, 4, 5, 6], timeout=10_000)
    assert here.comment.id == 3
    press(page, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert here.comment.id == 4
    press(page, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert here.comment.id == 3
    press(page, Qt.Key.Key_1)
    assert here.comment.id == 4


def test_history_shows_only_what_is_committed(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 12))
    assert page.strip.cards.shown() == []
    first = page.presenter.comment
    assert first is not None
    press(page, Qt.Key.Key_3)
    assert page.presenter.history == [], "the commit is not known yet"
    qtbot.waitUntil(lambda: len(page.presenter.history) == 1)
    second = page.presenter.comment
    assert second is not None
    press(page, Qt.Key.Key_0)
    qtbot.waitUntil(lambda: len(page.presenter.history) == 2)
    cards = page.strip.cards.shown()
    assert [card.comment_id for card in cards] == [first.id, second.id], "the newest is at the right end"
    QTest.mouseClick(page.strip.cards, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert page.presenter.comment is not None
    assert page.presenter.comment.id == first.id
    assert [button.is_current for button in page.labels.buttons] == [False, False, True]
    press(page, Qt.Key.Key_1)
    settle(page, qtbot)
    assert page.presenter.comment.id not in (first.id, second.id), "back to where the queue was"
    project = page.context.session.project
    assert project is not None
    assert labels_of(project)[first.id] == project.labels.list()[0].id


@pytest.mark.parametrize("modifier", [Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier])
def test_digits_of_both_key_blocks_label(
    modifier: Qt.KeyboardModifier, tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    page = open_page(make_project(tmp_path, 3))
    first = page.presenter.comment
    assert first is not None
    press(page, Qt.Key.Key_2, modifier)
    settle(page, qtbot)
    project = page.context.session.project
    assert project is not None
    assert labels_of(project)[first.id] == project.labels.list()[1].id


def test_an_input_method_takes_no_key_away(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 8))
    page.setFocus()
    assert not page.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    assert not page.comment.text.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    project = page.context.session.project
    assert project is not None
    labels = [label.id for label in project.labels.list()]
    ids = list(page.presenter.feed.queue.ids)
    QApplication.sendEvent(page, QInputMethodEvent("ni", []))  # a composition that never ends
    press(page, Qt.Key.Key_1)
    committed = QInputMethodEvent("", [])
    committed.setCommitString("２")
    QApplication.sendEvent(page, committed)
    settle(page, qtbot)
    found = labels_of(project)
    assert [found[each] for each in ids[:3]] == [labels[0], labels[1], None]


def test_letters_are_matched_by_their_place_as_well(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 3))
    cyrillic = QKeyEvent(
        QKeyEvent.Type.KeyPress,
        0x0410,
        Qt.KeyboardModifier.NoModifier,
        41,
        0,
        0,
        "а",
    )
    QApplication.sendEvent(page, cyrillic)
    settle(page, qtbot)
    assert page.presenter.comment is not None
    assert page.presenter.comment.flagged


def test_single_keys_rest_while_a_text_field_has_the_focus(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    page = open_page(make_project(tmp_path, 6))
    assert not isinstance(QApplication.focusWidget(), QLineEdit), "focus never lands in a field by itself"
    first = page.presenter.comment
    assert first is not None
    press(page, Qt.Key.Key_N)
    field = page.comment.note_field
    assert field.isVisible()
    QTest.keyClicks(field, "123")
    field.insert(" 有关")
    QTest.keyClick(field, Qt.Key.Key_Return)
    settle(page, qtbot)
    assert not field.isVisible()
    project = page.context.session.project
    assert project is not None
    assert project.comments.get(first.id).note == "123 有关"
    assert project.comments.get(first.id).label_id is None
    press(page, Qt.Key.Key_Slash)
    QTest.keyClicks(page.search, "3")
    assert set(labels_of(project).values()) == {None}
    QTest.keyClick(page.search, Qt.Key.Key_Escape)
    assert page.search.text() == ""


def test_search_finds_two_characters_and_goes_on_inside(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    page = open_page(make_project(tmp_path, 25))
    page.search.setText("隔音")
    page.search.send()
    qtbot.waitUntil(lambda: not page.presenter.feed.is_filling and len(page.presenter.feed.queue) == 5)
    for _ in range(5):
        assert page.presenter.comment is not None
        assert "隔音" in page.presenter.comment.text
        press(page, Qt.Key.Key_2)
    assert page.presenter.comment is None
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 1)  # the queue is done
    settle(page, qtbot)


def test_the_comment_and_the_buttons_never_move(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_project(tmp_path, 4)
    source = project.sources.begin(
        SourceDraft(name="长.csv", path="/长.csv", columns=("评论",), text_column=0)
    )
    odd = ["好", "长评论，" * 10_000, "   ", "第一行\n第二行\n\n第四行", "👨‍👩‍👧‍👦🇨🇳 𠮷野家"]
    project.sources.append(
        source, [NewComment(row=n + 1, text=text, values=(text,)) for n, text in enumerate(odd)]
    )
    project.sources.finish(source)
    page = open_page(project)
    QTest.qWaitForWindowExposed(page)
    place = page.comment.text_area().topLeft()
    buttons = [button.geometry() for button in page.labels.buttons]
    card = page.comment.geometry()
    for key in (
        Qt.Key.Key_1,
        Qt.Key.Key_F,
        Qt.Key.Key_Right,
        Qt.Key.Key_2,
        Qt.Key.Key_0,
        *[Qt.Key.Key_Right] * 5,
    ):
        press(page, key)
        QApplication.processEvents()
        assert page.comment.text_area().topLeft() == place
        assert page.comment.text.verticalScrollBar().value() == 0
        assert [button.geometry() for button in page.labels.buttons] == buttons
        assert page.comment.geometry() == card
    settle(page, qtbot)


def test_twelve_and_thirty_labels_have_keys(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    names = [f"类别{n}" for n in range(1, 19)] + ["非常满意", "物流慢", "包装破损"]
    labels = labels_from_names([(str(n), name) for n, name in enumerate(names, 1)])
    page = open_page(make_project(tmp_path, 6, labels=labels))
    project = page.context.session.project
    assert project is not None
    ids, stored = list(page.presenter.feed.queue.ids), project.labels.list()
    press(page, Qt.Key.Key_3, Qt.KeyboardModifier.ShiftModifier)  # the twelfth
    press(page, Qt.Key.Key_W, Qt.KeyboardModifier.ShiftModifier)  # 物流慢 is the only one with w
    press(page, Qt.Key.Key_B, Qt.KeyboardModifier.ShiftModifier)
    settle(page, qtbot)
    found = labels_of(project)
    assert [found[each] for each in ids[:3]] == [stored[11].id, stored[19].id, stored[20].id]


def test_two_pages_on_one_project_notice_each_other(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 10))
    project = page.context.session.project
    assert project is not None
    here = page.presenter.comment
    assert here is not None
    following = page.presenter.feed.queue.ids[1]
    with Project.open(project.folder) as other:
        label = other.labels.list()[2]
        other.annotations.label([here.id, following], label.id, annotator="李雷").result(10)
        qtbot.waitUntil(
            lambda: page.presenter.comment is not None and page.presenter.comment.label_id == label.id,
            timeout=10_000,
        )
        qtbot.waitUntil(lambda: page.presenter.counts is not None and page.presenter.counts.labelled == 2)
    assert page.labels.buttons[2].is_current
    press(page, Qt.Key.Key_0)  # it has a label: stepped over, and so is the next one
    assert page.presenter.comment is not None
    assert page.presenter.comment.id == page.presenter.feed.queue.ids[2]


def test_labels_that_another_window_adds_get_buttons(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 4))
    project = page.context.session.project
    assert project is not None
    with Project.open(project.folder) as other:
        kept = other.labels.list()
        other.labels.replace([*kept, Label("4", "无关", "purple", "4")])
    qtbot.waitUntil(lambda: len(page.labels.buttons) == 4, timeout=10_000)
    first = page.presenter.comment
    assert first is not None
    press(page, Qt.Key.Key_4)
    settle(page, qtbot)
    assert labels_of(project)[first.id] == project.labels.list()[3].id


def test_a_failed_save_stops_the_work_and_loses_nothing(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    page = open_page(make_project(tmp_path, 10))
    project = page.context.session.project
    assert project is not None
    saved = page.presenter.comment
    assert saved is not None
    press(page, Qt.Key.Key_1)
    settle(page, qtbot)
    refused = page.presenter.comment
    assert refused is not None
    breaker = sqlite3.connect(project.database_path)
    breaker.execute(
        "CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
    )
    breaker.commit()
    press(page, Qt.Key.Key_2)
    press(page, Qt.Key.Key_3)  # typed before the failure is known: it is not lost either
    qtbot.waitUntil(lambda: page.presenter.failure is not None and page.presenter._saving.is_idle)
    assert page.presenter.comment is not None
    assert page.presenter.comment.id == refused.id, "back to the comment that is not on the disk"
    assert page.presenter.comment.label_id is None
    assert page.strip.retry.isVisible()
    press(page, Qt.Key.Key_1)
    assert page.presenter.comment.id == refused.id, "labelling stands still"
    assert len([each for each in labels_of(project).values() if each is not None]) == 1
    assert labels_of(project)[saved.id] is not None
    breaker.execute("DROP TRIGGER full")
    breaker.commit()
    breaker.close()
    page.strip.retry.click()
    qtbot.waitUntil(lambda: page.presenter.failure is None, timeout=10_000)
    stored = [label.id for label in project.labels.list()]
    ids = list(page.presenter.feed.queue.ids)
    assert [labels_of(project)[each] for each in ids[:4]] == [stored[0], stored[1], stored[2], None]
    assert not page.strip.retry.isVisible()
    assert page.presenter.comment.id == ids[3]


def test_a_source_that_goes_away_takes_its_comments_along(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    project = make_project(tmp_path, 6)
    source = project.sources.begin(
        SourceDraft(name="酒店.csv", path="/酒店.csv", columns=("评论",), text_column=0)
    )
    project.sources.append(source, [NewComment(row=1, text="后来的", values=("后来的",))])
    project.sources.finish(source)
    page = open_page(project)
    with Project.open(project.folder) as other:
        other.sources.remove(1).result(10)
    press(page, Qt.Key.Key_Right)  # known already, or gone: neither may raise
    qtbot.waitUntil(
        lambda: page.presenter.comment is not None and page.presenter.comment.text == "后来的", timeout=10_000
    )
    qtbot.waitUntil(lambda: page.presenter.counts is not None and page.presenter.counts.total == 1)
    for dialog in context.dialogs.open_errors:
        dialog.close()


def test_labelling_goes_on_undisturbed_while_files_come_and_go(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    """Every key hits the comment that was painted, and the next one is the one behind it."""
    project = make_project(tmp_path, 30_000)
    second = project.sources.begin(
        SourceDraft(name="酒店.csv", path="/酒店.csv", columns=("评论",), text_column=0)
    )
    project.sources.append(
        second, [NewComment(row=n, text=f"{n} 楼", values=(f"{n} 楼",)) for n in range(900)]
    )
    project.sources.finish(second)
    page = open_page(project)
    page.presenter.feed.jump(20_000)
    hit: list[int] = []
    with Project.open(project.folder) as other:
        for turn in range(60):
            if turn % 6 == 0:
                change = other.sources.remove if turn % 12 == 0 else other.sources.restore
                change(second).result(10)
                context.session.look_now()
            qtbot.waitUntil(lambda: not page.presenter.is_blocked, timeout=10_000)
            assert page.presenter.comment is not None
            hit.append(page.presenter.comment.id)
            press(page, (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)[turn % 3])
            QTest.qWait(7 * (turn % 5))
    settle(page, qtbot)
    assert hit == list(range(20_000, 20_060))
    given = labels_of(project)
    assert [given[each] for each in hit] == [project.labels.list()[turn % 3].id for turn in range(60)]
    qtbot.waitUntil(lambda: page.presenter.feed._coming is None, timeout=10_000)
    assert page.presenter.comment is not None
    assert page.presenter.comment.id == 20_060
    press(page, Qt.Key.Key_Left)
    assert page.presenter.comment.id == 20_059, "going back leads to what was decided last"


def test_a_key_during_a_new_search_is_not_lost_and_not_doubled(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    project = make_project(tmp_path, 30_000)
    page = open_page(project)
    page.presenter.feed.jump(20_000)
    page.presenter.feed.set_view(replace(page.presenter.feed.view, search="隔音差"))
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3):
        press(page, key)
    qtbot.waitUntil(lambda: not page.presenter.feed.is_filling, timeout=10_000)
    settle(page, qtbot)
    given = {each: label for each, label in labels_of(project).items() if label is not None}
    assert given == {20_000: project.labels.list()[0].id}, "nothing was in view for the other keys"
    assert page.presenter.comment is not None
    assert page.presenter.comment.id > 20_000
    assert "隔音差" in page.presenter.comment.text


def test_a_project_without_comments_says_so(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(Project.create(tmp_path / "空的.senti"))
    qtbot.waitUntil(lambda: page.nothing.primary.text() == "导入文件…", timeout=10_000)
    assert "还没有评论" in page.nothing.title.text()


def test_the_place_is_kept_when_the_project_is_closed_at_once(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    page = open_page(make_project(tmp_path, 9))
    project = context.session.project
    assert project is not None
    context.session.project_changed.connect(page.open_project)
    for _ in range(4):
        press(page, Qt.Key.Key_Right)
    context.session.close()
    with Project.open(project.folder) as again:
        assert again.settings.get("label.place")["comment"] == 5


def test_skipped_and_labelled_tabs(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 7))
    ids = list(page.presenter.feed.queue.ids)
    press(page, Qt.Key.Key_Space)
    press(page, Qt.Key.Key_1)
    press(page, Qt.Key.Key_F)
    settle(page, qtbot)
    page.status.tabs.setCurrentIndex(2)
    qtbot.waitUntil(
        lambda: not page.presenter.feed.is_filling and page.presenter.feed.view.tab is Tab.SKIPPED
    )
    assert list(page.presenter.feed.queue.ids) == [ids[0]]
    page.status.tabs.setCurrentIndex(1)
    qtbot.waitUntil(
        lambda: not page.presenter.feed.is_filling and page.presenter.feed.view.tab is Tab.LABELLED
    )
    assert list(page.presenter.feed.queue.ids) == [ids[1]]
    assert page.labels.buttons[0].is_current
    page.status.tabs.setCurrentIndex(3)
    qtbot.waitUntil(
        lambda: not page.presenter.feed.is_filling and page.presenter.feed.view.tab is Tab.FLAGGED
    )
    assert list(page.presenter.feed.queue.ids) == [ids[2]]
    qtbot.waitUntil(lambda: page.presenter.counts is not None and page.presenter.counts.flagged == 1)
    assert "7" in page.status.facts.text


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a thing of POSIX")
def test_a_disk_that_takes_no_more_keeps_what_was_saved(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    import resource

    page = open_page(make_project(tmp_path, 10))
    project = page.context.session.project
    assert project is not None
    press(page, Qt.Key.Key_1)
    settle(page, qtbot)
    log = project.database_path.with_name("project.db-wal")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, before[1]))
    try:
        press(page, Qt.Key.Key_2)
        qtbot.waitUntil(lambda: page.presenter.failure is not None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert page.presenter.failure is not None
    assert page.presenter.failure.code in ("DISK_FULL", "PROJECT_DISK_ERROR")
    assert page.strip.retry.isVisible()
    stored = [label.id for label in project.labels.list()]
    assert [label for label in labels_of(project).values() if label] == [stored[0]]
    page.presenter.retry()
    qtbot.waitUntil(lambda: page.presenter.failure is None, timeout=10_000)
    assert [label for label in labels_of(project).values() if label] == [stored[0], stored[1]]
    page.presenter.undo()
    qtbot.waitUntil(lambda: list(labels_of(project).values()).count(None) == 9)


def test_a_comment_asked_for_is_shown_although_the_first_queue_is_empty(
    context: UiContext, tmp_path: Path, qtbot: QtBot
) -> None:
    """As from the list of the Evaluate page, before the labelling page was ever shown."""
    project = make_project(tmp_path, 5)
    ids = [each for part in project.comments.ids() for each in part]
    project.annotations.label(ids, project.labels.list()[0].id, annotator="小王").result()
    context.session.use(project)
    page = LabelPage(context)
    qtbot.addWidget(page)
    page.set_up(project)
    page.show()
    page.on_shown(ids[3])
    qtbot.waitUntil(lambda: not page.presenter.feed.is_filling)
    assert page.presenter.comment is not None
    assert page.presenter.comment.id == ids[3]
