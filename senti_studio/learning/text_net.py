"""The nets that read units of text: a view for each kind of units, and n-grams beside them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from senti_studio.learning.contract import Batch, Classifier
from senti_studio.learning.noise import dropout as hidden_in_part
from senti_studio.learning.views import View, real_places
from senti_studio.text.vocabulary import PADDING


class Ngrams(nn.Module):
    """A linear model of weighted n-grams: what TF-IDF with logistic regression would be, learned along."""

    def __init__(self, ngrams: int, classes: int, scale: float) -> None:
        super().__init__()
        self.weights = nn.Embedding(ngrams, classes, padding_idx=PADDING)
        nn.init.zeros_(self.weights.weight)
        self.scale = scale

    def forward(self, ids: Tensor, weights: Tensor) -> Tensor:
        """(rows, n-grams) -> (rows, classes)."""
        return torch.bmm((weights * self.scale).unsqueeze(1), self.weights(ids)).squeeze(1)

    def shares(self, ids: Tensor, weights: Tensor) -> Tensor:
        """(rows, n-grams) -> (rows, n-grams, classes), of which `forward` gives the sums."""
        found: Tensor = (weights * self.scale).unsqueeze(-1) * self.weights(ids)
        return found


class TextNet(Classifier):
    """Logits of each class from all ``views`` together, plus those of the linear n-grams (0 = none)."""

    divisible = True

    def __init__(
        self,
        views: Sequence[View],
        *,
        ngrams: int,
        classes: int,
        dropout: float = 0.0,
        ngram_scale: float = 10.0,
    ) -> None:
        super().__init__()
        self.views = nn.ModuleList(views)
        self.classes = classes
        self.dropout = dropout
        self.out = nn.Linear(sum(view.width for view in views), classes)
        self.ngrams = Ngrams(ngrams, classes, ngram_scale) if ngrams else None

    def forward(self, batch: Batch) -> Tensor:
        """(rows, classes) logits."""
        seen = [
            view(units, lengths)
            for view, units, lengths in zip(self.views, batch.units, batch.lengths, strict=True)
        ]
        features = torch.cat(seen, dim=1)
        if self.training:
            features = hidden_in_part(features, self.dropout)
        logits: Tensor = self.out(features)
        if self.ngrams is not None:
            logits = logits + self.ngrams(batch.ngram_ids, batch.ngram_weights)
        return logits

    def vectors(self, batch: Batch) -> tuple[Tensor, ...]:
        return tuple(view.embedding(units) for view, units in zip(self._views, batch.units, strict=True))

    def features(self, vectors: Sequence[Tensor], batch: Batch) -> Tensor:
        read = [
            view.read(x, lengths, real_places(x, lengths))
            for view, x, lengths in zip(self._views, vectors, batch.lengths, strict=True)
        ]
        return torch.cat(read, dim=1)

    def scored(self, vectors: Sequence[Tensor], batch: Batch) -> Tensor:
        found: Tensor = self.out(self.features(vectors, batch))
        return found

    def ngram_shares(self, batch: Batch) -> Tensor | None:
        if self.ngrams is None or batch.ngram_ids is None or batch.ngram_weights is None:
            return None
        return self.ngrams.shares(batch.ngram_ids, batch.ngram_weights)

    def attention(self, vectors: Sequence[Tensor], batch: Batch) -> tuple[Tensor | None, ...]:
        return tuple(
            view.attention_shares(x, lengths, real_places(x, lengths))
            for view, x, lengths in zip(self._views, vectors, batch.lengths, strict=True)
        )

    @property
    def _views(self) -> list[View]:
        return [view for view in self.views if isinstance(view, View)]
