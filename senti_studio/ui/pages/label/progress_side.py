"""The goal of the project and what can be looked at beside labelling: how far, how sure, how many more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.label.budget import Budget
from senti_studio.ui.pages.label.budget_words import headline
from senti_studio.ui.pages.label.presenter import LabelPresenter
from senti_studio.ui.pages.label.progress_dialog import ProgressDialog
from senti_studio.ui.pages.label.status_row import StatusRow

if TYPE_CHECKING:
    from senti_studio.storage.project import Project
    from senti_studio.ui.pages.label.budget_dialog import BudgetDialog


class ProgressSide(QObject):
    """Opens the dialogs that the progress of the Label page leads to, one of each at a time."""

    def __init__(
        self, context: UiContext, presenter: LabelPresenter, status: StatusRow, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._presenter = presenter
        self._status = status
        self.dialog: ProgressDialog | None = None
        self.budget = Budget(context.session, self)
        self.budget.measured.connect(self._tell_budget)
        self.budget_dialog: BudgetDialog | None = None
        status.facts.clicked.connect(self.show_progress)
        status.goal.changed.connect(self._show_pace)
        context.actions.bind("label.progress", self.show_progress, page="label")
        context.actions.bind("label.budget", self.show_budget, page="label")

    def open(self, project: Project | None) -> None:
        """Another project, or none."""
        self._status.goal.open(project)
        self.budget.open(project)

    def shut_down(self) -> None:
        """The window closes."""
        self.budget.close()

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
