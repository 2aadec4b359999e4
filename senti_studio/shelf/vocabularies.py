"""What a vocabulary file names: how many units, and how many of them hold a Chinese character."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from senti_studio.shelf.pieces import read_pieces

TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "spiece.model",
    "spm.model",
    "sentencepiece.bpe.model",
)
"""Every file that a tokenizer of a family may read; whatever else lies there is none of its business."""

_LARGEST = 256 << 20
_PIECES = ("spiece.model", "sentencepiece.bpe.model", "spm.model")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``count``: units; ``highest``: the largest number of a unit; ``chinese``: units with a Chinese
    character."""

    file: str
    count: int
    highest: int
    chinese: int


def read_vocabulary(folder: Path, *, needed: tuple[str, ...] = ()) -> Vocabulary | None:
    """The vocabulary of an encoder; None where there is none. ``needed``: limits the choice of files.

    Raises ValueError with the name of the damaged file, and OSError.
    """
    for file, read in _READERS.items():
        path = folder / file
        if (needed and file not in needed) or not path.is_file():
            continue
        if file == "vocab.json" and not (folder / "merges.txt").is_file():
            continue
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"{file}: {path.stat().st_size} bytes")
        try:
            found = dict(read(path))
        except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
            raise ValueError(f"{file}: {error}"[:200]) from error
        if not found:
            raise ValueError(f"{file}: 0")
        of_bytes = file == "vocab.json" or (file == "tokenizer.json" and _is_of_bytes(found))
        chinese = sum(map(_holds_chinese, map(_from_bytes, found) if of_bytes else found))
        return Vocabulary(file, len(found), max(found.values()), chinese)
    return None


def _tokenizer(path: Path) -> Iterator[tuple[str, int]]:
    """`tokenizer.json`: {"model": {"vocab": {unit: id} | [[unit, score]]}, "added_tokens": [{"content",
    "id"}]}"""
    values = json.loads(path.read_bytes())
    vocabulary = values["model"]["vocab"]
    if isinstance(vocabulary, dict):
        yield from _numbered(vocabulary)
    else:
        yield from ((str(unit[0]), place) for place, unit in enumerate(vocabulary))
    for token in values.get("added_tokens") or ():
        yield str(token["content"]), int(token["id"])


def _lines(path: Path) -> Iterator[tuple[str, int]]:
    content = path.read_bytes()
    if content.startswith(codecs.BOM_UTF8):
        raise ValueError("BOM")  # the tokenizer takes it for a part of the first unit
    lines = content.decode("utf-8").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    # Equal lines have numbers of their own, of which the last is what the tokenizer gives.
    yield from ((line.rstrip("\r"), place) for place, line in enumerate(lines))


def _object(path: Path) -> Iterator[tuple[str, int]]:
    yield from _numbered(json.loads(path.read_bytes()))


def _numbered(values: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for unit, number in values.items():
        if not isinstance(number, int):
            raise ValueError(f"{unit[:30]}: {type(number).__name__}")
        yield unit, number


def _pieces(path: Path) -> Iterator[tuple[str, int]]:
    yield from ((piece.text, place) for place, piece in enumerate(read_pieces(path).pieces))


_READERS: dict[str, Callable[[Path], Iterator[tuple[str, int]]]] = {
    "tokenizer.json": _tokenizer,
    "vocab.txt": _lines,
    "vocab.json": _object,
    **dict.fromkeys(_PIECES, _pieces),
}


def _holds_chinese(unit: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in unit)


def _byte_letters() -> dict[str, int]:
    """The letters by which vocabularies of bytes write bytes that do not print (as GPT-2 began to)."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    letters = {chr(byte): byte for byte in plain}
    rest = (byte for byte in range(256) if byte not in set(plain))
    letters.update({chr(0x100 + place): byte for place, byte in enumerate(rest)})
    return letters


_BYTE_OF = _byte_letters()


def _is_of_bytes(units: Iterable[str]) -> bool:
    # A blank at the start of a word is written so, and nowhere else in thousands of units.
    return sum(unit.startswith("\u0120") for unit in units) > 50


def _from_bytes(unit: str) -> str:
    return bytes(_BYTE_OF[letter] for letter in unit if letter in _BYTE_OF).decode("utf-8", "ignore")
