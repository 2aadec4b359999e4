"""About how much memory the training of an encoder takes; the constants were measured as those of
`domain.memory_forecast`."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from senti_studio.domain.encoder_size import EncoderSize
from senti_studio.domain.encoders import SCRATCH, is_scratch
from senti_studio.domain.training_options import TrainingOptions

LIBRARIES = 160 << 20
"""What transformers and tokenizers take beside torch."""
_UNITS_OF_PUBLISHED = 21_128
_PLACES = 512
_MOST_CHARACTERS = 8000
LONGEST_AUTOMATIC = 512
LEAST_WIDTH_OF_HALVES = 256
"""Smaller nets gain nothing by half precision on the processor."""
_ON_PROCESSOR = {"bf16": 0.55, "auto": 0.75}
"""What 16 bits leave of the memory of a batch; whether the processor has them ``auto`` does not say."""
MARKS = 2
"""Units that stand before and behind every text."""
_WIDTHS, _INNERS, _ATTENTION = 14.0, 3.5, 2.4
"""Numbers that a layer keeps for each unit of a text until the gradients are known: by its width, by its
inner width, and by each head and each unit that it looks at."""


def _sized(layers: int, width: int, heads: int, inner: int, units: int) -> EncoderSize:
    layer = 4 * width**2 + 2 * width * inner + 9 * width
    table = units + _PLACES
    return EncoderSize(layers, width, heads, inner, table * width + layers * layer + width**2, table)


USUAL = _sized(12, 768, 12, 3072, _UNITS_OF_PUBLISHED)
"""Most published encoders are of this size."""


def units_of_pass(layers: int, width: int) -> int:
    """Rows times units that an encoder learns from at once on the processor, where two gigabytes bear that;
    a larger batch is learnt in pieces."""
    return 2 * min(8192, max(256, 10_000_000 // max(1, layers * width)))


@dataclass(frozen=True, slots=True)
class EncoderNeed:
    """``weights``: numbers, of which ``trained`` learn; ``learnt`` and ``judged``: bytes for each unit of a
    text while a batch is learnt from, or judged; ``row``: units that are read together of the longest text,
    ``text``: all that are read of it, in windows where that is more; ``at_once``: `units_of_pass`;
    ``on_processor``: how much less ``learnt`` is on the processor, by numbers of 16 bits."""

    weights: float
    trained: float
    learnt: float
    judged: float
    row: float
    text: float
    at_once: float
    on_processor: float = 1.0

    def units(self, rows: int, *, bounded: bool) -> float:
        """The most units that ``rows`` texts have in memory at once; ``bounded``: on the processor, which
        reads them in pieces, a text at least in each."""
        whole = rows * self.row
        if bounded:
            whole = min(whole, max(self.at_once, self.row))
        if self.text <= self.row:
            return whole
        # Half a pass of windows at a time: what is needed of the others is worked out again.
        return max(whole, min(rows * self.text, max(self.at_once / 2, self.row)))


def scratch_size(name: str, characters: int) -> EncoderSize:
    """That of an encoder which is built anew for texts of so many ``characters`` in all."""
    size = SCRATCH[name]
    units = min(_MOST_CHARACTERS, round(100 + 8 * max(1, characters) ** 0.46))
    return _sized(size.layers, size.width, size.heads, size.inner, units)


def need_of_encoder(
    options: TrainingOptions, characters: int, longest: int, known: EncoderSize | None = None
) -> EncoderNeed:
    """What an encoder needs for texts of so many ``characters`` in all and in the ``longest`` one; ``known``:
    its size, where somebody has looked."""
    if is_scratch(options.encoder):
        size = scratch_size(options.encoder, characters)
    else:
        size = known or USUAL
    layers, trained = _learning(options, size)
    options = within(options, size)
    row, windows = windows_of(longest + MARKS, options)
    a_layer = _WIDTHS * size.width + _INNERS * size.inner + _ATTENTION * size.heads * row
    kept = layers * a_layer
    if (
        options.gradient_checkpointing
    ):  # what a layer is given stays, all else is worked out again, one at a time
        kept = layers * size.width + min(layers, 1) * a_layer
    learnt = 4 * (kept + 4 * size.width)
    judged = 4 * (8 * size.width + 2 * size.inner)
    at_once = units_of_pass(size.layers, size.width)
    bits = options.precision if size.width >= LEAST_WIDTH_OF_HALVES else "fp32"
    on_processor = _ON_PROCESSOR.get(bits, 1.0)
    return EncoderNeed(size.parameters, trained, learnt, judged, row, windows * row, at_once, on_processor)


def within(options: TrainingOptions, size: EncoderSize) -> TrainingOptions:
    """The options with no more units at once than an encoder can read: a training reads no more either."""
    if not size.longest:
        return options
    return replace(options, max_length=min(options.max_length or LONGEST_AUTOMATIC, size.longest))


def windows_of(units: float, options: TrainingOptions) -> tuple[float, int]:
    """How many units of a text of so many, marks included, are read together, and how often: once, or in each
    of its windows (as `learning.bert.windows` makes them)."""
    row = min(options.max_length or LONGEST_AUTOMATIC, units)
    if not options.windows or units <= row:
        return row, 1
    room = max(1.0, row - MARKS)
    step = max(1, round(room * (1 - options.window_overlap)))
    return row, 1 + math.ceil((units - MARKS - room) / step)


def _learning(options: TrainingOptions, size: EncoderSize) -> tuple[float, float]:
    """How many layers keep their states until the gradients are known, and how many weights learn."""
    head = size.width**2
    if options.freeze == "body":
        return 0, head
    of_table = size.table * size.width
    of_layers = max(0, size.parameters - of_table - head)
    layers = size.layers
    if options.freeze == "layers":
        layers = max(0, size.layers - options.frozen_layers)
        of_layers = of_layers * layers // max(1, size.layers)
    if options.lora_rank:
        of_layer = 2 * options.lora_rank * (5 * size.width + size.inner)
        return size.layers, head + size.layers * of_layer
    return layers, head + of_layers + (of_table if options.freeze == "none" else 0)
