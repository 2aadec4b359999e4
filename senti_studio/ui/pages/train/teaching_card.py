"""How right and how fast the training that is shown is, beside the model that it has learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from senti_studio.operations.teaching import teaching_report
from senti_studio.ui import formats
from senti_studio.ui.pages.train.live_run import LiveRun
from senti_studio.ui.pages.train.run_report import RunReport
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


class TeachingCard(Card):
    """A line for the teacher, one for the pupil, and how many times as fast the pupil is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName("teaching")
        self._of_run = RunReport(self, teaching_report, self._write)
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
        has_one = spec is not None and spec.teaching is not None
        self._of_run.show_run(project, live if has_one else None)

    @Slot()
    def retranslate(self) -> None:
        self.set_title(self.tr("Teacher and pupil"))
        self._write()

    def _write(self) -> None:
        report = self._of_run.report
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
