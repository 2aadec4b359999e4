"""Line icons of ``resources/icons``, tinted with a colour of the theme."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from senti_studio.resources import resource
from senti_studio.ui.theme import Theme

_SCALES = (1, 2)
LARGE = 40
"""From this size on lines are half as thick, as in the drawings of empty states."""


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text("utf-8")


@lru_cache(maxsize=512)
def _pixmap(name: str, colour: str, size: int, scale: float, gap: int = 0) -> QPixmap:
    text = _source(name).replace("currentColor", colour)
    if size >= LARGE:
        text = text.replace('stroke-width="1.6"', 'stroke-width="0.8"')
    side = round(size * scale)
    made = QPixmap(side + round(gap * scale), side)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    made.setDevicePixelRatio(scale)
    return made


def pixmap(name: str, theme: Theme, *, token: str = "text2", size: int = 16, scale: float = 1.0) -> QPixmap:
    """One icon as a picture of ``size`` logical pixels for a screen of ``scale``; for painting."""
    return _pixmap(name, theme.hex(token), size, scale)


def icon(
    name: str,
    theme: Theme,
    *,
    token: str = "text2",
    size: int = 16,
    on_token: str | None = None,
    gap: int = 0,
) -> QIcon:
    """``resources/icons/<name>.svg`` in the colour of ``token``, of ``on_token`` while checked.

    ``gap`` is air to the right of it, for buttons whose style puts the text too close. Icons do not follow
    the theme by themselves: make them again in `Page.refresh_theme` (`widgets.buttons.Button` does so).
    Raises FileNotFoundError for an unknown name.
    """
    made = QIcon()
    for scale in _SCALES:
        made.addPixmap(_pixmap(name, theme.hex(token), size, scale, gap), QIcon.Mode.Normal, QIcon.State.Off)
        made.addPixmap(_pixmap(name, theme.hex("disabled"), size, scale, gap), QIcon.Mode.Disabled)
        if on_token:
            checked = _pixmap(name, theme.hex(on_token), size, scale, gap)
            made.addPixmap(checked, QIcon.Mode.Normal, QIcon.State.On)
    return made
