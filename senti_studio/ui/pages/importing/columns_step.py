"""Step 2: how the file is read, on the left; what the check found and where labels go, on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from senti_studio.domain.labels import Label
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.importing import wording
from senti_studio.ui.pages.importing.encoding_panel import EncodingPanel
from senti_studio.ui.pages.importing.mapping_cards import MappingCard, PartsCard
from senti_studio.ui.pages.importing.plan import ImportPlan, Use
from senti_studio.ui.pages.importing.preview_pane import PreviewPane
from senti_studio.ui.pages.importing.side_cards import BytesCard, RepeatsCard, RowsCard, SumCard
from senti_studio.ui.widgets.banner import Banner
from senti_studio.ui.widgets.card import Card

SIDE_WIDTH = 400
_NARROW_SIDE = 320
_WIDE_FROM = 1240
_SIDE_BY_SIDE_FROM = 1040
_STACKED_SIDE = 260
_STACKED_PREVIEW = 280
_NO_LIMIT = 16_777_215
"""QWIDGETSIZE_MAX"""


class ColumnsStep(QWidget):
    """Widgets only; the page connects them with the presenter."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = Banner(theme=context.theme, kind="error", parent=self)
        self.encodings = EncodingPanel(context, self)
        self.preview = PreviewPane(context, [str(use) for use in Use], self)
        self.grid = self.preview.grid
        self.bytes = BytesCard(self)
        self.rows = RowsCard(self)
        self.repeats = RepeatsCard(context, self)
        self.mapping = MappingCard(context, self)
        self.parts = PartsCard(self)
        self.sum = SumCard(self)
        self._lay_out()
        for card in (self.bytes, self.rows):
            card.line_chosen.connect(self._go_to_line)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(16)
        left.addWidget(self.encodings)
        left.addWidget(self.preview, 1)
        self.side = _SideScroll(
            [self.mapping, self.parts, self.bytes, self.rows, self.repeats], SIDE_WIDTH, self
        )
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.side, 1)
        right.addWidget(self.sum)
        self._columns = columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addLayout(left, 1)
        columns.addLayout(right)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(self.problem)
        layout.addLayout(columns, 1)
        self.sum.setFixedWidth(SIDE_WIDTH)

    def fit(self, room: int) -> None:
        """A narrow window takes from the right side first; in a very narrow one it comes below the left."""
        is_stacked = room < _SIDE_BY_SIDE_FROM
        direction = QBoxLayout.Direction.TopToBottom if is_stacked else QBoxLayout.Direction.LeftToRight
        self._columns.setDirection(direction)
        self.side.setMinimumHeight(_STACKED_SIDE if is_stacked else 0)
        self.preview.setMinimumHeight(_STACKED_PREVIEW if is_stacked else 0)
        for one in (self.side, self.sum):
            if is_stacked:
                one.setMinimumWidth(0)
                one.setMaximumWidth(_NO_LIMIT)
            else:
                one.setFixedWidth(SIDE_WIDTH if room >= _WIDE_FROM else _NARROW_SIDE)

    def retranslate(self) -> None:
        """All fixed texts."""
        self.encodings.retranslate()
        self.grid.set_titles({str(use): wording.use_name(use) for use in Use})
        self.preview.retranslate()
        self.preview.set_title(self.tr("Preview and use of the columns"))

    def show_loading(self) -> None:
        """Before anything is known of the file."""
        self.problem.hide()
        self.encodings.show_loading()
        self.preview.show_loading()
        self.preview.facts.setText("")
        for card in (self.mapping, self.parts, self.bytes, self.rows, self.repeats, self.sum):
            card.hide()

    def show_preview(self, plan: ImportPlan) -> None:
        """The rows as they are read now."""
        self.problem.hide()
        self.preview.show_rows(plan)

    def show_plan(self, plan: ImportPlan, labels: Sequence[Label]) -> None:
        """Everything that depends on decisions and on the check."""
        self.encodings.show_plan(plan)
        self.preview.show_plan(plan)
        self.grid.show_uses([str(use) for use in plan.uses])
        self._show_facts(plan)
        self.mapping.show_plan(plan, labels)
        self.parts.show_plan(plan)
        self.bytes.show_plan(plan)
        self.rows.show_plan(plan)
        self.repeats.show_plan(plan)
        self.sum.show_plan(plan)
        for card in (self.repeats, self.sum):
            card.show()

    def _show_facts(self, plan: ImportPlan) -> None:
        subtitle = self.tr("First {count} rows as {encoding}; all values stay text")
        name = (
            wording.encoding_name(plan.options.encoding)
            if plan.sniff.candidates
            else wording.format_name(plan.sniff.format)
        )
        number = len(plan.preview.columns)
        columns = self.tr("{count} columns") if number != 1 else self.tr("1 column")
        columns = columns.format(count=formats.number(number))
        if plan.check is not None:
            rows = self.tr("{count} rows") if plan.check.rows != 1 else self.tr("1 row")
            rows = rows.format(count=formats.number(plan.check.rows))
            columns = f"{rows} · {columns}"
        shown = subtitle.format(count=formats.number(len(plan.preview.rows)), encoding=name)
        self.preview.set_words(self.tr("Preview and use of the columns"), shown, columns)

    @Slot(int)
    def _go_to_line(self, line: int) -> None:
        self.grid.go_to_line(line)


class _SideScroll(QScrollArea):
    """Cards one below the other, scrolled when there are many."""

    def __init__(self, cards: Sequence[Card], width: int, parent: QWidget) -> None:
        super().__init__(parent)
        inside = QWidget(self)
        inside.setObjectName("scrolled")
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for card in cards:
            layout.addWidget(card)
        layout.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedWidth(width)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        return QSize(self.width(), 400)
