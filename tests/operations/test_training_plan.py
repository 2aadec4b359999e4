"""What a training learns from: parts, test set, leaks, problems; the frozen data."""

from __future__ import annotations

import errno
import hashlib
from collections import Counter
from pathlib import Path

import pytest
from desks import Desk, rows_of

from senti_studio.domain.comments import Part
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.messages import CATALOGUE
from senti_studio.operations import training
from senti_studio.operations.training import TrainingRequest


def test_a_plan_counts_and_writes_nothing(desk: Desk) -> None:
    desk.take_many(300)
    version = desk.project.data_version()
    plan = training.plan(desk.project, TrainingRequest())
    assert plan.rows == {"train": 231, "valid": 24, "test": 45}
    assert plan.by_label == {"1": 100, "2": 100, "3": 100}
    assert plan.draws_test_set
    assert (plan.labelled, plan.leaked, plan.left_out, plan.warnings, plan.problem) == (300, 0, {}, (), None)
    assert desk.project.data_version() == version
    assert desk.project.test_sets.version == 0
    assert list(desk.project.runs_folder.iterdir()) == []


def test_a_run_freezes_what_the_plan_said(desk: Desk) -> None:
    desk.take_many(120)
    request = TrainingRequest("gru", TrainingOptions(epochs=3, seed=5), device="cpu")
    plan = training.plan(desk.project, request)
    folder = training.create_run(desk.project, request)
    spec = folder.spec()
    assert isinstance(spec, TrainingSpec)
    assert (spec.architecture, spec.device, spec.options, spec.name) == (
        "gru",
        "cpu",
        request.options,
        "GRU #1",
    )
    assert [(label.key, label.name) for label in spec.labels] == [("1", "正面"), ("2", "中性"), ("3", "负面")]
    assert spec.data.rows == plan.rows
    digest, seen = hashlib.sha256(), Counter[str]()
    for part in ("train", "valid", "test"):
        content = (folder.data / f"{part}.jsonl").read_bytes()
        digest.update(f"{part}.jsonl\n".encode() + content)
        rows = rows_of(folder, part)
        assert len(rows) == plan.rows[part]
        for row in rows:
            comment = desk.project.comments.get(int(str(row["id"])))
            assert row == {"id": comment.id, "text": comment.text, "label": comment.label_id - 1}  # type: ignore[operator]
            seen[comment.text] += 1
    assert len(seen) == 120
    assert spec.data.sha256 == digest.hexdigest()
    assert {int(str(row["id"])) for row in rows_of(folder, "test")} == desk.project.test_sets.current()


def test_the_test_set_is_drawn_once_and_never_trained_on(desk: Desk) -> None:
    desk.take_many(100)
    first = training.create_run(desk.project, TrainingRequest())
    test = desk.project.test_sets.current()
    a_test_text = desk.project.comments.get(min(test)).text
    desk.take([(a_test_text, 1), (f" {a_test_text}", 1), ("新的一条", 2)])
    desk.take_many(50, name="更多.csv")
    second = training.create_run(desk.project, TrainingRequest(options=TrainingOptions(seed=9)))
    assert desk.project.test_sets.version == 1
    assert desk.project.test_sets.current() == test
    spec = second.spec()
    assert isinstance(spec, TrainingSpec)
    assert spec.data.left_out == {"same_as_test": 2}
    assert spec.data.leaked == 0
    assert {row["id"] for row in rows_of(second, "test")} == {row["id"] for row in rows_of(first, "test")}
    for part in ("train", "valid"):
        assert not test & {int(str(row["id"])) for row in rows_of(second, part)}
        assert all(str(row["text"]).strip() != a_test_text for row in rows_of(second, part))


def test_a_test_set_that_went_with_its_import_is_drawn_anew(desk: Desk) -> None:
    source = desk.take_many(100)
    training.create_run(desk.project, TrainingRequest())
    desk.take_many(100, name="更多.csv")
    desk.project.sources.remove(source).result()
    training.create_run(desk.project, TrainingRequest())
    assert desk.project.test_sets.version == 2
    assert min(desk.project.test_sets.current()) > 100


def test_identical_texts_stay_on_one_side(desk: Desk) -> None:
    desk.take([(f"第 {i % 40} 种说法", 1 + i % 40 % 2) for i in range(400)])
    folder = training.create_run(desk.project, TrainingRequest())
    texts = [{str(row["text"]) for row in rows_of(folder, part)} for part in ("train", "valid", "test")]
    assert sum(map(len, texts)) == 40
    assert all(texts)


