"""How many labels somebody wants in a project: all comments, or a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from senti_studio.domain.comments import CommentCounts

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

GOAL_KEY = "label.goal"
USUAL = 1000
"""What is offered to who wants a number."""


class Goal(QObject):
    """Kept in the project; `changed` when it is another one."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self.number = 0
        """Labels that are wanted; 0: every comment."""

    def open(self, project: Project | None) -> None:
        """Takes up the goal of a project."""
        self._project = project
        kept = project.settings.get(GOAL_KEY, 0) if project is not None else 0
        self.number = kept if isinstance(kept, int) and kept > 0 else 0
        self.changed.emit()

    def set_number(self, number: int) -> None:
        """Another goal; 0: every comment."""
        if number != self.number and self._project is not None:
            self.number = max(0, number)
            self._project.settings.set(GOAL_KEY, self.number)
            self.changed.emit()

    def total(self, counts: CommentCounts | None) -> int:
        """How many labels the goal is."""
        return self.number or (counts.total if counts is not None else 0)

    def remaining(self, counts: CommentCounts | None) -> int:
        """How many comments have still to be labelled: never more than there are."""
        if counts is None:
            return 0
        left = max(0, counts.unlabelled - counts.skipped)
        return min(left, max(0, self.number - counts.labelled)) if self.number else left

    def is_reached(self, counts: CommentCounts | None) -> bool:
        return counts is not None and 0 < self.number <= counts.labelled
