"""What the page shows of the chosen file: shares, facts, first lines, and writing it once more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.messages import message
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import current_language
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.classify.export_again import BatchExport
from senti_studio.ui.pages.classify.export_card import ExportCard, first_lines
from senti_studio.ui.pages.classify.presenter import ClassifyPresenter
from senti_studio.ui.pages.classify.queue_item import ItemState, QueueItem, free_output
from senti_studio.ui.pages.classify.result_cards import ResultCard, SharesCard
from senti_studio.ui.pages.classify.wording import characters_words, output_encoding_words

if TYPE_CHECKING:
    from senti_studio.domain.exporting import ExportReport


class ChosenFile(QObject):
    """Fills three cards for one item of the queue."""

    def __init__(self, context: UiContext, presenter: ClassifyPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self.context = context
        self.presenter = presenter
        self.item: QueueItem | None = None
        self.labels: tuple[Label, ...] = ()
        self.target = ExportCard(context, parent)
        self.shares = SharesCard(context, parent)
        self.result = ResultCard(context, parent)
        self.export = BatchExport(self)
        self._shown_file: tuple[str, str] | None = None
        self._encoding_again = ""
        self.target.encoding_chosen.connect(self._choose_encoding)
        self.target.again.clicked.connect(self.export_again)
        self.target.folder.clicked.connect(self._open_folder)
        self.target.file.clicked.connect(lambda: self.open_file(self.item))
        self.export.progress.connect(self.result.show_export)
        self.export.done.connect(self._exported)
        self.export.failed.connect(self._export_failed)

    def set_labels(self, labels: Sequence[Label]) -> None:
        """The label set of the project, for colours and shapes."""
        self.labels = tuple(labels)
        self.refresh()

    def choose(self, item: QueueItem | None) -> None:
        """Another item."""
        if item is not self.item:
            self._encoding_again = ""
        self.item = item
        self.refresh()

    @property
    def encoding(self) -> str:
        """What the cards stand at: of a classified file its own, or that for writing it once more; else that
        of the files which are still to be started."""
        item = self.item
        if item is None or item.state is not ItemState.DONE:
            return self.presenter.output_encoding
        return self._encoding_again or str(item.output.get("encoding", "")) or self.presenter.output_encoding

    def _whose_encoding(self, item: QueueItem | None) -> str:
        """For which files a choice of encoding counts."""
        if item is None or not (item.batch_id and item.encoding):
            return self.tr("How the files are written that are not started yet:")
        if item.state is ItemState.DONE:
            words = self.tr("How {name} is written; choose another encoding to write it once more:")
            return words.format(name=item.name)
        name, _ = output_encoding_words(item.encoding)
        words = self.tr(
            "{name} is written as {encoding}; a choice counts for files that are not started yet:"
        )
        return words.format(name=item.name, encoding=name)

    def refresh(self) -> None:
        """Everything as it stands now."""
        item = self.item
        self.shares.show_item(item, self.labels)
        self.result.show_item(item)
        target = self.target
        encoding = self.encoding
        target.show_encoding(encoding, self._whose_encoding(item))
        path = item.output_path if item is not None else None
        is_there = path is not None and item is not None and item.state is ItemState.DONE
        for one in (target.folder, target.file):
            one.setEnabled(is_there)
        is_done = item is not None and item.state is ItemState.DONE
        name, _ = output_encoding_words(encoding)
        target.again.setText(self.tr("Write again as {encoding}").format(encoding=name))
        written = str(item.output.get("encoding", "")) if item is not None else ""
        target.again.setVisible(is_done and (written != encoding or not is_there))
        target.again.setEnabled(not self.export.is_running)
        target.target.set_text(self._target_name(item))
        self._say_characters(item)
        if is_there and path is not None:
            target.note.setText(self.tr("The first lines, exactly as they stand in the file."))
            self._show_lines(path, written or encoding)
        else:
            self._shown_file = None
            target.note.setText("")
            target.show_lines((), has_bom=False)

    def _target_name(self, item: QueueItem | None) -> str:
        if item is None:
            return ""
        if item.output_path is not None:
            return item.output_path.name
        if item.source_id is not None and self.presenter.output_folder is None:
            return f"{item.path.stem}{self.presenter.output_suffix}.csv"
        return free_output(item.path, self.presenter.output_folder, self.presenter.output_suffix).name

    def _say_characters(self, item: QueueItem | None) -> None:
        if item is None or not item.output.get("path"):
            self.target.say_characters("", "hint")
            return
        text, role = characters_words(item)
        self.target.say_characters(text, role)

    def _show_lines(self, path: Path, encoding: str) -> None:
        if self._shown_file == (str(path), encoding):
            return
        self._shown_file = key = (str(path), encoding)

        def shown(found: tuple[tuple[str, ...], bool]) -> None:
            if self._shown_file == key:
                self.target.show_lines(found[0], has_bom=found[1])

        def gone(error: Exception) -> None:
            self._shown_file = None
            words = message("FILE_NOT_FOUND", {"path": str(path)}, current_language())
            self.target.note.setText(str(words))

        run_operation(self, lambda: first_lines(path, encoding), on_success=shown, on_failure=gone)

    @Slot(str)
    def _choose_encoding(self, encoding: str) -> None:
        if self.item is not None and self.item.state is ItemState.DONE:
            self._encoding_again = encoding
        else:
            self.presenter.output_encoding = encoding
        self.refresh()

    @Slot()
    def export_again(self) -> None:
        """Writes the classified CSV of the chosen file once more: chosen encoding, free name."""
        item, project = self.item, self.context.session.project
        if item is None or project is None or item.state is not ItemState.DONE or self.export.is_running:
            return
        old = item.output_path
        folder = self.presenter.output_folder or (old.parent if old is not None else project.folder.parent)
        target = free_output(item.path, folder, self.presenter.output_suffix)
        self.export.start(item, project.batches_folder / item.batch_id, target, self.encoding)
        self.refresh()

    @Slot(object, object)
    def _exported(self, item: QueueItem, report: ExportReport) -> None:
        self.result.show_export(None)
        if item is self.item:
            self._encoding_again = ""
            self.refresh()
        self.context.toasts.show(
            self.tr("{name} was written").format(name=Path(report.path).name),
            kind="done",
            action=self.tr("Open folder"),
            on_action=lambda: _open(Path(report.path).parent),
        )

    @Slot(str, object)
    def _export_failed(self, code: str, params: dict[str, object]) -> None:
        self.result.show_export(None)
        self.refresh()
        self.context.dialogs.error(UserError(code, **params))

    @Slot()
    def _open_folder(self) -> None:
        path = self.item.output_path if self.item is not None else None
        if path is not None:
            _open(path.parent)

    @Slot(object)
    def open_file(self, item: QueueItem | None) -> None:
        """The classified CSV, in the program that the system has for it."""
        path = item.output_path if item is not None else None
        if path is None:
            return
        if path.is_file():
            _open(path)
        else:
            self.context.dialogs.error(UserError("FILE_NOT_FOUND", path=str(path)))


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
