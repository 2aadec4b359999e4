"""What a teacher says of rows, as something to learn from (Hinton et al. 2015, "Distilling the knowledge in a
neural network")."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

_LEAST = 1e-9
"""A probability below this is taken for this."""


@dataclass(frozen=True, slots=True)
class SoftTargets:
    """``shares``: (rows, classes), the teacher's probabilities at ``temperature``; ``hard``: (rows,), how
    much of the loss of a row is that of its label."""

    shares: npt.NDArray[np.float32]
    hard: npt.NDArray[np.float32]
    temperature: float

    def at(self, rows: npt.NDArray[np.int64], device: torch.device) -> tuple[Tensor, Tensor]:
        """Shares and parts of the label of some rows, on their device."""
        shares, hard = torch.from_numpy(self.shares[rows]), torch.from_numpy(self.hard[rows])
        return shares.to(device), hard.to(device)


def softened(probabilities: npt.NDArray[np.float32], temperature: float) -> npt.NDArray[np.float32]:
    """What probabilities (rows, classes) are when their logits are divided by ``temperature``."""
    logs = np.log(np.maximum(probabilities.astype(np.float64), _LEAST)) / temperature
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float32)


def pull(logits: Tensor, shares: Tensor, temperature: float) -> Tensor:
    """(rows,): how far logits are from the teacher, the Kullback-Leibler divergence at ``temperature``.

    Times its square, so that the gradients stay as large as those of the labels.
    """
    said = (logits / temperature).log_softmax(dim=1)
    distance = (shares * (shares.clamp_min(_LEAST).log() - said)).sum(dim=1)
    return temperature**2 * distance
