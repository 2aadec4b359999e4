"""Labels of many annotations come, go and merge piece by piece: watched, stopped, beside others, killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from senti_studio.domain.comments import CommentFilter
from senti_studio.domain.journal import Verb
from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.storage.integrity import check_project
from senti_studio.storage.pieces import Watch
from senti_studio.storage.project import Project

COUNT = 9000
ME = "我"
IDS = list(range(1, COUNT + 1))


@pytest.fixture
def many(project: Project, take: Callable[..., int]) -> Project:
    """Every comment has a label from its file; a hundred are disputed between two people."""
    take(project, [f"第 {n} 条" for n in range(COUNT)], labels=[1 + n % 3 for n in range(COUNT)])
    project.annotations.label(IDS[:300], 1, annotator="小李").result(60)
    project.annotations.label(IDS[200:400], 2, annotator="韩梅梅").result(60)
    return project


def content(project: Project) -> object:
    """All that a change of labels may touch."""
    rows = project.comments.rows(IDS)
    votes: dict[int, list[tuple[str, int | None]]] = {}
    for page in project.whole_comments.pages_of(IDS):
        for comment_id, given in page.given.items():
            votes[comment_id] = sorted((each.annotator, each.label_id) for each in given)
    counts = project.comments.counts()
    shown = [(row.label_id, row.labelled_at) for row in rows]
    return project.labels.list(), counts, project.comments.disputed_count(), shown, votes


def is_sound(project: Project) -> bool:
    return check_project(project).problems == ()


@pytest.mark.parametrize("do", ["remove", "merge", "restore"])
def test_it_is_told_how_far_it_is_and_taken_back_by_one_undo(many: Project, do: str) -> None:
    told: list[tuple[int, int]] = []
    watch = Watch(lambda done, total: told.append((done, total)))
    if do == "restore":
        many.labels.remove(2, annotator=ME).result(60)
    before = content(many)
    if do == "merge":
        action = many.labels.merge(2, 3, annotator=ME, watch=watch).result(60)
    else:
        action = getattr(many.labels, do)(2, annotator=ME, watch=watch).result(60)
    assert len(told) > 3
    assert told[-1][0] <= told[-1][1] == action.count > 3000
    after = content(many)
    assert after != before
    assert is_sound(many)
    told.clear()
    undone = many.annotations.undo(ME, watch=watch).result(60)
    assert undone is not None
    assert (undone.of, undone.left_out, undone.count) == (action.verb, 0, action.count)
    assert len(told) > 3
    assert content(many) == before
    assert is_sound(many)
    redone = many.annotations.redo(ME).result(60)
    assert redone is not None
    assert content(many) == after


def test_a_removal_that_is_stopped_never_was(many: Project) -> None:
    before = content(many)
    told: list[int] = []
    watch = Watch(lambda done, _: told.append(done), lambda: len(told) >= 2)
    action = many.labels.remove(1, annotator=ME, watch=watch).result(60)
    assert action.stopped
    assert content(many) == before
    assert is_sound(many)
    assert not many.annotations.can_undo(ME)


def test_a_merge_that_is_stopped_keeps_both_labels_and_one_undo_takes_it_back(many: Project) -> None:
    before, was = content(many), many.comments.counts().by_label
    told: list[int] = []
    watch = Watch(lambda done, _: told.append(done), lambda: len(told) >= 2)
    action = many.labels.merge(1, 3, annotator=ME, watch=watch).result(60)
    assert action.stopped
    now = many.comments.counts().by_label
    assert 0 < now[1] < was[1]
    assert now[3] > was[3]
    assert is_sound(many)
    undone = many.annotations.undo(ME).result(60)
    assert undone is not None
    assert undone.count == action.count
    assert content(many) == before


@pytest.mark.alone
def test_labels_that_others_give_meanwhile_are_merged_too_and_do_not_wait(many: Project) -> None:
    started = threading.Event()
    future = many.labels.merge(1, 3, annotator=ME, watch=Watch(lambda *_: started.set()))
    assert started.wait(20)
    waits, given = [], []
    with Project.open(many.folder) as other:
        for comment_id in range(1, 60):
            if future.done():
                break
            begun = time.perf_counter()
            try:
                other.annotations.label([comment_id], 1, annotator="小王").result(20)
            except UserError as error:
                if error.code != "LABEL_GONE":
                    raise
                break  # the merge has just come to its end
            waits.append(time.perf_counter() - begun)
            given.append(comment_id)
        future.result(60)
        assert len(given) > 3, "labels came in between"
        assert sorted(waits)[len(waits) // 2] < 0.2
        assert is_sound(other)
        assert all(
            {each.label_id for each in other.comments.get(comment_id).annotations} <= {2, 3}
            for comment_id in given
        )
        assert other.comments.count(CommentFilter(label_ids=frozenset({1}))) == 0


def test_an_undo_in_another_window_ends_a_merge(many: Project) -> None:
    before = content(many)
    started = threading.Event()
    future = many.labels.merge(1, 3, annotator=ME, watch=Watch(lambda *_: started.set()))
    assert started.wait(20)
    with Project.open(many.folder) as other:
        assert other.annotations.undo(ME).result(60) is not None
        assert future.result(60).stopped
        assert content(other) == before
        assert is_sound(other)


# ---- killed ------------------------------------------------------------------------------------------------

_CHILD = """
import sys
from pathlib import Path
from senti_studio.storage.pieces import Watch
from senti_studio.storage.project import Project

