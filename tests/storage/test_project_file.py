"""Making, opening and closing projects; damaged, foreign and newer files stay as they are."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from senti_studio.domain.labels import labels_from_names
from senti_studio.errors import UserError
from senti_studio.messages import CATALOGUE, message
from senti_studio.storage import file_check
from senti_studio.storage.migrations import VERSION
from senti_studio.storage.project import Project


def state_of(folder: Path) -> dict[str, str]:
    """Every file below a folder with its hash."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_new_project_is_there_with_its_folders_and_labels(folder: Path) -> None:
    with Project.create(folder) as project:
        assert [label.name for label in project.labels.list()] == ["正面", "中性", "负面"]
        assert [label.id for label in project.labels.list()] == [1, 2, 3]
        assert project.name == "门店 评论 2026"
        for place in (
            project.runs_folder,
            project.models_folder,
            project.batches_folder,
            project.trash_folder,
        ):
            assert place.is_dir()
        first = project.id
    with Project.open(folder / "project.db") as again:
        assert (again.id, again.name, again.folder) == (first, project.name, folder)


def test_closing_leaves_one_file_and_no_thread(folder: Path) -> None:
    before = set(threading.enumerate())
    project = Project.create(folder)
    project.comments.counts()
    project.data_version()
    project.settings.set("页", "标注").result()
    project.sources.remove_unfinished().result()
    project.close()
    project.close()
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == ["project.db"]
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()
    with pytest.raises(UserError, match="PROJECT_CLOSED"):
        project.comments.counts()
    with pytest.raises(UserError, match="PROJECT_CLOSED"):
        project.settings.set("页", "标注").result()


def test_other_labels_and_name(folder: Path) -> None:
    labels = labels_from_names([("好", "好评"), ("差", "差评")])
    with Project.create(folder, name="外卖", labels=labels) as project:
        assert [(label.key, label.name) for label in project.labels.list()] == [
            ("好", "好评"),
            ("差", "差评"),
        ]
        project.rename("外卖 七月")
    with Project.open(folder) as project:
        assert project.name == "外卖 七月"


def test_what_exists_is_not_overwritten(folder: Path) -> None:
    folder.mkdir()
    (folder / "笔记.txt").write_text("重要", "utf-8")
    before = state_of(folder.parent)
    with pytest.raises(UserError, match="PROJECT_EXISTS"):
        Project.create(folder)
    assert state_of(folder.parent) == before


def test_an_empty_folder_may_become_a_project(folder: Path) -> None:
    folder.mkdir()
    Project.create(folder).close()
    Project.open(folder).close()


def test_a_project_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "文件").write_text("", "utf-8")
    with pytest.raises(UserError, match="NO_PERMISSION"):
        Project.create(tmp_path / "文件" / "内.senti")
    assert [path.name for path in tmp_path.iterdir()] == ["文件"]


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_stands_where_a_folder_of_the_project_belongs_is_named(folder: Path, kind: str) -> None:
    Project.create(folder).close()
    (folder / "cache").rmdir()
    if kind == "file":
        (folder / "cache").write_text("", "utf-8")
    else:
        (folder / "cache").symlink_to(folder.parent / "没插好的盘", target_is_directory=True)
    with pytest.raises(UserError, match="NOT_A_FOLDER") as caught:
        Project.open(folder)
    assert Path(str(caught.value.params["path"])) == folder / "cache"
    (folder / "cache").unlink()
    Project.open(folder).close()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_to_some_bytes(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:60])


def make_empty(path: Path) -> None:
    path.write_bytes(b"")


def overwrite_with_text(path: Path) -> None:
    path.write_text("评论,标签\n很好,1\n" * 100, "utf-8")


def overwrite_schema(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:4000] = os.urandom(3900)
    path.write_bytes(content)


def overwrite_pages(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content)


