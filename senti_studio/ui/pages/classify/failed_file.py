"""What can be done about a file that was not classified: try again, or write it somewhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import MessageDialog
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.classify.presenter import ClassifyPresenter
from senti_studio.ui.pages.classify.queue_item import ItemState, QueueItem


class FailedFile(QObject):
    """``set_folder``: takes the folder for all classified files."""

    def __init__(
        self,
        context: UiContext,
        presenter: ClassifyPresenter,
        set_folder: Callable[[Path], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._presenter = presenter
        self._set_folder = set_folder
        self._page = parent

    @Slot(object)
    def show(self, item: QueueItem) -> MessageDialog:
        """The dialog with what happened, what to do, and buttons for it."""
        details, project = "", self._context.session.project
        if item.state is ItemState.FAILED and item.batch_id and project is not None:
            log = project.runs_folder / item.batch_id / "worker.log"
            details = log.read_text("utf-8", "replace")[-4000:] if log.is_file() else ""
        acts: list[tuple[str, Callable[[], object]]] = []
        if item.is_refused_its_place:
            acts.append((tr("Choose another folder…"), lambda: self.choose_folder(item)))
        if item.can_try_again:
            acts.append((tr("Try again"), lambda: self.try_again(item)))
        return self._context.dialogs.failure(item.code, dict(item.params), details=details, acts=acts)

    @Slot(object)
    def choose_folder(self, item: QueueItem) -> None:
        """Asks for another folder for classified files, then tries again."""
        dialog = QFileDialog(self._page.window(), tr("Folder for the classified files"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.write_into(item, Path(name)))
        dialog.open()

    def write_into(self, item: QueueItem, folder: Path) -> None:
        """The item once more, and all classified files from now on, into ``folder``."""
        self._set_folder(folder)
        self.try_again(item)

    @Slot(object)
    def try_again(self, item: QueueItem) -> None:
        """Goes on from the rows that are done; begins anew where file or model has changed; looks again at a
        file that could not be read."""
        if item.can_try_again:
            self._forgive(item)
        if item.state is ItemState.READY:
            self._presenter.begin([item])
        elif item.state is ItemState.WAITING:
            self._presenter.begin([])

    def place_changed(self) -> None:
        """Files that could not be written where they were to be can be started once more."""
        for item in self._presenter.items:
            if item.is_refused_its_place:
                self._forgive(item)

    def _forgive(self, item: QueueItem) -> None:
        if item.batch_id and not item.needs_new_start:
            item.state, item.tries_again = ItemState.WAITING, True
        else:
            self._presenter.make_ready(item)
        item.code, item.params = "", {}
        self._presenter.item_changed.emit(item)
