"""Long texts over an encoder with few places: overlapping windows, each read for itself, whose logits are
averaged.

In the row of a long text the windows stand one behind the other, each with its own marks and each full: the
last one ends where the text ends. Their number and their places follow from the length of the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from senti_studio.domain.training_options import TrainingOptions
from senti_studio.learning.contract import Batch, Parted
from senti_studio.text.encoding import LONGEST_TEXT, EncodedTexts, UnitRows

Ids = npt.NDArray[np.int32]


def overlap_of(options: TrainingOptions) -> float | None:
    """The share of a window that the next one reads again; None: long texts are cut."""
    return options.window_overlap if options.windows else None


def windows_of(ids: Ids, room: int, overlap: float) -> list[Ids]:
    """The ids of a text, marks not counted, in windows of ``room``; one window if they fit into it."""
    if len(ids) <= room:
        return [ids]
    step = max(1, round(room * (1 - overlap)))
    last = len(ids) - room
    return [ids[first : first + room] for first in (*range(0, last, step), last)]


def longest_in_windows(room: int, overlap: float) -> int:
    """The most units of a text that are read in windows: together these have about `LONGEST_TEXT`."""
    step = max(1, round(room * (1 - overlap)))
    return max(room, LONGEST_TEXT // room * step)


def apart(texts: EncodedTexts, size: int) -> tuple[EncodedTexts, npt.NDArray[np.int64]]:
    """The windows of texts as rows of their own, and (texts + 1,) which of them are whose."""
    (rows,) = texts.views
    counts = np.maximum(1, -(-rows.lengths // size)) if size else np.ones(len(texts), dtype=np.int64)
    whose = np.concatenate([[0], np.cumsum(counts)])
    first = np.repeat(rows.offsets[:-1], counts) + size * (
        np.arange(whose[-1]) - np.repeat(whose[:-1], counts)
    )
    return EncodedTexts((UnitRows(rows.ids, np.append(first, rows.offsets[-1])),), None), whose


def parted(batch: Batch, size: int) -> Parted | None:
    """The windows of a batch; None where each row is one."""
    ids, lengths = batch.units[0], batch.lengths[0]
    if not size or ids.shape[1] <= size:
        return None
    counts = (lengths + size - 1) // size
    row = torch.repeat_interleave(torch.arange(len(ids), device=ids.device), counts)
    before = torch.cumsum(counts, 0) - counts
    first = size * (torch.arange(len(row), device=ids.device) - before[row])
    length = (lengths[row] - first).clamp_max(size)
    places = (first[:, None] + torch.arange(size, device=ids.device)).clamp_max(ids.shape[1] - 1)
    return Parted(Batch((ids[row[:, None], places],), (length,)), row, first)


def averaged(said: Tensor, row: Tensor, rows: int) -> Tensor:
    """(parts, numbers) -> (rows, numbers): the mean of the parts of each row."""
    count = torch.bincount(row, minlength=rows).unsqueeze(1)
    return said.new_zeros(rows, said.shape[1]).index_add(0, row, said / count[row].to(said.dtype))


def said_in_parts(parted: Parted, ask: Callable[[Batch], Tensor], units_at_once: int) -> Tensor:
    """(parts, numbers) of all parts, in memory for ``units_at_once``: what is needed of the others on the way
    back is worked out again then."""
    chunks = list(_chunks(parted.batch.lengths[0], units_at_once))
    again = len(chunks) > 1 and torch.is_grad_enabled()
    said = []
    for chunk in chunks:
        part = parted.batch.only(chunk)
        said.append(checkpoint(ask, part, use_reentrant=False) if again else ask(part))
    order = torch.cat(chunks)
    found = torch.cat(said)
    return torch.empty_like(found).index_copy(0, order, found)


def _chunks(lengths: Tensor, units_at_once: int) -> Iterator[Tensor]:
    """Parts that are read together, the short ones first."""
    order = torch.argsort(lengths, stable=True)
    sizes = lengths[order].tolist()
    first = 0
    while first < len(sizes):
        last = first + 1
        while last < len(sizes) and (last + 1 - first) * sizes[last] <= units_at_once:
            last += 1
        yield order[first:last]
        first = last
