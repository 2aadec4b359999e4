"""What the processes of a training tell each other beside numbers that are added up: bytes through a pipe."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch

from senti_studio.learning.batches import Rows

_HEAD = 4
"""Numbers in front: how many rows and rates follow, rows at once, seed."""
_LENGTH = 8
"""Bytes that say how many follow."""


class Source(Protocol):
    """Bytes as they come."""

    def read(self, size: int, /) -> bytes | None:
        """At most ``size`` bytes, none at the end."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step to take: ``rates``: learning rates of the groups of weights."""

    rows: Rows
    rows_at_once: int
    seed: int
    rates: tuple[float, ...]

    def to_bytes(self) -> bytes:
        """What `read_step` reads."""
        head = np.array([len(self.rows), len(self.rates), self.rows_at_once, self.seed], dtype=np.int64)
        return head.tobytes() + self.rows.astype(np.int64).tobytes() + np.array(self.rates).tobytes()


def read_step(source: Source) -> Step:
    """The next step. Raises EOFError when none comes any more."""
    rows, rates, at_once, seed = np.frombuffer(_exactly(source, 8 * _HEAD), dtype=np.int64).tolist()
    numbers = np.frombuffer(_exactly(source, 8 * rows), dtype=np.int64)
    paces = np.frombuffer(_exactly(source, 8 * rates), dtype=np.float64)
    return Step(numbers, at_once, seed, tuple(paces.tolist()))


def packed(values: dict[str, Any]) -> memoryview:
    """Objects for a process that this one has started; nothing else ever reads them."""
    buffer = io.BytesIO()
    buffer.write(bytes(_LENGTH))
    torch.save(values, buffer)
    content = buffer.getbuffer()  # a net and its optimiser may be gigabytes: no copy
    content[:_LENGTH] = (len(content) - _LENGTH).to_bytes(_LENGTH, "big")
    return content


def read_packed(source: Source) -> bytes:
    """What `packed` gave, without its length. Raises EOFError."""
    return _exactly(source, int.from_bytes(_exactly(source, _LENGTH), "big"))


def unpacked(content: bytes) -> dict[str, Any]:
    """The objects of `read_packed`, in main memory. Only for bytes of the process that started this one."""
    found: dict[str, Any] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=False)
    return found


def _exactly(source: Source, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        some = source.read(min(size - len(found), 1 << 24))
        if not some:
            raise EOFError
        found += some
    return bytes(found)
