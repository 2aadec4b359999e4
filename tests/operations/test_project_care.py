"""A project is checked, compacted, and carried as one file; nothing that a file says leads outside."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.errors import UserError
from senti_studio.operations import archive, care
from senti_studio.operations.places import network_share, share_among
from senti_studio.storage.migrations import VERSION
from senti_studio.storage.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "门店 评论.senti") as made:
        for number, name in enumerate(("六月.csv", "七月.csv")):
            source_id = made.sources.begin(SourceDraft(name, f"/{name}", ("评论",), 0))
            rows = [
                NewComment(row, f"第 {row} 条，{name}" * 9, ("x" * 300,), 1 + row % 3) for row in range(600)
            ]
            made.sources.append(source_id, rows)
            made.sources.finish(source_id)
            assert source_id == number + 1
        made.annotations.label([1, 2, 3], 2, annotator="我").result()
        made.annotations.label([1, 3, 4], 3, annotator="小李").result()
        made.annotations.flag([5], annotator="我").result()
        run = made.runs_folder / "训练-1"
        (run / "checkpoints").mkdir(parents=True)
        (run / "model.bin").write_bytes(os.urandom(50_000))
        (run / "checkpoints" / "last.json").write_text('{"step": 3}', encoding="utf-8")
        (run / "lock").touch()
        made.runs.add("训练-1", number=1, kind="train", name="LSTM #1", folder="训练-1")
        yield made


def break_it(project: Project, statement: str) -> None:
    with sqlite3.connect(project.database_path) as connection:
        connection.execute(statement)
    connection.close()


# -- check -------------------------------------------------------------------------------------------------


def test_a_sound_project_has_no_problems(project: Project) -> None:
    project.labels.remove(1, annotator="我").result()
    project.labels.merge(2, 3, annotator="我").result()
    project.sources.remove(1).result()
    told: list[tuple[int, int]] = []
    report = care.check_project(project, progress=lambda done, total: told.append((done, total)))
    assert report.problems == ()
    assert report.comments == 1200
    assert told[-1][0] == told[-1][1]
    assert len(told) > 8


@pytest.mark.parametrize(
    ("code", "statement"),
    [
        ("CHECK_COUNTS_WRONG", "UPDATE counts SET n = n + 1 WHERE kind = 2"),
        ("CHECK_COUNTS_WRONG", "DELETE FROM counts WHERE kind = -2"),
        ("CHECK_TEXTS_MISSING", "DELETE FROM texts WHERE id = 7"),
        ("CHECK_COMMENTS_MISSING", "UPDATE sources SET row_count = 599 WHERE id = 1"),
        ("CHECK_ROWS_OUTSIDE", "DELETE FROM comments WHERE id = 9"),
        ("CHECK_STATE_OF_NONE", "UPDATE comment_state SET source_id = 2 WHERE comment_id = 1"),
        ("CHECK_LABELS_UNKNOWN", "UPDATE labels SET position = -1 WHERE id = 2"),
        ("CHECK_LABEL_ORDER", "UPDATE labels SET position = 1 WHERE id = 1"),
        ("CHECK_VERDICTS_WRONG", "UPDATE comment_state SET label_id = 1 WHERE comment_id = 2"),
        ("CHECK_VERDICTS_WRONG", "UPDATE comment_state SET disputed = 0 WHERE comment_id = 1"),
        ("CHECK_LINKS_BROKEN", "INSERT INTO annotations (comment_id, annotator, at) VALUES (99999, '谁', 0)"),
    ],
)
def test_what_is_wrong_is_said(project: Project, code: str, statement: str) -> None:
    break_it(project, statement)
    assert code in {problem.code for problem in care.check_project(project).problems}


def test_missing_folders_and_stopping(project: Project) -> None:
    (project.runs_folder / "训练-1").rename(project.folder / "别处")
    (problem,) = care.check_project(project).problems
    assert (problem.code, problem.params) == ("CHECK_FOLDERS_MISSING", {"names": ["LSTM #1"]})


# -- compact -----------------------------------------------------------------------------------------------


def test_compacting_frees_room_and_keeps_what_is_young(project: Project) -> None:
    project.sources.remove(1).result()
    (project.trash_folder / "旧 训练").mkdir()
    (project.trash_folder / "旧 训练" / "weights").write_bytes(b"x" * 9000)
    report = care.compact(project)
    assert (report.sources, report.trashed) == ((), 0)
    report = care.compact(project, older_than=timedelta(0))
    assert (report.sources, report.trashed) == (("六月.csv",), 1)
    assert report.after < 0.7 * report.before
    assert report.freed > 9000
    assert project.sources.removed() == []
    assert list(project.trash_folder.iterdir()) == []
    assert project.comments.counts().total == 600
    project.annotations.label([700], 1, annotator="我").result()
    assert care.check_project(project).problems == ()


def test_compacting_needs_room(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("senti_studio.storage.compacting.shutil.disk_usage", lambda _: usage)
    project.sources.remove(1).result()
    with pytest.raises(UserError, match="COMPACT_NO_SPACE"):
        care.compact(project, older_than=timedelta(0))
    assert len(project.sources.removed()) == 1


def test_old_things_go_by_themselves_once_a_day(project: Project) -> None:
    old, young = project.trash_folder / "旧", project.trash_folder / "新"
    for folder in (old, young):
        folder.mkdir()
    project.sources.remove(1).result()
    break_it(project, "UPDATE sources SET removed_at = removed_at - 31 * 86400000 WHERE id = 1")
    os.utime(old, (0, 0))
    assert care.tidy_up(project, stop=threading.Event()).result() == 2
    assert list(project.trash_folder.iterdir()) == [young]
    assert project.sources.removed() == []
    os.utime(young, (0, 0))
    assert care.tidy_up(project, stop=threading.Event()).result() == 0
    assert young.exists()


def test_facts(project: Project) -> None:
    project.sources.remove(1).result()
    found = care.facts(project)
    assert (found.comments, [source.name for source in found.sources]) == (600, ["七月.csv"])
    assert [source.name for source, _ in found.removed] == ["六月.csv"]
    assert found.sizes["runs"] > 50_000
    assert found.sizes["comments"] > 100_000
    assert found.version == VERSION
    assert found.created_at.year > 2020


def test_network_shares_are_known(tmp_path: Path) -> None:
    assert network_share(tmp_path) == ""
    mounts = [(Path("/"), "ext4"), (Path("/mnt/nas"), "nfs4"), (Path("/mnt/nas/local"), "xfs")]
    assert share_among(Path("/mnt/nas/项目.senti"), mounts) == "nfs4"
    assert share_among(Path("/mnt/nas/local/项目.senti"), mounts) == ""
    assert share_among(Path("/mnt/nas2/项目.senti"), mounts) == ""
    assert share_among(Path("/mnt/nas/x"), [*mounts, (Path("/mnt/nas"), "cifs")]) == "cifs"


# -- one file ----------------------------------------------------------------------------------------------


def content(project: Project) -> tuple[object, ...]:
    ids = [each for part in project.comments.ids() for each in part]
    rows = [project.comments.get(each) for each in ids[:20]]
    return project.labels.list(), project.comments.counts(), rows, project.annotations.history("我")


def test_a_project_comes_back_whole_from_one_file(project: Project, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    made = archive.write_archive(
        project, tmp_path / "备份 一", progress=lambda done, total: told.append((done, total))
    )
    assert (made.path, made.parts) == (tmp_path / "备份 一.zip", archive.PARTS)
    assert (made.comments, made.labelled) == (1200, project.comments.counts().labelled)
    assert archive.look_into_archive(made.path) == made
    assert told[-1][0] == told[-1][1] > 50_000
    folder = archive.restore_archive(made.path, tmp_path / "又来 一次")
    assert folder == tmp_path / "又来 一次.senti"
    with Project.open(folder) as restored:
        assert content(restored) == content(project)
        assert restored.id != project.id
        assert restored.name == "又来 一次"
        assert [run.name for run in restored.runs.list()] == ["LSTM #1"]
        there, here = (each.runs_folder / "训练-1" for each in (restored, project))
        assert (there / "model.bin").read_bytes() == (here / "model.bin").read_bytes()
        assert not (there / "lock").exists()
        assert care.check_project(restored).problems == ()
    left = {entry.name for entry in tmp_path.iterdir()}
    assert left == {project.folder.name, "备份 一.zip", "又来 一次.senti"}


def test_only_the_data_goes_along_when_asked(project: Project, tmp_path: Path) -> None:
    made = archive.write_archive(project, tmp_path / "小.zip", parts=())
    with Project.open(archive.restore_archive(made.path, tmp_path / "小.senti")) as restored:
        assert restored.runs.list() == []
        assert care.check_project(restored).problems == ()
        assert content(restored) == content(project)


def test_nothing_is_overwritten_and_nothing_is_left_of_a_stopped_one(
    project: Project, tmp_path: Path
) -> None:
    target = tmp_path / "备份.zip"
    target.write_bytes(b"mine")
    with pytest.raises(UserError, match="OUTPUT_EXISTS"):
        archive.write_archive(project, target)
    with pytest.raises(UserError, match="CANCELLED"):
        archive.write_archive(project, target, overwrite=True, should_stop=lambda: True)
    assert target.read_bytes() == b"mine"
    made = archive.write_archive(project, target, overwrite=True)
    with pytest.raises(UserError, match="PROJECT_EXISTS"):
        archive.restore_archive(made.path, project.folder)
    with pytest.raises(UserError, match="CANCELLED"):
        archive.restore_archive(made.path, tmp_path / "新", should_stop=lambda: True)
    assert {entry.name for entry in tmp_path.iterdir()} == {project.folder.name, "备份.zip"}


def tampered(made: Path, change: Callable[[zipfile.ZipFile], None], *, leave_out: str = "") -> Path:
    """A copy of a backup with something more (or less) in it."""
    target = made.with_name("动过手脚.zip")
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in source.infolist():
            if entry.filename != leave_out:
                copy.writestr(entry, source.read(entry))
        change(copy)
    return target


def link(zip_file: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("runs/连接")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    zip_file.writestr(entry, "/etc/passwd")


@pytest.mark.parametrize(
    "name",
    [
        "../外面.txt", "/etc/外面", "runs/../../外面", "C:/外面", "runs\\..\\..\\外面", "runs//外面",
        "外面.txt",
        "runs/a:b", "runs/..", "runs/尾巴.", "runs/尾巴 /x", "PROJECT.DB", "cache/x", "models", "runs/a\nb",
        "//server/share", "./runs/x",
    ],
)  # fmt: skip
def test_paths_that_lead_elsewhere_are_refused(project: Project, tmp_path: Path, name: str) -> None:
    made = archive.write_archive(project, tmp_path / "好.zip")
    bad = tampered(made.path, lambda copy: copy.writestr(zipfile.ZipInfo(name), "坏"))
    before = set(tmp_path.rglob("*"))
    with pytest.raises(UserError, match="ARCHIVE_UNSAFE"):
        archive.restore_archive(bad, tmp_path / "里面" / "新")
    assert set(tmp_path.rglob("*")) == before


def test_links_bombs_and_damage_are_refused(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = archive.write_archive(project, tmp_path / "好.zip")
    whole = made.path.read_bytes()
    with pytest.raises(UserError, match="ARCHIVE_UNSAFE"):
        archive.restore_archive(tampered(made.path, link), tmp_path / "新")
    for leave_out, code in (("project.db", "ARCHIVE_DAMAGED"), (archive.NOTE, "ARCHIVE_DAMAGED")):
        with pytest.raises(UserError, match=code):
            archive.restore_archive(tampered(made.path, lambda _: None, leave_out=leave_out), tmp_path / "新")
    broken = tmp_path / "坏.zip"
    for size in (0, 100, len(whole) // 2):
        broken.write_bytes(whole[:size])
        with pytest.raises(UserError, match="ARCHIVE_DAMAGED"):
            archive.restore_archive(broken, tmp_path / "新")
    broken.write_bytes(whole[:300] + bytes(400) + whole[700:])
    with pytest.raises(UserError, match=r"ARCHIVE_DAMAGED|PROJECT_DAMAGED"):
        archive.restore_archive(broken, tmp_path / "新")
    other = tampered(
        made.path, lambda copy: copy.writestr("project.db", "不是数据库" * 99), leave_out="project.db"
    )
    with pytest.raises(UserError, match="PROJECT_DAMAGED"):
        archive.restore_archive(other, tmp_path / "新")
    with pytest.raises(UserError, match="FILE_NOT_FOUND"):
        archive.restore_archive(tmp_path / "没有.zip", tmp_path / "新")
    monkeypatch.setattr(archive, "_RATIO_FROM", 1 << 20)
    bomb = tampered(made.path, lambda copy: copy.writestr("runs/零", bytes(200 << 20)))
    with pytest.raises(UserError, match="ARCHIVE_TOO_LARGE"):
        archive.restore_archive(bomb, tmp_path / "新")
    assert not [entry for entry in tmp_path.iterdir() if "新" in entry.name]


def test_a_device_is_no_backup(tmp_path: Path) -> None:
    for path in (Path(os.devnull), Path("/dev/zero"), tmp_path):
        if path.exists():
            with pytest.raises(UserError, match="ARCHIVE_NOT_A_FILE"):
                archive.restore_archive(path, tmp_path / "新店")
            with pytest.raises(UserError, match="ARCHIVE_NOT_A_FILE"):
                archive.look_into_archive(path)
    assert list(tmp_path.iterdir()) == []


BACKING_UP = """
import os, sys
from pathlib import Path
from senti_studio.operations import archive
from senti_studio.storage.project import Project
def kill(done, total):
    os._exit(9)
