"""First letters of label names, Chinese ones by pinyin, so that the nineteenth label has a key as well."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

# The 3,755 characters of GB 2312 level 1 stand in the order of their pinyin; these are the first codes of
# each initial (no syllable begins with i, u or v).
_STARTS = (
    0xB0A1, 0xB0C5, 0xB2C1, 0xB4EE, 0xB6EA, 0xB7A2, 0xB8C1, 0xB9FE, 0xBBF7, 0xBFA6, 0xC0AC, 0xC2E8,
    0xC4C3, 0xC5B6, 0xC5BE, 0xC6DA, 0xC8BB, 0xC8F6, 0xCBFA, 0xCDDA, 0xCEF4, 0xD1B9, 0xD4D1,
)  # fmt: skip
_INITIALS = "abcdefghjklmnopqrstwxyz"
_LAST = 0xD7F9


def first_letters(name: str) -> str:
    """``正面`` -> ``zm``, ``Very good`` -> ``very good``: what finds the label; rare characters drop out."""
    found = []
    for character in name.lower():
        if character.isascii():
            found.append(character)
            continue
        try:
            code = int.from_bytes(character.encode("gb2312"), "big")
        except UnicodeEncodeError:
            continue
        if _STARTS[0] <= code <= _LAST:
            found.append(_INITIALS[bisect_right(_STARTS, code) - 1])
    return "".join(found)


def matches(typed: str, names: Sequence[str]) -> list[int]:
    """Places of the names whose first letters begin with what was typed."""
    wanted = typed.lower()
    return [place for place, name in enumerate(names) if wanted and first_letters(name).startswith(wanted)]
