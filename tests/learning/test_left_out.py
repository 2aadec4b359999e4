"""One function of all comments says of each what a function without it and its copies would say."""

from __future__ import annotations

import random

import numpy as np
import pytest

from senti_studio.learning.assistant import left_out
from senti_studio.learning.assistant.classifier import Interrupted, Rows, learn
from senti_studio.learning.assistant.features import SIZE, Weighting, hash_texts
from senti_studio.learning.assistant.left_out import LeftOut
from senti_studio.learning.assistant.space import find_space

ROOM = ("房间", "早餐", "前台", "大堂", "浴室", "床单")
LAPTOP = ("键盘", "屏幕", "硬盘", "散热", "系统", "电池")
SAID = ("小", "轻", "薄")
OTHER = ("大", "重", "厚")


def made(count: int) -> tuple[list[str], np.ndarray]:
    """Invented comments: what is good of a laptop is bad of a room, so that no word tells by itself."""
    chance = random.Random(3)
    texts, classes = [], []
    for number in range(count):
        is_room, is_small = number % 2, number // 2 % 2
        about = chance.sample(ROOM if is_room else LAPTOP, 3)
        said = chance.sample(SAID if is_small else OTHER, 3)
        texts.append("，".join(about) + "，总的来说都很" + "，".join(said))
        classes.append(is_room ^ is_small)
    return texts, np.array(classes, dtype=np.int64)


def rows_of(texts: list[str], dimensions: int = 8) -> Rows:
    hashed = hash_texts(texts)
    counts = np.bincount(hashed.features, minlength=SIZE).astype(np.int32)
    grams = Weighting(counts, len(texts)).matrix(hashed)
    (space,) = [each for each in find_space(grams, dimensions=dimensions) if each is not None]
    return Rows(grams, space.places(grams))


def without(rows: Rows, wanted: np.ndarray, group: np.ndarray) -> np.ndarray:
    """What a function says of the rows of ``group`` that has learnt all others, by the textbook."""
    grams = (rows.grams @ rows.grams.T).toarray().astype(np.float64)
    apart = ((rows.places[:, None] - rows.places[None]) ** 2).sum(axis=2)
    alike = 0.5 * grams + 0.5 * np.exp(-2.0 * apart)
    others = np.setdiff1d(np.arange(len(wanted)), group)
    system = alike[np.ix_(others, others)] + 0.5 * np.eye(len(others))
    middle = wanted.mean(axis=0)
    said: np.ndarray = middle + alike[np.ix_(group, others)] @ np.linalg.solve(
        system, wanted[others] - middle
    )
    return said


def test_it_says_what_a_function_without_the_group_would_say() -> None:
    texts, _ = made(700)
    chance = np.random.default_rng(5)
    classes = chance.integers(0, 3, len(texts))
    groups = np.sort(chance.integers(0, 520, len(texts)))
    chance.shuffle(groups)
    rows = rows_of(texts)
    function = LeftOut(groups)
    steps: list[int] = []
    found = function.judged(rows, classes, 3, stepped=lambda: steps.append(1))
    assert len(steps) == function.steps == 6, "two blocks, three pieces of work each"
    sizes = np.bincount(groups)
    for number in (int(sizes.argmax()), *np.flatnonzero(sizes == 1)[[0, -1]].tolist(), groups[0], groups[-1]):
        group = np.flatnonzero(groups == number)
        assert np.allclose(found[group], without(rows, np.eye(3)[classes], group), atol=2e-3)


def test_it_learns_what_no_word_tells_by_itself() -> None:
    texts, classes = made(400)
    rows = rows_of(texts)
    groups = np.unique(texts, return_inverse=True)[1]
    wrong = np.arange(7, 400, 21)
    given = classes.copy()
    given[wrong] = 1 - given[wrong]
    found = LeftOut(groups).judged(rows, given, 2)
    assert (found.argmax(axis=1) == classes).mean() > 0.97
    assert (found[wrong].argmax(axis=1) == classes[wrong]).all()
    half = np.arange(400) < 200
    nothing = np.zeros((200, 0), dtype=np.float32)
    linear = learn(Rows(rows.grams[half], nothing), given[half], 2)
    said = linear.probabilities(Rows(rows.grams[~half], nothing)).argmax(axis=1)
    assert (said == classes[~half]).mean() < 0.9, "else this would show nothing"


def test_copies_beyond_the_hundredth_and_empty_texts_are_judged_too() -> None:
    texts, classes = made(60)
    texts += ["键盘很轻，屏幕很薄，电池很小"] * 250 + [""] * 20
    classes = np.concatenate([classes, np.zeros(250, np.int64), np.ones(20, np.int64)])
    rows = rows_of(texts)
    groups = np.unique(texts, return_inverse=True)[1]
    found = LeftOut(groups).judged(rows, classes, 2)
    assert np.isfinite(found).all()
    assert np.ptp(found[60:310], axis=0).max() < 1e-3
    assert np.ptp(found[310:], axis=0).max() < 1e-3
    # Where there is nothing else to learn from, only how frequent the classes are is known.
    alone = LeftOut(np.zeros(80, np.int64)).judged(rows.only(np.arange(80)), classes[:80], 2)
    assert np.allclose(alone, np.bincount(classes[:80], minlength=2) / 80, atol=1e-3)


def test_more_comments_than_one_matrix_may_hold_are_judged_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_out, "MOST", 150)
    texts, classes = made(400)
    groups = np.unique(texts, return_inverse=True)[1]
    function = LeftOut(groups)
    assert function.steps == 9, "three parts of one block"
    found = function.judged(rows_of(texts), classes, 2)
    assert (found.argmax(axis=1) == classes).mean() > 0.9


def test_without_a_topic_space_and_without_labels() -> None:
    texts, classes = made(120)
    rows = rows_of(texts)
    bare = Rows(rows.grams, rows.places[:, :0])
    assert np.isfinite(LeftOut(np.arange(120)).judged(bare, classes, 2)).all()
    none = np.zeros(0, dtype=np.int64)
    assert LeftOut(none).judged(rows.only(none), none, 2).shape == (0, 2)


@pytest.mark.parametrize("after", [0, 1, 3, 5])
def test_it_stops_between_two_pieces_of_work(after: int) -> None:
    texts, classes = made(700)
    steps: list[int] = []
    function = LeftOut(np.arange(700))
    with pytest.raises(Interrupted):
        function.judged(
            rows_of(texts),
            classes,
            2,
            stepped=lambda: steps.append(1),
            should_stop=lambda: len(steps) >= after,
        )
    assert len(steps) <= after
