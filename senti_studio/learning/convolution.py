"""TextCNN: filters over two to five units side by side, and the strongest answer of each (Kim 2014)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from senti_studio.learning.pooling import NEVER
from senti_studio.learning.views import Hiding, View

WIDTHS = (2, 3, 4, 5)


class ConvolutionView(View):
    """``hidden`` filters of each width; what a filter finds anywhere in a row counts once."""

    def __init__(self, *, vocabulary: int, embedding: int, hidden: int, hiding: Hiding) -> None:
        super().__init__(vocabulary, embedding, hiding)
        self.filters = nn.ModuleList(nn.Conv1d(embedding, hidden, width) for width in WIDTHS)
        self.width = hidden * len(WIDTHS)

    def read(self, x: Tensor, lengths: Tensor, real: Tensor) -> Tensor:
        """(rows, longest, size) -> (rows, width); what lies behind a row is nothing."""
        across = x.masked_fill(~real.unsqueeze(-1), 0.0).transpose(1, 2)
        found = []
        for width, layer in zip(WIDTHS, self.filters, strict=True):
            answers = functional.relu(layer(functional.pad(across, (0, width - 1))))
            found.append(answers.masked_fill(~real.unsqueeze(1), NEVER).amax(dim=2))
        return torch.cat(found, dim=1)
