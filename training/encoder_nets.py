"""The net of an encoder that is learnt from nothing, and how it learns: three objectives.

``mlm``: hidden units are guessed; ``wwm``: whole words are hidden (Cui et al. 2019); ``electra``: a smaller
net guesses hidden units, the encoder tells which units of what that one wrote are not those of the text
(Clark et al. 2020, arXiv:2003.10555); both share their embeddings, and only the encoder is kept. ``wwm-bag``:
whole words and, from the summary of a text, which units it has (`SummingNet`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from senti_studio.domain.adapting import AdaptOptions
from senti_studio.learning.adapting.loop import AdaptLoop, Course
from senti_studio.learning.adapting.masking import Masked
from senti_studio.learning.adapting.net import (
    GuessingNet,
    SummingNet,
    config_of,
)
from senti_studio.learning.adapting.pieces import Pieces, batch_bounds, token_batches
from senti_studio.learning.batches import Rows
from senti_studio.learning.bert.hiding import hide_by_noise
from senti_studio.learning.bert.library import transformers
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.learning.noise import uniform

OBJECTIVES = ("mlm", "wwm", "electra", "wwm-bag")
SMALLER = 4
"""How much narrower the guessing net of ``electra`` is."""
DETECTION_WEIGHT = 50.0
_HEAD_WIDTH = 64


class DetectingNet(GuessingNet):
    """``body``: the encoder, which tells what is not of the text; ``model``: the smaller net that guesses."""

    def __init__(self, model: Any, body: Any) -> None:
        super().__init__(model)
        self.body = body
        width = int(body.config.hidden_size)
        self.judge = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, 1))
        for name in ("word_embeddings", "position_embeddings", "token_type_embeddings"):
            shared = getattr(body.embeddings, name).weight
            getattr(model.base_model.embeddings, name).weight = shared
        model.generator_lm_head.weight = body.embeddings.word_embeddings.weight

    def learn_in_parts(self) -> None:
        super().learn_in_parts()
        if self.divisible:
            hide_by_noise(self.body)

    def detect(self, ids: Tensor, real: Tensor) -> Tensor:
        """(rows, longest): how sure it is that a unit is not the one of the text."""
        states = self.body(input_ids=ids, attention_mask=real.long())[0]
        found: Tensor = self.judge(states).squeeze(-1)
        return found


def new_net(encoder: TokenEncoder, objective: str, *, dropout: float) -> GuessingNet:
    """A net with random weights."""
    config = config_of(encoder, dropout)
    library = transformers()
    if objective == "electra":
        body = library.BertModel(config, add_pooling_layer=False)
        return DetectingNet(library.ElectraForMaskedLM(_smaller(config)), body).float()
    model = library.BertForMaskedLM(config)
    return (SummingNet if objective == "wwm-bag" else GuessingNet)(model.float())


def _smaller(config: Any) -> Any:
    width = max(_HEAD_WIDTH, int(config.hidden_size) // SMALLER)
    return transformers().ElectraConfig(
        vocab_size=config.vocab_size,
        embedding_size=config.hidden_size,
        hidden_size=width,
        num_hidden_layers=config.num_hidden_layers,
        num_attention_heads=width // _HEAD_WIDTH,
        intermediate_size=4 * width,
        max_position_embeddings=config.max_position_embeddings,
        type_vocab_size=config.type_vocab_size,
        hidden_dropout_prob=config.hidden_dropout_prob,
        attention_probs_dropout_prob=config.attention_probs_dropout_prob,
        pad_token_id=config.pad_token_id,
        tie_word_embeddings=False,
    )


@dataclass(frozen=True, slots=True)
class Order:
    """Which pieces a course reads: in its first ``short_steps`` steps those of ``short``, then those of
    ``all``; a piece that counts several times is several times in them."""

    short: Rows
    all: Rows
    short_steps: int

    @classmethod
    def of(cls, pieces: Pieces, times: Rows, *, short: int, short_share: float, total: int) -> Order:
        every = np.repeat(np.arange(len(pieces)), times)
        first = every[pieces.lengths[every] <= short]
        steps = round(total * short_share) if len(first) else 0
        return cls(first, every, steps)


def course_of(options: AdaptOptions, pieces: Pieces, times: Rows, marks: int, evaluations: int) -> Course:
    """How many steps so many tokens are; it is evaluated so many times."""
    lengths = np.repeat(pieces.lengths + marks, times)
    per_epoch = len(batch_bounds(np.sort(lengths), options.batch_tokens)) - 1
    a_step = float(lengths.sum()) / max(1, per_epoch)
    total = max(1, round(options.tokens / a_step))
    return Course(per_epoch, total, max(1, -(-total // evaluations)), a_step)


def as_hidden(pieces: Pieces, objective: str) -> Pieces:
    """Pieces whose words are what is hidden together: whole words of ``wwm…``, else single units."""
    return pieces if objective.startswith("wwm") else replace(pieces, starts=np.ones_like(pieces.starts))


class ReadingLoop(AdaptLoop):
    """The loop of an adaptation with another order of pieces, and with the two losses of ``electra``."""

    order: Order
    _drawn: tuple[bool, int] | None = None

    def _rows(self, step: int) -> Rows:
        is_first = step < self.order.short_steps
        numbers = self.order.short if is_first else self.order.all
        at = step if is_first else step - self.order.short_steps
        lengths = self._pieces.lengths[numbers] + self._encoder.marks.count
        if self._drawn is None or self._drawn[0] != is_first:
            self._per_epoch = len(batch_bounds(np.sort(lengths), self.options.batch_tokens)) - 1
        epoch, place = divmod(at, self._per_epoch)
        if self._drawn != (is_first, epoch):
            self._drawn = (is_first, epoch)
            seed = 2 * self.options.seed + is_first
            size = self.options.batch_tokens
            self._order = token_batches(lengths, batch_tokens=size, seed=seed, epoch=epoch)
        return numbers[self._order[place]]

    def _part_loss(self, part: Masked, whole: Masked) -> tuple[Tensor, Tensor]:
        if not isinstance(self.net, DetectingNet):
            return super()._part_loss(part, whole)
        logits, truth = self._logits(part)
        guessed = functional.cross_entropy(logits, truth, reduction="sum") / len(whole.places)
        scores, replaced, real = self._detected(part, logits.detach(), truth)
        wrong = functional.binary_cross_entropy_with_logits(
            scores[real], replaced[real].float(), reduction="sum"
        )
        return guessed + DETECTION_WEIGHT * wrong / whole.tokens, guessed

    def _detected(self, part: Masked, logits: Tensor, truth: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What the encoder says of a text that the guessing net has filled, what is replaced in it, and where
        units stand at all. What it fills in is drawn as it is likely, not the likeliest."""
        assert isinstance(self.net, DetectingNet)
        chance = uniform(logits.shape, self.device).clamp(1e-9, 1 - 1e-7)
        noise = -torch.log(-torch.log(chance))
        drawn = (logits + noise).argmax(1)
        places = torch.from_numpy(part.places).to(self.device)
        original = torch.from_numpy(part.ids).to(self.device).flatten()
        original = original.index_copy(0, places, truth)
        seen = original.index_copy(0, places, drawn)
        real = torch.from_numpy(part.real).to(self.device)
        with self._precision.cast():
            scores = self.net.detect(seen.view_as(real), real)
        return scores.float(), (seen != original).view_as(real), real

    def detection(self, valid: Pieces) -> float | None:
        """Of held-out pieces: how probably a replaced unit looks worse than one of the text (the area under
        the curve, half where nothing is known); None where nothing is replaced."""
        if not isinstance(self.net, DetectingNet):
            return None
        self.net.eval()
        devices = [self.device] if self.device.type == "cuda" else []
        scores: list[Tensor] = []
        signs: list[Tensor] = []
        with torch.random.fork_rng(devices), torch.inference_mode():
            torch.manual_seed(self.options.seed)
            lengths = valid.lengths + self._encoder.marks.count
            for rows in token_batches(lengths, batch_tokens=self.options.batch_tokens, seed=0, epoch=0):
                batch = self._masked(valid, rows, -1)
                logits, truth = self._logits(batch)
                found, replaced, real = self._detected(batch, logits, truth)
                scores.append(found[real].cpu())
                signs.append(replaced[real].cpu())
        return area_under_curve(torch.cat(scores).numpy(), torch.cat(signs).numpy())


def area_under_curve(scores: npt.NDArray[np.float32], signs: npt.NDArray[np.bool_]) -> float:
    """The share of pairs of one with and one without the sign in which the one with it has the higher score;
    equal scores are half of a pair."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positive = int(signs.sum())
    pairs = positive * (len(signs) - positive)
    return float((ranks[signs].sum() - positive * (positive + 1) / 2) / pairs) if pairs else 0.5
