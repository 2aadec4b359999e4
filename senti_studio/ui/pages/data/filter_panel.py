"""The filter at the left: labels, states, sources, annotators, lengths, copies, predictions, columns."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from senti_studio.domain.comments import CellCondition, CommentFilter, Duplicates, Predictions, Source
from senti_studio.domain.facets import FacetCounts
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.data.cell_facet import CellFacet
from senti_studio.ui.pages.data.facet_numbers import FacetNumbers
from senti_studio.ui.pages.data.facets import WIDTH, FacetBox, FacetGroup
from senti_studio.ui.pages.data.facts import BUCKETS, Details, Facts
from senti_studio.ui.pages.data.length_facet import LengthFacet
from senti_studio.ui.pages.data.wording import annotator_name, duplicates_name, predictions_name
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.styles import line, text_label

UNLABELLED = 0
"""Key of the box for comments without a label; labels have their own ids, from 1."""
SKIPPED, FLAGGED, EXCLUDED, TEST_SET, DISPUTED = 1, 2, 3, 4, 5


class FilterPanel(QFrame):
    """`changed` when the user chose something; `read` adds the choice to a filter."""

    changed = Signal()
    remove_wanted = Signal(object)
    """`Source`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filterPanel")
        self._theme = theme
        self._facts: Facts | None = None
        self._details: Details | None = None
        self._numbers: FacetNumbers | None = None
        self._made_for: object = None
        self._cells: tuple[CellCondition, ...] = ()
        self._wanted = CommentFilter()
        self._rules: dict[FacetGroup, QWidget] = {}
        self.setFixedWidth(WIDTH)
        self.title = text_label(bold=True)
        self.clear = button(theme=theme, kind="link")
        self.clear.set_dense()
        self.clear.clicked.connect(self._clear)
        self.labels, self.sources, self.states = FacetGroup(), FacetGroup(), FacetGroup()
        self.annotators, self.copies, self.predictions = FacetGroup(), FacetGroup(), FacetGroup()
        self.lengths, self.columns = FacetGroup(), FacetGroup()
        self.length = LengthFacet(theme, BUCKETS)
        self.lengths.rows.addWidget(self.length)
        self.length.changed.connect(self._tell)
        self.cell = CellFacet(theme)
        self.columns.rows.addWidget(self.cell)
        self.cell.added.connect(self._add_cell)
        self._ticked = (
            self.labels,
            self.states,
            self.sources,
            self.annotators,
            self.copies,
            self.predictions,
        )
        self._build(theme)
        self.refresh_theme()

    def _set_shown(self, group: FacetGroup, on: bool) -> None:
        group.setVisible(on)
        self._rules[group].setVisible(on)

    def _build(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 8, 0)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.clear)
        top = QWidget()
        top.setFixedHeight(39)
        top.setLayout(head)
        inner = QWidget()
        inner.setObjectName("scrolled")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for group in (
            *(self.labels, self.sources, self.lengths, self.copies, self.predictions),
            *(self.states, self.annotators, self.columns),
        ):
            column.addWidget(group)
            self._rules[group] = line()
            column.addWidget(self._rules[group])
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 1, 0)
        outer.setSpacing(0)
        outer.addWidget(top)
        outer.addWidget(line())
        outer.addWidget(scrolled(inner), 1)

    def retranslate(self) -> None:
        self.title.setText(tr("Filter"))
        self.clear.setText(tr("Clear filter"))
        self.labels.title.setText(tr("Labels"))
        self.sources.title.setText(tr("Sources"))
        self.states.title.setText(tr("State"))
        self.lengths.title.setText(tr("Length"))
        self.copies.title.setText(tr("Copies"))
        self.predictions.title.setText(tr("Prediction"))
        self.annotators.title.setText(tr("Labelled by"))
        self.columns.title.setText(tr("Original column"))
        self.cell.retranslate()
        self._made_for = None
        if self._facts is not None:
            self.show_facts(self._facts, self._details, self._numbers)
        self._show_clear()

    def refresh_theme(self) -> None:
        theme = self._theme
        self.setStyleSheet(
            f"QFrame#filterPanel {{ background: {theme.hex('surface')}; border: none;"
            f" border-right: 1px solid {theme.hex('border')}; }}"
        )

    # ---- what there is -------------------------------------------------------------------------------------

    def show_facts(
        self, facts: Facts | None, details: Details | None = None, numbers: FacetNumbers | None = None
    ) -> None:
        """New numbers; boxes are made anew only when something came or went. ``numbers``: under the filter;
        where nothing is asked for (None likewise) those of all comments hold."""
        self._facts, self._details, self._numbers = facts, details, numbers
        if facts is None:
            self._made_for = None
            for group in self._ticked:
                group.set_boxes([])
            self._show_clear()
            return
        known = details or Details()
        people = tuple(name for name, _ in known.annotators)
        made_for = (facts.labels, tuple((source.id, source.name) for source in facts.sources), people)
        if made_for != self._made_for:
            self._made_for = made_for
            self._make(facts, people)
        asked = numbers is not None and numbers.is_asked
        counts = numbers.counts if numbers is not None and asked else _of_all(facts, details)
        self._show_counts(counts)
        self._set_shown(self.annotators, bool(self.annotators.boxes))
        self._set_shown(self.predictions, bool(known.predicted) or bool(self._wanted.predictions))
        self.cell.set_columns(columns_of(facts))
        self._show_clear()

    def _show_counts(self, counts: FacetCounts | None) -> None:
        """None: nothing is known yet."""
        asked = self._numbers is not None and self._numbers.is_asked
        none = 0 if asked else None  # a choice that no comment has is not among the counted ones
        for group, known in (
            (self.labels, counts.labels if counts else None),
            (self.sources, counts.sources if counts else None),
            (self.annotators, counts.annotators if counts else None),
            (self.copies, counts.copies if counts else None),
            (self.predictions, counts.predictions if counts else None),
        ):
            for key, box in group.boxes.items():
                box.set_count(None if known is None else known.get(key, none))
        states = (
            {SKIPPED: counts.skipped, FLAGGED: counts.flagged, EXCLUDED: counts.excluded} if counts else {}
        )
        for key, box in self.states.boxes.items():
            box.set_count(states.get(key))
        if counts is not None:
            self.length.show_counts(counts.lengths, counts.longest)

    def _make(self, facts: Facts, people: tuple[str, ...]) -> None:
        chosen = [group.chosen() for group in self._ticked]
        theme = self._theme
        labels = [(UNLABELLED, FacetBox(theme, tr("Unlabelled"), 0))]
        labels += [
            (each.id, FacetBox(theme, each.name, 0, appearance=each.appearance)) for each in facts.labels
        ]
        self.labels.set_boxes(labels)
        self.sources.set_boxes([(source.id, FacetBox(theme, source.name, 0)) for source in facts.sources])
        self.states.set_boxes(
            [
                (SKIPPED, FacetBox(theme, tr("Skipped"), 0)),
                (FLAGGED, FacetBox(theme, tr("Flagged"), 0)),
                (EXCLUDED, FacetBox(theme, tr("Excluded"), 0)),
                (TEST_SET, FacetBox(theme, tr("Test set"), None)),
                (DISPUTED, FacetBox(theme, tr("Disputed"), None)),
            ]
        )
        self.annotators.set_boxes([(name, FacetBox(theme, annotator_name(name), 0)) for name in people])
        self.copies.set_boxes([(kind, FacetBox(theme, duplicates_name(kind), None)) for kind in Duplicates])
        self.predictions.set_boxes(
            [(kind, FacetBox(theme, predictions_name(kind), None)) for kind in Predictions]
        )
        for group, old in zip(self._ticked, chosen, strict=True):
            group.tick(old)
            for box in group.boxes.values():
                box.toggled.connect(self._tell)
        for source in facts.sources:
            self.sources.boxes[source.id].menu_wanted.connect(lambda at, which=source: self._menu(which, at))
        self.show_filter(self._wanted)

    def _menu(self, source: Source, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        remove = menu.addAction(tr("Remove {name}").format(name=source.name.replace("&", "&&")))
        remove.triggered.connect(lambda: self.remove_wanted.emit(source))
        menu.popup(at)

    # ---- the filter ----------------------------------------------------------------------------------------

    def read(self, wanted: CommentFilter) -> CommentFilter:
        """``wanted`` with what is chosen here."""
        labels, states = self.labels.chosen(), self.states.chosen()
        return dataclasses.replace(
            wanted,
            label_ids=labels - {UNLABELLED},
            unlabelled=UNLABELLED in labels,
            source_ids=self.sources.chosen(),
            skipped=True if SKIPPED in states else None,
            flagged=True if FLAGGED in states else None,
            excluded=True if EXCLUDED in states else None,
            test_set=True if TEST_SET in states else None,
            disputed=True if DISPUTED in states else None,
            annotators=self.annotators.chosen(),
            duplicates=self.copies.chosen(),
            predictions=self.predictions.chosen(),
            shortest=self.length.shortest,
            longest=self.length.longest,
            cells=self._cells,
        )

    def show_filter(self, wanted: CommentFilter) -> None:
        """Ticks what the filter says, without sending `changed`."""
        self._wanted = wanted
        pairs = (
            *((SKIPPED, wanted.skipped), (FLAGGED, wanted.flagged)),
            *((EXCLUDED, wanted.excluded), (TEST_SET, wanted.test_set)),
            (DISPUTED, wanted.disputed),
        )
        ticks = (
            wanted.label_ids | ({UNLABELLED} if wanted.unlabelled else set()),
            frozenset(key for key, on in pairs if on),
            *(wanted.source_ids, wanted.annotators, wanted.duplicates, wanted.predictions),
        )
        for group, keys in zip(self._ticked, ticks, strict=True):
            group.tick(frozenset(keys))
        self.length.show_range(wanted.shortest, wanted.longest)
        self._cells = wanted.cells
        self._show_clear()

    @property
    def is_clear(self) -> bool:
        return self.read(CommentFilter()).is_empty

    @Slot(object)
    def _add_cell(self, cell: CellCondition) -> None:
        if cell not in self._cells:
            self._cells = (*self._cells, cell)
            self._tell()

    @Slot()
    def _tell(self) -> None:
        self._wanted = self.read(self._wanted)
        self._show_clear()
        self.changed.emit()

    @Slot()
    def _clear(self) -> None:
        self.show_filter(CommentFilter())
        self.changed.emit()

    def _show_clear(self) -> None:
        self.clear.setVisible(not self.is_clear)


def _of_all(facts: Facts, details: Details | None) -> FacetCounts:
    """The numbers of all comments; of copies and predictions there are none before the ``details``."""
    counts, known = facts.counts, details or Details()
    rest = counts.total
    copies = {Duplicates.EXACT: known.copied, Duplicates.UNIQUE: rest - known.copied}
    return FacetCounts(
        {
            UNLABELLED: counts.unlabelled,
            **{each.id: counts.by_label.get(each.id, 0) for each in facts.labels},
        },
        {source.id: source.row_count for source in facts.sources},
        counts.skipped,
        counts.flagged,
        counts.excluded,
        dict(known.annotators),
        known.lengths,
        known.longest,
        {**copies, Duplicates.NEAR: known.near} if details else {},
        {Predictions.SOME: known.predicted, Predictions.NONE: rest - known.predicted} if details else {},
    )


def columns_of(facts: Facts) -> list[str]:
    """The original columns of all sources, in the order of their first occurrence."""
    return list(dict.fromkeys(name for source in facts.sources for name in source.columns))
