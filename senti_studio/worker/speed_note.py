"""Listens to a training or an adaptation of an encoder and notes how fast it was, for forecasts to come."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from senti_studio.domain.adapt_forecast import operations_a_unit
from senti_studio.domain.adapting import AdaptSpec
from senti_studio.domain.architectures import options_of
from senti_studio.domain.encoder_forecast import length_of, operations_to_train
from senti_studio.domain.encoder_size import EncoderSize, PastRun
from senti_studio.domain.encoder_speed import ADAPTING, TRAINING
from senti_studio.domain.memory_forecast import TextSizes
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import with_push
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Evaluated, Event, Progress, Started
from senti_studio.shelf import speeds

LEAST_S, LEAST_STEPS = 1.0, 5
"""Less says nothing."""


class SpeedNote:
    """Of one start of a run. ``texts``: what a training learns from."""

    def __init__(self, spec: TrainingSpec | AdaptSpec, texts: Sequence[str] = ()) -> None:
        self._spec = spec
        self._texts = TextSizes(len(texts), sum(map(len, texts)), max(map(len, texts), default=0))
        self._first: Progress | None = None
        self._last: Progress | None = None
        self._judged = self._judged_before = 0
        self._device = ""

    def take(self, event: Event) -> None:
        """Hears an event."""
        if isinstance(event, Started):
            self._device = event.device
        elif isinstance(event, Evaluated) and event.split == "valid" and self._first is not None:
            self._judged += 1
        elif isinstance(event, Progress):
            self._first = self._first or event
            self._last, self._judged_before = event, self._judged

    def keep(self) -> None:
        """Notes what it has heard, if that was enough; a cache that cannot be written is no trouble."""
        with contextlib.suppress(OSError, UserError):
            run = self._run()
            if run is not None:
                speeds.keep(run)

    def _run(self) -> PastRun | None:
        first, last, spec = self._first, self._last, self._spec
        device = self._device.partition(":")[0]
        is_one = device == "cpu" == self._device or device in ("cuda", "mps")
        if first is None or last is None or not is_one or self._device.endswith(":all"):
            return None
        if last.elapsed - first.elapsed < LEAST_S or last.step - first.step < LEAST_STEPS:
            return None
        size = speeds.known_size(spec.options.encoder)
        if size is None:
            return None
        if isinstance(spec, AdaptSpec):
            length, done = _read(spec, size, first, last)
        else:
            length, done = self._learnt(spec, size, last.epoch - first.epoch)
        if length <= 0 or done <= 0:
            return None
        kind = ADAPTING if isinstance(spec, AdaptSpec) else TRAINING
        seconds = last.elapsed - first.elapsed
        return PastRun(kind, device, size.layers, size.width, size.inner, length, done / seconds)

    def _learnt(self, spec: TrainingSpec, size: EncoderSize, epochs: float) -> tuple[float, float]:
        """Units of a text, and operations. Of a frozen body an epoch tells nothing; of comments that join
        nobody here knows how many they are, and of an earlier model not how large."""
        is_other = spec.options.freeze == "body" or spec.pseudo or spec.teaching or spec.start
        if is_other or "encoder" not in options_of(spec.architecture) or not self._texts.rows:
            return 0.0, 0.0
        options = with_push(spec.options, self._texts.rows)
        length, windows = length_of(self._texts, options)
        learnt = epochs * self._texts.rows * windows
        judged = self._judged_before * spec.data.rows.get("valid", 0) * windows
        return length, operations_to_train(size, options, learnt=learnt, judged=judged, length=length)


def _read(spec: AdaptSpec, size: EncoderSize, first: Progress, last: Progress) -> tuple[float, float]:
    """Units of a piece, and operations."""
    units, epochs = last.tokens - first.tokens, last.epoch - first.epoch
    rows = spec.rows.get("train", 0)
    if units <= 0 or epochs <= 0 or not rows:
        return 0.0, 0.0
    length = min(units / epochs / rows, float(spec.options.max_length))
    return length, units * operations_a_unit(size, length, spec.options.mask_share)
