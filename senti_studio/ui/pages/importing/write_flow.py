"""What happens on step 4: writing, its end, and taking it back; between the writer and the widgets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.domain.importing import ImportProgress, ImportReport
from senti_studio.messages import message
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice
from senti_studio.ui.i18n import current_language
from senti_studio.ui.pages.importing.presenter import ImportPresenter
from senti_studio.ui.pages.importing.report_step import label_bars
from senti_studio.ui.pages.importing.write_step import WriteStep
from senti_studio.ui.pages.importing.writing import ImportWriter
from senti_studio.ui.widgets.label_bars import LabelBar

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


class WriteFlow(QObject):
    """``is_new``: a project is made first, whatever is open."""

    moved = Signal()
    """Writing began, ended, or failed: step 4 is to be shown."""
    said = Signal(str)
    """A text for the status bar."""
    undone = Signal()

    def __init__(
        self, context: UiContext, presenter: ImportPresenter, step: WriteStep, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._presenter = presenter
        self._step = step
        self.writer = ImportWriter(self)
        self.is_new = False
        self.report: ImportReport | None = None
        self._bars: tuple[LabelBar, ...] = ()
        self.writer.progress.connect(self._show_progress)
        self.writer.done.connect(self._show_done)
        self.writer.failed.connect(self._show_failed)
        self.writer.cancelled.connect(self._show_cancelled)
        step.cancel_asked.connect(self.ask_cancel)
        step.undo_asked.connect(self._undo)

    @property
    def makes_project(self) -> bool:
        """Whether a project is made before writing."""
        return self.is_new or self._context.session.project is None

    @property
    def is_done(self) -> bool:
        """The file of the moment is in the project."""
        return self.report is not None

    def reset(self, *, is_new: bool) -> None:
        """Another file, or none."""
        self.is_new, self.report = is_new, None
        self._step.problem.hide()

    def retranslate(self) -> None:
        """The result again, in the language of the moment."""
        if self.report is not None:
            self._step.show_result(self.report, self._bars, len(self._presenter.queue))

    def show_place(self) -> None:
        """Asks for the place of the new project, with a name that is free."""
        place = self._step.place
        if self._presenter.path is not None and not place.name.text():
            place.suggest(self._presenter.path)
        self._step.show_place()

    def write(self) -> None:
        """Starts; nothing happens while the place of the new project cannot be used."""
        plan = self._presenter.plan
        target = self._step.place.target() if self.makes_project else None
        if plan is None or (self.makes_project and target is None):
            return
        project = None if self.makes_project else self._context.session.project
        self._step.show_start(plan.path.name)
        self.writer.write(plan, project=project, new_folder=target)
        self.moved.emit()

    @Slot(object)
    def _show_progress(self, progress: ImportProgress) -> None:
        self._step.show_progress(progress)
        if progress.total:
            name = self._presenter.path.name if self._presenter.path is not None else ""
            share = formats.percent(progress.rows / progress.total, decimals=0)
            self.said.emit(self.tr("Importing {name} {share}").format(name=name, share=share))

    @Slot(object, object)
    def _show_done(self, report: ImportReport, folder: Path) -> None:
        self.report, self._bars = report, self._result_bars(report)
        self.retranslate()
        self.moved.emit()
        text = self.tr("{count} comments imported")
        self.said.emit(text.format(count=formats.number(report.rows)))
        session = self._context.session
        if session.project is None or session.project.folder != folder:
            self.is_new = False
            session.open(folder)
        else:
            session.look_now()

    def _result_bars(self, report: ImportReport) -> tuple[LabelBar, ...]:
        plan = self._presenter.plan
        if plan is None or not plan.label_rows or sum(plan.label_rows.values()) != report.labelled:
            return ()  # rows were left out: the counts of the check would not add up
        return tuple(label_bars(plan, self._presenter.labels))

    @Slot(str, object)
    def _show_failed(self, code: str, params: dict[str, object]) -> None:
        words = message(code, params, current_language())
        self._after_failure()
        self._step.problem.show_message(words.what, words.next_step, kind="error")

    @Slot()
    def _show_cancelled(self) -> None:
        words = message("CANCELLED", {}, current_language())
        self._after_failure()
        self._step.problem.show_message(words.what, words.next_step, kind="warn")
        self.said.emit(str(words))

    def _after_failure(self) -> None:
        if self.makes_project:
            self._step.show_place()
        else:
            self._step.show_idle()
        self.moved.emit()

    @Slot()
    def ask_cancel(self) -> None:
        """Asks whether to stop what is being written."""
        if not self.writer.is_writing:
            return
        self._context.dialogs.ask(
            self.tr("Stop the import?"),
            self.tr("What was written so far is taken back; the project stays as it was before."),
            [Choice(self.tr("Stop the import"), "danger"), Choice(self.tr("Do not stop"), "primary")],
            self._answer_cancel,
            focus=1,
        )

    def _answer_cancel(self, choice: int) -> None:
        if choice == 0 and self.writer.is_writing:
            self._step.show_cancelling()
            self.writer.cancel()

    @Slot()
    def _undo(self) -> None:
        project, report = self._context.session.project, self.report
        if project is None or report is None:
            return
        self._step.result.undo.setEnabled(False)
        self.writer.undo(project, report.source_id, lambda: self._take_back_done(project, report))

    def _take_back_done(self, project: Project, report: ImportReport) -> None:
        session = self._context.session
        session.look_now()
        taken_back = self.tr("The import of {name} was taken back").format(name=report.name)
        later = self.tr("to bring it back later: Project properties › Imported files")
        self.said.emit(f"{taken_back} · {later}")
        self._context.toasts.show(
            taken_back,
            kind="done",
            action=self.tr("Bring it back"),
            on_action=lambda: session.track(
                project.sources.restore(report.source_id), on_success=lambda _: session.look_now()
            ),
        )
        self.undone.emit()
