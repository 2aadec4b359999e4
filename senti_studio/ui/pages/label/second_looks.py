"""Asks now and then for a label that the annotator has given before, to learn how far people agree with
themselves.

The comment waits in memory before it is due, so that it is shown as quickly as any other.
"""

from __future__ import annotations

import dataclasses
import random
from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from senti_studio.domain.comments import Comment
from senti_studio.domain.self_agreement import ASKED_SHARE, DECISIONS_BETWEEN
from senti_studio.errors import UserError
from senti_studio.ui.operations import run_operation
from senti_studio.ui.session import Session

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

LOOK_AFTER_MS = 400
_LOOK_AGAIN = 10
"""Decisions until it is looked again for a comment to ask, where there was none."""


def veiled(comment: Comment) -> Comment:
    """The comment as if nobody had labelled it."""
    return dataclasses.replace(comment, label_id=None, skipped=False, annotations=())


def unveiled(comment: Comment, real: Comment) -> Comment:
    """A veiled comment, perhaps with a new flag or note, with the label that it has."""
    if comment.id != real.id or comment.label_id is not None:
        return comment
    return dataclasses.replace(
        comment, label_id=real.label_id, skipped=real.skipped, annotations=real.annotations
    )


class SecondLooks(QObject):
    """`due` after a decision is the comment to ask again, mostly none; never one twice in a session."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._project: Project | None = None
        self.chance = random.Random()
        self.share = ASKED_SHARE
        self.between = DECISIONS_BETWEEN
        self._recent: deque[int] = deque(maxlen=DECISIONS_BETWEEN)
        self._asked: set[int] = set()
        self._waiting: Comment | None = None
        self._of = ""
        self._is_looking = False
        self._until_look = 0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(LOOK_AFTER_MS)
        self._later.timeout.connect(self._look)

    @property
    def waiting(self) -> Comment | None:
        """What would be asked next."""
        return self._waiting

    @property
    def is_looking(self) -> bool:
        """Whether another one is being looked for."""
        return self._is_looking or self._later.isActive()

    def open(self, project: Project | None) -> None:
        """Another project, or none."""
        self._later.stop()
        self._project = project
        self._recent.clear()
        self._asked.clear()
        self._waiting, self._is_looking, self._until_look = None, False, 0

    @Slot()
    def forget(self) -> None:
        """Comments came or went: another one is looked for before the next is due."""
        self._waiting, self._until_look = None, 0

    def due(self, decided_id: int, *, may_ask: bool) -> Comment | None:
        """A label was given to ``decided_id``: the comment to ask now, from memory. None mostly."""
        self._recent.append(decided_id)
        if self._project is None or not may_ask or not self._session.asks_again:
            return None
        waiting = self._waiting
        if waiting is None or self._of != self._session.annotator or waiting.id in self._recent:
            self._waiting = None
            self._plan()
            return None
        if self.chance.random() >= self.share:
            return None
        self._waiting = None
        self._asked.add(waiting.id)
        self._until_look = 0
        self._plan()
        return waiting

    def _plan(self) -> None:
        if self._until_look > 0:
            self._until_look -= 1
        elif not self.is_looking:
            self._later.start()

    @Slot()
    def _look(self) -> None:
        project, annotator = self._project, self._session.annotator
        if project is None:
            return
        without, between = self._asked | set(self._recent), self.between
        self._is_looking = True
        run_operation(
            self,
            lambda: _find(project, annotator, self.chance, without, between),
            on_success=lambda found: self._take(project, annotator, found),
            on_failure=lambda _: self._take(project, annotator, None),
        )

    def _take(self, project: Project, annotator: str, found: Comment | None) -> None:
        if project is not self._project:
            return
        self._is_looking = False
        self._waiting, self._of = found, annotator
        self._until_look = 0 if found is not None else _LOOK_AGAIN


def _find(
    project: Project, annotator: str, chance: random.Random, without: set[int], between: int
) -> Comment | None:
    comment_id = project.second_looks.candidate(annotator, chance, without=without, between=between)
    if comment_id is None:
        return None
    try:
        return project.comments.get(comment_id)
    except UserError:  # its source was removed this moment
        return None
