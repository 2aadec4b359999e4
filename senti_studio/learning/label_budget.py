"""Measures how a classifier gets better with more labels, and says what further labels would bring.

It is trained on nested shares of the labels, several times over, and judged on comments that it has not
seen: the test set where there is one, else each fifth of the labels in turn. Whole groups of copies stay on
one side. Through the scores goes an inverse power law (see `power_law`); its uncertainty is that of drawing
the judged comments and the rounds again (a Bayesian bootstrap, Rubin 1981), and, for what may really come
out, of which comments happen to be labelled next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from senti_studio.domain.label_budget import (
    FEWEST,
    FEWEST_OF_CLASS,
    MAIN_STEP,
    STEPS,
    BudgetCurve,
    BudgetGain,
    BudgetPoint,
    ClassGain,
)
from senti_studio.learning import power_law
from senti_studio.learning.power_law import Floats

Rows = npt.NDArray[np.int64]
Judge = Callable[[Rows, Rows], Rows]
"""Learns from the first rows; the class index of each of the second ones."""

SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)
_WORK = tuple(round(20 * share) for share in SHARES)
"""How long each takes, compared to the others: for the progress."""
FOLDS = 5
ROUNDS = 4
FEWEST_TESTED = 100
"""A test set with fewer comments would say less than the labels themselves."""
_DRAWS = 400
_CURVE_POINTS = 40
_SURE = 0.6
"""How often a class must gain most, of all draws, to be named."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What to measure with: class index, group of copies, and whether it is of the test set, for each row."""

    classes: Rows
    groups: Rows
    is_test: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Measured:
    """``predicted`` (rounds, shares, judged rows): class indices; ``sizes`` (shares): labels learnt from, the
    mean over the rounds."""

    predicted: Rows
    judged: Rows
    sizes: Floats
    source: str


class Stopped(Exception):  # noqa: N818 - no error: it was asked for
    """Measuring was asked to stop."""


def enough(labels: Labels) -> int:
    """How many labels are missing until it can be measured, 0 when there are enough of two classes."""
    counts = np.sort(np.bincount(labels.classes, minlength=2))[::-1]
    return max(0, FEWEST - len(labels.classes), 2 * FEWEST_OF_CLASS - int(counts[1]))


def measure(
    labels: Labels,
    judge: Judge,
    *,
    seed: int = 0,
    rounds: int = ROUNDS,
    progress: Callable[[int, int], None] = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
    is_late: Callable[[], bool] = lambda: False,
) -> Measured:
    """Trains and judges ``rounds`` times; after the second round ``is_late`` may end it earlier.

    Raises `Stopped`.
    """
    chance = np.random.default_rng(seed)
    tested = np.flatnonzero(labels.is_test)
    by_test = len(tested) >= FEWEST_TESTED and len(np.unique(labels.classes[tested])) > 1
    parts = 1 if by_test else FOLDS
    total = rounds * parts * sum(_WORK)
    done = 0
    judged = tested if by_test else np.arange(len(labels.classes))
    place = np.full(len(labels.classes), -1)
    place[judged] = np.arange(len(judged))
    found: list[Rows] = []
    sizes = np.zeros((rounds, parts, len(SHARES)))
    for number in range(rounds):
        if len(found) > 1 and is_late():
            break
        predicted = np.zeros((len(SHARES), len(judged)), dtype=np.int64)
        for part, (learnt, held) in enumerate(_splits(labels, chance, by_test=by_test)):
            for step, share in enumerate(SHARES):
                if should_stop():
                    raise Stopped
                rows = _first(learnt, share, labels)
                sizes[number, part, step] = len(rows)
                predicted[step, place[held]] = judge(rows, held)
                done += _WORK[step]
                progress(done, total)
        found.append(predicted)
    source = "test_set" if by_test else "cross_validation"
    return Measured(np.stack(found), judged, sizes[: len(found)].mean(axis=(0, 1)), source)


def _splits(labels: Labels, chance: np.random.Generator, *, by_test: bool) -> Sequence[tuple[Rows, Rows]]:
    """(rows to learn from in random order, rows to judge), whole groups on one side."""
    if by_test:
        tested = np.flatnonzero(labels.is_test)
        free = ~np.isin(labels.groups, labels.groups[tested])
        return [(_shuffled(np.flatnonzero(free), labels, chance), tested)]
    order = _shuffled(np.arange(len(labels.classes)), labels, chance)
    folds = _fold_of_groups(order, labels)
    found = []
    for fold in range(FOLDS):
        inside = folds[order] == fold
        learnt = _shuffled(np.sort(order[~inside]), labels, chance)
        found.append((learnt, order[inside]))
    return found


