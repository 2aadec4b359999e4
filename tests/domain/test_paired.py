"""Two classifiers on the same rows, and figures held against scikit-learn, scipy and statsmodels."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support
from sklearn.metrics import confusion_matrix as sk_confusion
from statsmodels.stats.contingency_tables import mcnemar as sm_mcnemar

from senti_studio.domain.intervals import mcnemar
from senti_studio.domain.metrics import confusion_matrix, f1_scores, figures
from senti_studio.domain.paired import paired
from senti_studio.domain.resampling import binomial, resampled


@pytest.mark.parametrize(("classes", "rows"), [(2, 1), (2, 40), (3, 500), (7, 30), (20, 2000)])
def test_figures_are_those_of_scikit_learn(classes: int, rows: int) -> None:
    chance = np.random.default_rng(classes * rows)
    for _ in range(20):
        truth = chance.integers(0, classes, rows)
        said = np.where(chance.random(rows) < 0.6, truth, chance.integers(0, classes, rows))
        counts = confusion_matrix(zip(truth.tolist(), said.tolist(), strict=True), classes)
        found = figures(counts)
        assert np.array_equal(counts, sk_confusion(truth, said, labels=range(classes)))
        assert found.accuracy == pytest.approx(accuracy_score(truth, said))
        assert found.macro_f1 == pytest.approx(f1_score(truth, said, average="macro"))
        per_label = precision_recall_fscore_support(truth, said, labels=range(classes), zero_division=0)
        for label, one in enumerate(found.per_label):
            told = (one.precision, one.recall, one.f1, one.support)
            assert told == pytest.approx([each[label] for each in per_label])
            assert (f1_scores(counts)[label] or 0.0) == one.f1


@pytest.mark.parametrize(
    ("first", "second"), [(5, 2), (0, 7), (47, 23), (480, 420), (3, 3), (700, 600), (900, 700)]
)
def test_mcnemar_is_that_of_statsmodels(first: int, second: int) -> None:
    exact = first + second <= 1000
    table = [[1000, first], [second, 50]]
    told = sm_mcnemar(table, exact=exact, correction=True).pvalue
    assert mcnemar(first, second) == pytest.approx(told, rel=1e-9)


@pytest.mark.parametrize(
    ("rows", "share"), [(7, 0.3), (40, 0.02), (600, 0.04), (600, 0.47), (5000, 0.9), (100_000, 0.2)]
)
def test_binomials_have_the_right_distribution(rows: int, share: float) -> None:
    chance = random.Random(11)
    drawn = [binomial(rows, share, chance) for _ in range(4000)]
    cuts = sorted({int(stats.binom.ppf(q, rows, share)) for q in np.linspace(0.05, 0.95, 12)})
    borders = [-1, *cuts, rows]
    expected = np.diff(stats.binom.cdf(borders, rows, share)) * len(drawn)
    found = np.histogram(drawn, bins=np.array(borders) + 0.5)[0]
    keep = expected > 5
    squares = float(((found - expected)[keep] ** 2 / expected[keep]).sum())
    assert stats.chi2.sf(squares, keep.sum() - 1) > 1e-4


def test_resampling_keeps_the_sum_and_repeats() -> None:
    counts = [279, 0, 6, 13, 78, 1]
    drawn = list(resampled(counts, draws=2000))
    assert drawn == list(resampled(counts, draws=2000))
    assert all(sum(each) == sum(counts) and each[1] == 0 for each in drawn)
    means, spreads = np.mean(drawn, axis=0), np.std(drawn, axis=0)
    shares = np.array(counts) / sum(counts)
    assert np.allclose(means, counts, atol=1.0)
    assert np.allclose(spreads, np.sqrt(sum(counts) * shares * (1 - shares)), rtol=0.06)


def _rows(count: int, *, gain: float, seed: int = 5) -> list[tuple[int, int, int]]:
    """Truth and two predictions that share what is hard; the first is right on ``gain`` of the rows more."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        truth, hard = chance.randrange(3), chance.random()
        second = truth if hard < 0.75 else (truth + 1) % 3
        first = truth if hard < 0.75 + gain else (truth + 1) % 3
        if chance.random() < 0.03:
            first = (first + 1) % 3
        found.append((truth, first, second))
    return found


def test_a_real_difference_is_told_and_a_small_one_is_not() -> None:
    real = paired(_rows(600, gain=0.12), 3)
    assert real.is_sure
    assert real.accuracy_interval[0] > 0
    assert real.macro_f1_interval[0] > 0
    assert real.accuracy_interval[0] < real.accuracy < real.accuracy_interval[1]
    small = paired(_rows(600, gain=0.03), 3)
    assert not small.is_sure
    assert small.accuracy_interval[0] < 0 < small.accuracy_interval[1]
    assert small.macro_f1_interval[0] < 0 < small.macro_f1_interval[1]


def test_pairing_is_what_makes_the_interval_narrow() -> None:
    rows = _rows(600, gain=0.12)
    found = paired(rows, 3)
    chance = np.random.default_rng(2)
    table = np.array(rows)
    drawn = []
    for _ in range(400):  # the rows themselves, drawn again
        again = table[chance.integers(0, len(table), len(table))].tolist()
        one, other = (confusion_matrix(((row[0], row[side]) for row in again), 3) for side in (1, 2))
        drawn.append(figures(one).macro_f1 - figures(other).macro_f1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert found.macro_f1_interval == pytest.approx((low, high), abs=0.01)


def test_three_rows_and_none_are_told_without_certainty() -> None:
    few = paired([(0, 0, 0), (1, 1, 0), (0, 0, 0)], 2)
    assert few.chance == 1.0
    assert few.accuracy_interval[0] < 0 < few.accuracy_interval[1]
    none = paired([], 2)
    assert (none.rows, none.accuracy, none.chance) == (0, 0.0, 1.0)
    assert paired([(0, 0, 0)] * 9, 2).accuracy_interval[1] > 0.1
