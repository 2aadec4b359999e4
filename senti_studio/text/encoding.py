"""From texts to the numbers that a net reads: ids of words and characters, weights of n-grams."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from senti_studio.text.ngrams import Ngrams, WeightedRows
from senti_studio.text.normalise import normalise
from senti_studio.text.segment import characters, segmenter_name, words
from senti_studio.text.vocabulary import UNKNOWN, Vocabulary

VIEWS: dict[str, Callable[[str], list[str]]] = {"words": words, "characters": characters}
"""The ways to cut a normalised text into units, by name."""

LONGEST_TEXT = 100_000
"""Units; a vocabulary that asks for more than this of a text was not made by a training."""

CHARACTERS_PER_UNIT = 4
"""n-grams are taken from the first ``4 · max_length`` characters of a text."""


def views_of(units: str) -> tuple[str, ...]:
    """``words`` | ``characters`` | ``both`` as names of `VIEWS`."""
    return tuple(VIEWS) if units == "both" else (units,)


@dataclass(frozen=True, slots=True)
class UnitRows:
    """Unit ids of many texts, end to end: row *i* is ``ids[offsets[i]:offsets[i + 1]]``, never empty."""

    ids: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        return np.diff(self.offsets)


@dataclass(frozen=True, slots=True)
class EncodedTexts:
    """Every view of the same texts, in the same order; ``ngrams`` is None for a model without them."""

    views: tuple[UnitRows, ...]
    ngrams: WeightedRows | None

    def __len__(self) -> int:
        return len(self.views[0].offsets) - 1

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Units of the first view: what rows are bucketed by."""
        return self.views[0].lengths


def _cut(ids: list[int], length: int) -> list[int]:
    """The first three quarters and the last quarter of what fits: people conclude at the end."""
    if len(ids) <= length:
        return ids or [UNKNOWN]
    tail = length // 4
    return ids[: length - tail] + ids[len(ids) - tail :]


@dataclass(frozen=True, slots=True)
class TextEncoder:
    """Everything that a model knows about text. ``vocabularies`` belong to ``views``, name by name."""

    views: tuple[str, ...]
    vocabularies: tuple[Vocabulary, ...]
    ngrams: Ngrams | None
    max_length: int
    segmenter: str

    @property
    def cuts_as_trained(self) -> bool:
        """Whether the same program cuts words here as in training; if not, 1 row in 70 is cut otherwise."""
        return "words" not in self.views or self.segmenter.split()[:1] == segmenter_name().split()[:1]

    @property
    def sizes(self) -> Mapping[str, int]:
        """Units of each view that have an id of their own, and n-grams."""
        views = zip(self.views, self.vocabularies, strict=True)
        grams = len(self.ngrams) - 1 if self.ngrams is not None else 0
        return {**{view: len(vocabulary.units) for view, vocabulary in views}, "ngrams": grams}

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Ids and weights of normalised texts."""
        return EncodedTexts(
            tuple(
                _unit_rows((vocabulary.ids(VIEWS[view](text)) for text in texts), len(texts), self.max_length)
                for view, vocabulary in zip(self.views, self.vocabularies, strict=True)
            ),
            self.ngrams.weigh(texts) if self.ngrams is not None else None,
        )

    def to_json(self) -> dict[str, Any]:
        """``vocabulary.json`` of a model; ``sha256`` covers all the rest."""
        values: dict[str, Any] = {
            "version": 1,
            "segmenter": self.segmenter,
            "max_length": self.max_length,
            "views": {
                view: list(vocabulary.units)
                for view, vocabulary in zip(self.views, self.vocabularies, strict=True)
            },
            "ngrams": self.ngrams.to_json() if self.ngrams is not None else None,
        }
        return {"sha256": _content_hash(values), **values}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> TextEncoder:
        """Reads `to_json`; raises KeyError, TypeError or ValueError when it is damaged."""
        content = {name: value for name, value in values.items() if name != "sha256"}
        if values["sha256"] != _content_hash(content):
            raise ValueError("vocabulary: content does not fit its hash")
        if not set(values["views"]) <= set(VIEWS) or not values["views"]:
            raise ValueError(f"vocabulary: views {list(values['views'])}")
        if not 1 <= int(values["max_length"]) <= LONGEST_TEXT:
            raise ValueError(f"vocabulary: max_length {values['max_length']}")
        return cls(
            tuple(values["views"]),
            tuple(Vocabulary.from_json(units) for units in values["views"].values()),
            Ngrams.from_json(values["ngrams"]) if values["ngrams"] is not None else None,
            int(values["max_length"]),
            str(values["segmenter"]),
        )


def build_encoder(
    texts: Sequence[str], *, units: str, ngrams: bool, min_frequency: int, max_length: int
) -> tuple[TextEncoder, EncodedTexts]:
    """Learns vocabularies and n-grams from normalised texts; gives the encoder and those texts encoded.

    Each text is segmented once only.
    """
    views = views_of(units)
    vocabularies = []
    rows = []
    for view in views:
        cut = [VIEWS[view](text) for text in texts]
        vocabulary = Vocabulary.build(cut, min_frequency=_bearable(min_frequency, len(texts)))
        vocabularies.append(vocabulary)
        rows.append(_unit_rows(map(vocabulary.ids, cut), len(texts), max_length))
    found = None
    if ngrams:
        found = Ngrams.build(
            texts,
            min_rows=_bearable(min_frequency, len(texts)),
            most_characters=max_length * CHARACTERS_PER_UNIT,
        )
    encoder = TextEncoder(views, tuple(vocabularies), found, max_length, segmenter_name())
    return encoder, EncodedTexts(tuple(rows), found.weigh(texts) if found is not None else None)


def normalise_all(texts: Sequence[str]) -> Iterator[str]:
    """`normalise` for many texts, identical neighbours in time once only."""
    return map(functools.lru_cache(maxsize=4096)(normalise), texts)


def _bearable(min_frequency: int, rows: int) -> int:
    """A set of a few dozen comments would lose nearly all its words to a minimum frequency."""
    return 1 if rows < 100 else min_frequency


def _unit_rows(rows: Iterator[list[int]], count: int, max_length: int) -> UnitRows:
    offsets = np.zeros(count + 1, dtype=np.int64)
    flat: list[int] = []
    for number, row in enumerate(rows, 1):
        flat.extend(_cut(row, max_length))
        offsets[number] = len(flat)
    return UnitRows(np.array(flat, dtype=np.int32), offsets)


def _content_hash(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
