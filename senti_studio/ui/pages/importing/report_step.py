"""Step 3: what the check of the whole file found, and what will be written."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from senti_studio.domain.importing import CheckReport
from senti_studio.domain.labels import Label
from senti_studio.messages import message
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import current_language
from senti_studio.ui.pages.importing import wording
from senti_studio.ui.pages.importing.foreseen import foreseen
from senti_studio.ui.pages.importing.plan import ImportPlan, Target, TargetKind, Use
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.label_bars import LabelBar, LabelBars
from senti_studio.ui.widgets.styles import line, text_label

_RIGHT_WIDTH = 400


class ReportStep(QWidget):
    """Left the findings, one line each with what is done about it; right labels and parts."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts_card = Card(parent=self)
        self.save_list = button(" ", kind="quiet", icon="export", theme=context.theme)
        self._facts_card.header.addWidget(self.save_list)
        self._labels_card = Card(parent=self)
        self._parts_card = Card(parent=self)
        self._reading_card = Card(parent=self)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(10)
        self._grid.setColumnStretch(2, 1)
        self._facts_card.body.addLayout(self._grid)
        self._facts_card.body.addStretch()
        self._bars = LabelBars(context.theme, self)
        self._no_labels = text_label(role="hint", wrap=True)
        self._labels_card.body.addWidget(self._bars)
        self._labels_card.body.addWidget(self._no_labels)
        self._parts = LabelBars(context.theme, self)
        self._parts_card.body.addWidget(self._parts)
        self._reading = text_label(role="second", wrap=True)
        self._reading_card.body.addWidget(self._reading)
        right = QVBoxLayout()
        right.setSpacing(16)
        for card in (self._labels_card, self._parts_card, self._reading_card):
            card.setFixedWidth(_RIGHT_WIDTH)
            right.addWidget(card)
        right.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(self._facts_card, 1)
        layout.addLayout(right)

    def show_plan(self, plan: ImportPlan, labels: Sequence[Label]) -> None:
        """All numbers of a checked plan."""
        self._facts_card.set_title(self.tr("Check report"), self.tr("the whole file was read"))
        has_problems = plan.check is not None and plan.check.bad_row_count + plan.check.bad_byte_count > 0
        self.save_list.setText(self.tr("Save the list of damage…"))
        self.save_list.setVisible(has_problems)
        self._show_facts(plan)
        self._show_labels(plan, labels)
        self._show_parts(plan)
        self._reading_card.set_title(self.tr("How the file is read"))
        text_column, options = plan.column(Use.TEXT), plan.options
        names = wording.column_names(plan.preview)
        lines = [
            self.tr("Text column: {name}").format(
                name=names[text_column] if text_column is not None else "—"
            ),
            self.tr("Format: {name}").format(name=wording.format_name(plan.sniff.format)),
        ]
        if options.format == "xlsx":
            lines.append(self.tr("Sheet: {name}").format(name=options.sheet or plan.sniff.first_sheet))
        if plan.sniff.candidates:
            name = wording.encoding_name(options.encoding)
            lines.append(self.tr("Encoding: {name}").format(name=name))
        if options.format == "csv":
            lines += [
                self.tr("Delimiter: {name}").format(name=wording.delimiter_name(options.delimiter)),
                self.tr("Quotes: {name}").format(name=wording.quote_name(options.quote)),
            ]
        self._reading.setText("\n".join(lines))

    def _show_facts(self, plan: ImportPlan) -> None:
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for row, (name, count, remark, role) in enumerate(self._facts(plan)):
            heavy = row == 0
            title = text_label(name, bold=heavy)
            number = text_label(count, bold=True, size="title" if heavy else "ui")
            number.setFont(font("title" if heavy else "ui", bold=True))
            note = QLabel(remark)
            note.setTextFormat(Qt.TextFormat.PlainText)
            note.setWordWrap(True)
            note.setProperty("role", role)
            if row:
                self._grid.addWidget(line(), 2 * row - 1, 0, 1, 3)
            self._grid.addWidget(title, 2 * row, 0)
            self._grid.addWidget(number, 2 * row, 1, Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(note, 2 * row, 2)

    def _facts(self, plan: ImportPlan) -> list[tuple[str, str, str, str]]:
        check = plan.check
        if check is None:
            return []
        n = formats.number
        bad_done = (
            self.tr("these rows are left out")
            if plan.leaves_bad_out or check.unreadable_rows == check.bad_row_count
            else self.tr("filled up or joined, listed in step 2")
        )
        blank_done = (
            self.tr("these rows are left out")
            if plan.skip_blank
            else self.tr("kept, so an export has all rows")
        )
        bad = check.bad_row_count > 0
        twin = self.tr("{name} has the same content: every comment would be there twice")
        return [
            (self.tr("Rows to import"), n(plan.rows_to_import), "", "hint"),
            *([(self.tr("Imported before"), "", twin.format(name=plan.twin), "warn")] if plan.twin else []),
            (
                self.tr("Rows in the file"),
                n(check.rows),
                self._lines(check.blank_lines, check.empty_rows),
                "hint",
            ),
            (self.tr("Rows that do not fit"), n(check.bad_row_count), bad_done if bad else "", "warn"),
            (
                self.tr("Damaged places"),
                n(check.bad_byte_count),
                wording.on_bad_name(plan.options.on_bad) if check.bad_byte_count else "",
                "warn",
            ),
            (self.tr("Empty texts"), n(check.empty_texts), blank_done if check.empty_texts else "", "hint"),
            (
                self.tr("Text as in an earlier row"),
                n(check.duplicates),
                self.tr("kept; never on both sides of a split") if check.duplicates else "",
                "hint",
            ),
            (
                self.tr("Text that the project has already"),
                n(check.in_project),
                self.tr("kept; never on both sides of a split") if check.in_project else "",
                "hint",
            ),
            (
                self.tr("Written by the platform"),
                n(check.boilerplate),
                self._boilerplate_words(plan) if check.boilerplate else "",
                "hint",
            ),
            (
                self.tr("Longest text"),
                self.tr("{count} characters").format(count=n(check.longest_text)),
                self.tr("line {line}").format(line=n(check.longest_text_line)) if check.longest_text else "",
                "hint",
            ),
            *self._annotation_facts(plan, check),
        ]

    def _boilerplate_words(self, plan: ImportPlan) -> str:
        return {
            "keep": self.tr("kept; the list is in the project properties"),
            "exclude": self.tr("kept, but not labelled and not trained with; the Data page restores them"),
            "skip": self.tr("these rows are left out"),
        }[plan.boilerplate]

    def _annotation_facts(self, plan: ImportPlan, check: CheckReport) -> list[tuple[str, str, str, str]]:
        """What a file says of labels beyond the labels, and what it cannot say; only what there is."""
        n = formats.number
        names = "、".join(f"{name} {n(count)}" for name, count in check.annotators[:5])
        facts = [
            (self.tr("Annotators"), len(check.annotators), names, "hint"),
            (
                self.tr("Several labels at once"),
                check.several_labels,
                self.tr("these annotations come in without a label"),
                "warn",
            ),
            *self._outcome_facts(plan, check),
        ]
        for remark in check.remarks:
            words = message(
                remark.code, {"count": n(remark.count), "places": list(remark.places)}, current_language()
            )
            facts.append((wording.remark_name(remark.code), remark.count, str(words), "hint"))
        return [(name, n(count), note, role) for name, count, note, role in facts if count]

    def _outcome_facts(self, plan: ImportPlan, check: CheckReport) -> list[tuple[str, int, str, str]]:
        """What becomes of comments with several annotations, or with none."""
        if not check.patterns:
            return [(self.tr("Skipped by an annotator"), check.skipped, "", "hint")]
        outcome = foreseen(plan)
        put_off = self.tr("these comments come in put off") if outcome.put_off else ""
        if check.skipped > outcome.put_off:
            told = self.tr("annotations that say so: {count}; a comment with a label is not put off")
            put_off = told.format(count=formats.number(check.skipped))
        return [
            (
                self.tr("Annotators disagree"),
                outcome.disputed,
                self.tr("these comments come in with their newest label, and are left out of training"),
                "warn",
            ),
            (
                self.tr("Skipped by an annotator"),
                outcome.put_off or check.skipped,
                put_off,
                "hint",
            ),
            (
                self.tr("More annotations of a comment"),
                check.joined,
                self.tr("these rows join the comment before them"),
                "hint",
            ),
        ]

    def _lines(self, blank: int, empty: int) -> str:
        if not blank + empty:
            return ""
        return self.tr("{count} blank lines are not counted").format(count=formats.number(blank + empty))

    def _show_labels(self, plan: ImportPlan, labels: Sequence[Label]) -> None:
        rows = label_bars(plan, labels)
        unlabelled = plan.rows_to_import - sum(row.count for row in rows)
        if rows and unlabelled > 0:
            rows.append(LabelBar(self.tr("No label"), "", unlabelled))
        self._labels_card.set_title(self.tr("Labels"))
        self._bars.set_rows(rows)
        self._bars.setVisible(bool(rows))
        self._no_labels.setVisible(not rows)
        self._no_labels.setText(self.tr("No label column: every comment comes in unlabelled."))

    def _show_parts(self, plan: ImportPlan) -> None:
        self._parts_card.setVisible(plan.column(Use.PART) is not None)
        self._parts_card.set_title(self.tr("Parts"))
        self._parts.set_rows(
            [LabelBar(wording.part_name(part), "", count) for part, count in plan.part_rows.items()]
        )


def label_bars(plan: ImportPlan, labels: Sequence[Label]) -> list[LabelBar]:
    """Rows per label of the plan; a label that the import makes has no colour yet."""
    known = {label.key: label for label in labels}
    order = {Target(TargetKind.LABEL, label.key): position for position, label in enumerate(labels)}
    bars = []
    for target, count in sorted(plan.label_rows.items(), key=lambda row: order.get(row[0], len(order))):
        label = known.get(target.value) if target.kind is TargetKind.LABEL else None
        name, look = (label.name, label.appearance) if label else (target.value, "")
        bars.append(LabelBar(name, look, count))
    return bars
