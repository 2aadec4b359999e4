"""The picture of the label-budget curve. Imports pyqtgraph, so it waits until somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from senti_studio.domain.label_budget import BudgetCurve
from senti_studio.domain.labels import Label
from senti_studio.ui.fonts import font
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.budget_words import twin
from senti_studio.ui.pages.train.scales import nice_step, ticks
from senti_studio.ui.theme import Theme

AXIS_WIDTH = 44
_SYMBOLS = {
    "pos": "t1",
    "neu": "o",
    "neg": "t",
    "purple": "d",
    "brown": "s",
    "sky": "p",
    "star": "star",
    "right": "t2",
    "left": "t3",
}
_OUTLINES = {
    "outline-up": "t1",
    "outline-down": "t",
    "outline-diamond": "d",
    "outline-circle": "o",
    "outline-square": "s",
    "outline-pentagon": "p",
    "outline-star": "star",
    "outline-right": "t2",
    "outline-left": "t3",
}


class BudgetPlot(QWidget):
    """Macro F1 with error bars and its curve with a band, dashed beyond today; a thin line a label."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._curve: BudgetCurve | None = None
        self._labels: Sequence[Label] = ()
        pg.setConfigOptions(antialias=True)
        self.plot = pg.PlotWidget(parent=self, background=None)
        self.plot.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        self.plot.setMinimumHeight(150)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        item = self.plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(x=False, y=False)
        item.setContentsMargins(0, 6, 24, 0)
        self._left, self._bottom = item.getAxis("left"), item.getAxis("bottom")
        look: dict[str, Any] = {"tickFont": font("small"), "tickAlpha": 255, "hideOverlappingLabels": 40}
        self._left.setWidth(AXIS_WIDTH)
        self._left.setStyle(tickLength=0, tickTextOffset=8, **look)
        self._bottom.setHeight(28)
        self._bottom.setStyle(tickLength=4, tickTextOffset=6, **look)
        self._view = item.getViewBox()
        self._view.setDefaultPadding(0)
        self._view.enableAutoRange(x=False, y=False)
        self._view.sigResized.connect(self._place_word)
        self._word: Any = None
        self.shown: dict[str, list[tuple[float, float]]] = {}
        """What is drawn, by the name of each series: for tests and the text twin."""
        theme.changed.connect(self.redraw)

    def show_curve(self, curve: BudgetCurve | None, labels: Sequence[Label]) -> None:
        """Draws a curve, or nothing."""
        self._curve, self._labels = curve, labels
        self.redraw()

    def redraw(self) -> None:
        """Draws everything anew, in the colours of the theme."""
        curve, colour = self._curve, self._theme.colour
        self.plot.clear()
        self.shown = {}
        self._word = None
        self.plot.setBackground(colour("surface"))
        for axis, line in ((self._left, None), (self._bottom, colour("border-ctl"))):
            axis.setPen(pg.mkPen(line))
            axis.setTickPen(pg.mkPen(line))
            axis.setTextPen(pg.mkPen(colour("text3")))
        if curve is None or not curve.points:
            self.plot.setAccessibleName("")
            return
        self.plot.setAccessibleName(twin(curve, self._labels))
        self._set_axes(curve)
        self._add_band(curve)
        for index, label_id in enumerate(curve.label_ids):
            label = next((each for each in self._labels if each.id == label_id), None)
            if label is not None and label_id not in curve.absent:
                self._add_class(curve, index, label)
        self._add_macro(curve)
        self._add_today(curve)

    def _set_axes(self, curve: BudgetCurve) -> None:
        shown = [place for place, each in enumerate(curve.label_ids) if each not in curve.absent]
        values = [value for point in curve.points for value in (point.low, point.high)]
        values += [point.high for point in curve.curve]
        values += [point.per_label[place] for point in (*curve.points, *curve.curve) for place in shown]
        span = max(values) - min(values)
        step = nice_step(max(span, 0.05), 4)
        low = max(0.0, step * int(min(values) / step))
        high = min(1.0, step * (int(max(values) / step) + 1))
        far = curve.curve[-1].labels
        self._view.setRange(xRange=(0, far), yRange=(low, high), padding=0)
        steps = ticks(low, high)
        self._left.setTicks([steps])
        across = [value for value, _ in steps if value > low]
        grid = pg.PlotCurveItem(
            [0.0, float(far)] * len(across),
            [value for value in across for _ in range(2)],
            connect="pairs", antialias=False, pen=pg.mkPen(self._theme.colour("grid")),
        )  # fmt: skip
        grid.setZValue(-10)
        self.plot.addItem(grid, ignoreBounds=True)
        wide = nice_step(far, 6)
        places = [wide * count for count in range(int(far / wide) + 1)]
        self._bottom.setTicks([[(place, number(place)) for place in places]])

    def _add_band(self, curve: BudgetCurve) -> None:
        x = [point.labels for point in curve.curve]
        shade = QColor(self._theme.colour("plot-ink"))
        shade.setAlpha(28)
        low = pg.PlotCurveItem(x, [point.low for point in curve.curve], pen=None)
        high = pg.PlotCurveItem(x, [point.high for point in curve.curve], pen=None)
        band = pg.FillBetweenItem(low, high, brush=pg.mkBrush(shade))
        band.setZValue(-5)
        self.plot.addItem(band, ignoreBounds=True)

    def _add_line(
        self, name: str, found: Sequence[tuple[float, float]], today: int, ink: QColor, width: float
    ) -> None:
        """A line up to today, dashed beyond it."""
        self.shown[name] = list(found)
        near = [point for point in found if point[0] <= today]
        beyond = [point for point in found if point[0] >= (near[-1][0] if near else 0)]
        for part, style in ((near, Qt.PenStyle.SolidLine), (beyond, Qt.PenStyle.DashLine)):
            if len(part) > 1:
                pen = pg.mkPen(ink, width=width, style=style)
                line = pg.PlotCurveItem([x for x, _ in part], [y for _, y in part], pen=pen)
                self.plot.addItem(line, ignoreBounds=True)

    def _add_class(self, curve: BudgetCurve, index: int, label: Label) -> None:
        ink = self._theme.label_colours(label.appearance).mark
        found = [(point.labels, point.per_label[index]) for point in curve.curve]
        self._add_line(label.name, found, curve.labels, ink, 1.4)
        is_outline = label.appearance in _OUTLINES
        symbol = _OUTLINES.get(label.appearance) or _SYMBOLS.get(label.appearance, "o")
        dots = pg.ScatterPlotItem(
            [point.labels for point in curve.points],
            [point.per_label[index] for point in curve.points],
            size=9, symbol=symbol, pen=pg.mkPen(ink, width=1.4),
            brush=pg.mkBrush(self._theme.colour("surface") if is_outline else ink),
        )  # fmt: skip
        self.plot.addItem(dots, ignoreBounds=True)

    def _add_macro(self, curve: BudgetCurve) -> None:
        ink = self._theme.colour("plot-ink")
        self._add_line("macro", [(p.labels, p.score) for p in curve.curve], curve.labels, ink, 2.4)
        self.shown["measured"] = [(p.labels, p.score) for p in curve.points]
        x, y = [p.labels for p in curve.points], [p.score for p in curve.points]
        ends = [end for point in curve.points for end in (point.low, point.high)]
        bars = pg.PlotCurveItem(
            [place for place in x for _ in range(2)], ends, connect="pairs", pen=pg.mkPen(ink, width=1.4)
        )
        self.plot.addItem(bars, ignoreBounds=True)
        dots = pg.ScatterPlotItem(
            x,
            y,
            size=10,
            symbol="o",
            pen=pg.mkPen(ink, width=2),
            brush=pg.mkBrush(self._theme.colour("surface")),
        )
        self.plot.addItem(dots, ignoreBounds=True)

    def _add_today(self, curve: BudgetCurve) -> None:
        pen = pg.mkPen(self._theme.colour("border-ctl"), style=Qt.PenStyle.DotLine)
        self.plot.addItem(pg.InfiniteLine(curve.labels, angle=90, movable=False, pen=pen), ignoreBounds=True)
        self._word = pg.TextItem(
            tr("today {n}").format(n=number(curve.labels)), color=self._theme.colour("text3"), anchor=(0, 1)
        )
        self._word.setFont(font("small"))
        self.plot.addItem(self._word, ignoreBounds=True)
        self._place_word()

    def _place_word(self) -> None:
        if self._word is not None and self._curve is not None:
            self._word.setPos(self._curve.labels, self._view.viewRange()[1][0])
