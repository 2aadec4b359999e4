"""Adversarial training: the word vectors are pushed where the loss grows fastest, and learnt from there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn


class Adversary:
    """The fast gradient method of Miyato et al. (2017) on the embeddings of a net.

    The push of each table of vectors is ``epsilon`` long, along the gradient gathered so far in the step.
    """

    def __init__(self, net: nn.Module, epsilon: float) -> None:
        self._epsilon = epsilon
        self._tables: list[Tensor] = [
            module.weight
            for name, module in net.named_modules()
            if isinstance(module, nn.Embedding)
            and "ngrams" not in name.split(".")
            and module.weight.requires_grad
        ]

    @property
    def is_on(self) -> bool:
        return self._epsilon > 0 and bool(self._tables)

    @contextlib.contextmanager
    def pushed(self) -> Iterator[None]:
        """Within the context the vectors are pushed; afterwards they are what they were, to the last bit."""
        kept = [table.detach().clone() for table in self._tables]
        with torch.no_grad():
            for table in self._tables:
                if table.grad is not None:
                    # No norm is taken to the host: a step never waits for the device.
                    table.add_(table.grad / table.grad.norm().clamp_min(1e-12), alpha=self._epsilon)
        try:
            yield
        finally:
            with torch.no_grad():
                for table, before in zip(self._tables, kept, strict=True):
                    table.copy_(before)
