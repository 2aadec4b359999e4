"""Works out what the training of the form would learn from, off the GUI thread; not for every key stroke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.architectures import default_options
from senti_studio.domain.transfer import STRUCTURE
from senti_studio.ui.operations import Failure, Operation, run_operation
from senti_studio.ui.pages.train import project_side
from senti_studio.ui.pages.train.plan_view import PlanView
from senti_studio.ui.pages.train.waiting import Wish

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

PLAN_AFTER_MS = 250


class Planner(QObject):
    """`plan` is that of `wish` in the project that is open; `changed` carries it."""

    changed = Signal(object)  # PlanView

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.plan: PlanView | None = None
        self.wish = Wish("lstm", default_options("lstm"))
        self._project: Project | None = None
        self._planning: Operation[PlanView] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PLAN_AFTER_MS)
        self._timer.timeout.connect(self._make_plan)

    def open_project(self, project: Project | None) -> None:
        """Forgets the plan of the old project."""
        if self._planning is not None:
            self._planning.drop()
        self._planning = self.plan = None
        self._project = project
        self.later()

    def set_wish(self, wish: Wish) -> None:
        """What the form says now; the plan follows a moment later."""
        old, self.wish = self.wish, wish
        if _decides_the_plan(wish) != _decides_the_plan(old):
            self.later()

    @Slot()
    def later(self) -> None:
        """The labels or the form changed: count again."""
        if self._project is not None:
            self._timer.start()

    @Slot()
    def _make_plan(self) -> None:
        project, wish = self._project, self.wish
        if project is None:
            return
        if self._planning is not None:
            self._planning.drop()
        self._planning = run_operation(
            self,
            lambda: project_side.plan(project, wish),
            on_success=self._planned,
            on_failure=self._not_planned,
        )

    def _planned(self, plan: PlanView) -> None:
        self._planning = None
        self.plan = plan
        self.changed.emit(plan)

    def _not_planned(self, error: Failure) -> None:
        self._planned(PlanView(problem=project_side.problem_of(error)))


def _decides_the_plan(wish: Wish) -> tuple[object, ...]:
    now = wish.options
    return (
        wish.group_column,
        wish.repetition,
        now.valid_share,
        now.seed,
        wish.allow_few,
        now.max_length,
        now.windows,
        (now.batch_size, now.accumulation, now.least_steps),
        now.units,
        now.vectors,
        now.vectors_file,
        wish.architecture,
        now.encoder if wish.architecture == "bert" else "",
        wish.start_from,
        wish.pseudo,
        wish.teaching,
        *(tuple(getattr(now, name) for name in STRUCTURE) if wish.start_from else ()),
    )
