"""What the window works on: the open project, who labels, and what changed (by us or by another window)."""

from __future__ import annotations

import concurrent.futures
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.errors import UserError
from senti_studio.ui.operations import Failure, Operation, follow, run_operation
from senti_studio.ui.settings import Settings

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

T = TypeVar("T")

POLL_MS = 1000
CLOSING_S = 1.0
"""How long the window may stand still for changes that nobody waits for any more."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unsaved:
    """Decisions that could not be written and wait for another try: how many, and why the first could not."""

    count: int
    code: str
    params: Mapping[str, object]
    retry: Callable[[], None]


class Session(QObject):
    """One project at a time. Every signal arrives on the GUI thread.

    Changes are told by `Project.data_version`, looked at once a second; what changed is worked out off
    the GUI thread.
    """

    project_changed = Signal(object)
    comments_changed = Signal()
    labels_changed = Signal()
    runs_changed = Signal()
    saved = Signal(object)
    saving = Signal()
    save_failed = Signal(str, object)
    settled = Signal()
    """No change is on its way to the disk any more."""
    unsaved_changed = Signal()
    annotator_changed = Signal()
    lost = Signal(object)
    """The project cannot be looked at any more (the error); told once."""

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._annotator = settings.annotator
        settings.changed.connect(self._setting_changed)
        self.project: Project | None = None
        self._version = 0
        self._seen: _Seen | None = None
        self._comparing: Operation[_Seen] | None = None
        self._pending = 0
        self._is_lost = False
        self.unsaved: Unsaved | None = None
        self.before_leaving: Callable[[Callable[[], None], Callable[[], None]], None] = lambda go, _stay: go()
        """Asked before the open project is left for another: calls the first function when it may be left,
        the second one when the user stays. The window sets it."""
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def annotator(self) -> str:
        """Under whose name this window stores annotations: the person to whom the open copy was handed out,
        else the name chosen in this window, else the one chosen last in any."""
        return (self.project.person if self.project is not None else "") or self._annotator

    def choose_annotator(self, name: str) -> None:
        """Stores annotations of this window under ``name`` from now on; new windows begin with it."""
        if self.project is not None and self.project.person:
            self.project.person = name
        elif name != self._annotator:
            self._annotator = name
            self._settings.remember_annotator(name)
        self.annotator_changed.emit()

    @Slot(str)
    def _setting_changed(self, name: str) -> None:
        if name == "annotator":
            self.choose_annotator(self._settings.annotator)

    @property
    def asks_again(self) -> bool:
        """Whether some of one's own earlier comments are asked again."""
        return self._settings.ask_again

    @property
    def is_watching(self) -> bool:
        """Whether a first look was taken, so that changes from now on are noticed."""
        return self._seen is not None

    def open(
        self, folder: Path, *, on_failure: Callable[[Failure], None] | None = None
    ) -> Operation[Project]:
        """Opens a project off the GUI thread; the old one is closed only when the new one could be opened."""

        def work() -> Project:
            from senti_studio.operations.projects import open_project

            return open_project(folder)

        return run_operation(self, work, on_success=self.use, on_failure=on_failure)

    def use(self, project: Project, *, then: Callable[[], None] | None = None) -> None:
        """Works on ``project`` from now on, closes the one before, calls ``then``.

        Where decisions of the one before are not on the disk the user is asked first, and may stay with it:
        then ``project`` is closed again.
        """

        def go() -> None:
            self._use(project)
            if then is not None:
                then()

        if self.project is None:
            go()
        else:
            self.before_leaving(go, project.close)

    def _use(self, project: Project) -> None:
        old, self.project = self.project, project
        self._forget()
        self._version = project.data_version()
        self._timer.start()
        self.project_changed.emit(project)
        self.annotator_changed.emit()
        self._compare()
        if old is not None:
            old.close(patience_s=CLOSING_S)

    def close(self) -> None:
        """Works on nothing from now on."""
        old, self.project = self.project, None
        self._timer.stop()
        self._forget()
        if old is not None:
            self.project_changed.emit(None)
            old.close(patience_s=CLOSING_S)

    def track(
        self,
        future: concurrent.futures.Future[T],
        *,
        on_success: Callable[[T], None] | None = None,
        on_failure: Callable[[Failure], None] | None = None,
        on_written: Callable[[], None] | None = None,
    ) -> Operation[T]:
        """Follows a write of the storage: announces `saved` or `save_failed`, calls the given functions;
        ``on_written`` as soon as it is committed, before there is any news of it."""
        project = self.project
        self._pending += 1
        self.saving.emit()

        def stored(result: T) -> None:
            self._pending -= 1
            if self.project is project:
                self.saved.emit(datetime.now(UTC))
            if on_success is not None:
                on_success(result)
            self._settle()

        def failed(error: Failure) -> None:
            self._pending -= 1
            if self.project is project:
                self._announce(error)
            if on_failure is not None:
                on_failure(error)
            self._settle()

        def after_the_next_paint(result: T) -> None:
            # The news (clock, counts, history) must not delay the next comment: what was posted, the repaint
            # among it, comes before any timer. (A timer of 0 ms is none: Qt posts it, before the repaint.)
            if on_written is not None:
                on_written()
            QTimer.singleShot(1, self, lambda: stored(result))

        return follow(self, future, on_success=after_the_next_paint, on_failure=failed)

    @property
    def is_saving(self) -> bool:
        """Whether a change is on its way to the disk."""
        return self._pending > 0

    def hold(self, unsaved: Unsaved | None) -> None:
        """Notes what could not be written (None: nothing any more); the project is not left over it."""
        if unsaved != self.unsaved:
            self.unsaved = unsaved
            self.unsaved_changed.emit()

    def _settle(self) -> None:
        if self._pending == 0:
            self.settled.emit()

    def _announce(self, error: Failure) -> None:
        if isinstance(error, UserError):
            self.save_failed.emit(error.code, error.params)
        else:
            _log.error("a change was not saved", exc_info=error)
            self.save_failed.emit("INTERNAL", {"detail": f"{type(error).__name__}: {error}"})

    @Slot()
    def look_now(self) -> None:
        """Looks for changes at once instead of at the next second; after an import or a run of our own."""
        self._poll()

    @Slot()
    def _poll(self) -> None:
        if self.project is None or self._comparing is not None:
            return
        try:
            version = self.project.data_version()
        except UserError as error:
            if not self._is_lost:
                self._is_lost = True
                self.lost.emit(error)
            return
        self._is_lost = False
        if version != self._version:
            self._version = version
            self._compare()

    def _compare(self) -> None:
        project = self.project
        if project is None:
            return
        self._comparing = run_operation(
            self, lambda: _look(project), on_success=self._compared, on_failure=self._not_compared
        )

    def _compared(self, now: _Seen) -> None:
        self._comparing = None
        self._unlike = ""
        before, self._seen = self._seen, now
        if before is None:
            return
        if before.comments != now.comments:
            self.comments_changed.emit()
        if before.labels != now.labels:
            self.labels_changed.emit()
        if before.runs != now.runs:
            self.runs_changed.emit()

    def _not_compared(self, error: Failure) -> None:
        self._comparing = None
        if str(error) != self._unlike:  # once, not every second for as long as the disk is away
            self._unlike = str(error)
            _log.warning("the project could not be looked at: %s", error)

    def _forget(self) -> None:
        if self._comparing is not None:
            self._comparing.drop()
            self._comparing = None
        self._seen = None
        self._is_lost = False
        self._unlike = ""


class _Seen:
    """What the last look at the project saw."""

    def __init__(self, comments: object, labels: object, runs: object) -> None:
        self.comments = comments
        self.labels = labels
        self.runs = runs


def _look(project: Project) -> _Seen:
    sources = tuple((source.id, source.row_count) for source in project.sources.list())
    labels = (project.annotations.newest_action(), project.labels.list(), sources)
    runs = (tuple(project.runs.list()), tuple(project.batches.list()))
    return _Seen((sources, project.test_sets.version), labels, runs)
