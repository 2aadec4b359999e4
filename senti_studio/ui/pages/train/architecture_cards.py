"""The cards of the networks: what each is, what it last reached, and which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QVBoxLayout, QWidget

from senti_studio.domain.architectures import (
    ARCHITECTURES,
    PRESETS,
    architecture_name,
    has_presets,
    preset_name,
)
from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import current_language, marked
from senti_studio.ui.models.run_table import RunRow
from senti_studio.ui.theme import Theme

WORDS = {
    "lstm": marked("remembers over long comments"),
    "gru": marked("lighter and a little faster"),
    "rnn": marked("the plain one, to learn from"),
    "textcnn": marked("short phrases anywhere; fast"),
    "bert": marked("good with few labels; slower"),
    "baseline": marked("baseline; ready in seconds"),
}
"""What each architecture is, in a few words."""


HEIGHT = 62
HEIGHT_OF_NEW = 40
"""A network that was never trained has nothing to tell yet: all cards together leave room for the options."""


class ArchitectureCard(QAbstractButton):
    """A painted radio card of two lines."""

    def __init__(self, name: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.words = ""
        self.figures: list[tuple[str, str]] = []
        self.setText(name)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.set_figures([])

    def set_figures(self, figures: list[tuple[str, str]]) -> None:
        """What the second line tells, (title, value); without one the card is lower."""
        self.figures = figures
        self.setFixedHeight(HEIGHT if figures else HEIGHT_OF_NEW)

    def sizeHint(self) -> QSize:
        return QSize(280, HEIGHT if self.figures else HEIGHT_OF_NEW)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        colour = self._theme.colour
        width = 2.0 if on else 1.0
        painter.setPen(QPen(colour("accent" if on else "border"), width))
        painter.setBrush(colour("accent-soft" if on else "hover" if self.underMouse() else "surface"))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
        self._paint_dot(painter, QPointF(23, 20), on)
        if self.hasFocus():
            painter.setPen(QPen(colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 4, -4, -4), 6, 6)
        painter.setFont(font("list", bold=True))
        painter.setPen(colour("text" if self.isEnabled() else "disabled"))
        painter.drawText(QRectF(40, 9, 110, 22), Qt.AlignmentFlag.AlignVCenter, self.text())
        left = 46 + painter.fontMetrics().horizontalAdvance(self.text())
        painter.setFont(font("small"))
        painter.setPen(colour("text2"))
        room = QRectF(left, 9, self.width() - left - 12, 22)
        words = painter.fontMetrics().elidedText(self.words, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        self._paint_figures(painter)

    def _paint_dot(self, painter: QPainter, centre: QPointF, on: bool) -> None:
        painter.setBrush(self._theme.colour("surface"))
        painter.setPen(QPen(self._theme.colour("accent" if on else "border-ctl"), 5 if on else 1))
        radius = 5.5 if on else 7.5
        painter.drawEllipse(centre, radius, radius)

    def _paint_figures(self, painter: QPainter) -> None:
        painter.setFont(font("small"))
        x = 40.0
        for title, value in self.figures:
            for words, token in ((title, "text3"), (value, "text")):
                painter.setPen(self._theme.colour(token))
                width = painter.fontMetrics().horizontalAdvance(words)
                painter.drawText(QRectF(x, 33, width + 2, 20), Qt.AlignmentFlag.AlignVCenter, words)
                x += width + 6
            x += 12


class ArchitectureCards(QWidget):
    """One card for each network; arrows move between them."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: dict[str, ArchitectureCard] = {}
        self._runs: list[RunRow] = []
        self._preset = next(iter(PRESETS))
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for key in ARCHITECTURES:
            card = ArchitectureCard(architecture_name(key), theme, self)
            card.setObjectName(f"architecture_{key}")
            card.toggled.connect(lambda on, key=key: self.chosen.emit(key) if on else None)
            self._group.addButton(card)
            self.cards[key] = card
            layout.addWidget(card)
        self.choose(ARCHITECTURES[0])

    @property
    def current(self) -> str:
        return next((key for key, card in self.cards.items() if card.isChecked()), ARCHITECTURES[0])

    def choose(self, key: str) -> None:
        """Chooses a card; an unknown key leaves the choice as it is."""
        if key in self.cards:
            self.cards[key].setChecked(True)

    def set_runs(self, rows: Sequence[RunRow]) -> None:
        """What each network reached last is told of these runs, newest first."""
        self._runs = [row for row in rows if row.architecture and row.macro_f1 is not None]
        self._write()

    def set_preset(self, preset: str) -> None:
        """Runs of this preset (of domain.architectures, "" for own options) count before others."""
        if preset != self._preset:
            self._preset = preset
            self._write()

    def retranslate(self) -> None:
        for key, card in self.cards.items():
            card.words = self.tr(WORDS[key])
        self._write()

    def _write(self) -> None:
        for key, card in self.cards.items():
            card.set_figures(self._figures(key))
            card.setAccessibleName(f"{card.text()}, {card.words}")
            card.setAccessibleDescription(", ".join(f"{title} {value}" for title, value in card.figures))
            card.update()

    def _figures(self, key: str) -> list[tuple[str, str]]:
        """Of the last run with the preset that is chosen; else of the last one, and of which preset it is."""
        runs = [row for row in self._runs if row.architecture == key]
        if not runs:
            return []
        alike = (row for row in runs if row.preset == self._preset)
        last = next(alike, runs[0]) if has_presets(key) else runs[0]
        titles = self.tr("Last macro F1"), self.tr("Last took")
        if has_presets(key) and last.preset != self._preset:
            name = preset_name(last.preset, current_language()) or self.tr("custom")
            titles = self.tr("{preset}: macro F1").format(preset=name), self.tr("took")
        values = formats.score(last.macro_f1), formats.duration(last.seconds)
        return list(zip(titles, values, strict=True))

    def refresh_theme(self) -> None:
        for card in self.cards.values():
            card.update()
