"""Two near-copies side by side, the words marked in which they differ."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QWidget

from senti_studio.domain.comments import Comment
from senti_studio.domain.labels import Label
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.comment_text import CommentText
from senti_studio.ui.pages.label.painted_text import PaintedText
from senti_studio.ui.pages.label.review.differences import Span, differing
from senti_studio.ui.pages.label.text_marks import Mark, Stroke
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.chip import Chip
from senti_studio.ui.widgets.styles import line

LAYER = "difference"


class PairSide(Card):
    """One comment of a pair, its label above, and a menu that labels it alone."""

    labelled = Signal(int)
    """Place of the label for this comment alone."""

    def __init__(self, theme: Theme, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(" ")
        self.title_label.hide()
        self.facts = PaintedText(theme, ink="text2")
        self.header.insertWidget(0, self.facts, 1)
        self.chip = Chip(theme)
        self.header.addWidget(self.chip)
        self.body.setContentsMargins(24, 12, 12, 0)
        self.text = CommentText(theme, size)
        self.body.addWidget(self.text, 1)
        self.alone = button(theme=theme, kind="quiet")
        self._menu = QMenu(self)
        self.alone.setMenu(self._menu)
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(12, 4, 12, 4)
        row.addWidget(self.alone)
        row.addStretch(1)
        outer = self.layout()
        assert outer is not None
        outer.addWidget(line())
        outer.addWidget(foot)

    def retranslate(self) -> None:
        self.alone.setText(tr("Label this one alone"))

    def set_labels(self, labels: Sequence[Label]) -> None:
        self._menu.clear()
        for place, label in enumerate(labels):
            self._menu.addAction(label.name, lambda which=place: self.labelled.emit(which))

    def show_comment(self, comment: Comment, label: Label | None, spans: Sequence[Span]) -> None:
        """``spans``: what the other comment does not have."""
        facts = tr("Row {row} · {length} characters").format(
            row=number(comment.row), length=number(len(comment.text))
        )
        self.facts.setText(facts)
        self.chip.set_label(label)
        shown = comment.text if comment.text.strip() else tr("(blank comment)")
        if self.text.toPlainText() != shown:
            self.text.show_text(shown)
            self.text.setAccessibleName(comment.text[:500])
        marks = [Mark(start, end, Stroke.GROUND, "warn-soft") for start, end in spans]
        marks += [Mark(start, end, Stroke.SOLID, "warn-fill") for start, end in spans]
        self.text.set_marks(LAYER, marks)


class PairCard(QWidget):
    """`labelled` carries the side (0 left, 1 right) and the place of the label."""

    labelled = Signal(int, int)

    def __init__(self, theme: Theme, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sides = (PairSide(theme, size), PairSide(theme, size))
        self._texts = ("", "")
        self._spans: tuple[list[Span], list[Span]] = ([], [])
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for place, side in enumerate(self.sides):
            side.labelled.connect(lambda label, which=place: self.labelled.emit(which, label))
            row.addWidget(side, 1)

    def retranslate(self) -> None:
        for side in self.sides:
            side.retranslate()

    def set_labels(self, labels: Sequence[Label]) -> None:
        for side in self.sides:
            side.set_labels(labels)

    def set_narrow(self, narrow: bool) -> None:
        """One above the other where there is no room side by side."""
        ways = QBoxLayout.Direction
        self._row.setDirection(ways.TopToBottom if narrow else ways.LeftToRight)

    def set_size(self, size: int) -> None:
        for side in self.sides:
            side.text.set_size(size)

    def page(self, by: int) -> None:
        """Scrolls both texts."""
        for side in self.sides:
            side.text.page(by)

    def show_pair(self, comments: Sequence[Comment], labels: Sequence[Label | None]) -> None:
        texts = (comments[0].text, comments[1].text)
        if texts != self._texts:
            self._texts, self._spans = texts, differing(*texts)
        for side, comment, label, spans in zip(self.sides, comments, labels, self._spans, strict=True):
            side.show_comment(comment, label, spans)
