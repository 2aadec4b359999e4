"""What the labelling page does; no widgets.

A decision is handed to the writer thread, and the next comment is at once the one that keys mean; it is
painted when the decision is on the disk (`written`). The history, the counts and the speed only ever speak of
what is committed.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.comments import Comment, CommentCounts
from senti_studio.domain.journal import LABEL_SET_VERBS, Action, HistoryItem, Verb
from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.ui.operations import Failure, Operation, run_operation
from senti_studio.ui.pages.label.feed import CommentFeed, existing
from senti_studio.ui.pages.label.independent import own_counts
from senti_studio.ui.pages.label.pace import Pace
from senti_studio.ui.pages.label.queue_view import View
from senti_studio.ui.pages.label.saving import Decision, SaveFailure, Saving
from senti_studio.ui.pages.label.second_looks import SecondLooks
from senti_studio.ui.session import Session, Unsaved

if TYPE_CHECKING:
    from senti_studio.storage.project import Project
    from senti_studio.storage.test_sets import TestCounts

HISTORY = 24
_THINKING_LIMIT = 600.0


@dataclass(frozen=True, slots=True)
class _State:
    counts: CommentCounts
    history: list[HistoryItem]
    can_undo: bool
    can_redo: bool
    fresh: list[Comment]
    labels: tuple[Label, ...]
    aside: TestCounts | None
    test_set: tuple[int, frozenset[int]]
    """Its version, and what it holds."""


class LabelPresenter(QObject):
    """Decides, undoes and tells; which comment is in view is the matter of its `feed`."""

    counts_changed = Signal()
    history_changed = Signal()
    failure_changed = Signal()
    labels_replaced = Signal()
    decided = Signal(object, object)
    """`Decision`, `Action`: a decision of the page is on the disk."""
    written = Signal()
    """All that was decided is on the disk (or has failed): what is in view may be painted."""
    chosen = Signal(int)
    """Place of the label that was just given."""
    told = Signal(str, int)
    """Something worth a toast: what (``left_out``: comments that an undo did not touch), and how many."""
    failed = Signal(object)
    """An error for the dialog: a read or an undo that did not work."""
    done_beside = Signal()
    """Comments were labelled otherwise than by the keys of the page, or that was taken back."""
    held_back = Signal()
    """A key did nothing, because a decision is on its way to the disk and its comment was not seen yet."""
    walked = Signal(object)
    """The `Action` that was undone or done again, where it changed comments."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._project: Project | None = None
        self.feed = CommentFeed(self)
        self.feed.failed.connect(self.failed)
        self.second_looks = SecondLooks(session, self)
        self.labels: tuple[Label, ...] = ()
        self.counts: CommentCounts | None = None
        self.aside: TestCounts | None = None
        """The comments of the test set among the counts, which only their own queue shows."""
        self._test_set: tuple[int, frozenset[int]] = (0, frozenset())
        self.history: list[HistoryItem] = []
        self.can_undo = False
        self.can_redo = False
        self.painted_id: int | None = None
        """The comment on the screen: not the one that keys mean, as long as a decision is being written."""
        self._failure: SaveFailure | None = None
        self.pace = Pace(time.monotonic)
        self._shown_at = time.monotonic()
        self._refreshing: Operation[_State] | None = None
        self._refresh_again = False
        self._saving = Saving(session.track, self)
        self._saving.committed.connect(self._committed)
        self._saving.failed.connect(self._save_failed)
        self._saving.refused.connect(self._refused)
        self._saving.recovered.connect(self._recovered)
        self._saving.written.connect(self._start_clock)
        self._saving.written.connect(self.written)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(120)
        self._later.timeout.connect(self.refresh)
        self.feed.comment_changed.connect(self._start_clock)
        session.labels_changed.connect(self._schedule_refresh)
        session.comments_changed.connect(self.refill)

    @property
    def failure(self) -> SaveFailure | None:
        """The decisions that could not be written, and why; the session keeps the project open over them."""
        return self._failure

    @failure.setter
    def failure(self, failure: SaveFailure | None) -> None:
        self._failure = failure
        held = None
        if failure is not None:
            held = Unsaved(len(failure.waiting), failure.code, failure.params, self.retry)
        self._session.hold(held)

    # ---- opening -------------------------------------------------------------------------------------------

    def open(self, project: Project | None) -> None:
        """Another project, or none; nothing is read but its labels and the place where it was left."""
        self._saving.forget()
        self._drop_refresh()
        self._project = project
        self.counts = self.aside = None
        self._test_set = (0, frozenset())
        self.history = []
        self.can_undo = self.can_redo = False
        self.failure = None
        self.pace = Pace(time.monotonic)
        self.labels = tuple(project.labels.list()) if project is not None else ()
        self.feed.open(project, self._label_ids())
        self.second_looks.open(project)
        self.labels_replaced.emit()
        self.failure_changed.emit()
        self.history_changed.emit()
        self.counts_changed.emit()

    def activate(self, view: View | None = None, comment_id: int | None = None) -> None:
        """The page is shown, perhaps with a view or a comment asked for by another page."""
        self.feed.activate(view, comment_id)
        self.refresh()

    @Slot()
    def refill(self) -> None:
        """Comments or the label set changed."""
        if self._project is None:
            return
        labels = tuple(self._project.labels.list())
        if labels != self.labels:
            self.labels = labels
            self.labels_replaced.emit()
        self.feed.refill(self._label_ids())
        self.second_looks.forget()
        self._schedule_refresh()

    def label_of(self, label_id: int | None) -> Label | None:
        return next((label for label in self.labels if label.id == label_id), None)

    def _label_ids(self) -> frozenset[int]:
        return frozenset(label.id for label in self.labels)

    @Slot()
    def _start_clock(self) -> None:
        self._shown_at = time.monotonic()

    # ---- deciding ------------------------------------------------------------------------------------------

    @property
    def comment(self) -> Comment | None:
        return self.feed.comment

    @property
    def test_set(self) -> frozenset[int]:
        """The comments that are set aside, as of the last look."""
        return self._test_set[1]

    @property
    def is_writing(self) -> bool:
        """What was decided is on its way to the disk: until it is there, nothing new is painted."""
        return self._saving.is_writing

    @property
    def is_blocked(self) -> bool:
        """Nothing can be decided: no comment in view, a decision could not be saved, or is on its way while
        the next comment was not seen yet; only keys typed in one go act on comments ahead of the screen."""
        if self._project is None or self.comment is None or self.failure is not None:
            return True
        return self.is_unseen and not self._saving.is_in_one_go

    @property
    def is_unseen(self) -> bool:
        """What is in view for the keys waits for the disk before it is painted."""
        return self.is_writing and (self.comment is None or self.comment.id != self.painted_id)

    def _holds_back(self) -> bool:
        if not self.is_blocked:
            return False
        if self.is_writing:
            self.held_back.emit()
        return True

    def label(self, place: int) -> bool:
        """Gives the label at ``place`` (from 0) to the comment in view and goes on; False if it could not."""
        if self._holds_back() or not 0 <= place < len(self.labels):
            return False
        project, comment, label = self._project, self.comment, self.labels[place]
        assert project is not None
        assert comment is not None
        seconds = min(time.monotonic() - self._shown_at, _THINKING_LIMIT)
        annotator, is_again = self._session.annotator, self.feed.asked_again is not None

        def write() -> Future[Action]:
            if is_again:
                return project.second_looks.answer(comment.id, label.id, annotator=annotator, seconds=seconds)
            return project.annotations.label([comment.id], label.id, annotator=annotator, seconds=seconds)

        self._decide("label", dataclasses.replace(comment, label_id=label.id, skipped=False), write)
        self.chosen.emit(place)
        self.feed.go_on(self.second_looks.due(comment.id, may_ask=self.feed.may_ask_again))
        return True

    def skip(self) -> bool:
        """Puts the comment in view aside and goes on; one that has a label is only stepped over."""
        if self._holds_back():
            return False
        project, comment = self._project, self.comment
        assert project is not None
        assert comment is not None
        if comment.label_id is None and not comment.skipped and self.feed.asked_again is None:
            annotator = self._session.annotator
            self._decide(
                "skip",
                dataclasses.replace(comment, skipped=True),
                lambda: project.annotations.skip([comment.id], annotator=annotator),
            )
        self.feed.go_on()
        return True

    def flag(self) -> bool:
        """Marks the comment in view to be looked at again, or takes the mark away."""
        if self._holds_back():
            return False
        project, comment = self._project, self.comment
        assert project is not None
        assert comment is not None
        on, annotator = not comment.flagged, self._session.annotator
        self._decide(
            "flag",
            dataclasses.replace(comment, flagged=on),
            lambda: project.annotations.flag([comment.id], on, annotator=annotator),
        )
        self.feed.touch()
        return True

    def write_note(self, comment_id: int, text: str) -> bool:
        """Sets the remark on a comment, in view or not; empty text removes it. Never refused: what was typed
        goes to the disk, or waits for another try."""
        project, annotator = self._project, self._session.annotator
        comment = self._state_of(comment_id) if project is not None else None
        if project is None or comment is None or comment.note == text:
            return False
        after = dataclasses.replace(comment, note=text)

        def write() -> Future[Action]:
            return project.annotations.note(comment_id, text, annotator=annotator)

        if self.comment is not None and self.comment.id == comment_id:
            self._decide("note", after, write)
            self.feed.touch()
        else:
            label_id = comment.label_id
            self.submit(Decision(comment_id, "note", label_id, label_id, comment.text[:80], write))
        return True

    def _state_of(self, comment_id: int) -> Comment | None:
        if self.comment is not None and self.comment.id == comment_id:
            return self.comment
        try:
            return self.feed.state_of(comment_id)
        except UserError as error:
            self.failed.emit(error)  # its source was removed: there is nothing left to remark on
            return None

    def _decide(self, verb: str, after: Comment, write: Callable[[], Future[Any]]) -> None:
        before = self.feed.asked_again or self.comment
        assert before is not None
        self._saving.submit(
            Decision(after.id, verb, after.label_id, before.label_id, before.text[:80], write)
        )
        self.feed.remember(after)

    @property
    def is_idle(self) -> bool:
        """Every decision is on the disk."""
        return self._saving.is_idle and self.failure is None

    def submit(self, decision: Decision) -> None:
        """Writes a decision of a comment that another part of the page shows."""
        self.feed.forget(decision.comment_id)
        self._saving.submit(decision)

    # ---- what became of it ---------------------------------------------------------------------------------

    @Slot(object, object)
    def _committed(self, decision: Decision, action: Action) -> None:
        if decision.verb in ("label", "skip"):
            self.feed.close(decision.comment_id)
            self.pace.decide()
        if action.count:  # the same label once more is no change
            card = HistoryItem(
                action.id,
                action.verb,
                action.at,
                action.count,
                decision.comment_id,
                decision.text,
                action.label_id,
            )
            self.history = [card, *self.history[: HISTORY - 1]]
            self.can_undo, self.can_redo = True, False
            self._count(decision)
        else:
            self._check_it_is_there(decision.comment_id)
        self.history_changed.emit()
        self.decided.emit(decision, action)
        if decision.verb not in ("label", "skip"):
            self._schedule_refresh()  # the session looks within a second: soon enough

    def _count(self, decision: Decision) -> None:
        """Corrects the counts by one commit; `refresh` brings the exact ones a moment later."""
        counts = self.counts
        if counts is None or decision.verb not in ("label", "skip"):
            return
        if decision.verb == "skip":
            self.counts = dataclasses.replace(counts, skipped=counts.skipped + 1)
            self.counts_changed.emit()
            return
        by_label = dict(counts.by_label)
        for label_id, step in ((decision.before, -1), (decision.label_id, 1)):
            if label_id is not None:
                by_label[label_id] = max(0, by_label.get(label_id, 0) + step)
        self.counts = dataclasses.replace(
            counts, by_label=by_label, labelled=counts.labelled + (decision.before is None)
        )
        self.counts_changed.emit()

    @Slot(object)
    def _save_failed(self, failure: SaveFailure) -> None:
        """Stops the work and goes back to the first comment whose decision is not on the disk."""
        is_first = self.failure is None
        self.failure = failure
        for decision in failure.waiting:
            self.feed.forget(decision.comment_id)
            if decision.before is None:
                self.feed.reopen(decision.comment_id)
        if is_first:
            self._visit(failure.waiting[0].comment_id)
        self.failure_changed.emit()

    @Slot(object, object)
    def _refused(self, decision: Decision, error: Failure) -> None:
        """The label was removed by another window between the last look and the key: the comment is asked for
        once more, with the labels as they are now."""
        self.feed.forget(decision.comment_id)
        if decision.before is None:
            self.feed.reopen(decision.comment_id)
        if self.failure is not None:  # another try was refused: what is left waits on
            waiting = tuple(each for each in self.failure.waiting if each is not decision)
            self.failure = dataclasses.replace(self.failure, waiting=waiting) if waiting else None
            self.failure_changed.emit()
        self.refill()
        self._visit(decision.comment_id)
        self.failed.emit(error)

    def _check_it_is_there(self, comment_id: int) -> None:
        """A label that changed nothing: perhaps its comment was removed while it was in view."""
        project = self._project
        if project is not None:
            run_operation(
                self,
                lambda: existing(project, [comment_id]),
                on_success=lambda found: None if found else self.told.emit("gone", 1),
                on_failure=self.failed.emit,
            )

    def retry(self) -> None:
        """Writes once more what could not be saved; labelling goes on when that worked."""
        if self.failure is not None:
            self._saving.retry()

    @Slot()
    def _recovered(self) -> None:
        waiting = self.failure.waiting if self.failure is not None else ()
        decided = {each.comment_id for each in waiting if each.verb in ("label", "skip")}
        self.failure = None
        self.failure_changed.emit()
        if self.comment is not None and self.comment.id in decided:
            self.feed.go_on()

    # ---- undo ----------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Takes back the last decision of this annotator, whenever it was made, and shows its comment."""
        self._walk(lambda project: project.annotations.undo(self._session.annotator), back=True)

    def redo(self) -> None:
        """Makes the last undone decision again and shows its comment."""
        self._walk(lambda project: project.annotations.redo(self._session.annotator), back=False)

    def _walk(self, step: Callable[[Project], Future[Action | None]], *, back: bool) -> None:
        project = self._project
        if project is None or self.failure is not None:
            return
        self._session.track(
            step(project),
            on_success=lambda action: self._walked(project, action, back=back),
            on_failure=self.failed.emit,
        )

    def _walked(self, project: Project, action: Action | None, *, back: bool) -> None:
        if project is not self._project or action is None:
            return
        # known at once: who presses both keys in a row need not wait until the history is read again
        self.can_undo, self.can_redo = self.can_undo or not back, self.can_redo or back
        self.history_changed.emit()
        ids = action.comment_ids
        if not ids:  # a change of the label set: no comment to show
            if action.of in LABEL_SET_VERBS:
                self.told.emit("labels", action.count)
                self._session.look_now()
            self.refresh()
            return
        if back and action.of in (Verb.LABEL, Verb.SKIP):
            self.pace.take_back()
        if action.left_out:
            self.told.emit("left_out", action.left_out)
        for comment_id in ids:
            self.feed.forget(comment_id)
            self.feed.reopen(comment_id)  # looked at again when it comes up
        self._visit(ids[0])
        if self.feed.is_missing_here:
            self.feed.refill(self._label_ids())  # it is offered again, not only looked at now
        self.walked.emit(action)
        self.refresh()

    def _visit(self, comment_id: int) -> None:
        try:
            self.feed.jump(comment_id)
        except Exception as error:  # noqa: BLE001 - the comment may be gone with its source
            self.failed.emit(error)

    def note_action(self, action: Action) -> None:
        """Something was done beside the keys of the page: it can be undone from now on, not only when the
        history is read again."""
        if action.count:
            self.can_undo, self.can_redo = True, False
            self.history_changed.emit()
            self.done_beside.emit()

    def look_anew(self, comment_id: int = 0) -> None:
        """Many decisions were made or taken back beside the page; shows the comment (0: stays)."""
        self.feed.reopen_all()
        self.refill()
        self.done_beside.emit()
        if comment_id:
            self._visit(comment_id)
        self.refresh()

    # ---- what others did -----------------------------------------------------------------------------------

    @Slot()
    def _schedule_refresh(self) -> None:
        if not self._later.isActive():
            self._later.start()

    @Slot()
    def refresh(self) -> None:
        """Reads counts, history and the state of the comments in view again, off the GUI thread."""
        project = self._project
        if project is None:
            return
        if self._refreshing is not None or not self._saving.is_idle:
            self._refresh_again = True
            if self._refreshing is None:
                self._schedule_refresh()
            return
        annotator, known, view = self._session.annotator, self.feed.known(), self.feed.view
        version, test_set = self._saving.submitted, self._test_set
        self._refreshing = run_operation(
            self,
            lambda: _read_state(project, annotator, known, view, test_set),
            on_success=lambda state: self._take(version, state),
            on_failure=self._refresh_failed,
        )

    def _take(self, version: int, state: _State) -> None:
        self._refreshing = None
        again, self._refresh_again = self._refresh_again, False
        if version != self._saving.submitted:  # somebody decided meanwhile: this is yesterday's paper
            self._schedule_refresh()
            return
        if state.labels != self.labels:
            self.refill()
        self.counts, self.history, self.aside = state.counts, state.history, state.aside
        self._test_set = state.test_set
        self.can_undo, self.can_redo = state.can_undo, state.can_redo
        self.feed.renew(state.fresh)
        self.counts_changed.emit()
        self.history_changed.emit()
        if again:
            self._schedule_refresh()

    def _refresh_failed(self, error: Failure) -> None:
        self._refreshing = None
        self._refresh_again = False
        self.failed.emit(error)

    def _drop_refresh(self) -> None:
        self._later.stop()
        if self._refreshing is not None:
            self._refreshing.drop()
            self._refreshing = None
        self._refresh_again = False


def _read_state(
    project: Project, annotator: str, known: list[int], view: View, test_set: tuple[int, frozenset[int]]
) -> _State:
    version = project.test_sets.version
    return _State(
        own_counts(project, view.own, view.share_ids) if view.own else project.comments.counts(),
        project.annotations.history(annotator, HISTORY),
        project.annotations.can_undo(annotator),
        project.annotations.can_redo(annotator),
        existing(project, known),
        tuple(project.labels.list()),
        project.test_sets.counts_of(view.own, view.share_ids) if view.own else project.test_sets.counts(),
        test_set if version == test_set[0] else (version, project.test_sets.current()),
    )
