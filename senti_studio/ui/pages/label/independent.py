"""Labelling independently: the queue of one person, in which nobody else's labels are seen."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.domain.comments import Comment, CommentCounts
from senti_studio.ui.context import UiContext

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

KEY = "label.independent"
"""The names of those who label independently, in the settings of the project."""
ACTION = "label.independent"


def own_view(comment: Comment, annotator: str) -> Comment:
    """The comment as this person has labelled it; without a name as it is."""
    if not annotator:
        return comment
    own = tuple(each for each in comment.annotations if each.annotator == annotator)
    label_id = own[0].label_id if own else None
    return dataclasses.replace(comment, label_id=label_id, skipped=False, annotations=own)


def own_counts(project: Project, annotator: str, share_ids: frozenset[int]) -> CommentCounts:
    """Counts of what this person has labelled, of these shares or of everything."""
    counts = project.comments.counts()
    total, by_label = project.people.progress_of(annotator, share_ids)
    known = {label_id: by_label.get(label_id, 0) for label_id in counts.by_label}
    return dataclasses.replace(
        counts, total=total, labelled=sum(known.values()), by_label=known, skipped=0, disputed=0
    )


class Independent(QObject):
    """Remembers by project and name who labels independently; `changed` when that, or the name, changed."""

    changed = Signal()

    def __init__(self, context: UiContext, page: str, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._project: Project | None = None
        self._names: frozenset[str] = frozenset()
        self.action = context.actions.bind(ACTION, self.toggle, page=page)
        self.action.setCheckable(True)
        context.session.annotator_changed.connect(self._changed)

    @property
    def own(self) -> str:
        """Whose labels alone are seen; empty when everybody's are."""
        name = self._context.session.annotator
        return name if name in self._names else ""

    def open(self, project: Project | None) -> None:
        """Another project, or none."""
        stored = project.settings.get(KEY, []) if project is not None else []
        self._project = project
        self._names = frozenset(each for each in stored if isinstance(each, str))
        self.action.setChecked(bool(self.own))

    @Slot()
    def toggle(self) -> None:
        """On or off, for the person who labels in this window."""
        if self._project is not None:
            self._names = self._names ^ {self._context.session.annotator}
            self._project.settings.set(KEY, sorted(self._names))
            self._changed()

    @Slot()
    def _changed(self) -> None:
        self.action.setChecked(bool(self.own))
        self.changed.emit()
