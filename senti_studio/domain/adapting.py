"""An adaptation: an encoder goes on reading, without labels, before it is fine-tuned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from senti_studio.domain.encoders import is_scratch
from senti_studio.domain.training_options import PRECISIONS

MOST_NAME = 80


@dataclass(frozen=True, slots=True)
class AdaptOptions:
    """How an encoder reads comments. ``encoder``: as in `TrainingOptions`; ``tokens``: how many units it sees
    at most, whatever ``epochs`` says (0 = ``epochs`` decides); ``batch_tokens``: units of a step, padding
    included; ``mask_share``: of the units of a comment, hidden by whole words; ``max_length``: units of a
    piece, marks included: longer comments are read in several pieces; ``patience``: evaluations without
    gain; ``valid_share``: of the comments, held back to see whether it gains; ``min_frequency`` and
    ``vectors``: of an encoder that starts from nothing, whose embeddings begin as the vectors of characters
    in the box (``general``, measured to learn more slowly) or at random (``none``)."""

    encoder: str = "scratch-mini"
    epochs: int = 3
    tokens: int = 0
    batch_tokens: int = 2048
    learning_rate: float = 5e-5
    warmup_share: float = 0.06
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    dropout: float = 0.1
    mask_share: float = 0.2
    max_length: int = 512
    patience: int = 5
    valid_share: float = 0.05
    min_frequency: int = 2
    vectors: str = "none"
    precision: str = "auto"
    seed: int = 0


_DEFAULTS = AdaptOptions()
_FROM_SCRATCH: Mapping[str, Any] = {"epochs": 20, "learning_rate": 1e-3, "dropout": 0.0}
"""Defaults of an encoder that has learnt nothing before: it forgets nothing, and has far to go."""

RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, 1000),
    "tokens": (0, 10**12),
    "batch_tokens": (64, 1 << 20),
    "learning_rate": (1e-6, 1.0),
    "warmup_share": (0.0, 0.9),
    "weight_decay": (0.0, 1.0),
    "clip_norm": (0.01, 1000.0),
    "dropout": (0.0, 0.9),
    "mask_share": (0.02, 0.8),
    "max_length": (8, 4096),
    "patience": (1, 1000),
    "valid_share": (0.01, 0.5),
    "min_frequency": (1, 1000),
    "seed": (0, 2**31 - 1),
}
"""Smallest and largest accepted value of each number, both included."""

CHOICES: dict[str, tuple[str, ...]] = {"vectors": ("none", "general"), "precision": PRECISIONS}


def default_adapt_options(encoder: str = _DEFAULTS.encoder) -> AdaptOptions:
    """The options as long as nobody changes them; they depend on whether the encoder has learnt before."""
    return replace(_DEFAULTS, encoder=encoder, **(_FROM_SCRATCH if is_scratch(encoder) else {}))


def problems_of_adapting(options: AdaptOptions) -> list[str]:
    """Everything that is wrong with the options, as ``name=value (low…high)``; empty when all is well."""
    found = []
    for name, (low, high) in RANGES.items():
        value, usual = getattr(options, name), getattr(_DEFAULTS, name)
        kinds = int if isinstance(usual, int) else (int, float)
        if not isinstance(value, kinds) or isinstance(value, bool) or not low <= value <= high:
            found.append(f"{name}={value} ({low:g}…{high:g})")
    for name, words in CHOICES.items():
        if getattr(options, name) not in words:
            found.append(f"{name}={getattr(options, name)} ({' | '.join(words)})")
    encoder: object = options.encoder
    if not isinstance(encoder, str) or not 0 < len(encoder) <= 4096:
        found.append(f"encoder={str(encoder)[:40]} (…)")
    return found


@dataclass(frozen=True, slots=True)
class AdaptSpec:
    """One adaptation. ``target``: the name that the new encoder is to have on the shelf; ``rows``: comments
    in ``data/train.jsonl`` and ``data/valid.jsonl``; ``left_out``: reason -> comments that are in neither."""

    run_id: str
    name: str
    target: str
    options: AdaptOptions = _DEFAULTS
    device: str = "auto"
    rows: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    version: int = 1
    kind: str = "adapt"


def adapt_spec_from_json(values: Mapping[str, Any]) -> tuple[AdaptSpec | None, list[str]]:
    """The spec, or None, and everything that is wrong with it."""
    try:
        spec = AdaptSpec(**{**values, "options": AdaptOptions(**values.get("options", {}))})
    except (TypeError, ValueError, KeyError) as error:
        return None, [str(error)]
    problems = problems_of_adapting(spec.options)
    for name in ("run_id", "name", "target", "device", "kind"):
        value: object = getattr(spec, name)
        if not isinstance(value, str):
            problems.append(f"{name}={value!r}")
    for name in ("rows", "left_out"):
        counts: object = getattr(spec, name)
        if not isinstance(counts, Mapping) or not all(type(n) is int for n in counts.values()):
            problems.append(f"{name}={counts!r}"[:200])
    return spec, problems


def option_names() -> tuple[str, ...]:
    """The names of all options, in their order."""
    return tuple(each.name for each in fields(AdaptOptions))
