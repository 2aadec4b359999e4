"""Intervals of a classifier's figures."""

from __future__ import annotations

import random

import pytest

from senti_studio.domain.intervals import (
    accuracy_interval,
    difference_interval,
    f1_interval,
    macro_f1_interval,
    mcnemar,
    wilson,
)
from senti_studio.domain.metrics import figures

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


def test_it_agrees_with_resampling_the_rows() -> None:
    cells = [(i, j) for i in range(3) for j in range(3) for _ in range(MATRIX[i][j])]
    chance = random.Random(7)
    drawn = []
    for _ in range(400):
        counts = [[0] * 3 for _ in range(3)]
        for i, j in chance.choices(cells, k=len(cells)):
            counts[i][j] += 1
        drawn.append(figures(counts).macro_f1)
    drawn.sort()
    low, high = macro_f1_interval(MATRIX)
    assert low == pytest.approx(drawn[10], abs=0.01)
    assert high == pytest.approx(drawn[-11], abs=0.01)


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
