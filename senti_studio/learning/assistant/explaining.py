"""Which stretches of a comment moved the model, and towards which label."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from senti_studio.learning.assistant.features import MOST_CHARACTERS, Floats, features_at
from senti_studio.text.segment import words

MOST = 12
_MOST_WORDS = 80


@dataclass(frozen=True, slots=True)
class Pull:
    """Characters [start, end) of a text (code points) that speak for ``label`` (class index); ``weight`` 0 to
    1, measured at the strongest."""

    start: int
    end: int
    label: int
    weight: float


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A text as the model reads it; ``origin`` is the place of each character in the text as written."""

    text: str
    origin: list[int]


def pulls(text: str, weigh: Callable[[Sequence[int]], Floats]) -> list[Pull]:
    """At most `MOST` stretches of a text, the strongest first.

    ``weigh`` gives (features, classes): what each of some features adds to the score of each label in this
    comment. The share of an n-gram is spread over its characters, and what the characters of a word got is
    the word's.
    """
    spelling = _spell(text)
    found = features_at(spelling.text)
    if not found:
        return []
    shares = weigh([feature for _, _, feature in found])
    # An n-gram that stands there twice counts once; each place then has half of it.
    times = np.bincount(np.unique([f for _, _, f in found], return_inverse=True)[1])
    again = times[np.unique([f for _, _, f in found], return_inverse=True)[1]]
    at = np.zeros((len(spelling.text) + 1, shares.shape[1]), dtype=np.float64)
    for (start, end, _), share, count in zip(found, shares, again, strict=True):
        at[start:end] += share / (count * (end - start))
    return _as_written(
        strongest((start, end, at[start:end].sum(axis=0)) for start, end in _words(spelling.text)), spelling
    )


def pulls_by_leaving_out(text: str, judge: Callable[[Sequence[str]], Floats]) -> list[Pull]:
    """As `pulls`, for any model: how the probabilities (texts, classes) change without each word."""
    spelling = _spell(text)
    places = _words(spelling.text)[:_MOST_WORDS]
    if not places:
        return []
    without = [spelling.text[:start] + spelling.text[end:] for start, end in places]
    logs = np.log(np.maximum(judge([spelling.text, *without]), 1e-6)).astype(np.float64)
    return _as_written(
        strongest((start, end, logs[0] - each) for (start, end), each in zip(places, logs[1:], strict=True)),
        spelling,
    )


def strongest(found: Iterable[tuple[int, int, Floats]]) -> list[Pull]:
    """At most `MOST` of some stretches with what each adds to the score of each class, the strongest first:
    each speaks for the class that it helps most."""
    told = []
    for start, end, shares in found:
        centred = shares - shares.mean()
        label = int(centred.argmax())
        told.append((float(centred[label]), start, end, label))
    told.sort(key=lambda each: (-each[0], each[1]))
    most = told[0][0] if told else 0.0
    if most <= 0:
        return []
    return [Pull(start, end, label, weight / most) for weight, start, end, label in told[:MOST] if weight > 0]


def _as_written(found: Sequence[Pull], spelling: _Spelling) -> list[Pull]:
    return [
        Pull(spelling.origin[one.start], spelling.origin[one.end - 1] + 1, one.label, one.weight)
        for one in found
    ]


def _spell(text: str) -> _Spelling:
    """Each character by itself in the spelling of `senti_studio.text.normalise`; links and names stay as they
    are."""
    letters: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(text):
        for letter in unicodedata.normalize("NFKC", character).lower():
            shown = " " if letter.isspace() else letter
            if "\ud800" <= shown <= "\udfff" or (shown == " " and letters[-1:] in ([], [" "])):
                continue  # half of a character, or one more blank
            letters.append(shown)
            origin.append(place)
        if len(letters) >= MOST_CHARACTERS:
            break
    return _Spelling("".join(letters), origin)


def _words(text: str) -> list[tuple[int, int]]:
    """Where the words of a text stand, in their order; marks and blanks are none."""
    found, place = [], 0
    for word in words(text):
        start = text.find(word, place)
        if start < 0:
            continue
        place = start + len(word)
        if any(letter.isalnum() or ord(letter) > 0x2190 for letter in word):
            found.append((start, place))
    return found
