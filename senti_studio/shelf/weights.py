"""Finds the weights of an encoder in its folder, whole or in parts, and says what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from senti_studio.shelf.findings import Finding
from senti_studio.shelf.pickled import OldPickleError, UnsafePickleError, read_pickled_table
from senti_studio.shelf.small_files import begins_as_pointer, read_object
from senti_studio.shelf.tensors import REAL, ShortFileError, Tensor, read_table

SAFE, SAFE_INDEX = "model.safetensors", "model.safetensors.index.json"
PICKLED, PICKLED_INDEX = "pytorch_model.bin", "pytorch_model.bin.index.json"

FOREIGN = {
    "tf_model.h5": "TensorFlow",
    "model.ckpt.index": "TensorFlow",
    "flax_model.msgpack": "Flax",
    "model.onnx": "ONNX",
    "model_state.pdparams": "PaddlePaddle",
    "rust_model.ot": "Rust",
    "openvino_model.xml": "OpenVINO",
    "tf_model.h5.index.json": "TensorFlow",
}
_FOREIGN_ENDINGS = {
    ".onnx": "ONNX",
    ".gguf": "GGUF",
    ".msgpack": "Flax",
    ".h5": "TensorFlow",
    ".mlmodel": "Core ML",
}
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,150}")
_EMBEDDINGS = re.compile(
    r"(?:^|\.)(?:word_embeddings\.weight|word_embedding\.weight|embeddings\.tok_embeddings\.weight)$"
)
_WEIGHT = re.compile(r"\.(?:weight|bias)$")
_LAYER = re.compile(r"(?:^|\.)layers?\.(\d+)\.")
_MOST_PARTS = 1000


@dataclass(frozen=True, slots=True)
class Weights:
    """``form``: `safetensors` | `pickled`; ``table``: shape of the embeddings of units; ``layers``: how
    many there are weights of (0: not told apart); ``sides``: all lengths of sides that a tensor has."""

    form: str = ""
    files: tuple[str, ...] = ()
    parameters: int = 0
    table: tuple[int, int] | None = None
    layers: int = 0
    sides: frozenset[int] = frozenset()
    number_type: str = ""
    findings: tuple[Finding, ...] = field(default=())


def read_weights(folder: Path) -> Weights:
    """The weights that `transformers` would take from ``folder``: safetensors first. Raises OSError."""
    path = str(folder)
    for single, index, form in ((SAFE, SAFE_INDEX, "safetensors"), (PICKLED, PICKLED_INDEX, "pickled")):
        if (folder / single).is_file():
            return _read(folder, form, [single], ())
        if (folder / index).is_file():
            parts, trouble = _parts(folder, index)
            if trouble is not None:
                return Weights(form, (), findings=(trouble,))
            return _read(folder, form, parts, (index,))
    parts = sorted(entry.name for entry in folder.glob("*-of-*") if entry.suffix in (".safetensors", ".bin"))
    if parts:
        return Weights(findings=(Finding("ENCODER_PARTS_MISSING", {"path": path, "files": [SAFE_INDEX]}),))
    half = sorted(entry.name for entry in folder.glob("*") if entry.suffix in _UNFINISHED)
    if half:
        return Weights(findings=(Finding("ENCODER_HALF", {"path": path, "files": half}),))
    foreign = _foreign(folder)
    if foreign:
        return Weights(findings=(Finding("ENCODER_OTHER_FRAMEWORK", {"path": path, "files": foreign}),))
    return Weights(findings=(Finding("ENCODER_NO_WEIGHTS", {"path": path}),))


_UNFINISHED = (".incomplete", ".part", ".crdownload", ".download", ".aria2", ".tmp", ".partial")


def _foreign(folder: Path) -> list[str]:
    found = {}
    for entry in folder.iterdir():
        kind = FOREIGN.get(entry.name) or _FOREIGN_ENDINGS.get(entry.suffix.lower())
        if kind:
            found[entry.name] = kind
    if (folder / "onnx").is_dir():
        found["onnx"] = "ONNX"
    return [f"{name} ({kind})" for name, kind in sorted(found.items())]


def _parts(folder: Path, index: str) -> tuple[list[str], Finding | None]:
    path = str(folder)
    try:
        given = read_object(folder / index)["weight_map"]
        parts = sorted(set(given.values()))
        if (
            not all(isinstance(part, str) and _PART.fullmatch(part) for part in parts)
            or len(parts) > _MOST_PARTS
        ):
            raise ValueError(index)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        damage = {"path": path, "file": index, "reason": str(error)[:200]}
        return [], Finding("ENCODER_WEIGHTS_DAMAGED", damage)
    missing = [part for part in parts if not (folder / part).is_file()]
    if missing:
        return [], Finding("ENCODER_PARTS_MISSING", {"path": path, "files": missing})
    return parts, None


def _read(folder: Path, form: str, parts: list[str], index: tuple[str, ...]) -> Weights:
    table: dict[str, Tensor] = {}
    found: list[Finding] = []
    for part in parts:
        trouble, tensors = _look_into(folder / part, form)
        if trouble is not None:
            found.append(trouble)
        table.update(tensors)
    if form == "pickled" and not found:
        found.append(
            Finding("ENCODER_WEIGHTS_PICKLED", {"path": str(folder), "file": parts[0]}, refuses=False)
        )
    files = (*index, *parts)
    if any(finding.refuses for finding in found):
        return Weights(form, files, findings=tuple(found))
    return _summed_up(folder, form, files, table, found)


def _summed_up(
    folder: Path, form: str, files: tuple[str, ...], table: dict[str, Tensor], found: list[Finding]
) -> Weights:
    path = str(folder)
    embeddings = [
        tensor for name, tensor in table.items() if _EMBEDDINGS.search(name) and len(tensor.shape) == 2
    ]
    real = {name: tensor for name, tensor in table.items() if tensor.kind in REAL}
    if not embeddings:
        damage = {"path": path, "file": files[-1], "reason": "word_embeddings"}
        found.append(Finding("ENCODER_WEIGHTS_DAMAGED", damage))
    elif any(_WEIGHT.search(name) and tensor.kind not in REAL for name, tensor in table.items()):
        found.append(Finding("ENCODER_QUANTISED", {"path": path}))
    layers = {int(match[1]) for name in real if (match := _LAYER.search(name))}
    kinds = sorted({tensor.kind for tensor in real.values()}, key=REAL.index)
    rows, width = embeddings[0].shape if embeddings else (0, 0)
    return Weights(
        form,
        files,
        parameters=sum(tensor.count for tensor in real.values()),
        table=(rows, width) if embeddings else None,
        layers=len(layers),
        sides=frozenset(side for tensor in real.values() for side in tensor.shape),
        number_type=kinds[0] if kinds else "",
        findings=tuple(found),
    )


def _look_into(file: Path, form: str) -> tuple[Finding | None, Mapping[str, Tensor]]:
    path, name = str(file.parent), file.name
    if begins_as_pointer(file):
        return Finding("ENCODER_POINTERS", {"path": path, "files": [name]}), {}
    try:
        return None, read_table(file) if form == "safetensors" else read_pickled_table(file)
    except ShortFileError as error:
        short = {"path": path, "file": name, "size": error.size, "needed": error.needed}
        return Finding("ENCODER_WEIGHTS_SHORT", short), {}
    except UnsafePickleError as error:
        return Finding("ENCODER_WEIGHTS_UNSAFE", {"path": path, "file": name, "name": error.name}), {}
    except OldPickleError:
        return Finding("ENCODER_WEIGHTS_OLD", {"path": path, "file": name}), {}
    except ValueError as error:
        damage = {"path": path, "file": name, "reason": str(error)[:200]}
        return Finding("ENCODER_WEIGHTS_DAMAGED", damage), {}
