"""Right side of step 2: damaged bytes, rows that do not fit, repeated and empty texts, the sum."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from senti_studio.domain.boilerplate import CHOICES
from senti_studio.domain.importing import ON_BAD, BadBytes, BadRow
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.fonts import font
from senti_studio.ui.pages.importing import wording
from senti_studio.ui.pages.importing.mapping_cards import StillCombo
from senti_studio.ui.pages.importing.plan import ImportPlan
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.styles import set_style

_SHOWN_ROWS = 4
_ROW = 28


class PlaceList(QTableWidget):
    """Places of the file, one a row; choosing one sends its line."""

    line_chosen = Signal(int)

    def __init__(self, columns: int, parent: QWidget | None = None) -> None:
        super().__init__(0, columns, parent)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(max(_ROW, self.fontMetrics().height() + 10))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(columns - 1, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.itemSelectionChanged.connect(self._choose)

    def fill(self, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        """(line, cells) for each place; the list is as high as its first rows."""
        self.blockSignals(True)
        self.clearContents()
        self.setRowCount(len(rows))
        for number, (line, cells) in enumerate(rows):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, line)
                item.setToolTip(text)
                if column == 0:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(number, column, item)
        self.blockSignals(False)
        shown = min(len(rows), _SHOWN_ROWS)
        height = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(height + shown * self.verticalHeader().defaultSectionSize() + 2)

    @Slot()
    def _choose(self) -> None:
        items = self.selectedItems()
        if items:
            self.line_chosen.emit(int(items[0].data(Qt.ItemDataRole.UserRole)))


class BytesCard(Card):
    """Damaged bytes with their places; one green line when there are none."""

    line_chosen = Signal(int)
    on_bad_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.places = PlaceList(3, self)
        self.places.line_chosen.connect(self.line_chosen)
        self.on_bad = StillCombo(self)
        for value in ON_BAD:
            self.on_bad.addItem("", value)
        self.on_bad.activated.connect(lambda: self.on_bad_chosen.emit(str(self.on_bad.currentData())))
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setContentsMargins(16, 8, 16, 8)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self._choice = QWidget(self)
        self._choice.setContentsMargins(16, 8, 16, 0)
        row = QHBoxLayout(self._choice)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.on_bad, 1)
        self.body.addWidget(self.places)
        self.body.addWidget(self._choice)
        self.body.addWidget(self.note)

    def show_plan(self, plan: ImportPlan) -> None:
        """Counts, the first places, and what is done with them."""
        check, chosen = plan.check, plan.options.on_bad
        has_encoding = bool(plan.sniff.candidates)
        self.setVisible(has_encoding or (check is not None and check.bad_byte_count > 0))
        for position, value in enumerate(ON_BAD):
            self.on_bad.setItemText(position, wording.on_bad_name(value))
        self.on_bad.setCurrentIndex(ON_BAD.index(chosen))
        self.on_bad.setAccessibleName(self.tr("What is done with damaged bytes"))
        is_damaged = check is not None and check.bad_byte_count > 0
        self._choice.setVisible(has_encoding and (is_damaged or chosen != "replace"))
        if check is None:
            self.set_title(self.tr("Damaged bytes"))
            self.places.hide()
            _say(self.note, self.tr("The whole file is being checked…"), "hint")
            return
        count = check.bad_byte_count
        self.places.setVisible(count > 0)
        if not count:
            self.set_title(self.tr("Damaged bytes"))
            _say(self.note, self.tr("✓ No damaged bytes in the whole file"), "good")
            return
        lines = len({place.line for place in check.bad_bytes})
        places = self.tr("{count} damaged places") if count != 1 else self.tr("1 damaged place")
        where = self.tr("in {count} lines") if lines != 1 else self.tr("in 1 line")
        self.set_title(places.format(count=formats.number(count)), where.format(count=formats.number(lines)))
        self.places.setHorizontalHeaderLabels([self.tr("Line"), self.tr("Bytes"), self.tr("Context")])
        self.places.fill([(place.line, self._cells(place)) for place in check.bad_bytes[:200]])
        words = {
            "replace": self.tr("Each place is imported as �; the rest of its row stays as it is."),
            "remove": self.tr("The bytes are left out; the rest of their rows stays as it is."),
            "skip-row": self.tr("The rows of these places are left out, as are rows that do not fit."),
            "stop": self.tr("Nothing is imported while there are damaged bytes or rows that do not fit."),
        }
        _say(self.note, words[chosen], "warn")

    def _cells(self, place: BadBytes) -> tuple[str, str, str]:
        shown = " ".join(f"0x{pair.upper()}" for pair in place.hex.split())
        return f"{place.line:,}", shown, place.context


class RowsCard(Card):
    """Rows that do not have the cells of the header, and what is done with each."""

    line_chosen = Signal(int)
    skip_chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.places = PlaceList(3, self)
        self.places.line_chosen.connect(self.line_chosen)
        self.skip = QCheckBox(self)
        self.skip.clicked.connect(self.skip_chosen)
        row = QHBoxLayout()
        row.setContentsMargins(16, 8, 16, 8)
        row.addWidget(self.skip)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self.body.addWidget(self.places)
        self.body.addLayout(row)

    def show_plan(self, plan: ImportPlan) -> None:
        """Hidden while every row fits."""
        check = plan.check
        self.setVisible(check is not None and check.bad_row_count > 0)
        if check is None or not check.bad_row_count:
            return
        share = check.bad_row_count / max(1, check.rows)
        words = (
            self.tr("{count} rows do not fit") if check.bad_row_count != 1 else self.tr("1 row does not fit")
        )
        self.set_title(
            words.format(count=formats.number(check.bad_row_count)),
            self.tr("{share} of all rows").format(share=formats.percent(share)),
        )
        self.places.setHorizontalHeaderLabels([self.tr("Line"), self.tr("Cells"), self.tr("What is done")])
        self.places.fill([(row.line, self._cells(row)) for row in check.bad_rows[:200]])
        self.skip.setText(self.tr("Leave these rows out"))
        self.skip.setChecked(plan.leaves_bad_out or check.unreadable_rows == check.bad_row_count)
        self.skip.setEnabled(
            plan.options.on_bad in ("replace", "remove") and check.unreadable_rows < check.bad_row_count
        )

    def _cells(self, row: BadRow) -> tuple[str, str, str]:
        done = wording.row_words(row.kind)
        return f"{row.line:,}", formats.number(row.fields), done


class RepeatsCard(Card):
    """Repeated and empty texts, and those of the platform; all are kept unless the user says otherwise."""

    skip_chosen = Signal(bool)
    boilerplate_chosen = Signal(str)
    list_asked = Signal()

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._names: list[QLabel] = []
        self._counts: list[QLabel] = []
        layout = QVBoxLayout()
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(6)
        for _ in range(3):
            name, count = QLabel(self), QLabel(self)
            count.setFont(font("ui", bold=True))
            row = QHBoxLayout()
            row.addWidget(name, 1)
            row.addWidget(count)
            layout.addLayout(row)
            self._names.append(name)
            self._counts.append(count)
        self.skip = QCheckBox(self)
        self.skip.clicked.connect(self.skip_chosen)
        layout.insertWidget(2, self.skip)
        self.boilerplate = StillCombo(self)
        for choice in CHOICES:
            self.boilerplate.addItem("", choice)
        self.boilerplate.activated.connect(
            lambda: self.boilerplate_chosen.emit(str(self.boilerplate.currentData()))
        )
        self.list = button(" ", kind="quiet", theme=context.theme)
        self.list.clicked.connect(self.list_asked)
        row = QHBoxLayout()
        row.addWidget(self.boilerplate, 1)
        row.addWidget(self.list, 0, Qt.AlignmentFlag.AlignRight)
        layout.addLayout(row)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addLayout(layout)

    def show_plan(self, plan: ImportPlan) -> None:
        """Counts of the check."""
        check = plan.check
        keeps_all = not plan.skip_blank and not plan.boilerplate_left_out
        self.set_title(self.tr("Repeated and empty texts"), self.tr("All rows are kept") if keeps_all else "")
        self._names[0].setText(self.tr("Text as in an earlier row"))
        self._names[1].setText(self.tr("Text empty"))
        self._counts[0].setText(formats.number(check.duplicates) if check else "…")
        self._counts[1].setText(formats.number(check.empty_texts) if check else "…")
        self._names[2].setText(self.tr("Written by the platform"))
        self._names[2].setToolTip(self.tr("Such as “此用户没有填写评价”, where a customer wrote nothing"))
        self._counts[2].setText(formats.number(check.boilerplate) if check else "…")
        for position, choice in enumerate(CHOICES):
            self.boilerplate.setItemText(position, wording.boilerplate_name(choice))
        self.boilerplate.setCurrentIndex(CHOICES.index(plan.boilerplate))
        self.boilerplate.setAccessibleName(self.tr("What is done with texts that the platform wrote"))
        has_any = check is not None and check.boilerplate > 0
        self.boilerplate.setVisible(has_any or plan.boilerplate != "keep")
        self.list.setText(self.tr("Edit the list…"))
        self.skip.setText(self.tr("Leave rows with an empty text out"))
        self.skip.setVisible(check is not None and check.empty_texts > 0)
        self.skip.setChecked(plan.skip_blank)


class SumCard(Card):
    """How many rows will be imported."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._caption, self._rows, self._detail = QLabel(self), QLabel(self), QLabel(self)
        self._caption.setProperty("role", "hint")
        self._caption.setFont(font("small"))
        self._rows.setFont(font("title"))
        self._detail.setProperty("role", "second")
        self._detail.setFont(font("small"))
        self._detail.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self._caption)
        left.addWidget(self._rows)
        row = QHBoxLayout()
        row.setContentsMargins(16, 12, 16, 12)
        row.addLayout(left)
        row.addWidget(self._detail, 1)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addLayout(row)

    def show_plan(self, plan: ImportPlan) -> None:
        """Rows, and what was taken off."""
        check = plan.check
        self._caption.setText(self.tr("Will be imported"))
        if check is None:
            self._rows.setText("…")
            self._detail.setText(self.tr("The whole file is being checked…"))
            return
        self._rows.setText(self.tr("{count} rows").format(count=formats.number(plan.rows_to_import)))
        lines = []
        if plan.rows_to_import != check.rows:
            text = self.tr("{rows} rows − {skipped} left out")
            skipped = formats.number(check.rows - plan.rows_to_import)
            lines.append(text.format(rows=formats.number(check.rows), skipped=skipped))
        if plan.has_labels:
            text = self.tr("{count} with a label")
            lines.append(text.format(count=formats.number(sum(plan.label_rows.values()))))
        text = self.tr("Longest text {count} characters")
        lines.append(text.format(count=formats.number(check.longest_text)))
        self._detail.setText("\n".join(lines))


def _say(label: QLabel, text: str, role: str) -> None:
    label.setText(text)
    set_style(label, "role", role)
