"""How many labels are enough: the curve, what further labels would bring, and what nobody can know."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from senti_studio.domain.label_budget import FEWEST_OF_CLASS, STEPS, BudgetCurve
from senti_studio.domain.labels import Label
from senti_studio.messages import joined, message
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.pages.label import budget_words
from senti_studio.ui.pages.label.budget import Budget
from senti_studio.ui.pages.label.budget_plot import BudgetPlot
from senti_studio.ui.pages.label.presenter import LabelPresenter
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.marks import Mark
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.styles import text_label

_PLOT, _WORDS = 0, 1
_CARD = 168
"""Pixels: three labels are shown without scrolling."""
_NAME = 104


class BudgetDialog(QDialog):
    """Measuring goes on when it is closed, and is shown when it is opened again."""

    def __init__(self, context: UiContext, presenter: LabelPresenter, budget: Budget) -> None:
        super().__init__(context.dialogs.window)
        self._context = context
        self._presenter = presenter
        self._budget = budget
        self.setWindowTitle(tr("How many labels are enough"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(760, 640)
        self.resize(880, 720)
        theme = context.theme
        self.headline = text_label(size="label", bold=True, wrap=True)
        self.how = text_label(role="second", size="small", wrap=True)
        self.plot = BudgetPlot(theme)
        self.nothing = text_label(role="second", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pages = QStackedWidget()
        self.gains = {more: text_label(bold=True) for more in STEPS}
        self.classes = QGridLayout()
        self.limits = text_label(role="hint", size="small", wrap=True)
        self.progress = JobProgress(theme=theme)
        self.progress.rows.hide()
        self.progress.cancelled.connect(budget.cancel)
        self.measure = button(theme=theme, icon="refresh")
        self.measure.clicked.connect(self._measure)
        self.done_button = button(tr("Close"), theme=theme, kind="primary")
        self.done_button.setDefault(True)
        self.done_button.clicked.connect(self.accept)
        self._problem = ""
        self._build()
        budget.changed.connect(self.refresh)
        budget.failed.connect(self._fail)
        context.session.project_changed.connect(self.reject)
        self.refresh()

    def _build(self) -> None:
        curve = Card(tr("Macro F1 and each label by number of labels"))
        key = text_label(tr("○ measured · ─ curve · ╌ forecast · grey: 95% band"), role="hint", size="small")
        curve.header.addWidget(key)
        curve.body.setContentsMargins(8, 4, 8, 8)
        self.pages.addWidget(self.plot)
        self.pages.addWidget(self.nothing)
        curve.body.addWidget(self.pages, 1)
        more = Card(tr("What more labels would bring, in points of macro F1"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        for column, (count, figure) in enumerate(self.gains.items()):
            grid.addWidget(text_label(f"+{formats.number(count)}", role="hint", size="small"), 0, column)
            grid.addWidget(figure, 1, column)
            grid.setColumnStretch(column, 1)
        more.body.addLayout(grid)
        more.body.addStretch(1)
        each = Card(tr("Each label"))
        inside = QWidget()
        inside.setObjectName("scrolled")
        inside.setLayout(self.classes)
        self.classes.setContentsMargins(0, 0, 0, 0)
        self.classes.setHorizontalSpacing(12)
        each.body.addWidget(scrolled(inside))
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(more, 5)
        below.addWidget(each, 6)
        buttons = QHBoxLayout()
        buttons.addWidget(self.measure)
        buttons.addStretch(1)
        buttons.addWidget(self.done_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(self.headline)
        layout.addWidget(self.how)
        layout.addWidget(curve, 1)
        layout.addLayout(below)
        layout.addWidget(self.limits)
        layout.addWidget(self.progress)
        layout.addLayout(buttons)
        self.below = (more, each)
        for card in self.below:
            card.setFixedHeight(_CARD)

    # ---- what is shown -------------------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """What is known at this moment, and how far measuring is."""
        budget = self._budget
        self._show_progress()
        curve = budget.curve
        if curve is None or curve.needed or not curve.points:
            self._show_nothing(curve)
            return
        self.headline.setText(budget_words.headline(curve, self._presenter.labels))
        self.how.setText(self._words_how(curve))
        if self.pages.currentIndex() != _PLOT or self.plot.property("curve") is not curve:
            self.plot.setProperty("curve", curve)
            self.pages.setCurrentIndex(_PLOT)
            self.plot.show_curve(curve, self._presenter.labels)
            for gain in curve.gains:
                self.gains[gain.more].setText(budget_words.margin(gain).replace(" [", "\n["))
            self._show_classes(curve)
            self._show_below(True)
        self.limits.setText(budget_words.limits(curve))

    def _show_below(self, on: bool) -> None:
        for card in self.below:
            card.setVisible(on)

    def _words_how(self, curve: BudgetCurve) -> str:
        said = self._problem or budget_words.how(curve, self._budget.measured_at)
        counts = self._presenter.counts
        if not self._problem and counts is not None and budget_words.is_old(curve, counts.labelled):
            again = tr("There are {n} labels now: measure again.")
            said = joined(said, again.format(n=formats.number(counts.labelled)))
        return said

    def _show_nothing(self, curve: BudgetCurve | None) -> None:
        self.pages.setCurrentIndex(_WORDS)
        self.plot.show_curve(None, ())
        self._show_below(False)
        self.limits.setText("")
        self.how.setText(self._problem)
        if curve is not None and curve.needed:
            self.headline.setText(budget_words.headline(curve, self._presenter.labels))
        else:
            self.headline.setText(tr("How many labels are enough?"))
        self.nothing.setText(
            tr(
                "The quick classifier is trained on 10, 25, 50, 75 and 100% of your labels, several times,"
                " and judged on comments that it has not seen. That takes a minute or two in the background."
            )
        )

    def _show_classes(self, curve: BudgetCurve) -> None:
        self._clear_classes()
        heads = ("", "", tr("Number of labels"), tr("F1 today"), tr("+200 labels"))
        for column, text in enumerate(heads):
            self.classes.addWidget(_right(text_label(text, role="hint", size="small"), column), 0, column)
        self.classes.setColumnStretch(1, 1)
        known = {label.id: label for label in self._presenter.labels}
        for row, found in enumerate(curve.classes, 1):
            label = known.get(found.label_id)
            if label is None:
                continue
            is_few = found.count < FEWEST_OF_CLASS
            gain = tr("too few") if is_few else f"{budget_words.points(found.gain)}"
            now = formats.score(found.now if found.count else None)
            self._add_class(label, row, (formats.number(found.count), now, gain))
            if found.label_id == curve.gains_most:
                self.classes.itemAtPosition(row, 4).widget().setProperty("role", "good")  # type: ignore[union-attr]
        self.classes.setRowStretch(len(curve.classes) + 1, 1)

    def _add_class(self, label: Label, row: int, figures: tuple[str, ...]) -> None:
        self.classes.addWidget(Mark(label.appearance, self._context.theme), row, 0)
        name = text_label()
        name.setText(name.fontMetrics().elidedText(label.name, Qt.TextElideMode.ElideRight, _NAME))
        name.setToolTip(label.name)
        self.classes.addWidget(name, row, 1)
        for column, text in enumerate(figures, 2):
            self.classes.addWidget(_right(text_label(text), column), row, column)

    def _clear_classes(self) -> None:
        while (item := self.classes.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _show_progress(self) -> None:
        budget = self._budget
        self.progress.setVisible(budget.is_running)
        self.measure.setVisible(not budget.is_running)
        self.measure.setText(tr("Measure again") if budget.curve is not None else tr("Measure"))
        self.measure.set_kind("plain" if budget.curve is not None else "primary")
        self.done_button.set_kind("primary" if budget.curve is not None else "plain")
        if budget.is_running:
            self.progress.set_title(tr("Measuring; you can go on labelling"))
            self.progress.set_progress(budget.share, 1.0, eta=budget.seconds_left)

    @Slot()
    def _measure(self) -> None:
        self._problem = ""
        self._budget.start()

    @Slot(str, object)
    def _fail(self, code: str, params: dict[str, object]) -> None:
        self._problem = str(message(code, params, current_language()))
        self.refresh()


def _right(label: QLabel, column: int) -> QLabel:
    if column > 1:
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return label