def tell(done, total):
    print(done, total, flush=True)

folder, what, who = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
watch = Watch(tell)
with Project.open(folder) as project:
    notes, labels = project.annotations, project.labels
    ids = list(range(1, int(sys.argv[4]) + 1))
    {
        "label": lambda: notes.label(ids, 3, annotator=who, watch=watch),
        "exclude": lambda: notes.exclude(ids, annotator=who, watch=watch),
        "merge": lambda: labels.merge(1, 3, annotator=who, watch=watch),
        "remove": lambda: labels.remove(1, annotator=who, watch=watch),
        "restore": lambda: labels.restore(1, annotator=who, watch=watch),
        "undo": lambda: notes.undo(who, watch=watch),
    }[what]().result()
    print("whole", flush=True)
"""


def kill_midway(folder: Path, what: str, *, after: int = 3) -> None:
    """Runs a change in a process of its own and kills it after some pieces."""
    command = [sys.executable, "-c", _CHILD, str(folder), what, ME, str(COUNT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(after)]
        child.kill()
        rest = child.stdout.read()
        child.wait(30)
    assert all(lines), "it got under way"
    assert "whole" not in "".join(lines) + rest, "it was killed before its end"
    if sys.platform != "win32":
        assert child.returncode == -signal.SIGKILL


@pytest.mark.parametrize("what", ["label", "exclude", "merge"])
def test_a_kill_midway_is_taken_back_by_one_undo(many: Project, folder: Path, what: str) -> None:
    before = content(many)
    many.close()
    kill_midway(folder, what)
    with Project.open(folder) as again:
        assert is_sound(again)
        assert content(again) != before
        undone = again.annotations.undo(ME).result(60)
        assert undone is not None
        assert 0 < undone.count < COUNT
        assert undone.left_out == 0
        assert content(again) == before
        assert is_sound(again)
        assert not again.annotations.can_undo(ME)


def test_a_merge_that_was_killed_can_be_done_again(many: Project, folder: Path) -> None:
    before = content(many)
    many.close()
    kill_midway(folder, "merge")
    with Project.open(folder) as again:
        again.labels.merge(1, 3, annotator=ME).result(60)
        assert is_sound(again)
        assert [label.id for label in again.labels.list()] == [2, 3]
        for _ in range(2):
            again.annotations.undo(ME).result(60)
        assert content(again) == before


@pytest.mark.parametrize("what", ["remove", "restore"])
def test_a_label_that_came_or_went_when_the_program_was_killed(
    many: Project, folder: Path, what: str
) -> None:
    """The label set is whole at once; the comments follow when the project is opened next."""
    before = content(many)
    many.labels.remove(1, annotator=ME).result(60)
    without = content(many)
    many.annotations.undo(ME).result(60)
    if what == "restore":
        many.labels.remove(1, annotator=ME).result(60)
    many.close()
    kill_midway(folder, what)
    with Project.open(folder) as again:
        assert is_sound(again)
        again.labels.catch_up().result(60)
        assert is_sound(again)
        if what == "remove":
            assert content(again) == without
        else:
            assert [label.id for label in again.labels.list()] == [2, 3, 1]
        again.annotations.undo(ME).result(60)
        assert content(again) == (before if what == "remove" else without)
        assert is_sound(again)


@pytest.mark.parametrize("what", ["label", "merge"])
def test_an_undo_that_was_killed_is_gone_on_with(many: Project, folder: Path, what: str) -> None:
    before = content(many)
    if what == "merge":
        many.labels.merge(1, 3, annotator=ME).result(60)
    else:
        many.annotations.label(IDS, 3, annotator=ME).result(60)
    many.close()
    kill_midway(folder, "undo")
    with Project.open(folder) as again:
        assert is_sound(again)
        assert content(again) != before
        undone = again.annotations.undo(ME).result(60)
        assert undone is not None
        assert undone.verb is Verb.UNDO
        assert content(again) == before
        assert is_sound(again)


def test_a_new_label_costs_no_look_at_all_comments(many: Project) -> None:
    action = many.labels.add(Label("4", "无关", "purple", "4"), annotator=ME).result(60)
    assert action.count == 0
    assert is_sound(many)
