"""One label for everything that the queue holds, in one stroke: asked where it is many, undone by one key."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from senti_studio.domain.journal import Action
from senti_studio.domain.labels import Label
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.operations import Failure, run_operation
from senti_studio.ui.pages.data.bulk_bar import BulkProgress
from senti_studio.ui.pages.label.presenter import LabelPresenter
from senti_studio.ui.pages.label.queue_view import View
from senti_studio.ui.undoing import say_not_the_last
from senti_studio.ui.watched import WatchedChange

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

ASKS_ABOVE = 1000
"""Up to so many results of a search or filter are labelled without a question."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What the queue held when it was read: after the action ``since``; ``is_open``: it is a queue of
    comments that nobody decided on."""

    ids: array[int]
    since: int
    is_open: bool


class BulkLabels(QObject):
    """What Ctrl+Shift+digit does; ``bar`` shows how far it is, and stops it."""

    def __init__(
        self, context: UiContext, presenter: LabelPresenter, bar: BulkProgress, page: QObject
    ) -> None:
        super().__init__(page)
        self._context = context
        self._presenter = presenter
        self.bar = bar
        self.is_busy = False
        self.emptied: View | None = None
        """The view of which everything was labelled last."""
        self._start: Callable[[], None] | None = None
        """Waits until nothing is being written any more."""
        self._change = WatchedChange(self)
        self._change.progressed.connect(lambda done, total: bar.show_progress(done, total, can_stop=True))
        bar.stop.clicked.connect(self._change.stop)
        context.session.settled.connect(self._settled)
        bar.hide()

    def retranslate(self) -> None:
        self.bar.retranslate()

    def label_all(self, place: int) -> bool:
        """Gives the label at ``place`` (from 0) to all comments of the queue; False if it could not begin."""
        presenter = self._presenter
        project = self._context.session.project
        if project is None or self.is_busy or presenter.failure is not None:
            return False
        label, chunks = presenter.labels[place], presenter.feed.chunks()
        view = presenter.feed.view
        is_open = view.only_open and not view.own

        def read() -> _Held:
            since = project.annotations.newest_action()
            found = array("q")
            for part in chunks():
                found.extend(part)
            return _Held(found, since, is_open)

        def start() -> None:
            if presenter.failure is not None or self._context.session.project is not project:
                self.is_busy = False
                return
            run_operation(
                self, read, on_success=lambda held: self._ask(project, held, label), on_failure=self._failed
            )

        self.is_busy = True
        if self._context.session.is_saving:  # what was decided before leaves the queue
            self._start = start
        else:
            start()
        return True

    @Slot()
    def _settled(self) -> None:
        start, self._start = self._start, None
        if start is not None:
            start()

    def _ask(self, project: Project, held: _Held, label: Label) -> None:
        ids = held.ids
        if not ids:
            self.is_busy = False
            self._context.toasts.show(tr("This queue holds no comment"))
        elif len(ids) <= ASKS_ABOVE and self._presenter.feed.view.is_narrowed:
            self._begin(project, held, label)
        else:
            count = len(ids)
            title = counted(
                count, marked("Label 1 comment as {name}?"), marked("Label {n} comments as {name}?")
            )
            words = counted(count, marked("Label 1 comment"), marked("Label {n} comments"))
            self._context.dialogs.ask(
                title.format(n=number(count), name=label.name),
                tr("It is everything that this queue holds. One undo takes all of it back."),
                [Choice(tr("Cancel")), Choice(words.format(n=number(count)), "primary")],
                lambda chosen: self._answered(chosen == 1, project, held, label),
                focus=0,
            )

    def _answered(self, go: bool, project: Project, held: _Held, label: Label) -> None:
        if go and self._context.session.project is project:
            self._begin(project, held, label)
        else:
            self.is_busy = False

    def _begin(self, project: Project, held: _Held, label: Label) -> None:
        session = self._context.session
        session.track(
            project.annotations.label(
                held.ids,
                label.id,
                annotator=session.annotator,
                since=held.since,
                is_open=held.is_open,
                watch=self._change.begin(),
            ),
            on_success=lambda action: self._done(project, action, label),
            on_failure=self._failed,
        )

    def _done(self, project: Project, action: Action, label: Label) -> None:
        self._end()
        text = counted(
            action.count, marked("1 comment labelled as {name}"), marked("{n} comments labelled as {name}")
        ).format(n=number(action.count), name=label.name)
        if action.stopped:
            text = tr("Stopped") + " · " + text
        if action.left_out:
            left = counted(
                action.left_out,
                marked("1 comment was decided meanwhile and stays as it is"),
                marked("{n} comments were decided meanwhile and stay as they are"),
            )
            text += " · " + left.format(n=number(action.left_out))
        self._context.toasts.show(
            text,
            kind="done",
            action=tr("Undo"),
            on_action=lambda: self._undo(project, action.id),
            key=self._context.actions.key("edit.undo"),
        )
        self._presenter.note_action(action)
        self.emptied = self._presenter.feed.view if action.count and not action.stopped else None
        self._presenter.feed.start_over()
        self._presenter.refresh()
        self._context.session.look_now()

    def _undo(self, project: Project, action_id: int) -> None:
        session = self._context.session
        if session.project is project:
            session.track(
                project.annotations.undo(session.annotator, only=action_id, watch=self._change.begin()),
                on_success=self._undone,
                on_failure=self._failed,
            )

    def _undone(self, action: Action | None) -> None:
        self._end()
        if action is None:
            say_not_the_last(self._context)
        else:
            self.emptied = None
        self._presenter.look_anew()
        self._context.session.look_now()

    @Slot(object)
    def _failed(self, error: Failure) -> None:
        self._end()
        self._context.dialogs.error(error)

    def _end(self) -> None:
        self.is_busy = False
        self._change.end()
        self.bar.hide()
