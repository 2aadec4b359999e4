"""The label set is changed without losing an annotation; every change can be taken back, also tomorrow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.journal import Verb
from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.storage import verdicts
from senti_studio.storage.integrity import check_project
from senti_studio.storage.project import Project

Take = Callable[..., int]
ME = "我"


def state(project: Project) -> tuple[object, ...]:
    """Everything that a change of the label set may touch."""
    counts = project.comments.counts()
    ids = [each for part in project.comments.ids() for each in part]
    said = [[(a.label_id, a.annotator) for a in project.comments.get(each).annotations] for each in ids]
    shown = [row.label_id for row in project.comments.rows(ids)]
    return project.labels.list(), counts, said, shown, project.comments.disputed_count()


@pytest.fixture(params=["at once", "piece by piece"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Small projects are changed in one transaction, big ones in many: the same must come of both."""
    if request.param == "piece by piece":
        monkeypatch.setattr(verdicts, "SMALL", 0)
    return str(request.param)


@pytest.fixture
def labelled(project: Project, take: Take) -> Project:
    take(project, [f"第 {i} 条" for i in range(12)], labels=[1, 1, 2, 2, 3, 3])
    project.annotations.label([1, 7, 8], 2, annotator=ME).result()
    project.annotations.label([1, 8, 9], 3, annotator="小李").result()
    project.annotations.label([9, 10], 1, annotator=ME).result()
    return project


def names(project: Project) -> list[str]:
    return [label.name for label in project.labels.list()]


@pytest.mark.parametrize(
    ("do", "verb"),
    [
        (lambda p: p.labels.add(Label("4", "无关", "purple", "4"), annotator=ME), Verb.ADD_LABEL),
        (lambda p: p.labels.change(Label("1", "好评", "sky", "g", 1), annotator=ME), Verb.CHANGE_LABEL),
        (lambda p: p.labels.move(3, 0, annotator=ME), Verb.MOVE_LABEL),
        (lambda p: p.labels.remove(2, annotator=ME), Verb.REMOVE_LABEL),
        (lambda p: p.labels.merge(2, 3, annotator=ME), Verb.MERGE_LABEL),
        (lambda p: p.labels.merge(1, 2, annotator=ME), Verb.MERGE_LABEL),
    ],
)
def test_every_change_is_taken_back_and_done_again_after_a_restart(
    labelled: Project, do: Callable[[Project], object], verb: Verb
) -> None:
    before = state(labelled)
    action = do(labelled).result()  # type: ignore[attr-defined]
    assert (action.verb, action.comment_ids) == (verb, ())
    after = state(labelled)
    assert after != before
    labelled.close()
    with Project.open(labelled.folder) as project:
        undone = project.annotations.undo(ME).result()
        assert undone is not None
        assert (undone.of, undone.left_out) == (verb, 0)
        assert state(project) == before
        redone = project.annotations.redo(ME).result()
        assert redone is not None
        assert redone.of is verb
        assert state(project) == after
        project.annotations.undo(ME).result()
        assert state(project) == before
        assert project.annotations.undo(ME).result().of is Verb.LABEL  # type: ignore[union-attr]


def test_a_removed_label_hides_its_annotations_and_brings_them_back(labelled: Project) -> None:
    before = labelled.comments.counts().by_label
    removed = labelled.labels.remove(1, annotator=ME).result()
    assert removed.count == 4
    assert names(labelled) == ["中性", "负面"]
    assert 1 not in labelled.comments.counts().by_label
    assert labelled.comments.get(2).label_id is None
    assert labelled.comments.get(2).annotations == ()
    assert [(label.name, count) for label, count in labelled.labels.removed()] == [("正面", 4)]
    with pytest.raises(UserError, match="LABEL_GONE"):
        labelled.annotations.label([2], 1, annotator=ME).result()
    # Clearing what looks unlabelled does not touch what is hidden; its key and name are free again.
    labelled.annotations.label([2, 10], None, annotator=ME).result()
    new = labelled.labels.add(Label("1", "正面", "pos", "1"), annotator=ME).result()
    labelled.annotations.label([12], new.label_id, annotator=ME).result()
    labelled.labels.restore(1, annotator=ME).result()
    assert names(labelled) == ["中性", "负面", "正面", "正面 (2)"]
    assert labelled.comments.get(10).label_id == 1
    counts = labelled.comments.counts().by_label
    assert counts[1] == before[1]
    assert counts[new.label_id] == 1  # type: ignore[index]


def test_undoing_a_merge_leaves_what_was_decided_since(labelled: Project) -> None:
    assert labelled.labels.merge(1, 2, annotator=ME).result().count == 4
    labelled.annotations.label([9], 3, annotator="小王").result()
    labelled.annotations.label([2], 3, annotator="import").result()
    undone = labelled.annotations.undo(ME).result()
    assert undone is not None
    assert (undone.count, undone.left_out) == (3, 1)
    assert labelled.comments.get(2).label_id == 3
    assert labelled.comments.get(10).label_id == 1


