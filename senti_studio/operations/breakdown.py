"""How a model does on each value of an original column: a platform, a shop, a month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from senti_studio.domain.intervals import Interval, wilson
from senti_studio.domain.metrics import Figures, confusion_matrix, figures
from senti_studio.errors import UserError
from senti_studio.operations.models import EvaluatedRow
from senti_studio.storage.project import Project

MOST_VALUES = 500
"""Of more values the most frequent ones are told, the others together."""
ENOUGH = 20
"""Fewer rows say nothing about a value; those come last."""
_CHANCE = 0.05
_LOOKED_AT, _LOOKED_THROUGH = 2000, 20


@dataclass(frozen=True, slots=True)
class ValueFigures:
    """One value (``value`` empty: the cell is), or ``others`` values together. ``interval``: 95 % of the
    accuracy (Wilson); ``is_worse``: worse than the model is on all rows by more than chance, the number of
    values considered (Bonferroni)."""

    value: str
    rows: int
    figures: Figures
    interval: Interval
    is_worse: bool = False
    others: int = 0

    @property
    def is_enough(self) -> bool:
        return self.rows >= ENOUGH


@dataclass(frozen=True, slots=True)
class Breakdown:
    """``values``: those with enough rows first, the worst at the top, then the others by number of rows;
    ``distinct``: how many values there are; ``without``: rows whose file has no such column, or whose comment
    has left the project."""

    column: str
    values: tuple[ValueFigures, ...]
    distinct: int = 0
    without: int = 0


def by_column(project: Project, rows: Sequence[EvaluatedRow], classes: int, column: str) -> Breakdown:
    """Figures of the rows of an evaluation for each value of ``column``.

    Raises UserError ``NO_SUCH_COLUMN`` when no file of the project has it.
    """
    known = project.original_cells.columns()
    if column not in known:
        raise UserError("NO_SUCH_COLUMN", column=column, columns=known or ["—"])
    cells = project.original_cells.of([row.comment_id for row in rows], column)
    counts = Counter(cells[row.comment_id] for row in rows if row.comment_id in cells)
    told = sorted(counts, key=lambda value: (-counts[value], value))
    own = set(told if len(told) <= MOST_VALUES else told[: MOST_VALUES - 1])
    pairs: dict[str | None, list[tuple[int, int]]] = {}
    for row in rows:
        if row.comment_id in cells:
            cell = cells[row.comment_id]
            pairs.setdefault(cell if cell in own else None, []).append((row.label, row.predicted))
    whole = figures(confusion_matrix((pair for of in pairs.values() for pair in of), classes))
    compared = sum(len(of) >= ENOUGH for value, of in pairs.items() if value is not None)
    strict = NormalDist().inv_cdf(1 - _CHANCE / (2 * max(1, compared)))
    found = []
    for value, of in pairs.items():
        one = figures(confusion_matrix(of, classes))
        right = sum(one.confusion[place][place] for place in range(classes))
        is_worse = (
            value is not None and len(of) >= ENOUGH and wilson(right, len(of), strict)[1] < whole.accuracy
        )
        others = len(told) - len(own) if value is None else 0
        found.append(ValueFigures(value or "", len(of), one, wilson(right, len(of)), is_worse, others))
    return Breakdown(column, tuple(sorted(found, key=_order)), len(told), len(rows) - sum(counts.values()))


def likely_column(project: Project, ids: Sequence[int]) -> str:
    """The first original column of which some values have enough of these comments; else the first of all,
    "" where there is none."""
    columns = project.original_cells.columns()
    looked_at = list(ids[:_LOOKED_AT])
    for column in columns[:_LOOKED_THROUGH]:
        counts = Counter(project.original_cells.of(looked_at, column).values())
        if sum(count >= ENOUGH for count in counts.values()) > 1:
            return column
    return columns[0] if columns else ""


def _order(each: ValueFigures) -> tuple[int, float, int, str]:
    rank = 2 if each.others else 0 if each.is_enough else 1
    return rank, each.figures.accuracy if rank == 0 else 0.0, -each.rows, each.value
