"""From weights of characters to marks behind and below them."""

from __future__ import annotations

from collections.abc import Sequence

from senti_studio.domain.explaining import Attention, Explanation
from senti_studio.ui.pages.label.text_marks import Mark, Stroke

FOR, AGAINST = "pos", "neg"
"""Tokens of a blue and an orange that everybody can tell apart; what speaks against is underlined, too."""
LOOKED = "accent"
"""Of what is looked at: it speaks neither for nor against anything."""
_LEAST = 0.08
"""Characters with less than this share of the strongest weight have no ground."""
_UNDERLINED = 0.25
_LEVELS = 5
_FAINT, _STRONG = 0.10, 0.55


def marks_of(told: Explanation) -> list[Mark]:
    """Grounds in `_LEVELS` strengths, neighbours of one strength together; dashes below what speaks against
    the class."""
    most = max(map(abs, told.characters), default=0.0)
    if most <= 0:
        return []
    found = _grounds([weight / most for weight in told.characters], FOR, AGAINST)
    lines = [int(weight / most <= -_UNDERLINED) for weight in told.characters]
    found += [
        Mark(start, end, Stroke.DASHED, AGAINST) for start, end, is_line in _stretches(lines) if is_line
    ]
    return found


def marks_of_attention(found: Attention) -> list[Mark]:
    """Grounds of one colour, the deeper the more a character is looked at."""
    return _grounds(found.strengths, LOOKED, LOOKED)


def _grounds(shares: Sequence[float], above: str, below: str) -> list[Mark]:
    """``shares`` of -1 to 1."""
    levels = [_level(share) for share in shares]
    return [
        Mark(
            start,
            end,
            Stroke.GROUND,
            above if level > 0 else below,
            _FAINT + (_STRONG - _FAINT) * (abs(level) - 1) / (_LEVELS - 1),
        )
        for start, end, level in _stretches(levels)
        if level
    ]


def _level(share: float) -> int:
    """-5 to 5, 0 for what hardly counts."""
    if abs(share) < _LEAST:
        return 0
    size = min(_LEVELS, 1 + int(abs(share) * _LEVELS))
    return size if share > 0 else -size


def _stretches(values: Sequence[int]) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    start = 0
    for place in range(1, len(values) + 1):
        if place == len(values) or values[place] != values[start]:
            found.append((start, place, values[start]))
            start = place
    return found
