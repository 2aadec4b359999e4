"""Several people who label one project: what was handed out, who said what, how far they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

ALL, UNLABELLED = "all", "unlabelled"


@dataclass(frozen=True, slots=True)
class Person:
    """An annotator, with the number of comments that have a label of theirs."""

    name: str
    labels: int


@dataclass(frozen=True, slots=True)
class Share:
    """Comments that were handed out to one person; ``folder`` is the copy they went into, empty without one.

    ``labelled`` of its ``comments`` have a label of this person in this project.
    """

    id: int
    person: str
    made_at: datetime
    folder: str
    comments: int
    labelled: int = 0


@dataclass(frozen=True, slots=True)
class Saying:
    """What one person says of a comment. ``independent_id``: what an adjudicator had said before deciding."""

    annotator: str
    label_id: int | None
    at: datetime
    imported: bool = False
    adjudicated: bool = False
    independent_id: int | None = None


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two people on the ``comments`` that both labelled: ``same`` of them alike, Cohen's ``kappa`` (None
    where it is not defined), and how often the first said the label of the row and the second that of the
    column (labels as in `AgreementReport.label_ids`)."""

    first: str
    second: str
    comments: int
    same: int
    kappa: float | None
    confusion: tuple[tuple[int, ...], ...]

    @property
    def share(self) -> float:
        return self.same / self.comments if self.comments else 0.0


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """One label: how often it was ``given``; when one of a pair of people gives it, with which probability
    the other does (``share``); Krippendorff's ``alpha`` of this label against all others."""

    label_id: int
    given: int
    share: float | None
    alpha: float | None


@dataclass(frozen=True, slots=True)
class AgreementReport:
    """How far people agree on ``comments`` that at least two of them labelled, by themselves.

    ``share``: of all pairs of labels on one comment, how many are alike; ``alpha``: Krippendorff's (nominal),
    over all of these comments; ``fleiss``: over the ``whole`` comments that everybody labelled. None: not
    defined, since there are too few labels, or just one is ever used. ``disputed``: comments on which people
    disagree and nobody has decided.
    """

    people: tuple[Person, ...]
    label_ids: tuple[int, ...]
    comments: int
    share: float | None
    alpha: float | None
    fleiss: float | None
    whole: int
    pairs: tuple[PairAgreement, ...]
    labels: tuple[LabelAgreement, ...]
    disputed: int


def confusion_between(report: AgreementReport, first: str, second: str) -> PairAgreement | None:
    """The pair as asked for: rows are ``first``; None when the two never labelled the same comment."""
    for pair in report.pairs:
        if (pair.first, pair.second) == (first, second):
            return pair
        if (pair.first, pair.second) == (second, first):
            turned = tuple(zip(*pair.confusion, strict=True))
            return PairAgreement(first, second, pair.comments, pair.same, pair.kappa, turned)
    return None


def deal(
    groups: Sequence[Sequence[int]], people: int, common: Sequence[Sequence[int]] = ()
) -> list[list[int]]:
    """Comments for each of ``people``: all of ``common``, and of ``groups`` (comments that stay together) as
    equal a number as these allow. The order of the groups decides; ids come back in ascending order."""
    shares = [[comment_id for group in common for comment_id in group] for _ in range(people)]
    for group in groups:
        smallest = min(range(people), key=lambda place: len(shares[place]))
        shares[smallest].extend(group)
    return [sorted(share) for share in shares]
