"""How far people agree: per cent, Cohen's and Fleiss' kappa, Krippendorff's alpha, by label and by pair."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from senti_studio.domain.people import AgreementReport, LabelAgreement, PairAgreement, Person
from senti_studio.errors import UserError
from senti_studio.storage.project import Project
from senti_studio.worker.progress import Emit, Pace, ShouldStop, never, tell_nobody

Counts = NDArray[np.int64]
_NOBODY = -1


def agreement(
    project: Project,
    *,
    people: Sequence[str] = (),
    emit: Emit = tell_nobody,
    should_stop: ShouldStop = never,
) -> AgreementReport:
    """Measures agreement between ``people`` (all of them without any) by what each said independently.

    Raises UserError ``CANCELLED``.
    """
    known = project.people.names()
    chosen = [each for each in known if not people or each.name in people]
    label_ids = [label.id for label in project.labels.list()]
    table = _table(project, [each.name for each in chosen], label_ids, emit, should_stop)
    return measure(table, chosen, label_ids, disputed=project.comments.disputed_count())


def _table(
    project: Project, names: Sequence[str], label_ids: Sequence[int], emit: Emit, should_stop: ShouldStop
) -> Counts:
    """One row a comment, one column a person: the place of the label, -1 without one."""
    column = {name: place for place, name in enumerate(names)}
    place_of = {label_id: place for place, label_id in enumerate(label_ids)}
    pace = Pace(emit, "counting", project.comments.counts().total)
    cells, row, last = array("q"), [_NOBODY] * len(names), 0
    for block in project.people.judgements():
        if should_stop():
            raise UserError("CANCELLED")
        for comment_id, name, label_id in block:
            if comment_id != last:
                cells.extend(row)
                row, last = [_NOBODY] * len(names), comment_id
            if name in column and label_id in place_of:
                row[column[name]] = place_of[label_id]
        pace.at(last)
    cells.extend(row)
    if not names:
        return np.empty((0, 0), dtype=np.int64)
    return np.frombuffer(cells, dtype=np.int64).reshape(-1, len(names))


def measure(
    table: Counts, people: Sequence[Person], label_ids: Sequence[int], *, disputed: int = 0
) -> AgreementReport:
    """The figures of a table with one row a comment and one column a person: the place of the label in
    ``label_ids``, -1 where the person gave none."""
    table = table[(table != _NOBODY).sum(axis=1) > 1] if table.size else table.reshape(0, len(people))
    counts = _counts(table, len(label_ids))
    whole = table[(table != _NOBODY).all(axis=1)] if len(people) > 1 else table[:0]
    return AgreementReport(
        tuple(people),
        tuple(label_ids),
        len(table),
        _pairs_alike(counts),
        krippendorff_alpha(counts),
        fleiss_kappa(_counts(whole, len(label_ids))),
        len(whole),
        tuple(_pair(table, people, first, second, len(label_ids)) for first, second in _pairs(people)),
        tuple(_label(counts, place, label_id) for place, label_id in enumerate(label_ids)),
        disputed,
    )


def _pairs(people: Sequence[Person]) -> list[tuple[int, int]]:
    return list(combinations(range(len(people)), 2))


def _counts(table: Counts, labels: int) -> Counts:
    """How often each comment (row) was given each label (column)."""
    counts = [(table == place).sum(axis=1) for place in range(labels)]
    return np.stack(counts, axis=1) if counts else np.zeros((len(table), 0), dtype=np.int64)


def _pairs_alike(counts: Counts) -> float | None:
    raters = counts.sum(axis=1)
    pairs = int((raters * (raters - 1)).sum())
    return int((counts * (counts - 1)).sum()) / pairs if pairs else None


def _pair(table: Counts, people: Sequence[Person], first: int, second: int, labels: int) -> PairAgreement:
    both = table[(table[:, first] != _NOBODY) & (table[:, second] != _NOBODY)]
    places = both[:, first] * labels + both[:, second]
    confusion = np.bincount(places, minlength=labels * labels).reshape(labels, labels)
    return PairAgreement(
        people[first].name,
        people[second].name,
        len(both),
        int(np.trace(confusion)),
        cohen_kappa(confusion),
        tuple(tuple(row) for row in confusion.tolist()),
    )


def _label(counts: Counts, place: int, label_id: int) -> LabelAgreement:
    given = counts[:, place]
    others = counts.sum(axis=1) - given
    pairs = int((given * (given - 1 + others)).sum())
    share = int((given * (given - 1)).sum()) / pairs if pairs else None
    return LabelAgreement(
        label_id, int(given.sum()), share, krippendorff_alpha(np.stack([given, others], axis=1))
    )


def cohen_kappa(confusion: Counts) -> float | None:
    """Cohen (1960), nominal; None without comments, or where both only ever used one and the same label."""
    total = int(confusion.sum())
    if not total:
        return None
    observed = float(np.trace(confusion)) / total
    expected = float((confusion.sum(axis=0) * confusion.sum(axis=1)).sum()) / (total * total)
    return None if expected >= 1.0 else (observed - expected) / (1.0 - expected)


def fleiss_kappa(counts: Counts) -> float | None:
    """Fleiss (1971): of comments (rows) that all have the same number of labels; None as `cohen_kappa`."""
    if not counts.size:
        return None
    raters = int(counts[0].sum())
    observed = float((counts * (counts - 1)).sum()) / (len(counts) * raters * (raters - 1))
    shares = counts.sum(axis=0) / counts.sum()
    expected = float((shares * shares).sum())
    return None if expected >= 1.0 else (observed - expected) / (1.0 - expected)


def krippendorff_alpha(counts: Counts) -> float | None:
    """Krippendorff's alpha of nominal values, of comments (rows) with two labels or more; None where just one
    label is ever used.

    Krippendorff (2011), "Computing Krippendorff's alpha-reliability", section D.
    """
    if not counts.size or (counts.sum(axis=0) > 0).sum() < 2:
        return None
    raters = counts.sum(axis=1)
    alike = (counts * (counts - 1)).sum(axis=1)
    observed = float(((raters * (raters - 1) - alike) / (raters - 1)).sum())
    given = counts.sum(axis=0)
    total = int(given.sum())
    expected = float(total * (total - 1) - (given * (given - 1)).sum()) / (total - 1)
    return 1.0 - observed / expected


def asked(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> AgreementReport:
    """The request ``agreement`` of ``worker survey``."""
    from pathlib import Path

    with Project.open(Path(params["project"])) as project:
        people = tuple(params.get("people") or ())
        return agreement(project, people=people, emit=emit, should_stop=should_stop)
