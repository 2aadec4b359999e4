"""The numbers beside the choices of a filter, against asking for each choice; and first sorts, watched."""

from __future__ import annotations

import dataclasses
import random
from array import array
from collections.abc import Callable
from itertools import pairwise

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
from senti_studio.storage import facets, sorting
from senti_studio.storage.predicted import Stretch, write
from senti_studio.storage.project import Project

BUCKETS = (4, 8, 1_000_000_000)


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """300 comments in three files with everything that can be asked for; blocks are small."""
    monkeypatch.setattr(facets, "_BLOCK", 37)
    chance = random.Random(5)
    texts = ["汤很好喝", "服务差，等了很久", "还行", "电池不耐用，屏幕偏黄", "", "好", "味道不错，下次再来"]
    for name in ("外卖", "酒店", "手机"):
        source_id = project.sources.begin(SourceDraft(f"{name}.csv", f"/{name}.csv", ("评论", "店"), 0))
        rows = []
        for number in range(100):
            text = chance.choice(texts) + (str(number) if number % 3 else "")
            rows.append(NewComment(number, text, (text, f"店{number % 4}"), chance.choice([None, 1, 2, 3])))
        project.sources.append(source_id, rows)
        project.sources.finish(source_id)
    ids = list(range(1, 301))
    project.annotations.label(chance.sample(ids, 80), 1, annotator="小王").result(10)
    project.annotations.label(chance.sample(ids, 60), 3, annotator="小李").result(10)
    project.annotations.flag(chance.sample(ids, 50), annotator="小王").result(10)
    project.annotations.skip(chance.sample(ids, 50), annotator="小王").result(10)
    project.annotations.exclude(chance.sample(ids, 50), annotator="小王").result(10)
    pairs = [(each, each // 10) for each in sorted(chance.sample(ids, 40))]
    project.near_groups.write(pairs, 1, 300)
    said = array("h", [chance.choice([-1, 1, 2, 3]) for _ in range(120)])
    with project.comments.predicted.path.open("wb") as file:
        write(file, ("批",), [Stretch(90, said, array("f", [0.5] * 120))])
    project.comments.predicted.load()
    project.labels.remove(2, annotator="小王").result(10)
    return project


QUESTIONS = [
    CommentFilter(),
    CommentFilter(search="好"),
    CommentFilter(search="好|差", mode=SearchMode.REGEX),
    CommentFilter(label_ids=frozenset({1})),
    CommentFilter(label_ids=frozenset({3}), unlabelled=True, source_ids=frozenset({2, 3})),
    CommentFilter(source_ids=frozenset({1})),
    CommentFilter(annotators=frozenset({"小王"}), flagged=True),
    CommentFilter(skipped=True, excluded=True, shortest=4),
    CommentFilter(longest=7, duplicates=frozenset({Duplicates.EXACT})),
    CommentFilter(predictions=frozenset({Predictions.DISAGREES})),
    CommentFilter(cells=(CellCondition("店", Match.EQUALS, "店1"),), duplicates=frozenset({Duplicates.NEAR})),
    CommentFilter(search="没有这样的话"),
]


@pytest.mark.parametrize("wanted", QUESTIONS)
def test_each_number_is_what_the_choice_gives(shop: Project, wanted: CommentFilter) -> None:
    def give(**choice: object) -> int:
        return shop.comments.count(dataclasses.replace(wanted, **choice))  # type: ignore[arg-type]

    found = shop.comments.facets(wanted, BUCKETS)
    assert found is not None
    assert dict(found.labels) == {
        0: give(label_ids=frozenset(), unlabelled=True),
        1: give(label_ids=frozenset({1}), unlabelled=False),
        3: give(label_ids=frozenset({3}), unlabelled=False),
    }
    for source_id in (1, 2, 3):
        assert found.sources.get(source_id, 0) == give(source_ids=frozenset({source_id}))
    assert (found.skipped, found.flagged, found.excluded) == (
        give(skipped=True),
        give(flagged=True),
        give(excluded=True),
    )
    for name in ("小王", "小李", "import"):
        assert found.annotators.get(name, 0) == give(annotators=frozenset({name}))
    for kind in Duplicates:
        assert found.copies[kind] == give(duplicates=frozenset({kind})), kind
    for said in Predictions:
        assert found.predictions[said] == give(predictions=frozenset({said})), said
    assert found.lengths == (
        give(shortest=None, longest=3),
        give(shortest=4, longest=7),
        give(shortest=8, longest=None),
    )
    if sum(found.lengths):
        assert give(shortest=found.longest, longest=found.longest) > 0


def test_nobody_counts_on_when_nobody_asks_any_more(shop: Project) -> None:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 6

    assert shop.comments.facets(CommentFilter(search="好"), BUCKETS, stop) is None
    assert asked < 20


# ---- first sorts -------------------------------------------------------------------------------------------

CELLS = (
    *("", " ", "　", "007", "7", " 7 ", "+7", "-7.5", "1,234.5", "12345678901234567890", "１２", "9" * 400),
    *("第 2 集", "第 10 集", "a\x1eb2", "nan", "null", "2026-07-18", "2026-07-09", "abc", "\u00a05\u2003"),
    *('"引号" 3', "好" * 80 + "1", "好" * 80 + "2", "1e5", "'单' 1"),
)


@pytest.mark.parametrize("descending", [False, True])
def test_any_cells_sort_as_their_keys(
    project: Project, take: Callable[..., int], monkeypatch: pytest.MonkeyPatch, *, descending: bool
) -> None:
    monkeypatch.setattr(sorting, "_BLOCK", 7)
    chance = random.Random(2)
    texts = [chance.choice(CELLS) for _ in range(200)]
    take(project, texts)
    order = Sorting(SortKey.TEXT, "", descending)
    found = [each for part in project.comments.ids(CommentFilter(), order) for each in part]
    assert sorted(found) == list(range(1, 201))

    def place(comment_id: int) -> tuple[int, float, bytes]:
        key = sorting.sort_key(texts[comment_id - 1])
        if isinstance(key, float):
            return 0, key, b""
        return (2, 0.0, b"") if key is None else (1, 0.0, key.encode())

    kinds = [place(each) for each in found]
    values = [each for each in kinds if each[0] != 2]
    assert values == sorted(values, reverse=descending)
    assert all(each[0] == 2 for each in kinds[len(values) :]), "nothing comes last"
    for one, other in pairwise(found):
        assert place(one) != place(other) or one < other, "equal ones in the order of the file"


def test_a_first_sort_tells_how_far_it_is_and_can_be_stopped(
    project: Project, take: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "_BLOCK", 100)
    take(project, [f"第 {1000 - n} 条" for n in range(1000)])
    told: list[tuple[int, int]] = []
    order = Sorting(SortKey.COLUMN, "评论")

    def tell(done: int, total: int) -> None:
        told.append((done, total))

    stopped = list(project.comments.ids(CommentFilter(), order, stop=lambda: len(told) > 3, progress=tell))
    assert stopped == []
    assert told == [(100 * n, 1000) for n in range(1, 5)]
    found = [each for part in project.comments.ids(CommentFilter(), order, progress=tell) for each in part]
    assert found == list(range(1000, 0, -1))
    assert told[-1] == (1000, 1000)
    told.clear()
    assert list(project.comments.ids(CommentFilter(), order, progress=tell))
    assert told == [], "it is known now"
