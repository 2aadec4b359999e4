"""Why the model said so of the comment that is chosen in the list: below it, for the predicted and the true
class."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.evaluate.presenter import EvaluatePresenter
from senti_studio.ui.pages.evaluate.rows_card import RowsCard
from senti_studio.ui.pages.evaluate.shown import RowShown
from senti_studio.ui.reasons.desk import CACHE, Asked, ReasonsDesk
from senti_studio.ui.reasons.pane import ReasonsPane
from senti_studio.ui.widgets.styles import line

_LIST_HEIGHT, _LIST_BESIDE = 280, 196
"""Of the list alone, and above an explanation."""


class RowReasons(QObject):
    """Stands beside the page; the list never waits for it."""

    def __init__(self, context: UiContext, presenter: EvaluatePresenter, rows: RowsCard) -> None:
        super().__init__(rows)
        self._presenter, self._rows = presenter, rows
        self.desk = ReasonsDesk(context.explainer, self)
        self.pane = ReasonsPane(context.theme, self.desk)
        self._below = QWidget()
        column = QVBoxLayout(self._below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(line())
        column.addWidget(self.pane)
        rows.show_below(self._below)
        self._below.hide()
        rows.setMinimumHeight(_LIST_HEIGHT)
        rows.row_chosen.connect(self._choose)

    def retranslate(self) -> None:
        self.pane.retranslate()

    @Slot(object)
    def _choose(self, each: RowShown | None) -> None:
        shown, project = self._presenter.shown, self._presenter.project
        if each is None or shown is None or project is None:
            self.desk.want(None)
            self._below.hide()
            self._rows.setMinimumHeight(_LIST_HEIGHT)
            return
        classes = list(dict.fromkeys((each.row.predicted, each.row.label)))
        roles = (tr("Predicted"), tr("True")) if len(classes) > 1 else (tr("Predicted, true"),)
        self.pane.show_labels(shown.labels, roles)
        self.desk.want(
            Asked(
                shown.run.folder, each.row.text, tuple(classes), project.cache_folder / CACHE,
                each.row.comment_id,
            )
        )  # fmt: skip
        if not self._below.isVisibleTo(self._rows):
            self._below.show()
            self._rows.setMinimumHeight(_LIST_BESIDE + self._below.sizeHint().height())