if sys.argv[1] == "backup":
    archive.write_archive(Project.open(Path(sys.argv[2])), Path(sys.argv[3]), progress=kill)
else:
    archive.restore_archive(Path(sys.argv[2]), Path(sys.argv[3]), progress=kill)
"""


def test_what_killed_backups_left_goes_with_the_next(project: Project, tmp_path: Path) -> None:
    place, target = tmp_path / "备份 盘", tmp_path / "备份 盘" / "门店.zip"
    place.mkdir()

    def kill(*words: object) -> None:
        command = [sys.executable, "-c", BACKING_UP, *map(str, words)]
        assert subprocess.run(command, check=False).returncode == 9

    kill("backup", project.folder, target)
    assert len(list(place.iterdir())) == 3
    archive.write_archive(project, target)
    assert list(place.iterdir()) == [target]
    kill("restore", target, place / "新店.senti")
    assert len(list(place.iterdir())) == 3
    archive.restore_archive(target, place / "新店.senti")
    assert sorted(entry.name for entry in place.iterdir()) == ["新店.senti", "门店.zip"]


def test_a_backup_that_came_up_meanwhile_is_not_overwritten(project: Project, tmp_path: Path) -> None:
    target = tmp_path / "门店.zip"

    def other(_done: int, _total: int) -> None:
        target.write_bytes("别人的".encode())

    with pytest.raises(UserError, match="OUTPUT_EXISTS"):
        archive.write_archive(project, target, progress=other)
    assert target.read_text("utf-8") == "别人的"
