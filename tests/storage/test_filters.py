"""The further questions that a view can ask, and sorting by any column, against plain Python."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from senti_studio.domain.comments import (
    CellCondition,
    CommentFilter,
    Duplicates,
    Match,
    NewComment,
    Predictions,
    SearchMode,
    Sorting,
    SortKey,
    SourceDraft,
)
from senti_studio.errors import UserError
from senti_studio.storage import views
from senti_studio.storage.predicted import Stretch, write
from senti_studio.storage.project import Project
from senti_studio.storage.sorting import sort_key

FIRST = [
    ("汤很好喝，服务也好", "江畔店", "10"),
    ("服务差，等了 20 分钟", "北门店", "9"),
    ("汤很好喝，服务也好", "江畔店", "9.5"),
    ("", "", ""),
    ("第 2 集", "江畔店", "-3"),
]
SECOND = [("第 10 集 Service", "Z"), ("汤很 好喝，服务也好", "a"), ("还行", "10")]


@pytest.fixture
def mixed(folder: Path) -> Iterator[Project]:
    """Eight comments in two sources with different columns: ids 1-5 (门店, 分, 评论) and 6-8 (评论, 楼)."""
    with Project.create(folder) as project:
        source = project.sources.begin(SourceDraft("乙.csv", "/乙.csv", ("门店", "分", "评论"), 2))
        rows = [NewComment(n, text, (shop, mark, text)) for n, (text, shop, mark) in enumerate(FIRST, 1)]
        project.sources.append(source, rows)
        project.sources.finish(source)
        source = project.sources.begin(SourceDraft("甲.csv", "/甲.csv", ("评论", "楼"), 0))
        # a ragged row: it has no cell in its last column
        rows = [
            NewComment(n, t, (t, floor) if floor != "Z" else (t,)) for n, (t, floor) in enumerate(SECOND, 1)
        ]
        project.sources.append(source, rows)
        project.sources.finish(source)
        yield project


def ids(project: Project, order: Sorting | None = None, **wanted: object) -> list[int]:
    question = CommentFilter(**wanted)  # type: ignore[arg-type]
    parts = project.comments.ids(question, order) if order else project.comments.ids(question)
    return [each for part in parts for each in part]


def test_words_may_stand_anywhere(mixed: Project) -> None:
    assert ids(mixed, search="服务 好喝", mode=SearchMode.WORDS) == [1, 3, 7]
    assert ids(mixed, search="服务 好喝") == []
    assert ids(mixed, search="service 第", mode=SearchMode.WORDS) == [6]


def test_patterns(mixed: Project) -> None:
    assert ids(mixed, search=r"第 \d+ 集", mode=SearchMode.REGEX) == [5, 6]
    assert ids(mixed, search="SERVICE$", mode=SearchMode.REGEX) == [6]
    assert ids(mixed, search=r"\d", mode=SearchMode.REGEX, source_ids=frozenset({1})) == [2, 5]
    assert ids(mixed, Sorting(SortKey.LENGTH, descending=True), search="汤|还", mode=SearchMode.REGEX) == [
        7,
        1,
        3,
        8,
    ]
    with pytest.raises(UserError) as caught:
        ids(mixed, search="(好", mode=SearchMode.REGEX)
    assert caught.value.code == "BAD_PATTERN"


@pytest.mark.alone
def test_a_pattern_that_never_ends_is_given_up(mixed: Project) -> None:
    source = mixed.sources.begin(SourceDraft("丙.csv", "/丙.csv", ("评论",), 0))
    mixed.sources.append(source, [NewComment(1, "a" * 60 + "！", ("a" * 60 + "！",))])
    mixed.sources.finish(source)
    begun = time.monotonic()
    with pytest.raises(UserError) as caught:
        ids(mixed, search="(a|aa)+$(?<=b)", mode=SearchMode.REGEX)
    assert caught.value.code == "PATTERN_TOO_SLOW"
    assert time.monotonic() - begun < 10


def test_lengths_annotators_and_exclusion(mixed: Project) -> None:
    assert ids(mixed, longest=0) == [4]
    assert ids(mixed, shortest=3, longest=5) == [5]
    mixed.annotations.label([1, 2], 1, annotator="小王").result(10)
    mixed.annotations.label([2, 6], 3, annotator="小李").result(10)
    mixed.annotations.label([1], None, annotator="小王").result(10)
    assert ids(mixed, annotators=frozenset({"小王"})) == [2]
    assert ids(mixed, annotators=frozenset({"小王", "小李"})) == [2, 6]
    assert mixed.comments.annotators() == [("小李", 2), ("小王", 1)]
    mixed.annotations.exclude([2, 4], annotator="小王").result(10)
    assert ids(mixed, excluded=True) == [2, 4]
    assert ids(mixed, excluded=False, search="服务") == [1, 3, 7]
    assert [each.id for each in mixed.comments.labelled()] == [6]
    assert mixed.comments.next_unlabelled([4, 5], 0, 1) == 1
    mixed.annotations.undo("小王").result(10)
    assert ids(mixed, excluded=True) == []
    assert mixed.comments.counts().excluded == 0


def test_duplicates_exact_and_near(mixed: Project) -> None:
    copied, alone = frozenset({Duplicates.EXACT}), frozenset({Duplicates.UNIQUE})
    assert ids(mixed, duplicates=copied) == [1, 3, 7], "white space does not tell texts apart"
    assert ids(mixed, duplicates=alone) == [2, 4, 5, 6, 8]
    assert ids(mixed, duplicates=copied | alone) == list(range(1, 9))
    mixed._database.writer.run(
        lambda c: c.executemany("INSERT INTO near_groups VALUES (?, ?)", [(5, 5), (6, 5), (2, 5)]),
        durable=False,
    )
    near = frozenset({Duplicates.NEAR})
    assert ids(mixed, duplicates=near) == [2, 5, 6]
    assert ids(mixed, duplicates=near | copied) == [1, 2, 3, 5, 6, 7]
    assert ids(mixed, group_of=6) == [2, 5, 6]
    assert ids(mixed, group_of=7) == [1, 3, 7]
    assert ids(mixed, group_of=8) == [8]
    assert [row.copies for row in mixed.comments.rows([1, 2, 8])] == [3, 3, 1]
    assert ids(mixed, Sorting(SortKey.DUPLICATES, descending=True))[:6] == [1, 2, 3, 5, 6, 7]
    mixed.sources.remove(2).result(10)
    assert ids(mixed, duplicates=copied) == [1, 3]
    assert not any(row.copies > 2 for row in mixed.comments.rows([1, 2]))


def test_cells_of_original_columns(mixed: Project) -> None:
    def found(column: str, match: Match, value: str) -> list[int]:
        return ids(mixed, cells=(CellCondition(column, match, value),))

    assert found("门店", Match.EQUALS, "江畔店") == [1, 3, 5]
    assert found("门店", Match.CONTAINS, "门") == [2]
    assert found("门店", Match.EQUALS, "") == [4]
    assert found("楼", Match.EQUALS, "") == [6]
    assert found("楼", Match.CONTAINS, "A") == [7]
    assert found("评论", Match.CONTAINS, "第") == [5, 6]
    assert found("没有", Match.EQUALS, "") == []
    both = (CellCondition("门店", Match.EQUALS, "江畔店"), CellCondition("分", Match.CONTAINS, "9"))
    assert ids(mixed, cells=both) == [3]
    rows = mixed.comments.rows([1, 6, 7], columns=("楼", "门店"))
    assert [row.cells for row in rows] == [(None, "江畔店"), ("", None), ("a", None)]


def by(column: str, *, down: bool = False) -> Sorting:
    return Sorting(SortKey.COLUMN, column, down)


def test_sorting_by_any_column(mixed: Project) -> None:
    assert ids(mixed, by("分")) == [5, 2, 3, 1, 4, 6, 7, 8], "numbers by value, nothing last"
    assert ids(mixed, by("分", down=True)) == [1, 3, 2, 5, 4, 6, 7, 8]
    assert ids(mixed, by("楼")) == [8, 7, 1, 2, 3, 4, 5, 6]
    texts = {row.id: sort_key(row.text) for row in mixed.comments.rows(list(range(1, 9)))}
    expected = sorted(texts, key=lambda i: (texts[i] is None, str(texts[i]), i))
    assert ids(mixed, Sorting(SortKey.TEXT)) == expected
    assert expected.index(5) < expected.index(6), "第 2 集 before 第 10 集"
    assert ids(mixed, Sorting(SortKey.SOURCE)) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert ids(mixed, Sorting(SortKey.SOURCE, descending=True)) == [6, 7, 8, 1, 2, 3, 4, 5]
    assert ids(mixed, Sorting(SortKey.ROW, descending=True)) == [8, 7, 6, 5, 4, 3, 2, 1]
    assert ids(mixed, by("分"), search="服务") == [2, 3, 1, 7]
    mixed.annotations.label([7, 2], 3, annotator="小王").result(10)
    mixed.annotations.label([8], 1, annotator="小王").result(10)
    assert ids(mixed, Sorting(SortKey.LABEL))[:3] == [8, 2, 7]
    assert ids(mixed, Sorting(SortKey.LABEL, descending=True))[:3] == [2, 7, 8]
    assert ids(mixed, Sorting(SortKey.TIME))[0] in (2, 7)
    assert ids(mixed, Sorting(SortKey.TIME, descending=True))[0] == 8


def test_an_order_is_kept_and_follows_the_sources(mixed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ids(mixed, by("分"))
    assert list(mixed.cache_folder.glob("order-*.ids"))
    assert ids(mixed, by("分")) == first
    monkeypatch.setattr(views, "_FEW", 0)
    assert ids(mixed, by("分"), search="服务") == [2, 3, 1, 7], "taken from the order of all"
    with Project.open(mixed.folder) as again:
        assert ids(again, by("分")) == first
    mixed.sources.remove(1).result(10)
    assert ids(mixed, by("分")) == [6, 7, 8]
    next(mixed.cache_folder.glob("order-*.ids")).write_bytes(b"half")
    with Project.open(mixed.folder) as again:
        assert ids(again, by("分")) == [6, 7, 8]


def test_a_question_that_nobody_asks_any_more_ends(mixed: Project) -> None:
    asked = [Sorting(SortKey.TEXT), by("分"), Sorting(SortKey.LENGTH), Sorting(SortKey.TIME)]
    for order in asked:
        assert list(mixed.comments.ids(CommentFilter(search="服务"), order, stop=lambda: True)) in ([], [[]])
    pattern = CommentFilter(search="服务", mode=SearchMode.REGEX)
    assert list(mixed.comments.ids(pattern, stop=lambda: True)) == []


def test_numbers_are_told_from_texts() -> None:
    assert sort_key("1,234.5") == 1234.5
    assert sort_key(" -7 ") == -7.0
    assert sort_key("  ") is None
    assert sort_key("nan") == "nan"
    assert sort_key("2026-07-18") == "000000002026-000000000007-000000000018"


def test_predictions_of_the_cache(mixed: Project) -> None:
    predicted = mixed.comments.predicted
    assert not predicted.load()
    with predicted.path.open("wb") as file:
        write(file, ("批",), [Stretch(6, array("h", [1, -1, 3]), array("f", [0.9, 0, 0.5]))])
    assert predicted.load()
    assert not predicted.load(), "nothing new"
    mixed.annotations.label([6], 2, annotator="小王").result(10)
    mixed.annotations.label([8], 3, annotator="小王").result(10)
    assert ids(mixed, predictions=frozenset({Predictions.SOME})) == [6, 8]
    assert ids(mixed, predictions=frozenset({Predictions.DISAGREES})) == [6]
    assert ids(mixed, predictions=frozenset({Predictions.NONE})) == [1, 2, 3, 4, 5, 7]
    row = mixed.comments.rows([6])[0]
    assert row.predicted is not None
    assert (row.predicted.label_id, round(row.predicted.confidence, 2)) == (1, 0.9)
    assert ids(mixed, Sorting(SortKey.PREDICTION))[:2] == [6, 8]
    predicted.path.write_bytes(b"not whole\n")
    assert predicted.load()
    assert predicted.count == 0