def drop_a_table(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE journal")
    connection.close()


def make_newer(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[60:64] = struct.pack(">I", VERSION + 1)
    path.write_bytes(content)


def make_foreign(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE somebody_else (x)")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (cut, "PROJECT_DAMAGED"),
        (cut_to_some_bytes, "PROJECT_DAMAGED"),
        (make_empty, "PROJECT_DAMAGED"),
        (overwrite_with_text, "PROJECT_DAMAGED"),
        (overwrite_schema, "PROJECT_DAMAGED"),
        (overwrite_pages, "PROJECT_DAMAGED"),
        (drop_a_table, "PROJECT_DAMAGED"),
        (make_newer, "PROJECT_TOO_NEW"),
        (make_foreign, "NOT_A_PROJECT"),
        (Path.unlink, "PROJECT_NOT_FOUND"),
    ],
)
def test_a_spoilt_file_gives_a_sentence_and_is_not_touched(
    folder: Path, spoil: Callable[[Path], object], code: str, take: Callable[..., int]
) -> None:
    with Project.create(folder) as project:
        take(project, [f"第 {i} 条评论，味道不错" for i in range(300)])
    spoil(folder / "project.db")
    before = state_of(folder)
    with pytest.raises(UserError) as caught:
        Project.open(folder)
    assert caught.value.code == code
    assert code in CATALOGUE
    assert state_of(folder) == before


def test_what_the_disk_says_is_no_damage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk SQLite cannot make its files beside the database; a backup would be the wrong advice."""
    Project.create(folder).close()

    def full(path: Path, *, mode: str, immutable: bool = False) -> sqlite3.Connection:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error

    monkeypatch.setattr(file_check, "connect", full)
    with pytest.raises(UserError) as caught:
        Project.open(folder)
    assert caught.value.code in ("DISK_FULL", "PROJECT_DISK_ERROR")


def test_something_that_is_no_project_at_all(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="PROJECT_NOT_FOUND"):
        Project.open(tmp_path / "没有.senti")
    table = tmp_path / "评论.csv"
    table.write_text("评论\n很好\n", "utf-8")
    with pytest.raises(UserError, match="NOT_A_PROJECT"):
        Project.open(table)


def test_a_path_that_is_too_long_is_not_called_a_matter_of_permission(tmp_path: Path) -> None:
    """SQLite opens 512 bytes at most, and a Chinese character counts three."""
    deep = tmp_path / "/".join(["很长的文件夹名字" * 2] * 10)
    Project.create(tmp_path / "店.senti").close()
    shutil.copytree(tmp_path / "店.senti", deep / "店.senti")
    for act in (lambda: Project.open(deep / "店.senti"), lambda: Project.create(deep / "新.senti")):
        with pytest.raises(UserError) as caught:
            act()
        assert caught.value.code == "PATH_TOO_LONG"
        assert caught.value.params["length"] > 480
        assert str(caught.value.params["length"]) in message("PATH_TOO_LONG", caught.value.params, "zh").what
    with pytest.raises(UserError, match="PATH_TOO_LONG"):
        Project.create(tmp_path / ("名" * 100 + ".senti"))


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind this user"
)
def test_a_folder_without_permission(folder: Path) -> None:
    Project.create(folder).close()
    folder.chmod(0o500)
    try:
        with pytest.raises(UserError, match="PROJECT_READ_ONLY"):
            Project.open(folder)
    finally:
        folder.chmod(0o700)


def test_a_log_of_a_crash_is_used(folder: Path, tmp_path: Path, take: Callable[..., int]) -> None:
    """A copy of file and log as they lie while a window is open is what a power cut leaves."""
    with Project.create(folder) as project:
        take(project, ["很好", "很差"])
        project.annotations.label([1], 1, annotator="我").result()
        crashed = tmp_path / "断电.senti"
        crashed.mkdir()
        for name in ("project.db", "project.db-wal"):
            (crashed / name).write_bytes((folder / name).read_bytes())
    with Project.open(crashed) as project:
        assert project.comments.counts().labelled == 1


def test_replacing_labels(project: Project, take: Callable[..., int]) -> None:
    take(project, ["很好", "很差"])
    project.annotations.label([1], 1, annotator="我").result()
    good, _, bad = project.labels.list()
    with pytest.raises(UserError, match="LABEL_IN_USE"):
        project.labels.replace([bad])
    assert len(project.labels.list()) == 3
    swapped = labels_from_names([(bad.key, "好评"), (good.key, "差评"), ("9", "无关")])
    swapped = (
        type(good)(bad.key, "好评", good.appearance, "1", good.id),
        type(bad)(good.key, "差评", bad.appearance, "2", bad.id),
        swapped[2],
    )
    stored = project.labels.replace(swapped)
    assert [(label.id, label.key, label.name) for label in stored] == [
        (1, "3", "好评"),
        (3, "1", "差评"),
        (4, "9", "无关"),
    ]
    assert project.comments.get(1).label_id == 1
    for wrong, code in (([], "LABELS_EMPTY"), ([stored[0], stored[0]], "LABELS_TWICE")):
        with pytest.raises(UserError, match=code):
            project.labels.replace(wrong)
    assert project.labels.list() == stored


def test_a_label_that_is_gone_cannot_be_given(project: Project, take: Callable[..., int]) -> None:
    take(project, ["很好"])
    project.labels.replace(project.labels.list()[:2])
    with pytest.raises(UserError, match="LABEL_GONE"):
        project.annotations.label([1], 3, annotator="我").result()


def test_data_version_sees_own_and_foreign_changes(project: Project) -> None:
    first = project.data_version()
    assert project.data_version() == first
    project.settings.set("列宽", [1, 2]).result()
    second = project.data_version()
    assert second != first
    with Project.open(project.folder) as other:
        other.settings.set("列宽", [3]).result()
        assert other.settings.get("没有", 7) == 7
    assert project.data_version() != second
    assert project.settings.get("列宽") == [3]


def test_a_setting_that_cannot_be_read_is_none(project: Project) -> None:
    project.settings.set("data_views", ["好"]).result()
    project._database.writer.run(
        lambda connection: connection.execute("UPDATE settings SET value = '[好'"), durable=True
    )
    assert project.settings.get("data_views", []) == []
