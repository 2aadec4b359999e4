"""Which characters of two texts differ, in pieces that people read as one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

Span = tuple[int, int]
"""First character and the one after the last."""

_LONGEST = 1500
"""Beyond so many pieces only what both texts begin and end with is told from the rest."""
_PIECES = re.compile(r"[A-Za-z]+|\d+|.", re.DOTALL)
_GAP = 1


def differing(first: str, second: str) -> tuple[list[Span], list[Span]]:
    """The stretches of each text that the other one does not have; words of Latin letters and numbers differ
    as a whole, and single equal characters between two differences belong to these."""
    whole = _PIECES.findall(first), _PIECES.findall(second)
    start = _common(*whole)
    end = _common(whole[0][start:][::-1], whole[1][start:][::-1])
    pieces = [each[start : len(each) - end] for each in whole]
    at = sum(map(len, whole[0][:start]))
    if max(map(len, pieces)) > _LONGEST:
        left, right = ([(0, len(each))] if each else [] for each in pieces)
    else:
        left, right = _changed(pieces[0], pieces[1])
    sides = []
    for spans, each in zip((left, right), pieces, strict=True):
        places = _places(each, at)
        sides.append(_joined([(places[low], places[high]) for low, high in spans]))
    return sides[0], sides[1]


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """How many pieces both begin with."""
    for place, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return place
    return min(len(first), len(second))


def _changed(first: Sequence[str], second: Sequence[str]) -> tuple[list[Span], list[Span]]:
    """The stretches of pieces that are not equal."""
    left: list[Span] = []
    right: list[Span] = []
    for kind, *places in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind != "equal":
            left += [(places[0], places[1])] if places[0] < places[1] else []
            right += [(places[2], places[3])] if places[2] < places[3] else []
    return left, right


def _places(pieces: Sequence[str], start: int) -> list[int]:
    """Where each piece begins, and where the last one ends."""
    found = [start]
    for piece in pieces:
        found.append(found[-1] + len(piece))
    return found


def _joined(spans: list[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in spans:
        if found and start - found[-1][1] <= _GAP:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
