"""A report on the run that is shown, read off the GUI thread again whenever the run has come further."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QObject

from senti_studio.ui.operations import Failure, Operation, run_operation
from senti_studio.ui.pages.train.live_run import LiveRun

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

Report = TypeVar("Report")


class RunReport(Generic[Report]):
    """``read`` gives the report of a run (None: there is none); ``told`` is called whenever `report` may be
    another one."""

    def __init__(
        self,
        owner: QObject,
        read: Callable[[Project, str], Report | None],
        told: Callable[[], None],
    ) -> None:
        self.report: Report | None = None
        self._owner, self._read, self._tell = owner, read, told
        self._reading: Operation[Report | None] | None = None
        self._shown: tuple[str, str] = ("", "")

    def show_run(self, project: Project | None, live: LiveRun | None, *, moment: str = "") -> None:
        """None where there is no such report. It is read again where the run, its state or ``moment`` is
        another one than before."""
        if project is None or live is None:
            self._shown = ("", "")
            self._told(None)
            return
        shown = (live.id, f"{live.history.state} {moment}")
        if shown == self._shown:
            return
        self._shown = shown
        if self._reading is not None:
            self._reading.drop()
        run_id = live.id
        self._reading = run_operation(
            self._owner,
            lambda: self._read(project, run_id),
            on_success=self._told,
            on_failure=self._not_told,
        )

    def _told(self, report: Report | None) -> None:
        self._reading, self.report = None, report
        self._tell()

    def _not_told(self, _: Failure) -> None:
        # A damaged report is no reason to disturb: the run itself says what is wrong with it.
        self._told(None)
