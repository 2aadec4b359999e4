"""How right and how fast the training that is shown is, beside the model that it has learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from senti_studio.operations.teaching import TeachingReport, teaching_report
from senti_studio.ui import formats
from senti_studio.ui.operations import Failure, Operation, run_operation
from senti_studio.ui.pages.train.live_run import LiveRun
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


class TeachingCard(Card):
    """A line for the teacher, one for the pupil, and how many times as fast the pupil is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName("teaching")
        self._report: TeachingReport | None = None
        self._reading: Operation[TeachingReport | None] | None = None
        self._shown: tuple[str, str] = ("", "")
        self.body.setSpacing(6)
        self.teacher, self.pupil, self.faster = (
            text_label(role=role, size="small", wrap=True) for role in ("", "", "second")
        )
        for label in (self.teacher, self.pupil, self.faster):
            self.body.addWidget(label)
        self.hide()

    def show_run(self, project: Project | None, live: LiveRun | None) -> None:
        """Reads the report again where the run, or its state, is another one than before."""
        spec = live.history.spec if live is not None else None
        if project is None or live is None or spec is None or spec.teaching is None:
            self._shown = ("", "")
            self._told(None)
            return
        shown = (live.id, str(live.history.state))
        if shown == self._shown:
            return
        self._shown = shown
        if self._reading is not None:
            self._reading.drop()
        run_id = live.id
        self._reading = run_operation(
            self,
            lambda: teaching_report(project, run_id),
            on_success=self._told,
            on_failure=self._not_told,
        )

    def _told(self, report: TeachingReport | None) -> None:
        self._reading, self._report = None, report
        self._write()

    def _not_told(self, _: Failure) -> None:
        # A damaged run is no reason to disturb: it says itself what is wrong with it.
        self._told(None)

    @Slot()
    def retranslate(self) -> None:
        self.set_title(self.tr("Teacher and pupil"))
        self._write()

    def _write(self) -> None:
        report = self._report
        self.setVisible(report is not None)
        if report is None:
            return
        words = self.tr("{name}: accuracy {accuracy}, macro F1 {f1}, {speed} comments/s")
        lines = (
            (self.teacher, report.model, report.teacher_accuracy, report.teacher_macro_f1,
             report.teacher_rows_per_s),
            (self.pupil, self.tr("This training"), report.pupil_accuracy, report.pupil_macro_f1,
             report.pupil_rows_per_s),
        )  # fmt: skip
        for label, name, accuracy, f1, speed in lines:
            label.setText(
                words.format(
                    name=name,
                    accuracy=f"{accuracy:.3f}",
                    f1=f"{f1:.3f}",
                    speed=formats.number(round(speed)),
                )
            )
        words = self.tr("{times} times as fast, on the same comments of the {part}.")
        part = self.tr("test part") if report.is_test else self.tr("validation part")
        self.faster.setText(words.format(times=f"{report.times_as_fast:.1f}", part=part))
