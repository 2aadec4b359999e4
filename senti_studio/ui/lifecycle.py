"""What the window does with projects, and how it begins and ends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QFileDialog

from senti_studio.ui.i18n import tr
from senti_studio.ui.operations import run_operation, set_default_failure, wait_for_operations

if TYPE_CHECKING:
    from senti_studio.storage.project import Project
    from senti_studio.ui.window import MainWindow

PROBE_AFTER_MS = 1500
"""The probe starts a second process: not while the first pictures of the window are made."""


class Lifecycle(QObject):
    """New, open, sample, restore, close; the first second and the last one of a window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._context = window.context
        self._was_shown = False
        self._may_close = False
        actions = self._context.actions
        actions.bind("file.new", self.new_project)
        actions.bind("file.open", self.choose_project)
        actions.bind("file.sample", self.open_sample)
        actions.bind("file.close", self.close_project)
        actions.bind("file.import", lambda: window.go_to("import"))
        actions.bind("file.quit", window.close)
        actions.bind("view.theme", self.switch_theme)
        actions.bind("tools.devices", self._context.machine.look)
        set_default_failure(self._context.dialogs.error)
        self._context.session.project_changed.connect(self._project_changed)
        self._project_changed(None)

    # -- projects --------------------------------------------------------------------------------

    @Slot()
    def new_project(self) -> None:
        """Comments first: the import page asks for the place of the project at its last step."""
        files, _ = QFileDialog.getOpenFileNames(
            self._window, tr("Choose comment files"), "", tr("Comments (*.csv *.tsv *.txt);;All files (*)")
        )
        if files:
            self._window.go_to("import", {"new_project": True, "files": [Path(file) for file in files]})

    @Slot()
    def choose_project(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._window, tr("Choose a project folder (NAME.senti)"))
        if folder:
            self.open_project(Path(folder))

    def open_project(self, folder: Path, *, page: str = "") -> None:
        """Opens ``folder`` and shows ``page`` (else the page where the project was left)."""

        def opened(project: Project) -> None:
            self._context.session.use(project)
            self._window.go_to(page or str(project.settings.get("last_page", "data")))

        def work() -> Project:
            from senti_studio.operations.projects import open_project

            return open_project(folder)

        run_operation(self, work, on_success=opened)

    @Slot()
    def open_sample(self) -> None:
        """A throw-away project of the sample comments, opened on the labelling page."""

        def work() -> Path:
            from senti_studio.operations.projects import create_sample_project

            return create_sample_project()

        run_operation(self, work, on_success=lambda folder: self.open_project(folder, page="label"))

    @Slot()
    def close_project(self) -> None:
        self._context.session.close()

    @Slot(object)
    def _project_changed(self, project: Project | None) -> None:
        for name in ("file.close", "file.import"):
            self._context.actions.set_enabled(name, project is not None)

    # -- window --------------------------------------------------------------------------------

    @Slot()
    def switch_theme(self) -> None:
        theme = self._context.theme
        theme.set_choice("light" if theme.is_dark else "dark")
        self._context.settings.theme = theme.choice

    def retranslate(self) -> None:
        """Nothing of its own is on the screen."""

    def window_shown(self) -> None:
        """The first time: what may wait until the window is painted."""
        if not self._was_shown:
            self._was_shown = True
            QTimer.singleShot(PROBE_AFTER_MS, self, self._context.machine.look)

    def allow_close(self) -> None:
        """The next closing of the window asks nothing."""
        self._may_close = True

    def may_close(self) -> bool:
        """Whether the window may go now; asks when a job runs (and closes later, according to the answer)."""
        return True

    def shut_down(self) -> None:
        """Leaves nothing behind: no helper, no thread, no open file."""
        self._context.machine.close()
        self._context.session.close()
        wait_for_operations()
        set_default_failure(None)
