"""The comments of one labelling queue, one in view: filling, moving, reading ahead, remembering the place."""

from __future__ import annotations

import dataclasses
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.comments import Comment, Order
from senti_studio.errors import UserError
from senti_studio.ui.models.id_fill import Filled, IdFill
from senti_studio.ui.operations import Failure, run_operation
from senti_studio.ui.pages.label.filling import ids_of
from senti_studio.ui.pages.label.independent import own_view
from senti_studio.ui.pages.label.queue import Queue
from senti_studio.ui.pages.label.queue_view import ORDINARY, Kind, Tab, View
from senti_studio.ui.pages.label.second_looks import unveiled, veiled

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

PLACE_KEY = "label.place"
_CACHE = 64
_AHEAD = 8
_LEAST_AHEAD = 3


class CommentFeed(QObject):
    """`comment` is what is in view: mostly the queue's present place, sometimes a visit elsewhere."""

    comment_changed = Signal()
    """Another comment is in view, or the state of the present one changed."""
    queue_changed = Signal()
    """The queue was emptied, grew or is complete."""
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._labels: frozenset[int] = frozenset()
        self.view = View()
        self.queue = Queue(only_open=True)
        self.comment: Comment | None = None
        self.asked_again: Comment | None = None
        """What `comment` really is while it is shown as if it had no label."""
        self.is_filling = False
        self.is_active = False
        self._cache: OrderedDict[int, Comment] = OrderedDict()
        self._age = 0
        self._coming: Queue | None = None
        """The newer state of the queue while it is being read; labelling goes on in the present one."""
        self._seeking: int | None = None
        self._is_owed = False
        """A decision was made before its comment's place in a new queue was known: the next one is due."""
        self._asked_for: int | None = None
        self._ranking: tuple[int, ...] = ()
        """What the assistant put first in a view that it ranks."""
        self._kept: dict[str, object] = {}
        self._fill = IdFill(self)
        self._fill.grew.connect(self._grow)
        self._fill.ended.connect(self._filled)
        self._fill.failed.connect(self._fill_failed)
        self._ahead = self._timer(10)  # after the comment in view is painted
        self._ahead.timeout.connect(self._read_ahead)
        self._keep = self._timer(1500)
        self._keep.timeout.connect(self.keep_place)

    def _timer(self, interval: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        return timer

    # ---- which comments ------------------------------------------------------------------------------------

    def open(self, project: Project | None, labels: frozenset[int]) -> None:
        """Takes up the place where this project was left; fills nothing yet (see `activate`)."""
        self.keep_place()
        self._fill.stop()
        self._ahead.stop()
        self._keep.stop()
        self._project, self._labels = project, labels
        self._forget_all()
        self.comment = self.asked_again = None
        self.queue, self._coming = Queue(only_open=True), None
        self.view, self._seeking, self._is_owed, self._kept = View(), None, False, {}
        self._ranking = ()
        self.is_active = self.is_filling = False
        if project is not None:
            self._recall(project.settings.get(PLACE_KEY, {}))
        self.queue_changed.emit()
        self.comment_changed.emit()

    def activate(self, view: View | None = None, comment_id: int | None = None) -> None:
        """The page is shown: fills the queue the first time, or when another view or comment is asked for."""
        if self._project is None:
            return
        was_active, self.is_active = self.is_active, True
        if view is not None and view != self.view:
            self.view, self._ranking = view, ()
            self._seeking, self._is_owed = comment_id, False
            self._start_fill()
        elif not was_active:
            self._asked_for = comment_id
            self._seeking = comment_id or self._seeking
            self._start_fill()
        elif comment_id is not None:
            self.jump(comment_id)

    def set_view(self, view: View) -> None:
        """Another tab, order, search or filter; inside one tab in file order the comment in view stays."""
        if view == self.view or self._project is None:
            return
        is_same_list = view.tab is self.view.tab and view.own == self.view.own
        stays = is_same_list and view.is_sorted and self.comment is not None
        here = self.queue.current if self.asked_again else self.comment.id if self.comment else None
        self._seeking = here if stays else None
        self._is_owed = False
        if view.own != self.view.own:
            self._forget_all()
        self.view, self._ranking = view, ()
        self._start_fill()
        self._keep.start()

    def look_as(self, own: str) -> None:
        """Whose labels alone are seen, before the queue is filled for the first time."""
        self.view = dataclasses.replace(self.view, own=own)

    def refill(self, labels: frozenset[int]) -> None:
        """Comments or labels of the project came or went: the queue is read anew, unnoticed by who labels."""
        self._labels = labels
        if self._project is None or not self.is_active:
            return
        self._forget_all()
        if self.is_filling:
            self._start_fill()
            return
        self._coming = Queue(only_open=self.queue.only_open)
        self._coming.follow(self.queue)
        self._read_queue()

    @Slot()
    def keep_place(self) -> None:
        """Remembers tab, order and comment in the project."""
        if self._project is None or not self.is_active or self._seeking is not None:
            return
        comment_id = self.queue.current or (self.comment.id if self.comment else None)
        place: dict[str, object] = {
            "tab": str(self.view.tab),
            "order": str(self.view.order),
            "kind": str(self.view.kind),
            "comment": comment_id,
        }
        if place != self._kept:
            self._kept = place
            self._project.settings.set(PLACE_KEY, place)

    def _recall(self, place: object) -> None:
        values = place if isinstance(place, dict) else {}
        try:
            kind = Kind(values.get("kind", "plain"))
            self.view = View(
                Tab(values.get("tab", "open")),
                Order(values.get("order", "file")),
                kind=kind if kind is not Kind.COPIES else Kind.PLAIN,
            )
        except ValueError:  # written by a later version
            self.view = View()
        comment_id = values.get("comment")
        self._seeking = comment_id if isinstance(comment_id, int) else None
        self._kept = dict(values)

    # ---- filling -------------------------------------------------------------------------------------------

    def _start_fill(self) -> None:
        project = self._project
        if project is None:
            return
        before, self.queue = self.queue, Queue(only_open=self.view.only_open)
        if self.queue.only_open:
            self.queue.follow(before)
        self._coming = None
        self.is_filling = True
        self._read_queue()
        self.queue_changed.emit()

    def start_over(self) -> None:
        """Everything in the queue may be decided now: it is read anew, and goes on behind the comment in
        view."""
        self._seeking = self.comment.id if self.comment is not None else None
        self._is_owed = self._seeking is not None
        self._forget_all()
        self._start_fill()
        self._show(None)

    def rank(self, view: View, ids: tuple[int, ...]) -> None:
        """What the assistant says comes first in ``view``: the comment in view stays, these follow."""
        if view != self.view or self._project is None:
            return
        before, self._ranking = self._ranking, ids
        if view.kind is Kind.USEFUL:
            if not (self.is_filling and view.needs_whole_queue):
                self._put_first()
        elif self.comment is None or not before:
            self._start_fill()

    def _put_first(self) -> None:
        ids = self._ranking
        if self.view.needs_whole_queue:
            found = frozenset(self.queue.ids)
            ids = tuple(each for each in ids if each in found)
        self.queue.put_first(ids)
        if self.comment is None and self.queue.place < 0:
            self._seeking = None
            self._show_if(self.queue.step_open(1))
        self._ahead.start()
        self.queue_changed.emit()

    def _read_queue(self) -> None:
        """Has the ids of the view read off the GUI thread; they come to `_grow`."""
        self._fill.start(self.chunks())

    def chunks(self) -> Callable[[], Iterator[array[int]]]:
        """What reads the ids that the view holds now, for another thread."""
        project, view, labels, ranking = self._project, self.view, self._labels, self._ranking
        assert project is not None
        return lambda: ids_of(project, view, labels, ranking)

    @Slot(object)
    def _grow(self, ids: array[int]) -> None:
        if self._coming is not None:
            self._coming.append(ids)
            return
        start = len(self.queue)
        self.queue.append(ids)
        if self._seeking is not None:
            if self.queue.seek(self._seeking, start=start):
                self._seeking = None
                self._show(self.queue.advance() if self._is_owed else self.queue.current)
                self._is_owed = False
        elif self.queue.place < 0:
            self._show(self.queue.step_open(1))
        self.queue_changed.emit()

    @Slot(object)
    def _filled(self, filled: Filled) -> None:
        if self._coming is not None:
            self._take_over(self._coming)
            return
        self.is_filling = False
        if self._ranking and self.view.kind is Kind.USEFUL and self.view.needs_whole_queue:
            self._put_first()
        asked_for, self._asked_for = self._asked_for, None
        if self._seeking is not None and self._seeking == asked_for:
            # Asked for by another page: it is shown, whether this queue holds it or not.
            self._seeking = None
            self.jump(asked_for)
        elif self._seeking is not None or self.queue.place < 0:
            seeking, self._seeking = self._seeking, None
            if seeking is not None and self._is_owed and self._is_sorted:
                self.queue.take_place(seeking, self.queue, is_sorted=True, is_there=False)
            self._is_owed = False
            self._show(self.queue.step_open(1, wrap=True))
        self.queue_changed.emit()

    def _take_over(self, coming: Queue) -> None:
        """The newer state of the queue is whole: the place stays where it is."""
        self._coming = None
        before, self.queue = self.queue, coming
        here = before.current
        if here is not None:
            coming.take_place(here, before, is_sorted=self._is_sorted, is_there=self._is_there(here))
        if self.view.kind is Kind.USEFUL and self._ranking:
            self._put_first()
        if self.comment is None or not self._is_there(self.comment.id):
            self._show(coming.advance())
        self.queue_changed.emit()

    @property
    def _is_sorted(self) -> bool:
        return self.view.is_sorted

    def _is_there(self, comment_id: int) -> bool:
        return self._project is not None and bool(existing(self._project, [comment_id]))

    @Slot(object)
    def _fill_failed(self, error: Failure) -> None:
        self.is_filling = False
        self._coming = None
        self.queue_changed.emit()
        self.failed.emit(error)

    # ---- moving --------------------------------------------------------------------------------------------

    @property
    def is_finished(self) -> bool:
        """Nothing is left in this queue."""
        return self.comment is None and not self.is_filling and self._coming is None

    def move(self, by: int) -> None:
        """The next (1) or previous (-1) comment of the queue, labelled or not."""
        if self.comment is None and by < 0 and self.queue.current is not None:
            self._show(self.queue.current)  # back from the end of the queue
            return
        if self.asked_again is not None and by < 0:
            self._show_if(self.queue.current)
            return
        if by > 0 and self._is_visit:
            self._show_if(self.queue.current)  # where the visit began, and not the one after it
            return
        self._show_if(self.queue.step(by))

    def move_open(self, by: int) -> None:
        """The next or previous comment without a label."""
        here = self.queue.current
        if by > 0 and self._is_visit and here is not None and self.queue.is_open(here):
            self._show(here)
            return
        if self.queue.only_open:
            self._show_if(self.queue.step_open(by))
            return
        project, ids, place = self._project, self.queue.ids, self.queue.place
        if project is None or self.is_filling:
            return
        run_operation(
            self,
            lambda: project.comments.next_unlabelled(ids, place + by, by),
            on_success=lambda found: self._go_to_place(ids, found),
        )

    @property
    def _is_visit(self) -> bool:
        """Whether another comment is in view than the one at the place of the queue."""
        here = self.queue.current
        if self.comment is None or here is None or self.asked_again is not None:
            return False
        return self.comment.id != here

    @property
    def may_ask_again(self) -> bool:
        """Whether a comment that does not belong to the queue may come between its comments."""
        is_ordinary = self.view.tab is Tab.OPEN and self.view.kind in ORDINARY and not self.view.search
        return is_ordinary and not self.is_filling

    def go_on(self, again: Comment | None = None) -> None:
        """After a decision: the next comment; from a visit, back to the place in the queue. ``again`` is
        shown before that, as if it had no label; the place in the queue stays."""
        if again is not None:
            self.asked_again, self.comment = again, veiled(again)
            self.comment_changed.emit()
            self._ahead.start()
            return
        if self.is_filling and self._seeking is not None:
            self._is_owed = True
            self._show(None)  # no key may hit a comment that has just been decided
            return
        was_visit = self.comment is None or self.comment.id != self.queue.current
        here = self.queue.current
        if was_visit and here is not None and (not self.queue.only_open or self.queue.is_open(here)):
            self._show(here)
            return
        following = self.queue.advance()
        if following is None and not self.queue.only_open:
            self.touch()  # the last one of a list that is looked through stays in view
            return
        self._show(following)

    def jump(self, comment_id: int) -> bool:
        """Shows a comment, at its place in the queue if it is there, otherwise as a visit; whether it was
        there."""
        is_there = self.queue.seek_near(comment_id)
        self._show(comment_id)
        return is_there

    @property
    def is_missing_here(self) -> bool:
        """The comment in view is open again, and was decided when the queue was read."""
        here = self.comment
        is_open = here is not None and here.label_id is None and not here.skipped
        return is_open and self._is_visit and self.queue.only_open and not self.is_filling

    def touch(self) -> None:
        """The state of the comment in view changed."""
        if self.comment is not None:
            self.comment = self._cache.get(self.comment.id, self.comment)
            if self.asked_again is not None:
                self.comment = veiled(self.comment)
            self.comment_changed.emit()

    def _go_to_place(self, ids: array[int], place: int | None) -> None:
        if place is not None and ids is self.queue.ids:
            self.queue.place = place
            self._show(self.queue.current)

    def _show_if(self, comment_id: int | None) -> None:
        if comment_id is not None:
            self._show(comment_id)

    def _show(self, comment_id: int | None) -> None:
        try:
            self.comment = self._get(comment_id) if comment_id is not None else None
            self.asked_again = None
        except UserError as error:
            if comment_id is not None:
                self.close(comment_id)  # its source was removed; the queue is filled anew soon
            self.failed.emit(error)
            return
        self.comment_changed.emit()
        self._ahead.start()
        self._keep.start()

    # ---- comments in memory --------------------------------------------------------------------------------

    def remember(self, comment: Comment) -> None:
        """Keeps what is known of a comment, and whether it still waits in the queue."""
        if self.asked_again is not None:
            comment = unveiled(comment, self.asked_again)
        self._cache[comment.id] = comment
        self._cache.move_to_end(comment.id)
        while len(self._cache) > _CACHE:
            self._cache.popitem(last=False)
        if comment.label_id is not None or comment.skipped:
            self.close(comment.id)
        else:
            self.reopen(comment.id)

    def close(self, comment_id: int) -> None:
        """The comment is decided: it is not offered again."""
        for queue in self._queues():
            queue.close(comment_id)

    def reopen(self, comment_id: int) -> None:
        """The decision was undone or failed."""
        for queue in self._queues():
            queue.reopen(comment_id)

    def reopen_all(self) -> None:
        """Nothing is known any more of what was decided."""
        self._forget_all()
        for queue in self._queues():
            queue.reopen_all()

    def _queues(self) -> tuple[Queue, ...]:
        return (self.queue,) if self._coming is None else (self.queue, self._coming)

    def _forget_all(self) -> None:
        """What is known of every comment may be wrong, and so is what is just being read ahead."""
        self._cache.clear()
        self._age += 1

    def forget(self, comment_id: int) -> None:
        """What is known of a comment may be wrong."""
        self._cache.pop(comment_id, None)

    def known(self) -> list[int]:
        """The comments whose state somebody else may have changed meanwhile: in view and coming."""
        here = [self.comment.id] if self.comment is not None else []
        return here + self.queue.upcoming(_AHEAD)

    def renew(self, comments: list[Comment]) -> None:
        """Fresh states of `known` comments; everything else in memory is dropped."""
        self._forget_all()
        for comment in comments:
            self.remember(own_view(comment, self.view.own))
        here = self.comment
        if here is not None and self.asked_again is None and self._cache.get(here.id, here) != here:
            self.touch()

    def state_of(self, comment_id: int) -> Comment:
        """What is known of a comment that is not in view; raises UserError when it is gone."""
        found = self._cache.get(comment_id)
        if found is None:
            assert self._project is not None
            found = own_view(self._project.comments.get(comment_id), self.view.own)
        return found

    def _get(self, comment_id: int) -> Comment:
        found = self._cache.get(comment_id)
        if found is None:
            assert self._project is not None
            found = own_view(self._project.comments.get(comment_id), self.view.own)
            self.remember(found)
        return found

    @Slot()
    def _read_ahead(self) -> None:
        project = self._project
        if project is None or all(each in self._cache for each in self.queue.upcoming(_LEAST_AHEAD)):
            return
        missing = [each for each in self.queue.upcoming(_AHEAD) if each not in self._cache]
        age = self._age
        run_operation(
            self,
            lambda: existing(project, missing),
            on_success=lambda comments: self._take_ahead(age, comments),
            on_failure=lambda error: None,  # the comment is read again, and the error shown, when it comes up
        )

    def _take_ahead(self, age: int, comments: list[Comment]) -> None:
        if age == self._age:
            for comment in comments:
                if comment.id not in self._cache:
                    self.remember(own_view(comment, self.view.own))


def existing(project: Project, ids: list[int]) -> list[Comment]:
    """The comments among ``ids`` that are there; those of a source removed meanwhile are left out."""
    found = []
    for each in ids:
        try:
            found.append(project.comments.get(each))
        except UserError as error:
            if error.code != "COMMENT_NOT_FOUND":
                raise
    return found
