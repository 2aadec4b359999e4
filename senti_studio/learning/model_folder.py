"""A model: a folder that describes itself and classifies on another machine with nothing else."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from senti_studio.domain.specs import LabelName
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.learning.calibration import COLDEST, HOTTEST
from senti_studio.learning.recurrent import CELLS, RecurrentClassifier
from senti_studio.text.encoding import TextEncoder

MODEL_VERSION = 1

FILES = ("weights.safetensors", "config.json", "vocabulary.json", "labels.json", "card.json")


@dataclass(frozen=True, slots=True)
class NetConfig:
    """What ``config.json`` says about the net: enough to build it again."""

    architecture: str
    embedding_size: int
    hidden_size: int
    layers: int
    bidirectional: bool
    version: int = MODEL_VERSION

    @classmethod
    def of(cls, architecture: str, options: TrainingOptions) -> NetConfig:
        return cls(
            architecture,
            options.embedding_size,
            options.hidden_size,
            options.layers,
            options.bidirectional,
        )

    def build(
        self, encoder: TextEncoder, classes: int, options: TrainingOptions | None = None
    ) -> RecurrentClassifier:
        """A new net with random weights; ``options`` bring the dropout that training needs."""
        return RecurrentClassifier(
            self.architecture,
            vocabularies=[len(vocabulary) for vocabulary in encoder.vocabularies],
            ngrams=len(encoder.ngrams) if encoder.ngrams is not None else 0,
            classes=classes,
            embedding_size=self.embedding_size,
            hidden_size=self.hidden_size,
            layers=self.layers,
            bidirectional=self.bidirectional,
            dropout=options.dropout if options else 0.0,
            embedding_dropout=options.embedding_dropout if options else 0.0,
            word_dropout=options.word_dropout if options else 0.0,
        )


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded model. ``prior``: share of each class in training, the answer to an empty text;
    ``temperature``: what makes its probabilities honest (1.0 for models from before there was one)."""

    net: RecurrentClassifier
    encoder: TextEncoder
    labels: tuple[LabelName, ...]
    prior: tuple[float, ...]
    card: Mapping[str, Any]
    temperature: float = 1.0


def save_model(
    target: Path,
    *,
    weights: Mapping[str, Tensor],
    config: NetConfig,
    encoder: TextEncoder,
    labels: tuple[LabelName, ...],
    prior: tuple[float, ...],
    card: Mapping[str, Any],
    temperature: float = 1.0,
) -> None:
    """Writes the model beside ``target`` and moves it in place when whole."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    contents: dict[str, bytes] = {
        "weights.safetensors": save({name: value.cpu().contiguous() for name, value in weights.items()}),
        "config.json": _json(dataclasses.asdict(config)),
        "vocabulary.json": _json(encoder.to_json(), indent=None),
        "labels.json": _json(
            {
                "labels": [dataclasses.asdict(label) for label in labels],
                "prior": list(prior),
                "temperature": temperature,
            }
        ),
        "card.json": _json(card),
    }
    try:
        for name in FILES:
            with (temporary / name).open("wb") as file:
                file.write(contents[name])
                file.flush()
                os.fsync(file.fileno())
        shutil.rmtree(target, ignore_errors=True)
        temporary.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def load_model(folder: Path) -> Model:
    """Reads a model folder onto the CPU.

    Raises UserError ``MODEL_FILES_MISSING``, ``MODEL_DAMAGED`` or ``MODEL_TOO_NEW``. Nothing is unpickled.
    """
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise UserError("MODEL_FILES_MISSING", path=str(folder), files=missing)
    try:
        return _read(folder)
    except (OSError, ValueError, TypeError, KeyError, RuntimeError, SafetensorError) as error:
        raise UserError("MODEL_DAMAGED", path=str(folder), reason=str(error)[:300]) from error


def _read(folder: Path) -> Model:
    described = _object(folder / "config.json")
    if int(described["version"]) > MODEL_VERSION:
        raise UserError("MODEL_TOO_NEW", path=str(folder), version=described["version"])
    config = NetConfig(**described)
    if config.architecture not in CELLS:
        raise ValueError(f"architecture {config.architecture}")
    encoder = TextEncoder.from_json(_object(folder / "vocabulary.json"))
    names = _object(folder / "labels.json")
    labels = tuple(LabelName(**label) for label in names["labels"])
    prior = tuple(float(share) for share in names["prior"])
    if len(prior) != len(labels):
        raise ValueError("labels.json: prior")
    temperature = float(names.get("temperature", 1.0))
    if not COLDEST <= temperature <= HOTTEST:
        raise ValueError(f"labels.json: temperature {temperature}")
    net = config.build(encoder, len(labels))
    weights = load((folder / "weights.safetensors").read_bytes())
    for name, values in weights.items():
        if values.is_floating_point() and not bool(values.isfinite().all()):
            raise ValueError(f"weights.safetensors: {name} holds numbers that are none")
    net.load_state_dict(weights)
    net.eval()
    return Model(net, encoder, labels, prior, _object(folder / "card.json"), temperature)


def _object(path: Path) -> dict[str, Any]:
    values = json.loads(path.read_bytes())
    if not isinstance(values, dict):
        raise TypeError(path.name)
    return values


def _json(values: Mapping[str, Any], *, indent: int | None = 1) -> bytes:
    return json.dumps(values, ensure_ascii=False, indent=indent).encode()
