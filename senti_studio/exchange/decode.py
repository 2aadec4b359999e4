"""Bytes to text in blocks of whole lines, with every damaged place noted and none of them fatal."""

from __future__ import annotations

import codecs
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from senti_studio.domain.importing import LISTED, BadBytes
from senti_studio.errors import UserError
from senti_studio.exchange.raw_file import BLOCK, UTF32_BOMS, opened

LONGEST_LINE = 64 << 20
"""Bytes; a longer line is no table."""

_CODECS = {
    "big5": "cp950",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16-le",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "shift-jis": "cp932",
    "euc-kr": "cp949",
}
"""What stands in real files under these names: Windows wrote them."""

_BOMS = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
_NOTE = "senti-studio-note"
_noted = threading.local()

DAMAGED = "\udcff"
"""Stands for a damaged place until it is decided what becomes of it; no decoder makes it."""


def _note(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    _noted.places.append((error.start, error.end))
    return _noted.mark, error.end


codecs.register_error(_NOTE, _note)


def codec_of(encoding: str) -> str:
    """The codec that reads ``encoding``; raises UserError ``UNKNOWN_ENCODING``."""
    name = encoding.strip().lower().replace("_", "-")
    try:
        return codecs.lookup(_CODECS.get(name, name)).name
    except LookupError as error:
        raise UserError("UNKNOWN_ENCODING", encoding=encoding) from error


def decode_noting(data: bytes, codec: str, mark: str = "\ufffd") -> tuple[str, list[tuple[int, int]]]:
    """The text, and (start, end) of each damaged place, which became ``mark``. ``codec`` as `codec_of`
    gives it."""
    _noted.places, _noted.mark = [], mark
    text = data.decode(codec, _NOTE)
    return text, _noted.places


@dataclass(slots=True)
class Damage:
    """Damaged places of a file: all counted, the first ones listed; ``lines`` are the numbers of all
    lines hit."""

    count: int = 0
    listed: list[BadBytes] | None = None

    def add(self, place: BadBytes) -> None:
        self.count += 1
        if self.listed is None:
            self.listed = []
        if len(self.listed) < LISTED:
            self.listed.append(place)


class TextBlocks:
    """Iterates over the decoded text of a file in blocks that end at line ends (or at the end of the file).

    ``on_bad``: as `ReadOptions.on_bad`; with ``skip-row`` the text holds `DAMAGED` where bytes are damaged.
    ``whole_lines=False``: blocks end anywhere between characters, so that a line may be of any length.
    ``damage`` and ``bytes_read`` (unpacked) are up to date after each block.
    """

    def __init__(
        self, path: Path, encoding: str, *, on_bad: str = "replace", whole_lines: bool = True
    ) -> None:
        self._path = path
        self._shown = {"remove": "", "skip-row": DAMAGED}.get(on_bad, "\ufffd")
        self._whole_lines = whole_lines
        self._codec = codec_of(encoding)
        self._is_wide = self._codec.startswith("utf-16")
        self._line = 1
        self.damage = Damage()
        self.bytes_read = 0

    def __iter__(self) -> Iterator[str]:
        with opened(self._path) as file:
            head = file.read(BLOCK)
            if head.startswith(UTF32_BOMS):
                raise UserError("FILE_IS_UTF32", path=str(self._path))
            # Some programs put the mark of UTF-8 before whatever they have.
            bom = _BOMS.get(self._codec, codecs.BOM_UTF8)
            skipped = len(bom) if bom and head.startswith(bom) else 0
            blocks = self._wide_blocks if self._is_wide else self._byte_blocks
            yield from blocks(file, head[skipped:], skipped)

    def _byte_blocks(self, file: IO[bytes], rest: bytes, offset: int) -> Iterator[str]:
        searched = 0
        while True:
            cut = _last_line_end(rest, searched) if self._whole_lines else _last_boundary(rest, searched)
            if cut:
                yield self._decoded(rest[:cut], offset)
                rest, offset, searched = rest[cut:], offset + cut, 0
            else:
                searched = max(0, len(rest) - 1)
            block = file.read(BLOCK)
            self.bytes_read = offset + len(rest) + len(block)
            if not block:
                break
            rest += block
            self._check_length(len(rest))
        if rest:
            yield self._decoded(rest, offset)

    def _wide_blocks(self, file: IO[bytes], rest: bytes, offset: int) -> Iterator[str]:
        text = ""
        while True:
            even = len(rest) // 2 * 2
            if even and _ends_in_half_a_pair(rest[even - 2 : even], self._codec):
                even -= 2
            text += self._decoded(rest[:even], offset)
            rest, offset = rest[even:], offset + even
            cut = _last_line_end_of_text(text) if self._whole_lines else len(text)
            if cut:
                yield text[:cut]
                text = text[cut:]
            block = file.read(BLOCK)
            self.bytes_read = offset + len(rest) + len(block)
            if not block:
                break
            rest += block
            self._check_length(len(text) * 2)
        text += self._decoded(rest, offset)
        if text:
            yield text

    def _check_length(self, length: int) -> None:
        if length > LONGEST_LINE + BLOCK:
            raise UserError("LINE_TOO_LONG", path=str(self._path), line=self._line)

    def _decoded(self, data: bytes, offset: int) -> str:
        text, places = decode_noting(data, self._codec, DAMAGED)
        if places or "\0" in text:
            text = self._list_damage(data, text, places, offset)
        self._line += count_lines(text)
        return text

    def _list_damage(self, data: bytes, text: str, places: list[tuple[int, int]], offset: int) -> str:
        found = [(start, end, _kind(data[start:end], self._codec)) for start, end in places]
        if "\0" in text:
            # In UTF-16 a NUL character is rare enough not to look for its place in the bytes.
            found += [(at, at + 1, "NUL") for at in _positions(data, 0)] if not self._is_wide else []
            found.sort()
            text = text.replace("\0", DAMAGED)
        marks = _positions_in_text(text, min(len(found), LISTED + 1))
        line, before = self._line, 0
        for number, (start, end, kind) in enumerate(found):
            if self.damage.count >= LISTED:
                self.damage.count += len(found) - number
                break
            line += _count_byte_lines(data, before, start, self._is_wide)
            before = start
            at = marks[number] if number < len(marks) else 0
            context = text[max(0, at - 8) : at + 9].replace("\r", " ").replace("\n", " ")
            context = context.replace(DAMAGED, "\ufffd")
            self.damage.add(BadBytes(line, offset + start, data[start:end].hex(), kind, context))
        return text.replace(DAMAGED, self._shown)


def count_lines(text: str) -> int:
    """Line ends in ``text``: CR LF, LF and lone CR each end one."""
    if "\r" not in text:
        return text.count("\n")
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _count_byte_lines(data: bytes, start: int, end: int, is_wide: bool) -> int:
    if is_wide:
        return data.count(b"\n", start, end)
    if data.find(b"\r", start, end) < 0:
        return data.count(b"\n", start, end)
    pairs = data.count(b"\r\n", start, end)
    return data.count(b"\n", start, end) + data.count(b"\r", start, end) - pairs


def _last_line_end(data: bytes, searched: int) -> int:
    """Where to cut: behind the last line feed, else behind the last CR that another byte follows; 0 =
    nowhere."""
    at = data.rfind(b"\n", searched)
    if at < 0:
        # A CR at the very end may be the first half of CR LF.
        at = data.rfind(b"\r", searched, max(0, len(data) - 1))
    return at + 1


def _last_boundary(data: bytes, searched: int) -> int:
    """Behind the last byte that is a character of its own in every encoding of `ENCODINGS` but UTF-16."""
    return max(data.rfind(mark, searched) for mark in (b"\n", b",", b'"', b" ")) + 1


def _last_line_end_of_text(text: str) -> int:
    at = text.rfind("\n")
    if at < 0:
        at = text.rfind("\r", 0, max(0, len(text) - 1))
    return at + 1


def _ends_in_half_a_pair(unit: bytes, codec: str) -> bool:
    high = unit[1] if codec == "utf-16-le" else unit[0]
    return 0xD8 <= high <= 0xDB


def _kind(damaged: bytes, codec: str) -> str:
    if codec == "utf-8":
        return "cut character" if damaged[0] >= 0xC2 and damaged[0] <= 0xF4 else "illegal byte"
    if codec.startswith("utf-16"):
        return "cut character"
    return "cut character" if 0x81 <= damaged[0] <= 0xFE else "illegal byte"


def _positions(data: bytes, byte: int) -> Iterator[int]:
    at = data.find(byte)
    while at >= 0:
        yield at
        at = data.find(byte, at + 1)


def _positions_in_text(text: str, wanted: int) -> list[int]:
    """Where the first ``wanted`` damaged places stand."""
    found: list[int] = []
    at = text.find(DAMAGED)
    while at >= 0 and len(found) < wanted:
        found.append(at)
        at = text.find(DAMAGED, at + 1)
    return found