def _shuffled(rows: Rows, labels: Labels, chance: np.random.Generator) -> Rows:
    """The rows in random order, those of one group one after the other."""
    groups, inverse = np.unique(labels.groups[rows], return_inverse=True)
    rank = chance.permutation(len(groups))[inverse]
    return rows[np.argsort(rank, kind="stable")]


def _fold_of_groups(order: Rows, labels: Labels) -> Rows:
    """The fold of each row: groups are dealt out one by one, class after class, so that each fold has its
    share of every class."""
    fold = np.zeros(len(labels.classes), dtype=np.int64)
    groups = labels.groups[order]
    _, first = np.unique(groups, return_index=True)
    leaders = order[np.sort(first)]
    dealt = leaders[np.argsort(labels.classes[leaders], kind="stable")]
    fold_of = dict(zip(labels.groups[dealt].tolist(), (np.arange(len(dealt)) % FOLDS).tolist(), strict=True))
    fold[order] = [fold_of[group] for group in groups.tolist()]
    return fold


def _first(learnt: Rows, share: float, labels: Labels) -> Rows:
    """The first share of the rows; at least two classes are among them where there are two."""
    count = max(2, round(share * len(learnt)))
    classes = labels.classes[learnt]
    other = np.flatnonzero(classes != classes[0])
    if len(other) and other[0] >= count:
        return np.concatenate([learnt[: count - 1], learnt[other[:1]]])
    return learnt[:count]


def conclude(
    labels: Labels, measured: Measured, label_ids: Sequence[int], *, total: int | None = None, seed: int = 0
) -> BudgetCurve:
    """The curve through what was measured, and what more labels would bring; ``total``: how many labels there
    are, where only a sample was used."""
    now = total or int((~labels.is_test).sum() if measured.source == "test_set" else len(labels.classes))
    drawn = _draws(labels, measured, len(label_ids), np.random.default_rng(seed))
    whole = _figures(
        labels, measured, len(label_ids), np.ones(len(measured.judged)), np.ones(len(measured.predicted))
    )
    macro_draws, macro = _macro(drawn, labels, measured), _macro(whole, labels, measured)
    counts = measured.sizes
    draws, best = power_law.fit(counts, macro_draws), power_law.fit(counts, macro)
    class_draws = power_law.fit(counts, np.moveaxis(drawn, -1, -2))
    class_best = power_law.fit(counts, np.moveaxis(whole, -1, -2))
    luck = _luck(labels, measured, macro_draws, whole)
    chance = np.random.default_rng(seed + 1)
    gains = tuple(_gain(draws, best, now, more, luck, chance) for more in STEPS)
    classes, most = _classes(class_draws, class_best, labels, label_ids, now)
    furthest = max(2 * now, now + STEPS[-1])
    reach: Floats = np.unique(np.round(np.geomspace(float(counts[0]), furthest, _CURVE_POINTS))).astype(
        np.float64
    )
    low, high = _interval(draws.at(reach))
    curve = _points(reach, best.at(reach), low, high, class_best.at(reach).T)
    low, high = _interval(macro_draws)
    points = _points(counts, macro, low, high, whole)
    return BudgetCurve(
        tuple(label_ids),
        now,
        points,
        curve,
        float(best.at([now])[0]),
        gains,
        classes,
        most,
        measured.source,
        len(measured.judged),
        len(measured.predicted),
        len(labels.classes),
    )


def _points(
    counts: Floats, score: Floats, low: Floats, high: Floats, classes: Floats
) -> tuple[BudgetPoint, ...]:
    rows = zip(counts, score, low, high, classes, strict=True)
    return tuple(
        BudgetPoint(
            round(float(count)),
            float(value),
            float(min(one, value)),
            float(max(other, value)),
            tuple(float(np.clip(each, 0.0, 1.0)) for each in of_class),
        )
        for count, value, one, other, of_class in rows
    )


