"""What the data page does to many rows at once: label, exclude, undo, take files out; no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.domain.comments import Source
from senti_studio.domain.journal import Action
from senti_studio.ui.operations import Failure
from senti_studio.ui.watched import WatchedChange

if TYPE_CHECKING:
    from senti_studio.storage.project import Project
    from senti_studio.ui.session import Session

ASKS_ABOVE = 1000
"""Labelling more rows than this asks once."""


class DataChanges(QObject):
    """One change at a time; while one is under way others are not begun."""

    committed = Signal(object)
    """`Action`: a change of many rows is committed."""
    busy_changed = Signal()
    progressed = Signal(int, int)
    """Comments changed so far by an action of many, and how many there are."""
    source_moved = Signal(object, bool)
    """`Source`, and whether it was removed: then it can be brought back by `restore_source`."""
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._project: Project | None = None
        self.is_busy = False
        self.can_stop = False
        """Whether the change under way may be stopped."""
        self._change = WatchedChange(self)
        self._change.progressed.connect(self.progressed)

    def open(self, project: Project | None) -> None:
        """Another project, or none."""
        self._project = project

    def label(self, ids: Sequence[int], label_id: int | None) -> None:
        """Gives all ``ids`` one label (None takes labels away), as one action."""
        project = self._project
        if project is not None and len(ids) and not self.is_busy:
            watch, who = self._change.begin(), self._session.annotator
            self._track(project.annotations.label(ids, label_id, annotator=who, watch=watch), can_stop=True)

    def exclude(self, ids: Sequence[int], on: bool) -> None:
        """Leaves comments out of training, or takes them in again, as one action."""
        project = self._project
        if project is not None and len(ids) and not self.is_busy:
            watch, who = self._change.begin(), self._session.annotator
            self._track(project.annotations.exclude(ids, on, annotator=who, watch=watch), can_stop=True)

    @Slot()
    def undo(self) -> None:
        """Takes back the annotator's last action."""
        project = self._project
        if project is not None and not self.is_busy:
            who = self._session.annotator
            self._track(project.annotations.undo(who, watch=self._change.begin()), can_stop=False)

    @Slot()
    def redo(self) -> None:
        """Does the action again that was undone last."""
        project = self._project
        if project is not None and not self.is_busy:
            who = self._session.annotator
            self._track(project.annotations.redo(who, watch=self._change.begin()), can_stop=False)

    @Slot()
    def stop(self) -> None:
        """Ends the change of many comments under way; what is done stays, and can be undone."""
        self._change.stop()

    def _track(self, future: Future[Action] | Future[Action | None], *, can_stop: bool) -> None:
        told = cast("Future[Action | None]", future)
        self.can_stop = can_stop
        self._set_busy(True)
        self._session.track(told, on_success=self._committed, on_failure=self._not_committed)

    def _committed(self, action: Action | None) -> None:
        self._set_busy(False)
        if action is not None:
            self.committed.emit(action)

    def _not_committed(self, error: Failure) -> None:
        self._set_busy(False)
        self.failed.emit(error)

    def _set_busy(self, busy: bool) -> None:
        if not busy:
            self._change.end()
        self.is_busy = busy
        self.busy_changed.emit()

    @Slot(object)
    def remove_source(self, source: Source) -> None:
        """Hides a source and its comments; labels stay with them."""
        if self._project is not None:
            self._session.track(
                self._project.sources.remove(source.id),
                on_success=lambda _: self.source_moved.emit(source, True),
                on_failure=self.failed.emit,
            )

    def restore_source(self, source: Source) -> None:
        """Brings a removed source back."""
        if self._project is not None:
            self._session.track(
                self._project.sources.restore(source.id),
                on_success=lambda _: self.source_moved.emit(source, False),
                on_failure=self.failed.emit,
            )
