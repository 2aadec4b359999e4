"""Small things that every widget needs: dynamic properties and lines."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from senti_studio.ui.fonts import font


def set_style(widget: QWidget, name: str, value: object) -> None:
    """Sets a property that the style sheet asks for, and lets the style look at it again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()


def text_label(
    text: str = "", *, role: str = "", size: str = "ui", bold: bool | None = None, wrap: bool = False
) -> QLabel:
    """A label in one of the font roles; ``role`` is hint | second | good | warn | error or empty."""
    label = QLabel(text)
    label.setFont(font(size, bold=bold))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    if role:
        label.setProperty("role", role)
    return label


def line(*, vertical: bool = False) -> QFrame:
    """A 1 px line in the border colour."""
    made = QFrame()
    made.setProperty("line", "true")
    if vertical:
        made.setFixedWidth(1)
    else:
        made.setFixedHeight(1)
    return made
