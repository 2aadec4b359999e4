"""A sentencepiece model, read without the package of that name: it is a protocol buffer of few fields.

Numbers of the fields: https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

UNIGRAM = 1
"""``kind`` of a model that cuts by the likelihood of its pieces; others merge them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """``kind``: 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte."""

    text: str
    score: float
    kind: int


@dataclass(frozen=True, slots=True)
class PieceModel:
    """``characters``: how characters are made one, for the normaliser `Precompiled` of tokenizers."""

    pieces: tuple[Piece, ...]
    kind: int
    unknown: int
    characters: bytes


def read_pieces(path: Path) -> PieceModel:
    """Raises ValueError for what is no such model, and OSError."""
    pieces: list[Piece] = []
    kind, unknown, characters = UNIGRAM, 0, b""
    for number, value in fields(path.read_bytes()):
        if number == 1 and isinstance(value, bytes):
            pieces.append(_piece(value))
        elif number == 2 and isinstance(value, bytes):
            trainer = dict(fields(value))
            kind, unknown = _whole(trainer.get(3, kind)), _whole(trainer.get(40, unknown))
        elif number == 3 and isinstance(value, bytes):
            given = dict(fields(value)).get(2, b"")
            characters = given if isinstance(given, bytes) else b""
    if not pieces:
        raise ValueError(f"{path.name}: 0")
    return PieceModel(tuple(pieces), kind, unknown, characters)


def fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Number and value of each field: bytes, or a whole number where it is written as one."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        length = 0
        if kind == 2:
            length, at = _varint(message, at)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise ValueError(f"wire type {kind}")
        if at + length > len(message):
            raise ValueError("cut off")
        yield key >> 3, message[at : at + length]
        at += length


def _piece(message: bytes) -> Piece:
    found = dict(fields(message))
    text, score = found.get(1, b""), found.get(2, b"\0\0\0\0")
    if not isinstance(text, bytes) or not isinstance(score, bytes) or len(score) != 4:
        raise ValueError("piece")
    return Piece(text.decode("utf-8"), struct.unpack("<f", score)[0], _whole(found.get(3, 1)))


def _whole(value: bytes | int) -> int:
    if not isinstance(value, int):
        raise ValueError("a number")
    return value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70:
        if at >= len(message):
            raise ValueError("cut off")
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
    raise ValueError("varint")
