"""Attention of one text, looked at once and told layer by layer and head by head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from senti_studio.domain.explaining import ROLLOUT, Attention
from senti_studio.errors import UserError
from senti_studio.learning.contract import Looked
from senti_studio.learning.explain.placing import Ints, Letters, as_written, of_words
from senti_studio.text.encoding import Places
from senti_studio.text.tracing import Traced

Shares = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layer:
    """Of a text whose units stand in ``spans``: ``shares`` (1 + heads, units), the mean of the heads
    first."""

    spans: Ints
    shares: Shares


@dataclass(frozen=True, slots=True)
class Attended:
    """A text, where its ``words`` stand in its normalised form, and what may be looked at, by name."""

    trace: Traced
    words: Sequence[tuple[int, int]]
    layers: Mapping[str, Layer]

    def of(self, layer: str = "", head: int = 0) -> Attention:
        """What there is to see in a layer, without a name in the first, of a head, or of all (0).

        Raises UserError ``EXPLAIN_NO_LAYER`` or ``EXPLAIN_NO_HEAD``.
        """
        layer = layer or next(iter(self.layers))
        if layer not in self.layers:
            raise UserError("EXPLAIN_NO_LAYER", layer=layer, layers=list(self.layers))
        found = self.layers[layer]
        heads = len(found.shares) - 1
        if not 0 <= head <= heads:
            raise UserError("EXPLAIN_NO_HEAD", head=head, layer=layer, heads=heads)
        letters = Letters(self.trace.text)
        if self.trace.text:
            letters.add(found.spans, found.shares[head].astype(np.float64))
        return Attention(
            tuple(self.layers),
            layer,
            heads,
            head,
            tuple(as_written(letters.weights, self.trace).tolist()),
            of_words(self.words, letters.weights, self.trace),
            letters.rest,
        )


def layers_of(
    looked: Sequence[Sequence[Looked | None]], views: Sequence[str], places: Places
) -> Mapping[str, Layer]:
    """By name, of the parts of a text: rows without padding, with all their views."""
    found: dict[str, Layer] = {}
    for view, name in enumerate(views):
        parts = [each for part in looked if (each := part[view]) is not None]
        if not parts:
            continue
        spans = places.units[view]
        for layer, shares in _stacked(parts):
            found[layer or name] = Layer(spans, shares[:, : len(spans)])
    return found


def _stacked(parts: Sequence[Looked]) -> Iterator[tuple[str, Shares]]:
    """Name and shares of each layer, the parts side by side; of a view without heads the name is empty."""
    count = sum(len(each.whole) for each in parts)
    whole = torch.cat([each.whole.flatten() for each in parts]).float() / count
    heads = [each.heads.movedim(0, 2).flatten(2) for each in parts if each.heads is not None]
    yield ROLLOUT if heads else "", whole[None].cpu().numpy()
    if heads:
        for number, layer in enumerate(torch.cat(heads, dim=2).float() / count, 1):
            yield str(number), torch.cat([layer.mean(dim=0, keepdim=True), layer]).cpu().numpy()
