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
        with torch.no_grad():
            kept = [(table, *_push(table, self._epsilon)) for table in self._tables]
        try:
            yield
        finally:
            with torch.no_grad():
                for table, rows, before in kept:
                    table[rows] = before


def _push(table: Tensor, epsilon: float) -> tuple[Tensor | slice, Tensor]:
    """Pushes a table of vectors along its gradient; which rows were touched, and what they were before."""
    gradient = table.grad
    if gradient is None:
        return slice(0, 0), table[:0]
    rows: Tensor | slice = slice(None)
    if table.device.type == "cpu":
        # A batch has some hundred words of thirty thousand. On a graphics card a step never waits for such
        # a list, and copying is cheap there.
        rows = gradient.any(dim=1).nonzero().squeeze(1)
    before = table[rows].clone()
    push = gradient[rows] / gradient.norm().clamp_min(1e-12)
    table[rows] = before.add(push, alpha=epsilon)
    return rows, before
