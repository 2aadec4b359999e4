"""From texts to the sub-words of an encoder: its own vocabulary, its own marks at both ends."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from senti_studio.domain.training_options import RANGES, TRUNCATIONS
from senti_studio.learning.bert.families import plain_config
from senti_studio.learning.bert.panics import PROBES, broken_told, panics_told
from senti_studio.learning.bert.windows import longest_in_windows, windows_of
from senti_studio.text.encoding import (
    AUTOMATIC,
    CHARACTERS_PER_UNIT,
    LONGEST_TEXT,
    EncodedTexts,
    Places,
    UnitRows,
    bearable,
    fitting_length,
    spans_of,
)
from senti_studio.text.ngrams import Ngrams
from senti_studio.text.normalise import Normalisation, normalise
from senti_studio.text.segment import words
from senti_studio.text.tracing import Traced, traced

TOKENIZER = "tokenizer.json"
ENCODER = "encoder.json"

Ids = npt.NDArray[np.int32]

_AT_ONCE = 2000
"""Texts that the tokenizer holds at a time."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Ids that stand before and behind every text, that fill short rows, and that stand for what is unknown;
    ``names``: what transformers calls them (``cls_token`` …)."""

    before: tuple[int, ...]
    behind: tuple[int, ...]
    padding: int
    unknown: int
    names: Mapping[str, str]

    @property
    def count(self) -> int:
        return len(self.before) + len(self.behind)


@dataclass(frozen=True, slots=True)
class TokenEncoder:
    """Everything that a model with an encoder knows about text. ``tokenizer``: a `tokenizers.Tokenizer`;
    ``net``: the config of the net, which has to fit it; ``max_length``: units, marks included; ``overlap``:
    longer texts are read in windows of that length, None: they are cut; ``ngrams``: runs of characters that
    are weighed beside the net, None: there are none."""

    tokenizer: Any
    marks: Marks
    net: Mapping[str, Any]
    max_length: int
    truncation: str
    normalisation: Normalisation
    segmenter: str
    overlap: float | None = None
    ngrams: Ngrams | None = None

    views = ("tokens",)

    @property
    def window(self) -> int:
        """Units of a window, 0: there are none."""
        return self.max_length if self.overlap is not None else 0

    def normalise(self, text: str) -> str:
        """A text as `encode` takes it."""
        return normalise(text, self.normalisation)

    @property
    def cuts_as_trained(self) -> bool:
        """The rules that cut texts travel with the model."""
        return True

    @property
    def sizes(self) -> Mapping[str, int]:
        """Units that have an id, and n-grams."""
        grams = {"ngrams": len(self.ngrams) - 1} if self.ngrams is not None else {}
        return {"tokens": int(self.tokenizer.get_vocab_size()), **grams}

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Ids of normalised texts, marks included, and their n-grams."""
        return self._encoded(texts, list(self._cut(texts)))

    def _encoded(self, texts: Sequence[str], cut: Sequence[Ids]) -> EncodedTexts:
        grams = self.ngrams.weigh(texts) if self.ngrams is not None else None
        return EncodedTexts((self.rows(cut),), grams)

    def traced(self, text: str) -> Traced:
        """As `normalise`, with the places in the text as written."""
        return traced(text, self.normalisation)

    def places(self, text: str) -> Places:
        """Where the units of a normalised text stand that `encode` gives for it; marks stand nowhere."""
        with panics_told(TOKENIZER):
            found = self.tokenizer.encode(text, add_special_tokens=False)
        spans = np.array(found.offsets, dtype=np.int64).reshape(-1, 2)
        spans[spans[:, 0] >= spans[:, 1]] = -1
        windows, _ = self._windows(np.arange(len(spans), dtype=np.int32))
        before, behind = (np.full((len(ids), 2), -1) for ids in (self.marks.before, self.marks.behind))
        parts: list[npt.NDArray[np.int64]] = []
        for kept in windows:
            parts += [before, spans[kept] if len(kept) else np.full((1, 2), -1), behind]
        grams = self.ngrams.places(text) if self.ngrams is not None else None
        return Places((np.concatenate(parts),), grams)

    def words(self, text: str) -> list[tuple[int, int]]:
        """Where the words of a normalised text start and end."""
        return spans_of(words(text), text)

    def rows(self, cut: Sequence[Ids]) -> UnitRows:
        """Rows of ids without marks, as long as the net may read them, with marks; see `bert.windows`."""
        before, behind = (np.array(ids, np.int32) for ids in (self.marks.before, self.marks.behind))
        unknown = np.array([self.marks.unknown], np.int32)
        parts: list[Ids] = []
        lengths = np.zeros(len(cut) + 1, dtype=np.int64)
        too_long = 0
        for number, ids in enumerate(cut, 1):
            windows, is_cut = self._windows(ids)
            too_long += is_cut
            for kept in windows:
                whole = (before, kept if len(kept) else unknown, behind)
                parts += whole
                lengths[number] += sum(map(len, whole))
        flat = np.concatenate(parts) if parts else np.zeros(0, np.int32)
        return UnitRows(flat, np.cumsum(lengths), too_long)

    def _windows(self, ids: Ids) -> tuple[list[Ids], bool]:
        """What is read of the ids of a text, without marks, and whether that is not all of it."""
        room = self.max_length - self.marks.count
        most = room if self.overlap is None else longest_in_windows(room, self.overlap)
        kept = _kept(ids, most, self.truncation)
        is_cut = len(kept) < len(ids)
        return [kept] if self.overlap is None else windows_of(kept, room, self.overlap), is_cut

    def fitted(
        self, texts: Sequence[str], longest: int, *, ngrams: bool = False, min_frequency: int = 1
    ) -> tuple[TokenEncoder, EncodedTexts]:
        """With a greatest length that fits these texts where it is `AUTOMATIC`, and is never more than
        ``longest`` (0 = no limit), and with their ``ngrams`` where they are wanted, those of
        ``min_frequency`` texts at least; and these texts encoded."""
        cut = list(self._cut(texts))
        length = self.max_length
        if length == AUTOMATIC:
            length = fitting_length([len(ids) + self.marks.count for ids in cut])
        length = min(length, longest) if longest else length
        length = max(length, self.marks.count + 1)
        grams = None
        if ngrams:
            least = bearable(min_frequency, len(texts))
            grams = Ngrams.build(texts, min_rows=least, most_characters=length * CHARACTERS_PER_UNIT)
        found = replace(self, max_length=length, ngrams=grams)
        return found, found._encoded(texts, cut)

    def _cut(self, texts: Sequence[str]) -> Iterator[Ids]:
        for start in range(0, len(texts), _AT_ONCE):
            some = list(texts[start : start + _AT_ONCE])
            with panics_told(TOKENIZER):
                cut = self.tokenizer.encode_batch_fast(some, add_special_tokens=False)
            for found in cut:
                yield np.array(found.ids, dtype=np.int32)

    def contents(self) -> dict[str, bytes]:
        """The files of a model: by name."""
        known = self.tokenizer.to_str().encode()
        values: dict[str, Any] = {
            "version": 1,
            "segmenter": self.segmenter,
            "max_length": self.max_length,
            "truncation": self.truncation,
            "overlap": self.overlap,
            "normalisation": self.normalisation.to_json(),
            "marks": {
                "before": list(self.marks.before),
                "behind": list(self.marks.behind),
                "padding": self.marks.padding,
                "unknown": self.marks.unknown,
                "names": dict(self.marks.names),
            },
            "net": dict(self.net),
            "tokenizer_sha256": hashlib.sha256(known).hexdigest(),
        }
        if self.ngrams is not None:
            values["ngrams"] = self.ngrams.to_json()
        whole = {"sha256": hash_of(values), **values}
        return {TOKENIZER: known, ENCODER: json.dumps(whole, ensure_ascii=False, indent=1).encode()}

    @classmethod
    def from_contents(cls, tokenizer: bytes, encoder: bytes) -> TokenEncoder:
        """Reads `contents`; raises KeyError, TypeError or ValueError when they are damaged."""
        values = json.loads(encoder)
        content = {name: value for name, value in values.items() if name != "sha256"}
        if values["sha256"] != hash_of(content):
            raise ValueError(f"{ENCODER}: content does not fit its hash")
        if values["tokenizer_sha256"] != hashlib.sha256(tokenizer).hexdigest():
            raise ValueError(f"{TOKENIZER}: content does not fit its hash")
        if not 1 <= int(values["max_length"]) <= LONGEST_TEXT or values["truncation"] not in TRUNCATIONS:
            raise ValueError(f"{ENCODER}: {values['max_length']} {values['truncation']}")
        overlap = values.get("overlap")
        if overlap is not None and not 0 <= float(overlap) <= RANGES["window_overlap"][1]:
            raise ValueError(f"{ENCODER}: overlap {overlap}")
        return cls(
            read_tokenizer(tokenizer),
            _marks(values["marks"]),
            plain_config(dict(values["net"])),
            int(values["max_length"]),
            str(values["truncation"]),
            Normalisation.from_json(values["normalisation"]),
            str(values["segmenter"]),
            float(overlap) if overlap is not None else None,
            Ngrams.from_json(values["ngrams"]) if values.get("ngrams") is not None else None,
        )


