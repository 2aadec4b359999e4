"""The one list of architectures that can be trained; everything else asks here for what differs."""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from senti_studio.domain.architectures import epochs_of
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.learning.baseline import BASELINE
from senti_studio.learning.bert.architecture import BERT
from senti_studio.learning.contract import Architecture
from senti_studio.learning.plan import Plan
from senti_studio.learning.reading_nets import convolution_view, reading_net, recurrent_view

_KNOWN = (
    reading_net("lstm", recurrent_view(nn.LSTM)),
    reading_net("gru", recurrent_view(nn.GRU)),
    reading_net("rnn", recurrent_view(nn.RNN)),
    reading_net("textcnn", convolution_view),
    BERT,
    BASELINE,
)

REGISTRY: dict[str, Architecture] = {each.key: each for each in _KNOWN}


def architecture(key: str) -> Architecture:
    """The architecture with this key. Raises UserError ``BAD_SPEC``."""
    if key not in REGISTRY:
        raise UserError("BAD_SPEC", problems=[f"architecture={key} ({' | '.join(REGISTRY)})"])
    return REGISTRY[key]


def plan_of(spec: TrainingSpec, rows: int) -> Plan:
    """How long a training is that learns from so many rows."""
    epochs = epochs_of(spec.architecture, spec.options, rows)
    return architecture(spec.architecture).plan(replace(spec.options, epochs=epochs), rows)
