"""The assistant's model: features, cache, topic space, learning, choosing and explaining."""

from __future__ import annotations

import json
import random
import sys
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from invented_comments import sentences

from senti_studio.learning.assistant import choosing
from senti_studio.learning.assistant.cache import FeatureCache
from senti_studio.learning.assistant.classifier import Interrupted, Rows, learn
from senti_studio.learning.assistant.explaining import pulls, pulls_by_leaving_out
from senti_studio.learning.assistant.features import MOST_CHARACTERS, SIZE, Hashed, Weighting, hash_texts
from senti_studio.learning.assistant.measuring import cross_validated, measured, on_test_set
from senti_studio.learning.assistant.pool import Pool
from senti_studio.learning.assistant.space import Space, find_space

ODD = ("", " \n", "好" * 40_000, "😀👍🏽", "مرحبا بالعالم", "\ud800半个", "a", "https://x.cn/a?b=1", "𠮷野家")


def fill(cache: FeatureCache, texts: tuple[str, ...], *, first: int = 1, source: int = 1) -> None:
    ids = range(first, first + len(texts))
    cache.add(first, first + len(texts), list(ids), source, hash_texts(texts))
    cache.write()


def rows_of(hashed: Hashed) -> list[list[int]]:
    ends = np.concatenate([[0], np.cumsum(hashed.sizes)])
    return [hashed.features[a:b].tolist() for a, b in pairwise(ends)]


def test_features_of_one_text_do_not_depend_on_its_neighbours() -> None:
    texts = [*sentences(40, seed=1).texts, *ODD]
    together = rows_of(hash_texts(texts))
    assert together == [rows_of(hash_texts([text]))[0] for text in texts]
    assert all(row == sorted(set(row)) for row in together)
    assert together[40] == together[41] == [], "a blank text has none"
    assert len(together[42]) == 3, "one character, twice, thrice"
    assert rows_of(hash_texts(["味道 好，ＯＫ"])) == rows_of(hash_texts(["味道 好,ok"])), "one spelling"
    long = "".join(chr(0x4E00 + n % 20_000) for n in range(40_000))
    assert len(rows_of(hash_texts([long]))[0]) <= 3 * MOST_CHARACTERS


def test_a_cache_survives_and_grows(tmp_path: Path) -> None:
    texts = (*sentences(50, seed=2).texts, *ODD)
    cache = FeatureCache(tmp_path / "缓存", "项目")
    fill(cache, texts)
    more = sentences(30, seed=3).texts
    fill(cache, more, first=1000, source=7)
    expected = rows_of(hash_texts([*texts, *more]))
    cache.close()
    again = FeatureCache(tmp_path / "缓存", "项目")
    assert not again.was_rebuilt
    assert again.rows == len(texts) + 30
    assert again.next_id(1) == len(texts) + 1
    assert again.next_id(5000) == 5000
    assert again.ids[-1] == 1029
    assert again.sources.tolist() == [1] * len(texts) + [7] * 30
    assert rows_of(again.read(np.arange(again.rows))) == expected
    some = np.array([70, 3, 3, 59, 0])
    assert rows_of(again.read(some)) == [expected[row] for row in some]
    counts = np.bincount(np.concatenate([np.array(row, dtype=np.int64) for row in expected]), minlength=SIZE)
    assert np.array_equal(again.weighting.counts, counts)
    again.close()


def test_what_a_killed_writer_left_is_cut_off(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path, "项目")
    fill(cache, sentences(20, seed=2).texts)
    cache.close()
    for name in ("ids", "features"):
        with (tmp_path / f"{name}.bin").open("ab") as file:
            file.write(b"\x01\x02\x03")
    again = FeatureCache(tmp_path, "项目")
    assert (again.rows, again.was_rebuilt) == (20, False)
    fill(again, sentences(20, seed=3).texts, first=21)
    assert rows_of(again.read(np.arange(20, 40))) == rows_of(hash_texts(sentences(20, seed=3).texts))
    again.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_a_full_disk_loses_only_what_was_not_written(tmp_path: Path) -> None:
    import resource

    cache = FeatureCache(tmp_path, "项目")
    fill(cache, sentences(20, seed=2).texts)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "features.bin").stat().st_size + 100, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            fill(cache, sentences(30, seed=3).texts, first=21)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (cache.rows, cache.next_id(1), cache.next_id(21)) == (20, 21, 21)
    cache.add(21, 51, list(range(21, 51)), 1, hash_texts(sentences(30, seed=3).texts))
    cache.write()
    expected = rows_of(hash_texts([*sentences(20, seed=2).texts, *sentences(30, seed=3).texts]))
    assert rows_of(cache.read(np.arange(50))) == expected
    assert cache.weighting.counts.sum() == sum(map(len, expected))
    cache.close()


