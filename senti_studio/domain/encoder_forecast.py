"""About how much memory and time it takes to teach an encoder, or to classify with one, from its size alone.

Memory is that of `domain.memory_forecast`, and how fast a machine is that of `domain.encoder_speed`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from senti_studio.domain.architectures import default_options, epochs_of
from senti_studio.domain.encoder_memory import MARKS, windows_of
from senti_studio.domain.encoder_size import EncoderSize, Machine
from senti_studio.domain.encoder_speed import TRAINING, TimeForecast, speed_of
from senti_studio.domain.memory_forecast import TextSizes, fits, forecast, forecast_classifying
from senti_studio.domain.training_options import TrainingOptions, with_push

_TEXTS = 1000
_FORTH, _BACK, _OF_WEIGHTS = 2.0, 2.0, 2.0
"""Operations for each weight and unit: on the way forth, for the gradients of what came in, for its own."""
BATCHES = (32, 16, 8, 4, 2, 1)


@dataclass(frozen=True, slots=True)
class EncoderForecast:
    """For ``batch`` texts at a time of ``length`` units each. Memory in bytes, seconds for 1,000 texts
    (an epoch of them, or their classification; 0 unknown), as ``runs`` earlier ones of this size say, or 0:
    a short measurement of the processor. ``largest_batch``: that fits a training, 0 none."""

    batch: int
    length: int
    training: int
    classifying: int
    training_s: float
    classifying_s: float
    memory: int
    largest_batch: int
    runs: int = 0

    @property
    def can_train(self) -> bool:
        return self.largest_batch > 0

    @property
    def can_classify(self) -> bool:
        return fits(self.classifying, self.memory)


def forecast_encoder(size: EncoderSize, machine: Machine, *, batch: int, length: int) -> EncoderForecast:
    """What a machine has to expect; right within a third or so."""
    speed = speed_of(size, machine, kind=TRAINING, length=length)
    pace = speed.operations or math.inf
    batches = [batch, *(smaller for smaller in BATCHES if smaller < batch)]
    needs = {each: training_memory(size, each, length, device=machine.device) for each in batches}
    return EncoderForecast(
        batch=batch,
        length=length,
        training=needs[batch],
        classifying=forecast_classifying(size, batch=batch, length=length).of(machine.device),
        training_s=_TEXTS * _operations(size, length, _FORTH + _BACK + _OF_WEIGHTS) / pace,
        classifying_s=_TEXTS * _operations(size, length, _FORTH) / pace,
        memory=machine.memory,
        largest_batch=next((each for each in batches if fits(needs[each], machine.memory)), 0),
        runs=speed.runs,
    )


def training_memory(
    size: EncoderSize, batch: int, length: int, *, device: str = "cpu", precision: str = "auto"
) -> int:
    """Bytes at the peak, when everything is learnt from many texts of so many units."""
    options = replace(
        default_options("bert", encoder=""),
        batch_size=batch,
        max_length=length,
        least_steps=1,
        precision=precision,
    )
    texts = TextSizes(max(_TEXTS, batch), _TEXTS * length, length)
    return forecast("bert", options, texts, encoder=size).of(device)


def seconds_to_train(
    size: EncoderSize,
    machine: Machine,
    options: TrainingOptions,
    *,
    rows: int,
    judged: int,
    length: float,
    windows: float = 1,
) -> TimeForecast:
    """About how long one training takes: of ``rows`` texts, each in ``windows`` windows of ``length`` units,
    with an evaluation on ``judged`` more after each epoch."""
    speed = speed_of(size, machine, kind=TRAINING, length=length)
    options = with_push(options, rows)
    # What a frozen body says of a text is kept.
    epochs = 1 if options.freeze == "body" else epochs_of("bert", options, rows)
    often = epochs * windows
    done = operations_to_train(size, options, learnt=often * rows, judged=often * judged, length=length)
    return TimeForecast(done / speed.operations if speed.operations else 0.0, speed.runs)


def operations_to_train(
    size: EncoderSize, options: TrainingOptions, *, learnt: float, judged: float, length: float
) -> float:
    """Floating-point operations for learning from ``learnt`` texts and judging ``judged``, all epochs
    together. What is frozen needs no way back."""
    forth = _operations(size, length, _FORTH)
    if options.freeze == "body":
        return (learnt + judged) * forth
    share = 1.0
    if options.freeze == "layers":
        share = max(0.0, size.layers - options.frozen_layers) / max(1, size.layers)
    back = _BACK + (0.0 if options.lora_rank else _OF_WEIGHTS)
    times = (2 if options.r_drop else 1) * (2 if options.adversarial else 1)
    passes = times * (_FORTH + share * (back + (_FORTH if options.gradient_checkpointing else 0.0)))
    return forth * (learnt * passes / _FORTH + judged)


def length_of(texts: TextSizes, options: TrainingOptions) -> tuple[float, int]:
    """Units that are read together of a text in the mean, and how often: in each of its windows."""
    length, windows = windows_of(round(texts.characters / max(1, texts.rows)) + MARKS, options)
    return round(length), windows


def _operations(size: EncoderSize, length: float, passes: float) -> float:
    """Of a text: each weight is multiplied and added once a unit on the way forth, twice on the way back;
    attention comes on top of it."""
    # Not from the number of parameters: some families use the same layer again and again.
    body = size.layers * (4 * size.width**2 + 2 * size.width * size.inner)
    return length * (passes * body + 2 * passes * size.layers * size.width * length)
