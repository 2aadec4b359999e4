"""What an import will make of comments of which the file says more than one label each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from senti_studio.domain.comments import NewAnnotation
from senti_studio.domain.importing import CommentPattern, plain

if TYPE_CHECKING:
    from senti_studio.ui.pages.importing.plan import ImportPlan, Target

_LATER = 10**9
"""Past all times of a pattern."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Comments per target; ``disputed`` of them come in although annotators disagree."""

    labels: Mapping[Target, int]
    disputed: int
    put_off: int


def foreseen(plan: ImportPlan) -> Foreseen:
    """Counts the comments as the import will write them under the present decisions."""
    from senti_studio.storage.new_rows import outcome

    targets = list(dict.fromkeys(target for target in plan.targets.values() if target.value))
    numbers = {plain(value): targets.index(target) for value, target in plan.targets.items() if target.value}
    labels: dict[Target, int] = {}
    disputed = put_off = 0
    for pattern, count in plan.check.patterns if plan.check is not None else ():
        if _stays_out(plan, pattern):
            continue
        annotations = _annotations(pattern, numbers)
        found = outcome(annotations, _LATER)
        if found.label_id is not None:
            target = targets[found.label_id]
            labels[target] = labels.get(target, 0) + count
        disputed += count if found.disputed else 0
        has_label = any(one.label_id is not None for one in annotations)
        put_off += count if pattern.is_put_off and (pattern.is_put_off_anyway or not has_label) else 0
    return Foreseen(labels, disputed, put_off)


def _stays_out(plan: ImportPlan, pattern: CommentPattern) -> bool:
    return (
        (pattern.is_blank and plan.skip_blank)
        or (pattern.is_bad and plan.leaves_bad_out)
        or (pattern.is_written and plan.boilerplate == "skip")
    )


def _annotations(pattern: CommentPattern, numbers: Mapping[str, int]) -> list[NewAnnotation]:
    made = []
    for one in pattern.said:
        label = numbers.get(plain(one.values[0])) if len(one.values) == 1 else None
        if label is None and not one.took_away:
            continue
        made.append(
            NewAnnotation(
                label_id=label,
                annotator=str(one.annotator) if one.annotator else "",
                at=one.at,
                imported=one.is_imported,
                adjudicated=one.is_adjudicated,
            )
        )
    return made
