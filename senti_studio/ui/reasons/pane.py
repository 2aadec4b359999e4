"""Why a model gives a comment its class: the text marked, the words weighed, the training comments like
it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from senti_studio.domain.explaining import Evidence, Explanation
from senti_studio.domain.labels import Label
from senti_studio.messages import joined, message
from senti_studio.ui import formats
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.pages.label.comment_text import CommentText
from senti_studio.ui.reasons.desk import NEAREST, ReasonsDesk
from senti_studio.ui.reasons.how_bar import HowBar
from senti_studio.ui.reasons.marks import AGAINST, FOR, marks_of, marks_of_attention
from senti_studio.ui.reasons.word_bars import WordBars, signed
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.chip import Chip
from senti_studio.ui.widgets.segmented import Segmented
from senti_studio.ui.widgets.styles import text_label

LAYER = "reasons"
_TEXT_SIZE, _TEXT_HEIGHT = 15, 150


class ReasonsPane(QWidget):
    """Shows what its desk knows; ``labels`` are the classes of the model, in their order."""

    def __init__(self, theme: Theme, desk: ReasonsDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._desk = theme, desk
        self._labels: tuple[Label, ...] = ()
        self._roles: tuple[str, ...] = ()
        self.how = HowBar(theme)
        self.which = Segmented(("", ""), theme=theme)
        self.state = text_label(role="hint", size="small", wrap=True)
        self.text = CommentText(theme, _TEXT_SIZE)
        self.text.setFixedHeight(_TEXT_HEIGHT)
        self.bars = WordBars(theme)
        self.sum = text_label(role="hint", size="small", wrap=True)
        self._legend = _Legend(theme)
        self._near_title = text_label(role="second", size="small")
        self.near = [_NearRow(theme) for _ in range(NEAREST)]
        self._lay_out()
        self.which.changed.connect(lambda _: self._show_weights())
        self.how.changed.connect(lambda: desk.look(self.how.looking))
        desk.changed.connect(self.refresh)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.how)
        head.addWidget(self.which)
        head.addStretch(1)
        head.addWidget(self.state)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self.text)
        left.addWidget(self._near_title)
        for row in self.near:
            left.addWidget(row)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self._legend)
        right.addWidget(self.bars)
        right.addWidget(self.sum)
        right.addStretch(1)
        columns = QHBoxLayout()
        columns.setSpacing(20)
        columns.addLayout(left, 3)
        columns.addLayout(right, 2)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 10, 16, 12)
        whole.setSpacing(8)
        whole.addLayout(head)
        whole.addLayout(columns)

    def show_labels(self, labels: Sequence[Label], roles: Sequence[str]) -> None:
        """The classes of the model, and what the explained ones are called before their names."""
        self._labels, self._roles = tuple(labels), tuple(roles)

    def retranslate(self) -> None:
        self.how.retranslate()
        self.text.setAccessibleName(tr("The comment, marked by what counts"))
        self._near_title.setText(tr("Training comments that the model finds most alike"))
        self._legend.retranslate()
        self.refresh()

    @property
    def explanation(self) -> Explanation | None:
        """The one that is shown; None where attention is."""
        reasons = self._desk.reasons
        if reasons is None or self._desk.looking is not None:
            return None
        return reasons.explanations[min(self.which.index, len(reasons.explanations) - 1)]

    @Slot()
    def refresh(self) -> None:
        """Shows what the desk knows now."""
        desk = self._desk
        asked = desk.asked
        text = asked.text if asked is not None else ""
        if self.text.toPlainText() != text:
            self.text.show_text(text)
        self.state.setText(self._state_words())
        self.how.show_looking(desk.looking, desk.attention)
        self._show_classes()
        self._show_weights()
        self._show_near()

    def _state_words(self) -> str:
        desk = self._desk
        if desk.problem is not None:
            code, params = desk.problem
            return str(message(code, params, current_language()))
        if desk.asked is not None and not desk.is_answered:
            return tr("The model is asked…")
        return ""

    def _show_classes(self) -> None:
        reasons = self._desk.reasons
        told = reasons.explanations if reasons is not None else ()
        names = []
        for place, one in enumerate(told):
            label = self._labels[one.label] if one.label < len(self._labels) else None
            share = reasons.probabilities[one.label] if reasons is not None else 0.0
            role = self._roles[place] if place < len(self._roles) else ""
            name = f"{label.shape} {label.name}" if label is not None else str(one.label)
            names.append(f"{role} {name} {formats.score(share)}".strip())
        if names:
            self.which.set_texts(names)
            self.which.set_index(min(self.which.index, len(names) - 1))
        is_shown = bool(names) and self._desk.looking is None
        self.which.setVisible(is_shown)
        self._legend.setVisible(is_shown)

    @Slot()
    def _show_weights(self) -> None:
        if self._desk.looking is not None:
            self._show_attention()
            return
        self.sum.setToolTip("")
        told, asked = self.explanation, self._desk.asked
        if told is None or asked is None:
            self.text.set_marks(LAYER, ())
            self.bars.show_words(())
            self.sum.setText("")
            return
        self.text.set_marks(LAYER, marks_of(told))
        strongest = sorted(told.words, key=lambda word: -abs(word.weight))
        self.bars.show_words([(asked.text[word.start : word.end], word.weight) for word in strongest])
        size = abs(told.difference) or 1.0
        words = tr(
            "Score {score} = a text of this length without words {blank} + this text {difference} "
            "(logits before calibration)"
        )
        self.sum.setToolTip(
            tr(
                "Each comment is compared with a text of its own length that says nothing: what that scores "
                "may be another number for each length."
            )
        )
        self.sum.setText(
            words.format(
                score=signed(told.score, size),
                blank=signed(told.blank, size),
                difference=signed(told.difference, size),
            )
        )

    def _show_attention(self) -> None:
        self.sum.setToolTip("")
        found, asked = self._desk.attention, self._desk.asked
        if found is None or asked is None:
            self.text.set_marks(LAYER, ())
            self.bars.show_words((), are_shares=True)
            self.sum.setText("")
            return
        self.text.set_marks(LAYER, marks_of_attention(found))
        most = sorted(found.words, key=lambda word: -word.weight)
        words = [(asked.text[word.start : word.end], word.weight) for word in most]
        self.bars.show_words(words, are_shares=True)
        said = [tr("Attention tells where the net looks, not what speaks for a class.")]
        if found.rest > 0:
            marks = tr("Marks of the model itself have {share}.")
            said.append(marks.format(share=f"{found.rest:.1%}"))
        self.sum.setText(joined(*said))

    def _show_near(self) -> None:
        evidence = self._desk.evidence
        found = evidence.nearest if evidence is not None else ()
        self._near_title.setVisible(bool(found))
        for place, row in enumerate(self.near):
            one = found[place] if place < len(found) else None
            label = self._labels[one.label] if one is not None and one.label < len(self._labels) else None
            row.show_evidence(one, label)


class _NearRow(QWidget):
    """One training comment: how alike, its label, its text in one line."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.share = text_label(role="hint", size="small")
        self.share.setFixedWidth(36)
        self.chip = Chip(theme)
        self.text = text_label(size="small")
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setMinimumWidth(60)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._whole = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.share)
        row.addWidget(self.chip)
        row.addWidget(self.text, 1)
        self.hide()

    def show_evidence(self, one: Evidence | None, label: Label | None) -> None:
        self.setVisible(one is not None)
        if one is None:
            return
        self.share.setText(f"{one.similarity:.2f}")
        self.chip.set_label(label)
        self._whole = " ".join(one.text.split())
        self.text.setToolTip(self._whole[:2000])
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = max(60, self.width() - self.text.x() - 2)
        metrics = self.text.fontMetrics()
        self.text.setText(metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, room))


class _Legend(QWidget):
    """Blue for, orange and dashed against."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._for, self._against = text_label(size="small"), text_label(size="small")
        for label in (self._for, self._against):
            label.setTextFormat(Qt.TextFormat.RichText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._for)
        row.addWidget(self._against)
        theme.changed.connect(self.retranslate)

    @Slot()
    def retranslate(self) -> None:
        for label, token, mark, words in (
            (self._for, FOR, "■ +", tr("speaks for it")),
            (self._against, AGAINST, "■ − ┄", tr("speaks against it")),
        ):
            label.setText(f'<span style="color:{self._theme.hex(token)}">{mark}</span> {words}')
