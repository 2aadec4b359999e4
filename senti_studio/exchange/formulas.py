"""Tells cells that a spreadsheet may run from text; they are counted and left alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"[+-]?[\d.,]+%?")


def looks_like_formula(cell: str) -> bool:
    """Whether a spreadsheet may run the cell; plain numbers do not count."""
    return cell[:1] in _STARTS and _NUMBER.fullmatch(cell) is None


def formulas_in(cells: Sequence[str]) -> int:
    """How many of the cells look like formulas; quick where none does."""
    if _STARTS.isdisjoint([cell[:1] for cell in cells]):
        return 0
    return sum(map(looks_like_formula, cells))


_STARTS = frozenset("=+-@\t\r")
