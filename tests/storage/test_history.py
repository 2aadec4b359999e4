"""The journal for ever: pages of it, and the way to any moment and back."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.journal import Standing, Verb
from senti_studio.domain.labels import Label
from senti_studio.storage.pieces import Watch
from senti_studio.storage.project import Project
from senti_studio.storage.times import milliseconds, moment, now

ME, OTHER = "小王", "李雷"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.create(tmp_path / "历史.senti")
    _fill(made, 3000)
    return made


def _fill(project: Project, count: int) -> None:
    source = project.sources.begin(
        SourceDraft(name="外卖.csv", path="/外卖.csv", columns=("评论",), text_column=0)
    )
    texts = [f"第 {number} 条：{'隔音差' if number % 5 == 0 else '汤洒了'}" for number in range(1, count + 1)]
    rows = [NewComment(row=row, text=text, values=(text,)) for row, text in enumerate(texts, 1)]
    project.sources.append(source, rows)
    project.sources.finish(source)


def _labels(project: Project) -> dict[int, int | None]:
    ids = [each for part in project.comments.ids() for each in part]
    return {row.id: row.label_id for row in project.comments.rows(ids) if row.label_id is not None}


def test_pages_hold_everything_once_newest_first(project: Project) -> None:
    first, second, third = (label.id for label in project.labels.list())
    for number in range(1, 31):
        who = OTHER if number % 10 == 0 else ME
        project.annotations.label([number], (first, second, third)[number % 3], annotator=who).result(10)
    project.annotations.note(3, "再看", annotator=ME).result(10)
    project.annotations.undo(ME).result(10)
    seen, before = [], None
    while True:
        page = project.history.page(before=before, limit=7)
        seen += page.items
        before = page.older
        if before is None:
            break
    assert [item.action_id for item in seen] == sorted((item.action_id for item in seen), reverse=True)
    assert len(seen) == 32
    assert (seen[0].verb, seen[0].of, seen[0].standing) == (Verb.UNDO, Verb.NOTE, Standing.MARK)
    assert (seen[1].verb, seen[1].comment_id, seen[1].standing) == (Verb.NOTE, 3, Standing.UNDONE)
    assert seen[2].text.startswith("第 30 条")
    assert [item.annotator for item in project.history.page(annotator=OTHER).items] == [OTHER] * 3
    found = project.history.page(words="隔音").items
    assert [item.comment_id for item in found] == [30, 25, 20, 15, 10, 5]
    assert project.history.annotators() == sorted([ME, OTHER])


def test_back_to_a_moment_and_forward_again(project: Project) -> None:
    first, second, _ = (label.id for label in project.labels.list())
    moments = [project.annotations.label([n], first, annotator=ME).result(10).id for n in range(1, 41)]
    at_twenty = _labels(project) | {}
    project.annotations.label([500], second, annotator=OTHER).result(10)
    for number in range(21, 41):
        at_twenty.pop(number)
    at_twenty[500] = second
    newest = project.annotations.label(list(range(1000, 3001)), second, annotator=ME).result(10).id
    project.labels.add(Label("9", "无关", "purple"), annotator=ME).result(10)
    everything = _labels(project)
    way = project.history.way(ME, moments[19])
    assert (way.actions, way.forward) == (22, False)
    assert way.comments == 20 + 2001
    told: list[tuple[int, int]] = []
    there = project.history.travel(
        ME, moments[19], watch=Watch(lambda done, total: told.append((done, total)))
    ).result(60)
    assert (there.actions, there.left_out, there.forward) == (22, 0, False)
    assert told[-1] == (22, 22)
    assert there.comment_id == 21
    assert _labels(project) == at_twenty, "what others did stays"
    assert len(project.labels.list()) == 3
    with Project.open(project.folder) as again:  # after a restart
        assert again.history.way(ME, there.newest).forward
        back = again.history.travel(ME, newest).result(60)
        assert (back.actions, back.forward) == (21, True)
        assert _labels(again) == everything
        assert again.annotations.redo(ME).result(10) is not None, "the new label comes last"
        assert len(again.labels.list()) == 4


def test_a_way_can_be_stopped_and_is_gone_on_with(project: Project) -> None:
    first = project.labels.list()[0].id
    start = project.annotations.label([1], first, annotator=ME).result(10).id
    for number in range(2, 62):
        project.annotations.label([number], first, annotator=ME).result(10)
    asked = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 1

    there = project.history.travel(ME, start, watch=Watch(stop=stop)).result(60)
    assert there.stopped or there.actions == 60
    project.history.travel(ME, start).result(60)
    assert _labels(project) == {1: first}
    assert project.history.way(ME, start).actions == 0


def test_the_state_at_a_time(project: Project) -> None:
    first = project.labels.list()[0].id
    early = project.annotations.label([1], first, annotator=ME).result(10)
    while moment(now()) <= early.at:
        time.sleep(0.001)
    project.annotations.label([2], first, annotator=OTHER).result(10)
    assert project.history.newest_at(early.at) == early.id
    assert project.history.newest_at(datetime.now(UTC) + timedelta(days=1), ME) == early.id
    assert project.history.newest_at(early.at - timedelta(days=1)) == 0


def test_a_time_comes_back_to_the_millisecond() -> None:
    some = range(1_795_957_405_000, 1_795_957_407_000)
    assert [milliseconds(moment(one)) for one in some] == list(some)


@pytest.mark.alone
def test_a_million_actions_are_no_burden(tmp_path: Path) -> None:
    with Project.create(tmp_path / "很多.senti") as project:
        _fill(project, 10)
        path = project.database_path
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO actions (verb, annotator, at, count, label_id, standing)"
            " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
            " SELECT 'label', CASE WHEN i < 50 THEN '早' ELSE '小王' END, i, 1, 1, 0 FROM n"
        )
        connection.execute("INSERT INTO journal SELECT id, id % 10 + 1, 'label', NULL, 1 FROM actions")
    connection.close()
    with Project.open(path.parent) as project:
        begun = time.perf_counter()
        one = project.history.page(limit=200)
        newest = time.perf_counter() - begun
        begun = time.perf_counter()
        deep = project.history.page(before=1000, limit=200)
        deeper = time.perf_counter() - begun
        assert (len(one.items), len(deep.items), deep.items[0].action_id) == (200, 200, 999)
        assert deeper < 20 * newest + 0.05, "the hundred-thousandth page is as quick as the first"
        nothing = project.history.page(words="没有这样的话")
        assert nothing.items == ()
        assert nothing.older is not None, "a search gives in now and then"
