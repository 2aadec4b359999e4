"""Keys of one's own: stored, told where they clash, printed and obeyed at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from test_label_page import make_project

from senti_studio.domain.labels import labels_from_names
from senti_studio.ui.action_table import ACTIONS
from senti_studio.ui.cheat_sheet import CheatSheet
from senti_studio.ui.key_map import KeyMap, single_keys
from senti_studio.ui.pages.label.view import LabelPage
from senti_studio.ui.settings import Settings
from senti_studio.ui.settings_dialog import SettingsDialog
from senti_studio.ui.window import MainWindow

Opened = Callable[[Path], MainWindow]


@pytest.fixture
def on_label_page(tmp_path: Path, open_project_window: Opened, qtbot: QtBot) -> tuple[MainWindow, LabelPage]:
    """The whole window on twelve labels and eight comments, Label page in view."""
    labels = labels_from_names([(str(n), f"类别{n}") for n in range(1, 13)])
    project = make_project(tmp_path, 8, labels=labels)
    project.close()
    window = open_project_window(project.folder)
    window.go_to("label")
    page = window.pages["label"]
    assert isinstance(page, LabelPage)
    qtbot.waitUntil(lambda: page.presenter.comment is not None and page.presenter.counts is not None)
    return window, page


def settings_of(window: MainWindow, qtbot: QtBot) -> SettingsDialog:
    dialog = SettingsDialog(window.context, window.language)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.sides._choose(1)
    return dialog


def test_the_keys_of_the_program_do_not_clash(qapp: QApplication) -> None:
    keys = KeyMap(Settings(qapp))
    for spec in ACTIONS:
        for key in single_keys(spec.key) | frozenset(spec.also):
            others = [other.id for other in keys.users(key, spec.page) if other.id != spec.id]
            assert not others, (spec.id, key, others)
    assert all(keys.key(spec.id) == spec.key for spec in ACTIONS)


def test_a_new_key_works_everywhere_at_once(
    on_label_page: tuple[MainWindow, LabelPage], qtbot: QtBot
) -> None:
    window, page = on_label_page
    sheet = CheatSheet(window.context)
    dialog = settings_of(window, qtbot)
    flag, undo = dialog.keys.rows["label.flag"], dialog.keys.rows["edit.undo"]
    QTest.mouseClick(flag.key, Qt.MouseButton.LeftButton)
    QTest.keyClick(flag.key, Qt.Key.Key_Escape)
    assert not flag.key.is_listening
    assert flag.key.text() == "F"
    QTest.mouseClick(flag.key, Qt.MouseButton.LeftButton)
    QTest.keyClick(flag.key, Qt.Key.Key_B)
    QTest.mouseClick(undo.key, Qt.MouseButton.LeftButton)
    QTest.keyClick(
        undo.key, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    dialog.close()
    assert window.context.actions.action("edit.undo").shortcut() == QKeySequence("Ctrl+Shift+U")
    assert page.labels.flag._key == "B"
    assert page.strip.undo._key == "Ctrl Shift U"
    sheet.search.setText("ctrl shift u")
    assert sheet.shown == ["edit.undo"]
    sheet.close()
    QTest.keyClick(page, Qt.Key.Key_F)
    assert page.presenter.comment is not None
    assert not page.presenter.comment.flagged, "F means nothing any more"
    cyrillic = QKeyEvent(QKeyEvent.Type.KeyPress, 0x0418, Qt.KeyboardModifier.NoModifier, 56, 0, 0, "и")
    QApplication.sendEvent(page, cyrillic)  # the place of B
    assert page.presenter.comment.flagged
    again = KeyMap(Settings(window))
    assert (again.key("label.flag"), again.key("edit.undo")) == ("B", "Ctrl+Shift+U")
    window.context.actions.keys.reset_all()
    assert page.labels.flag._key == "F"
    assert window.context.actions.action("edit.undo").shortcut() == QKeySequence("Ctrl+Z")


def test_a_clash_is_told_and_nothing_is_taken_by_itself(
    on_label_page: tuple[MainWindow, LabelPage], qtbot: QtBot
) -> None:
    window, _ = on_label_page
    keys = window.context.actions.keys
    dialog = settings_of(window, qtbot)
    rows = dialog.keys.rows
    QTest.mouseClick(rows["label.flag"].key, Qt.MouseButton.LeftButton)
    QTest.keyClick(rows["label.flag"].key, Qt.Key.Key_N)
    assert "写备注" in dialog.keys.problem.text()
    assert (keys.key("label.flag"), keys.key("label.note")) == ("F", "N")
    dialog.keys.take.click()
    assert (keys.key("label.flag"), keys.key("label.note")) == ("N", "")
    assert rows["label.note"].key.text() == "—"
    rows["label.note"].reset.click()
    assert "标记" in dialog.keys.problem.text(), "its old key is another one's now"
    QTest.mouseClick(rows["label.note"].key, Qt.MouseButton.LeftButton)
    QTest.keyClick(rows["label.note"].key, Qt.Key.Key_5)
    assert "标好" in dialog.keys.problem.text()
    assert not dialog.keys.take.isVisible(), "digits belong to the labels"
    QTest.mouseClick(rows["file.open"].key, Qt.MouseButton.LeftButton)
    QTest.keyClick(rows["file.open"].key, Qt.Key.Key_N)
    assert "标记" in dialog.keys.problem.text(), "a key of the window would disturb every page"
    dialog.keys.reset_all.click()
    assert (keys.key("label.flag"), keys.key("label.note")) == ("F", "N")
    dialog.close()


def test_a_label_has_a_key_of_its_own(on_label_page: tuple[MainWindow, LabelPage], qtbot: QtBot) -> None:
    window, page = on_label_page
    project = window.context.session.project
    assert project is not None
    twelfth = project.labels.list()[11]
    assert page.labels.buttons[11].key == "⇧3"
    dialog = settings_of(window, qtbot)
    row = dialog.keys.label_rows[twelfth.id]
    for key, words in ((Qt.Key.Key_7, "单独一个"), (Qt.Key.Key_N, "写备注")):
        QTest.mouseClick(row.key, Qt.MouseButton.LeftButton)
        QTest.keyClick(row.key, key)
        assert words in dialog.keys.problem.text()
    QTest.mouseClick(row.key, Qt.MouseButton.LeftButton)
    QTest.keyClick(row.key, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: page.labels.buttons[11].key == "W", timeout=10_000)
    dialog.close()
    first = page.presenter.comment
    assert first is not None
    QTest.keyClick(page, Qt.Key.Key_W)
    QTest.keyClick(page, Qt.Key.Key_3, Qt.KeyboardModifier.ShiftModifier)  # its digit goes on working
    qtbot.waitUntil(lambda: project.comments.counts().by_label.get(twelfth.id) == 2)
    assert project.comments.get(first.id).label_id == twelfth.id


def test_settings_written_by_hand_do_no_harm(qapp: QApplication) -> None:
    settings = Settings(qapp)
    settings.set_value("keys", '{"label.flag": "N", "label.choose": "Q", "gone": "X"}')
    keys = KeyMap(settings)
    assert keys.key("label.flag") == "N"
    assert keys.key("label.note") == "", "no key has two meanings"
    assert keys.key("label.choose") == "1 … 9"
    for nonsense in ("{nonsense", "[" * 100_000):
        settings.set_value("keys", nonsense)
        assert keys.key("label.flag") == "F"
