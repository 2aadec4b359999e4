"""A small screen: the pages in 800 × 600 and 1024 × 700, in both languages; nothing is cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from training_projects import make_labelled_project

from senti_studio.ui.app import AppParts
from senti_studio.ui.pages.label.view import LabelPage
from senti_studio.ui.pages.page import PageHeader
from senti_studio.ui.pages.train.view import TrainPage
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.window import MainWindow

OpenWindow = Callable[[Path], MainWindow]
PAGES = ("home", "data", "label", "train", "evaluate", "classify")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of twelve labelled comments."""
    with make_labelled_project(tmp_path, per_label=4) as project:
        return project.folder


def cut_buttons(page: QWidget) -> list[str]:
    """The words of the buttons that have less room than they need."""
    return [
        each.text()
        for each in page.findChildren(QPushButton)
        if each.isVisible() and each.width() < each.minimumSizeHint().width()
    ]


@pytest.mark.parametrize("size", [(800, 600), (1024, 700)])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_no_page_has_to_be_pushed_sideways(
    size: tuple[int, int],
    language: str,
    folder: Path,
    parts: AppParts,
    open_project_window: OpenWindow,
    qtbot: QtBot,
) -> None:
    window = open_project_window(folder)
    qtbot.waitUntil(lambda: window.current != "home")
    window.context.settings.language = language
    window.setMinimumSize(1, 1)
    window.resize(*size)
    for name in PAGES:
        window.go_to(name)
        page = window.pages[name]
        room = page.parentWidget()
        assert room is not None
        qtbot.waitUntil(lambda page=page, room=room: page.width() <= room.width())
        qtbot.waitUntil(lambda page=page: cut_buttons(page) == [])
    train = window.pages["train"]
    assert isinstance(train, TrainPage)
    window.go_to("train")
    train.architectures.cards["bert"].click()
    qtbot.waitUntil(train.encoder_card.isVisible)
    qtbot.waitUntil(lambda: cut_buttons(train) == [])
    card = train.encoder_card
    # The shelf is read beside the window: a row more moves what is below it when Qt lays the card out again.
    qtbot.waitUntil(lambda: not card.details.geometry().intersects(card.view.geometry()))


def test_the_labels_stay_in_sight_in_a_low_window(
    folder: Path, open_project_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_project_window(folder)
    qtbot.waitUntil(lambda: window.current != "home")
    window.setMinimumSize(1, 1)
    window.resize(800, 600)
    window.go_to("label", 1)
    page = window.pages["label"]
    assert isinstance(page, LabelPage)
    qtbot.waitUntil(page.comment.isVisible)
    room = page.parentWidget()
    assert room is not None
    qtbot.waitUntil(lambda: page.height() <= room.height())
    buttons: list[QAbstractButton] = [*page.labels.buttons, page.labels.skip, page.strip.undo]
    for each in buttons:
        assert page.rect().contains(each.mapTo(page, each.rect().bottomRight())), each.text()
    line = 2 * window.context.settings.comment_size
    assert page.comment.text.viewport().height() >= 3 * line
    assert page.comment.text.viewport().height() % line == 0, "a line is cut in the middle"
    window.resize(1400, 860)
    qtbot.waitUntil(page.columns.isVisible)


def test_actions_of_a_header_come_into_a_second_row_and_back(parts: AppParts, qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(900, 200)
    header = PageHeader(host)
    header.set_title("数据")
    header.stretch()
    made = [button(f"第 {n} 个按钮", theme=parts.theme) for n in range(4)]
    for each in made:
        header.add(each)
    header.resize(900, 56)
    host.show()
    tops = {each.mapTo(header, each.rect().topLeft()).y() for each in made}
    assert len(tops) == 1
    assert header.height() == 56
    header.resize(460, header.height())
    qtbot.waitUntil(
        lambda: header.height() > 56 and made[0].geometry().top() > header.title.geometry().bottom()
    )
    assert all(header.rect().contains(each.geometry()) for each in made)
    header.resize(900, header.height())
    qtbot.waitUntil(lambda: header.height() == 56)
    assert made[-1].geometry().right() == 900 - 24 - 1
