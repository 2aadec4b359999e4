"""The vectors of units, and how those that nothing is learnt about stay out of the way of learning."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from senti_studio.text.vocabulary import FIRST

Ids = Tensor

_NEARLY_ALL = 0.9
"""To look up twice is not worth less."""


class UnitTable(nn.Embedding):
    """One vector for each unit of a vocabulary.

    A net knows more units than its training texts have: those of vectors that somebody else has learnt. No
    gradient ever reaches them, and yet optimiser and running mean would carry them along at every step.
    `part` leaves in ``weight`` only what is learnt; to all else (what it gives, its state dict) the table is
    as before.
    """

    rest: Tensor | None
    place: Tensor | None

    def __init__(self, units: int, size: int, padding_idx: int) -> None:
        super().__init__(units, size, padding_idx=padding_idx)
        self.register_buffer("rest", None, persistent=False)
        """(units that are not learnt, size)"""
        self.register_buffer("place", None, persistent=False)
        """(units): where each has its vector in ``weight``, behind which ``rest`` is thought."""

    @torch.no_grad()
    def part(self, learnt: Ids) -> None:
        """Only units of these ids, in rising order and no unit's first, are learnt from now on. Raises
        ValueError for others."""
        whole = self.whole()
        count, device = len(whole), whole.device
        if learnt.dtype != torch.int64 or learnt[:FIRST].tolist() != list(range(FIRST)):
            raise ValueError(f"ids of {count} units")
        if learnt[-1] >= count or not bool((learnt.diff() > 0).all()):
            raise ValueError(f"ids of {count} units")
        apart = torch.ones(count, dtype=torch.bool, device=device)
        learnt = learnt.to(device)
        apart[learnt] = False
        order = torch.cat([learnt, apart.nonzero().squeeze(1)])
        place = torch.empty_like(order)
        place[order] = torch.arange(len(order), device=order.device)
        self.rest, self.place = whole[apart].clone(), place
        self.weight.data = whole[learnt].clone()

    @torch.no_grad()
    def join(self) -> None:
        """All units are learnt again."""
        if self.rest is not None:
            self.weight.data = self.whole().clone()
            self.rest = self.place = None

    def whole(self) -> Tensor:
        """(units, size): the vectors in the order of the vocabulary."""
        if self.rest is None or self.place is None:
            return self.weight.detach()
        return torch.cat([self.weight.detach(), self.rest])[self.place]

    @property
    def learnt(self) -> Ids | None:
        """Ids of the units that are learnt; None: all of them."""
        if self.place is None:
            return None
        return (self.place < len(self.weight)).nonzero().squeeze(1)

    def forward(self, units: Tensor) -> Tensor:
        """(…) ids -> (…, size)."""
        if self.rest is None or self.place is None:
            return super().forward(units)
        place, count = self.place[units], len(self.weight)
        found = embedding(place.clamp(max=count - 1), self.weight, self.padding_idx)
        apart = place >= count
        # A graphics card is not waited for only to learn that there is nothing to do.
        if units.device.type == "cpu" and not apart.any():
            return found
        return torch.where(apart.unsqueeze(-1), self.rest[(place - count).clamp(min=0)], found)

    def _save_to_state_dict(
        self, destination: MutableMapping[str, Any], prefix: str, keep_vars: bool
    ) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        if self.rest is not None:
            destination[f"{prefix}weight"] = self.whole()

    def _load_from_state_dict(self, state_dict: MutableMapping[str, Any], prefix: str, *rest: Any) -> None:
        name = f"{prefix}weight"
        given = state_dict.get(name)
        if given is not None and self.rest is not None and len(given) != len(self.weight):
            state_dict = {**state_dict, name: self._apart(name, given)}
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def _apart(self, name: str, given: Tensor) -> Tensor:
        """Takes the rest of all units' vectors in; returns those that are learnt."""
        assert self.place is not None
        assert self.rest is not None
        if len(given) != len(self.place):
            raise ValueError(f"{name}: {len(given)} units instead of {len(self.place)}")
        is_learnt = (self.place < len(self.weight)).to(given.device)
        self.rest.copy_(given[~is_learnt])
        return given[is_learnt]


def tables_of(net: nn.Module) -> Iterator[UnitTable]:
    """The tables of a net, always in the same order."""
    return (module for module in net.modules() if isinstance(module, UnitTable))


def learnt_rows(net: nn.Module) -> dict[str, Tensor]:
    """Of each table that is parted what is learnt, by its name in the state dict, which also takes it in and
    leaves the rest as it is."""
    named = ((name, table) for name, table in net.named_modules() if isinstance(table, UnitTable))
    return {f"{name}.weight": table.weight.detach() for name, table in named if table.rest is not None}


def part_tables(net: nn.Module, learnt: Sequence[Ids | None]) -> None:
    """Parts the tables of a net, each as these ids say; without any all are whole. Raises ValueError for ids
    that do not fit."""
    tables = list(tables_of(net))
    for table, ids in zip(tables, learnt or [None] * len(tables), strict=True):
        if ids is None:
            table.join()
        else:
            table.part(ids)


def units_learnt(read: npt.NDArray[np.int32], count: int) -> Ids | None:
    """Ids, in rising order, of those of ``count`` units that training texts ``read``, and of the two that
    stand for no unit; None where that are nearly all."""
    seen = np.bincount(read, minlength=count) > 0
    seen[:FIRST] = True
    if seen.sum() > _NEARLY_ALL * count:
        return None
    return torch.from_numpy(seen.nonzero()[0])
