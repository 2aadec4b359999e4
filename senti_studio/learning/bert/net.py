"""A net of transformers as a `Classifier`: ids and lengths in, logits out."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from senti_studio.domain.encoder_memory import units_of_pass
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.learning.bert.attending import looked_at
from senti_studio.learning.bert.families import LEFT_PADDED, build_config, longest_text
from senti_studio.learning.bert.held import Held, replayed, summary_of
from senti_studio.learning.bert.hiding import hide_by_noise, is_divisible, know_attention
from senti_studio.learning.bert.library import transformers
from senti_studio.learning.bert.source import load_weights
from senti_studio.learning.bert.token_encoder import Marks, TokenEncoder
from senti_studio.learning.bert.transfer import (
    depths_of,
    layers_of,
    merged_weights,
    pace_of,
    without_low_rank,
)
from senti_studio.learning.bert.windows import averaged, parted, said_in_parts
from senti_studio.learning.contract import Batch, Classifier, Looked, Pace, Parted
from senti_studio.learning.text_net import NGRAM_SCALE, Ngrams
from senti_studio.shelf import find


class EncoderNet(Classifier):
    """An encoder with a head for ``classes``; ``marks`` are those of its tokenizer; ``window``: rows are
    windows of so many units, 0: each is a text; ``ngrams``: what weighs runs of characters beside it."""

    rows_of_part = 4

    def __init__(
        self, model: Any, *, classes: int, marks: Marks, window: int = 0, ngrams: Ngrams | None = None
    ) -> None:
        super().__init__()
        self.ngrams = ngrams
        self.model = model
        self.classes = classes
        self._marks = marks
        self.window = window
        self.pads_left = model.config.model_type in LEFT_PADDED
        self.units_of_pass = _units_of_pass(model.config)
        self.units_at_once = self.units_of_pass // 2
        self.held: Held | None = None
        """What the encoder says of texts that are numbers of rows, while only the head learns."""

    def forward(self, batch: Batch) -> Tensor:
        """(rows, classes) logits; with n-grams, while it learns, (3, rows, classes): of the encoder, of the
        n-grams and of both.

        N-grams are learnt fast and leave little to learn to an encoder beside them: so each learns the labels
        for itself, too."""
        held = self.held
        said = self._of_held(held, batch) if held is not None else self._in_windows(batch, self._said)
        if self.ngrams is None:
            return said
        with torch.autocast(said.device.type, enabled=False):  # they have no large products
            beside: Tensor = self.ngrams(batch.ngram_ids, batch.ngram_weights)
            both = said.float() + beside
            return torch.stack((said.float(), beside, both)) if self.training else both

    def parted(self, batch: Batch) -> Parted | None:
        """The windows of long texts."""
        return parted(batch, self.window)

    def _in_windows(self, batch: Batch, ask: Callable[[Batch], Tensor]) -> Tensor:
        windows = self.parted(batch)
        if windows is None:
            return ask(batch)
        said = said_in_parts(windows, ask, self.units_at_once)
        return averaged(said, windows.row, len(batch.lengths[0]))

    def _said(self, batch: Batch) -> Tensor:
        ids, real = self._ids(batch)
        return self._logits(real, input_ids=ids)

    def summary(self, batch: Batch) -> Tensor:
        """(rows, width): what the head begins with; of windows, not of texts."""
        ids, real = self._ids(batch)
        return summary_of(self.model, real, ids, at_end=self.pads_left)

    def _of_held(self, held: Held, batch: Batch) -> Tensor:
        """Each row names its windows in the table."""
        numbers, lengths = batch.units[0], batch.lengths[0]
        real = torch.arange(numbers.shape[1], device=numbers.device) < lengths.unsqueeze(1)
        said = self._of_states(held.at(numbers[real]))
        return averaged(said, real.nonzero()[:, 0], len(lengths)) if numbers.shape[1] > 1 else said

    def _of_states(self, states: Tensor) -> Tensor:
        base = self.model.base_model
        base.forward = functools.partial(replayed, base, states)
        try:
            return self._logits(torch.ones(len(states), 1, dtype=torch.bool, device=states.device))
        finally:
            del base.forward

    def learn_in_parts(self) -> None:
        """Parts of a batch are learnt at the same time, where the family allows it; not with windows: what is
        worked out again must draw the same numbers again, and torch sees to that of its own."""
        if is_divisible(self.model.config) and not self.window:
            hide_by_noise(self.model)
            self.divisible = True

    @contextlib.contextmanager
    def portable(self) -> Iterator[None]:
        """Without the hook that transformers sets where layers are worked out again. It is a function within
        a function, which no other process can find; our way of working out again does without."""
        hook = getattr(self.model, "_require_grads_hook", None)
        if hook is not None:
            self.model.disable_input_require_grads()
        try:
            yield
        finally:
            if hook is not None:
                self.model.enable_input_require_grads()

    def arrive(self) -> None:
        """Names the attention whose name it brings."""
        know_attention()

    def paces(self, options: TrainingOptions) -> Mapping[str, Pace]:
        """Higher layers learn faster where the options say so; norms and biases are not pulled to zero."""
        layers = len(layers_of(self.model))
        depths = depths_of(self.model)
        return {
            f"model.{name}": pace_of(depths[name], layers, value, options)
            for name, value in self.model.named_parameters()
        }

    def plain(self) -> Mapping[str, Tensor]:
        """The weights, with the low-rank ones added to those that they stand by."""
        return merged_weights(self)

    def settled(self, weights: Mapping[str, Tensor]) -> EncoderNet:
        """The net without anything that belongs to its training."""
        without_low_rank(self)
        self.held = None
        self.load_state_dict(weights)
        return self

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
        """(rows, classes) logits of vectors as `vectors` gives them, without those of n-grams."""
        return self._logits(self._ids(batch)[1], inputs_embeds=vectors[0])

    def ngram_shares(self, batch: Batch) -> Tensor | None:
        if self.ngrams is None or batch.ngram_ids is None or batch.ngram_weights is None:
            return None
        return self.ngrams.shares(batch.ngram_ids, batch.ngram_weights)

    def attention(self, batch: Batch) -> tuple[Looked | None, ...]:
        """Where the state looks that the head begins with."""
        ids, real = self._ids(batch)
        return (looked_at(self.model.eval(), real, ids, at_end=self.pads_left),)

    def features(self, batch: Batch) -> Tensor:
        """(rows, width): what the last layer of the head is given."""
        return self._in_windows(batch, self._before_last)

    def _before_last(self, batch: Batch) -> Tensor:
        last = [each for each in self.model.modules() if isinstance(each, nn.Linear)][-1]
        seen: list[Tensor] = []
        handle = last.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
        try:
            self._said(batch)
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
        if not given:  # the encoder has no pass of its own, but some heads want to see ids
            given = {"input_ids": real.long()}
        if self.model.config.model_type == "longformer":
            # Its head would look for ids to find out where the first unit is.
            given["global_attention_mask"] = torch.zeros_like(real, dtype=torch.long)
            given["global_attention_mask"][:, 0] = 1
        found: Tensor = self.model(attention_mask=real.long(), **given).logits
        return found


def _units_of_pass(config: Any) -> int:
    return units_of_pass(
        int(getattr(config, "num_hidden_layers", 12)), int(getattr(config, "hidden_size", 768))
    )


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
    net = _unfilled(config, encoder, classes)
    net.divisible = is_divisible(config)  # nothing is drawn by a net that does not learn
    return net


def resumed_net(encoder: TokenEncoder, classes: int, options: TrainingOptions) -> EncoderNet:
    """A net to learn with whose weights come from a checkpoint."""
    config = build_config(encoder.net, classes, dropout=options.dropout)
    return _unfilled(config, encoder, classes, options.ngram_dropout)


def new_net(encoder: TokenEncoder, classes: int, options: TrainingOptions, *, source: str) -> EncoderNet:
    """A net to learn with: the weights of the encoder ``source`` and a new head, or all new without one."""
    config = build_config(encoder.net, classes, dropout=options.dropout)
    model = load_weights(find(source), config) if source else _from_config(config)
    for value in model.parameters():
        # What lies in the mapped file stands at odd places of the memory, where products may differ in their
        # last bit from those of a net that goes on from a checkpoint.
        value.data = value.data.clone()
    return _wrapped(model, encoder, classes, options.ngram_dropout)


def _unfilled(config: Any, encoder: TokenEncoder, classes: int, ngram_dropout: float = 0.0) -> EncoderNet:
    from transformers.initialization import no_init_weights

    with no_init_weights():
        model = _from_config(config)
    return _wrapped(model, encoder, classes, ngram_dropout)


def _from_config(config: Any) -> Any:
    return transformers().AutoModelForSequenceClassification.from_config(config)


def _wrapped(model: Any, encoder: TokenEncoder, classes: int, ngram_dropout: float) -> EncoderNet:
    grams = None
    if encoder.ngrams is not None:
        grams = Ngrams(len(encoder.ngrams), classes, NGRAM_SCALE, ngram_dropout)
    return EncoderNet(
        model.float(), classes=classes, marks=encoder.marks, window=encoder.window, ngrams=grams
    )
