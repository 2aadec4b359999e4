"""Batches of rows of about the same length, each padded to its own longest row."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from senti_studio.learning.contract import Batch
from senti_studio.text.encoding import EncodedTexts

Rows = npt.NDArray[np.int64]

_POOL = 40
"""Batches sorted by length together: many enough for little padding, few enough to stay random."""

_PADDING = 256
"""Places of padding from which on another pass of an encoder costs less (4 x 256: from 64 to 256 alike; with
1,024 it judged 200 reviews a sixth more slowly, with padding of any amount at a third of the speed)."""


def epoch_order(lengths: Rows, *, batch_size: int, seed: int, epoch: int) -> list[Rows]:
    """The batches of one epoch as arrays of row numbers; the same for the same seed and epoch."""
    generator = np.random.default_rng([seed, epoch])
    rows = generator.permutation(len(lengths))
    batches: list[Rows] = []
    for start in range(0, len(rows), batch_size * _POOL):
        pool = rows[start : start + batch_size * _POOL]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches.extend(pool[at : at + batch_size] for at in range(0, len(pool), batch_size))
    return [batches[number] for number in generator.permutation(len(batches))]


def by_length(lengths: Rows, *, batch_size: int, units: int = 0) -> list[Rows]:
    """All rows, shortest first: the least padding there can be. For evaluation and prediction. ``units``: if
    that is not 0, a batch has at most so many places, and less than `_PADDING` of them are padding; a row
    alone is a batch however long it is."""
    rows = np.argsort(lengths, kind="stable")
    if not units:
        return [rows[at : at + batch_size] for at in range(0, len(rows), batch_size)]
    return _packed(lengths, rows, most=batch_size, units=units, most_padding=_PADDING)


def passes(lengths: Rows, rows: Rows, *, rows_at_once: int, units: int) -> list[Rows]:
    """A batch in pieces that are learnt one after the other: of at most ``rows_at_once`` rows and, if that is
    not 0, of about ``units`` places with their padding; a row alone is a piece however long it is."""
    if not units or len(rows) * int(lengths[rows].max()) <= units:
        return [rows[at : at + rows_at_once] for at in range(0, len(rows), rows_at_once)]
    rows = rows[np.argsort(lengths[rows], kind="stable")]
    return _packed(lengths, rows, most=rows_at_once, units=units)


def _packed(
    lengths: Rows, rows: Rows, *, most: int, units: int, most_padding: float = math.inf
) -> list[Rows]:
    """``rows``, shortest first, in pieces as large as the limits let them become; a row alone is a piece
    however long it is."""
    sizes = [*lengths[rows].tolist(), 0]
    found, start, padding = [], 0, 0
    for end in range(1, len(rows) + 1):
        count, size = end - start, sizes[end]
        padding += count * (size - sizes[end - 1])
        if end == len(rows) or count == most or (count + 1) * size > units or padding > most_padding:
            found.append(rows[start:end])
            start, padding = end, 0
    return found


def make_batch(texts: EncodedTexts, rows: Rows, device: torch.device) -> Batch:
    """Picks ``rows`` out of ``texts`` without any Python per row."""
    units, lengths = [], []
    for view in texts.views:
        places, real, length = _places(view.offsets, rows)
        units.append(_moved(np.where(real, view.ids[places], 0).astype(np.int64), device))
        lengths.append(_moved(length, device))
    if texts.ngrams is None:
        return Batch(tuple(units), tuple(lengths))
    if not len(texts.ngrams.ids):
        nothing = np.zeros((len(rows), 1), dtype=np.int64)
        return Batch(
            tuple(units), tuple(lengths), _moved(nothing, device), _moved(nothing.astype(np.float32), device)
        )
    places, real, _ = _places(texts.ngrams.offsets, rows)
    return Batch(
        tuple(units),
        tuple(lengths),
        _moved(np.where(real, texts.ngrams.ids[places], 0).astype(np.int64), device),
        _moved(np.where(real, texts.ngrams.weights[places], np.float32(0)), device),
    )


def _places(offsets: Rows, rows: Rows) -> tuple[Rows, npt.NDArray[np.bool_], Rows]:
    """Where the cells of a padded matrix lie in the flat array, which are real, and the row lengths."""
    start = offsets[rows]
    length = offsets[rows + 1] - start
    column = np.arange(max(1, int(length.max())))
    real = column < length[:, None]
    return np.where(real, start[:, None] + column, 0), real, length


def _moved(values: npt.NDArray[np.generic], device: torch.device) -> Tensor:
    tensor = torch.from_numpy(np.ascontiguousarray(values))
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)
