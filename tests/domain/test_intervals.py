"""Intervals of a classifier's figures."""

from __future__ import annotations

import random
import time

import pytest

from senti_studio.domain.intervals import (
    accuracy_interval,
    difference_interval,
    f1_interval,
    intervals,
    macro_f1_interval,
    mcnemar,
    middle,
    wilson,
)
from senti_studio.domain.metrics import f1_scores, figures
from senti_studio.domain.resampling import DRAWS, binomial, resampled

MATRIX = ((279, 10, 6), (13, 78, 16), (6, 13, 179))
ODD = [((5, 0), (0, 7)), ((0, 0), (0, 0)), ((0, 0), (3, 0)), ((4, 0, 0), (0, 0, 0), (1, 0, 0))]


def test_wilson_against_published_values() -> None:
    low, high = wilson(81, 263)  # Newcombe 1998, table I: 0.2553 to 0.3662
    assert (low, high) == (pytest.approx(0.2553, abs=2e-4), pytest.approx(0.3662, abs=2e-4))
    low, high = wilson(0, 20)
    assert low == pytest.approx(0.0, abs=1e-12)
    assert high == pytest.approx(0.1611, abs=2e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_intervals_contain_their_figures() -> None:
    whole = figures(MATRIX)
    low, high = accuracy_interval(MATRIX)
    assert low < whole.accuracy < high
    low, high = macro_f1_interval(MATRIX)
    assert low < whole.macro_f1 < high
    assert 0.02 < high - low < 0.10
    for label, one in enumerate(whole.per_label):
        low, high = f1_interval(MATRIX, label)
        assert low <= one.f1 <= high


def test_the_same_matrix_gives_the_same_interval() -> None:
    assert macro_f1_interval(MATRIX) == macro_f1_interval(MATRIX)


def test_they_agree_with_resampling_the_rows() -> None:
    large = tuple(tuple(4 * count for count in row) for row in MATRIX)
    cells = [(i, j) for i in range(3) for j in range(3) for _ in range(large[i][j])]
    chance = random.Random(7)
    macro, middle = [], []
    for _ in range(400):
        counts = [[0] * 3 for _ in range(3)]
        for i, j in chance.choices(cells, k=len(cells)):
            counts[i][j] += 1
        macro.append(figures(counts).macro_f1)
        middle.append(figures(counts).per_label[1].f1)
    found = intervals(large)
    for (low, high), drawn in ((found.macro_f1, sorted(macro)), (found.f1[1], sorted(middle))):
        assert low == pytest.approx(drawn[10], abs=0.005)
        assert high == pytest.approx(drawn[-11], abs=0.005)


def test_three_rows_without_a_mistake_are_no_certainty() -> None:
    found = intervals(((2, 0), (0, 1)))
    for low, high in (found.accuracy, found.macro_f1, *found.f1):
        assert low < 0.6
        assert high == 1.0


def test_intervals_of_few_rows_hold_the_truth() -> None:
    """The bootstrap alone holds it 60 times of 100 here."""
    chance = random.Random(4)
    held = 0
    for _ in range(200):
        counts = [[0, 0], [0, 0]]
        for _ in range(20):
            truth = chance.randrange(2)
            counts[truth][truth if chance.random() < 0.95 else 1 - truth] += 1
        low, high = intervals(counts, draws=100).macro_f1
        held += low <= 0.95 <= high
    assert held >= 186


def test_thousands_of_rows_take_no_longer_than_tens() -> None:
    """The counts are drawn, not the rows: a hundred times the rows at the same cost."""
    steps = [_steps(factor) for factor in (1, 100)]
    assert steps[1] < 2 * steps[0]


def _steps(factor: int) -> int:
    """How many random numbers a draw of the matrix, times ``factor``, takes."""

    class Counting(random.Random):
        taken = 0

        def random(self) -> float:
            Counting.taken += 1
            return super().random()

    chance = Counting(1)
    for row in MATRIX:
        for count in row:
            for _ in range(50):
                binomial(600 * factor, count / 600, chance)
    return Counting.taken


def test_they_are_those_of_whole_matrices_drawn_again() -> None:
    matrix = ((40, 3, 0, 1), (5, 30, 2, 0), (0, 0, 0, 0), (1, 0, 6, 20))
    cells = [count for row in matrix for count in row]
    drawn = [[one[at : at + 4] for at in range(0, 16, 4)] for one in resampled(cells, draws=DRAWS)]
    low, high = middle([score for each in drawn if (score := f1_scores(each)[3]) is not None])
    at_least = f1_interval(matrix, 3)
    assert intervals(matrix).f1[3] == (min(low, at_least[0]), max(high, at_least[1]))


def test_five_hundred_classes_take_a_second() -> None:
    """Time of this process alone: how busy the computer is does not matter."""
    size = 500
    matrix = [[0] * size for _ in range(size)]
    for number in range(600):
        matrix[number % size][number * 7 % size] += 1
    began = time.process_time()
    low, high = intervals(matrix).macro_f1
    assert time.process_time() - began < 3
    assert 0 <= low <= figures(matrix).macro_f1 <= high <= 1


@pytest.mark.parametrize("matrix", ODD)
def test_odd_matrices_give_intervals_too(matrix: tuple[tuple[int, ...], ...]) -> None:
    low, high = macro_f1_interval(matrix)
    assert 0.0 <= low <= high <= 1.0
    if figures(matrix).rows:
        assert low <= figures(matrix).macro_f1 <= high
    for label in range(len(matrix)):
        low, high = f1_interval(matrix, label)
        assert 0.0 <= low <= high <= 1.0


def test_mcnemar_is_the_exact_test() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 5) == 1.0
    assert mcnemar(47, 23) == pytest.approx(0.0055, abs=2e-4)
    assert mcnemar(10, 0) == pytest.approx(2 / 1024)
    assert mcnemar(700, 500) == pytest.approx(0.0, abs=1e-6)


def test_the_difference_lies_in_its_interval() -> None:
    low, high = difference_interval(47, 23, 600)
    assert low < 24 / 600 < high
    assert difference_interval(0, 0, 0) == (0.0, 0.0)
    low, high = difference_interval(0, 0, 3)  # three rows without a difference say little
    assert low < -0.3
    assert high > 0.3
