"""Setting comments aside: drawn in whole groups, seen by no training and no queue but its own, undone."""

from __future__ import annotations

from collections import Counter

import pytest
from desks import Desk, rows_of

from senti_studio.domain.comments import CommentFilter
from senti_studio.domain.near_groups import NearSummary
from senti_studio.domain.saved_views import filter_from_json, filter_to_json
from senti_studio.errors import UserError
from senti_studio.operations import test_set, training
from senti_studio.operations.training import TrainingRequest
from senti_studio.storage.project import Project


def ids_of(project: Project, wanted: CommentFilter) -> set[int]:
    return {each for part in project.comments.ids(wanted) for each in part}


def test_a_tenth_is_drawn_at_random_in_whole_groups(desk: Desk) -> None:
    # 300 different texts, 40 of them twice, one text 60 times, and a chain of near-copies
    rows = [(f"第 {number} 条，味道不错", 1 + number % 3 if number % 2 else None) for number in range(300)]
    rows += [(f" 第 {number} 条，味道不错", None) for number in range(40)] + [("好评！", None)] * 60
    desk.take(rows)
    project = desk.project
    project.near_groups.write([(101, 7), (102, 7), (103, 7)], 1, 400)
    project.near_groups.conclude(NearSummary(1, 3, 400, 0.1))
    project.annotations.exclude(list(range(200, 220)), annotator="甲").result()
    seen: Counter[int] = Counter()
    for seed in range(25):
        assert test_set.set_aside(project, seed=seed) in range(38, 41)
        drawn = project.test_sets.visible()
        texts = {project.comments.get(each).text.strip() for each in drawn}
        assert "好评！" not in texts, "a group that would be most of the test set stays outside"
        assert len(drawn & {101, 102, 103}) in (0, 3)
        for each in drawn:
            if each <= 40:
                assert each + 300 in drawn, "copies come together"
        assert not drawn & set(range(200, 220)), "excluded comments have no chance"
        seen.update(drawn)
    assert len(seen) > 230, "every comment has a chance, labelled or not"
    assert project.test_sets.version == 25
    wanted = CommentFilter(test_set=True)
    assert ids_of(project, wanted) == drawn
    assert ids_of(project, CommentFilter(test_set=False)) == set(range(1, 401)) - drawn
    assert ids_of(project, CommentFilter(test_set=False, unlabelled=True, skipped=False)).isdisjoint(drawn)
    assert filter_from_json(filter_to_json(wanted)) == wanted
    # Taken away it is there for nobody, and it can be put back as it was.
    assert test_set.remove(project) == drawn
    assert not test_set.facts(project).is_there
    assert ids_of(project, wanted) == set()
    test_set.put_back(project, drawn)
    assert ids_of(project, wanted) == drawn


def test_labels_given_in_one_stroke_are_told_of(desk: Desk) -> None:
    desk.take([(f"第 {n} 条，还行", None) for n in range(200)])
    project = desk.project
    project.annotations.label(list(range(1, 151)), 1, annotator="甲").result()
    test_set.set_aside(project, seed=3)
    drawn = sorted(project.test_sets.visible())
    stroke = [each for each in drawn if each <= 150]
    assert test_set.facts(project).at_once == len(stroke) > 5
    for each in stroke[:2]:  # looked at one by one
        project.annotations.label([each], 2, annotator="甲", seconds=1.5).result()
    rest = [each for each in drawn if each > 150]
    project.annotations.label(rest[:2], 1, annotator="甲").result()  # a pair: both were looked at
    assert test_set.facts(project).at_once == len(stroke) - 2
    project.annotations.undo("甲").result()
    assert test_set.facts(project).at_once == len(stroke) - 2


