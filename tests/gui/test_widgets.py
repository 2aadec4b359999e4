"""The small parts: buttons, toasts, dialogs, banners, segments, progress, focus ring."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from senti_studio.domain.labels import DEFAULT_LABELS
from senti_studio.errors import UserError
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice
from senti_studio.ui.focus_ring import REACH, FocusRing
from senti_studio.ui.fonts import font
from senti_studio.ui.widgets import toast as toast_module
from senti_studio.ui.widgets.banner import Banner
from senti_studio.ui.widgets.buttons import Button, button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.chip import Chip
from senti_studio.ui.widgets.collapsible import Collapsible
from senti_studio.ui.widgets.confusion import ConfusionMatrix
from senti_studio.ui.widgets.keycap import key_text
from senti_studio.ui.widgets.label_bars import LabelBar, LabelBars
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.segmented import Segmented


def test_buttons_are_32_high_and_change_with_the_theme(context: UiContext, qtbot: QtBot) -> None:
    made = button("开始", theme=context.theme, kind="primary", icon="play")
    qtbot.addWidget(made)
    made.show()
    assert made.sizeHint().height() == 32
    before = made.icon().pixmap(16, 16).toImage()
    context.theme.set_choice("dark")
    assert made.icon().pixmap(16, 16).toImage() != before


def test_return_presses_the_button_that_has_the_focus(context: UiContext, qtbot: QtBot) -> None:
    chosen: list[int] = []
    dialog = context.dialogs.ask("没有保存", "磁盘已满", ("重试", "离开"), chosen.append, focus=0)
    dialog.buttons[0].setFocus()
    qtbot.waitUntil(dialog.buttons[0].hasFocus)
    qtbot.keyClick(dialog.buttons[0], Qt.Key.Key_Tab)
    assert dialog.buttons[1].hasFocus()
    qtbot.keyClick(dialog.buttons[1], Qt.Key.Key_Return)
    assert chosen == [1]


def test_bars_of_shares_are_as_long_as_their_per_cent_says(context: UiContext, qtbot: QtBot) -> None:
    bars = LabelBars(context.theme)
    qtbot.addWidget(bars)
    bars.resize(400, 64)
    bars.set_rows([LabelBar("正面", "pos", 300), LabelBar("负面", "neg", 100)])
    image = bars.grab().toImage()

    def length(row: int, token: str) -> int:
        wanted = context.theme.colour(token).name()
        middle = image.height() * (2 * row + 1) // 4
        return sum(
            image.pixelColor(x, middle).name() == wanted for x in range(image.width() // 8, image.width())
        )

    for row, token, share in ((0, "pos", 0.75), (1, "neg", 0.25)):
        filled, empty = length(row, token), length(row, "sunken")
        assert filled / (filled + empty) == pytest.approx(share, abs=0.03)


def test_a_confusion_matrix_has_room_for_how_many_rows_a_class_has(context: UiContext, qtbot: QtBot) -> None:
    matrix = ConfusionMatrix(context.theme)
    qtbot.addWidget(matrix)
    metrics = QFontMetricsF(font("small"))
    for count, words in ((29_000_000, "29,000,001 行"), (0, "1 行")):
        matrix.show_matrix(DEFAULT_LABELS[:2], ((1, count), (0, 1)))
        assert matrix.cell_rect((0, 0)).left() >= metrics.horizontalAdvance(words) + 6


def test_an_icon_button_has_a_name(context: UiContext, qtbot: QtBot) -> None:
    made = button(theme=context.theme, kind="quiet", icon="x", name="关闭")
    qtbot.addWidget(made)
    assert made.accessibleName() == "关闭"
    assert made.toolTip() == "关闭"
    assert made.sizeHint().width() == 32


def test_a_key_widens_the_button(context: UiContext, qtbot: QtBot) -> None:
    plain = Button("撤销", theme=context.theme)
    keyed = Button("撤销", theme=context.theme, key="Ctrl+Z")
    for made in (plain, keyed):
        qtbot.addWidget(made)
        made.ensurePolished()
    assert keyed.sizeHint().width() > plain.sizeHint().width() + 30


def test_keys_are_written_as_on_the_keyboard() -> None:
    assert key_text("Shift+Left") == "Shift ←"
    assert key_text("Ctrl+,") == "Ctrl ,"
    assert key_text("+") == "+"


def test_at_most_three_toasts_and_their_action(context: UiContext, qtbot: QtBot) -> None:
    undone: list[bool] = []
    for number in range(4):
        context.toasts.show(f"第 {number} 条")
    assert [toast.text for toast in context.toasts.shown] == ["第 1 条", "第 2 条", "第 3 条"]
    last = context.toasts.show("已把 412 行标为 负面", action="撤销", on_action=lambda: undone.append(True))
    qtbot.mouseClick(last.action_button, Qt.MouseButton.LeftButton)
    assert undone == [True]
    assert last not in context.toasts.shown


def test_toasts_go_by_themselves_but_errors_stay(
    context: UiContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toast_module, "SHOWN_MS", 50)
    context.toasts.show("小事")
    context.toasts.show("导出没有完成", kind="error")
    qtbot.waitUntil(lambda: [toast.text for toast in context.toasts.shown] == ["导出没有完成"])
    qtbot.wait(100)
    assert len(context.toasts.shown) == 1


def test_the_error_dialog_says_what_to_do(context: UiContext) -> None:
    dialog = context.dialogs.error(UserError("DISK_FULL", path="评论.csv"))
    words = [label.text() for label in dialog.findChildren(QLabel)]
    assert any("评论.csv" in text for text in words)
    assert "可以这样做" in words
    assert context.dialogs.error(UserError("DISK_FULL", path="评论.csv")) is dialog
    dialog.close()
    assert context.dialogs.open_errors == []


def test_a_bug_comes_with_details_to_copy(context: UiContext, caplog: pytest.LogCaptureFixture) -> None:
    from PySide6.QtWidgets import QPlainTextEdit

    try:
        raise ZeroDivisionError("七")
    except ZeroDivisionError as error:
        dialog = context.dialogs.error(error)
    details = dialog.findChild(QPlainTextEdit)
    assert details is not None
    assert "ZeroDivisionError: 七" in details.toPlainText()
    assert any("Traceback" not in label.text() for label in dialog.findChildren(QLabel))
    dialog.close()


def test_questions_answer_with_the_button(context: UiContext, qtbot: QtBot) -> None:
    answers: list[int] = []
    for pressed in (0, 1, None):
        dialog = context.dialogs.ask("停止？", "结果保留", ["取消", Choice("停止", "danger")], answers.append)
        if pressed is None:
            qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        else:
            dialog.buttons[pressed].click()
    assert answers == [0, 1, -1]


def test_the_safe_choice_has_the_focus(context: UiContext) -> None:
    choices = [Choice("放弃", "danger"), Choice("继续")]
    dialog = context.dialogs.ask("放弃？", "", choices, lambda _: None, focus=1)
    assert dialog.buttons[1].isDefault()
    dialog.close()


def test_a_banner_can_be_put_off(context: UiContext, qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    banner = Banner(theme=context.theme, parent=host)
    host.show()
    banner.show_message("上次训练在第 3 轮中断", "断点 昨天", primary="继续")
    assert banner.isVisible()
    assert not banner.secondary.isVisible()
    banner.resize(900, banner.sizeHint().height())
    assert banner.primary.geometry().height() < banner.sizeHint().height() <= 56, "one row"
    banner.resize(260, banner.sizeHint().height())
    assert banner.sizeHint().height() > 70, "two rows"
    closed = []
    banner.closed.connect(lambda: closed.append(True))
    banner.close_button.click()
    assert closed
    assert not banner.isVisible()


def test_segments_move_with_the_arrow_keys(context: UiContext, qtbot: QtBot) -> None:
    made = Segmented(("计数", "行 %", "之差"), theme=context.theme)
    qtbot.addWidget(made)
    made.show()
    seen: list[int] = []
    made.changed.connect(seen.append)
    qtbot.keyClick(made, Qt.Key.Key_Right)
    qtbot.keyClick(made, Qt.Key.Key_Right)
    qtbot.keyClick(made, Qt.Key.Key_Right)
    qtbot.keyClick(made, Qt.Key.Key_Left)
    assert seen == [1, 2, 1]
    assert made.accessibleName() == "行 %"


def test_progress_says_rows_speed_and_time_left(context: UiContext, qtbot: QtBot) -> None:
    made = JobProgress("正在导入 外卖.csv", theme=context.theme)
    qtbot.addWidget(made)
    made.set_progress(290_290, 468_210, rows_per_s=43_100, eta=4)
    assert made.per_cent.text() == "62%"
    assert made.rows.text() == "290,290 / 468,210 行 · 43,100 行/秒"
    assert made.left.text() == "剩余约 4 秒"
    made.set_progress(None)
    assert made.per_cent.text() == ""
    assert made.bar.maximum() == 0
    with qtbot.waitSignal(made.cancelled):
        made.cancel.click()


def test_folding_shows_the_summary_only_when_closed(context: UiContext, qtbot: QtBot) -> None:
    made = Collapsible("关键选项", "批 32", theme=context.theme)
    inside = QLabel("学习率")
    made.body.addWidget(inside)
    qtbot.addWidget(made)
    made.show()
    assert made.summary.isVisible()
    assert not inside.isVisible()
    made.set_open(True)
    assert inside.isVisible()
    assert not made.summary.isVisible()


def test_chips_name_their_label(context: UiContext, qtbot: QtBot) -> None:
    chip = Chip(context.theme, DEFAULT_LABELS[0])
    qtbot.addWidget(chip)
    assert chip.accessibleName() == "正面"
    assert chip.height() == 22
    chip.set_label(None)
    assert chip.accessibleName() == "未标注"
    image = chip.grab().toImage()
    assert image.width() > 0


def test_a_card_without_a_title_has_no_header(context: UiContext, qtbot: QtBot) -> None:
    card = Card()
    qtbot.addWidget(card)
    card.show()
    assert not card.title_label.isVisible()
    card.set_title("损失", "验证集")
    assert card.title_label.isVisible()
    assert card.accessibleName() == "损失"


def test_the_ring_follows_the_focus(context: UiContext, qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    layout = QVBoxLayout(host)
    made = button("开始", theme=context.theme)
    layout.addWidget(made)
    host.show()
    ring = FocusRing(host, context.theme)
    ring.follow(made)
    assert ring.isVisible()
    assert ring.width() == made.width() + 2 * REACH
    made.hide()
    assert not ring.isVisible()


def test_the_ring_goes_along_when_its_target_is_scrolled(context: UiContext, qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(300, 200)
    area, inner = QScrollArea(host), QWidget()
    area.setGeometry(0, 0, 300, 200)
    inner.setFixedSize(280, 900)
    made = button("开始", theme=context.theme)
    made.setParent(inner)
    made.setGeometry(20, 100, 120, 32)
    area.setWidget(inner)
    host.show()
    ring = FocusRing(host, context.theme)
    ring.follow(made)
    assert ring.y() == made.mapTo(host, made.rect().topLeft()).y() - REACH
    area.verticalScrollBar().setValue(50)
    assert ring.y() == made.mapTo(host, made.rect().topLeft()).y() - REACH
    assert ring.mask().isEmpty()
    area.verticalScrollBar().setValue(115)
    assert not ring.mask().isEmpty(), "what is above the area stays free of it"
    area.verticalScrollBar().setValue(400)
    assert not ring.isVisible(), "its target is out of sight"
    area.verticalScrollBar().setValue(0)
    assert ring.isVisible()
