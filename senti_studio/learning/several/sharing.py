"""A step that several processes take together: each learns its share of the rows, the gradients are added up,
and every process follows their sum, so that all have the same weights to the last bit.

What is agreed on goes through gloo on the processor, so that no graphics card is waited for; gradients of
graphics cards go from card to card (NCCL).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from senti_studio.learning.batches import Rows
from senti_studio.learning.memory import is_shortage
from senti_studio.learning.steps import Stepper

_PATIENCE = timedelta(minutes=30)
"""A process that is silent for so long in the midst of a step is given up."""

_ADDING = timedelta(minutes=5)
"""The same for cards, which add up only when all have agreed that they can: NCCL then ends the process."""

_LOOPBACK = {"linux": "lo", "darwin": "lo0"}


def join(store: Path, *, place: int, size: int, device: torch.device) -> Any:
    """Makes this process the one at ``place`` of ``size`` that meet through the file ``store``; returns the
    group through which gradients go."""
    loopback = _LOOPBACK.get(sys.platform)
    if loopback:
        # Nobody but this machine shall be able to speak to it.
        os.environ.setdefault("GLOO_SOCKET_IFNAME", loopback)
        os.environ.setdefault("NCCL_SOCKET_IFNAME", loopback)
    meeting = dist.FileStore(str(store), size)  # type: ignore[attr-defined]
    dist.init_process_group("gloo", store=meeting, rank=place, world_size=size, timeout=_PATIENCE)
    if device.type != "cuda":
        return dist.group.WORLD
    from accelerate.utils import check_cuda_p2p_ib_support

    if not check_cuda_p2p_ib_support():
        # Cards of this kind hang when they speak to each other directly.
        os.environ.setdefault("NCCL_P2P_DISABLE", "1")
        os.environ.setdefault("NCCL_IB_DISABLE", "1")
    return dist.new_group(backend="nccl", timeout=_ADDING)


class Share:
    """What one process does of every step."""

    def __init__(self, stepper: Stepper, *, place: int, size: int, group: Any) -> None:
        self._stepper, self._place, self._size, self._group = stepper, place, size, group
        self._learnt = stepper.learnt
        counts = [weight.numel() for weight in self._learnt]
        self._flat = torch.zeros(sum(counts) + 1, device=stepper.device)
        """All gradients one after the other, and behind them the loss."""
        pieces = torch.split(self._flat[:-1], counts)
        self._pieces = [piece.view_as(weight) for piece, weight in zip(pieces, self._learnt, strict=True)]
        stepper.precision.begin()

    def gather(self, rows: Rows, rows_at_once: int) -> list[tuple[Tensor, int]]:
        """As `Stepper.gather`, of ``rows`` that all processes learn together.

        Raises OutOfMemoryError or MemoryError in all of them when memory ran out in one.
        """
        # Neighbours are of about the same length: dealt in turn, every process has as much to do.
        own = rows[self._place :: self._size]
        losses: list[tuple[Tensor, int]] | None = None
        try:
            losses = self._stepper.gather(own, rows_at_once, of=len(rows))
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not is_shortage(error):
                raise
        used = self._agreed(is_short=losses is None)
        self._add_up(losses or (), len(rows), used)
        return [(self._flat[-1].clone(), len(rows))]

    def _agreed(self, *, is_short: bool) -> list[bool]:
        """Which weights any of the processes has used."""
        own = [is_short, *(weight.grad is not None for weight in self._learnt)]
        told = torch.tensor(own, dtype=torch.uint8)
        dist.all_reduce(told, dist.ReduceOp.MAX)
        short, *used = told.bool().tolist()
        if short and self._stepper.device.type == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory: one of several cards")
        if short:
            raise MemoryError("one of several processes")
        return used

    @torch.no_grad()
    def _add_up(self, losses: Sequence[tuple[Tensor, int]], count: int, used: Sequence[bool]) -> None:
        self._flat.zero_()
        for piece, weight in zip(self._pieces, self._learnt, strict=True):
            if weight.grad is not None:
                piece.copy_(weight.grad)
        for loss, rows in losses:
            self._flat[-1] += loss * (rows / count)
        dist.all_reduce(self._flat, group=self._group)
        for piece, weight, is_used in zip(self._pieces, self._learnt, used, strict=True):
            weight.grad = piece if is_used else None
