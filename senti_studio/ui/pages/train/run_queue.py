"""Whose turn it is: trainings and adaptations that wait, kept in the project."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from senti_studio.ui.models.run_table import RunRow
from senti_studio.ui.pages.train.rows import awaits, future_rows, waiting_row
from senti_studio.ui.pages.train.waiting import Waiting, read_queue, write_queue
from senti_studio.ui.session import Session

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


class RunQueue:
    """``waiting``: the next one first."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._project: Project | None = None
        self._written: Future[None] | None = None
        self.waiting: list[Waiting] = []

    def open_project(self, project: Project | None) -> None:
        """Works on another project."""
        self._project, self._written = project, None
        self.waiting = read_queue(project) if project is not None else []

    def rows(self, runs: Sequence[RunRow]) -> list[RunRow]:
        """As the table of runs shows them, above the ``runs``."""
        future = future_rows([*self._plain_rows(), *runs])
        return [
            waiting_row(place, each, awaits=awaits(each, future)) for place, each in enumerate(self.waiting)
        ]

    def add(self, waiting: Waiting) -> None:
        """It is the last one."""
        self._replace([*self.waiting, waiting])

    def take(self, place: int) -> Waiting:
        """It waits no more."""
        taken = self.waiting[place]
        self._replace([each for at, each in enumerate(self.waiting) if at != place])
        return taken

    def take_first(self, runs: Sequence[RunRow]) -> Waiting | None:
        """The first that may begin: others overtake one whose encoder has yet to be made."""
        future = future_rows([*self._plain_rows(), *runs])
        place = next((at for at, each in enumerate(self.waiting) if not awaits(each, future)), None)
        return self.take(place) if place is not None else None

    def written(self) -> Future[None] | None:
        """When the project has the queue as it stands."""
        return self._written

    def _plain_rows(self) -> list[RunRow]:
        return [waiting_row(place, each) for place, each in enumerate(self.waiting)]

    def _replace(self, waiting: list[Waiting]) -> None:
        assert self._project is not None
        self.waiting = waiting
        self._written = write_queue(self._project, waiting)
        self._session.track(self._written)
