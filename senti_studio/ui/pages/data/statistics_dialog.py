"""Statistics of what the table shows: lengths, class shares, the words of each class; found by a helper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QCloseEvent, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from senti_studio.domain.comments import CommentFilter
from senti_studio.domain.labels import Label
from senti_studio.domain.saved_views import filter_to_json
from senti_studio.domain.statistics import LENGTH_BORDERS, ClassWords, CommentStatistics
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.messages import message
from senti_studio.ui.context import UiContext
from senti_studio.ui.fonts import font
from senti_studio.ui.formats import number, percent
from senti_studio.ui.helper_call import HelperCall
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.marks import paint_mark
from senti_studio.ui.widgets.progress import JobProgress
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.styles import text_label

_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class LengthPlot(pg.PlotWidget):  # type: ignore[misc]
    """Bars of how many comments have a length; the borders stand below."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(background=theme.colour("surface"))
        self._theme = theme
        self.setMouseEnabled(False, False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.showGrid(y=True, alpha=0.25)
        self.setMinimumHeight(180)
        self.setAccessibleName(tr("Length"))

    def show_lengths(self, lengths: Sequence[int]) -> None:
        """One bar for each of `LENGTH_BORDERS`."""
        theme = self._theme
        self.clear()
        self.addItem(
            pg.BarGraphItem(
                x=list(range(len(lengths))),
                height=list(lengths),
                width=0.86,
                brush=theme.colour("accent-line"),
                pen=theme.colour("accent-line"),
            )
        )
        names = []
        for place, border in enumerate(LENGTH_BORDERS):
            low = LENGTH_BORDERS[place - 1] if place else 0
            names.append((place, f"{low}+" if border >= 1_000_000 else f"<{border}"))
        for side in ("bottom", "left"):
            axis = self.getAxis(side)
            axis.setPen(theme.colour("border-ctl"))
            axis.setTextPen(theme.colour("text3"))
            axis.setStyle(tickFont=font("small"))
        self.getAxis("bottom").setTicks([names])
        self.getAxis("left").enableAutoSIPrefix(False)
        self.setXRange(-0.6, len(lengths) - 0.4, padding=0)
        self.setYRange(0, max(1, *lengths), padding=0.04)


class Bars(QWidget):
    """Rows of a word, a bar and a number; with a shape before the word where there is one."""

    def __init__(
        self, theme: Theme, rows: Sequence[tuple[str, int, str, str]], *, token: str = "accent-line"
    ) -> None:
        """``rows``: word, count, what stands at the right, appearance of a label or nothing."""
        super().__init__()
        self._theme = theme
        self._rows = rows
        self._token = token
        metrics = QFontMetrics(font("ui"))
        self._words = min(140, max((metrics.horizontalAdvance(row[0]) for row in rows), default=0) + 4)
        self._right = max((metrics.horizontalAdvance(row[2]) for row in rows), default=0) + 4
        self.setFixedHeight(max(24, 24 * len(rows)))
        self.setAccessibleName("，".join(f"{row[0]} {row[2]}" for row in rows))

    def sizeHint(self) -> QSize:
        return QSize(self._words + self._right + 160, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.colour("surface"))  # that of the card, wherever it stands
        painter.setFont(font("ui"))
        most = max((row[1] for row in self._rows), default=0) or 1
        for place, (word, count, right, appearance) in enumerate(self._rows):
            top, left = 24.0 * place, 0.0
            if appearance:
                paint_mark(painter, QRectF(0, top + 7, 10, 10), appearance, theme)
                left = 18
            painter.setPen(theme.colour("text"))
            shown = QFontMetrics(font("ui")).elidedText(word, Qt.TextElideMode.ElideRight, self._words)
            painter.drawText(QRectF(left, top, self._words, 24), _LEFT, shown)
            start = left + self._words + 8
            room = self.width() - start - self._right - 8
            colour = theme.label_colours(appearance).mark if appearance else theme.colour(self._token)
            painter.fillRect(QRectF(start, top + 6, max(1.0, room * count / most), 12), colour)
            painter.setPen(theme.colour("text2"))
            painter.drawText(QRectF(self.width() - self._right, top, self._right, 24), _RIGHT, right)


class StatisticsDialog(QDialog):
    """Asks the helper when it opens; shows its progress, then the result. Closing it stops the helper."""

    def __init__(
        self,
        context: UiContext,
        folder: Path,
        wanted: CommentFilter,
        labels: Sequence[Label],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._labels = labels
        self.result_shown: CommentStatistics | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Statistics"))
        self.resize(1000, 660)
        theme = context.theme
        self.progress = JobProgress(tr("Counting words"), theme=theme)
        self.progress.cancelled.connect(self.close)
        self.problem = text_label(role="error", wrap=True)
        self.problem.hide()
        waiting = QWidget()
        column = QVBoxLayout(waiting)
        column.setContentsMargins(32, 32, 32, 32)
        column.addStretch(1)
        column.addWidget(self.progress)
        column.addWidget(self.problem)
        column.addStretch(2)
        self.stack = QStackedWidget()
        self.stack.addWidget(waiting)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self._helper = HelperCall(self)
        self._helper.progress.connect(self._show_progress)
        self._helper.answered.connect(self._take)
        self._helper.failed.connect(self._fail)
        self._helper.start("survey", "statistics", project=str(folder), filter=filter_to_json(wanted))

    @Slot(dict)
    def _show_progress(self, answer: dict[str, Any]) -> None:
        eta = float(answer.get("eta", -1))
        self.progress.set_progress(
            float(answer.get("rows", 0)),
            float(answer.get("total", 0)),
            rows_per_s=float(answer.get("rows_per_s", 0)),
            eta=eta if eta >= 0 else None,
        )

    @Slot(str, object)
    def _fail(self, code: str, params: dict[str, Any]) -> None:
        self.problem.setText(str(message(code, params, current_language())))
        self.problem.show()

    @Slot(dict)
    def _take(self, answer: dict[str, Any]) -> None:
        found = from_json(CommentStatistics, answer)
        self.result_shown = found
        self.stack.addWidget(self._page(found))
        self.stack.setCurrentIndex(1)

    def _page(self, found: CommentStatistics) -> QWidget:
        theme = self._context.theme
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(16)
        column.addWidget(text_label(self._head(found), size="label", bold=True))
        if found.looked_at < found.total:
            words = tr("A random sample of {n} of {total} comments; shares are estimates.")
            words = words.format(n=number(found.looked_at), total=number(found.total))
            column.addWidget(text_label(words, role="warn", wrap=True))
        top = QHBoxLayout()
        top.setSpacing(16)
        lengths = Card(
            tr("Length"), tr("half have at most {n} characters").format(n=number(found.median_length))
        )
        self.plot = LengthPlot(theme)
        self.plot.show_lengths(found.lengths)
        lengths.body.addWidget(self.plot)
        lengths.setFixedHeight(260)
        top.addWidget(lengths, 3)
        shares = Card(tr("Class shares"), tr("{n} without a label").format(n=number(found.unlabelled)))
        shares.body.addWidget(scrolled(Bars(theme, self._shares(found))))
        shares.setFixedHeight(260)
        top.addWidget(shares, 2)
        column.addLayout(top)
        column.addWidget(scrolled(self._words(found)), 1)
        leave = button(tr("Close"), theme=theme)
        leave.clicked.connect(self.close)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(leave)
        column.addLayout(last)
        return page

    def _head(self, found: CommentStatistics) -> str:
        words = tr("{n} comments · the longest has {longest} characters")
        return words.format(n=number(found.total), longest=number(found.longest))

    def _label(self, label_id: int) -> Label | None:
        return next((label for label in self._labels if label.id == label_id), None)

    def _shares(self, found: CommentStatistics) -> list[tuple[str, int, str, str]]:
        given = sum(each.comments for each in found.classes)
        rows = []
        for each in found.classes:
            label = self._label(each.label_id)
            if label is not None:
                share = percent(each.comments / given if given else None)
                rows.append(
                    (label.name, each.comments, f"{number(each.comments)} · {share}", label.appearance)
                )
        return rows

    def _words(self, found: CommentStatistics) -> QWidget:
        theme = self._context.theme
        holder = QWidget()
        holder.setObjectName("scrolled")
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setSpacing(16)
        shown: list[ClassWords] = [each for each in found.classes if each.words]
        cards = []
        for each in shown:
            label = self._label(each.label_id)
            title = tr("Words of {name}").format(name=label.name if label else "?")
            cards.append((title, tr("more often than in the others"), each.words))
        cards.append((tr("Frequent words"), tr("in all comments looked at"), found.frequent))
        for place, (title, hint, words) in enumerate(cards):
            card = Card(title, hint)
            rows = [(word, count, number(count), "") for word, count in words]
            if rows:
                card.body.addWidget(Bars(theme, rows))
            else:
                card.body.addWidget(text_label(tr("no words found"), role="hint"))
            card.body.addStretch(1)
            grid.addWidget(card, place // 2, place % 2)
        return holder

    def closeEvent(self, event: QCloseEvent) -> None:
        self._helper.close_and_wait()
        super().closeEvent(event)
