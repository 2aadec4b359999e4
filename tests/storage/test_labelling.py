"""Labels, skips, flags, notes; undo and redo; several annotators."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from senti_studio.domain.comments import CommentFilter
from senti_studio.domain.journal import Verb
from senti_studio.storage import changes
from senti_studio.storage.project import Project
from senti_studio.storage.times import moment, now
from senti_studio.storage.voting import Verdict, Vote, verdict

Take = Callable[..., int]


@pytest.fixture
def labelled(project: Project, take: Take) -> Project:
    """Ten comments; the first three came with label 1."""
    take(project, [f"第 {i} 条" for i in range(1, 11)], labels=[1, 1, 1])
    return project


def test_a_label_is_there_when_its_future_is_done(labelled: Project) -> None:
    action = labelled.annotations.label([5], 2, annotator="小王", seconds=1.5).result()
    assert (action.verb, action.count, action.comment_ids, action.label_id) == (Verb.LABEL, 1, (5,), 2)
    comment = labelled.comments.get(5)
    assert comment.label_id == 2
    (annotation,) = comment.annotations
    assert (annotation.annotator, annotation.label_id, annotation.imported) == ("小王", 2, False)
    assert annotation.at == action.at
    assert labelled.comments.counts().by_label == {1: 3, 2: 1, 3: 0}


def test_a_person_beats_the_file(labelled: Project) -> None:
    labelled.annotations.label([1], 3, annotator="我").result()
    assert labelled.comments.get(1).label_id == 3
    assert [a.imported for a in labelled.comments.get(1).annotations] == [True, False]
    labelled.annotations.undo("我").result()
    assert labelled.comments.get(1).label_id == 1


def test_clearing_takes_an_imported_label_away_too(labelled: Project) -> None:
    labelled.annotations.label([1, 4], None, annotator="我").result()
    assert labelled.comments.get(1).label_id is None
    assert labelled.comments.counts().labelled == 2
    labelled.annotations.label([1], 2, annotator="我").result()
    labelled.annotations.label([1], None, annotator="我").result()
    assert labelled.comments.get(1).label_id is None
    for _ in range(3):
        labelled.annotations.undo("我").result()
    assert labelled.comments.get(1).label_id == 1


def test_many_comments_are_one_action(labelled: Project) -> None:
    action = labelled.annotations.label(range(1, 11), 3, annotator="我").result()
    assert action.count == 10
    assert labelled.comments.counts().by_label == {1: 0, 2: 0, 3: 10}
    undone = labelled.annotations.undo("我").result()
    assert undone is not None
    assert (undone.verb, undone.of, undone.count, undone.left_out) == (Verb.UNDO, Verb.LABEL, 10, 0)
    assert labelled.comments.counts().by_label == {1: 3, 2: 0, 3: 0}


def test_more_comments_than_fit_into_one_piece(
    project: Project, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "CHUNK", 50)
    take(project, ["好"] * 1_234)
    ids = range(1, 1_235)
    assert project.annotations.label(ids, 1, annotator="我").result().count == 1_234
    assert project.annotations.skip(ids, annotator="我").result().count == 1_234
    assert project.annotations.label(ids, 2, annotator="我").result().count == 1_234
    assert project.comments.counts().skipped == 0
    for _ in range(3):
        assert project.annotations.undo("我").result().count == 1_234  # type: ignore[union-attr]
    assert project.comments.counts().labelled == 0
    for _ in range(3):
        project.annotations.redo("我").result()
    assert project.comments.counts().by_label[2] == 1_234


def test_labelling_a_skipped_comment_ends_the_skip_and_undo_brings_it_back(labelled: Project) -> None:
    labelled.annotations.skip([7], annotator="我").result()
    assert labelled.comments.get(7).skipped
    labelled.annotations.label([7], 1, annotator="我").result()
    assert not labelled.comments.get(7).skipped
    labelled.annotations.undo("我").result()
    assert labelled.comments.get(7).skipped
    assert labelled.comments.get(7).label_id is None


def test_flags_and_notes(labelled: Project) -> None:
    labelled.annotations.flag([4, 5], annotator="我").result()
    labelled.annotations.note(4, "  反讽？ ", annotator="我").result()
    assert labelled.comments.get(4).note == "反讽？"
    assert labelled.comments.counts().flagged == 2
    assert labelled.comments.count(CommentFilter(flagged=True)) == 2
    labelled.annotations.flag([5], False, annotator="我").result()
    labelled.annotations.note(4, "", annotator="我").result()
    assert labelled.comments.get(4).note == ""
    labelled.annotations.undo("我").result()
    assert labelled.comments.get(4).note == "反讽？"
    labelled.annotations.undo("我").result()
    assert labelled.comments.get(5).flagged


def test_undo_and_redo_work_after_a_restart(folder: Path, take: Take) -> None:
    with Project.create(folder) as project:
        take(project, ["很好", "很差", "还行"])
        for comment_id, label_id in ((1, 1), (2, 3), (3, 2)):
            project.annotations.label([comment_id], label_id, annotator="我").result()
        project.annotations.undo("我").result()
    with Project.open(folder) as project:
        assert project.annotations.can_redo("我")
        assert project.annotations.redo("我").result().comment_ids == (3,)  # type: ignore[union-attr]
        assert not project.annotations.can_redo("我")
        undone = [project.annotations.undo("我").result() for _ in range(4)]
        assert [action and action.comment_ids for action in undone] == [(3,), (2,), (1,), None]
        assert not project.annotations.can_undo("我")
        assert project.comments.counts().labelled == 0


def test_a_new_action_ends_what_could_be_redone(labelled: Project) -> None:
    note = labelled.annotations
    note.label([4], 1, annotator="我").result()
    note.label([5], 1, annotator="我").result()
    note.undo("我").result()
    note.label([6], 1, annotator="我").result()
    assert not note.can_redo("我")
    assert note.undo("我").result().comment_ids == (6,)  # type: ignore[union-attr]
    assert note.redo("我").result().comment_ids == (6,)  # type: ignore[union-attr]
    assert [note.undo("我").result().comment_ids for _ in range(2)] == [(6,), (4,)]  # type: ignore[union-attr]
    assert note.undo("我").result() is None


def test_the_same_key_twice_is_undone_once(labelled: Project) -> None:
    labelled.annotations.label([4], 1, annotator="我").result()
    assert labelled.annotations.label([4], 1, annotator="我").result().count == 0
    labelled.annotations.undo("我").result()
    assert labelled.comments.get(4).label_id is None
    assert not labelled.annotations.can_undo("我")


def test_undo_covers_ones_own_actions_only(labelled: Project) -> None:
    labelled.annotations.label([4], 1, annotator="小王").result()
    labelled.annotations.label([5], 1, annotator="小李").result()
    assert labelled.annotations.undo("小王").result().comment_ids == (4,)  # type: ignore[union-attr]
    assert labelled.comments.get(5).label_id == 1
    assert labelled.annotations.undo("小张").result() is None


def test_what_another_window_changed_meanwhile_is_left_alone_and_said(labelled: Project) -> None:
    labelled.annotations.flag([4, 5, 6], annotator="小王").result()
    with Project.open(labelled.folder) as other:
        other.annotations.flag([5], False, annotator="小李").result()
    undone = labelled.annotations.undo("小王").result()
    assert undone is not None
    assert (undone.count, undone.left_out) == (2, 1)
    assert labelled.comments.counts().flagged == 0
    redone = labelled.annotations.redo("小王").result()
    assert redone is not None
    assert (redone.count, redone.left_out) == (2, 0)
    assert not labelled.comments.get(5).flagged
    assert labelled.annotations.undo("小王").result().count == 2  # type: ignore[union-attr]


def test_undo_of_a_label_that_has_left_the_label_set(labelled: Project) -> None:
    labelled.annotations.label([4], 2, annotator="我").result()
    labelled.annotations.label([4], 3, annotator="我").result()
    labelled.labels.replace([label for label in labelled.labels.list() if label.id != 2])
    undone = labelled.annotations.undo("我").result()
    assert undone is not None
    assert (undone.count, undone.left_out) == (0, 1)
    assert labelled.comments.get(4).label_id == 3


def test_disagreement_is_shown_but_not_trained_on(labelled: Project) -> None:
    first = labelled.annotations.label([4], 1, annotator="小王").result()
    while moment(now()) <= first.at:  # of two in one millisecond the name decides which is the newest
        time.sleep(0.001)
    labelled.annotations.label([4], 3, annotator="小李").result()
    assert labelled.comments.get(4).label_id == 3
    assert labelled.comments.disputed_count() == 1
    assert 4 not in {comment.id for comment in labelled.comments.labelled()}
    labelled.annotations.label([4], 1, annotator="小张").result()
    assert labelled.comments.get(4).label_id == 1
    assert labelled.comments.disputed_count() == 0
    assert 4 in {comment.id for comment in labelled.comments.labelled()}


def vote(annotator: str, label_id: int | None, at: int = 0, **flags: bool) -> Vote:
    return Vote(annotator, label_id, at, flags.get("imported", False), flags.get("adjudicated", False))


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ([], Verdict(None, None, False)),
        ([vote("f", 1, 5, imported=True)], Verdict(1, 5, False)),
        ([vote("f", 1, 5, imported=True), vote("a", 2, 6)], Verdict(2, 6, False)),
        ([vote("f", 1, 5, imported=True), vote("a", None, 6)], Verdict(None, None, False)),
        ([vote("a", 2, 6), vote("b", 2, 9)], Verdict(2, 9, False)),
        ([vote("a", 2, 6), vote("b", 3, 9), vote("c", 2, 7)], Verdict(2, 9, False)),
        ([vote("a", 2, 6), vote("b", 3, 9)], Verdict(3, 9, True)),
        ([vote("a", 1, 1), vote("b", 2, 2), vote("c", 3, 3), vote("d", 1, 0)], Verdict(3, 3, True)),
        ([vote("a", 2, 6), vote("b", 3, 9), vote("c", 1, 3, adjudicated=True)], Verdict(1, 3, False)),
    ],
)
def test_the_label_that_counts(votes: list[Vote], expected: Verdict) -> None:
    assert verdict(votes) == expected


def test_history_is_newest_first_and_without_what_was_undone(labelled: Project) -> None:
    labelled.annotations.label([4], 1, annotator="我").result()
    labelled.annotations.skip([5], annotator="我").result()
    labelled.annotations.label([6, 7], 3, annotator="我").result()
    labelled.annotations.undo("我").result()
    items = labelled.annotations.history("我", 10)
    assert [(item.verb, item.comment_id, item.label_id) for item in items] == [
        (Verb.SKIP, 5, None),
        (Verb.LABEL, 4, 1),
    ]
    assert items[1].text == "第 4 条"
    assert labelled.annotations.history("别人") == []


def test_every_change_is_in_the_journal(labelled: Project) -> None:
    labelled.annotations.label([4], 1, annotator="我").result()
    labelled.annotations.label([4], 2, annotator="我").result()
    labelled.annotations.undo("我").result()
    with labelled._database.reading() as connection:
        rows = connection.execute(
            "SELECT a.verb, a.annotator, j.comment_id, j.field, j.old, j.new"
            " FROM journal j JOIN actions a ON a.id = j.action_id ORDER BY a.id"
        ).fetchall()
    assert rows == [
        ("label", "我", 4, "label", None, 1),
        ("label", "我", 4, "label", 1, 2),
        ("undo", "我", 4, "label", 2, 1),
    ]


def test_votes_of_one_millisecond_give_one_verdict_in_any_order() -> None:
    votes = [Vote("我", 1, 7, False, False), Vote("小李", 3, 7, False, False)]
    assert verdict(votes) == verdict(votes[::-1])
    assert verdict(votes).disputed
