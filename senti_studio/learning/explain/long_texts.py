"""Weights of texts that a net reads in parts: each part is walked for itself, and what its units have there
counts for the text by one part's share of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from senti_studio.learning.contract import Batch, Classifier, Parted
from senti_studio.learning.explain.integration import Integral, integrate

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WALKED = 4096
"""So many units of a text are walked; of the parts that move its score least each unit has the same."""


LOOKED_AT = 2048
"""So many units at a time, where all layers keep the weights of units by units."""


def integrate_whole(net: Classifier, batch: Batch, targets: Ints, beside: Floats) -> Integral:
    """As `integrate`, for a batch whose rows may be too long for the net."""
    parted = net.parted(batch)
    if parted is None:
        return integrate(net, batch, targets, beside)
    rows, wanted = targets.shape
    shares = np.zeros((rows, wanted, batch.units[0].shape[1]))
    start, end = np.zeros((rows, wanted)), np.zeros((rows, wanted))
    points = np.zeros(rows, dtype=np.int64)
    whose, first = parted.row.cpu().numpy(), parted.first.cpu().numpy()
    lengths = parted.batch.lengths[0].cpu().numpy()
    for row in range(rows):
        there = np.flatnonzero(whose == row)
        found = _of_text(net, parted, there, targets[row], beside[row])
        for place, part in enumerate(there.tolist()):
            size = int(lengths[part])
            shares[row, :, first[part] : first[part] + size] = found.shares[0][place, :, :size] / len(there)
        start[row], end[row] = found.start.mean(axis=0), found.end.mean(axis=0)
        points[row] = found.points.sum()
    return Integral((shares,), start, end, points)


def parts_of(net: Classifier, batch: Batch) -> Iterator[Batch]:
    """The parts in which the one text of a batch is read, a few at a time."""
    parted = net.parted(batch)
    if parted is None:
        yield batch
        return
    for some in _at_once(parted.batch, min(LOOKED_AT, net.units_at_once)):
        yield parted.batch.only(some)


def _of_text(net: Classifier, parted: Parted, there: Ints, targets: Ints, beside: Floats) -> Integral:
    """Of the parts ``there`` of one text, as rows."""
    batch = parted.batch.only(torch.from_numpy(there))
    count, longest = len(there), batch.units[0].shape[1]
    start, end = _ends(net, batch, targets)
    differences = end - start
    whole = differences.mean(axis=0) + beside
    walked = np.sort(np.argsort(-np.abs(differences).max(axis=1), kind="stable")[: max(1, WALKED // longest)])
    lengths = batch.lengths[0].cpu().numpy()
    evenly = np.arange(longest) < lengths[:, None]
    shares = differences[:, :, None] * evenly[:, None] / lengths[:, None, None]
    # How exact a part must be is a matter of the text.
    found = integrate(
        net,
        batch.only(torch.from_numpy(walked)),
        np.tile(targets, (len(walked), 1)),
        whole - differences[walked],
    )
    shares[walked] = 0
    shares[walked, :, : found.shares[0].shape[2]] = found.shares[0]
    points = np.full(count, 2, dtype=np.int64)
    points[walked] += found.points
    return Integral((shares,), start, end, points)


def _ends(net: Classifier, batch: Batch, targets: Ints) -> tuple[Floats, Floats]:
    """(parts, targets) scores without and with what the parts say."""
    start, end = [], []
    for some in _at_once(batch, net.units_at_once):
        part = batch.only(some)
        with torch.no_grad():
            vectors = net.eval().vectors(part)
            start.append(_picked(net.scored(net.blank(vectors, part), part), targets))
            end.append(_picked(net.scored(vectors, part), targets))
    return np.concatenate(start), np.concatenate(end)


def _at_once(batch: Batch, units: int) -> Iterator[Tensor]:
    count, longest = batch.units[0].shape
    most = max(1, units // longest)
    for first in range(0, count, most):
        yield torch.arange(first, min(count, first + most))


def _picked(scores: Tensor, targets: Ints) -> Floats:
    found: Floats = scores.double().cpu().numpy()[:, targets]
    return found
