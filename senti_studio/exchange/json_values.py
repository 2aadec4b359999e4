"""JSON as a stream of values: arrays of any size and lines, numbers kept as they are written."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from senti_studio.errors import UserError
from senti_studio.exchange.json_shapes import records_within

LONGEST_VALUE = 16 << 20
"""Characters of one value; a longer one is no comment."""

_BLANKS = re.compile(r"[ \t\r\n]*")
_NAMED_PLACES = 100
_NEAR_END = 16
"""An error so close to the end of what was read may be the cut, not the file."""


class Number(str):
    """A number as the file writes it: 6123456789012345679 and 1.50 come through as they are."""

    __slots__ = ()


def _no_number(_name: str) -> None:
    """NaN and the infinities, which are no JSON and mean that there is nothing."""
    return


def _decoder(**more: Any) -> json.JSONDecoder:
    return json.JSONDecoder(
        parse_float=Number, parse_int=Number, parse_constant=_no_number, strict=False, **more
    )


DECODER = _decoder()


class KeysTwice:
    """Objects in which a key stands more than once: all counted, the first places named. The last value is
    the one that counts, as in every reader of JSON."""

    def __init__(self) -> None:
        self.count = 0
        self.places: list[str] = []
        self.decoder = _decoder(object_pairs_hook=self._object)
        """Reads as `DECODER` does, and looks; 7 % more time for a whole file."""
        self.was_seen = False

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            self.was_seen = True
        return made

    def note(self, place: str) -> None:
        """The value that was just read holds such an object."""
        self.was_seen = False
        self.count += 1
        if len(self.places) < _NAMED_PLACES:
            self.places.append(place)


class JsonValue(NamedTuple):
    """One item: the line on which it starts, the value, and why it could not be read (see `BadRow`)."""

    line: int
    value: Any
    problem: str = ""


def values_of_lines(blocks: Iterable[str], twice: KeysTwice | None = None) -> Iterator[JsonValue | None]:
    """One value a line, None for a blank line. ``blocks`` end at line ends."""
    number = 0
    decode = (DECODER if twice is None else twice.decoder).decode
    for block in blocks:
        for line in io.StringIO(block, newline=""):
            number += 1
            text = line.strip(" \t\r\n\ufeff")
            if not text:
                yield None
                continue
            try:
                value = decode(text)
            except RecursionError:
                yield JsonValue(number, None, "nested too deeply")
            except ValueError:
                yield JsonValue(number, None, "invalid JSON")
            else:
                if twice is not None and twice.was_seen:
                    twice.note(str(number))
                yield JsonValue(number, value)
                continue
            if twice is not None:
                twice.was_seen = False  # of a line that counts as bad anyway


def values_of_array(blocks: Iterable[str], path: Path, twice: KeysTwice | None = None) -> Iterator[JsonValue]:
    """The items of one array, read piece by piece; also those of an object that is a table (`json_shapes`).

    Raises UserError ``JSON_DAMAGED`` with line and column, ``JSON_TOO_DEEP``, ``JSON_VALUE_TOO_LONG``,
    ``FILE_NOT_JSON``, and ``JSON_NOT_A_LIST`` when the file is something else.
    """
    window = _Window(blocks, path, twice)
    if window.next_sign() != "[":
        yield from _items_of_object(window, path)
        return
    window.at += 1
    if window.next_sign() == "]":
        window.at += 1
    else:
        yield from _items(window)
    if window.next_sign():
        raise window.damaged(window.at)


def _items_of_object(window: _Window, path: Path) -> Iterator[JsonValue]:
    if window.next_sign() not in ("{", '"'):
        raise UserError("FILE_NOT_JSON", path=str(path))
    line = window.line_of(window.at)
    items = records_within(window.take_value()) if window.next_sign() == "{" else None
    if items is None or window.next_sign():
        raise UserError("JSON_NOT_A_LIST", path=str(path))
    for item in items:
        yield JsonValue(line, item)


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

    def __init__(self, blocks: Iterable[str], path: Path, twice: KeysTwice | None = None) -> None:
        self._twice = twice
        self._decoder = DECODER if twice is None else twice.decoder
        self._taken = 0
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
                value, end = self._decoder.raw_decode(self.text, self.at)
            except RecursionError as error:
                line = self.line_of(self.at)
                raise UserError("JSON_TOO_DEEP", path=str(self._path), line=line) from error
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos >= len(self.text) - _NEAR_END
                at = error.pos - self.at
                if is_cut and self._grow():
                    if self._twice is not None:
                        self._twice.was_seen = False  # it will be read again from its start
                    continue
                raise self.damaged(self.at + at) from error
            if end < len(self.text) or not isinstance(value, Number) or not self._grow():
                self.at += end - self.at
                self._taken += 1
                if self._twice is not None and self._twice.was_seen:
                    self._twice.note(f"#{self._taken}")
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
