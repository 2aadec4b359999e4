"""Hands comments out: to whom, how many, where the copies go; below, what is handed out already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from senti_studio.domain.people import Share
from senti_studio.errors import UserError
from senti_studio.messages import message
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.long_task import LongTask, Report
from senti_studio.ui.operations import Failure, Operation, run_operation
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.styles import set_style, text_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from senti_studio.operations.sharing import SharePlan, ShareRequest
    from senti_studio.storage.project import Project

_PLAN_AFTER_MS = 250


class ShareDialog(QDialog):
    """The plan follows what is typed; nothing is written before the button is pressed."""

    def __init__(self, context: UiContext, project: Project) -> None:
        super().__init__(context.dialogs.window)
        self._context = context
        self._project = project
        self.plan: SharePlan | None = None
        self._planning: Operation[SharePlan] | None = None
        self.setWindowTitle(tr("Hand comments out"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(680, 640)
        self.setMinimumSize(560, 420)
        self.names = QLineEdit()
        self.overlap, self.each = QSpinBox(), QSpinBox()
        self.labelled, self.copies = QCheckBox(), QCheckBox()
        self.folder = QLineEdit(str(project.folder.parent))
        self.outcome = text_label(wrap=True)
        self.bar = JobProgress(theme=context.theme)
        self.hand_out = button(tr("Hand out"), theme=context.theme, kind="primary", icon="send")
        self._list = QGridLayout()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PLAN_AFTER_MS)
        self._later.timeout.connect(self._plan)
        self.task = LongTask(self)
        self.task.progress.connect(lambda done, total: self.bar.set_progress(done or None, total))
        self.task.done.connect(self._done)
        self.task.failed.connect(self._failed)
        self._build()
        context.session.project_changed.connect(self.reject)
        self.refresh()
        self._plan()

    def _build(self) -> None:
        theme = self._context.theme
        self.names.setPlaceholderText(tr("Names, separated by commas"))
        self.overlap.setRange(0, 100)
        self.overlap.setValue(10)
        self.overlap.setSuffix(" %")
        self.each.setRange(0, 100_000_000)
        self.each.setSingleStep(100)
        self.each.setSpecialValueText(tr("All"))
        self.labelled.setText(tr("Also comments that have a label already"))
        self.copies.setText(tr("A copy of the project for each person"))
        self.copies.setChecked(True)
        choose = button(theme=theme, icon="folder", name=tr("Choose a folder"))
        choose.clicked.connect(self._choose_folder)
        place = QWidget()
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.folder, 1)
        row.addWidget(choose)
        self.copies.toggled.connect(place.setEnabled)
        form = QFormLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(12)
        fields: tuple[tuple[str, QWidget, QWidget], ...] = (
            (tr("To whom"), self.names, self.names),
            (tr("Everybody labels"), self.overlap, self.overlap),
            (tr("Comments for each"), self.each, self.each),
            ("", self.labelled, self.labelled),
            ("", self.copies, self.copies),
            (tr("Copies go to"), place, self.folder),
        )
        for words, field, inside in fields:
            form.addRow(text_label(words, role="second"), field)
            inside.setAccessibleName(words or inside.accessibleName())
        words = tr(
            "A copy holds the comments of its share and nobody else's labels. Merge it when it is labelled"
            " (Label menu)."
        )
        self.bar.rows.hide()
        self.bar.hide()
        self.bar.cancelled.connect(self.task.cancel)
        inside = QWidget()
        inside.setObjectName("scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        self._list.setHorizontalSpacing(16)
        self._list.setColumnStretch(2, 1)
        column.addLayout(self._list)
        column.addStretch(1)
        self.shares = Card(tr("Handed out so far"))
        self.shares.body.addWidget(scrolled(inside))
        close = button(tr("Close"), theme=theme)
        close.clicked.connect(self.reject)
        self.hand_out.setEnabled(False)
        self.hand_out.clicked.connect(self.start)
        last = QHBoxLayout()
        last.setSpacing(8)
        last.addStretch(1)
        last.addWidget(close)
        last.addWidget(self.hand_out)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(text_label(tr("Hand comments out"), size="label", bold=True))
        layout.addLayout(form)
        layout.addWidget(text_label(words, role="hint", size="small", wrap=True))
        layout.addWidget(self.outcome)
        layout.addWidget(self.bar)
        layout.addWidget(self.shares, 1)
        layout.addLayout(last)
        for signal in (
            self.names.textChanged,
            self.overlap.valueChanged,
            self.each.valueChanged,
            self.labelled.toggled,
            self.copies.toggled,
            self.folder.textChanged,
        ):
            signal.connect(self._changed)

    # -- planning ------------------------------------------------------------------------------------------

    @Slot()
    def _changed(self) -> None:
        self.plan = None
        self.hand_out.setEnabled(False)
        self._later.start()

    def _people(self) -> tuple[str, ...]:
        words = self.names.text().replace("，", ",").replace("、", ",").replace("；", ",").split(",")
        return tuple(word.strip() for word in words if word.strip())

    def _request(self) -> ShareRequest:
        from senti_studio.operations.sharing import ShareRequest

        return ShareRequest(
            self._people(),
            self.overlap.value() / 100,
            self.each.value() or None,
            labelled=self.labelled.isChecked(),
            folder=Path(self.folder.text().strip()) if self.copies.isChecked() else None,
        )

    @Slot()
    def _plan(self) -> None:
        """Works out who would get how many, off the GUI thread."""
        if self._planning is not None:
            self._planning.drop()
            self._planning = None
        if not self._people():
            self._say(tr("Write the names of those who label, separated by commas."), role="hint")
            return
        project, request = self._project, self._request()

        def work() -> SharePlan:
            from senti_studio.operations.sharing import plan

            return plan(project, request)

        self._planning = run_operation(self, work, on_success=self._planned, on_failure=self._not_planned)

    def _planned(self, plan: SharePlan) -> None:
        self._planning = None
        self.plan = plan
        self.hand_out.setEnabled(not self.task.is_running)
        shares = tr("{person}: {n} comments")
        words = [
            shares.format(person=share.person, n=formats.number(len(share.ids))) for share in plan.shares
        ]
        common = tr("{n} of them go to everybody, {left} are not handed out.").format(
            n=formats.number(plan.common), left=formats.number(plan.left)
        )
        self._say(" · ".join(words) + "\n" + common)

    def _not_planned(self, error: Failure) -> None:
        self._planning = None
        if isinstance(error, UserError):
            self._say(str(message(error.code, error.params, current_language())), role="warn")
        else:
            self._context.dialogs.error(error)

    def _say(self, text: str, *, role: str = "") -> None:
        set_style(self.outcome, "role", role)
        self.outcome.setText(text)

    # -- handing out ---------------------------------------------------------------------------------------

    @Slot()
    def start(self) -> None:
        """Makes the copies and notes the shares."""
        plan, project = self.plan, self._project
        if plan is None or self.task.is_running:
            return

        def work(report: Report, stop: Callable[[], bool]) -> Any:
            from senti_studio.operations.sharing import hand_out
            from senti_studio.storage.pieces import Watch

            return hand_out(project, plan, watch=Watch(report, stop))

        self.bar.set_title(tr("Handing out"))
        self.bar.set_progress(None)
        self.bar.show()
        self.hand_out.setEnabled(False)
        self.task.start(work)

    @Slot(object)
    def _done(self, _ids: object) -> None:
        plan, self.plan = self.plan, None
        self.bar.hide()
        self.names.blockSignals(True)
        self.names.clear()
        self.names.blockSignals(False)
        copies = [share.target for share in plan.shares if share.target is not None] if plan else []
        words = tr("Handed out.")
        if copies:
            words = tr("Handed out; the copies are in {folder}.").format(folder=copies[0].parent)
        self._say(words, role="good")
        self.refresh()

    @Slot(object)
    def _failed(self, error: Failure) -> None:
        self.bar.hide()
        self._not_planned(error)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Reads what is handed out."""
        run_operation(self, self._project.people.shares, on_success=self._show_shares)

    def _show_shares(self, shares: list[Share]) -> None:
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.shares.setVisible(bool(shares))
        for row, share in enumerate(shares):
            words = tr("{done} of {n} labelled").format(
                done=formats.number(share.labelled), n=formats.number(share.comments)
            )
            take = button(tr("Take back"), theme=self._context.theme, kind="quiet")
            take.set_dense()
            take.setToolTip(tr("Forgets the share; all labels stay"))
            take.clicked.connect(lambda _=False, which=share.id: self.take_back(which))
            self._list.addWidget(text_label(share.person, bold=True), row, 0)
            self._list.addWidget(text_label(words, role="second"), row, 1)
            place = share.folder or tr("in this project")
            self._list.addWidget(text_label(place, role="hint", size="small"), row, 2)
            self._list.addWidget(take, row, 3)

    def take_back(self, share_id: int) -> None:
        """The comments are nobody's in particular again."""
        project = self._project

        def done(_: object) -> None:
            self.refresh()
            self._changed()

        run_operation(self, lambda: project.people.take_back(share_id), on_success=done)

    @Slot()
    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Where the copies go"), self.folder.text())
        if folder:
            self.folder.setText(folder)

    def done(self, result: int) -> None:
        """However it is closed: what runs is stopped, and leaves nothing."""
        self.task.cancel()
        super().done(result)
