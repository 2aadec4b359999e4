"""The encodings side by side: lines of the file in every one, chosen by click or key; asked when in doubt."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot
from test_import_formats import look
from test_import_page import import_page, wait_checked, write_csv

from senti_studio.ui.pages.classify.reading_dialog import ReadingDialog
from senti_studio.ui.pages.importing import wording
from senti_studio.ui.pages.importing.comparison import DAMAGED_ROLE, SAME_ROLE, ComparisonTable
from senti_studio.ui.pages.importing.plan import Obstacle
from senti_studio.ui.pages.importing.preview_pane import PreviewPane
from senti_studio.ui.pages.importing.problem_list import save_list
from senti_studio.ui.pages.importing.view import ImportPage, Step
from senti_studio.ui.window import MainWindow

HEADER = ["编号", "评论内容"]
TEXTS = ["汤洒了一半，商家电话也不接", "味道跟店里吃的一样，骑手很客气", "ok", "粥很稠，小菜也新鲜，给力"]


def gbk_file(path: Path, *, count: int = 400) -> Path:
    rows = [[f"{number:06d}", TEXTS[number % 4]] for number in range(count)]
    write_csv(path, rows, header=HEADER, encoding="gbk")
    path.write_bytes(path.read_bytes().replace(b"000350,", b"000350,\xff", 1))
    return path


def doubtful_file(path: Path) -> Path:
    """Characters whose bytes are common ones in GB18030 and in Big5 alike."""
    lines = ["name,comment", "1,单都场程单都场程 ok", "2,都单程场 fine", "3,程单场都单程 good"]
    path.write_bytes("\r\n".join(lines).encode("gbk"))
    return path


def compare(qtbot: QtBot, pane: PreviewPane) -> ComparisonTable:
    """Turns the pane round, as a click on the switch does."""
    pane.mode._choose(1)
    wait_lines(qtbot, pane)
    return pane.comparison


def wait_lines(qtbot: QtBot, pane: PreviewPane) -> None:
    qtbot.waitUntil(lambda: pane.comparison.model.rowCount() > 0, timeout=20_000)


def click_header(qtbot: QtBot, table: ComparisonTable, column: int) -> None:
    header = table.header
    place = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def encoding_of(page: ImportPage) -> str:
    assert page.presenter.plan is not None
    return page.presenter.plan.options.encoding


def test_the_lines_stand_side_by_side(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    page = import_page(window, gbk_file(tmp_path / "外卖 七月.csv"), new_project=True)
    wait_checked(qtbot, page)
    pane = page.columns.preview
    assert pane.mode.isVisibleTo(page)
    assert not pane.compares, "nothing is in doubt"
    table = compare(qtbot, pane)
    model = table.model
    assert pane.compares
    names = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    assert names[0] == "GB18030"
    assert {"UTF-8", "Big5"} < set(names)
    assert model.rowCount() == 200
    first = model.index(0, 0)
    assert (first.data(DAMAGED_ROLE), model.headerData(0, Qt.Orientation.Vertical)) == (True, "352")
    assert model.index(1, 0).data() == "编号,评论内容"
    assert model.index(1, names.index("UTF-8")).data(DAMAGED_ROLE)
    assert not any(model.index(row, 0).data(SAME_ROLE) for row in range(100))
    assert table.header.chosen == 0
    look(window, "compare")


def test_a_click_on_a_column_reads_the_file_anew(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    page = import_page(window, gbk_file(tmp_path / "外卖.csv"), new_project=True)
    wait_checked(qtbot, page)
    table = compare(qtbot, page.columns.preview)
    big5 = list(table.model.comparison.encodings).index("big5")
    click_header(qtbot, table, big5)
    assert table.header.chosen == big5, "at once, before the file was read"
    qtbot.waitUntil(lambda: encoding_of(page) == "big5", timeout=20_000)
    wait_checked(qtbot, page)
    assert page.columns.preview.compares, "the comparison stays in view"
    card = next(card for card in page.columns.encodings.cards if card.text() == "Big5")
    assert card.isChecked()

    table.view.setFocus()
    table.view.setCurrentIndex(table.model.index(0, big5))
    while table.view.currentIndex().column():
        qtbot.keyClick(table.view, Qt.Key.Key_Left)
    qtbot.keyClick(table.view, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: encoding_of(page) == "gb18030", timeout=20_000)
    second = table.model.comparison.encodings[1]
    cards = page.columns.encodings.cards
    place = next(at for at, card in enumerate(cards) if card.text() == wording.encoding_name(second))
    qtbot.keyClick(table.view, str(place + 1))
    qtbot.waitUntil(lambda: encoding_of(page) == second, timeout=20_000)


@pytest.mark.parametrize("chosen", [0, 1])
def test_in_doubt_the_user_is_asked(window: MainWindow, tmp_path: Path, qtbot: QtBot, chosen: int) -> None:
    page = import_page(window, doubtful_file(tmp_path / "疑.csv"), new_project=True)
    wait_checked(qtbot, page)
    plan, pane = page.presenter.plan, page.columns.preview
    assert plan is not None
    assert plan.sniff.is_close, plan.sniff.candidates
    assert pane.compares
    wait_lines(qtbot, pane)
    assert "都有可能" in pane.comparison.words.text()
    assert plan.obstacle() is Obstacle.ENCODING_IN_DOUBT
    assert not page.footer.next.isEnabled()
    look(window, "in-doubt")
    wanted = pane.comparison.model.comparison.encodings[chosen]
    click_header(qtbot, pane.comparison, chosen)
    qtbot.waitUntil(lambda: encoding_of(page) == wanted, timeout=20_000)
    wait_checked(qtbot, page)
    assert page.presenter.plan is not None
    assert page.presenter.plan.obstacle() is not Obstacle.ENCODING_IN_DOUBT
    assert "都有可能" not in pane.comparison.words.text()


def test_the_next_file_begins_with_its_columns(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    second = write_csv(tmp_path / "乙.csv", [["1", text] for text in TEXTS], header=HEADER)
    page = import_page(window, gbk_file(tmp_path / "甲.csv", count=20), second, new_project=True)
    wait_checked(qtbot, page)
    compare(qtbot, page.columns.preview)
    page.presenter.next_file()
    wait_checked(qtbot, page, second)
    assert page.step is Step.COLUMNS
    assert not page.columns.preview.compares
    table = compare(qtbot, page.columns.preview)
    assert table.model.comparison.encodings[0] == "utf-8"
    assert [one.line for one in table.model.comparison.lines] == [1, 2, 3, 5, 4]


def test_ascii_has_nothing_to_compare(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = write_csv(tmp_path / "英文.csv", [["1", "the soup was cold and late"]] * 5, header=["id", "text"])
    page = import_page(window, path, new_project=True)
    wait_checked(qtbot, page)
    assert not page.columns.preview.mode.isVisibleTo(page)


def test_a_file_to_classify_can_be_compared_too(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = ReadingDialog(window.context, doubtful_file(tmp_path / "疑.csv"), window)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.presenter.plan is not None, timeout=20_000)
    wait_lines(qtbot, dialog.preview)
    assert dialog.preview.compares
    assert not dialog.take.isEnabled()
    look(dialog, "classify-in-doubt")
    click_header(qtbot, dialog.preview.comparison, 0)
    qtbot.waitUntil(dialog.take.isEnabled, timeout=20_000)
    dialog.reject()


def test_an_encoding_beside_the_guesses(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    page = import_page(window, gbk_file(tmp_path / "外卖.csv", count=20), new_project=True)
    wait_checked(qtbot, page)
    panel = page.columns.encodings
    assert panel.other.isVisibleTo(page)
    panel._show_menu()
    assert [action.text() for action in panel._menu.actions()] == [
        "UTF-16 LE", "UTF-16 BE", "Big5-HKSCS", "Shift-JIS", "EUC-KR",
    ]  # fmt: skip
    panel._menu.actions()[1].trigger()
    panel._menu.close()
    qtbot.waitUntil(lambda: page.columns.problem.isVisibleTo(page), timeout=20_000)
    assert not page.footer.next.isEnabled()
    page.setFocus()
    qtbot.keyClick(page, "1")
    wait_checked(qtbot, page)
    assert encoding_of(page) == "gb18030"
    assert page.footer.next.isEnabled()
    assert not page.columns.problem.isVisibleTo(page)


def test_a_chosen_encoding_that_was_no_guess_has_a_card(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    path = write_csv(tmp_path / "英文.csv", [["1", "the soup was cold and late"]] * 5, header=["id", "text"])
    page = import_page(window, path, new_project=True)
    wait_checked(qtbot, page)
    panel = page.columns.encodings
    panel.encoding_chosen.emit("windows-1252")
    wait_checked(qtbot, page)
    qtbot.waitUntil(lambda: encoding_of(page) == "windows-1252", timeout=20_000)
    qtbot.waitUntil(lambda: panel.cards[1].isChecked(), timeout=20_000)
    assert (panel.cards[1].text(), panel.cards[1].verdict) == ("Windows-1252", "由您指定")


def test_the_list_of_damage_can_be_kept(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = gbk_file(tmp_path / "外卖.csv", count=400)
    path.write_bytes(path.read_bytes() + "9,多,一格\r\n".encode("gbk"))
    page = import_page(window, path, new_project=True)
    wait_checked(qtbot, page)
    page.next()
    assert page.step is Step.REPORT
    assert page.report.save_list.isVisibleTo(page)
    plan = page.presenter.plan
    assert plan is not None
    target = tmp_path / "清单.csv"
    dialog = save_list(window.context, plan, page)
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    qtbot.waitUntil(target.exists, timeout=10_000)
    rows = list(csv.reader(io.StringIO(target.read_text("utf-8-sig"))))
    assert [row[0] for row in rows] == ["行号", "352", "402"]
    assert rows[1][2] == "ff"
    assert rows[2][4] == "多出的内容并入末列"
