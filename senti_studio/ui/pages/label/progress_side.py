"""The goal of the project and what can be looked at beside labelling: how far, how sure, how many more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.label.presenter import LabelPresenter
from senti_studio.ui.pages.label.progress_dialog import ProgressDialog
from senti_studio.ui.pages.label.status_row import StatusRow

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


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
        status.facts.clicked.connect(self.show_progress)
        status.goal.changed.connect(self._show_pace)
        context.actions.bind("label.progress", self.show_progress, page="label")

    def open(self, project: Project | None) -> None:
        """Another project, or none."""
        self._status.goal.open(project)

    @Slot()
    def _show_pace(self) -> None:
        self._status.show_pace(self._presenter.pace)

    @Slot()
    def show_progress(self) -> None:
        """The dialog of progress and goal."""
        if self._context.session.project is None or self.dialog is not None:
            return
        dialog = ProgressDialog(self._context, self._presenter, self._status)
        dialog.finished.connect(self._closed)
        self.dialog = dialog
        dialog.open()

    @Slot()
    def _closed(self) -> None:
        self.dialog = None
