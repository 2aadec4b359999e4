"""The card beside what is looked at: what the label is and could be, and one button for each answer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from senti_studio.domain.labels import Label
from senti_studio.ui.formats import score
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.label_button import LabelButton
from senti_studio.ui.pages.label.painted_text import PaintedText
from senti_studio.ui.pages.label.review.frozen_list import Kind
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.chip import Chip
from senti_studio.ui.widgets.styles import text_label

_ONE_COLUMN = 4


class SideCard(Card):
    """Sends what was clicked; its geometry never depends on the item in view."""

    chosen = Signal(int)
    accepted = Signal()
    kept = Signal()
    put_off = Signal()
    side_taken = Signal(int)

    def __init__(self, kind: Kind, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._kind, self._theme = kind, theme
        self.buttons: list[LabelButton] = []
        self.body.setContentsMargins(12, 12, 12, 12)
        self._suggested = text_label(role="second")
        self._now = text_label(role="second")
        self.suggestion = Chip(theme)
        self.now = Chip(theme)
        self.sure = PaintedText(theme, ink="text2")
        for words, chip in ((self._now, self.now), (self._suggested, self.suggestion)):
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(words)
            row.addWidget(chip)
            if chip is self.suggestion:
                row.addWidget(self.sure, 1)
            else:
                row.addStretch(1)
            self.body.addLayout(row)
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        self.body.addLayout(self._grid)
        self._build_answers()
        self.body.addStretch(1)

    def _build_answers(self) -> None:
        theme = self._theme
        self.accept = button(theme=theme, icon="check")
        self.left = button(theme=theme, icon="left")
        self.right = button(theme=theme, icon="right")
        self.keep = button(theme=theme, icon="lock")
        self.later = button(theme=theme, icon="skip")
        self.accept.clicked.connect(lambda: self.accepted.emit())
        self.left.clicked.connect(lambda: self.side_taken.emit(0))
        self.right.clicked.connect(lambda: self.side_taken.emit(1))
        self.keep.clicked.connect(lambda: self.kept.emit())
        self.later.clicked.connect(lambda: self.put_off.emit())
        self.body.addWidget(self.accept)
        is_pair = self._kind is Kind.PAIRS
        for pair in ((self.left, self.right), (self.keep, self.later)):
            row = QHBoxLayout()
            row.setSpacing(8)
            for made in pair:
                row.addWidget(made, 1)
            self.body.addLayout(row)
        self.left.setVisible(is_pair)
        self.right.setVisible(is_pair)
        self._now.setVisible(not is_pair)
        self.now.setVisible(not is_pair)

    def retranslate(self) -> None:
        is_pair = self._kind is Kind.PAIRS
        self.set_title(tr("Which label is right?"))
        self._now.setText(tr("Labelled"))
        self._suggested.setText(tr("Suggested"))
        self.accept.setText(tr("Take the suggested one"))
        self.left.setText(tr("Left is right"))
        self.right.setText(tr("Right is right"))
        self.keep.setText(tr("Both are right") if is_pair else tr("Label is right"))
        self.later.setText(tr("Later"))

    def set_labels(self, labels: Sequence[Label], keys: Sequence[str]) -> None:
        """Makes the buttons anew."""
        for old in self.buttons:
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.buttons = []
        columns = 1 if len(labels) <= _ONE_COLUMN else 2
        rows = -(-len(labels) // columns)
        for place, label in enumerate(labels):
            made = LabelButton(label, keys[place] if place < len(keys) else "", self._theme, low=True)
            made.clicked.connect(lambda _=False, which=place: self.chosen.emit(which))
            self._grid.addWidget(made, place % rows, place // rows)
            self.buttons.append(made)

    def set_keys(self, labels: Sequence[str], keys: Sequence[str]) -> None:
        """What the keycaps say: of the labels, and of accept, left, right, keep, later."""
        for made, key in zip(self.buttons, labels, strict=False):
            made.set_key(key)
        for other, key in zip((self.accept, self.left, self.right, self.keep, self.later), keys, strict=True):
            other.set_key(key)

    def show_item(self, now: Label | None, suggested: Label | None, probability: float) -> None:
        """The present label (of one comment) and what the assistant says instead."""
        self.now.set_label(now)
        self.suggestion.setVisible(suggested is not None)
        if suggested is not None:
            self.suggestion.set_label(suggested)
        self.sure.setText(score(probability, decimals=2) if suggested is not None else tr("nothing"))
        for made in self.buttons:
            made.set_current(now is not None and made.label.id == now.id)
            is_suggested = suggested is not None and made.label.id == suggested.id
            made.set_suggestion(None, suggested=is_suggested)
        self.accept.setEnabled(suggested is not None)

    @property
    def is_suggestion_seen(self) -> bool:
        """Whether the suggestion for the item in view was painted, and so was the item."""
        return any(made.is_seen for made in self.buttons)

    def set_enabled(self, enabled: bool) -> None:
        for made in (*self.buttons, self.accept, self.left, self.right, self.keep, self.later):
            made.setEnabled(enabled)
