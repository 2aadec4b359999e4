"""Two runs on the same comments: which is better, and whether that could be chance."""

from __future__ import annotations

from dataclasses import dataclass

from senti_studio.domain.paired import Paired, paired
from senti_studio.domain.specs import LabelName
from senti_studio.errors import UserError
from senti_studio.operations.models import Evaluation

FEWEST = 20
"""Of test sets that are not the same, so many comments must be in both, and half of the smaller one."""


@dataclass(frozen=True, slots=True)
class RunComparison:
    """``result`` is of the rows that both runs were measured on, with one truth. ``only_first`` and
    ``only_second``: rows that one of them alone was measured on; ``relabelled``: rows that had another label
    when the other run began, left out."""

    labels: tuple[LabelName, ...]
    result: Paired
    only_first: int = 0
    only_second: int = 0
    relabelled: int = 0

    @property
    def is_same_set(self) -> bool:
        return not (self.only_first or self.only_second or self.relabelled)

    @property
    def more_right(self) -> int:
        """How many comments more the first got right; negative: the second."""
        return self.result.only_first - self.result.only_second


def compare_runs(first: Evaluation, second: Evaluation) -> RunComparison:
    """Holds two evaluations against each other, comment by comment; classes are matched by their keys.

    Raises UserError ``OTHER_TEST_SET`` when too few comments are in both.
    """
    labels = first.labels + tuple(
        each for each in second.labels if each.key not in {label.key for label in first.labels}
    )
    place = {label.key: position for position, label in enumerate(labels)}
    theirs = [place[label.key] for label in second.labels]
    mine = {row.comment_id: row for row in first.rows}
    other = {row.comment_id: row for row in second.rows}
    shared = [key for key in mine if key in other]
    same = [key for key in shared if mine[key].label == theirs[other[key].label]]
    is_same_set = len(shared) == len(mine) == len(other)
    least = 1 if is_same_set else max(FEWEST, (min(len(mine), len(other)) + 1) // 2)
    if len(same) < least:
        raise UserError("OTHER_TEST_SET", shared=len(same), first=len(mine), second=len(other), least=least)
    said = [(mine[key].label, mine[key].predicted, theirs[other[key].predicted]) for key in same]
    return RunComparison(
        labels,
        paired(said, len(labels)),
        len(mine) - len(shared),
        len(other) - len(shared),
        len(shared) - len(same),
    )
