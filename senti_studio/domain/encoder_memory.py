"""About how much memory the training of an encoder takes; the constants were measured as those of
`domain.memory_forecast`."""

from __future__ import annotations

from dataclasses import dataclass

from senti_studio.domain.encoder_forecast import EncoderSize
from senti_studio.domain.encoders import SCRATCH, is_scratch
from senti_studio.domain.training_options import TrainingOptions

LIBRARIES = 160 << 20
"""What transformers and tokenizers take beside torch."""
_UNITS_OF_PUBLISHED = 21_128
_PLACES = 512
_MOST_CHARACTERS = 8000
_LONGEST_AUTOMATIC = 512


def _sized(layers: int, width: int, heads: int, inner: int, units: int) -> EncoderSize:
    layer = 4 * width**2 + 2 * width * inner + 9 * width
    table = units + _PLACES
    return EncoderSize(layers, width, heads, inner, table * width + layers * layer + width**2, table)


USUAL = _sized(12, 768, 12, 3072, _UNITS_OF_PUBLISHED)
"""Most published encoders are of this size."""


def units_of_pass(layers: int, width: int) -> int:
    """Rows times units that an encoder learns from at once on the processor, where two gigabytes bear that;
    a larger batch is learnt in pieces."""
    return 2 * min(8192, max(256, 10_000_000 // (layers * width)))


@dataclass(frozen=True, slots=True)
class EncoderNeed:
    """``weights``: numbers, of which ``trained`` learn; ``learnt`` and ``judged``: bytes for each unit of a
    text while a batch is learnt from, or judged; ``longest``: units of the longest text; ``at_once``:
    `units_of_pass`."""

    weights: float
    trained: float
    learnt: float
    judged: float
    longest: float
    at_once: float


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
    learnt = 4 * (layers * (13 * size.width + 3 * size.inner) + 4 * size.width)
    judged = 4 * (8 * size.width + 2 * size.inner)
    longest = min(options.max_length or _LONGEST_AUTOMATIC, longest + 2)
    at_once = units_of_pass(size.layers, size.width)
    return EncoderNeed(size.parameters, trained, learnt, judged, longest, at_once)


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
