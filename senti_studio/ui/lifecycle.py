"""What the window does with projects, and how it begins and ends."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QFileDialog

from senti_studio.errors import UserError
from senti_studio.messages import message
from senti_studio.ui.active_runs import ActiveRuns
from senti_studio.ui.closing import ClosingQuestion
from senti_studio.ui.dialogs import Choice, MessageDialog
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.job_process import ended_together
from senti_studio.ui.leaving import Leaving
from senti_studio.ui.operations import (
    Failure,
    follow,
    run_operation,
    set_default_failure,
    wait_for_operations,
)
from senti_studio.ui.pages.page import Page
from senti_studio.ui.people.menu import PeopleMenu

if TYPE_CHECKING:
    from senti_studio.storage.project import Project
    from senti_studio.ui.window import MainWindow

PROBE_AFTER_MS = 1500
"""The probe starts a second process: not while the first pictures of the window are made."""

_log = logging.getLogger(__name__)


class Lifecycle(QObject):
    """New, open, sample, restore, close; the first second and the last one of a window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._context = window.context
        self._is_down = False
        self.read_only_dialog: MessageDialog | None = None
        self._stop_tidying = threading.Event()
        self.runs = ActiveRuns(self._context.session, self)
        self.closing = ClosingQuestion(self._context, self.runs, window)
        self.leaving = Leaving(self._context, lambda: list(window.pages.values()), self)
        self._context.session.before_leaving = self.leaving.before
        self.people = PeopleMenu(self._context, self)
        self._bind()
        set_default_failure(self._context.dialogs.error)
        self._context.session.lost.connect(self._context.dialogs.error)
        self._context.session.project_changed.connect(self._project_changed)
        self._context.settings.changed.connect(self._setting_changed)
        self.runs.changed.connect(self.show_jobs)
        self._window.status.job_clicked.connect(self._go_to_job)
        window.first_painted.connect(self._painted)
        self._project_changed(None)

    def _bind(self) -> None:
        actions, window = self._context.actions, self._window
        for name, slot in (
            ("file.new", self.new_project),
            ("file.open", self.choose_project),
            ("file.sample", self.open_sample),
            ("file.restore", self.choose_backup),
            ("file.properties", self.show_properties),
            ("file.backup", self.back_up),
            ("file.close", self.close_project),
            ("edit.labels", self.show_labels),
            ("file.import", lambda: window.go_to("import")),
            ("file.quit", window.close),
            ("edit.settings", self.show_settings),
            ("view.theme", self.switch_theme),
            ("tools.devices", self._context.machine.look),
            ("help.keys", self.show_keys),
            ("help.guide", self.show_keys),
            ("help.about", self.show_about),
        ):
            actions.bind(name, slot)

    def adopt(self, page: Page) -> None:
        """Connects what only the home page can ask for; tells the page what is at work."""
        page.job_words = self.runs.headline()
        if page.name == "home":
            home: Any = page
            home.open_wanted.connect(lambda folder, name: self.open_project(folder, page=name))
            home.find_wanted.connect(self._find_project)

    # -- projects ------------------------------------------------------------------------------------------

    @Slot()
    def new_project(self) -> None:
        """Comments first: the import page asks for the place of the project at its last step."""
        files, _ = QFileDialog.getOpenFileNames(
            self._window,
            tr("Choose comment files"),
            "",
            tr("Comments (*.csv *.tsv *.txt *.gz);;All files (*)"),
        )
        if files:
            self._window.go_to("import", {"new_project": True, "files": [Path(file) for file in files]})

    @Slot()
    def choose_project(self) -> None:
        folder = self._ask_folder(tr("Choose a project folder (NAME.senti)"))
        if folder is not None:
            self.open_project(folder)

    def open_project(self, folder: Path, *, page: str = "") -> None:
        """Opens ``folder`` and shows ``page`` (else the page where the project was left)."""

        def work() -> tuple[Project, str]:
            from senti_studio.operations.projects import open_project

            project = open_project(folder)
            return project, page or str(project.settings.get("last_page", "") or "data")

        def opened(result: tuple[Project, str]) -> None:
            project, shown = result
            self._context.session.use(project, then=lambda: self._window.go_to(shown))

        def failed(error: Failure) -> None:
            if isinstance(error, UserError) and error.code == "PROJECT_READ_ONLY":
                self._offer_copy(folder, error)
            else:
                self._context.dialogs.error(error)

        run_operation(self, work, on_success=opened, on_failure=failed)

    def _offer_copy(self, folder: Path, error: UserError) -> None:
        """A project on a read-only drive: the way to look at it is a copy."""
        words = message(error.code, error.params, current_language())

        def answered(choice: int) -> None:
            into = self._ask_folder(tr("Where should the copy go?")) if choice == 1 else None
            if into is not None:
                self.open_copy(folder, into)

        choices = (Choice(tr("Cancel")), Choice(tr("Copy and open…"), "primary"))
        self.read_only_dialog = self._context.dialogs.ask(words.what, words.next_step, choices, answered)

    def open_copy(self, folder: Path, into: Path) -> None:
        """Copies a project into the folder ``into`` and opens the copy."""

        def work() -> Path:
            from senti_studio.operations.projects import copy_project

            return copy_project(folder, into)

        run_operation(self, work, on_success=self.open_project)

    @Slot()
    def open_sample(self) -> None:
        """A throw-away project of the sample comments, opened on the labelling page."""

        def work() -> Path:
            from senti_studio.operations.sample import create_sample_project

            return create_sample_project()

        run_operation(self, work, on_success=lambda folder: self.open_project(folder, page="label"))

    @Slot()
    def close_project(self) -> None:
        def close() -> None:
            self._leave_project()
            self._context.session.close()

        self.leaving.before(close)

    @Slot(object)
    def _find_project(self, row: Any) -> None:
        folder = self._ask_folder(tr("Where is {name} now?").format(name=row.name))
        if folder is None:
            return

        def work() -> Path:
            from senti_studio.operations.projects import forget

            forget(row.folder)
            return folder

        run_operation(self, work, on_success=self.open_project)

    @Slot(list)
    def take_files(self, paths: list[Path]) -> None:
        """Files dropped on the window: a project is opened; anything else is shown to the import page."""
        projects = [path for path in paths if path.suffix == ".senti" or path.name == "project.db"]
        texts = [path for path in paths if path.exists()]
        if projects:
            self.open_project(projects[0])
        elif texts:
            is_new = self._context.session.project is None
            self._window.go_to("import", {"new_project": is_new, "files": texts})
        elif paths:
            self._context.dialogs.error(UserError("NOT_A_PROJECT", path=str(paths[0])))

    @Slot()
    def choose_backup(self) -> None:
        """Asks for a project (the open one is offered), then shows its backups."""
        from senti_studio.ui.restore_dialog import RestoreDialog

        project = self._context.session.project
        dialog = RestoreDialog(self._context, project.folder if project is not None else None)
        dialog.restored.connect(self.open_project)
        dialog.open()

    def _ask_folder(self, title: str) -> Path | None:
        from senti_studio.paths import data_folder

        folder = QFileDialog.getExistingDirectory(self._window, title, str(data_folder()))
        return Path(folder) if folder else None

    @Slot(object)
    def _project_changed(self, project: Project | None) -> None:
        for name in ("file.close", "file.import", "file.properties", "file.backup", "edit.labels"):
            self._context.actions.set_enabled(name, project is not None)
        self._stop_tidying.set()
        self._window.place_banner.hide()
        if project is not None:
            self._back_up(project)
            self._warn_of_share(project)

    def _back_up(self, project: Project) -> None:
        from senti_studio.operations.projects import back_up_daily

        def failed(error: Exception) -> None:
            _log.warning("no backup today: %s", error)
            words = tr("Today's backup could not be made; your work itself is saved.")
            self._context.toasts.show(words, kind="error")

        follow(self, back_up_daily(project), on_success=lambda _: self._tidy_up(project), on_failure=failed)

    def _tidy_up(self, project: Project) -> None:
        """What was removed 30 days ago goes for good, once there is a backup of today."""
        if project is not self._context.session.project:
            return
        from senti_studio.operations.care import tidy_up

        self._stop_tidying = threading.Event()
        future = tidy_up(project, stop=self._stop_tidying)
        follow(self, future, on_success=lambda _: None, on_failure=lambda error: _log.info("%s", error))

    def _warn_of_share(self, project: Project) -> None:
        def work() -> str:
            from senti_studio.operations.places import network_share

            return network_share(project.folder)

        def known(kind: str) -> None:
            if kind and project is self._context.session.project:
                words = message("NETWORK_SHARE", {"kind": kind}, current_language())
                self._window.place_banner.show_message(words.what, words.next_step)

        run_operation(self, work, on_success=known, on_failure=lambda error: _log.info("%s", error))

    @Slot()
    def show_labels(self) -> None:
        """The label set of the open project."""
        from senti_studio.ui.labels_dialog import LabelsDialog

        if self._context.session.project is not None:
            LabelsDialog(self._context, self._context.session.project).open()

    @Slot()
    def show_properties(self) -> None:
        """Facts, check, compact, back up."""
        from senti_studio.ui.project_dialog import ProjectDialog

        if self._context.session.project is not None:
            ProjectDialog(self._context, self._context.session.project).open()

    @Slot()
    def back_up(self) -> None:
        """Asks for a file and writes the whole project into it."""
        from senti_studio.ui.project_dialog import ProjectDialog

        if self._context.session.project is not None:
            dialog = ProjectDialog(self._context, self._context.session.project)
            dialog.open()
            dialog.choose_backup()

    def _leave_project(self) -> None:
        """Notes the page in view and the present counts for the list of recent projects."""
        project = self._context.session.project
        if project is None:
            return
        from senti_studio.operations.projects import remember

        try:
            if self._window.current not in ("home", "import"):
                project.settings.set("last_page", self._window.current)
            remember(project)
        except (UserError, OSError) as error:
            _log.warning("last page and counts were not noted: %s", error)

    # -- settings, help ------------------------------------------------------------------------------------

    @Slot(str)
    def _setting_changed(self, name: str) -> None:
        settings = self._context.settings
        if name == "theme":
            self._context.theme.set_choice(settings.theme)
        elif name == "language":
            app = QApplication.instance()
            if app is not None:
                self._window.language.install(app, settings.language)

    @Slot()
    def switch_theme(self) -> None:
        self._context.settings.theme = "light" if self._context.theme.is_dark else "dark"

    @Slot()
    def show_settings(self) -> None:
        from senti_studio.ui.settings_dialog import SettingsDialog

        SettingsDialog(self._context, self._window.language).open()

    @Slot()
    def show_keys(self) -> None:
        from senti_studio.ui.cheat_sheet import CheatSheet

        CheatSheet(self._context).open()

    @Slot()
    def show_about(self) -> None:
        from senti_studio.ui.about import AboutDialog

        AboutDialog(self._context).open()

    # -- jobs ----------------------------------------------------------------------------------------------

    @Slot()
    def show_jobs(self) -> None:
        """Dots of the rail and the running job in the status bar tell the same."""
        self._window.rail.set_busy(self.runs.busy_pages())
        self._window.status.show_job(self.runs.headline())
        for page in self._window.pages.values():
            page.show_jobs(self.runs.headline())

    @Slot()
    def _go_to_job(self) -> None:
        pages = self.runs.busy_pages()
        if pages:
            self._window.go_to("train" if "train" in pages else "classify")

    # -- window --------------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        self.show_jobs()

    @Slot()
    def _painted(self) -> None:
        QTimer.singleShot(PROBE_AFTER_MS, self, self._context.machine.look)

    def allow_close(self) -> None:
        """The next closing of the window asks nothing."""
        self.closing.is_answered = True
        self.leaving.is_answered = True

    def may_close(self) -> bool:
        """Whether the window may go now; otherwise a question is open, whose answer closes the window."""
        if not self.closing.may_close():
            return False
        if self.leaving.is_free():
            return True
        self.leaving.before(self._close_window)
        return False

    def _close_window(self) -> None:
        self.allow_close()
        self._window.close()

    def shut_down(self) -> None:
        """Leaves nothing behind: no helper, no thread, no open file."""
        if self._is_down:
            return
        self._is_down = True
        with ended_together():
            for page in self._window.pages.values():
                page.shut_down()
            self.runs.close()
            self._context.machine.close()
            self._context.near.close()
            self._context.assistant.close()
            self._context.explainer.close()
        self._stop_tidying.set()
        self._leave_project()
        wait_for_operations()
        self._context.session.close()
        set_default_failure(None)
