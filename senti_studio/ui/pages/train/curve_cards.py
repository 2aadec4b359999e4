"""The two cards with the live curves: legends as widgets, and the same numbers in words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.pages.train.history import Curves, RunHistory, ValidPoint
from senti_studio.ui.pages.train.plots import (
    ACCURACY,
    GHOST,
    MACRO_F1,
    RAW,
    SMOOTH,
    VALID_LOSS,
    CurvePlot,
    PlotPair,
    PlotTexts,
    Series,
)
from senti_studio.ui.pages.train.scales import GrowingRange
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.card import Card

_SAMPLE = 20
_DASHES = {"dash": [3.0, 1.5], "dot": [1.5, 2.5]}


class LegendEntry(QWidget):
    """A short piece of a curve and its name."""

    def __init__(self, series: Series, theme: Theme) -> None:
        super().__init__()
        self._series = series
        self._theme = theme
        self._text = ""

    def set_text(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.setFixedSize(self.sizeHint())
            self.update()

    def sizeHint(self) -> QSize:
        width = min(150, QFontMetrics(font("small")).horizontalAdvance(self._text) + 2)
        return QSize(_SAMPLE + 6 + width, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        pen = QPen(self._theme.colour(self._series.token), self._series.width)
        if self._series.dash in _DASHES:
            pen.setDashPattern(_DASHES[self._series.dash])
        painter.setPen(pen)
        painter.drawLine(QPointF(0, middle), QPointF(_SAMPLE, middle))
        if self._series.marker:
            painter.setPen(QPen(self._theme.colour(self._series.token), 1.8))
            painter.setBrush(self._theme.colour("surface"))
            box = QRectF(_SAMPLE / 2 - 3, middle - 3, 6, 6)
            if self._series.marker == "o":
                painter.drawEllipse(box)
            else:
                painter.drawRect(box)
        painter.setPen(self._theme.colour("text2"))
        painter.setFont(font("small"))
        room = QRectF(_SAMPLE + 6, 0, self.width() - _SAMPLE - 6, self.height())
        words = painter.fontMetrics().elidedText(
            self._text, Qt.TextElideMode.ElideRight, int(room.width()) + 1
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)


class CurveCards(QWidget):
    """Both cards. Feed it with `show_run`; `mark_dirty` after new points."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._history: RunHistory | None = None
        self._curves: Curves | None = None
        self._ghosts: list[tuple[str, Curves]] = []
        self._loss_card, self._score_card = Card(), Card()
        self.loss = CurvePlot(
            (RAW, SMOOTH, VALID_LOSS), GrowingRange(0.0, 1.2, fixed_low=True), theme, self._loss_card
        )
        self.score = CurvePlot((ACCURACY, MACRO_F1), GrowingRange(0.5, 1.0, cap=1.0), theme, self._score_card)
        self.pair = PlotPair(self.loss, self.score)
        self._legends: dict[str, LegendEntry] = {}
        self._add_card(self._loss_card, self.loss, (SMOOTH, RAW, VALID_LOSS), "ghost_loss")
        self._add_card(self._score_card, self.score, (ACCURACY, MACRO_F1), "ghost_score")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(self._loss_card, 1)
        layout.addWidget(self._score_card, 1)

    def _add_card(self, card: Card, plot: CurvePlot, series: Sequence[Series], ghost: str) -> None:
        card.set_title(" ")
        card.layout().itemAt(1).widget().hide()  # type: ignore[union-attr]  # no line: the plot follows at once
        card.body.setContentsMargins(0, 0, 0, 0)
        card.body.addWidget(plot)
        row = QHBoxLayout()
        row.setSpacing(16)
        for each in series:
            self._legends[each.name] = LegendEntry(each, self._theme)
            row.addWidget(self._legends[each.name])
        self._legends[ghost] = LegendEntry(GHOST, self._theme)
        row.addWidget(self._legends[ghost])
        card.header.addLayout(row)

    def show_run(self, history: RunHistory | None, ghosts: Sequence[tuple[str, Curves]]) -> None:
        """Shows a run, and earlier runs (name, curves) as dotted lines."""
        self._history = history
        self._ghosts = list(ghosts)
        curves = self._curves = history.curves if history else None
        self.pair.show(curves, [each for _, each in self._ghosts], is_live=self._is_live())
        self._write()

    def mark_dirty(self) -> None:
        """The run shown has new points; they appear within a quarter of a second."""
        if self._history is not None and self._history.curves is not self._curves:
            self.show_run(self._history, self._ghosts)  # the next trial of a repeated training
            return
        self.pair.mark_dirty(is_live=self._is_live())
        self._write()

    def _is_live(self) -> bool:
        return self._history is not None and self._history.state.is_active

    def retranslate(self) -> None:
        self._loss_card.set_title(self.tr("Loss"))
        self._score_card.set_title(self.tr("On the validation part"))
        for card in (self._loss_card, self._score_card):
            card.layout().itemAt(1).widget().hide()  # type: ignore[union-attr]
        epochs, step = self.tr("{n} epochs"), self.tr("step {n}")

        def best(point: ValidPoint, value: float) -> str:
            return self.tr("best: step {step} · {value}").format(step=f"{point.step:,}", value=f"{value:.3f}")

        self.loss.set_texts(PlotTexts(self.tr("Loss"), epochs, step, lambda point: best(point, point.loss)))
        self.score.set_texts(
            PlotTexts(self.tr("On the validation part"), epochs, step, lambda point: best(point, point.score))
        )
        self._legends["smooth"].set_text(self.tr("Training (smoothed)"))
        self._legends["raw"].set_text(self.tr("Training (raw)"))
        self._legends["valid_loss"].set_text(self.tr("Validation"))
        self._write()
        self.pair.redraw()

    def refresh_theme(self) -> None:
        self.loss.refresh_theme()
        self.score.refresh_theme()
        for entry in self._legends.values():
            entry.update()

    def _write(self) -> None:
        """Legends with the newest numbers, and the text twins of both plots."""
        curves = self._history.curves if self._history else Curves()
        last = curves.valid[-1] if curves.valid else None
        accuracy, macro_f1 = self.tr("Accuracy"), self.tr("Macro F1")
        adapts = self._history is not None and self._history.adapting is not None
        accuracy = self.tr("Guessed right") if adapts else accuracy
        self._legends["accuracy"].set_text(f"{accuracy} {formats.score(last.accuracy)}" if last else accuracy)
        self._legends["macro_f1"].set_text(f"{macro_f1} {formats.score(last.macro_f1)}" if last else macro_f1)
        self._legends["macro_f1"].setVisible(not adapts)
        self._write_ghosts(macro_f1)
        self.loss.plot.setAccessibleDescription(self._twin(self.tr("Validation loss"), curves, "loss"))
        what = (self.tr("Validation macro F1"), "macro_f1") if not adapts else (accuracy, "accuracy")
        self.score.plot.setAccessibleDescription(self._twin(what[0], curves, what[1]))

    def _write_ghosts(self, macro_f1: str) -> None:
        names = [name for name, _ in self._ghosts]
        words = names[0] if len(names) == 1 else self.tr("{n} earlier runs").format(n=len(names))
        for key, what in (("ghost_loss", self.tr("Validation")), ("ghost_score", macro_f1)):
            self._legends[key].setVisible(bool(names))
            if names:
                self._legends[key].set_text(f"{words} {what}" if len(names) == 1 else words)

    def _twin(self, what: str, curves: Curves, value: str) -> str:
        if not curves.valid or curves.best is None:
            return self.tr("{what}: no evaluation yet").format(what=what)
        last, best = curves.valid[-1], curves.best
        return self.tr("{what}: epoch {epoch} {value}, best epoch {best_epoch} {best}").format(
            what=what,
            epoch=f"{last.epoch:.1f}",
            value=formats.score(getattr(last, value)),
            best_epoch=f"{best.epoch:.1f}",
            best=formats.score(getattr(best, value)),
        )
