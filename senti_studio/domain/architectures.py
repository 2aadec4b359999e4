"""The architectures that a training may have: keys, names, the options of each and their defaults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from senti_studio.domain.encoders import IN_THE_BOX, is_scratch
from senti_studio.domain.training_options import (
    AUTOMATIC,
    RANGES,
    TrainingOptions,
    problems_of,
    rows_of_a_step,
)


@dataclass(frozen=True, slots=True)
class ArchitectureFacts:
    """What everybody knows about an architecture without building one.

    ``defaults``: options whose default is another one than that of `TrainingOptions`; ``unused``: options
    that it pays no attention to, which are neither shown nor printed for it; ``from_scratch``: defaults of a
    net whose encoder has learnt nothing before; ``in_the_box``: of one with the encoder in the box.
    """

    key: str
    name: str
    defaults: Mapping[str, object] = field(default_factory=dict)
    unused: frozenset[str] = frozenset()
    from_scratch: Mapping[str, object] = field(default_factory=dict)
    in_the_box: Mapping[str, object] = field(default_factory=dict)

    def defaults_with(self, encoder: str) -> Mapping[str, object]:
        """``defaults`` with those that suit this encoder."""
        if is_scratch(encoder):
            return {**self.defaults, **self.from_scratch}
        return {**self.defaults, **self.in_the_box} if encoder == IN_THE_BOX else self.defaults


_ALL = frozenset(TrainingOptions.__slots__)
_OF_BASELINE = frozenset(
    {
        "linear_model", "epochs", "min_frequency", "valid_share", "seed", "full_width", "simplified", "links",
        "user_names", "repeats",
    }
)  # fmt: skip
"""All that it uses: a new option is one of the nets, unless it is added here."""
_OF_ENCODERS = frozenset(
    {
        "encoder", "freeze", "frozen_layers", "layer_decay", "reinit_layers", "lora_rank",
        "gradient_checkpointing", "windows", "window_overlap",
    }
)  # fmt: skip
_NOT_OF_NETS = frozenset({"linear_model"}) | _OF_ENCODERS
_OF_NETS = {"vectors": "general"}
"""Measured on validation rows of three sets: a lower loss in every pair."""
_NOT_OF_BERT = frozenset(
    {
        "linear_model", "embedding_size", "hidden_size", "layers", "bidirectional", "units",
        "embedding_dropout", "word_dropout", "variational", "own_words", "pooling", "vectors",
        "vectors_file", "vectors_frozen", "mix", "min_frequency",
    }
)  # fmt: skip

_KNOWN = (
    ArchitectureFacts("lstm", "LSTM", _OF_NETS, _NOT_OF_NETS),
    ArchitectureFacts("gru", "GRU", _OF_NETS, _NOT_OF_NETS),
    ArchitectureFacts("rnn", "RNN", _OF_NETS, _NOT_OF_NETS),
    ArchitectureFacts("textcnn", "TextCNN", _OF_NETS, _NOT_OF_NETS | {"layers", "bidirectional", "pooling"}),
    ArchitectureFacts(
        "bert",
        "BERT",
        {
            "epochs": 3,
            "learning_rate": 3e-5,
            "dropout": 0.1,
            "max_length": 0,
            "schedule": "linear",
            "warmup_share": 0.1,
            "ngrams": False,
        },
        _NOT_OF_BERT,
        {"epochs": 8, "learning_rate": 3e-4},
        {
            "epochs": 0,
            "learning_rate": 3e-4,
            "ngrams": True,
            "ngram_rate": 6.0,
            "adversarial": AUTOMATIC,
            "logit_adjustment": AUTOMATIC,
        },
    ),
    # Measured on three sets: the baseline is better on texts as they were written.
    ArchitectureFacts(
        "baseline",
        "TF-IDF",
        {"epochs": 30, "full_width": False, "links": False, "user_names": False, "repeats": 0},
        _ALL - _OF_BASELINE,
    ),
)

FACTS: dict[str, ArchitectureFacts] = {facts.key: facts for facts in _KNOWN}
ARCHITECTURES: tuple[str, ...] = tuple(FACTS)
"""The keys, in the order in which they are offered."""


_FEWEST_EPOCHS, _MANY_ROWS, _GROWTH, _MOST_EPOCHS, _OF_HEAD = 2, 8000, 0.4, 12, 5
"""So often ``_MANY_ROWS`` comments are read, and what becomes of that with fewer: 5 times 800, 12 times 90; a
head alone five times as often."""

_BEST: dict[str, object] = {
    "units": "both",
    "vectors": "general",
    "mix": "views",
    "adversarial": 5.0,
    "ngram_dropout": 0.8,
    "logit_adjustment": 0.5,
    "stop_on": "loss",
}

PRESETS: dict[str, dict[str, object]] = {
    "balanced": {name: getattr(TrainingOptions(), name) for name in _BEST} | _OF_NETS,
    "best": _BEST,
}
"""Name -> options that belong together: one net, or as right as the data allows at several times the time."""

PRESET_NAMES: dict[str, tuple[str, str]] = {"balanced": ("均衡", "balanced"), "best": ("最准", "best")}
"""What window, command line and the names of runs call them: in Chinese, in English."""
_USUAL_PRESET = "balanced"
_DISTILLED = ("蒸馏", "distilled")


def preset_options(options: TrainingOptions, preset: str) -> TrainingOptions:
    """``options`` with those of a preset."""
    return replace(options, **PRESETS[preset])  # type: ignore[arg-type]


def preset_of(options: TrainingOptions) -> str:
    """The preset whose options these are, "" for another mixture of them."""
    return next((name for name in PRESETS if preset_options(options, name) == options), "")


def has_presets(key: str) -> bool:
    """Whether an architecture uses what a preset sets."""
    return _BEST.keys() <= set(options_of(key))


def preset_name(preset: str, language: str) -> str:
    """What a preset is called in ``zh`` or ``en``; "" for options of one's own."""
    zh, en = PRESET_NAMES.get(preset, ("", ""))
    return zh if language == "zh" else en


