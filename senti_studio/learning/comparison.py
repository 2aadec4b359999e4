"""What every training is compared with: the TF-IDF baseline, and always saying the most frequent class."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator, Iterator
from typing import Any

import numpy as np

from senti_studio.domain.architectures import default_options
from senti_studio.domain.metrics import confusion_matrix, figures
from senti_studio.jobs.protocol import Event, Preparing
from senti_studio.learning.baseline import BASELINE, learn_encoder
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.evaluate import EVENT_INTERVAL_S
from senti_studio.learning.linear import Rows, Solver, matrix, scores
from senti_studio.text.normalise import Normalisation, normalise

MOST_ROWS = 20_000
"""The baseline learns from so many at most, drawn at random, so that it takes seconds."""

_known: dict[str, dict[str, Any]] = {}


def compared(data: TrainingData, classes: int) -> Generator[Event, None, dict[str, Any]]:
    """Figures of both on the validation and the test part, for the metrics of a run.

    ``baseline_accuracy``, ``baseline_macro_f1``, ``majority_accuracy``, ``majority_macro_f1`` belong to the
    test part, else to the validation part, and stand there for each part too (``test_baseline_…``);
    ``majority_label``: class index; ``baseline_rows`` of ``baseline_of``: the comments that the baseline
    has learnt from. The
    same data gives the same figures: those of the last data are kept, for trainings that repeat each other.
    """
    key = _digest(data, classes)
    if key not in _known:
        found = yield from _measured(data, classes)
        _known.clear()
        _known[key] = found
    return dict(_known[key])


def _measured(data: TrainingData, classes: int) -> Generator[Event, None, dict[str, Any]]:
    counts = np.bincount(data.train.labels, minlength=classes)
    majority = int(counts.argmax())
    train = _drawn(data.train)
    found: dict[str, Any] = {
        "majority_label": majority,
        "baseline_rows": len(train),
        "baseline_of": len(data.train),
    }
    options = default_options(BASELINE.key)
    how = Normalisation.of(options)
    waiting = Preparing(stage="comparing", total=len(train))
    yield waiting
    encoder, encoded = learn_encoder([normalise(text, how) for text in train.texts], options)
    yield waiting  # so that commands are heard
    assert encoded.ngrams is not None
    assert encoder.ngrams is not None
    features = len(encoder.ngrams)
    solver = Solver(options.linear_model, Rows.of(encoded.ngrams, features, train.labels), classes)
    yield waiting
    yield from _solved(solver, options.epochs, len(train))
    for split, part in (("valid", data.valid), ("test", data.test)):
        if not len(part):
            continue
        yield waiting
        grams = matrix(encoder.ngrams.weigh([normalise(text, how) for text in part.texts]), features)
        guesses = scores(grams, solver.weights).argmax(axis=1).tolist()
        for name, said in (("baseline", guesses), ("majority", [majority] * len(part))):
            table = figures(confusion_matrix(zip(part.labels, said, strict=True), classes))
            for figure, value in (("accuracy", table.accuracy), ("macro_f1", table.macro_f1)):
                found[f"{split}_{name}_{figure}"] = found[f"{name}_{figure}"] = value
    return found


def _solved(solver: Solver, most: int, rows: int) -> Iterator[Event]:
    """Steps to the end; a word now and then, so that commands are heard."""
    said = time.monotonic()
    for _ in range(most):
        if solver.is_done:
            return
        for _ in solver.step():
            if time.monotonic() - said >= EVENT_INTERVAL_S:
                said = time.monotonic()
                yield Preparing(stage="comparing", total=rows)


def _drawn(rows: LabelledTexts) -> LabelledTexts:
    if len(rows) <= MOST_ROWS:
        return rows
    places = np.sort(np.random.default_rng(0).choice(len(rows), MOST_ROWS, replace=False)).tolist()
    return LabelledTexts(
        tuple(rows.ids[place] for place in places),
        tuple(rows.texts[place] for place in places),
        tuple(rows.labels[place] for place in places),
    )


def _digest(data: TrainingData, classes: int) -> str:
    content = hashlib.sha256(str(classes).encode())
    for part in (data.train, data.valid, data.test):
        content.update(b"\x00part" + "\x00".join(part.texts).encode("utf-8", "surrogatepass"))
        content.update(np.array(part.labels, dtype=np.int64).tobytes())
    return content.hexdigest()
