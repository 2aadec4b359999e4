"""The table of names, shapes and places in the head of a safetensors file, read without its weights.

Format: https://github.com/huggingface/safetensors#format (eight bytes of length, a JSON object, the weights).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MOST_HEAD = 100 << 20  # the limit of the format itself
BYTES = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1,
    "U16": 2, "U32": 4, "U64": 8, "F8_E4M3": 1, "F8_E5M2": 1,
}  # fmt: skip
"""Of a number of each kind."""
MOST_SIDES = 64
"""As many dimensions as torch has at most."""
REAL = ("F32", "F16", "BF16", "F64")
"""Kinds of numbers that weights can be learnt on with."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """``kind``: of its numbers, as safetensors writes it."""

    shape: tuple[int, ...]
    kind: str

    @property
    def count(self) -> int:
        return math.prod(self.shape)


class ShortFileError(ValueError):
    """A file of weights that ends before its weights do."""

    def __init__(self, size: int, needed: int) -> None:
        super().__init__(f"{size} of {needed} bytes")
        self.size, self.needed = size, needed


def read_table(path: Path) -> dict[str, Tensor]:
    """Name -> shape and kind of each tensor of a safetensors file.

    Raises `ShortFileError` when weights are missing, ValueError when it is no such file, and OSError.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        if len(start) < 8:
            raise ShortFileError(size, 8)
        length = int.from_bytes(start, "little")
        if length > _MOST_HEAD:
            raise ValueError(f"a head of {length} bytes")
        head = file.read(length)
    if len(head) < length:
        raise ShortFileError(size, 8 + length)
    try:
        values = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"head: {error}") from error
    if not isinstance(values, dict):
        raise ValueError("head")
    table, end = {}, 0
    for name, value in values.items():
        if name != "__metadata__":
            table[name], last = _tensor(name, value)
            end = max(end, last)
    if size < 8 + length + end:
        raise ShortFileError(size, 8 + length + end)
    if size > 8 + length + end:
        raise ValueError(f"{size - 8 - length - end} bytes too many")
    return table


def _tensor(name: str, value: Any) -> tuple[Tensor, int]:
    if not isinstance(value, Mapping):
        raise ValueError(name[:100])
    shape, offsets, kind = _counts(value.get("shape")), _counts(value.get("data_offsets")), value.get("dtype")
    if shape is None or offsets is None or len(offsets) != 2 or not (isinstance(kind, str) and kind in BYTES):
        raise ValueError(f"{name[:100]}: {value!r:.100}")
    tensor = Tensor(shape, kind)
    if offsets[1] - offsets[0] != tensor.count * BYTES[kind]:
        raise ValueError(f"{name[:100]}: {offsets[1] - offsets[0]} bytes for {shape!r:.60}")
    return tensor, offsets[1]


def _counts(values: Any) -> tuple[int, ...] | None:
    # No tensor has more sides; the product of a million of them takes for ever.
    if (
        isinstance(values, list)
        and len(values) <= MOST_SIDES
        and all(type(value) is int and 0 <= value < 1 << 48 for value in values)
    ):
        return tuple(values)
    return None
