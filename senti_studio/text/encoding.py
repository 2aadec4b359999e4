"""From texts to the numbers that a net reads: ids of words and characters, weights of n-grams."""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from senti_studio.domain.training_options import TRUNCATIONS
from senti_studio.text.ngrams import Ngrams, WeightedRows
from senti_studio.text.normalise import AS_EVER, Normalisation, normalise
from senti_studio.text.segment import characters, segmenter_name, words
from senti_studio.text.tracing import Traced, traced
from senti_studio.text.vocabulary import UNKNOWN, Vocabulary

VIEWS = ("words", "characters")
"""The ways to cut a normalised text into units."""

AUTOMATIC = 0
"""As a greatest length: long enough for `COVERED` of the texts that are learnt from, within `BOUNDS`."""
COVERED = 0.99
BOUNDS = (16, 512)
"""A few endless texts shall not slow all steps down, and the next texts may be longer than these."""

LONGEST_TEXT = 100_000
"""Units; a vocabulary that asks for more than this of a text was not made by a training."""

CHARACTERS_PER_UNIT = 4
"""n-grams are taken from the first ``4 · max_length`` characters of a text."""


def views_of(units: str) -> tuple[str, ...]:
    """``words`` | ``characters`` | ``both`` as names of `VIEWS`."""
    return VIEWS if units == "both" else (units,)


def cutter_of(view: str, own_words: tuple[str, ...] = ()) -> Callable[[str], list[str]]:
    """The function that cuts a normalised text into the units of a view."""
    if view == "words":
        return functools.partial(words, own_words=own_words)
    if view == "characters":
        return characters
    raise ValueError(f"view {view}")


def spans_of(units: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Start and end of units that stand in a normalised text one behind the other, blanks between them."""
    found, place = [], 0
    for unit in units:
        start = text.find(unit, place)
        if start < 0:  # no segmenter is known to give what does not stand there
            found.append((-1, -1))
            continue
        place = start + len(unit)
        found.append((start, place))
    return found


def normal_words(own_words: Iterable[str], how: Normalisation = AS_EVER) -> tuple[str, ...]:
    """Words of a user as they stand in normalised texts, each once, those of one character left out."""
    plain = (normalise(word, how).replace(" ", "") for word in own_words)
    return tuple(dict.fromkeys(word for word in plain if len(word) > 1))


@dataclass(frozen=True, slots=True)
class UnitRows:
    """Unit ids of many texts, end to end: row *i* is ``ids[offsets[i]:offsets[i + 1]]``, never empty.

    ``cut``: how many texts were longer and lost units."""

    ids: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]
    cut: int = 0

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        return np.diff(self.offsets)


@dataclass(frozen=True, slots=True)
class EncodedTexts:
    """Every view of the same texts, in the same order; ``ngrams`` is None for a model without them, which
    then has a view."""

    views: tuple[UnitRows, ...]
    ngrams: WeightedRows | None

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Units of the first view, else n-grams: what rows are bucketed by."""
        return np.diff(self._offsets)

    @property
    def _offsets(self) -> npt.NDArray[np.int64]:
        if self.views or self.ngrams is None:
            return self.views[0].offsets
        return self.ngrams.offsets

    @property
    def cut_share(self) -> float:
        """Share of the texts that were too long for a view."""
        return max((view.cut for view in self.views), default=0) / max(1, len(self))


def _cut(ids: list[int], length: int, truncation: str) -> list[int]:
    """``head_tail``: the first three quarters and the last quarter of what fits, since people conclude at the
    end; ``head`` or ``tail``: the one or the other alone."""
    if len(ids) <= length:
        return ids or [UNKNOWN]
    tail = {"head": 0, "tail": length}.get(truncation, length // 4)
    return ids[: length - tail] + ids[len(ids) - tail :]


@dataclass(frozen=True, slots=True)
class Places:
    """Where what a net reads stands in a normalised text. ``units[v]``: (units, 2) start and end of each unit
    in the row of a view, twice -1 for one that stands nowhere; ``ngrams``: id, start and end of each
    n-gram."""

    units: tuple[npt.NDArray[np.int64], ...]
    ngrams: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]] | None = None


