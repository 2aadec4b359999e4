"""The options of a training: names, defaults, what each may be, and what is wrong with given ones."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

UNITS = ("words", "characters", "both")
"""What a net reads: words, characters, or both side by side."""

TRUNCATIONS = ("head_tail", "head", "tail")
"""What stays of a comment that is too long: three quarters of its beginning and its end, or one of them."""

VECTORS = ("none", "general", "project", "file")
"""Where word vectors come from: they are learnt with the net, are those in the box, were learnt before on all
comments of the project, or are read from a file."""
VECTORS_OF_COMMENTS = frozenset({"project", "file"})
"""Those for which all comments are read, labelled or not."""

POOLINGS = (
    "max+attention", "max+mean", "max", "mean", "attention", "last", "last+max", "max+mean+attention",
)  # fmt: skip
"""How a recurrent net makes one of the states of all units: the last one, the maximum, the mean, a mean
weighed by attention; several of them stand side by side."""

MIXES = ("none", "views", "distilled")
"""One net; one for each way of reading, whose mean counts; or these and one more that learns from their mean
and takes their place where it is as right as they are."""

LINEAR_MODELS = ("logistic", "svm", "bayes")
"""How the baseline weighs its n-grams: logistic regression, support vector machine, naive Bayes."""

OPTIMISERS = ("adamw", "adam", "adagrad", "rmsprop", "sgd")

SCHEDULES = ("cosine", "linear", "exponential", "constant")
"""How the learning rate goes down after the warm-up."""

PRECISIONS = ("auto", "fp32", "bf16", "fp16")

FREEZINGS = ("none", "embeddings", "layers", "body")
"""What of an encoder does not learn: nothing, its embeddings, also its lowest layers, or all but the head."""

STOP_FIGURES = ("macro_f1", "accuracy", "loss")
"""The validation figure that says which state is the best."""


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """Hyper-parameters of a recurrent net; the defaults are what ``benchmarks/accuracy.py`` measures.

    ``units``: ``words`` | ``characters`` | ``both``; ``ngrams`` adds the linear view of character n-grams,
    which learns ``ngram_rate`` times as fast as the rest, a share of
    ``ngram_dropout`` of them hidden at a time; ``averaging``: memory of the running mean of the
    weights that becomes the model (0 = none); ``least_steps``: an epoch of a small set has about as many
    steps as this, by smaller batches (but not below 8). ``accumulation``: batches whose gradients make one
    step; ``momentum`` is that of SGD; ``r_drop`` and ``adversarial`` are weight and length, 0 = off, -1: see
    `push_of`; ``variational``: dropout between layers hides the same numbers at every place of a comment.
    ``logit_adjustment``: share of the logarithm of a class's frequency that the net is told and so need not
    learn: without it, as it is used, it prefers rare classes (Menon et al. 2021); -1: see `told_share`.

    ``max_length`` 0: from the comments, see `text.encoding.AUTOMATIC`; ``full_width`` … ``repeats``: see
    `text.normalise.Normalisation`; ``own_words``: separated by blanks, commas or line ends;
    ``vectors_file``: an absolute path, read where ``vectors`` is ``file``; it decides ``embedding_size``.
    ``epochs`` 0: as many as suit so many comments, see `domain.architectures.epochs_of`.
    ``encoder``: a folder, a name on the shelf, or one of `domain.encoders.SCRATCH`; ``frozen_layers``
    counts where ``freeze`` is ``layers``; ``layer_decay``: each layer learns so many times as fast as the one
    above it; ``lora_rank``: 0 = without. ``windows``: what is longer than ``max_length`` is read in windows
    of that length and not cut; each repeats the share ``window_overlap`` of the one before.
    """

    epochs: int = 8
    batch_size: int = 32
    learning_rate: float = 2e-3
    embedding_size: int = 128
    hidden_size: int = 128
    layers: int = 1
    bidirectional: bool = True
    dropout: float = 0.4
    patience: int = 3
    valid_share: float = 0.1
    seed: int = 0
    units: str = "words"
    max_length: int = 256
    min_frequency: int = 2
    embedding_dropout: float = 0.3
    warmup_share: float = 0.05
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    label_smoothing: float = 0.05
    word_dropout: float = 0.05
    ngrams: bool = True
    ngram_rate: float = 1.0
    averaging: float = 0.995
    least_steps: int = 40
    optimiser: str = "adamw"
    momentum: float = 0.9
    schedule: str = "cosine"
    accumulation: int = 1
    class_weights: str = "none"
    logit_adjustment: float = 0.0
    loss: str = "cross_entropy"
    focal_gamma: float = 2.0
    r_drop: float = 0.0
    adversarial: float = 0.0
    variational: bool = False
    stop_on: str = "macro_f1"
    precision: str = "auto"
    truncation: str = "head_tail"
    full_width: bool = True
    simplified: bool = False
    links: bool = True
    user_names: bool = True
    repeats: int = 3
    own_words: str = ""
    pooling: str = "max+attention"
    vectors: str = "none"
    vectors_file: str = ""
    vectors_frozen: bool = False
    linear_model: str = "logistic"
    encoder: str = "scratch-mini"
    freeze: str = "none"
    frozen_layers: int = 6
    layer_decay: float = 1.0
    reinit_layers: int = 0
    lora_rank: int = 0
    gradient_checkpointing: bool = False
    windows: bool = False
    window_overlap: float = 0.25
    mix: str = "none"
    ngram_dropout: float = 0.0


_DEFAULTS = TrainingOptions()

AUTOMATIC = -1.0
"""The ``logit_adjustment`` that depends on how many classes there are; the ``adversarial`` that depends on
how many comments."""
_TOLD_OF_MANY = 0.5
_PUSH_OF_MANY, _MANY = 1.0, 5000

RANGES: dict[str, tuple[float, float]] = {
    "epochs": (0, 1000),
    "batch_size": (1, 4096),
    "learning_rate": (1e-6, 1.0),
    "embedding_size": (4, 2048),
    "hidden_size": (4, 4096),
    "layers": (1, 8),
    "dropout": (0.0, 0.9),
    "patience": (1, 1000),
    "valid_share": (0.02, 0.5),
    "seed": (0, 2**31 - 1),
    "max_length": (0, 4096),
    "min_frequency": (1, 1000),
    "embedding_dropout": (0.0, 0.9),
    "warmup_share": (0.0, 0.9),
    "weight_decay": (0.0, 1.0),
    "clip_norm": (0.01, 1000.0),
    "label_smoothing": (0.0, 0.5),
    "word_dropout": (0.0, 0.9),
    "ngram_rate": (0.0, 100.0),
    "ngram_dropout": (0.0, 0.9),
    "averaging": (0.0, 0.9999),
    "least_steps": (1, 100_000),
    "momentum": (0.0, 0.999),
    "accumulation": (1, 1024),
    "focal_gamma": (0.0, 10.0),
    "logit_adjustment": (AUTOMATIC, 1.0),
    "r_drop": (0.0, 20.0),
    "adversarial": (AUTOMATIC, 10.0),
    "repeats": (0, 20),
    "frozen_layers": (1, 100),
    "layer_decay": (0.3, 1.0),
    "reinit_layers": (0, 24),
    "lora_rank": (0, 256),
    "window_overlap": (0.0, 0.75),
}
"""Smallest and largest accepted value of each numeric option, both included."""

CHOICES: dict[str, tuple[str, ...]] = {
    "units": UNITS,
    "pooling": POOLINGS,
    "linear_model": LINEAR_MODELS,
    "optimiser": OPTIMISERS,
    "schedule": SCHEDULES,
    "class_weights": ("none", "auto"),
    "loss": ("cross_entropy", "focal"),
    "stop_on": STOP_FIGURES,
    "precision": PRECISIONS,
    "truncation": TRUNCATIONS,
    "vectors": VECTORS,
    "freeze": FREEZINGS,
    "mix": MIXES,
}
"""The accepted words of each option that is one."""

TEXTS: dict[str, int] = {"own_words": 50_000, "vectors_file": 4096, "encoder": 4096}
"""The most characters of each option that is free text."""

_IDLE_UNLESS: dict[str, tuple[str, tuple[object, ...]]] = {
    "frozen_layers": ("freeze", ("layers",)),
    "window_overlap": ("windows", (True,)),
    "vectors_file": ("vectors", ("file",)),
    "vectors_frozen": ("vectors", ("general", "project", "file")),
    "momentum": ("optimiser", ("sgd",)),
    "focal_gamma": ("loss", ("focal",)),
}

SMALLEST_STEP = 8
"""Small sets are not cut into batches smaller than this, unless the options say so."""

LEAST_LENGTH = 4
"""A greatest length below this leaves nothing to learn from."""

_BETWEEN_WORDS = re.compile(r"[\s,，;；、]+")


def words_in(text: str) -> tuple[str, ...]:
    """The words of a list as people type them, each once."""
    return tuple(dict.fromkeys(word for word in _BETWEEN_WORDS.split(text) if word))


def idle_options(values: Mapping[str, object]) -> frozenset[str]:
    """The options that change nothing beside what the others say: the number of frozen layers where none is
    frozen. ``values``: name -> value; what is missing has its default."""
    return frozenset(
        name
        for name, (other, wanted) in _IDLE_UNLESS.items()
        if values.get(other, getattr(_DEFAULTS, other)) not in wanted
    )


def rows_of_a_step(options: TrainingOptions, rows: int) -> int:
    """Comments of a step where ``rows`` are learnt: those of the options, or less where an epoch would have
    fewer steps than ``least_steps``.

    A few hundred comments in batches of 32 are seen in a dozen steps, too few to learn from.
    """
    return min(options.batch_size * options.accumulation, _most_of_a_step(options, rows))


def largest_batch(options: TrainingOptions, rows: int) -> int:
    """The batch size from which on a larger one changes nothing where ``rows`` are learnt."""
    return -(-_most_of_a_step(options, rows) // options.accumulation)


def _most_of_a_step(options: TrainingOptions, rows: int) -> int:
    return max(SMALLEST_STEP, rows // options.least_steps)


def told_share(options: TrainingOptions, classes: int) -> float:
    """The share of the logarithms of frequencies that a net is told that has comments of so many classes.

    Left open, it is a half of more than two: a rare one is then overlooked in favour of each of the others.
    Of two, what one wins the other loses (``docs/adr/0010``).
    """
    if options.logit_adjustment >= 0:
        return options.logit_adjustment
    return _TOLD_OF_MANY if classes > 2 else 0.0


def push_of(options: TrainingOptions, rows: int) -> float:
    """How far the embeddings are pushed where ``rows`` are learnt: left open, only where these are many.

    A few hundred teach less with it (``docs/adr/0010``), and every step takes twice the time."""
    if options.adversarial >= 0:
        return options.adversarial
    return _PUSH_OF_MANY if rows >= _MANY else 0.0


def with_push(options: TrainingOptions, rows: int) -> TrainingOptions:
    """``options`` with the push that ``rows`` comments ask for, not left open any more."""
    return replace(options, adversarial=push_of(options, rows))


def problems_of(options: TrainingOptions) -> list[str]:
    """Everything that is wrong with the options, as ``name=value (low…high)``; empty when all is well."""
    found = []
    for name, (low, high) in RANGES.items():
        value = getattr(options, name)
        if not _is_number(value, whole=isinstance(getattr(_DEFAULTS, name), int)):
            found.append(f"{name}={json.dumps(value, ensure_ascii=False, default=str)[:40]} ({_span(name)})")
        elif not low <= value <= high or (low == AUTOMATIC and AUTOMATIC < value < 0):
            found.append(f"{name}={value} ({_span(name)})")
    for field in fields(options):
        value = getattr(options, field.name)
        if isinstance(getattr(_DEFAULTS, field.name), bool) and not isinstance(value, bool):
            found.append(f"{field.name}={value} (true | false)")
    for name, words in CHOICES.items():
        if getattr(options, name) not in words:
            found.append(f"{name}={getattr(options, name)} ({' | '.join(words)})")
    return found + _problems_of_texts(options)


def _span(name: str) -> str:
    low, high = RANGES[name]
    return f"{AUTOMATIC:g}, 0…{high:g}" if low == AUTOMATIC else f"{low:g}…{high:g}"


def _problems_of_texts(options: TrainingOptions) -> list[str]:
    found = []
    for name, most in TEXTS.items():
        value = getattr(options, name)
        if not isinstance(value, str) or len(value) > most:
            found.append(f"{name}={str(value)[:40]} (0…{most:,} characters)")
    if options.max_length in range(1, LEAST_LENGTH):
        found.append(f"max_length={options.max_length} (0, {LEAST_LENGTH}…)")
    if options.vectors == "file" and not options.vectors_file:
        found.append("vectors_file= (…)")
    if not options.encoder:
        found.append("encoder= (…)")
    return found


def _is_number(value: object, *, whole: bool) -> bool:
    """JSON written by hand may hold ``"8"`` or ``true`` where a number belongs."""
    return isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
