"""Progress of labelling: how far, how fast, each label, the goal, and how far one agrees with oneself."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from senti_studio.domain.self_agreement import ENOUGH, SelfAgreement
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.pages.label.assistant_words import accuracy_words
from senti_studio.ui.pages.label.goal import USUAL
from senti_studio.ui.pages.label.presenter import LabelPresenter
from senti_studio.ui.pages.label.status_row import StatusRow
from senti_studio.ui.pages.label.suggesting import HIDDEN
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.label_bars import LabelBar, LabelBars
from senti_studio.ui.widgets.progress import progress_bar
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.segmented import Segmented
from senti_studio.ui.widgets.styles import text_label

MOST = 100_000_000
_BARS_SHOWN = 6


def words_of_agreement(found: SelfAgreement, *, is_on: bool, is_seen: bool = False) -> str:
    """How far somebody agrees with oneself, in a few sentences; ``is_seen``: suggestions are shown, which
    pull both answers the same way."""
    if not found.asked:
        if not is_on:
            return tr("Switched off in the settings: nothing is asked again.")
        return tr(
            "Nothing was asked again so far. While you label, 3 in 100 of your own comments come up a second"
            " time, unannounced."
        )
    words = [
        counted(
            found.asked,
            marked("One comment was asked again; answers that were the same: {same} ({share})."),
            marked("{n} comments were asked again; answers that were the same: {same} ({share})."),
        ).format(
            n=formats.number(found.asked),
            same=formats.number(found.agreed),
            share=formats.percent(found.share),
        )
    ]
    if not found.is_enough:
        words.append(
            tr("That is too few to go by: {n} more are needed.").format(
                n=formats.number(ENOUGH - found.asked)
            )
        )
        return " ".join(words)
    words.append(
        tr("95% interval [{low}, {high}].").format(
            low=formats.percent(found.share_low), high=formats.percent(found.share_high)
        )
    )
    if found.kappa is not None:
        words.append(
            tr("κ with yourself {kappa} [{low}, {high}].").format(
                kappa=formats.score(found.kappa, decimals=2),
                low=formats.score(found.low, decimals=2),
                high=formats.score(found.high, decimals=2),
            )
        )
    if is_seen:
        words.append(tr("Suggestions in view make you agree more than you would alone."))
    words.append(tr("This is the honest ceiling: no model can be expected to agree with you more than that."))
    return " ".join(words)


_FACTS = ("labelled", "disputed", "skipped", "left", "session")


class ProgressDialog(QDialog):
    """Follows the counts while it is open; the goal takes effect at once."""

    budget_wanted = Signal()

    def __init__(self, context: UiContext, presenter: LabelPresenter, status: StatusRow) -> None:
        super().__init__(context.dialogs.window)
        self._context = context
        self._presenter = presenter
        self._goal = status.goal
        self.setWindowTitle(tr("Progress and goal"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        self.done_words = text_label(size="title")
        self.share = text_label(role="hint")
        self.speed = text_label(role="second")
        self.bar = progress_bar()
        self.goal_kind = Segmented((tr("All comments"), tr("A number of labels")), theme=context.theme)
        self.goal_kind.setAccessibleName(tr("Goal"))
        self.goal_number = QSpinBox()
        self.goal_number.setRange(1, MOST)
        self.goal_number.setSingleStep(100)
        self.goal_number.setGroupSeparatorShown(True)
        self.goal_number.setAccessibleName(tr("Labels that you want"))
        self.goal_number.setValue(self._goal.number or USUAL)
        self.too_few = text_label(role="warn", size="small", wrap=True)
        self.facts = {name: text_label(bold=True) for name in _FACTS}
        self.bars = LabelBars(context.theme)
        self.agreement = text_label(role="second", wrap=True)
        self.agreement.setMinimumHeight(3 * self.agreement.fontMetrics().lineSpacing())
        self.agreement.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.agreement.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.done_button = button(tr("Close"), theme=context.theme, kind="primary")
        self.done_button.setDefault(True)
        self.done_button.clicked.connect(self.accept)
        self.buttons = QHBoxLayout()
        self._build()
        self._show_goal()
        self.refresh()
        self.goal_kind.changed.connect(self._choose_kind)
        self.goal_number.valueChanged.connect(self._choose_number)
        self._goal.changed.connect(self._show_goal)
        presenter.counts_changed.connect(self.refresh)
        context.session.project_changed.connect(self.reject)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.done_words)
        head.addWidget(self.share, 0, Qt.AlignmentFlag.AlignBottom)
        head.addStretch(1)
        head.addWidget(self.speed, 0, Qt.AlignmentFlag.AlignBottom)
        goal = QHBoxLayout()
        goal.setSpacing(12)
        goal.addWidget(text_label(tr("Goal"), role="second"))
        goal.addWidget(self.goal_kind)
        goal.addWidget(self.goal_number)
        goal.addStretch(1)
        counts = QGridLayout()
        counts.setHorizontalSpacing(16)
        counts.setVerticalSpacing(2)
        words = (
            *(tr("Labelled"), tr("Disputed"), tr("Skipped")),
            *(tr("Left to the goal"), tr("In this session")),
        )
        for column, (text, figure) in enumerate(zip(words, self.facts.values(), strict=True)):
            counts.addWidget(text_label(text, role="hint", size="small"), 0, column)
            counts.addWidget(figure, 1, column)
            counts.setColumnStretch(column, 1)
        so_far = Card(tr("Labelled so far"))
        so_far.body.addLayout(counts)
        so_far.body.addSpacing(4)
        if len(self._presenter.labels) > _BARS_SHOWN:
            inside = QWidget()
            inside.setObjectName("scrolled")
            rows = QVBoxLayout(inside)
            rows.setContentsMargins(0, 0, 8, 0)
            rows.addWidget(self.bars)
            area = scrolled(inside, focusable=True)
            area.setFixedHeight(32 * _BARS_SHOWN)
            so_far.body.addWidget(area)
        else:
            so_far.body.addWidget(self.bars)
        oneself = Card(tr("Agreement with yourself"))
        oneself.body.addWidget(self.agreement)
        enough = button(tr("How many labels are enough…"), theme=self._context.theme, icon="spark")
        enough.clicked.connect(self._leave_for_budget)
        self.buttons.addWidget(enough)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.done_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self.bar)
        layout.addLayout(goal)
        layout.addWidget(self.too_few)
        layout.addSpacing(4)
        layout.addWidget(so_far)
        layout.addWidget(oneself)
        layout.addStretch(1)
        layout.addLayout(self.buttons)

    # ---- what is shown -------------------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """The figures of the moment."""
        counts, pace = self._presenter.counts, self._presenter.pace
        if counts is None:
            return
        total, remaining = self._goal.total(counts), self._goal.remaining(counts)
        share = counts.labelled / total if total else 0.0
        self.done_words.setText(f"{formats.number(counts.labelled)} / {formats.number(total)}")
        self.share.setText(formats.percent(share))
        self.bar.setValue(round(1000 * min(1.0, share)))
        self.bar.setAccessibleName(f"{self.done_words.text()} {self.share.text()}")
        self.speed.setText(self._words_of_speed(remaining))
        reachable = counts.labelled + remaining
        self.too_few.setVisible(total > reachable and self._goal.number > 0)
        self.too_few.setText(
            tr("There are not enough comments: with all of them labelled there are {n}.").format(
                n=formats.number(reachable)
            )
        )
        for name, value in (
            ("labelled", counts.labelled - counts.disputed),
            ("disputed", counts.disputed),
            ("skipped", counts.skipped),
            ("left", remaining),
            ("session", pace.decided),
        ):
            self.facts[name].setText(formats.number(value))
        self.bars.set_rows(
            [
                LabelBar(label.name, label.appearance, counts.by_label.get(label.id, 0))
                for label in self._presenter.labels
            ]
        )

    def _words_of_speed(self, remaining: int) -> str:
        pace = self._presenter.pace
        if self._goal.is_reached(self._presenter.counts):
            return tr("goal reached")
        if not remaining:
            return tr("Nothing is left to label")
        speed = pace.per_minute
        if speed is None:
            return tr("The time to the goal is known after a few labels")
        fast = tr("{n} a minute").format(n=formats.number(round(speed)))
        seconds = pace.seconds_left(remaining)
        return fast if seconds is None else f"{fast} · {formats.about(seconds)}"

    @Slot()
    def _show_goal(self) -> None:
        number = self._goal.number
        self.goal_kind.set_index(1 if number else 0)
        self.goal_number.setEnabled(number > 0)
        if number and number != self.goal_number.value():
            self.goal_number.setValue(number)
        self.refresh()

    @Slot()
    def _leave_for_budget(self) -> None:
        self.accept()
        self.budget_wanted.emit()

    @Slot(int)
    def _choose_kind(self, index: int) -> None:
        self._goal.set_number(self.goal_number.value() if index else 0)

    @Slot(int)
    def _choose_number(self, number: int) -> None:
        if self._goal.number:
            self._goal.set_number(number)

    def show_agreement(self, found: SelfAgreement) -> None:
        """How far one agrees with oneself, beside how often the assistant is right."""
        is_seen = not self._context.settings.flag(HIDDEN) and self._context.assistant.state is not None
        words = words_of_agreement(found, is_on=self._context.session.asks_again, is_seen=is_seen)
        state = self._context.assistant.state
        if state is not None and state.quality is not None:
            words += "\n" + tr("The assistant: {words}.").format(words=accuracy_words(state.quality))
        self.agreement.setText(words)
        wide = self.width() - 48 - 34
        self.agreement.setMinimumHeight(self.agreement.heightForWidth(wide))
        self.adjustSize()
