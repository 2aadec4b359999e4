"""What every architecture offers: how it reads texts, how it is built, trained, written and read back.

Training, evaluation, classification and model folders know nothing else about an architecture.
`senti_studio.learning.architectures` is the list of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Event
from senti_studio.learning.checkpoint import Checkpoint, Checkpoints, TrainingState
from senti_studio.learning.plan import Plan
from senti_studio.learning.soft_targets import SoftTargets
from senti_studio.text.encoding import EncodedTexts


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows on their device. ``units[v]``: (rows, longest) ids; ``lengths[v]``: (rows,);
    ``ngram_ids`` and ``ngram_weights``: (rows, most n-grams), id 0 = padding with weight 0."""

    units: tuple[Tensor, ...]
    lengths: tuple[Tensor, ...]
    ngram_ids: Tensor | None = None
    ngram_weights: Tensor | None = None

    def only(self, rows: Tensor) -> Batch:
        """Some rows, each view padded to the longest of them; without n-grams."""
        lengths = tuple(each[rows] for each in self.lengths)
        longest = [max(1, int(each.max())) for each in lengths]
        pairs = zip(self.units, longest, strict=True)
        return Batch(tuple(each[rows, :most] for each, most in pairs), lengths)


@dataclass(frozen=True, slots=True)
class Parted:
    """A ``batch`` whose rows are parts of the rows of another one: part *i* stands in ``row[i]`` (of its one
    view), from its unit ``first[i]`` on. What a net says of a row is the mean of what it says of its parts,
    which follow each other."""

    batch: Batch
    row: Tensor
    first: Tensor


@dataclass(frozen=True, slots=True)
class Looked:
    """How much attention the units of a view have, with the sum 1 in each row: ``whole`` (rows, longest) over
    the whole net, ``heads`` (rows, layers, heads, longest) where it has some."""

    whole: Tensor
    heads: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How a weight learns: ``rate`` times the learning rate; ``decays``: it is pulled towards zero."""

    rate: float = 1.0
    decays: bool = True


class Classifier(nn.Module):
    """A net: ``forward`` takes a `Batch` and gives (rows, ``classes``) logits.

    The other methods take it apart for explanations: logits = ``scored(vectors) + ngram_shares.sum(1)``.
    ``divisible``: parts of a batch may be learnt at the same time, since all random numbers of ``forward``
    come from `learning.noise`.
    """

    classes: int
    divisible = False
    told: Mapping[str, Any] = MappingProxyType({})
    """What ``config.json`` has to say otherwise than the options of the training do."""
    units_at_once = 8192
    """Rows times units of a pass of which gradients are wanted: what a gigabyte bears."""
    rows_of_part = 16
    """The fewest rows of a part: its products become slow with less."""
    units_of_pass = 0
    """Rows times units, with their padding, that are learnt from at once on the processor; 0: a batch."""
    pads_left = False
    """Whether `vectors` stand at the right edge of a batch, behind the padding."""

    def portable(self) -> contextlib.AbstractContextManager[object]:
        """Within the context the net can be handed to another process, which calls `arrive` of it."""
        return contextlib.nullcontext()

    def arrive(self) -> None:
        """Makes the net ready to learn in a process that it was handed to."""

    def paces(self, options: TrainingOptions) -> Mapping[str, Pace]:
        """How the weights learn, by name; those that are not named have the usual pace."""
        return {}

    def plain(self) -> Mapping[str, Tensor]:
        """The weights as a model has them: those of a net that `Architecture.rebuild` makes."""
        return self.state_dict()

    def settled(self, weights: Mapping[str, Tensor]) -> Classifier:
        """The net as a model has it, with weights that `plain` gave."""
        self.load_state_dict(weights)
        return self

    def parted(self, batch: Batch) -> Parted | None:
        """The parts in which a batch is read whose rows are too long, None where they are not; `vectors`,
        `scored` and `attention` want such parts."""
        return None

    def vectors(self, batch: Batch) -> tuple[Tensor, ...]:
        """(rows, longest, size) for each view: the units as vectors, before they are read."""
        raise NotImplementedError

    def blank(self, vectors: Sequence[Tensor], batch: Batch) -> tuple[Tensor, ...]:
        """The vectors of texts of the same lengths that say nothing: what explanations start from."""
        return tuple(torch.zeros_like(each) for each in vectors)

    def features(self, batch: Batch) -> Tensor:
        """(rows, width): what the last linear layer is given; width 0 where there is none."""
        raise NotImplementedError

    def scored(self, vectors: Sequence[Tensor], batch: Batch) -> Tensor:
        """(rows, classes) logits without what the n-grams add."""
        raise NotImplementedError

    def ngram_shares(self, batch: Batch) -> Tensor | None:
        """(rows, n-grams, classes): what each n-gram of a batch adds to the logits; None without n-grams."""
        return None

    def attention(self, batch: Batch) -> tuple[Looked | None, ...]:
        """Where the net looks, for each view; None for a view without attention. Raises UserError
        ``EXPLAIN_ATTENTION_TOO_LONG``."""
        return tuple(None for _ in batch.units)


class Encoder(Protocol):
    """Turns normalised texts into the numbers that its net reads; it travels with the model.

    An encoder of sub-words gives `EncodedTexts` with one view, whose ids are its own.
    """

    @property
    def segmenter(self) -> str:
        """The program that cut the texts of the training, with its version."""

    @property
    def cuts_as_trained(self) -> bool:
        """Whether texts are cut here as in training."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """Units of each vocabulary, for the model card."""

    @property
    def max_length(self) -> int:
        """Units of a text that are read."""

    def normalise(self, text: str) -> str:
        """A text as people wrote it in the spelling that `encode` takes."""

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Ids and weights of normalised texts."""


