"""Words that tell how a comment is meant: which they are, and where they stand in a text."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


class WordClass(enum.StrEnum):
    """What a word does."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEGATION = "negation"
    DEGREE = "degree"
    NEUTRAL = "neutral"
    """Nothing: a longer word that only looks as if one of the others were in it."""


POLAR = frozenset({WordClass.POSITIVE, WordClass.NEGATIVE})
LONGEST_WORD = 20


@dataclass(frozen=True, slots=True)
class FoundWord:
    """Characters ``start`` to ``end`` (code points, end excluded) of a text, and what they do there."""

    start: int
    end: int
    word_class: WordClass


@dataclass(frozen=True, slots=True)
class WordChanges:
    """How the words of a project differ from the program's own: word -> class of what was added or moved to
    another class, and words that are left out."""

    added: Mapping[str, WordClass] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        return not self.added and not self.removed

    def with_word(self, word: str, kind: WordClass, own: Mapping[str, WordClass]) -> WordChanges:
        """With ``word`` in the class ``kind``, whatever it was before; ``own`` are the program's words."""
        added = {each: its for each, its in self.added.items() if each != word}
        if own.get(word) is not kind:
            added[word] = kind
        return WordChanges(added, self.removed - {word})

    def without_word(self, word: str, own: Mapping[str, WordClass]) -> WordChanges:
        """With ``word`` in no class."""
        added = {each: its for each, its in self.added.items() if each != word}
        return WordChanges(added, self.removed | {word} if word in own else self.removed - {word})

    def restored(self, word: str) -> WordChanges:
        """With ``word`` as the program has it."""
        added = {each: its for each, its in self.added.items() if each != word}
        return WordChanges(added, self.removed - {word})

    def as_values(self) -> dict[str, Any]:
        """What JSON can hold."""
        return {
            "added": {word: str(kind) for word, kind in self.added.items()},
            "removed": sorted(self.removed),
        }

    @classmethod
    def of_values(cls, values: object) -> WordChanges:
        """The reverse of `as_values`; what cannot be understood is left out."""
        found = values if isinstance(values, dict) else {}
        added, removed = found.get("added"), found.get("removed")
        known = {str(kind): kind for kind in WordClass}
        return cls(
            {
                str(word): known[kind]
                for word, kind in (added.items() if isinstance(added, dict) else ())
                if word and kind in known
            },
            frozenset(str(word) for word in removed) if isinstance(removed, list) else frozenset(),
        )

    def applied(self, words: Mapping[str, WordClass]) -> dict[str, WordClass]:
        """The program's own ``words`` with these changes."""
        return {word: kind for word, kind in words.items() if word not in self.removed} | dict(self.added)


class Lexicon:
    """Finds words in a text, the longest at each place; less than a millisecond for a usual comment."""

    def __init__(self, words: Mapping[str, WordClass]) -> None:
        self.words = dict(words)
        lengths: dict[str, set[int]] = {}
        for word in self.words:
            lengths.setdefault(word[0], set()).add(len(word))
        self._lengths = {first: tuple(sorted(all_, reverse=True)) for first, all_ in lengths.items()}

    def find(self, text: str) -> list[FoundWord]:
        """The words of a text in order. Degree and negation join what follows:

        * neighbours among them become one; a degree word of one character counts only beside another word
        * a positive word after a negation is negative together with it (不好吃), a negative one is negated
        * a degree word of one character becomes part of the positive or negative word after it (太差)
        """
        found: list[FoundWord] = []
        waiting: list[FoundWord] = []
        for word in self._words_of(text):
            if waiting and waiting[-1].end != word.start:
                _give_up(waiting, found)
            if word.word_class in POLAR:
                found.append(_joined(waiting, word, found))
                waiting.clear()
            elif word.word_class is WordClass.NEUTRAL:
                _give_up(waiting, found)
            else:
                waiting.append(word)
        _give_up(waiting, found)
        return found

    def _words_of(self, text: str) -> Iterator[FoundWord]:
        place, size, words, lengths = 0, len(text), self.words, self._lengths
        while place < size:
            for length in lengths.get(text[place], ()):
                kind = words.get(text[place : place + length])
                if kind is not None and place + length <= size and _stands_alone(text, place, length):
                    yield FoundWord(place, place + length, kind)
                    place += length
                    break
            else:
                place += 1


def _stands_alone(text: str, place: int, length: int) -> bool:
    """Latin words count as whole words only."""
    last = place + length
    if not text[place].isascii():
        return True
    before = place > 0 and text[place - 1].isascii() and text[place - 1].isalnum()
    after = last < len(text) and text[last].isascii() and text[last].isalnum()
    return not (before and text[place].isalnum()) and not (after and text[last - 1].isalnum())


def _give_up(waiting: list[FoundWord], found: list[FoundWord]) -> None:
    """Nothing follows that these negations and degree words belong to: they become one word."""
    if any(word.word_class is WordClass.NEGATION or word.end - word.start > 1 for word in waiting):
        kind = WordClass.DEGREE
        if any(word.word_class is WordClass.NEGATION for word in waiting):
            kind = WordClass.NEGATION
        found.append(FoundWord(waiting[0].start, waiting[-1].end, kind))
    waiting.clear()


def _joined(waiting: list[FoundWord], word: FoundWord, found: list[FoundWord]) -> FoundWord:
    """A positive or negative word with what stands directly before it; the rest goes to ``found``."""
    negations = [place for place, each in enumerate(waiting) if each.word_class is WordClass.NEGATION]
    kind = word.word_class
    if negations:
        first = negations[0]
        if len(negations) % 2:
            kind = WordClass.NEGATIVE if kind is WordClass.POSITIVE else WordClass.NEGATION
    else:
        first = len(waiting)
        while first and waiting[first - 1].end - waiting[first - 1].start == 1:
            first -= 1
    start = waiting[first].start if first < len(waiting) else word.start
    _give_up(waiting[:first], found)
    return FoundWord(start, word.end, kind)
