"""What the classify page shows of models, files and encodings; nothing is classified here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from training_projects import make_labelled_project

from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Finished, Started
from senti_studio.operations import training
from senti_studio.storage.project import Project
from senti_studio.ui.dialogs import MessageDialog
from senti_studio.ui.models.batch_queue import PROGRESS, TIME
from senti_studio.ui.pages.classify.queue_item import ItemState, QueueItem
from senti_studio.ui.pages.classify.view import ClassifyPage
from senti_studio.ui.pages.evaluate.view import EvaluatePage
from senti_studio.ui.widgets.two_lines import lines_of
from senti_studio.ui.window import MainWindow

OpenWindow = Callable[[Path], MainWindow]


def leave_model(project: Project) -> str:
    """A finished training, as its worker leaves it; the id of its model."""
    run = training.create_run(project, training.TrainingRequest("gru", TrainingOptions(), device="cpu"))
    run.append_event(Started(run_id=run.id))
    run.append_event(Finished(reason="epochs", metrics={"macro_f1": 0.8}, output={"model": "model"}))
    run.model.mkdir()
    for name in ("weights.safetensors", "config.json"):
        (run.model / name).write_bytes(b"{}")
    (run.model / "labels.json").write_text('{"labels": []}', encoding="utf-8")
    return run.id


@pytest.fixture
def page(tmp_path: Path, open_project_window: OpenWindow, qtbot: QtBot) -> ClassifyPage:
    with make_labelled_project(tmp_path, per_label=12) as project:
        folder = project.folder
        leave_model(project)
    window = open_project_window(folder)
    window.setMinimumSize(1, 1)
    window.resize(1280, 720)
    window.choose("classify")
    made = window.pages["classify"]
    assert isinstance(made, ClassifyPage)
    qtbot.waitUntil(lambda: made.presenter.is_loaded and bool(made.presenter.models), timeout=10_000)
    return made


def window_of(page: ClassifyPage) -> MainWindow:
    window = page.window()
    assert isinstance(window, MainWindow)
    return window


def classified(page: ClassifyPage, folder: Path, count: int, **facts: object) -> list[QueueItem]:
    """So many files that were classified, in the list."""
    items = []
    for number in range(count):
        path = folder / f"七月 {number}_已分类.csv"
        path.write_text("评论,senti_label\n汤很鲜,正面\n", encoding="utf-8-sig")
        item = QueueItem(
            9_000 + number + len(page.presenter.items),
            folder / f"七月 {number}.csv",
            ItemState.DONE,
            rows=300,
            elapsed=3,
        )
        item.batch_id, item.encoding = f"batch-{number}", "utf-8-sig"
        item.output = {"path": str(path), "encoding": "utf-8-sig", "size": 40, **facts}
        items.append(item)
    page.presenter.items = [*page.presenter.items, *items]
    page.presenter.items_changed.emit()
    return items


def row_place(page: ClassifyPage, item: QueueItem) -> QRect:
    view = page.queue.view
    return view.visualRect(page.queue.model.index(page.queue.model.row_of(item), 0))


def test_a_file_that_is_added_is_in_view_and_chosen(page: ClassifyPage, tmp_path: Path, qtbot: QtBot) -> None:
    old = classified(page, tmp_path, 9)
    page.queue.choose(old[0])
    new = tmp_path / "八月.csv"
    new.write_text("单号,评论\n1,汤很鲜，下次还点\n", encoding="utf-8")
    window_of(page).go_to("home")
    window_of(page).go_to("classify", [new])
    item = page.presenter.items[-1]
    assert item.path == new
    assert page.chosen.item is item
    assert page.queue.current() is item
    seen = page.queue.view.viewport().rect()
    qtbot.waitUntil(lambda: seen.contains(row_place(page, item)))
    assert page.target.target.text() == "八月_已分类.csv"
    page.queue.choose(old[0])
    page.presenter.add_files([new])
    assert len(page.presenter.items) == 10, "it waits already"
    assert page.chosen.item is item
    qtbot.waitUntil(lambda: item.state is ItemState.READY, timeout=20_000)


def test_the_encoding_of_a_classified_file_is_its_own(page: ClassifyPage, tmp_path: Path) -> None:
    (done,) = classified(page, tmp_path, 1)
    ready = QueueItem(9_100, tmp_path / "八月.csv", ItemState.READY, rows=40)
    page.presenter.items.append(ready)
    page.presenter.items_changed.emit()
    cards, target = page.target.cards, page.target
    page.queue.choose(ready)
    cards["gbk"].click()
    assert page.presenter.output_encoding == "gbk"
    assert target.whose.text() == "尚未开始的文件这样写出："
    page.queue.choose(done)
    assert cards["utf-8-sig"].isChecked()
    assert target.whose.text().startswith("七月 0.csv 的结果")
    assert target.characters.text() == "✓ 已写成 UTF-8 带 BOM，文件的全部字符都能写出"
    assert not target.again.isVisibleTo(page)
    cards["gb18030"].click()
    assert (target.again.text(), target.again.isVisibleTo(page)) == ("再写一份 GB18030", True)
    assert page.presenter.output_encoding == "gbk", "what is still to be started is not touched"
    page.queue.choose(ready)
    assert cards["gbk"].isChecked()
    ready.state, ready.batch_id, ready.encoding = ItemState.WAITING, "batch-x", "gbk"
    page.presenter.item_changed.emit(ready)
    assert target.whose.text() == "八月.csv 写成 GBK；在这里选择只对尚未开始的文件有效："


def test_what_is_said_of_a_file_follows_the_language(
    page: ClassifyPage, tmp_path: Path, qtbot: QtBot
) -> None:
    (done,) = classified(page, tmp_path, 1, encoding="gbk", replaced_count=2, replaced=[["😀", 1], ["🍜", 1]])
    page.queue.choose(done)
    page.presenter.warned.emit(done, "CHARACTERS_REPLACED", {"encoding": "gbk", "count": 2, "characters": ""})
    page.presenter.warned.emit(done, "BAD_ROWS_KEPT", {"path": "七月.csv", "count": 3, "lines": "4"})
    context = page.context
    for language, bad, again in (
        ("zh_CN", "已保留", "再写一份 UTF-8 带 BOM"),
        ("en", "were kept", "Write again as UTF-8 with BOM"),
        ("zh_CN", "已保留", "再写一份 UTF-8 带 BOM"),
    ):
        context.settings.language = language
        qtbot.waitUntil(lambda words=bad: words in page.result.warnings.text())
        assert "gbk" not in page.result.warnings.text(), "it is said once, where it can be mended"
        assert again in page.target.characters.text()
        page.target.cards["utf-8-sig"].click()
        assert page.target.again.text() == again, "the button bears the words that the sentence names"
        page.target.cards["gbk"].click()


def choice_of(page: ClassifyPage) -> str:
    return str(page.models.currentData())


def test_the_newest_model_is_chosen_until_one_is_chosen_by_hand(page: ClassifyPage, qtbot: QtBot) -> None:
    window, project = window_of(page), page.context.session.project
    assert project is not None
    first = choice_of(page)
    assert not page.newer.isVisibleTo(page)
    second = leave_model(project)
    window.choose("home")
    window.choose("classify")
    qtbot.waitUntil(lambda: choice_of(page) == second)

    window.go_to("evaluate", first)
    evaluation = window.pages["evaluate"]
    assert isinstance(evaluation, EvaluatePage)
    qtbot.waitUntil(lambda: evaluation.presenter.run_id == first)
    window.choose("classify")
    qtbot.waitUntil(lambda: choice_of(page) == first)
    assert page.newer.text() == "改用更新的 GRU #2"

    page.models.setCurrentIndex(page.models.findData(first))
    page.models.activated.emit(page.models.currentIndex())
    third = leave_model(project)
    window.go_to("evaluate", second)
    qtbot.waitUntil(lambda: evaluation.presenter.run_id == second)
    window.choose("classify")
    qtbot.waitUntil(lambda: page.newer.text() == "改用更新的 GRU #3")
    assert choice_of(page) == first, "chosen by hand"
    page.presenter.add_files([])
    classified(page, project.folder.parent, 1)
    qtbot.waitUntil(page.newer.isVisible)
    qtbot.mouseClick(page.newer, Qt.MouseButton.LeftButton)
    assert (choice_of(page), page.presenter.choice.id) == (third, third)
    assert not page.newer.isVisible()


def place_in(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def test_errors_of_files_do_not_lie_over_the_page(page: ClassifyPage, tmp_path: Path) -> None:
    window, toasts = window_of(page), page.context.toasts
    (done,) = classified(page, tmp_path, 1)
    bad = QueueItem(9_200, tmp_path / "九月.csv", ItemState.FAILED, rows=29, code="DISK_FULL")
    bad.params = {"path": str(bad.path)}
    page.presenter.items.append(bad)
    page.presenter.items_changed.emit()
    page.presenter.item_ended.emit(bad)
    assert toasts.shown == [], "its row says it"
    window.choose("home")
    other = toasts.show("别处的错误", kind="error")
    page.presenter.item_ended.emit(bad)
    page.presenter.item_ended.emit(done)
    assert [toast.kind for toast in toasts.shown] == ["error", "error", "done"]
    window.choose("classify")
    assert toasts.shown == [other]
    window.resize(1280, 1100)
    page.queue.choose(done)
    window.repaint()
    covered = place_in(other, window)
    for one in (page.target.folder, page.target.file):
        assert one.isVisible()
        assert not covered.intersects(place_in(one, window)), "it leaves the buttons free"


def test_the_question_before_stopping_has_words_of_its_own(page: ClassifyPage, tmp_path: Path) -> None:
    (paused,) = classified(page, tmp_path, 1)
    paused.state = ItemState.PAUSED
    page.presenter.item_changed.emit(paused)
    button = page.queue.button_of(paused)
    assert button is not None
    page.queue.stop.click()
    question = next(one for one in window_of(page).findChildren(MessageDialog) if one.isVisible())
    words = [each.text() for each in question.buttons]
    assert words == ["不要已分类的行", "保留进度", "不停止"]
    assert button.text() == "继续"
    assert "“继续”" in " ".join(each.text() for each in question.findChildren(type(question.title)))
    question.close()


def put_in(page: ClassifyPage, path: Path, state: ItemState, **facts: object) -> QueueItem:
    item = QueueItem(9_500 + len(page.presenter.items), path, state, rows=90_000)
    for name, value in facts.items():
        setattr(item, name, value)
    page.presenter.items.append(item)
    return item


def room_of(page: ClassifyPage, item: QueueItem, column: int) -> int:
    """Pixels for words in a cell, and in those that it stretches over."""
    view = page.queue.view
    row = page.queue.model.row_of(item)
    columns = range(column, column + view.columnSpan(row, column))
    return sum(view.columnWidth(each) for each in columns) - 16


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900)])
def test_no_words_of_a_row_are_cut(
    page: ClassifyPage, tmp_path: Path, qtbot: QtBot, size: tuple[int, int]
) -> None:
    window, model = window_of(page), page.queue.model
    window.resize(*size)
    path = tmp_path / "无文本.csv"
    without = put_in(page, path, ItemState.PROBLEM, code="NO_TEXT_COLUMN", params={"path": str(path)})
    place = {"path": "/proc/1/task/小_classified.csv"}
    failed = put_in(page, path, ItemState.FAILED, code="FILE_NOT_FOUND", params=place, elapsed=1.0)
    others = [
        put_in(page, path, ItemState.PAUSED, rows_done=45_056, elapsed=50),
        put_in(page, path, ItemState.INTERRUPTED, rows_done=45_056, elapsed=50),
        put_in(page, path, ItemState.WRITING, rows_done=90_000, elapsed=7_545),
        put_in(page, path, ItemState.RUNNING, rows_done=2_048, eta=145.0),
        put_in(page, path, ItemState.RUNNING, rows_done=2_048, eta=7_545.0),
        put_in(page, path, ItemState.RUNNING, eta=-1.0),
        put_in(page, path, ItemState.READY),
    ]
    page.presenter.items_changed.emit()
    qtbot.waitUntil(lambda: page.queue.view.viewport().width() > 780)
    titles = []
    for language, left in (("zh_CN", "剩余 02:25"), ("en", "02:25 left")):
        page.context.settings.language = language
        times = [str(model.index(model.row_of(item), TIME).data()) for item in others]
        assert times[3] == left
        for item in (failed, *others):
            words = str(model.index(model.row_of(item), PROGRESS).data())
            shown = "".join(lines_of(words, room_of(page, item, PROGRESS))[1])
            assert shown.replace(" ", "") == words.replace(" ", "")
            time = str(model.index(model.row_of(item), TIME).data())
            assert page.fontMetrics().horizontalAdvance(time) <= room_of(page, item, TIME)
        tip = str(model.index(model.row_of(without), PROGRESS).data(Qt.ItemDataRole.ToolTipRole))
        assert tip == page_sentence(page, without)
        for item in page.presenter.items:
            button = page.queue.button_of(item)
            assert button is not None
            page.queue.choose(item)
            if button.isVisible():
                assert button.width() >= button.minimumSizeHint().width(), button.text()
        titles.append(tip)
    assert titles[0] != titles[1]


def test_a_small_window_is_not_pushed_sideways_while_files_are_classified(
    page: ClassifyPage, tmp_path: Path, qtbot: QtBot
) -> None:
    window, project = window_of(page), page.context.session.project
    assert project is not None
    path = tmp_path / "一个名字很长很长的评论文件 二〇二六年七月.csv"
    running = put_in(page, path, ItemState.RUNNING, rows_done=2_048, eta=145.0, rows_per_s=1_206.0)
    running.rows = 2_971_200
    put_in(page, path, ItemState.READY)
    page.presenter.items_changed.emit()
    leave_model(project)
    page.presenter.choice.choose(page.presenter.choice.id)
    page.presenter.look_for_models()
    qtbot.waitUntil(page.newer.isVisible)
    window.resize(800, 600)
    room = page.parentWidget()
    assert room is not None
    for language in ("zh_CN", "en"):
        page.context.settings.language = language
        qtbot.waitUntil(lambda: page.width() <= room.width())
        for each in (page.newer, page.queue.start, page.queue.stop):
            assert each.width() >= each.minimumSizeHint().width()


def page_sentence(page: ClassifyPage, item: QueueItem) -> str:
    """What the card at the right says of a file that is wrong."""
    page.queue.choose(item)
    return page.result.problem.text()
