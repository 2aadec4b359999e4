"""How large a regular expression grows when it is compiled, told before that is tried.

The library writes a repetition out as often as it must at least occur: ``a{20000000}`` takes all the memory
there is, and so does ``(?:(?:a{1000}){1000}){1000}`` in thirty characters. Nothing ends its compiling.
"""

from __future__ import annotations

import re
from math import prod

LARGEST = 20_000
"""Steps of a pattern written out: some milliseconds and megabytes."""

_COUNT = re.compile(r"\{\s*(\d+)\s*(?:,\s*\d*\s*)?\}[?+]?")
_OWN_RULES = re.compile(r"\(\?[a-zA-Z]*[xV]")
"""Flags with which brackets and ``#`` mean something else."""


def written_out(source: str) -> int:
    """Steps of a pattern with its repetitions written out; too many rather than too few, also for one that
    is no correct pattern."""
    counts = [max(1, int(count[:9])) for count in _COUNT.findall(source)]
    at_most = len(source) * prod(counts)
    if at_most <= LARGEST or _OWN_RULES.search(source):
        return at_most
    return _Walk(source).size()


class _Walk:
    """Adds up a pattern from left to right; ``_sums`` of the groups that are open, ``_last`` of what a
    repetition would repeat."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._sums = [0]
        self._last = 0

    def size(self) -> int:
        at = 0
        while at < len(self._source):
            at = self._step(at)
        while len(self._sums) > 1:
            self._close()
        return self._sums[0]

    def _step(self, at: int) -> int:
        source, letter = self._source, self._source[at]
        if source.startswith("(?#", at):
            return _behind(source, ")", at)
        if letter == "(":
            self._sums.append(0)
            return at + 1
        if letter == ")":
            if len(self._sums) > 1:
                self._close()
            return at + 1
        count = _COUNT.match(source, at)
        if count is not None:
            self._add(self._last * (max(1, int(count[1][:9])) - 1))
            self._last *= max(1, int(count[1][:9]))
            return count.end()
        if letter not in "*+?":
            self._last = 1
        self._add(1)
        if letter == "\\":
            return at + 2
        return _behind_class(source, at) if letter == "[" else at + 1

    def _close(self) -> None:
        # The group itself is a step: an empty one, too, is written out.
        self._last = self._sums.pop() + 1
        self._add(self._last)

    def _add(self, count: int) -> None:
        self._sums[-1] += count


def _behind(source: str, end: str, start: int) -> int:
    found = source.find(end, start)
    return len(source) if found < 0 else found + 1


def _behind_class(source: str, start: int) -> int:
    """Behind the bracket that closes the class at ``start``; behind the opening one where none does."""
    at = start + 1
    at += source.startswith("^", at)
    at += source.startswith("]", at)
    while at < len(source):
        if source[at] == "]":
            return at + 1
        at += 2 if source[at] == "\\" else 1
    return start + 1
