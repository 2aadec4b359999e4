"""Tells cells that a spreadsheet may run from text, and makes them harmless.

The rule is that of OWASP's page on CSV injection: a cell is dangerous when its first character is ``=``,
``+``, ``-``, ``@``, a tab, a carriage return or a line feed, or a full-width ``＝ ＋ － ＠``. Plain numbers
(``-5``, ``+3.2%``) are none. Such a cell is written with a single quote ``'`` before it; nothing else of
it changes. A cell that begins so by itself (``'=1``) gets one more, so that taking one away from every cell
that begins so gives exactly what was there before.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from itertools import chain
from operator import itemgetter

_NUMBER = re.compile(r"[+-]?[\d.,]+%?")
_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
MARK = "'"
_MARKS = frozenset(MARK)
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


def is_marked(cell: str) -> bool:
    """Whether the cell is what `neutralise` makes of another one."""
    return cell[:1] == MARK and looks_like_formula(cell.lstrip(MARK))


def _needs_mark(cell: str) -> bool:
    return is_marked(cell) if cell.startswith(MARK) else looks_like_formula(cell)


def neutralise(rows: Sequence[list[str]]) -> int:
    """Puts a single quote before every cell that looks like a formula, in place; returns how many (without
    those that began with one already). All rows are of one width."""
    count = 0
    for row, place in _places(rows, _STARTS | _MARKS, _needs_mark):
        cell = rows[row][place]
        count += not cell.startswith(MARK)
        rows[row][place] = MARK + cell
    return count


def marked_in_rows(rows: Sequence[Sequence[str]]) -> int:
    """How many cells `is_marked`, of many rows of one width."""
    return len(_places(rows, _MARKS, is_marked))


def without_marks(cells: list[str]) -> tuple[list[str], int]:
    """The cells as they were before `neutralise`, and how many of them changed."""
    if MARK not in map(_first, cells):
        return cells, 0
    found = [cell[1:] if is_marked(cell) else cell for cell in cells]
    return found, sum(map(operator.ne, cells, found))


def _places(
    rows: Sequence[Sequence[str]],
    starts: frozenset[str] = _STARTS,
    is_meant: Callable[[str], bool] = looks_like_formula,
) -> list[tuple[int, int]]:
    firsts = list(map(_first, chain.from_iterable(rows)))
    if not firsts or starts.isdisjoint(firsts):
        return []
    width = len(rows[0])
    suspects = [divmod(at, width) for at, first in enumerate(firsts) if first in starts]
    return [(row, place) for row, place in suspects if is_meant(rows[row][place])]
