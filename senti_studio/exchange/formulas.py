"""Tells cells that a spreadsheet may run from text; they are counted and left alone."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[+-]?[\d.,]+%?")


def looks_like_formula(cell: str) -> bool:
    """Whether a spreadsheet may run the cell; plain numbers do not count."""
    return cell[:1] in _STARTS and _NUMBER.fullmatch(cell) is None


_STARTS = frozenset("=+-@\t\r")
