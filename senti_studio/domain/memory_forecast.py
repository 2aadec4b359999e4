"""About how much memory a training will take, from its options and the size of its texts.

The constants were measured on three data sets (short, middle and long comments) with torch 2.13 on the CPU;
`tests/learning/test_memory_forecast.py` compares them with what trainings really take.
"""

from __future__ import annotations

from dataclasses import dataclass

from senti_studio.domain.encoder_memory import LIBRARIES, need_of_encoder
from senti_studio.domain.encoder_size import EncoderSize
from senti_studio.domain.several import processes_in
from senti_studio.domain.training_options import TrainingOptions, rows_of_a_step, with_push

_MIB = 1 << 20
PROCESS = 265 * _MIB
"""Python with torch and everything that a training imports."""
CARD_CONTEXT = 600 * _MIB
"""What CUDA and cuDNN take on the card before the first number of a net."""

_TEXT = 500
"""Bytes a character of the training part while n-grams are counted, and rows of ids."""
_NGRAM_CELL = 40
_JUDGED_AT_ONCE = 256
_LONGEST_AUTOMATIC = 256
"""Units of a comment that count where the length follows from the comments."""

_STATES = {"adamw": 2, "adam": 2, "adagrad": 1, "rmsprop": 1, "sgd": 1}
"""Numbers that an optimiser keeps for each weight."""

_GATES = {"lstm": 4, "gru": 3, "rnn": 1}
_CELL = {"lstm": 9.0, "gru": 5.0, "rnn": 3.0}
"""Numbers kept for each unit of a text and each unit of a layer until the gradients are known."""
_CONVOLUTIONS = 9.0
"""The same for all widths of a TextCNN together."""


@dataclass(frozen=True, slots=True)
class TextSizes:
    """Of the training part: rows, characters of all of them, characters of the longest one."""

    rows: int = 0
    characters: int = 0
    longest: int = 0


@dataclass(frozen=True, slots=True)
class MemoryForecast:
    """Bytes: ``host`` of the process when it trains on the processor, ``card`` on a graphics card."""

    host: int
    card: int

    def of(self, device: str) -> int:
        """What counts for a device (``auto`` and ``cpu``: the main memory, of all processes where the device
        names several). Of several cards it is what each needs at most: what it would need alone."""
        if device.startswith(("cuda", "mps")):
            return self.card
        return self.host * max(1, processes_in(device))


def forecast(
    architecture: str,
    options: TrainingOptions,
    texts: TextSizes,
    *,
    classes: int = 2,
    encoder: EncoderSize | None = None,
) -> MemoryForecast:
    """About what a training needs at its peak; right within a third or so, for nets of any size.
    ``encoder``: the size of the one that the options name, where it is known."""
    options = with_push(options, texts.rows)
    if architecture == "baseline":
        return MemoryForecast(PROCESS + _TEXT * texts.characters, CARD_CONTEXT)
    if architecture == "bert":
        return _of_encoder(options, texts, encoder)
    learning = _cells_at_once(options, texts) * _learnt(architecture, options)
    judging = _JUDGED_AT_ONCE * _longest(options, texts) * _judged(options)
    weights = _weights(architecture, options, texts, classes)
    process = PROCESS + _TEXT * texts.characters + _READ_IN * _unread(options)
    return _put_together(
        options,
        weights,
        learning,
        judging,
        process,
        _ngram_cells(options, texts),
        trained=weights - _unread(options),
    )


def _of_encoder(options: TrainingOptions, texts: TextSizes, size: EncoderSize | None) -> MemoryForecast:
    need = need_of_encoder(options, texts.characters, texts.longest, size)
    rows, judged = _rows_at_once(options, texts), min(_JUDGED_AT_ONCE, max(1, texts.rows))
    host, card = (
        _put_together(
            options,
            need.weights,
            need.units(rows, bounded=bounded) * need.learnt * (need.on_processor if bounded else 1.0),
            need.units(judged, bounded=bounded) * need.judged,
            PROCESS + LIBRARIES,
            trained=need.trained,
            gives_back=True,
        )
        for bounded in (True, False)
    )
    return MemoryForecast(host.host, card.card)


def forecast_classifying(size: EncoderSize, *, batch: int, length: int) -> MemoryForecast:
    """About what it takes to classify ``batch`` texts of ``length`` units at a time with an encoder."""
    need = need_of_encoder(TrainingOptions(encoder="", max_length=length), 0, length, size)
    kept = 4 * need.weights
    host, card = (need.units(batch, bounded=bounded) * need.judged for bounded in (True, False))
    return MemoryForecast(int(PROCESS + LIBRARIES + kept + host), int(CARD_CONTEXT + kept + card))


