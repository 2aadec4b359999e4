"""Several people: decisions for all, what each said before, shares, filters by person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from senti_studio.domain.comments import CommentFilter
from senti_studio.domain.journal import Verb
from senti_studio.domain.people import Person
from senti_studio.errors import UserError
from senti_studio.storage.integrity import check_project
from senti_studio.storage.project import Project

TEXTS = ["皮薄馅大", "一般般吧", "等了两个小时", "还行", "再也不来了"]
ZHANG, LI, WANG = "张三", "李四", "王五"


@pytest.fixture
def several(project: Project, take: Callable[..., int]) -> Project:
    """Comments 1 and 2 are disputed, 3 has a majority, 4 one label, 5 only that of its file."""
    take(project, TEXTS, labels=[None, None, None, None, 3])
    for annotator, given in ((ZHANG, {1: 1, 2: 2, 3: 3, 4: 1}), (LI, {1: 2, 2: 3, 3: 3}), (WANG, {3: 1})):
        for comment_id, label_id in given.items():
            project.annotations.label([comment_id], label_id, annotator=annotator).result(10)
    return project


def is_sound(project: Project) -> bool:
    return not check_project(project).problems


def ids(project: Project, **fields: object) -> list[int]:
    return [each for part in project.comments.ids(CommentFilter(**fields)) for each in part]  # type: ignore[arg-type]


def test_training_gets_the_decision_else_all_else_most_else_nothing(several: Project) -> None:
    assert {each.id: each.label_key for each in several.comments.labelled()} == {3: "3", 4: "1", 5: "3"}
    assert several.comments.disputed_count() == 2
    action = several.annotations.adjudicate(1, 2, annotator=WANG).result(10)
    assert (action.verb, action.count, action.label_id) == (Verb.ADJUDICATE, 1, 2)
    assert {each.id: each.label_key for each in several.comments.labelled()}[1] == "2"
    assert several.comments.disputed_count() == 1
    assert ids(several, disputed=True) == [2]
    assert is_sound(several)


def test_a_decision_can_be_taken_back_and_made_again(several: Project) -> None:
    before = several.people.sayings(1)
    several.annotations.adjudicate(1, 3, annotator=ZHANG).result(10)
    decided = several.people.sayings(1)
    assert [(each.annotator, each.label_id, each.adjudicated, each.independent_id) for each in decided] == [
        (LI, 2, False, None),
        (ZHANG, 3, True, 1),
    ]
    undone = several.annotations.undo(ZHANG).result(10)
    assert undone is not None
    assert (undone.of, undone.left_out) == (Verb.ADJUDICATE, 0)
    assert several.people.sayings(1) == before
    assert several.comments.disputed_count() == 2
    assert several.annotations.redo(ZHANG).result(10) is not None
    assert several.people.sayings(1) == decided
    assert is_sound(several)


def test_whoever_decided_keeps_deciding_and_gets_the_own_label_back(several: Project) -> None:
    several.annotations.adjudicate(1, 3, annotator=ZHANG).result(10)
    several.annotations.label([1], 2, annotator=ZHANG).result(10)
    assert several.comments.get(1).label_id == 2
    assert several.comments.disputed_count() == 1
    several.annotations.label([1], None, annotator=ZHANG).result(10)
    assert {(each.annotator, each.label_id, each.adjudicated) for each in several.people.sayings(1)} == {
        (ZHANG, 1, False),
        (LI, 2, False),
    }
    assert several.comments.disputed_count() == 2
    several.annotations.undo(ZHANG).result(10)
    assert several.comments.get(1).label_id == 2
    assert several.comments.disputed_count() == 1
    assert is_sound(several)


def test_a_decision_of_a_removed_label_is_refused(several: Project) -> None:
    several.labels.remove(2, annotator=ZHANG).result(10)
    with pytest.raises(UserError) as error:
        several.annotations.adjudicate(1, 2, annotator=ZHANG).result(10)
    assert error.value.code == "LABEL_GONE"


def test_judgements_are_what_each_said_alone(several: Project) -> None:
    several.annotations.adjudicate(1, 3, annotator=ZHANG).result(10)
    several.annotations.adjudicate(2, 3, annotator=WANG).result(10)
    found = [each for block in several.people.judgements() for each in block]
    assert sorted(found) == sorted(
        [(1, ZHANG, 1), (1, LI, 2), (2, ZHANG, 2), (2, LI, 3), (3, ZHANG, 3), (3, LI, 3), (3, WANG, 1)]
    )
    assert set(several.people.names()) == {Person(ZHANG, 4), Person(LI, 3), Person(WANG, 2)}
    assert several.people.labelled_by(LI) == 3


def test_a_person_finds_what_is_still_to_be_labelled(several: Project) -> None:
    assert ids(several, not_by=ZHANG) == [5]
    assert ids(several, not_by=WANG) == [1, 2, 4, 5]
    assert ids(several, not_by="赵六", label_ids=frozenset({3})) == [2, 3, 5]


def test_comments_are_handed_out_and_taken_back(several: Project, folder: Path) -> None:
    first = several.people.add_share(LI, [1, 3, 4, 99], folder="门店-李四.senti")
    second = several.people.add_share(WANG, [4, 5])
    assert [(each.person, each.comments, each.labelled, each.folder) for each in several.people.shares()] == [
        (LI, 3, 2, "门店-李四.senti"),
        (WANG, 2, 0, ""),
    ]
    assert several.people.handed_out().tolist() == [1, 3, 4, 5]
    assert ids(several, share_ids=frozenset({first}), not_by=LI) == [4]
    assert ids(several, share_ids=frozenset({first, second})) == [1, 3, 4, 5]
    several.people.take_back(first)
    assert [each.person for each in several.people.shares()] == [WANG]
    assert several.people.handed_out().tolist() == [4, 5]
    assert several.comments.get(1).annotations
    with pytest.raises(UserError) as error:
        several.people.take_back(first)
    assert error.value.code == "SHARE_NOT_FOUND"
    several.close()
    with Project.open(folder) as again:
        assert [each.id for each in again.people.shares()] == [second]
