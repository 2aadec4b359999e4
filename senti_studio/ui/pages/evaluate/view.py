"""The Evaluate page: widgets and their places. What happens is the presenter's business."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from senti_studio.messages import message
from senti_studio.operations.models import ModelSummary
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import current_language
from senti_studio.ui.model_acts import ModelButton
from senti_studio.ui.pages.evaluate.card_places import Cards
from senti_studio.ui.pages.evaluate.class_card import ClassCard
from senti_studio.ui.pages.evaluate.key_number import KeyNumber
from senti_studio.ui.pages.evaluate.presenter import EvaluatePresenter
from senti_studio.ui.pages.evaluate.reliability_card import ReliabilityCard
from senti_studio.ui.pages.evaluate.row_reasons import RowReasons
from senti_studio.ui.pages.evaluate.rows_card import RowsCard
from senti_studio.ui.pages.evaluate.shown import RowShown
from senti_studio.ui.pages.evaluate.side_cards import SideCards
from senti_studio.ui.pages.evaluate.since_words import since_words
from senti_studio.ui.pages.evaluate.whole_text import WholeTextDialog
from senti_studio.ui.pages.evaluate.yardstick_words import yardstick_words
from senti_studio.ui.pages.page import Page
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.confusion import ConfusionMatrix
from senti_studio.ui.widgets.elided import ElidedCombo
from senti_studio.ui.widgets.empty_state import EmptyState
from senti_studio.ui.widgets.scrolled import Inside, scrolled, scrolled_on_card
from senti_studio.ui.widgets.segmented import Segmented
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

SPLITS = ("test", "valid", "folds")
NARROW_BELOW, ONE_COLUMN_BELOW = 1240, 860


class EvaluatePage(Page):
    """How good, where wrong."""

    name: ClassVar[str] = "evaluate"
    icon_name: ClassVar[str] = "eval"

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        theme = context.theme
        self.presenter = EvaluatePresenter(context.session, self)
        self._shape: tuple[bool, bool] | None = None
        self.run, self.other = ElidedCombo(), ElidedCombo(Qt.TextElideMode.ElideMiddle)
        self.split = Segmented(("", ""), theme=theme)
        self.accuracy, self.macro_f1 = KeyNumber(), KeyNumber()
        self.export_button = button(theme=theme, icon="export")
        self.more = ModelButton(context, self.presenter.chosen_run, self)
        self._fill_header()
        self.matrix = ConfusionMatrix(theme)
        self.shares = Segmented(("", ""), theme=theme)
        self._matrix_card = self._make_matrix_card()
        self.changed = text_label(role="warn", size="small", wrap=True)
        self.beside = text_label(role="hint", size="small", wrap=True)
        self.classes = ClassCard(theme)
        self.reliability = ReliabilityCard(theme)
        self.side = SideCards(theme, context.session)
        self.comparison = self.side.comparison
        self.rows = RowsCard(theme)
        self.reasons = RowReasons(context, self.presenter, self.rows)
        self.empty = EmptyState("eval", "", "", ("", self._to_train), theme=theme)
        self._lay_out()
        self._connect()

    # --- layout -------------------------------------------------------------------------------------------

    def _fill_header(self) -> None:
        for combo, width in ((self.run, 220), (self.other, 160)):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumWidth(110)
            combo.setMaximumWidth(width)
            combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._run_title, self._other_title = text_label(role="hint"), text_label(role="hint")
        for widget in (self._run_title, self.run, self._other_title, self.other, self.split):
            self.header.add(widget, 8 if widget is self.run else 4 if widget is self.other else 0)
        self.header.stretch()
        for number in (self.accuracy, self.macro_f1):
            self.header.add(number)
        self.header.add(self.export_button)
        self.header.add(self.more)

    def _make_matrix_card(self) -> Card:
        card = Card()
        card.header.addWidget(self.shares)
        card.body.setContentsMargins(16, 8, 16, 10)
        area = scrolled_on_card(self.matrix)
        self._note = text_label(role="hint", size="small", wrap=True)
        card.body.addWidget(area, 1)
        card.body.addWidget(self._note)
        return card

    def _lay_out(self) -> None:
        self.body.setContentsMargins(0, 0, 0, 0)
        self._pages = QStackedWidget()
        self.body.addWidget(self._pages)
        inside = Inside()
        column = QVBoxLayout(inside)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(16)
        self._grid = QGridLayout()
        self._grid.setSpacing(16)
        self._first = QWidget()
        self._left = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._first)
        self._left.setContentsMargins(0, 0, 0, 0)
        self._left.setSpacing(16)
        self._left.addWidget(self._matrix_card, 40)
        self._left.addWidget(self.classes, 50)
        self._cards = Cards(self._first, self.reliability, self.rows, self.side)
        self._cards.place(self._grid, narrow=False, single=False)
        self._matrix_card.setMinimumSize(330, 332)
        self.classes.setMinimumWidth(430)
        self.side.setMinimumHeight(300)
        column.addWidget(self.beside)
        column.addWidget(self.changed)
        column.addLayout(self._grid, 1)
        self._pages.addWidget(scrolled(inside))
        self._pages.addWidget(self.empty)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        shape = (self.width() < NARROW_BELOW, self.width() < ONE_COLUMN_BELOW)
        if shape == self._shape:
            return
        self._shape = shape
        narrow, single = shape
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._left.setDirection(down if single else across)
        self._cards.place(self._grid, narrow=narrow, single=single)
        for number in (self.accuracy, self.macro_f1):
            number.show_interval(not narrow)

    def _connect(self) -> None:
        presenter = self.presenter
        presenter.runs_changed.connect(self._show_runs)
        presenter.evaluation_changed.connect(self._show_evaluation)
        presenter.comparison_changed.connect(self._show_comparison)
        presenter.breakdown_changed.connect(self._show_breakdown)
        presenter.exported.connect(self._tell_exported)
        presenter.failed.connect(self.context.dialogs.error)
        self.run.activated.connect(lambda _: presenter.choose(str(self.run.currentData())))
        self.other.activated.connect(lambda _: self._compare_with(str(self.other.currentData() or "")))
        self.side.columns.column_chosen.connect(presenter.choose_column)
        self.split.changed.connect(lambda index: presenter.choose_split(SPLITS[index]))
        self.shares.changed.connect(lambda index: self.matrix.show_shares(index == 1))
        self.matrix.cell_chosen.connect(self.rows.show_cell)
        self.rows.cell_cleared.connect(self._clear_cell)
        self.rows.go_wanted.connect(self._go_to_comment)
        self.rows.whole_wanted.connect(self._show_whole)
        self.classes.label_wanted.connect(lambda: self.go_to.emit("label", None))
        self.export_button.clicked.connect(self._choose_file)

    # --- page ---------------------------------------------------------------------------------------------

    def open_project(self, project: Project | None) -> None:
        self.presenter.open_project(project)
        self.side.curve.open_project(project)

    def shut_down(self) -> None:
        self.more.acts.close()
        self.side.curve.shut_down()
        super().shut_down()

    def on_shown(self, argument: object = None) -> None:
        if isinstance(argument, str) and argument:
            self.presenter.want(argument)
        else:
            self.presenter.reload()
        self.setFocus()

    def handed_on(self, to: str) -> object:
        """One classifies with the model that one has just looked at."""
        return self.presenter.run_id if to == "classify" else None

    def retranslate(self) -> None:
        self.header.set_title(self.tr("Evaluate"))
        self._run_title.setText(self.tr("Run"))
        self._other_title.setText(self.tr("vs."))
        self.run.setAccessibleName(self.tr("Run"))
        self.other.setAccessibleName(self.tr("Compare with"))
        self.shares.set_texts((self.tr("Counts"), self.tr("Row %")))
        self.export_button.setText(self.tr("Export report…"))
        self.more.retranslate()
        self._matrix_card.set_title(self.tr("Confusion matrix"))
        self._note.setText(
            self.tr("Choose a cell to list its comments. Green is right; orange is 10% of the row or more.")
        )
        for part in (self.matrix, self.classes, self.reliability, self.side, self.rows, self.reasons):
            part.retranslate()
        self._show_runs()
        self._show_evaluation()
        self._show_comparison()

    def refresh_theme(self) -> None:
        self.matrix.update()
        self.classes.refresh_theme()
        self.rows.view.viewport().update()

    # --- what is shown ------------------------------------------------------------------------------------

    @Slot()
    def _show_runs(self) -> None:
        presenter = self.presenter
        self._fill(self.run, [(self._run_text(run), run.id) for run in presenter.runs], presenter.run_id)
        others = [(run.name, run.id) for run in presenter.runs if run.id != presenter.run_id]
        self._fill(self.other, [(self.tr("none"), ""), *others], presenter.other_id)
        self.other.setEnabled(bool(others))
        self._show_splits()
        self._show_or_not()

    def _show_splits(self) -> None:
        """Folds are offered where the run has them."""
        run = self.presenter.run
        texts = [self.tr("Test set"), self.tr("Validation set")]
        if run is not None and run.has_folds:
            texts.append(self.tr("All folds"))
        self.split.set_index(SPLITS.index(self.presenter.split))
        self.split.set_texts(texts)
        self.split.setToolTip(
            self.tr("All folds: every labelled comment, predicted by a model that has not seen it")
            if len(texts) > 2
            else ""
        )

    def _run_text(self, run: ModelSummary) -> str:
        return f"{run.name} · {formats.when(run.created_at)}"

    @staticmethod
    def _fill(combo: QComboBox, items: list[tuple[str, str]], chosen: str) -> None:
        combo.clear()
        for text, key in items:
            combo.addItem(text, key)
        combo.setCurrentIndex(combo.findData(chosen))
        combo.setToolTip(combo.currentText())

    def show_jobs(self, words: str) -> None:
        super().show_jobs(words)
        self._show_or_not()

    def _show_or_not(self) -> None:
        """The page, or why there is nothing to see yet."""
        presenter = self.presenter
        nothing = presenter.project is None or (presenter.is_listed and not presenter.runs)
        broken = presenter.problem is not None and presenter.shown is None
        self._pages.setCurrentIndex(1 if nothing or broken else 0)
        for widget in (
            self._run_title, self.run, self._other_title, self.other, self.split, self.accuracy,
            self.macro_f1, self.export_button, self.more,
        ):  # fmt: skip
            widget.setVisible(not nothing)
        if presenter.problem is not None and broken and not nothing:
            problem = presenter.problem
            words = message(problem.code, problem.params, current_language())
            self.empty.set_texts(words.what, words.next_step, self.tr("To the Train page"))
        else:
            waiting = self.job_words and self.tr("{job}. Its model can be used here as soon as it has ended.")
            waiting = waiting.format(job=self.job_words)
            self.empty.set_texts(
                self.tr("No model to evaluate yet"),
                waiting or self.tr("Train a network first; its mistakes are shown here, comment by comment."),
                self.tr("To the Train page"),
            )

    @Slot()
    def _show_evaluation(self) -> None:
        shown = self.presenter.shown
        self.export_button.setEnabled(shown is not None)
        self.classes.show_evaluation(shown)
        self.reliability.show_evaluation(shown)
        words = since_words(shown.evaluation) if shown is not None else ""
        self.changed.setText(words)
        self.changed.setVisible(bool(words))
        beside = yardstick_words(shown)
        self.beside.setText(beside)
        self.beside.setVisible(bool(beside))
        self.matrix.choose(None)
        self.rows.show_evaluation(shown)
        if shown is not None:
            self.matrix.show_matrix(shown.labels, shown.figures.confusion)
            figures = shown.figures
            low, high = (formats.percent(end).rstrip("%") for end in shown.accuracy)
            self.accuracy.show_number(
                self.tr("Accuracy"), formats.percent(figures.accuracy), f"[{low}, {high}]"
            )
            low, high = (formats.score(end) for end in shown.macro_f1)
            self.macro_f1.show_number(
                self.tr("Macro F1"), formats.score(figures.macro_f1), f"[{low}, {high}]"
            )
        else:
            self.matrix.show_matrix((), ())
            self.accuracy.show_number(self.tr("Accuracy"), formats.MISSING, "")
            self.macro_f1.show_number(self.tr("Macro F1"), formats.MISSING, "")
        self._show_or_not()
        self._tell_status()

    def _tell_status(self) -> None:
        shown = self.presenter.shown
        if shown is None:
            self.status_changed.emit("")
            return
        words = [shown.run.name, self.tr("{n} rows").format(n=formats.number(shown.figures.rows))]
        self.status_changed.emit("  |  ".join(words))

    @Slot()
    def _show_comparison(self) -> None:
        presenter = self.presenter
        others = sum(run.id != presenter.run_id for run in presenter.runs)
        self.comparison.show_comparison(presenter.shown, presenter.comparison, others=others)

    @Slot()
    def _show_breakdown(self) -> None:
        shown = self.presenter.shown
        self.side.columns.show_columns(shown.columns if shown is not None else (), self.presenter.column)
        self.side.columns.show_breakdown(self.presenter.breakdown)

    # --- acts ---------------------------------------------------------------------------------------------

    def _compare_with(self, run_id: str) -> None:
        self.presenter.compare_with(run_id)
        if run_id:
            self.side.show_card(self.comparison)

    @Slot()
    def _clear_cell(self) -> None:
        self.matrix.choose(None)
        self.rows.show_cell(None)

    @Slot(object)
    def _go_to_comment(self, each: RowShown) -> None:
        if each.row.is_there:
            self.go_to.emit("label", each.row.comment_id)

    @Slot(object)
    def _show_whole(self, each: RowShown) -> None:
        shown = self.presenter.shown
        if shown is not None:
            dialog = WholeTextDialog(each, shown.labels, self.context.theme, self.window())
            dialog.go_wanted.connect(self._go_to_comment)
            dialog.open()

    @Slot()
    def _choose_file(self) -> None:
        shown = self.presenter.shown
        if shown is None or self.presenter.project is None:
            return
        name = f"{shown.run.name} {self.split_text()}.csv".replace("/", "-").replace("#", "")
        start = str(self.presenter.project.folder.parent / name)
        file, _ = QFileDialog.getSaveFileName(
            self.window(), self.tr("Export report…"), start, self.tr("CSV (*.csv)")
        )
        if file:
            self.presenter.export(Path(file))

    def split_text(self) -> str:
        """The part shown, in words."""
        words = {"test": self.tr("Test set"), "folds": self.tr("All folds")}
        return words.get(self.presenter.split, self.tr("Validation set"))

    @Slot(object)
    def _tell_exported(self, path: Path) -> None:
        self.context.toasts.show(
            self.tr("{name} is written").format(name=path.name),
            kind="done",
            action=self.tr("Open folder"),
            on_action=lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent))),
        )

    @Slot()
    def _to_train(self) -> None:
        self.go_to.emit("train", None)
