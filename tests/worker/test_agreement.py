"""Agreement between people: the figures are those of reference libraries, on random data."""

from __future__ import annotations

import warnings

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from senti_studio.domain.people import AgreementReport, Person, confusion_between
from senti_studio.worker.agreement import fleiss_kappa, measure

NAMES = ("张三", "李四", "王五", "赵六")


@st.composite
def tables(draw: st.DrawFn) -> np.ndarray:
    """Comments by people: places of labels, -1 without one; some people echo the first."""
    people = draw(st.integers(2, 4))
    labels = draw(st.integers(2, 5))
    seed = draw(st.integers(0, 2**32 - 1))
    comments = draw(st.integers(1, 60))
    missing, echo = draw(st.sampled_from((0.0, 0.2, 0.6))), draw(st.sampled_from((0.0, 0.5, 0.95)))
    random = np.random.default_rng(seed)
    table = random.integers(0, labels, (comments, people))
    alike = random.random((comments, people)) < echo
    table = np.where(alike, table[:, :1], table)
    return np.where(random.random((comments, people)) < missing, -1, table)


def figures(table: np.ndarray) -> AgreementReport:
    people = [Person(name, 0) for name in NAMES[: table.shape[1]]]
    return measure(table.astype(np.int64), people, list(range(int(table.max(initial=0)) + 1)))


@settings(max_examples=80, deadline=None)
@given(tables())
def test_figures_are_those_of_reference_libraries(table: np.ndarray) -> None:
    report = figures(table)
    several = table[(table >= 0).sum(axis=1) > 1]
    assert report.comments == len(several)
    values = np.where(several < 0, np.nan, several).T
    if len(several) and len(set(several[several >= 0].tolist())) > 1:
        expected = krippendorff.alpha(reliability_data=values, level_of_measurement="nominal")
        assert report.alpha == pytest.approx(expected)
    else:
        assert report.alpha is None
    for pair in report.pairs:
        first, second = NAMES.index(pair.first), NAMES.index(pair.second)
        both = several[(several[:, first] >= 0) & (several[:, second] >= 0)]
        assert pair.comments == len(both)
        assert pair.same == int((both[:, first] == both[:, second]).sum())
        if len({*both[:, first].tolist(), *both[:, second].tolist()}) > 1:
            expected = cohen_kappa_score(both[:, first], both[:, second])
            assert pair.kappa == pytest.approx(expected)
        else:
            assert pair.kappa is None


@settings(max_examples=40, deadline=None)
@given(tables())
def test_fleiss_kappa_is_that_of_statsmodels(table: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the reference library's own making
        from statsmodels.stats.inter_rater import aggregate_raters
        from statsmodels.stats.inter_rater import fleiss_kappa as reference

    whole = table[(table >= 0).all(axis=1)]
    report = figures(table)
    assert report.whole == len(whole)
    if len(set(whole.flatten().tolist())) > 1:
        counts, _ = aggregate_raters(whole)
        assert report.fleiss == pytest.approx(reference(counts, method="fleiss"))
    else:
        assert report.fleiss is None


def test_fleiss_of_the_textbook() -> None:
    # Fleiss (1971), the example of 10 subjects, 14 raters, 5 categories: kappa = 0.210
    rows = (
        (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
        (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
    )  # fmt: skip
    assert fleiss_kappa(np.array(rows)) == pytest.approx(0.210, abs=0.0005)


def test_share_of_a_label_and_confusion_of_a_pair() -> None:
    table = np.array([[0, 0], [0, 1], [1, 1], [1, -1], [0, 0]])
    report = figures(table)
    assert (report.comments, report.share) == (4, 0.75)
    assert [(each.given, each.share) for each in report.labels] == [(5, 0.8), (3, pytest.approx(2 / 3))]
    pair = confusion_between(report, "李四", "张三")
    assert pair is not None
    assert pair.confusion == ((2, 0), (1, 1))
    assert confusion_between(report, "张三", "王五") is None
