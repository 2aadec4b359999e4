"""Two copies of one project grow apart and come together again: nothing is lost, one undo takes it back."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.journal import Verb
from senti_studio.domain.labels import Label
from senti_studio.domain.merging import Side
from senti_studio.errors import UserError
from senti_studio.operations.merging import compare, merge
from senti_studio.storage.integrity import check_project
from senti_studio.storage.pieces import Watch
from senti_studio.storage.project import Project

PEOPLE = ("张三", "李四", "王五")
COMMENTS = 12


def take_in(project: Project, texts: list[str], digest: str, name: str = "评论.csv") -> None:
    draft = SourceDraft(name, f"/数据/{name}", ("编号", "评论"), 1, sha256=digest)
    source_id = project.sources.begin(draft)
    rows = [NewComment(row, text, (f"{row:04d}", text)) for row, text in enumerate(texts, 1)]
    project.sources.append(source_id, rows)
    project.sources.finish(source_id)


TEXTS = [f"第{n % 9}次来，还可以" for n in range(COMMENTS)]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project without annotations; some texts stand in it twice."""
    folder = tmp_path_factory.mktemp("原件") / "门店 评论.senti"
    with Project.create(folder) as project:
        take_in(project, TEXTS, "a" * 64)
    return folder


@pytest.fixture
def copies(bare: Path, tmp_path: Path) -> tuple[Path, Path]:
    here, there = tmp_path / "我的.senti", tmp_path / "别人的 副本.senti"
    shutil.copytree(bare, here)
    shutil.copytree(bare, there)
    return here, there


def label(folder: Path, annotator: str, given: dict[int, int | None]) -> None:
    with Project.open(folder) as project:
        for comment_id, label_id in given.items():
            project.annotations.label([comment_id], label_id, annotator=annotator).result(10)


Everything = dict[str, Any]


def everything(project: Project) -> Everything:
    """All that is said, of every comment, by its place."""
    found: Everything = {}
    with project._database.reading() as connection:
        for name, query in (
            ("said", "SELECT comment_id, annotator, label_id, at, imported, adjudicated, seconds,"
             " independent_id FROM annotations ORDER BY 1, 2"),
            ("states", "SELECT comment_id, label_id, labelled_at, disputed, skipped, flagged, excluded"
             " FROM comment_state WHERE label_id IS NOT NULL OR skipped OR flagged OR excluded ORDER BY 1"),
            ("again", "SELECT * FROM second_looks ORDER BY 1, 2"),
            ("kept", "SELECT * FROM kept_labels ORDER BY 1"),
            ("notes", "SELECT comment_id, text FROM notes ORDER BY 1"),
            ("labels", "SELECT key, name FROM labels WHERE position >= 0 ORDER BY position"),
        ):  # fmt: skip
            found[name] = connection.execute(query).fetchall()
    return found


def labels_of(project: Project) -> dict[tuple[int, str], int | None]:
    return {(row[0], row[1]): row[2] for row in everything(project)["said"]}


