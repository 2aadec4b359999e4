"""One step of the optimiser: passes over parts of a batch, gathered gradients, clipping, the update."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from senti_studio.domain.training_options import TrainingOptions
from senti_studio.learning.adversarial import Adversary
from senti_studio.learning.batches import Rows, make_batch
from senti_studio.learning.contract import Batch
from senti_studio.learning.losses import Objective, disagreement
from senti_studio.learning.optimise import build_optimiser
from senti_studio.learning.precision import Precision
from senti_studio.text.encoding import EncodedTexts


class Stepper:
    """Net, optimiser and loss; a step is `gather` and then `apply`. Never waits for the device."""

    def __init__(
        self,
        net: nn.Module,
        options: TrainingOptions,
        *,
        texts: EncodedTexts,
        labels: Rows,
        classes: int,
        device: torch.device,
        precision: torch.dtype,
        weights: npt.NDArray[np.float32] | None = None,
    ) -> None:
        self._net, self._options, self._device = net, options, device
        self._texts, self._labels = texts, labels
        self._weights = weights
        self.optimiser = build_optimiser(net, options)
        self.precision = Precision(device, precision)
        self._objective = Objective(options, np.bincount(labels, minlength=classes), device)
        self._adversary = Adversary(net, options.adversarial)

    def gather(self, rows: Rows, rows_at_once: int) -> list[tuple[Tensor, int]]:
        """Gradients of the mean loss of ``rows``; the loss of each part and how many rows it has.

        What came of an attempt that failed on the way is forgotten by the next one.
        """
        self._net.train()
        self.optimiser.zero_grad(set_to_none=True)
        losses = []
        for at in range(0, len(rows), rows_at_once):
            part = rows[at : at + rows_at_once]
            losses.append((self._pass(part, len(part) / len(rows)), len(part)))
        return losses

    def apply(self) -> None:
        """Follows the gathered gradients."""
        self.precision.unscale(self.optimiser)
        torch.nn.utils.clip_grad_norm_(self._net.parameters(), self._options.clip_norm)
        self.precision.step(self.optimiser)

    def _pass(self, rows: Rows, share: float) -> Tensor:
        batch = make_batch(self._texts, rows, self._device)
        labels = torch.from_numpy(self._labels[rows]).to(self._device)
        weights = None
        if self._weights is not None:
            weights = torch.from_numpy(self._weights[rows]).to(self._device)
        loss = self._loss(batch, labels, weights)
        self._backward(loss, share)
        if self._adversary.is_on:
            with self._adversary.pushed():
                self._backward(self._loss(batch, labels, weights), share)
        return loss.detach()

    def _loss(self, batch: Batch, labels: Tensor, weights: Tensor | None) -> Tensor:
        logits = self._logits(batch)
        loss = self._objective(logits, labels, weights)
        if not self._options.r_drop:
            return loss
        again = self._logits(batch)
        loss = (loss + self._objective(again, labels, weights)) / 2
        return loss + self._options.r_drop * disagreement(logits, again)

    def _logits(self, batch: Batch) -> Tensor:
        with self.precision.cast():
            found: Tensor = self._net(batch)
        return found.float()

    def _backward(self, loss: Tensor, share: float) -> None:
        self.precision.backward(loss if share == 1 else loss * share)
