"""Two runs on the same rows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from senti_studio.messages import message
from senti_studio.operations.run_comparison import RunComparison
from senti_studio.ui import formats
from senti_studio.ui.i18n import counted, current_language, marked
from senti_studio.ui.pages.evaluate.shown import Comparison, EvaluationShown
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.styles import set_style, text_label

_COLUMNS = 5


class ComparisonCard(Card):
    """Accuracy and macro F1 side by side, and whether the difference is more than chance; what it is stands
    on the choice above it (`side_cards`)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._shown: EvaluationShown | None = None
        self._comparison: Comparison | None = None
        self._others = 0
        self._cells: dict[tuple[int, int], QLabel] = {}
        self._table = QWidget()
        grid = QGridLayout(self._table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(12)
        for row in range(3):
            for column in range(_COLUMNS):
                label = text_label(
                    role="hint" if row == 0 else "", size="small" if row == 0 or column == 4 else "ui"
                )
                label.setMinimumWidth(20)
                label.setWordWrap(row == 0)  # names of runs
                if column:
                    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self._cells[row, column] = label
                grid.addWidget(label, row, column)
        for column in range(_COLUMNS - 1):
            grid.setColumnStretch(column, 1)
        grid.setColumnMinimumWidth(_COLUMNS - 2, 62)
        grid.setColumnMinimumWidth(_COLUMNS - 1, 88)
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
        self.setAccessibleName(self.tr("Compared on the same rows"))
        self._write()

    def _write(self) -> None:
        comparison, shown = self._comparison, self._shown
        found = comparison.found if comparison is not None and shown is not None else None
        self._table.setVisible(found is not None)
        if shown is None or comparison is None:
            words = self.tr("Choose another run above to see which of the two is better.")
            if not self._others:
                words = self.tr(
                    "Train a second network, then both can be compared here on the same comments."
                )
            self.words.setText(words)
            return
        if found is None:
            problem = comparison.problem
            self.words.setText(
                str(message(problem.code, problem.params, current_language())) if problem is not None else ""
            )
            return
        self._write_table(shown.run.name, comparison.name, found)
        self.words.setText(
            "\n".join(
                part
                for part in (
                    self._verdict(shown.run.name, comparison.name, found),
                    self._details(shown.run.name, comparison.name, found),
                    self._left_out(found),
                )
                if part
            )
        )

    def _write_table(self, this: str, other: str, found: RunComparison) -> None:
        one = found.result
        texts = {
            (0, 1): this, (0, 2): other, (0, 3): self.tr("Difference"), (0, 4): self.tr("95% interval"),
            (1, 0): self.tr("Accuracy"), (2, 0): self.tr("Macro F1"),
            (1, 1): formats.percent(one.first.accuracy), (1, 2): formats.percent(one.second.accuracy),
            (1, 3): f"{one.accuracy * 100:+.1f} pp",
            (1, 4): "[{:+.1f}, {:+.1f}]".format(*(end * 100 for end in one.accuracy_interval)),
            (2, 1): formats.score(one.first.macro_f1), (2, 2): formats.score(one.second.macro_f1),
            (2, 3): f"{one.macro_f1:+.3f}",
            (2, 4): "[{:+.3f}, {:+.3f}]".format(*one.macro_f1_interval),
        }  # fmt: skip
        for place, text in texts.items():
            self._cells[place].setText(text)
            self._cells[place].setToolTip(text)
        for row, difference in ((1, round(one.accuracy, 3)), (2, round(one.macro_f1, 3))):
            set_style(
                self._cells[row, 3], "role", "good" if difference > 0 else "warn" if difference < 0 else ""
            )

    def _verdict(self, this: str, other: str, found: RunComparison) -> str:
        """Which is better, and whether that may be luck."""
        chance = found.result.chance
        p = f"= {chance:.3f}" if chance >= 0.001 else "< 0.001"
        if not found.more_right:
            return self.tr("Both are right equally often (McNemar p {p}).").format(p=p)
        if found.result.is_sure:
            text = self.tr("{name}: {n} comments more right; that is hardly chance (McNemar p {p}).")
        else:
            text = counted(
                abs(found.more_right),
                marked("{name}: one comment more right; that could be chance (McNemar p {p})."),
                marked("{name}: {n} comments more right; that could be chance (McNemar p {p})."),
            )
        better = this if found.more_right > 0 else other
        return text.format(name=better, n=formats.number(abs(found.more_right)), p=p)

    def _details(self, this: str, other: str, found: RunComparison) -> str:
        return self.tr("Rows that only {this} has right: {n}; only {other}: {m}.").format(
            this=this,
            n=formats.number(found.result.only_first),
            other=other,
            m=formats.number(found.result.only_second),
        )

    def _left_out(self, found: RunComparison) -> str:
        """What of the two test sets is not the same."""
        if found.is_same_set:
            return ""
        text = self.tr(
            "The two sets are not the same: compared on the {n} rows in common; left out are {a} and {b} that"
            " only one has, and {c} that had another label."
        )
        counts = (found.result.rows, found.only_first, found.only_second, found.relabelled)
        n, a, b, c = (formats.number(count) for count in counts)
        return text.format(n=n, a=a, b=b, c=c)
