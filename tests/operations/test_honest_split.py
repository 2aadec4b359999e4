"""Who stays on one side of the split, and how many rows would not have, had nobody cared."""

from __future__ import annotations

import random

import pytest
from desks import Desk, rows_of

from senti_studio.domain.comments import NewComment, Part, SourceDraft
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.splits import expected_leaks
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations import training
from senti_studio.operations.training import TrainingRequest
from senti_studio.worker.indexing import index_near_duplicates


def take(
    desk: Desk, rows: list[tuple[str, str, int]], *, columns: tuple[str, ...] = ("用户", "评论")
) -> None:
    """(user, text, label id) of each comment."""
    source = desk.project.sources.begin(SourceDraft("带用户.csv", "/数据/带用户.csv", columns, 1))
    desk.project.sources.append(
        source,
        [NewComment(row, text, (user, text), label) for row, (user, text, label) in enumerate(rows, 1)],
    )
    desk.project.sources.finish(source)


def users_of(desk: Desk, folder: RunFolder, part: str) -> set[str]:
    ids = [int(str(row["id"])) for row in rows_of(folder, part)]
    return set(desk.project.original_cells.of(ids, "用户").values())


def forty_users(empty: int = 0) -> list[tuple[str, str, int]]:
    rows = [(f" 用户{n % 40} ", f"第 {n} 次来，{'不' * (n % 2)}错", 1 + n % 40 % 2) for n in range(240)]
    return [("" if n < empty else user, text, label) for n, (user, text, label) in enumerate(rows)]


def test_one_user_stays_on_one_side(desk: Desk) -> None:
    take(desk, forty_users())
    without = training.plan(desk.project, TrainingRequest())
    assert without.avoided == 0, "all texts differ"
    folder = training.create_run(desk.project, TrainingRequest(group_column="用户"))
    parts = {part.value: users_of(desk, folder, part.value) for part in Part}
    assert all(parts.values())
    assert sum(map(len, parts.values())) == 40
    spec = folder.spec()
    assert isinstance(spec, TrainingSpec)
    assert spec.data.group_column == "用户"
    # Nearly every held-out comment would have had one of the five others of its user in training.
    held_out = spec.data.rows["valid"] + spec.data.rows["test"]
    assert 0.95 * held_out < spec.data.avoided <= held_out


def test_an_empty_cell_holds_nothing_together(desk: Desk) -> None:
    take(desk, forty_users(empty=120))
    plan = training.plan(desk.project, TrainingRequest(group_column="用户"))
    assert plan.problem is None
    assert not [code for code, _ in plan.warnings if code == "ONE_GROUP"]
    assert plan.rows["test"] > 20


def test_a_text_that_everybody_writes_does_not_make_one_group_of_all(desk: Desk) -> None:
    take(desk, forty_users() + [(f"用户{n}", "好评", 1) for n in range(20)])
    folder = training.create_run(desk.project, TrainingRequest(group_column="用户"))
    praised = [part for part in Part for row in rows_of(folder, part) if row["text"] == "好评"]
    assert len(praised) == 20
    assert len(set(praised)) == 1, "it stays on one side itself"
    own = [
        {
            desk.project.original_cells.of([int(str(row["id"]))], "用户")[int(str(row["id"]))]
            for row in rows_of(folder, part)
            if row["text"] != "好评"
        }
        for part in Part
    ]
    assert all(own)
    assert sum(map(len, own)) == 40


def test_a_value_that_half_of_all_have_is_told(desk: Desk) -> None:
    take(
        desk,
        [("匿名" if n < 150 else user, text, label) for n, (user, text, label) in enumerate(forty_users())],
    )
    codes = dict(training.survey(desk.project, TrainingRequest(group_column="用户")).warnings)
    assert codes["ONE_GROUP"]["column"] == "用户"
    assert codes["ONE_GROUP"]["count"] == 150


