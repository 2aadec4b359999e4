"""Restore from a backup: choose a project, see its backups with their counts, restore one to a new folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout

from senti_studio.errors import UserError
from senti_studio.paths import data_folder
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import tr
from senti_studio.ui.long_task import LongTask, Report
from senti_studio.ui.operations import Failure, run_operation
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.operations.projects import Backup


class RestoreDialog(QDialog):
    """`restored` carries the folder of the new project; the old one is never touched."""

    restored = Signal(object)

    def __init__(self, context: UiContext, folder: Path | None) -> None:
        super().__init__(context.dialogs.window)
        self._context = context
        self._folder: Path | None = None
        self._backups: list[Backup] = []
        self.setWindowTitle(tr("Restore from backup"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(560, 420)
        theme = context.theme
        self._of = text_label(role="second", wrap=True)
        choose = button(tr("Choose a project…"), theme=theme, icon="folder")
        choose.clicked.connect(self._choose_project)
        top = QHBoxLayout()
        top.addWidget(self._of, 1)
        top.addWidget(choose)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Backups"))
        self.restore_button = button(tr("Restore to a new folder…"), theme=theme, kind="primary")
        self.restore_button.setEnabled(False)
        self.restore_button.clicked.connect(self._choose_place)
        self.list.currentRowChanged.connect(lambda row: self.restore_button.setEnabled(row >= 0))
        cancel = button(tr("Cancel"), theme=theme)
        cancel.clicked.connect(self.reject)
        from_file = button(tr("From a backup file (.zip)…"), theme=theme, icon="file")
        from_file.clicked.connect(self._choose_file)
        row = QHBoxLayout()
        row.addWidget(from_file)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.restore_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(text_label(tr("Restore from backup"), size="label", bold=True))
        layout.addLayout(top)
        layout.addWidget(self.list, 1)
        hint = tr("A backup holds comments and labels. It becomes a new project; the old one stays as it is.")
        layout.addWidget(text_label(hint, role="hint", size="small", wrap=True))
        self._bar = JobProgress(theme=theme)
        self._bar.rows.hide()
        self._bar.hide()
        self._task = LongTask(self)
        self._task.progress.connect(lambda done, total: self._bar.set_progress(done or None, total))
        self._task.done.connect(self._restored)
        self._task.failed.connect(self._file_failed)
        self._bar.cancelled.connect(self._task.cancel)
        layout.addWidget(self._bar)
        layout.addLayout(row)
        self.show_project(folder)

    def show_project(self, folder: Path | None) -> None:
        """Lists the backups of ``folder``."""
        self._folder = folder
        self.list.clear()
        if folder is None:
            self._of.setText(tr("Choose the project whose backups you want to see."))
            return
        self._of.setText(str(folder))

        def work() -> list[Backup]:
            from senti_studio.operations.projects import list_backups

            return list_backups(folder)

        run_operation(self, work, on_success=self._show)

    def _show(self, backups: Sequence[Backup]) -> None:
        self._backups = list(backups)
        for backup in backups:
            words = tr("{day} · {n} comments, {labelled} labelled").format(
                day=backup.day.isoformat(),
                n=formats.number(backup.comments),
                labelled=formats.number(backup.labelled),
            )
            self.list.addItem(QListWidgetItem(words))
        if backups:
            self.list.setCurrentRow(0)
        else:
            self._of.setText(tr("This folder has no backups: {path}").format(path=self._folder))

    @Slot()
    def _choose_project(self) -> None:
        title = tr("Choose a project folder (NAME.senti)")
        folder = QFileDialog.getExistingDirectory(self, title, str(data_folder()))
        if folder:
            self.show_project(Path(folder))

    @Slot()
    def _choose_place(self) -> None:
        if self._folder is None:
            return
        start = data_folder() / f"{self._folder.stem} {tr('restored')}.senti"
        path, _ = QFileDialog.getSaveFileName(
            self, tr("Where to put the restored project"), str(start), "Senti Studio (*.senti)"
        )
        if path:
            self.restore_to(Path(path))

    def restore_to(self, target: Path) -> None:
        """Restores the chosen backup to the new folder ``target``."""
        backup = self._backups[self.list.currentRow()]

        def work() -> Path:
            from senti_studio.operations.projects import restore_backup

            project = restore_backup(backup.path, target)
            project.close()
            return project.folder

        self.restore_button.setEnabled(False)
        run_operation(self, work, on_success=self._restored)

    @Slot()
    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, tr("Choose a backup file"), str(data_folder()), tr("Backup of a project (*.zip)")
        )
        if not path:
            return
        start = data_folder() / f"{Path(path).stem} {tr('restored')}.senti"
        target, _ = QFileDialog.getSaveFileName(
            self, tr("Where to put the restored project"), str(start), "Senti Studio (*.senti)"
        )
        if target:
            self.restore_file(Path(path), Path(target))

    def restore_file(self, file: Path, target: Path) -> None:
        """Makes the new project ``target`` from a backup file; `restored` follows."""
        if self._task.is_running:
            return

        def work(report: Report, stop: Callable[[], bool]) -> Path:
            from senti_studio.operations.archive import restore_archive

            return restore_archive(file, target, progress=report, should_stop=stop)

        self._bar.set_title(tr("Restoring"))
        self._bar.set_progress(None)
        self._bar.show()
        self._task.start(work)

    @Slot(object)
    def _file_failed(self, error: Failure) -> None:
        self._bar.hide()
        if not (isinstance(error, UserError) and error.code == "CANCELLED"):
            self._context.dialogs.error(error)

    def done(self, result: int) -> None:
        """However it is closed: what runs is stopped, and leaves nothing."""
        self._task.cancel()
        super().done(result)

    @Slot(object)
    def _restored(self, folder: Path) -> None:
        self.accept()
        self.restored.emit(folder)
