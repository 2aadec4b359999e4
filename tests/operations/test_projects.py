"""Recent projects, daily backups, restoring, the sample project."""

from __future__ import annotations

import hashlib
import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from desks import Desk

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.errors import UserError
from senti_studio.operations import projects
from senti_studio.operations.recent import KEPT
from senti_studio.paths import config_folder
from senti_studio.storage import backups
from senti_studio.storage.project import Project


def test_projects_are_made_with_their_ending_and_remembered(tmp_path: Path) -> None:
    project = projects.create_project(tmp_path / "外卖 七月", name="外卖")
    project.close()
    assert project.folder == tmp_path / "外卖 七月.senti"
    (recent,) = projects.recent_projects()
    assert (recent.folder, recent.name, recent.comments, recent.is_there) == (project.folder, "外卖", 0, True)
    with pytest.raises(UserError, match="PROJECT_EXISTS"):
        projects.create_project(tmp_path / "外卖 七月")


def test_the_list_of_recent_projects(tmp_path: Path) -> None:
    for number in range(KEPT + 3):
        projects.create_project(tmp_path / f"项目{number}").close()
    projects.open_project(tmp_path / "项目5.senti").close()
    found = projects.recent_projects()
    assert len(found) == KEPT
    assert [project.name for project in found[:2]] == ["项目5", f"项目{KEPT + 2}"]
    shutil.rmtree(found[0].folder)
    assert not projects.recent_projects()[0].is_there
    projects.forget(found[0].folder)
    assert found[0].folder not in [project.folder for project in projects.recent_projects()]


def test_the_counts_of_recent_projects_are_those_of_now(desk: Desk) -> None:
    projects.remember(desk.project)
    desk.take([(f"第 {number} 条", None) for number in range(30)])
    (recent,) = projects.recent_projects()
    assert (recent.comments, recent.labelled) == (30, 0)
    ids = [comment for chunk in desk.project.comments.ids() for comment in chunk][:7]
    desk.project.annotations.label(ids, desk.project.labels.list()[0].id, annotator="甲").result()
    (recent,) = projects.recent_projects()
    assert (recent.comments, recent.labelled) == (30, 7), "nobody has opened it since"


def test_a_recent_project_that_cannot_be_counted_stays_in_the_list(tmp_path: Path) -> None:
    project = projects.create_project(tmp_path / "坏了")
    project.close()
    for path in project.folder.glob("project.db*"):
        path.write_bytes(b"x" * 5000)
    (recent,) = projects.recent_projects()
    assert (recent.name, recent.comments, recent.is_there) == ("坏了", 0, True)


@pytest.mark.parametrize("content", ["{", "[1, {}]", '{"a": 1}', '[{"folder": "/x", "opened_at": "bald"}]'])
def test_a_damaged_list_counts_as_empty(tmp_path: Path, content: str) -> None:
    (config_folder() / "recent.json").write_text(content, "utf-8")
    assert projects.recent_projects() == []
    projects.create_project(tmp_path / "新").close()
    assert [project.name for project in projects.recent_projects()] == ["新"]


def test_a_backup_a_day_and_seven_are_kept(desk: Desk) -> None:
    desk.take_many(30)
    made = projects.back_up_daily(desk.project).result()
    assert made is not None
    assert projects.back_up_daily(desk.project).result() is None
    day = date(2026, 1, 1)
    made.unlink()
    for number in range(9):
        backups.back_up_daily(desk.project, today=day + timedelta(days=number))
        desk.project.annotations.label([number + 1], None, annotator="我").result()
    found = projects.list_backups(desk.project.folder)
    assert [backup.day.day for backup in found] == [9, 8, 7, 6, 5, 4, 3]
    assert [backup.labelled for backup in found] == [22, 23, 24, 25, 26, 27, 28]
    assert found[0].comments == 30
    assert sorted(desk.project.backups_folder.iterdir()) == sorted(backup.path for backup in found)


