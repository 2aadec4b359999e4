"""About how much memory and time it takes to teach an encoder, or to classify with one, from its size alone.

The constants were measured with torch 2.13 on a processor (BERT of 4 × 256, 6 × 512 and 12 × 768, AdamW,
float32).
"""

from __future__ import annotations

from dataclasses import dataclass

from senti_studio.domain.training_options import TrainingOptions

_MIB = 1 << 20
PROCESS = 390 * _MIB
"""Python with torch, transformers and everything that a training imports."""

_KEPT = 16
"""Bytes a weight of a training: itself, its gradient, two numbers of the optimiser."""
_WIDTHS, _INNERS = 14.0, 2.5
"""Numbers that a layer keeps for each unit of a text until the gradients are known, by its width and its
inner width."""
_ATTENTION = 3.0
"""The same for each head and each other unit of the text."""
_PASSING_WIDTHS, _PASSING_INNERS = 8.0, 2.0
"""Numbers that one layer works with while nothing is learnt; they do not add up over layers."""
OF_THE_PROCESSOR = 0.4
"""Share of a processor's best rate (large products of matrices) that an encoder reaches."""
_TEXTS = 1000
_FORTH, _BACK, _OF_WEIGHTS = 2.0, 2.0, 2.0
"""Operations for each weight and unit: on the way forth, for the gradients of what came in, for its own."""
BATCHES = (32, 16, 8, 4, 2, 1)


@dataclass(frozen=True, slots=True)
class EncoderSize:
    """``parameters``: all of them; ``table``: rows of the embedding table, which cost memory and no time."""

    layers: int
    width: int
    heads: int
    inner: int
    parameters: int
    table: int


@dataclass(frozen=True, slots=True)
class Machine:
    """``memory``: bytes in all, 0 unknown; ``rate``: floating-point operations a second, 0 unknown."""

    memory: int
    rate: float
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class EncoderForecast:
    """For ``batch`` texts at a time of ``length`` units each. Memory in bytes, seconds for 1,000 texts
    (an epoch of them, or their classification; 0 unknown). ``largest_batch``: that fits a training, 0
    none."""

    batch: int
    length: int
    training: int
    classifying: int
    training_s: float
    classifying_s: float
    memory: int
    largest_batch: int

    @property
    def can_train(self) -> bool:
        return self.largest_batch > 0

    @property
    def can_classify(self) -> bool:
        return _fits(self.classifying, self.memory)


def forecast_encoder(size: EncoderSize, machine: Machine, *, batch: int, length: int) -> EncoderForecast:
    """What a machine has to expect; right within a third or so."""
    batches = [batch, *(smaller for smaller in BATCHES if smaller < batch)]
    fitting = [each for each in batches if _fits(training_memory(size, each, length), machine.memory)]
    return EncoderForecast(
        batch=batch,
        length=length,
        training=training_memory(size, batch, length),
        classifying=classifying_memory(size, batch, length),
        training_s=_seconds(size, machine, length, 6.0),
        classifying_s=_seconds(size, machine, length, 2.0),
        memory=machine.memory,
        largest_batch=fitting[0] if fitting else 0,
    )


def training_memory(size: EncoderSize, batch: int, length: int) -> int:
    """Bytes at the peak, when everything is learnt."""
    a_unit = _WIDTHS * size.width + _INNERS * size.inner + _ATTENTION * size.heads * length
    return int(PROCESS + _KEPT * size.parameters + 4 * batch * length * size.layers * a_unit)


def classifying_memory(size: EncoderSize, batch: int, length: int) -> int:
    """Bytes at the peak."""
    a_unit = _PASSING_WIDTHS * size.width + _PASSING_INNERS * size.inner
    return int(PROCESS + 4 * size.parameters + 4 * batch * length * a_unit)


def seconds_to_train(
    size: EncoderSize, machine: Machine, options: TrainingOptions, *, rows: int, judged: int, length: int
) -> float:
    """About how long one training takes: of ``rows`` texts of ``length`` units, with an evaluation on
    ``judged`` more after each epoch; 0 unknown. What is frozen needs no way back."""
    forth = _seconds(size, machine, length, _FORTH) / _TEXTS
    if options.freeze == "body":
        return (rows + judged) * forth
    learnt = 1.0
    if options.freeze == "layers":
        learnt = max(0.0, size.layers - options.frozen_layers) / max(1, size.layers)
    back = _BACK + (0.0 if options.lora_rank else _OF_WEIGHTS)
    times = (2 if options.r_drop else 1) * (2 if options.adversarial else 1)
    passes = times * (_FORTH + learnt * (back + (_FORTH if options.gradient_checkpointing else 0.0)))
    return options.epochs * forth * (rows * passes / _FORTH + judged)


def _fits(needed: int, memory: int) -> bool:
    return memory <= 0 or needed < 0.9 * memory


def _seconds(size: EncoderSize, machine: Machine, length: int, passes: float) -> float:
    """Each weight is multiplied and added once a unit on the way forth, twice on the way back; attention
    comes on top of it."""
    if machine.rate <= 0:
        return 0.0
    # Not from the number of parameters: some families use the same layer again and again.
    body = size.layers * (4 * size.width**2 + 2 * size.width * size.inner)
    a_unit = passes * body + 2 * passes * size.layers * size.width * length
    return _TEXTS * length * a_unit / (machine.rate * OF_THE_PROCESSOR)
