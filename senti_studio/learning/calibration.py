"""Temperature scaling: one number, fitted on the validation part, that makes a model as sure as it is right.

After Guo et al. 2017 (On Calibration of Modern Neural Networks): dividing the scores by a temperature changes
how sure a model is, never what it says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from senti_studio.domain.calibration import calibration

Floats = npt.NDArray[np.float32]

COLDEST, HOTTEST = 0.2, 5.0
_DOUBT = 0.5
"""Standard deviation of what log T is taken to be before anything was seen: a handful of rows that are all
right must not make a model certain; hundreds of rows outweigh it."""
_STEPS = 60
_GOLDEN = (math.sqrt(5) - 1) / 2


def fit_temperature(found: Floats, labels: Sequence[int]) -> float:
    """The temperature with which the probabilities (rows, classes) fit ``labels`` best; 1.0 without rows.

    Golden section over log T on the negative log-likelihood, which has one minimum in 1 / T (Guo et al.).
    """
    if not len(found):
        return 1.0
    scores = np.log(np.maximum(found.astype(np.float64), 1e-30))
    truth = np.asarray(labels, dtype=np.int64)
    rows = np.arange(len(truth))

    def cost(log_t: float) -> float:
        scaled = scores / math.exp(log_t)
        scaled -= scaled.max(axis=1, keepdims=True)
        loss = np.log(np.exp(scaled).sum(axis=1)) - scaled[rows, truth]
        return float(loss.sum()) + log_t * log_t / (2 * _DOUBT * _DOUBT)

    low, high = math.log(COLDEST), math.log(HOTTEST)
    inner, outer = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_inner, at_outer = cost(inner), cost(outer)
    for _ in range(_STEPS):
        if at_inner <= at_outer:
            high, outer, at_outer = outer, inner, at_inner
            inner = high - _GOLDEN * (high - low)
            at_inner = cost(inner)
        else:
            low, inner, at_inner = inner, outer, at_outer
            outer = low + _GOLDEN * (high - low)
            at_outer = cost(outer)
    return round(math.exp((low + high) / 2), 6)


def calibrated(found: Floats, temperature: float) -> Floats:
    """Probabilities (rows, classes) at ``temperature``; which class is largest never changes."""
    if temperature == 1.0 or not len(found):
        return found
    scaled = np.log(np.maximum(found.astype(np.float64), 1e-30)) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    exact = np.exp(scaled)
    exact /= exact.sum(axis=1, keepdims=True)
    result = exact.astype(np.float32)
    # Two classes that were a hair apart may be equal once rounded: then the first would win.
    best = found.argmax(axis=1)
    lost = np.flatnonzero(result.argmax(axis=1) != best)
    result[lost, best[lost]] = np.nextafter(result[lost].max(axis=1), np.float32(2))
    return result


def figures_before_and_after(
    split: str, found: Floats, labels: Sequence[int], temperature: float
) -> dict[str, Any]:
    """``…_ece`` and ``…_brier`` of one part, and what they were without the temperature."""
    before = calibration(list(zip(labels, found.tolist(), strict=True)))
    after = calibration(list(zip(labels, calibrated(found, temperature).tolist(), strict=True)))
    return {
        f"{split}_ece": after.ece,
        f"{split}_brier": after.brier,
        f"{split}_ece_uncalibrated": before.ece,
        f"{split}_brier_uncalibrated": before.brier,
    }
