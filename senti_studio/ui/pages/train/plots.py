"""The two live plots over one time axis. The only module that imports pyqtgraph, so it waits for the
first showing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.pages.train.history import Curves, ValidPoint
from senti_studio.ui.pages.train.scales import GrowingRange, epoch_ticks, ticks
from senti_studio.ui.theme import Theme

REDRAW_MS = 250
"""At most four redraws a second."""
BETWEEN_MS = 15

AXIS_WIDTH = 48
_DASHES = {"solid": Qt.PenStyle.SolidLine, "dash": Qt.PenStyle.DashLine, "dot": Qt.PenStyle.DotLine}


@dataclass(frozen=True, slots=True)
class Series:
    """How one curve is drawn: colour token, pen width, dash and marker (``o``, ``s`` or none)."""

    name: str
    token: str
    width: float = 2.0
    dash: str = "solid"
    marker: str = ""


RAW = Series("raw", "plot-raw", 1.0)
SMOOTH = Series("smooth", "plot-ink")
VALID_LOSS = Series("valid_loss", "accent", marker="o")
ACCURACY = Series("accuracy", "plot-ink", dash="dash", marker="s")
MACRO_F1 = Series("macro_f1", "accent", marker="o")
GHOST = Series("ghost", "plot-ghost", 1.2, dash="dot")

Points = tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True, slots=True)
class PlotTexts:
    """All words of a plot, in the current language; ``best`` and ``step`` take the run's own numbers."""

    name: str = ""
    epochs: str = "{n}"
    step: str = "{n}"
    best: Callable[[ValidPoint], str] = field(default=lambda point: str(point.step))


class _Tag(pg.TextItem):  # type: ignore[misc]
    """A small text on a rounded ground."""

    def paint(self, painter: QPainter, *rest: Any) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.border)
        painter.setBrush(self.fill)
        box = QRectF(self.textItem.mapRectToParent(self.textItem.boundingRect()))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


