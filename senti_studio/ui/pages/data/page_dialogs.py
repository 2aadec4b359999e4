"""What the data page opens over itself, and the helper that collects predictions for it."""

from __future__ import annotations

import logging
from array import array

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDialog, QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.helper_call import HelperCall
from senti_studio.ui.pages.data.chooser import Chooser
from senti_studio.ui.pages.data.export_dialog import ExportDialog
from senti_studio.ui.pages.data.presenter import DataPresenter

_log = logging.getLogger(__name__)


class PageDialogs(QObject):
    """The dialogs belong to the page."""

    def __init__(self, context: UiContext, presenter: DataPresenter, chooser: Chooser, page: QWidget) -> None:
        super().__init__(page)
        self._context = context
        self._presenter = presenter
        self._chooser = chooser
        self._page = page
        self._survey = HelperCall(self)
        self._survey.answered.connect(presenter.details_aged)
        self._survey.failed.connect(lambda code, _: _log.warning("predictions were not collected: %s", code))
        presenter.predictions_wanted.connect(self._collect_predictions)

    @Slot()
    def export(self) -> ExportDialog | None:
        """Opens the export dialog; None without a project."""
        return self._export(None)

    @Slot()
    def export_chosen(self) -> ExportDialog | None:
        """As `export`, for the chosen rows; None where none are."""
        if not self._chooser.count:
            return None
        # All of the view is asked for as such: the rows that are still to come belong to it.
        return self._export(None if self._chooser.is_all else self._chooser.ids())

    def _export(self, ids: array[int] | None) -> ExportDialog | None:
        project, presenter = self._context.session.project, self._presenter
        if project is None:
            return None
        dialog = ExportDialog(
            self._context,
            project.folder,
            project.name,
            self._page,
            ids=ids,
            wanted=presenter.filter,
            order=presenter.order,
            counts=presenter.facts.counts if presenter.facts else None,
            shown=None if presenter.is_filling else presenter.model.rowCount(),
        )
        dialog.open()
        return dialog

    @Slot()
    def statistics(self) -> QDialog | None:
        """Opens the statistics of what the view shows; None without a project."""
        project, facts = self._context.session.project, self._presenter.facts
        if project is None or facts is None:
            return None
        from senti_studio.ui.pages.data.statistics_dialog import StatisticsDialog

        wanted = self._presenter.filter
        dialog = StatisticsDialog(self._context, project.folder, wanted, facts.labels, self._page)
        dialog.open()
        return dialog

    @Slot()
    def _collect_predictions(self) -> None:
        project = self._context.session.project
        if project is not None and not self._survey.is_running:
            self._survey.start("survey", "predictions", project=str(project.folder))

    def leave_project(self) -> None:
        """Another project: what the helper does is of no use any more."""
        self._survey.close()

    def shut_down(self) -> None:
        """Ends the helper."""
        self._survey.close_and_wait()
