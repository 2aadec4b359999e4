"""One step of the optimiser: passes over parts of a batch, gathered gradients, clipping, the update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from senti_studio.domain.training_options import TrainingOptions, push_of
from senti_studio.learning.adversarial import Adversary
from senti_studio.learning.batches import Rows, make_batch, passes
from senti_studio.learning.contract import Batch, Classifier
from senti_studio.learning.distilling import distance
from senti_studio.learning.gradients import take_gradients
from senti_studio.learning.losses import Objective, disagreement
from senti_studio.learning.noise import new_seeds, numbers_of
from senti_studio.learning.optimise import build_optimiser
from senti_studio.learning.precision import Precision
from senti_studio.learning.side_by_side import each, parts_of
from senti_studio.learning.soft_targets import SoftTargets, pull
from senti_studio.learning.text_net import MixedNet
from senti_studio.text.encoding import EncodedTexts


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of a step that are learnt together; ``share``: how many of all its rows they are; ``weights``: how
    much each row counts, None = all alike; ``soft``: what a teacher says of them, see `SoftTargets.at`."""

    batch: Batch
    labels: Tensor
    share: float
    weights: Tensor | None
    soft: tuple[Tensor, Tensor] | None = None

    def repeated(self, times: int) -> _Part:
        """The same rows for several members of a net, each of which learns them for itself."""
        weights = self.weights.repeat(times) if self.weights is not None else None
        soft = (self.soft[0].repeat(times, 1), self.soft[1].repeat(times)) if self.soft is not None else None
        return replace(self, labels=self.labels.repeat(times), weights=weights, soft=soft)


class Stepper:
    """Net, optimiser and loss; a step is `gather` and then `apply`. Never waits for the device."""

    def __init__(
        self,
        net: Classifier,
        options: TrainingOptions,
        *,
        texts: EncodedTexts,
        labels: Rows,
        classes: int,
        device: torch.device,
        precision: torch.dtype,
        weights: npt.NDArray[np.float32] | None = None,
        soft: SoftTargets | None = None,
    ) -> None:
        self.net, self._options, self.device = net, options, device
        self._texts, self._labels = texts, labels
        self.learnt = [weight for weight in net.parameters() if weight.requires_grad]
        self._weights, self._soft = weights, soft
        self._classes, self._kind = classes, precision
        self.optimiser = build_optimiser(net, options)
        self.precision = Precision(device, precision)
        self._in_parts = net.divisible and device.type == "cpu" and not self.precision.is_scaled
        self._objective = Objective(options, np.bincount(labels, minlength=classes), device)
        self._adversary = Adversary(net, push_of(options, len(labels)))
        self._has_pupil = isinstance(net, MixedNet) and net.pupil is not None

    def to_share(self) -> dict[str, Any]:
        """What a stepper of the same weights and the same optimiser is made of in another process."""
        return {
            "net": self.net,
            "options": self._options,
            "texts": self._texts,
            "labels": self._labels,
            "classes": self._classes,
            "precision": self._kind,
            "weights": self._weights,
            "soft": self._soft,
            "optimiser_state": self.optimiser.state_dict(),
            "precision_state": self.precision.state_dict(),
        }

    def gather(self, rows: Rows, rows_at_once: int, *, of: int = 0) -> list[tuple[Tensor, int]]:
        """Gradients of the mean loss of ``rows``; the loss of each part and how many rows it has.

        ``of``: how many rows the mean is over, where other processes learn the others; 0: over these.
        What came of an attempt that failed on the way is forgotten by the next one.
        """
        self.net.train()
        self.optimiser.zero_grad(set_to_none=True)
        losses: list[tuple[Tensor, int]] = []
        if not len(rows):
            return losses
        units = self.net.units_of_pass if self.device.type == "cpu" else 0
        for some in passes(self._texts.lengths, rows, rows_at_once=rows_at_once, units=units):
            parts = self._parts(some, of or len(rows))
            losses.extend(self._pass(parts))
            if self._adversary.is_on:
                with self._adversary.pushed():
                    self._pass(parts)
        return losses

    def apply(self) -> None:
        """Follows the gathered gradients."""
        self.precision.unscale(self.optimiser)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), self._options.clip_norm)
        self.precision.step(self.optimiser)

    def _parts(self, rows: Rows, of: int) -> list[_Part]:
        dealt = parts_of(rows, self.device, self.net.rows_of_part) if self._in_parts else [rows]
        return [self._part(part, len(part) / of) for part in dealt]

    def _part(self, rows: Rows, share: float) -> _Part:
        batch = make_batch(self._texts, rows, self.device)
        labels = torch.from_numpy(self._labels[rows]).to(self.device)
        weights = None
        if self._weights is not None:
            weights = torch.from_numpy(self._weights[rows]).to(self.device)
        soft = self._soft.at(rows, self.device) if self._soft is not None else None
        return _Part(batch, labels, share, weights, soft)

    def _pass(self, parts: Sequence[_Part]) -> list[tuple[Tensor, int]]:
        """Adds the gradients of all parts; the loss of each and how many rows it has."""
        if not self._in_parts:
            losses = [self._loss(parts[0])]
            self.precision.backward(losses[0] if parts[0].share == 1 else losses[0] * parts[0].share)
        else:
            found = each(self._gradients, zip(parts, new_seeds(len(parts)), strict=True))
            losses = [loss for loss, _ in found]
            take_gradients(self.learnt, [gradients for _, gradients in found])
        return [(loss.detach(), len(part.labels)) for loss, part in zip(losses, parts, strict=True)]

    def _gradients(self, given: tuple[_Part, int]) -> tuple[Tensor, list[Tensor | None]]:
        """Of all weights that learn; None for those that the pass does not use."""
        part, seed = given
        with numbers_of(seed):
            loss = self._loss(part)
        return loss, list(torch.autograd.grad(loss * part.share, self.learnt, allow_unused=True))

    def _loss(self, part: _Part) -> Tensor:
        logits = self._logits(part.batch)
        together = logits.flatten(0, -2)
        if logits.dim() == 3:
            part = part.repeated(len(logits))
        loss = self._wrong(together, part)
        if self._has_pupil:
            loss = loss + distance(logits[-1], logits[:-1])
        if not self._options.r_drop:
            return loss
        again = self._logits(part.batch).flatten(0, -2)
        loss = (loss + self._wrong(again, part)) / 2
        return loss + self._options.r_drop * disagreement(together, again)

    def _wrong(self, logits: Tensor, part: _Part) -> Tensor:
        """The loss of the labels, and of what a teacher says of the rows."""
        if self._soft is None or part.soft is None:
            return self._objective(logits, part.labels, part.weights)
        shares, hard = part.soft
        weights = hard if part.weights is None else hard * part.weights
        far = (1 - hard) * pull(logits, shares, self._soft.temperature)
        return self._objective(logits, part.labels, weights) + far.mean()

    def _logits(self, batch: Batch) -> Tensor:
        with self.precision.cast():
            found: Tensor = self.net(batch)
        return found.float()
