"""Comments are handed out: everybody gets a fair share, copies hold nobody else's labels, all comes back."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from senti_studio.domain.comments import CommentFilter, NewComment, SourceDraft
from senti_studio.errors import BugError, UserError
from senti_studio.messages import message
from senti_studio.operations.merging import compare, merge
from senti_studio.operations.sharing import ShareRequest, hand_out, plan
from senti_studio.operations.test_set import set_aside
from senti_studio.storage.integrity import check_project
from senti_studio.storage.pieces import Watch
from senti_studio.storage.project import Project

ZHANG, LI, WANG = "张三", "李四", "王五/B组"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """100 comments in two files, some of them equal; 10 have a label."""
    with Project.create(tmp_path / "总项目" / "门店 评论.senti") as made:
        for name, digest in (("七月.csv", "7" * 64), ("八月.csv", "8" * 64)):
            source_id = made.sources.begin(
                SourceDraft(name, f"/数据/{name}", ("编号", "评论"), 1, sha256=digest)
            )
            texts = [f"{name} 第{n // 2 if n < 10 else n}次来" for n in range(50)]
            rows = [NewComment(n, text, (f"{n:04d}", text)) for n, text in enumerate(texts, 1)]
            made.sources.append(source_id, rows)
            made.sources.finish(source_id)
        made.annotations.label(range(41, 51), 1, annotator=LI).result(10)
        yield made


def test_everybody_gets_as_many_and_some_all_get(project: Project) -> None:
    made = plan(project, ShareRequest((ZHANG, LI, WANG), 0.2))
    sizes = [len(share.ids) for share in made.shares]
    assert max(sizes) - min(sizes) <= 2
    times = Counter(each for share in made.shares for each in share.ids)
    assert len(times) == 90
    assert made.common == sum(count == 3 for count in times.values())
    assert 16 <= made.common <= 20
    assert made.left == 0
    for group in project.people.same_texts(list(times)):
        assert len({tuple(each in share.ids for share in made.shares) for each in group}) == 1
    assert plan(project, ShareRequest((ZHANG, LI, WANG), 0.2)) == made
    assert plan(project, ShareRequest((ZHANG, LI, WANG), 0.2, seed=2)) != made


def test_a_number_for_each_and_what_is_out_is_out(project: Project) -> None:
    first = plan(project, ShareRequest((ZHANG, LI), 0.5, each=20))
    assert [len(share.ids) for share in first.shares] == pytest.approx([20, 20], abs=2)
    hand_out(project, first)
    second = plan(project, ShareRequest((ZHANG, LI), 0.0))
    given = {each for share in first.shares for each in share.ids}
    assert not given & {each for share in second.shares for each in share.ids}
    assert len(given) + sum(len(share.ids) for share in second.shares) == 90
    assert sum(len(share.ids) for share in plan(project, ShareRequest((ZHANG,), 0, again=True)).shares) == 90
    hand_out(project, second)
    with pytest.raises(UserError) as error:
        plan(project, ShareRequest((ZHANG,)))
    assert error.value.code == "SHARE_NO_COMMENTS"
    assert len(plan(project, ShareRequest((ZHANG,), labelled=True)).shares[0].ids) == 10


@pytest.mark.parametrize(
    ("people", "code"),
    [((), "SHARE_NO_PEOPLE"), (("", " "), "SHARE_NO_PEOPLE"), ((ZHANG, f" {ZHANG} "), "SHARE_SAME_NAME")],
)
def test_people_need_names(project: Project, people: tuple[str, ...], code: str) -> None:
    with pytest.raises(UserError) as error:
        plan(project, ShareRequest(people))
    assert error.value.code == code


def test_copies_go_out_and_come_back(project: Project, tmp_path: Path) -> None:
    place = tmp_path / "分发"
    place.mkdir()
    project.settings.set("guidelines", {"text": "先看结尾"}).result(10)
    made = plan(project, ShareRequest((LI, WANG), 0.3, labelled=True, folder=place))
    hand_out(project, made)
    assert sorted(each.name for each in place.iterdir()) == [
        "门店 评论-李四.senti",
        "门店 评论-王五_B组.senti",
    ]
    shares = project.people.shares()
    assert [(share.person, share.comments) for share in shares] == [
        (share.person, len(share.ids)) for share in made.shares
    ]
    for share in made.shares:
        assert share.target is not None
        with Project.open(share.target) as copy:
            assert (copy.person, copy.share_of) == (share.person, project.id)
            assert copy.settings.get("guidelines") == {"text": "先看结尾"}
            assert copy.comments.counts().total == len(share.ids)
            assert {person.name for person in copy.people.names()} <= {share.person}
            own = [each for part in copy.comments.ids() for each in part]
            assert [copy.comments.get(each).columns for each in own] == [
                project.comments.get(each).columns for each in share.ids
            ]
            copy.annotations.label(own, 3, annotator=share.person).result(10)
            assert not check_project(copy).problems
    before = project.people.names()
    for share in made.shares:
        assert share.target is not None
        report = compare(project, share.target)
        assert (report.is_copy, report.unknown, report.same_place) == (True, 0, len(share.ids))
        merge(project, share.target, annotator=ZHANG)
    assert all(share.labelled == share.comments for share in project.people.shares())
    counts = {person.name: person.labels for person in project.people.names()}
    assert counts[WANG] == len(made.shares[1].ids)
    for _ in made.shares:
        project.annotations.undo(ZHANG).result(10)
    assert project.people.names() == before


def test_a_copy_that_is_there_is_not_replaced_and_a_stop_leaves_nothing(
    project: Project, tmp_path: Path
) -> None:
    place = tmp_path / "分发"
    place.mkdir()
    request = ShareRequest((ZHANG, LI), folder=place)
    asked = iter([False] * 3 + [True] * 9)
    with pytest.raises(UserError) as error:
        hand_out(project, plan(project, request), watch=Watch(stop=lambda: next(asked)))
    assert error.value.code == "CANCELLED"
    assert list(place.iterdir()) == []
    assert project.people.shares() == []
    hand_out(project, plan(project, request))
    with pytest.raises(UserError) as error:
        plan(project, ShareRequest((LI, "赵六"), folder=place, again=True))
    assert error.value.code == "SHARE_COPY_EXISTS"


@pytest.mark.parametrize(
    ("people", "code", "words"),
    [
        (("a/b", "a?b"), "SHARE_SAME_FOLDER", ("a/b", "a?b")),
        (("..", "..."), "SHARE_SAME_FOLDER", ("“..”", "“...”")),
        (("Ann", "ann"), "SHARE_SAME_FOLDER", ("Ann", "ann")),
        ((ZHANG, "名" * 200), "SHARE_NAME_TOO_LONG", ("名" * 200,)),
    ],
)
def test_names_that_make_no_folder_are_named(
    project: Project, tmp_path: Path, people: tuple[str, ...], code: str, words: tuple[str, ...]
) -> None:
    with pytest.raises(UserError) as error:
        plan(project, ShareRequest(people, folder=tmp_path))
    assert error.value.code == code
    what = message(code, error.value.params, "zh").what
    assert all(word in what for word in words)


def test_what_cannot_be_noted_leaves_no_copies(project: Project, tmp_path: Path) -> None:
    place = tmp_path / "分发"
    place.mkdir()
    made = plan(project, ShareRequest((ZHANG, LI), folder=place))
    with closing(sqlite3.connect(project.folder / "project.db")) as other:
        other.execute(
            f"CREATE TRIGGER full BEFORE INSERT ON shares WHEN NEW.person = '{LI}'"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        with pytest.raises(BugError, match="no"):
            hand_out(project, made)
        assert list(place.iterdir()) == []
        assert project.people.shares() == []
        other.execute("DROP TRIGGER full")
    hand_out(project, made)
    assert len(project.people.shares()) == 2


def test_the_test_set_is_not_handed_out(project: Project) -> None:
    set_aside(project, count=20, seed=3)
    aside = project.test_sets.current()
    made = plan(project, ShareRequest((ZHANG, LI), 0.2, labelled=True))
    given = {each for share in made.shares for each in share.ids}
    assert len(aside) >= 15
    assert not given & aside
    assert len(given | aside) == 100
    assert made.left == 0


def test_what_is_set_aside_after_the_deal_is_set_aside_in_the_copies(
    project: Project, tmp_path: Path
) -> None:
    place = tmp_path / "分发"
    place.mkdir()
    made = plan(project, ShareRequest((ZHANG, LI), 0.2, folder=place))
    set_aside(project, count=20, seed=3)
    aside = project.test_sets.current()
    hand_out(project, made)
    for share in made.shares:
        assert share.target is not None
        with Project.open(share.target) as copy:
            there = {copy.comments.get(each).columns for each in copy.test_sets.current()}
            assert there == {project.comments.get(each).columns for each in aside & set(share.ids)}
            assert there
            shown = [each for part in copy.comments.ids(CommentFilter(test_set=False)) for each in part]
            assert len(shown) == len(share.ids) - len(there)
            own = [each for part in copy.comments.ids() for each in part]
            copy.annotations.label(own, 3, annotator=share.person).result(10)
        merge(project, share.target, annotator=ZHANG)
    assert project.test_sets.current() == aside
    assert project.test_sets.counts().labelled == len(
        aside & ({each for share in made.shares for each in share.ids} | set(range(41, 51)))
    )
