"""Near-copies: found as an exact comparison of all pairs finds them, whatever the texts."""

from __future__ import annotations

import random
import unicodedata
from itertools import combinations
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from senti_studio.text.near_duplicates import SIMILARITY, NearDuplicates, sequences_of

BASE = (
    "前台办入住很快房间隔音太差汤洒了一半骑手师傅很客气屏幕偏黄早餐种类不多续航一天半没问题拍照比上一代清楚"
)


def sets_of(text: str) -> set[str]:
    plain = "".join(unicodedata.normalize("NFKC", text.replace("\0", " ")).lower().split())
    return {plain[i : i + 3] for i in range(max(1, len(plain) - 2))} if plain else set()


def groups_of(folder: Path, texts: list[str], step: int = 700) -> list[int]:
    with NearDuplicates(folder) as finder:
        for start in range(0, len(texts), step):
            finder.add(texts[start : start + step])
        found = finder.groups()
    assert found is not None
    assert list(folder.glob("near-*")) == []
    return [int(each) for each in found]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="好坏ab 　\tＡ１\u2003\0𠀀😀\ud800", max_size=9), min_size=1, max_size=9))
def test_the_sequences_of_any_text(texts: list[str]) -> None:
    hashes, sizes = sequences_of(texts)
    assert [int(size) for size in sizes] == [len(sets_of(text)) for text in texts]
    start = 0
    for size in sizes:
        part = hashes[start : start + size]
        assert np.array_equal(part, np.unique(part))
        start += int(size)


def test_what_is_told_as_near_is_near_and_what_is_near_is_told(tmp_path: Path) -> None:
    chance = random.Random(7)
    texts = []
    for _ in range(260):
        words = [chance.choice(BASE) for _ in range(chance.randint(8, 90))]
        texts.append("".join(words))
        for _ in range(chance.randint(0, 4)):
            copy = list(words)
            for _ in range(chance.randint(0, max(1, len(words) // 9))):
                copy[chance.randrange(len(copy))] = chance.choice("的了吗呢")
            texts.append("".join(copy))
    chance.shuffle(texts)
    found = groups_of(tmp_path, texts)
    sets = [sets_of(text) for text in texts]
    near = [
        (a, b)
        for a, b in combinations(range(len(texts)), 2)
        if len(sets[a] & sets[b]) >= SIMILARITY * len(sets[a] | sets[b])
    ]
    assert len(near) > 150
    together = sum(found[a] == found[b] for a, b in near)
    assert together >= 0.99 * len(near)
    # Exactly the transitive closure of the near pairs, never more.
    parent = list(range(len(texts)))
    for a, b in near:
        low, high = sorted((parent[a], parent[b]))
        parent = [low if each == high else each for each in parent]
    for a, b in combinations(range(len(texts)), 2):
        assert found[a] != found[b] or parent[a] == parent[b]


def test_small_differences_and_small_texts(tmp_path: Path) -> None:
    long = BASE * 3
    texts = [
        "",
        "好",
        "好！",
        " 好",
        "ＯＫ",
        "ok",
        "此用户没有填写评价",
        long,
        long + "。",
        "  ",
        long[:30],
        "哈哈哈哈",
        "哈哈哈哈哈哈",
    ]
    assert groups_of(tmp_path, texts) == [0, 1, 2, 1, 4, 4, 6, 7, 7, 9, 10, 11, 11]


def test_many_copies_of_one_text_are_one_group(tmp_path: Path) -> None:
    texts = ["此用户没有填写评价。", f"{BASE}"] * 3000
    assert groups_of(tmp_path, texts) == [0, 1] * 3000


def test_nothing_and_one_enormous_text(tmp_path: Path) -> None:
    assert groups_of(tmp_path, []) == []
    assert groups_of(tmp_path, ["好坏" * 500_000, "好坏" * 400_000, "别的"]) == [0, 0, 2]


def test_it_can_be_stopped(tmp_path: Path) -> None:
    with NearDuplicates(tmp_path) as finder:
        finder.add(["一样的一段话"] * 50)
        assert finder.groups(should_stop=lambda: True) is None
    assert list(tmp_path.iterdir()) == []
