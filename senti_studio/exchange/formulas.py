"""Tells cells that a spreadsheet may run from text, and makes them harmless.

The rule is that of OWASP's page on CSV injection: a cell is dangerous when its first character is ``=``,
``+``, ``-``, ``@``, a tab, a carriage return or a line feed, or a full-width ``＝ ＋ － ＠``. Plain numbers
(``-5``, ``+3.2%``) are none. Such a cell is written with a single quote ``'`` before it; nothing else of
it changes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from operator import itemgetter

_NUMBER = re.compile(r"[+-]?[\d.,]+%?")
_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_first = itemgetter(slice(0, 1))


def looks_like_formula(cell: str) -> bool:
    """Whether a spreadsheet may run the cell; plain numbers do not count."""
    return cell[:1] in _STARTS and _NUMBER.fullmatch(cell) is None


def formulas_in(cells: Sequence[str]) -> int:
    """How many of the cells look like formulas; quick where none does."""
    if _STARTS.isdisjoint([cell[:1] for cell in cells]):
        return 0
    return sum(map(looks_like_formula, cells))


def formulas_in_rows(rows: Sequence[Sequence[str]]) -> int:
    """As `formulas_in`, of many rows of one width."""
    return len(_places(rows))


def neutralise(rows: Sequence[list[str]]) -> int:
    """Puts a single quote before every cell that looks like a formula, in place; returns how many. All rows
    are of one width."""
    found = _places(rows)
    for row, place in found:
        rows[row][place] = f"'{rows[row][place]}"
    return len(found)


def _places(rows: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    firsts = list(map(_first, chain.from_iterable(rows)))
    if not firsts or _STARTS.isdisjoint(firsts):
        return []
    width = len(rows[0])
    suspects = [divmod(at, width) for at, first in enumerate(firsts) if first in _STARTS]
    return [(row, place) for row, place in suspects if looks_like_formula(rows[row][place])]
