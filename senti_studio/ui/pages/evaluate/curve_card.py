"""The learning curve: how much further labels would bring, measured with the quick classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from senti_studio.domain.labels import Label
from senti_studio.messages import message
from senti_studio.ui.i18n import current_language
from senti_studio.ui.pages.label import budget_words
from senti_studio.ui.pages.label.budget import Budget
from senti_studio.ui.session import Session
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project
    from senti_studio.ui.pages.label.budget_plot import BudgetPlot

_LEAST = 110
"""Pixels of the picture in a low window."""


class CurveCard(Card):
    """Macro F1 by number of labels. The picture is made when it is first seen: it needs pyqtgraph."""

    def __init__(self, theme: Theme, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = theme
        self._project: Project | None = None
        self._labels: tuple[Label, ...] = ()
        self._problem = ""
        self.plot: BudgetPlot | None = None
        self.budget = Budget(session, self)
        self.headline = text_label(bold=True, wrap=True)
        self.words = text_label(role="second", size="small", wrap=True)
        self.progress = JobProgress(theme=theme)
        self.progress.rows.hide()
        self.progress.cancelled.connect(self.budget.cancel)
        self.measure = button(theme=theme, icon="refresh")
        self.measure.set_dense()
        self.measure.clicked.connect(self._measure)
        self.header.addWidget(self.measure)
        self.body.setContentsMargins(12, 8, 12, 10)
        self.body.addWidget(self.headline)
        self.body.addWidget(self.words)
        self.body.addWidget(self.progress)
        self.body.addStretch(1)
        self.budget.changed.connect(self.refresh)
        self.budget.failed.connect(self._fail)
        session.labels_changed.connect(self._take_labels)

    def open_project(self, project: Project | None) -> None:
        """Takes up the curve that was measured last, here or on the Label page."""
        self._project = project
        self._take_labels()
        self.budget.open(project)

    def shut_down(self) -> None:
        self.budget.close()

    @Slot()
    def _take_labels(self) -> None:
        self._labels = self._project.labels.list() if self._project is not None else ()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.plot is None:
            from senti_studio.ui.pages.label.budget_plot import BudgetPlot

            self.plot = BudgetPlot(self._theme, self)
            self.plot.plot.setMinimumHeight(_LEAST)
            self.body.replaceWidget(self.headline, self.plot)
            self.body.insertWidget(0, self.headline)
            self.body.setStretchFactor(self.plot, 100)
        if not self.budget.is_running:
            self.budget.open(self._project)  # the Label page may have measured meanwhile

    @Slot()
    def refresh(self) -> None:
        """What is known at this moment, and how far measuring is."""
        curve, running = self.budget.curve, self.budget.is_running
        is_measured = curve is not None and not curve.needed and bool(curve.points)
        self.progress.setVisible(running)
        self.measure.setVisible(not running)
        self.words.setVisible(not running)
        self.measure.setText(self.tr("Measure again") if is_measured else self.tr("Measure"))
        if running:
            self.progress.set_title(self.tr("Measuring"))
            self.progress.set_progress(self.budget.share, 1.0, eta=self.budget.seconds_left)
        if self.plot is not None:
            self.plot.setVisible(is_measured)
            self.plot.show_curve(curve if is_measured else None, self._labels)
        if curve is not None:
            self.headline.setText(budget_words.headline(curve, self._labels))
            said = budget_words.how(curve, self.budget.measured_at) if is_measured else ""
            self.words.setText(self._problem or said)
            self.words.setToolTip(budget_words.limits(curve) if is_measured else "")
        else:
            self.headline.setText(self.tr("How many labels are enough?"))
            self.words.setText(
                self._problem
                or self.tr(
                    "The quick classifier learns from a tenth to all of the labels and is judged on comments"
                    " that it has not seen. Takes a minute or two."
                )
            )

    @Slot()
    def _measure(self) -> None:
        self._problem = ""
        self.budget.start()

    @Slot(str, object)
    def _fail(self, code: str, params: dict[str, object]) -> None:
        self._problem = str(message(code, params, current_language()))
        self.refresh()

    def retranslate(self) -> None:
        self.set_title(self.tr("Macro F1 of the quick classifier"))
        self.refresh()
        if self.plot is not None:
            self.plot.redraw()