@pytest.mark.parametrize("damage", ["header", "field", "short", "sizes", "owner", "deep", "infinite"])
def test_a_damaged_or_foreign_cache_is_rebuilt(tmp_path: Path, damage: str) -> None:
    cache = FeatureCache(tmp_path, "项目")
    fill(cache, sentences(20, seed=2).texts)
    cache.close()
    header = tmp_path / "header.json"
    if damage == "header":
        header.write_bytes(b"\x00\xff no")
    elif damage == "field":
        header.write_text(header.read_text("utf-8").replace('\\"rows\\": 20', '\\"rows\\": 19'), "utf-8")
    elif damage == "short":
        (tmp_path / "features.bin").write_bytes((tmp_path / "features.bin").read_bytes()[:-2])
    elif damage == "sizes":
        (tmp_path / "sizes.bin").write_bytes(bytes(len((tmp_path / "sizes.bin").read_bytes())))
    elif damage == "deep":
        header.write_text("[" * 100_000, "utf-8")
    elif damage == "infinite":
        body = json.loads(header.read_text("utf-8"))["body"].replace('"rows": 20', '"rows": Infinity')
        header.write_text(json.dumps({"body": body, "check": zlib.crc32(body.encode())}), "utf-8")
    again = FeatureCache(tmp_path, "别的" if damage == "owner" else "项目")
    assert (again.rows, again.was_rebuilt) == (0, True)
    fill(again, sentences(20, seed=2).texts)
    assert again.rows == 20
    again.close()


def pool_of(folder: Path, texts: tuple[str, ...]) -> Pool:
    cache = FeatureCache(folder, "项目")
    fill(cache, texts)
    pool = Pool(cache)
    while pool.wants_space:
        pool.find_space()
    pool.renew()
    return pool


def test_it_learns_and_says_the_same_every_way(tmp_path: Path) -> None:
    told = sentences(400, seed=4)
    pool = pool_of(tmp_path, told.texts)
    assert pool.space.dimensions > 20
    truth = np.array(told.labels)
    few = np.arange(60)
    classifier = learn(pool.looked_up(few), truth[few], 2)
    everything = np.arange(400)
    said = pool.judged(classifier, pool.through(classifier), everything)
    assert (said.argmax(axis=1) == truth)[60:].mean() > 0.95
    assert np.allclose(said, classifier.probabilities(pool.looked_up(everything)), atol=1e-4)
    assert np.allclose(said[:9], classifier.probabilities(pool.looked_at(told.texts[:9])), atol=1e-4)
    assert np.allclose(said.sum(axis=1), 1, atol=1e-4)
    plain = learn(Rows(pool.looked_up(few).grams, np.zeros((60, 0), np.float32)), truth[few], 2)
    blind = plain.probabilities(Rows(pool.looked_up(everything).grams, np.zeros((400, 0), np.float32)))
    assert (said.argmax(axis=1) == truth)[60:].mean() >= (blind.argmax(axis=1) == truth)[60:].mean()


def test_it_finds_the_least_of_what_it_minimises(tmp_path: Path) -> None:
    told = sentences(200, seed=5)
    pool = pool_of(tmp_path, told.texts)
    rows, truth = pool.looked_up(np.arange(200)), np.array(told.labels)
    truth[::7] = 1 - truth[::7]
    for classes in (2, 3):
        truth[::11] = classes - 1
        found = learn(rows, truth, classes, strength=2.0)
        # The gradient of the class-balanced mean cross-entropy + |weights|² / (2 · strength · rows).
        off = found.probabilities(rows) - np.eye(classes)[truth]
        off /= (classes * np.bincount(truth))[truth][:, None]
        assert np.abs(off.sum(axis=0)).max() < 2e-3
        assert np.abs(rows.places.T @ off + found.places / 400).max() < 2e-3
        assert np.abs(rows.grams.T @ off + found.grams / 400).max() < 2e-3


def test_classes_without_labels_and_stopping(tmp_path: Path) -> None:
    told = sentences(60, seed=6)
    pool = pool_of(tmp_path, told.texts)
    rows, truth = pool.looked_up(np.arange(60)), np.array(told.labels)
    said = learn(rows, truth * 3, 5).probabilities(rows)
    assert said[:, [1, 2, 4]].max() == 0
    alone = learn(rows, np.full(60, 2), 3).probabilities(rows)
    assert np.allclose(alone, [[0, 0, 1]] * 60)
    with pytest.raises(Interrupted):
        learn(rows, truth, 2, should_stop=lambda: True)