class CurvePlot(QWidget):
    """One plot: named series, a line at the best evaluation, a dotted one where training is."""

    def __init__(self, series: Sequence[Series], scale: GrowingRange, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._series = {each.name: each for each in series}
        self._scale = scale
        self._theme = theme
        self._texts = PlotTexts()
        self._epochs = 1.0
        self._best: tuple[ValidPoint, float] | None = None
        self._now: tuple[float, int] | None = None
        self.plot = pg.PlotWidget(parent=self, background=None)
        self.plot.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        self.plot.setMinimumHeight(130)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 4)
        layout.addWidget(self.plot)
        pg.setConfigOptions(antialias=True)
        self._set_up()
        self._ghosts: list[Any] = []
        self.curves = {name: self._curve(each) for name, each in self._series.items()}
        self._set_up_marks()
        self.refresh_theme()

    def _set_up(self) -> None:
        item = self.plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(x=False, y=False)
        item.setContentsMargins(0, 6, 30, 0)
        item.hideAxis("top")
        item.hideAxis("right")
        self._left, self._bottom = item.getAxis("left"), item.getAxis("bottom")
        look: dict[str, Any] = {"tickFont": font("small"), "tickAlpha": 255, "hideOverlappingLabels": 40}
        self._left.setWidth(AXIS_WIDTH)
        self._left.setStyle(tickLength=0, tickTextOffset=8, **look)
        self._bottom.setHeight(28)
        self._bottom.setStyle(tickLength=4, tickTextOffset=6, **look)
        self._grid = pg.PlotCurveItem(connect="pairs", antialias=False)
        self._grid.setZValue(-10)
        item.addItem(self._grid, ignoreBounds=True)
        self._view = item.getViewBox()
        self._view.setDefaultPadding(0)
        self._view.enableAutoRange(x=False, y=False)
        self._view.sigResized.connect(self._place)

    def _curve(self, series: Series) -> Any:
        made = pg.PlotDataItem(
            symbol=series.marker or None,
            symbolSize=7,
            autoDownsample=True,
            downsampleMethod="peak",
            clipToView=False,
        )
        made.setZValue(1 if series is RAW else 3 if series.marker else 2)
        self.plot.addItem(made)
        return made

    def _set_up_marks(self) -> None:
        self._best_line = pg.InfiniteLine(angle=90, movable=False)
        self._now_line = pg.InfiniteLine(angle=90, movable=False)
        self._best_dot = pg.ScatterPlotItem(size=11)
        self._best_tag = _Tag("", anchor=(0, 0))
        self._now_tag = pg.TextItem("", anchor=(0, 1))
        for z, mark in enumerate(
            (self._now_line, self._now_tag, self._best_line, self._best_dot, self._best_tag)
        ):
            mark.setZValue(4 + z)
            self.plot.addItem(mark, ignoreBounds=True)
            mark.setVisible(False)
        for tag in (self._best_tag, self._now_tag):
            tag.setFont(font("small"))

    def set_texts(self, texts: PlotTexts) -> None:
        """Sets every word; the accessible name is the plot's."""
        self._texts = texts
        self.plot.setAccessibleName(texts.name)
        self._write_marks()

    def refresh_theme(self) -> None:
        """Takes all colours from the theme again."""
        colour = self._theme.colour
        self.plot.setBackground(colour("surface"))
        self._grid.setPen(pg.mkPen(colour("grid")))
        for axis, line in ((self._left, None), (self._bottom, colour("border-ctl"))):
            axis.setPen(pg.mkPen(line))
            axis.setTickPen(pg.mkPen(line))
            axis.setTextPen(pg.mkPen(colour("text3")))
        for name, curve in self.curves.items():
            self._dress(curve, self._series[name])
        for ghost in self._ghosts:
            self._dress(ghost, GHOST)
        self._best_line.setPen(pg.mkPen(colour("accent"), width=1))
        self._best_dot.setBrush(pg.mkBrush(colour("accent")))
        self._best_dot.setPen(pg.mkPen(colour("accent")))
        self._now_line.setPen(self._pen("border-ctl", 1, Qt.PenStyle.DotLine))
        self._best_tag.fill, self._best_tag.border = (
            pg.mkBrush(colour("accent-soft")),
            pg.mkPen(colour("accent-line")),
        )
        self._best_tag.setColor(colour("accent-text"))
        self._now_tag.setColor(colour("text3"))

    def _pen(self, token: str, width: float, style: Qt.PenStyle) -> QPen:
        pen: QPen = pg.mkPen(self._theme.colour(token), width=width, style=style)
        return pen

    def _dress(self, curve: Any, series: Series) -> None:
        curve.setPen(self._pen(series.token, series.width, _DASHES[series.dash]))
        if series.marker:
            curve.setSymbolPen(self._pen(series.token, 1.8, Qt.PenStyle.SolidLine))
            curve.setSymbolBrush(pg.mkBrush(self._theme.colour("surface")))

    def draw(
        self, points: dict[str, Points], ghosts: Sequence[Points], epochs: float, *, is_new: bool = False
    ) -> None:
        """Shows the series and earlier runs over a plan of ``epochs``; the value axis only grows
        unless ``is_new``."""
        if is_new:
            self._scale.reset()
        for name, curve in self.curves.items():
            x, y = points.get(name, ((), ()))
            curve.setData(list(x), list(y))
            if name != RAW.name:
                self._scale.take(y)
        self._draw_ghosts(ghosts)
        self._epochs = max(epochs, 1e-6)
        self._set_axes()

    def _draw_ghosts(self, ghosts: Sequence[Points]) -> None:
        while len(self._ghosts) > len(ghosts):
            self.plot.removeItem(self._ghosts.pop())
        while len(self._ghosts) < len(ghosts):
            ghost = self._curve(GHOST)
            self._dress(ghost, GHOST)
            ghost.setZValue(0)
            self._ghosts.append(ghost)
        for ghost, (x, y) in zip(self._ghosts, ghosts, strict=True):
            ghost.setData(list(x), list(y))
            self._scale.take(y)

    def _set_axes(self) -> None:
        low, high = self._scale.bounds
        beyond = self._epochs * (1 + 5 / max(50.0, self._view.width()))  # room for the last marker
        self._view.setRange(xRange=(0, beyond), yRange=(low, high), padding=0)
        steps = ticks(low, high)
        self._left.setTicks([steps])
        across = [value for value, _ in steps if value > low]
        self._grid.setData([0.0, self._epochs] * len(across), [value for value in across for _ in range(2)])
        places = epoch_ticks(self._epochs)
        words = [str(n) for n in places[:-1]] + [self._texts.epochs.format(n=places[-1])]
        self._bottom.setTicks([list(zip(map(float, places), words, strict=True))])
        self._place()

    def points(self, name: str) -> list[tuple[float, float]]:
        """What is drawn of a series by now: (epoch, value)."""
        return _drawn(self.curves[name])

    def ghost_points(self) -> list[list[tuple[float, float]]]:
        """What is drawn of each earlier run."""
        return [_drawn(ghost) for ghost in self._ghosts]

    def mark(self, best: tuple[ValidPoint, float] | None, now: tuple[float, int] | None) -> None:
        """Marks the best evaluation (with its value on this plot) and the present (epoch, step)."""
        self._best, self._now = best, now
        self._write_marks()

    def _write_marks(self) -> None:
        for mark in (self._best_line, self._best_dot, self._best_tag):
            mark.setVisible(self._best is not None)
        for mark in (self._now_line, self._now_tag):
            mark.setVisible(self._now is not None)
        if self._best is not None:
            point, value = self._best
            self._best_line.setValue(point.epoch)
            self._best_dot.setData([point.epoch], [value])
            self._best_tag.setText(f"\u2002{self._texts.best(point)}\u2002")
        if self._now is not None:
            self._now_line.setValue(self._now[0])
            self._now_tag.setText(self._texts.step.format(n=f"{self._now[1]:,}"))
        self._place()

    def _place(self) -> None:
        """Puts the words beside their lines, on the side where there is room."""
        low, high = self._scale.bounds
        pixel = self._epochs / max(1.0, self._view.width())
        if self._best is not None:
            self._beside(self._best_tag, self._best[0].epoch, high, pixel, gap=8, top=0.0)
        if self._now is not None:
            self._beside(self._now_tag, self._now[0], low, pixel, gap=2, top=1.0)

    def _beside(self, tag: Any, epoch: float, value: float, pixel: float, *, gap: int, top: float) -> None:
        width = tag.boundingRect().width() if tag.scene() is None else tag.textItem.boundingRect().width()
        fits = epoch + (gap + width) * pixel <= self._epochs
        tag.setAnchor((0 if fits else 1, top))
        tag.setPos(epoch + (gap if fits else -gap) * pixel, value)