def segmenter() -> str:
    """What cuts texts here, with its version."""
    return f"tokenizers {importlib.metadata.version('tokenizers')}"


def read_tokenizer(content: bytes) -> Any:
    """A `tokenizers.Tokenizer` that neither cuts nor fills. Raises ValueError."""
    from tokenizers import Tokenizer

    # The library has no type of its own for a file that it cannot read, and panics where it trusts it.
    with broken_told(lambda error: ValueError(f"{TOKENIZER}: {str(error)[:200]}"), told=Exception):
        found = Tokenizer.from_str(content.decode())
        found.no_truncation()
        found.no_padding()
        for text in PROBES:
            found.encode(text, add_special_tokens=False)
            found.encode(text, add_special_tokens=True)
    return found


def _kept(ids: Ids, room: int, truncation: str) -> Ids:
    """As `text.encoding` keeps units: three quarters of the beginning and the end, or one of them alone."""
    if len(ids) <= room:
        return ids
    tail = {"head": 0, "tail": room}.get(truncation, room // 4)
    return np.concatenate((ids[: room - tail], ids[len(ids) - tail :]))


def _marks(values: Mapping[str, Any]) -> Marks:
    found = Marks(
        tuple(map(int, values["before"])),
        tuple(map(int, values["behind"])),
        int(values["padding"]),
        int(values["unknown"]),
        {str(name): str(token) for name, token in dict(values["names"]).items()},
    )
    if found.count > 8 or min((*found.before, *found.behind, found.padding, found.unknown)) < 0:
        raise ValueError(f"{ENCODER}: marks")
    return found


def hash_of(values: Mapping[str, Any]) -> str:
    """SHA-256 of what `TokenEncoder.contents` writes, as hexadecimal digits."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