@dataclass(frozen=True, slots=True)
class Start:
    """The model that a training begins with: its weights, its encoder, and the keys of its labels in their
    order. ``rebuild``: a new net of an encoder and a number of classes, to see what its weights count."""

    weights: Mapping[str, Tensor]
    encoder: Encoder
    labels: tuple[str, ...]
    rebuild: Callable[[Encoder, int], nn.Module]


@dataclass(frozen=True, slots=True)
class Lesson:
    """All that a trainer needs. ``resume``: where to go on; ``state`` is then that of the checkpoint.
    ``tables``: first weights of each view's embedding, see `learning.reading.set_vectors`; ``start``: the
    model to begin with, see `learning.warm_start.take_over`; ``weights``: what each row of ``train`` counts
    for, with a mean of 1, None where all are equal; ``soft``: what a teacher says of these rows; ``beside``:
    devices of the processes that learn together with this one."""

    spec: TrainingSpec
    plan: Plan
    encoder: Encoder
    train: EncodedTexts
    train_labels: Sequence[int]
    valid: EncodedTexts
    valid_labels: Sequence[int]
    state: TrainingState
    device: torch.device
    checkpoints: Checkpoints
    resume: Checkpoint | None = None
    tables: Sequence[npt.NDArray[np.float32]] = ()
    start: Start | None = None
    weights: npt.NDArray[np.float32] | None = None
    soft: SoftTargets | None = None
    beside: Sequence[torch.device] = ()


Trainer = Callable[[Lesson], Generator[Event, None, tuple[Classifier, str]]]
"""Yields the events of the steps; returns the net that becomes the model, and why it ended. When closed it
leaves a checkpoint whose ``weights()`` are those of such a net."""


@dataclass(frozen=True, slots=True)
class Judges:
    """The validation rows, by which it is decided what of a trained net becomes the model."""

    texts: EncodedTexts
    labels: Sequence[int]
    device: torch.device


Chosen = Generator[Event, None, tuple[Classifier, Encoder]]


def as_trained(net: Classifier, encoder: Encoder, judges: Judges, state: TrainingState) -> Chosen:
    """The net as it is."""
    yield from ()
    return net, encoder


@dataclass(frozen=True, slots=True)
class Architecture:
    """One kind of model.

    ``encoder_files``: names in the model folder that are its own, beside ``config.json``,
    ``weights.safetensors``, ``labels.json`` and ``card.json``; ``learn_encoder`` gets the normalised texts
    of the training part; ``encoder_contents`` and ``read_encoder`` write and read those files (the latter
    raises OSError, KeyError, TypeError or ValueError when they are damaged);
    ``config`` is what ``config.json`` says beside architecture and version, ``rebuild`` makes a net of it to
    which the weights fit; ``plan`` gets the rows of the training part. ``chosen``: what of a net with its
    best weights becomes the model, and the encoder that this one needs; what is found on the way goes into
    the facts of the training.
    """

    key: str
    encoder_files: tuple[str, ...]
    learn_encoder: Callable[[Sequence[str], TrainingOptions], tuple[Encoder, EncodedTexts]]
    encoder_contents: Callable[[Encoder], Mapping[str, bytes]]
    read_encoder: Callable[[Path], Encoder]
    config: Callable[[TrainingOptions], Mapping[str, Any]]
    rebuild: Callable[[Mapping[str, Any], Encoder, int], Classifier]
    plan: Callable[[TrainingOptions, int], Plan]
    train: Trainer
    chosen: Callable[[Classifier, Encoder, Judges, TrainingState], Chosen] = as_trained
