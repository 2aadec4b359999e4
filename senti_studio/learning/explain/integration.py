"""Integrated gradients (Sundararajan, Taly and Yan 2017) over the vectors that a net reads.

The way from vectors that say nothing to those of a text is cut into stretches, each integrated by Gauss and
Legendre. What a stretch must add up to is known: the net says the score at both of its ends. Stretches that
miss it are halved, those of all rows together, until the sum over the way fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from senti_studio.learning.contract import Batch, Classifier

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TOLERANCE = 0.01
"""How far the sum may be off, as a share of the score difference or of `LEAST`, whichever is larger."""
LEAST = 0.1
FIRST_STRETCHES = 4
NODES = 4
MOST_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Integral:
    """For rows and targets: ``shares[v]`` (rows, targets, longest) of each unit of a view; ``start`` and
    ``end`` (rows, targets): the scores without and with the text; ``points`` (rows,): how often the net was
    asked."""

    shares: tuple[Floats, ...]
    start: Floats
    end: Floats
    points: Ints


@dataclass(slots=True)
class _Stretches:
    """Parts of ways: ``row`` (n,), ``low`` and ``high`` (n,) between 0 and 1, the scores (n, targets) at
    both, and once they were walked ``shares[v]`` (n, targets, longest)."""

    row: Ints
    low: Floats
    high: Floats
    at_low: Floats
    at_high: Floats
    shares: list[Floats] = field(default_factory=list)

    def only(self, kept: npt.NDArray[np.bool_]) -> _Stretches:
        return _Stretches(
            self.row[kept],
            self.low[kept],
            self.high[kept],
            self.at_low[kept],
            self.at_high[kept],
            [each[kept] for each in self.shares],
        )

    @property
    def gaps(self) -> Floats:
        """(n, targets): what the shares lack."""
        found = self.at_high - self.at_low
        for each in self.shares:
            found = found - each.sum(axis=2)
        return found


def integrate(net: Classifier, batch: Batch, targets: Ints, beside: Floats) -> Integral:
    """Shares of the units of a batch in the scores of ``targets`` (rows, targets): class indices. ``beside``
    (rows, targets): what else the score differs by, which says how exact the sum must be."""
    with torch.inference_mode(False), _without_cudnn():
        return _Way(net, batch, targets, beside).walk()


def _without_cudnn() -> torch.backends.cudnn.ContextProp:  # type: ignore[name-defined]
    # Its recurrent nets have no gradients outside of training.
    return torch.backends.cudnn.flags(enabled=False)


class _Way:
    def __init__(self, net: Classifier, batch: Batch, targets: Ints, beside: Floats) -> None:
        self._net = net.eval()
        self._beside = beside
        self._batch = batch
        self._targets = targets
        with torch.no_grad():
            self._end = [each.float() for each in net.vectors(batch)]
            self._start = [each.float() for each in net.blank(self._end, batch)]
        self._asked = np.zeros(len(targets), dtype=np.int64)

    def walk(self) -> Integral:
        rows, targets = self._targets.shape
        if not self._end:
            with torch.no_grad():
                said = self._net.scored((), self._batch).double().cpu().numpy()
            found = np.take_along_axis(said, self._targets, axis=1)
            return Integral((), found, found, self._asked)
        totals = [np.zeros((rows, targets, each.shape[1])) for each in self._end]
        open_ = self._first()
        edges = (
            open_.at_low.reshape(rows, FIRST_STRETCHES, targets),
            open_.at_high.reshape(rows, FIRST_STRETCHES, targets),
        )
        start, end = edges[0][:, 0], edges[1][:, -1]
        done = np.zeros((rows, targets))  # what the stretches lack that are not walked again
        bearable = TOLERANCE * np.maximum(np.abs(end - start + self._beside), LEAST)
        for number in range(MOST_ROUNDS):
            self._integrate(open_)
            gaps = open_.gaps
            missing = done.copy()
            np.add.at(missing, open_.row, gaps)
            misses = np.any(np.abs(missing) > bearable, axis=1)
            again = self._is_worth_it(open_, gaps, bearable) & np.take(misses, open_.row)
            if number == MOST_ROUNDS - 1:
                self._stretch(open_, again)
                again[:] = False
            kept = open_.only(~again)
            for total, shares in zip(totals, kept.shares, strict=True):
                np.add.at(total, kept.row, shares)
            np.add.at(done, kept.row, kept.gaps)
            if not again.any():
                break
            open_ = self._halved(open_.only(again))
        return Integral(tuple(totals), start, end, self._asked)

    @staticmethod
    def _stretch(open_: _Stretches, steep: npt.NDArray[np.bool_]) -> None:
        """Gives narrow stretches all of their rise.

        A recurrent net can tip over on the way: its score jumps within a millionth of it, more narrow than
        32 bits can tell. Near such a place the units' shares grow, and keep their proportions: what was
        found there is multiplied. Left as it is where the shares nearly cancel out, which then is told as an
        error.
        """
        found = np.sum([each.sum(axis=2) for each in open_.shares], axis=0)
        size = np.sum([np.abs(each).sum(axis=2) for each in open_.shares], axis=0)
        clear = steep[:, None] & (np.abs(found) > 0.05 * size)
        times = np.divide(open_.at_high - open_.at_low, found, out=np.ones_like(found), where=clear)
        for each in open_.shares:
            each *= times[:, :, None]

    @staticmethod
    def _is_worth_it(open_: _Stretches, gaps: Floats, bearable: Floats) -> npt.NDArray[np.bool_]:
        """Stretches that miss more than their part; of each row at least the one that misses most."""
        size = np.abs(gaps / bearable[open_.row]).max(axis=1)
        most = np.zeros(len(bearable))
        np.maximum.at(most, open_.row, size)
        found: npt.NDArray[np.bool_] = (size > (open_.high - open_.low) / 2) | (size >= most[open_.row])
        return found

    def _first(self) -> _Stretches:
        rows, targets = self._targets.shape
        edges = np.linspace(0.0, 1.0, FIRST_STRETCHES + 1)
        row = np.repeat(np.arange(rows), FIRST_STRETCHES + 1)
        at = np.tile(edges, rows)
        scores = self._scores(row, at).reshape(rows, FIRST_STRETCHES + 1, targets)
        return _Stretches(
            np.repeat(np.arange(rows), FIRST_STRETCHES),
            np.tile(edges[:-1], rows),
            np.tile(edges[1:], rows),
            scores[:, :-1].reshape(-1, targets),
            scores[:, 1:].reshape(-1, targets),
        )

    def _halved(self, wide: _Stretches) -> _Stretches:
        middle = (wide.low + wide.high) / 2
        between = self._scores(wide.row, middle)
        return _Stretches(
            np.concatenate([wide.row, wide.row]),
            np.concatenate([wide.low, middle]),
            np.concatenate([middle, wide.high]),
            np.concatenate([wide.at_low, between]),
            np.concatenate([between, wide.at_high]),
        )

    def _integrate(self, stretches: _Stretches) -> None:
        """Fills in the shares of stretches."""
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        width = (stretches.high - stretches.low)[:, None]
        at = (stretches.low[:, None] + width * (nodes + 1) / 2).ravel()
        weight = (width * weights / 2).ravel()
        row = np.repeat(stretches.row, NODES)
        targets = self._targets.shape[1]
        found = [np.zeros((len(row), targets, each.shape[1])) for each in self._end]
        for part in self._parts(row):
            for total, shares in zip(found, self._slopes(row[part], at[part]), strict=True):
                total[part, :, : shares.shape[2]] = shares * weight[part][:, None, None]
        stretches.shares = [each.reshape(-1, NODES, targets, each.shape[2]).sum(axis=1) for each in found]

    def _slopes(self, row: Ints, at: Floats) -> list[Floats]:
        """(points, targets, longest of them): how fast the scores change with each unit on its way."""
        batch, start, end = self._picked(row)
        there = self._between(start, end, at)
        for each in there:
            each.requires_grad_(True)
        scores = self._net.scored(there, batch).float()
        chosen = torch.from_numpy(self._targets[row]).to(scores.device)
        found: list[list[Tensor]] = [[] for _ in there]
        for target in range(chosen.shape[1]):
            total = scores.gather(1, chosen[:, target : target + 1]).sum()
            gradients = torch.autograd.grad(
                total, there, retain_graph=target + 1 < chosen.shape[1], materialize_grads=True
            )
            for shares, gradient, low, high in zip(found, gradients, start, end, strict=True):
                shares.append((gradient * (high - low)).sum(dim=2))
        np.add.at(self._asked, row, 1)
        return [torch.stack(each, dim=1).double().cpu().numpy() for each in found]

    def _scores(self, row: Ints, at: Floats) -> Floats:
        """(points, targets)"""
        found = np.zeros((len(row), self._targets.shape[1]))
        for part in self._parts(row):
            batch, start, end = self._picked(row[part])
            with torch.no_grad():
                scores = self._net.scored(self._between(start, end, at[part]), batch).float()
            found[part] = np.take_along_axis(scores.double().cpu().numpy(), self._targets[row[part]], axis=1)
        np.add.at(self._asked, row, 1)
        return found

    def _parts(self, row: Ints) -> Iterator[Ints]:
        """Points in parts that the net takes at once, the short rows first."""
        lengths = np.maximum.reduce([each.cpu().numpy() for each in self._batch.lengths])[row]
        order = np.argsort(lengths, kind="stable")
        first = 0
        while first < len(order):
            last = first + 1
            while last < len(order) and (last + 1 - first) * lengths[order[last]] <= self._net.units_at_once:
                last += 1
            yield order[first:last]
            first = last

    def _picked(self, row: Ints) -> tuple[Batch, list[Tensor], list[Tensor]]:
        """Rows of the batch with their vectors, padded to the longest of them."""
        rows = torch.from_numpy(row).to(self._end[0].device)
        batch = self._batch.only(rows)
        start, end = (
            [each[rows, : units.shape[1]] for each, units in zip(vectors, batch.units, strict=True)]
            for vectors in (self._start, self._end)
        )
        return batch, start, end

    @staticmethod
    def _between(start: Sequence[Tensor], end: Sequence[Tensor], at: Floats) -> list[Tensor]:
        share = torch.from_numpy(at.astype(np.float32)).to(end[0].device)[:, None, None]
        return [(low + share * (high - low)).detach() for low, high in zip(start, end, strict=True)]
