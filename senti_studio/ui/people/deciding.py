"""What the dialog of disputed comments does; no widgets. Comments are read ahead, off the GUI thread."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Signal

from senti_studio.domain.comments import Comment, CommentFilter
from senti_studio.domain.journal import Action
from senti_studio.domain.labels import Label
from senti_studio.domain.people import Saying
from senti_studio.errors import UserError
from senti_studio.ui.operations import Failure, run_operation
from senti_studio.ui.session import Session

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

T = TypeVar("T")

DISPUTED = CommentFilter(disputed=True)
_AHEAD, _KEPT = 4, 64
_THINKING_LIMIT = 600.0


@dataclass(frozen=True, slots=True)
class Disputed:
    """A comment, and who said what of it."""

    comment: Comment
    sayings: tuple[Saying, ...]

    @property
    def decided(self) -> Saying | None:
        """The newest decision, if there is one."""
        made = [each for each in self.sayings if each.adjudicated]
        return made[-1] if made else None


class Deciding(QObject):
    """The queue is that of the moment when it was opened; what is decided stays in it, to come back to."""

    changed = Signal()
    """Another comment is in view (`current`), or what is known of it changed."""
    failed = Signal(object)
    outrun = Signal()
    """What was to be undone is not the last action any more."""

    def __init__(self, session: Session, project: Project, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._project = project
        self.labels: tuple[Label, ...] = tuple(project.labels.list())
        self.ids: list[int] = []
        self.place = 0
        self.is_filled = False
        self.decided: dict[int, int] = {}
        """Comment id -> label id, of what was decided here."""
        self._done: list[tuple[int, int]] = []
        self._cache: OrderedDict[int, Disputed] = OrderedDict()
        self._coming: set[int] = set()
        self._shown_at = time.monotonic()

    def begin(self) -> None:
        """Reads which comments are disputed."""
        project = self._project
        run_operation(
            self,
            lambda: [each for part in project.comments.ids(DISPUTED) for each in part],
            on_success=self._fill,
            on_failure=self.failed.emit,
        )

    def _fill(self, ids: list[int]) -> None:
        self.ids, self.place, self.is_filled = ids, 0, True
        self._show()

    @property
    def current(self) -> Disputed | None:
        """What is in view; None while it is read, and after the last."""
        return self._cache.get(self.ids[self.place]) if self.place < len(self.ids) else None

    @property
    def is_over(self) -> bool:
        """Nothing is left to decide."""
        return self.is_filled and self.place >= len(self.ids)

    @property
    def left(self) -> int:
        return len(self.ids) - len(self.decided)

    def decide(self, index: int) -> bool:
        """The label at ``index`` is the comment's from now on; goes on to the next one."""
        shown = self.current
        if shown is None or not 0 <= index < len(self.labels):
            return False
        label, comment_id = self.labels[index], shown.comment.id
        seconds = min(time.monotonic() - self._shown_at, _THINKING_LIMIT)
        future = self._project.annotations.adjudicate(
            comment_id, label.id, annotator=self._session.annotator, seconds=seconds
        )
        self.decided[comment_id] = label.id
        self._session.track(
            future,
            on_success=self._while_open(self._stored),
            on_failure=self._while_open(lambda error: self._not_stored(comment_id, error)),
        )
        self.step(1)
        return True

    def _stored(self, action: Action) -> None:
        (comment_id,) = action.comment_ids
        if action.count:
            self._done.append((action.id, comment_id))
        self._forget(comment_id)

    def _not_stored(self, comment_id: int, error: Failure) -> None:
        self.decided.pop(comment_id, None)
        self._visit(comment_id)
        self.failed.emit(error)

    def step(self, by: int) -> None:
        """The next (1) or previous (-1) comment, decided or not."""
        place = self.place + by
        if 0 <= place <= len(self.ids) and place != self.place:
            self.place = place
            self._show()

    def undo(self) -> None:
        """Takes back the last decision that was made here, and shows its comment."""
        if not self._done:
            return
        action_id, comment_id = self._done.pop()
        self._session.track(
            self._project.annotations.undo(self._session.annotator, only=action_id),
            on_success=self._while_open(lambda action: self._undone(comment_id, action)),
            on_failure=self._while_open(self.failed.emit),
        )

    def _while_open(self, act: Callable[[T], object]) -> Callable[[T], None]:
        """The dialog may be closed before what was decided is on the disk; the session follows that."""

        def act_if_open(value: T) -> None:
            if shiboken6.isValid(self):
                act(value)

        return act_if_open

    def _undone(self, comment_id: int, action: Action | None) -> None:
        if action is None:
            self.outrun.emit()
            return
        self.decided.pop(comment_id, None)
        self._forget(comment_id)
        self._visit(comment_id)

    def _visit(self, comment_id: int) -> None:
        self.place = self.ids.index(comment_id)
        self._show()

    # -- reading -------------------------------------------------------------------------------------------

    def _show(self) -> None:
        self._shown_at = time.monotonic()
        self.changed.emit()
        self._read()

    def _forget(self, comment_id: int) -> None:
        self._cache.pop(comment_id, None)
        self._read()

    def _read(self) -> None:
        low = max(0, self.place - 1)
        wanted = [
            each
            for each in self.ids[low : self.place + _AHEAD]
            if each not in self._cache and each not in self._coming
        ]
        if not wanted:
            return
        project = self._project
        self._coming.update(wanted)

        def work() -> list[Disputed]:
            return [found for each in wanted if (found := _read_one(project, each)) is not None]

        run_operation(
            self,
            work,
            on_success=lambda found: self._take(wanted, found),
            on_failure=lambda error: self._not_read(wanted, error),
        )

    def _not_read(self, wanted: list[int], error: Failure) -> None:
        self._coming.difference_update(wanted)
        self.failed.emit(error)

    def _take(self, wanted: list[int], found: list[Disputed]) -> None:
        self._coming.difference_update(wanted)
        here = self.ids[self.place] if self.place < len(self.ids) else None
        for each in found:
            self._cache[each.comment.id] = each
        while len(self._cache) > _KEPT:
            self._cache.popitem(last=False)
        gone = set(wanted) - {each.comment.id for each in found}
        if gone:  # their source was taken out meanwhile
            before = sum(each in gone for each in self.ids[: self.place])
            self.ids = [each for each in self.ids if each not in gone]
            self.place -= before
        if here in wanted:
            self._show()


def _read_one(project: Project, comment_id: int) -> Disputed | None:
    try:
        comment = project.comments.get(comment_id)
    except UserError as error:
        if error.code != "COMMENT_NOT_FOUND":
            raise
        return None
    return Disputed(comment, tuple(project.people.sayings(comment_id)))
