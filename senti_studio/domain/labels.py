"""Labels and label sets: the closed list of classes of a project."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from senti_studio.errors import UserError

APPEARANCES = (
    *("pos", "neu", "neg", "purple", "brown", "sky", "outline-up", "outline-down", "outline-diamond"),
    *("star", "right", "left", "outline-circle", "outline-square", "outline-pentagon"),
    *("outline-star", "outline-right", "outline-left"),
)
"""Colour-and-shape names in the order in which labels take them: one for each label that has a digit as its
key. Older programs show those after the ninth as grey circles."""

SHAPES = dict(zip(APPEARANCES, "▲●▼◆■⬟△▽◇★▶◀○□⬠☆▷◁", strict=True))

_MEANT = {
    "pos": ("正面", "正向", "积极", "好评", "positive", "pos"),
    "neu": ("中性", "中立", "中评", "neutral", "neu"),
    "neg": ("负面", "负向", "消极", "差评", "negative", "neg"),
}


@dataclass(frozen=True, slots=True)
class Label:
    """One class: ``key`` is short and stable (``1``), ``name`` is shown (``正面``), ``shortcut`` labels by
    keyboard.

    ``id`` is given by the project (0 = not stored yet); ``appearance`` is one of `APPEARANCES`.
    """

    key: str
    name: str
    appearance: str = "neu"
    shortcut: str = ""
    id: int = 0

    @property
    def shape(self) -> str:
        """The mark that stands beside the name wherever the colour is shown."""
        return SHAPES.get(self.appearance, "●")


DEFAULT_LABELS = (
    Label("1", "正面", "pos", "1"),
    Label("2", "中性", "neu", "2"),
    Label("3", "负面", "neg", "3"),
)


LONGEST_NAME, LONGEST_KEY = 60, 40
"""Characters; what the fields of the window take."""

_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that let others appear in another order than they are in."""


def require_showable(label: Label) -> None:
    """Raises UserError ``LABEL_TEXT_UNSHOWABLE`` for a name or key with characters that break lines or tables
    or turn what is around them, ``LABEL_TEXT_TOO_LONG``, ``SHORTCUT_NOT_ONE_KEY``."""
    for text, most in ((label.name, LONGEST_NAME), (label.key, LONGEST_KEY)):
        bad = sorted({letter for letter in text if _breaks(letter)})
        if bad:
            shown = "".join("�" if _breaks(letter) else letter for letter in text)
            codes = [f"U+{ord(letter):04X}" for letter in bad]
            raise UserError("LABEL_TEXT_UNSHOWABLE", name=_short(shown), characters=codes)
        if len(text) > most:
            raise UserError("LABEL_TEXT_TOO_LONG", name=_short(text), most=most, count=len(text))
    key = label.shortcut
    if key and (len(key) > 1 or key.isspace() or not key.isprintable()):
        raise UserError("SHORTCUT_NOT_ONE_KEY", shortcut=_short(key.encode("unicode_escape").decode("ascii")))


def _breaks(letter: str) -> bool:
    # Not all of "Cf": joiners belong to emoji and to some scripts.
    return letter in _TURNING or unicodedata.category(letter) in ("Cc", "Zl", "Zp")


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:30] + "…"


def same_key(one: str, other: str) -> bool:
    """Whether two shortcuts are one key of the keyboard: large and small, wide and narrow letters are."""
    return _pressed(one) == _pressed(other)


def _pressed(shortcut: str) -> str:
    return unicodedata.normalize("NFKC", shortcut).casefold()


def free_appearance(labels: Sequence[Label]) -> str:
    """The first colour and shape that none of ``labels`` has; the least used one when all are taken."""
    taken = [label.appearance for label in labels]
    return min(APPEARANCES, key=lambda look: (taken.count(look), look in _MEANT))


def free_shortcut(labels: Sequence[Label]) -> str:
    """The first of 1 … 9 that none of ``labels`` has as its shortcut; none when all are taken."""
    taken = {label.shortcut for label in labels}
    return next((str(number) for number in range(1, 10) if str(number) not in taken), "")


def labels_from_names(names: Sequence[tuple[str, str]]) -> tuple[Label, ...]:
    """Labels from (key, name) pairs: well-known sentiment names keep their colour, others take the next
    free one."""
    taken: dict[int, str] = {}
    for position, (_, name) in enumerate(names):
        for appearance, words in _MEANT.items():
            if name.strip().lower() in words and appearance not in taken.values():
                taken[position] = appearance
    free = [look for look in APPEARANCES if look not in taken.values()]
    if 0 < len(taken) < len(names) or not taken:
        free = [look for look in free if look not in _MEANT or not taken] or list(APPEARANCES)
    made = []
    for position, (key, name) in enumerate(names):
        look = taken.get(position) or free[(position - sum(p < position for p in taken)) % len(free)]
        shortcut = str(position + 1) if position < 9 else ""
        made.append(Label(key, name.strip(), look, shortcut))
    return tuple(made)
