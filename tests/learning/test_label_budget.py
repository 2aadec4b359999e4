"""The label-budget curve: what is learnt from what, what is said of more labels, and how sure."""

from __future__ import annotations

import numpy as np
import pytest

from senti_studio.domain.label_budget import MAIN_STEP
from senti_studio.learning import power_law
from senti_studio.learning.label_budget import Labels, Rows, Stopped, conclude, enough, measure

SPREAD = {0: 0.0, 1: 0.9, 2: 3.5}


class Points:
    """Classes as clouds in many dimensions, and the nearest of the learnt centres as classifier: it gets
    better with every label. Classes 0 and 1 lie close together, class 2 apart from them."""

    def __init__(
        self, rows: int, seed: int = 0, *, copies: int = 1, shares: tuple[float, ...] = (0.5, 0.2, 0.3)
    ) -> None:
        chance = np.random.default_rng(seed)
        alone = chance.choice(len(shares), size=rows // copies, p=shares)
        places = chance.normal(size=(len(alone), 40))
        places[:, 0] += np.array([SPREAD[each] for each in alone])
        self.places = np.repeat(places, copies, axis=0)
        self.classes = np.repeat(alone, copies)
        self.groups = np.repeat(np.arange(len(alone)), copies)
        self.count = len(shares)
        self.seen: list[tuple[Rows, Rows]] = []

    def labels(self, is_test: Rows | None = None) -> Labels:
        none = np.zeros(len(self.classes), dtype=bool)
        return Labels(self.classes, self.groups, none if is_test is None else is_test)

    def judge(self, learnt: Rows, rows: Rows) -> Rows:
        self.seen.append((learnt, rows))
        centres = np.full((self.count, self.places.shape[1]), np.inf)
        for each in np.unique(self.classes[learnt]):
            centres[each] = self.places[learnt[self.classes[learnt] == each]].mean(axis=0)
        apart = ((self.places[rows][:, None, :] - centres[None]) ** 2).sum(axis=2)
        return np.asarray(apart.argmin(axis=1))

    def truth(self, learnt: Rows, rows: Rows) -> float:
        said, true = self.judge(learnt, rows), self.classes[rows]
        scores = [
            2 * np.sum((said == each) & (true == each)) / (np.sum(said == each) + np.sum(true == each))
            for each in range(self.count)
        ]
        return float(np.mean(scores))


def test_a_power_law_is_found_again() -> None:
    labels = np.array([50.0, 125.0, 250.0, 375.0, 500.0])
    scores = np.stack([0.92 - 1.1 * labels**-0.4, np.full(5, 0.7), 0.999 - 3.0 * labels**-1.0])
    found = power_law.fit(labels, scores)
    assert found.at(labels) == pytest.approx(scores, abs=2e-3)
    assert found.at([1000.0])[:, 0] == pytest.approx([0.92 - 1.1 * 1000**-0.4, 0.7, 0.996], abs=6e-3)
    assert (found.ceiling <= 1.0).all()
    falling = power_law.fit(labels, np.array([[0.8, 0.78, 0.77, 0.76, 0.75]]))
    assert falling.drop[0] == 0.0, "more labels never make it worse: that is chance"


def test_whole_groups_stay_on_one_side_and_shares_are_nested() -> None:
    points = Points(300, copies=3)
    steps: list[tuple[int, int]] = []
    measured = measure(points.labels(), points.judge, rounds=2, progress=lambda *step: steps.append(step))
    assert len(points.seen) == 2 * 5 * 5
    for learnt, held in points.seen:
        assert not set(points.groups[learnt]) & set(points.groups[held])
    for first in range(0, 50, 5):
        for (less, _), (more, _) in zip(
            points.seen[first : first + 4], points.seen[first + 1 : first + 5], strict=True
        ):
            assert set(less) < set(more)
    for fold in range(0, 25, 5):
        held = points.seen[fold][1]
        assert 50 <= len(held) <= 70
        assert len(np.unique(points.classes[held])) == 3
    assert sorted(np.concatenate([points.seen[fold][1] for fold in range(0, 25, 5)])) == list(range(300))
    assert measured.predicted.shape == (2, 5, 300)
    assert measured.sizes == pytest.approx([24, 60, 120, 180, 240], abs=3)
    assert steps[-1] == (520, 520)
    assert [done for done, _ in steps[:5]] == [2, 7, 17, 32, 52]
    again = measure(points.labels(), points.judge, rounds=2)
    assert (again.predicted == measured.predicted).all(), "the same labels give the same curve"


def test_the_test_set_is_judged_where_there_is_one_and_never_learnt_from() -> None:
    points = Points(900, copies=3)
    is_test = np.zeros(900, dtype=bool)
    is_test[: 2 * 160 : 2] = True  # copies of these are no test comments themselves, and are left out
    measured = measure(points.labels(is_test), points.judge, rounds=2)
    assert measured.source == "test_set"
    for learnt, held in points.seen:
        assert (held == np.flatnonzero(is_test)).all()
        assert not set(points.groups[learnt]) & set(points.groups[held])
    curve = conclude(points.labels(is_test), measured, [5, 6, 7])
    assert (curve.held_out, curve.labels, curve.source) == (160, 740, "test_set")
    few = np.zeros(900, dtype=bool)
    few[:20] = True
    assert measure(points.labels(few), points.judge, rounds=1).source == "cross_validation"


def test_what_comes_true_lies_in_the_interval() -> None:
    hits, margins = 0, []
    for seed in range(12):
        points = Points(4000, seed=seed)
        chance = np.random.default_rng(seed)
        order = chance.permutation(4000)
        now, far = order[:400], order[2000:]
        mine = Labels(points.classes[now], points.groups[now], np.zeros(400, dtype=bool))
        measured = measure(
            mine, lambda learnt, held, p=points, n=now: p.judge(n[learnt], n[held]), rounds=2, seed=seed
        )
        curve = conclude(mine, measured, [1, 2, 3])
        assert curve.main is not None
        real = points.truth(order[: 400 + MAIN_STEP], far) - points.truth(now, far)
        hits += curve.main.low <= real <= curve.main.high
        margins.append(curve.main.margin)
    assert hits >= 10
    assert float(np.median(margins)) < 0.06, "wide enough to be true is not enough"


def test_the_curve_and_the_class_that_gains_most() -> None:
    points = Points(1500, seed=3)
    measured = measure(points.labels(), points.judge, rounds=3)
    curve = conclude(points.labels(), measured, [11, 12, 13])
    assert curve.labels == curve.used == 1500
    assert [point.labels for point in curve.points] == [120, 300, 600, 900, 1200]
    assert all(point.low <= point.score <= point.high for point in (*curve.points, *curve.curve))
    assert curve.curve[0].labels == 120
    assert curve.curve[-1].labels == 3000
    scores = [point.score for point in curve.curve]
    assert scores == sorted(scores)
    assert [each.more for each in curve.gains] == [100, 200, 500, 1000]
    assert [each.gain for each in curve.gains] == sorted(each.gain for each in curve.gains)
    assert [each.count for each in curve.classes] == np.bincount(points.classes).tolist()
    assert curve.gains_most in (11, 12), "the two that lie close together"
    assert curve.classes[2].gain < max(each.gain for each in curve.classes[:2])


def test_nothing_is_said_of_too_few_labels_and_it_can_be_stopped() -> None:
    assert enough(Points(20).labels()) == 40
    one = Points(80, shares=(1.0,))
    assert enough(one.labels()) == 10
    points = Points(200)
    assert enough(points.labels()) == 0
    with pytest.raises(Stopped):
        measure(points.labels(), points.judge, should_stop=lambda: len(points.seen) == 7)
    assert len(points.seen) == 7
    late = measure(points.labels(), points.judge, rounds=4, is_late=lambda: True)
    assert len(late.predicted) == 2
