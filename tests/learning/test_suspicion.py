"""Labels that were turned round are found, copies that contradict each other are paired."""

from __future__ import annotations

import random

import numpy as np
import pytest

from senti_studio.learning.assistant.classifier import Interrupted, Rows
from senti_studio.learning.assistant.contradictions import contradicting, near_groups
from senti_studio.learning.assistant.features import SIZE, Weighting, hash_texts
from senti_studio.learning.assistant.space import find_space
from senti_studio.learning.assistant.suspicion import Labelled, doubts

SAID = (
    ("房间很大", "早餐不错", "服务热情", "性价比高", "下次还来"),
    ("房间太小", "早餐难吃", "态度恶劣", "价格太贵", "再也不来"),
    ("房间一般", "早餐凑合", "没有印象", "价格正常", "看情况吧"),
)
FILL = ("今天", "和朋友一起", "说实话", "买了两次", "位置在市中心", "老板", "总之")


def made(count: int, classes: int, *, copies: int = 0) -> tuple[list[str], np.ndarray]:
    """Invented comments and their true classes; the last ``copies`` repeat the first ones."""
    chance = random.Random(7)
    texts = []
    for number in range(count):
        parts = chance.sample(SAID[number % classes], 3) + chance.sample(FILL, 2)
        texts.append("，".join(parts) + f"第{number}次")
    truth = [number % classes for number in range(count)]
    return texts + texts[:copies], np.array(truth + truth[:copies], dtype=np.int64)


def labelled(texts: list[str], classes: np.ndarray, count: int) -> Labelled:
    hashed = hash_texts(texts)
    counts = np.bincount(hashed.features, minlength=SIZE).astype(np.int32)
    grams = Weighting(counts, len(texts)).matrix(hashed)
    (space,) = [each for each in find_space(grams, dimensions=8) if each is not None]
    copies = np.array([sorted(set(texts)).index(text) for text in texts], dtype=np.int64)
    return Labelled(Rows(grams, space.places(grams)), texts, classes, copies, copies, count)


@pytest.mark.parametrize("classes", [2, 3])
def test_labels_that_were_turned_round_come_first(classes: int) -> None:
    texts, truth = made(300, classes)
    wrong = list(range(4, 300, 29))
    given = truth.copy()
    given[wrong] = (given[wrong] + 1) % classes
    steps: list[tuple[int, int]] = []
    found = doubts(labelled(texts, given, classes), told=lambda *step: steps.append(step))
    first = np.argsort(-found.odds(given), kind="stable")[: len(wrong)]
    assert set(first.tolist()) == set(wrong)
    assert (found.truth[wrong].argmax(axis=1) == truth[wrong]).mean() > 0.8
    assert np.allclose(found.truth.sum(axis=1), 1)
    assert steps[-1] == (steps[-1][1], steps[-1][1])
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)


def test_a_copy_with_another_label_tells_on_the_wrong_one() -> None:
    texts, truth = made(120, 2, copies=40)
    given = truth.copy()
    given[130] = 1 - given[130]
    found = doubts(labelled(texts, given, 2)).odds(given)
    assert found.argmax() == 130
    without = np.delete(np.arange(160), [10, 130])
    assert found[10] > np.median(found[without]), "one of the two is wrong"


def test_it_stops_when_it_should() -> None:
    texts, truth = made(60, 2)
    with pytest.raises(Interrupted):
        doubts(labelled(texts, truth, 2), should_stop=lambda: True)


def test_contradicting_copies_are_paired_the_most_alike_first() -> None:
    long = "昨天下午和两个同事一起去吃的，前台很客气，菜也上得快，环境安静，下次还会带家里人来"
    texts = ["味道很好", "味道很好！", long, long + "吧", "别的话", "味道很好"]
    copies = np.array([1, 1, 2, 3, 4, 1])
    groups = near_groups(texts, copies, lambda: False)
    assert groups is not None
    assert groups.tolist() == [0, 0, 2, 2, 4, 0]
    pairs = contradicting(texts, np.array([0, 1, 0, 2, 1, 0]), groups, 10)
    assert [(pair.first, pair.second) for pair in pairs][-1] == (0, 1) or len(pairs) == 2
    assert {(pair.first, pair.second) for pair in pairs} <= {(0, 1), (1, 5), (2, 3)}
    assert any((pair.first, pair.second) == (2, 3) for pair in pairs)
    assert [pair.similarity for pair in pairs] == sorted((p.similarity for p in pairs), reverse=True)
    assert contradicting(texts, np.array([0, 0, 0, 0, 1, 0]), groups, 10) == []
    assert near_groups(texts, copies, lambda: True) is None