def test_what_others_changed_in_between_stays(labelled: Project) -> None:
    labelled.labels.change(Label("1", "好", "pos", "1", 1), annotator=ME).result()
    with Project.open(labelled.folder) as other:
        other.labels.add(Label("4", "无关", "purple", "4"), annotator="小李").result()
        other.labels.change(Label("1", "好", "sky", "1", 1), annotator="小李").result()
        other.labels.move(2, 0, annotator="小李").result()
    labelled.annotations.undo(ME).result()
    assert names(labelled) == ["中性", "正面", "负面", "无关"]
    assert labelled.labels.list()[1].appearance == "sky"
    undone = labelled.annotations.undo("小李").result()
    assert undone is not None
    assert names(labelled) == ["正面", "中性", "负面", "无关"]


def test_sets_that_cannot_be_are_refused_and_nothing_changes(labelled: Project) -> None:
    before = state(labelled)
    for code, wrong in (
        ("LABELS_TWICE", lambda: labelled.labels.add(Label("9", "正面"), annotator=ME)),
        ("LABELS_TWICE", lambda: labelled.labels.change(Label("2", "好", "pos", "1", 1), annotator=ME)),
        ("LABELS_EMPTY", lambda: labelled.labels.change(Label("1", " ", "pos", "1", 1), annotator=ME)),
        ("LABEL_GONE", lambda: labelled.labels.change(Label("8", "八", id=8), annotator=ME)),
        ("LABEL_GONE", lambda: labelled.labels.remove(8, annotator=ME)),
        ("LABEL_MERGED_INTO_ITSELF", lambda: labelled.labels.merge(1, 1, annotator=ME)),
    ):
        with pytest.raises(UserError, match=code):
            wrong().result()
    assert state(labelled) == before
    for label_id in (1, 2):
        labelled.labels.remove(label_id, annotator=ME).result()
    with pytest.raises(UserError, match="LABELS_EMPTY"):
        labelled.labels.remove(3, annotator=ME).result()


def test_comments_of_removed_files_follow_a_merge(labelled: Project) -> None:
    labelled.sources.remove(1).result()
    labelled.labels.merge(1, 2, annotator=ME).result()
    labelled.sources.restore(1).result()
    assert labelled.comments.get(2).label_id == 2
    labelled.annotations.undo(ME).result()
    assert labelled.comments.get(2).label_id == 1


def test_an_undo_of_one_action_does_not_take_back_another(labelled: Project) -> None:
    action = labelled.labels.move(3, 0, annotator=ME).result()
    labelled.annotations.flag([1], annotator=ME).result()
    assert labelled.annotations.undo(ME, only=action.id).result() is None
    assert names(labelled)[0] == "负面"
    labelled.annotations.undo(ME).result()
    assert labelled.annotations.undo(ME, only=action.id).result() is not None


def test_label_changes_are_no_cards_of_the_history(labelled: Project, folder: Path) -> None:
    labelled.labels.merge(1, 2, annotator=ME).result()
    assert all(item.verb is Verb.LABEL for item in labelled.annotations.history(ME))


def test_an_export_holds_nothing_of_a_removed_label(labelled: Project) -> None:
    labelled.labels.remove(1, annotator=ME).result()
    (page,) = labelled.whole_comments.pages_of([1, 2, 9, 10])
    given = {comment_id: {each.label_id for each in votes} for comment_id, votes in page.given.items()}
    assert given == {1: {2, 3}, 9: {3}}
    assert labelled.whole_comments.extras().several


def test_a_label_that_is_removed_while_a_file_comes_in(project: Project) -> None:
    source_id = project.sources.begin(SourceDraft("慢.csv", "/慢.csv", ("评论",), 0))
    project.sources.append(source_id, [NewComment(n, f"第 {n} 条", (), 1 + n % 2) for n in range(10)])
    project.labels.remove(1, annotator=ME).result()
    project.sources.append(source_id, [NewComment(n, f"第 {n} 条", (), 1 + n % 2) for n in range(10)])
    project.sources.finish(source_id)
    assert project.comments.counts().by_label == {2: 10, 3: 0}
    assert check_project(project).problems == ()
    project.annotations.undo(ME).result()
    assert project.comments.counts().by_label == {1: 10, 2: 10, 3: 0}


def test_a_shortcut_belongs_to_one_label(labelled: Project) -> None:
    with pytest.raises(UserError, match="SHORTCUT_TAKEN"):
        labelled.labels.add(Label("4", "无关", "purple", "2"), annotator=ME).result()
    with pytest.raises(UserError, match="SHORTCUT_TAKEN"):
        labelled.labels.change(Label("1", "正面", "pos", "3", 1), annotator=ME).result()
    labelled.labels.remove(2, annotator=ME).result()
    new = labelled.labels.add(Label("4", "无关", "purple", "2"), annotator=ME).result().label_id
    labelled.labels.restore(2, annotator=ME).result()
    shortcuts = {label.id: label.shortcut for label in labelled.labels.list()}
    assert shortcuts == {1: "1", 3: "3", new: "2", 2: ""}
    for _ in range(2):
        labelled.annotations.undo(ME).result()
    assert {label.id: label.shortcut for label in labelled.labels.list()} == {1: "1", 3: "3"}
    labelled.annotations.undo(ME).result()
    assert {label.id: label.shortcut for label in labelled.labels.list()} == {1: "1", 2: "2", 3: "3"}
