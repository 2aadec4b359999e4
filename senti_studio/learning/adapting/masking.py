"""What an encoder has to guess: some words of every piece, hidden, exchanged, or left as they are.

Whole words of jieba (Cui et al. 2019): of 很满意 with 意 hidden, 满 says it all. 20 % of the units instead of
the classic 15 %, since whole words are harder to tell apart and more guesses teach more a text (Wettig et
al. 2022, arXiv:2202.08005). 80 % of the words are hidden, 10 % exchanged for random units, 10 % left, each
word as a whole: one character left in place would give the others away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from senti_studio.learning.adapting.pieces import Ids, Pieces
from senti_studio.learning.batches import Rows
from senti_studio.learning.bert.token_encoder import TokenEncoder

HIDDEN, EXCHANGED = 0.8, 0.1
_VALID = 0x5EED
"""The masks of the held-out comments are always the same ones, and those of no step."""


@dataclass(frozen=True, slots=True)
class Units:
    """``mask`` stands for what is hidden; ``ordinary``: units that may take the place of others."""

    mask: int
    ordinary: Ids

    @classmethod
    def of(cls, encoder: TokenEncoder) -> Units:
        """Raises ValueError for a vocabulary without a mask."""
        token = encoder.marks.names.get("mask_token", "")
        mask = encoder.tokenizer.token_to_id(token) if token else None
        if mask is None:
            raise ValueError("mask_token")
        special = {encoder.tokenizer.token_to_id(name) for name in encoder.marks.names.values()}
        known = encoder.tokenizer.get_vocab().values()
        return cls(int(mask), np.array(sorted(set(known) - special), dtype=np.int32))


@dataclass(frozen=True, slots=True)
class Masked:
    """Pieces with marks, padded to the longest: ``ids`` as the net sees them and ``real`` (rows, longest);
    ``places``: of what it has to guess in the flattened matrix, ``truth``: what stands there."""

    ids: npt.NDArray[np.int64]
    real: npt.NDArray[np.bool_]
    places: Rows
    truth: npt.NDArray[np.int64]

    @property
    def tokens(self) -> int:
        return int(self.real.sum())


def masked_batch(
    pieces: Pieces, rows: Rows, encoder: TokenEncoder, units: Units, *, share: float, seed: int, step: int
) -> Masked:
    """The pieces ``rows`` with masks that follow from ``seed`` and ``step`` alone; a step of -1 is that of
    the held-out comments."""
    key = [seed, _VALID, int(rows[0])] if step < 0 else [seed, step]
    generator = np.random.default_rng(key)
    before, behind = encoder.marks.before, encoder.marks.behind
    lengths = pieces.offsets[rows + 1] - pieces.offsets[rows]
    row = np.repeat(np.arange(len(rows)), lengths)
    column = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    source = np.repeat(pieces.offsets[rows], lengths) + column
    truth = pieces.ids[source].astype(np.int64)
    starts = pieces.starts[source] | (column == 0)

    width = int(lengths.max()) + len(before) + len(behind)
    ids = np.full((len(rows), width), encoder.marks.padding, dtype=np.int64)
    for place, mark in enumerate(before):
        ids[:, place] = mark
    for place, mark in enumerate(behind):
        ids[np.arange(len(rows)), lengths + len(before) + place] = mark
    real = np.arange(width) < (lengths + len(before) + len(behind))[:, None]

    word = np.cumsum(starts) - 1
    chosen = _chosen_words(word, row, starts, lengths, share, generator)
    fate = generator.random(len(chosen))
    drawn = units.ordinary[generator.integers(0, len(units.ordinary), len(row))]
    of_unit = fate[word]
    seen = np.where(of_unit < HIDDEN, units.mask, np.where(of_unit < HIDDEN + EXCHANGED, drawn, truth))
    is_chosen = chosen[word]
    ids[row, column + len(before)] = np.where(is_chosen, seen, truth)
    places = row * width + column + len(before)
    return Masked(ids, real, places[is_chosen], truth[is_chosen])


def _chosen_words(
    word: Rows,
    row: Rows,
    starts: npt.NDArray[np.bool_],
    lengths: Rows,
    share: float,
    generator: np.random.Generator,
) -> npt.NDArray[np.bool_]:
    """Words in a random order, until about ``share`` of the units of their piece are in them; at least "
    "one."""
    sizes = np.bincount(word)
    of_row = row[starts]
    order = np.lexsort((generator.random(len(sizes)), of_row))
    before = np.cumsum(sizes[order]) - sizes[order]
    first_of_row = np.searchsorted(of_row[order], np.arange(len(lengths)))
    already = before - before[first_of_row][of_row[order]]
    # Rounded at random, so that short pieces have their share, too.
    wanted = np.maximum(1, np.floor(share * lengths + generator.random(len(lengths))))
    chosen = np.zeros(len(sizes), dtype=np.bool_)
    # A word that would go over counts by half.
    chosen[order] = (already == 0) | (already + sizes[order] / 2 <= wanted[of_row[order]])
    return chosen