def _figures(labels: Labels, measured: Measured, count: int, rows: Floats, rounds: Floats) -> Floats:
    """(shares, classes): F1 of each class with these weights of judged rows and rounds."""
    truth = labels.classes[measured.judged]
    found = np.zeros((len(measured.sizes), count))
    there = np.bincount(truth, weights=rows, minlength=count)
    for weight, predicted in zip(rounds, measured.predicted, strict=True):
        if not weight:
            continue
        for step, said in enumerate(predicted):
            right = np.bincount(truth, weights=rows * (said == truth), minlength=count)
            both = there + np.bincount(said, weights=rows, minlength=count)
            found[step] += weight * 2 * right / np.maximum(both, 1e-12)
    result: Floats = found / rounds.sum()
    return result


def _draws(labels: Labels, measured: Measured, count: int, chance: np.random.Generator) -> Floats:
    """(draws, shares, classes): F1 with judged groups and rounds weighed at random."""
    _, group = np.unique(labels.groups[measured.judged], return_inverse=True)
    rounds = len(measured.predicted)
    found = np.empty((_DRAWS, len(measured.sizes), count))
    for draw in range(_DRAWS):
        rows = chance.standard_exponential(group.max() + 1)[group]
        found[draw] = _figures(labels, measured, count, rows, chance.standard_exponential(rounds))
    return found


def _macro(figures: Floats, labels: Labels, measured: Measured) -> Floats:
    """The mean over the classes that occur among the judged rows."""
    occurring = np.unique(labels.classes[measured.judged])
    result: Floats = figures[..., occurring].mean(axis=-1)
    return result


def _luck(labels: Labels, measured: Measured, draws: Floats, whole: Floats) -> float:
    """Variance of macro F1 by which comments happen to be labelled, times their number: how far the rounds
    lie apart where they share the fewest labels."""
    rounds = len(measured.predicted)
    if rounds < 2:
        return 0.0
    rows, scores = np.ones(len(measured.judged)), []
    for number in range(rounds):
        only = np.zeros(rounds)
        only[number] = 1.0
        scores.append(_macro(_figures(labels, measured, whole.shape[1], rows, only), labels, measured))
    parts = FOLDS if measured.source == "cross_validation" else 1
    apart = np.var(np.stack(scores), axis=0, ddof=1)[1:3] * parts  # a round is a mean over its folds
    return float(np.mean(apart * measured.sizes[1:3]))


def _interval(draws: Floats) -> tuple[Floats, Floats]:
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    return low, high


def _gain(
    draws: power_law.PowerLaws,
    best: power_law.PowerLaws,
    now: int,
    more: int,
    luck: float,
    chance: np.random.Generator,
) -> BudgetGain:
    there = draws.at([now, now + more])
    drawn = there[:, 1] - there[:, 0]
    drawn = drawn + chance.normal(0.0, np.sqrt(luck * (1 / now - 1 / (now + more))), len(drawn))
    here = best.at([now, now + more])
    gain = float(here[1] - here[0])
    low, high = np.quantile(drawn, [0.025, 0.975])
    return BudgetGain(more, gain, min(gain, float(low)), max(gain, float(high)))


def _classes(
    draws: power_law.PowerLaws,
    best: power_law.PowerLaws,
    labels: Labels,
    label_ids: Sequence[int],
    now: int,
) -> tuple[tuple[ClassGain, ...], int | None]:
    """What each class gains, and the one that gains most where that can be told."""
    there, here = draws.at([now, now + MAIN_STEP]), best.at([now, now + MAIN_STEP])
    drawn = there[..., 1] - there[..., 0]
    counts = np.bincount(labels.classes, minlength=len(label_ids))
    found = []
    for index, label_id in enumerate(label_ids):
        gain = float(here[index, 1] - here[index, 0])
        low, high = (float(each) for each in np.quantile(drawn[:, index], [0.025, 0.975]))
        at = float(np.clip(here[index, 0], 0.0, 1.0))
        found.append(ClassGain(label_id, int(counts[index]), at, gain, min(low, gain), max(high, gain)))
    told = np.flatnonzero(counts >= FEWEST_OF_CLASS)
    if len(told) < 2:
        return tuple(found), None
    most = int(told[np.argmax([found[index].gain for index in told])])
    wins = np.mean(drawn[:, told].argmax(axis=1) == told.tolist().index(most))
    sure = wins >= max(_SURE, 1.5 / len(told)) if len(told) < 3 else wins >= _SURE
    return tuple(found), label_ids[most] if sure and found[most].gain > 0 else None
