"""What a training takes over from an earlier model: its weights, or what it says of comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from senti_studio.domain.architectures import options_of
from senti_studio.domain.training_options import TrainingOptions

START = "start"
"""In ``data/`` of a run: the folder of the model that its training begins with."""

STRUCTURE = (
    "units", "ngrams", "embedding_size", "hidden_size", "layers", "bidirectional", "pooling", "full_width",
    "simplified", "links", "user_names", "repeats",
)  # fmt: skip
"""Options that have to be those of the earlier model: with others its weights mean nothing."""


@dataclass(frozen=True, slots=True)
class EarlierModel:
    """A model that another training has made: ``id`` and ``name`` as the project knew it then.

    ``seen``: part (``valid`` | ``test``) of the new training -> comments (or copies) that the model has
    learnt from; ``is_known``: whether anybody can tell.
    """

    id: str
    name: str
    seen: Mapping[str, int] = field(default_factory=dict)
    is_known: bool = True


def differences(architecture: str, earlier: Mapping[str, Any], options: TrainingOptions) -> list[str]:
    """What keeps the weights of an earlier model of the same architecture from being gone on with, as
    ``option: its value → the new one``; ``earlier``: its options, as far as they are known."""
    used = options_of(architecture)
    found = [
        f"{name}: {earlier[name]} → {getattr(options, name)}"
        for name in STRUCTURE
        if name in used and name in earlier and earlier[name] != getattr(options, name)
    ]
    # Of these two the weights say something else, or nothing at all is learnt by steps.
    if "linear_model" in used:
        models = (earlier.get("linear_model", "logistic"), options.linear_model)
        if models != ("logistic", "logistic"):
            found.append(f"linear_model: {models[0]} → {models[1]} (logistic → logistic)")
    return found


def start_remarks(start: EarlierModel) -> Iterator[tuple[str, dict[str, object]]]:
    """What makes the figures of a training that begins with this model look better than they are: codes of
    the message catalogue with their parameters."""
    if not start.is_known:
        yield "START_DATA_UNKNOWN", {"model": start.name}
    elif any(start.seen.values()):
        yield "START_HAS_SEEN", {"model": start.name, "test": 0, "valid": 0, **start.seen}
