"""What a model says in eight bits beside what it says in 32: on comments with known labels where there are
some. Found out once for a model, and kept on disk."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import time
from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
import torch

from senti_studio import paths
from senti_studio.domain.eight_bits import Comparison
from senti_studio.jobs.protocol import Event, Preparing
from senti_studio.jobs.run_folder import write_atomically
from senti_studio.learning.bert.eight_bits import largest_weight
from senti_studio.learning.predict import Predictor

MOST_ROWS = 2000
"""A point of accuracy is 20 of them, and a small encoder reads them in seconds."""
_ROWS_A_PIECE = 256
_FIRST_ROWS = 16
"""Read before the clock runs: threads and products are made ready by the first rows."""
_VERSION = 1


def compared(
    whole: Predictor, eight: Predictor, texts: Sequence[str], labels: Sequence[int], model_sha256: str
) -> Generator[Event, None, Comparison]:
    """Without ``labels`` only what changes is counted. Yields progress; closed on the way it keeps nothing.

    Raises what `Predictor.probabilities` raises.
    """
    texts, labels = texts[:MOST_ROWS], labels[:MOST_ROWS]
    path = _place(texts, labels, model_sha256)
    known = _read(path)
    if known is not None and known.speed >= 1.0:  # else it may have been a busy machine
        return known
    guesses: tuple[list[int], list[int]] = ([], [])
    seconds = [0.0, 0.0]
    both = (whole, eight)
    for predictor in both:
        predictor.probabilities(texts[:_FIRST_ROWS])
    for start in range(0, len(texts), _ROWS_A_PIECE):
        yield Preparing(stage="comparing_bits", done=start, total=len(texts))
        some = texts[start : start + _ROWS_A_PIECE]
        for side, predictor in enumerate(both):
            began = time.perf_counter()
            guesses[side].extend(predictor.probabilities(some).argmax(axis=1).tolist())
            seconds[side] += time.perf_counter() - began
    found = _comparison(guesses, labels, seconds)
    _write(path, found)
    return found


def _comparison(
    guesses: tuple[list[int], list[int]], labels: Sequence[int], seconds: Sequence[float]
) -> Comparison:
    one, other = map(np.array, guesses)
    lost = 0
    if labels:
        truth = np.array(labels)
        lost = int((one == truth).sum()) - int((other == truth).sum())
    speed = seconds[0] / max(seconds[1], 1e-9)
    return Comparison(len(one), int((one != other).sum()), lost, bool(labels), round(speed, 3))


def _place(texts: Sequence[str], labels: Sequence[int], model_sha256: str) -> Path | None:
    """Where the outcome is kept; None where nothing can be."""
    whole = hashlib.sha256()
    machine = (_VERSION, model_sha256, torch.__version__, largest_weight())
    for part in (machine, list(texts), list(labels)):
        whole.update(json.dumps(part).encode())
    try:
        return paths.cache_folder() / "eight_bits" / f"{whole.hexdigest()[:32]}.json"
    except OSError:
        return None


def _read(path: Path | None) -> Comparison | None:
    if path is None:
        return None
    try:
        values = json.loads(path.read_bytes())
        return Comparison(
            int(values["rows"]),
            int(values["changed"]),
            int(values["lost"]),
            bool(values["is_labelled"]),
            float(values["speed"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path | None, found: Comparison) -> None:
    if path is None:
        return
    # It saves time the next time; a full disk will be told by what has to be written.
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, json.dumps(dataclasses.asdict(found)).encode())
