"""Exporting comments with their labels: questions, progress, and what there is to know of the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from senti_studio.domain.comments import CommentCounts, CommentFilter, Order, Sorting
from senti_studio.domain.exporting import ExportReport
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.messages import message
from senti_studio.ui.context import UiContext
from senti_studio.ui.formats import number
from senti_studio.ui.helper_call import HelperCall
from senti_studio.ui.i18n import counted, current_language, marked, tr
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.data.export_form import ExportForm, ExportScope
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.styles import text_label

_ASKING, _WORKING, _DONE = range(3)


class ExportDialog(QDialog):
    """Writes through the export helper, so that the window stays free; `written` carries the path."""

    written = Signal(str)

    def __init__(
        self,
        context: UiContext,
        project_folder: Path,
        name: str,
        parent: QWidget | None = None,
        *,
        ids: Sequence[int] | None = None,
        wanted: CommentFilter | None = None,
        order: Order | Sorting = Order.FILE,
        counts: CommentCounts | None = None,
        shown: int | None = None,
    ) -> None:
        """``ids``: the comments that are chosen, in their order; ``wanted`` and ``order``: what the table
        shows. Both are offered beside everything. ``counts`` of the project and the number of rows ``shown``:
        where they are known."""
        super().__init__(parent)
        self._context = context
        self._project_folder = project_folder
        self._helper = HelperCall(self)
        self._helper.progress.connect(self._show_progress)
        self._helper.answered.connect(self._take)
        self._helper.failed.connect(self._fail)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(tr("Export labels"))
        self.setMinimumWidth(640)
        total, labelled = (counts.total, counts.labelled) if counts else (None, None)
        scope = ExportScope(wanted or CommentFilter(), order, ids, total, labelled, shown)
        self.form = ExportForm(context.theme, name, scope)
        self.form.changed.connect(self._answers_changed)
        self.stack = QStackedWidget()
        for page in (self._asking(), self._working(), self._done()):
            self.stack.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.start.setDefault(True)
        self._look_for_columns()

    def _asking(self) -> QWidget:
        theme = self._context.theme
        self.problem = text_label(role="error", wrap=True)
        self.problem.hide()
        self.start = button(tr("Export"), theme=theme, kind="primary", icon="export")
        self.start.clicked.connect(self.export)
        leave = button(tr("Cancel"), theme=theme)
        leave.clicked.connect(self.close)
        page, column = _page()
        column.addWidget(text_label(tr("Export labels"), size="label", bold=True))
        column.addWidget(self.form)
        column.addWidget(self.problem)
        column.addStretch(1)
        column.addLayout(_keys(leave, self.start))
        return page

    def _working(self) -> QWidget:
        self.progress = JobProgress(tr("Exporting labels"), theme=self._context.theme)
        self.progress.cancelled.connect(self._helper.cancel)
        page, column = _page()
        column.addWidget(self.progress)
        column.addStretch(1)
        return page

    def _done(self) -> QWidget:
        theme = self._context.theme
        self.outcome = text_label(size="label", bold=True, wrap=True)
        self.remarks = text_label(wrap=True)
        self.open_folder = button(tr("Open folder"), theme=theme)
        self.open_folder.clicked.connect(self._open_folder)
        leave = button(tr("Close"), theme=theme, kind="primary")
        leave.clicked.connect(self.close)
        page, column = _page()
        column.addWidget(self.outcome)
        column.addWidget(self.remarks)
        column.addStretch(1)
        column.addLayout(_keys(self.open_folder, leave))
        return page

    def _look_for_columns(self) -> None:
        project = self._context.session.project
        if project is not None:
            run_operation(self, project.sources.list, on_success=self._know_columns)

    def _know_columns(self, sources: Any) -> None:
        names = dict.fromkeys(name for source in sources for name in source.columns if name.strip())
        self.form.set_columns(list(names))

    @Slot()
    def _answers_changed(self) -> None:
        self.start.setEnabled(self.form.is_complete)
        self.problem.hide()

    # ---- the work ------------------------------------------------------------------------------------------

    @Slot()
    def export(self) -> None:
        """Starts the helper; an existing file is never overwritten, the new one gets a number."""
        self.problem.hide()
        self.stack.setCurrentIndex(_WORKING)
        self.progress.set_progress(None)
        self._helper.start("export", "annotations", project=str(self._project_folder), **self.form.values())

    @Slot(dict)
    def _show_progress(self, answer: dict[str, Any]) -> None:
        eta = float(answer.get("eta", -1))
        self.progress.set_progress(
            float(answer.get("rows", 0)),
            float(answer.get("total", 0)),
            rows_per_s=float(answer.get("rows_per_s", 0)),
            eta=eta if eta >= 0 else None,
        )

    @Slot(dict)
    def _take(self, answer: dict[str, Any]) -> None:
        report = from_json(ExportReport, answer)
        self._folder = Path(report.path).parent
        words = counted(
            report.rows, marked("1 row exported to {name}"), marked("{n} rows exported to {name}")
        )
        text = words.format(n=number(report.rows), name=Path(report.path).name)
        remarks = remarks_on(report)
        if remarks:
            self.outcome.setText(text)
            self.remarks.setText("\n\n".join(remarks))
            self.stack.setCurrentIndex(_DONE)
        else:
            self._context.toasts.show(
                text, kind="done", action=tr("Open folder"), on_action=_opener(self._folder)
            )
            self.close()
        self.written.emit(report.path)

    @Slot()
    def _open_folder(self) -> None:
        _opener(self._folder)()

    @Slot(str, object)
    def _fail(self, code: str, params: dict[str, Any]) -> None:
        self.stack.setCurrentIndex(_ASKING)
        if code != "CANCELLED":
            self.problem.setText(str(message(code, params, current_language())))
            self.problem.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._helper.close_and_wait()
        super().closeEvent(event)


def remarks_on(report: ExportReport) -> list[str]:
    """What a user must know of the file; nothing for most exports."""
    found = []
    if report.neutralised:
        text = (
            tr(
                "{n} cells that a spreadsheet would run as formulas are marked as text. "
                "Their content is unchanged."
            )
            if report.format == "xlsx"
            else tr(
                "{n} cells that a spreadsheet would run as formulas were written with ' before them. "
                "Switch “Formulas” off to have them as they are."
            )
        )
        found.append(text.format(n=number(report.neutralised)))
    elif report.formula_cells and report.format in ("csv", "xlsx"):
        text = tr("{n} cells that a spreadsheet would run as formulas were written as they are.")
        found.append(text.format(n=number(report.formula_cells)))
    if report.replaced_count:
        characters = " ".join(
            char if char.isprintable() else f"U+{ord(char):04X}" for char, _ in report.replaced[:20]
        )
        text = tr("{n} characters cannot be held by this format and were replaced: {characters}")
        found.append(text.format(n=number(report.replaced_count), characters=characters))
    if report.cut_cells:
        text = tr(
            "{n} cells are longer than a workbook can hold (32,767 characters) and were cut. "
            "A CSV holds them."
        )
        found.append(text.format(n=number(report.cut_cells)))
    return found


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(24, 20, 24, 20)
    column.setSpacing(12)
    return page, column


def _keys(*buttons: QWidget) -> QHBoxLayout:
    keys = QHBoxLayout()
    keys.addStretch(1)
    for each in buttons:
        keys.addWidget(each)
    return keys


def _opener(folder: Path) -> Any:
    return lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
