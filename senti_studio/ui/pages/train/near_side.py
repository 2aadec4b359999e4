"""The look for near-copies as the Train page knows it: begun and stopped there, and the plan follows."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from senti_studio.ui.near_index import NearIndex
from senti_studio.ui.pages.train.plan_notes import PlanNotes
from senti_studio.ui.pages.train.planner import Planner


class NearSide(QObject):
    """Between the notes before a start and the one look of the window."""

    def __init__(self, near: NearIndex, notes: PlanNotes, planner: Planner, parent: QObject) -> None:
        super().__init__(parent)
        self._near, self._notes = near, notes
        notes.look_wanted.connect(near.start)
        notes.stop_wanted.connect(near.cancel)
        near.changed.connect(self._show)
        near.found.connect(planner.later)
        self._show()

    @Slot()
    def _show(self) -> None:
        self._notes.show_looking(round(self._near.share, 2) if self._near.is_running else None)
