"""Tells cells that a spreadsheet may run from text, and makes them harmless.

The rule is that of OWASP's page on CSV injection: a cell is dangerous when its first character is ``=``,
``+``, ``-``, ``@``, a tab, a carriage return or a line feed, or a full-width ``＝ ＋ － ＠``. Plain numbers
(``-5``, ``+3.2%``) are none. Such a cell is written with a single quote ``'`` before it; nothing else of
it changes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"[+-]?[\d.,]+%?")
_STARTS = frozenset("=+-@\t\r\n＝＋－＠")


def looks_like_formula(cell: str) -> bool:
    """Whether a spreadsheet may run the cell; plain numbers do not count."""
    return cell[:1] in _STARTS and _NUMBER.fullmatch(cell) is None


def formulas_in(cells: Sequence[str]) -> int:
    """How many of the cells look like formulas; quick where none does."""
    if _STARTS.isdisjoint([cell[:1] for cell in cells]):
        return 0
    return sum(map(looks_like_formula, cells))


def formulas_in_rows(rows: Sequence[Sequence[str]]) -> int:
    """As `formulas_in`, of many rows."""
    if _STARTS.isdisjoint([cell[:1] for cells in rows for cell in cells]):
        return 0
    return sum(map(formulas_in, rows))


def neutralise(rows: Sequence[list[str]]) -> int:
    """Puts a single quote before every cell that looks like a formula, in place; returns how many."""
    if _STARTS.isdisjoint([cell[:1] for cells in rows for cell in cells]):
        return 0
    count = 0
    for cells in rows:
        for place, cell in enumerate(cells):
            if cell[:1] in _STARTS and looks_like_formula(cell):
                cells[place] = f"'{cell}"
                count += 1
    return count
