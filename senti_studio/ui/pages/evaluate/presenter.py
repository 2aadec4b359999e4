"""What the Evaluate page does: chooses runs, reads evaluations, compares, exports. No widgets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.errors import UserError
from senti_studio.operations.breakdown import Breakdown
from senti_studio.operations.models import FOLDS, ModelSummary
from senti_studio.ui.operations import Failure, Operation, run_operation
from senti_studio.ui.pages.evaluate import shown as reading
from senti_studio.ui.pages.evaluate.shown import Comparison, EvaluationShown
from senti_studio.ui.session import Session

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


class EvaluatePresenter(QObject):
    """Everything that is read arrives as a signal on the GUI thread."""

    runs_changed = Signal()
    evaluation_changed = Signal()
    comparison_changed = Signal()
    breakdown_changed = Signal()
    exported = Signal(object)  # Path
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project: Project | None = None
        self.runs: list[ModelSummary] = []
        self.is_listed = False
        self.run_id = ""
        self.other_id = ""
        self.split = "test"
        self.shown: EvaluationShown | None = None
        self.problem: UserError | None = None
        self.comparison: Comparison | None = None
        self.column = ""
        """The original column whose values are told; that of `EvaluationShown.column` until one is chosen."""
        self.breakdown: Breakdown | None = None
        self._wanted = ""
        self._breaking: Operation[Breakdown] | None = None
        self._listing: Operation[list[ModelSummary]] | None = None
        self._reading: Operation[EvaluationShown] | None = None
        self._comparing: Operation[Comparison] | None = None
        session.runs_changed.connect(self.reload)
        session.labels_changed.connect(self._read)
        session.comments_changed.connect(self._read)  # also another test set

    def open_project(self, project: Project | None) -> None:
        """Works on another project."""
        for operation in (self._listing, self._reading, self._comparing, self._breaking):
            if operation is not None:
                operation.drop()
        self._listing = self._reading = self._comparing = self._breaking = None
        self.column, self.breakdown = "", None
        self.project, self.runs, self.is_listed = project, [], False
        self.run_id = self.other_id = self._wanted = ""
        self.shown = self.comparison = self.problem = None
        self.runs_changed.emit()
        self.evaluation_changed.emit()
        self.reload()

    @Slot()
    def reload(self) -> None:
        """Reads again which runs left a model."""
        project = self.project
        if project is None or self._listing is not None:
            return
        self._listing = run_operation(
            self, lambda: reading.evaluated_models(project), on_success=self._listed, on_failure=self._failed
        )

    def _listed(self, runs: list[ModelSummary]) -> None:
        self._listing = None
        self.is_listed = True
        self.runs = runs
        ids = [run.id for run in runs]
        if self.other_id not in ids:
            self.other_id = ""
        wanted = self._wanted if self._wanted in ids else self.run_id
        self._wanted = ""
        if wanted not in ids:
            wanted = ids[0] if ids else ""
        self.runs_changed.emit()
        if wanted != self.run_id or self.shown is None:
            self.run_id = ""
            self.choose(wanted)

    def want(self, run_id: str) -> None:
        """Shows a run as soon as it is in the list."""
        if any(run.id == run_id for run in self.runs):
            self.choose(run_id)
        else:
            self._wanted = run_id
            self.reload()

    def chosen_run(self) -> ModelSummary | None:
        """The run that is shown, once the list is there."""
        return next((run for run in self.runs if run.id == self.run_id), None)

    def choose(self, run_id: str) -> None:
        """Shows another run."""
        if run_id == self.run_id:
            return
        self.run_id = run_id
        if self.split == FOLDS and (self.run is None or not self.run.has_folds):
            self.split = "test"
        if self.other_id == run_id:
            self.other_id = ""
        self.runs_changed.emit()
        self._read()

    def choose_split(self, split: str) -> None:
        """``test`` | ``valid`` | ``folds``."""
        if split != self.split:
            self.split = split
            self._read()

    def compare_with(self, run_id: str) -> None:
        """Another run beside the one shown; empty for none."""
        self.other_id = run_id
        self._compare()

    @property
    def run(self) -> ModelSummary | None:
        return next((run for run in self.runs if run.id == self.run_id), None)

    @Slot()
    def _read(self) -> None:
        project, run, split = self.project, self.run, self.split
        if self._reading is not None:
            self._reading.drop()
            self._reading = None
        if project is None or run is None:
            self.shown = None
            self.evaluation_changed.emit()
            return
        self._reading = run_operation(
            self,
            lambda: reading.evaluation_shown(project, run, split),
            on_success=self._was_read,
            on_failure=self._not_read,
        )

    def _was_read(self, shown: EvaluationShown) -> None:
        self._reading = None
        self.shown, self.problem = shown, None
        self.evaluation_changed.emit()
        self._compare()
        self._break_down()

    def _not_read(self, error: Failure) -> None:
        self._reading = None
        self.shown = self.comparison = self.breakdown = None
        if isinstance(error, UserError):
            self.problem = error
        else:
            self.failed.emit(error)
        self.evaluation_changed.emit()
        self.comparison_changed.emit()
        self.breakdown_changed.emit()

    def choose_column(self, column: str) -> None:
        """Tells the values of another original column."""
        self.column = column
        self._break_down()

    def _break_down(self) -> None:
        project, shown = self.project, self.shown
        if self._breaking is not None:
            self._breaking.drop()
            self._breaking = None
        if project is None or shown is None:
            return
        if self.column not in shown.columns:
            self.column = shown.column
        column = self.column
        if not column:
            self._broken_down(None)
            return
        self._breaking = run_operation(
            self,
            lambda: reading.broken_down(project, shown, column),
            on_success=self._broken_down,
            on_failure=self._failed,
        )

    def _broken_down(self, found: Breakdown | None) -> None:
        self._breaking = None
        self.breakdown = found
        self.breakdown_changed.emit()

    def _compare(self) -> None:
        project, shown = self.project, self.shown
        other = next((run for run in self.runs if run.id == self.other_id), None)
        if self._comparing is not None:
            self._comparing.drop()
            self._comparing = None
        if project is None or shown is None or other is None:
            self._compared(None)
            return
        self._comparing = run_operation(
            self,
            lambda: reading.compare(project, shown, other),
            on_success=self._compared,
            on_failure=self._failed,
        )

    def _compared(self, comparison: Comparison | None) -> None:
        self._comparing = None
        self.comparison = comparison
        self.comparison_changed.emit()

    def export(self, path: Path) -> None:
        """Writes the rows of the evaluation shown as CSV."""
        shown = self.shown
        if shown is None:
            return

        def work() -> Path:
            reading.write_report(shown, path)
            return path

        run_operation(self, work, on_success=self.exported.emit, on_failure=self._failed)

    def _failed(self, error: Failure) -> None:
        self._listing = None
        self.failed.emit(error)
