"""The recurrent nets: LSTM or GRU over words and characters, and a linear view of n-grams beside them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from senti_studio.learning.contract import Batch, Classifier
from senti_studio.text.vocabulary import PADDING, UNKNOWN

CELLS: dict[str, type[nn.LSTM] | type[nn.GRU]] = {"lstm": nn.LSTM, "gru": nn.GRU}

_NEVER = -1e4
"""Stands for "nothing here" in a maximum and in a softmax, also in half precision."""


class _Layer(nn.Module):
    """One recurrent layer; the backward cell reads each row turned round within its own length.

    So padding always comes last and cannot reach a real unit, without the cost of packed sequences.
    """

    def __init__(self, cell: type[nn.LSTM] | type[nn.GRU], size: int, hidden: int, directions: int) -> None:
        super().__init__()
        self.forward_cell = cell(size, hidden, batch_first=True)
        self.backward_cell = cell(size, hidden, batch_first=True) if directions == 2 else None

    def forward(self, x: Tensor, turned: Tensor) -> Tensor:
        """(rows, longest, size) -> (rows, longest, directions · hidden)."""
        ahead: Tensor = self.forward_cell(x)[0]
        if self.backward_cell is None:
            return ahead
        back: Tensor = self.backward_cell(_turn(x, turned))[0]
        return torch.cat([ahead, _turn(back, turned)], dim=2)


def _turn(x: Tensor, order: Tensor) -> Tensor:
    return x.gather(1, order.unsqueeze(-1).expand(-1, -1, x.shape[2]))


class _View(nn.Module):
    """Embedding, recurrent layers, maximum and attention over the units of each row."""

    def __init__(
        self,
        cell: type[nn.LSTM] | type[nn.GRU],
        *,
        vocabulary: int,
        embedding: int,
        hidden: int,
        layers: int,
        directions: int,
        dropout: float,
        embedding_dropout: float,
        word_dropout: float,
        variational: bool,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding, padding_idx=PADDING)
        nn.init.normal_(self.embedding.weight, std=0.1)
        with torch.no_grad():
            self.embedding.weight[PADDING].zero_()
        width = hidden * directions
        sizes = [embedding, *[width] * (layers - 1)]
        self.layers = nn.ModuleList(_Layer(cell, size, hidden, directions) for size in sizes)
        self.attention = nn.Sequential(nn.Linear(width, hidden), nn.Tanh(), nn.Linear(hidden, 1))
        self.dropout = dropout
        self.embedding_dropout = embedding_dropout
        self.word_dropout = word_dropout
        self.variational = variational
        self.width = 2 * width

    def forward(self, units: Tensor, lengths: Tensor) -> Tensor:
        """(rows, longest) ids -> (rows, width)."""
        position = torch.arange(units.shape[1], device=units.device).unsqueeze(0)
        real = position < lengths.unsqueeze(1)
        turned = torch.where(real, lengths.unsqueeze(1) - 1 - position, position)
        if self.training and self.word_dropout:
            lost = torch.rand(units.shape, device=units.device) < self.word_dropout
            units = units.masked_fill(lost & real, UNKNOWN)
        x = self._dropped(self.embedding(units), self.embedding_dropout)
        for number, layer in enumerate(self.layers):
            x = self._dropped(x, self.dropout) if number else x
            x = layer(x, turned)
        highest = x.masked_fill(~real.unsqueeze(-1), _NEVER).amax(dim=1)
        share = self.attention(x).squeeze(-1).masked_fill(~real, _NEVER).softmax(dim=1)
        return torch.cat([highest, torch.bmm(share.unsqueeze(1), x).squeeze(1)], dim=1)

    def _dropped(self, x: Tensor, share: float) -> Tensor:
        """Dropout over (rows, longest, size); ``variational``: one mask for all places of a row (Gal and
        Ghahramani 2016)."""
        if not (self.variational and self.training and share):
            return functional.dropout(x, share, self.training)
        return x * functional.dropout(x.new_ones(x.shape[0], 1, x.shape[2]), share)


class _Ngrams(nn.Module):
    """A linear model of weighted n-grams: what TF-IDF with logistic regression would be, learned along."""

    def __init__(self, ngrams: int, classes: int, scale: float) -> None:
        super().__init__()
        self.weights = nn.Embedding(ngrams, classes, padding_idx=PADDING)
        nn.init.zeros_(self.weights.weight)
        self.scale = scale

    def forward(self, ids: Tensor, weights: Tensor) -> Tensor:
        """(rows, n-grams) -> (rows, classes)."""
        return torch.bmm((weights * self.scale).unsqueeze(1), self.weights(ids)).squeeze(1)


class RecurrentClassifier(Classifier):
    """Logits of each class: a recurrent net over every view, plus the linear n-grams (0 = none)."""

    def __init__(
        self,
        architecture: str,
        *,
        vocabularies: Sequence[int],
        ngrams: int,
        classes: int,
        embedding_size: int,
        hidden_size: int,
        layers: int,
        bidirectional: bool,
        dropout: float = 0.0,
        embedding_dropout: float = 0.0,
        word_dropout: float = 0.0,
        ngram_scale: float = 10.0,
        variational: bool = False,
    ) -> None:
        super().__init__()
        self.views = nn.ModuleList(
            _View(
                CELLS[architecture],
                vocabulary=vocabulary,
                embedding=embedding_size,
                hidden=hidden_size,
                layers=layers,
                directions=2 if bidirectional else 1,
                dropout=dropout,
                embedding_dropout=embedding_dropout,
                word_dropout=word_dropout,
                variational=variational,
            )
            for vocabulary in vocabularies
        )
        self.classes = classes
        width = sum(view.width for view in self.views if isinstance(view, _View))
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(width, classes)
        self.ngrams = _Ngrams(ngrams, classes, ngram_scale) if ngrams else None

    def forward(self, batch: Batch) -> Tensor:
        """(rows, classes) logits."""
        seen = [
            view(units, lengths)
            for view, units, lengths in zip(self.views, batch.units, batch.lengths, strict=True)
        ]
        logits: Tensor = self.out(self.dropout(torch.cat(seen, dim=1)))
        if self.ngrams is not None:
            logits = logits + self.ngrams(batch.ngram_ids, batch.ngram_weights)
        return logits
