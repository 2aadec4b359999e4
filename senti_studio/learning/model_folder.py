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
from safetensors.torch import save

from senti_studio.domain.model_card import whole_card
from senti_studio.domain.specs import LabelName
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.learning.architectures import REGISTRY
from senti_studio.learning.calibration import COLDEST, HOTTEST
from senti_studio.learning.contract import Architecture, Classifier, Encoder
from senti_studio.learning.model_files import (
    labels_of,
    read_object,
    read_weights,
    refuse_strangers,
    require_sane,
    require_size,
)

MODEL_VERSION = 1

FILES = ("weights.safetensors", "config.json", "labels.json", "card.json")
"""What every model has; the files of its encoder lie beside, and `CARD` for people."""
CARD = "card.md"


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded model. ``prior``: share of each class in training, the answer to an empty text;
    ``temperature``: what makes its probabilities honest (1.0 for models from before there was one)."""

    architecture: Architecture
    net: Classifier
    encoder: Encoder
    labels: tuple[LabelName, ...]
    prior: tuple[float, ...]
    card: Mapping[str, Any]
    temperature: float = 1.0


def save_model(
    target: Path,
    *,
    architecture: Architecture,
    net: Classifier,
    options: TrainingOptions,
    encoder: Encoder,
    labels: tuple[LabelName, ...],
    prior: tuple[float, ...],
    card: Mapping[str, Any],
    temperature: float = 1.0,
) -> None:
    """Writes the model beside ``target`` and moves it in place when whole."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    weights = {name: value.detach().cpu().contiguous() for name, value in net.state_dict().items()}
    config = {
        "architecture": architecture.key,
        **architecture.config(options),
        **net.told,
        "version": MODEL_VERSION,
    }
    contents: dict[str, bytes] = {
        "weights.safetensors": save(weights),
        "config.json": _json(config),
        **architecture.encoder_contents(encoder),
        "labels.json": _json(
            {
                "labels": [dataclasses.asdict(label) for label in labels],
                "prior": list(prior),
                "temperature": temperature,
            }
        ),
        "card.json": _json(card),
        CARD: whole_card(card).encode(),
    }
    try:
        for name, content in contents.items():
            with (temporary / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        shutil.rmtree(target, ignore_errors=True)
        temporary.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def load_model(folder: Path) -> Model:
    """Reads a model folder onto the CPU. Nothing is unpickled, nothing is believed before it was looked at.

    Raises UserError ``MODEL_NO_FOLDER``, ``MODEL_FILES_MISSING``, ``MODEL_DAMAGED``, ``MODEL_TOO_NEW``,
    ``MODEL_NOT_TRUSTED`` or ``MODEL_TOO_BIG``.
    """
    if not folder.is_dir():
        raise UserError("MODEL_NO_FOLDER", path=str(folder))
    _require(folder, FILES)
    try:
        return _read(folder)
    except _DAMAGES as error:
        raise UserError("MODEL_DAMAGED", path=str(folder), reason=str(error)[:300]) from error


_DAMAGES = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    SafetensorError,
)
"""What reading a file that is not ours can raise, on the way from its bytes to a net."""


def _require(folder: Path, names: tuple[str, ...]) -> None:
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise UserError("MODEL_FILES_MISSING", path=str(folder), files=missing)


def _read(folder: Path) -> Model:
    config = read_object(folder / "config.json")
    version, key = int(config.pop("version")), str(config.pop("architecture"))
    if version > MODEL_VERSION:
        raise UserError("MODEL_TOO_NEW", path=str(folder), version=version)
    if key not in REGISTRY:
        raise ValueError(f"architecture {key}")
    kind = REGISTRY[key]
    refuse_strangers(folder, frozenset((*FILES, *kind.encoder_files)))
    _require(folder, kind.encoder_files)
    for name in kind.encoder_files:
        require_size(folder / name)
    require_sane(config)
    encoder = kind.read_encoder(folder)
    names = read_object(folder / "labels.json")
    labels, prior = labels_of(names)
    temperature = float(names.get("temperature", 1.0))
    if not COLDEST <= temperature <= HOTTEST:
        raise ValueError(f"labels.json: temperature {temperature}")
    weights = read_weights(folder / "weights.safetensors", lambda: kind.rebuild(config, encoder, len(labels)))
    net = kind.rebuild(config, encoder, len(labels))
    net.load_state_dict(weights)
    net.eval()
    return Model(kind, net, encoder, labels, prior, read_object(folder / "card.json"), temperature)


def _json(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, indent=1).encode()
