"""The trials of a repeated training: what was different, what came of it, which is the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from senti_studio.domain.repetition import SEARCH_SPACE, Repetition
from senti_studio.jobs.protocol import Trial
from senti_studio.messages import message
from senti_studio.operations.repetition import best_trial, figures_of, spread_of
from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import current_language, marked, tr
from senti_studio.ui.pages.train.history import RunHistory
from senti_studio.ui.pages.train.option_fields import OPTION_TEXTS
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.row_list import set_up_row_list

NUMBER, DIFFERS, ACCURACY, MACRO_F1, STATE = range(5)
_WIDTHS = {NUMBER: 40, ACCURACY: 68, MACRO_F1: 72, STATE: 84}
_RIGHT = (NUMBER, ACCURACY, MACRO_F1)
_TITLES = (
    marked("No."), marked("What differs"), marked("Accuracy"), marked("Macro F1"), marked("State"),
)  # fmt: skip
_STATES = {"done": marked("Done"), "pruned": marked("Given up early"), "failed": marked("Failed")}


class TrialsCard(Card):
    """`options_wanted` carries the trial whose options are to be taken over."""

    options_wanted = Signal(object)  # Trial

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._history: RunHistory | None = None
        self._trials: list[Trial] = []
        self.use = button(theme=theme)
        self.use.set_dense()
        self.use.setObjectName("use_options")
        self.use.clicked.connect(self._take)
        self.header.addWidget(self.use)
        self.view = QTableWidget(0, len(_TITLES), self)
        self.view.setObjectName("trials")
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        set_up_row_list(self.view, row_height=28)
        head = self.view.horizontalHeader()
        head.setMinimumSectionSize(32)
        for column, width in _WIDTHS.items():
            head.resizeSection(column, width)
        head.setSectionResizeMode(DIFFERS, QHeaderView.ResizeMode.Stretch)
        self.view.itemSelectionChanged.connect(self._write_button)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self.view)

    def show_run(self, history: RunHistory | None) -> None:
        """Shows the trials of a run; the card is hidden for one that is not repeated."""
        self._history = history
        self._trials = []
        self.view.setRowCount(0)
        self.view.clearSelection()
        self.setVisible(self._repetition.is_repeated)
        self.refresh()

    @property
    def _repetition(self) -> Repetition:
        spec = self._history.spec if self._history is not None else None
        return spec.repetition if spec is not None else Repetition()

    def refresh(self) -> None:
        """Adds what is over by now."""
        history = self._history
        if history is None or not self._repetition.is_repeated:
            return
        trials = history.trials
        if trials != self._trials:
            self._trials = list(trials)
            self._fill()
        self._write_title()
        self._write_button()

    def _fill(self) -> None:
        best = best_trial(self._trials)
        self.view.setRowCount(len(self._trials))
        for row, trial in enumerate(self._trials):
            self._fill_row(row, trial, is_kept=best is trial)
        is_at_work = self._history is not None and self._history.state.is_active
        looked_at = self._trials[-1] if is_at_work and self._trials else best
        if looked_at is not None:
            self.view.scrollTo(self.view.model().index(self._trials.index(looked_at), NUMBER))

    def _fill_row(self, row: int, trial: Trial, *, is_kept: bool) -> None:
        accuracy, macro_f1 = figures_of(trial)
        is_best = is_kept and self._repetition.has_best
        state = tr(_STATES.get(trial.state, marked("Done")))
        if is_kept:
            state = tr("Best") if is_best else tr("Kept")
        texts = (
            str(trial.number),
            differences_text(trial.options),
            formats.score(accuracy),
            formats.score(macro_f1),
            state,
        )
        tip = str(message(trial.code, trial.params, current_language())) if trial.code else ""
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(tip or text)
            if is_kept and column == STATE:
                item.setToolTip(self.tr("The model of the run is that of this training"))
            if column in _RIGHT:
                item.setTextAlignment(right)
            if is_best:
                item.setFont(font("ui", bold=True))
            self.view.setItem(row, column, item)

    def _write_title(self) -> None:
        repetition = self._repetition
        words = self.tr("{n} of {total} over").format(n=len(self._trials), total=repetition.count)
        spread = spread_of(self._trials) if repetition.has_mean else {}
        if "macro_f1" in spread and len(self._trials) > 1:
            mean, deviation = spread["macro_f1"]
            words += " · " + self.tr("macro F1 {mean} ± {deviation}").format(
                mean=formats.score(mean), deviation=formats.score(deviation)
            )
        self.set_title(self.tr("All trainings"), words)
        tips = [
            f"{name.replace('_', ' ')} {formats.score(mean)} ± {formats.score(deviation)}"
            for name, (mean, deviation) in spread.items()
        ]
        self.subtitle_label.setToolTip("\n".join(tips))

    def _chosen(self) -> Trial | None:
        """The trial of the chosen row, else the best one."""
        row = self.view.currentRow()
        if self.view.selectedItems() and 0 <= row < len(self._trials):
            return self._trials[row]
        return best_trial(self._trials)

    @Slot()
    def _write_button(self) -> None:
        self.use.setVisible(self._repetition.mode == "search")
        self.use.setEnabled(self._chosen() is not None)

    @Slot()
    def _take(self) -> None:
        trial = self._chosen()
        if trial is not None:
            self.options_wanted.emit(trial)

    def retranslate(self) -> None:
        self.view.setHorizontalHeaderLabels([tr(title) for title in _TITLES])
        for column in range(len(_TITLES)):
            side = Qt.AlignmentFlag.AlignRight if column in _RIGHT else Qt.AlignmentFlag.AlignLeft
            head = self.view.horizontalHeaderItem(column)
            if head is not None:
                head.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self.view.setAccessibleName(self.tr("All trainings"))
        self.use.setText(self.tr("Use these options"))
        self.use.setToolTip(
            self.tr("Puts the options of the best trial, or of the chosen one, into a new training")
        )
        self._fill()
        self.refresh()


def differences_text(options: Mapping[str, Any]) -> str:
    """``Learning rate 0.003 · Units Both``, what matters most first; — where nothing differs."""
    order = [*SEARCH_SPACE, *(name for name in options if name not in SEARCH_SPACE)]
    words = [f"{_name(name)} {_value(name, options[name])}" for name in order if name in options]
    return " · ".join(words) or formats.MISSING


def _name(option: str) -> str:
    if option == "labels":
        return tr("Labels")
    return tr(OPTION_TEXTS[option].title) if option in OPTION_TEXTS else option.replace("_", " ")


def _value(option: str, value: Any) -> str:
    choices: Sequence[tuple[str, str]] = OPTION_TEXTS[option].choices if option in OPTION_TEXTS else ()
    return next(
        (tr(words) for key, words in choices if key == value),
        f"{value:g}" if isinstance(value, float) else str(value),
    )
