"""Attention of an encoder: what each unit adds to the state that the head begins with, head by head and
rolled out over all layers (Abnar and Zuidema 2020)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from senti_studio.errors import UserError
from senti_studio.learning.contract import Looked

MOST_BYTES = 2 << 30
"""Weights of all layers and heads are in memory at a time; of longer texts nothing is told."""
_EAGER = "eager"


def looked_at(model: Any, real: Tensor, ids: Tensor, *, at_end: bool) -> Looked | None:
    """Where the summary of each row looks: the first unit, the last (``at_end``), or all in equal parts where
    the head begins with their mean. None for a family that tells no weights of units by units.

    Raises UserError ``EXPLAIN_ATTENTION_TOO_LONG``.
    """
    config = model.config
    layers, heads = int(config.num_hidden_layers), int(config.num_attention_heads)
    width = int(max(config.attention_window)) + 2 if _is_sparse(config) else ids.shape[1]
    needed = 4 * len(ids) * layers * heads * ids.shape[1] * width
    if needed > MOST_BYTES:
        raise UserError("EXPLAIN_ATTENTION_TOO_LONG", units=ids.shape[1])
    with _weights_told(model):
        said = model(input_ids=ids, attention_mask=real.long(), output_attentions=True)
    start = _start(config, real, at_end=at_end)
    shares: list[Tensor] = []
    means: list[Tensor] = []
    for weights in _squares(said, config):
        if weights is None or weights.dim() != 4 or weights.shape[2:] != (ids.shape[1], ids.shape[1]):
            return None
        shares.append(torch.einsum("rq,rhqk->rhk", start, weights.float()))
        means.append(weights.float().mean(dim=1))
    if not shares:
        return None
    whole = start
    for mean in reversed(means):  # half of each state is what it was before the layer
        whole = 0.5 * whole + 0.5 * torch.bmm(whole.unsqueeze(1), mean).squeeze(1)
    return Looked(_shared(whole, real), _shared(torch.stack(shares, dim=1), real[:, None, None]))


def _shared(weights: Tensor, real: Tensor) -> Tensor:
    kept = weights * real
    return kept / kept.sum(dim=-1, keepdim=True).clamp_min(1e-12)


def _start(config: Any, real: Tensor, *, at_end: bool) -> Tensor:
    """(rows, longest): what the summary of a row is made of in the last layer."""
    if getattr(config, "classifier_pooling", "") == "mean":
        return real.float() / real.sum(dim=1, keepdim=True)
    start = torch.zeros_like(real, dtype=torch.float32)
    start[:, -1 if at_end else 0] = 1
    return start


@contextmanager
def _weights_told(model: Any) -> Iterator[None]:
    """Fast kernels keep no weights: for this one pass they are worked out step by step."""
    before = model.config._attn_implementation
    if before != _EAGER:
        model.set_attn_implementation(_EAGER)
    try:
        yield
    finally:
        if before != _EAGER:
            model.set_attn_implementation(before)


def _is_sparse(config: Any) -> bool:
    return bool(config.model_type == "longformer")


def _squares(said: Any, config: Any) -> Iterator[Tensor | None]:
    """(rows, heads, longest, longest) of each layer."""
    if not _is_sparse(config):
        yield from said.attentions or ()
        return
    for near, of_first in zip(said.attentions, said.global_attentions, strict=True):
        yield _square(near, of_first)


def _square(near: Tensor, of_first: Tensor) -> Tensor:
    """Of a layer of Longformer: ``near`` (rows, heads, longest, 1 + window) has the weight of the first unit,
    then those of the neighbours; ``of_first`` (rows, heads, longest, 1): where the first unit looks."""
    rows, heads, longest, width = near.shape
    side = (width - 2) // 2
    places = torch.arange(longest, device=near.device)
    column = places[:, None] + torch.arange(-side, side + 1, device=near.device)
    wide = near.new_zeros(rows, heads, longest, longest + 2 * side)
    wide.scatter_(3, (column + side).expand(rows, heads, -1, -1), near[..., 1:])
    found = wide[..., side : side + longest]
    found[..., 0] += near[..., 0]
    found[:, :, 0] = of_first[:, :, :longest, 0]
    return found
