"""What an export asks for: format, encoding, which comments and columns, and what is done with formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from senti_studio.domain.comments import CommentFilter, Order, Sorting
from senti_studio.domain.exporting import ENDINGS, FORMATS, TASKS, USUAL_COLUMNS
from senti_studio.domain.importing import OUTPUT_ENCODINGS
from senti_studio.jobs.helper_protocol import to_json
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import marked, tr
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.segmented import Segmented
from senti_studio.ui.widgets.styles import text_label

_FORMAT_NAMES = ("CSV", "Excel", "JSONL", "Parquet", "Label Studio", "doccano")
_ENCODING_NAMES = {
    "utf-8-sig": marked("UTF-8 with BOM (opens in Excel)"),
    "utf-8": "UTF-8",
    "gb18030": marked("GB18030 (for older Chinese programs)"),
    "gbk": "GBK",
}
_HINTS = {
    "csv": marked("All cells stay text; label, annotator and time are added at the end."),
    "xlsx": marked(
        "All cells are text: numbers keep their zeros, nothing is a formula. Large files get several sheets."
    ),
    "jsonl": marked("One object a line, keys as the columns."),
    "parquet": marked("Text columns, for pandas and other data tools."),
    "label-studio": marked(
        "JSON for Label Studio; its labelling interface is written beside it. "
        "Files above 250,000 comments or 50 MB are split."
    ),
    "doccano": marked("JSON lines for doccano; its label set is written beside it."),
}
ALL, LABELLED, SHOWN, CHOSEN = "all", "labelled", "shown", "chosen"


@dataclass(frozen=True, slots=True)
class ExportScope:
    """What the page offers to export beside everything: its filter, and the rows that are chosen in it."""

    wanted: CommentFilter
    order: Order | Sorting
    ids: Sequence[int] | None = None
    total: int | None = None
    labelled: int | None = None
    shown: int | None = None
    """Comments in the project, those with a label and those in the table; None where it is not known yet."""


class ExportForm(QWidget):
    """The questions; `values` are the fields of `AnnotationsExport` that they answer."""

    changed = Signal()

    def __init__(self, theme: Theme, name: str, scope: ExportScope, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scope = scope
        self._all_columns: tuple[str, ...] = ()
        self.format = Segmented(_FORMAT_NAMES, theme=theme)
        self.format.changed.connect(self._format_changed)
        self.encoding = QComboBox()
        for each in OUTPUT_ENCODINGS:
            self.encoding.addItem(tr(_ENCODING_NAMES[each]), each)
        self.rows = QComboBox()
        self._fill_rows()
        self.order = QComboBox()
        self.order.addItem(tr("As in the table"), True)
        self.order.addItem(tr("As in the files"), False)
        self.all_columns = QCheckBox(tr("All columns"))
        self.all_columns.setChecked(True)
        self.all_columns.toggled.connect(self._show_columns)
        self.columns = QListWidget()
        self.columns.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.columns.setFixedHeight(150)
        self.columns.setAccessibleName(tr("Columns"))
        self.columns.itemChanged.connect(self.changed)
        self.neutralise = QCheckBox(tr("Make cells harmless that a spreadsheet would run as a formula"))
        self.neutralise.setChecked(True)
        self.manifest = QCheckBox(tr("Also write a manifest (row counts, SHA-256, labels)"))
        self.manifest.setChecked(True)
        self.path = QLineEdit(str(Path.home() / f"{name}_{tr('labels')}.csv"))
        self.path.textChanged.connect(self.changed)
        self.choose = button(tr("Choose…"), theme=theme)
        self.choose.clicked.connect(self._choose)
        self.hint = text_label(role="hint", size="small", wrap=True)
        self._build()
        self._format_changed(0)
        self._show_columns(True)

    def _build(self) -> None:
        place = QHBoxLayout()
        place.setSpacing(8)
        place.addWidget(self.path, 1)
        place.addWidget(self.choose)
        self._form = form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.addRow(tr("Format"), self.format)
        form.addRow("", self.hint)
        form.addRow(tr("Encoding"), self.encoding)
        form.addRow(tr("Comments"), self.rows)
        form.addRow(tr("Order"), self.order)
        form.setRowVisible(self.order, self._scope.order is not Order.FILE)
        form.addRow(tr("Columns"), self.all_columns)
        form.addRow("", self.columns)
        form.addRow(tr("Formulas"), self.neutralise)
        form.addRow(tr("Manifest"), self.manifest)
        form.addRow(tr("File"), place)

    def _fill_rows(self) -> None:
        scope = self._scope
        self._offer(tr("All comments"), ALL, scope.total)
        self._offer(tr("Only comments with a label"), LABELLED, scope.labelled)
        if not scope.wanted.is_empty or scope.order is not Order.FILE:
            self._offer(tr("What the table shows now"), SHOWN, scope.shown)
        if scope.ids is not None:
            self._offer(tr("Selected comments"), CHOSEN, len(scope.ids))
        self.rows.setCurrentIndex(self.rows.count() - 1 if self.rows.count() > 2 else 0)

    def _offer(self, text: str, key: str, count: int | None) -> None:
        words = text if count is None else tr("{what} ({n})").format(what=text, n=number(count))
        self.rows.addItem(words, key)

    # ---- answers -------------------------------------------------------------------------------------------

    @property
    def format_name(self) -> str:
        return FORMATS[self.format.index]

    def set_columns(self, originals: Sequence[str]) -> None:
        """The original columns of the project; ours are put behind them."""
        self._all_columns = (*originals, *USUAL_COLUMNS)
        self.columns.blockSignals(True)
        self.columns.clear()
        for name in self._all_columns:
            item = QListWidgetItem(name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            self.columns.addItem(item)
        self.columns.blockSignals(False)

    def chosen_columns(self) -> list[str] | None:
        """The checked columns in their order; None: all as they are."""
        if self.all_columns.isChecked():
            return None
        items = [self.columns.item(row) for row in range(self.columns.count())]
        return [item.text() for item in items if item.checkState() is Qt.CheckState.Checked]

    @property
    def is_complete(self) -> bool:
        return bool(self.path.text().strip()) and self.chosen_columns() != []

    def values(self) -> dict[str, Any]:
        """Fields of `AnnotationsExport`, as they go to the helper."""
        rows = self.rows.currentData()
        values: dict[str, Any] = {
            "path": self.path.text().strip(),
            "format": self.format_name,
            "encoding": self.encoding.currentData(),
            "columns": self.chosen_columns(),
            "labelled_only": rows == LABELLED,
            "neutralise": self.neutralise.isChecked(),
            "manifest": self.manifest.isChecked(),
            "existing": "number",
        }
        as_in_table = bool(self.order.currentData())
        if rows == CHOSEN and self._scope.ids is not None:
            # Comments get their ids in the order of their files.
            values["ids"] = list(self._scope.ids) if as_in_table else sorted(self._scope.ids)
            return values
        if rows == SHOWN:
            values["wanted"] = to_json(self._scope.wanted)
        if as_in_table:
            order = self._scope.order
            values["sorting" if isinstance(order, Sorting) else "order"] = to_json(order)
        return values

    # ---- what depends on what ------------------------------------------------------------------------------

    @Slot(int)
    def _format_changed(self, index: int) -> None:
        chosen = FORMATS[index]
        path = Path(self.path.text())
        if path.suffix.lower() in ENDINGS.values():
            self.path.setText(str(path.with_suffix(ENDINGS[chosen])))
        self.hint.setText(tr(_HINTS[chosen]))
        self._form.setRowVisible(self.encoding, chosen == "csv")
        self._form.setRowVisible(self.neutralise, chosen in ("csv", "xlsx"))
        self.all_columns.setText(
            tr("All columns as additional data") if chosen in TASKS else tr("All columns")
        )
        self.changed.emit()

    @Slot(bool)
    def _show_columns(self, all_of_them: bool) -> None:
        self._form.setRowVisible(self.columns, not all_of_them)
        self.changed.emit()

    @Slot()
    def _choose(self) -> None:
        ending = ENDINGS[self.format_name]
        path, _ = QFileDialog.getSaveFileName(self, tr("Export labels"), self.path.text(), f"*{ending}")
        if path:
            self.path.setText(path)
