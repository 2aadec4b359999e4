"""Comments as an encoder reads them to learn the language: pieces of sub-words, with word boundaries."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from senti_studio.errors import UserError
from senti_studio.learning.batches import Rows
from senti_studio.learning.bert.token_encoder import TokenEncoder

Ids = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Pieces:
    """Units of many pieces, end to end and without marks: piece *i* is ``ids[offsets[i]:offsets[i + 1]]``;
    ``starts``: whether a word begins with the unit. ``comments``: how many texts they are of."""

    ids: Ids
    starts: Flags
    offsets: Rows
    comments: int

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Rows:
        return np.diff(self.offsets)

    @property
    def tokens(self) -> int:
        return len(self.ids)


def read_texts(path: Path) -> list[str]:
    """The texts of ``data/train.jsonl`` or ``data/valid.jsonl``. Raises UserError ``RUN_DAMAGED``."""
    try:
        with path.open("rb") as file:
            return [str(json.loads(line)["text"]) for line in file if line.strip()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError("RUN_DAMAGED", path=str(path), reason=str(error)) from error


def cut(encoder: TokenEncoder, texts: Sequence[str]) -> Pieces:
    """Normalised texts as pieces that the net can read; a text that is too long becomes several of about the
    same length, so that nothing of it is lost."""
    room = encoder.max_length - encoder.marks.count
    ids: list[Ids] = []
    starts: list[Flags] = []
    lengths: list[int] = [0]
    comments = 0
    for known, begins in _encoded(encoder, texts):
        if not len(known):
            continue
        comments += 1
        ids.append(known)
        starts.append(begins)
        parts = -(-len(known) // room)
        bounds = [round(len(known) * part / parts) for part in range(parts + 1)]
        lengths += [end - start for start, end in itertools.pairwise(bounds)]
    return Pieces(
        np.concatenate(ids) if ids else np.zeros(0, np.int32),
        np.concatenate(starts) if starts else np.zeros(0, np.bool_),
        np.cumsum(np.array(lengths, dtype=np.int64)),
        comments,
    )


def _encoded(encoder: TokenEncoder, texts: Sequence[str]) -> Iterator[tuple[Ids, Flags]]:
    for at in range(0, len(texts), _AT_ONCE):
        some = list(texts[at : at + _AT_ONCE])
        found = encoder.tokenizer.encode_batch(some, add_special_tokens=False)
        for text, units in zip(some, found, strict=True):
            yield np.array(units.ids, dtype=np.int32), _word_starts(encoder, text, units.offsets)


def _word_starts(encoder: TokenEncoder, text: str, spans: Sequence[tuple[int, int]]) -> Flags:
    """Whether each unit begins another word of jieba than the unit before it."""
    if not spans:
        return np.zeros(0, np.bool_)
    firsts = np.array([start for start, _ in encoder.words(text) if start >= 0], dtype=np.int64)
    # A unit may begin with the blank before its word: what counts is where it ends.
    lasts = np.array([max(start, end - 1) for start, end in spans], dtype=np.int64)
    word = np.searchsorted(firsts, lasts, side="right")
    return np.concatenate((np.ones(1, np.bool_), word[1:] != word[:-1]))


def token_batches(lengths: Rows, *, batch_tokens: int, seed: int, epoch: int) -> list[Rows]:
    """The batches of one epoch as arrays of piece numbers, each of at most ``batch_tokens`` units with its
    padding. ``lengths`` with marks. All epochs have as many batches; the same for the same seed and epoch."""
    generator = np.random.default_rng([seed, epoch])
    order = generator.permutation(len(lengths))
    order = order[np.argsort(lengths[order], kind="stable")]
    bounds = batch_bounds(lengths[order], batch_tokens)
    batches = [order[start:end] for start, end in itertools.pairwise(bounds)]
    return [batches[number] for number in generator.permutation(len(batches))]


def batch_bounds(ordered: Rows, batch_tokens: int) -> list[int]:
    """Where batches of rows begin and end whose lengths are ascending."""
    bounds = [0]
    while bounds[-1] < len(ordered):
        start = bounds[-1]
        most = max(1, batch_tokens // max(1, int(ordered[start])))
        costs = np.arange(1, len(ordered[start : start + most]) + 1) * ordered[start : start + most]
        bounds.append(start + max(1, int(np.searchsorted(costs, batch_tokens, side="right"))))
    return bounds
