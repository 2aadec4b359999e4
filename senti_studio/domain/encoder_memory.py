"""About how much memory the training of an encoder takes; the constants were measured as those of
`domain.memory_forecast`."""

from __future__ import annotations

from dataclasses import dataclass

from senti_studio.domain.encoders import SCRATCH, EncoderSize
from senti_studio.domain.training_options import TrainingOptions

LIBRARIES = 160 << 20
"""What transformers and tokenizers take beside torch."""
USUAL = EncoderSize(12, 768, 12, 3072)
"""Most published encoders are of this size."""
_UNITS_OF_PUBLISHED = 21_128
_PLACES = 512
_MOST_CHARACTERS = 8000
_LONGEST_AUTOMATIC = 512


@dataclass(frozen=True, slots=True)
class EncoderNeed:
    """``weights``: numbers; ``learnt`` and ``judged``: bytes for each unit of a text while a batch is learnt
    from, or judged; ``longest``: units of the longest text."""

    weights: float
    learnt: float
    judged: float
    longest: float


def need_of_encoder(options: TrainingOptions, characters: int, longest: int) -> EncoderNeed:
    """What an encoder needs for texts of so many ``characters`` in all and in the ``longest`` one."""
    size = SCRATCH.get(options.encoder, USUAL)
    units = min(_MOST_CHARACTERS, 100 + 8 * max(1, characters) ** 0.46)
    if options.encoder not in SCRATCH:
        units = _UNITS_OF_PUBLISHED
    layer = 4 * size.width**2 + 2 * size.width * size.inner + 9 * size.width
    weights = (units + _PLACES) * size.width + size.layers * layer + size.width**2
    learnt = 4 * (size.layers * (13 * size.width + 3 * size.inner) + 4 * size.width)
    judged = 4 * (8 * size.width + 2 * size.inner)
    return EncoderNeed(weights, learnt, judged, min(options.max_length or _LONGEST_AUTOMATIC, longest + 2))
