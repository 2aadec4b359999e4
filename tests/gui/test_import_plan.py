"""What follows from the decisions about one file: uses, targets, obstacles, the request; no widgets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from senti_studio.domain.importing import CheckReport, Preview, PreviewRow, ReadOptions, SniffReport
from senti_studio.domain.labels import DEFAULT_LABELS, Label
from senti_studio.ui.pages.importing.plan import (
    IGNORE,
    ImportPlan,
    Obstacle,
    Target,
    TargetKind,
    Use,
    labels_with_new,
)
from senti_studio.ui.pages.importing.report_step import label_bars

COLUMNS = ("编号", "评论", "评分", "集合")


def plan_of(*, text: int | None = 1, label: int | None = 2, part: int | None = 3) -> ImportPlan:
    rows = (PreviewRow(2, ("001", "很好", "5", "train")),)
    preview = Preview(ReadOptions("gb18030"), COLUMNS, COLUMNS, rows, text, label, part)
    sniff = SniffReport("/数据/评论 一.csv", 100, "csv", (), False, 2, "CRLF", preview)
    return ImportPlan.from_sniff(Path("/数据/评论 一.csv"), sniff)


def check_of(
    values: tuple[tuple[str, int], ...] = (), *, rows: int = 10, empty: int = 0, bad: int = 0, **more: object
) -> CheckReport:
    report = CheckReport(rows, bad, (), 0, (), 0, 0, empty, 0, 5, 2, 0, values, len(values))
    return replace(report, **more)  # type: ignore[arg-type]


def test_the_guesses_become_the_first_uses() -> None:
    assert plan_of().uses == (Use.KEEP, Use.TEXT, Use.LABEL, Use.PART)


def test_a_use_stands_at_one_column_only() -> None:
    moved = plan_of().with_use(0, Use.TEXT)
    assert moved.uses == (Use.TEXT, Use.KEEP, Use.LABEL, Use.PART)
    assert moved.with_use(1, Use.KEEP).uses == moved.uses


def test_the_usual_values_are_mapped_and_odd_ones_stay_open() -> None:
    plan = plan_of().with_check(check_of((("1", 4), ("0", 3), ("不清楚", 2), ("", 1))), DEFAULT_LABELS)
    assert plan.targets["1"] == Target(TargetKind.LABEL, "1")
    assert plan.targets["0"] == Target(TargetKind.LABEL, "3")
    assert plan.targets[""] == IGNORE
    assert plan.open_values == ("不清楚",)
    assert plan.obstacle() is Obstacle.OPEN_LABEL_VALUES
    assert plan.with_rest_ignored().obstacle() is None
    assert plan.with_all_new().new_names == ("不清楚",)


def test_five_stars_become_three_labels() -> None:
    values = tuple((str(star), 10) for star in range(1, 6))
    plan = plan_of().with_check(check_of(values, rows=50), DEFAULT_LABELS)
    keys = {value: target.value for value, target in plan.targets.items()}
    assert keys == {"1": "3", "2": "3", "3": "2", "4": "1", "5": "1"}
    assert sum(plan.label_rows.values()) == 50


def test_what_the_user_chose_survives_another_check() -> None:
    first = plan_of().with_check(check_of((("好", 1), ("坏", 1))), DEFAULT_LABELS)
    chosen = first.with_target("好", Target(TargetKind.LABEL, "2"))
    again = chosen.with_check(check_of((("好", 1), ("坏", 1))), DEFAULT_LABELS)
    assert again.targets["好"] == Target(TargetKind.LABEL, "2")


def test_obstacles_in_their_order() -> None:
    assert plan_of(text=None).obstacle() is Obstacle.NO_TEXT_COLUMN
    assert plan_of().obstacle() is Obstacle.NOT_CHECKED
    assert plan_of().with_check(check_of(rows=0), DEFAULT_LABELS).obstacle() is Obstacle.NO_ROWS
    many = check_of((("甲", 1),), label_value_count=51)
    assert plan_of().with_check(many, DEFAULT_LABELS).obstacle() is Obstacle.TOO_MANY_LABEL_VALUES
    no_label = plan_of(label=None).with_check(check_of((("甲", 1),)), DEFAULT_LABELS)
    assert no_label.obstacle() is None


def test_rows_left_out_are_taken_off() -> None:
    plan = plan_of().with_check(check_of(rows=10, empty=2, bad=3), DEFAULT_LABELS)
    assert plan.rows_to_import == 10
    assert replace(plan, skip_blank=True).rows_to_import == 8
    assert replace(plan, skip_blank=True, skip_bad=True).rows_to_import == 5


def test_the_request_names_keys_and_parts() -> None:
    check = check_of((("好评", 2), ("物流", 1)), part_values=(("dev", 2), ("其他", 1)))
    plan = plan_of().with_check(check, DEFAULT_LABELS).with_target("物流", Target(TargetKind.NEW, "物流"))
    labels = labels_with_new(DEFAULT_LABELS, plan.new_names, replace_all=False)
    request = plan.request(labels)
    assert request.label_map == {"好评": "1", "物流": "4"}
    assert request.part_map == {"dev": "valid", "其他": ""}
    assert (request.text_column, request.label_column, request.part_column) == (1, 2, 3)
    assert request.options.encoding == "gb18030"


def test_new_labels_get_free_keys_shortcuts_and_looks() -> None:
    labels = labels_with_new(DEFAULT_LABELS, ("物流", "正面"), replace_all=False)
    assert [label.name for label in labels] == ["正面", "中性", "负面", "物流"]
    assert (labels[3].key, labels[3].shortcut) == ("4", "4")
    assert labels[3].appearance not in {label.appearance for label in DEFAULT_LABELS}
    alone = labels_with_new(DEFAULT_LABELS, ("财经", "体育"), replace_all=True)
    assert [(label.key, label.name) for label in alone] == [("1", "财经"), ("2", "体育")]


def test_many_new_labels_all_look_different_where_they_can() -> None:
    names = tuple(f"类别{number}" for number in range(6))
    labels = labels_with_new((Label("1", "正面", "pos", "1"),), names, replace_all=False)
    assert len({label.key for label in labels}) == 7
    assert len({label.appearance for label in labels}) == 7


def test_targets_follow_another_label_set() -> None:
    plan = plan_of().with_check(check_of((("好评", 2), ("物流", 1), ("", 1))), DEFAULT_LABELS)
    plan = plan.with_target("物流", Target(TargetKind.NEW, "物流"))
    made = labels_with_new(DEFAULT_LABELS, ("物流",), replace_all=False)
    followed = plan.with_labels(made)
    assert followed.targets["物流"] == Target(TargetKind.LABEL, "4")
    assert followed.targets["好评"] == Target(TargetKind.LABEL, "1")
    other = followed.with_labels((Label("a", "喜欢"), Label("b", "讨厌")))
    assert other.open_values == ("好评", "物流")
    assert other.targets[""] == IGNORE


def test_labels_that_are_digits_get_their_own_keys() -> None:
    made = labels_with_new(DEFAULT_LABELS, tuple(map(str, range(10))), replace_all=True)
    assert [label.name for label in made] == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"]
    assert all(label.shortcut == label.name for label in made[:9])
    made = labels_with_new(DEFAULT_LABELS, ("0", "2", "5", "8", "10", "体育"), replace_all=True)
    assert [label.name for label in made] == ["0", "2", "8", "10", "5", "体育"]
    assert [label.shortcut for label in made] == ["1", "2", "3", "4", "5", "6"]


def test_values_have_one_order_on_all_steps() -> None:
    values = tuple((value, 1) for value in ("8", "10", "好", "20", "9", "坏"))
    plan = plan_of().with_check(check_of(values), ()).with_all_new()
    assert plan.check is not None
    ordered = ["8", "9", "10", "20", "好", "坏"]
    assert [value for value, _ in plan.check.label_values] == ordered
    assert list(plan.new_names) == ordered
    assert [bar.name for bar in label_bars(plan, DEFAULT_LABELS)] == ordered
