"""Exporting comments with their labels: format, encoding, place; then progress in the same dialog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from senti_studio.domain.importing import OUTPUT_ENCODINGS
from senti_studio.messages import message
from senti_studio.ui.context import UiContext
from senti_studio.ui.formats import number
from senti_studio.ui.helper_call import HelperCall
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.segmented import Segmented
from senti_studio.ui.widgets.styles import text_label

FORMATS = ("csv", "jsonl")


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
    ) -> None:
        """``ids``: only these comments, in this order."""
        super().__init__(parent)
        self._ids = ids
        self._context = context
        self._project_folder = project_folder
        self._helper = HelperCall(self)
        self._helper.progress.connect(self._show_progress)
        self._helper.answered.connect(self._take)
        self._helper.failed.connect(self._fail)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(tr("Export labels"))
        self.setMinimumWidth(560)
        self._build(name)

    def _build(self, name: str) -> None:
        theme = self._context.theme
        self.format = Segmented(("CSV", "JSONL"), theme=theme)
        self.format.changed.connect(self._format_changed)
        self.encoding = QComboBox()
        for each in OUTPUT_ENCODINGS:
            self.encoding.addItem(self._encoding_name(each), each)
        self.labelled_only = QCheckBox(tr("Only comments with a label"))
        self.path = QLineEdit(str(Path.home() / f"{name}_{tr('labels')}.csv"))
        self.path.textChanged.connect(self._path_changed)
        self.choose = button(tr("Choose…"), theme=theme)
        self.choose.clicked.connect(self._choose)
        place = QHBoxLayout()
        place.setSpacing(8)
        place.addWidget(self.path, 1)
        place.addWidget(self.choose)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(12)
        form.addRow(tr("Format"), self.format)
        form.addRow(tr("Encoding"), self.encoding)
        form.addRow(tr("Rows"), self.labelled_only)
        form.addRow(tr("File"), place)
        hint = tr("All original columns stay as they are; label, annotator and time are added at the end.")
        self.problem = text_label(role="error", wrap=True)
        self.problem.hide()
        self.start = button(tr("Export"), theme=theme, kind="primary", icon="export")
        self.start.clicked.connect(self.export)
        leave = button(tr("Cancel"), theme=theme)
        leave.clicked.connect(self.close)
        keys = QHBoxLayout()
        keys.addStretch(1)
        keys.addWidget(leave)
        keys.addWidget(self.start)
        self.progress = JobProgress(tr("Exporting labels"), theme=theme)
        self.progress.cancelled.connect(self._helper.cancel)
        asking, working = QWidget(), QWidget()
        column = QVBoxLayout(asking)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(text_label(tr("Export labels"), size="label", bold=True))
        column.addLayout(form)
        column.addWidget(text_label(hint, role="hint", size="small", wrap=True))
        column.addWidget(self.problem)
        column.addLayout(keys)
        column = QVBoxLayout(working)
        column.setContentsMargins(24, 20, 24, 20)
        column.addWidget(self.progress)
        column.addStretch(1)
        self.stack = QStackedWidget()
        self.stack.addWidget(asking)
        self.stack.addWidget(working)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.start.setDefault(True)

    def _encoding_name(self, name: str) -> str:
        return {
            "utf-8-sig": tr("UTF-8 with BOM (opens in Excel)"),
            "utf-8": "UTF-8",
            "gb18030": tr("GB18030 (for older Chinese programs)"),
            "gbk": "GBK",
        }.get(name, name)

    @Slot(int)
    def _format_changed(self, index: int) -> None:
        suffix = f".{FORMATS[index]}"
        path = Path(self.path.text())
        if path.suffix.lower() in (".csv", ".jsonl"):
            self.path.setText(str(path.with_suffix(suffix)))
        if FORMATS[index] == "jsonl":
            self.encoding.setCurrentIndex(OUTPUT_ENCODINGS.index("utf-8"))
        self.encoding.setEnabled(FORMATS[index] == "csv")

    @Slot()
    def _path_changed(self) -> None:
        self.start.setEnabled(bool(self.path.text().strip()))
        self.problem.hide()

    @Slot()
    def _choose(self) -> None:
        suffix = FORMATS[self.format.index]
        path, _ = QFileDialog.getSaveFileName(self, tr("Export labels"), self.path.text(), f"*.{suffix}")
        if path:
            self.path.setText(path)

    # ---- the work ------------------------------------------------------------------------------------------

    @Slot()
    def export(self) -> None:
        """Starts the helper; an existing file is never overwritten, the new one gets a number."""
        self.problem.hide()
        self.stack.setCurrentIndex(1)
        self.progress.set_progress(None)
        self._helper.start(
            "export",
            "annotations",
            project=str(self._project_folder),
            path=self.path.text().strip(),
            format=FORMATS[self.format.index],
            encoding=self.encoding.currentData(),
            labelled_only=self.labelled_only.isChecked(),
            existing="number",
            **({} if self._ids is None else {"ids": list(self._ids)}),
        )

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
        self._tell(answer)
        self.close()

    def _tell(self, answer: dict[str, Any]) -> None:
        path = str(answer.get("path", ""))
        text = tr("{n} rows exported to {name}").format(n=number(answer.get("rows", 0)), name=Path(path).name)
        folder = QUrl.fromLocalFile(str(Path(path).parent))
        self._context.toasts.show(
            text, kind="done", action=tr("Open folder"), on_action=lambda: QDesktopServices.openUrl(folder)
        )
        self.written.emit(path)

    @Slot(str, object)
    def _fail(self, code: str, params: dict[str, Any]) -> None:
        self.stack.setCurrentIndex(0)
        if code != "CANCELLED":
            self.problem.setText(str(message(code, params, current_language())))
            self.problem.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._helper.close_and_wait()
        super().closeEvent(event)
