"""Project properties: facts, files taken out and brought back, check, compact, one backup file and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.operations import places
from senti_studio.storage.project import Project
from senti_studio.ui import near_index
from senti_studio.ui.context import UiContext
from senti_studio.ui.near_index import NearNote
from senti_studio.ui.project_dialog import ProjectDialog
from senti_studio.ui.restore_dialog import RestoreDialog
from senti_studio.ui.window import MainWindow


def take(project: Project, name: str, count: int = 40) -> int:
    source_id = project.sources.begin(SourceDraft(name, f"/{name}", ("评论",), 0))
    rows = [NewComment(n, f"味道不错，第 {n // 2} 家店", (), (1, None)[n % 2]) for n in range(count)]
    project.sources.append(source_id, rows)
    project.sources.finish(source_id)
    return source_id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Project.create(tmp_path / "门店 属性.senti") as made:
        take(made, "六月.csv")
        take(made, "七月.csv")
    return tmp_path / "门店 属性.senti"


@pytest.fixture
def dialog(context: UiContext, folder: Path, qtbot: QtBot) -> Iterator[ProjectDialog]:
    project = Project.open(folder)
    context.session.use(project)
    made = ProjectDialog(context, project)
    with qtbot.waitSignal(made.shown):
        made.open()
    yield made
    made.close()
    qtbot.waitUntil(lambda: not made.task.is_running)


def texts(dialog: ProjectDialog) -> str:
    from PySide6.QtWidgets import QLabel, QPushButton

    shown = [*dialog.findChildren(QLabel), *dialog.findChildren(QPushButton)]
    return "\n".join(each.text() for each in shown if each.isVisible())


def test_facts_and_files(dialog: ProjectDialog, qtbot: QtBot) -> None:
    words = texts(dialog)
    for expected in ("门店 属性", "80", "六月.csv", "七月.csv", str(dialog._project.folder), "正面", "KB"):
        assert expected in words
    source = dialog._project.sources.get(1)
    with qtbot.waitSignal(dialog.shown):
        dialog.take_out(source)
    qtbot.waitUntil(lambda: "取回" in texts(dialog))
    assert dialog._project.comments.counts().total == 40
    dialog.bring_back(source)
    qtbot.waitUntil(lambda: "取回" not in texts(dialog))
    assert dialog._project.comments.counts().total == 80


def test_a_file_goes_for_good_after_a_question(
    dialog: ProjectDialog, context: UiContext, qtbot: QtBot
) -> None:
    project = dialog._project
    project.sources.remove(1).result()
    dialog.ask_purge(project.sources.removed()[0][0])
    from senti_studio.ui.dialogs import MessageDialog

    question = context.dialogs.window.findChildren(MessageDialog)[-1]
    question.buttons[0].click()
    qtbot.waitUntil(lambda: project.sources.removed() == [])
    qtbot.waitUntil(lambda: "六月.csv" in dialog.outcome.text())


def test_check_says_what_it_found(dialog: ProjectDialog, qtbot: QtBot) -> None:
    dialog.check_button.click()
    qtbot.waitUntil(lambda: "没有问题" in dialog.outcome.text())
    assert dialog.bar.isHidden()
    with sqlite3.connect(dialog._project.database_path) as connection:
        connection.execute("DELETE FROM texts WHERE id = 5")
    connection.close()
    dialog.check_button.click()
    qtbot.waitUntil(lambda: "没有文本" in dialog.outcome.text())
    assert "恢复" in dialog.outcome.text()


def test_check_tells_of_the_files_that_were_taken_out(dialog: ProjectDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.shown):
        dialog.take_out(dialog._project.sources.get(1))
    qtbot.waitUntil(lambda: "取回" in texts(dialog))
    dialog.check_button.click()
    qtbot.waitUntil(lambda: "没有问题" in dialog.outcome.text())
    assert "检查了 80 条评论（其中 40 条在已移出的文件里）" in dialog.outcome.text()


def test_compact_and_backup_and_back(
    dialog: ProjectDialog, context: UiContext, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog.compact_button.click()
    qtbot.waitUntil(lambda: "释放" in dialog.outcome.text())
    target = tmp_path / "备份.zip"
    dialog.back_up(target)
    assert not dialog.backup_button.isEnabled()
    qtbot.waitUntil(lambda: str(target) in dialog.outcome.text())
    restore = RestoreDialog(context, None)
    restore.open()
    with qtbot.waitSignal(restore.restored, timeout=10_000) as told:
        restore.restore_file(target, tmp_path / "新的")
    assert told.args == [tmp_path / "新的.senti"]
    with Project.open(tmp_path / "新的.senti") as project:
        assert project.comments.counts().total == 80


def test_a_backup_that_is_none_is_refused(context: UiContext, tmp_path: Path, qtbot: QtBot) -> None:
    bad = tmp_path / "照片.zip"
    bad.write_bytes(b"PK\x03\x04 not really")
    restore = RestoreDialog(context, None)
    restore.open()
    restore.restore_file(bad, tmp_path / "新的")
    qtbot.waitUntil(lambda: bool(context.dialogs.open_errors))
    assert "照片.zip" in context.dialogs.open_errors[0].title.text()
    assert not (tmp_path / "新的.senti").exists()
    for each in context.dialogs.open_errors:
        each.close()
    restore.close()


def test_near_copies_are_looked_for_after_an_import(
    context: UiContext, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_index, "START_AFTER_MS", 10)
    note = NearNote(context.near, context.theme)
    qtbot.addWidget(note)
    assert note.isHidden()
    project = Project.open(folder)
    with qtbot.waitSignal(context.near.found, timeout=20_000):
        context.session.use(project)
    assert context.near.summary is not None
    assert (context.near.summary.groups, context.near.summary.members) == (20, 80)
    assert "20" in note.text.text()
    assert note.act.isHidden()
    assert context.session.is_watching
    with qtbot.waitSignal(context.near.found, timeout=20_000):
        take(project, "八月.csv", 10)
    assert context.near.summary.members == 90
    note.act.click()  # looks again; and can be stopped
    context.near.cancel()
    qtbot.waitUntil(lambda: not context.near.is_running, timeout=20_000)


def test_a_network_share_is_told_in_a_banner(
    folder: Path,
    open_project_window: Callable[[Path], MainWindow],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "network_share", lambda _: "nfs4")
    window = open_project_window(folder)
    qtbot.waitUntil(window.place_banner.isVisible)
    assert "nfs4" in window.place_banner.title.text()
    window.context.session.close()
    assert window.place_banner.isHidden()


def test_the_list_of_platform_texts_is_the_projects_own(dialog: ProjectDialog, qtbot: QtBot) -> None:
    assert "此用户没有填写评价" in dialog.platform.toPlainText()
    assert not dialog.save_platform.isEnabled()
    dialog.platform.setPlainText("系统自动好评\n\n 无 \n无")
    dialog.platform.document().setModified(True)
    dialog.save_platform.click()
    qtbot.waitUntil(lambda: not dialog.save_platform.isEnabled())
    assert dialog._project.settings.get("boilerplate") == ["系统自动好评", "无"]
