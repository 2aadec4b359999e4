"""The gradients of the parts of a batch, added up in an order that no chance decides."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def take_gradients(weights: Sequence[Tensor], found: Sequence[Sequence[Tensor | None]]) -> None:
    """Adds what each part ``found`` for each of the ``weights`` (None: the pass does not use it) to their
    ``grad``, always in the same order: no bit depends on which part was ready first."""
    used = [weight for weight, gradient in zip(weights, found[0], strict=True) if gradient is not None]
    first, *more = ([each for each in gradients if each is not None] for gradients in found)
    total = _of_their_own(first)
    for gradients in more:
        torch._foreach_add_(total, gradients)
    for weight, gradient in zip(used, total, strict=True):
        weight.grad = gradient if weight.grad is None else weight.grad.add_(gradient)


def _of_their_own(gradients: Sequence[Tensor]) -> list[Tensor]:
    """Tensors that can be added to: what autograd gives may be one for two weights, or one number for many.

    Not all are copied: the tables of words are most of a step's memory, and memory is what a step waits for.
    """
    places: set[int] = set()
    found = []
    for gradient in gradients:
        place = gradient.untyped_storage().data_ptr()
        found.append(gradient.clone() if place in places or not gradient.is_contiguous() else gradient)
        places.add(place)
    return found
