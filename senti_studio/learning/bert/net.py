"""A net of transformers as a `Classifier`: ids and lengths in, logits out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from senti_studio.learning.bert.families import LEFT_PADDED, build_config, longest_text
from senti_studio.learning.bert.library import transformers
from senti_studio.learning.bert.source import load_weights
from senti_studio.learning.bert.token_encoder import Marks, TokenEncoder
from senti_studio.learning.contract import Batch, Classifier
from senti_studio.shelf import find


class EncoderNet(Classifier):
    """An encoder with a head for ``classes``; ``marks`` are those of its tokenizer."""

    def __init__(self, model: Any, *, classes: int, marks: Marks) -> None:
        super().__init__()
        self.model = model
        self.classes = classes
        self._marks = marks
        self.pads_left = model.config.model_type in LEFT_PADDED
        self.units_at_once = units_at_once(model.config)

    def forward(self, batch: Batch) -> Tensor:
        """(rows, classes) logits."""
        ids, real = self._ids(batch)
        return self._logits(real, input_ids=ids)

    def vectors(self, batch: Batch) -> tuple[Tensor, ...]:
        """(rows, longest, size): the vectors of the units, before places are added to them."""
        ids, _ = self._ids(batch)
        found: Tensor = self.model.get_input_embeddings()(ids)
        return (found,)

    def blank(self, vectors: Sequence[Tensor], batch: Batch) -> tuple[Tensor, ...]:
        """The same texts with nothing between their marks."""
        (given,) = vectors
        _, real = self._ids(batch)
        place = real.cumsum(1)
        before, behind = len(self._marks.before), len(self._marks.behind)
        is_mark = real & ((place <= before) | (place > batch.lengths[0].unsqueeze(1) - behind))
        nothing = self.model.get_input_embeddings().weight[self._marks.padding]
        return (torch.where(is_mark.unsqueeze(2), given, nothing),)

    def scored(self, vectors: Sequence[Tensor], batch: Batch) -> Tensor:
        """(rows, classes) logits of vectors as `vectors` gives them."""
        return self._logits(self._ids(batch)[1], inputs_embeds=vectors[0])

    def features(self, vectors: Sequence[Tensor], batch: Batch) -> Tensor:
        """(rows, width): what the last layer of the head is given."""
        last = [each for each in self.model.modules() if isinstance(each, nn.Linear)][-1]
        seen: list[Tensor] = []
        handle = last.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
        try:
            self.scored(vectors, batch)
        finally:
            handle.remove()
        return seen[-1]

    def _ids(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Ids with the padding of this net, on its side, and which places are real."""
        ids, lengths = batch.units[0], batch.lengths[0].unsqueeze(1)
        places = torch.arange(ids.shape[1], device=ids.device)
        if self.pads_left:
            empty = ids.shape[1] - lengths
            real = places >= empty
            ids = ids.gather(1, (places - empty).clamp_min(0))
        else:
            real = places < lengths
        return torch.where(real, ids, self._marks.padding), real

    def _logits(self, real: Tensor, **given: Tensor) -> Tensor:
        found: Tensor = self.model(attention_mask=real.long(), **given).logits
        return found


def units_at_once(config: Any) -> int:
    """Rows times units whose gradients a gigabyte bears: some twenty numbers for each of the layers' own."""
    layers = int(getattr(config, "num_hidden_layers", 12))
    size = int(getattr(config, "hidden_size", 768))
    return min(8192, max(256, 10_000_000 // (layers * size)))


def empty_net(encoder: TokenEncoder, classes: int) -> EncoderNet:
    """A net that waits for the weights of a model. Raises ValueError for a config that does not fit the
    vocabulary."""
    config = build_config(encoder.net, classes)
    marks = encoder.marks
    known = encoder.tokenizer.get_vocab().values()
    largest = max((*known, *marks.before, *marks.behind, marks.padding, marks.unknown))
    if largest >= config.vocab_size:
        raise ValueError(f"a vocabulary of {largest + 1} units, a net of {config.vocab_size}")
    longest = longest_text(config)
    if longest and encoder.max_length > longest:
        raise ValueError(f"texts of {encoder.max_length} units, a net of {longest}")
    return _unfilled(config, encoder, classes)


def resumed_net(encoder: TokenEncoder, classes: int, *, dropout: float) -> EncoderNet:
    """A net to learn with whose weights come from a checkpoint."""
    return _unfilled(build_config(encoder.net, classes, dropout=dropout), encoder, classes)


def new_net(encoder: TokenEncoder, classes: int, *, dropout: float, source: str) -> EncoderNet:
    """A net to learn with: the weights of the encoder ``source`` and a new head, or all new without one."""
    config = build_config(encoder.net, classes, dropout=dropout)
    model = load_weights(find(source), config) if source else _from_config(config)
    return _wrapped(model, encoder, classes)


def _unfilled(config: Any, encoder: TokenEncoder, classes: int) -> EncoderNet:
    from transformers.initialization import no_init_weights

    with no_init_weights():
        return _wrapped(_from_config(config), encoder, classes)


def _from_config(config: Any) -> Any:
    return transformers().AutoModelForSequenceClassification.from_config(config)


def _wrapped(model: Any, encoder: TokenEncoder, classes: int) -> EncoderNet:
    return EncoderNet(model.float(), classes=classes, marks=encoder.marks)
