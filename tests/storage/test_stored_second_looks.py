"""Comments that are asked again: both answers are kept, undo takes them back, the right ones are asked."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from senti_studio.errors import UserError
from senti_studio.storage.project import Project

Take = Callable[..., int]

ME = "小王"


def label_all(project: Project, ids: list[int], label_id: int, annotator: str = ME) -> None:
    for comment_id in ids:
        project.annotations.label([comment_id], label_id, annotator=annotator).result(10)


def ids_of(project: Project) -> list[int]:
    return [each for part in project.comments.ids() for each in part]


def shown(project: Project, comment_id: int) -> int | None:
    return project.comments.get(comment_id).label_id


def test_a_second_answer_is_the_label_and_both_are_kept(project: Project, take: Take) -> None:
    take(project, ["汤洒了", "还行", "好吃"])
    good, fair, _ = (label.id for label in project.labels.list())
    label_all(project, [1, 2], good)
    action = project.second_looks.answer(1, fair, annotator=ME, seconds=2.0).result(10)
    assert (action.count, action.label_id) == (1, fair)
    project.second_looks.answer(2, good, annotator=ME).result(10)
    assert (shown(project, 1), shown(project, 2)) == (fair, good)
    pairs = project.second_looks.pairs(ME)
    assert [(each.comment_id, each.first_id, each.second_id) for each in pairs] == [
        (1, good, fair),
        (2, good, good),
    ]
    assert all(each.first_at <= each.at for each in pairs)
    assert project.second_looks.pairs("小李") == []
    assert project.second_looks.pairs() == pairs


def test_undo_and_redo_take_a_second_answer_like_any_other(
    project: Project, folder: Path, take: Take
) -> None:
    take(project, ["汤洒了", "还行"])
    good, fair, bad = (label.id for label in project.labels.list())
    label_all(project, [1, 2], good)
    project.second_looks.answer(1, bad, annotator=ME).result(10)
    project.second_looks.answer(2, good, annotator=ME).result(10)  # nothing but the pair changes
    before = project.second_looks.pairs()
    project.close()
    with Project.open(folder) as again:
        undone = again.annotations.undo(ME).result(10)
        assert undone is not None
        assert (undone.count, undone.comment_ids) == (1, (2,))
        assert [each.comment_id for each in again.second_looks.pairs()] == [1]
        again.annotations.undo(ME).result(10)
        assert again.second_looks.pairs() == []
        assert shown(again, 1) == good
        for _ in range(2):
            again.annotations.redo(ME).result(10)
        assert again.second_looks.pairs() == before
        assert shown(again, 1) == bad
        again.annotations.undo(ME).result(10)
        again.annotations.undo(ME).result(10)
        again.annotations.undo(ME).result(10)
        assert shown(again, 2) is None
        again.annotations.label([1], fair, annotator=ME).result(10)
        assert not again.annotations.can_redo(ME)


def test_what_was_cleared_meanwhile_is_labelled_as_any_other(project: Project, take: Take) -> None:
    take(project, ["汤洒了"])
    good, fair, _ = (label.id for label in project.labels.list())
    label_all(project, [1], good)
    project.annotations.label([1], None, annotator=ME).result(10)
    project.second_looks.answer(1, fair, annotator=ME).result(10)
    assert shown(project, 1) == fair
    assert project.second_looks.pairs() == []
    with pytest.raises(UserError) as refused:
        project.second_looks.answer(1, 99, annotator=ME).result(10)
    assert refused.value.code == "LABEL_GONE"


def test_pairs_of_removed_labels_and_sources_are_left_out(project: Project, take: Take) -> None:
    first = take(project, ["汤洒了", "还行"], name="一.csv")
    second = take(project, ["好吃"], name="二.csv")
    good, fair, bad = (label.id for label in project.labels.list())
    label_all(project, [1, 2, 3], good)
    for comment_id, label_id in ((1, fair), (2, bad), (3, good)):
        project.second_looks.answer(comment_id, label_id, annotator=ME).result(10)
    project.labels.remove(bad, annotator=ME).result(10)
    assert [each.comment_id for each in project.second_looks.pairs()] == [1, 3]
    project.sources.remove(second).result(10)
    assert [each.comment_id for each in project.second_looks.pairs()] == [1]
    project.sources.remove(first).result(10)
    project.sources.purge(first)
    assert project.second_looks.pairs() == []
    with project._database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM second_looks").fetchone() == (1,)


def test_who_is_asked_again_and_who_not(project: Project, take: Take) -> None:
    take(project, [f"评论{n}" for n in range(60)])
    good, fair, _ = (label.id for label in project.labels.list())
    ids = ids_of(project)
    imported = take(project, ["文件里的标签"], name="三.csv", labels=[good])
    assert imported
    label_all(project, ids[:12], good)
    project.annotations.label(ids[50:], fair, annotator=ME).result(10)  # in one stroke: nobody read them
    label_all(project, ids[40:44], good, annotator="小李")
    project.annotations.exclude([ids[0]], annotator=ME).result(10)
    project.test_sets.draw([ids[1]])
    project.second_looks.answer(ids[2], fair, annotator=ME).result(10)
    project.annotations.label([ids[3]], None, annotator=ME).result(10)
    label_all(project, [ids[4]], fair)  # changed one's mind: asked later, from the new label on
    chance = random.Random(7)
    allowed = {
        found
        for _ in range(200)
        if (found := project.second_looks.candidate(ME, chance, without={ids[5]}, between=4)) is not None
    }
    # After ids[10] come four labels: ids[11], the stroke, the second answer and the new label of ids[4].
    assert allowed == set(ids[6:11])
    assert project.second_looks.candidate(ME, chance, between=30) is None
    assert project.second_looks.candidate("小李", chance, between=0) in ids[40:44]
