"""Where each character of a normalised text stands in the text as it was written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from senti_studio.text.normalise import (
    AS_EVER,
    FOREIGN,
    LINK,
    LINKS,
    NAME,
    NAMES,
    Normalisation,
    normalise,
    repeats_above,
    simplified_pairs,
)

Ints = npt.NDArray[np.int64]

_HANGUL_VOWELS_AND_TAILS = range(0x1160, 0x1200)


@dataclass(frozen=True, slots=True)
class Traced:
    """A normalised ``text``; its character *i* comes from the code points ``start[i]`` to ``end[i]``
    (excluded) of the text as written, of which there are ``written``."""

    text: str
    start: Ints
    end: Ints
    written: int


@dataclass(frozen=True, slots=True)
class _Letters:
    """A text on its way, and where each of its characters comes from."""

    text: str
    start: list[int]
    end: list[int]


def traced(text: str, how: Normalisation = AS_EVER) -> Traced:
    """`normalise`, step by step, with the places: the ``text`` of the result is what `normalise` gives."""
    letters = _Letters(text, list(range(len(text))), list(range(1, len(text) + 1)))
    if how.full_width and not unicodedata.is_normalized("NFKC", text):
        letters = _replaced(letters, _clusters(text), lambda part: unicodedata.normalize("NFKC", part))
    letters = _lowered(letters)
    letters = _replaced(letters, _found(FOREIGN, letters.text), lambda _: "")
    if how.simplified:
        pairs = simplified_pairs()
        letters = _Letters(letters.text.translate(pairs), letters.start, letters.end)
    if how.links and ("." in letters.text or "://" in letters.text):
        letters = _replaced(letters, _found(LINKS, letters.text), lambda _: LINK)
    if how.user_names and "@" in letters.text:
        letters = _replaced(letters, _found(NAMES, letters.text), lambda _: NAME)
    if how.repeats:
        runs = _found(repeats_above(how.repeats), letters.text)
        letters = _replaced(letters, runs, lambda run: run[0] * how.repeats)
    letters = _blanks(letters)
    expected = normalise(text, how)
    if letters.text != expected:  # no case is known; then nothing has a place
        nowhere = np.zeros(len(expected), dtype=np.int64)
        return Traced(expected, nowhere, nowhere, len(text))
    return Traced(
        letters.text,
        np.array(letters.start, dtype=np.int64),
        np.array(letters.end, dtype=np.int64),
        len(text),
    )


def _found(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in pattern.finditer(text))


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Stretches that are composed for themselves: a character with what may melt into it."""
    start = 0
    for place in range(1, len(text)):
        if not _melts(text[place]):
            yield start, place
            start = place
    yield start, len(text)


def _melts(character: str) -> bool:
    if character < "\u0300":
        return False
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.category(first)[0] == "M" or ord(first) in _HANGUL_VOWELS_AND_TAILS


def _replaced(letters: _Letters, stretches: Iterator[tuple[int, int]], new: Callable[[str], str]) -> _Letters:
    """With other text in place of some stretches. Of a stretch that becomes several characters, each comes
    from its part of it, at least from one character."""
    text: list[str] = []
    start: list[int] = []
    end: list[int] = []
    done = 0
    for first, last in stretches:
        text.append(letters.text[done:first])
        start += letters.start[done:first]
        end += letters.end[done:first]
        done = last
        part = new(letters.text[first:last])
        text.append(part)
        size = last - first
        for number in range(len(part)):
            at = first + min(size - 1, number * size // len(part))
            upto = first + max(at - first + 1, (number + 1) * size // len(part))
            start.append(letters.start[at])
            end.append(letters.end[upto - 1])
    text.append(letters.text[done:])
    return _Letters("".join(text), start + letters.start[done:], end + letters.end[done:])


def _lowered(letters: _Letters) -> _Letters:
    whole = letters.text.lower()
    if len(whole) == len(letters.text):
        return _Letters(whole, letters.start, letters.end)
    # A capital I with a dot becomes two characters, and nothing else does.
    sizes = [len(letter.lower()) for letter in letters.text]
    start = [place for place, size in zip(letters.start, sizes, strict=True) for _ in range(size)]
    end = [place for place, size in zip(letters.end, sizes, strict=True) for _ in range(size)]
    return _Letters(whole, start, end)


def _blanks(letters: _Letters) -> _Letters:
    """Single blanks, none at the ends."""
    text: list[str] = []
    start: list[int] = []
    end: list[int] = []
    for letter, first, last in zip(letters.text, letters.start, letters.end, strict=True):
        if not letter.isspace():
            text.append(letter)
            start.append(first)
            end.append(last)
        elif text and text[-1] != " ":
            text.append(" ")
            start.append(first)
            end.append(last)
        elif text:
            end[-1] = last
    if text and text[-1] == " ":
        del text[-1], start[-1], end[-1]
    return _Letters("".join(text), start, end)