def test_a_backup_becomes_a_new_project_and_changes_nothing_else(desk: Desk, tmp_path: Path) -> None:
    desk.take_many(30)
    backup = projects.back_up_daily(desk.project).result()
    assert backup is not None
    desk.project.annotations.label(range(1, 31), None, annotator="我").result()
    before = hashlib.sha256(backup.read_bytes()).digest()
    with projects.restore_backup(backup, tmp_path / "恢复的") as restored:
        assert restored.folder == tmp_path / "恢复的.senti"
        assert restored.name == "恢复的"
        assert restored.id != desk.project.id
        assert restored.comments.counts().labelled == 30
        restored.annotations.label([1], 2, annotator="我").result()
    assert hashlib.sha256(backup.read_bytes()).digest() == before
    assert desk.project.comments.counts().labelled == 0
    with pytest.raises(UserError, match="PROJECT_EXISTS"):
        projects.restore_backup(backup, tmp_path / "恢复的")


def test_a_damaged_project_can_be_restored_from_its_backups(desk: Desk, tmp_path: Path) -> None:
    desk.take_many(30)
    projects.back_up_daily(desk.project).result()
    folder = desk.project.folder
    desk.project.close()
    (folder / "project.db").write_bytes(b"kaputt")
    with pytest.raises(UserError, match="PROJECT_DAMAGED"):
        Project.open(folder)
    (backup,) = projects.list_backups(folder)
    with projects.restore_backup(backup.path, tmp_path / "救回") as project:
        assert project.comments.counts().labelled == 30


def test_a_damaged_backup_is_refused_and_not_listed(desk: Desk, tmp_path: Path) -> None:
    (desk.project.backups_folder / "2026-01-01.db").write_bytes(b"SQLite format 3\x00" + b"x" * 500)
    assert projects.list_backups(desk.project.folder) == []
    with pytest.raises(UserError):
        projects.restore_backup(desk.project.backups_folder / "2026-01-01.db", tmp_path / "不行")
    assert not (tmp_path / "不行.senti").exists()


def test_the_sample_project_is_there_each_time_under_a_new_name() -> None:
    first = projects.create_sample_project()
    second = projects.create_sample_project()
    assert (first.name, second.name) == ("示例评论.senti", "示例评论 2.senti")
    with projects.open_project(first) as project:
        counts = project.comments.counts()
        assert counts.total >= 600
        assert counts.labelled == 450
        assert len(set(counts.by_label.values())) == 1


def test_a_project_on_a_read_only_drive_is_worked_on_in_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disc, mine = tmp_path / "光盘", tmp_path / "我的 项目"
    mine.mkdir()
    with projects.create_project(disc / "门店") as project:
        source = project.sources.begin(SourceDraft("七月.csv", "/七月.csv", ("评论",), 0))
        project.sources.append(source, [NewComment(1, "汤洒了一半", ("汤洒了一半",))])
        project.sources.finish(source)
        folder = project.folder
    (folder / "runs" / "run-1").mkdir()
    (folder / "runs" / "run-1" / "spec.json").write_text("{}", "utf-8")
    (folder / "cache" / "大.bin").write_bytes(b"x")
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    really = os.access

    def access(path: str | Path, mode: int) -> bool:  # root may write anywhere, but not on a disc
        return really(path, mode) and not (mode == os.W_OK and Path(path).is_relative_to(disc))

    monkeypatch.setattr(os, "access", access)
    before = sorted(path for path in folder.rglob("*"))
    with pytest.raises(UserError, match="PROJECT_READ_ONLY"):
        projects.open_project(folder)
    copy = projects.copy_project(folder / "project.db", mine)
    assert copy == mine / "门店.senti"
    assert sorted(path for path in folder.rglob("*")) == before, "nothing was put beside the original"
    with projects.open_project(copy) as opened:
        assert opened.comments.get(1).text == "汤洒了一半"
        opened.annotations.label([1], 1, annotator="我").result()
    assert (copy / "runs" / "run-1" / "spec.json").exists()
    assert not (copy / "cache" / "大.bin").exists()
    assert projects.copy_project(folder, mine).name == "门店 (2).senti"
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)
