"""The fixed list that is looked through: what stood in it when it was made, kept in the project."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from senti_studio.domain.assisting import Quality, Suspects
from senti_studio.jobs.helper_protocol import from_json, to_json

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

SIZES = (50, 100, 200)
"""How many somebody may want to look at in one go."""
_KEY = "label.review."


class Kind(enum.StrEnum):
    """What is looked through."""

    MISTAKES = "mistakes"
    PAIRS = "pairs"


class Outcome(enum.StrEnum):
    """What became of an item."""

    OPEN = "open"
    CHANGED = "changed"
    KEPT = "kept"
    GONE = "gone"
    """A comment of it is no longer there, or has no label any more."""


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """One likely mistake, or two near-copies: ``ids`` and the ``labels`` that they had when the list was
    made; ``suggested`` is the id of a label, 0 where nobody suggests one."""

    ids: tuple[int, ...]
    labels: tuple[int, ...]
    suggested: int
    probability: float

    def outcome(self, labels: Mapping[int, int | None], kept: Mapping[int, int]) -> Outcome:
        """From the labels that the comments have now, and those of them that somebody confirmed."""
        now = [labels.get(each) for each in self.ids]
        if any(label is None for label in now):
            return Outcome.GONE
        if len(now) == 2 and now[0] == now[1]:
            return Outcome.CHANGED
        if all(kept.get(each) == label for each, label in zip(self.ids, now, strict=True)):
            return Outcome.KEPT
        if len(now) == 1 and now[0] != self.labels[0]:
            return Outcome.CHANGED
        return Outcome.OPEN


@dataclasses.dataclass(frozen=True, slots=True)
class FrozenList:
    """``looked_at`` labels were judged; ``before`` is what the assistant was worth when the list was made,
    ``after`` once it had learnt from the corrections. ``outcomes`` of the items once all are decided: what
    is done elsewhere later is no work on this list."""

    items: tuple[Item, ...]
    looked_at: int
    before: Quality | None = None
    after: Quality | None = None
    outcomes: tuple[str, ...] = ()

    def outcome_of(self, item: Item) -> Outcome | None:
        """What became of an item when the list was done with; None before."""
        for each, outcome in zip(self.items, self.outcomes, strict=False):
            if each.ids == item.ids:
                return Outcome(outcome)
        return None


def made_of(
    kind: Kind, found: Suspects, labels: Mapping[int, int | None], most: int, before: Quality | None
) -> FrozenList:
    """The list of a kind, of at most ``most`` items; ``labels`` are those of the comments of pairs."""
    if kind is Kind.MISTAKES:
        items = [
            Item((each.id,), (each.label_id,), each.suggested_id, each.probability) for each in found.suspects
        ]
    else:
        items = [
            Item(
                (each.first, each.second),
                (labels.get(each.first) or 0, labels.get(each.second) or 0),
                each.suggested_id,
                each.probability,
            )
            for each in found.contradictions
        ]
    return FrozenList(tuple(items[:most]), found.looked_at, before)


def recall(project: Project, kind: Kind) -> FrozenList | None:
    """The list that was left in the project; None when there is none, or one that cannot be read."""
    stored: Any = project.settings.get(_KEY + kind, None)
    if not isinstance(stored, dict):
        return None
    try:
        return from_json(FrozenList, stored)
    except TypeError:  # written by a later version
        return None


def keep(project: Project, kind: Kind, listed: FrozenList | None) -> None:
    """Stores the list in the project; None forgets it."""
    project.settings.set(_KEY + kind, to_json(listed) if listed is not None else None)
