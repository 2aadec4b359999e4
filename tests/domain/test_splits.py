"""Drawing a part: stratified, whole groups of identical texts, deterministic, at any size."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senti_studio.domain.splits import ENOUGH, count_leaks, draw_folds, draw_part

ITEMS = st.lists(st.tuples(st.integers(-20, 20), st.sampled_from("正中负")), max_size=120)


@given(items=ITEMS, share=st.floats(0.02, 0.5), seed=st.integers(0, 2**31 - 1))
def test_groups_stay_whole_and_no_class_gives_everything_away(
    items: list[tuple[int, str]], share: float, seed: int
) -> None:
    drawn = draw_part(items, share, seed)
    assert drawn == draw_part(list(items), share, seed)
    inside = {items[position][0] for position in drawn}
    outside = {key for position, (key, _) in enumerate(items) if position not in drawn}
    assert not inside & outside
    by_group: dict[int, Counter[str]] = {}
    for key, name in items:
        by_group.setdefault(key, Counter())[name] += 1
    groups = Counter(counts.most_common(1)[0][0] for counts in by_group.values())
    drawn_groups = Counter(by_group[key].most_common(1)[0][0] for key in inside)
    assert all(drawn_groups[name] < count for name, count in groups.items())
    if any(count > 1 for count in groups.values()):
        assert drawn


@given(
    counts=st.lists(st.integers(2, 400), min_size=2, max_size=4),
    share=st.sampled_from([0.05, 0.1, 0.15, 0.3]),
    seed=st.integers(0, 1000),
)
def test_each_class_gives_its_share(counts: list[int], share: float, seed: int) -> None:
    items = [(1000 * number + i, str(number)) for number, count in enumerate(counts) for i in range(count)]
    drawn = Counter(items[position][1] for position in draw_part(items, share, seed))
    for number, count in enumerate(counts):
        expected = round(count * share)
        if count >= ENOUGH:
            expected = max(1, expected)
        # A draw that would be empty takes one comment all the same.
        assert drawn[str(number)] in (expected, expected + (sum(drawn.values()) == 1))


def test_two_comments_a_class() -> None:
    items = [(1, "正"), (2, "正"), (3, "负"), (4, "负")]
    drawn = draw_part(items, 0.15, 0)
    assert len(drawn) == 1


@pytest.mark.parametrize("items", [[], [(1, "正")], [(1, "正"), (1, "正")], [(1, "正"), (2, "负")]])
def test_nothing_to_draw_from(items: list[tuple[int, str]]) -> None:
    assert draw_part(items, 0.15, 0) == set()


def test_another_seed_draws_another_part() -> None:
    items = [(i, "正负"[i % 2]) for i in range(1000)]
    assert draw_part(items, 0.1, 1) != draw_part(items, 0.1, 2)


def test_what_comes_later_does_not_move_what_was_there() -> None:
    items = [(i * 7919 - 5000, "正负"[i % 2]) for i in range(1000)]
    before = {items[position][0] for position in draw_part(items, 0.2, 3)}
    more = [*items, *[(10**9 + i, "正负"[i % 2]) for i in range(20)]]
    after = {more[position][0] for position in draw_part(more, 0.2, 3)}
    assert len(before - after) <= 6


def test_a_text_that_fills_half_the_class_stays_whole() -> None:
    items = [(1, "正")] * 500 + [(i, "正") for i in range(2, 502)]
    drawn = draw_part(items, 0.1, 0)
    assert len(drawn) == 100
    assert not drawn & set(range(500))


def test_a_hundred_thousand_comments() -> None:
    items = [(hash((i, "x")), "正中负"[i % 3]) for i in range(100_000)]
    drawn = draw_part(items, 0.15, 0)
    assert Counter(items[position][1] for position in drawn) == Counter("正中负" * 5000)


def test_leaks_are_counted_in_rows() -> None:
    assert count_leaks([1, 1, 2, 3], [1, 2, 9]) == 3
    assert count_leaks([], [1]) == 0


def test_folds_hold_every_comment_once_in_whole_groups_and_all_classes() -> None:
    items = [(number // 3, "甲" if number < 60 else "乙") for number in range(90)]
    folds = draw_folds(items, 5, 1)
    assert draw_folds(items, 5, 1) == folds
    assert draw_folds(items, 5, 2) != folds
    for group in range(30):
        assert len({fold for fold, (key, _) in zip(folds, items, strict=True) if key == group}) == 1
    for label, each in (("甲", 12), ("乙", 6)):
        counts = Counter(fold for fold, (_, of) in zip(folds, items, strict=True) if of == label)
        assert counts == dict.fromkeys(range(5), each)


def test_a_large_group_does_not_make_the_folds_uneven() -> None:
    items = [(0, "甲")] * 20 + [(number, "甲") for number in range(1, 81)]
    assert Counter(draw_folds(items, 5, 0)) == dict.fromkeys(range(5), 20)
