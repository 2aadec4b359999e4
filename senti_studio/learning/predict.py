"""Classification of texts with a saved model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from senti_studio.domain.architectures import architecture_name
from senti_studio.domain.specs import LabelName
from senti_studio.errors import UserError
from senti_studio.learning.calibration import calibrated
from senti_studio.learning.data import LabelledTexts
from senti_studio.learning.devices import choose_device, device_name
from senti_studio.learning.evaluate import BATCH_SIZE, probabilities
from senti_studio.learning.explain.attended import Attended
from senti_studio.learning.explain.evidence import Nearest
from senti_studio.learning.explain.explainer import Explained, Explainer
from senti_studio.learning.model_folder import Model, load_model
from senti_studio.learning.trouble import user_errors

SEEN = 256
"""Texts by which the scales of eight bits are found."""


class Predictor:
    """A model on a device, ready to classify."""

    def __init__(self, model: Model, device: torch.device) -> None:
        self._model = model
        self._net = model.net.to(device)
        self._device = device

    @classmethod
    def load(cls, folder: Path, device: str = "auto") -> Predictor:
        """Raises UserError ``MODEL_FILES_MISSING|_DAMAGED|_TOO_NEW`` or ``DEVICE_MISSING``."""
        chosen = choose_device(device)
        if chosen is None:
            raise UserError("DEVICE_MISSING", device=device)
        return cls(load_model(folder), chosen)

    @property
    def labels(self) -> tuple[LabelName, ...]:
        """The classes, in the order of the columns of `probabilities`."""
        return self._model.labels

    @property
    def card(self) -> Mapping[str, Any]:
        """What the model's training wrote about it."""
        return self._model.card

    @property
    def device(self) -> str:
        return str(self._device)

    @property
    def device_name(self) -> str:
        return device_name(self._device)

    def in_eight_bits(self, texts: Sequence[str]) -> Predictor:
        """The same model with products of eight-bit integers, whose scales fit the first of ``texts``.

        Raises UserError ``INT8_ONLY_BERT``, ``INT8_ONLY_PROCESSOR`` or ``INT8_CANNOT``.
        """
        architecture = self._model.architecture.key
        if architecture != "bert":
            raise UserError("INT8_ONLY_BERT", architecture=architecture_name(architecture))
        if self._device.type != "cpu":
            raise UserError("INT8_ONLY_PROCESSOR", device=self.device_name)
        from senti_studio.learning.bert.eight_bits import in_eight_bits

        net = in_eight_bits(self._net, lambda: self.probabilities(texts[:SEEN]))
        return Predictor(dataclasses.replace(self._model, net=net), self._device)

    @property
    def segments_as_trained(self) -> bool:
        """Whether the same program cuts words here as in training; if not, 1 row in 70 is cut otherwise."""
        return self._model.encoder.cuts_as_trained

    def explain(self, texts: Sequence[str], labels: Sequence[Sequence[int]] | None = None) -> list[Explained]:
        """As `Explainer.explain`: what in texts speaks for and against classes, without ``labels`` for the
        likeliest of each. Raises UserError ``EXPLAIN_NOT_POSSIBLE`` or ``OUT_OF_GPU_MEMORY``."""
        return Explainer(self._model, self._device).explain(texts, labels)

    def attended(self, text: str) -> Attended:
        """As `Explainer.attended`: where the net looks in a text. Raises UserError ``EXPLAIN_…`` or
        ``OUT_OF_GPU_MEMORY``."""
        return Explainer(self._model, self._device).attended(text)

    def nearest(self, rows: LabelledTexts, cache: Path | None = None) -> Nearest:
        """Finds which of the comments that the model has learnt from resemble a text; see `Nearest`."""
        return Nearest(self._model, self._device, rows, cache)

    def probabilities(self, texts: Sequence[str], *, batch_size: int = BATCH_SIZE) -> npt.NDArray[np.float32]:
        """(texts, classes) calibrated probabilities; each distinct text is scored once, an empty one gets the
        prior.

        A row's result does not depend on the rows beside it. Raises UserError ``OUT_OF_GPU_MEMORY``.
        """
        places: dict[str, int] = {}
        place = np.fromiter(
            (places.setdefault(text, len(places)) for text in map(self._model.encoder.normalise, texts)),
            np.int64,
            len(texts),
        )
        distinct = list(places)
        scored = np.empty((len(distinct), len(self.labels)), dtype=np.float32)
        filled = [number for number, text in enumerate(distinct) if text]
        if len(filled) < len(distinct):
            scored[:] = np.array(self._model.prior, dtype=np.float32)
        if filled:
            encoded = self._model.encoder.encode([distinct[number] for number in filled])
            target = np.array(filled)
            with user_errors(self._device):
                for rows, found in probabilities(self._net, encoded, self._device, batch_size=batch_size):
                    scored[target[rows]] = calibrated(found, self._model.temperature)
        return scored[place]
