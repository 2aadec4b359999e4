"""Takes another copy of the project in: choose it, see what would come, decide conflicts, merge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from senti_studio.domain.journal import Action
from senti_studio.domain.labels import Label
from senti_studio.domain.merging import MergeReport, Side
from senti_studio.errors import UserError
from senti_studio.messages import message
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import counted, current_language, marked, tr
from senti_studio.ui.long_task import LongTask, Report
from senti_studio.ui.operations import Failure
from senti_studio.ui.people.conflict_table import ConflictTable
from senti_studio.ui.people.merge_words import head_of, offer_of, sentences_of
from senti_studio.ui.undoing import say_not_the_last
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.segmented import Segmented
from senti_studio.ui.widgets.styles import set_style, text_label

if TYPE_CHECKING:
    from senti_studio.operations.merging import Merged
    from senti_studio.storage.project import Project

RULES = (Side.NEWEST, Side.MINE, Side.THEIRS)


class MergeDialog(QDialog):
    """`report` is what the chosen copy would bring; nothing is written before the button is pressed."""

    def __init__(self, context: UiContext, project: Project) -> None:
        super().__init__(context.dialogs.window)
        self._context = context
        self._project = project
        self._folder: Path | None = None
        self.report: MergeReport | None = None
        self.conflicts: ConflictTable | None = None
        self.setWindowTitle(tr("Merge another copy"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(900, 640)
        self.setMinimumSize(600, 420)
        theme = context.theme
        self.place = text_label(tr("Choose the copy that was handed out or grew apart."), role="second")
        self.place.setWordWrap(True)
        self.choose = button(tr("Choose a copy…"), theme=theme, icon="folder")
        self.choose.clicked.connect(self._choose)
        self.head = text_label(bold=True, wrap=True)
        self.facts = text_label(role="second", wrap=True)
        self.bring = QCheckBox()
        self.bring.setChecked(True)
        self.rule = Segmented((tr("The newer one"), tr("Here"), tr("In the copy")), theme=theme)
        self.rule.setAccessibleName(tr("Which label counts"))
        self.card = Card()
        self.bar = JobProgress(theme=theme)
        self.outcome = text_label(wrap=True)
        self.merge = button(tr("Merge"), theme=theme, kind="primary", icon="check")
        self.task = LongTask(self)
        self.task.progress.connect(self._show_progress)
        self.task.done.connect(self._task_done)
        self.task.failed.connect(self._task_failed)
        self._after: Callable[[Any], None] = lambda _: None
        self._build()
        context.session.project_changed.connect(self.reject)

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.place, 1)
        top.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignTop)
        self.card.header.addWidget(text_label(tr("Which label counts"), role="hint", size="small"))
        self.card.header.addWidget(self.rule)
        self.card.body.setContentsMargins(0, 0, 0, 0)
        self.rule.changed.connect(self._choose_rule)
        self.bar.rows.hide()
        self.bar.cancelled.connect(self.task.cancel)
        self.merge.setEnabled(False)
        self.merge.clicked.connect(self.start)
        close = button(tr("Close"), theme=self._context.theme)
        close.clicked.connect(self.reject)
        last = QHBoxLayout()
        last.setSpacing(8)
        last.addStretch(1)
        last.addWidget(close)
        last.addWidget(self.merge)
        self._room = QWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(text_label(tr("Merge another copy"), size="label", bold=True))
        layout.addLayout(top)
        for widget in (self.head, self.facts, self.bring, self.outcome, self.bar):
            layout.addWidget(widget)
            widget.hide()
        layout.addWidget(self.card, 1)
        self.card.hide()
        layout.addWidget(self._room, 1)
        layout.addLayout(last)

    # -- comparing -----------------------------------------------------------------------------------------

    @Slot()
    def _choose(self) -> None:
        start = str(self._project.folder.parent)
        folder = QFileDialog.getExistingDirectory(self, tr("Choose a project folder (NAME.senti)"), start)
        if folder:
            self.look_at(Path(folder))

    def look_at(self, folder: Path) -> None:
        """Compares the project with the one in ``folder``; the report follows."""
        project = self._project
        self._folder, self.report = folder, None
        self.place.setText(str(folder))

        def work(report: Report, stop: Callable[[], bool]) -> MergeReport:
            from senti_studio.operations.merging import compare
            from senti_studio.storage.pieces import Watch

            return compare(project, folder, watch=Watch(report, stop))

        self._run(tr("Comparing"), work, self._show_report)

    def _show_report(self, report: MergeReport) -> None:
        self.report = report
        self.head.setText(head_of(report))
        self.facts.setText("\n".join(sentences_of(report)))
        self.bring.setText(offer_of(report))
        self.head.show()
        self.facts.setVisible(bool(self.facts.text()))
        self.bring.setVisible(bool(report.unknown))
        self._show_conflicts(report)
        self.merge.setEnabled(not report.is_empty)

    def _show_conflicts(self, report: MergeReport) -> None:
        if self.conflicts is not None:
            self.card.body.removeWidget(self.conflicts)
            self.conflicts.hide()
            self.conflicts.deleteLater()
            self.conflicts = None
        labels: dict[int, Label] = {label.id: label for label in self._project.labels.list()}
        labels |= {-label.id: label for label in report.added}
        self.card.setVisible(bool(report.conflicts))
        self._room.setVisible(not report.conflicts)
        if report.conflicts:
            count = len(report.conflicts)
            title = counted(count, marked("1 conflict"), marked("{n} conflicts"))
            words = tr("one person, one comment, two labels")
            self.card.set_title(title.format(n=formats.number(count)), words)
            self.conflicts = ConflictTable(report.conflicts, labels)
            self.card.body.addWidget(self.conflicts)
            self._choose_rule(self.rule.index)

    @Slot(int)
    def _choose_rule(self, index: int) -> None:
        if self.conflicts is not None:
            self.conflicts.rows.set_rule(RULES[index])

    # -- merging -------------------------------------------------------------------------------------------

    @Slot()
    def start(self) -> None:
        """Merges what the report told of."""
        project, folder, annotator = self._project, self._folder, self._context.session.annotator
        if folder is None or self.report is None or self.task.is_running:
            return
        rule, bring = RULES[self.rule.index], self.bring.isChecked()
        choices = dict(self.conflicts.rows.choices) if self.conflicts is not None else {}

        def work(report: Report, stop: Callable[[], bool]) -> Merged:
            from senti_studio.operations.merging import merge
            from senti_studio.storage.pieces import Watch

            watch = Watch(report, stop)
            return merge(
                project, folder, annotator=annotator, rule=rule, choices=choices, bring=bring, watch=watch
            )

        self._run(tr("Merging"), work, self._merged)

    def _merged(self, merged: Merged) -> None:
        session, action = self._context.session, merged.action
        session.look_now()
        if action.stopped:
            one = marked("Stopped: 1 comment was merged. Merge once more to finish.")
            many = marked("Stopped: {n} comments were merged. Merge once more to finish.")
            words = counted(action.count, one, many)
            self._say(words.format(n=formats.number(action.count)), role="warn")
            self.merge.setEnabled(True)
            return
        self.accept()
        self._context.toasts.show(
            counted(
                action.count, marked("Merged: one comment changed"), marked("Merged: {n} comments changed")
            ).format(n=formats.number(action.count)),
            kind="done",
            action=tr("Undo"),
            on_action=lambda: self._undo(action.id),
        )

    def _undo(self, action_id: int) -> None:
        session, project = self._context.session, self._project

        def undone(taken_back: Action | None) -> None:
            if taken_back is None:
                say_not_the_last(self._context)
            session.look_now()

        if session.project is project:
            session.track(
                project.annotations.undo(session.annotator, only=action_id),
                on_success=undone,
                on_failure=self._undo_failed,
            )

    def _undo_failed(self, error: Failure) -> None:
        self._context.dialogs.error(error)

    # -- one task at a time --------------------------------------------------------------------------------

    def _run(self, title: str, work: Callable[[Report, Callable[[], bool]], Any], then: Any) -> None:
        if self.task.is_running:
            return
        self._after = then
        self.outcome.hide()
        self.bar.set_title(title)
        self.bar.set_progress(None)
        self.bar.show()
        self.choose.setEnabled(False)
        self.merge.setEnabled(False)
        self.task.start(work)

    @Slot(float, float)
    def _show_progress(self, done: float, total: float) -> None:
        self.bar.set_progress(done or None, total)

    @Slot(object)
    def _task_done(self, result: object) -> None:
        self.bar.hide()
        self.choose.setEnabled(True)
        self._after(result)

    @Slot(object)
    def _task_failed(self, error: Failure) -> None:
        self.bar.hide()
        self.choose.setEnabled(True)
        self.merge.setEnabled(self.report is not None and not self.report.is_empty)
        if isinstance(error, UserError):
            role = "warn" if error.code == "CANCELLED" else "error"
            self._say(str(message(error.code, error.params, current_language())), role=role)
        else:
            self._context.dialogs.error(error)

    def _say(self, text: str, *, role: str) -> None:
        set_style(self.outcome, "role", role)
        self.outcome.setText(text)
        self.outcome.show()

    def done(self, result: int) -> None:
        """However it is closed: what runs is stopped; what was merged by then is one action to undo."""
        self.task.cancel()
        super().done(result)
