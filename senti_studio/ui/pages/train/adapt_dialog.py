"""*Adapt to my comments…*: what an encoder would read, how long that takes, and the button that starts it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QFormLayout, QLineEdit, QSpinBox, QWidget

from senti_studio.domain.adapt_forecast import rounded
from senti_studio.domain.adapting import RANGES, default_adapt_options
from senti_studio.domain.encoders import is_scratch
from senti_studio.messages import joined, message
from senti_studio.operations import adapting
from senti_studio.operations.adapting import AdaptPlan, AdaptRequest
from senti_studio.ui import formats
from senti_studio.ui.i18n import current_language, marked, tr
from senti_studio.ui.operations import Failure, Operation, run_operation
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.form_dialog import FormDialog
from senti_studio.ui.widgets.styles import set_style, text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

PLAN_AFTER_MS = 300
_MOST_MILLIONS = 100_000.0
_SIDES = 56
"""What the frame takes of the width, and a little more."""

REASONS = {
    "held_out": marked("{n} are not read: the test set, and what a training is validated on"),
    "same_as_held_out": marked("{n} are not read: the same as one of these, or nearly"),
    "repeated": marked("{n} are not read: repeated or blank"),
    "excluded": marked("{n} are not read: they were excluded on the Data page"),
}


class AdaptDialog(FormDialog):
    """For one encoder. `wanted` with an `AdaptRequest` when it is to begin; `failed` with what kept it from
    counting, and it is gone then."""

    wanted = Signal(object)
    failed = Signal(object)

    def __init__(self, theme: Theme, project: Project, encoder: str, parent: QWidget) -> None:
        super().__init__(parent, name="adapt_encoder", width=600)
        self._project, self._encoder = project, encoder
        self._usual = default_adapt_options(encoder)
        self._planning: Operation[AdaptPlan] | None = None
        self._plan: AdaptPlan | None = None
        self._is_busy = False
        self._title = text_label(size="label", bold=True)
        self._about = text_label(role="second", wrap=True)
        self.epochs = QSpinBox(self)
        self.epochs.setRange(int(RANGES["epochs"][0]), int(RANGES["epochs"][1]))
        self.epochs.setValue(self._usual.epochs)
        self.tokens = QDoubleSpinBox(self)
        self.tokens.setRange(0.0, _MOST_MILLIONS)
        self.tokens.setDecimals(1)
        self.name = QLineEdit(self)
        self.told = text_label(wrap=True)
        self.left_out = text_label(role="second", size="small", wrap=True)
        self.warning = text_label(role="warn", size="small", wrap=True)
        self.start = button(theme=theme, kind="primary", icon="play")
        self.leave = button(theme=theme)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(PLAN_AFTER_MS)
        self._lay_out()
        self._connect()
        self._retranslate()
        self._work_out()

    def _lay_out(self) -> None:
        column = self.column(self._title, self._about)
        self._form = QFormLayout()
        column.addLayout(self._form)
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(8)
        self._titles = [text_label(), text_label(), text_label()]
        for title, field in zip(self._titles, (self.epochs, self.tokens, self.name), strict=True):
            self._form.addRow(title, field)
            title.setBuddy(field)
        # Who has read much before needs no great number of tokens: epochs say it better.
        self._form.setRowVisible(self.tokens, is_scratch(self._encoder))
        for each in (self.told, self.left_out, self.warning):
            column.addWidget(each)
        column.addLayout(self.button_row((self.leave, self.start)))

    def _connect(self) -> None:
        self._later.timeout.connect(self._work_out)
        for field in (self.epochs, self.tokens):
            field.valueChanged.connect(self._edited)
        self.name.textEdited.connect(self._edited)
        self.start.clicked.connect(self._begin)
        self.leave.clicked.connect(self.reject)

    @property
    def request(self) -> AdaptRequest:
        """What the fields say."""
        tokens = round(self.tokens.value() * 1e6)
        options = replace(self._usual, epochs=self.epochs.value(), tokens=tokens)
        return AdaptRequest(options, target=self.name.text().strip())

    def set_busy(self, on: bool) -> None:
        """Whether it would have to wait for its turn."""
        self._is_busy = on
        self._write()

    @Slot()
    def _edited(self) -> None:
        self.epochs.setEnabled(not self.tokens.value())
        self._plan = None
        self._write()
        self._later.start()

    @Slot()
    def _work_out(self) -> None:
        if self._planning is not None:
            self._planning.drop()
        project, request = self._project, self.request
        self._planning = run_operation(
            self,
            lambda: adapting.survey(project, request),
            on_success=self._worked_out,
            on_failure=self._not_worked_out,
        )

    def _worked_out(self, plan: AdaptPlan) -> None:
        self._planning = None
        self._plan = plan
        if plan.target and not self.name.text().strip():
            self.name.setPlaceholderText(plan.target)
        self._write()

    def _not_worked_out(self, error: Failure) -> None:
        self._planning = None
        self.reject()
        self.failed.emit(error)

    @Slot()
    def _begin(self) -> None:
        if self.start.isEnabled() and self._plan is not None:
            # By this name a training can be queued that waits for it.
            request = self.request
            self.wanted.emit(replace(request, target=request.target or self._plan.target))
            self.accept()

    def done(self, result: int) -> None:
        self._later.stop()
        if self._planning is not None:
            self._planning.drop()
            self._planning = None
        super().done(result)

    def _write(self) -> None:
        plan = self._plan
        problem = plan.problem if plan is not None else None
        self.start.setEnabled(plan is not None and problem is None)
        self.start.setText(self.tr("Add to queue") if self._is_busy else self.tr("Start"))
        self.told.setText(self.tr("Counting the comments…") if plan is None else "")
        self.left_out.clear()
        self.warning.clear()
        if plan is not None:
            said = [problem] if problem is not None else list(plan.warnings)
            words = [str(message(code, params, current_language())) for code, params in said]
            if problem is None:
                self.told.setText(self._plan_words(plan))
                self.left_out.setText("\n".join(left_out_words(plan)))
            self.warning.setText("\n\n".join(words))
            set_style(self.warning, "role", "error" if problem is not None else "warn")
        for each in (self.left_out, self.warning):
            each.setVisible(bool(each.text()))
        self.fit()

    def _plan_words(self, plan: AdaptPlan) -> str:
        seen = plan.forecast.tokens
        words = self.tr(
            "Reads {count} comments, about {tokens} tokens; {seen} in all. {held} more tell whether it gains."
        ).format(
            count=formats.number(plan.rows["train"]),
            tokens=rounded(plan.tokens),
            seen=rounded(seen),
            held=formats.number(plan.rows["valid"]),
        )
        if plan.draws_test_set:
            words += "\n" + self.tr("The test set is drawn now and kept.")
        if plan.forecast.seconds:
            time = self.tr("On the processor alone: at most {time}, about {rate} tokens a second.").format(
                time=formats.duration(max(1.0, plan.forecast.seconds)), rate=rounded(plan.forecast.rate)
            )
            basis = self.tr("Reckoned by a short measurement of the processor.")
            if plan.forecast.runs:
                basis = self.tr("Reckoned from earlier adaptations of this size on this computer ({n}).")
            words += "\n" + joined(time, basis.format(n=plan.forecast.runs))
        return words

    def _write_title(self) -> None:
        """Whatever the encoder is called, what is to be done with it can be read."""
        words = self.tr("{encoder}: adapt to my comments")
        self._title.ensurePolished()
        metrics = self._title.fontMetrics()
        room = self.width() - _SIDES - metrics.horizontalAdvance(words.format(encoder=""))
        name = metrics.elidedText(self._encoder, Qt.TextElideMode.ElideMiddle, room)
        self._title.setText(words.format(encoder=name))
        self._title.setToolTip(self._encoder)

    def _retranslate(self) -> None:
        self.setWindowTitle(self.tr("Adapt to my comments"))
        self._write_title()
        self._about.setText(
            self.tr(
                "It guesses hidden words of your comments, without looking at any label. What comes of it is "
                "a new encoder on the shelf, to be trained on like the others."
            )
        )
        texts = (
            self.tr("Times that all is read"),
            self.tr("Or so many million tokens"),
            self.tr("Name of the new one"),
        )
        for title, field, text in zip(
            self._titles, (self.epochs, self.tokens, self.name), texts, strict=True
        ):
            title.setText(text)
            field.setAccessibleName(text)
        self.tokens.setSpecialValueText(self.tr("as above"))
        self.leave.setText(self.tr("Cancel"))


def left_out_words(plan: AdaptPlan) -> list[str]:
    """How many comments are not read, and why."""
    return [
        tr(REASONS[reason]).format(n=formats.number(count))
        for reason, count in plan.left_out.items()
        if reason in REASONS
    ]
