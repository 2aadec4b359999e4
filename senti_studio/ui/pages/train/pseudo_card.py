"""What pseudo-labels did to the training that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from senti_studio.operations.pseudo_report import PseudoReport, pseudo_report
from senti_studio.ui import formats
from senti_studio.ui.pages.train.live_run import LiveRun
from senti_studio.ui.pages.train.run_report import RunReport
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


class PseudoCard(Card):
    """How many joined, whether the new model agrees, and what changed against the same training without."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName("pseudo")
        self._of_run = RunReport(self, pseudo_report, self._write)
        self.body.setSpacing(6)
        self.joined, self.agreement, self.change = (
            text_label(role=role, size="small", wrap=True) for role in ("", "second", "second")
        )
        for label in (self.joined, self.agreement, self.change):
            self.body.addWidget(label)
        self.hide()

    def show_run(self, project: Project | None, live: LiveRun | None) -> None:
        """Reads the report again where the run, or its state, is another one than before."""
        spec = live.history.spec if live is not None else None
        has_one = spec is not None and spec.pseudo is not None
        moment = str(len(live.history.warnings)) if live is not None else ""
        self._of_run.show_run(project, live if has_one else None, moment=moment)

    @Slot()
    def retranslate(self) -> None:
        self.set_title(self.tr("Pseudo-labels"))
        self._write()

    def _write(self) -> None:
        report = self._of_run.report
        self.setVisible(report is not None)
        if report is None:
            return
        names = [f"{label.name} {formats.number(report.joined.get(label.key, 0))}" for label in report.labels]
        joined = self.tr("{n} of {asked} joined: {labels}").format(
            n=formats.number(sum(report.joined.values())),
            asked=formats.number(report.candidates),
            labels=" · ".join(names),
        )
        left_out = [words.format(n=formats.number(count)) for count, words in self._causes(report) if count]
        self.joined.setText("\n".join([joined, *([" · ".join(left_out)] if left_out else [])]))
        agreed = ""
        if report.agreement is not None:
            words = self.tr("The new model agrees with {share}. “{model}” was right about {right} of {sure}.")
            agreed = words.format(
                share=formats.percent(report.agreement),
                model=report.model,
                right=formats.number(report.teacher_right),
                sure=formats.number(report.teacher_sure),
            )
        self.agreement.setText(agreed)
        self.agreement.setVisible(bool(agreed))
        self.agreement.setToolTip(
            self.tr("Comments of the validation part of which it was as sure, and how often it was right")
        )
        self._write_change(report)

    def _causes(self, report: PseudoReport) -> list[tuple[int, str]]:
        """Why comments did not join, and how many."""
        over = {
            "shares": self.tr("{n} left out so that classes keep their shares"),
            "most": self.tr("{n} over the most of a class"),
            "both": self.tr("{n} over the most of a class, or left out so that classes keep their shares"),
        }
        return [
            (report.over, over[report.over_because]),
            (report.unsure, self.tr("{n} not sure enough")),
            (report.near_copies, self.tr("{n} too near to held-out ones")),
        ]

    def _write_change(self, report: PseudoReport) -> None:
        without = report.without
        self.change.setVisible(report.agreement is not None)
        if without is None:
            self.change.setText(
                self.tr("No training with the same settings and without them to compare with.")
            )
            return
        names = {"accuracy": self.tr("accuracy"), "macro_f1": self.tr("macro F1")}
        figures = ", ".join(f"{names[name]} {value:+.3f}" for name, value in without.change.items())
        part = self.tr("test part") if without.is_test else self.tr("validation part")
        words = self.tr("Against “{run}” without them ({part}): {figures}")
        self.change.setText(words.format(run=without.run.name, part=part, figures=figures))
