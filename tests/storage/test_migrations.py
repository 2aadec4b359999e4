"""Older project files are brought up to date, all steps or none, with a copy kept.

For each version there is a stored file in ``tests/data/projects``; a new migration needs the file of the
version before it (made by the program as it was) and a test here of what the migration changed.
"""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from senti_studio.storage import migrations
from senti_studio.storage.file_check import check_file
from senti_studio.storage.project import Project

STORED = Path(__file__).resolve().parents[1] / "data" / "projects"


def unpack(version: int, folder: Path) -> Path:
    folder.mkdir()
    path = folder / "project.db"
    path.write_bytes(gzip.decompress((STORED / f"version-{version:03d}.db.gz").read_bytes()))
    return path


@pytest.mark.parametrize("version", range(1, migrations.VERSION + 1))
def test_every_version_that_ever_was_still_opens(version: int, folder: Path) -> None:
    path = unpack(version, folder)
    assert check_file(path) == version
    with Project.open(folder) as project:
        assert project.name == "存档 项目"
        counts = project.comments.counts()
        assert (counts.total, counts.labelled, counts.flagged, counts.skipped) == (6, 4, 1, 1)
        assert [label.name for label in project.labels.list()] == ["正面", "中性", "负面"]
        assert project.comments.get(2).text == "馄饨皮薄，汤也鲜"
        assert project.comments.get(2).columns == (("编号", "000002"), ("评论", "馄饨皮薄，汤也鲜"))
        assert project.comments.get(3).note == "反讽？"
        assert project.annotations.can_undo("小王")
        assert project.annotations.can_redo("小王")
        assert project.test_sets.current() == {1, 4}
        assert [run.name for run in project.runs.list()] == ["LSTM #1"]
        assert project.settings.get("last_page") == "label"
    assert check_file(path) == migrations.VERSION


def test_the_tables_of_a_new_project_are_those_of_a_migrated_one(folder: Path, tmp_path: Path) -> None:
    def schema(path: Path) -> set[tuple[str, str]]:
        connection = sqlite3.connect(path)
        try:
            return set(connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))
        finally:
            connection.close()

    old = unpack(1, folder)
    Project.open(folder).close()
    Project.create(tmp_path / "新.senti").close()
    assert schema(old) == schema(tmp_path / "新.senti" / "project.db")


def test_version_2_lets_comments_be_excluded_and_counts_them(folder: Path) -> None:
    unpack(1, folder)
    with Project.open(folder) as project:
        assert project.comments.counts().excluded == 0
        labelled = [comment.id for comment in project.comments.labelled()]
        project.annotations.exclude(labelled[:1], annotator="小王").result(10)
        assert project.comments.counts().excluded == 1
        assert [comment.id for comment in project.comments.labelled()] == labelled[1:]
        with project._database.reading() as connection:
            assert connection.execute("SELECT count(*) FROM near_groups").fetchone() == (0,)


def test_version_2_files_remember_what_was_excluded(folder: Path) -> None:
    unpack(2, folder)
    with Project.open(folder) as project:
        assert project.comments.counts().excluded == 1
        assert project.comments.get(2).excluded


def test_version_3_keeps_what_was_said_when_asked_again(folder: Path) -> None:
    unpack(3, folder)
    with Project.open(folder) as project:
        assert [each.comment_id for each in project.second_looks.pairs("小李")] == [1]


def test_version_4_remembers_labels_that_were_kept(folder: Path) -> None:
    unpack(4, folder)
    with Project.open(folder) as project:
        assert project.kept_labels.all() == {1: project.comments.get(1).label_id}


def test_version_5_lets_comments_be_handed_out_and_keeps_what_a_decider_had_said(folder: Path) -> None:
    unpack(4, folder)
    with Project.open(folder) as project:
        assert project.people.shares() == []
        project.annotations.adjudicate(6, 1, annotator="小王").result(10)
        (said,) = project.people.sayings(6)
        assert (said.label_id, said.adjudicated, said.independent_id) == (1, True, 3)


def test_version_5_files_remember_shares_and_decisions(folder: Path) -> None:
    unpack(5, folder)
    with Project.open(folder) as project:
        (share,) = project.people.shares()
        assert (share.person, share.comments, share.labelled) == ("小王", 3, 2)
        (said,) = project.people.sayings(6)
        assert (said.label_id, said.adjudicated, said.independent_id) == (1, True, 3)


def add_table(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE guidelines (label_id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")


def break_off(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE half (x)")
    connection.execute("INSERT INTO nowhere VALUES (1)")


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def pretend(*steps: Callable[[sqlite3.Connection], None]) -> None:
        """The program as it will be with further migrations."""
        known = {**migrations.MIGRATIONS, **dict(enumerate(steps, migrations.VERSION + 1))}
        monkeypatch.setattr("senti_studio.storage.project.migrate", lambda c: migrations.migrate(c, known))
        for module in ("project", "file_check", "migrations"):
            monkeypatch.setattr(f"senti_studio.storage.{module}.VERSION", max(known))

    return pretend


def test_a_migration_keeps_a_copy_of_the_file_before_it(folder: Path, newer: Callable[..., None]) -> None:
    path = unpack(1, folder)
    before = path.read_bytes()
    newer(add_table)
    with Project.open(folder) as project:
        assert project.comments.counts().total == 6
        with project._database.reading() as connection:
            assert connection.execute("SELECT count(*) FROM guidelines").fetchone() == (0,)
    assert check_file(path) == len(migrations.MIGRATIONS) + 1
    (copy,) = (folder / "backups").iterdir()
    assert copy.name == f"before-version-{len(migrations.MIGRATIONS) + 1:03d}.db"
    old, new = sqlite3.connect(copy), sqlite3.connect(":memory:")
    try:
        new.deserialize(before[:18] + b"\x01\x01" + before[20:])
        assert list(old.iterdump()) == list(new.iterdump())
    finally:
        old.close()
        new.close()


def test_a_migration_that_fails_changes_nothing(folder: Path, newer: Callable[..., None]) -> None:
    path = unpack(1, folder)
    newer(add_table, break_off)
    with pytest.raises(Exception, match="nowhere"):
        Project.open(folder)
    connection = sqlite3.connect(path)
    try:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}
        assert not tables & {"half", "guidelines"}
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    finally:
        connection.close()


def test_only_the_newest_three_copies_are_kept(folder: Path) -> None:
    path = unpack(1, folder)
    backups = folder / "backups"
    backups.mkdir()
    for version in range(-5, 0):
        (backups / f"before-version-{version + 5:03d}.db").write_bytes(b"")
    connection = sqlite3.connect(path)
    try:
        migrations.back_up_before(connection, backups)
        migrations.back_up_before(connection, backups)
    finally:
        connection.close()
    assert len(list(backups.iterdir())) == migrations.KEPT_BEFORE_MIGRATION
