"""Sources that go for good: never restorable halfway, finished after a kill; what earlier versions left."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.errors import UserError
from senti_studio.operations import care
from senti_studio.storage.project import Project

COUNT = 5200


def with_a_removed_source(folder: Path) -> int:
    """A small source, and a large labelled one that was taken out."""
    with Project.create(folder) as project:
        for name, count in (("留下.csv", 3), ("移出.csv", COUNT), ("后来.csv", 2)):
            source_id = project.sources.begin(SourceDraft(name, f"/{name}", ("评论",), 0))
            rows = [
                NewComment(row, f"{name} 第 {row} 条", ("x",), 1 + row % 2) for row in range(1, count + 1)
            ]
            project.sources.append(source_id, rows)
            project.sources.finish(source_id)
        project.sources.remove(2).result()
    return 2


def rows_of(project: Project, source_id: int) -> int:
    with project._database.reading() as connection:
        query = "SELECT count(*) FROM comments WHERE source_id = ?"
        return int(connection.execute(query, (source_id,)).fetchone()[0])


COMPACTING = """
import os, sys
from datetime import timedelta
from pathlib import Path
from senti_studio.operations import care
from senti_studio.storage import leaving
from senti_studio.storage.project import Project
pieces = 0
whole = leaving._some
def some(connection, source_id):
    global pieces
    pieces += 1
    if pieces == 3:
        os._exit(9)  # as if it were killed, the third piece not yet committed
    return whole(connection, source_id)
leaving._some = some
care.compact(Project.open(Path(sys.argv[1])), older_than=timedelta(0))
"""


def test_a_killed_purge_is_never_restorable_and_is_finished_at_the_next_opening(folder: Path) -> None:
    gone = with_a_removed_source(folder)
    killed = subprocess.run([sys.executable, "-c", COMPACTING, str(folder)], check=False)
    assert killed.returncode == 9
    # The folder as the killed program left it: not by `open`, which goes on at once.
    project = Project(folder)
    try:
        assert rows_of(project, gone) == COUNT - 2000
        assert project.sources.removed() == []
        with pytest.raises(UserError, match="SOURCE_NOT_FOUND"):
            project.sources.restore(gone).result()
        assert care.check_project(project).problems == ()
        assert project.comments.counts().total == 5
    finally:
        project.close()
    with Project.open(folder) as project:
        project.sources.remove_unfinished().result()
        assert rows_of(project, gone) == 0
        assert care.check_project(project).problems == ()


def test_a_second_compacting_finishes_a_purge(folder: Path) -> None:
    gone = with_a_removed_source(folder)
    subprocess.run([sys.executable, "-c", COMPACTING, str(folder)], check=False)
    project = Project(folder)
    try:
        care.compact(project)
        assert rows_of(project, gone) == 0
    finally:
        project.close()


def test_stopping_while_something_goes_says_what_is_gone(folder: Path) -> None:
    gone = with_a_removed_source(folder)
    with Project.open(folder) as project:
        begun: list[int] = []

        def stop() -> bool:
            begun[:] = [rows_of(project, gone)]
            return begun[0] < COUNT

        with pytest.raises(UserError) as told:
            care.compact(project, older_than=timedelta(0), should_stop=stop)
        assert told.value.code == "COMPACT_STOPPED"
        assert told.value.params == {"sources": 1, "names": ["移出.csv"], "trashed": 0}
        assert 0 < begun[0] < COUNT, "a large source does not hold up whoever wants to stop"
        assert project.sources.removed() == []
        assert project.comments.counts().total == 5
        assert care.check_project(project).problems == ()


def test_stopping_before_anything_is_gone_is_a_plain_cancel(folder: Path) -> None:
    gone = with_a_removed_source(folder)
    with Project.open(folder) as project:
        with pytest.raises(UserError, match="CANCELLED"):
            care.compact(project, older_than=timedelta(0), should_stop=lambda: True)
        assert rows_of(project, gone) == COUNT
        project.sources.restore(gone).result()


def half_purged_by_an_earlier_version(folder: Path, state: str) -> int:
    """Earlier versions deleted the rows while the state stayed ``removed``."""
    gone = with_a_removed_source(folder)
    project = Project(folder)
    try:
        project._database.writer.run(
            lambda connection: connection.execute(
                "DELETE FROM comments WHERE id IN (SELECT id FROM comments WHERE source_id = ? LIMIT 2000)",
                (gone,),
            ),
            durable=True,
        )
        if state == "ready":
            project.sources.restore(gone).result()
        else:
            assert "CHECK_ROWS_OUTSIDE" in {each.code for each in care.check_project(project).problems}
    finally:
        project.close()
    return gone


@pytest.mark.parametrize("state", ["removed", "ready"])
def test_what_an_earlier_version_half_deleted_says_so(folder: Path, state: str) -> None:
    gone = half_purged_by_an_earlier_version(folder, state)
    with Project.open(folder) as project:
        if state == "removed":
            ((source, _),) = project.sources.removed()
            assert source.row_count == COUNT - 2000
            project.sources.restore(gone).result()
        assert project.sources.get(gone).row_count == COUNT - 2000
        assert project.sources.partly_gone() == {gone: 2000}
        counts = project.comments.counts()
        assert (counts.total, counts.labelled) == (COUNT - 2000 + 5, COUNT - 2000 + 5)
        assert sum(len(part) for part in project.comments.ids()) == counts.total
        (problem,) = care.check_project(project).problems
        assert (problem.code, problem.params) == (
            "CHECK_PARTLY_GONE",
            {"count": 2000, "names": ["移出.csv"]},
        )
        assert project.sources.mend() == 0
        project.sources.remove(gone).result()
        care.compact(project, older_than=timedelta(0))
        assert care.check_project(project).problems == ()


def test_ids_of_what_is_gone_are_not_given_again(folder: Path, take: Callable[..., int]) -> None:
    with Project.create(folder) as project:
        take(project, ["甲", "乙"])
        last = take(project, [f"丙 {number}" for number in range(9)])
        project.sources.remove(last).result()
        project._database.writer.run(
            lambda connection: connection.execute("DELETE FROM comments WHERE id > 2"), durable=True
        )
    with Project.open(folder) as project:
        assert project.sources.partly_gone() == {last: 9}
        take(project, ["丁"])
        assert [each for part in project.comments.ids() for each in part] == [1, 2, 12]
