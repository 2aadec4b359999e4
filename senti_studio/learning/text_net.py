"""The nets that read units of text: a view for each kind of units, and n-grams beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from senti_studio.learning.contract import Batch, Classifier, Looked
from senti_studio.learning.noise import dropout as hidden_in_part
from senti_studio.learning.views import View, real_places
from senti_studio.text.vocabulary import PADDING

NGRAM_SCALE = 10.0
"""What their weights, which have the norm 1 together, are multiplied by."""


class Ngrams(nn.Module):
    """A linear model of weighted n-grams: what TF-IDF with logistic regression would be, learned along."""

    def __init__(self, ngrams: int, classes: int, scale: float, dropout: float = 0.0) -> None:
        super().__init__()
        self.dropout = dropout
        self.weights = nn.Embedding(ngrams, classes, padding_idx=PADDING)
        nn.init.zeros_(self.weights.weight)
        self.scale = scale

    def forward(self, ids: Tensor, weights: Tensor) -> Tensor:
        """(rows, n-grams) -> (rows, classes)."""
        if self.training:
            weights = hidden_in_part(weights, self.dropout)
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
        ngram_dropout: float = 0.0,
        ngram_scale: float = NGRAM_SCALE,
    ) -> None:
        super().__init__()
        self.views = nn.ModuleList(views)
        self.classes = classes
        self.dropout = dropout
        self.out = nn.Linear(sum(view.width for view in views), classes)
        self.ngrams = Ngrams(ngrams, classes, ngram_scale, ngram_dropout) if ngrams else None

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

    def features(self, batch: Batch) -> Tensor:
        return self._read(self.vectors(batch), batch)

    def scored(self, vectors: Sequence[Tensor], batch: Batch) -> Tensor:
        found: Tensor = self.out(self._read(vectors, batch))
        return found

    def ngram_shares(self, batch: Batch) -> Tensor | None:
        if self.ngrams is None or batch.ngram_ids is None or batch.ngram_weights is None:
            return None
        return self.ngrams.shares(batch.ngram_ids, batch.ngram_weights)

    def attention(self, batch: Batch) -> tuple[Looked | None, ...]:
        shares = (
            view.attention_shares(x, lengths, real_places(x, lengths))
            for view, x, lengths in zip(self._views, self.vectors(batch), batch.lengths, strict=True)
        )
        return tuple(Looked(each) if each is not None else None for each in shares)

    def _read(self, vectors: Sequence[Tensor], batch: Batch) -> Tensor:
        read = [
            view.read(x, lengths, real_places(x, lengths))
            for view, x, lengths in zip(self._views, vectors, batch.lengths, strict=True)
        ]
        return torch.cat(read, dim=1)

    @property
    def _views(self) -> list[View]:
        return [view for view in self.views if isinstance(view, View)]


class MixedNet(Classifier):
    """Several nets that know nothing of each other, each of which reads the texts in a way of its own.

    While they learn, each learns for itself. What they say together is the mean of their logits, which is
    that of their logarithms of probabilities: right more often than any of them, as far as they are wrong
    about different texts.
    """

    divisible = True

    def __init__(
        self, members: Sequence[TextNet], reads: Sequence[int], pupil: TextNet | None = None
    ) -> None:
        """Member *i* reads view ``reads[i]`` of a batch, and the n-grams if it has weights for them.

        ``pupil``: reads view 0 and learns from the members; it has no say in what they say together."""
        super().__init__()
        self.members = nn.ModuleList(members)
        self.pupil = pupil
        self.reads = tuple(reads)
        self.classes = members[0].classes

    def forward(self, batch: Batch) -> Tensor:
        """(members, rows, classes) logits of each while it learns, the pupil behind the members; else (rows,
        classes) of the members together."""
        said = [member(self._part(batch, at)) for member, at in self.pairs]
        if not self.training:
            return torch.stack(said).mean(dim=0)
        return torch.stack(said if self.pupil is None else [*said, self.pupil(self._part(batch, 0))])

    def vectors(self, batch: Batch) -> tuple[Tensor, ...]:
        """Those of all members that read the same view stand side by side."""
        found: dict[int, list[Tensor]] = {}
        for member, at in self.pairs:
            found.setdefault(at, []).extend(member.vectors(self._part(batch, at)))
        return tuple(torch.cat(found[at], dim=2) for at in sorted(found))

    def features(self, batch: Batch) -> Tensor:
        return torch.cat([member.features(self._part(batch, at)) for member, at in self.pairs], dim=1)

    def scored(self, vectors: Sequence[Tensor], batch: Batch) -> Tensor:
        said = [member.scored((x,), part) for member, x, part in self._apart(vectors, batch)]
        return torch.stack(said).mean(dim=0)

    def ngram_shares(self, batch: Batch) -> Tensor | None:
        shares = [member.ngram_shares(batch) for member, _ in self.pairs]
        there = [each for each in shares if each is not None]
        return torch.stack(there).sum(dim=0) / len(shares) if there else None

    def attention(self, batch: Batch) -> tuple[Looked | None, ...]:
        """The mean of the members that read the same view."""
        found: dict[int, list[Tensor]] = {at: [] for at in sorted(set(self.reads))}
        for member, at in self.pairs:
            found[at].extend(each.whole for each in member.attention(self._part(batch, at)) if each)
        return tuple(Looked(torch.stack(some).mean(dim=0)) if some else None for some in found.values())

    @property
    def pairs(self) -> list[tuple[TextNet, int]]:
        """The members, and the view that each reads."""
        members = [member for member in self.members if isinstance(member, TextNet)]
        return list(zip(members, self.reads, strict=True))

    @staticmethod
    def _part(batch: Batch, view: int) -> Batch:
        return replace(batch, units=batch.units[view : view + 1], lengths=batch.lengths[view : view + 1])

    def _apart(self, vectors: Sequence[Tensor], batch: Batch) -> list[tuple[TextNet, Tensor, Batch]]:
        """Each member with its vectors and its part of the batch."""
        places = sorted(set(self.reads))
        left = {at: list(x.chunk(self.reads.count(at), dim=2)) for at, x in zip(places, vectors, strict=True)}
        return [(member, left[at].pop(0), self._part(batch, at)) for member, at in self.pairs]
