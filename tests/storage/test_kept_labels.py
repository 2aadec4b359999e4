"""Labels that looked wrong and are right: remembered as long as they stand, undone like any decision."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from senti_studio.domain.journal import Verb
from senti_studio.storage.project import Project

Take = Callable[..., int]

ME = "小王"


def test_a_kept_label_counts_until_it_changes(project: Project, take: Take) -> None:
    take(project, ["汤洒了", "还行", "好吃"])
    good, _, bad = (label.id for label in project.labels.list())
    project.annotations.label([1, 2], good, annotator=ME).result(10)
    action = project.kept_labels.keep([1, 2, 3], annotator=ME).result(10)
    assert (action.verb, action.count, action.comment_ids) == (Verb.KEEP, 2, (1, 2))
    assert project.kept_labels.all() == {1: good, 2: good}
    assert project.kept_labels.keep([1], annotator=ME).result(10).count == 0
    project.annotations.label([1], bad, annotator=ME).result(10)
    assert project.kept_labels.all() == {2: good}
    project.kept_labels.keep([1], annotator="小李").result(10)
    assert project.kept_labels.all() == {1: bad, 2: good}


def test_keeping_is_undone_and_done_again_after_a_restart(project: Project, folder: Path, take: Take) -> None:
    take(project, ["汤洒了", "还行"])
    good, _, bad = (label.id for label in project.labels.list())
    project.annotations.label([1, 2], good, annotator=ME).result(10)
    project.kept_labels.keep([1], annotator=ME).result(10)
    project.close()
    with Project.open(folder) as again:
        assert again.annotations.history(ME)[0].verb is Verb.KEEP
        undone = again.annotations.undo(ME).result(10)
        assert undone is not None
        assert (undone.of, undone.comment_ids) == (Verb.KEEP, (1,))
        assert again.kept_labels.all() == {}
        assert again.comments.get(1).label_id == good
        redone = again.annotations.redo(ME).result(10)
        assert redone is not None
        assert again.kept_labels.all() == {1: good}
        again.annotations.label([1], bad, annotator=ME).result(10)
        again.kept_labels.keep([1], annotator=ME).result(10)
        again.annotations.undo(ME).result(10)
        again.annotations.undo(ME).result(10)
        assert again.kept_labels.all() == {1: good}


def test_what_somebody_else_kept_meanwhile_stays(project: Project, take: Take) -> None:
    take(project, ["汤洒了"])
    good, _, bad = (label.id for label in project.labels.list())
    project.annotations.label([1], good, annotator=ME).result(10)
    project.kept_labels.keep([1], annotator=ME).result(10)
    project.annotations.label([1], bad, annotator="小李").result(10)
    project.annotations.label([1], bad, annotator=ME).result(10)
    project.kept_labels.keep([1], annotator="小李").result(10)
    project.annotations.undo(ME).result(10)  # the label
    undone = project.annotations.undo(ME).result(10)  # keeping
    assert undone is not None
    assert (undone.count, undone.left_out) == (0, 1)
