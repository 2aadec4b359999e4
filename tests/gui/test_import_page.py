"""The import page with the real helpers: what is seen before anything is written, and what is left."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from gui_support import close_window
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from senti_studio.operations.projects import create_project
from senti_studio.storage.project import Project
from senti_studio.ui.dialogs import MessageDialog
from senti_studio.ui.pages.importing.plan import Obstacle, Target, TargetKind, Use
from senti_studio.ui.pages.importing.view import ImportPage, Step
from senti_studio.ui.window import MainWindow

OpenWindow = Callable[[Path], MainWindow]
HEADER = ["编号", "评论内容", "人工评价", "时间"]
ROWS = [
    ["000481207731", "汤洒了一半，商家电话也不接", "差评", "07-02 12:41"],
    ["6217000000000000019", "味道跟店里吃的一样，骑手很客气", "好评", "07-02 12:43"],
    ["000481207752", "还行吧，中规中矩，没什么好挑的", "中评", "07-02 12:44"],
    ["000481207760", "粥很稠，小菜也新鲜，给力", "", "07-02 12:47"],
    ["000481207781", '第一次点，"酸菜鱼"分量很足', "好评", "07-02 12:50"],
]


def write_csv(
    path: Path,
    rows: list[list[str]],
    *,
    header: list[str] | None = None,
    encoding: str = "utf-8",
    sep: str = ",",
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=sep)
        writer.writerows([header or HEADER, *rows])
    return path


def import_page(window: MainWindow, *paths: Path, new_project: bool = False) -> ImportPage:
    argument: object = {"new_project": True, "files": list(paths)} if new_project else list(paths)
    window.go_to("import", argument)
    page = window.pages["import"]
    assert isinstance(page, ImportPage)
    return page


def wait_checked(qtbot: QtBot, page: ImportPage, path: Path | None = None) -> None:
    def is_checked() -> bool:
        plan = page.presenter.plan
        return plan is not None and plan.check is not None and (path is None or plan.path == path)

    qtbot.waitUntil(is_checked, timeout=20_000)


def wait_done(qtbot: QtBot, page: ImportPage) -> None:
    qtbot.waitUntil(lambda: page.write.result.isVisible(), timeout=30_000)


def choose_use(page: ImportPage, column: int, use: Use) -> None:
    """As a user does: through the combo above the column."""
    combo = page.columns.grid.combo(column)
    assert combo is not None
    combo.setCurrentIndex(combo.findData(str(use)))
    combo.activated.emit(combo.currentIndex())


def click(qtbot: QtBot, widget: object) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    project = create_project(tmp_path / "门店 评论")
    project.close()
    return project.folder


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    """Long enough that one can act while it is being written."""
    rows = [[f"{number:012d}", f"第{number}条评论，味道不错", "好评", "07-02"] for number in range(80_000)]
    return write_csv(tmp_path / "很长 的文件.csv", rows)


def test_a_gbk_file_becomes_a_new_project(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = write_csv(tmp_path / "外卖 七月.csv", ROWS, encoding="gbk")
    page = import_page(window, path, new_project=True)
    wait_checked(qtbot, page)
    assert page.step is Step.COLUMNS
    assert page.columns.encodings.cards[0].text() == "GB18030"
    assert page.columns.encodings.cards[0].isChecked()
    assert "评论内容" in page.columns.encodings.cards[0].sample
    assert page.columns.grid.table.data(page.columns.grid.table.index(0, 0)) == "000481207731"
    choose_use(page, 2, Use.LABEL)
    wait_checked(qtbot, page)
    assert page.footer.note.text() == "还没有写入任何数据"

    click(qtbot, page.footer.next)
    assert page.step is Step.REPORT
    click(qtbot, page.footer.next)
    target = tmp_path / "新 项目.senti"
    page.write.place.name.setText("新 项目")
    page.write.place.folder.setText(str(tmp_path))
    assert not target.exists(), "the folder is made when writing starts, not before"
    click(qtbot, page.footer.next)
    wait_done(qtbot, page)

    qtbot.waitUntil(lambda: window.context.session.project is not None, timeout=10_000)
    project = window.context.session.project
    assert project is not None
    assert project.folder == target
    counts = project.comments.counts()
    assert (counts.total, counts.labelled) == (5, 4)
    names = {label.id: label.name for label in project.labels.list()}
    assert {names[key]: count for key, count in counts.by_label.items() if count} == {
        "正面": 2, "中性": 1, "负面": 1,
    }  # fmt: skip
    source = project.sources.list()[0]
    assert [list(cells) for _, _, cells in project.comments.originals(source.id)] == ROWS
    click(qtbot, page.write.result.label)
    assert window.current == "label"


def test_an_import_can_be_undone_and_brought_back(
    open_project_window: OpenWindow, project_folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_project_window(project_folder)
    project = window.context.session.project
    assert project is not None
    page = import_page(window, write_csv(tmp_path / "评论.csv", ROWS))
    wait_checked(qtbot, page)
    page.next()
    assert page.footer.next.text() == "写入 5 行"
    page.next()
    wait_done(qtbot, page)
    assert project.comments.counts().total == 5
    click(qtbot, page.write.result.undo)
    qtbot.waitUntil(lambda: project.comments.counts().total == 0, timeout=10_000)
    qtbot.waitUntil(lambda: bool(window.context.toasts.shown), timeout=10_000)
    toast = window.context.toasts.shown[-1]
    click(qtbot, toast.action_button)
    qtbot.waitUntil(lambda: project.comments.counts().total == 5, timeout=10_000)


def test_a_file_that_came_in_before_is_named_in_the_report(
    open_project_window: OpenWindow, project_folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_project_window(project_folder)
    first = write_csv(tmp_path / "评论.csv", ROWS)
    page = import_page(window, first)
    wait_checked(qtbot, page)
    assert page.presenter.plan is not None
    page.next()
    page.next()
    wait_done(qtbot, page)
    copy = tmp_path / "换了名字.csv"
    shutil.copy(first, copy)
    other = write_csv(tmp_path / "别的.csv", ROWS[:3])
    page = import_page(window, copy, other)
    wait_checked(qtbot, page, copy)
    qtbot.waitUntil(lambda: page.presenter.plan is not None and page.presenter.plan.twin == "评论.csv")
    page.next()
    texts = [label.text() for label in page.report.findChildren(QLabel)]
    assert any("评论.csv 的内容完全相同" in text for text in texts)


def test_escape_asks_before_choices_are_lost(
    open_project_window: OpenWindow, project_folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_project_window(project_folder)
    page = import_page(window, write_csv(tmp_path / "评论.csv", ROWS))
    wait_checked(qtbot, page)
    for answer, expected in ((1, "import"), (0, "data")):
        qtbot.keyClick(page, Qt.Key.Key_Escape)
        question = next(
            one for one in window.findChildren(MessageDialog) if one.isVisible() and len(one.buttons) == 2
        )
        assert question.title.text() == "离开这次导入吗？"
        click(qtbot, question.buttons[answer])
        qtbot.waitUntil(lambda wanted=expected: window.current == wanted)


def test_the_box_of_a_narrow_column_shows_its_word(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    rows = [[str(number % 2), f"第{number}次点这家的外卖了，味道还可以吧"] for number in range(9)]
    window.context.settings.language = "en"
    page = import_page(window, write_csv(tmp_path / "窄.csv", rows, header=["y", "评论"]), new_project=True)
    wait_checked(qtbot, page)
    combo = page.columns.grid.combo(0)
    assert combo is not None
    for index in range(combo.count()):
        choose_use(page, 0, Use(combo.itemData(index)))
        # 36 for the frame, the padding and the arrow.
        assert combo.width() >= combo.fontMetrics().horizontalAdvance(combo.currentText()) + 36
        assert combo.currentIndex() == index


def test_cancelling_in_the_middle_leaves_nothing(
    open_project_window: OpenWindow, project_folder: Path, large_file: Path, qtbot: QtBot
) -> None:
    window = open_project_window(project_folder)
    project = window.context.session.project
    assert project is not None
    labels = project.labels.list()
    page = import_page(window, large_file)
    wait_checked(qtbot, page)
    page.presenter.choose_target("好评", Target(TargetKind.NEW, "很 好评"))
    page.next()
    page.next()
    qtbot.waitUntil(lambda: 0 < page.write.progress.bar.value() < 1000, timeout=20_000)
    assert len(project.labels.list()) == 1, "the file brings its own label"
    page.cancel()
    dialog = window.findChildren(type(window.context.dialogs.ask("", "", ["x"], lambda _: None)))
    question = next(one for one in dialog if one.isVisible() and len(one.buttons) == 2)
    click(qtbot, question.buttons[0])
    qtbot.waitUntil(lambda: not page.writer.is_writing, timeout=20_000)
    assert page.write.problem.isVisible()
    assert "已取消" in page.write.problem.title.text()
    assert project.comments.counts().total == 0
    assert project.sources.list() == []
    assert [label.name for label in project.labels.list()] == [label.name for label in labels]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_helper_is_told_and_leaves_nothing(
    window: MainWindow, tmp_path: Path, large_file: Path, qtbot: QtBot
) -> None:
    page = import_page(window, large_file, new_project=True)
    wait_checked(qtbot, page)
    page.next()
    page.next()
    page.write.place.name.setText("半途")
    page.write.place.folder.setText(str(tmp_path))
    page.next()
    qtbot.waitUntil(lambda: page.write.progress.bar.value() > 0, timeout=20_000)
    helper = page.writer.helper
    assert helper is not None
    os.kill(helper.process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: page.write.problem.isVisible(), timeout=20_000)
    assert "导入进程意外结束" in page.write.problem.title.text()
    assert not (tmp_path / "半途.senti").exists()
    assert page.footer.next.isEnabled(), "one can try again at once"


def test_the_window_may_close_in_the_middle(
    open_project_window: OpenWindow, project_folder: Path, large_file: Path, qtbot: QtBot
) -> None:
    window = open_project_window(project_folder)
    page = import_page(window, large_file)
    wait_checked(qtbot, page)
    page.next()
    page.next()
    qtbot.waitUntil(lambda: 0 < page.write.progress.bar.value() < 1000, timeout=20_000)
    close_window(window)
    with Project.open(project_folder) as project:
        project.sources.remove_unfinished().result(20)
        assert project.comments.counts().total == 0
        assert project.sources.list() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00" + bytes(400), "Excel"),
        (b"", "空文件"),
        ("编号,评论\n".encode(), "没有数据行"),
    ],
)
def test_what_cannot_be_read_is_said_and_the_next_file_goes_on(
    window: MainWindow, tmp_path: Path, qtbot: QtBot, content: bytes, words: str
) -> None:
    bad = tmp_path / "坏 文件.csv"
    if content.startswith(b"PK"):
        shutil.copy(_workbook(tmp_path), bad)
    else:
        bad.write_bytes(content)
    good = write_csv(tmp_path / "好的.csv", ROWS)
    page = import_page(window, bad, good)
    qtbot.waitUntil(lambda: page.files.problem.isVisible(), timeout=20_000)
    assert page.step is Step.FILE
    assert words in page.files.problem.title.text()
    assert page.files.problem.text.text(), "there is a next step"
    click(qtbot, page.files.problem.secondary)
    wait_checked(qtbot, page, good)
    assert page.step is Step.COLUMNS


def _workbook(folder: Path) -> Path:
    """The outside of a workbook, as any program that looks at the first bytes knows it."""
    path = folder / "表格.xlsx"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
    return path


def test_without_a_text_column_the_next_step_is_closed(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    path = write_csv(
        tmp_path / "数字.csv", [[str(n), str(n * n), "", ""] for n in range(30)], header=list("甲乙丙丁")
    )
    page = import_page(window, path)
    qtbot.waitUntil(lambda: page.presenter.plan is not None, timeout=20_000)
    assert page.presenter.plan is not None
    if page.presenter.plan.column(Use.TEXT) is not None:
        page.presenter.choose_use(page.presenter.plan.uses.index(Use.TEXT), Use.KEEP)
    assert not page.footer.next.isEnabled()
    assert page.footer.note.text() == "请选出哪一列是评论文本。"
    combo = page.columns.grid.combo(0)
    assert combo is not None
    assert combo.property("state") == "error"
    combo.setCurrentIndex(0)
    combo.activated.emit(0)
    wait_checked(qtbot, page)
    assert page.footer.next.isEnabled()


def test_label_values_without_a_target_close_the_next_step(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    rows = [[str(n), f"第{n}条评论内容在这里", ("好评", "差评", "物流慢")[n % 3], ""] for n in range(30)]
    page = import_page(window, write_csv(tmp_path / "三类.csv", rows))
    wait_checked(qtbot, page)
    plan = page.presenter.plan
    assert plan is not None
    assert plan.open_values == ("物流慢",)
    assert plan.obstacle() is Obstacle.OPEN_LABEL_VALUES
    assert not page.footer.next.isEnabled()
    assert "1 个标签值没有对应" in page.footer.note.text()
    page.next()
    assert page.step is Step.COLUMNS
    click(qtbot, page.columns.mapping.all_new)
    assert page.footer.next.isEnabled()
    combo = page.columns.mapping.combos["物流慢"]
    assert combo.currentText() == "新建标签“物流慢”"
    assert combo.property("state") == ""


def test_encoding_and_delimiter_can_be_overruled(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    rows = [[str(n), "這家店的服務態度非常好，下次還會再來", "1", "今天"] for n in range(20)]
    path = write_csv(
        tmp_path / "繁體.csv", rows, encoding="big5", header=["id", "內容", "label", "t"], sep=";"
    )
    page = import_page(window, path)
    wait_checked(qtbot, page)
    grid = page.columns.grid
    assert page.columns.encodings.cards[0].text() == "Big5"
    assert grid.table.columnCount() == 4
    page.columns.encodings.delimiter.setCurrentIndex(0)
    page.columns.encodings.delimiter.activated.emit(0)
    qtbot.waitUntil(lambda: len(grid.columns) != 4, timeout=10_000)
    assert grid.table.data(grid.table.index(0, 0)).startswith("0;這家店")
    page.columns.encodings.delimiter.setCurrentIndex(2)
    page.columns.encodings.delimiter.activated.emit(2)
    qtbot.waitUntil(lambda: len(grid.columns) == 4, timeout=10_000)
    page.setFocus()
    number = next(at for at, card in enumerate(page.columns.encodings.cards) if card.text() == "GB18030")
    qtbot.keyClick(page, str(number + 1))
    qtbot.waitUntil(lambda: page.presenter.plan.options.encoding == "gb18030", timeout=10_000)  # type: ignore[union-attr]
    assert "這家店" not in str(grid.table.data(grid.table.index(0, 1)))
    assert page.columns.encodings.cards[number].isChecked()


def test_combos_stand_above_their_columns_also_after_scrolling(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    names = [f"列{number}" for number in range(500)]
    rows = [["数"] * 250 + ["这一列才是评论的正文内容"] + ["数"] * 249 for _ in range(20)]
    page = import_page(window, write_csv(tmp_path / "很宽.csv", rows, header=names))
    wait_checked(qtbot, page)
    grid = page.columns.grid
    header = grid.view.horizontalHeader()
    for place in (0, 250, 499):
        grid.go_to_column(place)
        qtbot.waitUntil(lambda at=place: grid.combo(at) is not None and grid.combo(at).isVisible())  # type: ignore[misc,union-attr]
        combo = grid.combo(place)
        assert combo is not None
        left = grid.view.verticalHeader().width() + header.sectionViewportPosition(place)
        assert combo.x() == left + 4
        assert combo.width() == header.sectionSize(place) - 8
    made = [at for at in range(500) if grid.combo(at) is not None]
    assert len(made) < 100, "combos are made for what is in view"
    plan = page.presenter.plan
    assert plan is not None
    assert plan.column(Use.TEXT) == 250


def test_a_very_long_cell_is_cut_in_the_grid_only(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    long = "很长的一条评论。" * 25_000
    rows = [*ROWS, ["7", long, "好评", ""]]
    page = import_page(window, write_csv(tmp_path / "长.csv", rows))
    wait_checked(qtbot, page)
    table = page.columns.grid.table
    index = table.index(5, 1)
    assert len(str(table.data(index))) < 500
    assert table.whole_text(index) == long
    page.columns.grid.view.setCurrentIndex(index)
    popup = page.columns.grid.view.show_whole_cell()
    assert popup.toPlainText() == long  # type: ignore[attr-defined]
    popup.close()


def test_rows_that_do_not_fit_are_listed_and_can_be_left_out(
    open_project_window: OpenWindow, project_folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_project_window(project_folder)
    path = write_csv(
        tmp_path / "参差.csv", [*ROWS, ["9", "只有两列"], ["10", "多一列的评论", "好评", "", "多余"]]
    )
    page = import_page(window, path)
    wait_checked(qtbot, page)
    card = page.columns.rows
    assert card.isVisible()
    lines = [card.places.item(row, 0).text() for row in range(card.places.rowCount())]
    assert lines == ["7", "8"]
    card.skip.click()
    assert page.presenter.plan is not None
    assert page.presenter.plan.rows_to_import == 5
    page.next()
    page.next()
    wait_done(qtbot, page)
    project = window.context.session.project
    assert project is not None
    assert project.comments.counts().total == 5


def test_files_of_one_kind_keep_the_settings(
    open_project_window: OpenWindow, project_folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_project_window(project_folder)
    first = write_csv(tmp_path / "六月.csv", [[r[0], r[1], r[2].replace("好评", "赞"), r[3]] for r in ROWS])
    second = write_csv(
        tmp_path / "七月.csv", [[r[0], "又" + r[1], r[2].replace("好评", "赞"), r[3]] for r in ROWS]
    )
    page = import_page(window, first, second)
    wait_checked(qtbot, page, first)
    choose_use(page, 2, Use.LABEL)
    wait_checked(qtbot, page, first)
    page.presenter.choose_target("赞", Target(TargetKind.LABEL, "1"))
    page.next()
    page.next()
    wait_done(qtbot, page)
    assert page.write.result.next_file.text() == "下一个文件（还有 1 个）"
    click(qtbot, page.write.result.next_file)
    wait_checked(qtbot, page, second)
    assert page.presenter.plan is not None
    assert page.presenter.plan.targets["赞"] == Target(TargetKind.LABEL, "1")
    page.next()
    page.next()
    wait_done(qtbot, page)
    project = window.context.session.project
    assert project is not None
    assert project.comments.counts().total == 10


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_preview_can_be_tried_again(window: MainWindow, large_file: Path, qtbot: QtBot) -> None:
    page = import_page(window, large_file)
    qtbot.waitUntil(lambda: page.presenter.plan is not None, timeout=20_000)
    helper = page.presenter.helper
    assert helper is not None
    os.kill(helper.process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: page.columns.problem.isVisible(), timeout=10_000)
    click(qtbot, page.columns.problem.primary)
    wait_checked(qtbot, page)
    assert not page.columns.problem.isVisible()


def test_language_and_theme_change_in_the_middle(
    window: MainWindow, tmp_path: Path, qtbot: QtBot, qapp: object
) -> None:
    page = import_page(window, write_csv(tmp_path / "评论.csv", ROWS))
    wait_checked(qtbot, page)
    window.language.install(qapp, "en")  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: page.header.title.text() == "Import comments")
    assert page.footer.note.text() == "Nothing has been written yet"
    combo = page.columns.grid.combo(1)
    assert combo is not None
    assert combo.currentText() == "Text column"
    window.context.theme.set_choice("dark")
    assert page.step is Step.COLUMNS
    texts = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    chinese = [text for text in texts if any("一" <= char <= "鿿" for char in text)]
    assert all("评" in text or "人工" in text for text in chinese), chinese
