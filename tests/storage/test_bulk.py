"""Changing many comments: one action in short transactions, stoppable, undoable, also after a stop midway."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from senti_studio.domain.journal import Verb
from senti_studio.errors import UserError
from senti_studio.storage import bulk
from senti_studio.storage.pieces import Watch
from senti_studio.storage.project import Project

COUNT = 6000
IDS = list(range(1, COUNT + 1))


@pytest.fixture
def many(project: Project, take: Callable[..., int]) -> Project:
    take(project, [f"第 {number} 条" for number in range(COUNT)])
    return project


def labelled(project: Project) -> int:
    return project.comments.counts().labelled


def test_one_action_one_undo_one_redo(many: Project) -> None:
    told: list[tuple[int, int]] = []
    watch = Watch(lambda done, total: told.append((done, total)))
    many.annotations.label([7], 1, annotator="小王").result(10)
    action = many.annotations.label(IDS, 3, annotator="小王", watch=watch).result(60)
    assert (action.count, action.verb, action.stopped) == (COUNT, Verb.LABEL, False)
    assert len(told) > 5
    assert told[-1] == (COUNT, COUNT)
    assert many.comments.counts().by_label[3] == COUNT
    assert [item.count for item in many.annotations.history("小王")] == [COUNT, 1]
    undone = many.annotations.undo("小王", watch=watch).result(60)
    assert undone is not None
    assert (undone.count, undone.verb, undone.of) == (COUNT, Verb.UNDO, Verb.LABEL)
    assert many.comments.counts().by_label == {1: 1, 2: 0, 3: 0}
    redone = many.annotations.redo("小王").result(60)
    assert redone is not None
    assert redone.count == COUNT
    assert many.comments.counts().by_label[3] == COUNT
    assert many.annotations.undo("小王").result(60) is not None
    many.annotations.exclude(IDS, annotator="小王").result(60)
    assert many.comments.counts().excluded == COUNT
    assert not many.annotations.can_redo("小王")


@pytest.mark.alone
def test_a_label_elsewhere_does_not_wait(many: Project) -> None:
    started = threading.Event()
    future = many.annotations.label(IDS, 3, annotator="小王", watch=Watch(lambda *_: started.set()))
    assert started.wait(10)
    waits = []
    with Project.open(many.folder) as other:
        number = 0
        while not future.done() and number < 40:
            number += 1
            for project, name in ((many, "小李"), (other, "韩梅梅")):
                begun = time.perf_counter()
                project.annotations.label([number], 1, annotator=name).result(10)
                waits.append(time.perf_counter() - begun)
        assert future.result(60).count == COUNT
    assert len(waits) > 4, "labels came in between"
    assert sorted(waits)[len(waits) // 2] < 0.2


def test_stopping_keeps_what_was_done_and_one_undo_takes_it_back(many: Project) -> None:
    done: list[int] = []
    watch = Watch(lambda so_far, _: done.append(so_far), lambda: len(done) >= 2)
    action = many.annotations.label(IDS, 2, annotator="小王", watch=watch).result(60)
    assert action.stopped
    assert 0 < action.count == labelled(many) < COUNT
    assert many.annotations.undo("小王").result(60) is not None
    assert labelled(many) == 0


def test_a_label_that_is_gone_is_refused(many: Project) -> None:
    with pytest.raises(UserError) as caught:
        many.annotations.label(IDS, 99, annotator="小王").result(10)
    assert caught.value.code == "LABEL_GONE"
    assert not many.annotations.can_undo("小王")


def test_an_undo_that_ended_midway_is_gone_on_with(
    many: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many.annotations.label(IDS, 2, annotator="小王").result(60)
    pieces = 0
    put_back = bulk.ChangeSet.put_back

    def failing(self: bulk.ChangeSet, entries: list[object]) -> None:
        nonlocal pieces
        pieces += 1
        if pieces == 4:
            raise OSError("the power went")
        put_back(self, entries)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(bulk.ChangeSet, "put_back", failing)
        with pytest.raises(OSError, match="power"):
            many.annotations.undo("小王").result(60)
    left = labelled(many)
    assert 0 < left < COUNT
    with Project.open(folder) as again:
        action = again.annotations.undo("小王").result(60)
        assert action is not None
        assert action.count == COUNT
        assert labelled(again) == 0
        redone = again.annotations.redo("小王").result(60)
        assert redone is not None
        assert labelled(again) == COUNT
