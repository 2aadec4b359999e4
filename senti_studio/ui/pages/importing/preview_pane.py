"""The rows of the file: as columns with their uses, or as lines in several encodings side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from senti_studio.domain.comparing import EncodingComparison
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.importing import wording
from senti_studio.ui.pages.importing.comparison import ComparisonTable
from senti_studio.ui.pages.importing.encoding_panel import cards_for
from senti_studio.ui.pages.importing.plan import ImportPlan
from senti_studio.ui.pages.importing.preview_grid import PreviewGrid
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.segmented import Segmented
from senti_studio.ui.widgets.styles import text_label

_COLUMNS, _ENCODINGS = range(2)


class PreviewPane(Card):
    """Where the encoding is in doubt, the lines are shown first: that is where the user is asked."""

    compare_asked = Signal(list)
    """The lines are wanted in these encodings; `show_comparison` brings them."""

    def __init__(self, context: UiContext, uses: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.grid = PreviewGrid(context.theme, uses, self)
        self.comparison = ComparisonTable(context.theme, self)
        self.mode = Segmented(theme=context.theme, parent=self)
        self.facts = text_label(role="hint", size="small")
        self._plan: ImportPlan | None = None
        self._has_lines = False
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.grid)
        self._stack.addWidget(self.comparison)
        self.header.addWidget(self.facts)
        self.header.addWidget(self.mode)
        self.body.setContentsMargins(0, 0, 0, 1)
        self.body.addWidget(self._stack, 1)
        self.mode.changed.connect(self._show_mode)
        self.mode.hide()
        for label in (self.facts, self.subtitle_label):
            # They make room for the switch in a narrow window.
            label.setMinimumWidth(1)

    @property
    def compares(self) -> bool:
        """Whether the encodings are in view."""
        return self._stack.currentIndex() == _ENCODINGS

    def retranslate(self) -> None:
        """The words of the switch."""
        self.mode.set_texts([self.tr("Columns"), self.tr("Compare encodings")])
        self.mode.setAccessibleDescription(self.tr("What is shown of the file"))
        self._say()

    def set_words(self, title: str, subtitle: str, facts: str) -> None:
        """Title, what is shown, and what is known of the whole file."""
        self.set_title(title, subtitle)
        self.facts.setText(facts)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow window has no room for all words."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        mode = self.mode.width() + 8 if self.mode.isVisibleTo(self) else 0
        room = self.width() - self.title_label.sizeHint().width() - mode - 60
        for label in (self.facts, self.subtitle_label):
            wanted = label.sizeHint().width() + 8
            fits = bool(label.text()) and wanted <= room
            label.setVisible(fits)
            room -= wanted if fits else 0

    def show_loading(self) -> None:
        """Another file, of which nothing is known yet."""
        self._plan, self._has_lines = None, False
        self.mode.hide()
        self.mode.set_index(_COLUMNS)
        self._stack.setCurrentIndex(_COLUMNS)
        self.comparison.show_comparison(None)
        self.grid.show_rows((), (), (), ())
        self.grid.show_uses(())

    def begin(self, plan: ImportPlan) -> None:
        """The file was looked at: in doubt the encodings come first."""
        self._plan, self._has_lines = plan, False
        self.mode.setVisible(len(plan.sniff.candidates) > 1)
        self._fit()
        self.mode.set_index(_ENCODINGS if plan.asks_for_encoding else _COLUMNS)
        self._show_mode(self.mode.index)

    def show_rows(self, plan: ImportPlan) -> None:
        """The rows as they are read now."""
        preview = plan.preview
        ragged = [row.line for row in preview.rows if row.problem]
        cells, lines = [row.cells for row in preview.rows], [row.line for row in preview.rows]
        if len(lines) > 1 and len(set(lines)) == 1:
            # JSON without line ends: the numbers of the records tell the rows apart.
            lines = list(range(1, len(lines) + 1))
            ragged = [place for place, row in enumerate(preview.rows, 1) if row.problem]
        self.grid.show_rows(wording.column_names(preview), cells, lines, ragged)

    def show_plan(self, plan: ImportPlan) -> None:
        """The encoding that is chosen, and whether one has to be."""
        self._plan = plan
        self.comparison.show_chosen(plan.options.encoding)
        self._say()

    @Slot(object)
    def show_comparison(self, comparison: EncodingComparison | None) -> None:
        """The lines in several encodings; None: they could not be read."""
        self._has_lines = comparison is not None
        self.comparison.show_comparison(comparison)
        if self._plan is not None:
            self.comparison.show_chosen(self._plan.options.encoding)
        self._say(has_failed=comparison is None)

    @Slot(int)
    def _show_mode(self, mode: int) -> None:
        self._stack.setCurrentIndex(mode)
        if mode == _ENCODINGS and not self._has_lines and self._plan is not None:
            self._say()
            encodings = [one.encoding for one in cards_for(self._plan.sniff.candidates, "")]
            self.compare_asked.emit(encodings)

    def _say(self, *, has_failed: bool = False) -> None:
        plan = self._plan
        if has_failed:
            self.comparison.say(self.tr("The lines could not be read."), "error")
        elif not self._has_lines or plan is None:
            self.comparison.say(self.tr("Reading some lines in every encoding…"), "hint")
        elif plan.asks_for_encoding:
            self.comparison.say(wording.close_encodings(plan), "warn")
        else:
            text = self.tr(
                "Click the column that reads right. Damaged lines come first, then those that differ."
            )
            self.comparison.say(text, "hint")
