"""Which labels are probably wrong: what models say that have not learnt from them (confident learning,
Northcutt, Jiang, Chuang 2021), what other copies of the same text are labelled as, and how often labels are
wrong at all.

Three models look at different things, so that their errors differ: n-grams and topic space, words by topic,
and what like comments are labelled as (`left_out`). The first two are fitted ten times without the tenth that
they judge; then once more without the labels that looked wrong the first time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize

from senti_studio.learning.assistant.classifier import STRENGTH, Rows, learn
from senti_studio.learning.assistant.features import Counts
from senti_studio.learning.assistant.left_out import LeftOut
from senti_studio.learning.assistant.measuring import folds
from senti_studio.learning.assistant.word_features import topics_of, word_features

FOLDS = 10
ROUNDS = 2
_WORD_STRENGTH = 2.0
_WRONG = 0.1
"""Share of labels that are taken to be wrong, for what copies of one text say of each other."""
_SHARPER = 1.5
"""Models that learn from labels of which some are wrong are surer than they dare to say …"""
_NEVER_SURE = 0.05
"""… but not of everything: some texts have no right label."""
_SEED = 20_261_129

Told = Callable[[int, int], None]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labelled comments: ``grams`` and ``places`` as the assistant sees them, their texts, classes (indices)
    and ``groups``: rows with one number are copies of one text, nearly."""

    rows: Rows
    texts: Sequence[str]
    classes: Counts
    copies: Counts
    groups: Counts
    count: int


@dataclass(frozen=True, slots=True)
class Doubts:
    """``truth`` (rows, classes): how likely each class is the right one, everything taken together;
    ``said`` (rows, classes): logarithms of what the models alone say."""

    truth: Scores
    said: Scores

    def odds(self, classes: Counts) -> Scores:
        """For each row the logarithm of wrong : right."""
        right = np.clip(self.truth[np.arange(len(classes)), classes], 1e-12, 1 - 1e-12)
        return np.log1p(-right) - np.log(right)


def doubts(
    labelled: Labelled,
    *,
    told: Told = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Doubts:
    """Judges all labels. ``told`` gets (steps done, steps). Raises `Interrupted`."""
    fold = folds(labelled.groups, FOLDS, np.random.default_rng(_SEED))
    words = word_features(labelled.texts, topics_of(labelled.rows.places))
    nothing = np.zeros((len(labelled.texts), 0), dtype=np.float32)
    sights = ((labelled.rows, STRENGTH), (Rows(words, nothing), _WORD_STRENGTH))
    like = LeftOut(labelled.groups)
    total = like.steps + FOLDS * len(sights) * ROUNDS
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        told(done, total)

    views = [
        like.judged(labelled.rows, labelled.classes, labelled.count, stepped=step, should_stop=should_stop)
    ]
    trusted = np.ones(len(labelled.classes), dtype=np.bool_)
    found = _together([], labelled)
    for _ in range(ROUNDS):
        for rows, strength in sights:
            scores = np.zeros((len(labelled.classes), labelled.count))
            for each in range(FOLDS):
                judged = np.flatnonzero(fold == each)
                learnt = np.flatnonzero((fold != each) & trusted)
                scores[judged] = _judged(rows, learnt, judged, labelled, should_stop, strength)
                step()
            views.append(scores)
        found = _together(views, labelled)
        trusted = found.odds(labelled.classes) < 0
    return found


def _judged(
    rows: Rows,
    learnt: Counts,
    judged: Counts,
    labelled: Labelled,
    should_stop: Callable[[], bool],
    strength: float,
) -> Scores:
    """Logarithms of the probabilities of the rows ``judged`` by a model of the rows ``learnt``; 0 where these
    are of one class."""
    classes = labelled.classes[learnt]
    if not len(judged) or len(np.unique(classes)) < 2:
        return np.zeros((len(judged), labelled.count))
    model = learn(rows.only(learnt), classes, labelled.count, strength=strength, should_stop=should_stop)
    found: Scores = np.log(np.maximum(model.probabilities(rows.only(judged)).astype(np.float64), 1e-9))
    return found


def _together(views: Sequence[Scores], labelled: Labelled) -> Doubts:
    """What all models and all copies say."""
    classes, count = labelled.classes, labelled.count
    said = _log_softmax(_SHARPER * _calibrated(views, classes, count))
    said = np.log((1 - _NEVER_SURE) * np.exp(said) + _NEVER_SURE / count)
    _, group = np.unique(labelled.copies, return_inverse=True)
    votes = np.zeros((int(group.max(initial=-1)) + 1, count))
    np.add.at(votes, (group, classes), 1.0)
    # A copy has its class if that is the right one and its label is not wrong, or the other way round.
    weight = np.log(1 - _WRONG) - np.log(_WRONG / max(1, count - 1))
    truth = np.exp(_log_softmax(said + weight * votes[group]))
    return Doubts(truth, said)


def _calibrated(views: Sequence[Scores], classes: Counts, count: int) -> Scores:
    """The weighted sum of the views that explains the labels best: weights of views, none below 0, and one
    number for each class."""
    if not views or not len(classes):
        return np.zeros((len(classes), count))
    stack = np.stack([(view - view.mean(axis=1, keepdims=True)) / (view.std() + 1e-9) for view in views])
    rows = np.arange(len(classes))

    def loss(values: Scores) -> tuple[float, Scores]:
        sums = np.tensordot(values[: len(stack)], stack, axes=1) + values[len(stack) :]
        logs = _log_softmax(sums)
        off = np.exp(logs)
        off[rows, classes] -= 1
        off /= len(classes)
        slope = np.concatenate([(stack * off).sum(axis=(1, 2)), off.sum(axis=0)])
        small = 1e-3 * values
        return -float(logs[rows, classes].mean()) + 0.5 * float(values @ small), slope + small

    start = np.concatenate([np.full(len(stack), 1.0 / len(stack)), np.zeros(count)])
    bounds = [(0.0, None)] * len(stack) + [(None, None)] * count
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    weighed: Scores = np.tensordot(found[: len(stack)], stack, axes=1) + found[len(stack) :]
    return weighed


def _log_softmax(scores: Scores) -> Scores:
    raised = scores - scores.max(axis=1, keepdims=True)
    found: Scores = raised - np.log(np.exp(raised).sum(axis=1, keepdims=True))
    return found
