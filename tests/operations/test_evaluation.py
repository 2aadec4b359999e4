"""Evaluations beyond one figure: another run, values of a column, labels that changed, files that broke."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from desks import Desk, pretend_finished, rows_of

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations import models, training
from senti_studio.operations.breakdown import by_column
from senti_studio.operations.models import EvaluatedRow, Evaluation
from senti_studio.operations.run_comparison import compare_runs
from senti_studio.operations.training import TrainingRequest


def finished(desk: Desk, right: Callable[[int], bool]) -> Evaluation:
    """The test part of a run that is right on the rows (by their place) for which ``right`` holds."""
    folder = training.create_run(desk.project, TrainingRequest(options=TrainingOptions(seed=3)))
    pretend_finished(folder)
    write(folder, "test", right)
    return models.evaluation(desk.project, folder.id, "test")


def write(folder: RunFolder, part: str, right: Callable[[int], bool]) -> None:
    lines = []
    for place, row in enumerate(rows_of(folder, part)):
        truth = int(str(row["label"]))
        said = truth if right(place) else (truth + 1) % 3
        shares = [0.1, 0.1, 0.1]
        shares[said] = 0.8
        lines.append(json.dumps({"id": row["id"], "label": truth, "predicted": said, "p": shares}))
    (folder.path / "predictions" / f"{part}.jsonl").write_text("\n".join(lines), "utf-8")


def test_two_runs_on_the_frozen_test_set(desk: Desk) -> None:
    desk.take_many(400)
    first = finished(desk, lambda place: place % 10 != 0)
    second = finished(desk, lambda place: place % 4 != 0)
    found = compare_runs(first, second)
    assert found.is_same_set
    rows = range(len(first.rows))
    assert found.result.only_first == sum(n % 10 != 0 and n % 4 == 0 for n in rows)
    assert found.result.only_second == sum(n % 10 == 0 and n % 4 != 0 for n in rows)
    assert found.more_right == found.result.only_first - found.result.only_second > 0
    assert found.result.accuracy == pytest.approx(first.figures.accuracy - second.figures.accuracy)
    assert compare_runs(second, first).result.macro_f1 == pytest.approx(-found.result.macro_f1)


def test_other_test_sets_are_compared_on_what_both_have_or_not_at_all(desk: Desk) -> None:
    desk.take_many(400)
    first = finished(desk, lambda place: place % 10 != 0)
    second = finished(desk, lambda place: place % 4 != 0)
    found = compare_runs(first, replace(second, rows=second.rows[5:]))
    assert (found.only_first, found.only_second, found.relabelled) == (5, 0, 0)
    assert not found.is_same_set
    assert found.result.rows == len(first.rows) - 5
    changed = [replace(row, label=(row.label + 1) % 3) if n < 4 else row for n, row in enumerate(second.rows)]
    found = compare_runs(first, replace(second, rows=tuple(changed)))
    assert (found.relabelled, found.result.rows) == (4, len(first.rows) - 4)
    with pytest.raises(UserError, match="OTHER_TEST_SET"):
        compare_runs(first, replace(second, rows=second.rows[:19]))


def test_classes_are_matched_by_key_not_by_place(desk: Desk) -> None:
    desk.take_many(400)
    first = finished(desk, lambda place: place % 10 != 0)
    turned = tuple(reversed(first.labels))
    rows = tuple(replace(row, label=2 - row.label, predicted=2 - row.predicted) for row in first.rows)
    found = compare_runs(first, replace(first, labels=turned, rows=rows))
    assert (found.result.accuracy, found.result.only_first, found.relabelled) == (0.0, 0, 0)
    assert found.result.first == found.result.second


def with_platforms(desk: Desk, platform: Callable[[int], str], count: int = 400) -> list[int]:
    source = desk.project.sources.begin(SourceDraft("平台.csv", "/数据/平台.csv", ("平台", "评论"), 1))
    rows = [NewComment(n, f"第 {n} 条", (platform(n), f"第 {n} 条"), 1 + n % 3) for n in range(1, count + 1)]
    desk.project.sources.append(source, rows)
    desk.project.sources.finish(source)
    return [
        first + n for first, last in desk.project.comments.stretches(source) for n in range(last - first + 1)
    ]


def judged(ids: list[int], right: Callable[[int], bool]) -> list[EvaluatedRow]:
    """A row for each comment; place 1 is the first."""
    shares = (0.4, 0.3, 0.3)
    return [
        EvaluatedRow(each, "", n % 3, n % 3 if right(n) else (n + 1) % 3, shares)
        for n, each in enumerate(ids, 1)
    ]


def test_the_worst_value_with_enough_rows_comes_first(desk: Desk) -> None:
    names = {0: "美团", 1: "大众点评", 2: " 美团", 3: "抖音", 4: ""}
    ids = with_platforms(desk, lambda n: "很少" if n <= 3 else names[n % 5])
    rows = judged(ids, lambda n: n > 3 and (n % 5 != 3 or n % 2 == 0))
    found = by_column(desk.project, rows, 3, "平台")
    worst, *_, last = found.values
    assert (worst.value, worst.is_worse, worst.is_enough) == ("抖音", True, True)
    assert worst.figures.accuracy == pytest.approx(0.5, abs=0.02)
    assert worst.interval[0] < worst.figures.accuracy < worst.interval[1]
    assert (last.value, last.rows, last.is_enough, last.is_worse) == ("很少", 3, False, False)
    assert {each.value: each.rows for each in found.values}["美团"] >= 158, "blanks around a value are none"
    assert found.distinct == 5
    assert sum(each.rows for each in found.values) == 400


def test_good_values_are_not_called_worse_by_chance(desk: Desk) -> None:
    ids = with_platforms(desk, lambda n: f"门店{n % 15}")
    found = by_column(desk.project, judged(ids, lambda n: n * 7919 % 13 > 1), 3, "平台")
    assert not [each.value for each in found.values if each.is_worse]


def test_a_hundred_thousand_values_are_gathered_in_time(desk: Desk) -> None:
    ids = with_platforms(desk, lambda n: f"单号 {n:06d}" if n > 60 else "同一单", 20_000)
    began = time.perf_counter()
    found = by_column(desk.project, judged(ids, lambda n: n % 2 == 0), 3, "平台")
    assert time.perf_counter() - began < 30  # a hang, not a race
    assert len(found.values) == 500
    assert found.distinct == 19_941
    assert found.values[0].value == "同一单"
    assert (found.values[-1].others, found.values[-1].rows) == (19_941 - 499, 20_000 - 60 - 498)


def test_rows_of_files_without_the_column_are_counted(desk: Desk) -> None:
    ids = with_platforms(desk, lambda n: "美团", 30)
    desk.take_many(12)
    found = by_column(
        desk.project, judged([*ids, *range(max(ids) + 1, max(ids) + 13), 9999], bool), 3, "平台"
    )
    assert (found.without, found.values[0].rows) == (13, 30)
    with pytest.raises(UserError, match="NO_SUCH_COLUMN"):
        by_column(desk.project, [], 3, "没有这一列")


def test_what_became_of_the_labels_is_told(desk: Desk) -> None:
    desk.take_many(300)
    before = finished(desk, bool)
    assert not before.since.is_anything
    ids = [row.comment_id for row in before.rows]
    annotations = desk.project.annotations
    negative = [row.comment_id for row in before.rows if row.label == 2]
    changed = [each for each in ids if each not in negative]
    annotations.label(changed[:3], 3, annotator="小王").result()
    annotations.label(changed[3:5], None, annotator="小王").result()
    labels = desk.project.labels.list()
    desk.project.labels.change(replace(labels[0], name="好评"), annotator="小王").result()
    desk.project.labels.remove(labels[1].id, annotator="小王").result()
    since = models.evaluation(desk.project, before.run_id, "test").since
    neutral = sum(row.label == 1 for row in before.rows if row.comment_id not in changed[:5])
    assert (since.relabelled, since.unlabelled, since.gone) == (3, 2 + neutral, 0)
    assert since.renamed == (("正面", "好评"),)
    assert since.removed == ("中性",)
    source = desk.project.sources.list()[0]
    desk.project.sources.remove(source.id).result()
    gone = models.evaluation(desk.project, before.run_id, "test")
    assert gone.since.gone == len(before.rows)
    assert gone.figures == before.figures, "the figures are of the labels of then"


def test_a_test_set_that_was_drawn_anew_is_told(desk: Desk) -> None:
    desk.take_many(300)
    before = finished(desk, bool)
    assert before.outside == 0
    ids = {row.comment_id for row in before.rows}
    kept = sorted(ids)[:7]
    time.sleep(0.005)  # the times of project.db are in milliseconds
    others = [each.id for each in desk.project.comments.labelled() if each.id not in ids]
    desk.project.test_sets.draw([*kept, *others[:20]])
    after = models.evaluation(desk.project, before.run_id, "test")
    assert [row.comment_id for row in after.rows] == [row.comment_id for row in before.rows]
    assert after.outside == len(ids) - 7
    assert after.figures == before.figures
    write(training.folder_of(desk.project, before.run_id), "valid", bool)
    assert models.evaluation(desk.project, before.run_id, "valid").outside == 0
    desk.project.test_sets.draw([*ids, *others[:20]])
    assert models.evaluation(desk.project, before.run_id, "test").outside == 0, "it has grown"


@pytest.mark.parametrize(
    "line",
    [
        '{"id": 1, "label": 0, "predicted": 0, "p": [NaN, 0.5, 0.5]}',
        '{"id": 1, "label": 0, "predicted": 0, "p": [0.5, 0.5]}',
        '{"id": 1, "label": 7, "predicted": 0, "p": [0.4, 0.3, 0.3]}',
        '{"id": 1, "label": 0, "predicted": 0, "p": [1.4, -0.2, -0.2]}',
        '{"id": 1, "predicted": 0}',
        "[1, 2]",
        '{"id": 1, "label": 0, "pre',
    ],
)
def test_predictions_that_are_none_are_told(line: str, desk: Desk) -> None:
    desk.take_many(60)
    found = finished(desk, bool)
    path = training.folder_of(desk.project, found.run_id).path / "predictions" / "test.jsonl"
    path.write_text(f"{path.read_text('utf-8')}\n{line}\n", "utf-8")
    with pytest.raises(UserError) as caught:
        models.evaluation(desk.project, found.run_id, "test")
    assert caught.value.code == "RUN_DAMAGED"
