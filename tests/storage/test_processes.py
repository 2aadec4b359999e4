"""Several processes on one project; killed processes; full disks."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.errors import BugError, UserError
from senti_studio.storage.backups import back_up_daily
from senti_studio.storage.file_check import check_file
from senti_studio.storage.glance import glance
from senti_studio.storage.migrations import VERSION
from senti_studio.storage.project import Project

Take = Callable[..., int]

LABELLER = """
import sys
from pathlib import Path
from senti_studio.storage.project import Project
project = Project.open(Path(sys.argv[1]))
first, last, label, who = int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
for comment_id in range(first, last):
    project.annotations.label([comment_id], label, annotator=who).result()
    print(comment_id, flush=True)
project.close()
"""


def start(folder: Path, first: int, last: int, label: int, who: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", LABELLER, str(folder), str(first), str(last), str(label), who]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_looking_at_an_open_project_leaves_its_locks(folder: Path, take: Take) -> None:
    """Closing a plain descriptor of the file would take them off: the next helper to leave would then delete
    the log, and every label from then on would go into a file without a name."""
    opened: list[str] = []
    with Project.create(folder) as project:
        take(project, [f"第 {i} 条" for i in range(9)])
        sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
        assert check_file(folder / "project.db") == VERSION
        assert glance(folder / "project.db") == (9, 0)
        assert back_up_daily(project) is not None
        Project.open(folder).close()
        assert [name for name in opened if name.endswith("project.db")] == []
        helper = start(folder, 1, 4, 1, "小王")
        helper.communicate(timeout=60)
        assert helper.returncode == 0
        assert (folder / "project.db-wal").exists()
        assert project.comments.counts().labelled == 3
        project.annotations.label([9], 2, annotator="小张").result()
    with Project.open(folder) as project:
        assert project.comments.counts().labelled == 4


def test_two_processes_and_this_one_write_at_once(folder: Path, take: Take) -> None:
    with Project.create(folder) as project:
        take(project, [f"第 {i} 条" for i in range(600)])
        version = project.data_version()
        others = [start(folder, 1, 101, 1, "小王"), start(folder, 51, 151, 2, "小李")]
        source_id = project.sources.begin(SourceDraft("同时.csv", "/同时.csv", ("评论",), 0))
        for number in range(20):
            project.sources.append(source_id, [NewComment(number * 200 + i, "好") for i in range(200)])
            project.annotations.label([500 + number], 3, annotator="小张").result()
        for other in others:
            output, _ = other.communicate(timeout=60)
            assert other.returncode == 0
            assert len(output.splitlines()) == 100
        project.sources.finish(source_id)
        assert project.data_version() != version
        counts = project.comments.counts()
        assert counts.total == 4600
        assert counts.labelled == 150 + 20
        assert project.comments.disputed_count() == 50
        with project._database.reading() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            per_person = connection.execute(
                "SELECT annotator, count(*) FROM actions GROUP BY 1 ORDER BY 2"
            ).fetchall()
        assert per_person == [("小张", 20), ("小李", 100), ("小王", 100)]


def test_every_label_that_was_reported_survives_a_kill(folder: Path, take: Take) -> None:
    with Project.create(folder) as project:
        take(project, [f"第 {i} 条" for i in range(5000)])
    labeller = start(folder, 1, 5000, 2, "我")
    assert labeller.stdout is not None
    reported = []
    with labeller.stdout as lines:
        for line in lines:
            reported.append(int(line))
            if len(reported) == 120:
                labeller.kill()
                break
        reported += [int(line) for line in lines if line.endswith("\n")]
    labeller.wait()
    with Project.open(folder) as project:
        labelled = {row.id for row in project.comments.rows(range(1, 5001)) if row.label_id == 2}
        assert set(reported) <= labelled
        assert len(labelled - set(reported)) <= 1
        assert project.comments.counts().labelled == len(labelled)
        assert project.annotations.undo("我").result().count == 1  # type: ignore[union-attr]


def test_a_full_disk_is_said_and_nothing_is_half_applied(project: Project, take: Take) -> None:
    take(project, ["好"] * 3000)
    before = project.comments.counts()

    def fill(connection: sqlite3.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    project._database.writer.run(fill, durable=False)
    with pytest.raises(UserError) as caught:
        project.annotations.label(range(1, 2001), 1, annotator="我").result()
    assert caught.value.code == "DISK_FULL"
    assert caught.value.params["path"] == str(project.folder / "project.db")
    assert project.comments.counts() == before
    assert not project.annotations.can_undo("我")
    project._database.writer.run(lambda c: c.execute("PRAGMA max_page_count = 1000000"), durable=False)
    assert project.annotations.label(range(1, 2001), 1, annotator="我").result().count == 2000


def test_a_project_that_is_busy_for_too_long(
    project: Project, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(project, ["好"])
    monkeypatch.setattr("senti_studio.storage.database.BUSY_TIMEOUT_S", 0.05)
    other = sqlite3.connect(project.database_path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UserError, match="PROJECT_BUSY"):
            project.annotations.label([1], 1, annotator="我").result()
        other.execute("ROLLBACK")
    finally:
        other.close()
    assert project.annotations.label([1], 1, annotator="我").result().count == 1


def test_a_mistake_in_a_change_takes_it_back_whole(project: Project, take: Take) -> None:
    take(project, ["好"])

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE sources SET name = '改了'")
        connection.execute("INSERT INTO annotations (comment_id, annotator, at) VALUES (999, '我', 0)")

    with pytest.raises(BugError, match="FOREIGN KEY"):
        project._database.writer.run(work, durable=True)
    assert project.sources.get(1).name == "评论.csv"
    assert project.annotations.label([1], 1, annotator="我").result().count == 1
