"""The model that a training begins with, read from the frozen data of its run."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from senti_studio.domain.architectures import architecture_name
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.transfer import EarlierModel, differences
from senti_studio.errors import UserError
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.learning.contract import Architecture, Start
from senti_studio.learning.data import TrainingData
from senti_studio.learning.model_folder import Model, load_model
from senti_studio.learning.text_net import MixedNet
from senti_studio.text.encoding import TextEncoder


def read_start(kind: Architecture, spec: TrainingSpec, data: TrainingData) -> Start | None:
    """The model that the training of ``spec`` begins with, None where it begins with nothing.

    Raises UserError ``START_DOES_NOT_FIT``, and ``MODEL_…`` for one that is damaged.
    """
    if spec.start is None:
        return None
    if data.start is None:
        raise UserError("RUN_DAMAGED", path=spec.run_id, reason="data/start")
    model = load_model(data.start)
    if model.architecture.key != kind.key:
        names = f"{architecture_name(model.architecture.key)} → {architecture_name(kind.key)}"
        raise _does_not_fit(spec.start, [names])
    known = _known_of(model)
    if spec.options.vectors == "file":
        known.pop("embedding_size", None)  # the file decides it
    found = differences(kind.key, known, spec.options)
    if found:
        raise _does_not_fit(spec.start, found)
    return Start(
        model.net.state_dict(),
        model.encoder,
        tuple(label.key for label in model.labels),
        functools.partial(kind.rebuild, kind.config(spec.options)),
    )


def _known_of(model: Model) -> dict[str, Any]:
    """Options of a model; what its net and its encoder say counts for more than what its card says."""
    encoder, spec = model.encoder, model.card.get("spec")
    options = spec.get("options") if isinstance(spec, Mapping) else None
    known = dict(options) if isinstance(options, Mapping) else {}
    if isinstance(encoder, TextEncoder):
        known |= encoder.normalisation.to_json()
        known["mix"] = "views" if isinstance(model.net, MixedNet) else "none"
        if encoder.views:
            known["units"] = "both" if len(encoder.views) > 1 else encoder.views[0]
            known["ngrams"] = encoder.ngrams is not None
    if isinstance(encoder, TokenEncoder):
        known["ngrams"] = encoder.ngrams is not None
    return known


def _does_not_fit(start: EarlierModel, found: Sequence[str]) -> UserError:
    return UserError("START_DOES_NOT_FIT", model=start.name, differences=list(found))
