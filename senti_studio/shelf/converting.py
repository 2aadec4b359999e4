"""Pickled weights as safetensors: made once when an encoder is put on the shelf, and nothing is unpickled.

`pickled` says where the numbers of each tensor lie; they are copied as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, BinaryIO

from senti_studio.errors import UserError
from senti_studio.shelf.copying import BLOCK, note_of, require_space
from senti_studio.shelf.entries import FileNote
from senti_studio.shelf.findings import Facts, ShouldStop, never
from senti_studio.shelf.pickled import Stored, is_little_endian, read_pickled_table, storages
from senti_studio.shelf.tensors import BYTES
from senti_studio.shelf.unpacking import BROKEN_ZIP
from senti_studio.shelf.weights import SAFE, read_weights

_ALIGNED = 8


class DamagedWeightsError(ValueError):
    """Weights that their table names and the ``file`` does not have."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(reason)
        self.file = file


_Placed = tuple[int, str, Stored]
"""Number of a part, name of a tensor, and where it lies in the part."""


def with_safe_weights(
    folder: Path, facts: Facts, files: Mapping[str, FileNote], should_stop: ShouldStop
) -> tuple[Facts, Mapping[str, FileNote]]:
    """Turns the pickled weights in ``folder`` into `SAFE`; what is then known of it. They stay where that
    cannot be done. Raises what `convert` raises."""
    if facts.weights != "pickled":
        return facts, files
    old = read_weights(folder).files
    parts = [folder / name for name in old if not name.endswith(".json")]
    if not convert(parts, folder / SAFE, should_stop):
        return facts, files
    for name in old:
        (folder / name).unlink()
    kept = {name: note for name, note in files.items() if name not in old}
    kept[SAFE] = note_of(folder / SAFE, should_stop)
    return replace(facts, weights="safetensors", size=sum(note.size for note in kept.values())), kept


def convert(parts: Sequence[Path], target: Path, should_stop: ShouldStop = never) -> bool:
    """Writes the tensors of ``parts`` to ``target``; False, and nothing is written, where their numbers do
    not lie as safetensors has them.

    Of tensors that share their numbers one is written: nets tie them again. Raises UserError ``CANCELLED``
    and ``ENCODER_NO_SPACE``, `DamagedWeightsError`, and OSError.
    """
    tensors = _distinct([read_pickled_table(part) for part in parts])
    plain = all(tensor.is_plain and tensor.kind in BYTES for _, _, tensor in tensors)
    if not plain or not all(map(is_little_endian, parts)):
        return False
    tensors.sort(key=lambda each: -BYTES[each[2].kind])  # so that each begins where its numbers may
    require_space(target.parent, sum(_size(tensor) for _, _, tensor in tensors))
    try:
        with target.open("xb") as file, ExitStack() as stack:
            file.write(_head(tensors))
            opened = [stack.enter_context(storages(part)) for part in parts]
            for number, _, tensor in tensors:
                at = tensor.first * BYTES[tensor.kind]
                with _damage_told(parts[number]), opened[number](tensor.storage, at) as source:
                    _copy(source, _size(tensor), file, should_stop)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return True


@contextmanager
def _damage_told(part: Path) -> Iterator[None]:
    try:
        yield
    except (*BROKEN_ZIP, KeyError, ValueError) as error:
        raise DamagedWeightsError(part.name, str(error)) from error


def _distinct(tables: Sequence[dict[str, Stored]]) -> list[_Placed]:
    """Of several tensors in one place that which is called one of embeddings."""
    found: dict[tuple[int, str, int, tuple[int, ...]], _Placed] = {}
    for number, table in enumerate(tables):
        for name, tensor in table.items():
            place = (number, tensor.storage, tensor.first, tensor.shape)
            if place not in found or ("embedding" in name and "embedding" not in found[place][1]):
                found[place] = (number, name, tensor)
    return list(found.values())


def _head(tensors: Sequence[_Placed]) -> bytes:
    values: dict[str, object] = {"__metadata__": {"format": "pt"}}
    at = 0
    for _, name, tensor in tensors:
        size = _size(tensor)
        shape, kind = list(tensor.shape), tensor.kind
        values[name] = {"dtype": kind, "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(values).encode()
    text += b" " * (-len(text) % _ALIGNED)
    return len(text).to_bytes(8, "little") + text


def _copy(source: IO[bytes], size: int, target: BinaryIO, should_stop: ShouldStop) -> None:
    while size:
        if should_stop():
            raise UserError("CANCELLED")
        block = source.read(min(BLOCK, size))
        if not block:
            raise ValueError("a storage ends before its tensor")
        target.write(block)
        size -= len(block)


def _size(tensor: Stored) -> int:
    return tensor.count * BYTES[tensor.kind]
