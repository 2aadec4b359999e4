"""Whether the model's confidence can be believed: how often it is right when it is so sure."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from senti_studio.domain.calibration import Bin
from senti_studio.messages import joined
from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.pages.evaluate.shown import Confidence, EvaluationShown
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.styles import text_label

_LEFT, _BOTTOM, _TOP, _RIGHT = 34, 22, 8, 12
_DOT = 4.5
_NEAR = 0.02
"""An error below two points is what the eye takes for none."""


class ReliabilityPlot(QWidget):
    """Across: how sure the model was; up: the share that was right, with its 95 % interval."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bins: tuple[Bin, ...] = ()
        self.setMinimumSize(220, 150)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(340, 190)

    def show_bins(self, bins: tuple[Bin, ...]) -> None:
        self._bins = bins
        self.setAccessibleName(tr("Is the confidence right?"))
        self.setAccessibleDescription("; ".join(map(_twin, bins)))
        self.update()

    @property
    def _lowest(self) -> float:
        """Where both scales begin: a tenth below the least sure bin, 0.9 at most."""
        least = min((each.confidence for each in self._bins), default=0.5)
        return max(0.0, min(0.9, int(least * 10) / 10))

    def _place(self, across: float, up: float) -> QPointF:
        low = self._lowest
        width, height = self.width() - _LEFT - _RIGHT, self.height() - _TOP - _BOTTOM
        x = _LEFT + width * (across - low) / (1 - low)
        y = _TOP + height * (1 - up)
        return QPointF(x, y)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_scales(painter)
        low = self._lowest
        painter.setPen(QPen(self._theme.colour("text3"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(self._place(low, low), self._place(1.0, 1.0))
        self._paint_bins(painter)

    def _paint_scales(self, painter: QPainter) -> None:
        painter.setFont(font("small"))
        for step in range(0, 11, 2):
            value = step / 10
            place = self._place(self._lowest, value)
            painter.setPen(QPen(self._theme.colour("grid" if step else "border-ctl"), 1))
            painter.drawLine(place, QPointF(self.width() - _RIGHT, place.y()))
            painter.setPen(self._theme.colour("text3"))
            box = QRectF(0, place.y() - 8, _LEFT - 8, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:.1f}")
        first = round(self._lowest * 10)
        step = 2 if first < 6 else 1
        for tenth in range(10, first - 1, -step):
            place = self._place(tenth / 10, 0.0)
            box = QRectF(place.x() - 20, place.y() + 4, 40, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{tenth / 10:.1f}")

    def _paint_bins(self, painter: QPainter) -> None:
        ink = self._theme.colour("accent")
        dots = [self._place(each.confidence, each.accuracy) for each in self._bins]
        painter.setPen(QPen(ink, 1))
        for each in self._bins:
            low, high = each.interval
            painter.drawLine(self._place(each.confidence, low), self._place(each.confidence, high))
        painter.setPen(QPen(ink, 2))
        painter.drawPolyline(dots)
        painter.setBrush(self._theme.colour("surface"))
        for dot in dots:
            painter.drawEllipse(dot, _DOT, _DOT)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            x = event.pos().x()
            near = min(
                self._bins, key=lambda each: abs(self._place(each.confidence, 0).x() - x), default=None
            )
            QToolTip.showText(event.globalPos(), _twin(near) if near is not None else "", self)
            return True
        return super().event(event)


def _twin(each: Bin) -> str:
    low, high = each.interval
    words = counted(
        each.rows,
        marked("1 row, {sure} sure: {right} right [{low}, {high}]"),
        marked("{n} rows, {sure} sure on average: {right} right [{low}, {high}]"),
    )
    return words.format(
        n=formats.number(each.rows),
        sure=formats.percent(each.confidence),
        right=formats.percent(each.accuracy),
        low=formats.percent(low).rstrip("%"),
        high=formats.percent(high).rstrip("%"),
    )


class ReliabilityCard(Card):
    """The picture, and one line that says what it means."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._confidence: Confidence | None = None
        self.plot = ReliabilityPlot(theme)
        self.words = text_label(size="small", role="second", wrap=True)
        self.body.setContentsMargins(12, 8, 12, 10)
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(self.words)

    def show_evaluation(self, shown: EvaluationShown | None) -> None:
        self._confidence = shown.confidence if shown is not None else None
        self.plot.show_bins(self._confidence.bins if self._confidence is not None else ())
        self._write()

    def _write(self) -> None:
        found = self._confidence
        if found is None or not found.now.rows:
            self.words.setText("")
            return
        gap, luck = f"{found.now.ece * 100:.1f}", f"{found.now.chance * 100:.1f}"
        if found.now.is_luck:
            text = self.tr(
                "Nothing wrong that these rows could show: {n} points off (ECE), luck alone gives {m} "
                "on average."
            )
        elif abs(found.now.lean) < _NEAR:
            text = self.tr("As sure as it is right, as a whole; {n} points off on average (ECE).")
        elif found.now.lean > 0:
            text = self.tr("Too sure; {n} points off on average (ECE).")
        else:
            text = self.tr("Less sure than it could be; {n} points off on average (ECE).")
        said = [text.format(n=gap, m=luck)]
        if found.temperature != 1.0:
            before = self.tr("Uncalibrated (temperature {t}) it would be {n}.")
            said.append(before.format(t=f"{found.temperature:.2f}", n=f"{found.before.ece * 100:.1f}"))
        self.words.setText(joined(*said))
        self.words.setToolTip(f"Brier {found.before.brier:.3f} → {found.now.brier:.3f}")

    def retranslate(self) -> None:
        self.set_title(self.tr("Is the confidence right?"), self.tr("across: confidence · up: share right"))
        self.plot.show_bins(self._confidence.bins if self._confidence is not None else ())
        self._write()
