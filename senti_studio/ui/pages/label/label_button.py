"""The button of one label: keycap, shape, word; filled for a moment after it was chosen."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPixmap, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from senti_studio.domain.labels import Label
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.theme import LabelColours, Theme
from senti_studio.ui.widgets.keycap import paint_keycap
from senti_studio.ui.widgets.marks import paint_mark

_LOOKS = 16
TALL, LOW = 64, 44
"""Heights in pixels: up to five labels, and more."""
_BAR, _NUMBER = 64, 32
_NARROW = 240
"""Pixels; a narrower button has smaller gaps between its parts, and no bar."""
DIM_BELOW = 0.10
"""The bar of a less likely label is dimmed to 40 %."""


class LabelButton(QAbstractButton):
    """One label; `key` is what its keycap says, `is_current` frames the label that the comment has."""

    def __init__(
        self, label: Label, key: str, theme: Theme, *, low: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.label = label
        self.key = key
        self._theme = theme
        self._is_low = low
        self._is_current = False
        self._is_lit = False
        self._is_suggested = False
        self._is_seen = False
        self._probability: float | None = None
        self._pictures: dict[object, QPixmap] = {}
        self._words_width = QFontMetrics(font("label", bold=True)).horizontalAdvance(label.name) + 1
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(LOW if low else TALL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name()
        self.setToolTip(label.name)
        self._dark = QTimer(self)
        self._dark.setSingleShot(True)
        self._dark.timeout.connect(self._end_flash)
        theme.changed.connect(self.update)

    def showEvent(self, event: QShowEvent) -> None:
        # after the style sheet took it away: nothing below needs painting when the button flashes
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        super().showEvent(event)

    def sizeHint(self) -> QSize:
        words = QFontMetrics(font("label")).horizontalAdvance(self.label.name)
        return QSize(words + (96 if self._is_low else 120), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(96, self.height())

    def set_key(self, key: str) -> None:
        """What the keycap says."""
        if key != self.key:
            self.key = key
            self._pictures.clear()
            self._name()
            self.update()

    @property
    def is_current(self) -> bool:
        return self._is_current

    def set_current(self, current: bool) -> None:
        """Whether the comment in view has this label."""
        if current != self._is_current:
            self._is_current = current
            self.update()

    @property
    def is_suggested(self) -> bool:
        return self._is_suggested

    @property
    def probability(self) -> float | None:
        """What the bar and the number show, or None."""
        return self._probability

    def set_suggestion(self, probability: float | None, *, suggested: bool) -> None:
        """How likely this label is (None: no bar, no number), and whether it is the suggested one."""
        if (probability, suggested) != (self._probability, self._is_suggested):
            self._probability, self._is_suggested = probability, suggested
            self._name()
            self.update()
        if suggested:  # perhaps the same again, but of another comment, which is not painted yet either
            self._is_seen = False
            self.update()

    @property
    def is_seen(self) -> bool:
        """Whether it was painted since it was told to be the suggested one."""
        return self._is_suggested and self._is_seen

    def _name(self) -> None:
        name = f"{self.key} {self.label.name}".strip()
        if self._probability is not None:
            name = tr("{name}, suggested {share}").format(name=name, share=f"{self._probability:.2f}")
        self.setAccessibleName(name)

    def flash(self, milliseconds: int) -> None:
        """Stays filled for a while; 0 does not fill at all."""
        if milliseconds > 0:
            self._is_lit = True
            self._dark.start(milliseconds)
            self.update()

    @property
    def is_lit(self) -> bool:
        return self._is_lit

    def _end_flash(self) -> None:
        self._is_lit = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        lit = self._is_lit or self.isDown()
        has_bar = self._probability is not None
        state = (lit, self._is_current, self._is_suggested, has_bar, self.isEnabled(), self.underMouse())
        key = (state, self.hasFocus(), self.size().toTuple(), ratio, self._theme.mode, tr("Suggested"))
        picture = self._pictures.get(key)
        if picture is None:
            picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(self._theme.colour("surface"))
            painter = QPainter(picture)
            self._paint(painter, lit)
            painter.end()
            if len(self._pictures) > _LOOKS:
                self._pictures.clear()
            self._pictures[key] = picture
        painter = QPainter(self)
        painter.drawPixmap(0, 0, picture)
        if has_bar:
            self._paint_share(painter)
        self._is_seen = True

    def _paint(self, painter: QPainter, lit: bool) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._theme.label_colours(self.label.appearance)
        self._paint_frame(painter, colours.mark, colours.soft, lit)
        side, mark, gap = self._sizes
        keycap = QRectF(gap, (self.height() - side) / 2, side, side)
        if self.key:
            paint_keycap(painter, keycap, self.key, self._theme, ground="surface", ink="text")
        left = self._start_of_words
        place = QRectF(left - gap - mark, (self.height() - mark) / 2, mark, mark)
        paint_mark(painter, place, self.label.appearance, self._theme)
        face = font("label", bold=self._is_current or self._is_suggested or lit)
        painter.setFont(face)
        painter.setPen(self._theme.colour("text" if self.isEnabled() else "disabled"))
        words = QRectF(left, 0, self._end_of_words() - left, self.height())
        metrics = QFontMetrics(face)
        text = metrics.elidedText(self.label.name, Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self._is_suggested:
            self._paint_chip(painter, left + metrics.horizontalAdvance(text) + 8, colours)

    @property
    def _sizes(self) -> tuple[int, int, int]:
        """Sides of the keycap and of the mark, and the gap between the parts."""
        side, mark = (28, 14) if self._is_low else (32, 16)
        return (side, mark, 12) if self.width() >= _NARROW else (side - 2, mark - 2, 8)

    @property
    def _start_of_words(self) -> float:
        side, mark, gap = self._sizes
        return (side + 2 * gap if self.key else gap + 2) + mark + gap

    def _is_room_for(self, wide: int) -> bool:
        """Whether the whole name can stand before so many pixels at the right end."""
        return self._start_of_words + self._words_width + 6 + wide + self._sizes[2] <= self.width()

    @property
    def shows_number(self) -> bool:
        """Whether the number is shown while a suggestion is; it gives way to the name."""
        return self._is_room_for(_NUMBER)

    @property
    def shows_bar(self) -> bool:
        """Whether the bar is shown while a suggestion is; it gives way first."""
        return self.width() >= _NARROW and self._is_room_for(_NUMBER + 12 + _BAR)

    def _end_of_words(self) -> float:
        """Where the word has to end; the place of bar and number is kept free while they are shown."""
        end = self.width() - self._sizes[2]
        if self._probability is None or not self.shows_number:
            return end
        return end - _NUMBER - (_BAR + 12 if self.shows_bar else 0) - 6

    def _paint_chip(self, painter: QPainter, left: float, colours: LabelColours) -> None:
        """The words that say who suggests; left out where a narrow button has no room for them."""
        words, face = tr("Suggested"), font("small")
        wide = QFontMetrics(face).horizontalAdvance(words) + 16
        if left + wide > self._end_of_words():
            return
        chip = QRectF(left, (self.height() - 22) / 2, wide, 22)
        painter.setPen(QPen(colours.mark, 1))
        painter.setBrush(self._theme.colour("surface"))
        painter.drawRoundedRect(chip.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setFont(face)
        painter.setPen(colours.text)
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_share(self, painter: QPainter) -> None:
        """Bar and number: painted anew for every comment, over the stored picture."""
        if not self.shows_number:
            return
        share = self._probability or 0.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("ui"))
        painter.setPen(self._theme.colour("text2" if self.isEnabled() else "disabled"))
        number = QRectF(self.width() - self._sizes[2] - _NUMBER, 0, _NUMBER, self.height())
        painter.drawText(number, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"{share:.2f}")
        if not self.shows_bar:
            return
        bar = QRectF(number.left() - 12 - _BAR, self.height() / 2 - 4, _BAR, 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("surface" if self._is_suggested else "sunken"))
        painter.drawRoundedRect(bar, 4, 4)
        mark = self._theme.label_colours(self.label.appearance).mark
        painter.setOpacity(0.4 if share < DIM_BELOW else 1.0)
        painter.setBrush(mark if self.isEnabled() else self._theme.colour("disabled"))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(8.0, bar.width() * share), 8), 4, 4)

    def _paint_frame(self, painter: QPainter, mark: QColor, soft: QColor, lit: bool) -> None:
        ground, edge = self._theme.colour("surface"), self._theme.colour("border-btn")
        if lit or self._is_current or self._is_suggested:
            ground, edge = soft, mark
        elif self.underMouse() and self.isEnabled():
            ground = self._theme.colour("hover")
        width = 2.0 if lit else 1.0
        inset = width / 2
        painter.setPen(QPen(edge, width))
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(3, 3, -3, -3), 6, 6)
