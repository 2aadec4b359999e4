"""How two people label the same comments: the confusion matrix with their names."""

from __future__ import annotations

from senti_studio.ui import formats
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.confusion import Cell, ConfusionMatrix

_LONGEST = 8


class PairMatrix(ConfusionMatrix):
    """Rows are what the first says, columns what the second does."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._people = ("", "")

    def show_people(self, first: str, second: str) -> None:
        self._people = (first, second)
        self.retranslate()

    def retranslate(self) -> None:
        first, second = (_short(name) for name in self._people)
        self._words = (first, second)
        self.setAccessibleName(tr("Labels of two people against each other"))
        self._describe()
        self.updateGeometry()
        self.update()

    def _support(self, true: int) -> str:
        n = self._figures.per_label[true].support
        return counted(n, marked("1 case"), marked("{n} cases")).format(n=formats.number(n))

    def describe_cell(self, cell: Cell) -> str:
        """``张三 says 中性, 李四 says 负面: 16 comments``."""
        if max(cell) >= len(self._labels):
            return ""
        count = self._figures.confusion[cell[0]][cell[1]]
        one = marked("{first} says {one}, {second} says {other}: 1 comment")
        many = marked("{first} says {one}, {second} says {other}: {n} comments")
        return counted(count, one, many).format(
            first=self._people[0],
            one=self._labels[cell[0]].name,
            second=self._people[1],
            other=self._labels[cell[1]].name,
            n=formats.number(count),
        )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