@dataclass(frozen=True, slots=True)
class TextEncoder:
    """Everything that a model knows about text. ``vocabularies`` belong to ``views``, name by name;
    ``own_words``: normalised words that the dictionary of the segmentation is extended by."""

    views: tuple[str, ...]
    vocabularies: tuple[Vocabulary, ...]
    ngrams: Ngrams | None
    max_length: int
    segmenter: str
    truncation: str = "head_tail"
    normalisation: Normalisation = AS_EVER
    own_words: tuple[str, ...] = ()

    def normalise(self, text: str) -> str:
        """A text as `encode` takes it."""
        return normalise(text, self.normalisation)

    def units(self, view: str) -> Callable[[str], list[str]]:
        """What cuts a normalised text into the units of ``view``."""
        return cutter_of(view, self.own_words)

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

    def extended(self, more_units: Mapping[str, Sequence[str]]) -> TextEncoder:
        """With ``more_units`` (view -> units) behind those that it knows, as far as there is room."""
        pairs = zip(self.views, self.vocabularies, strict=True)
        known = tuple(vocabulary.extended(more_units.get(view, ())) for view, vocabulary in pairs)
        return replace(self, vocabularies=known)

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Ids and weights of normalised texts."""
        return EncodedTexts(
            tuple(
                _unit_rows(
                    map(vocabulary.ids, map(self.units(view), texts)),
                    len(texts),
                    self.max_length,
                    self.truncation,
                )
                for view, vocabulary in zip(self.views, self.vocabularies, strict=True)
            ),
            self.ngrams.weigh(texts) if self.ngrams is not None else None,
        )

    def traced(self, text: str) -> Traced:
        """As `normalise`, with the places in the text as written."""
        return traced(text, self.normalisation)

    def places(self, text: str) -> Places:
        """Where the units and n-grams of a normalised text stand that `encode` gives for it."""
        rows = []
        for view in self.views:
            spans = spans_of(self.units(view)(text), text)
            kept = _cut(list(range(len(spans))), self.max_length, self.truncation) if spans else []
            found = [spans[number] for number in kept] or [(-1, -1)]
            rows.append(np.array(found, dtype=np.int64).reshape(-1, 2))
        return Places(tuple(rows), self.ngrams.places(text) if self.ngrams is not None else None)

    def words(self, text: str) -> list[tuple[int, int]]:
        """Where the words of a normalised text start and end, cut as for the vocabulary of words."""
        return spans_of(self.units("words")(text), text)

    def to_json(self) -> dict[str, Any]:
        """``vocabulary.json`` of a model; ``sha256`` covers all the rest."""
        values: dict[str, Any] = {
            "version": 1,
            "segmenter": self.segmenter,
            "max_length": self.max_length,
            "truncation": self.truncation,
            "normalisation": self.normalisation.to_json(),
            "own_words": list(self.own_words),
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
        if not set(values["views"]) <= set(VIEWS) or not (values["views"] or values["ngrams"]):
            raise ValueError(f"vocabulary: views {list(values['views'])}")
        if not 1 <= int(values["max_length"]) <= LONGEST_TEXT:
            raise ValueError(f"vocabulary: max_length {values['max_length']}")
        truncation = values.get("truncation", "head_tail")
        if truncation not in TRUNCATIONS:
            raise ValueError(f"vocabulary: truncation {truncation}")
        return cls(
            tuple(values["views"]),
            tuple(Vocabulary.from_json(units) for units in values["views"].values()),
            Ngrams.from_json(values["ngrams"]) if values["ngrams"] is not None else None,
            int(values["max_length"]),
            str(values["segmenter"]),
            truncation,
            Normalisation.from_json(values.get("normalisation", {})),
            tuple(map(str, values.get("own_words", ()))),
        )


def build_encoder(
    texts: Sequence[str],
    *,
    units: str,
    ngrams: bool,
    min_frequency: int,
    max_length: int,
    truncation: str = "head_tail",
    normalisation: Normalisation = AS_EVER,
    own_words: Iterable[str] = (),
) -> tuple[TextEncoder, EncodedTexts]:
    """Learns vocabularies and n-grams from normalised texts; gives the encoder and those texts encoded.

    Each text is segmented once only. ``max_length`` may be `AUTOMATIC`.
    """
    views = views_of(units)
    own = normal_words(own_words, normalisation)
    if max_length == AUTOMATIC:
        # No view has more units than the characters.
        longest = cutter_of("characters" if "characters" in views else "words", own)
        max_length = fitting_length([len(longest(text)) for text in texts])
    vocabularies = []
    rows = []
    for view in views:
        cut = list(map(cutter_of(view, own), texts))
        vocabulary = Vocabulary.build(cut, min_frequency=bearable(min_frequency, len(texts)))
        vocabularies.append(vocabulary)
        rows.append(_unit_rows(map(vocabulary.ids, cut), len(texts), max_length, truncation))
    found = None
    if ngrams:
        found = Ngrams.build(
            texts,
            min_rows=bearable(min_frequency, len(texts)),
            most_characters=max_length * CHARACTERS_PER_UNIT,
        )
    encoder = TextEncoder(
        views, tuple(vocabularies), found, max_length, segmenter_name(), truncation, normalisation, own
    )
    return encoder, EncodedTexts(tuple(rows), found.weigh(texts) if found is not None else None)


def fitting_length(lengths: Sequence[int]) -> int:
    """What `AUTOMATIC` becomes for texts of so many units."""
    needed = math.ceil(float(np.quantile(lengths, COVERED))) if lengths else 0
    return min(max(needed, BOUNDS[0]), BOUNDS[1])


def bearable(min_frequency: int, rows: int) -> int:
    """A set of a few dozen comments would lose nearly all its words to a minimum frequency."""
    return 1 if rows < 100 else min_frequency


def _unit_rows(rows: Iterator[list[int]], count: int, max_length: int, truncation: str) -> UnitRows:
    offsets = np.zeros(count + 1, dtype=np.int64)
    flat: list[int] = []
    cut = 0
    for number, row in enumerate(rows, 1):
        cut += len(row) > max_length
        flat.extend(_cut(row, max_length, truncation))
        offsets[number] = len(flat)
    return UnitRows(np.array(flat, dtype=np.int32), offsets, cut)


def _content_hash(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
