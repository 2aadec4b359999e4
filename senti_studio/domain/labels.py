"""Labels and label sets: the closed list of classes of a project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

APPEARANCES = ("pos", "neu", "neg", "purple", "brown", "sky", "outline-up", "outline-down", "outline-diamond")
"""Colour-and-shape names in the order in which labels take them (▲ ● ▼ ◆ ■ ⬟ and outlines)."""

SHAPES = dict(zip(APPEARANCES, "▲●▼◆■⬟△▽◇", strict=True))

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
