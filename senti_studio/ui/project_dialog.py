"""Properties of the open project, and what can be done for its health."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from senti_studio.domain.boilerplate import SETTING
from senti_studio.domain.comments import Source
from senti_studio.errors import UserError
from senti_studio.messages import message
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.i18n import marked as m
from senti_studio.ui.long_task import LongTask, Work
from senti_studio.ui.operations import Failure, run_operation
from senti_studio.ui.project_cards import FilesCard, PlatformCard, fill
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.styles import set_style, text_label

if TYPE_CHECKING:
    from senti_studio.operations.care import CompactReport, IntegrityReport, ProjectFacts
    from senti_studio.storage.project import Project

PART_NAMES = {
    "comments": m("Comments and labels"),
    "runs": m("Trainings"),
    "models": m("Models"),
    "batches": m("Classified files"),
    "backups": m("Daily backups"),
    "trash": m("Trash"),
    "cache": m("Cache"),
}


class ProjectDialog(QDialog):
    """Name, place, sizes, files; check, compact and back up. `sources_changed` after a file came or went."""

    shown = Signal()
    """The facts are in view."""

    def __init__(self, context: UiContext, project: Project) -> None:
        super().__init__(context.dialogs.window)
        self._context = context
        self._project = project
        self._after: Callable[[Any], None] = lambda _: None
        self._taken_out = 0
        self.setWindowTitle(tr("Project properties"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(760, 620)
        self.setMinimumSize(600, 420)
        self.task = LongTask(self)
        self.task.progress.connect(self._show_progress)
        self.task.done.connect(self._task_done)
        self.task.failed.connect(self._task_failed)
        self._build()
        context.session.project_changed.connect(self.reject)
        context.session.comments_changed.connect(self.refresh)
        self.refresh()

    def _build(self) -> None:
        theme = self._context.theme
        self.place = text_label(role="second", size="small", wrap=True)
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.open_folder = button(tr("Open folder"), theme=theme, kind="quiet", icon="folder")
        self.open_folder.clicked.connect(self._open_folder)
        top = QHBoxLayout()
        top.addWidget(self.place, 1)
        top.addWidget(self.open_folder, 0, Qt.AlignmentFlag.AlignTop)
        self.facts_card = Card(tr("Facts"))
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(16)
        self.facts_card.body.addLayout(self._facts)
        self.facts_card.body.addStretch(1)
        self.sizes_card = Card(tr("Size on disk"))
        self._sizes = QGridLayout()
        self.sizes_card.body.addLayout(self._sizes)
        self.sizes_card.body.addStretch(1)
        cards = QHBoxLayout()
        cards.setSpacing(12)
        cards.addWidget(self.facts_card, 1)
        cards.addWidget(self.sizes_card, 1)
        self.sources_card = FilesCard(theme)
        self.sources_card.take_out_wanted.connect(self.take_out)
        self.sources_card.bring_back_wanted.connect(self.bring_back)
        self.sources_card.purge_wanted.connect(self.ask_purge)
        self.platform_card = PlatformCard(theme, self._project.settings.get(SETTING))
        self.platform, self.save_platform = self.platform_card.texts, self.platform_card.save
        self.save_platform.clicked.connect(self.store_platform)
        inside = QWidget()
        inside.setObjectName("scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(cards)
        column.addWidget(self.sources_card)
        column.addWidget(self.platform_card)
        column.addStretch(1)
        self.title = text_label(self._project.name, size="label", bold=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(self.title)
        layout.addLayout(top)
        layout.addWidget(scrolled(inside), 1)
        layout.addLayout(self._build_acts())

    def _build_acts(self) -> QVBoxLayout:
        theme = self._context.theme
        self.bar = JobProgress(theme=theme)
        self.bar.cancelled.connect(self.task.cancel)
        self.bar.hide()
        self.outcome = text_label(wrap=True)
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.outcome.hide()
        self.check_button = button(tr("Check"), theme=theme, icon="check")
        self.check_button.setToolTip(tr("Reads the whole project and says whether anything is wrong"))
        self.check_button.clicked.connect(self.check)
        self.compact_button = button(tr("Compact"), theme=theme, icon="refresh")
        self.compact_button.setToolTip(
            tr("Gives room back to the disk; what was removed 30 days ago goes for good")
        )
        self.compact_button.clicked.connect(self.compact)
        self.backup_button = button(tr("Back up into one file…"), theme=theme, icon="export")
        self.backup_button.clicked.connect(self.choose_backup)
        close = button(tr("Close"), theme=theme, kind="primary")
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(8)
        for made in (self.check_button, self.compact_button, self.backup_button):
            row.addWidget(made)
        row.addStretch(1)
        row.addWidget(close)
        acts = QVBoxLayout()
        acts.setSpacing(8)
        acts.addWidget(self.bar)
        acts.addWidget(self.outcome)
        acts.addLayout(row)
        return acts

    # -- facts ---------------------------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Reads the facts again, off the GUI thread."""
        project = self._project

        def work() -> ProjectFacts:
            from senti_studio.operations.care import facts

            return facts(project)

        run_operation(self, work, on_success=self._show_facts)

    def _show_facts(self, facts: ProjectFacts) -> None:
        n = formats.number
        share = message("NETWORK_SHARE", {"kind": facts.share}, current_language()) if facts.share else ""
        self.place.setText(f"{facts.folder}\n{share}".rstrip())
        rows = [
            (tr("Made"), formats.when(facts.created_at)),
            (tr("File version"), n(facts.version)),
            (tr("Comments"), n(facts.comments)),
            (tr("Labelled"), n(facts.labelled)),
            *((f"    {label.name}", n(count)) for label, count in facts.labels),
        ]
        fill(self._facts, rows)
        named = [(tr(PART_NAMES[key]), facts.sizes[key]) for key in PART_NAMES if facts.sizes.get(key)]
        named.append((tr("Together"), sum(facts.sizes.values())))
        fill(self._sizes, [(name, formats.size(size)) for name, size in named])
        self._taken_out = sum(source.row_count for source, _ in facts.removed)
        self.sources_card.show_files(facts.sources, facts.removed)
        self.shown.emit()

    @Slot(object)
    def take_out(self, source: Source) -> None:
        """Hides a file with its comments and labels."""
        self._write(self._project.sources.remove(source.id))

    @Slot(object)
    def bring_back(self, source: Source) -> None:
        """Shows a file again that was taken out."""
        self._write(self._project.sources.restore(source.id), lambda: self._say_what_is_missing(source))

    def _say_what_is_missing(self, source: Source) -> None:
        project = self._project

        def told(lost: dict[int, int]) -> None:
            if count := lost.get(source.id, 0):
                params = {"names": [source.name], "count": count}
                self._say(str(message("CHECK_PARTLY_GONE", params, current_language())), role="warn")

        run_operation(self, project.sources.partly_gone, on_success=told)

    def _write(self, future: Any, then: Callable[[], None] = lambda: None) -> None:
        def stored(_: object) -> None:
            self._context.session.look_now()
            self.refresh()
            then()

        self._context.session.track(future, on_success=stored, on_failure=self._task_failed)

    @Slot(object)
    def ask_purge(self, source: Source) -> None:
        """Asks before a file goes for good."""
        title = tr("Delete {name} for good?").format(name=source.name)
        text = tr("Its {n} comments and their labels cannot be brought back then.").format(
            n=formats.number(source.row_count)
        )
        choices = [Choice(tr("Delete for good"), "danger"), Choice(tr("Keep"), "primary")]
        project = self._project

        def chosen(choice: int) -> None:
            if choice == 0:
                self._run(
                    tr("Deleting {name}").format(name=source.name),
                    lambda _report, _stop: project.sources.purge(source.id),
                    lambda _: self._say(tr("{name} is gone.").format(name=source.name)),
                )

        self._context.dialogs.ask(title, text, choices, chosen, icon="trash", focus=1)

    @Slot()
    def store_platform(self) -> None:
        """Stores the project's own list of boiler-plate texts."""

        def stored(_: object) -> None:
            self.platform.document().setModified(False)

        future = self._project.settings.set(SETTING, self.platform_card.lines())
        self._context.session.track(future, on_success=stored, on_failure=self._task_failed)

    @Slot()
    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._project.folder)))

    # -- check, compact, back up ---------------------------------------------------------------------------

    @Slot()
    def check(self) -> None:
        """Reads the whole project; says in sentences what is wrong."""
        project = self._project

        def work(report: Callable[[float, float], None], stop: Callable[[], bool]) -> IntegrityReport:
            from senti_studio.operations.care import check_project

            return check_project(project, progress=report, should_stop=stop)

        self._run(tr("Checking the project"), work, self._checked)

    def _checked(self, report: IntegrityReport) -> None:
        if not report.problems:
            words = tr("The project is sound: {comments} comments and {labels} annotations were looked at.")
            if self._taken_out:
                words = tr(
                    "The project is sound: {comments} comments ({out} of them in files that were taken out) "
                    "and {labels} annotations were looked at."
                )
            self._say(
                words.format(
                    comments=formats.number(report.comments),
                    out=formats.number(self._taken_out),
                    labels=formats.number(report.annotations),
                )
            )
            return
        language = current_language()
        sentences = [message(problem.code, problem.params, language) for problem in report.problems]
        steps = dict.fromkeys(sentence.next_step for sentence in sentences)
        self._say("\n".join([*(f"• {each.what}" for each in sentences), *steps]), role="error")

    @Slot()
    def compact(self) -> None:
        """Writes the project file anew without gaps."""
        project = self._project

        def work(_report: object, stop: Callable[[], bool]) -> CompactReport:
            from senti_studio.operations.care import compact

            return compact(project, should_stop=stop)

        self._run(tr("Compacting; please do not label meanwhile"), work, self._compacted)

    def _compacted(self, report: CompactReport) -> None:
        words = tr("{freed} freed: the project file went from {before} to {after}.")
        self._say(
            words.format(
                freed=formats.size(report.freed),
                before=formats.size(report.before),
                after=formats.size(report.after),
            )
        )
        self.refresh()

    @Slot()
    def choose_backup(self) -> None:
        """Asks where the backup goes, and writes it."""
        day = datetime.now().astimezone().date().isoformat()
        start = Path.home() / f"{self._project.folder.stem} {day}.zip"
        path, _ = QFileDialog.getSaveFileName(
            self, tr("Back up into one file"), str(start), tr("Backup of a project (*.zip)")
        )
        if path:
            self.back_up(Path(path))

    def back_up(self, target: Path) -> None:
        """Writes everything into one file; the file dialog has asked about one that exists."""
        project = self._project

        def work(report: Callable[[float, float], None], stop: Callable[[], bool]) -> Any:
            from senti_studio.operations.archive import write_archive

            return write_archive(project, target, overwrite=True, progress=report, should_stop=stop)

        def done(made: Any) -> None:
            words = tr("Backed up into {path} ({size}). Keep it on another disk.")
            self._say(words.format(path=made.path, size=formats.size(made.size)))

        self._run(tr("Backing up"), work, done)

    # -- one task at a time --------------------------------------------------------------------------------

    def _run(self, title: str, work: Work, after: Callable[[Any], None]) -> None:
        if self.task.is_running:
            return
        self._after = after
        self.outcome.hide()
        self.bar.set_title(title)
        self.bar.set_progress(None)
        self.bar.rows.hide()
        self.bar.show()
        self._enable(False)
        self.task.start(work)

    @Slot(float, float)
    def _show_progress(self, done: float, total: float) -> None:
        self.bar.set_progress(done if total else None, total)

    @Slot(object)
    def _task_done(self, result: object) -> None:
        self._enable(True)
        self._after(result)
        self.refresh()

    @Slot(object)
    def _task_failed(self, error: Failure) -> None:
        self._enable(True)
        if isinstance(error, UserError):
            words = message(error.code, error.params, current_language())
            is_stopped = error.code in ("CANCELLED", "COMPACT_STOPPED")
            self._say(str(words), role="warn" if is_stopped else "error")
            if is_stopped:
                self.refresh()
        else:
            self._context.dialogs.error(error)

    def _enable(self, on: bool) -> None:
        self.bar.setVisible(not on)
        for made in (self.check_button, self.compact_button, self.backup_button):
            made.setEnabled(on)

    def _say(self, text: str, *, role: str = "good") -> None:
        set_style(self.outcome, "role", role)
        self.outcome.setText(text)
        self.outcome.show()

    def done(self, result: int) -> None:
        """However it is closed: what runs is stopped."""
        self.task.cancel()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.task.cancel()
        super().closeEvent(event)
