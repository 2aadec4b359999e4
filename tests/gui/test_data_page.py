"""The data page on real projects: the lazy table, search, filter, and labelling many rows."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from senti_studio.domain.comments import CommentFilter, NewComment, Order, SourceDraft
from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import MessageDialog
from senti_studio.ui.models.comment_table import BLOCK, KEPT
from senti_studio.ui.pages.data.delegate import hits_in
from senti_studio.ui.pages.data.view import DataPage

TEXTS = ("汤洒了，好吃。", "前台态度好，就是隔音差👂", "一般", "充电器寄回来了，谢谢！", "WIFI 很快")


def make_project(folder: Path, count: int) -> Project:
    """Two sources with ``count`` comments in all; every fifth says 隔音."""
    project = Project.create(folder / "门店 评论.senti")
    for place, name in enumerate(("外卖_7月.csv", "酒店_7月.csv")):
        source = project.sources.begin(
            SourceDraft(name=name, path=f"/数据/{name}", columns=("编号", "评论"), text_column=1)
        )
        rows = []
        for number in range(count // 2):
            text = f"{TEXTS[number % 5]}（{number}）"
            rows.append(NewComment(row=number + 1, text=text, values=(f"{place}{number:06d}", text)))
        project.sources.append(source, rows)
        project.sources.finish(source)
    return project


Opened = Callable[[Project], DataPage]


@pytest.fixture
def open_page(context: UiContext, qtbot: QtBot) -> Opened:
    def open_on(project: Project) -> DataPage:
        context.session.use(project)
        page = DataPage(context)
        qtbot.addWidget(page)
        page.resize(1368, 836)
        page.set_up(project)
        page.show()
        page.on_shown()
        filled(page, qtbot)
        qtbot.waitUntil(lambda: page.presenter.facts is not None)
        return page

    return open_on


def filled(page: DataPage, qtbot: QtBot) -> None:
    """Waits until the view is whole."""
    presenter = page.presenter
    qtbot.waitUntil(lambda: not presenter.is_filling and not presenter._later.isActive(), timeout=10_000)


def choose(page: DataPage, *rows: int) -> None:
    flags = QItemSelectionModel.SelectionFlag
    for row in rows:
        page.table.selectionModel().select(page.presenter.model.index(row, 0), flags.Select | flags.Rows)


def labels_of(project: Project) -> list[int | None]:
    ids = [each for part in project.comments.ids() for each in part]
    return [row.label_id for row in project.comments.rows(ids)]


def test_rows_come_in_blocks_and_only_some_are_kept(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 12_000))
    model = page.presenter.model
    assert model.rowCount() == 12_000
    assert model.comment_at(11_999) is None, "not read yet: a skeleton, not a wait"
    qtbot.waitUntil(lambda: model.comment_at(11_999) is not None)
    row = model.comment_at(11_999)
    assert row is not None
    assert row.text.endswith("（5999）")
    for block in range(12_000 // BLOCK):
        qtbot.waitUntil(lambda b=block: model.comment_at(b * BLOCK) is not None)
    assert len(model._blocks) == KEPT
    page.parts.go_field.setText("5002")
    for place in (5001, 11_001):  # the row of the first file, then of the second
        QTest.keyClick(page.parts.go_field, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda place=place: page.table.currentIndex().row() == place)
        assert page.table.top_row() <= place <= page.table.top_row() + 30


def test_go_to_row_means_the_number_that_is_seen(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_project(tmp_path, 100)
    page = open_page(project)
    table, model = page.table, page.presenter.model
    page.search.setText("wifi")
    page.search.send()
    qtbot.waitUntil(lambda: 0 < model.rowCount() < 100 and model.comment_at(5) is not None)
    shown = model.comment_at(5)
    assert shown is not None
    assert shown.row != 6

    def go(row: int) -> None:
        page.parts.go_field.setText(str(row))
        QTest.keyClick(page.parts.go_field, Qt.Key.Key_Return)

    go(shown.row)
    qtbot.waitUntil(lambda: table.currentIndex().row() == 5)
    toasts = page.context.toasts.shown
    go(shown.row - 1)
    qtbot.waitUntil(
        lambda: [toast.text for toast in page.context.toasts.shown][-1:] != [t.text for t in toasts][-1:]
    )
    assert "不在显示的评论里" in page.context.toasts.shown[-1].text
    go(5000)
    qtbot.waitUntil(lambda: "没有文件有第 5,000 行" in page.context.toasts.shown[-1].text)
    assert table.currentIndex().row() == 5


def test_search_finds_two_characters_and_esc_brings_all_back(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    page = open_page(make_project(tmp_path, 500))
    assert not isinstance(QApplication.focusWidget(), QLineEdit)
    QTest.keyClick(page.table, Qt.Key.Key_Slash)
    page.search.insert("隔音")
    page.search.textEdited.emit("隔音")
    qtbot.waitUntil(lambda: page.presenter.model.rowCount() == 100)
    QTest.keyClick(page.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page.presenter.model.rowCount() == 500)
    page.search.setText("wifi")
    page.search.send()
    qtbot.waitUntil(lambda: page.presenter.model.rowCount() == 100)
    page.search.setText("没有这样的话")
    page.search.send()
    filled(page, qtbot)
    assert page.parts.table_stack.currentIndex() == 1
    page.parts.no_hits.primary.click()
    qtbot.waitUntil(lambda: page.presenter.model.rowCount() == 500)


def test_hits_are_found_in_either_case() -> None:
    assert hits_in("WIFI 快，wifi 好", "wifi") == [(0, 4), (7, 11)]
    assert hits_in("好吃好吃", "好吃") == [(0, 2), (2, 4)]
    assert hits_in("ΑΒΓ", "") == []


def test_digits_label_the_selection_and_undo_takes_it_back(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    page = open_page(make_project(tmp_path, 60))
    project = context.session.project
    assert project is not None
    stored = [label.id for label in project.labels.list()]
    choose(page, 3, 4, 9)
    assert page.parts.bulk.isVisible()
    assert page.table.columns.check == Qt.CheckState.PartiallyChecked
    QTest.keyClick(page.table, Qt.Key.Key_3, Qt.KeyboardModifier.KeypadModifier)
    qtbot.waitUntil(lambda: labels_of(project).count(stored[2]) == 3)
    found = labels_of(project)
    assert [place for place, label in enumerate(found) if label] == [3, 4, 9]
    qtbot.waitUntil(lambda: len(context.toasts.shown) == 1)
    context.toasts.shown[0].action_button.click()
    qtbot.waitUntil(lambda: set(labels_of(project)) == {None})
    assert page.chooser.count == 3, "the selection stays"


def test_all_results_are_labelled_after_one_question(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    page = open_page(make_project(tmp_path, 6000))
    project = context.session.project
    assert project is not None
    page.search.setText("隔音")
    page.search.send()
    qtbot.waitUntil(lambda: page.presenter.model.rowCount() == 1200)
    QTest.keyClick(page.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert page.chooser.is_all
    assert page.table.columns.check == Qt.CheckState.Checked
    QTest.keyClick(page.table, Qt.Key.Key_1)
    assert set(labels_of(project)) == {None}, "above 1,000 rows it asks first"
    dialog = next(each for each in QApplication.topLevelWidgets() if isinstance(each, MessageDialog))
    dialog.buttons[1].click()
    qtbot.waitUntil(lambda: sum(label is not None for label in labels_of(project)) == 1200, timeout=20_000)
    filled(page, qtbot)
    page.clear_filter()
    filled(page, qtbot)
    assert page.chooser.count == 0, "all of the search is not all of the project"


def test_all_rows_of_a_filter_are_not_those_of_the_next(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    """Ctrl+A under one filter must never label what another one, a search or a saved view shows."""
    made = make_project(tmp_path, 60)
    first, neutral, *_ = (label.id for label in made.labels.list())
    made.annotations.label([1, 2, 35], neutral, annotator="韩梅梅").result(10)
    page = open_page(made)
    panel, bulk, stored = page.parts.panel, page.parts.bulk, labels_of(made)

    def choose_all_neutral() -> None:
        panel.labels.boxes[neutral].setChecked(True)
        filled(page, qtbot)
        QTest.keyClick(page.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        assert (page.chooser.count, bulk.count.text()) == (3, "已选全部 3 行")
        page.table.sort_wanted.emit(Order.LENGTH)
        filled(page, qtbot)
        assert page.chooser.count == 3, "another order keeps it"

    def nothing_is_chosen(rows: int) -> None:
        assert page.chooser.count == 0, "gone at once, while the old rows are still in view"
        filled(page, qtbot)
        assert page.presenter.model.rowCount() == rows
        assert page.chooser.count == 0
        assert not bulk.isVisible()
        QTest.keyClick(page.table, Qt.Key.Key_1)
        qtbot.wait(0)
        assert not page.presenter.changes.is_busy

    choose_all_neutral()
    panel.clear.click()
    nothing_is_chosen(60)
    panel.labels.boxes[0].setChecked(True)
    nothing_is_chosen(57)
    panel.clear.click()
    choose_all_neutral()
    page.search.setText("隔音")
    page.search.send()
    nothing_is_chosen(1)
    page.clear_filter()
    choose_all_neutral()
    page.parts.tabs.chosen.emit(None)
    nothing_is_chosen(60)
    choose_all_neutral()
    page.on_shown(CommentFilter(unlabelled=True))
    nothing_is_chosen(57)
    assert labels_of(made) == stored
    assert first not in stored


def test_rows_chosen_one_by_one_are_no_promise_of_more(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    made = make_project(tmp_path, 20)
    one, *_ = (label.id for label in made.labels.list())
    made.annotations.label([1, 2], one, annotator="韩梅梅").result(10)
    page = open_page(made)
    page.parts.panel.labels.boxes[one].setChecked(True)
    filled(page, qtbot)
    choose(page, 0, 1)
    assert page.parts.bulk.count.text() == "已选全部 2 行"
    with Project.open(made.folder) as other:
        other.annotations.label([7], one, annotator="李雷").result(10)
        qtbot.waitUntil(lambda: page.presenter.model.rowCount() == 3, timeout=10_000)
    filled(page, qtbot)
    assert list(page.chooser.ids()) == [1, 2]


def test_selection_survives_sorting_and_not_filtering(
    tmp_path: Path, open_page: Opened, qtbot: QtBot
) -> None:
    page = open_page(make_project(tmp_path, 1000))
    choose(page, 1, 2, 500)
    chosen = set(page.chooser.ids())
    page.table.sort_wanted.emit(Order.LENGTH)
    filled(page, qtbot)
    assert page.presenter.model.ids[0] != 1 or page.presenter.model.ids[1] != 2
    assert set(page.chooser.ids()) == chosen
    page.parts.panel.sources.boxes[1].setChecked(True)
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 500
    assert page.chooser.count == 0


def test_filter_counts_and_labels(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_project(tmp_path, 40)
    label = project.labels.list()[1]
    project.annotations.label([1, 2, 25], label.id, annotator="韩梅梅").result(10)
    project.annotations.flag([7], annotator="韩梅梅").result(10)
    page = open_page(project)
    panel = page.parts.panel
    assert {key: box.count for key, box in panel.labels.boxes.items()} == {0: 37, 1: 0, 2: 3, 3: 0}
    assert panel.states.boxes[2].count == 1
    panel.labels.boxes[label.id].click()
    filled(page, qtbot)
    assert list(page.presenter.model.ids) == [1, 2, 25]
    panel.clear.click()
    filled(page, qtbot)
    panel.states.boxes[2].click()
    filled(page, qtbot)
    assert list(page.presenter.model.ids) == [7]
    page.on_shown(CommentFilter(unlabelled=True))
    filled(page, qtbot)
    assert page.presenter.model.rowCount() == 37
    assert panel.labels.boxes[0].isChecked()


def test_labels_of_another_window_appear(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_project(tmp_path, 30)
    page = open_page(project)
    qtbot.waitUntil(lambda: page.presenter.model.comment_at(4) is not None)
    with Project.open(project.folder) as other:
        label = other.labels.list()[2]
        other.annotations.label([5], label.id, annotator="李雷").result(10)

        def seen() -> bool:
            row = page.presenter.model.comment_at(4)
            return row is not None and row.label_id == label.id

        qtbot.waitUntil(seen, timeout=10_000)
        qtbot.waitUntil(lambda: page.parts.panel.labels.boxes[label.id].count == 1, timeout=10_000)


def test_space_shows_the_whole_comment(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 10))
    page.table.go_to_row(1)
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    qtbot.waitUntil(page.parts.popup.isVisible)
    assert "隔音" in page.parts.popup.text.toPlainText()
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: page.parts.popup.text.toPlainText().startswith("一般"))
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert not page.parts.popup.isVisible()


def test_a_source_goes_and_comes_back(
    tmp_path: Path, open_page: Opened, qtbot: QtBot, context: UiContext
) -> None:
    page = open_page(make_project(tmp_path, 20))
    assert page.presenter.facts is not None
    page.parts.panel.remove_wanted.emit(page.presenter.facts.sources[0])
    qtbot.waitUntil(lambda: page.presenter.model.rowCount() == 10, timeout=10_000)
    qtbot.waitUntil(lambda: len(page.parts.panel.sources.boxes) == 1)
    context.toasts.shown[-1].action_button.click()
    qtbot.waitUntil(lambda: page.presenter.model.rowCount() == 20, timeout=10_000)


def test_the_status_line_follows_the_language(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(make_project(tmp_path, 10))
    said: list[str] = []
    page.status_changed.connect(lambda each: said.append(each))
    page.retranslate()
    assert said
    assert "10" in said[-1]


def test_an_empty_project_leads_to_the_import(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    page = open_page(Project.create(tmp_path / "空.senti"))
    assert page.parts.stack.currentIndex() == 1
    with qtbot.waitSignal(page.go_to) as asked:
        page.parts.nothing.primary.click()
    assert asked.args is not None
    assert asked.args[0] == "import"


def test_export_writes_through_the_helper(tmp_path: Path, open_page: Opened, qtbot: QtBot) -> None:
    project = make_project(tmp_path, 30)
    project.annotations.label([1, 2], project.labels.list()[0].id, annotator="韩梅梅").result(10)
    page = open_page(project)
    dialog = page.dialogs.export()
    assert dialog is not None
    target = tmp_path / "导出 结果.csv"
    dialog.form.path.setText(str(target))
    dialog.form.rows.setCurrentIndex(dialog.form.rows.findData("labelled"))
    with qtbot.waitSignal(dialog.written, timeout=30_000) as written:
        dialog.export()
    assert written.args == [str(target)]
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 3
    assert rows[0][:2] == ["编号", "评论"]
    assert rows[1][0] == "0000000"
    assert "正面" in rows[1]
