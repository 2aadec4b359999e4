"""What a training takes over from an earlier model: its weights, or what it says of comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from senti_studio.domain.architectures import options_of
from senti_studio.domain.training_options import TrainingOptions

START = "start"
"""In ``data/`` of a run: the folder of the model that its training begins with."""

TEACHER = "teacher"
"""In ``data/`` of a run: the folder of the model whose opinion of comments without a label counts."""
CANDIDATES = "candidates.jsonl"
"""In ``data/``: the comments that the teacher is asked about."""
PSEUDO = "pseudo.jsonl"
"""In ``data/``: what joined, with the probability of each; written by the worker, once."""

STRUCTURE = (
    "units", "ngrams", "embedding_size", "hidden_size", "layers", "bidirectional", "pooling", "mix",
    "full_width", "simplified", "links", "user_names", "repeats",
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


@dataclass(frozen=True, slots=True)
class PseudoLabels:
    """Comments without a label of people join the training part where ``model`` is sure of them.

    ``threshold``: the least calibrated probability; ``most``: so many of each class join, the surest first;
    ``weight``: what each counts for beside a comment that people have labelled; ``balanced``: the classes
    keep the shares that they have among these, for a model is sure of the frequent ones above all.
    """

    model: EarlierModel
    threshold: float = 0.95
    most: int = 500
    weight: float = 1.0
    balanced: bool = True

    def problems(self) -> list[str]:
        """Everything that is wrong, as ``name=value (low…high)``."""
        return [
            f"pseudo_{name}={getattr(self, name)} ({low:g}…{high:g})"
            for name, (low, high) in PSEUDO_RANGES.items()
            if not isinstance(getattr(self, name), (int, float)) or not low <= getattr(self, name) <= high
        ]


@dataclass(frozen=True, slots=True)
class PseudoRequest:
    """What the user wants of `PseudoLabels`; ``model`` as `operations.models.find_model` takes it."""

    model: str
    threshold: float = 0.95
    most: int = 500
    weight: float = 1.0
    balanced: bool = True

    def problems(self) -> list[str]:
        """As `PseudoLabels.problems`."""
        return PseudoLabels(EarlierModel("", ""), self.threshold, self.most, self.weight).problems()


PSEUDO_RANGES: dict[str, tuple[float, float]] = {
    "threshold": (0.5, 1.0),
    "most": (1, 100_000),
    "weight": (0.01, 1.0),
}
"""Smallest and largest accepted value, both included."""


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


def teacher_remarks(teacher: EarlierModel) -> Iterator[tuple[str, dict[str, object]]]:
    """As `start_remarks`, of the model whose opinion joins the training; where it has met nothing of the test
    part, that the figures of this part are sound."""
    if not teacher.is_known:
        yield "TEACHER_DATA_UNKNOWN", {"model": teacher.name}
    elif teacher.seen.get("valid") and not teacher.seen.get("test"):
        yield "TEACHER_KNOWS_VALIDATION", {"model": teacher.name, "valid": teacher.seen["valid"]}
    elif any(teacher.seen.values()):
        yield "TEACHER_HAS_SEEN", {"model": teacher.name, "test": 0, "valid": 0, **teacher.seen}


def start_remarks(start: EarlierModel) -> Iterator[tuple[str, dict[str, object]]]:
    """What makes the figures of a training that begins with this model look better than they are: codes of
    the message catalogue with their parameters."""
    if not start.is_known:
        yield "START_DATA_UNKNOWN", {"model": start.name}
    elif any(start.seen.values()):
        yield "START_HAS_SEEN", {"model": start.name, "test": 0, "valid": 0, **start.seen}
