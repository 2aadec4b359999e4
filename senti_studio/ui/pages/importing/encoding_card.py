"""The card of one encoding: the sample line as that encoding reads it, damage, share of common characters."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextLayout, QTextOption

from senti_studio.ui.fonts import font
from senti_studio.ui.widgets.option_card import OptionCard

_MARGIN = 12.0
_HEIGHT = 136


class EncodingCard(OptionCard):
    """``text()`` is the name of the encoding; the sample always starts at the same height."""

    sample = ""
    verdict = ""
    verdict_token = "text2"
    share = ""
    recommended = ""
    loading = False

    def show_encoding(
        self, name: str, sample: str, verdict: str, verdict_token: str, share: str, recommended: str
    ) -> None:
        """Fills the card; ``recommended`` is the word of the chip, empty for none."""
        self.setText(name)
        self.sample, self.verdict, self.share = sample, verdict, share
        self.verdict_token, self.recommended, self.loading = verdict_token, recommended, False
        self.setAccessibleName(
            "，".join(part for part in (name, recommended, sample[:40], verdict, share) if part)
        )
        self.setToolTip(f"{verdict} · {share}")
        self.setEnabled(True)
        self.update()

    def show_loading(self) -> None:
        """Skeleton lines until the file was looked at."""
        self.setText("")
        self.sample = self.verdict = self.share = self.recommended = ""
        self.loading = True
        self.setChecked(False)
        self.setEnabled(False)
        self.update()

    def sizeHint(self) -> QSize:
        """136 pixels high at the normal font size, more with a larger one."""
        return QSize(200, max(_HEIGHT, self.fontMetrics().height() * 4 + 60))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame, radio and name, chip, two lines of the sample, the line of figures."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_frame(painter)
        if self.loading:
            self._paint_skeleton(painter)
            return
        top = _MARGIN
        self.paint_radio(painter, _MARGIN, top + 2)
        self._paint_name(painter, top)
        self._paint_sample(painter, top + 28)
        self._paint_figures(painter)

    def _paint_name(self, painter: QPainter, top: float) -> None:
        left, right = _MARGIN + 24, self.width() - _MARGIN
        painter.setFont(font("ui", bold=True))
        needed = painter.fontMetrics().horizontalAdvance(self.text())
        painter.setFont(font("small"))
        chip_width = painter.fontMetrics().horizontalAdvance(self.recommended) + 24
        if self.recommended and needed + chip_width <= right - left:
            width = painter.fontMetrics().horizontalAdvance(self.recommended) + 16
            chip = QRectF(right - width, top - 1, width, 22)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("accent"))
            painter.drawRoundedRect(chip, 6, 6)
            painter.setPen(self._theme.colour("on-accent"))
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, self.recommended)
            right -= width + 8
        painter.setFont(font("ui", bold=True))
        painter.setPen(self._ink("text"))
        name = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(right - left))
        painter.drawText(QRectF(left, top, right - left, 20), Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_sample(self, painter: QPainter, top: float) -> None:
        painter.setPen(self._ink("text" if self.isChecked() else "text2"))
        layout = QTextLayout(self.sample, font("ui"))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        for number in range(2):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(self.width() - 2 * _MARGIN)
            painter.save()
            painter.setFont(font("ui"))
            start = line.textStart()
            piece = self.sample[start : start + line.textLength()]
            painter.drawText(
                QRectF(_MARGIN, top + number * 22, self.width() - 2 * _MARGIN, 22),
                Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine,
                piece,
            )
            painter.restore()
        layout.endLayout()

    def _paint_figures(self, painter: QPainter) -> None:
        painter.setFont(font("small"))
        metrics = painter.fontMetrics()
        box = QRectF(
            _MARGIN, self.height() - _MARGIN - metrics.height(), self.width() - 2 * _MARGIN, metrics.height()
        )
        share_width = metrics.horizontalAdvance(self.share)
        if metrics.horizontalAdvance(self.verdict) + share_width + 8 > box.width():
            share_width = 0  # a narrow window: the verdict matters more, both are in the tooltip
        else:
            painter.setPen(self._ink("text3"))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.share)
        painter.setPen(self._ink(self.verdict_token))
        room = int(box.width() - share_width - 8)
        verdict = metrics.elidedText(self.verdict, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, verdict)

    def _paint_skeleton(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("sunken"))
        for number, share in enumerate((0.4, 0.95, 0.7, 0.5)):
            width = (self.width() - 2 * _MARGIN) * share
            painter.drawRoundedRect(QRectF(_MARGIN, _MARGIN + 5 + number * 28, width, 10), 5, 5)
