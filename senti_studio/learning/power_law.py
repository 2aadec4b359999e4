"""Learning curves as inverse power laws, score = ceiling - drop * labels ^ -power.

The form is that of C. Cortes, L. D. Jackel, S. A. Solla, V. Vapnik, J. S. Denker, "Learning curves:
asymptotic values and rate of convergence" (NIPS 1993), used for annotated text by R. L. Figueroa, Q.
Zeng-Treitler, S. Kandula, L. H. Ngo, "Predicting sample size required for classification performance" (BMC
Medical Informatics and Decision Making 12:8, 2012), who give the later points more weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_POWERS = np.geomspace(0.1, 1.5, 28)
_USUAL_POWER = 0.5
"""The error of a mean falls with the square root; the power is held loosely around that."""
_HOLD = 0.02


@dataclass(frozen=True, slots=True)
class PowerLaws:
    """Many curves at once: arrays of equal shape."""

    ceiling: Floats
    drop: Floats
    power: Floats

    def at(self, labels: Sequence[float] | Floats) -> Floats:
        """(…, numbers): the scores with these numbers of labels."""
        counts = np.asarray(labels, dtype=np.float64)
        found: Floats = self.ceiling[..., None] - self.drop[..., None] * counts ** -self.power[..., None]
        return found


def fit(labels: Floats, scores: Floats) -> PowerLaws:
    """Weighted least squares for each row of ``scores`` (…, points) over ``labels`` (points), which ascend.

    A point weighs as much as it has labels. No ceiling is above 1 and no curve falls; of the powers on a grid
    the best one is taken, with a slight preference for the usual one.
    """
    weight = labels / labels.sum()
    best_loss = np.full(scores.shape[:-1], np.inf)
    ceiling, drop = np.zeros(scores.shape[:-1]), np.zeros(scores.shape[:-1])
    power = np.full(scores.shape[:-1], _USUAL_POWER)
    mean = scores @ weight
    spread = ((scores - mean[..., None]) ** 2) @ weight
    for tried in _POWERS:
        x = (labels / labels[-1]) ** -tried
        x_mean = float(x @ weight)
        centred = x - x_mean
        slope = -((scores - mean[..., None]) * centred) @ weight / float((centred * centred) @ weight)
        slope = np.maximum(slope, 0.0)
        top = mean + slope * x_mean
        above = top > 1.0
        if above.any():
            # Through (0 errors): the ceiling stays at 1.
            held = np.maximum(((1.0 - scores) * x) @ weight / float((x * x) @ weight), 0.0)
            slope, top = np.where(above, held, slope), np.where(above, 1.0, top)
        off = scores - (top[..., None] - slope[..., None] * x)
        loss = (off * off) @ weight + _HOLD * spread * np.log(tried / _USUAL_POWER) ** 2
        better = loss < best_loss
        best_loss = np.where(better, loss, best_loss)
        ceiling = np.where(better, top, ceiling)
        drop = np.where(better, slope * labels[-1] ** tried, drop)
        power = np.where(better, tried, power)
    return PowerLaws(ceiling, drop, power)
