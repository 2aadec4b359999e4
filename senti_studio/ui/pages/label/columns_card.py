"""The original columns of the comment in view, as many as the file has."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QGuiApplication, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from senti_studio.domain.comments import Comment
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.scrolled import scrolled

_CELL_WIDTH, _NARROW_CELL, _CELL_HEIGHT, _GAP = 150, 96, 46, 12
"""Cells are narrow where three of the wide ones would not stand side by side."""


class ColumnGrid(QWidget):
    """Name above value, in as many columns as fit; paints only what is in view, 500 columns cost nothing."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cells: tuple[tuple[str, str], ...] = ()
        self._small, self._plain = font("small"), font("ui")
        self._metrics = {False: QFontMetrics(self._small), True: QFontMetrics(self._plain)}
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.changed.connect(self.update)

    def show_cells(self, cells: tuple[tuple[str, str], ...]) -> None:
        """(column name, value) in the order of the file."""
        old, self._cells = self._cells, cells
        self.setAccessibleName("，".join(f"{name} {value}" for name, value in cells[:20])[:400])
        if len(old) != len(cells):
            self._fit()
            self.update()
            return
        for place, (before, after) in enumerate(zip(old, cells, strict=True)):
            if before != after:
                self.update(self._rect(place))

    def sizeHint(self) -> QSize:
        return QSize(3 * _CELL_WIDTH, self._height())

    def _across(self) -> int:
        wide = (self.width() + _GAP) // (_CELL_WIDTH + _GAP)
        return max(1, wide, min(3, (self.width() + _GAP) // (_NARROW_CELL + _GAP)))

    def _height(self) -> int:
        return max(1, -(-len(self._cells) // self._across())) * _CELL_HEIGHT

    def _fit(self) -> None:
        self.setMinimumHeight(self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _rect(self, place: int) -> QRect:
        across = self._across()
        width = (self.width() + _GAP) / across
        left = round((place % across) * width)
        return QRect(left, place // across * _CELL_HEIGHT, round(width) - _GAP, _CELL_HEIGHT)

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent):
            for place, (name, value) in enumerate(self._cells):
                if self._rect(place).contains(event.pos()):
                    QToolTip.showText(event.globalPos(), f"{name}\n{value[:2000]}", self)
                    return True
        return super().event(event)  # type: ignore[arg-type]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.colour("surface"))
        first = max(0, event.rect().top() // _CELL_HEIGHT) * self._across()
        last = (event.rect().bottom() // _CELL_HEIGHT + 1) * self._across()
        dirty = event.region()
        for place in range(first, min(last, len(self._cells))):
            name, value = self._cells[place]
            rect = self._rect(place)
            if not dirty.intersects(rect):
                continue
            painter.setPen(self._theme.colour("text3"))
            painter.setFont(self._small)
            self._line(painter, QRectF(rect.left(), rect.top(), rect.width(), 18), name, plain=False)
            painter.setPen(self._theme.colour("text" if value else "text3"))
            painter.setFont(self._plain)
            words = " ".join(value[:2000].split()) or "—"
            self._line(painter, QRectF(rect.left(), rect.top() + 18, rect.width(), 20), words, plain=True)

    def _line(self, painter: QPainter, rect: QRectF, text: str, *, plain: bool) -> None:
        metrics = self._metrics[plain]
        cut = text[: int(rect.width()) // 3]
        if metrics.horizontalAdvance(cut) > rect.width():
            cut = metrics.elidedText(cut, Qt.TextElideMode.ElideRight, int(rect.width()))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, cut)


class ColumnsCard(Card):
    """The source file and every column but the text itself."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._comment: Comment | None = None
        self._shown_count = -2
        self.copy = button(theme=theme, kind="quiet", icon="copy")
        self.copy.set_dense()
        self.copy.clicked.connect(self._copy)
        self.header.addWidget(self.copy)
        self.body.setContentsMargins(16, 12, 8, 12)
        self.grid = ColumnGrid(theme)
        self.body.addWidget(scrolled(self.grid, focusable=False))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.retranslate()

    def retranslate(self) -> None:
        name = tr("Copy the columns")
        self.copy.setAccessibleName(name)
        self.copy.setToolTip(name)
        self._shown_count = -2
        self._show()

    def show_comment(self, comment: Comment | None) -> None:
        if comment is not self._comment:
            self._comment = comment
            self._show()

    def _show(self) -> None:
        count = len(self._cells()) - 1
        if count != self._shown_count:
            self._shown_count = count
            self.set_title(tr("Original columns"), str(count) if count > 8 else "")
        self.grid.show_cells(self._cells())

    def _cells(self) -> tuple[tuple[str, str], ...]:
        comment = self._comment
        if comment is None:
            return ()
        others = tuple((name, value) for name, value in comment.columns if value != comment.text)
        return ((tr("Source file"), comment.source_name), *others)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(f"{name}\t{value}" for name, value in self._cells()))