def test_what_one_person_has_labelled_of_it(desk: Desk) -> None:
    desk.take_many(200)
    project = desk.project
    test_set.set_aside(project, seed=3)
    drawn = sorted(project.test_sets.visible())
    for each in drawn:
        project.annotations.label([each], None, annotator="甲").result()
    project.annotations.label(drawn[:5], 1, annotator="甲").result()
    project.annotations.label(drawn[4:7], 2, annotator="乙").result()
    project.annotations.flag(drawn[:1], annotator="乙").result()
    counts = project.test_sets.counts_of("乙")
    assert (counts.total, counts.labelled, counts.skipped, counts.flagged) == (len(drawn), 3, 0, 1)
    share = project.people.add_share("乙", [*drawn[5:8], 1, 2])
    counts = project.test_sets.counts_of("乙", frozenset({share}))
    assert counts.total == len({*drawn[5:8]} | ({1, 2} & set(drawn)))
    assert counts.labelled == 2


def test_later_files_get_their_share_when_asked_for(desk: Desk) -> None:
    desk.take_many(200)
    project = desk.project
    test_set.set_aside(project, seed=3)
    before = project.test_sets.visible()
    assert len(before) == 20
    assert test_set.facts(project).later == 0
    copied = project.comments.get(min(before)).text
    source = desk.take([(copied, None), *((f"新的第 {n} 条", None) for n in range(99))], name="八月.csv")
    assert test_set.facts(project).later == 100
    assert test_set.extend(project, seed=1) in range(10, 13)
    after = project.test_sets.visible()
    assert before < after
    assert 201 in after, "a copy of a comment that is set aside"
    assert all(each > 200 for each in after - before)
    assert test_set.facts(project).later == 0, "once"
    project.sources.remove(source).result()
    assert project.test_sets.visible() == before
    assert test_set.facts(project).counts.total == 20


def test_small_projects_have_none(desk: Desk) -> None:
    desk.take_many(60)
    assert test_set.facts(desk.project).proposed == 0
    with pytest.raises(UserError) as error:
        test_set.set_aside(desk.project)
    assert error.value.code == "TEST_SET_TOO_SMALL"
    with pytest.raises(UserError, match="CANCELLED"):
        test_set.set_aside(desk.project, count=10, stop=lambda: True)
    assert desk.project.test_sets.version == 0


def test_training_waits_for_labels_of_the_test_set_and_draws_no_other(desk: Desk) -> None:
    project = desk.project
    desk.take([(f"第 {number} 条", 1 + number % 3 if number % 2 else None) for number in range(400)])
    test_set.set_aside(project, seed=5)
    aside = project.test_sets.visible()
    assert len(aside) == 40
    labelled = {each.id for each in project.comments.labelled()} & aside
    for each in labelled:
        project.annotations.label([each], None, annotator="甲").result()
    few = sorted(aside)[:19]
    project.annotations.label(few, 1, annotator="甲").result()
    plan = training.plan(project, TrainingRequest())
    assert [code for code, _ in plan.warnings] == ["TEST_SET_UNLABELLED"]
    assert dict(plan.warnings[0][1]) == {"count": 40, "labelled": 19, "least": 20}
    assert plan.left_out == {"set_aside": 19}
    assert not plan.draws_test_set
    run = training.create_run(project, TrainingRequest())
    used = {int(str(row["id"])) for part in ("train", "valid", "test") for row in rows_of(run, part)}
    assert used.isdisjoint(aside), "nothing that is set aside is learnt from"
    assert len(rows_of(run, "test")) > 20
    assert project.test_sets.version == 1, "no other set was drawn"
    # The twentieth label makes it the test.
    project.annotations.label(sorted(aside)[:20], 1, annotator="甲").result()
    plan = training.plan(project, TrainingRequest())
    assert (plan.rows["test"], plan.left_out) == (20, {})
    assert plan.warnings == (("CLASS_NOT_IN_TEST", {"labels": ["中性", "负面"]}),), "all of it has one label"
    run = training.create_run(project, TrainingRequest())
    assert {int(str(row["id"])) for row in rows_of(run, "test")} == set(sorted(aside)[:20])
