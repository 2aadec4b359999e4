"""Taking in files: invisible until whole, gone when abandoned or killed, removable and restorable."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from senti_studio.domain.comments import CommentFilter, NewComment, Part, SourceDraft
from senti_studio.errors import UserError
from senti_studio.storage.project import Project

Take = Callable[..., int]
DRAFT = SourceDraft("未完.csv", "/数据/未完.csv", ("评论",), 0)


def all_ids(project: Project) -> list[int]:
    return [comment_id for part in project.comments.ids() for comment_id in part]


def rows_in_tables(project: Project) -> dict[str, int]:
    with project._database.reading() as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("comments", "texts", "originals", "annotations", "comment_state", "counts")
        }


def test_all_columns_come_back_as_they_were(project: Project) -> None:
    columns = ("编号", "评论", "标签", "评论")
    source_id = project.sources.begin(SourceDraft("a.csv", "/a.csv", columns, 1, part=Part.VALID))
    rows = [
        NewComment(1, "很好", ("000123", "很好", "", "很好")),
        NewComment(2, 'NA\n"引号"', ("1234567890123456789", 'NA\n"引号"', "1.0", " 空格 "), part=Part.TEST),
        NewComment(3, "短", ("1", "短")),
        NewComment(4, "长", ("1", "长", "2", "3", "多出来", "")),
        NewComment(5, "", ("", "", "", "")),
    ]
    project.sources.append(source_id, rows)
    source = project.sources.finish(source_id, sha256="abc")
    assert (source.row_count, source.columns, source.part, source.sha256) == (5, columns, Part.VALID, "abc")
    for row, (_, number, cells) in zip(rows, project.comments.originals(source_id), strict=True):
        assert (number, cells) == (row.row, row.values)
    second = project.comments.get(2)
    assert (second.text, second.part) == ('NA\n"引号"', Part.TEST)
    assert project.comments.get(1).part is Part.VALID
    assert second.columns == tuple(zip(columns, rows[1].values, strict=True))
    assert project.comments.get(3).columns == (("编号", "1"), ("评论", "短"), ("标签", ""), ("评论", ""))
    assert project.comments.get(4).columns[4:] == (("5", "多出来"), ("6", ""))


def test_rows_are_invisible_until_the_import_is_whole(project: Project, take: Take) -> None:
    take(project, ["早", "先"])
    source_id = project.sources.begin(DRAFT)
    project.sources.append(source_id, [NewComment(i, f"未完 {i}", label_id=1) for i in range(1, 5001)])
    assert project.comments.counts().total == 2
    assert project.comments.counts().labelled == 0
    assert all_ids(project) == [1, 2]
    assert project.comments.rows([1, 3]) == project.comments.rows([1])
    assert list(project.comments.labelled()) == []
    assert project.comments.count(CommentFilter(search="未完")) == 0
    assert project.comments.next_unlabelled([3, 4, 2], 0, 1) == 2
    with pytest.raises(UserError, match="COMMENT_NOT_FOUND"):
        project.comments.get(3)
    with pytest.raises(UserError, match="SOURCE_NOT_FOUND"):
        project.sources.get(source_id)
    assert project.annotations.label([3], 2, annotator="我").result().count == 0
    project.sources.finish(source_id)
    assert project.comments.counts().total == 5002
    assert project.comments.counts().by_label == {1: 5000, 2: 0, 3: 0}
    assert all_ids(project) == list(range(1, 5003))


def test_abandoned_imports_leave_nothing(project: Project, take: Take) -> None:
    take(project, ["留下"], labels=[1])
    before = rows_in_tables(project)
    source_id = project.sources.begin(DRAFT)
    project.sources.append(source_id, [NewComment(i, f"未完 {i}", label_id=2) for i in range(1, 3001)])
    project.sources.abandon(source_id)
    assert rows_in_tables(project) == before
    assert list(project.cache_folder.iterdir()) == []
    with pytest.raises(UserError, match="SOURCE_NOT_FOUND"):
        project.sources.find("未完.csv")
    later = take(project, ["后来"])
    assert project.comments.get(3002).source_id == later, "ids of abandoned rows are not given again"


def test_imports_may_run_side_by_side(project: Project) -> None:
    one = project.sources.begin(DRAFT)
    two = project.sources.begin(DRAFT)
    for start in range(0, 300, 100):
        for source_id in (one, two):
            rows = [NewComment(start + i, f"{source_id} {start + i}") for i in range(1, 101)]
            project.sources.append(source_id, rows)
    project.sources.finish(two)
    assert [row.row for row in project.comments.rows(all_ids(project))] == list(range(1, 301))
    project.sources.finish(one)
    shown = project.comments.rows(all_ids(project))
    assert [(row.source_id, row.row) for row in shown] == [(s, r) for s in (one, two) for r in range(1, 301)]
    only = [i for part in project.comments.ids(CommentFilter(source_ids=frozenset({two}))) for i in part]
    assert {row.source_id for row in project.comments.rows(only)} == {two}
    assert len(only) == 300


def test_a_whole_import_can_be_taken_back_and_restored(project: Project, take: Take) -> None:
    take(project, ["甲", "乙"])
    gone = take(project, ["丙", "丁", "戊"], name="坏.csv", labels=[1, None, 2])
    project.annotations.label([4], 3, annotator="我").result()
    before = project.comments.counts()
    project.sources.remove(gone).result()
    assert project.comments.counts().total == 2
    assert project.comments.counts().labelled == 0
    assert all_ids(project) == [1, 2]
    assert [source.id for source, _ in project.sources.removed()] == [gone]
    with pytest.raises(UserError, match="SOURCE_NOT_FOUND"):
        project.sources.remove(gone).result()
    project.sources.restore(gone).result()
    assert project.comments.counts() == before
    assert project.comments.get(4).label_id == 3
    project.sources.remove(gone).result()
    project.sources.purge(gone)
    assert rows_in_tables(project)["comments"] == 2
    assert project.annotations.undo("我").result().left_out == 1
    with pytest.raises(UserError, match="SOURCE_NOT_FOUND"):
        project.sources.restore(gone).result()


def test_sources_are_found_by_what_people_call_them(project: Project, take: Take) -> None:
    first = take(project, ["甲"], name="七月.csv")
    take(project, ["乙"], name="八月.csv")
    newest = take(project, ["丙"], name="七月.csv")
    find = project.sources.find
    assert (
        find("七月.csv").id
        == find("七月").id
        == find("/数据/七月.csv").id
        == find("./x/七月.csv").id
        == newest
    )
    assert find(f"#{first}").id == first
    with pytest.raises(UserError, match="SOURCE_NOT_FOUND"):
        find("九月.csv")


IMPORTER = """
import sys
from pathlib import Path
from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.storage.project import Project
project = Project.open(Path(sys.argv[1]))
source = project.sources.begin(SourceDraft("被杀.csv", "/被杀.csv", ("评论",), 0))
row = 0
while True:
    rows = [NewComment(row + i, f"第 {row + i} 条", label_id=1) for i in range(1, 501)]
    project.sources.append(source, rows)
    row += 500
    print(row, flush=True)
"""


def test_a_killed_import_is_gone_after_reopening_and_a_living_one_stays(folder: Path, take: Take) -> None:
    with Project.create(folder) as project:
        take(project, ["留下"])
        before = rows_in_tables(project)
        importer = subprocess.Popen(
            [sys.executable, "-c", IMPORTER, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert importer.stdout is not None
        with importer.stdout as lines:
            for line in lines:
                if int(line) >= 3000:
                    break
            with Project.open(folder) as other:
                assert other.sources.remove_unfinished().result() == 0
                assert other.comments.counts().total == 1
            assert rows_in_tables(project)["comments"] > 3000
            importer.kill()
            importer.wait()
    with Project.open(folder) as project:
        project.sources.remove_unfinished().result()
        assert rows_in_tables(project) == before
        assert all_ids(project) == [1]
        assert list(project.cache_folder.iterdir()) == []
