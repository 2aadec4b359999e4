"""How often the assistant is right: on a test set it never learns from, else by cross-validation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from senti_studio.domain.assisting import Quality
from senti_studio.domain.intervals import wilson
from senti_studio.domain.metrics import confusion_matrix, figures
from senti_studio.learning.assistant.classifier import Classifier, Rows, learn
from senti_studio.learning.assistant.features import Counts, Floats

FEWEST = 20
"""Fewer labels than this in the test set say nothing; cross-validation is told then."""
FOLDS = 5
ENOUGH = 1_000
"""Once so many labels were judged, no further part is looked at."""
_SEED = 20_261_129


def measured(probabilities: Floats, truth: Counts, source: str) -> Quality | None:
    """The figures of some predictions, with Wilson's interval of the accuracy; None for no rows."""
    if not len(truth):
        return None
    said = probabilities.argmax(axis=1)
    found = figures(confusion_matrix(zip(truth.tolist(), said.tolist(), strict=True), probabilities.shape[1]))
    low, high = wilson(float((said == truth).sum()), float(len(truth)))
    return Quality(found.accuracy, low, high, found.macro_f1, len(truth), source)


def on_test_set(classifier: Classifier, rows: Rows, truth: Counts) -> Quality | None:
    """The figures on comments that the classifier has not learnt from; None for too few of them."""
    if len(truth) < FEWEST:
        return None
    return measured(classifier.probabilities(rows), truth, "test_set")


def cross_validated(
    rows: Rows, classes: Counts, groups: Counts, count: int, should_stop: Callable[[], bool] | None = None
) -> Quality | None:
    """The figures of up to five models, each on the fifth (or less) that it has not learnt from, until
    `ENOUGH` labels were judged; None where one of them would know only one class.

    ``groups``: rows with one number (equal texts) stay together. Raises `Interrupted`.
    """
    parts = max(FOLDS, len(classes) // ENOUGH)
    fold = folds(groups, parts, np.random.default_rng(_SEED))
    found = np.zeros((len(classes), count), dtype=np.float32)
    done = np.zeros(len(classes), dtype=np.bool_)
    for each in range(parts):
        learnt, judged = np.flatnonzero(fold != each), np.flatnonzero(fold == each)
        if not len(judged):
            continue
        if len(np.unique(classes[learnt])) < 2:
            return None
        classifier = learn(rows.only(learnt), classes[learnt], count, should_stop=should_stop)
        found[judged] = classifier.probabilities(rows.only(judged))
        done[judged] = True
        if done.sum() >= ENOUGH:
            break
    return measured(found[done], classes[done], "cross_validation")


def folds(groups: Counts, count: int, chance: np.random.Generator) -> npt.NDArray[np.int64]:
    """A fold (0 … count - 1) for each row; rows of one group are in one fold."""
    distinct, place = np.unique(groups, return_inverse=True)
    drawn = np.arange(len(distinct)) % count
    chance.shuffle(drawn)
    return drawn[place]
