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
        self._read: list[tuple[SavedView | None, object]] = []
        """What is stored, as it was read and as it is written; None: a newer program's, or damaged."""
        self._is_read = False

    def open(self, project: Project | None) -> None:
        """Reads those of another project."""
        self._project, self.views, self.current = project, (), None
        self._read, self._is_read = [], False
        self.changed.emit()
        if project is not None:
            run_operation(
                self,
                lambda: project.settings.get(KEY, []),
                on_success=lambda stored: self._take(project, stored),
            )

    def _take(self, project: Project, stored: object) -> None:
        if project is not self._project:
            return
        read: list[SavedView] = []
        for each in stored if isinstance(stored, list) else [stored]:
            view = _view_of(each)
            if view is None or view.name in [one.name for one in read]:
                self._read.append((None, each))  # it stays out of view, and where it is
                continue
            self._read.append((view, each))
            read.append(view)
        self._is_read = True
        # One that was saved before the others were there is one of them from now on.
        early = self.views
        self.views = (*(view for view in read if view.name not in {one.name for one in early}), *early)
        if early:
            self._store()
        else:
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
        if self._project is not None and self._is_read:
            self._session.track(self._project.settings.set(KEY, self._to_store()))
        self.changed.emit()

    def _to_store(self) -> list[object]:
        """What cannot be read is kept as it is, and so is what a newer program may have added to a view that
        was not changed."""
        kept = {view: raw for view, raw in self._read if view is not None}
        shown = [kept[view] if view in kept else view_to_json(view) for view in self.views]
        return [*shown, *(raw for view, raw in self._read if view is None)]


def _view_of(stored: object) -> SavedView | None:
    try:
        return view_from_json(stored)
    except ValueError:
        return None  # a newer program wrote it, or something damaged it
