"""What dropout hides while a net learns.

On the processor the numbers come from a generator of their own for each pass (`numbers_of`): ten times as
fast as torch's, and two passes at the same time do not depend on which comes first. Its seed is drawn from
torch's generator, whose state a checkpoint holds. Elsewhere torch draws on the device.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

_STEPS = 1 << 16
"""A share is kept to the nearest of so many."""


class _Pass(threading.local):
    """The generator of the pass that this thread is in."""

    bits: np.random.SFC64 | None = None


_pass = _Pass()


def new_seeds(count: int) -> list[int]:
    """Seeds of that many passes, from torch's generator."""
    return [int(seed) for seed in torch.randint(2**63 - 1, (count,)).tolist()]


@contextlib.contextmanager
def numbers_of(seed: int) -> Iterator[None]:
    """Within the context this thread draws the numbers of ``seed``."""
    before, _pass.bits = _pass.bits, np.random.SFC64(seed)
    try:
        yield
    finally:
        _pass.bits = before


def lost(shape: Sequence[int], share: float, device: torch.device) -> Tensor:
    """True in about ``share`` of all places."""
    if _pass.bits is None:
        return torch.rand(tuple(shape), device=device) < share
    return _below(_pass.bits, shape, round(share * _STEPS))


def uniform(shape: Sequence[int], device: torch.device) -> Tensor:
    """Numbers from 0 to below 1."""
    if _pass.bits is None:
        return torch.rand(tuple(shape), device=device)
    drawn: np.ndarray[tuple[int], np.dtype[np.uint64]] = _pass.bits.random_raw(-(-math.prod(shape) // 2))
    numbers = (drawn.view(np.uint32)[: math.prod(shape)] >> 8).astype(np.float32)
    return torch.from_numpy(numbers).mul_(2.0**-24).view(tuple(shape))


def dropout(x: Tensor, share: float) -> Tensor:
    """``x`` with about ``share`` of its numbers hidden, the others larger by as much."""
    if not share:
        return x
    if _pass.bits is None:
        return functional.dropout(x, share)
    hidden = round(share * _STEPS)
    if not hidden:
        return x
    kept = _below(_pass.bits, x.shape, _STEPS - hidden)
    return x * kept.to(x.dtype).mul_(_STEPS / (_STEPS - hidden))


def _below(bits: np.random.SFC64, shape: Sequence[int], limit: int) -> Tensor:
    """True in ``limit`` of `_STEPS` places."""
    count = math.prod(shape)
    drawn: np.ndarray[tuple[int], np.dtype[np.uint64]] = bits.random_raw(-(-count // 4))
    # The least int16 counts as 0.
    numbers = torch.from_numpy(drawn.view(np.int16)[:count])
    return (numbers < limit - _STEPS // 2).view(tuple(shape))
