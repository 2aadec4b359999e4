"""The goal of the project and what can be looked at beside labelling: how far, how sure, how many more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.domain.self_agreement import ENOUGH, self_agreement
from senti_studio.ui.context import UiContext
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.label.budget import Budget
from senti_studio.ui.pages.label.budget_words import headline
from senti_studio.ui.pages.label.presenter import LabelPresenter
from senti_studio.ui.pages.label.progress_dialog import ProgressDialog
from senti_studio.ui.pages.label.status_row import StatusRow

if TYPE_CHECKING:
    from senti_studio.storage.project import Project
    from senti_studio.ui.pages.label.budget_dialog import BudgetDialog

Pairs = list[tuple[int, int]]


class ProgressSide(QObject):
    """Opens the dialogs that the progress of the Label page leads to, one of each at a time; keeps what
    the annotator answered twice (`pairs` of labels)."""

    ceiling_changed = Signal(object)
    """The share of equal answers, None where it is not known."""

    def __init__(
        self, context: UiContext, presenter: LabelPresenter, status: StatusRow, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._presenter = presenter
        self._status = status
        self.dialog: ProgressDialog | None = None
        self.pairs: Pairs | None = None
        self.budget = Budget(context.session, self)
        self.budget.measured.connect(self._tell_budget)
        self.budget_dialog: BudgetDialog | None = None
        status.facts.clicked.connect(self.show_progress)
        status.goal.changed.connect(self._show_pace)
        context.session.labels_changed.connect(self.look_at_agreement)
        context.actions.bind("label.progress", self.show_progress, page="label")
        context.actions.bind("label.budget", self.show_budget, page="label")

    def open(self, project: Project | None) -> None:
        """Another project, or none."""
        self._status.goal.open(project)
        self.budget.open(project)
        self._take_pairs(project, None)
        self.look_at_agreement()

    def shut_down(self) -> None:
        """The window closes."""
        self.budget.close()

    @Slot()
    def look_at_agreement(self) -> None:
        """Reads again what was answered twice, where that is more or less than before; off the GUI thread."""
        project, annotator = self._context.session.project, self._context.session.annotator
        if project is None:
            return
        known = self.pairs

        def work() -> Pairs:
            if known is not None and project.second_looks.count(annotator) == len(known):
                return known
            return [(each.first_id, each.second_id) for each in project.second_looks.pairs(annotator)]

        run_operation(
            self, work, on_success=lambda found: self._take_pairs(project, found), on_failure=lambda _: None
        )

    def _take_pairs(self, project: Project | None, found: Pairs | None) -> None:
        if project is not self._context.session.project or found == self.pairs:
            return
        self.pairs = found
        is_known = found is not None and len(found) >= ENOUGH
        self.ceiling_changed.emit(sum(a == b for a, b in found) / len(found) if found and is_known else None)
        self._tell_agreement()

    def _tell_agreement(self) -> None:
        """Works out the interval for the dialog, which takes too long to do it beside every label."""
        dialog, pairs = self.dialog, self.pairs
        if dialog is None or pairs is None:
            return
        run_operation(dialog, lambda: self_agreement(pairs), on_success=dialog.show_agreement)

    @Slot()
    def _show_pace(self) -> None:
        self._status.show_pace(self._presenter.pace)

    @Slot()
    def show_progress(self) -> None:
        """The dialog of progress and goal."""
        if self._context.session.project is None or self.dialog is not None:
            return
        dialog = ProgressDialog(self._context, self._presenter, self._status)
        dialog.budget_wanted.connect(self.show_budget)
        dialog.finished.connect(self._closed)
        self.dialog = dialog
        self._tell_agreement()
        dialog.open()

    @Slot()
    def _closed(self) -> None:
        self.dialog = None

    @Slot()
    def show_budget(self) -> None:
        """The dialog of how many labels are enough."""
        if self._context.session.project is None or self.budget_dialog is not None:
            return
        # Not before somebody looks: it draws with pyqtgraph.
        from senti_studio.ui.pages.label.budget_dialog import BudgetDialog

        dialog = BudgetDialog(self._context, self._presenter, self.budget)
        dialog.finished.connect(self._budget_closed)
        self.budget_dialog = dialog
        dialog.open()

    @Slot()
    def _budget_closed(self) -> None:
        self.budget_dialog = None

    @Slot()
    def _tell_budget(self) -> None:
        """Says what came out to who did not wait for it."""
        if self.budget_dialog is None and self.budget.curve is not None:
            self._context.toasts.show(headline(self.budget.curve, self._presenter.labels))