def preset_flags(preset: str) -> str:
    """What a preset stands for, as the command line takes it."""
    return " ".join(f"--{name.replace('_', '-')} {value}" for name, value in PRESETS[preset].items())


def training_name(key: str, options: TrainingOptions, language: str) -> str:
    """What a training is called before it has a number: its architecture, and what it mixes beside the usual
    preset."""
    name = architecture_name(key)
    if not has_presets(key):
        return name
    preset = preset_of(options)
    if preset and preset != _USUAL_PRESET:
        return f"{name} {preset_name(preset, language)}"
    if options.mix == "distilled":
        return f"{name} {_DISTILLED[0 if language == 'zh' else 1]}"
    return name


def architecture_name(key: str) -> str:
    """What people call it; of one that this version does not know, its key."""
    return FACTS[key].name if key in FACTS else key.upper()


def default_options(key: str, encoder: str = TrainingOptions().encoder) -> TrainingOptions:
    """The options of an architecture as long as nobody changes them; of one with an encoder, they depend on
    whether that has learnt before."""
    if key not in FACTS:
        return TrainingOptions()
    return replace(TrainingOptions(), encoder=encoder, **FACTS[key].defaults_with(encoder))  # type: ignore[arg-type]


def epochs_of(key: str, options: TrainingOptions, rows: int) -> int:
    """How often an architecture reads the ``rows`` that it learns from, at most: what the options say; where
    that is 0, a net with an encoder reads few comments more often than many.

    A small encoder that has learnt before needs some hundred steps and knows thousands of comments by heart
    after three epochs (measured on sets of 100 to 10,000 comments, ``docs/adr/0010``). A head alone learns
    little in an epoch, which takes it no time.
    """
    if options.epochs:
        return options.epochs
    if not has_automatic_epochs(key):
        return default_options(key).epochs
    often = round(_FEWEST_EPOCHS * math.pow(_MANY_ROWS / max(1, rows), _GROWTH))
    often = min(max(often, _FEWEST_EPOCHS), _MOST_EPOCHS)
    return often * _OF_HEAD if options.freeze == "body" else often


def has_automatic_epochs(key: str) -> bool:
    """Whether 0 epochs, as many as suit so many comments, says anything to an architecture."""
    return "encoder" in options_of(key)


def problems_with(key: str, options: TrainingOptions) -> list[str]:
    """`problems_of`, and what is wrong for this architecture alone."""
    found = problems_of(options)
    if options.epochs == 0 and key in FACTS and not has_automatic_epochs(key):
        found.append(f"epochs=0 (1…{RANGES['epochs'][1]:g})")
    return found


def smaller_step(key: str, options: TrainingOptions, rows: int) -> int:
    """Comments of a step where ``rows`` are learnt, if these are fewer than somebody who has changed the
    batch size asks for; else 0."""
    asked, used = options.batch_size, rows_of_a_step(options, rows)
    is_usual = asked == default_options(key, options.encoder).batch_size
    return 0 if is_usual or "batch_size" not in options_of(key) or used >= asked else used


def options_of(key: str) -> tuple[str, ...]:
    """The names of the options that an architecture uses, in the order of `TrainingOptions`."""
    unused = FACTS[key].unused if key in FACTS else frozenset()
    return tuple(each.name for each in fields(TrainingOptions) if each.name not in unused)


def with_other_defaults(options: TrainingOptions, old: str, new: str, *, like: str = "") -> TrainingOptions:
    """``options`` of one architecture for another: what has its default gets that of the other. ``like``: an
    encoder with the defaults of that of the options, where its name does not tell them."""
    before, after = (
        replace(default_options(key, like or options.encoder), encoder=options.encoder) for key in (old, new)
    )
    moved = _moved(options, before, after)
    is_told = moved.epochs or has_automatic_epochs(new)
    return moved if is_told else replace(moved, epochs=after.epochs)


def with_encoder(options: TrainingOptions, key: str, encoder: str, *, like: str = "") -> TrainingOptions:
    """The same for another encoder: what has the default of the old one gets that of the new one. ``like``:
    an encoder that has the same defaults, where the new one's name does not tell them."""
    after = replace(default_options(key, like or encoder), encoder=encoder)
    return _moved(options, default_options(key, options.encoder), after)


def _moved(options: TrainingOptions, before: TrainingOptions, after: TrainingOptions) -> TrainingOptions:
    changed = {
        name: getattr(after, name)
        for name in TrainingOptions.__slots__
        if getattr(options, name) == getattr(before, name)
    }
    return replace(options, **changed)
