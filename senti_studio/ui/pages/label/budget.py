"""Measures in the background how much more labels would bring, and keeps what was found in the project."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.domain.label_budget import BudgetCurve
from senti_studio.jobs.helper_protocol import from_json, to_json
from senti_studio.ui.helper_call import HelperCall
from senti_studio.ui.session import Session

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

BUDGET_KEY = "label.budget"


class Budget(QObject):
    """`changed` when measuring begins, goes on or ends; it goes on when nobody looks.

    The helper is one of its own beside that of the suggestions, which must not wait for it.
    """

    changed = Signal()
    measured = Signal()
    """There is a new curve."""
    failed = Signal(str, object)
    """Message code and parameters; not when the user stopped it."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._project: Project | None = None
        self.curve: BudgetCurve | None = None
        self.measured_at: datetime | None = None
        self.share: float | None = None
        """How much of the measuring is done, None while that is not known."""
        self.seconds_left: float | None = None
        self._helper = HelperCall(self)
        self._helper.progress.connect(self._tell)
        self._helper.answered.connect(self._take)
        self._helper.failed.connect(self._fail)

    @property
    def is_running(self) -> bool:
        return self._helper.is_running

    def open(self, project: Project | None) -> None:
        """Another project, or none: takes up what was found last."""
        if self._helper.is_running:
            self._helper.close()
        self._project = project
        self.curve = self.measured_at = None
        kept = project.settings.get(BUDGET_KEY) if project is not None else None
        if isinstance(kept, dict):
            try:
                self.curve = from_json(BudgetCurve, kept["curve"])
                self.measured_at = datetime.fromtimestamp(float(kept["at"]), UTC)
            except (KeyError, TypeError, ValueError):  # written by another version
                self.curve = self.measured_at = None
        self.changed.emit()

    def start(self) -> None:
        """Measures anew; nothing happens while that is under way or no project is open."""
        if self._project is None or self.is_running:
            return
        self.share = self.seconds_left = None
        self._helper.start("assist", "budget", project=str(self._project.folder))
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """Ends measuring; what was found before stays."""
        self._helper.cancel()

    def close(self) -> None:
        """The window closes: the helper ends."""
        self._helper.close_and_wait()

    @Slot(dict)
    def _tell(self, answer: dict[str, Any]) -> None:
        total = float(answer.get("total") or 0)
        self.share = float(answer.get("rows") or 0) / total if total else None
        eta = float(answer.get("eta") or -1)
        self.seconds_left = eta if eta >= 0 else None
        self.changed.emit()

    @Slot(dict)
    def _take(self, answer: dict[str, Any]) -> None:
        self.curve = from_json(BudgetCurve, answer)
        at = time.time()
        self.measured_at = datetime.fromtimestamp(at, UTC)
        if self._project is not None and not self.curve.needed:
            self._session.track(
                self._project.settings.set(BUDGET_KEY, {"at": at, "curve": to_json(self.curve)}),
                on_failure=lambda _: None,  # the curve is shown all the same, and can be measured again
            )
        self.changed.emit()
        self.measured.emit()

    @Slot(str, object)
    def _fail(self, code: str, params: object) -> None:
        self.changed.emit()
        if code != "CANCELLED":
            self.failed.emit(code, params)
