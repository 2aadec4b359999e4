"""What all nets do with one view of the texts before they differ: vectors of units, some of them hidden."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from senti_studio.domain.training_options import TrainingOptions
from senti_studio.learning.noise import dropout, lost
from senti_studio.learning.unit_table import UnitTable
from senti_studio.text.vocabulary import PADDING, UNKNOWN


@dataclass(frozen=True, slots=True)
class Hiding:
    """Shares of what is hidden at random while a net learns; ``variational``: one mask for all places of a
    row (Gal and Ghahramani 2016)."""

    dropout: float = 0.0
    embedding_dropout: float = 0.0
    word_dropout: float = 0.0
    variational: bool = False
    ngram_dropout: float = 0.0

    @classmethod
    def of(cls, options: TrainingOptions) -> Hiding:
        return cls(
            options.dropout,
            options.embedding_dropout,
            options.word_dropout,
            options.variational,
            options.ngram_dropout,
        )


def real_places(units: Tensor, lengths: Tensor) -> Tensor:
    """(rows, longest): where (rows, longest, …) ``units`` have one, and no padding."""
    position = torch.arange(units.shape[1], device=units.device).unsqueeze(0)
    return position < lengths.unsqueeze(1)


class View(nn.Module):
    """Embedding of the units of each row; how they are read is up to the subclass, ``width`` numbers long."""

    width: int

    def __init__(self, vocabulary: int, embedding: int, hiding: Hiding) -> None:
        super().__init__()
        self.embedding = UnitTable(vocabulary, embedding, padding_idx=PADDING)
        nn.init.normal_(self.embedding.weight, std=0.1)
        with torch.no_grad():
            self.embedding.weight[PADDING].zero_()
        self.hiding = hiding

    def forward(self, units: Tensor, lengths: Tensor) -> Tensor:
        """(rows, longest) ids -> (rows, width)."""
        real = real_places(units, lengths)
        if self.training and self.hiding.word_dropout:
            hidden = lost(units.shape, self.hiding.word_dropout, units.device)
            units = units.masked_fill(hidden & real, UNKNOWN)
        x = self.hidden_in_part(self.embedding(units), self.hiding.embedding_dropout)
        return self.read(x, lengths, real)

    def read(self, x: Tensor, lengths: Tensor, real: Tensor) -> Tensor:
        """(rows, longest, size) -> (rows, width); ``real`` (rows, longest): where there is a unit."""
        raise NotImplementedError

    def attention_shares(self, x: Tensor, lengths: Tensor, real: Tensor) -> Tensor | None:
        """(rows, longest): how much each unit counts in the mean that attention makes; None without one."""
        return None

    def hidden_in_part(self, x: Tensor, share: float) -> Tensor:
        """Dropout over (rows, longest, size)."""
        if not self.training:
            return x
        if not self.hiding.variational:
            return dropout(x, share)
        return x * dropout(x.new_ones(x.shape[0], 1, x.shape[2]), share)