def _put_together(
    options: TrainingOptions,
    weights: float,
    learning: float,
    judging: float,
    process: float,
    ngrams: float = 0.0,
    trained: float | None = None,
    gives_back: bool = False,
) -> MemoryForecast:
    """``weights``: numbers of the net, ``trained``: those that learn (None: all); all else in bytes.
    ``gives_back``: a checkpoint is put together in the memory that a batch took."""
    states = _STATES[options.optimiser]
    trained = weights if trained is None else trained
    # The net, its mean, the gradients, and what the optimiser keeps.
    kept = 4 * (2 * weights + trained * (1 + states + (1 if options.adversarial else 0)))
    learning *= 2 if options.r_drop else 1
    half = 0.6 if options.precision in ("auto", "bf16", "fp16") else 1.0
    # A checkpoint is put together in memory before it is written.
    writing = 8 * (weights + trained * states)
    at_work = max(learning, judging)
    host = process + kept + (max(at_work, writing) if gives_back else at_work + writing) + ngrams
    card = CARD_CONTEXT + kept + max(learning * half, judging) + ngrams
    return MemoryForecast(int(host), int(card))


def fits(needed: int, total: int) -> bool:
    """Whether that much is likely to be there; an unknown total (0 or less) is taken to be enough."""
    return total <= 0 or needed < 0.9 * total


_GENERAL = {"words": 30_000, "characters": 8_000}
"""Units of the vectors in the box, all of which a net gets to know."""


_READ_IN = 16
"""Bytes for each number of the vectors in the box: as they are read, at random, and as they are scaled."""


def _views(options: TrainingOptions) -> tuple[str, ...]:
    """What is read, once for each view of each net."""
    views = ("words", "characters") if options.units == "both" else (options.units,)
    return (views[0], *views) if options.mix != "none" and options.ngrams else views


def vocabulary(view: str, characters: int) -> int:
    """About how many different units that occur twice a text of so many characters has (Heaps' law)."""
    if view == "words":
        return int(1.2 * max(1, characters) ** 0.69)
    return int(min(8000.0, 8 * max(1, characters) ** 0.46))


def _weights(architecture: str, options: TrainingOptions, texts: TextSizes, classes: int) -> float:
    embedding, hidden = options.embedding_size, options.hidden_size
    directions = 2 if options.bidirectional else 1
    found = _unread(options)
    for view in _views(options):
        found += vocabulary(view, texts.characters) * embedding
        if architecture in _GATES:
            inputs = embedding + (options.layers - 1) * directions * hidden
            found += _GATES[architecture] * directions * hidden * (inputs + options.layers * hidden)
        else:
            found += _CONVOLUTIONS * embedding * hidden
    if options.ngrams:
        found += 0.22 * texts.characters * classes
    return found


def _unread(options: TrainingOptions) -> float:
    """Numbers of units that only the vectors in the box have, which never learn."""
    if options.vectors != "general":
        return 0.0
    return float(sum(_GENERAL[view] for view in _views(options)) * options.embedding_size)


def _longest(options: TrainingOptions, texts: TextSizes) -> float:
    """Units of the longest row of all views together."""
    most = options.max_length or _LONGEST_AUTOMATIC
    share = {"words": 0.67, "characters": 1.0}
    return sum(min(most, share[view] * texts.longest) for view in _views(options))


def _rows_at_once(options: TrainingOptions, texts: TextSizes) -> int:
    return min(options.batch_size, rows_of_a_step(options, texts.rows), max(1, texts.rows))


def _cells_at_once(options: TrainingOptions, texts: TextSizes) -> float:
    return _rows_at_once(options, texts) * _longest(options, texts)


def _ngram_cells(options: TrainingOptions, texts: TextSizes) -> float:
    rows = _rows_at_once(options, texts)
    return _NGRAM_CELL * rows * 2.2 * texts.longest if options.ngrams else 0.0


def _learnt(architecture: str, options: TrainingOptions) -> float:
    """Bytes for each unit of a text while a batch is learnt from."""
    width = options.hidden_size * (2 if options.bidirectional else 1)
    if architecture not in _CELL:
        return 4 * (3.5 * options.embedding_size + _CONVOLUTIONS * options.hidden_size)
    layers = options.layers * _CELL[architecture] * width
    return 4 * (3.5 * options.embedding_size + 4 * width + layers)


def _judged(options: TrainingOptions) -> float:
    width = options.hidden_size * (2 if options.bidirectional else 1)
    return 4 * (1.8 * options.embedding_size + 2 * width)