def test_new_labels_come_in_and_one_undo_takes_them_back(copies: tuple[Path, Path]) -> None:
    here, there = copies
    label(here, "张三", {1: 1, 2: 2})
    label(there, "李四", {1: 1, 2: 3, 5: 3})
    with Project.open(there) as project:
        project.annotations.flag([7], annotator="李四").result(10)
        project.annotations.skip([8], annotator="李四").result(10)
        project.annotations.note(9, "反讽？", annotator="李四").result(10)
    with Project.open(here) as project:
        project.annotations.note(9, "待定", annotator="张三").result(10)
        before = everything(project)
        report = compare(project, there)
        assert everything(project) == before
        assert (report.is_copy, report.comments, report.same_place, report.unknown) == (True, 12, 12, 0)
        assert (report.people, report.conflicts) == ((("李四", 3),), ())
        assert (report.notes, report.flagged, report.skipped) == (1, 1, 1)
        done = merge(project, there, annotator="张三").action
        assert (done.verb, done.count) == (Verb.MERGE_PROJECT, 6)
        assert labels_of(project) == {
            (1, "张三"): 1, (2, "张三"): 2, (1, "李四"): 1, (2, "李四"): 3, (5, "李四"): 3
        }  # fmt: skip
        assert project.comments.get(9).note == "待定\n反讽？"
        assert project.comments.get(7).flagged
        assert project.comments.get(8).skipped
        assert project.comments.disputed_count() == 1
        after = everything(project)
        assert compare(project, there).is_empty
        undone = project.annotations.undo("张三").result(10)
        assert undone is not None
        assert (undone.of, undone.count, undone.left_out) == (Verb.MERGE_PROJECT, 6, 0)
        assert everything(project) == before
        assert project.annotations.redo("张三").result(10) is not None
        assert everything(project) == after
        assert not check_project(project).problems


def test_conflicts_are_listed_and_decided_by_the_rule_or_one_by_one(copies: tuple[Path, Path]) -> None:
    here, there = copies
    label(there, "李四", {1: 1, 2: 1, 3: 2})
    label(here, "李四", {1: 3, 2: 1, 3: 3})
    label(there, "李四", {3: 1})
    outcomes = {Side.MINE: (3, 3), Side.THEIRS: (1, 1), Side.NEWEST: (3, 1)}
    with Project.open(here) as project:
        report = compare(project, there)
        assert [(each.comment_id, each.mine, each.theirs) for each in report.conflicts] == [
            (1, 3, 1),
            (3, 3, 1),
        ]
        first, last = report.conflicts
        assert first.text == TEXTS[0]
        assert first.theirs_at < first.mine_at < last.theirs_at
        assert [each.taken(Side.NEWEST) for each in report.conflicts] == [Side.MINE, Side.THEIRS]
        for rule, (one, three) in outcomes.items():
            merge(project, there, annotator="张三", rule=rule)
            said = labels_of(project)
            assert (said[1, "李四"], said[2, "李四"], said[3, "李四"]) == (one, 1, three)
            project.annotations.undo("张三").result(10)
        choices = {(1, "李四"): Side.THEIRS, (3, "李四"): Side.MINE}
        merge(project, there, annotator="张三", choices=choices)
        said = labels_of(project)
        assert (said[1, "李四"], said[3, "李四"]) == (1, 3)


def test_what_was_taken_back_here_does_not_come_again(copies: tuple[Path, Path]) -> None:
    here, there = copies
    label(here, "李四", {1: 2, 2: 2})
    shutil.rmtree(there)
    shutil.copytree(here, there)
    label(here, "李四", {1: None})
    with Project.open(here) as project:
        report = compare(project, there)
        assert (report.new, report.cleared, report.equal) == (0, 1, 1)
        merge(project, there, annotator="张三")
        assert labels_of(project) == {(2, "李四"): 2}


def test_decisions_come_along_with_what_was_said_before(copies: tuple[Path, Path]) -> None:
    here, there = copies
    label(here, "张三", {1: 1})
    shutil.rmtree(there)
    shutil.copytree(here, there)
    label(there, "李四", {1: 3})
    with Project.open(there) as project:
        project.annotations.adjudicate(1, 2, annotator="张三").result(10)
    with Project.open(here) as project:
        report = compare(project, there)
        assert (report.people, report.conflicts) == ((("张三", 1), ("李四", 1)), ())
        merge(project, there, annotator="王五")
        assert project.comments.get(1).label_id == 2
        decided = next(each for each in project.people.sayings(1) if each.adjudicated)
        assert (decided.annotator, decided.independent_id) == ("张三", 1)
        project.annotations.undo("王五").result(10)
        assert labels_of(project) == {(1, "张三"): 1}
    with Project.open(there) as project:
        assert compare(project, here).is_empty


