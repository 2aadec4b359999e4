"""Step 4 writes: makes the project if there is none, runs ``worker import``, takes all back when it fails."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.domain.importing import ImportProgress, ImportReport
from senti_studio.domain.labels import DEFAULT_LABELS, Label
from senti_studio.errors import UserError
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.ui.helper_call import HelperCall
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.importing.plan import ImportPlan, labels_with_new

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


class ImportWriter(QObject):
    """One import at a time. After a failure or a cancel nothing is left: no rows, labels or new project."""

    progress = Signal(object)
    """`ImportProgress`"""
    done = Signal(object, object)
    """`ImportReport`, folder of the project"""
    failed = Signal(str, object)
    """Message code and parameters; everything was taken back."""
    cancelled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.helper = HelperCall(self)
        self.helper.progress.connect(self._tell_progress)
        self.helper.answered.connect(self._take)
        self.helper.failed.connect(self._helper_failed)
        self._project: Project | None = None
        self._folder: Path | None = None
        self._has_made_project = False
        self._old_labels: tuple[Label, ...] | None = None
        self._is_cancelled = False
        self.is_writing = False

    def write(self, plan: ImportPlan, *, project: Project | None, new_folder: Path | None) -> None:
        """Imports the file of ``plan`` into ``project``, or into a new one at ``new_folder``."""
        self.is_writing, self._is_cancelled = True, False
        self._has_made_project, self._old_labels = False, None
        self._project = project
        if project is not None:
            self._folder = project.folder
            self._add_labels(project, plan)
            return
        if new_folder is None:
            raise ValueError("neither a project nor a folder for a new one")
        self._folder = new_folder
        names = plan.new_names
        labels = labels_with_new(DEFAULT_LABELS, names, replace_all=bool(names) and not plan.uses_old_labels)
        self._run(
            lambda: _make_project(new_folder, labels),
            lambda _: self._project_made(plan, labels),
        )

    def cancel(self) -> None:
        """Gives up; `cancelled` comes when everything was taken back."""
        self._is_cancelled = True
        self.helper.cancel()

    def undo(self, project: Project, source_id: int, on_done: Callable[[], None]) -> None:
        """Takes a finished import away again, as one step."""
        self._run(lambda: project.sources.remove(source_id).result(), lambda _: on_done())

    def close_and_wait(self) -> None:
        """The window closes: the helper ends, and leaves nothing of an unfinished import."""
        self.helper.close_and_wait()

    # --- before the helper ---

    def _project_made(self, plan: ImportPlan, labels: Sequence[Label]) -> None:
        self._has_made_project = True
        self._start(plan, labels)

    def _add_labels(self, project: Project, plan: ImportPlan) -> None:
        old = project.labels.list()
        is_empty = not project.sources.list()
        names = plan.new_names
        replace_all = bool(names) and not plan.uses_old_labels and is_empty
        labels = labels_with_new(old, names, replace_all=replace_all)
        if labels == old:
            self._start(plan, old)
            return
        self._old_labels = old
        self._run(
            lambda: project.labels.replace(labels),
            lambda _: self._start(plan, project.labels.list()),
        )

    def _start(self, plan: ImportPlan, labels: Sequence[Label]) -> None:
        if self._is_cancelled:
            self._take_back(self.cancelled.emit)
            return
        request = plan.request(labels)
        self.helper.start("import", "import", project=str(self._folder), **asdict(request))

    # --- the helper ---

    @Slot(dict)
    def _tell_progress(self, answer: dict[str, Any]) -> None:
        self.progress.emit(from_json(ImportProgress, answer))

    @Slot(dict)
    def _take(self, answer: dict[str, Any]) -> None:
        self.is_writing = False
        self.done.emit(from_json(ImportReport, answer), self._folder)

    @Slot(str, object)
    def _helper_failed(self, code: str, params: dict[str, object]) -> None:
        if self._is_cancelled or code == "CANCELLED":
            self._take_back(self.cancelled.emit)
            return
        code = "IMPORT_HELPER_ENDED" if code == "HELPER_ENDED" else code
        self._take_back(lambda: self.failed.emit(code, params))

    # --- taking back ---

    def _take_back(self, then: Callable[[], None]) -> None:
        project, folder, old = self._project, self._folder, self._old_labels
        has_made = self._has_made_project

        def work() -> None:
            if has_made and folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
            elif project is not None:
                project.sources.remove_unfinished().result()
                if old is not None:
                    project.labels.replace(old)

        def over(_: object = None) -> None:
            self.is_writing = False
            then()

        run_operation(self, work, on_success=over, on_failure=lambda _error: over())

    def _run(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        run_operation(self, work, on_success=then, on_failure=self._fail)

    def _fail(self, error: Exception) -> None:
        self.is_writing = False
        if isinstance(error, UserError):
            self.failed.emit(error.code, error.params)
        else:
            self.failed.emit("INTERNAL", {"detail": f"{type(error).__name__}: {error}"})


def _make_project(folder: Path, labels: Sequence[Label]) -> None:
    from senti_studio.operations.projects import create_project

    create_project(folder, labels=labels).close()