def test_a_space_is_kept_and_a_damaged_one_is_not_believed(tmp_path: Path) -> None:
    pool = pool_of(tmp_path, sentences(120, seed=7).texts)
    path = tmp_path / "space.npz"
    kept = Space.load(path)
    assert kept is not None
    assert np.allclose(kept.axes, pool.space.axes, atol=0.01)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert Space.load(path) is None
    path.write_bytes(b"")
    assert Space.load(path) is None
    blank = Weighting(np.zeros(SIZE, np.int32), 3).matrix(hash_texts(["", " ", ""]))
    *_, last = find_space(blank)
    assert last is not None
    assert last.dimensions == 0, "nothing to find in nothing"


def test_choosing_is_doubtful_and_diverse() -> None:
    chance = np.random.default_rng(1)
    centres = np.eye(8, dtype=np.float32)
    places = np.repeat(centres, 25, axis=0) + chance.normal(0, 0.05, (200, 8)).astype(np.float32)
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    mixed = chance.permutation(200)
    doubts = np.linspace(1, 0, 200, dtype=np.float32)
    chosen = choosing.grouped(doubts, places[mixed], 8, np.random.default_rng(2))
    assert len(set(mixed[chosen] // 25)) == 8, "one of each kind"
    for each in chosen:
        same = np.flatnonzero(mixed // 25 == mixed[each] // 25)
        assert each == same[0], "the most doubtful one of its kind"
    assert choosing.grouped(doubts[:5], places[:5], 8, chance) == [0, 1, 2, 3, 4]
    assert len(set(choosing.grouped(doubts, places[:1].repeat(200, axis=0), 8, chance))) == 8
    assert choosing.random_share(30) > choosing.random_share(1000) > 0
    assert choosing.doubt(np.array([[0.5, 0.5], [0.9, 0.1]], np.float32)).tolist() == pytest.approx([1, 0.2])
    assert choosing.mixed([1, 2], [3], np.random.default_rng(0)) in ([1, 2, 3], [1, 3, 2], [3, 1, 2])


def test_explanations_point_at_the_words(tmp_path: Path) -> None:
    told = sentences(300, seed=8)
    pool = pool_of(tmp_path, told.texts)
    classifier = learn(pool.looked_up(np.arange(300)), np.array(told.labels), 2)
    for text in ("今天Ｒ 味道一般，老板👍🏽", "说实话，味道一般" + "。" * 40_000):
        row = pool.looked_at([text])
        found = pulls(text, lambda features, row=row: pool.influence(classifier, row, features))
        assert found[0].weight == 1
        assert text[found[0].start : found[0].end] in "味道一般"
        assert found[0].label == 1
        by_hand = pulls_by_leaving_out(text, lambda t: classifier.probabilities(pool.looked_at(t)))
        assert text[by_hand[0].start : by_hand[0].end] in "味道一般"
    for text in ODD:
        row = pool.looked_at([text])
        for pull in pulls(text, lambda features, row=row: pool.influence(classifier, row, features)):
            assert 0 <= pull.start < pull.end <= len(text)
            assert 0 < pull.weight <= 1


def test_near_ones_are_found(tmp_path: Path) -> None:
    texts = (*sentences(100, seed=9).texts, "房间很大，早餐不错，就是贵", "房间很大，早餐不错，就是有点贵")
    pool = pool_of(tmp_path, texts)
    rows, alike = pool.nearest(pool.looked_at([texts[-1]]), np.arange(101), 3)
    assert rows[0] == 100
    assert 1 > alike[0] > alike[1] >= alike[2]


def test_quality_keeps_equal_texts_together(tmp_path: Path) -> None:
    chance = random.Random(0)
    # Labels are mere chance, and each text stands there twice: whoever lets a copy into the learning part
    # finds himself right.
    texts = tuple("".join(chance.choices("甲乙丙丁戊己庚辛", k=12)) for _ in range(200)) * 2
    truth = np.array([chance.randrange(2) for _ in range(200)] * 2)
    pool = pool_of(tmp_path, texts)
    rows = pool.looked_up(np.arange(400))
    honest = cross_validated(rows, truth, np.arange(400) % 200, 2)
    fooled = cross_validated(rows, truth, np.arange(400), 2)
    assert honest is not None
    assert fooled is not None
    assert honest.accuracy < 0.62 < 0.8 < fooled.accuracy
    assert (honest.count, honest.source) == (400, "cross_validation")
    assert honest.low < honest.accuracy < honest.high
    many = np.arange(1_600) % 400
    some = cross_validated(rows.only(many), truth[many], many, 2)
    assert some is not None
    assert some.count == 1_280, "four of five parts are enough"
    classifier = learn(rows, truth, 2)
    assert on_test_set(classifier, rows.only(np.arange(19)), truth[:19]) is None
    test = on_test_set(classifier, rows, truth)
    assert test is not None
    assert test.source == "test_set"
    assert measured(np.zeros((0, 2), np.float32), np.zeros(0, np.int64), "test_set") is None
    assert cross_validated(rows.only(np.arange(3)), np.array([0, 0, 1]), np.arange(3), 2) is None
