"""Another copy of a project comes back: what is in it, and what is done where both say different things."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from senti_studio.domain.labels import Label


class Side(enum.StrEnum):
    """Whose label is taken where one person gave a comment different ones in the two copies."""

    MINE = "mine"
    THEIRS = "theirs"
    NEWEST = "newest"


Choices = Mapping[tuple[int, str], Side]
"""(comment id, annotator) -> whose label; where nothing is chosen the rule decides."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One person, one comment, two labels (ids of this project; None: “no label”) and their times."""

    comment_id: int
    annotator: str
    text: str
    mine: int | None
    mine_at: datetime
    theirs: int | None
    theirs_at: datetime

    def taken(self, rule: Side) -> Side:
        """Whose label it will be by a rule."""
        if rule is not Side.NEWEST:
            return rule
        return Side.THEIRS if self.theirs_at > self.mine_at else Side.MINE


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What merging would do; nothing is written yet.

    ``comments`` of the other copy are found here at the same place of the same file (``same_place``), or by
    their text (``same_text``), or not at all (``unknown``). ``people``: new annotations by annotator;
    ``equal`` annotations are here already; ``cleared`` ones were taken back here after they had been given
    there, and stay away. ``renamed``: (label here, the same label there under another name); ``added``:
    labels that only the other copy has. ``notes`` … ``excluded`` count what comes in of these, ``looks``
    answers that were given when asked again, and confirmed labels.
    ``is_copy``: both come from one project.
    """

    name: str
    is_copy: bool
    comments: int
    same_place: int
    same_text: int
    unknown: int
    people: tuple[tuple[str, int], ...]
    equal: int
    cleared: int
    conflicts: tuple[Conflict, ...]
    renamed: tuple[tuple[Label, Label], ...]
    added: tuple[Label, ...]
    notes: int = 0
    flagged: int = 0
    skipped: int = 0
    excluded: int = 0
    looks: int = 0

    @property
    def new(self) -> int:
        """Annotations that come in."""
        return sum(count for _, count in self.people)

    @property
    def is_empty(self) -> bool:
        """Nothing would change."""
        marks = self.notes + self.flagged + self.skipped + self.excluded + self.looks
        return not (self.new or self.conflicts or self.unknown or self.added or marks)
