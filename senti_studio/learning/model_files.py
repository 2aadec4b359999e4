"""What is looked at before a model folder is believed: kinds and sizes of its files, shapes of its weights.

A model comes from anywhere. Nothing is unpickled, nothing is read that is larger than it can be, and no net
is built that does not fit the weights beside it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from senti_studio.domain.specs import LabelName
from senti_studio.domain.training_options import TrainingOptions, problems_of
from senti_studio.errors import UserError

MEBIBYTE = 2**20
LARGEST = {
    "config.json": MEBIBYTE,
    "labels.json": MEBIBYTE,
    "card.json": 64 * MEBIBYTE,
}
LARGEST_OF_AN_ENCODER = 256 * MEBIBYTE
"""Bytes that a file of a model has at most; real ones have less than a tenth of it."""

MOST_LABELS = 1000
_OPTIONS = frozenset(field.name for field in dataclasses.fields(TrainingOptions))

_CODE_SUFFIXES = frozenset((".pkl", ".pickle", ".pt", ".pth", ".bin", ".ckpt", ".joblib", ".dill", ".h5"))
"""Other programs' ways to save a net, most of which run code when they are read."""
_PICKLES = tuple(b"\x80" + bytes([protocol]) for protocol in range(2, 6))
_MOST_ENTRIES = 10_000


def refuse_strangers(folder: Path, own: frozenset[str]) -> None:
    """Raises UserError ``MODEL_NOT_TRUSTED`` for a folder with files that could carry code, or with links
    that lead out of it.

    Nothing of the kind would be read; whoever put it there meant another program to do so.
    """
    home = folder.resolve()
    found = []
    for path in islice(folder.iterdir(), _MOST_ENTRIES):
        if path.is_symlink() and home not in path.resolve().parents:
            found.append(f"{path.name} → {path.resolve()}")
        elif path.name not in own and path.is_file() and _may_run(path):
            found.append(path.name)
    if found:
        raise UserError("MODEL_NOT_TRUSTED", path=str(folder), files=sorted(found))


def _may_run(path: Path) -> bool:
    if path.suffix.lower() in _CODE_SUFFIXES:
        return True
    with path.open("rb") as file:
        return file.read(2) in _PICKLES


def read_object(path: Path) -> dict[str, Any]:
    """A JSON object. Raises ValueError, TypeError or OSError when it is none, or larger than `LARGEST`."""
    require_size(path)
    values = json.loads(path.read_bytes())
    if not isinstance(values, dict):
        raise TypeError(path.name)
    return values


def require_size(path: Path) -> None:
    """Raises ValueError for a file larger than `LARGEST` says, without reading it."""
    most = LARGEST.get(path.name, LARGEST_OF_AN_ENCODER)
    if path.stat().st_size > most:
        raise ValueError(f"{path.name}: larger than {most // MEBIBYTE} MiB")


def require_sane(config: Mapping[str, Any]) -> None:
    """Raises ValueError for options of a net that no training can have had, before a net of it is built."""
    known = {name: value for name, value in config.items() if name in _OPTIONS}
    problems = problems_of(TrainingOptions(**known))
    if problems:
        raise ValueError(f"config.json: {', '.join(problems)}")


def labels_of(values: Mapping[str, Any]) -> tuple[tuple[LabelName, ...], tuple[float, ...]]:
    """The classes of a model and the share of each in training, from what stands in ``labels.json``.

    Raises ValueError, TypeError or KeyError.
    """
    given = values["labels"]
    if not all(isinstance(each[part], str) and each[part] for each in given for part in ("key", "name")):
        raise ValueError("labels.json: a label without a name")
    labels = tuple(LabelName(**each) for each in given)
    prior = tuple(float(share) for share in values["prior"])
    if not 2 <= len(labels) <= MOST_LABELS or len(prior) != len(labels):
        raise ValueError(f"labels.json: {len(labels)} labels, {len(prior)} shares")
    if len({label.key for label in labels}) < len(labels):
        raise ValueError("labels.json: two labels of one key")
    if not all(0 <= share <= 1 for share in prior) or abs(sum(prior) - 1) > 1e-3:
        raise ValueError("labels.json: prior")
    return labels, prior


class _Unfilled(TorchFunctionMode):
    """Leaves out every act in place: weights without memory need no random numbers, and asking for these
    would load the compiler of torch, which takes seconds."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = getattr(func, "__name__", "")
        if name.endswith("_") and not name.endswith("__"):
            return next(iter((*args, *(kwargs or {}).values())))
        return func(*args, **(kwargs or {}))


def shapes_of(build: Callable[[], nn.Module]) -> dict[str, tuple[int, ...]]:
    """The shapes of the weights of the net that ``build`` makes, without the memory for them."""
    with torch.device("meta"), _Unfilled():
        return {name: tuple(value.shape) for name, value in build().state_dict().items()}


def read_weights(path: Path, build: Callable[[], nn.Module]) -> dict[str, Tensor]:
    """The weights of the net that ``build`` makes. Raises ValueError when they are not for it, or no numbers,
    and UserError ``MODEL_TOO_BIG``.

    The net is first built without memory and its shapes are compared with the table in the head of the file:
    a config that asks for a giant is refused before anything of that size is allocated.
    """
    size, free = path.stat().st_size, int(psutil.virtual_memory().available)
    if size > free:
        raise UserError("MODEL_TOO_BIG", path=str(path.parent), size=size // 10**6, free=free // 10**6)
    wanted = shapes_of(build)
    with safe_open(path, framework="pt") as file:
        _compare(wanted, {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()})  # noqa: SIM118
        weights = {name: file.get_tensor(name) for name in wanted}
    for name, values in weights.items():
        if values.is_floating_point() and not bool(values.isfinite().all()):
            raise ValueError(f"{path.name}: {name} holds numbers that are none")
    return weights


def _compare(wanted: Mapping[str, tuple[int, ...]], there: Mapping[str, tuple[int, ...]]) -> None:
    other = sorted(wanted.keys() ^ there.keys())
    other += sorted(name for name in wanted.keys() & there.keys() if wanted[name] != there[name])
    if other:
        name = other[0]
        raise ValueError(
            f"weights.safetensors: {name} {there.get(name, '—')}, config.json: {wanted.get(name, '—')}"
        )
