"""The saved views of a project: read, added, renamed, replaced and removed; kept in the project itself."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from senti_studio.domain.saved_views import SavedView, view_from_json, view_to_json
from senti_studio.ui.operations import run_operation

if TYPE_CHECKING:
    from senti_studio.storage.project import Project
    from senti_studio.ui.session import Session

KEY = "data_views"


class SavedViews(QObject):
    """`changed` when there are others; `current` is the name of the one in view (None: all comments)."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._project: Project | None = None
        self.views: tuple[SavedView, ...] = ()
        self.current: str | None = None

    def open(self, project: Project | None) -> None:
        """Reads those of another project."""
        self._project, self.views, self.current = project, (), None
        self.changed.emit()
        if project is not None:
            run_operation(
                self,
                lambda: project.settings.get(KEY, []),
                on_success=lambda stored: self._take(project, stored),
            )

    def _take(self, project: Project, stored: object) -> None:
        if project is not self._project or not isinstance(stored, list):
            return
        found = []
        for each in stored:
            try:
                found.append(view_from_json(each))
            except (KeyError, TypeError, ValueError):
                continue  # a newer program wrote it; it stays out of view
        self.views = tuple(found)
        self.changed.emit()

    def save(self, view: SavedView) -> None:
        """Adds it, or replaces the one of that name."""
        names = [each.name for each in self.views]
        if view.name in names:
            self.views = tuple(view if each.name == view.name else each for each in self.views)
        else:
            self.views = (*self.views, view)
        self.current = view.name
        self._store()

    def rename(self, old: str, new: str) -> None:
        """A name that another view has is not given."""
        if new and new not in [each.name for each in self.views]:
            self.views = tuple(
                dataclasses.replace(each, name=new) if each.name == old else each for each in self.views
            )
            self.current = new if self.current == old else self.current
            self._store()

    def remove(self, name: str) -> SavedView | None:
        """The view that went, for an undo."""
        gone = next((each for each in self.views if each.name == name), None)
        self.views = tuple(each for each in self.views if each.name != name)
        self.current = None if self.current == name else self.current
        self._store()
        return gone

    def _store(self) -> None:
        if self._project is not None:
            self._session.track(self._project.settings.set(KEY, [view_to_json(each) for each in self.views]))
        self.changed.emit()
