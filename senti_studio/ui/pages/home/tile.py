"""A tile of the home page: icon, key, title, one line below; 196 × 112."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.icons import pixmap
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.keycap import key_text

WIDTH, LEAST_WIDTH, HEIGHT, PAD = 196, 140, 112, 16


class Tile(QAbstractButton):
    """``primary`` is the one filled tile."""

    def __init__(
        self, icon: str, *, theme: Theme, key: str = "", primary: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self._theme = theme
        self._key = key_text(key)
        self._primary = primary
        self._sub = ""
        self.setMinimumSize(LEAST_WIDTH, HEIGHT)
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self.update)

    def set_key(self, key: str) -> None:
        self._key = key_text(key)
        self.update()

    def set_texts(self, title: str, sub: str) -> None:
        self.setText(title)
        self._sub = sub
        self.setAccessibleName(title)
        self.setAccessibleDescription(sub)
        self.setToolTip(sub)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, border, ink, second = self._tokens()
        painter.setPen(QPen(self._theme.colour(border), 1))
        painter.setBrush(self._theme.colour(ground))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(PAD, PAD, pixmap(self._icon_name, self._theme, token=ink, size=22, scale=ratio))
        box = QRectF(PAD, PAD, self.width() - 2 * PAD, self.height() - 2 * PAD)
        painter.setPen(self._theme.colour(second))
        painter.setFont(font("small"))
        painter.drawText(QRectF(box.x(), PAD, box.width(), 20), Qt.AlignmentFlag.AlignRight, self._key)
        painter.drawText(QRectF(box.x(), 78, box.width(), 20), self._align(), self._fit(self._sub, "small"))
        painter.setPen(self._theme.colour(ink))
        painter.setFont(font("list", bold=True))
        # On a small screen the title takes a second line, upwards.
        low = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(box.x(), 38, box.width(), 40), int(low), self.text())

    def _tokens(self) -> tuple[str, str, str, str]:
        if self._primary:
            ground = "accent"
            if self.isDown():
                ground = "accent-press"
            elif self.underMouse():
                ground = "accent-hover"
            return ground, ground, "on-accent", "on-accent"
        ground = "sunken" if self.isDown() else ("hover" if self.underMouse() else "surface")
        return ground, "border-btn", "text", "text2"

    @staticmethod
    def _align() -> Qt.AlignmentFlag:
        return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

    def _fit(self, text: str, role: str) -> str:
        metrics = QFontMetrics(font(role, bold=role == "list"))
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width() - 2 * PAD)
