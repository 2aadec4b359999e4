"""What a training makes small: cross-entropy or focal loss, with weights of the classes, and R-Drop."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from senti_studio.domain.training_options import TrainingOptions, told_share

MOST_WEIGHT = 10.0
"""The rarest class weighs at most this many times as much as the most frequent one."""


def class_weights(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Weights against the inverse frequency of the classes, bounded; their mean over all rows is 1.

    So the loss of a whole epoch stays as large as without weights, and the learning rate fits as before.
    """
    present = counts > 0
    most = counts.max() if len(counts) else 1
    weights = np.where(present, np.minimum(most / np.maximum(1, counts), MOST_WEIGHT), 1.0)
    return np.asarray(weights * counts.sum() / (weights * counts).sum(), dtype=np.float32)


class Objective:
    """The mean loss of a batch, as the options say."""

    def __init__(self, options: TrainingOptions, counts: npt.NDArray[np.int64], device: torch.device) -> None:
        """``counts``: training rows of each class."""
        self._smoothing = options.label_smoothing
        self._gamma = options.focal_gamma if options.loss == "focal" else 0.0
        self._weights: Tensor | None = None
        if options.class_weights == "auto":
            self._weights = torch.from_numpy(class_weights(counts)).to(device)
        self._prior: Tensor | None = None
        told = told_share(options, int((counts > 0).sum()))
        if told:
            shares = np.maximum(1, counts) / max(1, counts.sum())
            prior = (told * np.log(shares)).astype(np.float32)
            self._prior = torch.from_numpy(prior).to(device)

    def __call__(self, logits: Tensor, labels: Tensor, weights: Tensor | None = None) -> Tensor:
        """(rows, classes) logits and (rows,) class indices -> a number; ``weights``: of each row."""
        if self._prior is not None:
            # The net need not say how frequent a class is: it is told (Menon et al. 2021).
            logits = logits + self._prior
        if not self._gamma and self._weights is None and weights is None:
            return functional.cross_entropy(logits, labels, label_smoothing=self._smoothing)
        # By hand: torch would divide by the weights that happen to be in the batch, and a batch that is
        # accumulated in parts would then learn something else than the whole one.
        rows = functional.cross_entropy(logits, labels, label_smoothing=self._smoothing, reduction="none")
        if self._gamma:
            sure = logits.softmax(dim=1).gather(1, labels.unsqueeze(1)).squeeze(1)
            rows = (1 - sure).clamp_min(0.0) ** self._gamma * rows
        if self._weights is not None:
            rows = rows * self._weights[labels]
        if weights is not None:
            rows = rows * weights
        return rows.mean()


def disagreement(one: Tensor, other: Tensor) -> Tensor:
    """How far two passes over the same rows are apart under dropout: the mean of both Kullback-Leibler
    divergences (R-Drop, Liang et al. 2021)."""
    first, second = one.log_softmax(dim=1), other.log_softmax(dim=1)
    there = functional.kl_div(first, second, reduction="batchmean", log_target=True)
    back = functional.kl_div(second, first, reduction="batchmean", log_target=True)
    return 0.5 * (there + back)
