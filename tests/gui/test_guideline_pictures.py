"""Guidelines come with shares and files: they show no picture and cannot keep the window busy."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from senti_studio.ui.pages.label.guide_editor import Preview
from senti_studio.ui.pages.label.guide_rows import show_markdown

RED = QColor("red")
WAYS = (
    "![图]({path})",
    "![图](<{path}>)",
    "![图](file://{path})",
    "![图][r]\n\n[r]: {path}",
    "![图][r]\n\n[r]: file://{path}",
    "![r]\n\n[r]: {path}",
    "![a\\]b]({path})",
    "![[a]]({path})",
    "[![图]({path})](https://example.com)",
    "<img src='{path}'>",
)


def has_red(widget: QWidget) -> bool:
    image = widget.grab().toImage()
    across, down = range(0, image.width(), 3), range(0, image.height(), 3)
    return any(image.pixelColor(x, y) == RED for x in across for y in down)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    image = QImage(320, 120, QImage.Format.Format_RGB32)
    image.fill(RED)
    path = tmp_path / "red.png"
    assert image.save(str(path))
    return path


def test_the_card_shows_no_picture(picture: Path, qtbot: QtBot) -> None:
    shown = [way for way in WAYS if _in_a_label(f"整体 *满意*\n\n{way.format(path=picture)}", qtbot)]
    assert not shown


def _in_a_label(text: str, qtbot: QtBot) -> bool:
    label = QLabel()
    qtbot.addWidget(label)
    show_markdown(label, text)
    label.resize(500, 400)
    label.show()
    return has_red(label)


def test_the_preview_shows_no_picture(picture: Path, qtbot: QtBot) -> None:
    preview = Preview()
    qtbot.addWidget(preview)
    preview.resize(500, 400)
    preview.show()
    shown = []
    for way in WAYS:
        preview.show_text(f"整体 *满意*\n\n{way.format(path=picture)}")
        if has_red(preview):
            shown.append(way)
    assert not shown
    assert "整体 满意" in preview.toPlainText()


def test_a_long_text_is_shown_in_part(qtbot: QtBot) -> None:
    preview = Preview()
    qtbot.addWidget(preview)
    preview.show_text("好" * 200_000)
    assert 1000 < len(preview.toPlainText()) < 20_000
    assert preview.toPlainText().rstrip().endswith("…")