def test_near_copies_stay_on_one_side(desk: Desk) -> None:
    """Twenty groups of six that nearly say the same, two of each six word for word."""
    desk.take([(f"{n // 6} 号店的汤很好喝{'！' * (n % 6 % 5)}", 1 + n // 6 % 2) for n in range(120)])
    ids = list(range(1, 121))
    desk.project.near_groups.write([(each, (each - 1) // 6 + 1) for each in ids], 1, 120)
    group = {each: (each - 1) // 6 for each in ids}
    folder = training.create_run(desk.project, TrainingRequest())
    parts = {part: {group[int(str(row["id"]))] for row in rows_of(folder, part)} for part in Part}
    assert all(parts.values())
    assert not parts[Part.TEST] & parts[Part.TRAIN]
    assert not parts[Part.VALID] & (parts[Part.TRAIN] | parts[Part.TEST])
    drawn = desk.project.test_sets.current()
    assert {each for each in ids if group[each] in parts[Part.TEST]} == drawn, "whole groups"


def test_near_copies_that_are_found_later_leave_the_training(desk: Desk) -> None:
    desk.take_many(120)
    first = training.create_run(desk.project, TrainingRequest())
    test = min(desk.project.test_sets.current())
    other = min(int(str(row["id"])) for row in rows_of(first, "train"))
    desk.project.near_groups.write(sorted([(test, test), (other, test)]), 1, 120)
    again = training.create_run(desk.project, TrainingRequest())
    assert other not in {row["id"] for row in rows_of(again, "train")}
    assert rows_of(again, "test") == rows_of(first, "test")
    spec = again.spec()
    assert isinstance(spec, TrainingSpec)
    assert spec.data.left_out == {"same_as_test": 1}


def test_given_sources_stay_as_they_are_and_leaks_are_counted(desk: Desk) -> None:
    desk.take_many(90, name="训练.csv")
    desk.take([("训练.csv 第 1 条", 1), ("别的", 2)], name="验证.csv")
    test = desk.take([("训练.csv 第 2 条", 1), ("训练.csv 第 2 条", 3), ("新", 3)], name="测试.csv")
    request = TrainingRequest(valid_source="验证.csv", test_source=test)
    plan = training.plan(desk.project, request)
    assert plan.rows == {"train": 90, "valid": 2, "test": 3}
    assert plan.leaked == 3
    assert not plan.draws_test_set
    training.create_run(desk.project, request)
    assert desk.project.test_sets.version == 0


def test_parts_that_came_with_the_file_count_unless_told_otherwise(desk: Desk) -> None:
    desk.take(
        [(f"第 {i} 条", 1 + i % 2) for i in range(60)], parts={1: Part.VALID, 2: Part.VALID, 3: Part.TEST}
    )
    desk.take_many(9, name="留出.csv", part=Part.TEST)
    given = training.plan(desk.project, TrainingRequest(allow_few=True))
    assert given.rows == {"train": 57, "valid": 2, "test": 10}
    other = training.plan(desk.project, TrainingRequest(use_parts=False, allow_few=True))
    assert other.draws_test_set
    assert sum(other.rows.values()) == 69


def test_a_given_validation_part_loses_what_the_test_set_has(desk: Desk) -> None:
    desk.take_many(100)
    training.create_run(desk.project, TrainingRequest())
    text = desk.project.comments.get(min(desk.project.test_sets.current())).text
    desk.take([(text, 1), ("只在验证", 2)], name="验证.csv")
    plan = training.plan(desk.project, TrainingRequest(valid_source="验证.csv"))
    assert plan.rows["valid"] == 1
    assert plan.left_out == {"same_as_test": 1}


def test_disagreement_is_left_out_and_counted(desk: Desk) -> None:
    desk.take_many(60)
    desk.project.annotations.label([1], 1, annotator="小王").result()
    desk.project.annotations.label([1], 2, annotator="小李").result()
    plan = training.plan(desk.project, TrainingRequest())
    assert plan.left_out == {"disagreement": 1}
    assert sum(plan.rows.values()) == 59


def test_a_class_with_few_comments_is_refused_unless_the_user_wants_it(desk: Desk) -> None:
    desk.take([(f"第 {i} 条", 1 + i % 2) for i in range(40)] + [("中", 3), ("性", 3)])
    with pytest.raises(UserError) as refused:
        training.create_run(desk.project, TrainingRequest())
    assert (refused.value.code, refused.value.params["labels"]) == ("CLASS_TOO_SMALL", ["负面 2"])
    assert desk.project.test_sets.current() == frozenset(), "nothing was drawn"
    plan = training.plan(desk.project, TrainingRequest(allow_few=True))
    few, *absent = plan.warnings
    assert (few[0], few[1]["label"]) == ("TOO_FEW_COMMENTS", "负面")
    assert {code for code, _ in absent} <= {"CLASS_NOT_IN_VALID", "CLASS_NOT_IN_TEST"}
    assert [label.name for label in plan.labels] == ["正面", "中性", "负面"]


def test_classes_that_nobody_used_are_no_classes_of_the_model(desk: Desk) -> None:
    desk.take([(f"第 {i} 条", 1 + 2 * (i % 2)) for i in range(40)])
    folder = training.create_run(desk.project, TrainingRequest())
    spec = folder.spec()
    assert isinstance(spec, TrainingSpec)
    assert [label.name for label in spec.labels] == ["正面", "负面"]
    assert {row["label"] for row in rows_of(folder, "train")} == {0, 1}


@pytest.mark.parametrize(
    ("rows", "request_", "code"),
    [
        ([], TrainingRequest(), "NO_LABELLED_COMMENTS"),
        ([("甲", None)], TrainingRequest(), "NO_LABELLED_COMMENTS"),
        ([(f"第 {i} 条", 1) for i in range(50)], TrainingRequest(), "ONE_LABEL_ONLY"),
        ([("甲", 1), ("乙", 2), ("丙", 1), ("丁", 2)], TrainingRequest(), "TOO_FEW_TO_TRAIN"),
        ([], TrainingRequest("transformer"), "BAD_SPEC"),
        ([], TrainingRequest(options=TrainingOptions(epochs=0)), "BAD_SPEC"),
        ([("甲", 1)], TrainingRequest(valid_source="没有.csv"), "SOURCE_NOT_FOUND"),
    ],
)
def test_what_stands_in_the_way_is_said_before_anything_is_written(
    desk: Desk, rows: list[tuple[str, int | None]], request_: TrainingRequest, code: str
) -> None:
    desk.take(rows)
    for act in (training.plan, training.create_run):
        with pytest.raises(UserError) as caught:
            act(desk.project, request_)
        assert caught.value.code == code
        assert code in CATALOGUE
    assert list(desk.project.runs_folder.iterdir()) == []
    assert desk.project.test_sets.version == 0


def test_a_survey_has_the_counts_beside_the_problem(desk: Desk) -> None:
    desk.take([("甲", 1), ("乙", 1)])
    plan = training.survey(desk.project, TrainingRequest())
    assert plan.problem == ("ONE_LABEL_ONLY", {"label": "正面"})
    assert plan.by_label == {"1": 2, "2": 0, "3": 0}


def test_a_full_disk_leaves_no_half_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.take_many(60)

    def no_space(self: Path, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", no_space)
    with pytest.raises(UserError, match="DISK_FULL"):
        training.create_run(desk.project, TrainingRequest())
    monkeypatch.undo()
    assert list(desk.project.runs_folder.iterdir()) == []
    assert training.list_runs(desk.project) == []


def test_a_plan_says_how_many_comments_are_too_long(desk: Desk) -> None:
    desk.take([("好吃" * (100 if i % 4 == 0 else 5) + f"，第 {i} 家", 1 + i % 3) for i in range(200)])

    def share(**options: object) -> float:
        request = TrainingRequest(options=TrainingOptions(**options))  # type: ignore[arg-type]
        return training.plan(desk.project, request).cut_share

    assert share(units="characters", max_length=64) == pytest.approx(0.25, abs=0.08)
    assert share(units="words", max_length=64) == pytest.approx(0.25, abs=0.08)
    assert share(units="words", max_length=180) == 0
    assert share(units="characters", max_length=0) == 0
    encoder = TrainingRequest("bert", TrainingOptions(max_length=64))
    assert training.plan(desk.project, encoder).cut_share == pytest.approx(0.25, abs=0.08)
    in_windows = TrainingRequest("bert", TrainingOptions(max_length=64, windows=True))
    assert training.plan(desk.project, in_windows).cut_share == 0


def test_word_vectors_get_the_other_comments_but_none_of_the_held_out_texts(desk: Desk) -> None:
    desk.take_many(60)
    desk.take([(f"没有标签的第 {i % 30} 条", None) for i in range(50)], name="无标签.csv")
    training.create_run(desk.project, TrainingRequest())
    test = desk.project.comments.get(min(desk.project.test_sets.current())).text
    desk.take([(f" {test} ", None), ("最后一条", None)], name="更多.csv")
    folder = training.create_run(desk.project, TrainingRequest(options=TrainingOptions(vectors="project")))
    texts = [str(row["text"]) for row in rows_of(folder, "unlabelled")]
    assert sorted(texts) == sorted({*(f"没有标签的第 {i} 条" for i in range(30)), "最后一条"})
    plain = training.create_run(desk.project, TrainingRequest())
    assert not (plain.data / "unlabelled.jsonl").exists()
