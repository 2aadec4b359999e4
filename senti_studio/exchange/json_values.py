"""JSON as a stream of values: arrays of any size and lines, numbers kept as they are written."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from senti_studio.errors import UserError

LONGEST_VALUE = 16 << 20
"""Characters of one value; a longer one is no comment."""

_BLANKS = re.compile(r"[ \t\r\n]*")
_NEAR_END = 16
"""An error so close to the end of what was read may be the cut, not the file."""


class Number(str):
    """A number as the file writes it: 6123456789012345679 and 1.50 come through as they are."""

    __slots__ = ()


def _no_number(_name: str) -> None:
    """NaN and the infinities, which are no JSON and mean that there is nothing."""
    return


DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_no_number, strict=False)


class JsonValue(NamedTuple):
    """One item: the line on which it starts, the value, and why it could not be read (see `BadRow`)."""

    line: int
    value: Any
    problem: str = ""


def values_of_lines(blocks: Iterable[str]) -> Iterator[JsonValue | None]:
    """One value a line, None for a blank line. ``blocks`` end at line ends."""
    number = 0
    for block in blocks:
        for line in io.StringIO(block, newline=""):
            number += 1
            text = line.strip(" \t\r\n\ufeff")
            if not text:
                yield None
                continue
            try:
                yield JsonValue(number, DECODER.decode(text))
            except RecursionError:
                yield JsonValue(number, None, "nested too deeply")
            except ValueError:
                yield JsonValue(number, None, "invalid JSON")


def values_of_array(blocks: Iterable[str], path: Path) -> Iterator[JsonValue]:
    """The items of one array, read piece by piece.

    Raises UserError ``JSON_DAMAGED`` with line and column, ``JSON_TOO_DEEP``, ``JSON_VALUE_TOO_LONG``, and
    ``JSON_NOT_A_LIST`` when the file is something else.
    """
    window = _Window(blocks, path)
    if window.next_sign() != "[":
        raise UserError("JSON_NOT_A_LIST", path=str(path))
    window.at += 1
    if window.next_sign() == "]":
        window.at += 1
    else:
        yield from _items(window)
    if window.next_sign():
        raise window.damaged(window.at)


def _items(window: _Window) -> Iterator[JsonValue]:
    while True:
        window.next_sign()
        line = window.line_of(window.at)
        yield JsonValue(line, window.take_value())
        sign = window.next_sign()
        if sign not in (",", "]") or not sign:
            raise window.damaged(window.at)
        window.at += 1
        if sign == "]":
            return


class _Window:
    """The part of the text that is looked at: grows at its end, is cut at its start."""

    def __init__(self, blocks: Iterable[str], path: Path) -> None:
        self._blocks = iter(blocks)
        self._path = path
        self.text = ""
        self.at = 0
        self._line = 1
        self._column = 1
        self._counted = 0

    def next_sign(self) -> str:
        """Goes behind blanks; the character there, or nothing at the end of the file."""
        while True:
            found = _BLANKS.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._grow():
                return ""

    def take_value(self) -> Any:
        """The value that starts here; goes behind it."""
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.at)
            except RecursionError as error:
                line = self.line_of(self.at)
                raise UserError("JSON_TOO_DEEP", path=str(self._path), line=line) from error
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos >= len(self.text) - _NEAR_END
                at = error.pos - self.at
                if is_cut and self._grow():
                    continue
                raise self.damaged(self.at + at) from error
            if end < len(self.text) or not isinstance(value, Number) or not self._grow():
                self.at += end - self.at
                return value

    def _grow(self) -> bool:
        """Takes in as much again as is unread, so that a long value is not tried block by block."""
        wanted, got = max(1, len(self.text) - self.at), 0
        if wanted > LONGEST_VALUE:
            line = self.line_of(self.at)
            raise UserError("JSON_VALUE_TOO_LONG", path=str(self._path), line=line)
        pieces: list[str] = []
        for block in self._blocks:
            pieces.append(block)
            got += len(block)
            if got >= wanted:
                break
        if not pieces:
            return False
        self._count_to(self.at)
        self.text = self.text[self.at :] + "".join(pieces)
        self.at = self._counted = 0
        return True

    def _count_to(self, at: int) -> None:
        piece_end = self.text.rfind("\n", self._counted, at)
        self._line += self.text.count("\n", self._counted, at)
        self._column = at - piece_end if piece_end >= 0 else self._column + at - self._counted
        self._counted = at

    def line_of(self, at: int) -> int:
        """The number of the line of a place that was not passed yet."""
        self._count_to(at)
        return self._line

    def damaged(self, at: int) -> UserError:
        """The error that names a place from here on."""
        self._count_to(min(at, len(self.text)))
        return UserError("JSON_DAMAGED", path=str(self._path), line=self._line, column=self._column)


def cell_text(value: Any) -> str:
    """A value as the text of a cell: strings as they are, null empty, objects and lists as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else compact(value)


def compact(value: Any) -> str:
    """JSON without blanks, numbers as they were read."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_string(str(k))}:{compact(item)}" for k, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(compact, value)) + "]"
    return _string(value)


_string = json.JSONEncoder(ensure_ascii=False).encode