def test_labels_of_the_other_copy_come_along_and_go_with_the_undo(copies: tuple[Path, Path]) -> None:
    here, there = copies
    with Project.open(there) as project:
        first, second, third = project.labels.list()
        project.labels.change(
            Label(second.key, "一般", second.appearance, second.shortcut, second.id), annotator="李四"
        ).result(10)
        made = project.labels.add(Label("4", "无关", "purple", "4"), annotator="李四").result(10).label_id
        assert made is not None
        project.annotations.label([1], made, annotator="李四").result(10)
        project.annotations.label([2], second.id, annotator="李四").result(10)
    with Project.open(here) as project:
        project.labels.add(Label("4", "提问", "brown", "4"), annotator="张三").result(10)
        before = everything(project)
        report = compare(project, there)
        assert [(mine.name, theirs.name) for mine, theirs in report.renamed] == [("中性", "一般")]
        assert [each.name for each in report.added] == ["无关"]
        merge(project, there, annotator="张三")
        added = project.labels.list()[-1]
        assert (added.key, added.name, added.shortcut) == ("5", "无关", "5")
        assert labels_of(project) == {(1, "李四"): added.id, (2, "李四"): second.id}
        after = everything(project)
        project.annotations.undo("张三").result(10)
        assert everything(project) == before
        project.annotations.redo("张三").result(10)
        assert everything(project) == after
        assert not check_project(project).problems
        newest = project.annotations.history("张三", 1)[0].action_id
        project.history.travel("张三", 0).result(10)
        assert labels_of(project) == {}
        assert [each.name for each in project.labels.list()] == ["正面", "中性", "负面"]
        project.history.travel("张三", newest).result(10)
        assert everything(project) == after
    assert (first.name, third.name) == ("正面", "负面")


def test_comments_are_found_by_their_text_and_new_ones_come_in(tmp_path: Path, bare: Path) -> None:
    here, there = tmp_path / "我的.senti", tmp_path / "另外导入.senti"
    shutil.copytree(bare, here)
    with Project.create(there) as project:
        take_in(project, ["全新的评论", *TEXTS[3:6], "又一条"], "b" * 64, "别的文件.csv")
        for comment_id, label_id in ((1, 1), (2, 2), (4, 3)):
            project.annotations.label([comment_id], label_id, annotator="李四").result(10)
    with Project.open(here) as project:
        report = compare(project, there)
        assert (report.is_copy, report.same_place, report.same_text, report.unknown) == (False, 0, 3, 2)
        merged = merge(project, there, annotator="张三")
        assert merged.brought == 2
        assert [source.name for source in project.sources.list()] == ["评论.csv", "别的文件.csv"]
        said = {project.comments.get(key[0]).text: value for key, value in labels_of(project).items()}
        assert said == {"全新的评论": 1, TEXTS[3]: 2, TEXTS[5]: 3}
        project.annotations.undo("张三").result(10)
        assert labels_of(project) == {}
        assert compare(project, there).unknown == 0


def test_a_project_is_not_merged_into_itself(copies: tuple[Path, Path]) -> None:
    with Project.open(copies[0]) as project, pytest.raises(UserError) as error:
        compare(project, copies[0])
    assert error.value.code == "MERGE_ITSELF"


def test_a_merge_that_is_stopped_can_be_gone_on_with(tmp_path: Path) -> None:
    here, there = tmp_path / "我的.senti", tmp_path / "别人的.senti"
    texts = [f"评论{n}，味道不错" for n in range(1600)]
    with Project.create(here) as project:
        take_in(project, texts, "c" * 64)
    shutil.copytree(here, there)
    with Project.open(there) as project:
        project.annotations.label(range(1, 1601), 1, annotator="李四").result(10)
    asked = iter([False] * 20 + [True] * 99)  # 16 while it compares
    with Project.open(here) as project:
        action = merge(project, there, annotator="张三", watch=Watch(stop=lambda: next(asked))).action
        assert action.stopped
        assert 0 < len(labels_of(project)) == action.count < 1600
        merge(project, there, annotator="张三")
        assert len(labels_of(project)) == 1600
        project.annotations.undo("张三").result(10)
        assert len(labels_of(project)) == action.count
        project.annotations.undo("张三").result(10)
        assert labels_of(project) == {}


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ("label", "label", "label", "clear", "flag", "skip", "decide", "note", "again", "keep", "undo")
        ),
        st.integers(1, COMMENTS),
        st.integers(1, 3),
        st.sampled_from(PEOPLE),
    ),
    max_size=12,
)


