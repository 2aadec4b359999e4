"""What the Train page does: plans, starts, queues, follows and ends runs. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.labels import Label
from senti_studio.domain.run_states import RunState
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations.adapting import AdaptRequest
from senti_studio.ui.models.run_table import RunRow
from senti_studio.ui.operations import Failure, Operation, run_operation
from senti_studio.ui.pages.train import project_side
from senti_studio.ui.pages.train.history import Curves
from senti_studio.ui.pages.train.live_run import LiveRun
from senti_studio.ui.pages.train.plan_view import PlanView
from senti_studio.ui.pages.train.planner import Planner
from senti_studio.ui.pages.train.rows import awaits, future_rows, live_row
from senti_studio.ui.pages.train.run_queue import RunQueue
from senti_studio.ui.pages.train.waiting import Waiting
from senti_studio.ui.session import Session

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

TELL_END_AFTER_MS = 60


class TrainPresenter(QObject):
    """One for the page. Every answer comes as a signal on the GUI thread."""

    plan_changed = Signal(object)  # PlanView | None while it is being worked out
    rows_changed = Signal(list)
    shown_changed = Signal()  # another run, or the form
    shown_updated = Signal()  # the run shown has news
    ghosts_changed = Signal()
    setup_changed = Signal()  # busy, starting, queue
    run_ended = Signal(object)  # LiveRun
    run_silent = Signal(object)  # LiveRun
    discarded = Signal(str)  # name
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.project: Project | None = None
        self._queue = RunQueue(session)
        self.is_starting = False
        self.shown: LiveRun | None = None
        self._stored: list[RunRow] = []
        self._untold: set[str] = set()  # runs seen to end, whose end is about to be told
        self._live: dict[str, LiveRun] = {}
        self._ticked: list[str] = []
        self.planner = Planner(self)
        self._listing: Operation[list[RunRow]] | None = None
        self._list_again = False
        self._chose_first = False
        self.planner.changed.connect(self.plan_changed)
        session.runs_changed.connect(self.reload)
        session.labels_changed.connect(self.planner.later)
        session.comments_changed.connect(self.planner.later)

    # --- project and plan ---------------------------------------------------------------------------------

    def open_project(self, project: Project | None) -> None:
        """Works on another project; runs of the old one go on by themselves."""
        for live in self._live.values():
            live.close()
        self._live.clear()
        if self._listing is not None:
            self._listing.drop()
        self._listing = None
        self.project, self.shown = project, None
        self._stored, self._ticked = [], []
        self._untold.clear()
        self._chose_first = self.is_starting = False
        self._queue.open_project(project)
        self.rows_changed.emit(self.rows)
        self.shown_changed.emit()
        self.setup_changed.emit()
        self.planner.open_project(project)
        if project is not None:
            self.reload()

    @property
    def queue(self) -> list[Waiting]:
        """What waits for its turn, the next one first."""
        return self._queue.waiting

    @property
    def plan(self) -> PlanView | None:
        """What the training of the form would learn from; None while it is being worked out."""
        return self.planner.plan

    # --- the list of runs ---------------------------------------------------------------------------------

    @property
    def rows(self) -> list[RunRow]:
        """The queue, then all runs, newest first."""
        runs = self._run_rows
        return [*self._queue.rows(runs), *runs]

    @property
    def _run_rows(self) -> list[RunRow]:
        return [
            live_row(row, live.history, is_silent=live.ladder.is_silent)
            if (live := self._live.get(row.id))
            else row
            for row in self._stored
        ]

    @property
    def active(self) -> LiveRun | None:
        """The run that is at work, if any; one that only waits for its encoder is in nobody's way."""
        return next((live for live in self._live.values() if live.is_at_work), None)

    @property
    def must_wait(self) -> bool:
        """Whether the training of the form has to wait: another run is at work, or an adaptation has yet to
        make its encoder."""
        return self.active is not None or self._awaits_encoder

    @property
    def _awaits_encoder(self) -> bool:
        return awaits(self.planner.wish, future_rows(self.rows))

    @property
    def interrupted(self) -> RunRow | None:
        """The newest run, if it ended unexpectedly."""
        rows = [row for row in self.rows if row.state is not None]
        return rows[0] if rows and rows[0].state is RunState.INTERRUPTED else None

    @Slot()
    def reload(self) -> None:
        """Reads the list of runs again."""
        project = self.project
        if project is None:
            return
        if self._listing is not None:
            self._list_again = True
            return
        self._listing = run_operation(
            self, lambda: project_side.run_rows(project), on_success=self._listed, on_failure=self._not_listed
        )

    def _listed(self, rows: list[RunRow]) -> None:
        self._listing = None
        self._stored = rows
        for row in rows:
            if row.state is not None and row.state.is_active:
                self._follow(row)
        for gone in set(self._live) - {row.id for row in rows}:
            self._forget(gone)
        self.rows_changed.emit(self.rows)
        self._choose_first()
        self._start_next()
        if self._list_again:
            self._list_again = False
            self.reload()

    def _not_listed(self, error: Failure) -> None:
        self._listing = None
        self.failed.emit(error)

    def _choose_first(self) -> None:
        """On opening: the run at work, else the one that waits for a decision, else the form."""
        if self._chose_first:
            return
        self._chose_first = True
        rows = [row for row in self.rows if row.state is not None]
        first = next((row for row in rows if row.state is not None and row.state.is_active), None)
        if first is None and rows and rows[0].state is not None and rows[0].state.is_resumable:
            first = rows[0]
        if first is not None:
            self.show_run(first.id)

    # --- which run is looked at ---------------------------------------------------------------------------

    def show_run(self, run_id: str) -> None:
        """Shows a run with its whole curve; an unknown id shows the form."""
        row = next((row for row in self._stored if row.id == run_id), None)
        self.shown = self._follow(row) if row is not None else None
        self._drop_unneeded()
        self.shown_changed.emit()

    def show_form(self) -> None:
        """Shows what a new training would learn from."""
        self.shown = None
        self._drop_unneeded()
        self.shown_changed.emit()

    def labels_of(self, live: LiveRun) -> tuple[Label, ...]:
        """The classes of a run as labels with a look, in the order of its spec."""
        return project_side.labels_of(live.history.spec, self.project)

    def tick(self, run_ids: Sequence[str]) -> None:
        """Lays the curves of these runs over the one shown."""
        self._ticked = list(run_ids)
        for run_id in run_ids:
            row = next((row for row in self._stored if row.id == run_id), None)
            if row is not None:
                self._follow(row)
        self._drop_unneeded()
        self.ghosts_changed.emit()

    @property
    def ghosts(self) -> list[tuple[str, Curves]]:
        """Name and curves of the ticked runs other than the one shown."""
        found = [self._live[run_id] for run_id in self._ticked if run_id in self._live]
        return [(live.name, live.history.curves) for live in found if live is not self.shown]

    def _follow(self, row: RunRow) -> LiveRun:
        live = self._live.get(row.id)
        if live is None:
            assert self.project is not None
            folder = RunFolder(project_side.run_path(self.project, row.id))
            live = LiveRun(folder, row.name, row.state or RunState.QUEUED, self)
            live.updated.connect(self._updated)
            live.state_changed.connect(self._state_changed)
            live.ended.connect(self._ended)
            live.fell_silent.connect(self.run_silent)
            self._live[row.id] = live
        return live

    def _drop_unneeded(self) -> None:
        needed = {*self._ticked, *self._untold}
        for run_id, live in list(self._live.items()):
            if live is not self.shown and run_id not in needed and not live.history.state.is_active:
                self._forget(run_id)

    def _forget(self, run_id: str) -> None:
        live = self._live.pop(run_id)
        live.close()
        if live is self.shown:
            self.shown = None
            self.shown_changed.emit()

    @Slot(str)
    def _updated(self, run_id: str) -> None:
        live = self._live.get(run_id)
        if live is None:
            return
        if live is self.shown:
            self.shown_updated.emit()
        if run_id in self._ticked and live is not self.shown:
            self.ghosts_changed.emit()

    @Slot(str)
    def _state_changed(self, run_id: str) -> None:
        live = self._live.get(run_id)
        if live is None:
            return
        self.rows_changed.emit(self.rows)
        self.setup_changed.emit()

    @Slot(str)
    def _ended(self, run_id: str) -> None:
        # After the new state is painted: one long turn of the event loop would be felt by whoever labels.
        self._untold.add(run_id)
        QTimer.singleShot(TELL_END_AFTER_MS, self, partial(self._tell_end, run_id))

    def _tell_end(self, run_id: str) -> None:
        self._untold.discard(run_id)
        live = self._live.get(run_id)
        if live is not None:
            self.run_ended.emit(live)
            self.reload()

    # --- acts ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Starts the training of the form, or puts it into the queue while another run is at work."""
        if self.project is None or self.is_starting or self.plan is None or not self.plan.may_start:
            return
        wish = replace(self.planner.wish, awaits_encoder=self._awaits_encoder)
        if self.must_wait or self.queue:
            self._queue.add(wish)
            self._tell_queue()
            self._start_next()
            return
        self._launch(wish)

    @Slot(object)
    def adapt(self, request: AdaptRequest) -> None:
        """Starts an adaptation, or puts it into the queue while another run is at work."""
        if self.project is None:
            return
        if self.is_busy:
            self._queue.add(request)
            self._tell_queue()
            self._start_next()
            return
        self._launch(request)

    @property
    def is_busy(self) -> bool:
        """Whether what is started now would have to wait for its turn."""
        return self.active is not None or self.is_starting or bool(self.queue)

    def remove_waiting(self, index: int) -> None:
        """Takes a run out of the queue; trainings that wait for the encoder of an adaptation end with it."""
        gone = self._queue.take(index)
        self._tell_queue()
        if isinstance(gone, AdaptRequest):
            for live in [each for each in self._live.values() if each.awaits(gone.target)]:
                self.ask_run(live, "cancel")
        self._start_next()

    def _tell_queue(self) -> None:
        self.rows_changed.emit(self.rows)
        self.setup_changed.emit()

    def _start_next(self) -> None:
        if not self.queue or self.active is not None or self.is_starting or self.project is None:
            return
        first = self._queue.take_first(self._run_rows)
        if first is not None:
            self._tell_queue()
            self._launch(first)

    def _launch(self, waiting: Waiting) -> None:
        project, written = self.project, self._queue.written()
        assert project is not None
        self._set_starting(True)

        def started(run_id: str) -> None:
            if self.project is project:
                self._reload_and(lambda: self._show_new(run_id))

        self._act(lambda: project_side.create_and_start(project, waiting, after=written), started)

    def _show_new(self, run_id: str) -> None:
        self.show_run(run_id)
        if self.shown is not None:
            self.shown.was_at_work = True
            self._updated(run_id)

    def _set_starting(self, on: bool) -> None:
        self.is_starting = on
        self.setup_changed.emit()

    def _reload_and(self, then: Callable[[], None]) -> None:
        project = self.project
        assert project is not None

        def listed(rows: list[RunRow]) -> None:
            if self.project is project:
                self._listed(rows)  # still starting: the next in the queue must not overtake this one
                then()
                self._set_starting(False)

        run_operation(
            self, lambda: project_side.run_rows(project), on_success=listed, on_failure=self._failed
        )

    def _act(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        run_operation(self, work, on_success=then, on_failure=self._failed)

    def _failed(self, error: Failure) -> None:
        if self.project is None:
            return  # the answer of a project that is closed by now
        self._set_starting(False)
        self.failed.emit(error)
        self.reload()

    def ask(self, wish: str) -> None:
        """``pause`` | ``stop`` | ``cancel`` for the run shown."""
        if self.shown is not None and self.shown.history.state.is_active:
            self.ask_run(self.shown, wish)

    def ask_run(self, live: LiveRun, wish: str) -> None:
        """The same for any run at work."""
        try:
            live.ask(wish)
        except OSError as error:
            self.failed.emit(error)

    def force(self) -> None:
        """The last step of the ladder: kills the worker of the run shown."""
        if self.shown is not None:
            self.shown.force()

    def resume(self, run_id: str) -> None:
        """Goes on from the last checkpoint."""
        project = self.project
        if project is None or (self.active is not None and self.active.id != run_id):
            return
        self.show_run(run_id)
        live = self.shown
        if live is None:
            return

        def went_on(_: object) -> None:
            if run_id in self._live:
                live.went_on()
                self._state_changed(run_id)
            self.reload()

        self._act(lambda: project_side.resume(project, run_id), went_on)

    def discard(self, run_id: str) -> None:
        """Moves a run to the bin; one that is at work is cancelled first."""
        project = self.project
        if project is None:
            return
        live = self._live.get(run_id)
        if live is not None and live.history.state.is_active:
            live.ended.connect(self._discard_when_over)
            self.ask_run(live, "cancel")
            return

        def gone(_: object) -> None:
            self.discarded.emit(name)
            self.reload()

        name = next((row.name for row in self._stored if row.id == run_id), run_id)
        self._act(lambda: project_side.discard(project, run_id), gone)

    def path_of(self, run_id: str) -> Path | None:
        """The folder of a run."""
        return project_side.run_path(self.project, run_id) if self.project is not None else None

    @Slot(str)
    def _discard_when_over(self, run_id: str) -> None:
        live = self._live.get(run_id)
        if live is not None and not live.history.state.is_active:
            self.discard(run_id)
