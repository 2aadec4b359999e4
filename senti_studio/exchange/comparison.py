"""Reads some lines of a file in several encodings, so that somebody can see which one is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from senti_studio.domain.comparing import COMPARED_LINES, ComparedLine, EncodingComparison
from senti_studio.exchange.decode import codec_of, decode_noting
from senti_studio.exchange.raw_file import BLOCK, opened

_LOOKED_AT = 64 << 20
"""Bytes among which damaged lines are looked for; the check of the whole file lists all of them."""
_DAMAGED = COMPARED_LINES // 4
_LONGEST = 65_536
"""Bytes of a line that are looked at as one; what is longer is a list in JSON or no table."""
_SHOWN = 200
_LEAD = 24
"""Bytes shown before the first character that encodings may read differently."""


def compare(path: Path, encodings: Sequence[str], *, has_damage: bool = True) -> EncodingComparison:
    """The most telling lines of ``path`` in all of ``encodings``, of which the first is the guess.

    ``has_damage``: there are, or may be, lines that the guess finds damaged; they are looked for further on.
    Raises UserError ``UNKNOWN_ENCODING`` and the errors of `opened`.
    """
    codecs = [codec_of(name) for name in encodings]
    wide = [codec.startswith("utf-16") for codec in codecs]
    if all(wide):
        return EncodingComparison(tuple(encodings), tuple(_wide_lines(path, codecs)))
    damaged: list[ComparedLine] = []
    telling: list[ComparedLine] = []
    plain: list[ComparedLine] = []
    seen = 0
    with opened(path) as file:
        for number, line in _lines(file):
            seen += len(line)
            if line.isascii():
                if len(plain) < COMPARED_LINES:
                    plain.append(_compared(number, line, codecs))
            elif len(damaged) < _DAMAGED and (damage := _damage_in(line, codecs[0])) >= 0:
                damaged.append(_compared(number, line, codecs, damage))
            elif len(telling) < COMPARED_LINES:
                telling.append(_compared(number, line, codecs))
            is_full = len(telling) >= COMPARED_LINES
            if seen > _LOOKED_AT or (is_full and (not has_damage or len(damaged) >= _DAMAGED)):
                break
    chosen = [*damaged, *telling[: COMPARED_LINES - len(damaged)]]
    chosen.sort(key=lambda one: (not one.damaged[0], not one.differs, one.line))
    return EncodingComparison(tuple(encodings), (*chosen, *plain[: COMPARED_LINES - len(chosen)]))


def _damage_in(line: bytes, codec: str) -> int:
    """Where the first damaged place begins, -1 without any."""
    try:
        line.decode(codec)
    except UnicodeDecodeError as error:
        return error.start
    return line.find(b"\0")


def _compared(number: int, line: bytes, codecs: Sequence[str], damage: int = -1) -> ComparedLine:
    texts: list[str] = []
    shown = _part(line, damage)
    for codec in codecs:
        text, _ = decode_noting(shown, codec)
        texts.append(text.strip("\ufeff\r\n").replace("\0", "\ufffd")[:_SHOWN])
    return ComparedLine(number, tuple(texts), tuple("\ufffd" in text for text in texts))


def _part(line: bytes, damage: int) -> bytes:
    """Where it matters: from shortly before the damage, or the first byte that encodings may read
    differently, because a wide table has its text far to the right. No character is cut at the start."""
    if len(line) <= _SHOWN:
        return line
    first = next((at for at, byte in enumerate(line) if byte > 0x7F), 0)
    start = max(0, first - _LEAD)
    if damage - start > _SHOWN:
        before = max(line.rfind(mark, start, damage) for mark in (b",", b'"', b" ", b"\t")) + 1
        start = before if damage - before < _SHOWN else damage
    return line[start : start + 4 * _SHOWN + _LEAD]


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Physical lines with their numbers; an endless line comes in pieces that cut no character."""
    number, rest = 1, b""
    while block := file.read(BLOCK):
        pieces = (rest + block).splitlines(keepends=True)
        rest = pieces.pop()
        for piece in pieces:
            yield number, piece[:_LONGEST]
            number += 1
        while len(rest) > _LONGEST:
            cut = max(rest.rfind(mark, 0, _LONGEST) for mark in (b",", b'"', b" ", b"}")) + 1
            yield number, rest[: cut or _LONGEST]
            rest = rest[cut or _LONGEST :]
    if rest:
        yield number, rest


def _wide_lines(path: Path, codecs: Sequence[str]) -> Iterator[ComparedLine]:
    """UTF-16, whose line ends cannot be found among the bytes: line ends as the first codec reads them."""
    with opened(path) as file:
        head = file.read(BLOCK)
    text = head[: len(head) // 2 * 2].decode(codecs[0], "replace").lstrip("\ufeff")
    for number, line in enumerate(text.splitlines()[:COMPARED_LINES], 1):
        data = line.encode(codecs[0], "replace")
        yield _compared(number, data, codecs)
