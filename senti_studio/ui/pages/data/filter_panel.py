"""The filter at the left: labels, states, sources, each with its number of comments."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from senti_studio.domain.comments import CommentFilter, Source
from senti_studio.ui.fonts import font
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.data.delegate import paint_checkbox
from senti_studio.ui.pages.data.presenter import Facts
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.marks import paint_mark
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.styles import line, text_label

WIDTH = 240


class FacetBox(QCheckBox):
    """A checkbox with an optional shape, a name and a right-aligned number."""

    menu_wanted = Signal(QPoint)

    def __init__(self, theme: Theme, name: str, count: int, *, appearance: str = "") -> None:
        super().__init__()
        self._theme = theme
        self.name = name
        self.count = count
        self._appearance = appearance
        self.setFixedHeight(26)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"{name} {number(count)}")
        self.setToolTip(name)

    def set_count(self, count: int) -> None:
        if count != self.count:
            self.count = count
            self.setAccessibleName(f"{self.name} {number(count)}")
            self.update()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH - 32, 26)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        paint_checkbox(painter, QRectF(0, 0, 16, self.height()), self.checkState(), theme)
        left = 24.0
        if self._appearance:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_mark(painter, QRectF(left, self.height() / 2 - 4.5, 9, 9), self._appearance, theme)
            left += 17
        small = font("small")
        words = number(self.count)
        wide = QFontMetrics(small).horizontalAdvance(words) + 2
        painter.setFont(small)
        painter.setPen(theme.colour("text3"))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(self.width() - wide, 0, wide, self.height()), right, words)
        face = font("ui")
        painter.setFont(face)
        painter.setPen(theme.colour("text"))
        room = QRectF(left, 0, self.width() - wide - left - 8, self.height())
        name = QFontMetrics(face).elidedText(self.name, Qt.TextElideMode.ElideMiddle, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(-2, 1, 2, -1), 4, 4)


class _Group(QWidget):
    """A title and its boxes."""

    def __init__(self) -> None:
        super().__init__()
        self.title = text_label(bold=True)
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(16, 12, 16, 10)
        self.rows.setSpacing(0)
        self.rows.addWidget(self.title)
        self.rows.addSpacing(4)
        self.boxes: dict[int, FacetBox] = {}

    def set_boxes(self, boxes: Sequence[tuple[int, FacetBox]]) -> None:
        for old in self.boxes.values():
            self.rows.removeWidget(old)
            old.hide()
            old.deleteLater()  # with its parent still there: two owners would both delete it
        self.boxes = dict(boxes)
        for _, box in boxes:
            self.rows.addWidget(box)

    def chosen(self) -> frozenset[int]:
        return frozenset(key for key, box in self.boxes.items() if box.isChecked())


UNLABELLED = 0
"""Key of the box for comments without a label; labels have their own ids, from 1."""
SKIPPED, FLAGGED = 1, 2


class FilterPanel(QFrame):
    """`changed` when the user ticked something; `read` adds the choice to a filter."""

    changed = Signal()
    remove_wanted = Signal(object)
    """`Source`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filterPanel")
        self._theme = theme
        self._facts: Facts | None = None
        self._made_for: object = None
        self.setFixedWidth(WIDTH)
        self.title = text_label(bold=True)
        self.clear = button(theme=theme, kind="link")
        self.clear.set_dense()
        self.clear.clicked.connect(self._clear)
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 8, 0)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.clear)
        top = QWidget()
        top.setFixedHeight(39)
        top.setLayout(head)
        self.labels, self.sources, self.states = _Group(), _Group(), _Group()
        inner = QWidget()
        inner.setObjectName("scrolled")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for group in (self.labels, self.sources, self.states):
            column.addWidget(group)
            column.addWidget(line())
        column.addStretch(1)
        scroll = scrolled(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 1, 0)
        outer.setSpacing(0)
        outer.addWidget(top)
        outer.addWidget(line())
        outer.addWidget(scroll, 1)
        self.refresh_theme()

    def retranslate(self) -> None:
        self.title.setText(tr("Filter"))
        self.clear.setText(tr("Clear filter"))
        self.labels.title.setText(tr("Labels"))
        self.sources.title.setText(tr("Sources"))
        self.states.title.setText(tr("State"))
        self._made_for = None
        if self._facts is not None:
            self.show_facts(self._facts)
        self._show_clear()

    def refresh_theme(self) -> None:
        theme = self._theme
        self.setStyleSheet(
            f"QFrame#filterPanel {{ background: {theme.hex('surface')}; border: none;"
            f" border-right: 1px solid {theme.hex('border')}; }}"
        )

    def show_facts(self, facts: Facts | None) -> None:
        """New numbers; boxes are made anew only when labels or sources came or went."""
        self._facts = facts
        if facts is None:
            self._made_for = None
            for group in (self.labels, self.sources, self.states):
                group.set_boxes([])
            self._show_clear()
            return
        made_for = (facts.labels, tuple((source.id, source.name) for source in facts.sources))
        if made_for != self._made_for:
            self._made_for = made_for
            self._make(facts)
        counts = facts.counts
        self.labels.boxes[UNLABELLED].set_count(counts.unlabelled)
        for label in facts.labels:
            self.labels.boxes[label.id].set_count(counts.by_label.get(label.id, 0))
        for source in facts.sources:
            self.sources.boxes[source.id].set_count(source.row_count)
        self.states.boxes[SKIPPED].set_count(counts.skipped)
        self.states.boxes[FLAGGED].set_count(counts.flagged)
        self._show_clear()

    def _make(self, facts: Facts) -> None:
        chosen = [group.chosen() for group in (self.labels, self.sources, self.states)]
        labels = [(UNLABELLED, FacetBox(self._theme, tr("Unlabelled"), 0))]
        labels += [
            (label.id, FacetBox(self._theme, label.name, 0, appearance=label.appearance))
            for label in facts.labels
        ]
        sources = [(source.id, FacetBox(self._theme, source.name, 0)) for source in facts.sources]
        states = [
            (SKIPPED, FacetBox(self._theme, tr("Skipped"), 0)),
            (FLAGGED, FacetBox(self._theme, tr("Flagged"), 0)),
        ]
        self.labels.set_boxes(labels)
        self.sources.set_boxes(sources)
        self.states.set_boxes(states)
        for group, old in zip((self.labels, self.sources, self.states), chosen, strict=True):
            for key, box in group.boxes.items():
                box.setChecked(key in old)
                box.toggled.connect(self._tell)
        for source in facts.sources:
            self.sources.boxes[source.id].menu_wanted.connect(lambda at, which=source: self._menu(which, at))

    def _menu(self, source: Source, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        remove = menu.addAction(tr("Remove {name}").format(name=source.name.replace("&", "&&")))
        remove.triggered.connect(lambda: self.remove_wanted.emit(source))
        menu.popup(at)

    # ---- the filter ----------------------------------------------------------------------------------------

    def read(self, wanted: CommentFilter) -> CommentFilter:
        """``wanted`` with what is ticked here."""
        labels, states = self.labels.chosen(), self.states.chosen()
        return dataclasses.replace(
            wanted,
            label_ids=labels - {UNLABELLED},
            unlabelled=UNLABELLED in labels,
            source_ids=self.sources.chosen(),
            skipped=True if SKIPPED in states else None,
            flagged=True if FLAGGED in states else None,
        )

    def show_filter(self, wanted: CommentFilter) -> None:
        """Ticks what the filter says, without sending `changed`."""
        labels = wanted.label_ids | ({UNLABELLED} if wanted.unlabelled else set())
        states = {key for key, on in ((SKIPPED, wanted.skipped), (FLAGGED, wanted.flagged)) if on}
        for group, keys in ((self.labels, labels), (self.sources, wanted.source_ids), (self.states, states)):
            for key, box in group.boxes.items():
                box.blockSignals(True)
                box.setChecked(key in keys)
                box.blockSignals(False)
                box.update()
        self._show_clear()

    @property
    def is_clear(self) -> bool:
        return not (self.labels.chosen() or self.sources.chosen() or self.states.chosen())

    @Slot()
    def _tell(self) -> None:
        self._show_clear()
        self.changed.emit()

    @Slot()
    def _clear(self) -> None:
        self.show_filter(CommentFilter())
        self.changed.emit()

    def _show_clear(self) -> None:
        self.clear.setVisible(not self.is_clear)
