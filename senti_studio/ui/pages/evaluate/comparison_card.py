"""Two runs on the same rows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from senti_studio.domain.intervals import difference_interval, mcnemar
from senti_studio.ui import formats
from senti_studio.ui.pages.evaluate.shown import Comparison, EvaluationShown
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.styles import set_style, text_label

SURE_BELOW = 0.05


class ComparisonCard(Card):
    """Accuracy and macro F1 side by side, and whether the difference is more than chance."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._shown: EvaluationShown | None = None
        self._comparison: Comparison | None = None
        self._others = 0
        self._cells: dict[tuple[int, int], QLabel] = {}
        self._table = QWidget()
        grid = QGridLayout(self._table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(12)
        for row in range(3):
            for column in range(4):
                label = text_label(role="hint" if row == 0 else "", size="small" if row == 0 else "ui")
                label.setMinimumWidth(20)
                if column:
                    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self._cells[row, column] = label
                grid.addWidget(label, row, column)
        for column in range(4):
            grid.setColumnStretch(column, 1)
        self.words = text_label(role="second", size="small", wrap=True)
        self.body.addWidget(self._table)
        self.body.addWidget(self.words)
        self.body.addStretch(1)

    def show_comparison(
        self, shown: EvaluationShown | None, comparison: Comparison | None, *, others: int
    ) -> None:
        """``others``: how many runs there are to compare with."""
        self._shown, self._comparison, self._others = shown, comparison, others
        self._write()

    def retranslate(self) -> None:
        self.set_title(self.tr("Compared on the same rows"))
        self._write()

    def _write(self) -> None:
        comparison, shown = self._comparison, self._shown
        has_figures = comparison is not None and comparison.figures is not None and shown is not None
        self._table.setVisible(has_figures)
        if shown is None or comparison is None:
            words = self.tr("Choose another run above to see which of the two is better.")
            if not self._others:
                words = self.tr(
                    "Train a second network, then both can be compared here on the same comments."
                )
            self.words.setText(words)
            return
        if comparison.figures is None:
            self.words.setText(
                self.tr("{name} was measured on other comments; the figures cannot be compared.").format(
                    name=comparison.name
                )
            )
            return
        self._write_table(shown, comparison)
        self._write_words(shown, comparison)

    def _write_table(self, shown: EvaluationShown, comparison: Comparison) -> None:
        other = comparison.figures
        assert other is not None
        texts = {
            (0, 1): shown.run.name, (0, 2): comparison.name, (0, 3): self.tr("Difference"),
            (1, 0): self.tr("Accuracy"), (2, 0): self.tr("Macro F1"),
            (1, 1): formats.percent(shown.figures.accuracy), (1, 2): formats.percent(other.accuracy),
            (1, 3): f"{comparison.accuracy * 100:+.1f}",
            (2, 1): formats.score(shown.figures.macro_f1), (2, 2): formats.score(other.macro_f1),
            (2, 3): f"{comparison.macro_f1:+.3f}",
        }  # fmt: skip
        for place, text in texts.items():
            self._cells[place].setText(text)
            self._cells[place].setToolTip(text)
        for row, difference in ((1, comparison.accuracy), (2, comparison.macro_f1)):
            set_style(
                self._cells[row, 3], "role", "good" if difference > 0 else "warn" if difference < 0 else ""
            )

    def _write_words(self, shown: EvaluationShown, comparison: Comparison) -> None:
        rows = shown.figures.rows
        low, high = difference_interval(comparison.only_this, comparison.only_other, rows)
        chance = mcnemar(comparison.only_this, comparison.only_other)
        only = self.tr("Only {this} is right on {n} rows, only {other} on {m}.").format(
            this=shown.run.name,
            n=formats.number(comparison.only_this),
            other=comparison.name,
            m=formats.number(comparison.only_other),
        )
        sure = (
            self.tr("The difference is real")
            if chance < SURE_BELOW
            else self.tr("The difference may be chance")
        )
        detail = self.tr("95% interval of the accuracy difference [{low}, {high}], McNemar p = {p}").format(
            low=f"{low * 100:+.1f}", high=f"{high * 100:+.1f}", p=f"{chance:.3f}"
        )
        self.words.setText(f"{only}\n{sure} ({detail})")
