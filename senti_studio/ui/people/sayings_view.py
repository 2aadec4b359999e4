"""Who said what of a comment: one line a person, painted, so that the next comment moves nothing."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from senti_studio.domain.labels import Label
from senti_studio.domain.people import Saying
from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.chip import chip_width, paint_chip

_ROW = 32
_NAME = 150


class SayingsView(QWidget):
    """Name, label, time; a decision says so."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._sayings: tuple[Saying, ...] = ()
        self._labels: Mapping[int, Label] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_sayings(self, sayings: tuple[Saying, ...], labels: Mapping[int, Label]) -> None:
        is_higher = len(sayings) != len(self._sayings)
        self._sayings, self._labels = sayings, labels
        self.setAccessibleName(self.text)
        if is_higher:
            self.setFixedHeight(max(1, len(sayings)) * _ROW)
        self.update()

    @property
    def text(self) -> str:
        """What is shown, a line a person."""
        return "\n".join(f"{self._name(each)}: {self._said(each)}" for each in self._sayings)

    def _name(self, each: Saying) -> str:
        return tr("from the file") if each.imported else each.annotator

    def _said(self, each: Saying) -> str:
        label = self._labels.get(each.label_id or 0)
        words = label.name if label is not None else tr("no label")
        return f"{words} {self._hint(each)}".strip()

    def _hint(self, each: Saying) -> str:
        if not each.adjudicated:
            return formats.when(each.at)
        before = self._labels.get(each.independent_id or 0)
        if before is None:
            return tr("decided {when}").format(when=formats.when(each.at))
        return tr("decided {when}, said {label} before").format(when=formats.when(each.at), label=before.name)

    def sizeHint(self) -> QSize:
        return QSize(320, max(1, len(self._sayings)) * _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("surface"))
        middle = Qt.AlignmentFlag.AlignVCenter
        for place, each in enumerate(self._sayings):
            row = QRectF(0, place * _ROW, self.width(), _ROW)
            painter.setFont(font("ui", bold=each.adjudicated))
            painter.setPen(self._theme.colour("text"))
            name = QFontMetrics(painter.font()).elidedText(
                self._name(each), Qt.TextElideMode.ElideRight, _NAME - 12
            )
            painter.drawText(QRectF(0, row.y(), _NAME, _ROW), middle, name)
            label = self._labels.get(each.label_id or 0)
            chip = QRectF(_NAME, row.y(), min(160.0, chip_width(label)), _ROW)
            paint_chip(painter, chip, label, self._theme)
            painter.setFont(font("small"))
            painter.setPen(self._theme.colour("text3"))
            painter.drawText(row.adjusted(_NAME + 172, 0, 0, 0), middle, self._hint(each))