def act(project: Project, verb: str, comment_id: int, label_id: int, annotator: str) -> None:
    doing: dict[str, Callable[[], Any]] = {
        "label": lambda: project.annotations.label([comment_id], label_id, annotator=annotator, seconds=1.5),
        "clear": lambda: project.annotations.label([comment_id], None, annotator=annotator),
        "flag": lambda: project.annotations.flag([comment_id], label_id > 1, annotator=annotator),
        "skip": lambda: project.annotations.skip([comment_id], annotator=annotator),
        "decide": lambda: project.annotations.adjudicate(comment_id, label_id, annotator=annotator),
        "again": lambda: project.second_looks.answer(comment_id, label_id, annotator=annotator, seconds=1.0),
        "keep": lambda: project.kept_labels.keep([comment_id], annotator=annotator),
        "note": lambda: project.annotations.note(comment_id, f"备注{label_id}", annotator=annotator),
        "undo": lambda: project.annotations.undo(annotator),
    }
    doing[verb]().result(10)


@settings(max_examples=16, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS, ACTS, ACTS, st.sampled_from(tuple(Side)), st.integers(0, 2**31))
def test_random_copies_lose_nothing(
    bare: Path,
    tmp_path_factory: pytest.TempPathFactory,
    common: list[Any],
    mine: list[Any],
    theirs: list[Any],
    rule: Side,
    seed: int,
) -> None:
    place = tmp_path_factory.mktemp("副本")
    here, there = place / "我的.senti", place / "别人的.senti"
    shutil.copytree(bare, here)
    with Project.open(here) as project:
        for each in common:
            act(project, *each)
    shutil.copytree(here, there)
    with Project.open(here) as project, Project.open(there) as other:
        turns = [(project, each) for each in mine] + [(other, each) for each in theirs]
        random.Random(seed).shuffle(turns)
        for which, each in turns:
            act(which, *each)
        own, others = labels_of(project), labels_of(other)
        looks = {row[:2] for row in everything(project)["again"] + everything(other)["again"]}
        kept_labels = {row[0] for row in everything(project)["kept"] + everything(other)["kept"]}
        notes = [row[1] for row in everything(project)["notes"] + everything(other)["notes"]]
        report = compare(project, there)
        before = everything(project)
        conflicts = {(each.comment_id, each.annotator): each for each in report.conflicts}
        merge(project, there, annotator="合并者", rule=rule)
        merged = labels_of(project)
        assert set(own) <= set(merged) <= set(own) | set(others)
        assert len(set(own) | set(others)) - len(merged) == report.cleared
        for key, value in merged.items():
            wanted = conflicts[key].taken(rule) if key in conflicts else None
            if wanted is not None:
                assert value == (own[key] if wanted is Side.MINE else others[key])
            else:
                assert value in (own.get(key, -1), others.get(key, -1))
        kept = "\n".join(row[1] for row in everything(project)["notes"])
        assert all(note in kept for note in notes)
        assert {row[:2] for row in everything(project)["again"]} == looks
        assert {row[0] for row in everything(project)["kept"]} == kept_labels
        assert not check_project(project).problems
        after = everything(project)
        project.annotations.undo("合并者").result(10)
        assert everything(project) == before
        project.annotations.redo("合并者").result(10)
        assert everything(project) == after