def test_users_of_the_frozen_test_set_leave_the_training(desk: Desk) -> None:
    take(desk, [(f"用户{n // 2}", f"第 {n} 次来", 1 + n // 2 % 2) for n in range(300)])
    first = training.create_run(desk.project, TrainingRequest())
    again = training.create_run(desk.project, TrainingRequest(group_column="用户"))
    assert rows_of(again, "test") == rows_of(first, "test")
    tested = users_of(desk, again, "test")
    assert not tested & (users_of(desk, again, "train") | users_of(desk, again, "valid"))
    spec = again.spec()
    assert isinstance(spec, TrainingSpec)
    left = 300 - sum(spec.data.rows.values())
    assert spec.data.left_out == {"same_group_as_test": left}
    assert 20 < left < 50


def test_a_test_set_with_nearly_every_user_is_replaced_for_once(desk: Desk) -> None:
    take(desk, forty_users())
    training.create_run(desk.project, TrainingRequest())
    frozen = desk.project.test_sets.current()
    request = TrainingRequest(group_column="用户")
    assert "TEST_SET_ENTANGLED" in dict(training.plan(desk.project, request).warnings)
    folder = training.create_run(desk.project, request)
    assert desk.project.test_sets.current() == frozen
    parts = {part.value: users_of(desk, folder, part.value) for part in Part}
    assert all(parts.values())
    assert not parts["test"] & (parts["train"] | parts["valid"])
    assert not parts["train"] & parts["valid"]
    ids = {int(str(row["id"])) for part in Part for row in rows_of(folder, part.value)}
    assert not ids & frozen
    assert len(ids) == 240 - len(frozen)


def test_a_column_that_is_not_there_is_told(desk: Desk) -> None:
    take(desk, forty_users())
    for column in ("商品", "评论"):  # the text itself is no group
        with pytest.raises(UserError) as caught:
            training.plan(desk.project, TrainingRequest(group_column=column))
        assert caught.value.code == "NO_SUCH_COLUMN"
        assert caught.value.params["columns"] == ["用户"]


def test_what_a_plain_draw_would_have_leaked_is_what_it_does_leak() -> None:
    keys = [n // 3 for n in range(300)] + list(range(1000, 1200)) + [5000] * 40
    chance = random.Random(3)
    leaks = []
    for _ in range(400):
        held = set(chance.sample(range(len(keys)), 100))
        seen = {key for place, key in enumerate(keys) if place not in held}
        leaks.append(sum(keys[place] in seen for place in held))
    assert expected_leaks(keys, 100) == pytest.approx(sum(leaks) / len(leaks), abs=1.0)
    assert expected_leaks([], 0) == expected_leaks(range(50), 10) == 0


def test_a_plan_says_whether_near_copies_are_known(desk: Desk) -> None:
    take(desk, [("某人", f"汤很好喝{'！' * (n % 8)}{n // 8}", 1 + n // 8 % 3) for n in range(160)])
    plan = training.plan(desk.project, TrainingRequest())
    assert (plan.near_copies, plan.avoided) == ("unknown", 0)
    desk.project.near_groups.write([(each, (each - 1) // 8 + 1) for each in range(1, 161)], 1, 160)
    assert training.plan(desk.project, TrainingRequest()).avoided > 20
    index_near_duplicates(desk.project)
    assert training.plan(desk.project, TrainingRequest()).near_copies == "known"
    desk.take_many(10, name="后来.csv")
    assert training.plan(desk.project, TrainingRequest()).near_copies == "outdated"


def test_a_class_that_a_part_has_none_of_is_told(desk: Desk) -> None:
    desk.take([(f"第 {n} 条", 1 + n % 2) for n in range(60)], name="训练.csv")
    desk.take([(f"别的 {n}", 3) for n in range(20)], name="更多.csv")
    desk.take([(f"测试 {n}", 1 + n % 2) for n in range(20)], name="测试.csv")
    codes = dict(training.plan(desk.project, TrainingRequest(test_source="测试.csv")).warnings)
    assert codes == {"CLASS_NOT_IN_TEST": {"labels": ["负面"]}}
