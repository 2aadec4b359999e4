"""The data page: patterns, chips, saved views, columns, sorting by a click, excluding, statistics, copies."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from ghosts import MOVED
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from test_data_page import Opened, choose, filled, make_project, open_page

from senti_studio.domain.comments import (
    CellCondition,
    CommentFilter,
    Duplicates,
    Match,
    Order,
    Predictions,
    SearchMode,
    Sorting,
    SortKey,
)
from senti_studio.domain.saved_views import SavedView, view_from_json, view_to_json
from senti_studio.storage import pieces, sorting
from senti_studio.ui.app import AppParts
from senti_studio.ui.context import UiContext
from senti_studio.ui.formats import stamp
from senti_studio.ui.models.comment_table import Column
from senti_studio.ui.pages.data.statistics_dialog import Bars, StatisticsDialog
from senti_studio.ui.pages.data.view import DataPage
from senti_studio.ui.pages.data.wording import copies_words

__all__ = ["open_page"]


def search(page: DataPage, words: str, mode: SearchMode, qtbot: QtBot) -> int:
    page.parts.mode.setCurrentIndex(list(SearchMode).index(mode))
    page.search.setText(words)
    page.search.send()
    filled(page, qtbot)
    return page.presenter.model.rowCount()


def test_words_and_patterns_are_searched_for(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 100))
    assert search(page, "隔音 前台", SearchMode.WORDS, qtbot) == 20
    assert page.parts.delegate.words == ("隔音", "前台")
    assert search(page, "（1\\d）$", SearchMode.REGEX, qtbot) == 20
    assert search(page, "（1", SearchMode.TEXT, qtbot) == 22
    page.clear_filter()
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 100


def test_a_bad_pattern_is_explained_beside_the_table(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 20))
    search(page, "(好", SearchMode.REGEX, qtbot)
    qtbot.waitUntil(lambda: not page.parts.active.problem.isHidden())
    assert "(好" in page.parts.active.problem.text()
    assert not page.context.dialogs.open_errors
    assert page.presenter.model.rowCount() == 0, "the rows of the search before are none of this one"
    assert page.parts.table_stack.currentIndex() == 1
    assert page.parts.no_hits.title.text() == "没有显示评论：这个正则表达式无法搜索"
    assert search(page, "(好)", SearchMode.REGEX, qtbot) == 8
    assert page.parts.active.problem.isHidden()
    assert page.parts.table_stack.currentIndex() == 0


def test_each_chip_takes_its_condition_away(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 100))
    panel = page.parts.panel
    assert not page.parts.active.isVisible()
    panel.cell.column.setCurrentText("编号")
    panel.cell.value.setText("000000")
    QTest.keyClick(panel.cell.value, Qt.Key.Key_Return)
    filled(page, qtbot)
    assert page.presenter.filter.cells == (CellCondition("编号", Match.CONTAINS, "000000"),)
    assert page.presenter.model.rowCount() == 11
    page.search.setText("隔音")
    page.search.send()
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 2
    assert len(page.parts.active.chips) == 2
    page.parts.active.chips[1].click()
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 20
    page.parts.active.chips[0].click()
    filled(page, qtbot)
    assert page.presenter.filter.is_empty
    assert not page.parts.active.isVisible()
    assert panel.is_clear


def test_lengths_and_copies_of_the_panel(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 100))
    panel = page.parts.panel
    qtbot.waitUntil(lambda: page.presenter.details is not None)
    assert panel.copies.boxes[Duplicates.EXACT].count == 100, "both sources say the same"
    panel.copies.boxes[Duplicates.UNIQUE].click()
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 0
    panel.clear.click()
    filled(page, qtbot)
    assert sum(panel.length._counts) == 100
    panel.length.setFocus()
    QTest.keyClick(panel.length, Qt.Key.Key_Right)
    QTest.keyClick(panel.length, Qt.Key.Key_Right)
    filled(page, qtbot)
    assert page.presenter.filter.shortest == 5
    assert page.presenter.model.rowCount() == 100, "all are longer"
    QTest.keyClick(panel.length, Qt.Key.Key_Left)
    QTest.keyClick(panel.length, Qt.Key.Key_Left)
    filled(page, qtbot)
    assert page.presenter.filter.is_empty


def test_the_test_set_can_be_looked_at(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_project(tmp_path, 100)
    project.test_sets.draw([3, 5, 8])
    page = open_page(project)
    page.parts.panel.states.boxes[4].click()
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 3
    assert ["测试集" in chip.text() for chip in page.parts.active.chips] == [True]
    page.clear_filter()
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 100


def test_disputed_comments_can_be_filtered_for(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_project(tmp_path, 20)
    good, _, bad = (label.id for label in project.labels.list())
    project.annotations.label([2, 4], good, annotator="张三").result()
    project.annotations.label([4, 6], bad, annotator="李四").result()
    page = open_page(project)
    page.parts.panel.states.boxes[5].click()
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 1
    assert [chip.text().startswith("有分歧") for chip in page.parts.active.chips] == [True]
    page.clear_filter()
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 20


def test_a_click_on_the_number_of_copies_shows_them(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 40))
    qtbot.waitUntil(lambda: page.presenter.details is not None)

    def known() -> bool:
        row = page.presenter.model.comment_at(3)
        return row is not None and row.copies == 2

    qtbot.waitUntil(known)
    place = page.table.visualRect(page.presenter.model.index(3, Column.COPIES)).center()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    filled(page, qtbot)
    assert list(page.presenter.model.ids) == [4, 24]


def test_any_header_sorts_and_sorts_back(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 30))
    page.parts.column_menu.show_choice(frozenset({Column.TIME}), ("编号",))
    page.parts.column_menu.changed.emit()
    assert page.table.isColumnHidden(Column.TIME)
    model = page.presenter.model
    assert model.headerData(len(Column), Qt.Orientation.Horizontal) == "编号"
    qtbot.waitUntil(lambda: model.comment_at(0) is not None)
    row = model.comment_at(0)
    assert row is not None
    assert row.cells == ("0000000",)
    for descending, first in ((False, 1), (True, 30)):
        page.table.columns.sectionClicked.emit(len(Column))
        filled(page, qtbot)
        assert page.presenter.order == Sorting(SortKey.COLUMN, "编号", descending)
        assert model.ids[0] == first
    page.table.columns.sectionClicked.emit(Column.TEXT)
    filled(page, qtbot)
    assert page.presenter.order == Sorting(SortKey.TEXT)
    assert page.table.columns.sortIndicatorSection() == Column.TEXT


def test_views_are_saved_shown_renamed_and_deleted(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    project = make_project(tmp_path, 50)
    page = open_page(project)
    search(page, "隔音", SearchMode.TEXT, qtbot)
    page.presenter.set_order(Sorting(SortKey.ROW, descending=True))
    page.parts.column_menu.show_choice(frozenset({Column.SOURCE}), ("编号",))
    page.parts.tabs.save_wanted.emit("隔音差")
    assert page.parts.tabs.bar.count() == 2
    page.parts.tabs.bar.setCurrentIndex(0)
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 50
    page.parts.tabs.bar.setCurrentIndex(1)
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 10
    assert page.presenter.model.ids[0] > page.presenter.model.ids[1]
    assert page.table.isColumnHidden(Column.SOURCE)
    assert page.search.text() == "隔音"
    qtbot.waitUntil(lambda: len(project.settings.get("data_views", [])) == 1)
    page.parts.tabs.renamed.emit("隔音差", "声音")
    page.open_project(project)
    qtbot.waitUntil(lambda: [view.name for view in page.saved.views] == ["声音"])
    page.parts.tabs.removed.emit("声音")
    assert page.parts.tabs.bar.count() == 1
    context.toasts.shown[-1].action_button.click()
    assert [view.name for view in page.saved.views] == ["声音"]


def test_a_saved_view_survives_json() -> None:
    wanted = CommentFilter(
        label_ids=frozenset({1}),
        search="好 吃",
        mode=SearchMode.WORDS,
        annotators=frozenset({"小王"}),
        duplicates=frozenset({Duplicates.NEAR}),
        predictions=frozenset({Predictions.DISAGREES}),
        shortest=3,
        excluded=False,
        cells=(CellCondition("门店", Match.EQUALS, ""),),
    )
    for order in (Order.NEWEST_LABEL, Sorting(SortKey.COLUMN, "评分", True)):
        view = SavedView("我的：早餐", wanted, order, ("SOURCE",), ("门店",))
        assert view_from_json(view_to_json(view)) == view
    assert view_from_json({"name": "空", "filter": {"of a newer program": 1}, "order": "file"}) == SavedView(
        "空"
    )


STRANGE: list[object] = [
    None,
    7,
    [],
    {},
    {"name": "a"},
    {"name": 5, "filter": {}, "order": "file"},
    {"name": "a", "filter": [], "order": "file"},
    {"name": "a", "filter": {"search": 5}, "order": "file"},
    {"name": "a", "filter": {"label_ids": [True]}, "order": "file"},
    {"name": "a", "filter": {"label_ids": 5}, "order": "file"},
    {"name": "a", "filter": {"label_ids": [1 << 70]}, "order": "file"},
    {"name": "a", "filter": {"shortest": "abc"}, "order": "file"},
    {"name": "a", "filter": {"cells": [["x"]]}, "order": "file"},
    {"name": "a", "filter": {"cells": [["a", {}, "x"]]}, "order": "file"},
    {"name": "a", "filter": {"mode": ["regex"]}, "order": "file"},
    {"name": "a", "filter": {"duplicates": [{}]}, "order": "file"},
    {"name": "\ud800", "filter": {}, "order": "file"},
    {"name": "a", "filter": {}, "order": None},
    {"name": "a", "filter": {}, "order": [[], "x", False]},
    {"name": "a", "filter": {}, "order": "of a newer program"},
    {"name": "a", "filter": {}, "order": "file", "columns": "abc"},
    {"name": "a", "filter": {}, "order": "file", "hidden": 5},
]


@pytest.mark.parametrize("stored", STRANGE, ids=repr)
def test_what_is_no_view_is_refused_in_one_way(stored: object) -> None:
    with pytest.raises(ValueError, match=r".*"):
        view_from_json(stored)


def test_views_that_cannot_be_read_stay_as_they_are(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    project = make_project(tmp_path, 10)
    newer = {
        "name": "新版",
        "filter": {"search": "好", "of a newer program": 1},
        "order": "file",
        "colour": 3,
    }
    strange = [each for each in STRANGE if "ud800" not in repr(each)]
    twice = {"name": "新版", "filter": {}, "order": "file"}
    project.settings.set("data_views", [strange[0], newer, *strange[1:], twice]).result()
    page = open_page(project)
    qtbot.waitUntil(lambda: [view.name for view in page.saved.views] == ["新版"])
    page.saved.save(SavedView("我的", CommentFilter(search="隔音")))
    mine = view_to_json(SavedView("我的", CommentFilter(search="隔音")))
    qtbot.waitUntil(lambda: project.settings.get("data_views", []) == [newer, mine, *strange, twice])
    page.saved.remove("我的")
    qtbot.waitUntil(lambda: project.settings.get("data_views", []) == [newer, *strange, twice])


def test_rows_are_left_out_of_training_and_taken_back(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    page = open_page(make_project(tmp_path, 30))
    project = context.session.project
    assert project is not None
    choose(page, 2, 3)
    page.parts.bulk.exclude_wanted.emit(True)
    qtbot.waitUntil(lambda: project.comments.counts().excluded == 2)
    qtbot.waitUntil(lambda: page.parts.panel.states.boxes[3].count == 2)
    page.parts.panel.states.boxes[3].click()
    filled(page, qtbot)
    assert list(page.presenter.model.ids) == [3, 4]
    context.toasts.shown[-1].action_button.click()
    qtbot.waitUntil(lambda: project.comments.counts().excluded == 0)


def test_many_rows_can_be_stopped_midway(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, context: UiContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "_LARGEST", 100)
    page = open_page(make_project(tmp_path, 5000))
    project = context.session.project
    assert project is not None
    page.presenter.changes.progressed.connect(lambda *_: page.presenter.changes.stop())
    ids = list(page.presenter.model.ids)
    page.presenter.changes.label(ids, 1)
    qtbot.waitUntil(lambda: not page.presenter.changes.is_busy, timeout=20_000)
    done = project.comments.counts().labelled
    assert 0 < done < 5000
    assert context.toasts.shown
    page.presenter.changes.undo()
    qtbot.waitUntil(lambda: project.comments.counts().labelled == 0, timeout=20_000)


def test_statistics_come_from_a_helper(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    project = make_project(tmp_path, 200)
    project.annotations.label([2, 7, 12, 17], 3, annotator="小王").result(10)
    project.annotations.label([4, 9, 14, 19], 1, annotator="小王").result(10)
    page = open_page(project)
    dialog = page.dialogs.statistics()
    assert isinstance(dialog, StatisticsDialog)
    qtbot.waitUntil(lambda: dialog.result_shown is not None, timeout=30_000)
    found = dialog.result_shown
    assert found is not None
    assert (found.total, found.looked_at, found.unlabelled) == (200, 200, 192)
    assert sum(found.lengths) == 200
    words = {each.label_id: dict(each.words) for each in found.classes}
    assert words[3]["隔音"] == 4
    assert "隔音" not in words[1]
    surface = page.context.theme.colour("surface")
    picture = dialog.grab().toImage()
    for bars in dialog.findChildren(Bars):
        corner = bars.mapTo(dialog, bars.rect().topRight() - QPoint(1, -1))
        if dialog.rect().contains(corner) and bars.visibleRegion().contains(bars.rect().topRight()):
            assert picture.pixelColor(corner * picture.devicePixelRatio()) == surface, "no block in the card"
    dialog.close()


def test_the_choice_of_columns_opens(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 10))
    page.parts.columns.click()
    texts = [action.text() for action in page.parts.column_menu.actions()]
    assert "编号" in texts
    menu = page.parts.column_menu
    qtbot.waitUntil(menu.isVisible)
    entry, other = (
        next(action for action in menu.actions() if action.text() == text) for text in ("编号", "来源")
    )
    for each in (entry, other):
        at = menu.actionGeometry(each).center()
        QTest.mouseMove(menu, at)
        menu.setActiveAction(each)
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=at)
        assert menu.isVisible(), "several columns are ticked one after another"
    assert page.presenter.model.extra == ("编号",)
    assert page.table.isColumnHidden(Column.SOURCE)
    QTest.keyClick(menu, Qt.Key.Key_Space)
    assert not page.table.isColumnHidden(Column.SOURCE)
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()


def test_numbers_beside_the_choices_tell_what_each_would_give(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    project = make_project(tmp_path, 100)
    project.annotations.label(list(range(1, 31)), 1, annotator="小王").result(10)
    project.annotations.label(list(range(31, 71)), 3, annotator="小李").result(10)
    page = open_page(project)
    panel = page.parts.panel
    qtbot.waitUntil(lambda: "小王" in panel.annotators.boxes)

    def shown() -> tuple[list[int | None], list[int | None], list[int | None]]:
        groups = (panel.labels, panel.sources, panel.annotators)
        first, second, third = ([box.count for box in group.boxes.values()] for group in groups)
        return first, second, third

    whole = [30, 30, 0, 40], [50, 50], [40, 30]
    qtbot.waitUntil(lambda: shown() == whole)
    panel.labels.boxes[3].click()
    filled(page, qtbot)
    # Other labels tell what they would give instead; files and people, what they have of this label.
    qtbot.waitUntil(lambda: shown() == ([30, 30, 0, 40], [20, 20], [40, 0]))
    assert sum(panel.length._counts) == 40
    panel.sources.boxes[2].click()
    filled(page, qtbot)
    qtbot.waitUntil(lambda: shown() == ([30, 0, 0, 20], [20, 20], [20, 0]))
    search(page, "隔音", SearchMode.TEXT, qtbot)
    qtbot.waitUntil(lambda: shown() == ([6, 0, 0, 4], [4, 4], [4, 0]))
    search(page, "没有这样的话", SearchMode.TEXT, qtbot)
    qtbot.waitUntil(lambda: shown() == ([0, 0, 0, 0], [0, 0], [0, 0]))
    page.clear_filter()
    qtbot.waitUntil(lambda: shown() == whole)
    search(page, "(好", SearchMode.REGEX, qtbot)
    qtbot.waitUntil(lambda: not page.parts.active.problem.isHidden())
    assert not page.context.dialogs.open_errors


def test_numbers_follow_a_label_that_is_given(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 60))
    panel = page.parts.panel
    panel.sources.boxes[2].click()
    filled(page, qtbot)
    qtbot.waitUntil(lambda: panel.labels.boxes[0].count == 30)
    page.presenter.changes.label([31, 32, 1], 3)
    qtbot.waitUntil(lambda: (panel.labels.boxes[0].count, panel.labels.boxes[3].count) == (28, 2))


def test_a_first_sort_says_how_far_it_is_and_esc_stops_it(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "_BLOCK", 1)
    page = open_page(make_project(tmp_path, 60_000))
    order = Sorting(SortKey.COLUMN, "编号", True)
    page.table.sort_wanted.emit(order)
    qtbot.waitUntil(page.parts.sorting.isVisible, timeout=20_000)
    assert "%" in page.parts.sorting.text()
    assert page.presenter.model.rowCount() == 60_000, "the old rows stay meanwhile"
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    filled(page, qtbot)
    assert page.presenter.order == Order.FILE
    assert list(page.presenter.model.ids[:2]) == [1, 2]
    assert not page.parts.sorting.isVisible()
    monkeypatch.setattr(sorting, "_BLOCK", 4096)
    page.table.sort_wanted.emit(order)
    qtbot.waitUntil(lambda: not page.presenter.is_filling, timeout=20_000)
    assert page.presenter.order == order
    assert list(page.presenter.model.ids[:2]) == [60_000, 59_999]


@pytest.mark.parametrize("width", [954, 730])
def test_a_narrow_window_has_its_filter_behind_a_button(
    width: int, tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    made = make_project(tmp_path, 40)
    page = open_page(made)
    panel, opener = page.parts.panel, page.parts.tabs.filter
    assert panel.isVisible()
    assert not opener.isVisible()
    page.resize(width, 640)
    qtbot.waitUntil(opener.isVisible)
    assert not panel.isVisible()
    assert opener.text() == "筛选"
    qtbot.waitUntil(lambda: page.table.width() == width)
    QTest.mouseClick(opener, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(panel.isVisible)
    qtbot.wait(0)
    assert page.table.width() == width, "it lies over the table"
    low = panel.mapTo(page, panel.rect().bottomLeft())
    assert page.rect().contains(low)
    assert panel.mapTo(page, panel.rect().topLeft()).y() >= opener.mapTo(page, opener.rect().bottomLeft()).y()
    box = panel.sources.boxes[1]
    # nothing lies over its boxes
    qtbot.waitUntil(lambda: page.childAt(box.mapTo(page, box.rect().center())) is box)
    QTest.mouseClick(box, Qt.MouseButton.LeftButton)
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 20
    assert panel.isVisible()
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not panel.isVisible())
    assert page.presenter.model.rowCount() == 20
    QTest.mouseClick(opener, Qt.MouseButton.LeftButton)
    page.resize(1368, 836)
    qtbot.waitUntil(lambda: not opener.isVisible() and page.table.mapTo(page, page.table.pos()).x() >= 240)
    assert panel.isVisible()
    assert panel.mapTo(page, panel.rect().topLeft()).x() == 0


def test_a_view_is_marked_while_its_filter_is_in_view(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    made = make_project(tmp_path, 100)
    page = open_page(made)
    tabs = page.parts.tabs
    search(page, "隔音", SearchMode.TEXT, qtbot)
    assert not tabs.is_marked, "neither all comments nor a saved view"
    tabs.save_wanted.emit("隔音差")
    qtbot.waitUntil(lambda: tabs.bar.tabText(1) == "隔音差  20")
    assert (tabs.is_marked, tabs.bar.currentIndex()) == (True, 1)
    page.clear_filter()
    filled(page, qtbot)
    assert (tabs.is_marked, tabs.bar.currentIndex()) == (True, 0)
    page.parts.panel.sources.boxes[1].setChecked(True)
    filled(page, qtbot)
    assert not tabs.is_marked
    at = tabs.bar.tabRect(0).center()
    QTest.mouseClick(tabs.bar, Qt.MouseButton.LeftButton, pos=at)
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 100
    QTest.mouseClick(tabs.bar, Qt.MouseButton.LeftButton, pos=tabs.bar.tabRect(1).center())
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 20
    assert (tabs.is_marked, tabs.bar.currentIndex()) == (True, 1)
    page.parts.panel.labels.boxes[0].setChecked(True)
    filled(page, qtbot)
    assert not tabs.is_marked
    tabs.save_wanted.emit("还没标")
    qtbot.waitUntil(lambda: tabs.bar.tabText(2) == "还没标  20")
    label = made.labels.list()[0]
    made.annotations.label([2], label.id, annotator="韩梅梅").result(10)
    page.context.session.look_now()
    qtbot.waitUntil(lambda: tabs.bar.tabText(2) == "还没标  19", timeout=10_000)
    assert tabs.bar.tabText(1) == "隔音差  20"


def test_a_toast_leaves_the_buttons_of_the_bar_free(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    page = open_page(make_project(tmp_path, 40))
    host = context.dialogs.window
    page.setProperty(MOVED, True)
    page.setParent(host)
    page.show()
    toast = context.toasts.show("已完成", kind="done")
    assert toast.geometry().bottom() > host.height() - 40
    choose(page, 1, 2)
    qtbot.waitUntil(page.parts.bulk.isVisible)
    bar = page.parts.bulk

    def top() -> int:
        return bar.mapTo(host, bar.rect().topLeft()).y()

    qtbot.waitUntil(lambda: top() > 400 and toast.geometry().bottom() < top())
    assert top() - toast.geometry().bottom() < 20
    page.chooser.choose_all(False)
    qtbot.waitUntil(lambda: toast.geometry().bottom() > host.height() - 40)
    page.setParent(None)


def test_the_column_of_copies_agrees_with_the_filter(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    """A comment that only resembles others is none that has copies, and its number says so."""
    made = make_project(tmp_path, 40)  # every text is there twice, once in each file
    with sqlite3.connect(made.database_path) as connection:
        connection.executemany("INSERT INTO near_groups VALUES (?, 1)", [(n,) for n in (1, 2, 3, 21, 22, 23)])
    connection.close()
    page = open_page(made)
    page.presenter.details_aged()
    qtbot.waitUntil(lambda: page.presenter.details is not None and page.presenter.details.near == 6)
    model = page.presenter.model

    def shown(row: int) -> str:
        comment = model.comment_at(row)
        return copies_words(comment) if comment else ""

    qtbot.waitUntil(lambda: (shown(0), shown(5)) == ("≈ 6", "2"))
    assert [box.name for box in page.parts.panel.copies.boxes.values()] == [
        "唯一文本",
        "有相同文本",
        "近似重复",
    ]
    hint = model.headerData(Column.COPIES, Qt.Orientation.Horizontal, int(Qt.ItemDataRole.ToolTipRole))
    assert "≈" in str(hint)


def test_one_row_is_one_row(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, context: UiContext, parts: AppParts, qapp: QApplication
) -> None:
    parts.language.install(qapp, "en")
    made = make_project(tmp_path, 40)
    page = open_page(made)
    bulk = page.parts.bulk
    choose(page, 3)
    assert bulk.count.text() == "1 row selected"
    assert page.parts.total.text() == "40 rows · 2 files"
    page.acts.label_chosen(0)
    qtbot.waitUntil(lambda: [each.text for each in context.toasts.shown] == ["1 row labelled as 正面"])
    words = [bulk.exclude.text(), *(each.text() for each in bulk.exclude.menu().actions())]
    assert words == ["Exclude", "Exclude from training", "No longer exclude"]
    page.acts.exclude_chosen(True)
    qtbot.waitUntil(lambda: context.toasts.shown[-1].text == "1 row excluded from training")
    choose(page, 4)
    assert bulk.count.text() == "2 rows selected"
    older = datetime(2025, 7, 1, 9, 5).astimezone()
    assert stamp(older) == "2025-07-01 09:05"
    assert stamp(datetime.now().astimezone()).startswith("Today ")
