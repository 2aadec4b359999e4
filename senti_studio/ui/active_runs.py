"""The jobs of the open project that are at work: for the rail, the status bar and closing the window."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.run_states import RunKind
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunFolder, RunStatus
from senti_studio.ui import formats
from senti_studio.ui.i18n import tr
from senti_studio.ui.operations import Failure, Operation, run_operation
from senti_studio.ui.run_watcher import RunWatcher
from senti_studio.ui.session import Session

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

_log = logging.getLogger(__name__)

LOOK_MS = 3000
"""Another window or the command line may resume a run, of which the project file knows nothing."""
LOOKED_AT = 20
"""Newest runs that are looked at; older ones have ended long ago."""


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run of the project with a worker at work."""

    folder: RunFolder
    kind: RunKind
    name: str


@dataclass(slots=True)
class _Watched:
    found: FoundRun
    watcher: RunWatcher


class ActiveRuns(QObject):
    """Watches every run with a living worker. `changed` when one begins, moves on by a per cent, or ends."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._watched: dict[Path, _Watched] = {}
        self._looking: Operation[list[FoundRun]] | None = None
        self._headline = ""
        session.project_changed.connect(self._project_changed)
        session.runs_changed.connect(self.look)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    @property
    def running(self) -> list[FoundRun]:
        """Runs whose worker is at work, newest first."""
        return [w.found for w in self._watched.values() if w.watcher.status.state.is_active]

    def busy_pages(self) -> set[str]:
        """``train`` and / or ``classify``."""
        return {"train" if run.kind.trains else "classify" for run in self.running}

    def headline(self) -> str:
        """``LSTM #14 训练中 34%``, and how many more there are."""
        active = [w for w in self._watched.values() if w.watcher.status.state.is_active]
        if not active:
            return ""
        words = _words(active[0])
        if len(active) > 1:
            words += " · " + tr("and {n} more").format(n=len(active) - 1)
        return words

    @Slot()
    def look(self) -> None:
        """Looks for runs that have begun."""
        project = self._session.project
        if project is None or self._looking is not None:
            return
        self._looking = run_operation(
            self, lambda: find_runs(project), on_success=self._found, on_failure=self._not_found
        )

    def close(self) -> None:
        """Stops watching; the runs themselves go on."""
        self._timer.stop()
        if self._looking is not None:
            self._looking.drop()
            self._looking = None
        for watched in self._watched.values():
            watched.watcher.stop()
            watched.watcher.deleteLater()
        self._watched = {}
        self._tell()

    @Slot(object)
    def _project_changed(self, project: Project | None) -> None:
        self.close()
        if project is not None:
            self.look()
            self._timer.start()

    def _not_found(self, error: Failure) -> None:
        self._looking = None
        _log.info("runs could not be looked at: %s", error)

    def _found(self, runs: list[FoundRun]) -> None:
        self._looking = None
        for run in runs:
            if run.folder.path not in self._watched:
                watcher = RunWatcher(run.folder, self)
                watcher.events.connect(self._tell)
                watcher.state_changed.connect(self._tell)
                self._watched[run.folder.path] = _Watched(run, watcher)
        self._tell()

    @Slot()
    def _tell(self) -> None:
        for path, watched in list(self._watched.items()):
            if not watched.watcher.status.state.is_active:
                watched.watcher.stop()
                watched.watcher.deleteLater()
                del self._watched[path]
        headline = self.headline()
        if headline != self._headline:
            self._headline = headline
            self.changed.emit()


def find_runs(project: Project) -> list[FoundRun]:
    """The runs and batches of a project that are at work; looks into run folders, so off the GUI thread."""
    folders = [project.runs_folder / record.folder for record in project.runs.list()[:LOOKED_AT]]
    folders += [project.runs_folder / record.folder for record in project.batches.list()[:LOOKED_AT]]
    found = []
    for path in folders:
        run = RunFolder(path)
        if not _may_be_at_work(run):
            continue
        try:
            spec = run.spec()
        except UserError:
            continue
        found.append(FoundRun(run, RunKind(spec.kind), spec.name))
    return found


def _may_be_at_work(run: RunFolder) -> bool:
    """Whether a worker lives or was launched a moment ago; what its run says is read by the watcher."""
    if run.is_alive():
        return True
    return run.was_launched_recently() and RunStatus.read(run).state.is_active


def _words(watched: _Watched) -> str:
    status, name = watched.watcher.status, watched.found.name
    if watched.found.kind.trains:
        total, done = _steps(status)
        text = tr("{name} in training")
    else:
        total = status.written.total_rows if status.written else 0
        done = status.written.rows_done if status.written else 0
        text = tr("{name} being classified")
    words = text.format(name=name)
    return f"{words} {formats.percent(min(1.0, done / total), decimals=0)}" if total and done else words


def _steps(status: RunStatus) -> tuple[float, float]:
    """Steps in all and steps done; of a repeated training trials, with the share of the one at work."""
    started, progress = status.started, status.progress
    total = started.total_steps if started else 0
    done = progress.step if progress else 0
    if started is None or not started.trials:
        return total, done
    is_of_this = progress is not None and progress.trial == started.trial
    return started.trials, started.trial - 1 + (done / total if total and is_of_this else 0.0)
