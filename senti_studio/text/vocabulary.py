"""A vocabulary: the units that a model knows, and their ids."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

PADDING = 0
UNKNOWN = 1
FIRST = 2
"""Id of the first real unit."""

MOST_UNITS = 60_000


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Units in the order of their ids; the id of ``units[0]`` is `FIRST`."""

    units: tuple[str, ...]
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ids", {unit: number for number, unit in enumerate(self.units, FIRST)})

    @classmethod
    def build(
        cls, rows: Iterable[Sequence[str]], *, min_frequency: int, most: int = MOST_UNITS
    ) -> Vocabulary:
        """The units that occur at least ``min_frequency`` times, most frequent first, then by code point."""
        counts: collections.Counter[str] = collections.Counter()
        for row in rows:
            counts.update(row)
        kept = [(-count, unit) for unit, count in counts.items() if count >= min_frequency]
        return cls(tuple(unit for _, unit in sorted(kept)[:most]))

    @classmethod
    def from_json(cls, units: object) -> Vocabulary:
        """Reads a list of units. Raises ValueError for anything else, and for one that is there twice."""
        if not isinstance(units, list) or not all(isinstance(unit, str) for unit in units):
            raise ValueError("vocabulary: no list of units")
        if len(set(units)) < len(units):
            raise ValueError("vocabulary: a unit is there twice")
        return cls(tuple(units))

    def extended(self, units: Iterable[str], *, most: int = MOST_UNITS) -> Vocabulary:
        """With ``units`` behind its own, as long as there is room; ids of its own stay."""
        new = [unit for unit in dict.fromkeys(units) if unit not in self._ids]
        return Vocabulary(self.units + tuple(new[: max(0, most - len(self.units))])) if new else self

    def __len__(self) -> int:
        """Number of ids, padding and unknown included."""
        return len(self.units) + FIRST

    def ids(self, row: Iterable[str]) -> list[int]:
        """Ids of units; `UNKNOWN` for those that are not in the vocabulary."""
        get = self._ids.get
        return [get(unit, UNKNOWN) for unit in row]
