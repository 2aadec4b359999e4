"""What dropout hides in an encoder, drawn from `learning.noise`: ten times as fast as torch on the processor,
and parts of a batch can then be learnt at the same time."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from senti_studio.learning.bert.library import transformers
from senti_studio.learning.noise import dropout as hidden_in_part

DIVISIBLE = frozenset(
    ("bert", "roberta", "xlm-roberta", "camembert", "electra", "distilbert", "albert", "ernie")
)
"""Families that draw no other random numbers than those of `nn.Dropout` and of their attention, and whose
pass changes nothing in the net."""

_NAME = "senti_studio"
_MOST_WRITTEN_OUT = 512
"""Units of a text whose attention is kept as it is worked out; of longer ones that takes much memory."""


class Hidden(nn.Module):
    """Stands where a net had ``nn.Dropout(p)``."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        return hidden_in_part(x, self.p) if self.training else x


def is_divisible(config: Any) -> bool:
    """Whether `hide_by_noise` can take the random numbers of a net of this config."""
    return config.model_type in DIVISIBLE and not getattr(config, "is_decoder", False)


def hide_by_noise(model: Any) -> None:
    """From now on all random numbers of a pass of ``model`` come from `learning.noise`."""
    for part in list(model.modules()):
        for name, inner in list(part.named_children()):
            if type(inner) is nn.Dropout:
                setattr(part, name, Hidden(inner.p))
    know_attention()
    model.set_attn_implementation(_NAME)


def know_attention() -> None:
    """Lets transformers know the attention that `hide_by_noise` names."""
    library = transformers()
    library.AttentionInterface.register(_NAME, attention)
    library.AttentionMaskInterface.register(_NAME, library.masking_utils.sdpa_mask)


def attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **more: Any,
) -> tuple[Tensor, None]:
    """What transformers calls for (rows, heads, units, size) each: torch's own kernel where nothing is
    hidden; on the processor it has none that hides, and would do the same as this with slower numbers."""
    if not dropout and not _is_slow_way_back(query):
        from transformers.integrations.sdpa_attention import sdpa_attention_forward

        return sdpa_attention_forward(  # type: ignore[no-any-return]
            module, query, key, value, attention_mask, dropout=0.0, scaling=scaling, **more
        )
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    scores = (query * scale) @ key.transpose(2, 3)
    if attention_mask is not None and attention_mask.dtype is torch.bool:
        scores = scores.masked_fill(~attention_mask, torch.finfo(scores.dtype).min)
    elif attention_mask is not None:
        scores = scores + attention_mask
    shares = hidden_in_part(scores.softmax(dim=-1), dropout)
    return (shares @ value).transpose(1, 2).contiguous(), None


def _is_slow_way_back(query: Tensor) -> bool:
    """Whether gradients are wanted that torch's kernel for processors is slow to give: in bfloat16 it takes
    six times as long as this for texts of 40 units, and for those of 512 no less."""
    return (
        query.device.type == "cpu"
        and query.dtype is not torch.float32
        and query.shape[2] <= _MOST_WRITTEN_OUT
        and query.requires_grad
        and torch.is_grad_enabled()
    )
