"""The numbers beside the choices of the filter, under everything else that is asked for."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.comments import CommentFilter
from senti_studio.domain.facets import FacetCounts
from senti_studio.errors import UserError
from senti_studio.ui.operations import Failure, Operation, run_operation
from senti_studio.ui.pages.data.facts import BUCKETS

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

_log = logging.getLogger(__name__)

_PATIENCE_MS = 400
"""How long numbers of the question before stay when others are on their way."""


class FacetNumbers(QObject):
    """Counts off the GUI thread, one question at a time; a new question ends the counting for the old one.

    Without a filter nothing is counted: the numbers of the whole project hold.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.counts: FacetCounts | None = None
        self.is_asked = False
        """Whether there is a filter: then the numbers are ``counts``, or unknown while they are None."""
        self._turn = 0
        self._key: object = None
        self._counting: Operation[FacetCounts | None] | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._run_out)

    def pause(self, wanted: CommentFilter) -> None:
        """The rows of ``wanted`` are on their way: they come first."""
        self._stop()
        self._key = None
        if wanted.is_empty:
            self._show(None, is_asked=False)
        else:
            self.is_asked = True
            self._patience.start()

    def ask(self, project: Project, wanted: CommentFilter, state: object) -> None:
        """Counts for ``wanted``, unless that was done for the project in this ``state``."""
        if wanted.is_empty or (wanted, state) == self._key:
            return
        self._stop()
        self._key = (wanted, state)
        turn = self._turn
        self._counting = run_operation(
            self,
            lambda: project.comments.facets(wanted, BUCKETS, lambda: self._turn != turn),
            on_success=self._counted,
            on_failure=self._failed,
        )

    def forget(self) -> None:
        """Another project: nothing is known."""
        self._stop()
        self._key = None
        self._show(None, is_asked=False)

    def _stop(self) -> None:
        self._turn += 1
        if self._counting is not None:
            self._counting.drop()
            self._counting = None

    def _counted(self, counts: FacetCounts | None) -> None:
        self._counting = None
        if counts is not None:
            self._show(counts, is_asked=True)

    def _failed(self, error: Failure) -> None:
        self._counting = None
        self._show(None, is_asked=True)
        if not isinstance(error, UserError):  # a wrong pattern was told where the rows were asked for
            _log.error("the choices of the filter were not counted", exc_info=error)

    @Slot()
    def _run_out(self) -> None:
        self._show(None, is_asked=True)

    def _show(self, counts: FacetCounts | None, *, is_asked: bool) -> None:
        self._patience.stop()
        is_new = (counts, is_asked) != (self.counts, self.is_asked)
        self.counts, self.is_asked = counts, is_asked
        if is_new:
            self.changed.emit()
