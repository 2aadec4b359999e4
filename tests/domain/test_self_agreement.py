"""Agreement with oneself: the figure, its interval, and where there is none."""

from __future__ import annotations

import random

import pytest

from senti_studio.domain.self_agreement import self_agreement


def test_no_pairs_and_one_label_have_no_kappa() -> None:
    nothing = self_agreement([])
    assert (nothing.asked, nothing.share, nothing.kappa) == (0, None, None)
    one = self_agreement([(1, 1)] * 30)
    assert (one.agreed, one.share, one.kappa) == (30, 1.0, None)


@pytest.mark.parametrize("seed", range(5))
def test_kappa_is_that_of_the_reference(seed: int) -> None:
    from sklearn.metrics import cohen_kappa_score

    chance = random.Random(seed)
    first = [chance.randint(1, 3) for _ in range(80)]
    second = [each if chance.random() < 0.8 else chance.randint(1, 3) for each in first]
    found = self_agreement(list(zip(first, second, strict=True)))
    assert found.kappa == pytest.approx(cohen_kappa_score(first, second))
    assert found.kappa is not None
    assert found.low < found.kappa < found.high
    assert found.share_low < found.agreed / 80 < found.share_high
    assert found == self_agreement(list(zip(first, second, strict=True)))


def test_perfect_agreement_of_few_pairs_is_no_certainty() -> None:
    few, many = self_agreement([(1, 1), (2, 2)] * 5), self_agreement([(1, 1), (2, 2)] * 100)
    assert few.kappa == many.kappa == 1.0
    assert few.low < 0.5 < 0.95 < many.low
    assert not few.is_enough
    assert many.is_enough


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """60 pairs of somebody who says the same in 85 of 100: κ is 0.7 for two equal labels."""
    held = 0
    for seed in range(60):
        chance = random.Random(seed)
        pairs = [(one, one if chance.random() < 0.85 else 3 - one) for one in [1, 2] * 30]
        found = self_agreement(pairs)
        held += found.low <= 0.7 <= found.high
    assert held >= 54
