"""What there is to say of a split before a training: codes of the message catalogue with their parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from senti_studio.domain.comments import Part
from senti_studio.domain.labels import Label
from senti_studio.operations.parts import Split, enough_to_test
from senti_studio.storage.project import Project


def unmeasured(used: Sequence[Label], parts: Split) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Classes that a part has none of: nothing can be said of them there."""
    for part, code in ((Part.VALID, "CLASS_NOT_IN_VALID"), (Part.TEST, "CLASS_NOT_IN_TEST")):
        there = {comment.label_key for comment in parts.rows[part]}
        missing = [label.name for label in used if label.key not in there]
        if there and missing:
            yield code, {"labels": missing}


def stand_in(
    project: Project, group_column: str, parts: Split
) -> tuple[tuple[str, Mapping[str, object]], ...]:
    """The test part is not the project's test set, and why."""
    if not parts.is_stand_in:
        return ()
    counts = project.test_sets.counts()
    if parts.is_entangled:
        return (("TEST_SET_ENTANGLED", {"count": counts.total, "column": group_column}),)
    least = enough_to_test(counts.total)
    return (("TEST_SET_UNLABELLED", {"count": counts.total, "labelled": counts.labelled, "least": least}),)


def one_group(group_column: str, parts: Split) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Half of all comments in one group: no split of them says much."""
    rows = sum(map(len, parts.rows.values()))
    if group_column and 2 * parts.largest > rows:
        yield "ONE_GROUP", {"column": group_column, "count": parts.largest, "total": rows}
