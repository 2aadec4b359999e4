"""The classify page with a tiny model that the real worker trained, and the real worker at work."""

from __future__ import annotations

import csv
import dataclasses
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui_support import close_window
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from training_projects import make_labelled_project

from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import ClassificationSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.operations import classifying, training
from senti_studio.storage.project import Project
from senti_studio.ui.dialogs import MessageDialog
from senti_studio.ui.models.batch_queue import ENCODING, PROGRESS
from senti_studio.ui.pages.classify.queue_item import ItemState, QueueItem
from senti_studio.ui.pages.classify.view import ClassifyPage
from senti_studio.ui.window import MainWindow

OpenWindow = Callable[[Path], MainWindow]
TINY = TrainingOptions(epochs=1, embedding_size=8, hidden_size=8, batch_size=16, min_frequency=1)
HEADER = ["单号", "评论", "店铺"]
ROWS = [
    ["000512880113", "汤很鲜，配菜也足，下次还点", "江畔路店"],
    ["6217000000000000019", '等了五十分钟，面坨了，"汤"也凉了', "北苑店"],
    ["=1+1", "", "大学城店"],
    ["007", "包装很严实，\n一点没洒", "江畔路店"],
]


def write_csv(path: Path, rows: list[list[str]], *, encoding: str, header: list[str] | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header or HEADER, *rows])
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one finished training; tests work on copies."""
    folder = tmp_path_factory.mktemp("训练 一次")
    project = make_labelled_project(folder, per_label=12)
    run = training.create_run(project, training.TrainingRequest("gru", TINY, device="cpu"))
    training.start(project, run.id)
    end = time.monotonic() + 120
    while run.state().is_active and time.monotonic() < end:
        time.sleep(0.1)  # another process is at work; no event loop here to wait with
    assert run.state() is RunState.FINISHED, run.log_tail()
    project.close()
    return project.folder


@pytest.fixture
def page(
    trained: Path, tmp_path: Path, open_project_window: OpenWindow, qtbot: QtBot
) -> Iterator[ClassifyPage]:
    """The page on a copy of the trained project; whatever still runs at the end is stopped."""
    folder = tmp_path / "门店 项目.senti"
    shutil.copytree(trained, folder)
    window = open_project_window(folder)
    yield classify_page(window, qtbot)
    with Project.open(folder) as project:
        for batch in classifying.list_batches(project):
            if batch.run.state.is_active:
                classifying.cancel(project, batch.run.id)


def classify_page(window: MainWindow, qtbot: QtBot) -> ClassifyPage:
    window.go_to("classify")
    page = window.pages["classify"]
    assert isinstance(page, ClassifyPage)
    qtbot.waitUntil(lambda: page.presenter.is_loaded and bool(page.presenter.models), timeout=10_000)
    return page


def add(qtbot: QtBot, page: ClassifyPage, *paths: Path) -> list[QueueItem]:
    before = len(page.presenter.items)
    page.presenter.add_files(paths)
    items = page.presenter.items[before:]
    qtbot.waitUntil(lambda: all(item.state is not ItemState.LOOKING for item in items), timeout=30_000)
    return items


def wait_state(qtbot: QtBot, item: QueueItem, *states: ItemState) -> None:
    qtbot.waitUntil(lambda: item.state in states, timeout=60_000)


def read_csv(path: Path, encoding: str) -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


def click(qtbot: QtBot, widget: object) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def long_file(folder: Path, rows: int = 24_000) -> Path:
    """So many rows that one can act while they are classified."""
    lines = [[f"{n:06d}", f"第{n}单味道很好，服务热情，下次还来", "店"] for n in range(rows)]
    return write_csv(folder / "很长 的文件.csv", lines, encoding="gb18030")


def test_a_gb18030_file_becomes_a_classified_file_and_once_more_in_gbk(
    page: ClassifyPage, tmp_path: Path, qtbot: QtBot
) -> None:
    rows = [*ROWS, ["8", "给力👍𠮷祥", "店"]]
    source = write_csv(tmp_path / "输入" / "外卖 七月.csv", rows, encoding="gb18030")
    before = source.read_bytes()
    (item,) = add(qtbot, page, source)
    assert (item.state, item.rows) == (ItemState.READY, 5)
    click(qtbot, page.queue.start)
    wait_state(qtbot, item, ItemState.DONE, ItemState.FAILED)
    assert item.state is ItemState.DONE, item.code

    target = source.with_name("外卖 七月_已分类.csv")
    assert item.output_path == target
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    table = read_csv(target, "utf-8-sig")
    assert table[0] == [*HEADER, "senti_label", "senti_conf", "p_正面", "p_中性", "p_负面"]
    assert [row[:3] for row in table[1:]] == rows
    assert table[3][3:] == ["", "", "", "", ""], "an empty text gets no label"
    assert all(row[3] in ("正面", "中性", "负面") for row in table[1:] if row[1])
    assert source.read_bytes() == before

    assert sum(bar.count for bar in page.shares.bars.rows) == 4
    assert [bar.name for bar in page.shares.bars.rows] == ["正面", "中性", "负面"]
    text = target.read_text("utf-8-sig")
    qtbot.waitUntil(lambda: "senti_label" in page.target.preview.toPlainText())
    shown = page.target.preview.toPlainText().split("\n")
    assert shown[0].endswith("EF BB BF " + text.split("\n")[0])
    assert shown[1].endswith(text.split("\n")[1])

    click(qtbot, page.target.cards["gbk"])
    assert page.target.again.isVisible()
    click(qtbot, page.target.again)
    second = source.with_name("外卖 七月_已分类 (2).csv")
    qtbot.waitUntil(lambda: item.output_path == second, timeout=30_000)
    assert read_csv(second, "gbk")[1] == table[1]
    assert "👍" in page.target.characters.text()
    assert "2 个字符" in page.target.characters.text()
    assert read_csv(target, "utf-8-sig") == table, "nothing was overwritten"


def test_a_file_without_a_text_column_is_mended_and_the_others_go_on(
    page: ClassifyPage, tmp_path: Path, qtbot: QtBot
) -> None:
    numbers = [[str(n), str(n * 7), str(n % 3)] for n in range(40)]
    bad = write_csv(tmp_path / "问卷.csv", numbers, encoding="utf-8", header=["a", "b", "c"])
    book = tmp_path / "其实是表格.csv"
    book.write_bytes(b"")
    good = write_csv(tmp_path / "好的.csv", ROWS, encoding="utf-8")
    without, empty, ready = add(qtbot, page, bad, book, good)
    assert (empty.state, empty.code) == (ItemState.PROBLEM, "FILE_EMPTY")
    assert ready.state is ItemState.READY
    page.queue.choose(empty)
    assert "空文件" in page.result.problem.text()
    if without.state is ItemState.PROBLEM:
        assert without.code == "NO_TEXT_COLUMN"
    dialog = page.change_reading(without)
    qtbot.waitUntil(lambda: dialog.presenter.plan is not None, timeout=20_000)
    dialog.grid.use_chosen.emit(1, "text")
    qtbot.waitUntil(dialog.take.isEnabled, timeout=20_000)
    click(qtbot, dialog.take)
    assert (without.state, without.text_column, without.rows) == (ItemState.READY, 1, 40)
    assert page.queue.start.text() == "开始分类 2 个文件"


def test_another_sheet_of_a_workbook(page: ClassifyPage, tmp_path: Path, qtbot: QtBot) -> None:
    from openpyxl import Workbook

    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "六月"
    for row in (HEADER, ["1", "六月的汤不好喝，服务也差", "店"]):
        first.append(row)
    second = book.create_sheet("七月")
    second.append(["七月汇总"])
    rows = [
        row for row in ROWS if not row[0].startswith("=")
    ]  # the writing library would make a formula of it
    for row in (HEADER, *rows):
        second.append(row)
    source = tmp_path / "评论 汇总.xlsx"
    book.save(source)
    (item,) = add(qtbot, page, source)
    assert (item.state, item.rows, item.sheets) == (ItemState.READY, 1, ("六月", "七月"))
    shown = page.queue.model.index(page.queue.model.row_of(item), ENCODING)
    assert shown.data() == "六月"
    assert shown.data(Qt.ItemDataRole.ToolTipRole) == "工作表“六月”，共 2 张：六月、七月"

    dialog = page.change_reading(item)
    qtbot.waitUntil(dialog.take.isEnabled, timeout=30_000)
    sheets = dialog.encodings.sheet
    assert sheets.isVisible()
    sheets.setCurrentIndex(1)
    sheets.activated.emit(1)
    qtbot.waitUntil(
        lambda: dialog.take.isEnabled() and dialog.presenter.plan.options.sheet == "七月", timeout=30_000
    )
    click(qtbot, dialog.take)
    assert (item.rows, shown.data()) == (3, "七月")
    click(qtbot, page.queue.start)
    wait_state(qtbot, item, ItemState.DONE, ItemState.FAILED)
    assert item.state is ItemState.DONE, item.code
    table = read_csv(source.with_name("评论 汇总_已分类.csv"), "utf-8-sig")
    assert [row[:3] for row in table] == [HEADER, *rows]
    assert table[1][3] in ("正面", "中性", "负面")


def test_giving_up_in_the_middle_leaves_nothing(page: ClassifyPage, tmp_path: Path, qtbot: QtBot) -> None:
    source = long_file(tmp_path / "输入")
    (item,) = add(qtbot, page, source)
    click(qtbot, page.queue.start)
    wait_state(qtbot, item, ItemState.RUNNING)
    click(qtbot, page.queue.stop)
    window = page.window()
    question = next(one for one in window.findChildren(MessageDialog) if one.isVisible())
    assert question.title.text() == "停止分类？"
    click(qtbot, question.buttons[0])
    wait_state(qtbot, item, ItemState.READY)
    assert sorted(path.name for path in source.parent.iterdir()) == [source.name]
    assert page.queue.start.isVisible()
    assert item.rows_done == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_run_survives_window_and_worker(
    page: ClassifyPage, tmp_path: Path, open_project_window: OpenWindow, qtbot: QtBot
) -> None:
    source = long_file(tmp_path / "输入")
    (item,) = add(qtbot, page, source)
    click(qtbot, page.queue.start)
    wait_state(qtbot, item, ItemState.RUNNING)
    window = page.window()
    assert isinstance(window, MainWindow)
    project = window.context.session.project
    assert project is not None
    folder = project.folder
    run = classifying.batch_run_folder(project, item.batch_id)
    close_window(window)
    assert run.state().is_active

    again = classify_page(open_project_window(folder), qtbot)
    (found,) = again.presenter.items
    assert found.name == source.name
    assert found.state in (ItemState.PREPARING, ItemState.RUNNING)
    qtbot.waitUntil(lambda: found.rows_done > 0, timeout=30_000)
    started = next(event for event in run.events() if event.type == "Started")
    os.kill(started.pid, signal.SIGKILL)  # type: ignore[attr-defined]
    wait_state(qtbot, found, ItemState.INTERRUPTED)
    button = again.queue.button_of(found)
    assert button is not None
    assert button.text() == "继续"
    click(qtbot, button)
    wait_state(qtbot, found, ItemState.DONE, ItemState.FAILED)
    assert found.state is ItemState.DONE, found.code
    assert found.output_path is not None
    table = read_csv(found.output_path, "utf-8-sig")
    assert [row[0] for row in table[1:]] == [f"{n:06d}" for n in range(24_000)]
    assert sum(found.label_rows.values()) == 24_000


def test_comments_of_the_project_can_be_classified(page: ClassifyPage, tmp_path: Path, qtbot: QtBot) -> None:
    project = page.context.session.project
    assert project is not None
    page.set_output_folder(tmp_path)
    page.presenter.add_source(project.sources.list()[0])
    (item,) = page.presenter.items
    click(qtbot, page.queue.start)
    wait_state(qtbot, item, ItemState.DONE, ItemState.FAILED)
    assert item.state is ItemState.DONE, item.code
    table = read_csv(tmp_path / "外卖 七月_已分类.csv", "utf-8-sig")
    assert table[0][:3] == ["评论", "标签", "senti_label"]
    assert len(table) == 37


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="a folder that takes no files")
def test_a_folder_that_takes_no_files_is_told_at_once_and_another_one_chosen(
    page: ClassifyPage, tmp_path: Path, qtbot: QtBot
) -> None:
    header = [*HEADER[:2], "senti_label"]
    (item,) = add(qtbot, page, write_csv(tmp_path / "七月.csv", ROWS, encoding="utf-8", header=header))
    page.set_output_folder(Path("/proc/self/task"))
    click(qtbot, page.queue.start)
    wait_state(qtbot, item, ItemState.PROBLEM)
    assert (item.code, item.batch_id) == ("OUTPUT_FOLDER_REFUSES", "")
    dialog = ask_what_to_do(page, item, qtbot)
    assert "/proc/self/task" in dialog.title.text()
    assert [one.text() for one in dialog.buttons] == ["关闭", "换一个文件夹…", "重试"]
    click(qtbot, dialog.buttons[2])
    assert item.state is ItemState.READY
    wait_state(qtbot, item, ItemState.PROBLEM)
    click(qtbot, ask_what_to_do(page, item, qtbot).buttons[1])
    chooser = next(one for one in page.window().findChildren(QFileDialog) if one.isVisible())
    (tmp_path / "结果").mkdir()
    chooser.fileSelected.emit(str(tmp_path / "结果"))
    chooser.reject()
    wait_state(qtbot, item, ItemState.DONE, ItemState.FAILED)
    assert item.output_path == tmp_path / "结果" / "七月_已分类.csv"
    table = read_csv(item.output_path, "utf-8-sig")
    assert len(table) == 1 + len(ROWS)
    assert table[0][:5] == [*header, "senti_label_2", "senti_conf_2"]
    told = page.result.warnings.text()
    assert "已有这些列：senti_label。" in told
    assert "senti_label_2、senti_conf_2、p_正面_2" in told


def test_a_file_whose_folder_went_away_goes_on_from_its_rows(
    page: ClassifyPage, tmp_path: Path, open_project_window: OpenWindow, qtbot: QtBot
) -> None:
    stick, good = tmp_path / "U 盘", tmp_path / "硬盘"
    stick.mkdir()
    good.mkdir()
    (item,) = add(qtbot, page, write_csv(tmp_path / "七月.csv", ROWS, encoding="utf-8"))
    page.set_output_folder(stick)
    click(qtbot, page.queue.start)
    wait_state(qtbot, item, ItemState.PREPARING)
    qtbot.waitUntil(lambda: item.batch_id in page.presenter._watchers, timeout=10_000)
    stick.rmdir()
    wait_state(qtbot, item, ItemState.FAILED, ItemState.DONE)
    assert (item.code, item.params) == ("OUTPUT_FOLDER_MISSING", {"path": str(stick)})
    window = page.window()
    assert isinstance(window, MainWindow)
    project = window.context.session.project
    assert project is not None
    folder, (part,) = project.folder, (project.batches_folder / item.batch_id).glob("*.parquet")
    done_at = part.stat().st_mtime_ns
    close_window(window)

    again = classify_page(open_project_window(folder), qtbot)
    (found,) = again.presenter.items
    assert found.state is ItemState.FAILED
    click(qtbot, ask_what_to_do(again, found, qtbot).buttons[2])
    wait_state(qtbot, found, ItemState.FAILED)
    assert found.code == "OUTPUT_FOLDER_MISSING", "it is still away"
    ended = []
    again.presenter.item_ended.connect(ended.append)
    again.set_output_folder(good)
    assert found.state is ItemState.WAITING
    assert again.queue.start.text() == "开始分类 1 个文件"
    click(qtbot, again.queue.start)
    wait_state(qtbot, found, ItemState.DONE, ItemState.FAILED)
    assert found.output_path == good / "七月_已分类.csv", found.code
    assert part.stat().st_mtime_ns == done_at, "its rows were not classified again"
    assert ended == [found], "what it said of its first start is no news"


def ask_what_to_do(page: ClassifyPage, item: QueueItem, qtbot: QtBot) -> MessageDialog:
    assert button_text(page, item) == "怎么办…"
    click(qtbot, page.queue.button_of(item))
    return next(one for one in page.window().findChildren(MessageDialog) if one.isVisible())


def test_without_a_model_the_page_leads_to_training(
    open_project_window: OpenWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    project = make_labelled_project(tmp_path, per_label=2)
    project.close()
    window = open_project_window(project.folder)
    window.go_to("classify")
    page = window.pages["classify"]
    assert isinstance(page, ClassifyPage)
    assert page.no_model.isVisible()
    click(qtbot, page.no_model.primary)
    assert window.current == "train"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_worker_that_does_not_listen_is_told_and_can_be_forced(
    page: ClassifyPage, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("senti_studio.ui.pages.classify.presenter.FORCE_AFTER_MS", 300)
    source = long_file(tmp_path / "输入", rows=48_000)
    (item,) = add(qtbot, page, source)
    click(qtbot, page.queue.start)
    wait_state(qtbot, item, ItemState.RUNNING)
    project = page.context.session.project
    assert project is not None
    run = classifying.batch_run_folder(project, item.batch_id)
    pid = run.worker_pid(page.presenter._watchers[item.batch_id].status.started)
    os.kill(pid, signal.SIGSTOP)
    window = page.window()
    assert isinstance(window, MainWindow)
    window.go_to("home")
    page.presenter._watchers[item.batch_id].silent_after_s = 2.5
    qtbot.waitUntil(lambda: item.is_silent, timeout=20_000)
    assert "没有反应" in toast_words(window)
    window.go_to("classify")
    assert progress_cell(page, item) == "没有回应"
    assert "已分类的行会保留" in page.result.problem.text()
    assert page.result.problem.isVisible()
    assert button_text(page, item) == "强制停止"
    assert page.presenter.totals().rows_per_s == 0, "the last rate is none"

    os.kill(pid, signal.SIGCONT)
    qtbot.waitUntil(lambda: not item.is_silent, timeout=20_000)
    assert not page.result.problem.isVisible()
    assert item.state is ItemState.RUNNING
    assert button_text(page, item) == "暂停"

    os.kill(pid, signal.SIGSTOP)
    page.presenter.give_up()
    qtbot.waitUntil(lambda: item.may_force, timeout=10_000)
    assert button_text(page, item) == "强制停止"
    button = page.queue.button_of(item)
    click(qtbot, button)
    wait_state(qtbot, item, ItemState.READY)
    assert sorted(path.name for path in source.parent.iterdir()) == [source.name]
    assert not run.is_alive()
    assert not item.is_silent


def button_text(page: ClassifyPage, item: QueueItem) -> str:
    button = page.queue.button_of(item)
    assert button is not None
    return button.text()


def progress_cell(page: ClassifyPage, item: QueueItem) -> str:
    model = page.queue.model
    return str(model.index(model.row_of(item), PROGRESS).data())


def toast_words(window: MainWindow) -> str:
    return " ".join(toast.text for toast in window.context.toasts.shown)


def test_int8_is_offered_for_a_bert_alone_and_reaches_the_worker(
    page: ClassifyPage, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, project = page.numbers, page.context.session.project
    assert project is not None
    assert not card.isVisibleTo(page), "a GRU gains nothing by it"
    (model,) = page.presenter.models
    # What the worker says when the model is none after all comes back as a sentence.
    taken_for_bert = [dataclasses.replace(model, architecture="bert")]
    monkeypatch.setattr("senti_studio.ui.pages.classify.presenter.list_models", lambda _: taken_for_bert)
    page.presenter.look_for_models()
    (item,) = add(qtbot, page, write_csv(tmp_path / "七月.csv", ROWS, encoding="utf-8"))
    qtbot.waitUntil(lambda: card.isVisibleTo(page))
    assert (card.eight.isVisibleTo(page), card.fold.summary.text()) == (False, "关")
    card.fold.set_open(True)
    assert not card.insist.isEnabled()
    card.eight.click()
    card.insist.click()
    click(qtbot, page.queue.start)
    wait_state(qtbot, item, ItemState.DONE, ItemState.FAILED)
    spec = classifying.batch_run_folder(project, item.batch_id).spec()
    assert isinstance(spec, ClassificationSpec)
    assert (spec.precision, spec.insists) == ("int8", True)
    assert Path(spec.known_rows) == project.runs_folder / model.run_id / "data" / "valid.jsonl"
    assert Path(spec.known_rows).is_file()
    assert "这个模型是 GRU" in page.result.warnings.text()
    assert ("计算精度", "fp32") in page.result._facts(item)
    told = {"precision": "int8", "rows": 480, "is_labelled": True, "lost": 0.21, "same": 99.4, "speed": 1.9}
    item.output = {**item.output, "numbers": told}
    words = "int8 · 速度 1.9 倍 · 480 条评论上准确率损失 0.21 个百分点 · 99.4% 的标签相同"
    assert ("计算精度", words) in page.result._facts(item)
