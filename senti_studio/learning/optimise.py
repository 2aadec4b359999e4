"""Optimiser and learning-rate schedule."""

from __future__ import annotations

import inspect
import math

import torch
from torch import nn

from senti_studio.domain.training_options import TrainingOptions


class PlainAdamW(torch.optim.AdamW):
    """AdamW without what prepares it for ``torch.compile``: the first call of any of these imports the whole
    compiler, which takes longer than all the rest of torch and which nothing here uses."""

    add_param_group = inspect.unwrap(torch.optim.AdamW.add_param_group)
    load_state_dict = inspect.unwrap(torch.optim.AdamW.load_state_dict)
    state_dict = inspect.unwrap(torch.optim.AdamW.state_dict)
    step = torch.no_grad()(inspect.unwrap(torch.optim.AdamW.step))
    zero_grad = inspect.unwrap(torch.optim.AdamW.zero_grad)


def build_optimiser(net: nn.Module, options: TrainingOptions) -> torch.optim.Optimizer:
    """AdamW in its fused form; the linear n-grams learn ``ngram_rate`` times as fast as the rest."""
    slow = [value for name, value in net.named_parameters() if not name.startswith("ngrams.")]
    fast = [value for name, value in net.named_parameters() if name.startswith("ngrams.")]
    groups: list[dict[str, object]] = [{"params": slow}]
    if fast:
        groups.append({"params": fast, "lr": options.learning_rate * options.ngram_rate})
    return PlainAdamW(groups, lr=options.learning_rate, weight_decay=options.weight_decay, fused=True)


def build_schedule(
    optimiser: torch.optim.Optimizer, *, total_steps: int, warmup_share: float
) -> torch.optim.lr_scheduler.LambdaLR:
    """A straight climb over the warm-up, then half a cosine down to nothing at ``total_steps``."""
    warm = max(1, int(total_steps * warmup_share))

    def factor(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, total_steps - warm)))

    return torch.optim.lr_scheduler.LambdaLR(optimiser, factor)
