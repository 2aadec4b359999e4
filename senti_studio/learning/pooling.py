"""From the states of all units of a row to one vector: the last, the maximum, the mean, attention."""

from __future__ import annotations

import torch
from torch import Tensor, nn

NEVER = -1e4
"""Stands for "nothing here" in a maximum and in a softmax, also in half precision."""


def parts_of(pooling: str) -> tuple[str, ...]:
    """``max+attention`` -> ``max``, ``attention``; the vectors of several parts stand side by side."""
    return tuple(pooling.split("+"))


def attention_over(width: int, hidden: int) -> nn.Sequential:
    """What gives each state (…, ``width``) the weight that it has in the mean of `pooled`."""
    return nn.Sequential(nn.Linear(width, hidden), nn.Tanh(), nn.Linear(hidden, 1))


def attention_shares(attention: nn.Module, x: Tensor, real: Tensor) -> Tensor:
    """(rows, longest) weights of the states ``x`` in their mean, with the sum 1; 0 where nothing is
    ``real``."""
    found: Tensor = attention(x).squeeze(-1).masked_fill(~real, NEVER).softmax(dim=1)
    return found


def pooled(
    parts: tuple[str, ...], x: Tensor, lengths: Tensor, directions: int, attention: nn.Module | None
) -> Tensor:
    """States (rows, longest, width) of rows of these lengths -> (rows, width · parts).

    The last state of a net that reads in both directions is that of each direction where it ended: behind
    the last unit, and before the first.
    """
    position = torch.arange(x.shape[1], device=x.device).unsqueeze(0)
    real = position < lengths.unsqueeze(1)
    found = []
    for part in parts:
        if part == "max":
            found.append(x.masked_fill(~real.unsqueeze(-1), NEVER).amax(dim=1))
        elif part == "mean":
            total = x.masked_fill(~real.unsqueeze(-1), 0.0).sum(dim=1)
            found.append(total / lengths.clamp_min(1).unsqueeze(1))
        elif part == "attention" and attention is not None:
            share = attention_shares(attention, x, real)
            found.append(torch.bmm(share.unsqueeze(1), x).squeeze(1))
        else:
            found.append(_last(x, lengths, directions))
    return torch.cat(found, dim=1)


def _last(x: Tensor, lengths: Tensor, directions: int) -> Tensor:
    place = (lengths - 1).clamp_min(0).view(-1, 1, 1).expand(-1, 1, x.shape[2])
    behind = x.gather(1, place).squeeze(1)
    if directions == 1:
        return behind
    hidden = x.shape[2] // 2
    return torch.cat([behind[:, :hidden], x[:, 0, hidden:]], dim=1)