def _drawn(curve: Any) -> list[tuple[float, float]]:
    x, y = curve.getOriginalDataset()
    return [] if x is None else [(float(a), float(b)) for a, b in zip(x, y, strict=True)]


def _with_valid(curves: Curves, value: Callable[[ValidPoint], float]) -> Points:
    known = [(point.epoch, value(point)) for point in curves.valid if not math.isnan(value(point))]
    return [epoch for epoch, _ in known], [found for _, found in known]


class PlotPair:
    """Keeps both plots on one run: redraws at most four times a second, and only what is in view."""

    def __init__(self, loss: CurvePlot, score: CurvePlot) -> None:
        self.loss, self.score = loss, score
        score.plot.setXLink(loss.plot)
        self._curves: Curves | None = None
        self._ghosts: list[Curves] = []
        self._is_live = False
        self._is_dirty = False
        self._is_new = True
        self._timer = QTimer(loss)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_MS)
        self._timer.timeout.connect(self._redraw_if_seen)

    def show(self, curves: Curves | None, ghosts: Sequence[Curves] = (), *, is_live: bool = False) -> None:
        """Changes what is shown, at once; another run than before starts with fresh axes."""
        self._is_new = self._is_new or curves is not self._curves
        self._curves, self._ghosts, self._is_live = curves, list(ghosts), is_live
        self._is_dirty = True
        self._redraw_if_seen()

    def mark_dirty(self, *, is_live: bool) -> None:
        """The curves have new points."""
        self._is_live = is_live
        self._is_dirty = True
        if not self._timer.isActive():
            self._timer.start()

    def _redraw_if_seen(self) -> None:
        if self._is_dirty and self.loss.isVisible():
            is_new = self._take_news()
            self._draw_loss(is_new=is_new)
            # The other one in a turn of its own: painting both at once keeps a key waiting twice as long.
            QTimer.singleShot(BETWEEN_MS, self.score, lambda: self._draw_score(is_new=is_new))

    def redraw(self) -> None:
        """Draws both, now."""
        is_new = self._take_news()
        self._draw_loss(is_new=is_new)
        self._draw_score(is_new=is_new)

    def _take_news(self) -> bool:
        self._is_dirty = False
        is_new, self._is_new = self._is_new, False
        return is_new

    def _draw_loss(self, *, is_new: bool) -> None:
        curves = self._curves or Curves()
        series = {
            RAW.name: curves.raw(),
            SMOOTH.name: curves.smooth(),
            VALID_LOSS.name: _with_valid(curves, lambda point: point.loss),
        }
        ghosts = [_with_valid(ghost, lambda point: point.loss) for ghost in self._ghosts]
        self.loss.draw(series, ghosts, curves.epochs, is_new=is_new)
        best = curves.best
        self.loss.mark((best, best.loss) if best else None, self._now(curves))

    def _draw_score(self, *, is_new: bool) -> None:
        curves = self._curves or Curves()
        series = {
            ACCURACY.name: _with_valid(curves, lambda point: point.accuracy),
            MACRO_F1.name: _with_valid(curves, lambda point: point.macro_f1),
        }
        ghosts = [_with_valid(ghost, lambda point: point.score) for ghost in self._ghosts]
        self.score.draw(series, ghosts, curves.epochs, is_new=is_new)
        best = curves.best
        self.score.mark((best, best.score) if best else None, self._now(curves))

    def _now(self, curves: Curves) -> tuple[float, int] | None:
        return (curves.last_epoch, curves.last_step) if self._is_live and curves.last_step else None
