"""An encoder with the head that guesses hidden units: its own of transformers, tied to the embeddings."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from senti_studio.errors import UserError
from senti_studio.learning.adapting.pieces import Pieces
from senti_studio.learning.bert.families import build_config
from senti_studio.learning.bert.hiding import hide_by_noise, is_divisible
from senti_studio.learning.bert.library import transformers
from senti_studio.learning.bert.source import load_net
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.learning.general_vectors import general_vectors

HEAD = "AutoModelForMaskedLM"
_SAYS = "says"
_SPREAD_SEED = 128
_BAG_WEIGHT = 0.5
"""How much the bag of units counts beside the hidden words."""
_COMMON = 1e-3
"""A unit of this share of all counts half as much as a rare one (Arora et al. 2017)."""


class GuessingNet(nn.Module):
    """``model``: of transformers, with a head that guesses. What the encoder has beside (a pooler, which no
    guess needs) is kept as it is, and saved."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self._picked = _Picked()
        base = model.base_model
        base.forward = functools.partial(self._picked.pass_through, base.forward)
        self.divisible = False

    def learn_in_parts(self) -> None:
        """Parts of a batch are learnt at the same time, where the family allows it."""
        if is_divisible(self.model.config):
            hide_by_noise(self.model)
            self.divisible = True

    def forward(self, ids: Tensor, real: Tensor, places: Tensor) -> Tensor:
        """(guesses, units) logits at ``places`` of the flattened (rows, longest) ``ids``: the head, which is
        as dear as a layer, works nowhere else."""
        return self.guess(self.states(ids, real), places)

    def weigh(self, pieces: Pieces, encoder: TokenEncoder) -> None:
        """Looks at what is going to be read, before the first step."""

    def learnt(
        self, ids: Tensor, real: Tensor, places: Tensor, truth: Tensor
    ) -> tuple[Tensor, Tensor | float]:
        """Logits as of the net itself, and what each row misses beside, summed; ``truth``: what stands at
        ``places``."""
        return self(ids, real, places), 0.0

    def states(self, ids: Tensor, real: Tensor) -> Tensor:
        """(rows, longest, width)"""
        model, more = self.model, {}
        if model.config.model_type == "longformer":
            more["global_attention_mask"] = torch.zeros_like(ids)
            more["global_attention_mask"][:, 0] = 1
        found: Tensor = model.base_model(input_ids=ids, attention_mask=real.long(), **more)[0]
        return found

    def guess(self, states: Tensor, places: Tensor) -> Tensor:
        """(guesses, units)"""
        picked = states.flatten(0, 1).index_select(0, places).unsqueeze(1)
        with self._picked.said(picked):
            found: Tensor = self.model(input_ids=places.new_zeros(len(places), 1)).logits
        return found.squeeze(1)

    def decaying(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """The weights that are pulled towards zero, and those that are not: norms and biases."""
        learnt = [value for value in self.parameters() if value.requires_grad]
        return [each for each in learnt if each.dim() > 1], [each for each in learnt if each.dim() < 2]

    def own(self) -> Mapping[str, Tensor]:
        """All weights and buffers, those that are tied once."""
        return dict(self._named())

    def take(self, weights: Mapping[str, Tensor]) -> None:
        """Sets what `own` gave. Raises KeyError or RuntimeError where it is of another net."""
        with torch.no_grad():
            for name, value in self._named():
                value.copy_(weights[name])

    def _named(self) -> Iterator[tuple[str, Tensor]]:
        yield from self.named_parameters()
        persistent = self.state_dict().keys()
        yield from ((name, value) for name, value in self.named_buffers() if name in persistent)


class SummingNet(GuessingNet):
    """Learns to sum a text up, too: the state with which a classifier begins guesses, through its pooler,
    which units the text has (bag-of-words prediction, Ma et al. 2024, arXiv:2401.11248). Hidden words alone
    teach that state nothing. ``bias``: how frequent each unit is, ``says`` (units): how much each one counts.
    """

    says: Tensor

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        base = model.base_model
        base.pooler = new_pooler(base.config)
        self.bias = nn.Parameter(torch.zeros(base.config.vocab_size))
        self.register_buffer(_SAYS, torch.ones(base.config.vocab_size))

    def weigh(self, pieces: Pieces, encoder: TokenEncoder) -> None:
        """How much each unit counts, by how rare it is in these texts; marks are no units of a text."""
        counts = np.bincount(pieces.ids, minlength=len(self.says))
        shares = counts / max(1, counts.sum())
        self.says.copy_(torch.from_numpy(_COMMON / (_COMMON + shares)))
        self.says[[encoder.tokenizer.token_to_id(name) for name in encoder.marks.names.values()]] = 0

    def learnt(
        self, ids: Tensor, real: Tensor, places: Tensor, truth: Tensor
    ) -> tuple[Tensor, Tensor | float]:
        states = self.states(ids, real)
        as_it_is = ids.flatten().index_copy(0, places, truth).view_as(ids)
        return self.guess(states, places), _BAG_WEIGHT * self.bag_loss(states, as_it_is)

    def bag_loss(self, states: Tensor, ids: Tensor) -> Tensor:
        """Summed over rows: what the summaries miss of ``ids``, the units of the texts as they are."""
        summary = self.model.base_model.pooler(states)
        logits = functional.linear(summary, self.model.get_input_embeddings().weight, self.bias)
        weights = self.says[ids]
        missed = -functional.log_softmax(logits.float(), dim=1).gather(1, ids)
        return ((missed * weights).sum(1) / weights.sum(1).clamp_min(1e-6)).sum()


def new_pooler(config: Any) -> Any:
    """Begins as the first state, which it passes on."""
    pooler = transformers().models.bert.modeling_bert.BertPooler(config)
    with torch.no_grad():
        nn.init.eye_(pooler.dense.weight)
        nn.init.zeros_(pooler.dense.bias)
    return pooler


class _Picked(threading.local):
    """The states that an encoder says it has, instead of a pass of its ``own``, in the thread that wants
    that."""

    states: Tensor | None = None

    @contextlib.contextmanager
    def said(self, states: Tensor) -> Iterator[None]:
        self.states = states
        try:
            yield
        finally:
            self.states = None

    def pass_through(self, own: Callable[..., Any], *given: Any, **more: Any) -> Any:
        if self.states is None:
            return own(*given, **more)
        from transformers.modeling_outputs import BaseModelOutputWithPooling

        found = BaseModelOutputWithPooling(last_hidden_state=self.states)
        found.global_attentions = found.mems = None
        return found


def new_net(encoder: TokenEncoder, *, source: Path | None, dropout: float, vectors: str) -> GuessingNet:
    """The net of ``source``, or a new one without it, whose embeddings begin as ``vectors`` says.

    Raises UserError ``ADAPT_NOT_THIS_FAMILY`` and those of `load_net`.
    """
    config = config_of(encoder, dropout)
    if source is None:
        model = transformers().AutoModelForMaskedLM.from_config(config)
        if vectors == "general":
            begin_with_characters(model, encoder)
        return SummingNet(model.float())
    model, new = load_net(source, config, HEAD)
    _draw(model, new, config)
    _with_rest(model, load_net(source, config, "AutoModel")[0])
    return GuessingNet(model.float())


def empty_net(encoder: TokenEncoder, weights: Mapping[str, Tensor], *, dropout: float | None) -> GuessingNet:
    """A net with the weights of a checkpoint. Raises UserError ``ADAPT_NOT_THIS_FAMILY``; KeyError or
    RuntimeError where they do not fit."""
    config = config_of(encoder, dropout)
    model = transformers().AutoModelForMaskedLM.from_config(config)
    if _SAYS not in weights and any(".pooler." in name for name in weights):
        _with_rest(model, transformers().AutoModel.from_config(config))
    net = (SummingNet if _SAYS in weights else GuessingNet)(model.float())
    net.take(weights)
    return net


def config_of(encoder: TokenEncoder, dropout: float | None) -> Any:
    """The config of the net; ``dropout``: everywhere, None = as the encoder has it."""
    config = build_config(encoder.net)
    if type(config) not in transformers().AutoModelForMaskedLM._model_mapping:
        raise UserError("ADAPT_NOT_THIS_FAMILY", family=str(config.model_type))
    if dropout is not None:
        for name, value in config.to_dict().items():
            if "drop" in name and isinstance(value, float):
                setattr(config, name, dropout)
    return config


@torch.no_grad()
def _draw(model: Any, names: list[str], config: Any) -> None:
    """Gives weights that no file had their first values. WORKAROUND transformers 5.24: some heads have a bias
    that its loader leaves as the memory happened to be."""
    there = dict(model.named_parameters())
    missing = [name for name in names if name in there]
    if missing:
        fresh = dict(transformers().AutoModelForMaskedLM.from_config(config).named_parameters())
        for name in missing:
            there[name].copy_(fresh[name])


def _with_rest(model: Any, whole: Any) -> None:
    """Gives ``model`` the pooler that its kind leaves out, as it is in the ``whole`` encoder."""
    base = model.base_model
    if getattr(whole, "pooler", None) is None or getattr(base, "pooler", whole) is not None:
        return
    for name in ("pooler", "pooler_activation"):
        if (part := getattr(whole, name, None)) is not None:
            setattr(base, name, part.requires_grad_(False))


@torch.no_grad()
def begin_with_characters(model: Any, encoder: TokenEncoder) -> int:
    """Sets the embeddings of the units that the vectors in the box know; returns how many. The vectors are
    turned into the width of the net so that their angles stay, and are as long as random ones."""
    known = general_vectors("characters")
    table = model.get_input_embeddings().weight
    width = table.shape[1]
    numbers = [(known.vectors[unit], at) for unit, at in _units(encoder) if unit in known.vectors]
    if not numbers:
        return 0
    vectors = np.stack([vector for vector, _ in numbers]).astype(np.float64)
    vectors -= vectors.mean(0)
    turn = np.random.default_rng(_SPREAD_SEED).standard_normal((vectors.shape[1], width))
    basis, _ = np.linalg.qr(turn.T if vectors.shape[1] < width else turn)
    turned = vectors @ (basis.T if vectors.shape[1] < width else basis)
    turned *= float(table.std()) / turned.std()
    at = torch.tensor([place for _, place in numbers])
    table[at] = torch.from_numpy(turned).to(table.dtype)
    return len(numbers)


def _units(encoder: TokenEncoder) -> list[tuple[str, int]]:
    """The units of the vocabulary as they stand in texts."""
    return [(unit.removeprefix("##"), at) for unit, at in encoder.tokenizer.get_vocab().items()]
